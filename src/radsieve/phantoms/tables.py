"""The schemas of what is known of drawn phantoms; read and written by `radsieve.tables`."""

import pandera.pandas as pa

from radsieve.tables.columns import PATH, SHARE, flag, number, schema, text

# What draw_phantoms planted: one row per object. `film` numbers the pictures; `planted` is `film`, `exact duplicate`,
# `pixel duplicate` (another file of equal pixels), `near: <kind>` or `broken: <kind>`; `truth` is the true grade
# (0, 1, ...). `film` and `truth` are -1 for broken objects.
PHANTOM_TRUTH = schema(
    "truth",
    relative_path=text(PATH),
    film=pa.Column("int64"),
    planted=text(),
    truth=pa.Column("int64"),
    joint_space_mm=number(nullable=True),
)


# Chest phantoms, one row per film in the order drawn. `film` is the path below data/chests/films, which the masks below
# data/chests/lungs and data/chests/breasts share; `sex` F or M; `age` in years; `finding` normal or abnormal; `arm` 1
# if one lies on the film; `asymmetry` is the greatest relative difference between widths or heights of the two lungs.
CHEST_TRUTH = schema(
    "truth",
    film=text(PATH),
    patient=text(),
    sex=text(pa.Check.isin(["F", "M"])),
    age=number(),
    finding=text(pa.Check.isin(["normal", "abnormal"])),
    arm=flag(),
    asymmetry=number(pa.Check.ge(0)),
)

# Skin phantoms: `film` is the path below data/lesions/films and of the mask below data/lesions/masks.
LESION_TRUTH = schema("truth", film=text(PATH), patient=text(), area_share=number(SHARE))
