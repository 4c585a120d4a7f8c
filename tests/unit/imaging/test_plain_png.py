"""What is read of plain PNG is what Pillow reads, and nothing is read that `decode` refuses."""

import struct
import zlib
from dataclasses import asdict

import numpy as np
import pytest

from radsieve.imaging import facts, plain_png
from radsieve.imaging.decode import MAX_SIDE, canonical, decode, read_pixels
from radsieve.imaging.facts import facts_and_pixels
from radsieve.imaging.unreadable import UnreadableImageError

LIMIT = 1_000_000
COLOUR = {"L": (8, 0, 1), "I;16": (16, 0, 2), "RGB": (8, 2, 3)}


def chunk(name, body=b""):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(rows, mode="L", *, before=b"", after=b"", size=None, tail=b"", interlaced=0, data=None):
    """A PNG of filtered `rows` (H, 1 + N), compressed as `data`."""
    bits, colour, step = COLOUR[mode]
    width, height = size or ((rows.shape[1] - 1) // step, len(rows))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced))
    data = data or zlib.compress(rows.tobytes() + tail)
    return b"\x89PNG\r\n\x1a\n" + header + before + chunk(b"IDAT", data) + after + chunk(b"IEND")


def filtered_rows(mode, filters, width=37, seed=0):
    """Random bytes, each row under one of the `filters`: whatever they are, they stand for some picture."""
    step = COLOUR[mode][2]
    rows = np.random.default_rng(seed).integers(0, 256, (len(filters), 1 + width * step), dtype=np.uint8)
    rows[:, 0] = filters
    return rows


def read(content):
    return plain_png.read(content, LIMIT, MAX_SIDE)


def both_ways(content, monkeypatch):
    """Facts and pixels by the faster way, and by Pillow alone."""
    fast = facts_and_pixels(content, LIMIT)
    with monkeypatch.context() as patch:
        patch.setattr(facts.plain_png, "read", lambda *_: None)
        return fast, facts_and_pixels(content, LIMIT)


EVERY_PAIR = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 2, 4, 1, 3, 0, 3, 1, 4, 2, 0]


@pytest.mark.parametrize("first", range(5))
@pytest.mark.parametrize("mode", COLOUR)
def test_every_filter_gives_what_pillow_gives(mode, first):
    content = png(filtered_rows(mode, [first, *EVERY_PAIR]), mode)
    expected = decode(content, LIMIT)
    found, stored = read(content)
    assert found.mode == stored == mode == expected.mode
    assert np.array_equal(np.asarray(found), np.asarray(expected))
    assert np.asarray(found).dtype == np.asarray(expected).dtype


@pytest.mark.parametrize("odd_one", [None, (0, 0), (20, 36)])
def test_rgb_of_equal_channels_is_grey(odd_one):
    grey = filtered_rows("L", EVERY_PAIR)
    rows = np.concatenate([grey[:, :1], np.repeat(grey[:, 1:], 3, axis=1)], axis=1)
    if odd_one:
        rows[odd_one[0], 1 + 3 * odd_one[1] + 2] ^= 1
    content = png(rows, "RGB")
    (found, stored), expected = read(content), canonical(decode(content, LIMIT))
    assert stored == "RGB"
    assert found.mode == ("RGB" if odd_one else "L")
    assert np.array_equal(canonical(found), expected)


ROWS = filtered_rows("L", [0, 1, 2, 3, 4])
GOOD = png(ROWS)


def changed(place, value=None):
    found = bytearray(GOOD)
    found[place] = found[place] ^ 0xFF if value is None else value
    return bytes(found)


