"""The schemas of the tables of the track of tasks; read and written by `radsieve.tables`."""

from enum import StrEnum

import pandas as pd
import pandera.pandas as pa

from radsieve.tables.columns import SHARE, count, flag, number, one_of, schema, text
from radsieve.tables.images import Split


class Model(StrEnum):
    """What predicts an outcome from the columns of a row."""

    MAJORITY = "majority"
    BEST_COLUMN = "best_column"
    LOGISTIC = "logistic"
    FOREST = "forest"
    EXTRA_TREES = "extra_trees"
    BOOSTING = "boosting"
    PERCEPTRON = "perceptron"
    LSTM = "lstm"
    GRU = "gru"


NETWORKS = (Model.PERCEPTRON, Model.LSTM, Model.GRU)


class Protocol(StrEnum):
    """How a model is evaluated: the honest way, and others that each repeat one mistake of a published analysis."""

    HONEST = "honest"
    FITTED_ON_ALL = "fitted_on_all"
    SMOTE_FIRST = "smote_first"
    CLASS_MEDIANS = "class_medians"
    BOTH = "class_medians_smote_first"
    HARD_LABELS = "hard_labels"
    AFTER_OUTCOME = "after_outcome"
    LABELS_1_2 = "labels_1_2"
    SHUFFLED_TRUTH = "shuffled_truth"
    BY_IMAGE = "by_image"
    BY_ROW = "by_row"
    TEST_IN_TRAINING = "test_in_training"
    CHOSEN_ON_TEST = "chosen_on_test"
    BY_SLICE = "by_slice"
    BY_WINDOW = "by_window"
    BY_CHUNK = "by_chunk"
    RAW_TYPOGRAPHY = "raw_typography"
    NAMES_KEPT = "names_kept"
    REPEATED_ROWS = "repeated_rows"
    EXPLODED = "exploded"
    EXPLODED_TWICE = "exploded_twice"
    MISSING_AS_ZERO = "missing_as_zero"
    UNCERTAIN_NEGATIVE = "uncertain_negative"
    WITH_FINDINGS = "with_findings"
    VIEW_KNOWN = "view_known"
    COPIES = "copies"
    NEAR_COPIES = "near_copies"


class SeenRows(StrEnum):
    """Rows by whether their values occur among those that a model was fitted to."""

    ALL = "all"
    NEW = "new"
    REPEATED = "repeated"


KINDS = ("number", "code", "list", "text")
KNOWN = ("before", "at", "after")
RESAMPLING = ("none", "weights", "smote")
ROW, UNIT, SPLIT, TARGET = "_row", "_unit", "_split", "_target"  # of a packed table, beside its own columns

# What is known of simulated tables: the best ROC-AUC that any model can have on new rows (`bayes_auc`), coefficients of
# the logit by column (`coefficient of ...`, per standard deviation of a number), and what was planted.
TRUTH = schema("truth", table=text(), quantity=text(), value=number())

# The columns of a packed table in their order, with what is missing and how many other values there are.
COLUMNS = schema(
    "columns",
    column=text(),
    kind=one_of(*KINDS),
    known=one_of(*KNOWN),
    missing=count(),
    distinct=count(),
)

# How the cells of each column are read: lists of values that stand for what is missing, besides none, and of the levels
# that there may be, as JSON (empty: none, and any); whether 0 is missing; and the range of numbers. An `order` is a
# number in the packed table: 1 for its first level, and so on.
CODEBOOK = schema(
    "codebook",
    column=text(),
    kind=one_of(*KINDS, "order"),
    missing=text(),
    levels=text(),
    low=number(nullable=True),
    high=number(nullable=True),
)

# Rows that were left out, by their line in the file (the header is line 1), and why.
ROW_QUARANTINE = schema("quarantine", line=count(1), column=text(), reason=text(), value=text())

# Rows, units and positive rows (0 where there is no outcome) by split.
ROW_COUNTS = schema("counts", split=one_of(*Split), rows=count(), units=count(), positive=count())

# How well each model predicts rows that it was not fitted to. `columns` are those known `before` the visit, or also
# `at` it; `difference` is the ROC-AUC minus that of logistic regression on the same rows and columns without
# resampling, `holm` its p-value adjusted for all of the table.
COMPARISON = schema(
    "comparison",
    model=one_of(*Model),
    columns=one_of("before", "at"),
    resampling=one_of(*RESAMPLING),
    **{
        f"{name}{end}": number(nullable=True)
        for name in ("roc_auc", "pr_auc", "brier", "brier_skill", "accuracy", "balanced_accuracy", "difference")
        for end in ("", "_lower", "_upper")
    },
    holm=number(SHARE, nullable=True),
)

