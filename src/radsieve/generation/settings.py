"""Settings of the stages of generation: a section of params.yaml each."""

from typing import Annotated, Literal

from pydantic import Field

from radsieve.prefilter.settings import SelectThresholds
from radsieve.screening.settings import TrainAbnormality
from radsieve.settings import (
    WHOLE,
    Confidence,
    FilePath,
    Fraction,
    List,
    OrNone,
    Resamples,
    Seed,
    Settings,
    Several,
    Shown,
    Text,
)

Condition = Annotated[str, Field(pattern=r"^[^=]+=")]  # column=value


class TrainGan(Settings):
    """How a generator and its discriminator are built, trained and evaluated; the same for every group."""

    pixels: Annotated[Literal[16, 32, 64, 128, 256], WHOLE]
    """Height and width of the images that are learnt and generated, at most pack_images.pixels; twice as many take
    about four times as long.
    """
    width: Annotated[int, Field(ge=2, le=128)]
    """Channels of both networks at full resolution, twice as many after each halving up to eight times; more generate
    finer images and take longer.
    """
    steps: Annotated[int, Field(ge=1, le=10000000)]
    """Steps of the training, each of one batch for the discriminator and one for the generator."""
    rounds: Annotated[int, Field(ge=1, le=1000)]
    """Rounds into which the training is divided, at most `steps`; after each, sample images are generated and
    evaluated, and the state is stored from which an interrupted training resumes."""
    batch: Annotated[int, Field(ge=2, le=1024)]
    """Real images, and generated images, that the discriminator sees in a step."""
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    """Learning rate of Adam for both networks at the start; it falls to a tenth along half a cosine."""
    diversity: Annotated[float, Field(ge=0, le=1000)]
    """Weight in the generator's loss of how far its images fall short of the spread of real ones; with 0 images tend to
    be all alike."""
    average_images: Annotated[int, Field(ge=1, le=10000000)]
    """Half-life, in real images seen, of the moving average of the generator's weights, with which images are
    generated."""
    translation: Annotated[float, Field(ge=0, le=0.5)]
    """Largest shift of the images that the discriminator sees, as a share of their side."""
    contrast: Fraction
    """Largest relative change of contrast of the images that the discriminator sees; brightness changes by up to the
    same share of the range of values, up or down."""
    cutout: Annotated[float, Field(ge=0, le=0.9)]
    """Side of the square that is blanked in each image that the discriminator sees, as a share of the image's side."""
    evaluated_images: Annotated[int, Field(ge=3, le=50000)]
    """Images generated after each round and compared with real images that were not used for training."""
    grid_images: Annotated[int, Field(ge=1, le=16)]
    """Images shown for each round, always of the same latents, and maximum number of images shown beside their nearest
    real ones.
    """
    bootstrap: Resamples
    """Resamples of images behind the intervals of the check for copies."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class GenerateSamples(Settings):
    """Which images are generated with the generator of each group."""

    images: Annotated[int, Field(ge=1, le=10000000)]
    """Images of each group; if a file of latents holds fewer, all of them."""
    batch: Annotated[int, Field(ge=1, le=4096)]
    """Images generated at a time, and stored together in the cache; bounds the memory, and does not change an image."""
    grid_images: Shown
    """Maximum number of images shown in the figure."""
    seed: Seed


class ScoreSamples(Settings):
    """How the images of generate_samples are scored; thresholds are those of score_images."""

    batch: Annotated[int, Field(ge=1, le=4096)]
    """Images scored at a time; bounds the memory."""
    confidence: Confidence
    """Coverage of the intervals."""
    grid_images: Shown
    """Maximum number of images shown in each of the figures of accepted and rejected images."""


class MeasureLoop(Settings):
    """How new images with and without a sieve are generated and compared, group by group."""

    thresholds: SelectThresholds
    """See section select_thresholds."""
    images: Annotated[int, Field(ge=3, le=1000000)]
    """Images of each group generated from sieved latents, and as many from unsieved ones."""
    batch: Annotated[int, Field(ge=1, le=4096)]
    """Images generated and scored at a time; bounds the memory."""
    grid_images: Shown
    """Maximum number of images of each group and arm that are shown."""
    bootstrap: Resamples
    """Resamples behind the interval of the area under the curve and random draws behind the diversity expected by
    chance."""
    seed: Seed


class MakeTuringTest(Settings):
    """Which images the visual Turing test mixes; for the images of a trained generator, data/samples/<group> and
    data/packed/gan."""

    real: FilePath
    """Folder of a pack of real images, such as data/reference or data/packed/gan."""
    real_table: FilePath
    """CSV with the column image (names of images of that pack) and those that real_only names."""
    real_only: List[Condition]
    """`column=value`: columns of real_table and the value that an image must have there to be shown, such as
    [group=normal, split=test]; [] for any image of the table."""
    synthetic: FilePath
    """Folder of a pack of synthetic images, such as data/generated or data/samples/F."""
    synthetic_table: FilePath
    """CSV with the column image (names of images of that pack) and those that synthetic_only names."""
    synthetic_only: List[Condition]
    """`column=value`: columns of synthetic_table and the value that an image must have there to be shown; [] for any
    image of the table.
    """
    images: Annotated[int, Field(ge=1, le=1000)]
    """Images of each kind that are shown, drawn at random."""
    pixels: Annotated[int, Field(ge=16, le=1024)]
    """Maximum side of the images in pixels; all have the size of the smaller kind, if that is less."""
    clip_share: Annotated[float, Field(ge=0, lt=0.5)]
    """Share of the pixels of each image that become black, and share that become white, when its grey values are
    stretched to the full range."""
    seed: Seed


class ScoreTuringTest(Settings):
    """Score what readers answered in the visual Turing test."""

    answers: OrNone[FilePath]
    """Table of answers that the page of the test gave a reader, or a folder of such tables (*.csv), in which $NAME
    stands for an environment variable; or none."""
    bootstrap: Resamples
    """Resamples of images behind the intervals of d', of the criterion, and of how far readers agree."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class CompareTraining(Settings):
    """How classifiers that learn from real, synthetic, screened and augmented images are trained and compared; images
    of generation.diseased are the positive ones.
    """

    classifier: TrainAbnormality
    """See section train_abnormality."""
    strength: Annotated[float, Field(gt=0)]
    """C, the inverse strength of L2 regularisation, the same for every training."""
    real_images: Several[Annotated[int, Field(ge=2)]]
    """Numbers of real images to learn from, at most as many as there are in the training split; slightly more are used
    where a patient has several."""
    seeds: Annotated[int, Field(ge=1, le=1000)]
    """Number of random draws of the real and of the synthetic images; for each of them every arm is trained with every
    number of real images."""
    synthetic_images: Annotated[int, Field(ge=8, le=1000000)]
    """Number of synthetic images to learn from, half of them of each label; if fewer pass the screening, every arm
    learns from as many as do."""
    augmented_copies: Annotated[int, Field(ge=1, le=20)]
    """Changed copies of each real image that the arm with augmentation learns from, and of each test image by each
    augmentation that is checked."""
    margin: Annotated[float, Field(gt=0, le=1)]
    """Loss of agreement with the label, as a share of the images, below which an augmentation must be shown to stay in
    order to count as preserving the label."""
    matched_batch: Annotated[int, Field(ge=2, le=1024)]
    """Images per batch when the statistics of the batch normalisation are matched."""
    folds: Annotated[int, Field(ge=2, le=20)]
    """Folds of units of the cross-validation that tells real from synthetic images."""
    bootstrap: Resamples
    """Resamples of units behind p-values and the intervals of every ROC-AUC and gain."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class Moving(Settings):
    """How a rejected latent is moved to one that is accepted."""

    steps: Annotated[int, Field(ge=1, le=1000)]
    """Maximum number of steps, each of which computes the gradient of the predictor's score once."""
    stride: Annotated[float, Field(gt=0, le=10)]
    """Length of a step relative to the gradient of the score, the score being in units of its standard deviation."""
    pull: Annotated[float, Field(ge=0, le=100)]
    """Weight of half the squared distance from the original latent, which is subtracted from the score in units of its
    standard deviation."""
    targets: Several[Annotated[float, Field(ge=0, le=20)]]
    """Scores to which latents are moved, in standard deviations above the mean score; the threshold, if that is higher
    (0: always)."""


