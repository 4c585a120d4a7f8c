"""Settings of the stages of curation: a section of params.yaml each."""

from typing import Annotated, Literal

from pydantic import Field

from radsieve.settings import (
    Confidence,
    FilePath,
    Fraction,
    Items,
    OrNone,
    PlaceMark,
    Resamples,
    Seed,
    Settings,
    Shown,
    ShownWindow,
    Storage,
    Text,
)


class GeneratePhantoms(Settings):
    """Simulate knee-like radiographs with known truth."""

    images: Annotated[int, Field(ge=0, le=100000)]
    """Number of different images; 0 generates none, and so does a source of your own."""
    seed: Seed
    height: Annotated[int, Field(ge=96, le=1024)]
    """Height of an image in pixels."""
    disagreement: Fraction
    """Share of images to which a grader other than the first gives a grade one step off the truth."""
    exact_duplicates: Annotated[int, Field(ge=0, le=1000)]
    """Images that every grader got twice under two names."""
    near_duplicates: Annotated[int, Field(ge=0, le=100)]
    """Images copied in each of the ways: resized, re-encoded, brighter, cropped, rotated, mirrored, and stored in
    another file of equal pixels."""
    broken: bool
    """Whether broken objects (empty, truncated, not an image, decompression bomb) are planted."""
    faulty: bool
    """Whether three images have a fault each: one is blurred, one has a border, one a box over it."""


class IngestImages(Storage):
    """Read every image of the bucket, hash it, and put broken ones into quarantine."""

    max_megabytes: Annotated[float, Field(gt=0, le=4096)]
    """Largest object that is read, in 10^6 bytes; larger ones are quarantined unread."""
    max_megapixels: Annotated[float, Field(gt=0, le=1000)]
    """Largest picture that is decoded, in 10^6 pixels; larger ones are quarantined undecoded."""
    max_withheld: Annotated[int, Field(ge=0)]
    """Objects that may be archived, or that the service may refuse to give (encrypted with a key of their own, denied):
    they go to quarantine, and one more stops the run."""
    window: ShownWindow
    """Of DICOM: which of several VOI tables or windows is shown, from 1 (the last of fewer); `stored` shows all stored
    bits without any, `range` what lies between the least and the greatest value of the picture."""
    kept_side: OrNone[Annotated[int, Field(ge=64, le=8192)]]
    """Longest side in pixels of what is kept of an image, in the cache and in data/images; `none` keeps the file as it
    is. With a number, files are read, described and let go, a thousand at a time, and later stages see the pictures so
    reduced; hashes, digests and sizes are those of the file."""


class FindDuplicates(Settings):
    """Find exact and near duplicates and conflicts of grade among them."""

    hash_distance: Annotated[int, Field(ge=0, le=12)]
    """Largest Hamming distance, in bits, between the 64-bit hashes of two images, or of a view of one and the other, at
    which the two are compared further."""
    min_similarity: Fraction
    """Minimum correlation of the details of two registered images that count as the same picture."""
    borderline: Annotated[float, Field(ge=0, le=0.5)]
    """How far the correlation of two compared images may lie below `min_similarity` for the pair to be listed as
    borderline; such a pair ties nothing."""
    confidence: Confidence
    """Coverage of the intervals of how often experts repeat their grades."""
    grid_groups: Shown
    """Maximum number of groups shown in the figure of duplicates."""


Threshold = OrNone[Annotated[float, Field(ge=-2, le=100)]]


class FaultThresholds(Settings):
    """From which score of each fault a picture counts as faulty; `none` for never. Pictures are not left out by that
    alone: see normalize_labels.faults.
    """

    blank: Threshold
    """1 minus the range of grey levels (small detail left out) over half of full scale."""
    clipped: Threshold
    """Share of pixels at the picture's highest or lowest level, dark surroundings left out."""
    blurred: Threshold
    """How little a further blur changes, 0 to 1 (Crete et al. 2007)."""
    noisy: Threshold
    """Standard deviation of the noise as share of the range of grey levels (Immerkaer 1996)."""
    inverted: Threshold
    """By how much the negative correlates better with other pictures, up to 2."""
    turned: Threshold
    """By how much the picture turned by 90, 180 or 270 degrees correlates better with other pictures."""
    mirrored: Threshold
    """By how much the mirror image correlates better with other pictures."""
    cut_off: Threshold
    """Share of the picture that is dark beyond a straight edge."""
    collage: Threshold
    """Share of a line across the picture along which grey levels jump."""
    border: Threshold
    """Share of the picture that rows and columns of one level take at its sides."""
    caption: Threshold
    """Share of the picture that boxes of one level and bright strokes take."""
    text: Threshold
    """Highest confidence of a line read with three letters or digits in a row, 0 to 1; none unless `text` below."""
    off_topic: Threshold
    """Distance to the nearest tenth of the pictures by features of a network, in units of what is usual."""
    odd_size: Threshold
    """Difference of size from the nearest pictures: the logarithm of the pixels to base 2."""
    odd_shape: Threshold
    """Difference of shape from the nearest pictures: the logarithm of width over height to base 2."""


