"""A schema for every table that passes between the stages of screening; read and written by `radsieve.tables`."""

from enum import StrEnum

import pandera.pandas as pa

from radsieve.screening.audit_tables import AUDIT_COUNTS as AUDIT_COUNTS
from radsieve.screening.audit_tables import AUDIT_PAIRS as AUDIT_PAIRS
from radsieve.screening.audit_tables import AUDIT_REPAIRED as AUDIT_REPAIRED
from radsieve.screening.audit_tables import Crossing as Crossing
from radsieve.screening.segmentation_tables import SEGMENTATION_SCORES as SEGMENTATION_SCORES
from radsieve.screening.segmentation_tables import SEGMENTED as SEGMENTED
from radsieve.tables.columns import _FLAG, PATH, SHARE, count, flag, number, one_of, schema, text
from radsieve.tables.images import Split

SCORES = ("score_shape", "score_abnormal", "score_maxheat", "score_symmetry", "score_left2right")
FEATURES = (
    "iou", "cosine", "area_asymmetry", "iou_dilated", "cosine_dilated", "area_asymmetry_dilated",
)  # fmt: skip


def component_names(components: int) -> tuple[str, ...]:
    """Return the names of so many components of a latent: z000, z001 and so on."""
    return tuple(f"z{component:03}" for component in range(components))


LATENTS = component_names(128)


class LabelSource(StrEnum):
    """By what a model is evaluated: the labels from which it learnt, or the truth, without the noise of the labels."""

    LABELS = "labels"
    TRUTH = "truth"


# Learning curves: one row per epoch; the validation columns are means over images.
CURVES = schema(
    "curves",
    epoch=count(1),
    train_loss=number(),
    validation_loss=number(),
    validation_score=number(),
    learning_rate=number(),
)

# Probability of the positive class for each image; the heat is the maximum of the Grad-CAM map (not rescaled).
# `positive` is 1 if the probability reaches the classifier's operating point.
PREDICTIONS = schema(
    "predictions", file=text(PATH), probability=number(SHARE), max_heat=number(pa.Check.ge(0)), positive=flag()
)

# Held-out images: true label (0 or 1) and probability.
HELD_OUT = schema(
    "predictions", image=text(PATH), patient=text(), unit=text(), group=text(), truth=flag(), probability=number(SHARE)
)

# The same of the images that calibrated the probability and chose the operating point, by a model that had not seen
# them.
UNSEEN = schema("unseen", **HELD_OUT.columns)

# The area under the receiver operating characteristic of a linear unit by its regularisation (`c`: the inverse strength
# of L2), on the images to which it was fitted and on the held-out units, for each fold of the cross-validation that
# chose C.
REGULARIZATION = schema(
    "regularization",
    c=number(pa.Check.gt(0)),
    fold=count(1),
    train_auc=number(SHARE),
    validation_auc=number(SHARE),
)

# The sex by what the network sees of an image, cross-validated by unit: without the share `top_crop` of the height,
# and as a `whole` or in `halves`. The difference is that from the whole image, uncropped, on the same resamples.
ABLATION = schema(
    "ablation",
    top_crop=number(SHARE),
    views=one_of("whole", "halves"),
    metric=text(),
    value=number(SHARE),
    lower=number(SHARE),
    upper=number(SHARE),
    difference=number(nullable=True),
    difference_lower=number(nullable=True),
    difference_upper=number(nullable=True),
)

# Where on each held-out image the heat is: its share inside and outside of the lungs (empty without any heat), and the
# share of the image that is lung, which is the share that evenly spread heat would have inside.
SHORTCUT = schema(
    "shortcut",
    image=text(PATH),
    patient=text(),
    unit=text(),
    group=text(),
    truth=flag(),
    probability=number(SHARE),
    heat_inside=number(SHARE, nullable=True),
    heat_outside=number(SHARE, nullable=True),
    lung_share=number(SHARE),
)

# Receiver operating characteristic and precision by threshold.
# Rates with their intervals, clustered by unit.
ROC = schema(
    "roc",
    threshold=number(),
    fpr=number(SHARE),
    tpr=number(SHARE),
    precision=number(SHARE),
    tpr_lower=number(SHARE),
    tpr_upper=number(SHARE),
    fpr_lower=number(SHARE),
    fpr_upper=number(SHARE),
)

