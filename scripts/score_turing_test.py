"""Score what readers answered in the visual Turing test (stage score_turing_test)."""

import argparse
from typing import Any

import pandas as pd

from radsieve import files, stage, tables
from radsieve.curation import ratings
from radsieve.curation.agreement_tables import coefficients
from radsieve.generation.turing_answers import NONE, answer_codes, film_answers, read_answers, readings
from radsieve.generation.turing_measures import published_share, reader_measures, reader_metrics
from radsieve.generation_tables import TURING_ANSWERS, TURING_FILMS, TURING_KEY, TURING_READERS, Origin
from radsieve.plots.turing_test import draw_readers
from radsieve.reports.page import count_of
from radsieve.storage.sources import expanded


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Write how well each reader told the films apart, how readers agree, and what was said of each film."""
    settings = params["score_turing_test"]
    key = tables.read(TURING_KEY, args.key)
    if settings["answers"] == NONE:
        answers = pd.DataFrame(columns=list(TURING_ANSWERS.columns))
    else:
        answers = read_answers(expanded(settings["answers"], "score_turing_test.answers"), key)
    drawing = (settings["bootstrap"], settings["confidence"], settings["seed"])
    codes, readers = answer_codes(answers, key)
    found = reader_measures(codes, readers, key, *drawing)
    rated = ratings.collect(readings(answers), ratings.Scale(tuple(Origin), tuple(Origin), None), readers)
    agreement = coefficients(rated, "nominal", *drawing)
    published = published_share(args.published)
    tables.write(TURING_READERS, found, args.out / "readers.csv")
    tables.write(TURING_FILMS, film_answers(codes, key), args.out / "films.csv")
    tables.write(tables.COEFFICIENTS, agreement, args.out / "agreement.csv")
    files.write_figure(args.out / "readers.png", draw_readers(found, published))
    together = reader_metrics(found)
    metrics = {"readers": len(readers), "answers": len(answers), **together, "published": published}
    files.write_json(args.out / "metrics.json", metrics)
    if not readers:
        return "no answers yet; make turing-test writes the page, score_turing_test.answers names them"
    share = together["taken_for_real"]
    return (
        f"{count_of(len(readers), 'reader')}, {len(answers)} answers:"
        f" {share['value']:.0%} of the synthetic films taken for real"
        f" ({share['lower']:.0%} to {share['upper']:.0%}), d' {together['d_prime']['value']:.2f}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "key": "table of what the test shows",
            "published": "folder of the published tables",
            "out": "folder of the results",
        },
        sections=("score_turing_test",),
    )