FAULTS = {
    "checksum of the header": changed(30),
    "checksum of the pixels": changed(GOOD.index(b"IEND") - 6),
    "a byte of the pixels": changed(60),
    "cut in the pixels": GOOD[:90],
    "a filter that there is none": png(filtered_rows("L", [0, 5])),
    "two headers": png(ROWS, before=GOOD[8:33]),
    "signature alone": GOOD[:8],
    "a window of 64 kB": png(ROWS, data=b"\x88\x1c" + zlib.compress(ROWS.tobytes())[2:]),
    "a header behind the end": GOOD + GOOD[8:33],
    "no pixels": GOOD[:33] + chunk(b"IEND"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_has_a_fault_is_left_to_decode_which_refuses_it(name):
    assert read(GOOD) is not None
    assert read(FAULTS[name]) is None
    with pytest.raises(UnreadableImageError):
        facts_and_pixels(FAULTS[name], LIMIT)


OTHERS = {
    "interlaced": png(ROWS, interlaced=1),
    "text": png(ROWS, before=chunk(b"tEXt", b"Raw profile type exif\0x")),
    "orientation": png(ROWS, before=chunk(b"eXIf", b"II*\0")),
    "transparent": png(ROWS, before=chunk(b"tRNS", b"\0\x10")),
    "pixels in two places": png(ROWS, after=chunk(b"tIME", bytes(7)) + chunk(b"IDAT")),
    "more than its rows": png(ROWS, tail=b"more"),
    "odd length of a known chunk": png(ROWS, before=chunk(b"pHYs", b"")),
    "too few rows": png(ROWS[:-1], size=(37, 5)),
    "checksum of the end": changed(len(GOOD) - 1),
    "no end": GOOD[:-12],
    "more behind the end": GOOD + b"more",
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_plain_is_left_to_decode(name):
    assert read(OTHERS[name]) is None


@pytest.mark.parametrize("mode", COLOUR)
def test_facts_are_the_same_either_way(mode, monkeypatch):
    before = chunk(b"tIME", bytes(7)) + chunk(b"pHYs", bytes(9))
    content = png(filtered_rows(mode, EVERY_PAIR), mode, before=before)
    assert read(content) is not None
    (one, pixels), (other, same) = both_ways(content, monkeypatch)
    assert asdict(one) == asdict(other)
    assert pixels.dtype == same.dtype
    assert np.array_equal(pixels, same)


def test_sixteen_bits_that_are_eight_become_eight():
    rows = np.zeros((3, 1 + 2 * 4), dtype=np.uint8)
    rows[:, 1:] = np.repeat(np.arange(12, dtype=np.uint8).reshape(3, 4), 2, axis=1)
    pixels = facts_and_pixels(png(rows, "I;16"), LIMIT)[1]
    assert pixels.dtype == np.uint8
    assert pixels.tolist() == np.arange(12).reshape(3, 4).tolist()


# 5 zeros, in codes of which half stand for nothing
UNUSED_CODES = bytes.fromhex("789c05c0810000000080a0fda90f000100050001")


def outcome(read_as, content):
    try:
        return read_as(content).tolist()
    except UnreadableImageError as error:
        return error.reason


@pytest.mark.parametrize("data", [None, UNUSED_CODES])
def test_stages_read_again_what_ingestion_has_described(data):
    """Else an image that only isal takes would be kept, and end the next stage."""
    content = png(np.zeros((1, 5), dtype=np.uint8), data=data)
    described = outcome(lambda of: facts_and_pixels(of, LIMIT)[1], content)
    assert outcome(lambda of: read_pixels(of, LIMIT), content) == described
    assert described in ([[0, 0, 0, 0]], "broken image")


def test_limits_hold():
    assert plain_png.read(GOOD, 37 * 5, MAX_SIDE) is not None
    assert plain_png.read(GOOD, 37 * 5 - 1, MAX_SIDE) is None
    assert plain_png.read(GOOD, LIMIT, 36) is None


def test_a_small_file_that_unpacks_to_much_is_not_unpacked(monkeypatch):
    """What a stream may give is bounded by the size in the header."""
    given, original = [], plain_png.isal_zlib.decompressobj

    class Spy:
        def __init__(self):
            self._stream = original()

        def __getattr__(self, name):
            return getattr(self._stream, name)

        def decompress(self, data, most):
            given.append(most)
            return self._stream.decompress(data, most)

    monkeypatch.setattr(plain_png.isal_zlib, "decompressobj", Spy)
    assert read(png(ROWS, tail=bytes(10_000_000))) is None
    assert given == [ROWS.size + 1]
