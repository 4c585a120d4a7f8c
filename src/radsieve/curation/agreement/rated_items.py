"""What raters agree on or not: the graded images themselves, or the items of a table of ratings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radsieve.curation.agreement import rating_sources, ratings
from radsieve.curation.agreement.ratings import Ratings
from radsieve.curation.settings import MeasureAgreement
from radsieve.settings import SourceSettings


@dataclass(frozen=True)
class RatedItems:
    """The ratings, and where the items are images: RAW_DATA of these and the file of each; else no rows and no files.

    `origin` names the source of the ratings for a reader.
    """

    ratings: Ratings
    listed: pd.DataFrame
    images: Mapping[str, Path]
    origin: str


def graded_images(raw: pd.DataFrame, images: pd.DataFrame, folder: Path, source: SourceSettings) -> RatedItems:
    """Return the graded images of RAW_DATA, whose distinct files (IMAGES) lie in `folder`."""
    paths = {name: folder / path for name, path in zip(images["file_id"], images["image_path"], strict=True)}
    return RatedItems(ratings.from_images(raw, source.grades, source.graders), raw, paths, "grades of the images")


def tabled_ratings(raw: pd.DataFrame, options: MeasureAgreement, source: SourceSettings) -> RatedItems:
    """Return what the table, folder or export `options.ratings` holds; of RAW_DATA the columns only.

    Raises InputError as `rating_sources.read` and `ratings.from_readings` do.
    """
    fields = rating_sources.Fields(options.item, options.rater, options.label, options.multiple)
    readings = rating_sources.read(options.ratings, fields)
    found = ratings.from_readings(readings, source.grades, options.level)
    origin = f"ratings from {Path(options.ratings).name}, without images"
    return RatedItems(found, raw.head(0), {}, origin)
