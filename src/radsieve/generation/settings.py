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
    """How a generator and its discriminator are built, trained and judged; the same for every group."""

    pixels: Annotated[Literal[16, 32, 64, 128, 256], WHOLE]
    """Height and width of the films that are learnt and drawn, at most pack_films.pixels; twice as many take about four
    times as long."""
    width: Annotated[int, Field(ge=2, le=128)]
    """Channels of both networks at full resolution, twice as many after each halving up to eight times; more draw finer
    films and take longer."""
    steps: Annotated[int, Field(ge=1, le=10000000)]
    """Steps of the training, each of one batch for the discriminator and one for the generator."""
    rounds: Annotated[int, Field(ge=1, le=1000)]
    """Parts of the training, at most `steps`; after each, sample films are drawn and judged, and the state is kept from
    which a stopped training goes on."""
    batch: Annotated[int, Field(ge=2, le=1024)]
    """Real films, and drawn films, that the discriminator sees in a step."""
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    """Learning rate of Adam for both networks at the start; it falls to a tenth along half a cosine."""
    diversity: Annotated[float, Field(ge=0, le=1000)]
    """Weight in the generator's loss of how far its films fall short of the spread of real ones; 0: none, and films
    tend to be all alike."""
    average_films: Annotated[int, Field(ge=1, le=10000000)]
    """Real films seen until the weights of then count half in the running average of the generator's weights, which
    draws the films."""
    translation: Annotated[float, Field(ge=0, le=0.5)]
    """Largest shift of the films that the discriminator sees, as a share of their side."""
    contrast: Fraction
    """Largest relative change of contrast of the films that the discriminator sees; brightness changes by as much of
    the range of values, either way."""
    cutout: Annotated[float, Field(ge=0, le=0.9)]
    """Side of the square that is blanked in each film that the discriminator sees, as a share of the film's side."""
    judged_films: Annotated[int, Field(ge=2, le=50000)]
    """Films drawn after each round to be held to real films that were not trained on."""
    sheet_films: Annotated[int, Field(ge=1, le=16)]
    """Films shown of each round, always of the same latents, and most films shown beside their nearest real ones."""
    bootstrap: Resamples
    """Resamples of films behind the intervals of the check for copies."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class DrawImages(Settings):
    """Which films are drawn with the generator of each group."""

    films: Annotated[int, Field(ge=1, le=10000000)]
    """Films of each group; of a file of latents that holds fewer, all of them."""
    batch: Annotated[int, Field(ge=1, le=4096)]
    """Films drawn at a time, and stored together in the cache; bounds the memory, and does not change a film."""
    sheet_films: Shown
    """Most films shown in the picture."""
    seed: Seed


class ScoreDrawn(Settings):
    """How the films of draw_images are scored; thresholds are those of score_images."""

    batch: Annotated[int, Field(ge=1, le=4096)]
    """Films scored at a time; bounds the memory."""
    confidence: Confidence
    """Coverage of the intervals."""
    sheet_films: Shown
    """Most films shown in each of the pictures of accepted and rejected films."""


class MeasureLoop(Settings):
    """How fresh films with and without a sieve are drawn and compared, group by group."""

    thresholds: SelectThresholds
    """See section select_thresholds."""
    films: Annotated[int, Field(ge=3, le=1000000)]
    """Films of each group drawn from sieved latents, and as many from unsieved ones."""
    batch: Annotated[int, Field(ge=1, le=4096)]
    """Films drawn and scored at a time; bounds the memory."""
    sheet_films: Shown
    """Most films of each group and arm that are shown."""
    bootstrap: Resamples
    """Resamples behind the interval of the area under the curve and random draws behind the diversity by chance."""
    seed: Seed


class DrawTuringTest(Settings):
    """Which films the visual Turing test mixes; for the films of a trained generator, data/drawn/<group> and
    data/films/gan."""

    real: FilePath
    """Folder of a pack of real films, such as data/reference or data/films/gan."""
    real_table: FilePath
    """CSV with the column film (names of films of that pack) and those that real_only names."""
    real_only: List[Condition]
    """`column=value`: columns of real_table and the value that a film must have there to be shown, such as
    [group=normal, part=test]; [] for any film of the table."""
    synthetic: FilePath
    """Folder of a pack of synthetic films, such as data/generated or data/drawn/F."""
    synthetic_table: FilePath
    """CSV with the column film (names of films of that pack) and those that synthetic_only names."""
    synthetic_only: List[Condition]
    """`column=value`: columns of synthetic_table and the value that a film must have there to be shown; [] for any film
    of the table."""
    films: Annotated[int, Field(ge=1, le=1000)]
    """Films of each kind that are shown, drawn at random."""
    pixels: Annotated[int, Field(ge=16, le=1024)]
    """Most pixels along a side of the films; all have as many as those of the smaller kind, if these are fewer."""
    clip_share: Annotated[float, Field(ge=0, lt=0.5)]
    """Share of the pixels of each film that becomes black, and as many white, when its grey values are stretched to the
    full range."""
    seed: Seed


class ScoreTuringTest(Settings):
    """Score what readers answered in the visual Turing test."""

    answers: OrNone[FilePath]
    """Table of answers that the page of the test gave a reader, or a folder of such tables (*.csv), in which $NAME
    stands for an environment variable; or none."""
    bootstrap: Resamples
    """Resamples of films behind the intervals of d', of all readers together and of their agreement."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class CompareTraining(Settings):
    """How classifiers that learn from real, synthetic, screened and augmented films are trained and compared; films of
    generation.diseased are the positive ones."""

    classifier: TrainAbnormality
    """See section train_abnormality."""
    strength: Annotated[float, Field(gt=0)]
    """C, the inverse strength of L2 regularisation, the same for every training."""
    real_films: Several[Annotated[int, Field(ge=2)]]
    """Numbers of real films that are learnt from, at most as many as there are in part train; a little more where a
    patient has several."""
    seeds: Annotated[int, Field(ge=1, le=1000)]
    """Random draws of the real and of the synthetic films, a training of every arm and number of real films for each.
    """
    synthetic_films: Annotated[int, Field(ge=8, le=1000000)]
    """Synthetic films that are learnt from, half of them of each label; if fewer pass the screening, every arm learns
    from as many as do."""
    augmented_copies: Annotated[int, Field(ge=1, le=20)]
    """Changed copies of each real film that the arm with augmentation learns from, and of each test film by each
    augmentation that is checked."""
    margin: Annotated[float, Field(gt=0, le=1)]
    """Loss of agreement with the label, as a share of the films, that an augmentation must be shown to stay below in
    order to count as preserving the label."""
    matched_batch: Annotated[int, Field(ge=2, le=1024)]
    """Films at a time whose statistics the batch normalisation is matched to."""
    folds: Annotated[int, Field(ge=2, le=20)]
    """Folds of patients of the cross-validation that tells real from synthetic films."""
    bootstrap: Resamples
    """Resamples of patients behind every interval and p-value."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class Moving(Settings):
    """How a rejected latent is moved to one that is accepted."""

    steps: Annotated[int, Field(ge=1, le=1000)]
    """Most steps, each of which takes the gradient of the predictor's score once."""
    stride: Annotated[float, Field(gt=0, le=10)]
    """Length of a step by that of the gradient of the score in its standard deviations."""
    pull: Annotated[float, Field(ge=0, le=100)]
    """Weight of half the squared distance from where the latent came, which is taken from the score in standard
    deviations."""
    targets: Several[Annotated[float, Field(ge=0, le=20)]]
    """Where latents are moved to, in standard deviations of the score above its mean; the threshold, if that is higher
    (0: always)."""


