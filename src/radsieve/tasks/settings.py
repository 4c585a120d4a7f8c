"""Settings of the stages of the track of tasks: a section of params.yaml each."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from radsieve.settings import (
    DISTINCT,
    Confidence,
    FilePath,
    Fraction,
    Items,
    List,
    OrNone,
    PlaceMark,
    Seed,
    Settings,
    Several,
    Text,
)
from radsieve.tasks.images.settings import FuseModalities, PrepareImages, TrainClassifier
from radsieve.tasks.rows.settings import ClassifyRows
from radsieve.tasks.synthesis.settings import SynthesizeTables
from radsieve.tasks.texts.settings import ClassifyTexts, PackTexts, TrainWriter

Rows = Annotated[int, Field(ge=100, le=2_000_000)]
ProfileProtocol = Literal[
    "honest", "repeated_rows", "exploded", "exploded_twice", "missing_as_zero", "uncertain_negative",
]  # fmt: skip


class GenerateCases(Settings):
    """Simulate tables, pictures and works of authors with known truth, faults included."""

    diabetes_rows: Rows
    """Rows of the table of measurements, in which 0 stands for what is missing."""
    survey_rows: Rows
    """Rows of the table of answers to a survey, in which some rows are equal."""
    deaths_rows: Rows
    """Rows of the table of admissions, with codes for what is unknown and columns that are known afterwards only."""
    scans: Annotated[int, Field(ge=2, le=900)]
    """Scans of each of six kinds, of which there are three slices each that are nearly alike."""
    knees: Annotated[int, Field(ge=10, le=5000)]
    """Knees, each of which two readers graded: it is there once for each reader."""
    chests: Annotated[int, Field(ge=10, le=5000)]
    """Chest radiographs of another hospital: blurred, of less contrast, and more often abnormal."""
    works: Annotated[int, Field(ge=3, le=1000)]
    """Works of each of three authors, of about 4,000 characters."""
    games_rows: Rows
    """Rows of the table of nominations, about: years, awards and nominees are whole."""
    findings_rows: Rows
    """Rows of the table of findings, one for each image."""
    seed: Seed


class LevelSettings(Settings):
    """The levels that columns may have."""

    columns: Several[Text]
    """Columns that have them."""
    levels: Several[Text]
    """The levels, as they stand in the cells."""


class RangeSettings(Settings):
    """Between which values the numbers of columns lie."""

    columns: Several[Text]
    """Columns that have this range."""
    low: float
    """The lowest value that can be."""
    high: float
    """The highest value that can be."""


class MissingNumbers(Settings):
    """Numbers that stand for what is missing."""

    columns: Several[Text]
    """Columns in which they do."""
    numbers: Several[float]
    """The numbers, such as 0 or 99, however they are written."""


class TableSettings(Settings):
    """Where a table is and what its columns mean; the same keys for every table."""

    table: FilePath
    """CSV, TSV or Parquet, or one of the first two alone in a .zip or .gz; $NAME stands for an environment variable.
    """
    joined: OrNone[FilePath]
    """Another table, whose columns are added to the rows of the same key, or `none`; of several rows of a key those
    columns that are the same in all of them. $NAME stands for an environment variable."""
    joined_by: Annotated[List[Text], Field(max_length=2)]
    """Column of the key in this table and in the other one; [] without another."""
    target: OrNone[Text]
    """Column that holds the outcome; `none` for a table that is only profiled."""
    positive: Items[Text]
    """Values of it that count as 1; [] stands for all that are not `negative`."""
    negative: Items[Text]
    """Values of it that count as 0; [] stands for all that are not `positive`. Rows with another value, none, or one of
    `missing_codes` that is neither, go to quarantine."""
    unit: OrNone[Text]
    """Column that says whose a row is, such as the patient's, or `none`; the rows of a unit are in one split and
    fold."""
    unit_pattern: OrNone[Text]
    """Regular expression, searched for in `unit`; what its parentheses match is whose the row is; or `none`."""
    equal_rows: Literal["apart", "together"]
    """Whether rows with equal values are taken for different people, or for copies, which are one unit."""
    numbers: Items[Text]
    """Columns with numbers, or with codes that have an order."""
    ranges: List[RangeSettings]
    """Between which values columns of `numbers` lie, ends included; rows with others go to quarantine, but for what
    `missing_numbers` takes for missing."""
    orders: List[LevelSettings]
    """Columns with levels that have an order, from the lowest to the highest: the numbers 1, 2, ... to models. Rows
    with another level go to quarantine."""
    codes: Items[Text]
    """Columns with codes that have no order: each value is a level of its own. Columns that are in no list are left
    out."""
    levels: List[LevelSettings]
    """Codes that columns of `codes` may have, besides those for what is missing; rows with others go to quarantine. In
    a column that is not named here any value is a level, a mistyped one as well."""
    lists: Items[Text]
    """Columns with several items in a cell. They are profiled, and no model uses them."""
    texts: Items[Text]
    """Columns with free text. They are counted and profiled, and no model uses them."""
    separator: Text
    """What stands between the items of a cell in columns of `lists`."""
    missing_numbers: List[MissingNumbers]
    """Numbers that stand for what is missing in columns of `numbers`."""
    missing_codes: Items[Text]
    """Values that stand for what is missing in all columns but those of `numbers`, besides empty ones; those that are
    no numbers, such as NA, in columns of `numbers`, too."""
    at: Items[Text]
    """Columns that are known from the visit on; those in neither `at` nor `after` are known before it."""
    after: Items[Text]
    """Columns that are known only after the outcome, or imply it."""


class PackTables(Settings):
    """Bring tables to one form: typed columns, an outcome of 0 and 1, units and splits."""

    diabetes: TableSettings
    """Diabetes by measurements."""
    survey: TableSettings
    """Diabetes by the answers to a survey."""
    deaths: TableSettings
    """Deaths by what is known before, at and after admission."""
    games: TableSettings
    """Games that were nominated for awards, a row for each nomination."""
    findings: TableSettings
    """Findings in reports on chest radiographs, a row for each: present, absent, uncertain or not mentioned."""


class ProfileSettings(Settings):
    """How a packed table is profiled; the same keys for every table."""

    called: Text
    """What the page calls the table."""
    target: OrNone[Text]
    """Column of codes that all others are compared with: `_target` is the outcome of pack_tables; or `none`."""
    keys: List[Annotated[tuple[Text, ...], Strict(False), Field(min_length=1), DISTINCT]]
    """Lists of columns whose values together should occur once, or are counted: how often each occurs, and with how
    many positive rows."""
    correlated: Items[Text]
    """Columns of numbers whose correlations are shown by all protocols that change one."""
    exploded: OrNone[Text]
    """Column of lists that the protocols `exploded` and `exploded_twice` make a row of each item of, or `none`."""
    labels: Items[Text]
    """Columns of codes that are findings: `present`, `absent`, `uncertain`, or missing where not mentioned."""
    present: Text
    """Code of a finding that is present."""
    absent: Text
    """Code of a finding that is absent."""
    uncertain: Text
    """Code of a finding that is uncertain."""
    protocols: Several[ProfileProtocol]
    """How correlations and shares of findings are counted: `honest` and the mistakes that are repeated."""
    permutations: Annotated[int, Field(ge=100, le=1_000_000)]
    """Permutations of each test; no p-value can be lower than 1 in as many and one."""
    tested_rows: Annotated[int, Field(ge=100, le=1_000_000)]
    """Rows that are permuted at most, whole units; everything else is computed of all rows."""
    min_gain: Fraction
    """Least balanced accuracy above chance at which a column counts as telling the target."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class ProfileTables(Settings):
    """Describe each table: columns, what is missing, duplicates, associations, and mistakes of counting."""

    diabetes: ProfileSettings
    """Diabetes by measurements."""
    survey: ProfileSettings
    """Diabetes by the answers to a survey."""
    deaths: ProfileSettings
    """Deaths by what is known before, at and after admission."""
    games: ProfileSettings
    """Games that were nominated for awards."""
    findings: ProfileSettings
    """Findings in reports on chest radiographs."""


