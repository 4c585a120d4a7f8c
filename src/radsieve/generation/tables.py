"""A schema for every table that passes between the stages of the generation track; `radsieve.tables` reads them."""

from enum import StrEnum

import pandera.pandas as pa

from radsieve.screening.tables import SCORES
from radsieve.tables.columns import PATH, SHARE, count, number, one_of, schema, text

# where a saving stands otherwise, in sentences
NO_SAVING = "no saving, for want of good images"


class Origin(StrEnum):
    """Whether an image is a patient's or a generator's."""

    REAL = "real"
    SYNTHETIC = "synthetic"


class NearestSource(StrEnum):
    """For which images the nearest training images were searched: generated ones, or held-out real ones."""

    GENERATED = "generated"
    HELD_OUT = "held_out"


class LoopSet(StrEnum):
    """New images from unsieved latents, the good ones of them, those from sieved latents, and the good ones of them."""

    GENERATED = "generated"
    SCREENED = "screened"
    SIEVED = "sieved"
    KEPT = "kept"


class TrainingArm(StrEnum):
    """What a classifier learns from: see `radsieve.generation.training_use.comparison`."""

    REAL = "real"
    SYNTHETIC = "synthetic"
    WITH_SYNTHETIC = "real + synthetic"
    WITH_SCREENED = "real + screened synthetic"
    WITH_COPIES = "real + augmentation"


class AugmentationUse(StrEnum):
    """Whether a classifier learnt from augmented copies."""

    WITHOUT = "trained without"
    WITH = "trained with"


class SievingMethod(StrEnum):
    """Methods of finding latents of good images; those that move latents have a target behind their name."""

    UNSIEVED = "unsieved"
    SIEVE = "stored sieve"
    Z = "z at minimum cost"
    EXIT = "early exit"
    IMAGE = "finished image"
    CASCADE = "z, then deeper"
    MOVED_Z = "moved by z"
    MOVED_EXIT = "moved by early exit"
    REWEIGHTED = "reweighted"


# methods that are not compared with the stored sieve: itself, no method at all, and one that looks at finished images
NOT_COMPARED = (SievingMethod.UNSIEVED, SievingMethod.SIEVE, SievingMethod.IMAGE)
MIN_GOOD = 10  # good images of a method, below which there are too few to compare it with others


def _bounded(*names: str) -> list[str]:
    """The columns of estimates: the value, and the bounds of its interval."""
    return [f"{name}{end}" for name in names for end in ("", "_lower", "_upper")]


# The course of a training (stage train_gan), a row per round. The losses are means over the round. FID and KID
# (unbiased, may be negative, with a jackknife interval) compare the generated images with the real ones of the
# validation split; `fid_real` and `kid_real`, the same in all rows, compare images of the training split with them.
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

# The image of the training split that is nearest to each generated image, and to each real image of the test split
# (`held_out`): by the features of a network, and by the root of the mean squared
# difference of pixels in [0, 1].
NEAREST_IMAGES = schema(
    "nearest",
    image=text(PATH),
    source=one_of(*NearestSource),
    feature_image=text(PATH),
    feature_distance=number(pa.Check.ge(0)),
    pixel_image=text(PATH),
    pixel_distance=number(pa.Check.ge(0)),
)

_TEST = pa.Check.str_matches(r"^[0-9a-f]{12}$", error="must be 12 hexadecimal digits")

# What a visual Turing test shows, in this order: `place` is 1, 2, ..., `image` the name of the image in its pack.
# `test` is the same in all rows, and in the answers to it.
TURING_KEY = schema("key", test=text(_TEST), place=count(1), kind=one_of(*Origin), image=text(PATH))

# What one reader answered, as the page of the test gives it; `seconds` from seeing the image to the answer.
TURING_ANSWERS = schema(
    "answers",
    test=text(_TEST),
    reader=text(pa.Check.str_length(min_value=1)),
    place=count(1),
    answer=one_of(*Origin),
    seconds=number(pa.Check.ge(0)),
)

