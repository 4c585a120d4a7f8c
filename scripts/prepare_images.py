"""Bring the images of a task to one form and divide them, units whole (stage prepare_images)."""

import argparse

from radsieve import stage, tables
from radsieve.numbers import count_of
from radsieve.params import Params
from radsieve.settings import settings_of_set
from radsieve.tables.images import IMAGE_QUARANTINE
from radsieve.tasks.images.preparation import prepare
from radsieve.tasks.images.settings import PictureSet
from radsieve.tasks.images.tables import CLASS_COUNTS, CLASS_IMAGES, OUTSIDE_IMAGES


def main(args: argparse.Namespace, params: Params) -> str:
    """Pack the images of a set, and of its outside set if it has one, and write their tables."""
    settings = settings_of_set(params.prepare_images, args.set, PictureSet, "prepare_images")
    found = prepare(settings, params.splits, f"prepare_images.{args.set}", args.images)
    written = (
        (CLASS_IMAGES, found.images),
        (OUTSIDE_IMAGES, found.outside),
        (IMAGE_QUARANTINE, found.quarantine),
        (CLASS_COUNTS, found.counts),
    )
    tables.write_results(args.out, written, {}, found.metrics)
    counts = found.metrics
    unnamed = f"; {count_of(counts['without_row'], 'file')} without a row" if counts["without_row"] else ""
    return (
        f"{args.set}: {counts['images']} images of {counts['units']} units, {counts['outside']} from outside, of which "
        f"{counts['outside_left_out']} are left out; {counts['quarantined']} in quarantine{unnamed}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"images": "folder of the packs that are written", "out": "folder of the tables"},
        sections=("splits", "prepare_images"),
        names={"set": "which set of prepare_images"},
    )