class AuditImages(Settings):
    """Score every picture for faults: blank, blurred, turned, cut off, off the topic and others."""

    thresholds: FaultThresholds
    text: bool
    """Whether letters and digits that are burned into the pictures are sought, which takes 0.2 to 0.5 seconds of one
    core for each, and packages that are not part of the project: pip install -e '.[text]'."""
    grid_images: Annotated[int, Field(ge=1, le=40)]
    """Pictures of the highest score shown for each fault."""


class MeasureAgreement(Settings):
    """Measure how well the graders agree, and what the consensus is."""

    ratings: Annotated[Text, PlaceMark(keywords=("images",))]
    """`images` for the grades of the ingested images, or the path of a table (CSV, TSV or Parquet, plain or in a .zip
    or .gz), a folder of one table per rater, or an export of Labelbox or Label Studio (ndjson, json); $NAME stands for
    an environment variable."""
    item: Text
    """Column of the rated image; in exports, a field of data_row (Labelbox: global_key, external_id) or of the task's
    data (Label Studio: image)."""
    rater: Text
    """Column of the rater, or * for a table with a column per rater; in exports, the field created_by (Labelbox) or
    completed_by (Label Studio); unused for a folder, whose tables are named after their raters."""
    label: Text
    """Column of the label, or * for a column per finding; in exports, the name of the classification
    (Labelbox) or of the control tag (Label Studio)."""
    multiple: bool
    """Whether a rater may give an image several labels: each label is then a finding, present (1) or absent (0) for
    every rater of the image.
    """
    level: Literal["nominal", "ordinal", "interval", "ratio"]
    """Level of measurement of the labels, which is that of the alpha that the report shows first."""
    missing: Items[Text]
    """Labels of a table or export that stand for no rating, besides empty cells; capitals do not matter. One that is
    among source.grades is a label."""
    smoothing: Annotated[float, Field(ge=0, le=10)]
    """Ratings added to each cell of each rater's confusion matrix in Dawid and Skene's model, so that a label that one
    rater alone gave once does not become certain; 0 for the model as published."""
    bootstrap: Resamples
    """Resamples of items behind every interval."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed
    grid_images: Shown
    """Maximum number of images shown in the figure of disagreements."""


class MakeReview(Settings):
    """Make a page on which readers decide what the rules cannot."""

    cases: Annotated[int, Field(ge=1, le=1000)]
    """Maximum number of cases on the page: those from whose answers most is expected."""
    megabytes: Annotated[float, Field(gt=0, le=500)]
    """Maximum length of the images on the page, in 10^6 bytes; cases beyond it wait."""
    show_grades: bool
    """Whether the page shows which expert gave which grade; otherwise readers do not see it."""
    answered: OrNone[FilePath]
    """Answers that came back: a table of the page, an export of Label Studio (json), or a folder of both, in which
    $NAME stands for an environment variable; cases that they decide are not on the page. Or `none`."""


class NormalizeLabels(Settings):
    """Drop duplicates, settle disagreements, and look for what besides the picture reveals the grade."""

    duplicates: Items[Literal["bytes", "pixels", "near"]]
    """Kinds of duplicates under one grader of which only the first is kept."""
    reviewed: OrNone[FilePath]
    """Decisions of readers, which act before all other rules: a table of the review page, an export of Label Studio
    (json), or a folder of both, in which $NAME stands for an environment variable; or `none`."""
    faults: Items[
        Literal[
            "blank",
            "clipped",
            "blurred",
            "noisy",
            "inverted",
            "turned",
            "mirrored",
            "cut_off",
            "collage",
            "border",
            "caption",
            "text",
            "off_topic",
            "odd_size",
            "odd_shape",
        ]
    ]
    """Faults of pictures that are left out: those that reach the threshold in audit_images.thresholds. A picture that a
    reader graded stays."""
    disagreements: Literal["drop", "keep", "majority", "dawid_skene", "lowest", "highest"]
    """What is done with an image that graders grade differently: it is dropped, kept with each of its grades (`keep`),
    or given one grade."""
    leakage_permutations: Annotated[int, Field(ge=20, le=100000)]
    """Shuffles of the grades behind every p-value of the leakage table."""
    leakage_min_gain: Annotated[float, Field(ge=0, le=0.5)]
    """Balanced accuracy above chance from which an attribute is said to reveal the grade."""
    seed: Seed


class ReportCuration(Settings):
    """Write the page that a reviewer reads from top to bottom."""

    title: Text
    """Heading of the page on curation."""
    published: OrNone[Literal["knee"]]
    """Published figures (data/published) that the counts are compared with."""


class CurationSections(Settings):
    """The sections of this track, in the order of params.yaml; `radsieve.params.Params` takes them up."""

    generate_phantoms: GeneratePhantoms
    ingest_images: IngestImages
    find_duplicates: FindDuplicates
    audit_images: AuditImages
    measure_agreement: MeasureAgreement
    make_review: MakeReview
    normalize_labels: NormalizeLabels
    report_curation: ReportCuration