# What a protocol shows beside the honest one, by model and metric, and on how many rows, images or texts. `units` and
# `honest_units` are those that each of both evaluates (0: no honest value was measured; then `chance` says what chance
# alone gives). `same`: the predictions are the same, so that the difference is 0 and has no interval.
LEAKS = schema(
    "leaks",
    protocol=one_of(*Protocol),
    model=text(),
    metric=text(),
    evaluated=count(1),
    value=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    honest=number(nullable=True),
    difference=number(nullable=True),
    difference_lower=number(nullable=True),
    difference_upper=number(nullable=True),
    units=count(1),
    honest_units=count(),
    chance=number(SHARE, nullable=True),
    same=flag(),
)

# Each row with the probability that each model without resampling gives it, fitted to other folds, of all columns known
# at the visit.
ROW_PREDICTIONS = schema("predictions", line=count(1), fold=count(1), truth=flag(), model=one_of(*Model),
                         probability=number(SHARE))  # fmt: skip

# New rows by their line in the file, with what a stored model says of each: the probability of the outcome, and whether
# it reaches the threshold of the model.
NEW_PREDICTIONS = schema("new_predictions", line=count(1), probability=number(SHARE), called=flag())

# What each model without resampling says at thresholds that were chosen in the other folds, one for each fold: counts
# of all folds together, sensitivity, specificity, and balanced accuracy.
OPERATING = schema(
    "operating",
    model=one_of(*Model),
    threshold_lowest=number(),
    threshold_highest=number(),
    **{name: count() for name in ("true_positive", "false_negative", "true_negative", "false_positive")},
    **{
        f"{name}{end}": number(nullable=True)
        for name in ("sensitivity", "specificity", "balanced_accuracy")
        for end in ("", "_lower", "_upper")
    },
)

# The ROC-AUC of each model without resampling on all rows, on those whose values in the columns known at the visit no
# row of another fold has, and on those that repeat one.
SEEN_ROWS = schema(
    "repeated",
    model=one_of(*Model),
    evaluated=one_of(*SeenRows),
    rows=count(),
    positive=count(),
    **{f"roc_auc{end}": number(nullable=True) for end in ("", "_lower", "_upper")},
)

# The receiver operating characteristic of each model, at no more than 200 thresholds.
CURVES = schema("roc", model=one_of(*Model), threshold=number(), false_positive_rate=number(SHARE),
                recall=number(SHARE), precision=number(SHARE))  # fmt: skip

# The reliability of each model's probabilities, in tenths of their range.
CALIBRATION = schema(
    "calibration",
    model=one_of(*Model),
    bin_from=number(SHARE),
    bin_to=number(SHARE),
    rows=count(1),
    positive=count(),
    mean_probability=number(SHARE),
    share_positive=number(SHARE),
    lower=number(SHARE),
    upper=number(SHARE),
)

# Each perceptron that was tried, by the columns and the fold that it was not fitted to: the ROC-AUC on the part of the
# training rows that chooses, none where there is one alone, and whether it was chosen.
GRID = schema(
    "grid",
    columns=one_of("before", "at"),
    fold=count(1),
    layers=text(),
    activation=text(),
    dropout=number(),
    optimizer=text(),
    learning_rate=number(),
    epochs=count(1),
    batch=count(1),
    inner_roc_auc=number(SHARE, nullable=True),
    chosen=flag(),
)

# How well the probabilities of each model agree with what happens, all folds together: see
# `radsieve.tasks.rows.pooled.Calibrated`; `error` is the expected calibration error, `error_by_chance` its mean if the
# outcomes were drawn with these very probabilities.
CALIBRATED = schema(
    "calibrated",
    model=one_of(*Model),
    **{
        f"{name}{end}": number(nullable=True)
        for name in ("intercept", "slope", "brier_skill")
        for end in ("", "_lower", "_upper")
    },
    error=number(SHARE),
    error_by_chance=number(SHARE),
)

# ROC-AUC, and share of positive rows minus mean probability (`observed_minus_expected`), of each subgroup and of two
# models; the difference from all other rows, and its p-value adjusted by Holm for all of the table.
ROW_SUBGROUPS = schema(
    "subgroups",
    column=text(),
    value=text(),
    rows=count(1),
    positive=count(),
    model=one_of(*Model),
    metric=one_of("roc_auc", "observed_minus_expected"),
    estimate=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    difference=number(nullable=True),
    difference_lower=number(nullable=True),
    difference_upper=number(nullable=True),
    holm=number(SHARE, nullable=True),
)

# How much each column moves what `model`, the best one of trees, says of unseen rows (log-odds of boosting, probability
# of a forest): mean absolute SHAP value with a bootstrap interval over rows, its rank, and by how much the
# ROC-AUC falls when the column is shuffled, with its rank.
EXPLANATIONS = schema(
    "explanations",
    model=one_of(*Model),
    column=text(),
    shap=number(nullable=True),
    shap_lower=number(nullable=True),
    shap_upper=number(nullable=True),
    shap_rank=count(1),
    permutation=number(nullable=True),
    permutation_rank=count(1),
)

# What single random splits, 80 to 20, give for logistic regression.
SINGLE_SPLITS = schema("splits", split=count(1), rows=count(1), roc_auc=number(SHARE), hard_auc=number(SHARE),
                       accuracy=number(SHARE))  # fmt: skip


