"""What a page is made from: files of the results, each remembered so that the page can name and digest it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from radsieve import files, tables
from radsieve.errors import InputError
from radsieve.params import Params
from radsieve.reporting import page


class Inputs:
    """The files below the folder `root`, read by their names relative to it."""

    def __init__(self, root: Path, published_tables: Path = Path("data/published")) -> None:
        self.root, self.published_tables = root, published_tables
        self._read: dict[str, Path] = {}

    def path(self, name: str) -> Path:
        """The path of the file `name`; raises InputError if it is not there."""
        path = self.root / name
        if not path.is_file():
            raise InputError(f"{path}: not found; run the stage '{Path(name).parts[0]}' first")
        self._read[name] = path
        return path

    def known(self, name: str) -> str:
        """The name of a file that the page only names, counted among those read."""
        self.path(name)
        return name

    def note(self, path: Path, name: str) -> None:
        """Count a file from elsewhere among those read, as `name`."""
        self._read[name] = path

    def published(self, folder: Path, name: str) -> tuple[pd.DataFrame, str]:
        """The published table `name` in `folder`, and how the page names it."""
        path = folder / name
        if not path.is_file():
            raise InputError(f"{path}: not found; the page compares with it")
        known = f"{folder.name}/{name}"
        self.note(path, known)
        return pd.read_csv(path), known

    def table(self, schema: pa.DataFrameSchema, name: str) -> pd.DataFrame:
        """The table `name`, compared with `schema`."""
        return tables.read(schema, self.path(name))

    def metrics(self, stage: str) -> dict[str, Any]:
        """The metrics of `stage`."""
        return dict(json.loads(self.path(f"{stage}/metrics.json").read_text(encoding="utf-8")))

    def figure(self, name: str, title: str, alt: str, plotted_from: str = "", images: bool = False) -> page.Figure:
        """The picture `name`; `plotted_from` and `images` as in page.figure."""
        if plotted_from:
            self.path(plotted_from)
        return page.figure(self.path(name), title, name, alt, plotted_from, images)

    def digests(self) -> pd.DataFrame:
        """Every file read so far with its SHA-256, by name."""
        names = sorted(self._read)
        return pd.DataFrame({"file": names, "sha256": [files.sha256(self._read[name]) for name in names]})


def parameters(params: Params, sections: Sequence[str]) -> pd.DataFrame:
    """Every parameter of `sections` as one row: its keys joined by dots, `section.key`, and its value as JSON."""
    chosen = params.model_dump(include=set(sections))
    return pd.DataFrame(_leaves(chosen), columns=["parameter", "value"])


def _leaves(params: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in params.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", json.dumps(value, ensure_ascii=False)
