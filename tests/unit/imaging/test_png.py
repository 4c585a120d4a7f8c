"""Forms of PNG that Pillow cannot read in full."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from radsieve.imaging.decode import UnreadableImageError, canonical, decode

LIMIT = 10_000
GRAY_16 = np.linspace(0, 65535, 40 * 60).astype(np.uint16).reshape(40, 60)


@pytest.mark.parametrize("filtered", [0, 1, 2], ids=["none", "left", "above"])
def test_grey_of_16_bits_with_alpha_keeps_them(filtered):
    """As the same film without alpha where it is opaque, and over black where it is not."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def png(alpha: np.ndarray) -> bytes:
        rows = np.stack([GRAY_16, alpha], axis=-1).astype(">u2").view(np.uint8).reshape(40, 240)
        before = np.zeros_like(rows)
        if filtered == 1:
            before[:, 4:] = rows[:, :-4]
        elif filtered == 2:
            before[1:] = rows[:-1]
        lines = b"".join(bytes([filtered]) + row.tobytes() for row in rows - before)
        header = struct.pack(">IIBBBBB", 60, 40, 16, 4, 0, 0, 0)
        parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)

    plain = BytesIO()
    Image.fromarray(GRAY_16).save(plain, "PNG")
    opaque = np.full_like(GRAY_16, 65535)
    whole = decode(png(opaque), LIMIT)
    assert whole.format == "PNG" and whole.mode == "I;16"
    assert np.array_equal(canonical(whole), canonical(decode(plain.getvalue(), LIMIT)))
    half = opaque.copy()
    half[:20] = 0
    shown = canonical(decode(png(half), LIMIT))
    assert not shown[:20].any() and np.array_equal(shown[20:], GRAY_16[20:])
    broken = png(opaque)
    with pytest.raises(UnreadableImageError):
        decode(broken[:-20], LIMIT)
