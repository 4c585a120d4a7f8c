"""A schema for every table that passes between stages, and one way to read and write them."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from radsieve import files
from radsieve.errors import InputError

_FILE_ID = pa.Check.str_matches(r"^[0-9a-f]{64}:[0-9a-f]{32}$", error="must be sha256:md5 in hexadecimal")
_DIGEST = pa.Check.str_matches(r"^[0-9a-f]{64}$", error="must be a SHA-256 in hexadecimal")
_HASH = pa.Check.str_matches(r"^[0-9a-f]{16}$", error="must be 16 hexadecimal digits")
_PATH = pa.Check.str_length(min_value=1)
_DUPLICATE_KINDS = ("bytes", "pixels", "near")


def _schema(name: str, **columns: pa.Column) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(columns, name=name, strict=True, ordered=True, coerce=True)


def _text(*checks: pa.Check, nullable: bool = False) -> pa.Column:
    return pa.Column(str, checks=list(checks), nullable=nullable)


def _count(at_least: int = 0) -> pa.Column:
    return pa.Column("int64", pa.Check.ge(at_least))


def _number(*checks: pa.Check, nullable: bool = False) -> pa.Column:
    return pa.Column("float64", checks=list(checks), nullable=nullable)


# One row per graded film, in listing order; `severity` is the grade's folder name (source 004's raw_data.csv).
RAW_DATA = _schema("raw_data", expert=_text(), file_id=_text(_FILE_ID), severity=_text(), relative_path=_text(_PATH))

# One row per distinct file, in order of first listing. `image_path` is relative to data/images; `bit_depth` is bits per
# channel as stored; `mean_brightness` in [0, 1] of full scale; `pixel_digest` is equal for equal pictures in different
# files; `phash`, `phash_mirrored` are 64-bit perceptual hashes of the film and of its left-right mirror image.
IMAGES = _schema(
    "images",
    file_id=_text(_FILE_ID),
    image_path=_text(_PATH),
    byte_size=_count(1),
    format=_text(),
    width=_count(1),
    height=_count(1),
    mode=_text(),
    bit_depth=_count(1),
    mean_brightness=_number(pa.Check.in_range(0, 1)),
    pixel_digest=_text(_DIGEST),
    phash=_text(_HASH),
    phash_mirrored=_text(_HASH),
)

# Objects that are no film, in listing order; `key` is the object's key with control characters escaped.
QUARANTINE = _schema("quarantine", key=_text(), byte_size=_count(), reason=_text(), detail=_text())

# What draw_phantoms planted: one row per object. `film` numbers the pictures; `planted` is `film`, `exact duplicate`,
# `pixel duplicate` (another file of equal pixels), `near: <kind>` or `broken: <kind>`; `truth` is the true grade
# (0, 1, ...). `film` and `truth` are -1 for broken objects.
PHANTOM_TRUTH = _schema(
    "truth",
    relative_path=_text(_PATH),
    film=pa.Column("int64"),
    planted=_text(),
    truth=pa.Column("int64"),
    joint_space_mm=_number(nullable=True),
)

# Pairs of distinct files that show the same picture. `distance` in bits between perceptual hashes; `similarity` is the
# correlation of the aligned films; `transform` what was done: none, mirrored.
DUPLICATE_PAIRS = _schema(
    "pairs",
    file_id_a=_text(_FILE_ID),
    file_id_b=_text(_FILE_ID),
    kind=_text(pa.Check.isin(["pixels", "near"])),
    transform=_text(),
    distance=_count(),
    similarity=_number(pa.Check.in_range(-1, 1)),
)

# One row per path that belongs to a group of duplicates, groups in listing order of their first path. `kind` is the
# loosest tie of the path to its group's representative; `kept` marks the representative (first path in listing order).
DUPLICATE_GROUPS = _schema(
    "groups",
    group=_count(1),
    kind=_text(pa.Check.isin(list(_DUPLICATE_KINDS))),
    file_id=_text(_FILE_ID),
    expert=_text(),
    severity=_text(),
    relative_path=_text(_PATH),
    distance=_count(),
    similarity=_number(pa.Check.in_range(-1, 1)),
    kept=pa.Column(bool),
)

# Groups in which one expert gave different grades to the same picture: one row per group and expert.
DUPLICATE_CONFLICTS = _schema(
    "conflicts",
    group=_count(1),
    kind=_text(pa.Check.isin(list(_DUPLICATE_KINDS))),
    expert=_text(),
    severities=_text(),
    relative_paths=_text(),
)

# Source 004's deleted_paths.csv: exact copies by bytes under one expert, all but the first in listing order.
DELETED_PATHS = _schema("deleted_paths", relative_path=_text(_PATH))

# Every path of an image that experts graded differently (source 004's different_severity.csv).
DIFFERENT_SEVERITY = _schema(
    "different_severity", file_id=_text(), severity=pa.Column("int64"), relative_path=_text(_PATH)
)

# How many items two raters labelled so; one row per pair of raters and pair of labels that occurs.
CONTINGENCY = _schema(
    "contingency", rater_a=_text(), rater_b=_text(), label_a=_text(), label_b=_text(), count=_count(1)
)

# Agreement coefficients with bootstrap bounds; `raters` is "all" or "A | B". `weighting` is that of the kappas (none,
# linear, quadratic) or the level of alpha (nominal, ordinal, interval, ratio).
COEFFICIENTS = _schema(
    "coefficients",
    raters=_text(),
    coefficient=_text(),
    weighting=_text(),
    value=_number(nullable=True),
    lower=_number(nullable=True),
    upper=_number(nullable=True),
    items=_count(),
)

# The same for each finding by itself, where raters look for several on one film.
FINDING_COEFFICIENTS = _schema("findings", finding=_text(), **COEFFICIENTS.columns)

# Dawid-Skene consensus per item, with the posterior probability of the chosen label.
CONSENSUS = _schema(
    "consensus", item=_text(), label=_text(), probability=_number(pa.Check.in_range(0, 1)), ratings=_count()
)

# Estimated probability that `rater` says `label` when the truth is `truth`; empty where that truth never occurs.
RATER_CONFUSION = _schema(
    "confusion",
    rater=_text(),
    truth=_text(),
    label=_text(),
    probability=_number(pa.Check.in_range(0, 1), nullable=True),
    lower=_number(nullable=True),
    upper=_number(nullable=True),
)

# Per rater: number of ratings, expected accuracy under Dawid-Skene, agreement with the other raters.
RATER_SKILL = _schema(
    "skill",
    rater=_text(),
    ratings=_count(),
    accuracy=_number(nullable=True),
    lower=_number(nullable=True),
    upper=_number(nullable=True),
    agreement_with_others=_number(nullable=True),
)

# Source 004's normalized_data.csv: the agreed-on films, grades as numbers.
NORMALIZED_DATA = _schema(
    "normalized_data",
    expert=_text(),
    file_id=_text(_FILE_ID),
    severity=pa.Column("int64", pa.Check.ge(0)),
    relative_path=_text(_PATH),
)

# Every path that is not in normalized_data: the rule that left it out and the evidence.
EXCLUSIONS = _schema("exclusions", relative_path=_text(), rule=_text(), evidence=_text())

# Rows of normalized_data whose grade is not the one that the expert gave.
CHANGED_GRADES = _schema(
    "changed_grades",
    expert=_text(),
    file_id=_text(_FILE_ID),
    relative_path=_text(_PATH),
    given=_count(),
    agreed=_count(),
    evidence=_text(),
)

# Films of normalized_data by grade (number and folder name) and expert.
GRADES = _schema("grades", grade=_count(), label=_text(), expert=_text(), count=_count())

# What besides the picture tells the grade: cross-validated balanced accuracy of the grade from one attribute alone.
LEAKAGE = _schema(
    "leakage",
    attribute=_text(),
    distinct_values=_count(),
    balanced_accuracy=_number(pa.Check.in_range(0, 1), nullable=True),
    lower=_number(nullable=True),
    upper=_number(nullable=True),
    chance=_number(pa.Check.in_range(0, 1), nullable=True),
    p_value=_number(pa.Check.in_range(0, 1), nullable=True),
    leaks=pa.Column(bool),
)

# How many pictures of each grade have which value of an attribute; ranges stand for attributes with many values.
LEAKAGE_VALUES = _schema("leakage_values", attribute=_text(), value=_text(), grade=_count(), count=_count())


def cross_check(raters: Sequence[str]) -> pa.DataFrameSchema:
    """One row per item, one text column per rater; an empty cell is a missing rating (source 004's cross_check)."""
    return _schema("cross_check", file_id=_text(), **{rater: _text() for rater in raters})


def read(schema: pa.DataFrameSchema, path: Path) -> pd.DataFrame:
    """Read the CSV table at `path` and hold it to `schema`.

    Raises InputError naming the file, the column and the first wrong rows.
    """
    text = {name: str for name in schema.columns if name not in _numeric(schema)}
    nullable = {name for name in text if schema.columns[name].nullable}
    try:
        table = pd.read_csv(
            path, dtype=text, keep_default_na=False, na_values={n: [""] for n in _numeric(schema) | nullable}
        )
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run the stage that makes it first") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as CSV: {error}") from None
    return _check(schema, table, str(path))


def write(schema: pa.DataFrameSchema, table: pd.DataFrame, path: Path) -> None:
    """Hold `table` to `schema` and write it as CSV, atomically, floats with 10 significant digits."""
    checked = _check(schema, table, schema.name or path.name)
    files.write_text(path, checked.to_csv(index=False, lineterminator="\n", float_format="%.10g"))


def _numeric(schema: pa.DataFrameSchema) -> set[str]:
    # pandera names the type of text columns `str` or `string[pyarrow]`, depending on its version
    return {name for name, column in schema.columns.items() if not str(column.dtype).startswith("str")}


def _check(schema: pa.DataFrameSchema, table: pd.DataFrame, name: str) -> pd.DataFrame:
    try:
        return schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases.head(5)
        rows = ["-" if pd.isna(index) else int(index) + 2 for index in cases["index"]]  # as an editor counts lines
        lines = [
            f"column {case.column}, row {row}: {case.failure_case!r} fails {case.check}"
            for case, row in zip(cases.itertuples(), rows, strict=True)
        ]
        raise InputError("\n  ".join([f"{name} is not a valid table '{schema.name}':", *lines])) from None
