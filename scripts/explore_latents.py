"""Look for structure in the latents of good and bad images (stage explore_latents)."""

import argparse

from radsieve import files, stage, tables
from radsieve.params import Params
from radsieve.prefilter.latents import latent_table, score_summary
from radsieve.prefilter.latents.exploration import exploration_metrics, exploration_summary, explore
from radsieve.prefilter.plots.latents import plot_components, plot_correlations, plot_embedding, plot_valid_rates
from radsieve.prefilter.tables import (
    COMPONENTS,
    EMBEDDING,
    LATENT_STATISTICS,
    MIXING,
    NEIGHBOURS,
    SCORE_CORRELATIONS,
    VALID_RATES,
)


def main(args: argparse.Namespace, params: Params) -> str:
    """Summarise the scores, relate them to the latents, and write tables, figures and metrics."""
    evaluated = params.latents
    table = latent_table.read(args.latents, evaluated.groups)
    source = score_summary.read_sources(args.groups, table)
    correlations = score_summary.correlations(table, source)
    rates = score_summary.pass_rates(table, source, evaluated.confidence)
    found = explore(table, evaluated, params.explore_latents)
    for schema, content in (
        (LATENT_STATISTICS, score_summary.statistics(table, source)),
        (SCORE_CORRELATIONS, correlations),
        (VALID_RATES, rates),
        (COMPONENTS, found.components),
        (EMBEDDING, found.embedding),
        (MIXING, found.mixing),
        (NEIGHBOURS, found.neighbours),
    ):
        tables.write(schema, content, args.out / f"{schema.name}.csv")
    for name, figure in (
        ("correlations", plot_correlations(correlations)),
        ("valid_rates", plot_valid_rates(rates)),
        ("components", plot_components(found.components, evaluated.confidence)),
        ("embedding", plot_embedding(found.embedding, found.mixing)),
    ):
        files.write_figure(args.out / f"{name}.png", figure)
    metrics = exploration_metrics(table, found, evaluated.confidence)
    files.write_json(args.out / "metrics.json", metrics)
    return exploration_summary(metrics)


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "latents": "table of latents (.parquet)",
            "groups": "table of its groups",
            "out": "folder of the results",
        },
        sections=("latents", "explore_latents"),
    )
