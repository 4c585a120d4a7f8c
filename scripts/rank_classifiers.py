"""Rank the models over all groups, by paired tests and beside the published table (stage rank_classifiers)."""

import argparse

from radsieve import files, stage, tables
from radsieve.params import Params
from radsieve.prefilter.classifiers.published_models import beside_published, read_published
from radsieve.prefilter.classifiers.ranking import compared, pair_tests, ranking_metrics, summarize, targets_of
from radsieve.prefilter.plots.classifier_ranking import plot_published, plot_summary
from radsieve.prefilter.tables import (
    CLASSIFIER_FOLDS,
    CLASSIFIER_PAIRED,
    CLASSIFIER_PREDICTIONS,
    CLASSIFIER_PUBLISHED,
    CLASSIFIER_SUMMARY,
)


def main(args: argparse.Namespace, params: Params) -> str:
    """Summarize, test and compare the results of all groups, and write tables, figures and metrics."""
    groups, confidence = params.latents.groups, params.latents.confidence
    reference = params.rank_classifiers.reference
    published = read_published(args.published)
    folders = {group: args.compared / group for group in groups}
    folds = {group: tables.read(CLASSIFIER_FOLDS, folder / "folds.csv") for group, folder in folders.items()}
    predictions = {
        group: tables.read(CLASSIFIER_PREDICTIONS, folder / "predictions.parquet") for group, folder in folders.items()
    }
    found = [compared(target, folds, predictions) for target in targets_of(list(folds.values()))]
    summary, pairs = summarize(found, confidence), pair_tests(found, reference, confidence)
    beside = beside_published(published, summary, folds)
    for schema, table in ((CLASSIFIER_SUMMARY, summary), (CLASSIFIER_PAIRED, pairs), (CLASSIFIER_PUBLISHED, beside)):
        tables.write(schema, table, args.out / f"{schema.name}.csv")
    files.write_figure(args.out / "summary.png", plot_summary(summary, pairs, reference))
    files.write_figure(args.out / "published.png", plot_published(beside))
    metrics = ranking_metrics(summary, pairs, reference)
    files.write_json(args.out / "metrics.json", {"targets": metrics})
    lines = [
        f"{target}: {content['best']} {content['best_roc_auc']:.3f}, {reference} {content['reference_roc_auc']:.3f}, "
        f"{len(content['better_than_reference'])} better than it"
        for target, content in metrics.items()
    ]
    return "; ".join(lines) or "no group has a target that can be learnt"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "compared": "folder of the results of compare_classifiers",
            "published": "folder of the published tables",
            "out": "folder of the results",
        },
        sections=("latents", "rank_classifiers"),
    )
