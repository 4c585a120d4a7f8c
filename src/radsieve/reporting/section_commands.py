"""The stages that made what a section shows, by the files that it names: how to make it again."""

import re
from collections.abc import Sequence

_FILE = re.compile(r'data-file="([a-z]+(?:_[a-z]+)+)/')
_NO_STAGE = ("trace_inputs",)


def stages_of(section: str) -> Sequence[str]:
    """The stages whose results the markup of a section names, in its order, each once.

    >>> stages_of('<span data-file="pack_images/x.csv"></span><span data-file="params.yaml"></span>')
    ['pack_images']
    """
    return [name for name in dict.fromkeys(_FILE.findall(section)) if name not in _NO_STAGE]
