"""How well audit_images finds faults that were planted in real and simulated pictures, beside cleanvision, as tables.

    python benchmarks/audit_planted.py --data DATA --cleanvision ENVIRONMENT/bin/python --out docs/audit_benchmark.md

`DATA` is the folder with `knee` and `chest`; cleanvision runs in an environment of its own
(`python -m venv ENVIRONMENT; ENVIRONMENT/bin/pip install cleanvision`), on files that are written for it.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from sklearn.metrics import average_precision_score, roc_auc_score

from radsieve import params
from radsieve.curation.image_audit import LOOKED_AT
from radsieve.imaging.audit.picture_faults import Gray, picture_faults, small
from radsieve.imaging.audit.set_faults import SIDE, off_topic, outliers, pose_faults
from radsieve.imaging.decode import load_grayscale
from radsieve.imaging.facts import facts_of
from radsieve.networks.device import Device
from radsieve.networks.image_features import ImageFeatures
from radsieve.parallel import ordered, usable_cores
from radsieve.phantoms.knees import render_knee
from radsieve.phantoms.planted_faults import FAULTS, plant_some

IMAGES, PLANTED, RARE, SEED = 300, 30, 3, 1
STRENGTHS = ("weak", "medium", "strong")
MEASURES = ("AUROC", "AP", "P@20")
Scores = dict[int, dict[str, float]]
INTRODUCTION = """Pictures: {sizes}; in each set {planted} were changed, at three strengths.
Each cell: area under the ROC curve / average precision / precision among the 20 highest scores."""
FLAGGED = """Pictures that reach the threshold of params.yaml: of those that were changed / of all others."""
# cleanvision's kinds of issues, whose scores are 1 for good images; inverted, turned and so on have none there
ISSUES = {
    "blank": ("low_information",),
    "clipped": ("light",),
    "blurred": ("blurry",),
    "odd_size": ("odd_size",),
    "odd_shape": ("odd_aspect_ratio",),
}
# pictures of a set that stand for what is off its topic: another radiograph, a slice of a CT or a hand, a photograph
OFF_TOPIC = (None, ("medical_mnist/AbdomenCT", "medical_mnist/HeadCT", "medical_mnist/Hand"), ("skin/images",))
_CLEANVISION = """
import json, sys, warnings
warnings.filterwarnings("ignore")
from cleanvision import Imagelab
lab = Imagelab(data_path=sys.argv[1])
names = ("low_information", "light", "blurry", "odd_size", "odd_aspect_ratio")
lab.find_issues({name: {} for name in names}, n_jobs=1)
table = lab.issues[[name for name in lab.issues if name.endswith("_score")]]
json.dump({path.rsplit("/", 1)[1]: row.to_dict() for path, row in table.iterrows()}, open(sys.argv[2], "w"))
"""


class Scorer:
    """Scores of a whole set by fault, of which those that a picture has by itself are computed once."""

    def __init__(self, images: Sequence[Gray]) -> None:
        self.images = list(images)
        self._features = ImageFeatures(Device(torch.device("cpu"), torch.float32, threads=usable_cores()))
        self._alone = list(ordered(picture_faults, self.images, usable_cores()))
        self._poses = np.stack([small(image, SIDE) for image in images])
        self._places = self._look(images)

    def __call__(self, fault: str, planted: dict[int, Gray]) -> np.ndarray:
        """Return the scores (N,) of the set in which `planted` take the place of others."""
        rows, changed = list(planted), list(planted.values())
        if fault in self._alone[0]:
            scores = np.array([one[fault] for one in self._alone])
            scores[rows] = [one[fault] for one in ordered(picture_faults, changed, usable_cores())]
            return scores
        if fault == "off_topic":
            places = self._places.copy()
            places[rows] = self._look(changed)
            return off_topic(places)
        if fault in ("odd_size", "odd_shape"):
            shapes = np.log2([planted.get(row, image).shape for row, image in enumerate(self.images)])
            return outliers(shapes.sum(axis=1) if fault == "odd_size" else shapes[:, 1] - shapes[:, 0])
        poses = self._poses.copy()
        poses[rows] = [small(image, SIDE) for image in changed]
        return pose_faults(poses)[fault]

    def _look(self, images: Sequence[Gray]) -> np.ndarray:
        looked = [np.rint(small(image, LOOKED_AT) * 255).astype(np.uint8)[None] for image in images]
        return self._features(np.stack(looked))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cleanvision", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    sets = {
        "simulated knees": [
            render_knee(np.random.default_rng([SEED, number]), 4.0, 161).astype(np.float32) for number in range(IMAGES)
        ],
        "knee": _read(sorted((args.data / "knee").rglob("*.png"))),
        "chest": _read(sorted((args.data / "chest/images").iterdir())),
    }
    off = [_read([p for name in kind for p in sorted((args.data / name).iterdir())[:30]]) for kind in OFF_TOPIC[1:]]
    thresholds = params.load(Path("params.yaml")).audit_images.thresholds.model_dump()
    rows = []
    for name, images in sets.items():
        scorer = Scorer(images)
        clean = _cleanvision(args.cleanvision, dict(enumerate(images))) if args.cleanvision else {}
        for fault in FAULTS:
            for strength, word in enumerate(STRENGTHS):
                others = [*images[7:], *images[:7]]
                if fault == "off_topic":
                    others = off[strength - 1] if strength else sets["knee" if name == "chest" else "chest"]
                planted = plant_some(fault, strength, images, others, PLANTED, SEED)
                scores, rare = scorer(fault, planted), plant_some(fault, strength, images, others, RARE, SEED)
                flagged = [_flagged(*of, thresholds[fault]) for of in ((scores, planted), (scorer(fault, rare), rare))]
                found = [name, fault, word, thresholds[fault], *flagged, *_measured(scores, planted)]
                rows.append([*found, *_theirs(scorer, args.cleanvision, clean, fault, planted)])
                print(rows[-1], flush=True)
    columns = [
        "set",
        "fault",
        "strength",
        "threshold",
        "flagged",
        "flagged rare",
        *MEASURES,
        *(f"cleanvision {measure}" for measure in MEASURES),
    ]
    table = pd.DataFrame(rows, columns=columns)
    sizes = ", ".join(f"{name} {len(images)}" for name, images in sets.items())
    args.out.write_text(_markdown(table, sizes), encoding="utf-8")


def _read(paths: Sequence[Path]) -> list[Gray]:
    """At most IMAGES different pictures, evenly spread over the paths."""
    first = {facts_of(path.read_bytes(), 10**8).pixel_digest: path for path in reversed(paths)}
    different = sorted(first.values())
    step = np.linspace(0, len(different) - 1, min(IMAGES, len(different))).round().astype(int)
    return [load_grayscale(different[number]) for number in step]


def _flagged(scores: np.ndarray, planted: dict[int, Gray], threshold: float) -> str:
    """How many pictures reach the threshold: of those that were changed / of the others."""
    reached = np.round(scores, 6) >= threshold
    found = int(reached[list(planted)].sum())
    return f"{found} / {int(reached.sum()) - found}"


def _measured(scores: np.ndarray, planted: dict[int, Gray]) -> list[float]:
    truth = np.isin(np.arange(len(scores)), list(planted))
    worst = np.argsort(-scores, kind="stable")[:20]
    return [roc_auc_score(truth, scores), average_precision_score(truth, scores), float(truth[worst].mean())]


def _theirs(
    scorer: Scorer, python: Path | None, clean: Scores, fault: str, planted: dict[int, Gray]
) -> list[float | None]:
    """The same for cleanvision; what it has no score for stays empty."""
    if python is None or fault not in ISSUES:
        return [None] * 3
    if fault.startswith("odd"):  # depends on the shapes of the whole set, and on nothing else
        whole = {row: planted.get(row, image) for row, image in enumerate(scorer.images)}
        found = _cleanvision(python, {row: np.zeros_like(image) for row, image in whole.items()})
    else:
        found = clean | _cleanvision(python, planted)
    goodness = [min(found[row][f"{issue}_score"] for issue in ISSUES[fault]) for row in sorted(found)]
    return _measured(1 - np.array(goodness), planted)


def _cleanvision(python: Path, images: dict[int, Gray]) -> Scores:
    """Its scores of each image by the names of its issues."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        for row, image in images.items():
            Image.fromarray(np.rint(image * 255).astype(np.uint8)).save(Path(folder) / f"{row:04}.png")
        subprocess.run([python, "-c", _CLEANVISION, folder, found], check=True, capture_output=True)
        return {int(name[:4]): scores for name, scores in json.loads(found.read_text()).items()}


def _markdown(table: pd.DataFrame, sizes: str) -> str:
    """Three strengths to a row: AUROC / average precision / precision at 20."""

    def cell(row: pd.Series, names: Sequence[str]) -> str:
        return " / ".join(f"{row[name]:.2f}" for name in names) if pd.notna(row[names[0]]) else ""

    lines = [INTRODUCTION.format(sizes=sizes, planted=PLANTED), ""]
    for name, of_set in table.groupby("set", sort=False):
        lines += [f"## {name}", "", "| fault | weak | medium | strong | cleanvision weak | medium | strong |"]
        lines += ["|---|---|---|---|---|---|---|"]
        for fault, rows in of_set.groupby("fault", sort=False):
            ours, theirs = MEASURES, [f"cleanvision {measure}" for measure in MEASURES]
            cells = [cell(row, names) for names in (ours, theirs) for _, row in rows.iterrows()]
            lines.append(f"| {fault} | {' | '.join(cells)} |")
        counts = [f"{word} ({number})" for number in (PLANTED, RARE) for word in STRENGTHS]
        lines += ["", FLAGGED, "", f"| fault | threshold | {' | '.join(counts)} |", "|---" * 8 + "|"]
        for fault, rows in of_set.groupby("fault", sort=False):
            cells = [*rows["flagged"], *rows["flagged rare"]]
            lines.append(f"| {fault} | {rows['threshold'].iloc[0]:g} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
