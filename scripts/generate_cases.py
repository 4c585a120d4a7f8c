"""Simulate tables of patients, pictures and works of authors with known truth (stage generate_cases)."""

import argparse
import shutil

from radsieve import files, stage, tables
from radsieve.params import Params
from radsieve.tasks.cases import deaths, diabetes, findings, games, pages, pictures, survey, texts
from radsieve.tasks.tables import TRUTH

import pandas as pd


def main(args: argparse.Namespace, params: Params) -> str:
    """Write each table as CSV, pictures as PNG, works as text, and what is true of all of them."""
    settings = params.generate_cases
    simulated = {
        "diabetes": diabetes.simulate(settings.diabetes_rows, settings.seed),
        "survey": survey.simulate(settings.survey_rows, settings.seed),
        "deaths": deaths.simulate(settings.deaths_rows, settings.seed),
        "games": games.simulate(settings.games_rows, settings.seed),
        "findings": findings.simulate(settings.findings_rows, settings.seed),
    }
    shutil.rmtree(args.tables, ignore_errors=True)
    for name, (table, _) in simulated.items():
        files.write_text(args.tables / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    images = pictures.write(args.tables, settings.scans, settings.knees, settings.chests, settings.seed)
    authors = texts.simulate(args.tables / "texts", settings.works, settings.seed)
    site = [("pages", *pair) for pair in pages.write(simulated["games"][0], args.tables / "pages")]
    truth = [(name, *pair) for name, (_, pairs) in simulated.items() for pair in pairs] + authors + site
    tables.write(TRUTH, pd.DataFrame(truth, columns=list(TRUTH.columns)), args.out / "truth.csv")
    rows = {name: len(table) for name, (table, _) in simulated.items()}
    best = {name: of["bayes_auc"] for name, (_, pairs) in simulated.items() if "bayes_auc" in (of := dict(pairs))}
    files.write_json(args.out / "metrics.json", {"rows": rows, "bayes_auc": best, "images": images})
    areas = {name: f", at most {best:.3f} ROC-AUC" for name, best in best.items()}
    return "; ".join(f"{name}: {count} rows{areas.get(name, '')}" for name, count in rows.items())


if __name__ == "__main__":
    paths = {"tables": "folder of the tables", "out": "folder of the truth table and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("generate_cases",))
