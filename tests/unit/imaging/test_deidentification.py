"""Copies of DICOM files hold none of the secrets planted in every corner of a file, by a search of all bytes."""

import io

import numpy as np
import pydicom
import pytest
from dicoms import dataset, stored
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from radsieve.imaging.decode import UnreadableImageError, canonical, decode
from radsieve.imaging.facts import facts_of
from radsieve.imaging.pseudonyms import Pseudonyms

pytest.importorskip("dicomanonymizer", reason="dicom-anonymizer is not installed: make install")
from radsieve.imaging.deidentification import deidentified, remnants

KEY = Pseudonyms(b"a key of sixteen characters")
LIMIT = 10**6
SECRETS = {
    "PatientName": "Zyxwv^Qrst",
    "PatientID": "MRN-77123",
    "PatientBirthDate": "19510213",
    "PatientAddress": "12 Sesame Road",
    "PatientTelephoneNumbers": "+44-5551",
    "PatientMotherBirthName": "Oldname^Q",
    "OtherPatientIDs": "PASS-9981",
    "EthnicGroup": "Zzgroup",
    "Occupation": "Locksmith Q",
    "AdditionalPatientHistory": "fell at Quux",
    "PatientComments": "sister of Plugh",
    "AccessionNumber": "ACC-4456",
    "StudyID": "STU-8812",
    "StudyDate": "20210714",
    "StudyTime": "101112.345",
    "ContentDate": "20210715",
    "AcquisitionDateTime": "20210716111213",
    "ReferringPhysicianName": "Refer^Xavier",
    "PerformingPhysicianName": "Perf^Yolanda",
    "OperatorsName": "Oper^Zelda",
    "InstitutionName": "Hosp Xyzzy",
    "InstitutionAddress": "1 Frotz Street",
    "StationName": "STN-3349",
    "DeviceSerialNumber": "SER-55781",
    "StudyDescription": "knee of Qrst",
    "SeriesDescription": "Qrst left",
    "ProtocolName": "for Zyxwv",
    "ImageComments": "see Qrst",
    "RequestedProcedureID": "REQ-6671",
    "StudyInstanceUID": "1.2.36.99.1",
    "SeriesInstanceUID": "1.2.36.99.2",
    "SOPInstanceUID": "1.2.36.99.3",
    "FrameOfReferenceUID": "1.2.36.99.4",
}


def secret(**tags: object) -> Dataset:
    inner = Dataset()
    inner.PatientName, inner.ReferencedSOPInstanceUID = "Nested^Grue", "1.2.36.99.5"
    found = dataset(**{**SECRETS, "RequestAttributesSequence": Sequence([inner])} | tags)
    block = found.private_block(0x0011, "MAKER QQ", create=True)
    block.add_new(1, "LO", "private Qrst")
    found.add_new(0x60000022, "LO", "overlay Qrst")
    found.add_new(0x60003000, "OW", b"drawn Qrst")
    return found


def words() -> list[bytes]:
    plain = [part for value in SECRETS.values() for part in (value, *value.split("^")) if len(part) >= 4]
    return [word.encode() for word in [*plain, "Grue", "1.2.36.99", "MAKER QQ", "drawn"]]


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, RLELossless, JPEG2000Lossless]
)
def test_no_secret_is_left_and_the_picture_is(syntax):
    content = stored(
        secret(PatientAge="095Y", PatientSex="F", ViewPosition="PA", WindowCenter="2000", WindowWidth="900"), syntax
    )
    content = b"Qrst".ljust(128, b"Q") + content[128:]  # what the preamble holds is anybody's
    copy = deidentified(content, KEY, LIMIT)
    assert [word for word in words() if word in copy] == []
    assert list(remnants(content, copy)) == []
    one, other = (facts_of(each, LIMIT, lambda: KEY) for each in (content, copy))
    assert one.pixel_digest == other.pixel_digest
    assert np.array_equal(canonical(decode(content, LIMIT)), canonical(decode(copy, LIMIT)))
    header = pydicom.dcmread(io.BytesIO(copy))
    assert (header.PatientID, header.PatientAge, header.PatientSex) == (one.tags["PatientID"], "090Y", "F")
    assert (header.ViewPosition, header.PatientIdentityRemoved) == ("PA", "YES")
    assert copy == deidentified(content, KEY, LIMIT)


def test_films_of_a_study_stay_together():
    def uids(**tags):
        header = pydicom.dcmread(io.BytesIO(deidentified(stored(secret(**tags)), KEY, LIMIT)))
        return header.StudyInstanceUID, header.SOPInstanceUID

    first, second, other = uids(), uids(SOPInstanceUID="1.2.36.99.9"), uids(StudyInstanceUID="1.2.36.99.8")
    assert first[0] == second[0] != other[0]
    assert first[1] != second[1]


def test_the_scan_finds_what_is_left():
    content = stored(secret())
    left = secret(PatientName="none")
    assert {"PatientID", "InstitutionName", "ReferencedSOPInstanceUID"} <= set(remnants(content, stored(left)))


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned in"),
        ({"NumberOfFrames": "2"}, "2 frames"),
        ({"WindowCenter": "2000", "WindowWidth": "900", "StationName": "2000"}, "StationName"),
    ],
)
def test_what_cannot_be_cleaned_is_refused(tags, words):
    """Burned-in text, several frames, and a value that the copy has for another reason: who knows which."""
    with pytest.raises(UnreadableImageError, match=words) as caught:
        deidentified(stored(secret(**tags)), KEY, LIMIT)
    assert "Qrst" not in str(caught.value)
