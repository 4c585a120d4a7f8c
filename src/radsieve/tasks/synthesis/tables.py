"""The schemas of the tables of synthesize_tables."""

import pandas as pd
import pandera.pandas as pa

from radsieve.tables.columns import SHARE, count, flag, number, one_of, schema, text
from radsieve.tasks.tables import TARGET, Model, own_columns

# How like unseen real rows others are, synthetic ones or real ones (`again`): for each column, and each pair, the
# distance of total variation; for each pair the association, beside the real one; and the ROC-AUC of a model that tells
# them apart.
FIDELITY = schema(
    "fidelity",
    generator=text(),
    part=one_of("column", "pair", "rows"),
    first=text(),
    second=text(),
    measure=one_of("distance", "association", "roc_auc"),
    value=number(SHARE, nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    real=number(SHARE, nullable=True),
)

# Which conclusions are kept, by generator, question, and number of real rows: the real estimate, the mean of synthetic
# ones (of logarithms, if an odds ratio), their distance and standard deviation in half widths of the real interval, the
# mean overlap of intervals, and how often the sign, and sign and significance, are the same.
CONCLUSIONS = schema(
    "conclusions",
    generator=text(),
    question=text(),
    kind=one_of("odds_ratio", "difference", "share"),
    rows=count(1),
    rows_per_variable=number(),
    repeats=count(1),
    undefined=count(),
    real=number(nullable=True),
    real_lower=number(nullable=True),
    real_upper=number(nullable=True),
    synthetic=number(nullable=True),
    bias=number(nullable=True),
    spread=number(nullable=True),
    overlap=number(SHARE),
    same_sign=number(SHARE, nullable=True),
    same_verdict=number(SHARE, nullable=True),
)

# The estimate of each question in the rows of each draw.
ESTIMATES = schema(
    "estimates",
    generator=text(),
    question=text(),
    rows=count(1),
    repeat=count(1),
    estimate=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    overlap=number(SHARE),
    same_sign=number(nullable=True),
    same_verdict=number(nullable=True),
)

# The ROC-AUC on unseen real rows of models that were fitted to real rows, to synthetic ones, or to others in their
# place, and the difference from the first.
USE = schema(
    "use",
    generator=text(),
    model=one_of(*Model),
    **{f"{name}{end}": number(nullable=True) for name in ("roc_auc", "difference") for end in ("", "_lower", "_upper")},
)

# What is given away of the rows that were learnt from: see `radsieve.tasks.synthesis.privacy`; `equal_train` and
# `equal_unseen` are the shares of rows that equal one that was learnt from, and an unseen one.
PRIVACY = schema(
    "privacy",
    generator=text(),
    rows=count(1),
    nearer_to_train=number(SHARE),
    nearer_to_train_lower=number(nullable=True),
    nearer_to_train_upper=number(nullable=True),
    equal_train=number(SHARE),
    equal_unseen=number(SHARE),
    membership_auc=number(SHARE),
    membership_auc_lower=number(nullable=True),
    membership_auc_upper=number(nullable=True),
)


def synthetic(columns: pd.DataFrame) -> pa.DataFrameSchema:
    """The schema of synthetic rows of a table with these COLUMNS: its columns, the outcome, and the generator."""
    return schema("synthetic", **own_columns(columns), **{TARGET: flag(), "generator": text()})