# How often a classifier is right at its operating point: `count` of `of` images, their share with its interval,
# clustered by unit. ppv and npv are the positive and the negative predictive value.
OPERATING_POINT = schema(
    "operating_point",
    measure=one_of("sensitivity", "specificity", "ppv", "npv", "accuracy"),
    count=count(),
    of=count(),
    value=number(SHARE, nullable=True),
    lower=number(SHARE, nullable=True),
    upper=number(SHARE, nullable=True),
)

# Held-out images by their label and by what they were called; shares are those of the images of a label.
CONFUSION = schema(
    "confusion",
    label=text(),
    called=text(),
    images=count(),
    of=count(),
    share=number(SHARE, nullable=True),
    lower=number(SHARE, nullable=True),
    upper=number(SHARE, nullable=True),
)

# Mean probability, and the share that is positive with its clustered interval, in each range of probabilities that has
# images.
RELIABILITY = schema(
    "reliability",
    bin_from=number(SHARE),
    bin_to=number(SHARE),
    images=count(1),
    positive_images=count(),
    mean_probability=number(SHARE),
    share_positive=number(SHARE),
    lower=number(SHARE),
    upper=number(SHARE),
)

# Results by subgroup of the held-out images. `count` of `of` images where the measure is a share; the difference is
# that from all other images. Units of a segmenter's images, which have no label, count as negative.
SUBGROUPS = schema(
    "subgroups",
    attribute=text(),
    subgroup=text(),
    images=count(1),
    patients=count(1),
    positive_images=count(),
    positive_units=count(),
    negative_units=count(),
    measure=text(),
    count=number(nullable=True),
    of=number(nullable=True),
    value=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    difference=number(nullable=True),
    difference_lower=number(nullable=True),
    difference_upper=number(nullable=True),
)


class AlterationKind(StrEnum):
    """What an alteration does to an image, from which it follows how scores should respond."""

    NONE = "none"
    EXPOSURE = "exposure"
    MIRRORED = "mirrored"
    MOVED = "moved"
    UNEQUAL = "unequal"
    LUNG_LOST = "lung lost"


class Expected(StrEnum):
    """How a score should respond to an alteration."""

    UNCHANGED = "unchanged"
    LOWER = "lower"
    EITHER = "either"


# The images with which the scores are compared (`alteration` is `none`) and altered copies of some of them. `original`
# is the image of which a copy was made (for others their own name), `unit` that of the original. An alteration names
# the lung as the patient's, and the side of the image where it lies as radiographs are displayed.
REFERENCE_IMAGES = schema(
    "images",
    image=text(PATH),
    original=text(PATH),
    unit=text(),
    split=one_of(*Split),
    alteration=text(),
    kind=one_of(*AlterationKind),
)

# Generated images, row by row as in data/generated (images.npy, latents.npy).
GENERATED_IMAGES = schema("images", image=text(PATH), group=text())

# What the phantom decoder made; no rows for another generator. `good` is 1 if everything is within the range of true
# images.
GENERATED_TRUTH = schema(
    "truth", image=text(PATH), asymmetry=number(pa.Check.ge(0)), finding=text(), arm=flag(), good=flag()
)

# The six features of symmetry of a mask (Sinyavsky, term paper, part 1): on the halves as they are and after dilation.
SYMMETRY_FEATURES = schema("features", image=text(PATH), **{name: number(SHARE) for name in FEATURES})

# What a user says about each image: `image` is its name in the table of features, `good` is 1 or 0.
SYMMETRY_LABELS = schema("labels", image=text(PATH), good=flag())

# How well each method of accepting images performs out of fold. `evaluated_by` is `labels` (from which the models
# learned) or `truth` (without the noise of the labels, where it is known); bad per good is the number of bad images for
# each good one among all images (before) and among those accepted (after). Empty where not defined.
SYMMETRY_COMPARISON = schema(
    "comparison",
    model=text(),
    evaluated_by=one_of(*LabelSource),
    metric=text(),
    value=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
)

# Whether a model does better out of fold than the `best single feature`, on the same images: `difference` is its metric
# minus that of the feature, with bootstrap bounds over units of both at once, and for the area DeLong's p-value and the
# same adjusted for all models (Holm); empty where not defined.
SYMMETRY_DIFFERENCES = schema(
    "differences",
    model=text(),
    evaluated_by=one_of(*LabelSource),
    metric=one_of("roc_auc", "recall", "precision"),
    images=count(),
    difference=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    p_value=number(SHARE, nullable=True),
    p_adjusted=number(SHARE, nullable=True),
)

