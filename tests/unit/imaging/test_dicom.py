"""DICOM: every way to store one picture gives the same pixels, what is no single picture is named, and nobody is."""

import io
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicoms import EIGHT_BITS, PICTURE, compressed, dataset, jpeg, stored
from PIL import Image
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from radsieve.imaging.decode import canonical, decode, pixel_digest
from radsieve.imaging.facts import facts_of
from radsieve.imaging.unreadable import REASONS, UnreadableImageError

LIMIT = 100_000


def read(content: bytes) -> np.ndarray:
    return canonical(decode(content, LIMIT))


def refused(content: bytes) -> UnreadableImageError:
    with pytest.raises(UnreadableImageError) as caught:
        read(content)
    assert caught.value.reason in REASONS
    assert "Doe" not in str(caught.value)
    assert "4711" not in str(caught.value)
    return caught.value


EXPECTED = np.rint(PICTURE / 4095 * 65535).astype(np.uint16)


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEG2000Lossless,
    ],
)
def test_one_picture_in_every_syntax(syntax):
    assert np.array_equal(read(stored(dataset(), syntax)), EXPECTED)


def test_a_file_without_preamble():
    plain = stored(dataset())
    start = 144 + int.from_bytes(plain[140:144], "little")
    assert np.array_equal(read(plain[start:]), EXPECTED)


def test_the_same_picture_in_every_form():
    """Inverted, signed, rescaled, and beside an overlay in bits that are not used."""
    forms = [
        dataset(4095 - PICTURE, PhotometricInterpretation="MONOCHROME1"),
        dataset((PICTURE.astype(np.int16) - 2048), signed=True),
        dataset(RescaleSlope="2", RescaleIntercept="-1024"),
        dataset(PICTURE | np.uint16(1 << 12)),
        dataset(4095 - PICTURE, PresentationLUTShape="INVERSE"),
    ]
    digests = {pixel_digest(read(stored(form))) for form in forms}
    assert digests == {pixel_digest(EXPECTED)}


def test_8_bits_are_those_of_a_png():
    small = (PICTURE >> 4).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(small).save(buffer, "PNG")
    assert pixel_digest(read(stored(dataset(small, bits=8)))) == pixel_digest(read(buffer.getvalue()))


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.999])
def test_a_jpeg_that_breaks_off_is_refused(options, share):
    """Decoders fill it up with grey."""
    whole = jpeg(**options)
    assert read(compressed([whole], JPEGBaseline8Bit, **EIGHT_BITS)).shape == PICTURE.shape
    assert read(compressed([whole + bytes(4)], JPEGBaseline8Bit, **EIGHT_BITS)).shape == PICTURE.shape
    part = whole[: int(len(whole) * share)]
    assert refused(compressed([part], JPEGBaseline8Bit, **EIGHT_BITS)).reason == "broken image"


