"""A schema for every table that passes between the stages of curation; read and written by `radsieve.tables`."""

from collections.abc import Sequence
from enum import StrEnum

import pandera.pandas as pa

from radsieve.imaging import tags
from radsieve.tables.columns import DIGEST, PATH, SHARE, count, flag, number, one_of, schema, text
from radsieve.tables.images import Split

_FILE_ID = pa.Check.str_matches(r"^[0-9a-f]{64}:[0-9a-f]{32}$", error="must be sha256:md5 in hexadecimal")

_HASH = pa.Check.str_matches(r"^[0-9a-f]{16}$", error="must be 16 hexadecimal digits")


class DuplicateKind(StrEnum):
    """What two files of one picture share, from the closest tie to the loosest."""

    BYTES = "bytes"
    PIXELS = "pixels"
    NEAR = "near"


class Fault(StrEnum):
    """What is looked for in a picture; the scores are explained in `radsieve.imaging.audit`."""

    BLANK = "blank"
    CLIPPED = "clipped"
    BLURRED = "blurred"
    NOISY = "noisy"
    INVERTED = "inverted"
    TURNED = "turned"
    MIRRORED = "mirrored"
    CUT_OFF = "cut_off"
    COLLAGE = "collage"
    BORDER = "border"
    CAPTION = "caption"
    TEXT = "text"
    OFF_TOPIC = "off_topic"
    ODD_SIZE = "odd_size"
    ODD_SHAPE = "odd_shape"


FAULT_WORDS = {
    Fault.BLANK: "blank",
    Fault.CLIPPED: "clipped grey levels",
    Fault.BLURRED: "blurred",
    Fault.NOISY: "noisy",
    Fault.INVERTED: "inverted (negative)",
    Fault.TURNED: "turned",
    Fault.MIRRORED: "mirrored",
    Fault.CUT_OFF: "cut-off field",
    Fault.COLLAGE: "collage",
    Fault.BORDER: "border",
    Fault.CAPTION: "caption or box",
    Fault.TEXT: "text",
    Fault.OFF_TOPIC: "off the topic",
    Fault.ODD_SIZE: "unusual size",
    Fault.ODD_SHAPE: "unusual shape",
}


class LineKind(StrEnum):
    """What a line that is burned into a picture may be: text, or a marker of one or two letters or digits."""

    TEXT = "text"
    MARKER = "marker"


class Question(StrEnum):
    """What a reader is asked of a picture, or of two."""

    GRADE = "grade"
    SAME = "same"


class AnswerState(StrEnum):
    """Whether a case is open, or what became of the answers to it: readers decided it, contradict one another, or speak
    of pictures that are not there.
    """

    OPEN = "open"
    DECIDED = "decided"
    CONTRADICTED = "contradicted"
    UNKNOWN = "unknown"


# One row per graded image, in listing order; `severity` is the grade's folder name (raw_data.csv of
# github.com/TiunovNN/hse-knee-xray-research).
RAW_DATA = schema("raw_data", expert=text(), file_id=text(_FILE_ID), severity=text(), relative_path=text(PATH))

# One row per distinct file, in order of first listing. `image_path` is relative to data/images; `bit_depth` is bits per
# channel as stored; `mean_brightness` in [0, 1] of full scale; `pixel_digest` is equal for equal pictures in different
# files; `phash`, `phash_mirrored` are 64-bit perceptual hashes of the image and of its left-right mirror image;
# `decoding` are the steps from stored to shown values of a DICOM file, what was left out of a file beside its image,
# and whether one of 16 bits uses little of them
# (smaller copies in a TIFF, further pictures of an MPO); the columns after it are what its header says
# (radsieve.imaging.tags), or the table of `source.table`: identifiers as pseudonyms, PatientAge in years, spacings in
# millimetres; `given_split` is the split that the table names. `other_patients` and `other_studies` are the further
# ones of a file that is of several by the table, or by table and header, with blanks between.
IMAGES = schema(
    "images",
    file_id=text(_FILE_ID),
    image_path=text(PATH),
    byte_size=count(1),
    format=text(),
    width=count(1),
    height=count(1),
    mode=text(),
    bit_depth=count(1),
    mean_brightness=number(pa.Check.in_range(0, 1)),
    pixel_digest=text(DIGEST),
    phash=text(_HASH),
    phash_mirrored=text(_HASH),
    decoding=text(),
    **{name: number(nullable=True) if name in tags.NUMBERS else text() for name in tags.HEADER},
    given_split=one_of("", *Split),
    **dict.fromkeys(tags.FURTHER.values(), text()),
)

# Objects that are not images, in listing order; `key` is the object's key with control characters escaped.
QUARANTINE = schema("quarantine", key=text(), byte_size=count(), reason=text(), detail=text())

