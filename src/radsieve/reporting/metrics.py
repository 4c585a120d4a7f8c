"""The metrics.json of stages as estimates."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from radsieve.numbers import ShownEstimate
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Table, table

_BOUNDS = ("lower", "upper")


def estimates_of(metrics: Mapping[str, Any]) -> dict[str, ShownEstimate]:
    """Every number of `metrics` by its keys joined by dots.

    A number's interval stands beside it, as in `dice`, `dice_lower`, `dice_upper`, or with it in a mapping of its own,
    as in `dice: {value, lower, upper}`; without one, or with one that has no width, the bounds are NaN. A number that
    is not defined (null) is NaN.
    What is not a number is left out.
    """
    return {".".join(path): estimate for path, estimate in _estimates(metrics, ())}


def metrics_table(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Every number of `metrics` as a table: metric, value. A key may have dots of its own, as LogReg.01 has."""
    rows = [(": ".join(path).replace("_", " "), estimate) for path, estimate in _estimates(metrics, ())]
    return pd.DataFrame(rows, columns=["metric", "value"])


def every_metric(inputs: Inputs, stages: Sequence[str]) -> Table:
    """The metrics of all `stages`, file by file, none left out: no one file has them all."""
    folders = [
        str(path.relative_to(inputs.root).parent)
        for stage in stages
        for path in sorted((inputs.root / stage).rglob("metrics.json"))
    ]
    rows = [metrics_table(inputs.metrics(folder)).assign(file=f"{folder}/metrics.json") for folder in folders]
    every = pd.concat(rows)[["file", "metric", "value"]]
    return table(every, "Every metric of every stage", "<stage>/metrics.json", written=len(every))


def _estimates(metrics: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ShownEstimate]]:
    """Every number with the keys that lead to it."""
    bounds = {f"{name}_{bound}" for name in metrics for bound in _BOUNDS}
    for name, value in metrics.items():
        if isinstance(value, Mapping) and set(_BOUNDS) <= set(value):
            middle = next(value[key] for key in value if key not in _BOUNDS)
            yield (*above, name), ShownEstimate(_number(middle), *(_number(value[bound]) for bound in _BOUNDS))
        elif isinstance(value, Mapping):
            yield from _estimates(value, (*above, name))
        elif (value is None or isinstance(value, int | float)) and name not in bounds:
            yield (
                (*above, name),
                ShownEstimate(_number(value), *(_number(metrics.get(f"{name}_{bound}")) for bound in _BOUNDS)),
            )


def _number(value: Any) -> float:
    return math.nan if value is None else value
