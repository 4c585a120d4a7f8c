"""Choose the threshold above which a latent is worth an image, and store the sieves (stage select_thresholds)."""

import argparse

from radsieve import files, stage, tables
from radsieve.params import Params
from radsieve.prefilter.latents import latent_table
from radsieve.prefilter.plots.thresholds import plot_decisions, plot_threshold_curves
from radsieve.prefilter.thresholds.published_thresholds import recompute
from radsieve.prefilter.thresholds.tables import (
    COMPOSITE,
    DECISIONS,
    DIVERSITY,
    NESTED,
    PUBLISHED_THRESHOLDS,
    RULES,
    THRESHOLD_CURVES,
    THRESHOLDS_18_24M,
)
from radsieve.prefilter.thresholds.threshold_selection import Selection, select, selection_metrics
from radsieve.progress import track

import pandas as pd


def main(args: argparse.Namespace, params: Params) -> str:
    """Select for each group separately, so that no more than one is in memory, and write tables, figures and sieves."""
    options, latents = params.select_thresholds, params.latents
    published = recompute(tables.read(THRESHOLDS_18_24M, args.published / "thresholds_18_24m.csv"))
    selections: dict[str, Selection] = {}
    for group in track(latents.groups, "selecting thresholds", unit="group"):
        selections[group] = select(latent_table.read(args.latents, [group], latents.distribution), options, latents)
    found = {}
    for schema in (RULES, NESTED, COMPOSITE, DIVERSITY, DECISIONS, THRESHOLD_CURVES):
        parts = [selection.tables[schema.name] for selection in selections.values()]
        found[schema.name] = pd.concat(parts, ignore_index=True).reindex(columns=list(schema.columns))
        tables.write(schema, found[schema.name], args.out / f"{schema.name}.csv")
    tables.write(PUBLISHED_THRESHOLDS, published, args.out / "published.csv")
    files.write_figure(args.out / "decisions.png", plot_decisions(found["decisions"], found["curves"]))
    files.write_figure(args.out / "curves.png", plot_threshold_curves(found["curves"]))
    for group, selection in selections.items():
        selection.sieve.save(args.out / "models" / group)
    metrics = selection_metrics({group: selection.sieve.card for group, selection in selections.items()})
    files.write_json(args.out / "metrics.json", metrics)
    savings = [one["saving"] for one in metrics["groups"].values() if one["saving"] is not None]
    span = f"saving {min(savings):.2f} to {max(savings):.2f}" if savings else "no saving"
    return f"{len(selections)} groups, {len(metrics['without_sieve'])} without a sieve, {options.rule}: {span}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "latents": "table of the latents (prepare_latents)",
            "published": "folder of the published tables",
            "out": "folder of the results",
        },
        sections=("latents", "select_thresholds"),
    )
