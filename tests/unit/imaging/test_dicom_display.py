"""DICOM: tables, windows, slopes, padding and palettes give the values that the standard writes down, in numbers."""

import numpy as np
import pytest
from dicoms import PICTURE, dataset, stored
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_voi_lut
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radsieve.imaging.decode import canonical, decode
from radsieve.imaging.unreadable import UnreadableImageError

ROW = np.array([[0, 300, 1000, 2000, 3000, 4095]], dtype=np.uint16)


def shown(found: Dataset, window: object = 1, syntax: str = ExplicitVRLittleEndian) -> list[int]:
    return np.asarray(decode(stored(found, syntax), 10_000, window))[0].tolist()


def refused(found: Dataset, window: object = 1) -> UnreadableImageError:
    with pytest.raises(UnreadableImageError) as caught:
        decode(stored(found), 10_000, window)
    return caught.value


def table(entries: object, first: int, depth: int, kind: str = "US") -> Sequence:
    item = Dataset()
    values = [int(value) for value in np.atleast_1d(entries)]
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(values) % 65536, first, depth])
    item.add_new("LUTData", kind, np.array(values, "<u2").tobytes() if kind == "OW" else values)
    return Sequence([item])


def full(depth: int, count: int) -> np.ndarray:
    return np.rint(np.arange(count) / (count - 1) * (2**depth - 1)).astype(int)


@pytest.mark.parametrize("depth", [8, 10, 12, 16])
@pytest.mark.parametrize("kind", ["US", "OW"])
def test_a_voi_table_is_looked_up_whatever_the_depth_of_its_entries(depth, kind):
    entries = full(depth, 4096)
    expected = np.rint(entries[ROW[0]] / (2**depth - 1) * 65535).tolist()
    assert shown(dataset(ROW, VOILUTSequence=table(entries, 0, depth, kind))) == expected
    ideal = np.array([0, 4801, 16004, 32007, 48011, 65535])
    assert np.abs(np.array(expected) - ideal).max() <= 65535 / (2**depth - 1) / 2 + 1


@pytest.mark.parametrize("depth", [8, 16])
def test_values_outside_of_a_table_have_its_first_or_last_entry(depth):
    entries = full(depth, 256)
    places = np.clip(ROW[0].astype(int) - 900, 0, 255)
    expected = np.rint(entries[places] / (2**depth - 1) * 65535).tolist()
    assert shown(dataset(ROW, VOILUTSequence=table(entries, 900, depth))) == expected


@pytest.mark.parametrize("depth", [8, 12])
def test_the_first_value_of_a_table_may_be_negative(depth):
    signed = (ROW.astype(int) - 2048).astype(np.int16)
    entries = full(depth, 4096)
    expected = np.rint(entries[ROW[0]] / (2**depth - 1) * 65535).tolist()
    assert shown(dataset(signed, signed=True, VOILUTSequence=table(entries, -2048, depth))) == expected
    rescaled = {"RescaleSlope": "1", "RescaleIntercept": "-2048"}
    assert shown(dataset(ROW, VOILUTSequence=table(entries, -2048, depth), **rescaled)) == expected
    unsigned = table(entries, 65536 - 2048, depth)  # as implicit syntaxes have it, and many a file
    assert shown(dataset(ROW, VOILUTSequence=unsigned, **rescaled), 1, ImplicitVRLittleEndian) == expected


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_entries_of_8_bits_may_be_packed(syntax):
    found = dataset(ROW, VOILUTSequence=table(full(8, 4096), 0, 8, "OW"))
    packed = full(8, 4096).astype(np.uint8).view("<u2")
    found.VOILUTSequence[0].LUTData = packed.astype("<u2" if syntax == ExplicitVRLittleEndian else ">u2").tobytes()
    expected = np.rint(full(8, 4096)[ROW[0]] / 255 * 65535).tolist()
    assert shown(found, 1, syntax) == expected


def test_a_modality_table_comes_before_the_voi_table_and_both_before_the_inversion():
    found = dataset(
        ROW,
        PhotometricInterpretation="MONOCHROME1",
        ModalityLUTSequence=table(full(8, 4096)[::-1], 0, 8),
        VOILUTSequence=table(full(16, 256), 0, 16),
        WindowCenter="7",
        WindowWidth="3",  # of which the table takes the place
    )
    eight = full(8, 4096)[::-1][ROW[0]]
    assert shown(found) == (65535 - full(16, 256)[eight]).tolist()
    assert shown(found, "stored") == np.rint(65535 - eight / 255 * 65535).tolist()


@pytest.mark.parametrize(
    ("count", "entries", "depth", "word"),
    [
        (4096, np.arange(10), 16, "4096 entries"),
        (10, np.arange(10) * 100, 8, "8 bits"),
        (10, np.arange(10), 7, "7 bits"),
        (10, np.arange(10), 32, "32 bits"),
    ],
)
def test_a_table_that_is_not_as_it_says_is_refused(count, entries, depth, word):
    found = dataset(ROW, VOILUTSequence=table(entries, 0, depth))
    found.VOILUTSequence[0].LUTDescriptor = [count, 0, depth]
    assert word in refused(found).detail


