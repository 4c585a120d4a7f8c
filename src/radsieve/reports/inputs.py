"""What a page is made from: files of the results, each remembered so that the page can name and digest it."""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from radsieve import files, tables
from radsieve.errors import InputError
from radsieve.reports import page


class Inputs:
    """The files below the folder `root`, read by their names relative to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: dict[str, Path] = {}

    def path(self, name: str) -> Path:
        """Where the file `name` is; raises InputError if it is not there."""
        path = self.root / name
        if not path.is_file():
            raise InputError(f"{path}: not found; run the stage '{Path(name).parts[0]}' first")
        self._read[name] = path
        return path

    def note(self, path: Path, name: str) -> None:
        """Count a file from elsewhere among those read, as `name`."""
        self._read[name] = path

    def table(self, schema: pa.DataFrameSchema, name: str) -> pd.DataFrame:
        """The table `name`, held to `schema`."""
        return tables.read(schema, self.path(name))

    def metrics(self, stage: str) -> dict[str, Any]:
        """The metrics of `stage`."""
        return dict(json.loads(self.path(f"{stage}/metrics.json").read_text(encoding="utf-8")))

    def figure(self, name: str, title: str, alt: str) -> page.Figure:
        """The picture `name`."""
        return page.figure(self.path(name), title, name, alt)

    def digests(self) -> pd.DataFrame:
        """Every file read so far with its SHA-256, by name."""
        names = sorted(self._read)
        return pd.DataFrame({"file": names, "sha256": [files.sha256(self._read[name]) for name in names]})


def parameters(params: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Every parameter as one row: `section.key` and its value as JSON."""
    rows = [
        (f"{section}.{key}", json.dumps(value, ensure_ascii=False))
        for section, content in params.items()
        for key, value in content.items()
    ]
    return pd.DataFrame(rows, columns=["parameter", "value"])


def versions(packages: Sequence[str]) -> pd.DataFrame:
    """The installed version of each package."""
    return pd.DataFrame({"package": packages, "version": [version(name) for name in packages]})