class Reweighting(Settings):
    """How weights of latents are learnt against a critic of images (Issenhuth et al. 2021)."""

    images: Annotated[int, Field(ge=10, le=1000000)]
    """Number of scored images of each group, from the first on, from which the critic learns; all if there are
    fewer."""
    steps: Annotated[int, Field(ge=1, le=1000000)]
    """Steps of the network of weights."""
    critic_steps: Annotated[int, Field(ge=1, le=100)]
    """Steps of the critic before each step of the network of weights."""
    batch: Annotated[int, Field(ge=2, le=4096)]
    """Generated images in each step and as many real ones."""
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    """Learning rate of Adam for both networks."""
    max_weight: Annotated[float, Field(ge=1, le=1000)]
    """`m` of the publication, the greatest weight that a latent may have; about 1 in m latents is accepted."""


class CompareSieving(Settings):
    """How filtering by the latent, early exit from the generator, moving rejected latents and reweighting are compared,
    group by group."""

    thresholds: SelectThresholds
    """See section select_thresholds."""
    images: Annotated[int, Field(ge=10, le=1000000)]
    """Images of each group that are generated from new latents and scored, and on which all methods are compared."""
    moved_images: Annotated[int, Field(ge=1, le=1000000)]
    """Number of these latents, from the first on, on which the methods that move rejected ones are tried; all if there
    are fewer."""
    unseen_latents: Annotated[int, Field(ge=20, le=1000000)]
    """Latents run through the generator without scoring, on which a threshold is set so that the chosen share of them
    reaches it."""
    components: Annotated[int, Field(ge=1, le=4096)]
    """Maximum number of principal components of the activations at a depth from which its predictor learns."""
    strength: Annotated[float, Field(gt=0)]
    """C, the inverse strength of the predictors' L2 penalty, for components whose mean variance is 1."""
    min_acceptance: Annotated[float, Field(gt=0, le=1)]
    """Minimum share of the latents that a predictor accepts (and at least thresholds.min_accepted of the scored
    images)."""
    moving: Moving
    """How a rejected latent is moved to one that is accepted."""
    reweighting: Reweighting
    """How weights of latents are learnt against a critic of images (Issenhuth et al. 2021)."""
    aim: Annotated[float, Field(gt=1, le=1000)]
    """Saving aimed at, shown as a line in the figure: the cost of a good image without any sieve, divided by that with
    a method."""
    batch: Annotated[int, Field(ge=1, le=4096)]
    """Images generated and scored at a time; bounds the memory."""
    grid_images: Shown
    """Maximum number of moved images of each group and method that are shown before and after."""
    bootstrap: Resamples
    """Resamples of latents behind the intervals of savings, and of scored images behind those of the ROC-AUC."""
    seed: Seed


class ReportGeneration(Settings):
    """Write the page on generators, the loop, and the use of generated images."""

    title: Text
    """Heading of the page on generation."""


class GenerationSections(Settings):
    """The sections of this track, in the order of params.yaml; `radsieve.params.Params` takes them up."""

    train_gan: TrainGan
    generate_samples: GenerateSamples
    score_samples: ScoreSamples
    measure_loop: MeasureLoop
    make_turing_test: MakeTuringTest
    score_turing_test: ScoreTuringTest
    compare_training: CompareTraining
    compare_sieving: CompareSieving
    report_generation: ReportGeneration
