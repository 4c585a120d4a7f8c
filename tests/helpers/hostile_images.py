"""Small files that ask a decoder for much: by name."""

import struct
import zlib
from io import BytesIO

from dicoms import dataset, stored
from PIL import Image
from pydicom.uid import JPEG2000Lossless

PNG = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def ihdr(width: int, height: int, depth: int = 8, colour: int = 0, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def zeros(count: int) -> bytes:
    packer, parts = zlib.compressobj(9), []
    for start in range(0, count, 10**7):
        parts.append(packer.compress(bytes(min(10**7, count - start))))
    return b"".join([*parts, packer.flush()])


PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # of Adam7


def png(width: int, height: int, *before: bytes, bits: int = 8, colour: int = 0, interlaced: int = 0) -> bytes:
    """A black picture of `bits` a pixel in `colour` 0 (grey), 2 (RGB), 3 (palette) or 6 (RGBA)."""
    parts = PASSES if interlaced else ((0, 0, 1, 1),)
    count = sum(-(-(height - y) // dy) * (1 + (-(-(width - x) // dx) * bits + 7) // 8) for x, y, dx, dy in parts)
    depth = bits // {0: 1, 2: 3, 3: 1, 6: 4}[colour]
    pixels = chunk(b"IDAT", zeros(count))
    return PNG + ihdr(width, height, depth, colour, interlaced) + b"".join(before) + pixels + chunk(b"IEND")


def saved(size: tuple[int, int], kind: str, mode: str = "L", **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def segments(count: int, marker: int, body: bytes) -> bytes:
    whole = saved((16, 16), "JPEG")
    return whole[:2] + (bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body) * count + whole[2:]


def many_scans(size: int, scans: int) -> bytes:
    """A progressive JPEG whose last scan, of a last bit that is 0 everywhere, comes again and again."""
    whole = saved((size, size), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * scans + whole[-2:]


def bitmap(width: int, height: int, body: bytes, compression: int = 1, bits: int = 8) -> bytes:
    palette = bytes(4 * 2**bits)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(body), 0, 0, 2**bits, 0)
    start = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + header + palette + body


def tags(count: int) -> bytes:
    """A TIFF with many tags that nobody knows."""
    whole = saved((8, 8), "TIFF")
    place = struct.unpack("<I", whole[4:8])[0]
    number = struct.unpack("<H", whole[place : place + 2])[0]
    entries = [whole[place + 2 + 12 * i : place + 14 + 12 * i] for i in range(number)]
    entries += [struct.pack("<HHII", 40000 + i % 20000, 4, 1, 0) for i in range(count)]
    return (
        whole[:4]
        + struct.pack("<I", len(whole))
        + whole[8:]
        + struct.pack("<H", len(entries))
        + b"".join(entries)
        + bytes(4)
    )


def frames(count: int) -> bytes:
    out = BytesIO()
    pages = [Image.new("L", (8, 8), i % 256) for i in range(count)]
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def palette_out_of_range() -> bytes:
    rows = zlib.compress((b"\0" + bytes([200] * 8)) * 8)
    return PNG + ihdr(8, 8, 8, 3) + chunk(b"PLTE", bytes(6)) + chunk(b"IDAT", rows) + chunk(b"IEND")


MADE = {
    "PNG of 10^8 x 1": lambda: png(10**8, 1),
    "PNG of 1 x 10^8": lambda: png(1, 10**8),
    "PNG of 65,535 x 1,525": lambda: png(65_535, 1525),
    "PNG of 10^4 x 10^4": lambda: png(10**4, 10**4),
    "PNG of 10^4 x 10^4 in colours": lambda: png(10**4, 10**4, bits=24, colour=2),
    "PNG of 10^4 x 10^4 with a palette": lambda: png(10**4, 10**4, chunk(b"PLTE", bytes(6)), colour=3),
    "PNG of 7,000 x 7,000 in colours with alpha": lambda: png(7000, 7000, bits=32, colour=6),
    "PNG of 10^4 x 10^4 of 16 bits": lambda: png(10**4, 10**4, bits=16),
    "PNG of 10^4 x 10^4 of 1 bit": lambda: png(10**4, 10**4, bits=1),
    "PNG of 9,000 x 9,000, interlaced": lambda: png(9000, 9000, interlaced=1),
    "PNG of 4 x 10^9 pixels": lambda: PNG + ihdr(65_000, 65_000) + chunk(b"IDAT", zeros(1000)) + chunk(b"IEND"),
    "PNG with two headers": lambda: png(8, 8, ihdr(9000, 9000)),
    "PNG of a palette index out of range": palette_out_of_range,
    "PNG of 10^6 empty chunks": lambda: png(8, 8, chunk(b"teSt") * 10**6),
    "PNG of 190,000 empty chunks": lambda: png(8, 8, chunk(b"teSt") * 190_000),
    "PNG of 190,000 texts": lambda: png(8, 8, chunk(b"tEXt", b"a\0b") * 190_000),
    "PNG of 190,000 packed texts": lambda: png(8, 8, chunk(b"zTXt", b"a\0\0" + zlib.compress(b"b")) * 190_000),
    "PNG of 190,000 palettes": lambda: png(8, 8, chunk(b"PLTE", bytes(3)) * 190_000),
    "PNG of 190,000 pieces of pixels": lambda: png(8, 8)[:-12] + chunk(b"IDAT") * 190_000 + chunk(b"IEND"),
    "PNG of a text that unpacks to 100 MB": lambda: png(8, 8, chunk(b"zTXt", b"a\0\0" + zeros(10**8))),
    "PNG of a profile that unpacks to 100 MB": lambda: png(8, 8, chunk(b"iCCP", b"a\0\0" + zeros(10**8))),
    "JPEG of 20,000 scans": lambda: many_scans(16, 20_000),
    "JPEG of 190 scans of 81 megapixels": lambda: many_scans(9000, 190),
    "JPEG of 950 APP1 segments": lambda: segments(950, 0xE1, b"Exif\0\0" + b"II*\0\x08\0\0\0\0\0" * 50),
    "JPEG of 950 APP2 segments": lambda: segments(950, 0xE2, b"ICC_PROFILE\0\1\1" + bytes(500)),
    "JPEG of 950 APP13 segments": lambda: segments(950, 0xED, b"Photoshop 3.0\0" + (b"8BIM\4\4\0\0" + bytes(4)) * 40),
    "JPEG of 950 XMP segments": lambda: segments(950, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"<a>" * 200),
    "JPEG of 950 comments": lambda: segments(950, 0xFE, bytes(500)),
    "JPEG of 10,000 segments": lambda: segments(10_000, 0xE1, bytes(20)),
    "JPEG of 100 megapixels": lambda: saved((10**4, 10**4), "JPEG"),
    "JPEG of 65,000 x 65,000": lambda: saved((16, 16), "JPEG").replace(b"\0\x10\0\x10\1\1", b"\xfd\xe8" * 2 + b"\1\1"),
    "RLE bitmap of deltas": lambda: bitmap(9000, 9000, b"\0\2\1\0" * 100_000),
    "RLE bitmap of many deltas": lambda: bitmap(4900, 4900, b"\0\2\0\1" * 200_000),
    "RLE bitmap of short runs": lambda: bitmap(4900, 4900, b"\1\0" * 400_000),
    "RLE bitmap of 4 bits": lambda: bitmap(4900, 4900, b"\xff\0" * 300_000, 2, 4),
    "TIFF of 50,000 tags": lambda: tags(50_000),
    "TIFF of 500 pages": lambda: frames(500),
    "TIFF of 10^4 x 10^4, packed": lambda: saved((10**4, 10**4), "TIFF", compression="tiff_deflate"),
    "TIFF of 10^4 x 10^4, LZW": lambda: saved((10**4, 10**4), "TIFF", compression="tiff_lzw"),
    "TIFF of 10^4 x 10^4, fax": lambda: saved((10**4, 10**4), "TIFF", "1", compression="group4"),
    "WebP of 16,000 x 6,000": lambda: saved((16_000, 6000), "WEBP", "RGB", lossless=True),
    "WebP of 1,000 frames": lambda: _animation(),
    "DICOM of a JPEG 2000 of 30,000 x 30,000": lambda: larger_dicom(),
}  # fmt: skip


def larger_dicom() -> bytes:
    """Whose header says 80 x 60 pixels."""
    content = stored(dataset(), JPEG2000Lossless)
    start = content.index(b"\xff\x4f\xff\x51") + 8
    sides, tiles = (30_000).to_bytes(4, "big") * 2, content[start + 8 : start + 16]
    return content[:start] + sides + tiles + sides + content[start + 24 :]


def _animation() -> bytes:
    out = BytesIO()
    pages = [Image.new("L", (8, 8), i % 256) for i in range(1000)]
    pages[0].save(out, "WEBP", save_all=True, append_images=pages[1:])
    return out.getvalue()


READ = {  # they are what they say
    "PNG of 190,000 empty chunks", "PNG of 190,000 texts", "PNG of 190,000 packed texts", "PNG of 190,000 palettes",
    "PNG of a text that unpacks to 100 MB", "PNG of a profile that unpacks to 100 MB",
    "PNG of 190,000 pieces of pixels", "JPEG of 950 APP1 segments", "JPEG of 950 APP2 segments",
    "JPEG of 950 APP13 segments", "JPEG of 950 XMP segments", "JPEG of 950 comments", "RLE bitmap of many deltas",
}  # fmt: skip


LARGE = (
    "190,000",
    "10^6",
    "deltas",
    "short runs",
    "10^4 x",
    "9,000 x 9,000",
    "7,000",
    "65,535",
    "81 mega",
    "100 mega",
    "10^8",
    "16,000",
)


def is_large(name: str) -> bool:
    """Whether it takes seconds to make or to read the file."""
    return any(word in name for word in LARGE)
