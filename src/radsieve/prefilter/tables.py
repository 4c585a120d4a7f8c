"""A schema for every table that passes between the stages of the prefilter; `radsieve.tables` reads them."""

from enum import StrEnum

import pandas as pd
import pandera.pandas as pa

from radsieve.screening.tables import SCORES
from radsieve.tables.columns import SHARE, count, flag, number, one_of, schema, text

_TARGETS = ("valid", *SCORES)


class Arm(StrEnum):
    """From which latents the images of a check are generated: unsieved ones, or those that the sieve accepts."""

    UNSIEVED = "unsieved"
    SIEVED = "sieved"


class LatentSource(StrEnum):
    """Where rows of latents come from: simulated, scored by score_images, scored by score_samples, or the user's."""

    TWIN = "twin"
    SCREENED = "screened"
    GENERATED = "generated"
    TABLE = "table"


class MixingSpace(StrEnum):
    """Where best and worst rows are told apart: in the plane of UMAP, or by all components."""

    PLANE = "plane"
    LATENT = "latent"


class MixingClassifier(StrEnum):
    """The classifier that tells them apart: see `radsieve.prefilter.latents.mixing.measure_mixing`."""

    NEIGHBOURS = "neighbours"
    LINEAR = "linear"


class Verdict(StrEnum):
    """What both paired tests say of a model beside the reference."""

    BETTER = "better"
    WORSE = "worse"
    UNDECIDED = "undecided"


def _target() -> pa.Column:
    """A column that names `valid` or a score."""
    return one_of(*_TARGETS)


def _targets() -> dict[str, pa.Column]:
    """A column of numbers for `valid` and for each score."""
    return {name: number(nullable=True) for name in _TARGETS}


# The groups of the table of latents (results/prepare_latents/latents.parquet, prefilter/latents/latent_table.py) in its
# order. `source` is twin (simulated), screened (images scored by score_images), generated (by score_samples) or table
# (the user's); `valid_rate` is the share of rows that are valid, with Wilson's interval. `components` is the length of
# a latent, `mean_square` the mean of their squares: 1/3 of uniform ones, 1 of standard normal ones.
LATENT_GROUPS = schema(
    "groups",
    group=text(),
    source=one_of(*LatentSource),
    rows=count(1),
    valid=count(),
    valid_rate=number(SHARE),
    lower=number(SHARE),
    upper=number(SHARE),
    components=count(1),
    mean_square=number(pa.Check.ge(0)),
)

# The simulated twin compared with the published tables. `quantity` is valid_rate, quantile, mean, std, correlation;
# `of` says of what; `tolerance` is the greatest difference allowed, in the unit of the quantity; `within` whether ours
# meets it.
TWIN = schema(
    "twin",
    quantity=text(),
    of=text(),
    published=number(),
    ours=number(),
    tolerance=number(pa.Check.ge(0)),
    within=pa.Column(bool),
)

# Statistics of `valid` and the scores in the form of the published table, by group; `group` is `all` for the groups of
# a source as a whole, if it has several.
LATENT_STATISTICS = schema("statistics", source=text(), group=text(), statistic=text(), **_targets())

# Pearson's correlation of `valid` and the scores by group; empty where one of both is constant.
SCORE_CORRELATIONS = schema("correlations", source=text(), group=text(), score=_target(), **_targets())

# Rows that pass each score, and all of them (`valid`), with Wilson's interval of the share.
VALID_RATES = schema(
    "valid_rates",
    source=text(),
    group=text(),
    score=_target(),
    rows=count(1),
    passed=count(),
    share=number(SHARE),
    lower=number(SHARE),
    upper=number(SHARE),
)

# Pearson's and Spearman's (rank) correlation of each score with each component (numbered from 0) of the latent. If the
# rows are permuted, the largest of them all passes `chance_level` in 1 - latents.confidence of the cases, and reaches
# the one observed with the probability `p_value`. Empty where a score or component is constant.
COMPONENTS = schema(
    "components",
    group=text(),
    score=_target(),
    component=count(),
    correlation=number(nullable=True),
    chance_level=number(nullable=True),
    p_value=number(SHARE, nullable=True),
    rank_correlation=number(nullable=True),
    rank_chance_level=number(nullable=True),
    rank_p_value=number(SHARE, nullable=True),
)

