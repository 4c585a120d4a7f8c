"""A scan for what of the original is left in a de-identified copy of a DICOM file."""

import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pydicom
from pydicom.uid import UID

_NAMING_KINDS = {"PN", "LO", "SH", "LT", "ST", "UT", "UC", "UR", "DA", "DT", "AE", "UI", "UN", "OB"}
_TEXT_KINDS = _NAMING_KINDS - {"UI", "OB"} | {"CS", "AS", "DS", "IS", "TM"}
_NUMBERS = ("PatientID", "OtherPatientIDs", "AccessionNumber", "StudyID")  # that may have letters
# what a copy has of its own
_OURS = ("PatientID", "PatientName", "PatientIdentityRemoved", "DeidentificationMethod")
_DUMMY = "ANONYMIZED"  # that dicom-anonymizer writes
_SHORTEST, _NEVER_BY_CHANCE, _LONGEST = 4, 8, 1000  # bytes of a value that is searched for
_LONG_WORD = 6  # letters from which on a name is searched for within words: Mary is part of PRIMARY
_SIGNS = "\u2e80"  # from here on each is a word or a syllable, two are a name, and no space stands between them
_WORD = re.compile(r"[^\W\d_]+")


def remnants(original: bytes, copy: bytes) -> Iterator[str]:
    """Yield what of the header of `original` occurs in that of `copy`, by keyword, or by the number of the element.

    Searched for as they stand are texts, dates, identifiers and what is private, also within sequences: of 4 bytes or
    more before the pixels of the copy and outside of its own identifiers, and of 8 or more in all of it, since a JPEG
    may hold comments. Parts of names of 4 letters or more, and identifiers with letters, are searched for in every text
    of the copy, capital or small.
    """
    header = pydicom.dcmread(io.BytesIO(original), force=True, stop_before_pixels=True)
    copied = pydicom.dcmread(io.BytesIO(copy), stop_before_pixels=True)
    yield from _whole_values(header, copied, copy)
    yield from _names(header, copied)


def _whole_values(header: pydicom.Dataset, copied: pydicom.Dataset, copy: bytes) -> Iterator[str]:
    written = _without_pseudonyms(copy[: _place_of_pixels(copy)], copied)
    allowed = _allowed(copied)
    for element in header.iterall():
        if element.VR in _NAMING_KINDS:
            for value in _each(element.value):
                if element.VR == "UI" and UID(str(value)).name != str(value):  # of the standard, not of a patient
                    continue
                text = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
                text = text.strip(b" \0")[:_LONGEST]
                where = copy if len(text) >= _NEVER_BY_CHANCE else written
                if len(text) >= _SHORTEST and text not in allowed and text in where:
                    yield _called(element)


def _without_pseudonyms(written: bytes, copy: pydicom.Dataset) -> bytes:
    """What is `written` in the copy but its own identifiers: four digits of a number occur in them by chance."""
    elements = [*copy.file_meta, *copy.iterall()]
    ours = {str(each.value) for each in elements if each.VR == "UI" or each.keyword in _OURS}
    for value in sorted(ours, key=len, reverse=True):
        written = written.replace(value.encode("utf-8", "replace"), b"\0")
    return written


def _names(header: pydicom.Dataset, copied: pydicom.Dataset) -> Iterator[str]:
    names: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for element in header.iterall():
        for value in _each(element.value):
            if element.VR == "PN":
                names |= dict.fromkeys(_WORD.findall(_folded(value)), _called(element))
            elif element.keyword in _NUMBERS and any(sign.isalpha() for sign in str(value)):
                numbers[_folded(value).strip()] = _called(element)
    for element in copied.iterall():
        if element.VR in _TEXT_KINDS and element.keyword not in _OURS:
            text = " ".join(_folded(value) for value in _each(element.value))
            words = set(_WORD.findall(text))
            for name, called in names.items():
                if name != _DUMMY.casefold() and _is_in(name, text, words):
                    yield f"{called} in {_called(element)}"
            for number, called in numbers.items():
                if len(number) >= _SHORTEST and number in text:
                    yield f"{called} in {_called(element)}"


def _is_in(name: str, text: str, words: set[str]) -> bool:
    if max(name) >= _SIGNS:
        return len(name) > 1 and name in text
    return len(name) >= _SHORTEST and (name in words or (len(name) >= _LONG_WORD and name in text))


def _folded(value: Any) -> str:
    """The text of a value, the same for capital, small, wide and composed letters."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return unicodedata.normalize("NFKC", text).casefold()


def _each(value: Any) -> Iterator[Any]:
    if value is None:
        return
    if isinstance(value, pydicom.multival.MultiValue):
        yield from value
    else:
        yield value


def _called(element: pydicom.DataElement) -> str:
    return element.keyword or str(element.tag)


def _allowed(copy: pydicom.Dataset) -> set[bytes]:
    """Values that say what kind of file it is and how it was taken, not of whom: they may be the same in the copy."""
    names = ("Manufacturer", "ManufacturerModelName", "SOPClassUID", "Modality", "SpecificCharacterSet")
    values = [_DUMMY, *(str(copy.get(name, "")) for name in names)]
    return {value.encode("utf-8", "replace") for value in values}


def _place_of_pixels(content: bytes) -> int:
    place = content.rfind(b"\xe0\x7f\x10\x00")
    return place if place >= 0 else len(content)
