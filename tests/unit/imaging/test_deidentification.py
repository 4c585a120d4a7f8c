"""Copies of DICOM files hold none of the secrets planted in every corner of a file, by a search of all bytes."""

import io

import numpy as np
import pydicom
import pytest
from dicoms import EIGHT_BITS, PICTURE, compressed, dataset, jpeg, stored
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from radsieve.imaging.decode import canonical, decode
from radsieve.imaging.facts import facts_of
from radsieve.imaging.pseudonyms import Pseudonyms
from radsieve.imaging.unreadable import UnreadableImageError

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
    "syntax",
    [
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEG2000Lossless,
    ],
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


@pytest.mark.parametrize("number", range(0, 10_000, 337))
def test_a_number_of_four_digits_is_not_taken_for_a_remnant(number):
    """Pseudonyms of 16 digits and identifiers of 20 hold such numbers by chance."""
    content = stored(dataset(PatientID=f"{number:04}", PatientName=""))
    copy = deidentified(content, KEY, LIMIT)
    assert copy == deidentified(content, KEY, LIMIT)
    left = pydicom.dcmread(io.BytesIO(copy))
    left.StationName = f"{number:04}"
    assert list(remnants(content, stored(left))) == ["PatientID"]


def test_identifiers_of_other_objects_are_not_copied():
    """The library would draw one at random, another in each run."""
    content = stored(dataset(FrameOfReferenceUID="1.2.36.99.7", SynchronizationFrameOfReferenceUID="1.2.36.99.6"))
    header = pydicom.dcmread(io.BytesIO(deidentified(content, KEY, LIMIT)))
    left = {each.keyword for each in header if each.VR == "UI"}
    assert left == {"SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"}


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
        ({"BurnedInAnnotation": "yes"}, "burned in"),
        ({"NumberOfFrames": "2"}, "2 frames"),
        ({"WindowCenter": "2000", "WindowWidth": "900", "StationName": "2000"}, "StationName"),
    ],
)
def test_what_cannot_be_cleaned_is_refused(tags, words):
    """Burned-in text, several frames, and a value that the copy has for another reason: who knows which."""
    with pytest.raises(UnreadableImageError, match=words) as caught:
        deidentified(stored(secret(**tags)), KEY, LIMIT)
    assert "Qrst" not in str(caught.value)


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(decode(content, LIMIT))


def table(big: bool) -> Sequence:
    item = Dataset()
    item.LUTDescriptor, item.LUTExplanation = [4096, 0, 16], "for a Grue"
    item.add_new("LUTData", "OW", (np.arange(4096) ** 2 // 256).astype(">u2" if big else "<u2").tobytes())
    return Sequence([item])


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian, ExplicitVRLittleEndian])
def test_tables_in_words_are_copied_and_what_explains_them_is_not(syntax):
    content = stored(dataset(VOILUTSequence=table(syntax == ExplicitVRBigEndian)), syntax)
    copy = deidentified(content, KEY, LIMIT)
    assert np.array_equal(pixels(copy), pixels(content))
    assert len(np.unique(pixels(copy))) > 500
    assert b"Grue" not in copy


@pytest.mark.parametrize(("kind", "height"), [("OW", 60), ("OB", 60), ("OW", 61)])
def test_8_bits_in_words_or_bytes_of_a_big_endian_file(kind, height):
    small = (PICTURE[:height, :79] >> 4).astype(np.uint8)
    found = dataset(np.resize(small, (height, 79)), bits=8)
    raw = found.PixelData + b"\0" * (len(found.PixelData) % 2)
    found.file_meta = pydicom.dataset.FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    found["PixelData"].VR = kind
    found.PixelData = np.frombuffer(raw, "u2").byteswap().tobytes() if kind == "OW" else raw
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, found, enforce_file_format=True)
    assert np.array_equal(pixels(buffer.getvalue()), np.resize(small, (height, 79)))
    copy = deidentified(buffer.getvalue(), KEY, LIMIT)
    assert np.array_equal(pixels(copy), np.resize(small, (height, 79)))


def test_a_copy_that_would_show_another_picture_is_refused(monkeypatch):
    from radsieve.imaging import deidentification

    monkeypatch.setattr(deidentification, "_WORDS", {})  # as if words were not turned
    with pytest.raises(UnreadableImageError, match=deidentification.ALTERED):
        deidentified(stored(dataset(), ExplicitVRBigEndian), KEY, LIMIT)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_what_is_drawn_in_unused_bits_is_not_copied(syntax, signed):
    drawn = np.zeros(PICTURE.shape, dtype=np.uint16)
    drawn[:8, :16] = 1 << 15
    plain = PICTURE.astype(np.int16) - 2048 if signed else PICTURE
    content = stored(dataset((plain.view(np.uint16) & 0xFFF) | drawn, signed=signed), syntax)
    copy = pydicom.dcmread(io.BytesIO(deidentified(content, KEY, LIMIT)))
    assert np.array_equal(np.frombuffer(copy.PixelData, "<u2"), plain.view(np.uint16).ravel())
    assert np.array_equal(pixels(content), pixels(deidentified(content, KEY, LIMIT)))