# What each column of a packed table holds; `differing_units` are units in which it has several values.
PROFILE_COLUMNS = schema(
    "columns",
    column=text(),
    kind=one_of(*KINDS),
    rows=count(),
    missing=count(),
    distinct=count(),
    most_frequent=text(),
    most_frequent_share=number(SHARE, nullable=True),
    differing_units=count(),
    **{
        name: number(nullable=True)
        for name in ("mean", "sd", "lowest", "lower_quartile", "median", "upper_quartile", "highest")
    },
)

# How much of each column is missing. `min` and `max`: the lowest and the highest share missing among rows of one
# value of the target, `p_value` whether being missing tells it, corrected for all columns.
MISSING = schema(
    "missing",
    column=text(),
    rows=count(),
    missing=count(),
    **{name: number(SHARE, nullable=True) for name in ("share", "lower", "upper", "min")},
    min_in=text(),
    max=number(SHARE, nullable=True),
    max_in=text(),
    p_value=number(SHARE, nullable=True),
    tells=flag(),
)

# Rows with equal values: how many different ones there are, how many rows repeat an earlier one, how many rows have the
# most frequent one, and how many values occur with several values of the target, or with so many positive rows.
DUPLICATES = schema(
    "duplicates",
    columns=text(),
    rows=count(1),
    distinct=count(1),
    repeated=count(),
    largest=count(1),
    **{
        name: number(nullable=True)
        for name in ("contradicting", "none_positive", "one_positive", "several_positive", "most_positive")
    },
)

# Rows with each of the 30 most frequent values of a code, or items of a list, and how many an analysis would see that
# makes a row of each item of one list, once or twice.
VALUE_COUNTS = schema(
    "counts",
    column=text(),
    value=text(),
    rows=count(1),
    share=number(SHARE),
    lower=number(SHARE, nullable=True),
    upper=number(SHARE, nullable=True),
    exploded=number(nullable=True),
    exploded_twice=number(nullable=True),
)

# How two columns go together, by each measure, over `rows` in which both are known, one for each unit where `per` says
# so; mutual information is in bits. Only correlations have an interval: that of the others would not cover their bias.
ASSOCIATIONS = schema(
    "associations",
    first=text(),
    second=text(),
    measure=one_of("pearson", "spearman", "cramers_v", "correlation_ratio", "mutual_information"),
    per=one_of("row", "unit"),
    rows=count(),
    value=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    p_value=number(SHARE, nullable=True),
)

# How well each column alone tells the target: see radsieve.stats.attributes.
ATTRIBUTE_LEAKS = schema(
    "leakage",
    column=text(),
    distinct_values=count(),
    **{name: number(SHARE, nullable=True) for name in ("balanced_accuracy", "lower", "upper", "chance", "p_value")},
    leaks=pa.Column(bool),
    same_as=text(),
)


# Every request, in order, and every page that was not asked for because robots.txt disallows it or the limit of pages
# is reached; `status` is 0 where nothing was answered, `digest` names the raw answer.
REQUESTS = schema(
    "requests",
    visit=count(1),
    page=text(),
    status=count(),
    outcome=one_of("read", "unchanged", "changed", "redirected", "retried", "failed", "disallowed", "left out"),
    bytes=count(),
    digest=text(),
)

# The nominees of the pages as they were last; `winner` is 1 or 0, or empty where the page does not say.
NOMINEES = schema("nominees", page=text(), year=text(), award=text(), nominee=text(), company=text(),
                  winner=one_of("", "0", "1"))  # fmt: skip

# Pages, and entries of them by their place, that could not be read.
PAGE_QUARANTINE = schema("quarantine", page=text(), place=text(), reason=text(), value=text())

# Every answer in order with what is needed to replay it; `before` is the digest that was known of the page.
ANSWERS = schema("answers", page=text(), status=count(), type=text(), etag=text(), location=text(), retry_after=text(),
                 digest=text(), too_long=flag(), before=text())  # fmt: skip


def packed(columns: pd.DataFrame) -> pa.DataFrameSchema:
    """The schema of a packed table with these COLUMNS: line in the file, unit, split, outcome (if the table has one),
    and the columns; a list is a JSON array of texts, or empty.
    """
    fixed = {ROW: count(1), UNIT: text(), SPLIT: one_of(*Split), TARGET: flag()}
    return schema("rows", **fixed, **own_columns(columns)).update_column(TARGET, required=False)


def own_columns(columns: pd.DataFrame) -> dict[str, pa.Column]:
    """The columns of a table with these COLUMNS, numbers and texts."""
    return {
        str(row["column"]): number(nullable=True) if row["kind"] == "number" else text()
        for row in columns.to_dict("records")
    }


def modelled(columns: pd.DataFrame) -> pd.DataFrame:
    """Those of COLUMNS that models and generators of rows take: no lists, no texts."""
    return pd.DataFrame(columns[~columns["kind"].isin(["list", "text"])]).reset_index(drop=True)
