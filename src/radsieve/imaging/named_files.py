"""Which file a name in a table means, where both were written by different programs.

Tables name images without their ending, with another case, with Windows' separators, with letters and accents apart
(NFD, as macOS writes them), with marks that nobody sees, or by their own name without the folder. A name is taken for a
file if exactly one file differs from it in that way alone, and if names with different endings do not mean the same
file.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from radsieve.text_files import composed

_ENDING = re.compile(r"\.[a-z][^./]{0,7}$")  # what begins with a digit is part of a number, as of a DICOM UID
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_log = logging.getLogger(__name__)


def _visible(name: str) -> str:
    return "".join(sign for sign in composed(name) if unicodedata.category(sign) != "Cf")


def _slashes(name: str) -> str:
    return _visible(name).replace("\\", "/").removeprefix("./")


def _one_case(name: str) -> str:
    return _slashes(name).casefold()


def _without_ending(name: str) -> str:
    return _ENDING.sub("", _one_case(name))


def _alone(name: str) -> str:
    return _without_ending(name).rpartition("/")[2]


def _without_zeros(name: str) -> str:
    return _ZEROS.sub("", _alone(name))


_FORMS: Sequence[tuple[str, Callable[[str], str]]] = (
    ("Unicode's form", composed),
    ("marks that nobody sees", _visible),
    ("separators", _slashes),
    ("case", _one_case),
    ("their ending", _without_ending),
    ("their folder", _alone),
)


# a name without ending may have a dot in it: 10.1148rg for 10.1148rg.jpg
_WHOLE: Mapping[Callable[[str], str], Callable[[str], str]] = {
    _without_ending: _one_case,
    _alone: lambda name: _one_case(name).rpartition("/")[2],
}


def files_named(names: Iterable[str], files: Collection[str], what: str, bare: bool = False) -> dict[str, str]:
    """Return the file of each of `names` that is none of `files` itself, where exactly one is meant; with `bare`, a
    name without a folder may stand for a file of any folder.

    The log says of how many, and of which kind (`what`: where the names stand).
    """
    present = set(files)
    named = [name for name in dict.fromkeys(names) if name]
    missing = [name for name in named if name not in present]
    found: dict[str, str] = {}
    for difference, form in _FORMS:
        left = [name for name in missing if name not in found]
        if form is _alone:
            left = [name for name in left if bare and "/" not in _slashes(name)]
        if not left:
            break
        by_form: dict[str, str | None] = {}
        for file in present:
            key = form(file)
            by_form[key] = None if key in by_form else file
        whole = _WHOLE.get(form, form)
        meant = {name: one for name in left if (one := by_form.get(whole(name)) or by_form.get(form(name)))}
        meant = _uncontested(meant, [name for name in named if name in present]) if form in _WHOLE else meant
        if meant:
            _log.warning(
                "%s: %d names differ from files in %s alone, and are taken for them", what, len(meant), difference
            )
        found |= meant
    _tell_lost_zeros([name for name in missing if name not in found], present, what)
    return found


def _tell_lost_zeros(names: Iterable[str], files: Collection[str], what: str) -> None:
    """Say in the log that `names` would be `files` if a spreadsheet had not taken 007 for a number."""
    by_form = {_without_zeros(file): file for file in sorted(files, reverse=True)}
    if lost := {name: by_form[form] for name in names if (form := _without_zeros(name)) in by_form and form.isdigit()}:
        name, file = next(iter(lost.items()))
        _log.warning(
            "%s: %d names of no file, such as %r, lack the zeros at the beginning of a file's, such as %r; was the"
            " column read as numbers? Save it as text",
            *(what, len(lost), name, file),
        )


def _uncontested(meant: Mapping[str, str], exact: Iterable[str]) -> dict[str, str]:
    """The names that differ from their file in the ending, without those of which another one, by its ending another
    file, means the same: of a.jpg and a.png only one can be the file a.png.
    """
    endings: dict[str, set[str]] = {}
    for name, file in (*meant.items(), *((name, name) for name in exact)):
        endings.setdefault(file, set()).update(_ENDING.findall(_one_case(name)))
    return {name: file for name, file in meant.items() if len(endings[file]) < 2 or not _ENDING.search(_one_case(name))}
