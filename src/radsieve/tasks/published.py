"""Which published values stand beside a row of LEAKS."""

import pandas as pd

KEYS = ("task", "protocol", "metric")  # what a published value and a row of LEAKS must have in common


def published_beside(leaks: pd.DataFrame, published: pd.DataFrame) -> list[tuple[float, ...]]:
    """Return the published values of the same task, protocol and metric for each row of `leaks`, in their order.

    Both tables have the columns KEYS, and `published` has `value`; rows without a published value get an empty tuple.
    """
    values = published.groupby(list(KEYS), sort=False)["value"]
    known = {key: tuple(map(float, found)) for key, found in values}
    return [known.get(row, ()) for row in leaks[list(KEYS)].itertuples(index=False, name=None)]
