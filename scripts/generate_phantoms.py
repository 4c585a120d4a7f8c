"""Simulate knee-like radiographs with known truth (stage generate_phantoms)."""

import argparse
import shutil

from radsieve import files, stage, tables
from radsieve.parallel import usable_cores
from radsieve.params import Params
from radsieve.phantoms import tables as phantom_tables
from radsieve.phantoms.knee_set import plan_phantoms, render_object_contents
from radsieve.progress import track


def main(args: argparse.Namespace, params: Params) -> str:
    """Write every object below the folder of images, then the table of what was planted and its counts."""
    source, settings = params.source, params.generate_phantoms
    if source.endpoint != "embedded":  # the images are the user's own
        settings = settings.model_copy(update={"images": 0})
    plan = plan_phantoms(source.graders, source.grades, **settings.model_dump(exclude={"height"}))
    shutil.rmtree(args.images, ignore_errors=True)
    args.images.mkdir(parents=True)
    contents = render_object_contents(plan, settings.seed, settings.height, usable_cores())
    for planted, content in track(contents, "generating", total=len(plan.objects)):
        files.write_bytes(args.images / planted.relative_path, content)
    truth = plan.truth()
    tables.write(phantom_tables.PHANTOM_TRUTH, truth, args.out / "truth.csv")
    counts = {
        "images": len(plan.images),
        "objects": len(plan.objects),
        "disagreements": plan.disagreements,
        "conflicts": plan.conflicts,
        "planted": {kind: int(n) for kind, n in truth["planted"].value_counts().sort_index().items()},
    }
    files.write_json(args.out / "metrics.json", counts)
    return f"{counts['images']} images as {counts['objects']} objects of {len(source.graders)} graders"


if __name__ == "__main__":
    paths = {"images": "folder of the images", "out": "folder of the truth table and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("source", "generate_phantoms"))
