"""Copies of DICOM files that name nobody, and a scan for what of the original is left in one.

The Basic Application Level Confidentiality Profile (DICOM PS3.15, annex E, 2026c, as dicom-anonymizer has it) removes,
empties or replaces what may identify. Beyond it go all sequences but the tables that pixels need, overlays and curves.
Patient, study, series and instance get the pseudonyms by which images.csv knows them. Kept are the picture and what of
`radsieve.imaging.tags` the profile would remove: sex, and age, 90 years and more as 90.
"""

import io
from collections.abc import Iterator
from typing import Any

import dicomanonymizer
import pydicom
from dicomanonymizer.simpledicomanonymizer import initialize_actions
from pydicom.uid import UID

from radsieve.imaging import dicom
from radsieve.imaging.decode import UnreadableImageError
from radsieve.imaging.pseudonyms import Pseudonyms
from radsieve.imaging.tags import tags_of

BURNED_IN, REMNANT = "text burned in", "not clean"
_PROFILE = "dicomfields_2026c"
_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_NEEDED_SEQUENCES = ("ModalityLUTSequence", "VOILUTSequence")
_ANNOTATIONS = ((0x5000, 0x501F), (0x6000, 0x601F))  # groups of curves and of overlays
_PLAIN = pydicom.uid.ExplicitVRLittleEndian
_NAMING_KINDS = {"PN", "LO", "SH", "LT", "ST", "UT", "UC", "UR", "DA", "DT", "AE", "UI", "UN", "OB"}
_SHORTEST, _NEVER_BY_CHANCE, _LONGEST = 4, 8, 1000  # bytes of a value that is searched for


def deidentified(content: bytes, pseudonyms: Pseudonyms, max_pixels: int) -> bytes:
    """Return a copy of the DICOM file `content`, an image of at most `max_pixels`, without what identifies.

    Raises UnreadableImageError for what is no single image, for one that says that text is burned in, and if `remnants`
    finds anything in the copy.
    """
    dicom.shown(content, max_pixels)
    found = dicom.checked(content, max_pixels)
    known = tags_of(content, lambda: pseudonyms)
    if known["BurnedInAnnotation"] == "YES":
        raise UnreadableImageError("unsupported mode", BURNED_IN)
    uids = {name: _uid(found.get(name), name, pseudonyms) for name in _UIDS}
    _strip(found)
    dicomanonymizer.anonymize_dataset(found, base_rules_gen=lambda: initialize_actions(_PROFILE))
    for name, value in uids.items():
        setattr(found, name, value)
    found.PatientID = found.PatientName = str(known["PatientID"])
    found.PatientBirthDate = found.StudyDate = found.StudyTime = found.AccessionNumber = ""
    found.PatientSex = str(known["PatientSex"])[:16]
    age = known["PatientAge"]
    found.PatientAge = f"{int(age):03}Y" if isinstance(age, float) and age >= 1 else ""
    found.PatientIdentityRemoved = "YES"
    found.DeidentificationMethod = "DICOM PS3.15 Basic Profile by dicom-anonymizer and radsieve"
    copy = _written(found)
    if left := sorted(set(remnants(content, copy))):
        raise UnreadableImageError("unsupported mode", f"{REMNANT}: {', '.join(left)}")
    return copy


def remnants(original: bytes, copy: bytes) -> Iterator[str]:
    """Yield the keyword, or the number, of each value of the header of `original` that occurs in that of `copy`.

    Searched for are texts, dates, identifiers and what is private, also within sequences: of 4 bytes or more before the
    pixels of the copy, and of 8 or more in all of it, since a JPEG may hold comments.
    """
    header = pydicom.dcmread(io.BytesIO(original), force=True, stop_before_pixels=True)
    written = copy[: _place_of_pixels(copy)]
    allowed = _allowed(pydicom.dcmread(io.BytesIO(copy), stop_before_pixels=True))
    for element in header.iterall():
        if element.VR in _NAMING_KINDS:
            values = [element.value] if isinstance(element.value, str | bytes) else list(_each(element.value))
            for value in values:
                if element.VR == "UI" and UID(str(value)).name != str(value):  # of the standard, not of a patient
                    continue
                text = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
                text = text.strip(b" \0")[:_LONGEST]
                where = copy if len(text) >= _NEVER_BY_CHANCE else written
                if len(text) >= _SHORTEST and text not in allowed and text in where:
                    yield element.keyword or str(element.tag)


def _each(value: Any) -> Iterator[Any]:
    if value is None:
        return
    if isinstance(value, pydicom.multival.MultiValue):
        yield from value
    else:
        yield value


def _allowed(copy: pydicom.Dataset) -> set[bytes]:
    """Values that say what kind of file it is and how it was taken, not of whom: they may be the same in the copy."""
    names = ("Manufacturer", "ManufacturerModelName", "SOPClassUID", "Modality", "SpecificCharacterSet")
    values = [str(copy.get(name, "")).encode("utf-8", "replace") for name in names]
    return set(values)


def _place_of_pixels(content: bytes) -> int:
    place = content.rfind(b"\xe0\x7f\x10\x00")
    return place if place >= 0 else len(content)


def _uid(given: Any, kind: str, pseudonyms: Pseudonyms) -> UID:
    """The unique identifier that stands for the one `given`; of none, one of its own."""
    digits = pseudonyms.of(kind, str(given or "")) or pydicom.uid.generate_uid().rpartition(".")[2][:12]
    return UID(f"2.25.{int(digits, 16)}")


def _strip(found: pydicom.Dataset) -> None:
    """Take out what no profile of single elements covers."""
    for element in list(found):
        annotation = any(low <= element.tag.group <= high for low, high in _ANNOTATIONS)
        if annotation or (element.VR == "SQ" and element.keyword not in _NEEDED_SEQUENCES):
            del found[element.tag]
    found.remove_private_tags()


def _written(found: pydicom.Dataset) -> bytes:
    syntax = found.file_meta.TransferSyntaxUID
    found.file_meta = pydicom.dataset.FileMetaDataset()
    found.file_meta.TransferSyntaxUID = _PLAIN if not syntax.is_encapsulated else syntax
    found.file_meta.MediaStorageSOPClassUID = found.SOPClassUID
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
    found.preamble = b"\0" * 128
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, found, enforce_file_format=True, implicit_vr=None, overwrite=True)
    return buffer.getvalue()