# How well each reader, and all together, tell synthetic images from real ones: shares in [0, 1] (`taken_for_real` of
# the synthetic images), d' and criterion of signal detection, with their intervals and the number of answers behind
# them.
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

# How many readers answered on each image of the test, and how many of them took it for real.
TURING_IMAGES = schema(
    "images", place=count(1), kind=one_of(*Origin), image=text(PATH), answers=count(), taken_for_real=count()
)

# Results of the whole loop, a row for each group. `rows` images were scored to learn from: their `valid_rate` (Wilson)
# and the cross-validated `roc_auc` of the predictor; `threshold` of the sieve by `rule` (`reason`: why it accepts
# everything, if so). On `images` new ones of each arm: the share of good ones before and after sieving; the seconds per
# good image without the sieve divided by those with it (`saving`, at the seconds of its card), as expected and as
# observed; the coverage of the good images by those from sieved latents, beside that of as many random ones (network
# features); FID and KID of all images and of those kept (accepted and good), against real images of the test
# split, FID at equal numbers. Empty where not defined.
LOOP = schema(
    "loop",
    group=text(),
    rows=count(1),
    **{name: number(nullable=True) for name in _bounded("valid_rate", "roc_auc")},
    model=text(),
    rule=text(),
    threshold=number(SHARE),
    reason=text(nullable=True),
    images=count(1),
    **{
        name: number(nullable=True)
        for name in (
            *_bounded("precision_before", "precision_after", "saving_expected", "saving_observed"),
            "coverage",
            "coverage_by_chance",
            "fid_all",
            "fid_kept",
            *_bounded("kid_all", "kid_kept"),
        )
    },
)

# How far new images are from real ones, by group: all of arm `unsieved` (generated) and the good ones of them
# (screened), all of arm `sieved` (sieved) and the good ones of them (kept). KID is of all `images` with its interval;
# FID, which depends on the number, of the first `fid_images` of each; `real_images` are those of the test split. Empty
# for fewer than three images.
LOOP_DISTANCES = schema(
    "distances",
    group=text(),
    which=one_of(*LoopSet),
    images=count(),
    **{name: number(nullable=True) for name in _bounded("kid")},
    fid=number(pa.Check.ge(0), nullable=True),
    fid_images=count(),
    real_images=count(1),
)

# As CHECKED_DIVERSITY of the prefilter, for each group, with Holm's p-value for all tests of the table.
LOOP_DIVERSITY = schema(
    "diversity",
    group=text(),
    space=text(),
    measure=text(),
    sieved=count(),
    unsieved=count(),
    **{name: number(nullable=True) for name in ("value", "chance", "lower", "upper")},
    p_value=number(SHARE, nullable=True),
    holm=number(SHARE, nullable=True),
)

# What a linear unit learns from each arm with so many real images (0: synthetic ones alone), evaluated on real test
# images: mean ROC-AUC of the seeds, and its gain over as many real images alone (synthetic images alone: over the
# most), with intervals over the units of the test images, a two-sided p-value and that adjusted by Holm for all gains
# of the table. `training_images` are counted with the synthetic ones and the augmented copies; seeds differ, since
# whole units are drawn.
TRAINING_COMPARISON = schema(
    "comparison",
    arm=one_of(*TrainingArm),
    real_images=count(),
    synthetic_images=count(),
    training_images_min=count(1),
    training_images_max=count(1),
    test_images=count(1),
    test_units=count(1),
    **{name: number(nullable=True) for name in _bounded("roc_auc", "gain")},
    p_value=number(SHARE, nullable=True),
    holm=number(SHARE, nullable=True),
)

# Whether classifiers (`classifier`: trained without and with augmentation) still agree with the label on changed test
# images: shares of the images (`agree_before`) and of the copies (`agree_after`; `kept`: of images on which it agreed),
# their difference, and `preserved`, 1 if the lower bound of the difference is above minus the margin. `setting` is
# empty for all augmentations together.
LABEL_PRESERVATION = schema(
    "preservation",
    classifier=one_of(*AugmentationUse),
    augmentation=text(),
    setting=number(nullable=True),
    images=count(1),
    agree_before=number(SHARE),
    agree_after=number(SHARE),
    **{name: number(nullable=True) for name in _bounded("kept", "difference")},
    preserved=count(),
)