# Pairs of distinct files that show the same picture. `distance` in bits between perceptual hashes; `similarity` is the
# correlation of the aligned images; `transform` what was done: none, mirrored, negative, or both.
DUPLICATE_PAIRS = schema(
    "pairs",
    file_id_a=text(_FILE_ID),
    file_id_b=text(_FILE_ID),
    kind=one_of(DuplicateKind.PIXELS, DuplicateKind.NEAR),
    transform=text(),
    distance=count(),
    similarity=number(pa.Check.in_range(-1, 1)),
)

# Pairs of files that were compared and are just not alike enough to be near-duplicates: nothing is tied by them.
BORDERLINE_PAIRS = schema(
    "borderline",
    file_id_a=text(_FILE_ID),
    file_id_b=text(_FILE_ID),
    transform=text(),
    distance=count(),
    similarity=number(pa.Check.in_range(-1, 1)),
)

# One row per path that belongs to a group of duplicates, groups in listing order of their first path. `kind` is the
# loosest tie of the path to its group's representative, the first path of the group in listing order. Which paths
# are in the data set is said by normalized_data and exclusions.
DUPLICATE_GROUPS = schema(
    "groups",
    group=count(1),
    kind=one_of(*DuplicateKind),
    file_id=text(_FILE_ID),
    expert=text(),
    severity=text(),
    relative_path=text(PATH),
    distance=count(),
    similarity=number(pa.Check.in_range(-1, 1)),
    representative=pa.Column(bool),
)

# Groups in which one expert gave different grades to the same picture: one row per group and expert.
DUPLICATE_CONFLICTS = schema(
    "conflicts",
    group=count(1),
    kind=one_of(*DuplicateKind),
    expert=text(),
    severities=text(),
    relative_paths=text(),
)

# How often an expert gave two files of one picture the same grade, by kind of pair, with the interval of the share and
# Cohen's kappa (empty where all grades are the same).
SELF_CONSISTENCY = schema(
    "consistency",
    expert=text(),
    kind=text(),
    pairs=count(1),
    same=count(),
    share=number(SHARE),
    lower=number(SHARE),
    upper=number(SHARE),
    kappa=number(nullable=True),
)

# Pairs of files of one picture with two different grades: the grades of the first and of the second file, and the
# `experts` who gave just these, by number and by name.
CONTRADICTIONS = schema(
    "contradictions",
    path_a=text(PATH),
    path_b=text(PATH),
    kind=text(),
    grade_a=text(),
    grade_b=text(),
    experts=count(1),
    who=text(),
)

# One row per distinct picture, in listing order of its first path: for each fault a score, higher is worse, and its
# rank among all pictures, 1 for the worst; both are empty for `text` where it was not sought.
FAULT_SCORES = schema(
    "scores",
    file_id=text(_FILE_ID),
    relative_path=text(PATH),
    **{
        name: column
        for fault in Fault
        for name, column in (
            (fault, number(nullable=fault == Fault.TEXT)),
            (f"{fault}_rank", pa.Column("Int64", pa.Check.ge(1), nullable=True) if fault == Fault.TEXT else count(1)),
        )
    },
)

# Lines that were read in a picture, without what they say: the box around each in pixels of the picture, how many
# letters and digits it has, and how surely they were read; `burned_in` is the header's BurnedInAnnotation.
TEXT_LINES = schema(
    "text",
    file_id=text(_FILE_ID),
    relative_path=text(PATH),
    kind=one_of(*LineKind),
    letters=count(1),
    confidence=number(SHARE),
    left=count(),
    top=count(),
    width=count(1),
    height=count(1),
    burned_in=text(),
)

# Pictures whose score of a fault reaches its threshold: one row per fault and picture, the worst first. `pixel_digest`
# names the picture, `relative_path` is its first path in listing order.
FAULTY_IMAGES = schema(
    "faulty",
    fault=one_of(*Fault),
    rank=count(1),
    score=number(),
    threshold=number(),
    file_id=text(_FILE_ID),
    pixel_digest=text(DIGEST),
    relative_path=text(PATH),
)

# deleted_paths.csv of github.com/TiunovNN/hse-knee-xray-research: exact copies by bytes under one expert, all but the
# first in listing order.
DELETED_PATHS = schema("deleted_paths", relative_path=text(PATH))

# Every path of an image that experts graded differently (different_severity.csv of
# github.com/TiunovNN/hse-knee-xray-research).
DIFFERENT_SEVERITY = schema("different_severity", file_id=text(), severity=pa.Column("int64"), relative_path=text(PATH))

# How many items two raters gave each pair of labels; one row per pair of raters and pair of labels that occurs.
CONTINGENCY = schema("contingency", rater_a=text(), rater_b=text(), label_a=text(), label_b=text(), count=count(1))

