"""A schema for every table of thresholds and of accepted latents (prefilter); read and written by `radsieve.tables`."""

from enum import StrEnum

import pandera.pandas as pa
from pandera.pandas import DataFrameSchema

from radsieve.screening.tables import component_names
from radsieve.tables.columns import SHARE, count, flag, number, one_of, schema, text
from radsieve.tables.images import Split

_CELLS = ("tn", "fp", "fn", "tp")
_SHARES = ("accepted_share", "tpr", "fpr", "precision", "base_rate")


class CompositeMethod(StrEnum):
    """A model for each score; one of `valid`, with the same rule; the same, keeping as many good images."""

    COMPOSITE = "composite"
    DIRECT = "direct"
    DIRECT_EQUAL_TPR = "direct, equal tpr"


class Evaluation(StrEnum):
    """On what figures rest: nested folds, each with a threshold of its own; the card of the stored sieve."""

    NESTED = "nested folds"
    CARD = "card"


def _bounded(name: str) -> dict[str, pa.Column]:
    """A measure with its interval; empty where not defined."""
    checks = [SHARE] if name in _SHARES else [pa.Check.ge(0)]
    return {f"{name}{end}": number(*checks, nullable=True) for end in ("", "_lower", "_upper")}


# A confusion matrix (bad images rejected and accepted, good images rejected and accepted) and what follows from it,
# each with its interval: shares of all latents, of the good and of the bad images that are accepted (tpr, fpr);
# precision, the share of good images among the accepted ones; base_rate, among all; ratio, the former divided by the
# latter; saving, the time for a good image without a sieve divided by that with one, the predictor included;
# seconds_per_good, that time.
_EVALUATED = {
    **{name: count() for name in _CELLS},
    **{
        key: column
        for name in (*_SHARES, "ratio", "saving", "seconds_per_good")
        for key, column in _bounded(name).items()
    },
}

# Thresholds chosen on the validation set of the published split, evaluated on it and on the test set. `reason` says why
# a rule accepts everything; empty if it chose.
RULES = schema(
    "rules",
    group=text(),
    rule=text(),
    split=one_of(Split.VALIDATION, Split.TEST),
    threshold=number(SHARE),
    **_EVALUATED,
    reason=text(),
)

# Thresholds chosen on inner out-of-fold scores and evaluated on the rows that the outer fold held out; `fold` is 1, 2,
# ... or `pooled`, all of these rows together, whose threshold is empty.
NESTED = schema(
    "nested",
    group=text(),
    rule=text(),
    fold=text(),
    threshold=number(SHARE, nullable=True),
    **_EVALUATED,
    reason=text(),
)

# A model for each score, a latent being accepted if all accept it, against a model of `valid` itself. `method` is
# composite; direct (threshold by the same rule); or `direct, equal tpr` (threshold that keeps as many good images).
# `precision_difference` is that to the composite, with its interval; `reason` names the scores without a model, by
# which everything passes.
COMPOSITE = schema(
    "composite",
    group=text(),
    method=one_of(*CompositeMethod),
    **_EVALUATED,
    precision_difference=number(nullable=True),
    difference_lower=number(nullable=True),
    difference_upper=number(nullable=True),
    reason=text(),
)

# How diverse the good latents are that a rule keeps (`kept` of `good`): `value` of the measure, and that of as many
# good latents picked at random (`chance`, with the interval `lower` to `upper`); `p_value`, one-sided, says how often
# random ones are as little diverse. Measures: see stats/diversity.py.
DIVERSITY = schema(
    "diversity",
    group=text(),
    rule=text(),
    good=count(),
    kept=count(),
    measure=one_of("mean_distance", "log_volume", "coverage"),
    value=number(nullable=True),
    chance=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    p_value=number(SHARE, nullable=True),
)

# What each rule costs and gains, and the stored sieve. By `estimate`: nested folds (pooled rows of NESTED, which chose
# neither model nor threshold: these compare the rules), or card (what the card of the stored sieve says of this one;
# `stored` is 1). `threshold` is that of a model fitted to all rows; `good_images_lost` is 1 - tpr; `spread_kept` is the
# mean distance of kept good latents divided by that of as many picked at random; `reason` says in which folds, or for
# all rows, the rule accepts everything, and why.
DECISIONS = schema(
    "decisions",
    group=text(),
    rule=text(),
    estimate=one_of(*Evaluation),
    stored=flag(),
    threshold=number(SHARE),
    **_bounded("accepted_share"),
    **_bounded("precision"),
    **_bounded("base_rate"),
    **_bounded("saving"),
    **_bounded("seconds_per_good"),
    good_images_lost=number(SHARE, nullable=True),
    spread_kept=number(nullable=True),
    coverage=number(SHARE, nullable=True),
    coverage_by_chance=number(SHARE, nullable=True),
    reason=text(),
)

# What each threshold gives on held-out rows, from strict to lenient, at most 200 of a group.
THRESHOLD_CURVES = schema(
    "curves",
    group=text(),
    threshold=number(SHARE),
    **{name: number(nullable=True) for name in (*_SHARES, "ratio", "saving", "seconds_per_good")},
)

# The published confusion matrices of group 18_24m (Sinyavsky, term paper, part 2) as the source prints them.
THRESHOLDS_18_24M = schema(
    "thresholds_18_24m",
    group=text(),
    score=text(),
    model=text(),
    rule=text(),
    split=text(),
    threshold=number(),
    **{name: count() for name in _CELLS},
    tpr=number(SHARE),
    fpr=number(SHARE),
    precision=number(SHARE),
    init_precision=number(SHARE),
)

# What the source prints beside what our code computes from the same confusion matrices; `digits` are those printed.
PUBLISHED_THRESHOLDS = schema(
    "published",
    group=text(),
    rule=text(),
    split=one_of(Split.VALIDATION, Split.TEST),
    measure=text(),
    published=number(),
    recomputed=number(),
    digits=count(),
    equal=pa.Column(bool),
)


# Accepted latents: `number` is the index of each among all that were sampled (from 0), with its probability of a good
# image.
def accepted(components: int) -> DataFrameSchema:
    """Return the schema of accepted latents with so many components."""
    latents = {name: number() for name in component_names(components)}
    return schema("accepted", number=count(), probability=number(SHARE), **latents)
