"""Settings of the stages of image tasks, and of images with a table."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from radsieve.settings import (
    ASCENDING,
    DISTINCT,
    Confidence,
    FilePath,
    Fraction,
    ImageChanges,
    ImageSetSettings,
    Items,
    OrNone,
    Resamples,
    Seed,
    Settings,
    Several,
    Shown,
    Text,
)

ImageProtocolName = Literal[
    "honest", "shuffled_truth", "by_image", "by_row", "test_in_training", "chosen_on_test", "by_slice"
]
ENSEMBLE, FOLDS = "ensemble", "folds"
_NETWORK = r"\d+x\d+( \d+x\d+)*( (batch_norm|leaky_relu|no_pooling|average))*"
_BACKBONE = r"efficientnet_lite0 \d+(\+\d+)*( unfrozen \d+)?"
CONCAT, SUM, PRODUCT = "concat", "sum", "product"  # how a joint network puts image and table together
IGNORE, ZERO, ONE = "ignore", "zero", "one"  # what images of an uncertain label are learnt from as
VARIANT = rf"^(({_NETWORK}|{_BACKBONE})( ({ENSEMBLE}|{FOLDS}) ([2-9]|1\d|20))?|(hog|pixels) \d+ (linear|neighbour))$"


class PictureSet(ImageSetSettings):
    """Where the images of a task are, their form, and those from outside; the same keys for every set."""

    labels: Annotated[tuple[Text, ...], Strict(False), Field(min_length=2), DISTINCT]
    """Labels to tell apart, in their order if they have one; of two, the second one is the positive one. Images of
    others are left out and counted."""
    positive: OrNone[Text]
    """Regular expression: images in whose label it is found are of the second of two `labels`, all others of the first;
    or `none`, where labels are taken as they are."""
    pixels: Annotated[int, Field(ge=16, le=1024)]
    """Width and height of the packed images in pixels, to which every image is resized."""
    max_megapixels: Annotated[float, Field(gt=0, le=1000)]
    """Largest picture that is decoded, in 10^6 pixels; larger ones are quarantined undecoded."""
    only_shape: OrNone[Annotated[str, Field(pattern=r"^\d+x\d+$")]]
    """Width and height in pixels of the files to keep, such as 300x162; others are left out and counted; or `none`."""
    outside_images: OrNone[FilePath]
    """Folder of images from elsewhere, on which nothing is trained or chosen; columns and patterns are those of the
    set; $NAME stands for an environment variable; or `none`."""
    outside_table: OrNone[FilePath]
    """CSV with a row per image of them, or `none`."""
    hash_distance: Annotated[int, Field(ge=0, le=16)]
    """Largest distance, in bits of 64, between the hashes of two images that are compared."""
    min_similarity: Annotated[float, Field(gt=0, le=1)]
    """Correlation from which two registered images are taken for the same picture, and never divided."""


class PrepareImages(Settings):
    """Bring the images of each task to one form and divide them, units whole."""

    pneumonia: PictureSet
    """Chest radiographs, normal or not, with those of another hospital outside."""
    modalities: PictureSet
    """Slices of scans by what they show."""
    knee: PictureSet
    """Knees by grade, as two readers graded them."""
    chest: PictureSet
    """Chest radiographs of which a table says more, for fuse_modalities."""


class ClassifierSettings(ImageChanges):
    """How the classifiers of a set are built, trained and evaluated, and how training images of networks are changed,
    each one at random; the same keys for every set."""

    variants: Several[Annotated[str, Field(pattern=VARIANT)]]
    """Classifiers to compare. `32x1 64x1`: a convolutional network of two blocks of one layer with 32 and 64 filters,
    each followed by pooling; words after them: batch_norm, leaky_relu, no_pooling, average (of the last maps, in place
    of a dense layer). `efficientnet_lite0 224`: that network, trained on ImageNet, at an input of 224 pixels (several
    as 160+224), frozen, with a linear model of its features; `unfrozen 4` trains its last 4 of 16 blocks on. `ensemble
    3` at the end, of a network that is trained: the mean of 3 trainings from other first weights; `folds 5`: of 5, each
    on the images of training and validation but a fifth, units whole, that chooses its epoch. `hog 64 linear`, `pixels
    16 neighbour`: histograms of gradients, or the pixels, at that input, by logistic regression or the nearest image of
    each class."""
    input_pixels: Annotated[int, Field(ge=8, le=1024)]
    """Width and height of the images that networks without ImageNet see."""
    scale: Annotated[float, Field(gt=0, le=255)]
    """What grey values from 0 to 255 are divided by for these networks; 255 gives 0 to 1."""
    dense: Annotated[int, Field(ge=1, le=4096)]
    """Units of their dense layer."""
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Share of the inputs of the last layer that is left out in training."""
    optimizer: Literal["adam", "sgd"]
    """AdamW, or gradient descent with momentum 0.9."""
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    """Learning rate of networks; that of an unfrozen backbone rises to it and falls again."""
    epochs: Annotated[int, Field(ge=1, le=1000)]
    """Passes over the training images; the weights are those of the epoch with the least loss on validation, at the
    temperature that is best there."""
    batch: Annotated[int, Field(ge=2, le=512)]
    """Images of each step of the training."""
    seeds: Annotated[int, Field(ge=1, le=20)]
    """How often each network is trained, from other first weights, each training a candidate of its own; an ensemble is
    one candidate, and so are folds."""
    mirror: Fraction
    """Share of the training images that are mirrored left to right. Above 0, a network that is trained on them answers
    with the mean of its logits of an image and of its mirror image."""
    chosen_on: Literal["validation", "changed"]
    """What chooses a variant: the validation images as they are, or copies of them that are changed by the settings by
    which training images are, which ask for what other devices ask for, too. Copies are changed at the size at which
    the set is stored, training images at that of the network, where noise and blur weigh more."""
    strengths: Annotated[Several[Annotated[float, Field(gt=0, le=1000)]], ASCENDING]
    """Strengths C of logistic regression to try, of which validation chooses."""
    ordered: bool
    """Whether labels have an order, so that the quadratic weighted kappa means something."""
    protocols: Several[ImageProtocolName]
    """How classifiers are evaluated: `honest` and the mistakes that are repeated."""
    protocol_variants: Several[Text]
    """Those of `variants` that are evaluated by protocols that train again."""
    heatmaps: Annotated[int, Field(ge=1, le=64)]
    """Test images of which the figure shows where the network looks."""
    worst_images: Shown
    """Maximum number of images of each part in the figure of those that are called wrongly with the most certainty."""
    bootstrap: Resamples
    """Bootstrap resamples of the intervals."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class TrainClassifier(Settings):
    """Train classifiers of images, choose one on validation, and evaluate it by protocols."""

    pneumonia: ClassifierSettings
    """Chest radiographs, normal or not."""
    modalities: ClassifierSettings
    """Slices of scans by what they show."""
    knee: ClassifierSettings
    """Knees by the grade that readers gave."""


class JointSettings(Settings):
    """The joint networks of image and table of fuse_modalities, and how they are trained."""

    joins: Items[Literal["concat", "sum", "product"]]
    """How the units of the two branches are joined, a network for each: side by side, or unit by unit; [] for none."""
    width: Annotated[int, Field(ge=1, le=1024)]
    """Units of each branch."""
    modality_dropout: Annotated[float, Field(ge=0, le=0.5)]
    """Share of the rows of each step of which the image is left out, and the same share of which the table is, never
    both: a vector that is learnt takes its place."""
    epochs: Annotated[int, Field(ge=1, le=1000)]
    """Passes over the rows at most; inner folds choose how many."""
    batch: Annotated[int, Field(ge=2, le=4096)]
    """Rows of each step of the training."""
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    """Learning rate of Adam."""


class FuseModalities(Settings):
    """Predict the class of the set chest of prepare_images from image and table, each alone and both together."""

    table: FilePath
    """CSV with a row per image; $NAME stands for an environment variable."""
    name: Text
    """Column of the table with the path of the image below the folder of the set."""
    numbers: Items[Text]
    """Columns with numbers, such as the age; empty cells are missing."""
    codes: Items[Text]
    """Columns with codes that have no order, such as the sex; an empty cell is a level of its own."""
    findings: Items[Text]
    """Columns that follow from the class, such as what a report says; the protocol with_findings adds them."""
    acquisition: Items[Text]
    """Columns that say how an image was taken, such as the view; the protocol view_known adds them."""
    uncertain_label: OrNone[Text]
    """Label of the set that means neither of two others, such as -1.0 in a table of findings; the protocol
    uncertain_negative counts it as the first one, in learning and evaluation; or `none`."""
    uncertain: Literal["ignore", "zero", "one"]
    """What images of that label are learnt from as: not at all, as of the first label, or as of the second one. None of
    them is evaluated."""
    pixels: Several[Annotated[int, Field(ge=32, le=1024)]]
    """Input sizes of EfficientNet-Lite0 in pixels, whose features of all sizes are joined."""
    strengths: Annotated[Several[Annotated[float, Field(gt=0, le=1000)]], ASCENDING]
    """Strengths C of logistic regression to try, of which inner folds choose."""
    joint: JointSettings
    """Networks that learn from image and table at once."""
    folds: Annotated[int, Field(ge=2, le=20)]
    """Folds of the cross-validation, which keeps units whole."""
    bootstrap: Resamples
    """Bootstrap resamples of the intervals."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed
