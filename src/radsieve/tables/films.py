"""The schemas of packed films, which all tracks share; read and written by `radsieve.tables`."""

import pandera.pandas as pa

from radsieve.tables.columns import DIGEST, PATH, schema, text

PARTS = ("train", "validation", "test")

# One row per film of a pack, in the order of its arrays. `film` is the path below the set's folder, `sha256` that of
# the file; `patient` never lies in two parts; `label` is empty in sets without one; `group` is any further attribute.
FILMS = schema(
    "films",
    film=text(PATH),
    sha256=text(DIGEST),
    patient=text(),
    label=text(),
    group=text(),
    part=text(pa.Check.isin(list(PARTS))),
)

# Films that could not be used, in listing order.
FILM_QUARANTINE = schema("quarantine", film=text(PATH), reason=text(), detail=text())

# The names of the rows of a pack of films.
INDEX = schema("index", film=text(PATH))