SLOPE = {"RescaleSlope": "-1", "RescaleIntercept": "4095"}
NARROW = {"WindowCenter": "1000", "WindowWidth": "500"}
FULL = {"WindowCenter": "2048", "WindowWidth": "4096"}


def test_a_negative_slope_turns_the_picture_with_and_without_a_window():
    without = shown(dataset(ROW, **SLOPE))
    assert without == np.rint((4095 - ROW[0].astype(float)) / 4095 * 65535).tolist()
    assert without[0] == 65535
    assert shown(dataset(ROW, **SLOPE, **FULL)) == without
    assert shown(dataset(ROW, **SLOPE), "range") == without
    turned = dataset(ROW, **SLOPE, **FULL, PhotometricInterpretation="MONOCHROME1")
    assert shown(turned) == [65535 - value for value in without]


@pytest.mark.parametrize("whose", ["Shared", "PerFrame"])
def test_what_enhanced_files_say_of_their_frame_counts(whose):
    group = Dataset()
    for sequence, tags in (("PixelValueTransformationSequence", SLOPE), ("FrameVOILUTSequence", NARROW)):
        item = Dataset()
        for name, value in tags.items():
            setattr(item, name, value)
        setattr(group, sequence, Sequence([item]))
    grouped = dataset(ROW, NumberOfFrames="1", **{f"{whose}FunctionalGroupsSequence": Sequence([group])})
    assert shown(grouped) == shown(dataset(ROW, **SLOPE, **NARROW)) != shown(dataset(ROW))
    own = dataset(ROW, **{f"{whose}FunctionalGroupsSequence": Sequence([group])}, **FULL)  # the frame's own word counts
    assert shown(own) == shown(dataset(ROW, **SLOPE, **FULL))


def by_the_standard(value: float, center: float, width: float, function: str) -> float:
    """DICOM PS3.3, C.11.2.1.2.1, C.11.2.1.3.1 and C.11.2.1.3.2, for an output of 0 to 1."""
    if function == "SIGMOID":
        return 1 / (1 + np.exp(min(-4 * (value - center) / width, 700)))
    if function == "LINEAR":
        center, width = center - 0.5, width - 1
    if value <= center - width / 2:
        return 0.0
    if value > center + width / 2:
        return 1.0
    return (value - center) / width + 0.5


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(
    ("center", "width"), [(2048, 4096), (1000.5, 1), (1000, 1), (300, 2), (2000, 700.25), (-50, 9)]
)
@pytest.mark.parametrize("slope", ["1", "-1", "0.5"])
def test_windows_are_those_of_the_standard_and_of_pydicom(function, center, width, slope):
    tags = {"WindowCenter": str(center), "WindowWidth": str(width), "VOILUTFunction": function}
    found = dataset(ROW, **tags, RescaleSlope=slope, RescaleIntercept="7")
    values = ROW[0] * float(slope) + 7
    expected = np.array([by_the_standard(value, center, width, function) for value in values]) * 65535
    assert np.abs(np.array(shown(found)) - expected).max() <= 1
    if float(slope) > 0:
        span = 4095 * float(slope)
        theirs = (apply_voi_lut(values, found) - 7) / span * 65535
        assert np.abs(np.array(shown(found)) - theirs).max() <= 1


@pytest.mark.parametrize(
    ("tags", "word"),
    [
        ({"WindowWidth": "0"}, "0 wide"),
        ({"WindowWidth": "-5"}, "-5 wide"),
        ({"WindowWidth": "0.5"}, "0.5 wide"),
        ({"WindowWidth": "0", "VOILUTFunction": "LINEAR_EXACT"}, "0 wide"),
        ({"WindowWidth": "9", "VOILUTFunction": "DOE JANE"}, "unknown function"),
    ],
)
def test_a_window_that_the_standard_forbids_is_refused(tags, word):
    found = refused(dataset(ROW, WindowCenter="100", **tags))
    assert word in found.detail
    assert "DOE" not in found.detail
    assert shown(dataset(ROW, WindowCenter="100", **tags), "stored")[-1] == 65535


def test_of_several_windows_each_may_be_chosen_and_empty_ones_are_none():
    tags = {"WindowCenter": ["1000", "2000", "3000"], "WindowWidth": ["2", "3"]}
    assert shown(dataset(ROW, **tags)) == [0, 0, 65535, 65535, 65535, 65535]
    assert shown(dataset(ROW, **tags), 2) == [0, 0, 0, 49151, 65535, 65535]
    assert shown(dataset(ROW, **tags), 3) == shown(dataset(ROW, **tags), 2)
    bare = shown(dataset(ROW))
    assert shown(dataset(ROW, WindowCenter=None, WindowWidth=None)) == bare
    assert shown(dataset(ROW, WindowCenter="5", WindowWidth=None)) == bare
    assert shown(dataset(ROW, WindowCenter="2048", WindowWidth="4096", VOILUTFunction="")) == bare


def test_slopes_that_say_nothing_are_refused():
    assert "slope" in refused(dataset(ROW, RescaleSlope="0", RescaleIntercept="5")).detail
    assert "slope" in refused(dataset(ROW, RescaleSlope="1e308", RescaleIntercept="5")).detail