def drawn_upon(syntax: str) -> bytes:
    """Compressed pixels of 12 bits with something in the highest of 16."""
    header = pydicom.dcmread(io.BytesIO(stored(dataset(PICTURE | np.uint16(1 << 15), bits=16), syntax)))
    header.BitsStored, header.HighBit = 12, 11
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, header)
    return buffer.getvalue()


def test_compressed_pixels_with_something_drawn_in_unused_bits_are_refused():
    """But those of run lengths, which are written anew."""
    with pytest.raises(UnreadableImageError):
        deidentified(drawn_upon(JPEG2000Lossless), KEY, LIMIT)
    copy = pydicom.dcmread(io.BytesIO(deidentified(drawn_upon(RLELossless), KEY, LIMIT)))
    assert np.array_equal(np.frombuffer(copy.PixelData, "<u2"), PICTURE.ravel())
    for syntax in (JPEG2000Lossless, RLELossless):
        signed = dataset(PICTURE.astype(np.int16) - 2048, signed=True)
        assert deidentified(stored(signed, syntax), KEY, LIMIT)


def test_what_stands_behind_the_last_pixel_is_not_copied():
    content = stored(dataset(PixelData=PICTURE.tobytes() + b"DOE J\0" * 20, DataSetTrailingPadding=b"DOE K\0"))
    copy = deidentified(content, KEY, LIMIT)
    assert len(pydicom.dcmread(io.BytesIO(copy)).PixelData) == PICTURE.nbytes
    assert b"DOE" not in copy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ViewPosition", "Zyxwv Qrst"),
        ("BodyPartExamined", "ZYXWV"),
        ("ImageType", ["ORIGINAL", "PRIMARY", "zyxwv_2"]),
        ("FilterMaterial", "COPPER_QRST"),
        ("Laterality", "Qrst"),
        ("Manufacturer", "of Zyxwv"),
        ("PhotometricInterpretation", None),
        ("BodyPartExamined", "MRN-7712X"),
        ("ImageType", ["FERNANDEZ2", "PRIMARY"]),
        ("ManufacturerModelName", "\u5c71\u7530\u592a\u90ce"),
    ],
)
def test_a_name_in_another_element_is_found(name, value):
    tags = {"PatientID": "mrn-7712x", "OperatorsName": "Fernandez^A", "SpecificCharacterSet": "ISO_IR 192"}
    tags |= {"PatientBirthName": "\u5c71\u7530^\u592a\u90ce", "ReferringPhysicianName": "Mary^Gina^Rome^Chro"}
    content = stored(secret(**tags, **({name: value} if value else {"ImageType": ["ORIGINAL", "PRIMARY"]})))
    if value is None:  # Mary is part of PRIMARY, and Rome of MONOCHROME2
        assert deidentified(content, KEY, LIMIT)
    else:
        with pytest.raises(UnreadableImageError, match=name):
            deidentified(content, KEY, LIMIT)


@pytest.mark.parametrize(("given", "kept"), [("F", "F"), ("m", "M"), ("Zyxwv", ""), ("MALE", "M"), ("", "")])
def test_a_sex_is_one_of_three_letters(given, kept):
    copy = deidentified(stored(dataset(PatientSex=given, PatientName="Zyxwv^Qrst")), KEY, LIMIT)
    assert pydicom.dcmread(io.BytesIO(copy)).PatientSex == kept


def test_a_file_that_was_anonymized_before_may_be_copied():
    assert deidentified(stored(dataset(PatientName="ANONYMIZED", SeriesInstanceUID="1.2.3.9")), KEY, LIMIT)


def test_odd_files_are_refused_without_their_words():
    content = stored(dataset(AccessionNumber="77"))
    odd = content.replace(b"SH\x02\x0077", b"ZZ\x02\x0077")
    nameless = dataset()
    del nameless.SOPClassUID
    for each in (odd, stored(nameless, preamble=False)):
        with pytest.raises(UnreadableImageError) as caught:
            deidentified(each, KEY, LIMIT)
        assert caught.value.reason == "broken image"
        assert "77" not in caught.value.detail


@pytest.mark.parametrize("name", ["SOPClassUID", "SamplesPerPixel", "Rows", "BitsStored", "PixelRepresentation"])
def test_an_element_that_a_copy_needs_and_that_is_not_there_is_named(name):
    found = dataset()
    delattr(found, name)
    with pytest.raises(UnreadableImageError) as caught:
        deidentified(stored(found, preamble=False), KEY, LIMIT)
    assert caught.value.reason == "broken image"
    assert name in caught.value.detail
    assert "export it again" in caught.value.detail
    assert not any(word in caught.value.detail for word in ("4711", "Doe", "Error"))


