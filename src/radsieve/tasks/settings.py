"""Settings of the stages of the track of tasks: a section of params.yaml each."""

from typing import Annotated, Literal

from pydantic import Field

from radsieve.settings import Confidence, FilePath, Items, OrNone, Resamples, Seed, Settings, Several, Text

Rows = Annotated[int, Field(ge=100, le=2_000_000)]
ModelName = Literal["majority", "best_column", "logistic", "forest", "extra_trees", "boosting", "perceptron"]
Weighted = Literal["logistic", "forest", "extra_trees", "boosting"]
ProtocolName = Literal[
    "honest", "fitted_on_all", "smote_first", "class_medians", "class_medians_smote_first", "hard_labels",
    "after_outcome", "labels_1_2",
]  # fmt: skip


class GenerateCases(Settings):
    """Simulate tables of patients with known truth, faults included."""

    diabetes_rows: Rows
    """Rows of the table of measurements, in which 0 stands for what is missing."""
    survey_rows: Rows
    """Rows of the table of answers to a survey, in which some rows are equal."""
    deaths_rows: Rows
    """Rows of the table of admissions, with codes for what is unknown and columns that are known afterwards only."""
    seed: Seed


class TableSettings(Settings):
    """Where a table is and what its columns mean; the same keys for every table."""

    table: FilePath
    """CSV, TSV or Parquet, or one of the first two alone in a .zip or .gz; $NAME stands for an environment variable.
    """
    target: Text
    """Column that holds the outcome."""
    positive: Items[Text]
    """Values of it that count as 1; [] stands for all that are not `negative`."""
    negative: Items[Text]
    """Values of it that count as 0; [] stands for all that are not `positive`. Rows with another value, or none, go to
    quarantine."""
    unit: OrNone[Text]
    """Column that says whose a row is, such as the patient's, or `none`; the rows of a unit are in one split and
    fold."""
    equal_rows: Literal["apart", "together"]
    """Whether rows with equal values are taken for different people, or for copies, which are one unit."""
    numbers: Items[Text]
    """Columns with numbers, or with codes that have an order."""
    codes: Items[Text]
    """Columns with codes that have no order: each value is a level of its own. Columns that are in neither list are
    left out."""
    zero_missing: Items[Text]
    """Columns of `numbers` in which 0 stands for what is missing."""
    missing_codes: Items[Text]
    """Values that stand for what is missing in columns of `codes`, besides empty ones."""
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


class RowsSettings(Settings):
    """How the models of a table are fitted and evaluated; the same keys for every table."""

    rows: Rows
    """Rows to take at most, whole units in an order that follows from the seed."""
    models: Several[ModelName]
    """Models to evaluate; the others are compared with `logistic`."""
    resampled: Items[Weighted]
    """Models to evaluate with classes balanced by weights, and by SMOTE within the fold, besides."""
    trees: Annotated[int, Field(ge=10, le=2000)]
    """Trees of a forest, the extremely randomised one as well."""
    folds: Annotated[int, Field(ge=2, le=20)]
    """Folds of the cross-validation, which keeps units whole."""
    protocols: Several[ProtocolName]
    """How models are evaluated: `honest` and the mistakes that are repeated."""
    protocol_models: Several[Weighted]
    """Models that are evaluated by all protocols."""
    single_splits: Annotated[int, Field(ge=0, le=1000)]
    """Random splits, 80 to 20, in which logistic regression is evaluated once each, to show how far one split moves."""
    explained_rows: Annotated[int, Field(ge=20, le=10000)]
    """Rows that a model has not seen for which SHAP values are computed, of one fold at most."""
    resamples: Resamples
    """Bootstrap resamples of the intervals that need them."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class ClassifyRows(Settings):
    """Predict the outcome of each table by models and protocols."""

    diabetes: RowsSettings
    """Diabetes by measurements."""
    survey: RowsSettings
    """Diabetes by the answers to a survey."""
    deaths: RowsSettings
    """Deaths by what is known before, at and after admission."""


class ReportTasks(Settings):
    """The page on the tasks."""

    title: Text
    """Title of the page on the tasks."""


class TaskSections(Settings):
    """The sections of the track, in the order of params.yaml."""

    generate_cases: GenerateCases
    pack_tables: PackTables
    classify_rows: ClassifyRows
    report_tasks: ReportTasks