def test_signed_values_with_an_intercept():
    signed = (ROW.astype(int) - 2048).astype(np.int16)
    bare = shown(dataset(ROW))
    tags = {"RescaleSlope": "1", "RescaleIntercept": "-1024"}
    assert shown(dataset(signed, signed=True, **tags)) == bare
    assert shown(dataset(signed, signed=True, **tags, WindowCenter="-1024", WindowWidth="4096")) == bare
    overlaid = (signed & 0xFFF) | np.int16(1 << 13)
    assert shown(dataset(overlaid, signed=True, **tags)) == bare


def test_the_range_leaves_out_what_fills_the_picture_up():
    values = np.array([[0, 100, 200, 4000, 4095]], dtype=np.uint16)
    assert shown(dataset(values, PixelPaddingValue=0), "range") == [0, 0, 1640, 63977, 65535]
    both = {"PixelPaddingValue": 4095, "PixelPaddingRangeLimit": 4000}
    assert shown(dataset(values, **both), "range") == [0, 32768, 65535, 65535, 65535]
    assert shown(dataset(values, **both)) == shown(dataset(values))
    signed = dataset(np.array([[-2000, 0, 1000]], np.int16), signed=True, PixelPaddingValue=-2000)
    assert shown(signed, "range") == [0, 0, 65535]
    small = {"RescaleSlope": "0.0001", "RescaleIntercept": "0"}
    assert shown(dataset(values, **small), "range") == shown(dataset(values))
    flat = np.full((1, 5), 9, np.uint16)
    assert shown(dataset(flat, PixelPaddingValue=9), "range") == [0] * 5


@pytest.mark.parametrize(
    ("photometric", "shape", "turned"),
    [
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME1", "IDENTITY", True),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME2", "IDENTITY", False),
    ],
)
def test_one_inversion_is_enough(photometric, shape, turned):
    bare = shown(dataset(ROW))
    found = shown(dataset(ROW, PhotometricInterpretation=photometric, PresentationLUTShape=shape))
    assert found == ([65535 - value for value in bare] if turned else bare)


def palette(values: np.ndarray, tables: list[np.ndarray], first: int, depth: int, **tags: object) -> Dataset:
    found = dataset(values, PhotometricInterpretation="PALETTE COLOR", **tags)
    for colour, entries in zip(("Red", "Green", "Blue"), tables, strict=True):
        setattr(found, f"{colour}PaletteColorLookupTableDescriptor", [len(entries), first, depth])
        found.add_new(f"{colour}PaletteColorLookupTableData", "OW", entries.tobytes())
    return found


@pytest.mark.parametrize(
    ("kind", "depth", "scale"), [(np.uint8, 8, 1), ("<u2", 8, 1), ("<u2", 16, 257), ("<u2", 16, 256)]
)
def test_palettes_of_more_than_256_colours(kind, depth, scale):
    """Entries of 8 bits packed and in words, and of 16 bits with either way to widen 8."""
    eight = [np.arange(4096) // 16, 255 - np.arange(4096) // 16, np.arange(4096) % 256]
    found = palette(ROW | np.uint16(1 << 14), [(entries * scale).astype(kind) for entries in eight], 0, depth)
    expected = np.stack([entries[ROW[0]] for entries in eight], axis=-1)
    assert canonical(decode(stored(found), 10_000))[0].tolist() == expected.tolist()


def test_colours_keep_to_their_stored_bits():
    colours = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    values = np.array([[[0, 2048, 4095], [4095, 100, 0]]], np.uint16)
    expected = (values.astype(int) * 255 // 4095).tolist()
    assert np.asarray(decode(stored(dataset(values | np.uint16(1 << 15), **colours)), 10_000)).tolist() == expected
    assert "sign" in refused(dataset(values.astype(np.int16), signed=True, **colours)).detail


@pytest.mark.parametrize(
    ("photometric", "samples", "word"),
    [
        ("RGB", 1, "samples"),
        ("MONOCHROME2", 3, "samples"),
        ("PALETTE COLOR", 3, "samples"),
        ("YBR_RCT", 3, "JPEG 2000"),
        ("YBR_ICT", 3, "JPEG 2000"),
        ("YBR_PARTIAL_420", 3, "photometric"),
    ],
)
def test_samples_that_would_show_another_picture_are_refused(photometric, samples, word):
    values = np.zeros((2, 6, 3) if samples == 3 else (2, 6), np.uint8)
    found = dataset(values, bits=8, PhotometricInterpretation=photometric, SamplesPerPixel=samples)
    found.PlanarConfiguration = 0
    assert word in refused(found).detail


def test_what_no_grey_values_stand_for_is_refused():
    floating = dataset(ROW, FloatPixelData=ROW.astype(np.float32).tobytes())
    del floating.PixelData
    assert "floating point" in refused(floating).detail
    assert "colours" in refused(dataset(ROW, PixelPresentation="COLOR")).detail
    assert "high bit" in refused(dataset(PICTURE << 4, HighBit=15)).detail
