"""Settings of the stages of screening: a section of params.yaml each."""

from typing import Annotated, Literal

from pydantic import Field

from radsieve.settings import (
    ODD,
    WHOLE,
    AnyImages,
    Augmentation,
    Confidence,
    FilePath,
    Fraction,
    ImageSetSettings,
    Items,
    List,
    OrNone,
    PlaceMark,
    Resamples,
    Seed,
    Settings,
    Several,
    Shown,
    Text,
)


class SegmenterSettings(Augmentation):
    """How a segmenter is built, trained and measured, and how its training images are changed, each one at random; the
    same keys for every set."""

    encoder: OrNone[Literal["efficientnet_lite0"]]
    """`none` trains MONAI's U-Net from random weights; efficientnet_lite0 puts MONAI's decoder on top of that network,
    which was pretrained on ImageNet."""
    width: Annotated[int, Field(ge=2, le=128)]
    """Channels at full resolution, twice as many after each halving; more of them segment better and take longer."""
    depth: Annotated[int, Field(ge=1, le=5)]
    """How often the network halves the image; pack_images.pixels must be a multiple of 2^depth."""
    frozen_levels: Annotated[int, Field(ge=0, le=5)]
    """Levels (halvings) of a pretrained encoder, from the first one, that are frozen; 0 trains all; 1 makes training
    two to three times as fast."""
    loss: Literal["bce", "bce_dice"]
    """Binary cross-entropy, or its sum with 1 - soft Dice coefficient."""
    epochs: Annotated[int, Field(ge=1, le=1000)]
    """Passes over the training images, over which the learning rate rises and falls."""
    batch: Annotated[int, Field(ge=2, le=256)]
    """Images in each batch of the training."""
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    """Highest learning rate of AdamW, reached after 15% of the epochs."""
    patience: Annotated[int, Field(ge=1, le=1000)]
    """Epochs without a better Dice coefficient of the validation images after which the training ends."""
    threshold: Annotated[float, Field(gt=0, lt=1)]
    """Minimum probability of a pixel of the mask."""
    mirrored: bool
    """Whether an image is segmented as the mean over itself and its left-right mirror image, which takes twice the
    time.
    """
    surface_tolerance: Annotated[float, Field(gt=0, le=64)]
    """Distance in pixels of the packed image at which two outlines still agree, for surface Dice."""
    worst_images: Shown
    """Maximum number of images shown in the figure of the worst ones."""
    bootstrap: Resamples
    """Resamples of units behind every interval."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class GenerateChests(Settings):
    """The simulated chest radiographs that stand in for real ones."""

    images: Annotated[int, Field(ge=0, le=100000)]
    """Number of images generated."""
    pixels: Annotated[int, Field(ge=32, le=2048)]
    """Height and width of an image in pixels."""
    seed: Seed
    images_per_patient: Annotated[int, Field(ge=1, le=50)]
    """Maximum number of images of one patient."""
    abnormal_share: Fraction
    """Share of images with clouded lungs or fluid below a lung."""
    arm_share: Fraction
    """Share of women's images on which an arm lies; men's images have none, so that it is a shortcut to the sex."""
    asymmetry: Annotated[float, Field(ge=0, le=0.2)]
    """Standard deviation of the natural difference between the sides, as a share of the lung's width or height."""
    grid_images: Shown
    """Maximum number of images of each sex and finding shown in the figure."""


class GenerateLesions(Settings):
    """The simulated skin lesions that stand in for real ones."""

    images: Annotated[int, Field(ge=0, le=100000)]
    """Number of images generated."""
    pixels: Annotated[int, Field(ge=32, le=2048)]
    """Height and width of an image in pixels."""
    seed: Seed
    grid_images: Shown
    """Maximum number of images shown in the figure."""


