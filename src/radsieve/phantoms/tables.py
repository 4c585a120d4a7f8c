"""The schemas of what is known of generated phantoms; read and written by `radsieve.tables`."""

import pandera.pandas as pa

from radsieve.tables.columns import PATH, SHARE, flag, number, one_of, schema, text

# What generate_phantoms planted: one row per object. `image` numbers the pictures; `planted` is `image`, `fault:
# <kind>` (an image with a fault), `exact duplicate`, `pixel duplicate` (another file of equal pixels), `near: <kind>`
# or `broken: <kind>`; `truth` is the true grade (0, 1, ...). `image` and `truth` are -1 for broken objects.
PHANTOM_TRUTH = schema(
    "truth",
    relative_path=text(PATH),
    image=pa.Column("int64"),
    planted=text(),
    truth=pa.Column("int64"),
    joint_space_mm=number(nullable=True),
)


# Chest phantoms, one row per image in the order generated. `image` is the path below data/chests/images, which the
# masks below data/chests/lungs and data/chests/breasts share; `sex` F or M; `age` in years; `finding` normal or
# abnormal; `arm` 1 if one lies on the image; `asymmetry` is the greatest relative difference between widths or heights
# of the two lungs.
CHEST_TRUTH = schema(
    "truth",
    image=text(PATH),
    patient=text(),
    sex=one_of("F", "M"),
    age=number(),
    finding=one_of("normal", "abnormal"),
    arm=flag(),
    asymmetry=number(pa.Check.ge(0)),
)

# Skin phantoms: `image` is the path below data/lesions/images and of the mask below data/lesions/masks.
LESION_TRUTH = schema("truth", image=text(PATH), patient=text(), area_share=number(SHARE))
