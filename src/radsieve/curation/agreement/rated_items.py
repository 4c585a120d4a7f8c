"""What raters agree on or not: the graded images themselves, or the items of a table of ratings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radsieve.curation.agreement import rating_sources, ratings
from radsieve.curation.agreement.rating_exports import Fields
from radsieve.curation.agreement.ratings import Ratings
from radsieve.curation.settings import MeasureAgreement
from radsieve.curation.units import claims, linked_claims
from radsieve.errors import InputError
from radsieve.settings import SourceSettings


@dataclass(frozen=True)
class RatedItems:
    """The ratings, and where the items are images: RAW_DATA of these with the `item` that each shows, and a file of
    each item; else no rows and no files.

    `origin` names the source of the ratings for a reader.
    """

    ratings: Ratings
    listed: pd.DataFrame
    images: Mapping[str, Path]
    origin: str


def rated_items(
    raw: pd.DataFrame,
    images: pd.DataFrame,
    pairs: pd.DataFrame,
    folder: Path,
    options: MeasureAgreement,
    source: SourceSettings,
) -> RatedItems:
    """Return what `options.ratings` names: the `graded_images` or `tabled_ratings`, which see."""
    if options.ratings == "images":
        return graded_images(raw, images, pairs, folder, source)
    return tabled_ratings(raw, options, source)


def graded_images(
    raw: pd.DataFrame, images: pd.DataFrame, pairs: pd.DataFrame, folder: Path, source: SourceSettings
) -> RatedItems:
    """Return the graded images of RAW_DATA, whose distinct files (IMAGES) lie in `folder`.

    An item is what `source.same_picture` says, named after its first file in listing order. Items that share pixels, a
    patient or a study, or are tied as near-duplicates (DUPLICATE_PAIRS), directly or through others, are one unit of
    the resamples.

    Raises InputError for an image that `images` does not know.
    """
    place = {name: number for number, name in enumerate(images["file_id"])}
    for table, files in (("raw_data", raw["file_id"]), ("pairs", pd.concat([pairs["file_id_a"], pairs["file_id_b"]]))):
        if len(unknown := files[~files.isin(place)]):
            raise InputError(
                f"{table}: {unknown.iloc[0]} is not in images.csv; run ingest_images and find_duplicates again"
            )
    digests = images["pixel_digest"].tolist()
    same = digests if source.same_picture == "pixels" else images["file_id"].tolist()
    first: dict[str, str] = {}
    item_of = {file: first.setdefault(same[place[file]], file) for file in raw["file_id"]}
    ties = [(place[a], place[b]) for a, b in zip(pairs["file_id_a"], pairs["file_id_b"], strict=True)]
    links = linked_claims(claims(images), ties).tolist() if place else []
    unit_of = dict(zip(images["file_id"], links[: len(place)], strict=True))
    paths = {name: folder / path for name, path in zip(images["file_id"], images["image_path"], strict=True)}
    return RatedItems(
        ratings=ratings.from_images(raw, source.grades, source.graders, item_of, unit_of),
        listed=raw.assign(item=raw["file_id"].map(item_of)),
        images=paths,
        origin="grades of the images",
    )


def tabled_ratings(raw: pd.DataFrame, options: MeasureAgreement, source: SourceSettings) -> RatedItems:
    """Return what the table, folder or export `options.ratings` holds; of RAW_DATA the columns only.

    Raises InputError as `rating_sources.read` and `ratings.from_readings` do.
    """
    codes = {code.casefold() for code in options.missing} - {grade.casefold() for grade in source.grades}
    fields = Fields(options.item, options.rater, options.label, options.multiple, frozenset(codes))
    readings = rating_sources.read(options.ratings, fields)
    found = ratings.from_readings(readings, source.grades, options.level)
    origin = f"ratings from {Path(options.ratings).name}, without images"
    return RatedItems(found, raw.head(0).assign(item=""), {}, origin)
