"""DICOM files as tests write them: one picture of 12 bits in every form, of a patient whose name must reach nothing."""

import io

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

PICTURE = (np.add.outer(np.arange(60) * 60, np.arange(80) * 50) % 4096).astype(np.uint16)  # 12 bits
NAME = "Doe^Jane"
EIGHT_BITS = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}


def dataset(values: np.ndarray = PICTURE, bits: int = 12, signed: bool = False, **tags: object) -> Dataset:
    found = Dataset()
    found.PatientName, found.PatientID, found.Modality = NAME, "4711", "DX"
    found.SOPClassUID, found.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1.1", "1.2.3"
    found.Rows, found.Columns = values.shape[:2]
    found.SamplesPerPixel, found.PhotometricInterpretation = 1, "MONOCHROME2"
    found.BitsAllocated, found.BitsStored, found.HighBit = 8 * values.dtype.itemsize, bits, bits - 1
    found.PixelRepresentation = int(signed)
    found.PixelData = values.tobytes()
    found["PixelData"].VR = "OW"
    for name, value in tags.items():
        setattr(found, name, value)
    return found


def stored(found: Dataset, syntax: str = ExplicitVRLittleEndian, preamble: bool = True) -> bytes:
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if syntax in {RLELossless, JPEG2000Lossless}:
        found.compress(syntax, generate_instance_uid=False)
    found.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        found.PixelData = np.frombuffer(found.PixelData, "<u2").astype(">u2").tobytes()
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, found, enforce_file_format=preamble, implicit_vr=None, overwrite=True)
    return buffer.getvalue()


def jpeg(**options: object) -> bytes:
    """The upper 8 bits of the picture."""
    buffer = io.BytesIO()
    Image.fromarray((PICTURE >> 4).astype(np.uint8)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def compressed(frames: list[bytes], syntax: str, **tags: object) -> bytes:
    """A film with compressed pixels as they are given."""
    found = dataset(PixelData=encapsulate(frames), **tags)
    found["PixelData"].VR, found["PixelData"].is_undefined_length = "OB", True
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = syntax
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, found, enforce_file_format=True)
    return buffer.getvalue()


def film(pixels: np.ndarray, **tags: object) -> Dataset:
    """A data set with canonical pixels, grey of 8 or 16 bits or RGB of 8."""
    colour = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    return dataset(pixels, bits=8 * pixels.dtype.itemsize, **({} if pixels.ndim == 2 else colour) | tags)