class PackImages(Settings):
    """Bring a set of images and masks to one form."""

    pixels: Annotated[int, Field(ge=16, le=1024)]
    """Width and height of the packed images in pixels, to which every image is resized."""
    max_megapixels: Annotated[float, Field(gt=0, le=1000)]
    """Largest picture that is decoded, in 10^6 pixels; larger ones are quarantined undecoded."""
    chest: ImageSetSettings
    """Chest radiographs with the outlines of the lungs."""
    breast: ImageSetSettings
    """Women's chest radiographs with the outlines of the breasts."""
    skin: ImageSetSettings
    """Dermoscopic pictures of skin with the outline of the lesion."""
    abnormality: ImageSetSettings
    """Chest radiographs labelled normal and abnormal."""
    sex: ImageSetSettings
    """Chest radiographs labelled by the sex of the patient."""
    gan: ImageSetSettings
    """Chest radiographs from which the generators learn."""


IMAGE_SETS = tuple(name for name, of in PackImages.model_fields.items() if of.annotation is ImageSetSettings)


class AssignSplits(Settings):
    """Find what belongs together in all sets, and divide it into train, validation and test."""

    hash_distance: Annotated[int, Field(ge=0, le=16)]
    """Largest distance, in bits of 64, between the hashes of two images that are compared; images that are much alike,
    as chest radiographs are, ask for a small one."""
    min_similarity: Annotated[float, Field(gt=0, le=1)]
    """Correlation from which two registered images are taken for the same picture, and never divided."""
    grid_pairs: Annotated[int, Field(ge=1, le=100)]
    """Maximum number of nearly equal pairs shown in the figure."""


class AuditSplits(Settings):
    """Look for what the parts of a split that others made have in common, and repair it."""

    images: OrNone[FilePath]
    """Folder of the images, in which $NAME stands for an environment variable; `none` audits nothing."""
    table: OrNone[FilePath]
    """CSV with a row per image, $NAME as in `images`; `none` takes every file below the folder."""
    name: Text
    """Column of the table with the path of the image below the folder."""
    patient: OrNone[Text]
    """Column of the table that names the patient, or `none`."""
    patient_pattern: OrNone[Text]
    """Regular expression, searched for in the image's path; what its parentheses match names the patient; or `none`,
    also where the same number stands for different patients in different parts."""
    split: Text
    """Column of the table with the part of each image, `folder` for the first level of its path, or `chance` for parts
    drawn file by file, as splits often are: what such a split of these images would tear apart."""
    parts: Items[Text]
    """Parts that are audited, the one that is held out most last, such as [train, test]; images of others are left
    out."""
    shares: List[Annotated[float, Field(gt=0, lt=1)]]
    """Where parts are drawn: the share of the images in each of them, which sum to 1."""
    seed: Seed
    """Where parts are drawn: the seed of the draw."""
    hash_distance: Annotated[int, Field(ge=0, le=16)]
    """Largest distance, in bits of 64, between the hashes of two images that are compared."""
    min_similarity: Annotated[float, Field(gt=0, le=1)]
    """Correlation from which two registered images are taken for the same picture."""
    max_megapixels: Annotated[float, Field(gt=0, le=1000)]
    """Largest picture that is decoded, in 10^6 pixels; larger ones are quarantined undecoded."""
    confidence: Confidence
    """Coverage of the intervals."""
    grid_pairs: Annotated[int, Field(ge=1, le=100)]
    """Maximum number of pairs shown in the figure."""


class TrainSegmenter(Settings):
    """Train a U-Net and measure it on images that it has not seen."""

    chest: SegmenterSettings
    """The segmenter of the lungs."""
    breast: SegmenterSettings
    """The segmenter of the breasts."""
    skin: SegmenterSettings
    """The segmenter of skin lesions."""


