"""The section on the generators: their training, and how realistic, diverse and novel their images are."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from radsieve.generation import tables as generation_tables
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.metrics import estimates_of
from radsieve.reporting.page import Answer, Number, ShownEstimate, Table, count_of, table
from radsieve.reporting.wording import in_words, listed

STAGE = "train_gan"
FIGURES = f"{STAGE}/<group>/metrics.json"
QUESTION = "Are the generated images like real ones?"
_MEASURES = ("fid", "kid", "precision", "recall", "density", "coverage")
_COPYING = {"feature": "features", "pixel": "pixels"}
_LOST = 0.5  # of the coverage that real images reach

Found = Mapping[str, Mapping[str, ShownEstimate]]


def generators(inputs: Inputs, groups: Sequence[str]) -> dict[str, Any]:
    """Tables and figures of stage train_gan, and what they say in short, group by group."""
    found = {group: estimates_of(inputs.metrics(f"{STAGE}/{group}")) for group in groups}
    courses = {group: inputs.table(generation_tables.GAN_CURVES, f"{STAGE}/{group}/curves.csv") for group in groups}
    return {
        "answer": _answer(found),
        "numbers": [_number(group, numbers) for group, numbers in found.items()],
        "points": _points(found, courses),
        "training_images": int(sum(numbers["train_images"].value for numbers in found.values())),
        "parameters": int(found[groups[0]]["parameters"].value),
        "likeness": _likeness(found),
        "copies": _copies(found),
        "trainings": _trainings(found),
        "groups": [_group(inputs, group) for group in groups],
    }


def _answer(found: Found) -> Answer:
    """The distances of each group beside those of real images, coverage, and copies."""
    farther, copied = _farther(found), _copied(found)
    if farther:
        where = "No" if len(farther) == len(found) else f"Not in {listed(farther)}"
        text = f"{where}: by KID they are farther from real images than other real images are."
    else:
        text = "By KID they are: no farther from real images than other real images."
    text += f" Some may be copies in {listed(copied)}." if copied else " No sign of copies of the images learnt from."
    lines = [
        f"{group}: FID {in_words(numbers['fid'])}, of real images {in_words(numbers['fid_real'])};"
        f" KID {in_words(numbers['kid'])}, of real images {in_words(numbers['kid_real'])};"
        f" coverage {in_words(numbers['coverage'])}, of real images {in_words(numbers['coverage_real'])}"
        for group, numbers in found.items()
    ]
    return Answer(QUESTION, text, (FIGURES,), tuple(lines))


def _farther(found: Found) -> list[str]:
    """The groups whose images are farther from real ones than other real images are, beyond their intervals."""
    return [group for group, numbers in found.items() if numbers["kid"].lower > numbers["kid_real"].value]


def _copied(found: Found) -> list[str]:
    """The groups whose images are closer to the training images than held-out images are, beyond their intervals."""
    return [
        group for group, numbers in found.items() if any(numbers[f"{kind}_closer"].lower > 0.5 for kind in _COPYING)
    ]


def _number(group: str, numbers: Mapping[str, ShownEstimate]) -> Number:
    value, real = numbers["kid"], in_words(numbers["kid_real"])
    return Number(value.text, f"KID of {group} ({value.interval}); of real images {real}", FIGURES)


def _points(found: Found, courses: Mapping[str, pd.DataFrame]) -> list[str]:
    """What a reviewer should look at: a gap to real images, lost diversity, copies, and trainings that ended early."""
    points = []
    if farther := _farther(found):
        points.append(f"Images are farther from real ones than other real images are: {listed(farther)}.")
    lost = {
        group: numbers["coverage"]
        for group, numbers in found.items()
        if numbers["coverage"].value < _LOST * numbers["coverage_real"].value
    }
    if lost:
        of_each = [f"{in_words(value)} in {group}" for group, value in lost.items()]
        points.append(f"Lost diversity: of the real images the generated ones cover {listed(of_each)}.")
    for group, numbers in found.items():
        for kind, name in _COPYING.items():
            closer = numbers[f"{kind}_closer"]
            if closer.lower > 0.5:
                points.append(
                    f"Images of {group} may be memorised: by {name} they are closer to training images than held-out"
                    f" ones are, with probability {in_words(closer)}."
                )
    last = [group for group, course in courses.items() if found[group]["round"].value == course["round"].max()]
    if last:
        points.append(f"The last round had the lowest FID, so a longer training may do better: {listed(last)}.")
    return points


def _likeness(found: Found) -> Table:
    """Two rows for each group: its generated images, and as many real ones of the training split, both compared with
    the test split.
    """
    rows = [
        {
            "group": group,
            "images": name,
            **{measure.upper() if len(measure) == 3 else measure: numbers[f"{measure}{end}"] for measure in _MEASURES},
        }
        for group, numbers in found.items()
        for name, end in (("generated", ""), ("real, of the training split", "_real"))
    ]
    return table(
        pd.DataFrame(rows), "Generated images and real ones, compared with real images of the test split", FIGURES
    )


def _copies(found: Found) -> Table:
    rows = [
        {
            "group": group,
            **{f"closer by {name}": numbers[f"{kind}_closer"] for kind, name in _COPYING.items()},
            **{f"closest by {name}": numbers[f"{kind}_copies"] for kind, name in _COPYING.items()},
        }
        for group, numbers in found.items()
    ]
    return table(pd.DataFrame(rows), "How close generated images are to training images", FIGURES)


def _trainings(found: Found) -> Table:
    names = ("train_images", "validation_images", "test_images", "generated_images", "parameters", "round", "step")
    rows = [{"group": group, **{name: int(numbers[name].value) for name in names}} for group, numbers in found.items()]
    return table(pd.DataFrame(rows), "Real images by split, and the round that was kept", FIGURES)


def _group(inputs: Inputs, group: str) -> dict[str, Any]:
    folder = f"{STAGE}/{group}"
    nearest = inputs.table(generation_tables.NEAREST_IMAGES, f"{folder}/nearest.csv")
    return {
        "name": group,
        "weights": inputs.known(f"{folder}/generator.safetensors"),
        "held_out": count_of(int((nearest["source"] == generation_tables.NearestSource.HELD_OUT).sum()), "real image"),
        "curves": inputs.figure(
            f"{folder}/curves.png",
            f"{group}: the course of the training",
            f"Losses, FID and KID of {group} by step, beside those of real images",
            f"{folder}/curves.csv",
        ),
        "samples": inputs.figure(
            f"{folder}/samples.png",
            f"{group}: images of the same latents over the training, and real images",
            f"Images of the same latents after each round, and real images of {group} in the last row",
            f"{folder}/curves.csv",
            images=True,
        ),
        "nearest": inputs.figure(
            f"{folder}/nearest.png",
            f"{group}: the generated images that are closest to a training image",
            f"Generated images of {group} beside the training images that are nearest to them",
            f"{folder}/nearest.csv",
            images=True,
        ),
    }
