"""The section on the generators: their training, and how true, diverse and new their films are."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from radsieve import generation_tables as tables
from radsieve.reports.inputs import Inputs
from radsieve.reports.metrics import estimates_of
from radsieve.reports.page import Answer, Number, ShownEstimate, Table, count_of, show, table
from radsieve.reports.wording import in_words, listed

STAGE = "train_gan"
FIGURES = f"{STAGE}/<group>/metrics.json"
QUESTION = "Are the drawn films like real ones?"
_MEASURES = ("fid", "kid", "precision", "recall", "density", "coverage")
_COPYING = {"feature": "features", "pixel": "pixels"}
_LOST = 0.5  # of the coverage that real films reach

Found = Mapping[str, Mapping[str, ShownEstimate]]


def generators(inputs: Inputs, groups: Sequence[str]) -> dict[str, Any]:
    """Tables and pictures of stage train_gan, and what they say in short, group by group."""
    found = {group: estimates_of(inputs.metrics(f"{STAGE}/{group}")) for group in groups}
    courses = {group: inputs.table(tables.GAN_CURVES, f"{STAGE}/{group}/curves.csv") for group in groups}
    return {
        "answer": _answer(found),
        "numbers": [_number(group, numbers) for group, numbers in found.items()],
        "points": _points(found, courses),
        "training_films": int(sum(numbers["train_films"].value for numbers in found.values())),
        "parameters": int(found[groups[0]]["parameters"].value),
        "likeness": _likeness(found),
        "copies": _copies(found),
        "trainings": _trainings(found),
        "groups": [_group(inputs, group) for group in groups],
    }


def _answer(found: Found) -> Answer:
    """The distances of each group beside those of real films, coverage, and copies."""
    farther, copied = _farther(found), _copied(found)
    if farther:
        where = "No" if len(farther) == len(found) else f"Not in {listed(farther)}"
        text = f"{where}: by KID they are farther from real films than other real films are."
    else:
        text = "By KID they are: no farther from real films than other real films."
    text += f" Some may be copies in {listed(copied)}." if copied else " None draws copies of the films it learnt from."
    lines = [
        f"{group}: FID {in_words(numbers['fid'])}, of real films {in_words(numbers['fid_real'])};"
        f" KID {in_words(numbers['kid'])}, of real films {in_words(numbers['kid_real'])};"
        f" coverage {in_words(numbers['coverage'])}, of real films {in_words(numbers['coverage_real'])}"
        for group, numbers in found.items()
    ]
    return Answer(QUESTION, text, (FIGURES,), tuple(lines))


def _farther(found: Found) -> list[str]:
    """The groups whose films are surely farther from real ones than other real films are."""
    return [group for group, numbers in found.items() if numbers["kid"].lower > numbers["kid_real"].value]


def _copied(found: Found) -> list[str]:
    """The groups whose films are surely closer to those of the training than films held back are."""
    return [
        group for group, numbers in found.items() if any(numbers[f"{kind}_closer"].lower > 0.5 for kind in _COPYING)
    ]


def _number(group: str, numbers: Mapping[str, ShownEstimate]) -> Number:
    value, real = numbers["kid"], in_words(numbers["kid_real"])
    return Number(show(value.value), f"KID of {group} ({value.interval}); of real films {real}", FIGURES)


def _points(found: Found, courses: Mapping[str, pd.DataFrame]) -> list[str]:
    """What a reviewer should look at: a gap to real films, lost diversity, copies, and trainings that broke off."""
    points = []
    if farther := _farther(found):
        points.append(f"Films are farther from real ones than other real films are: {listed(farther)}.")
    lost = {
        group: numbers["coverage"]
        for group, numbers in found.items()
        if numbers["coverage"].value < _LOST * numbers["coverage_real"].value
    }
    if lost:
        of_each = [f"{in_words(value)} in {group}" for group, value in lost.items()]
        points.append(f"Lost diversity: of the real films the drawn ones cover {listed(of_each)}.")
    for group, numbers in found.items():
        for kind, name in _COPYING.items():
            closer = numbers[f"{kind}_closer"]
            if closer.lower > 0.5:
                points.append(
                    f"Films of {group} may be memorised: by {name} they are closer to films of the training than held"
                    f" back ones are, with probability {in_words(closer)}."
                )
    last = [group for group, course in courses.items() if found[group]["round"].value == course["round"].max()]
    if last:
        points.append(f"The last round was the best, so a longer training may be better: {listed(last)}.")
    return points


def _likeness(found: Found) -> Table:
    """Two rows for each group: its drawn films, and as many real ones of part train, both held to part test."""
    rows = [
        {
            "group": group,
            "films": name,
            **{measure.upper() if len(measure) == 3 else measure: numbers[f"{measure}{end}"] for measure in _MEASURES},
        }
        for group, numbers in found.items()
        for name, end in (("drawn", ""), ("real, of part train", "_real"))
    ]
    return table(pd.DataFrame(rows), "Drawn films and real ones, held to real films of part test", FIGURES)


def _copies(found: Found) -> Table:
    rows = [
        {
            "group": group,
            **{f"closer by {name}": numbers[f"{kind}_closer"] for kind, name in _COPYING.items()},
            **{f"closest by {name}": numbers[f"{kind}_copies"] for kind, name in _COPYING.items()},
        }
        for group, numbers in found.items()
    ]
    return table(pd.DataFrame(rows), "How close drawn films are to those of the training", FIGURES)


def _trainings(found: Found) -> Table:
    names = ("train_films", "validation_films", "test_films", "drawn_films", "parameters", "round", "step")
    rows = [{"group": group, **{name: int(numbers[name].value) for name in names}} for group, numbers in found.items()]
    return table(pd.DataFrame(rows), "Real films by part, and the round that was kept", FIGURES)


def _group(inputs: Inputs, group: str) -> dict[str, Any]:
    folder = f"{STAGE}/{group}"
    nearest = inputs.table(tables.NEAREST_FILMS, f"{folder}/nearest.csv")
    return {
        "name": group,
        "weights": inputs.known(f"{folder}/generator.safetensors"),
        "held_back": count_of(int((nearest["source"] == tables.NearestSource.HELD_BACK).sum()), "real film"),
        "curves": inputs.figure(
            f"{folder}/curves.png",
            f"{group}: the course of the training",
            f"Losses, FID and KID of {group} by step, beside those of real films",
            f"{folder}/curves.csv",
        ),
        "samples": inputs.figure(
            f"{folder}/samples.png",
            f"{group}: films of the same latents over the training, and real films",
            f"Films of the same latents after each round, and real films of {group} in the last row",
            f"{folder}/curves.csv",
            films=True,
        ),
        "nearest": inputs.figure(
            f"{folder}/nearest.png",
            f"{group}: the drawn films that are closest to a film of the training",
            f"Drawn films of {group} beside the films of the training that are nearest to them",
            f"{folder}/nearest.csv",
            films=True,
        ),
    }