class Transfer(Settings):
    """A classifier: a linear unit on top of a network pretrained on ImageNet."""

    positive: Text
    """The label whose probability is given, one of the labels of the set in pack_images."""
    backbone: Literal["efficientnet_lite0", "resnet18"]
    """Network that was trained on ImageNet and is frozen."""
    weights: OrNone[FilePath]
    """ImageNet weights of resnet18: a file of torchvision's format, .pth or .safetensors, in which $NAME stands for an
    environment variable; `none` for efficientnet_lite0, which has them from a package."""
    stride: Annotated[Literal[16, 32], WHOLE]
    """Pixels of the image for each pixel of the network's last maps; 16 leaves out its last layers, which localise
    least."""
    grid: Annotated[int, Field(ge=1, le=8)]
    """The maps are averaged over the cells of a grid x grid grid; 1 is global average pooling, a finer one retains
    location."""
    input_pixels: Annotated[int, Field(ge=64, le=1024, multiple_of=32)]
    """Height and width in pixels to which the image is resized before it is cropped and halved."""
    top_crop: Annotated[float, Field(ge=0, le=0.5)]
    """Share of the image's height that is cut off at the top."""
    views: Literal["whole", "halves"]
    """`halves` shows the network the image-left half and the mirrored image-right half one after the other, and takes
    their mean."""
    clip_share: Annotated[float, Field(ge=0, le=0.1)]
    """Share of each image's darkest and of its brightest pixels that become black and white before the rest is
    stretched; 0 leaves images as they are."""
    strengths: Several[Annotated[float, Field(gt=0)]]
    """Values of C, the inverse strength of L2 regularisation, from which the inner cross-validation chooses."""
    folds: Annotated[int, Field(ge=2, le=20)]
    """Folds of units of the cross-validation."""
    augmented_copies: Annotated[int, Field(ge=0, le=20)]
    """Number of changed copies of each training image that are learnt from besides the image."""
    operating_point: Literal["youden", "sensitivity", "specificity"]
    """How the probability is chosen from which an image is called positive, on images that the model has not seen:
    `youden` makes sensitivity + specificity - 1 greatest; `sensitivity` takes the highest that still has the level in
    sensitivity, `specificity` the lowest that has it in specificity."""
    operating_level: Annotated[float, Field(gt=0, lt=1)]
    """Sensitivity or specificity that the operating point must have; not used by `youden`."""
    calibration_units: Annotated[int, Field(ge=2, le=1000)]
    """Fewest units of each label on which probabilities are recalibrated; with fewer they stay as they are."""
    bootstrap: Resamples
    """Resamples of units for the intervals."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed
    augmentation: Augmentation
    """How the copies of training images are changed, each one at random."""


class TrainAbnormality(Transfer):
    """The classifier of normal and abnormal images; compare_training takes the same section."""

    folds: Annotated[int, Field(ge=2, le=20)]
    """Folds of units of the cross-validation by which C is chosen."""


class TrainSex(Transfer):
    """The classifier of the sex, and what it is compared with."""

    folds: Annotated[int, Field(ge=2, le=20)]
    """Folds of units in which ways of showing the image to the network are compared."""
    ablated_crop: Annotated[float, Field(gt=0, le=0.5)]
    """Value of `top_crop` that is compared with no crop, on whole images and on halves."""
    inner_folds: Annotated[int, Field(ge=2, le=20)]
    """Folds of units within each of `folds` by which C is chosen."""
    grid_images: Shown
    """Number of images whose heat maps are shown."""


class AlterImages(Settings):
    """Choose true images that the scores are compared with, and alter copies of them."""

    images: Annotated[int, Field(ge=1, le=100000)]
    """Maximum number of true images with which the scores are compared, for the validation and the test split each."""
    altered: Annotated[int, Field(ge=0, le=1000)]
    """Maximum number of images of the test split of which altered copies are made, no two of one unit."""
    label: Text
    """Label of pack_images.abnormality whose images are used, the one that stands for normal."""
    shifts: Several[Annotated[float, Field(gt=0, le=0.5)]]
    """How far copies are shifted to image right, as shares of the image's width, one copy for each."""
    widening: Annotated[float, Field(gt=0, le=0.4)]
    """Amount by which the image-left half of a copy is stretched, as a share of the image's width; the other half is
    compressed by as much."""
    rotation: Annotated[float, Field(gt=0, le=45)]
    """Angle in degrees by which a copy is rotated, counter-clockwise."""
    gamma: Annotated[float, Field(gt=1, le=4)]
    """Exponent of the grey values in [0, 1] of the darker copy; its inverse is that of the brighter one."""
    grid_images: Annotated[int, Field(ge=1, le=40)]
    """Maximum number of images shown with their altered copies in the figure."""
    seed: Seed


