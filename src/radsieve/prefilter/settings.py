"""Settings of the stages of the prefilter: a section of params.yaml each."""

from typing import Annotated, Literal

from pydantic import Field

from radsieve.settings import (
    FilePath,
    Fraction,
    Items,
    OrNone,
    PlaceMark,
    Resamples,
    Seed,
    Settings,
    Several,
    Shown,
    Text,
    Word,
)


class PrepareLatents(Settings):
    """Bring latents and the scores of their images into one checked table."""

    sources: Several[Literal["twin", "screened", "generated", "table"]]
    """Where rows come from: a simulated twin of the published data, images scored by score_images (screened) or by
    score_samples (generated), a table of the user's."""
    scored: Annotated[
        Literal["results/score_images/scores.parquet", "results/score_samples/scores.parquet"], PlaceMark()
    ]
    """The one table of scored images that is read: that of score_images for the source screened, that of score_samples
    for the source generated, which needs the generators trained first.
    """
    table: OrNone[FilePath]
    """CSV or Parquet with the columns group, valid, score_*, z000, z001 and so on, in which $NAME stands for an
    environment variable; or none."""
    screened_group: OrNone[Word]
    """One group for all rows of score_images (their generator may share its latents between groups), or none to keep
    theirs."""
    twin_rows: Annotated[int, Field(ge=30, le=10000000)]
    """Simulated rows of each published group; the study has 10000 of each, and only at that number are rates exact."""
    seed: Seed


class ExploreLatents(Settings):
    """How the stage explore_latents looks for structure in the latents of each group."""

    extremes: Annotated[int, Field(ge=20, le=5000)]
    """Number of rows with the best values of a score, and as many with the worst, that are laid out in the plane; each
    at most half of a group."""
    neighbors: Annotated[int, Field(ge=2, le=200)]
    """Number of nearest neighbours, for UMAP and for the classifier by nearest neighbours."""
    min_distance: Fraction
    """Minimum distance between two points in the plane, UMAP's min_dist."""
    permutations: Annotated[int, Field(ge=20, le=100000)]
    """Permutations behind each level of chance and each p-value, which is at least 1 / (permutations + 1)."""
    seed: Seed


class CompareClassifiers(Settings):
    """Cross-validate every model on the latents of a group."""

    targets: Several[
        Literal["valid", "score_shape", "score_abnormal", "score_maxheat", "score_symmetry", "score_left2right"]
    ]
    """What is predicted: that all scores pass (valid), or that one score passes."""
    models: Items[str]
    """Names of the models that are compared; [] stands for all, and a wrong name raises an error that lists them."""
    mlp_steps: Annotated[int, Field(ge=1, le=1000000)]
    """Steps of the optimiser in the training of a multilayer perceptron, whatever the number of rows."""
    mlp_batch: Annotated[int, Field(ge=2, le=100000)]
    """Rows in a step of a multilayer perceptron; fewer at the end of a pass over all rows."""
    mlp_learning_rate: Annotated[float, Field(gt=0, le=1)]
    """Learning rate of Adam for the multilayer perceptrons."""


class RankClassifiers(Settings):
    """Rank the models over all groups, by paired tests and beside the published table."""

    reference: Text
    """Name of the model that every other one is compared with by paired tests, one of those compared."""