# How far apart two sets of `images` images each are in the features of a backbone, by the images and by the statistics
# of its normalisation: ROC-AUC of a classifier that tells them apart, and KID, with intervals.
TRAINING_GAP = schema(
    "domain_gap",
    features=text(),
    measure=one_of("roc_auc", "kid"),
    value=number(),
    lower=number(nullable=True),
    upper=number(nullable=True),
    images=count(1),
)

_YIELD = {
    "latents": count(1),
    "images": count(),
    "acceptance": number(SHARE),
    "good": count(),
    **{name: number(SHARE, nullable=True) for name in _bounded("precision")},
    "seconds_per_good": number(pa.Check.ge(0), nullable=True),
    **{name: number(pa.Check.ge(0), nullable=True) for name in _bounded("saving", "saving_generation")},
}

# Results of each method of getting good images on new latents of a group. A predictor at `depth` of the generator (0:
# the latent itself) evaluated `latents`, of which so many `images` were finished and scored (`acceptance`). `precision`
# is the share of good ones (Wilson), and `saving` the cost of a good image if all are generated and scored, divided by
# its cost here with evaluation; its bounds are of a Bayesian bootstrap of latents that all methods share, with half a
# row in each cell (`radsieve.generation.sieving.costs`). It is empty without a method, and where every latent is
# accepted by definition. `saving_generation` counts the generator's work alone. `against_sieve` is the cost of a good
# image by the stored sieve divided by that here, on the same latents, with a two-sided p-value and that adjusted by
# Holm for all comparisons of the table; empty where there are fewer than MIN_GOOD good images. `moved` latents arrived
# at `target` standard deviations of the score (or at the threshold, if higher), on average a `distance` from where they
# started, and `moved_good` of their images are good. The first `compared` good images of each method: FID and KID to
# real images of the test split, the share of them among real ones (`real_like`), recall, density and coverage
# (`radsieve.stats.distances`), and the mean distance of two of them, by features and by latents. `reason`: why
# everything is accepted, if so.
SIEVING_METHODS = schema(
    "methods",
    group=text(),
    method=text(),
    depth=number(pa.Check.ge(0), nullable=True),
    target=number(pa.Check.ge(0), nullable=True),
    **_YIELD,
    **{name: number(pa.Check.ge(0), nullable=True) for name in _bounded("against_sieve")},
    p_value=number(SHARE, nullable=True),
    holm=number(SHARE, nullable=True),
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

# Evaluating latents at each depth of a group's generator, from the latent (0) to the finished image (the last): how
# many `activations` are used, and the multiply-adds up to there with evaluation: absolute, as a share of the
# generator's, and of generating and scoring an image. Out of fold on the scored images: ROC-AUC with bounds, the share
# accepted at the minimum cost, and the expected saving; `chosen` is 1 for the depth with the greatest expected saving,
# of those between the first and the last. The other columns as in SIEVING_METHODS, on new latents.
SIEVING_DEPTHS = schema(
    "depths",
    group=text(),
    depth=count(),
    activations=count(1),
    multiply_adds=count(1),
    generator_share=number(pa.Check.ge(0)),
    image_share=number(pa.Check.ge(0)),
    **{name: number(SHARE, nullable=True) for name in _bounded("roc_auc")},
    share_expected=number(SHARE),
    saving_expected=number(pa.Check.ge(0), nullable=True),
    chosen=count(),
    **_YIELD,
    reason=text(nullable=True),
)

# The images that methods were compared on: those of new latents (method `pool`), with the methods that would generate
# them, and those of latents that a method has moved by a `distance`. `row` numbers the latents of the pool of a group.
SIEVED_IMAGES = schema(
    "images",
    group=text(),
    method=text(),
    row=count(),
    generated_by=text(),
    distance=number(pa.Check.ge(0)),
    valid=count(),
    **{score: number() for score in SCORES},
)