class Reweighting(Settings):
    """How weights of latents are learnt against a critic of films (Issenhuth et al. 2021)."""

    films: Annotated[int, Field(ge=10, le=1000000)]
    """Scored films of each group, from the first on, that the critic learns from; all if there are fewer."""
    steps: Annotated[int, Field(ge=1, le=1000000)]
    """Steps of the network of weights."""
    critic_steps: Annotated[int, Field(ge=1, le=100)]
    """Steps of the critic before each of these."""
    batch: Annotated[int, Field(ge=2, le=4096)]
    """Drawn films in each step and as many real ones."""
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    """Learning rate of Adam for both networks."""
    most_weight: Annotated[float, Field(ge=1, le=1000)]
    """`m` of the paper, the most weight that a latent is to have; about 1 in m latents is accepted."""


class CompareSieving(Settings):
    """How filtering by the latent, early exit from the generator, moving of rejected latents and reweighting are
    compared, group by group."""

    thresholds: SelectThresholds
    """See section select_thresholds."""
    films: Annotated[int, Field(ge=10, le=1000000)]
    """Films of each group that are drawn from fresh latents and scored, and that every way is held to."""
    moved_films: Annotated[int, Field(ge=1, le=1000000)]
    """How many of these latents, from the first on, the ways that move rejected ones are tried on; all if there are
    fewer."""
    unseen_latents: Annotated[int, Field(ge=20, le=1000000)]
    """Latents run through the generator without scoring, on which a threshold is set so that the chosen share of them
    reaches it."""
    components: Annotated[int, Field(ge=1, le=4096)]
    """Most principal components of the activations of a depth that its predictor learns from."""
    strength: Annotated[float, Field(gt=0)]
    """C, the inverse strength of the predictors' L2 penalty, for components whose mean variance is 1."""
    least_acceptance: Annotated[float, Field(gt=0, le=1)]
    """Share of the latents that a predictor accepts at least (and at least thresholds.least_accepted of the scored
    films)."""
    moving: Moving
    """How a rejected latent is moved to one that is accepted."""
    reweighting: Reweighting
    """How weights of latents are learnt against a critic of films (Issenhuth et al. 2021)."""
    aim: Annotated[float, Field(gt=1, le=1000)]
    """Saving hoped for, a line in the figure: what a good film costs without any sieve, by what it costs."""
    batch: Annotated[int, Field(ge=1, le=4096)]
    """Films drawn and scored at a time; bounds the memory."""
    sheet_films: Shown
    """Most moved films of each group and way that are shown before and after."""
    bootstrap: Resamples
    """Resamples of latents behind the intervals of savings and of scored films behind those of the areas under the
    curve."""
    seed: Seed


class ReportGeneration(Settings):
    """Write the page on generators, the loop, and the use of drawn films."""

    title: Text
    """Heading of the page on generation."""