# Agreement coefficients with bootstrap bounds; `raters` is "all" or "A | B". `weighting` is that of the kappas (none,
# linear, quadratic) or the level of alpha (nominal, ordinal, interval, ratio).
COEFFICIENTS = schema(
    "coefficients",
    raters=text(),
    coefficient=text(),
    weighting=text(),
    value=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    items=count(),
)

# The same for each finding separately, where raters look for several on one image.
FINDING_COEFFICIENTS = schema("findings", finding=text(), **COEFFICIENTS.columns)

# Dawid-Skene consensus per item, with the posterior probability of the chosen label.
CONSENSUS = schema("consensus", item=text(), label=text(), probability=number(pa.Check.in_range(0, 1)), ratings=count())

# Estimated probability that `rater` says `label` when the truth is `truth`; empty where that truth never occurs.
RATER_CONFUSION = schema(
    "confusion",
    rater=text(),
    truth=text(),
    label=text(),
    probability=number(pa.Check.in_range(0, 1), nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
)

# Per rater: number of ratings, expected accuracy under Dawid-Skene, agreement with the other raters.
RATER_SKILL = schema(
    "skill",
    rater=text(),
    ratings=count(),
    accuracy=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    agreement_with_others=number(nullable=True),
)

_CASE = text(pa.Check.str_matches(r"^c[0-9a-f]{12}$", error="must be a c and 12 hexadecimal digits"))

# Cases for readers, the highest expected gain first (radsieve.curation.review.cases). `picture`, `other` are digests of
# pixels, in an order that tells nothing; `other` is empty in a question about one picture. `images` are those listed
# that an answer decides; `grades` who gave which; `path`, `other_path` the first of each picture in listing order;
# `on_page` is 0 for cases that did not fit on the page, or that are decided.
REVIEW_QUEUE = schema(
    "queue",
    place=count(1),
    case=_CASE,
    question=one_of(*Question),
    kind=text(),
    gain=number(pa.Check.ge(0)),
    uncertainty=number(pa.Check.ge(0)),
    images=count(1),
    picture=text(DIGEST),
    other=text(),
    similarity=number(nullable=True),
    transform=text(),
    grades=text(),
    path=text(PATH),
    other_path=text(),
    state=one_of(AnswerState.OPEN, AnswerState.DECIDED, AnswerState.CONTRADICTED),
    on_page=flag(),
)

# One row per answer that came back: what became of the case, and the listed images that it concerns.
REVIEWED = schema(
    "reviewed",
    case=_CASE,
    question=one_of(*Question),
    answer=text(),
    reader=text(),
    reason=text(),
    state=one_of(AnswerState.DECIDED, AnswerState.CONTRADICTED, AnswerState.UNKNOWN),
    images=count(),
    path=text(),
    other_path=text(),
)

# normalized_data.csv of github.com/TiunovNN/hse-knee-xray-research: the agreed-on images, grades as numbers. `unit` is
# what images have in common that show the same picture, or nearly the same; `split` is that of the unit.
NORMALIZED_DATA = schema(
    "normalized_data",
    expert=text(),
    file_id=text(_FILE_ID),
    severity=pa.Column("int64", pa.Check.ge(0)),
    relative_path=text(PATH),
    unit=text(),
    split=one_of(*Split),
)

# Every path that is not in normalized_data: the rule that left it out and the evidence.
EXCLUSIONS = schema("exclusions", relative_path=text(), rule=text(), evidence=text())

# Rows of normalized_data whose grade is not the one that the expert gave.
CHANGED_GRADES = schema(
    "changed_grades",
    expert=text(),
    file_id=text(_FILE_ID),
    relative_path=text(PATH),
    given=count(),
    agreed=count(),
    evidence=text(),
)

# Images of normalized_data by grade (number and folder name) and expert.
GRADES = schema("grades", grade=count(), label=text(), expert=text(), count=count())

# What besides the picture reveals the grade: cross-validated balanced accuracy of the grade from one attribute alone.
# Pictures that are nearly alike, of one `unit`, do not count as independent: see curation/leakage.py.
LEAKAGE = schema(
    "leakage",
    attribute=text(),
    distinct_values=count(),
    balanced_accuracy=number(pa.Check.in_range(0, 1), nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    chance=number(pa.Check.in_range(0, 1), nullable=True),
    p_value=number(pa.Check.in_range(0, 1), nullable=True),
    leaks=pa.Column(bool),
    same_as=text(),
)

# How many pictures of each grade have which value of an attribute; ranges stand for attributes with many values.
LEAKAGE_VALUES = schema("leakage_values", attribute=text(), value=text(), grade=count(), count=count())


def cross_check(raters: Sequence[str]) -> pa.DataFrameSchema:
    """One row per item, one text column per rater; an empty cell is a missing rating (cross_check of
    github.com/TiunovNN/hse-knee-xray-research).
    """
    return schema("cross_check", file_id=text(), **{rater: text() for rater in raters})