# The best and worst rows of a group by each score in the plane of UMAP, or for `valid` as many valid ones (`best` 1) as
# others. `row` counts the rows of the group from 0.
EMBEDDING = schema("embedding", group=text(), score=_target(), row=count(), best=flag(), x=number(), y=number())

# How well the best and worst rows of `embedding.csv` are told apart: mean ROC-AUC of cross-validation, in the plane and
# in the space of the latents; 0.5 is mixed. `chance` is the mean and `chance_upper` the quantile latents.confidence of
# the same with permuted labels, `p_value` one-sided.
MIXING = schema(
    "mixing",
    group=text(),
    score=_target(),
    rows=count(1),
    space=one_of(*MixingSpace),
    classifier=one_of(*MixingClassifier),
    roc_auc=number(SHARE),
    chance=number(SHARE),
    chance_upper=number(SHARE),
    p_value=number(SHARE),
)

# Good rows (of those of a group) whose nearest neighbour (Euclidean) is good too: their number, their share, and what
# that is by chance (labels permuted: mean and interval of latents.confidence), empty without good rows; `p_value`
# one-sided. `distance_ratio` is the mean distance to the nearest neighbour divided by that of two rows.
NEIGHBOURS = schema(
    "neighbours",
    group=text(),
    score=_target(),
    rows=count(1),
    good=count(),
    good_beside_good=count(),
    share=number(SHARE, nullable=True),
    chance=number(SHARE, nullable=True),
    chance_lower=number(SHARE, nullable=True),
    chance_upper=number(SHARE, nullable=True),
    p_value=number(SHARE, nullable=True),
    distance_ratio=number(pa.Check.ge(0)),
)

# The images of the prospective check. `image` is arm, group of the generator and number; `probability` that of a good
# image by the model, from the latent alone; `accepted` is 1 if the sieve accepts the latent, as all of arm `sieved`.
CHECKED_IMAGES = schema(
    "images",
    image=text(),
    arm=one_of(*Arm),
    group=text(),
    probability=number(SHARE),
    accepted=flag(),
    valid=flag(),
    **{name: number(pa.Check.le(1)) for name in SCORES},
)

# What the sieve's card expects beside what was observed, with intervals, for all images and by group of the generator.
# `images` is the number on which the latter rests. Quantities: the share of good images of each arm
# (precision_unsieved, precision_sieved) and their ratio; the share of latents accepted (acceptance_rate); of the arm
# `unsieved`, the shares of good and of bad images that the sieve would have accepted (recall, false_positive_rate) and
# its roc_auc; seconds per good image of each arm and their ratio (saving), at the card's seconds per image and per
# latent; the saving among the images of the arm `unsieved` alone, those that the sieve accepts against all
# (saving_paired); and the model's mean probability (as expected) beside the share of good images. `difference` is
# observed minus expected. `within` is 1 if its interval, which takes in that of the expected value, holds 0. Empty
# where not defined, or not bounded.
EXPECTED_OBSERVED = schema(
    "expected_observed",
    group=text(),
    quantity=text(),
    images=count(),
    **{
        f"{what}{bound}": number(nullable=True)
        for what in ("expected", "observed", "difference")
        for bound in ("", "_lower", "_upper")
    },
    within=number(pa.Check.isin([0, 1]), nullable=True),
)