def test_the_window_may_be_chosen():
    content = stored(dataset(PICTURE // 2 + 100, WindowCenter=["2000", "500"], WindowWidth=["1001", "201"]))
    values = (PICTURE // 2 + 100).astype(float)

    def shown(window):
        image = decode(content, LIMIT, window)
        return canonical(image).astype(float), image.info["decoding"]

    second, said = shown(2)
    assert "window 500 201" in said
    assert np.abs(second - np.clip((values - 499.5) / 200 + 0.5, 0, 1) * 65535).max() <= 1
    assert np.array_equal(shown(9)[0], second)  # the last one
    assert np.abs(shown("stored")[0] - values / 4095 * 65535).max() <= 1
    full = shown("range")[0]
    assert (full.min(), full.max()) == (0, 65535)
    assert not np.array_equal(shown(1)[0], second)


def test_the_first_window_is_that_of_the_standard():
    """DICOM PS3.3, C.11.2.1.2.1: black up to c - 0.5 - (w - 1) / 2, white above c - 0.5 + (w - 1) / 2."""
    content = stored(dataset(WindowCenter=["2000", "5"], WindowWidth=["1001", "7"]))
    expected = np.rint(np.clip((PICTURE - 1999.5) / 1000 + 0.5, 0, 1) * 65535)
    assert np.abs(read(content).astype(float) - expected).max() <= 1
    found = facts_of(content, LIMIT)
    assert (found.format, found.bit_depth, found.width) == ("DICOM", 12, 80)
    assert found.decoding == "Explicit VR Little Endian; window 2000 1001 LINEAR"


def test_pixels_that_are_not_square_are_made_so():
    found = decode(stored(dataset(PixelAspectRatio=["2", "1"])), LIMIT)
    assert found.size == (80, 120)
    assert "made square" in found.info["decoding"]
    assert refused(stored(dataset(PixelAspectRatio=["30", "1"]))).reason == "too many pixels"


def test_pixels_that_no_decoder_reads_are_told_with_their_kind_and_what_to_do():
    whole = jpeg()
    damaged = compressed([whole[:20] + bytes(80) + whole[100:]], JPEGBaseline8Bit, **EIGHT_BITS)
    assert "JPEG Baseline" in refused(damaged).detail and "export" in refused(damaged).detail
    without = dataset()
    del without.BitsStored
    assert "export" in refused(stored(without)).detail


def test_damaged_runs_are_read_or_refused_whatever_the_decoder_raises():
    """Some make a decoder panic, which is no Exception in Python."""
    content = stored(dataset(), RLELossless)
    start = content.rindex(b"\xe0\x7f\x10\x00") + 100  # behind the offsets of the segments
    random = np.random.default_rng(1)
    refusals = set()
    for _ in range(150):
        damaged = bytearray(content)
        for place in random.integers(start, len(content) - 16, 3):
            damaged[place] = random.integers(256)
        try:
            read(bytes(damaged))
        except UnreadableImageError as error:
            refusals.add(error.reason)
    assert refusals == {"broken image"}


@pytest.mark.parametrize("side", [61, 30_000])
def test_a_picture_larger_than_its_header_is_refused_before_it_is_decoded(side):
    content = stored(dataset(), JPEG2000Lossless)
    start = content.index(b"\xff\x4f\xff\x51") + 8
    large = content[:start] + 2 * side.to_bytes(4, "big") + content[start + 8 :]
    assert "another size" in refused(large).detail
    whole = jpeg()
    start = whole.index(b"\xff\xc0") + 5
    large = whole[:start] + 2 * side.to_bytes(2, "big") + whole[start + 4 :]
    assert "another size" in refused(compressed([large], JPEGBaseline8Bit, **EIGHT_BITS)).detail


def test_colours_that_do_not_say_how_they_lie_are_pixel_by_pixel():
    colours = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    found = dataset(colours, bits=8, SamplesPerPixel=3, PhotometricInterpretation="RGB")
    assert np.array_equal(read(stored(found)), colours)


def test_what_is_no_single_picture_is_named():
    report = dataset(Modality="SR")
    del report.PixelData
    assert "structured report" in refused(stored(report)).detail
    two = dataset(np.concatenate([PICTURE, PICTURE]), NumberOfFrames="2", Rows=60)
    assert "2 frames" in refused(stored(two)).detail
    assert refused(stored(dataset(Rows=3000, Columns=3000))).reason == "too many pixels"
    unknown = dataset(PhotometricInterpretation="HSV")
    assert "photometric" in refused(stored(unknown)).detail
    assert "high bit" in refused(stored(dataset(PICTURE << 4, HighBit=15))).detail
    whole = stored(dataset())
    assert refused(whole[:-100]).reason == "broken image"
    cut = refused(whole[: whole.index(PICTURE.tobytes()) - 12])
    assert (cut.reason, "breaks off before its pixels" in cut.detail) == ("broken image", True)


def test_a_deflated_file_that_swells_is_not_unpacked():
    content = stored(dataset(), DeflatedExplicitVRLittleEndian)
    start = 144 + int.from_bytes(content[140:144], "little")
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    swollen = packer.compress(bytes(60_000_000)) + packer.flush()
    assert refused(content[:start] + swollen).reason == "too many pixels"


def test_pydicoms_own_files_are_read_or_refused_with_a_reason():
    folder = Path(pydicom.__file__).parent / "data/test_files"
    read_of, refused_of = 0, 0
    for path in sorted(folder.glob("*.dcm")):
        content = path.read_bytes()
        try:
            pixels = read(content) if len(content) else None
        except UnreadableImageError as error:
            assert error.reason in REASONS
            refused_of += 1
        else:
            assert pixels is None or pixels.dtype in (np.uint8, np.uint16)
            read_of += 1
    assert read_of > 30
    assert refused_of > 10


@pytest.mark.parametrize(("behind", "said"), [(b"", ""), (b"\0", ""), (b"\0" * 35, "35 bytes behind the pixels")])
def test_bytes_behind_the_pixels_are_told(behind, said):
    """A header of fewer rows than the file has shows a part of the picture."""
    odd = np.arange(45, dtype=np.uint8).reshape(5, 9)  # whose file has a byte more
    one = dataset(odd, bits=8)
    one.PixelData = odd.tobytes() + behind
    found = decode(stored(one), LIMIT)
    assert np.asarray(found).tolist() == odd.tolist()
    assert said in found.info["decoding"] and ("behind" in found.info["decoding"]) == bool(said)


def test_bits_above_those_stored_are_told():
    """A header of 10 bits over values of 12, or an overlay in the bits above, which no header tells."""
    values = np.array([[0, 1000, 1023, 1024, 4095]], dtype=np.uint16)
    one = dataset(values, bits=12)
    one.BitsStored, one.HighBit = 10, 9
    found = decode(stored(one), LIMIT)
    assert np.asarray(found)[0].tolist() == [0, 64062, 65535, 0, 65535]
    assert "bits above those stored left out" in found.info["decoding"]
    assert "bits above" not in decode(stored(dataset(values, bits=12)), LIMIT).info["decoding"]
