"""Draw knee-like films with known truth (stage draw_phantoms)."""

import argparse
import shutil

from radsieve import files, stage, tables
from radsieve.imaging.phantom_set import draw_object_contents, plan_phantoms
from radsieve.params import Params
from radsieve.progress import track


def main(args: argparse.Namespace, params: Params) -> str:
    """Write every object below the folder of films, then the table of what was planted and its counts."""
    source, settings = params.source, params.draw_phantoms
    plan = plan_phantoms(source.graders, source.grades, **settings.model_dump(exclude={"height"}))
    shutil.rmtree(args.films, ignore_errors=True)
    args.films.mkdir(parents=True)
    contents = draw_object_contents(plan, settings.seed, settings.height)
    for planted, content in track(contents, "drawing", total=len(plan.objects)):
        files.write_bytes(args.films / planted.relative_path, content)
    truth = plan.truth()
    tables.write(tables.PHANTOM_TRUTH, truth, args.out / "truth.csv")
    counts = {
        "films": len(plan.films),
        "objects": len(plan.objects),
        "disagreements": plan.disagreements,
        "conflicts": plan.conflicts,
        "planted": {kind: int(n) for kind, n in truth["planted"].value_counts().sort_index().items()},
    }
    files.write_json(args.out / "metrics.json", counts)
    return f"{counts['films']} films as {counts['objects']} objects of {len(source.graders)} graders"


if __name__ == "__main__":
    paths = {"films": "folder of the films", "out": "folder of the truth table and the metrics"}
    stage.run(main, __doc__, paths=paths, sections=("source", "draw_phantoms"))