class GenerateImages(Settings):
    """Sample latents and let the generator make images of them."""

    images_per_group: Annotated[int, Field(ge=1, le=1000000)]
    """Images generated for each group."""
    seed: Seed
    batch: Annotated[int, Field(ge=1, le=4096)]
    """Images generated at a time; bounds the memory."""
    grid_images: Shown
    """Maximum number of images of a group shown in the figure."""


class SegmentImages(AnyImages):
    """Find the lungs in a batch of images."""

    overlays: Annotated[int, Field(ge=2, le=200)]
    """Maximum number of images shown with their outlines, half of them the first ones, half those of the greatest
    uncertainty."""


class PredictImages(AnyImages):
    """Give each image of a batch a probability and the maximum of its heat map."""

    grid_images: Annotated[int, Field(ge=1, le=60)]
    """Maximum number of images shown of each kind (highest probability, closest to the operating point, lowest) in the
    figure of heat maps."""


class MeasureSymmetry(Settings):
    """Measure the six features of symmetry of each mask."""

    dilation_pixels: Annotated[int, Field(ge=1, le=255), ODD]
    """Width of the structuring element with which the halves of a mask are dilated, in pixels of the mask, an odd
    number; 1 means no dilation."""
    element: Literal["square", "disk"]
    """Shape of the structuring element."""


class TrainSymmetry(Settings):
    """Learn from the six features which images are good."""

    labels: Annotated[Text, PlaceMark(keywords=("phantoms",))]
    """`phantoms` for the truth of the simulated images, or the path of a CSV with the columns image (an image's name)
    and good (1 or 0), a row for every image; $NAME stands for an environment variable.
    """
    label_noise: Annotated[float, Field(ge=0, lt=0.5)]
    """Probability with which the label of a phantom is flipped, as a human annotator would err; labels of a table are
    left unchanged."""
    grouped_by: Text
    """Column of the table of images whose values never lie in two folds, such as group or patient; `image` treats every
    image separately."""
    resampled_by: Text
    """Column of the table of images whose values the bootstrap draws as a whole, such as patient; `image` for images
    that are independent of each other."""
    folds: Annotated[int, Field(ge=2, le=50)]
    """Folds of the cross-validation by which the models are evaluated."""
    inner_folds: Annotated[int, Field(ge=2, le=50)]
    """Folds within the training set of a fold by which settings are chosen."""
    accept_at: Annotated[float, Field(gt=0, lt=1)]
    """Minimum probability of being good with which an image is accepted."""
    logistic_c: Several[Annotated[float, Field(gt=0, le=1000000)]]
    """Inverse strengths C of the L2 penalty of logistic regression, of which the best is chosen."""
    tree_depth: Several[Annotated[int, Field(ge=1, le=6)]]
    """Maximum depths of the decision tree, of which the best is chosen; a tree deeper than 4 is hard to read."""
    tree_leaf_images: Several[Annotated[int, Field(ge=1, le=100000)]]
    """Minimum numbers of images in a leaf of the decision tree, of which the best is chosen."""
    bootstrap: Resamples
    """Resamples behind every interval."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class ScoreImages(Settings):
    """Give each generated image the five scores, scaled on true images."""

    pass_share: Confidence
    """Share of the true images (unaltered, validation split) that each score lets pass, the others being the most
    unusual ones."""
    bootstrap: Resamples
    """Resamples behind the intervals of median changes."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed
    grid_images: Shown
    """Maximum number of images shown in each of the figures of accepted and rejected images."""


class ReportScreening(Settings):
    """Write the page on screening."""

    title: Text
    """Heading of the page on screening."""


class ScreeningSections(Settings):
    """The sections of this track, in the order of params.yaml; `radsieve.params.Params` takes them up."""

    generate_chests: GenerateChests
    generate_lesions: GenerateLesions
    pack_images: PackImages
    assign_splits: AssignSplits
    audit_splits: AuditSplits
    train_segmenter: TrainSegmenter
    train_abnormality: TrainAbnormality
    train_sex: TrainSex
    alter_images: AlterImages
    generate_images: GenerateImages
    segment_images: SegmentImages
    predict_images: PredictImages
    measure_symmetry: MeasureSymmetry
    train_symmetry: TrainSymmetry
    score_images: ScoreImages
    report_screening: ReportScreening
