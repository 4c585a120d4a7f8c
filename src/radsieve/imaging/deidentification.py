"""Copies of DICOM files that name nobody.

The Basic Application Level Confidentiality Profile (DICOM PS3.15, annex E, 2026c, as dicom-anonymizer has it) removes,
empties or replaces what may identify. Beyond it go all sequences but the tables that pixels need, overlays, also those
in unused bits of the pixels, comments of compressed pixels, what stands between their parts or behind the last pixel,
documents, profiles and other bytes, curves, identifiers of other objects, elements that the standard does not know, and
texts that the profile leaves alone. Patient, study, series and instance get the pseudonyms by which images.csv knows
them. Kept are the picture and what of `radsieve.imaging.tags` the profile would remove: sex, and age, 90 years and more
as 90.
"""

import hashlib
import io

import dicomanonymizer
import numpy as np
import pydicom
from dicomanonymizer.simpledicomanonymizer import initialize_actions
from pydicom.encaps import encapsulate
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID

from radsieve.errors import InputError
from radsieve.imaging import dicom
from radsieve.imaging.dicom_transforms import STORED, Window
from radsieve.imaging.file_structure import JPEG, JPEG_2000, bare_frame
from radsieve.imaging.pseudonyms import Pseudonyms
from radsieve.imaging.remnants import remnants
from radsieve.imaging.tags import tags_of
from radsieve.imaging.unreadable import UnreadableImageError

BURNED_IN, REMNANT = "text burned in", "not clean"
ALTERED, HIDDEN = "the copy would show another picture", "more than the picture in compressed pixels"
_PROFILE = "dicomfields_2026c"
_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_NEEDED_SEQUENCES = ("ModalityLUTSequence", "VOILUTSequence")
_NEEDED_OF_ITEMS = {"LUTDescriptor", "LUTData", "ModalityLUTType"}
_ANNOTATIONS = ((0x5000, 0x501F), (0x6000, 0x601F))  # groups of curves and of overlays
_PLAIN = pydicom.uid.ExplicitVRLittleEndian
_WORDS = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}  # bytes of a number, in values that pydicom leaves as they are
_BULK, _PALETTE = {"OB", "OW", "OF", "OD", "OL", "OV"}, "PaletteColorLookupTableData"
_TEXTS = {"PN", "LO", "SH", "LT", "ST", "UT", "UC", "UR", "AE", "UN"}
_KEPT_TEXTS = {"Manufacturer", "ManufacturerModelName", "RescaleType"}
_SEXES = {"M", "F", "O"}


def deidentified(content: bytes, pseudonyms: Pseudonyms, max_pixels: int) -> bytes:
    """Return a copy of the DICOM file `content`, an image of at most `max_pixels`, without what identifies.

    Raises UnreadableImageError for what is no single image, for one that says that text is burned in, if `remnants`
    finds anything in the copy, and if the copy would show another picture.
    """
    try:
        return _copy(content, pseudonyms, max_pixels)
    except (UnreadableImageError, InputError):
        raise
    except Exception:  # odd headers make the libraries raise anything; their words may quote them
        raise UnreadableImageError("broken image", f"no copy can be written of a {dicom.ODD_HEADER}") from None


def _copy(content: bytes, pseudonyms: Pseudonyms, max_pixels: int) -> bytes:
    picture = dicom.shown(content, max_pixels)
    found = dicom.checked(content, max_pixels)
    dicom.refuse_without(found, ["SOPClassUID"])
    known = tags_of(content, lambda: pseudonyms)
    if str(known["BurnedInAnnotation"]).upper() == "YES":
        raise UnreadableImageError("unsupported mode", BURNED_IN)
    own = hashlib.sha256(content).hexdigest()  # stands for an identifier that is not there
    uids = {name: _uid(str(found.get(name) or ""), name, pseudonyms, own) for name in _UIDS}
    actions = initialize_actions(_PROFILE)
    _strip(found, set(actions))
    _only_pixels(found)
    dicomanonymizer.anonymize_dataset(found, base_rules_gen=lambda: actions)
    for name, value in uids.items():
        setattr(found, name, value)
    found.PatientID = found.PatientName = str(known["PatientID"])
    found.PatientBirthDate = found.StudyDate = found.StudyTime = found.AccessionNumber = ""
    sex = str(known["PatientSex"]).upper()
    found.PatientSex = sex if sex in _SEXES else ""
    age = known["PatientAge"]
    found.PatientAge = f"{int(age):03}Y" if isinstance(age, float) and age >= 1 else ""
    found.PatientIdentityRemoved = "YES"
    found.DeidentificationMethod = "DICOM PS3.15 Basic Profile by dicom-anonymizer and radsieve"
    copy = _written(found)
    if left := sorted(set(remnants(content, copy))):
        raise UnreadableImageError("unsupported mode", f"{REMNANT}: {', '.join(left)}")
    windows: tuple[Window, ...] = (1,) if found.file_meta.TransferSyntaxUID.is_encapsulated else (1, STORED)
    for window in windows:  # compressed pixels were not written anew, and take seconds to decode
        original = picture if window == 1 else dicom.shown(content, max_pixels, window)
        copied = dicom.shown(copy, max_pixels, window)
        if original.steps[1:] != copied.steps[1:] or not np.array_equal(original.pixels, copied.pixels):
            raise UnreadableImageError("unsupported mode", ALTERED)
    return copy


