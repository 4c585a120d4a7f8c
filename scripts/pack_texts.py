"""Bring the works of several authors to one form, with units and splits (stage pack_texts)."""

import argparse

from radsieve import stage, tables
from radsieve.params import Params
from radsieve.settings import expand
from radsieve.tasks.texts.packing import pack_texts
from radsieve.tasks.texts.tables import ALIKE_WORKS, WORK_COUNTS, WORK_LIST, WORK_QUARANTINE, WORKS


def main(args: argparse.Namespace, params: Params) -> str:
    """Read, strip, normalise, divide; write the works, and what was left out."""
    settings = params.pack_texts
    found = pack_texts(expand(settings.texts, "pack_texts.texts"), settings, params.splits)
    tables.write(WORKS, found.works, args.works)
    written = (
        (WORK_LIST, found.listed),
        (WORK_COUNTS, found.counts),
        (ALIKE_WORKS, found.alike),
        (WORK_QUARANTINE, found.quarantine),
    )
    tables.write_results(args.out, written, {}, found.metrics)
    counts = found.metrics
    return (
        f"{counts['works']} works of {counts['authors']} authors, {counts['characters']} characters;"
        f" {counts['quarantined']} in quarantine"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"works": "the works (.parquet)", "out": "folder of the other results"},
        sections=("splits", "pack_texts"),
    )