class CollectPages(Settings):
    """Collect the pages of one site, and read the nominees in them."""

    source: Annotated[str, Field(pattern=r"^(embedded|folder|https://[A-Za-z0-9.-]+(:[0-9]+)?/?)$")]
    """`embedded` serves what generate_cases writes, on loopback; `folder` replays the answers of an earlier run;
    https://... is the one host that is asked."""
    folder: OrNone[Annotated[Text, PlaceMark(only_if=("source", "folder"))]]
    """Folder of the answers of an earlier run (data/pages), in which $NAME stands for an environment variable, for the
    source `folder`; or `none`."""
    start: Annotated[str, Field(pattern=r"^/[!-~]*$")]
    """Path of the first page; links lead to the others."""
    user_agent: Annotated[str, Field(pattern=r"^[!-~]+( [!-~]+)*$", max_length=200)]
    """Name under which pages are asked for, and by which robots.txt is read; say in it how to reach you."""
    interval_s: Annotated[float, Field(ge=0, le=3600)]
    """Least time between two requests in seconds, at least 1 on the network; what robots.txt asks for holds if it is
    longer."""
    retries: Annotated[int, Field(ge=0, le=10)]
    """Retries after an error of the server or of the connection, each after twice as long, or as the server says."""
    timeout_s: Annotated[float, Field(gt=0, le=600)]
    """Limit of one request in seconds."""
    max_bytes: Annotated[int, Field(ge=1000, le=100_000_000)]
    """Length of an answer in bytes from which it is not read on."""
    max_pages: Annotated[int, Field(ge=1, le=100_000)]
    """Pages to ask for at most."""
    visits: Annotated[int, Field(ge=1, le=10)]
    """How often each page is asked for; after the first time only what has changed is sent."""


class ReportTasks(Settings):
    """The page on the tasks."""

    title: Text
    """Title of the page on the tasks."""


class TaskSections(Settings):
    """The sections of the track, in the order of params.yaml."""

    generate_cases: GenerateCases
    pack_tables: PackTables
    profile_tables: ProfileTables
    classify_rows: ClassifyRows
    synthesize_tables: SynthesizeTables
    prepare_images: PrepareImages
    train_classifier: TrainClassifier
    pack_texts: PackTexts
    train_writer: TrainWriter
    classify_texts: ClassifyTexts
    fuse_modalities: FuseModalities
    collect_pages: CollectPages
    report_tasks: ReportTasks
