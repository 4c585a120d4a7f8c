"""Look for structure in the latents of good and bad images (stage explore_latents)."""

import argparse

from radsieve import stage, tables
from radsieve.params import Params
from radsieve.prefilter.latents import latent_table, score_summary
from radsieve.prefilter.latents.exploration import exploration_metrics, exploration_summary, explore
from radsieve.prefilter.plots.latents import plot_components, plot_correlations, plot_embedding, plot_valid_rates
from radsieve.prefilter.tables import LATENT_STATISTICS, SCORE_CORRELATIONS, VALID_RATES


def main(args: argparse.Namespace, params: Params) -> str:
    """Summarise the scores, relate them to the latents, and write tables, figures and metrics."""
    evaluation = params.latents
    table = latent_table.read(args.latents, evaluation.groups, evaluation.distribution)
    source = score_summary.read_sources(args.groups, table)
    correlations = score_summary.correlations(table, source)
    rates = score_summary.pass_rates(table, source, evaluation.confidence)
    found = explore(table, evaluation, params.explore_latents)
    metrics = exploration_metrics(table, found, evaluation.confidence)
    written = (
        (LATENT_STATISTICS, score_summary.statistics(table, source)),
        (SCORE_CORRELATIONS, correlations),
        (VALID_RATES, rates),
        *found.tables,
    )
    figures = {
        "correlations": plot_correlations(correlations),
        "valid_rates": plot_valid_rates(rates),
        "components": plot_components(found.components, evaluation.confidence),
        "embedding": plot_embedding(found.embedding, found.mixing),
    }
    tables.write_results(args.out, written, figures, metrics)
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
