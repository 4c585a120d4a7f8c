"""What the header of a DICOM file says of an image, by DICOM's keywords (PS3.6, 2025e), and never who was examined.

Identifiers become pseudonyms; dates, names and free text other than the machine's are not read. An age of 90 years or
more is 90, as HIPAA asks (45 CFR 164.514 b).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from radsieve.imaging.file_structure import is_dicom
from radsieve.imaging.pixel_shape import SIDES, sides_in, value_in
from radsieve.imaging.pseudonyms import Pseudonyms
from radsieve.tables.subgroups import LONGEST_LIFE, normal_sex

Value = str | float | None

IDENTIFIERS = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID")
NUMBERS = ("PatientAge", "BitsStored")
# a code, or a short text of the machine; two numbers of PixelSpacing and ImagerPixelSpacing (row and column in
# millimetres) and PixelAspectRatio (height and width of a pixel)
TEXTS = (
    "Modality",
    "ViewPosition",
    "ImageLaterality",
    "PatientSex",
    "Manufacturer",
    "ManufacturerModelName",
    "PixelSpacing",
    "ImagerPixelSpacing",
    "PixelAspectRatio",
    "PhotometricInterpretation",
    "BurnedInAnnotation",
)
HEADER = (*IDENTIFIERS, *TEXTS, *NUMBERS)
GIVEN_SPLIT = "given_split"  # which only a table beside the images can say
# where further patients and studies of a file stand, as pseudonyms with blanks between
FURTHER = {"PatientID": "other_patients", "StudyInstanceUID": "other_studies"}
NAMES = (*HEADER, GIVEN_SPLIT, *FURTHER.values())
NONE: Mapping[str, Value] = {name: None if name in NUMBERS else "" for name in NAMES}  # of which nobody says anything

OLDEST = 90
_LONGEST = 40
_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_AGE = re.compile(r"(\d{1,3})\s*([YMWD]?)")
_UNWANTED = re.compile(r"[^\w .,()/&+-]+")
_LEFT = "Laterality"  # of the series, where the image has none
_IMAGE_SIDE = "ImageLaterality"


def tags_of(content: bytes, pseudonyms: Callable[[], Pseudonyms]) -> dict[str, Value]:
    """Return NAMES of the DICOM file `content`: the tags HEADER as text, empty if not there, NUMBERS as such or None.

    `pseudonyms` is asked if there is an identifier. `content` is a file that `decode` could read.
    """
    from radsieve.imaging import dicom  # takes a second, which who has no DICOM need not wait

    return tags_in(dicom.header(content, [*HEADER, _LEFT]), pseudonyms)


def tags_in(header: Any, pseudonyms: Callable[[], Pseudonyms]) -> dict[str, Value]:
    """As `tags_of`, of the header (a pydicom Dataset) of a file that was read."""
    found = dict(NONE)
    for name in IDENTIFIERS:
        if given := str(value_in(header, name) or ""):
            found[name] = pseudonyms().of(name, given)
    for name in TEXTS:
        found[name] = _sides(header, name) if name in SIDES else _text(header, name)
    found[_IMAGE_SIDE] = found[_IMAGE_SIDE] or _text(header, _LEFT)
    found["PatientSex"] = normal_sex(str(found["PatientSex"]))
    found["PatientAge"] = age_in_years(_text(header, "PatientAge"))
    found["BitsStored"] = _whole(header, "BitsStored")
    return found


def tags_of_sides(content: bytes) -> dict[str, Value]:
    """Return SIDES of the DICOM file `content` as `tags_of` does."""
    from radsieve.imaging import dicom

    header = dicom.header(content, list(SIDES))
    return {name: _sides(header, name) for name in SIDES}


def add(known: dict[str, Value], said: Mapping[str, Value]) -> None:
    """Fill into `known` what `said` adds, both of NAMES: the first word counts, but no patient or study is lost; those
    that differ from the first stand in FURTHER.
    """
    for name, value in said.items():
        if name not in FURTHER.values() and known.get(name) in (None, ""):  # 0 years are an age
            known[name] = value
    for name, place in FURTHER.items():
        others = [str(known.get(place) or ""), str(said.get(name) or ""), str(said.get(place) or "")]
        known[place] = " ".join(one for one in dict.fromkeys(" ".join(others).split()) if one != known.get(name))


def patient_of(content: bytes, pseudonyms: Callable[[], Pseudonyms]) -> str:
    """Return the pseudonym of the patient of the file `content`, or if none is named that of the study, which is of one
    patient; empty if it is no DICOM file, or names neither.
    """
    if not is_dicom(content):
        return ""
    known = tags_of(content, pseudonyms)
    return str(known["PatientID"] or known["StudyInstanceUID"])


def age_in_years(text: str) -> float | None:
    """Return the years of an age as DICOM writes it (`067Y`, `018M`), OLDEST at most; None if it is none, or
    greater than LONGEST_LIFE, such as the code 999Y."""
    match = _AGE.fullmatch(text.strip().upper())
    years = int(match[1]) * _YEARS[match[2] or "Y"] if match else None
    return None if years is None or years > LONGEST_LIFE else min(round(years, 2), float(OLDEST))


def cleaned(text: str) -> str:
    """Return `text` on one line, of letters, digits and usual marks alone, without a start that means a formula."""
    return " ".join(_UNWANTED.sub(" ", text).split()).lstrip("+-., ")[:_LONGEST].rstrip()


def _text(header: Any, name: str) -> str:
    value = value_in(header, name)
    if value is None:
        return ""
    parts = [value] if isinstance(value, str | bytes) or not hasattr(value, "__iter__") else list(value)
    return cleaned(" ".join(map(str, parts)))


def _sides(header: Any, name: str) -> str:
    return " ".join(f"{side:.6g}" for side in sides_in(header, name) or ())


def _whole(header: Any, name: str) -> float | None:
    try:
        return float(int(value_in(header, name)))
    except (TypeError, ValueError):
        return None
