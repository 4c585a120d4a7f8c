"""Look for what the parts of a split that others made have in common, and repair it (stage audit_splits)."""

import argparse

from radsieve import stage, tables
from radsieve.imaging.image_folders import quarantine_table
from radsieve.params import Params
from radsieve.screening.plots.split_images import crossing_grid
from radsieve.screening.splits.audit import audit, audited_set
from radsieve.screening.tables import AUDIT_COUNTS, AUDIT_PAIRS, AUDIT_REPAIRED
from radsieve.tables.images import IMAGE_QUARANTINE


def main(args: argparse.Namespace, params: Params) -> str:
    """Write every pair that crosses, counts with intervals, the repaired split, and a figure of pairs."""
    settings = params.audit_splits
    found = audit(settings)
    images = audited_set(settings)
    figures = {"pairs": crossing_grid(found.pairs, images.images if images else None, settings)}
    written = (
        (AUDIT_PAIRS, found.pairs),
        (AUDIT_COUNTS, found.counts),
        (AUDIT_REPAIRED, found.repaired),
        (IMAGE_QUARANTINE, quarantine_table(found.rejected)),
    )
    tables.write_results(args.out, written, figures, found.metrics)
    if images is None:
        return "no split to audit; audit_splits.images names one"
    metrics, others = found.metrics, sum(found.metrics["left_out_by_part"].values())
    return (
        f"{metrics['images']} images, {metrics['crossing_pairs']} pairs cross; {metrics['listed_in_two_parts']} listed "
        f"in two parts, {others} of other parts left out, {metrics['quarantined']} in quarantine"
    )


if __name__ == "__main__":
    stage.run(main, __doc__, paths={"out": "folder of the results"}, sections=("audit_splits",))
