"""The schemas of the tables of audit_splits; `radsieve.screening.tables` has them, too."""

from enum import StrEnum

from radsieve.tables.columns import PATH, SHARE, count, flag, number, one_of, schema, text


class Crossing(StrEnum):
    """Why two images of different parts belong together, the strictest reason first."""

    BYTES = "bytes"
    PIXELS = "pixels"
    NEAR = "near"
    PATIENT = "patient"


# Pairs of images that lie in different parts of a split and belong together; distance and similarity as in ALIKE, empty
# where the patient is all that they share.
AUDIT_PAIRS = schema(
    "pairs",
    part_a=text(),
    image_a=text(PATH),
    part_b=text(),
    image_b=text(PATH),
    reason=one_of(*Crossing),
    distance=number(nullable=True),
    similarity=number(nullable=True),
    mirrored=flag(),
    negative=flag(),
)

# How many images of `part` belong together with one of the part `other`, by reason and for any, with Wilson's interval
# of the share.
AUDIT_COUNTS = schema(
    "counts",
    part=text(),
    other=text(),
    reason=one_of("any", *Crossing),
    images=count(),
    crossing=count(),
    share=number(SHARE),
    lower=number(SHARE),
    upper=number(SHARE),
)

# Every image of the audited split: the part in which it lies, its unit, and the part in which the whole unit belongs,
# which is that of its images' parts that is held out most.
AUDIT_REPAIRED = schema("repaired", image=text(PATH), part=text(), unit=count(1), repaired=text())
