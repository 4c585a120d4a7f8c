"""Where the files lie that a page names, as links relative to the page, so that they open from a folder or a server."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True)
class Places:
    """The folders around a page.

    `page` is the page's own path; names of files are relative to `results`, except `<published.name>/...`, which lie in
    the folder `published`, and `params.yaml`, which lies in the folder that stages run in. `tables` is the folder with
    pages of single tables. What lies outside of the project, the folder that holds `results`, is not linked, whether
    `..` or a symbolic link leads there: a page tells nothing of the machine that made it.
    """

    page: Path
    results: Path
    published: Path | None = None
    tables: Path | None = None

    def file(self, name: str) -> str:
        """A link to the file `name`, empty if there is none.

        A name with a placeholder, as in `pack_images/<set>/index.csv`, leads to the folder in which those files lie.
        """
        path = self._path(name)
        return self._link(path) if path is not None else ""

    def table_page(self, name: str) -> str:
        """A link to the page that shows the table `name` alone and whole, empty if there is none."""
        stage, _, inside = name.partition("/")
        if self.tables is None or not inside.endswith(".csv"):
            return ""
        path = self.tables / table_page_name(stage, Path(inside))
        return self._link(path) if path.is_file() else ""

    def _path(self, name: str) -> Path | None:
        first, _, inside = name.partition("/")
        if name == "params.yaml":
            path = Path(name)
        elif self.published is not None and first == self.published.name:
            path = self.published / inside
        elif "<" in name:
            fixed = name.partition("<")[0].rpartition("/")[0]
            path = self.results / fixed
            return path if fixed and path.is_dir() and self._inside(path) else None
        else:
            path = self.results / name
        return path if path.is_file() and self._inside(path) else None

    def _inside(self, path: Path) -> bool:
        """Whether `path` lies in the project, both as a browser reads it (`..` by its letters) and as the system does.

        The folder of results may itself be a link to another disk.
        """
        project = Path(os.path.normpath(self.results.absolute())).parent
        resolved, known = path.resolve(), (project.resolve(), self.results.resolve())
        return Path(os.path.normpath(path.absolute())).is_relative_to(project) and any(
            resolved.is_relative_to(folder) for folder in known
        )

    def _link(self, path: Path) -> str:
        relative = os.path.relpath(path, self.page.parent)
        return quote(Path(relative).as_posix()) + ("/" if path.is_dir() else "")


def table_page_name(stage: str, inside: Path) -> str:
    """The name of the page of the table `inside` the results of `stage`: `train_segmenter.skin-scores.html`."""
    return f"{stage}.{'-'.join(inside.with_suffix('').parts)}.html"


def slug(text: str) -> str:
    """`text` as part of an address: lower-case letters and digits of any script, with hyphens between the words."""
    return re.sub(r"[^\w]+|_", "-", text.lower()).strip("-") or "item"
