"""The schemas of packed images, which all tracks share; read and written by `radsieve.tables`."""

from enum import StrEnum

import pandera.pandas as pa

from radsieve.tables.columns import DIGEST, PATH, count, flag, number, one_of, schema, text


class Split(StrEnum):
    """What an image is for: learning, choosing settings, or evaluating the result. No patient is in two splits."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


# One row per image of a pack, in the order of its arrays. `image` is the path below the set's folder, `sha256` that of
# the file, `pixel_digest` that of the picture in it; `patient` is the image itself where nobody knows the patients;
# `label` is empty in sets without one; `group` is any further attribute; `subgroups` has the attributes by
# which results are told apart (see `radsieve.tables.subgroups`).
PACKED_FILES = schema(
    "files",
    image=text(PATH),
    sha256=text(DIGEST),
    pixel_digest=text(DIGEST),
    patient=text(),
    label=text(),
    group=text(),
    subgroups=text(),
)

# The same with the split of each image, and the `unit` that lies in one split in all sets: what shares a patient or
# pixels or is nearly alike, directly or through other images.
PACKED_IMAGES = schema(
    "images",
    image=text(PATH),
    sha256=text(DIGEST),
    patient=text(),
    unit=text(),
    label=text(),
    group=text(),
    subgroups=text(),
    split=one_of(*Split),
)

# What is nearly alike, in one set or in two: pairs of images, the distance of their hashes in bits, the correlation of
# the registered images, and whether one of them is mirrored, or the negative of the other.
ALIKE = schema(
    "alike",
    set_a=text(),
    image_a=text(PATH),
    set_b=text(),
    image_b=text(PATH),
    distance=count(),
    similarity=number(),
    mirrored=flag(),
    negative=flag(),
)

# Images, patients and units by set and split; `all sets` counts what lies in several of them once.
SPLIT_COUNTS = schema("counts", set=text(), split=one_of(*Split), images=count(), patients=count(), units=count())

# For each pair of sets: the units of the test split of `test_of`, and how many of them have images in each split of
# `other`; patients and pictures of it that train or validation of `other` has, too. All but `units` and `in_test`
# must be 0.
SET_CROSSINGS = schema(
    "crossings",
    test_of=text(),
    other=text(),
    units=count(),
    in_train=count(),
    in_validation=count(),
    in_test=count(),
    patients=count(),
    pictures=count(),
)

# Images that could not be used, in listing order.
IMAGE_QUARANTINE = schema("quarantine", image=text(PATH), reason=text(), detail=text())

# The names of the rows of a pack of images.
INDEX = schema("index", image=text(PATH))

# The images of a pack of which it is known how many millimetres lie from a pixel of the pack to the one below and to
# the one beside it, and whether that is at the detector or in the patient (`radsieve.imaging.spacing`).
SPACING = schema(
    "spacing",
    image=text(PATH),
    mm_down=number(pa.Check.gt(0)),
    mm_across=number(pa.Check.gt(0)),
    mm_at=one_of("detector", "patient", "not said"),
)
