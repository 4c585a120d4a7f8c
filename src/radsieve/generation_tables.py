"""A schema for every table that passes between the stages of the generation track; `radsieve.tables` reads them."""

from enum import StrEnum

import pandera.pandas as pa

from radsieve.columns import PATH, SHARE, count, number, one_of, schema, text
from radsieve.screening_tables import SCORES


class Origin(StrEnum):
    """Whether a film is a patient's or a generator's."""

    REAL = "real"
    SYNTHETIC = "synthetic"


class NearestSource(StrEnum):
    """Which films the nearest ones of part train were looked for: drawn ones, or real ones held back."""

    DRAWN = "drawn"
    HELD_BACK = "held_back"


class LoopSet(StrEnum):
    """Fresh films of unsieved latents, the good ones of them, those of sieved latents, and the good ones of them."""

    DRAWN = "drawn"
    SCREENED = "screened"
    SIEVED = "sieved"
    KEPT = "kept"


class TrainingArm(StrEnum):
    """What a classifier learns from: see `generation.training_comparison`."""

    REAL = "real"
    SYNTHETIC = "synthetic"
    WITH_SYNTHETIC = "real + synthetic"
    WITH_SCREENED = "real + screened synthetic"
    WITH_COPIES = "real + augmentation"


class Augmentation(StrEnum):
    """Whether a classifier learnt from augmented copies."""

    WITHOUT = "trained without"
    WITH = "trained with"


class SievingMethod(StrEnum):
    """Methods of finding latents of good films; those that move latents have a target behind their name."""

    UNSIEVED = "unsieved"
    SIEVE = "stored sieve"
    Z = "z at least cost"
    EXIT = "early exit"
    FILM = "finished film"
    CASCADE = "z, then deeper"
    MOVED_Z = "moved by z"
    MOVED_EXIT = "moved by early exit"
    REWEIGHTED = "reweighted"


def _bounded(*names: str) -> list[str]:
    """The columns of estimates: the value, and the bounds of its interval."""
    return [f"{name}{end}" for name in names for end in ("", "_lower", "_upper")]


# The course of a training (stage train_gan), a row per round. The losses are means over the round. FID and KID
# (unbiased, may be negative, with a jackknife interval) hold the drawn films to the real ones of part validation;
# `fid_real` and `kid_real`, the same in all rows, hold films of part train to them.
GAN_CURVES = schema(
    "curves",
    round=count(1),
    step=count(1),
    discriminator_loss=number(pa.Check.ge(0)),
    generator_loss=number(pa.Check.ge(0)),
    fid=number(pa.Check.ge(0)),
    fid_real=number(pa.Check.ge(0)),
    kid=number(),
    kid_lower=number(),
    kid_upper=number(),
    kid_real=number(),
)

# The film of part train that is nearest to each drawn film, and to each real film that was not trained on (`held_back`:
# parts validation and test): by the features of a network, and by the root of the mean squared difference of pixels in
# [0, 1].
NEAREST_FILMS = schema(
    "nearest",
    film=text(PATH),
    source=one_of(*NearestSource),
    feature_film=text(PATH),
    feature_distance=number(pa.Check.ge(0)),
    pixel_film=text(PATH),
    pixel_distance=number(pa.Check.ge(0)),
)

_TEST = pa.Check.str_matches(r"^[0-9a-f]{12}$", error="must be 12 hexadecimal digits")

# What a visual Turing test shows, in this order: `place` is 1, 2, ..., `film` the name of the film in its pack. `test`
# is the same in all rows, and in the answers to it.
TURING_KEY = schema("key", test=text(_TEST), place=count(1), kind=one_of(*Origin), film=text(PATH))

# What one reader answered, as the page of the test gives it; `seconds` from seeing the film to the answer.
TURING_ANSWERS = schema(
    "answers",
    test=text(_TEST),
    reader=text(pa.Check.str_length(min_value=1)),
    place=count(1),
    answer=one_of(*Origin),
    seconds=number(pa.Check.ge(0)),
)

