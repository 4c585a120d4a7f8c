"""The images that were generated for each group: read with their latents, scored in batches, and looked up by their
rows.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve import tables
from radsieve.errors import InputError
from radsieve.generators.generation import read_latents
from radsieve.generators.interface import Latents
from radsieve.imaging.packs import read_pack
from radsieve.progress import track
from radsieve.screening.tables import GENERATED_IMAGES, SCORED_IMAGES, SCORES

Bytes = npt.NDArray[np.uint8]

_OF_HEALTH = ("score_maxheat", "score_symmetry")  # which a diseased chest need not pass


class HasScores(Protocol):
    """A dataclass with the scores of n images: the columns `valid` and SCORES."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def scores(self) -> pd.DataFrame:
        """A row for each image."""
        ...


ScoresT = TypeVar("ScoresT", bound=HasScores)


@dataclass(frozen=True)
class GeneratedGroup:
    """The images (n, channels, H, W) of a group, mapped from their pack, with their names and latents (n, 128)."""

    group: str
    names: list[str]
    images: Bytes
    latents: Latents


def read_generated(groups: Sequence[str], packs: Path, tables_of: Path) -> list[GeneratedGroup]:
    """Open the images of `groups`: a pack of generate_samples in `packs`/<group> with names in
    `tables_of`/<group>/images.csv.

    Raises InputError if a pack has other images than its table, or either is missing.
    """
    return [_read_group(group, packs / group, tables_of / group / "images.csv") for group in groups]


def _read_group(group: str, folder: Path, table: Path) -> GeneratedGroup:
    pack, listed = read_pack(folder), tables.read(GENERATED_IMAGES, table)
    if pack.names != listed["image"].tolist() or set(listed["group"]) != {group}:
        raise InputError(f"{folder}: not the images of {table} in their order; run generate_samples of {group} again")
    return GeneratedGroup(group, pack.names, pack.images, read_latents(folder, len(pack.names)))


def score_groups(
    groups: Sequence[GeneratedGroup], score: Callable[[Bytes], HasScores], diseased: Collection[str], batch: int
) -> pd.DataFrame:
    """Return SCORED_IMAGES of all groups, `batch` images at a time, with `valid` as defined by `as_group`."""
    parts = (part for one in groups for part in score_group(one, scorer_of(score, one.group in diseased), batch))
    total = sum(-(-len(one.names) // batch) for one in groups)
    return pd.concat(track(parts, "scoring", total, "batch"), ignore_index=True)[list(SCORED_IMAGES.columns)]


def score_metrics(
    groups: Sequence[GeneratedGroup],
    scored: pd.DataFrame,
    rates: pd.DataFrame,
    forms: Mapping[str, tuple[int, int, int]],
) -> dict[str, Any]:
    """Counts, the share of valid images by group, and the forms (channels, H, W) of the images and of what networks
    take.

    `scored` are SCORED_IMAGES, `rates` their PASS_RATES, `forms` those of the networks, by name.
    """
    share = rates[rates["score"] == "valid"].set_index("group")["share"]
    return {
        "images": len(scored),
        "valid": int(scored["valid"].sum()),
        "valid_rate": {one.group: float(share[one.group]) for one in groups},
        "generated_forms": sorted({one.images.shape[1:] for one in groups}),
        "scored_forms": dict(forms),
    }


def score_summary(metrics: Mapping[str, Any]) -> str:
    """The same in a sentence."""
    generated, taken = metrics["generated_forms"], metrics["scored_forms"]
    told = f"{metrics['valid']} of {metrics['images']} generated images are good ones of their groups"
    if set(generated) == set(taken.values()):
        return told
    forms = ", ".join(f"{_sizes(form)} ({network})" for network, form in taken.items())
    return f"{told}; images of {' and '.join(map(_sizes, generated))} are resized to {forms}"


def _sizes(form: Sequence[int]) -> str:
    """Channels, height and width in words: `1 x 64 x 64`."""
    return " x ".join(map(str, form))


def score_group(generated: GeneratedGroup, score: Callable[[Bytes], HasScores], batch: int) -> Iterator[pd.DataFrame]:
    """Yield the columns image and group and the results of `score`, `batch` images at a time."""
    for start in range(0, len(generated.names), batch):
        rows = slice(start, start + batch)
        known = pd.DataFrame({"image": generated.names[rows], "group": generated.group})
        yield pd.concat([known, score(np.array(generated.images[rows])).scores], axis=1)


def as_group(scored: ScoresT, diseased: bool) -> ScoresT:
    """Return `scored` with the scores, and `valid`, of images of a healthy or of a `diseased` group.

    The scores were made for a healthy chest. A diseased one must look diseased, so the sign of its score_abnormal is
    changed: above 0 means diseased. It need be neither symmetric nor without heat, so those scores are set to 1, the
    maximum. In both cases `valid` is 1 if all scores are above 0, else 0.
    """
    if not diseased:
        return scored
    turned = scored.scores.assign(score_abnormal=-scored.scores["score_abnormal"], **dict.fromkeys(_OF_HEALTH, 1.0))
    return replace(scored, scores=turned.assign(valid=(turned[list(SCORES)] > 0).all(axis=1).astype(int)))


def by_definition(diseased: Collection[str]) -> list[tuple[str, str]]:
    """The groups and scores, as (group, score), that `as_group` sets, so that all images of the group pass them."""
    return [(group, score) for group in diseased for score in _OF_HEALTH]


def scorer_of(score: Callable[[Bytes], ScoresT], diseased: bool) -> Callable[[Bytes], ScoresT]:
    """Return `score`, which scores images (n, channels, H, W), with `valid` as defined by `as_group`."""
    return lambda images: as_group(score(images), diseased)


class ImageRows:
    """The images of several groups under one count of rows, group after group; they stay where they are."""

    def __init__(self, groups: Sequence[GeneratedGroup]) -> None:
        self._images = [group.images for group in groups]
        self._ends = np.array(list(accumulate(map(len, self._images))))

    def __getitem__(self, row: int) -> Bytes:
        """Return the image (channels, H, W) of `row`, counted from 0."""
        place = int(np.searchsorted(self._ends, row, side="right"))
        return np.asarray(self._images[place][row - self._ends[place]])  # counted from the end of the group