def test_comments_of_a_jpeg_and_what_follows_it_are_not_copied():
    frame = jpeg(comment=b"DOE J")
    exif = b"\xff\xe1\x00\x08DOE K\x00"
    content = compressed([frame[:2] + exif + frame[2:] + b"DOE L\xff\xd9"], JPEGBaseline8Bit, **EIGHT_BITS)
    copy = deidentified(content, KEY, LIMIT)
    assert content.count(b"DOE") == 3
    assert copy.count(b"DOE") == 0
    assert np.array_equal(pixels(copy), pixels(content))


def test_comments_of_jpeg_2000_and_what_follows_it_are_not_copied():
    header = pydicom.dcmread(io.BytesIO(stored(dataset(), JPEG2000Lossless)))
    frame = next(generate_frames(header.PixelData, number_of_frames=1))
    size = 4 + int.from_bytes(frame[4:6], "big")
    comment = b"\xff\x64\x00\x09\x00\x01DOE J"
    content = compressed([frame[:size] + comment + frame[size:] + b"DOE L\xff\xd9"], JPEG2000Lossless)
    copy = deidentified(content, KEY, LIMIT)
    assert content.count(b"DOE") == 2
    assert copy.count(b"DOE") == 0
    assert np.array_equal(pixels(copy), pixels(content))


def frame_of(syntax: str) -> bytes:
    header = pydicom.dcmread(io.BytesIO(stored(dataset(), syntax)))
    return next(generate_frames(header.PixelData, number_of_frames=1))


def in_tile(frame: bytes, text: bytes) -> bytes:
    """A JPEG 2000 with a comment in the header of its tile, whose length is written there."""
    comment = b"\xff\x64" + (4 + len(text)).to_bytes(2, "big") + b"\0\1" + text
    start, data = frame.index(b"\xff\x90"), frame.index(b"\xff\x93")
    length = int.from_bytes(frame[start + 6 : start + 10], "big")
    longer = (length + len(comment) if length else 0).to_bytes(4, "big")
    return frame[: start + 6] + longer + frame[start + 10 : data] + comment + frame[data:]


def test_what_stands_between_the_parts_of_compressed_pixels_is_not_copied():
    for options in ({}, {"progressive": True}):
        plain = jpeg(**options)
        table = plain.index(b"\xff\xdb")
        commented = plain[:-2] + b"\xff\xfe\x00\x07DOE J" + plain[-2:]
        content = compressed([commented[:table] + b"DOE L" + commented[table:]], JPEGBaseline8Bit, **EIGHT_BITS)
        assert content.count(b"DOE") == 2
        assert b"DOE" not in (copy := deidentified(content, KEY, LIMIT))
        assert np.array_equal(pixels(copy), pixels(content))
    for frame, syntax in (
        (in_tile(frame_of(JPEG2000Lossless), b"DOE J"), JPEG2000Lossless),
        (frame_of(RLELossless) + b"DOE J\0", RLELossless),
    ):
        content = compressed([frame], syntax)
        assert b"DOE" in content
        assert b"DOE" not in (copy := deidentified(content, KEY, LIMIT))
        assert np.array_equal(pixels(copy), pixels(content))


def test_a_jpeg_2000_in_boxes_is_refused():
    buffer = io.BytesIO()
    Image.fromarray((PICTURE >> 4).astype(np.uint8)).save(buffer, "JPEG2000", no_jp2=False)
    boxes = buffer.getvalue()
    place = boxes.index(b"jp2c") - 4
    content = compressed([boxes[:place] + b"\0\0\0\x1exml DOE J" + bytes(17) + boxes[place:]], JPEG2000Lossless)
    with pytest.raises(UnreadableImageError):
        deidentified(content, KEY, LIMIT)


def test_documents_and_other_bytes_are_not_copied():
    found = dataset(EncapsulatedDocument=b"of Jane DOE ", ICCProfile=b"of Jane DOE ", PatientName="")
    found.add_new((0x0042, 0x1234), "OB", b"of Jane DOE ")
    found.add_new((0x0072, 0x1235), "CS", "DOE J")
    assert b"DOE" not in deidentified(stored(found), KEY, LIMIT)


def test_texts_that_the_profile_leaves_alone_are_not_copied():
    tags = {"SoftwareVersions": "V 1.2.3 of Frobozz", "Manufacturer": "Frobozz Ltd", "ExposureControlMode": "AUTOMATIC"}
    header = pydicom.dcmread(io.BytesIO(deidentified(stored(dataset(**tags)), KEY, LIMIT)))
    assert "SoftwareVersions" not in header
    assert (header.Manufacturer, header.ExposureControlMode) == ("Frobozz Ltd", "AUTOMATIC")