# The prediction for each image by each model in the fold that had not seen it; `truth` is empty where it is not known.
SYMMETRY_PREDICTIONS = schema(
    "predictions",
    model=text(),
    image=text(PATH),
    group=text(),
    fold=count(1),
    label=flag(),
    truth=number(_FLAG, nullable=True),
    probability=number(SHARE),
    accepted=flag(),
)

# Images by their label (`good`) and whether they were accepted (`accepted`), out of fold, with the share among those of
# the same label and its Wilson interval.
SYMMETRY_CONFUSION = schema(
    "confusion",
    model=text(),
    evaluated_by=one_of(*LabelSource),
    good=flag(),
    accepted=flag(),
    images=count(),
    share=number(SHARE, nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
)

# The receiver operating characteristic and precision by recall of each model: the result of accepting images from
# `threshold` on, evaluated by the labels.
SYMMETRY_CURVES = schema(
    "curves",
    model=text(),
    threshold=number(SHARE),
    false_positive_rate=number(SHARE),
    recall=number(SHARE),
    precision=number(SHARE),
)

# Reliability: images by predicted probability of being good, and the share labelled good, with Wilson's interval.
SYMMETRY_CALIBRATION = schema(
    "calibration",
    model=text(),
    bin_from=number(SHARE),
    bin_to=number(SHARE),
    images=count(1),
    mean_probability=number(SHARE),
    share_good=number(SHARE),
    lower=number(),
    upper=number(),
)

# The five scores of each generated image, and whether it passes all; `SCORED_LATENTS` is the same with its latent.
_SCORED = {"group": text(), "valid": flag(), **{name: number(pa.Check.le(1)) for name in SCORES}}
SCORED_IMAGES = schema("scores", image=text(PATH), **_SCORED)
SCORED_LATENTS = schema("latents", **_SCORED, **{name: number() for name in LATENTS})

# The five scores of each true image and of each altered copy.
REFERENCE_SCORES = schema(
    "reference",
    **dict(REFERENCE_IMAGES.columns.items()),
    valid=flag(),
    **{name: number(pa.Check.le(1)) for name in SCORES},
)

# The threshold of each score: `threshold` is the value of `quantity` at which the score is 0, and `share` the share of
# the true images of a split that pass. On `validation` the threshold of each score was set, so that its share there is
# what was asked for `by_definition` and has no interval; others have Wilson's, clustered by `units`. `difference` is
# the share on `test` minus that on `validation`, with Newcombe's interval (1998, method 10). `valid` is all five.
SCALING = schema(
    "scaling",
    score=one_of(*SCORES, "valid"),
    quantity=text(),
    threshold=number(nullable=True),
    split=one_of(*Split),
    images=count(),
    units=count(),
    passed=count(),
    share=number(SHARE, nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    by_definition=flag(),
    difference=number(nullable=True),
    difference_lower=number(nullable=True),
    difference_upper=number(nullable=True),
)

# Images of each group that pass each score, and all (`valid`), with Wilson's interval. `group` is that of a generated
# image, `all generated`, or `true images` (unaltered, test split; their interval is clustered by unit).
ALL_GENERATED, TRUE_IMAGES = "all generated", "true images"  # groups of PASS_RATES
PASS_RATES = schema(
    "pass_rates",
    group=text(),
    score=one_of(*SCORES, "valid"),
    images=count(),
    passed=count(),
    share=number(SHARE, nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
)

# The scores of the generated images in the form of the published table (Sinyavsky, term paper, part 2).
SCORE_STATISTICS = schema(
    "statistics", statistic=text(), valid=number(nullable=True), **{name: number(nullable=True) for name in SCORES}
)

# How each score responds to each alteration of true images, of which no two are of one unit, and how it should
# (`expected`): the median change against the unaltered image with its bootstrap interval (empty for `valid`), the share
# that passes of the unaltered and of the altered images, with Wilson's interval of the latter, and the difference of
# the two with Newcombe's interval for paired shares (1998, method 10).
REACTIONS = schema(
    "reactions",
    alteration=text(),
    kind=one_of(*AlterationKind),
    score=one_of(*SCORES, "valid"),
    expected=one_of(*Expected),
    images=count(1),
    median_change=number(nullable=True),
    change_lower=number(nullable=True),
    change_upper=number(nullable=True),
    share_before=number(SHARE),
    share_after=number(SHARE),
    share_lower=number(),
    share_upper=number(),
    share_difference=number(),
    difference_lower=number(),
    difference_upper=number(),
)
