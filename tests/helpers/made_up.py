"""Made-up results of stages: every file that dvc.yaml names, so that a page can be made from them."""

import json
import shutil
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import stages as definitions
from matplotlib.figure import Figure

from radsieve import files, tables

ROOT = Path(__file__).parents[2]
UNITS = (20, 20, None, 0)  # the last columns of LEAKS: units of both sides, chance, whether predictions are the same
SAME = (20, 20, None, 1)
HOSTILE = "<script>alert(1)</script>\"'&amp; снимок \u202egnp.png"
Table = tuple[pa.DataFrameSchema, pd.DataFrame | Sequence[Any]]


def results_of(stages: Collection[str], folder: Path) -> list[str]:
    """Every file or folder below `results` that `stages` write by dvc.yaml and params.yaml of `folder`, by its path."""
    outs = {out for stage in definitions.stages(folder / "dvc.yaml").values() for out in stage.outs}
    names = (out.removeprefix("results/") for out in outs if out.startswith("results/"))
    return sorted(name for name in names if Path(name).parts[0] in stages)


def just_its_name(path: Path) -> None:
    """Write the name of the file into it: for files that a page names and does not read."""
    files.write_text(path, path.name)


def write(
    folder: Path,
    stages: Collection[str],
    table: Callable[[str, str, str], Table],
    metrics: Callable[[str, str], dict[str, Any]],
    other: Callable[[Path], None] = just_its_name,
) -> None:
    """Write every result of `stages` below `folder`/results; `folder` holds the params.yaml that names the groups.

    `table` gives the schema and the rows of a CSV, from the stage, the file's name and the name of the folder it lies
    in; `metrics` what a JSON holds, from stage and folder. Pictures are empty; `other` writes what is left.
    """
    shutil.copy(ROOT / "dvc.yaml", folder)
    for name in results_of(stages, folder):
        path, stage = folder / "results" / name, Path(name).parts[0]
        match path.suffix:
            case ".png":
                files.write_figure(path, Figure(figsize=(2, 1)))
            case ".json":
                files.write_text(path, json.dumps(metrics(stage, path.parent.name)))
            case ".csv":
                schema, rows = table(stage, path.stem, path.parent.name)
                tables.write(schema, pd.DataFrame(rows, columns=list(schema.columns)), path)
            case _:
                other(path)
