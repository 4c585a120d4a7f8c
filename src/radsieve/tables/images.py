"""The schemas of packed images, which all tracks share; read and written by `radsieve.tables`."""

from enum import StrEnum

from radsieve.tables.columns import DIGEST, PATH, one_of, schema, text


class Split(StrEnum):
    """What an image is for: learning, choosing settings, or evaluating the result. No patient is in two splits."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


# One row per image of a pack, in the order of its arrays. `image` is the path below the set's folder, `sha256` that of
# the file; `patient` never lies in two splits; `label` is empty in sets without one; `group` is any further attribute.
PACKED_IMAGES = schema(
    "images",
    image=text(PATH),
    sha256=text(DIGEST),
    patient=text(),
    label=text(),
    group=text(),
    split=one_of(*Split),
)

# Images that could not be used, in listing order.
IMAGE_QUARANTINE = schema("quarantine", image=text(PATH), reason=text(), detail=text())

# The names of the rows of a pack of images.
INDEX = schema("index", image=text(PATH))
