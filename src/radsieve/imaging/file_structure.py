"""What the parts of a JPEG or PNG tell before it is decoded: kinds that are not read, and files made to waste time.

JPEG: ITU-T T.81 (1992), annex B; JPEG 2000: ITU-T T.800 (2019), annex A; PNG: ISO/IEC 15948:2004, chapter 5; DICOM:
PS3.10, chapter 7.
"""

import codecs
import re
from collections.abc import Iterator

DICOM_PREAMBLE, DICOM_MAGIC = 128, b"DICM"
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
JPEG_2000 = b"\xff\x4f\xff"

SCAN = b"\xff\xda"
MAX_SEGMENTS = 1000  # before the first scan of a JPEG
MAX_SCANS = 200
MAX_CHUNKS = 200_000  # of a PNG; one of 100 megapixels in the usual pieces of 8 kB has some 20,000

_FIRST_GROUPS = (b"\x02\0", b"\x08\0")  # little endian
_FIRST_KINDS = (b"UL", b"CS", b"UI", b"DA", b"LO", b"SH", b"OB")  # of values, where these are written
_LEAD = 200  # bytes in which a text may begin
_STANDALONE = {0x01, *range(0xD0, 0xD9)}
_START_OF_SCAN, _END, _COMMENT = 0xDA, 0xD9, 0xFE
_OTHERS = (  # where a kind of file that is not read begins, how, and what it is
    (0, b"GIF8", "a GIF"),
    (0, b"8BPS", "a file of Photoshop"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (0, JPEG_2000, "a JPEG 2000"),
    (4, b"ftyp", "a HEIC or AVIF picture, or a film"),
    (344, b"n+1\0", "a NIfTI"),
    (0, b"NRRD", "an NRRD"),
    (0, b"\x93NUMPY", "an array of NumPy"),
    (0, b"MATLAB 5", "a file of MATLAB"),
    (0, b"%PDF", "a PDF"),
    (0, b"PK\3\4", "a ZIP archive"),
    (0, b"\x1f\x8b", "packed by gzip"),
    (0, b"version https://git-lfs", "a pointer of Git LFS: run `git lfs pull`"),
    (0, b"<!doctype html", "a web page, as a failed download leaves it"),
    (0, b"<html", "a web page, as a failed download leaves it"),
    (0, b"<?xml", "a text in XML"),
)
_END_OF_PICTURE = b"\xff\xd9"  # of either JPEG, whose compressed data never holds these bytes
_MARKER = re.compile(rb"\xff+([\x80-\xcf\xd8-\xfe])")  # of a segment; others stand in compressed data
_JP2, _CODESTREAM = b"\0\0\0\x0cjP  ", re.compile(re.escape(b"\xff\x4f\xff\x51"))
_START_OF_TILE, _DATA_OF_TILE, _COMMENT_2000 = b"\xff\x90", b"\xff\x93", b"\xff\x64"
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LOSSLESS = {0xC3, 0xC7, 0xCB, 0xCF, 0xF7}  # the last one: JPEG-LS
_METADATA = ({*range(0xE1, 0xF0)} - {0xEE}) | {
    _COMMENT
}  # but APP0 (JFIF) and APP14 (Adobe), which say what colours are


def is_dicom(content: bytes) -> bool:
    """Whether `content` begins as a DICOM file does: with its preamble, or, as older ones, with its first group."""
    if content[DICOM_PREAMBLE : DICOM_PREAMBLE + len(DICOM_MAGIC)] == DICOM_MAGIC:
        return True
    tagged = content[:2] in _FIRST_GROUPS and content[3:4] == b"\0"
    return tagged and (content[4:6] in _FIRST_KINDS or content[6:8] == b"\0\0")


def fault(content: bytes) -> str:
    """What is wrong with the structure of the file `content`, or "" if nothing is, or if it is no JPEG or PNG."""
    if content.startswith(JPEG):
        segments = sum(1 for _ in _segments(content))
        if segments > MAX_SEGMENTS:
            return f"more than {MAX_SEGMENTS} segments"
        if content.count(SCAN) > MAX_SCANS:
            return f"more than {MAX_SCANS} scans"
    if content.startswith(PNG):
        if content[12:16] != b"IHDR":
            return "no header at its beginning"
        headers = 0
        for number, (name, _) in enumerate(chunks(content), start=1):
            headers += name == b"IHDR"
            if number > MAX_CHUNKS:
                return f"more than {MAX_CHUNKS} chunks"
        if headers > 1:
            return f"{headers} headers"
    return ""


def unread_kind(content: bytes) -> str:
    """The kind of JPEG that the file `content` is, if it is one that is not read (12 bits, lossless), or ""."""
    if not content.startswith(JPEG):
        return ""
    for marker, start, _ in _segments(content):
        if marker in _LOSSLESS:
            return "lossless JPEG"
        if marker in _FRAMES and content[start + 4 : start + 5] not in {b"", b"\x08"}:
            return f"JPEG of {content[start + 4]} bits"
    return ""


def other_kind(content: bytes) -> str:
    """What the file `content`, which holds no image that is read, is by its first bytes, in words; or ""."""
    text = content[:_LEAD].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for place, start, kind in _OTHERS:
        if content.startswith(start, place) or text.startswith(start, place):
            return kind
    return ""


def lacks_end(content: bytes) -> bool:
    """Whether the file `content` is a JPEG that breaks off in its last scan."""
    return content.startswith(JPEG) and content.rfind(_END_OF_PICTURE) < content.rfind(SCAN)


def without_metadata(content: bytes) -> bytes:
    """The JPEG `content` without comments and application segments that its pixels do not depend on."""
    parts, last = [content[:2]], 2
    for marker, start, end in _segments(content):
        if marker not in _METADATA:
            parts.append(content[start:end])
        last = end
    return b"".join([*parts, content[last:]])


def pictures_in(content: bytes) -> list[tuple[int, int, int]]:
    """Width, height and channels of each picture of which the JPEG or JPEG 2000 `content` has a header; none of data of
    another kind."""
    if content.startswith(_JP2):  # a codestream in a file of its own
        return [_sides_2000(content[found.start() :]) for found in _CODESTREAM.finditer(content)]
    if content.startswith(JPEG_2000):
        return [_sides_2000(content)]
    found, place = [], 2
    while content.startswith(JPEG[:2]) and (marker := _MARKER.search(content, place)):
        kind, start = marker[1][0], marker.end()
        if kind in _FRAMES | _LOSSLESS:
            height, width = (int.from_bytes(content[start + at : start + at + 2], "big") for at in (3, 5))
            found.append((width, height, int.from_bytes(content[start + 7 : start + 8], "big")))
        if kind == _START_OF_SCAN:
            break
        place = start + int.from_bytes(content[start : start + 2], "big")
    return found


def _sides_2000(content: bytes) -> tuple[int, int, int]:
    """By the segment SIZ, which is the first one: the reference grid less what lies before the picture."""
    right, lower, left, upper = (int.from_bytes(content[at : at + 4], "big") for at in (8, 12, 16, 20))
    return right - left, lower - upper, int.from_bytes(content[40:42], "big")


def bare_frame(content: bytes) -> bytes:
    """The compressed picture `content`, a JPEG or JPEG 2000, without what its pixels do not depend on: comments, bytes
    between its segments, and what stands behind its end."""
    return _bare_2000(content) if content.startswith(JPEG_2000) else _bare_jpeg(content)


def _bare_jpeg(content: bytes) -> bytes:
    parts, place, scanning = [content[:2]], 2, False
    while (found := _MARKER.search(content, place)) and found[1] != _END_OF_PICTURE[1:]:
        if scanning:
            parts.append(content[place : found.start()])
        marker, place = found[1][0], found.end() + int.from_bytes(content[found.end() : found.end() + 2], "big")
        if marker not in _METADATA:
            parts.append(content[found.start() : place])
        scanning = marker == _START_OF_SCAN
    if scanning:
        parts.append(content[place : found.start() if found else None])
    return b"".join([*parts, _END_OF_PICTURE])


def _bare_2000(content: bytes) -> bytes:
    """Comments become zeros, so that the lengths that a JPEG 2000 tells of its parts stay right."""
    bare, place, behind = bytearray(content), 2, 0
    while bare[place : place + 1] == b"\xff" and bare[place : place + 2] != _END_OF_PICTURE:
        marker, end = bytes(bare[place : place + 2]), place + 2 + int.from_bytes(bare[place + 2 : place + 4], "big")
        if marker == _START_OF_TILE:
            length = int.from_bytes(bare[place + 6 : place + 10], "big")  # 0 for the last one
            behind = place + length if length else bare.find(_END_OF_PICTURE, place)
        elif marker == _COMMENT_2000:
            bare[place + 6 : end] = bytes(max(0, end - place - 6))
        place = max(behind, place + 2) if marker == _DATA_OF_TILE else max(end, place + 4)
    return bytes(bare[:place]) + _END_OF_PICTURE


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment before the first scan, at most one more than MAX_SEGMENTS."""
    place = 2
    for _ in range(MAX_SEGMENTS + 1):
        while content[place : place + 2] == b"\xff\xff":  # fill bytes
            place += 1
        if content[place : place + 1] != b"\xff" or place + 4 > len(content):
            return
        marker = content[place + 1]
        if marker in {_START_OF_SCAN, _END}:
            return
        length = 0 if marker in _STANDALONE else int.from_bytes(content[place + 2 : place + 4], "big")
        yield marker, place, place + 2 + length
        place += 2 + length


def chunks(content: bytes) -> Iterator[tuple[bytes, slice]]:
    """Name of each chunk of the PNG `content`, and where its data lie."""
    place = len(PNG)
    while place + 8 <= len(content):
        start, length = place + 8, int.from_bytes(content[place : place + 4], "big")
        yield content[place + 4 : start], slice(start, start + length)
        place = start + length + 4