# How well each reader, and all together, tell synthetic films from real ones: shares in [0, 1] (`taken_for_real` of the
# synthetic films), d' and criterion of signal detection, with their intervals and the number of answers behind them.
TURING_READERS = schema(
    "readers",
    reader=text(),
    measure=text(),
    value=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    answers=count(),
)

# Figures that others published, by name.
PUBLISHED_FIGURES = schema("generation_figures", quantity=text(), value=number())

# How many readers answered on each film of the test, and how many of them took it for real.
TURING_FILMS = schema(
    "films", place=count(1), kind=one_of(*Origin), film=text(PATH), answers=count(), taken_for_real=count()
)

# What the whole loop came to, a row for each group. `rows` films were scored to learn from: their `valid_rate` (Wilson)
# and the cross-validated `roc_auc` of the predictor; `threshold` of the sieve by `rule` (`reason`: why it accepts
# everything, if so). On `films` fresh ones of each arm: the share of good ones before and after sieving; the seconds
# per good film without the sieve by those with it (`saving`, at the seconds of its card), as promised and as measured;
# the coverage of the good films by those from sieved latents, beside what as many random ones give (network features);
# FID and KID of all films and of those kept (accepted and good), against real films that no generator has seen, FID at
# equal numbers. Empty where not defined.
LOOP = schema(
    "loop",
    group=text(),
    rows=count(1),
    **{name: number(nullable=True) for name in _bounded("valid_rate", "roc_auc")},
    model=text(),
    rule=text(),
    threshold=number(SHARE),
    reason=text(nullable=True),
    films=count(1),
    **{
        name: number(nullable=True)
        for name in (
            *_bounded("precision_before", "precision_after", "saving_promised", "saving_measured"),
            "coverage",
            "coverage_by_chance",
            "fid_all",
            "fid_kept",
            *_bounded("kid_all", "kid_kept"),
        )
    },
)

# How far fresh films are from real ones, by group: all of arm `unsieved` (drawn) and the good ones of them (screened),
# all of arm `sieved` (sieved) and the good ones of them (kept). KID is of all `films` with its interval; FID, which
# depends on the number, of the first `fid_films` of each. Empty for fewer than three films.
LOOP_DISTANCES = schema(
    "distances",
    group=text(),
    which=one_of(*LoopSet),
    films=count(),
    **{name: number(nullable=True) for name in _bounded("kid")},
    fid=number(pa.Check.ge(0), nullable=True),
    fid_films=count(),
)

# As CHECKED_DIVERSITY of the prefilter, for each group.
LOOP_DIVERSITY = schema(
    "diversity",
    group=text(),
    space=text(),
    measure=text(),
    sieved=count(),
    unsieved=count(),
    **{name: number(nullable=True) for name in ("value", "chance", "lower", "upper")},
    p_value=number(SHARE, nullable=True),
)

# What a linear unit learns from each arm with so many real films (0: synthetic ones alone), judged on real test films:
# mean ROC-AUC of the seeds, and its gain over as many real films alone (synthetic films alone: over the most), with
# intervals, a two-sided p-value and that adjusted by Holm for all gains of the table. `training_films` is the mean of
# the seeds, with the synthetic ones and the augmented copies.
TRAINING_COMPARISON = schema(
    "comparison",
    arm=one_of(*TrainingArm),
    real_films=count(),
    synthetic_films=count(),
    training_films=number(pa.Check.gt(0)),
    **{name: number(nullable=True) for name in _bounded("roc_auc", "gain")},
    p_value=number(SHARE, nullable=True),
    holm=number(SHARE, nullable=True),
)

# Whether classifiers (`judge`: trained without and with augmentation) still agree with the label on changed test films:
# shares of the films (`agree_before`) and of the copies (`agree_after`; `kept`: of films that it agreed on), their
# difference, and `preserved`, 1 if the lower bound of the difference is above minus the margin. `setting` is empty for
# all augmentations together.
LABEL_PRESERVATION = schema(
    "preservation",
    judge=one_of(*Augmentation),
    augmentation=text(),
    setting=number(nullable=True),
    films=count(1),
    agree_before=number(SHARE),
    agree_after=number(SHARE),
    **{name: number(nullable=True) for name in _bounded("kept", "difference")},
    preserved=count(),
)