def _uid(given: str, kind: str, pseudonyms: Pseudonyms, otherwise: str) -> UID:
    """The unique identifier that stands for the one `given`; of none, for what is there `otherwise`."""
    digits = pseudonyms.of(kind, given) or pseudonyms.of(kind, otherwise)
    return UID(f"2.25.{int(digits, 16)}")


def _strip(found: pydicom.Dataset, profile: set[tuple[int, ...]]) -> None:
    """Take out what no `profile` of single elements covers."""
    for element in list(found):
        annotation = any(low <= element.tag.group <= high for low, high in _ANNOTATIONS)
        text = element.VR in _TEXTS and element.keyword not in _KEPT_TEXTS
        alone = (element.tag.group, element.tag.element) not in profile
        other = element.VR == "UI" and element.keyword not in (*_UIDS, "SOPClassUID")  # would be drawn at random
        sequence = element.VR == "SQ" and element.keyword not in _NEEDED_SEQUENCES
        bulk = element.VR in _BULK and element.keyword != "PixelData" and not element.keyword.endswith(_PALETTE)
        if annotation or (text and alone) or other or sequence or bulk or not element.keyword:
            del found[element.tag]
    for name in _NEEDED_SEQUENCES:
        for item in found.get(name) or ():
            for element in [each for each in item if each.keyword not in _NEEDED_OF_ITEMS]:
                del item[element.tag]
    found.remove_private_tags()


def _only_pixels(found: pydicom.Dataset) -> None:
    """Take out of the pixel data what is no stored bit of a pixel; words of plain files become little endian."""
    bits, allocated = int(found.BitsStored), int(found.BitsAllocated)
    if found.file_meta.TransferSyntaxUID == pydicom.uid.RLELossless:  # may hold anything between its segments
        found.decompress(as_rgb=False, generate_instance_uid=False)
    syntax = found.file_meta.TransferSyntaxUID
    if syntax.is_encapsulated:
        if bits < allocated:
            values = pixel_array(found, raw=True, correct_unused_bits=False)
            kept = dicom.stored(found, values)
            if not np.all((values == kept) | (values == kept & ((1 << bits) - 1))):
                raise UnreadableImageError("unsupported mode", HIDDEN)
        frame = dicom.frame_of(found)
        if not frame.startswith((JPEG, JPEG_2000)):  # but in boxes of JP2, which may hold texts
            raise UnreadableImageError("unsupported mode", HIDDEN)
        found.PixelData = encapsulate([bare_frame(frame)])
        return
    if not syntax.is_little_endian:
        for element in found.iterall():
            if element.VR in _WORDS and element.value:
                element.value = np.frombuffer(element.value, f"u{_WORDS[element.VR]}").byteswap().tobytes()
    samples = 2 if found.PhotometricInterpretation == "YBR_FULL_422" else int(found.SamplesPerPixel)
    size = int(found.Rows) * int(found.Columns) * samples * allocated // 8
    content = found.PixelData[:size]
    if bits < allocated:
        kind = f"<u{allocated // 8}"
        content = dicom.stored(found, np.frombuffer(content, kind)).astype(kind).tobytes()
    found.PixelData = content + b"\0" * (len(content) % 2)


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