class SelectThresholds(Settings):
    """How thresholds are chosen and evaluated, and which sieves are stored; measure_loop takes the same section."""

    model: Literal["LogReg.01", "LogReg.1", "LogReg1", "LogReg10"]
    """Logistic regression for which thresholds are chosen and which is stored in the sieve; the number is C, the
    inverse strength of the L2 penalty."""
    rule: Literal[
        "argmax(tpr-fpr)",
        "argmax(2*tpr-fpr)",
        "argmax(tpr-2*fpr)",
        "tpr>=0.95",
        "argmax(precision)",
        "argmin(seconds per good image)",
        "precision>=floor",
        "tpr>=floor with confidence",
    ]
    """Rule that chooses the threshold of the stored sieves; all rules are evaluated, and the table of decisions
    compares them.
    """
    test_rows: Annotated[int, Field(ge=1, le=1000000)]
    """Rows held out for the test in the published split, at most half of a group."""
    validation_share: Annotated[float, Field(gt=0, lt=1)]
    """Share of the other rows on which thresholds are chosen in the published split; the model learns from the rest."""
    min_accepted: Annotated[int, Field(ge=1, le=1000000)]
    """Minimum number of rows that a threshold must accept where it is chosen, for the rules that use precision or
    time."""
    min_precision: Fraction
    """Share of good images among the accepted ones that the rule precision>=floor requires."""
    min_tpr: Annotated[float, Field(gt=0, lt=1)]
    """Share of the good images that the rule `tpr>=floor with confidence` keeps, with the confidence of
    latents.confidence."""
    min_coverage: Fraction
    """Diversity that the rule of minimum time keeps: share of the good latents with a kept one among their five
    nearest."""
    generate_seconds: Annotated[float, Field(gt=0, le=86400)]
    """Seconds to generate and score one image."""
    predict_seconds: Annotated[float, Field(ge=0, le=86400)]
    """Seconds to sample and evaluate one latent."""
    repeats: Annotated[int, Field(ge=1, le=1000)]
    """Repetitions, each with folds of its own, of the cross-validation by which the share of latents that the stored
    sieve accepts is chosen, and what is expected of it is measured."""
    repeat_folds: Annotated[int, Field(ge=2, le=100)]
    """Folds of each of these repetitions; fewer if a class has fewer rows."""
    subsets: Annotated[int, Field(ge=20, le=10000)]
    """Number of random subsets of as many good latents, with which the diversity of the kept ones is compared."""
    bootstrap: Resamples
    """Bootstrap resamples behind every interval."""


class SieveLatents(Settings):
    """Sample latents and keep those whose images are likely to be good."""

    count: Annotated[int, Field(ge=1, le=1000000000000)]
    """Latents sampled for each group."""
    batch: Annotated[int, Field(ge=1, le=100000000)]
    """Accepted latents that are written at a time (the row groups of the file), 4 bytes a component."""
    threads: Annotated[int, Field(ge=1, le=256)]
    """Threads that sample and evaluate; the latents do not depend on their number."""
    seed: Seed


class CheckSieve(Settings):
    """Generate images from sieved and from unsieved latents, score them, and compare the expected values with the
    observed ones.
    """

    group: OrNone[Word]
    """Group of latents.groups whose sieve is checked; it must have been learnt from images of the generator in the
    section `generator`; images are generated for the group of generator.groups with that name, for all of them if there
    is none. none: no sieve is checked, for tables of a generator that cannot be run here."""
    weights: Annotated[Text, PlaceMark(keywords=("generator",))]
    """What generates the images: `generator` for that of the section of this name, or a file of train_gan such as
    results/train_gan/{group}/generator.safetensors, for which score_samples must have scored the images."""
    weights_from: Text
    """What both engines wait for: the results of the stage that makes the weights, results/train_gan/<group>; for the
    section generator, results/generate_images."""
    images: Annotated[int, Field(ge=2, le=1000000)]
    """Images generated from sieved latents, and as many from unsieved ones, shared out evenly over the groups of the
    generator."""
    batch: Annotated[int, Field(ge=1, le=10000)]
    """Images generated and scored at a time; bounds the memory."""
    grid_images: Shown
    """Images shown of each arm, equally many of each group of the generator, rounded up."""
    bootstrap: Resamples
    """Resamples behind the interval of the area under the curve and random draws behind the diversity expected by
    chance."""
    seed: Seed


class ReportPrefilter(Settings):
    """Write the page on what latents reveal about their images."""

    title: Text
    """Heading of the page on the prefilter."""


class PrefilterSections(Settings):
    """The sections of this track, in the order of params.yaml; `radsieve.params.Params` takes them up."""

    prepare_latents: PrepareLatents
    explore_latents: ExploreLatents
    compare_classifiers: CompareClassifiers
    rank_classifiers: RankClassifiers
    select_thresholds: SelectThresholds
    sieve_latents: SieveLatents
    check_sieve: CheckSieve
    report_prefilter: ReportPrefilter
