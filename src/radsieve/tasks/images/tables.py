"""The schemas of the tables of prepare_images and train_classifier; read and written by `radsieve.tables`."""

from radsieve.tables.columns import DIGEST, PATH, SHARE, count, flag, number, one_of, schema, text
from radsieve.tables.images import Split
from radsieve.tasks.images.settings import CONCAT, PRODUCT, SUM

TEST, OUTSIDE = "test", "outside"
IMAGE, TABLE, EARLY, LATE = "image", "table", "early", "late"
JOINT = {join: f"joint {join}" for join in (CONCAT, SUM, PRODUCT)}  # by how a network joins image and table
FUSED = (IMAGE, TABLE, EARLY, LATE, *JOINT.values())
METRICS = ("accuracy", "macro_f1", "roc_auc", "kappa", "sensitivity", "specificity")

# What is known of an image: `picture` is the digest of its pixels, the same for copies; `unit` what lies in one split;
# bytes, width and height (0 if its header cannot be read) those of its file; `grey` its mean grey value.
_KNOWN = {
    "image": text(PATH),
    "picture": text(DIGEST),
    "patient": text(),
    "unit": text(),
    "label": text(),
    "bytes": count(),
    "width": count(),
    "height": count(),
    "grey": number(SHARE),
}

# One row per image of the pack `inside`, in its order.
CLASS_IMAGES = schema("images", **_KNOWN, split=one_of(*Split))

# One row per image of the pack `outside`, in its order. Not used: images whose unit is trained or chosen on.
OUTSIDE_IMAGES = schema("outside", **_KNOWN, used=flag())

# Images, different pictures and units by part and label; `outside` counts what is used.
CLASS_COUNTS = schema("counts", part=one_of(*Split, OUTSIDE), label=text(), images=count(), pictures=count(),
                      units=count())  # fmt: skip

# How well each variant tells the classes apart on images that took no part in fitting or choice: those of the test
# split, and those from outside. The row with `chosen` 1 has the least choosing_loss: the loss on validation, or on
# changed copies of it if `chosen_on` asks for them; the last two rows of a part are models that see no picture. Of two
# classes the most probable one is called; kappa is for ordered classes.
CLASS_COMPARISON = schema(
    "comparison",
    variant=text(),
    seed=count(),
    part=one_of(TEST, OUTSIDE),
    chosen=flag(),
    fitted=text(),
    validation_loss=number(nullable=True),
    choosing_loss=number(nullable=True),
    parameters=count(),
    images=count(1),
    **{f"{name}{end}": number(nullable=True) for name in METRICS for end in ("", "_lower", "_upper")},
)

# Loss of the training images and loss and accuracy of the validation images of every network, epoch by epoch; that of
# validation at the temperature that is best there, as networks answer.
CLASS_CURVES = schema(
    "curves",
    variant=text(),
    seed=count(),
    epoch=count(1),
    train_loss=number(),
    validation_loss=number(),
    validation_accuracy=number(SHARE),
)

# Each image that took no part in fitting or choice, by the chosen classifier: its class, what it was called, and the
# probability of both.
CLASS_PREDICTIONS = schema(
    "predictions",
    part=one_of(TEST, OUTSIDE),
    image=text(PATH),
    unit=text(),
    truth=text(),
    called=text(),
    probability_called=number(SHARE),
    probability_true=number(SHARE),
)

# Other images by a stored classifier, a row for each class: its probability, and whether it is the one that is called,
# the most probable.
NEW_CLASSES = schema("predictions", image=text(PATH), label=text(), probability=number(SHARE), called=flag())

# How well image and table tell two classes apart, out of fold: by each alone, joined before one model (early), by
# stacking the logits of two (late) or by a network that learns from both (joint ...), with both whole, or one missing
# or shuffled. Differences are from the image alone.
FUSION = schema(
    "comparison",
    model=one_of(*FUSED),
    image=one_of("whole", "missing", "shuffled"),
    table=one_of("whole", "missing", "shuffled"),
    images=count(1),
    **{
        f"{name}{end}": number(nullable=True)
        for name in ("roc_auc", "accuracy", "difference")
        for end in ("", "_lower", "_upper")
    },
)

# What each modality adds to the ROC-AUC of both together, beyond 0.5: the Shapley value of two players.
FUSION_SHARES = schema("shares", model=one_of(*FUSED[2:]), modality=one_of("image", "table"), share=number(),
                       share_lower=number(nullable=True), share_upper=number(nullable=True))  # fmt: skip

# Each image with the probability that each model with whole inputs gives it, fitted to the other folds.
FUSION_PREDICTIONS = schema("predictions", image=text(PATH), unit=text(), fold=count(1), truth=flag(),
                            model=one_of(*FUSED), probability=number(SHARE))  # fmt: skip

# Images by class and what they were called, with the share of their class.
CLASS_CONFUSION = schema(
    "confusion",
    part=one_of(TEST, OUTSIDE),
    truth=text(),
    called=text(),
    images=count(),
    of=count(),
    share=number(SHARE, nullable=True),
    lower=number(SHARE, nullable=True),
    upper=number(SHARE, nullable=True),
)

# Two classes: how right the chosen classifier is in each part by each method of setting threshold and probabilities,
# none of which looks at labels of that part. `share_positive` is what is thought to be the share of positive images;
# intercept and slope of Cox 1958 are 0 and 1 if probabilities are right.
CLASS_SHIFT = schema(
    "shift",
    part=one_of(TEST, OUTSIDE),
    method=text(),
    threshold=number(SHARE),
    share_positive=number(SHARE),
    true_share=number(SHARE),
    **{
        f"{name}{end}": number(nullable=True)
        for name in ("roc_auc", "accuracy", "sensitivity", "specificity", "brier", "intercept", "slope")
        for end in ("", "_lower", "_upper")
    },
)

# Reliability of the probability of the positive class (or of the one called, of several), in tenths of its range.
CLASS_CALIBRATION = schema(
    "calibration",
    part=one_of(TEST, OUTSIDE),
    method=text(),
    bin_from=number(SHARE),
    bin_to=number(SHARE),
    images=count(1),
    right=count(),
    mean_probability=number(SHARE),
    share=number(SHARE),
    lower=number(SHARE),
    upper=number(SHARE),
)
