"""Sphinx writes the documentation: README and guides as they lie in the project, and the API from the docstrings.

`make docs`. The folder of sources is the top of the project, so that links between README, guides and files are the
same here and in a viewer of the repository.

A name in backticks that begins with `radsieve.` becomes a link, in docstrings and in guides: one that does not exist
is an error, as is a broken link.
"""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "docs")]
import api_pages  # noqa: E402

import radsieve  # noqa: E402

project = "radsieve"
author = "The radsieve authors"
copyright = author
version = release = radsieve.__version__

extensions = ["myst_parser"]
root_doc = "README"
include_patterns = ["*.md", "docs/*.md", "config/*.md", "docs/api/**"]
exclude_patterns = [".*", "data", "results", "logs", "site", "htmlcov", "tests", "**/*.egg-info"]
nitpicky = True
# Names of other projects are not looked up, since that would need the network.
nitpick_ignore_regex = [(r"py:.*", r"(?!radsieve(\.|$)).*|.*\.Image\.Image")]

python_use_unqualified_type_names = True

myst_heading_anchors = 4
html_theme = "alabaster"
html_static_path = ["static"]
html_theme_options = {"page_width": "1100px", "sidebar_width": "260px", "show_powered_by": False}
html_title = f"radsieve {release}"
html_show_copyright = False
html_show_sphinx = False

CONTENTS = """

```{toctree}
:hidden:
:glob:
:caption: Guides

docs/*
config/README
CONTRIBUTING
CHANGELOG
```

```{toctree}
:hidden:
:caption: Reference

API <docs/api/radsieve>
```
"""


class NamesOfThePackage(SphinxTransform):
    """Makes a link of every `radsieve.…` in code; one that leads nowhere is an error."""

    default_priority = 5  # before references are looked up

    def apply(self, **_: Any) -> None:
        """Replace them."""
        for literal in list(self.document.findall(nodes.literal)):
            name = literal.astext()
            if re.fullmatch(r"radsieve(\.\w+)+", name) and not isinstance(
                literal.parent, nodes.reference | pending_xref
            ):
                link = pending_xref("", refdomain="py", reftype="obj", reftarget=name, refexplicit=False, refwarn=True)
                literal.replace_self(link)
                link += literal


def setup(app: Sphinx) -> None:
    """Add what Sphinx lacks."""
    app.add_lexer("mermaid", TextLexer)  # rendering it would need a script from elsewhere
    app.add_transform(NamesOfThePackage)
    app.connect("builder-inited", _write_api)
    app.connect("source-read", _add_contents)
    app.connect("build-finished", _make_start_page)


def _write_api(_app: Sphinx) -> None:
    api_pages.write(ROOT / "src/radsieve", ROOT / "docs/api")


def _add_contents(_app: Sphinx, docname: str, source: list[str]) -> None:
    if docname == root_doc:
        source[0] += CONTENTS


def _make_start_page(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        shutil.copyfile(Path(app.outdir, f"{root_doc}.html"), Path(app.outdir, "index.html"))