# How far two sets of `films` films each are apart in the features of a backbone, by the films and by what was done to
# its normalisation: ROC-AUC of a classifier that tells them apart, and KID, with intervals.
TRAINING_GAP = schema(
    "domain_gap",
    features=text(),
    measure=one_of("roc_auc", "kid"),
    value=number(),
    lower=number(nullable=True),
    upper=number(nullable=True),
    films=count(1),
)

_YIELD = {
    "latents": count(1),
    "films": count(),
    "acceptance": number(SHARE),
    "good": count(),
    **{name: number(SHARE, nullable=True) for name in _bounded("precision")},
    "seconds_per_good": number(pa.Check.ge(0), nullable=True),
    **{name: number(pa.Check.ge(0), nullable=True) for name in _bounded("saving", "saving_drawing")},
}

# What each way to good films came to on fresh latents of a group. A predictor at `depth` of the generator (0: the
# latent itself) judged `latents`, of which so many `films` were finished and scored (`acceptance`). `precision` is the
# share of good ones (Wilson), and `saving` the cost of a good film if all are drawn and scored, by its cost here with
# judging; its bounds are of a bootstrap of latents that all ways share. `saving_drawing` counts the generator's work
# alone. `moved` latents arrived at `target` standard deviations of the score (or at the threshold, if higher), on
# average a `distance` from where they came, and `moved_good` of their films are good. The first `compared` good films
# of each way: FID and KID to real films that no generator has seen, the share of them among real ones (`real_like`),
# recall, density and coverage (`radsieve.coverage`), and the mean distance of two of them, by features and by latents.
# `reason`: why everything is accepted, if so.
SIEVING_WAYS = schema(
    "ways",
    group=text(),
    way=text(),
    depth=number(pa.Check.ge(0), nullable=True),
    target=number(pa.Check.ge(0), nullable=True),
    **_YIELD,
    moved=count(),
    moved_good=count(),
    distance=number(pa.Check.ge(0), nullable=True),
    compared=count(),
    **{
        name: number(nullable=True)
        for name in (
            "fid",
            *_bounded("kid"),
            "real_like",
            "recall",
            "density",
            "coverage",
            "feature_distance",
            "latent_distance",
        )
    },
    reason=text(nullable=True),
)

# Judging latents at each depth of a group's generator, from the latent (0) to the finished film (the last): how many
# `activations` are looked at, and the multiply-adds up to there with judging: absolute, as a share of the generator's,
# and of drawing and scoring a film. Out of fold on the scored films: ROC-AUC with bounds, the share accepted at the
# least cost, and the saving that this promises; `chosen` is 1 for the depth that promises most, of those between the
# first and the last. The other columns as in SIEVING_WAYS, on fresh latents.
SIEVING_DEPTHS = schema(
    "depths",
    group=text(),
    depth=count(),
    activations=count(1),
    multiply_adds=count(1),
    generator_share=number(pa.Check.ge(0)),
    film_share=number(pa.Check.ge(0)),
    **{name: number(SHARE, nullable=True) for name in _bounded("roc_auc")},
    share_expected=number(SHARE),
    saving_expected=number(pa.Check.ge(0), nullable=True),
    chosen=count(),
    **_YIELD,
    reason=text(nullable=True),
)

# The films that ways were compared on: those of fresh latents (way `pool`), with the ways that would draw them, and
# those of latents that a way has moved by a `distance`. `row` numbers the latents of the pool of a group.
SIEVED_FILMS = schema(
    "films",
    group=text(),
    way=text(),
    row=count(),
    drawn_by=text(),
    distance=number(pa.Check.ge(0)),
    valid=count(),
    **{score: number() for score in SCORES},
)
