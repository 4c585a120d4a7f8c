"""The section on the generators: their training, and how realistic, diverse and novel their images are."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from radsieve.generation import tables as generation_tables
from radsieve.numbers import ShownEstimate
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.metrics import estimates_of
from radsieve.reporting.page import Answer, Number, Table, count_of, table
from radsieve.reporting.wording import in_words, listed
from radsieve.stats.resampling import Estimate, difference

STAGE = "train_gan"
FIGURES = f"{STAGE}/<group>/metrics.json"
QUESTION = "Are the generated images like real ones?"
_MEASURES = ("fid", "kid", "precision", "recall", "density", "coverage")
_COPYING = {"feature": "features", "pixel": "pixels"}
_LOST = 0.5  # of the coverage that real images reach
_COLLAPSED = 0.1  # of the recall that real images reach

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
    text += f" Some may be copies in {listed(copied)}." if copied else ""
    lines = [
        f"{group}: FID {in_words(numbers['fid'])}, of real images {in_words(numbers['fid_real'])};"
        f" KID {in_words(numbers['kid'])}, of real images {in_words(numbers['kid_real'])};"
        f" coverage {in_words(numbers['coverage'])}, of real images {in_words(numbers['coverage_real'])};"
        f" {_copies_said(numbers)}"
        for group, numbers in found.items()
    ]
    return Answer(QUESTION, text, (FIGURES,), tuple(lines))


def _farther(found: Found) -> list[str]:
    """The groups whose images are farther from real ones than other real images are, beyond their intervals."""
    return [group for group, numbers in found.items() if _gap(numbers).lower > 0]


def _gap(numbers: Mapping[str, ShownEstimate]) -> Estimate:
    """KID less that of real images, with the uncertainty of both, as if they were independent.

    They share the images of the test split, so that the interval is rather too wide than too narrow.
    """
    kid, real = (
        Estimate(numbers[name].value, numbers[name].lower, numbers[name].upper).exact() for name in ("kid", "kid_real")
    )
    return difference(kid, real)


def _copied(found: Found) -> list[str]:
    """The groups whose images are closer to the training images than held-out images are, beyond their intervals."""
    return [
        group for group, numbers in found.items() if any(numbers[f"{kind}_closer"].lower > 0.5 for kind in _COPYING)
    ]


def _copies_said(numbers: Mapping[str, ShownEstimate]) -> str:
    """How many images are closer to a training image than every test image, and how many may be: by features and by
    pixels.
    """
    looked_at, test = (int(numbers[name].value) for name in ("generated_images", "test_images"))
    each = {name: int(numbers[f"{kind}_copies"].value) for kind, name in _COPYING.items()}
    limit = max(numbers[f"{kind}_copies_limit"].value for kind in _COPYING)
    said = listed([f"{count or 'none'} by {name}" for name, count in each.items()])
    return (
        f"closer to a training image than all {test} test images are, of {looked_at} images looked at: {said}"
        f" (upper limit {100 * limit:.2g}%)"
    )


def _collapsed(found: Found) -> dict[str, str]:
    """The groups whose images hardly differ, or reach next to none of the real ones, in numbers."""
    return {
        group: (
            f"recall {in_words(numbers['recall'])}, coverage {in_words(numbers['coverage'])}, and"
            f" {int(numbers['feature_nearest'].value)} different training images nearest to"
            f" {int(numbers['generated_images'].value)} generated ones ({int(numbers['feature_nearest_real'].value)} to"
            f" {int(numbers['test_images'].value)} test images)"
        )
        for group, numbers in found.items()
        if numbers["recall"].value < _COLLAPSED * numbers["recall_real"].value
    }


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
    for group, said in _collapsed(found).items():
        points.append(f"Mode collapse, or images unlike all real ones, in {group}: {said}.")
    for group, numbers in found.items():
        for kind, name in _COPYING.items():
            closer = numbers[f"{kind}_closer"]
            if closer.lower > 0.5:
                points.append(
                    f"Images of {group} may be memorised: by {name} they are closer to training images than test"
                    f" images are, with probability {in_words(closer)}."
                )
    last = [group for group, course in courses.items() if found[group]["round"].value == course["round"].max()]
    if last:
        points.append(
            f"The last round had the lowest FID to the images of validation: {listed(last)}. FID has no interval, each"
            " generator was trained once, and no longer training was tried."
        )
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
        pd.DataFrame(rows),
        "Generated images and real ones, compared with real images of the test split (FID: no interval)",
        FIGURES,
    )


def _copies(found: Found) -> Table:
    rows = []
    for group, numbers in found.items():
        row: dict[str, Any] = {"group": group, "images looked at": int(numbers["generated_images"].value)}
        for kind, name in _COPYING.items():
            share, limit = numbers[f"{kind}_copies_share"].value, numbers[f"{kind}_copies_limit"].value
            row |= {
                f"closer by {name}": numbers[f"{kind}_closer"],
                f"closest by {name}": int(numbers[f"{kind}_copies"].value),
                f"share of these, up to ({name})": f"{100 * share:.2g}%, up to {100 * limit:.2g}%",
                f"nearest training images by {name}": int(numbers[f"{kind}_nearest"].value),
                f"of the test images by {name}": int(numbers[f"{kind}_nearest_real"].value),
            }
        rows.append(row)
    return table(pd.DataFrame(rows), "How close generated images are to training images", FIGURES)


def _trainings(found: Found) -> Table:
    names = (
        "train_images", "validation_images", "test_images", "generated_images", "features", "parameters", "round",
        "step",
    )  # fmt: skip
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
        "spread": inputs.figure(
            f"{folder}/spread.png",
            f"{group}: real and generated images by features and grey values",
            f"Real images of the test split and generated images of {group}: a scatter plot of the two main components"
            " of their features, and the share of pixels by grey value",
        ),
        "nearest": inputs.figure(
            f"{folder}/nearest.png",
            f"{group}: the generated images that are closest to a training image",
            f"Generated images of {group} beside the training images that are nearest to them",
            f"{folder}/nearest.csv",
            images=True,
        ),
    }
