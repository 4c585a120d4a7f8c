"""A schema for every table that passes between the stages of screening; read and written by `radsieve.tables`."""

from enum import StrEnum

import pandera.pandas as pa

from radsieve.columns import DIGEST, PATH, SHARE, count, number, one_of, schema, text

SCORES = ("score_shape", "score_abnormal", "score_maxheat", "score_symmetry", "score_left2right")
FEATURES = (
    "iou", "cosine", "area_asymmetry", "iou_dilated", "cosine_dilated", "area_asymmetry_dilated",
)  # fmt: skip
LATENTS = tuple(f"z{component:03}" for component in range(128))
_FLAG = pa.Check.isin([0, 1])


class Split(StrEnum):
    """What a film is for: to learn from, to choose settings by, or to judge the result by. No patient is in two."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class LabelSource(StrEnum):
    """What a model is judged by: the labels that it learnt from, or the truth, without the noise of the labels."""

    LABELS = "labels"
    TRUTH = "truth"


def flag() -> pa.Column:
    """A column of 0 and 1."""
    return pa.Column("int64", _FLAG)


# Chest phantoms, one row per film in the order drawn. `film` is the path below data/chests/films, which the masks below
# data/chests/lungs and data/chests/breasts share; `sex` F or M; `age` in years; `finding` normal or abnormal; `arm` 1
# if one lies on the film; `asymmetry` is the greatest relative difference between widths or heights of the two lungs.
CHEST_TRUTH = schema(
    "truth",
    film=text(PATH),
    patient=text(),
    sex=one_of("F", "M"),
    age=number(),
    finding=one_of("normal", "abnormal"),
    arm=flag(),
    asymmetry=number(pa.Check.ge(0)),
)

# Skin phantoms: `film` is the path below data/lesions/films and of the mask below data/lesions/masks.
LESION_TRUTH = schema("truth", film=text(PATH), patient=text(), area_share=number(SHARE))

# One row per film of a pack, in the order of its arrays. `film` is the path below the set's folder, `sha256` that of
# the file; `patient` never lies in two parts; `label` is empty in sets without one; `group` is any further attribute.
FILMS = schema(
    "films",
    film=text(PATH),
    sha256=text(DIGEST),
    patient=text(),
    label=text(),
    group=text(),
    part=one_of(*Split),
)

# Films that could not be used, in listing order.
FILM_QUARANTINE = schema("quarantine", film=text(PATH), reason=text(), detail=text())

# The names of the rows of a pack of films.
INDEX = schema("index", film=text(PATH))

# Learning curves: one row per epoch; the validation columns are means over films.
CURVES = schema(
    "curves",
    epoch=count(1),
    train_loss=number(),
    validation_loss=number(),
    validation_score=number(),
    learning_rate=number(),
)

# How well each held-back film was segmented; `hd95` in pixels of the packed film. If neither the mask nor the
# prediction has foreground, overlaps are 1 and hd95 is 0; if just one of them has, overlaps are 0 and hd95 is empty.
SEGMENTATION_SCORES = schema(
    "scores",
    film=text(PATH),
    patient=text(),
    pixel_accuracy=number(SHARE),
    iou=number(SHARE),
    dice=number(SHARE),
    hd95=number(pa.Check.ge(0), nullable=True),
    surface_dice=number(SHARE),
)

# What the segmenter found on each film: share of the film that is mask, number of connected parts, and the mean entropy
# of the probabilities in bits (a sign of doubt).
SEGMENTED = schema(
    "segmented",
    film=text(PATH),
    area_share=number(SHARE),
    parts=count(),
    entropy=number(SHARE),
)

# Probability of the positive class for each film; the heat is the maximum of the Grad-CAM map (not rescaled).
PREDICTIONS = schema("predictions", file=text(PATH), probability=number(SHARE), max_heat=number(pa.Check.ge(0)))

# Held-back films: true label (0 or 1) and probability.
HELD_BACK = schema(
    "predictions", film=text(PATH), patient=text(), group=text(), truth=flag(), probability=number(SHARE)
)

# The area under the receiver operating characteristic of a linear unit by its regularisation (`c`: the inverse strength
# of L2), on what it was fitted to and on the patients held back, for each fold of the cross-validation that chose C.
REGULARIZATION = schema(
    "regularization",
    c=number(pa.Check.gt(0)),
    fold=count(1),
    train_auc=number(SHARE),
    validation_auc=number(SHARE),
)

# The sex by what the network sees of a film, cross-validated by patient: without the share `top_crop` of the height,
# and as a `whole` or in `halves`. The difference is that to the whole film, uncropped, on the same resamples.
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

# Where on each held-back film the heat is: its share inside and outside of the lungs (empty without any heat), and the
# share of the film that is lung, which is what even heat would give inside.
SHORTCUT = schema(
    "shortcut",
    film=text(PATH),
    patient=text(),
    group=text(),
    truth=flag(),
    probability=number(SHARE),
    heat_inside=number(SHARE, nullable=True),
    heat_outside=number(SHARE, nullable=True),
    lung_share=number(SHARE),
)

# Receiver operating characteristic and precision by threshold.
ROC = schema("roc", threshold=number(), fpr=number(SHARE), tpr=number(SHARE), precision=number(SHARE))

# The films that the scores are held to (`alteration` is `none`) and altered copies of some of them. `original` is the
# film that a copy was made of (its own name if it is none).
REFERENCE_FILMS = schema("films", film=text(PATH), original=text(PATH), part=one_of(*Split), alteration=text())

# Generated films, row by row as in data/generated (films.npy, latents.npy).
GENERATED_FILMS = schema("films", film=text(PATH), group=text())

# What the phantom decoder drew; no rows if the generator is another. `good` is 1 if all is within what true films show.
GENERATED_TRUTH = schema(
    "truth", film=text(PATH), asymmetry=number(pa.Check.ge(0)), finding=text(), arm=flag(), good=flag()
)

# The six features of symmetry of a mask (source 002, part 1): on the halves as they are and after dilation.
SYMMETRY_FEATURES = schema("features", film=text(PATH), **{name: number(SHARE) for name in FEATURES})

# What a user says of each film: `image` is its name in the table of features, `good` is 1 or 0.
SYMMETRY_LABELS = schema("labels", image=text(PATH), good=flag())

# How well each way of accepting films does out of fold. `judged_by` is `labels` (what the models learned from) or
# `truth` (without the noise of the labels, where it is known); bad per good is the number of bad films for each good
# one among all films (before) and among those accepted (after). Empty where not defined.
SYMMETRY_COMPARISON = schema(
    "comparison",
    model=text(),
    judged_by=one_of(*LabelSource),
    metric=text(),
    value=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
)

# Each film as judged by each model in the fold that had not seen it; `truth` is empty where it is not known.
SYMMETRY_PREDICTIONS = schema(
    "predictions",
    model=text(),
    film=text(PATH),
    group=text(),
    fold=count(1),
    label=flag(),
    truth=number(_FLAG, nullable=True),
    probability=number(SHARE),
    accepted=flag(),
)

# Films by what they are (`good`) and what became of them (`accepted`), out of fold, with the share among those alike in
# `good` and its Wilson interval.
SYMMETRY_CONFUSION = schema(
    "confusion",
    model=text(),
    judged_by=one_of(*LabelSource),
    good=flag(),
    accepted=flag(),
    films=count(),
    share=number(SHARE, nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
)

# The receiver operating characteristic and precision by recall of each model: what accepting films from `threshold` on
# gives, judged by the labels.
SYMMETRY_CURVES = schema(
    "curves",
    model=text(),
    threshold=number(SHARE),
    false_positive_rate=number(SHARE),
    recall=number(SHARE),
    precision=number(SHARE),
)

# Reliability: films by predicted probability of being good, and the share labelled good, with Wilson's interval.
SYMMETRY_CALIBRATION = schema(
    "calibration",
    model=text(),
    bin_from=number(SHARE),
    bin_to=number(SHARE),
    films=count(1),
    mean_probability=number(SHARE),
    share_good=number(SHARE),
    lower=number(),
    upper=number(),
)

# The five scores of each generated film, and whether it passes all; `SCORED_LATENTS` is the same with its latent.
_SCORED = {"group": text(), "valid": flag(), **{name: number(pa.Check.le(1)) for name in SCORES}}
SCORED_FILMS = schema("scores", film=text(PATH), **_SCORED)
SCORED_LATENTS = schema("latents", **_SCORED, **{name: number() for name in LATENTS})

# Where each score lets pass: `threshold` is the value of `quantity` at which the score is 0, and `share` the share of
# the true films of a part that pass (on `validation` it was set, on `test` not), with Wilson's interval. `valid` is all
# scores together.
SCALING = schema(
    "scaling",
    score=one_of(*SCORES, "valid"),
    quantity=text(),
    threshold=number(nullable=True),
    part=one_of(*Split),
    films=count(),
    passed=count(),
    share=number(SHARE, nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
)

# Films of each group that pass each score, and all (`valid`). `group` is that of a generated film, `all generated`, or
# `true films` (unaltered, part test).
PASS_RATES = schema(
    "pass_rates",
    group=text(),
    score=one_of(*SCORES, "valid"),
    films=count(),
    passed=count(),
    share=number(SHARE, nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
)

# The scores of the generated films in the form of the published table (source 002, part 2).
SCORE_STATISTICS = schema(
    "statistics", statistic=text(), valid=number(nullable=True), **{name: number(nullable=True) for name in SCORES}
)

# How each score answers to each alteration of true films: the median change against the unaltered film with its
# bootstrap interval (empty for `valid`), and the share that passes of the unaltered and of the altered films, with
# Wilson's interval of the latter.
REACTIONS = schema(
    "reactions",
    alteration=text(),
    score=one_of(*SCORES, "valid"),
    films=count(1),
    median_change=number(nullable=True),
    change_lower=number(nullable=True),
    change_upper=number(nullable=True),
    share_before=number(SHARE),
    share_after=number(SHARE),
    share_lower=number(),
    share_upper=number(),
)