def given(expected_observed: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows hold of any images, since the sieve accepts every latent: of these its card has no bounds."""
    quantities = ("acceptance_rate", "recall", "false_positive_rate", "saving_paired")
    known = expected_observed["expected"].notna() & expected_observed["expected_lower"].isna()
    return expected_observed["quantity"].isin(quantities) & known


# How diverse the good images of the arm `sieved` are, beside as many drawn at random from the good images of both arms
# (`chance`, with its interval; `p_value` is the share of draws with as little). `space` says which features describe
# the images; measures as in stats/diversity.py.
CHECKED_DIVERSITY = schema(
    "diversity",
    space=text(),
    measure=text(),
    sieved=count(),
    unsieved=count(),
    value=number(nullable=True),
    chance=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    p_value=number(SHARE, nullable=True),
)

# Each model on each fold that it was not fitted to, among `rows` of which `good` pass. Accepted is a probability above
# 0.5; for SVC_*, which give none, a score above 0. Empty where not defined: precision where nothing is accepted, the
# Brier score without a probability. No rows for a target that cannot be learnt (metrics.json says why).
CLASSIFIER_FOLDS = schema(
    "folds",
    target=_target(),
    model=text(),
    family=text(),
    fold=count(1),
    rows=count(1),
    good=count(1),
    precision=number(SHARE, nullable=True),
    recall=number(SHARE, nullable=True),
    accuracy=number(SHARE),
    roc_auc=number(SHARE),
    pr_auc=number(SHARE),
    brier=number(SHARE, nullable=True),
)

# `roc`: recall (`value`) by false positive rate (`x`); `precision_recall`: precision by recall. Each fold has a curve
# of its own; `value` is their mean, `lowest` and `highest` their extremes.
CLASSIFIER_CURVES = schema(
    "curves",
    target=_target(),
    model=text(),
    curve=one_of("roc", "precision_recall"),
    x=number(SHARE),
    value=number(SHARE),
    lowest=number(SHARE),
    highest=number(SHARE),
)

# Held-out rows of all folds by their label (`good`) and whether they were accepted (`accepted`, as in folds.csv), with
# the share among those of the same label and its Wilson interval.
CLASSIFIER_CONFUSION = schema(
    "confusion",
    target=_target(),
    model=text(),
    good=flag(),
    accepted=flag(),
    rows=count(),
    share=number(SHARE),
    lower=number(SHARE),
    upper=number(SHARE),
)

# The score of each row of a group (`row` counts from 0 in the order of the table of latents) by each model fitted to
# the other folds: the probability of a good image, for SVC_* the decision function.
CLASSIFIER_PREDICTIONS = schema(
    "predictions",
    row=count(),
    target=_target(),
    model=text(),
    fold=count(1),
    truth=flag(),
    score=pa.Column("float32"),
)

# Each metric of each model (stage rank_classifiers): mean over the folds where it is defined, standard deviation over
# folds, and an interval: for roc_auc DeLong's (other rows, the same models), else that of the corrected t-test (other
# training rows too). In `all groups` all groups have the same weight. Empty where not defined in every fold.
CLASSIFIER_SUMMARY = schema(
    "summary",
    target=_target(),
    group=text(),
    model=text(),
    family=text(),
    metric=text(),
    mean=number(SHARE, nullable=True),
    spread=number(pa.Check.ge(0), nullable=True),
    lower=number(SHARE, nullable=True),
    upper=number(SHARE, nullable=True),
)

# ROC-AUC of each model minus that of the reference, on the same rows: two tests with intervals, p-values and those
# adjusted by Holm over the models of the group. DeLong: other rows, the same fitted models; corrected t (Nadeau and
# Bengio): other training rows too. `verdict` is better or worse if both adjusted p-values are below 1 - confidence.
CLASSIFIER_PAIRED = schema(
    "paired",
    target=_target(),
    group=text(),
    model=text(),
    difference=number(),
    **{
        f"{test}_{what}": number(nullable=True)
        for test in ("delong", "corrected_t")
        for what in ("lower", "upper", "p", "holm")
    },
    verdict=one_of(*Verdict),
)

# Published figures of `valid` beside ours; `table` is the file of data/published, `lower` and `upper` our interval, as
# in summary.csv, `inside` whether the published figure lies in it. As published, precision is 0 where nothing is
# accepted.
CLASSIFIER_PUBLISHED = schema(
    "published",
    table=text(),
    metric=text(),
    model=text(),
    group=text(),
    published=number(SHARE),
    ours=number(SHARE),
    lower=number(SHARE, nullable=True),
    upper=number(SHARE, nullable=True),
    difference=number(),
    inside=number(pa.Check.isin([0, 1]), nullable=True),
)
