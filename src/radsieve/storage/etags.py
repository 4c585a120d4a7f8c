"""What an ETag of S3 says of the content: its MD5, or for an upload in parts the MD5 of the MD5s of the parts."""

import hashlib
import re

_PARTS = re.compile("([0-9a-f]{32})-([0-9]{1,5})")
_MEBIBYTE = 1 << 20
_LENGTHS = tuple(  # of parts, by usual clients
    size * _MEBIBYTE for size in (5, 8, 10, 15, 16, 25, 32, 50, 64, 100, 128, 256, 512)
)
_DECIMAL = tuple(size * 10**6 for size in (5, 8, 10, 16, 50, 64, 100))


def is_digest(etag: str) -> bool:
    """Whether an ETag, in small letters and without quotes, looks like an MD5."""
    return re.fullmatch("[0-9a-f]{32}", etag) is not None


def of_parts(etag: str, content: bytes) -> bool:
    """Whether an ETag (small letters, no quotes) is that of `content` uploaded in parts of one of the usual lengths."""
    found = _PARTS.fullmatch(etag)
    if not found:
        return False
    count = int(found[2])
    lengths = (len(content),) if count == 1 else (*_LENGTHS, *_DECIMAL)
    return any(
        _etag_of_parts(content, length) == found[1] for length in lengths if -(-len(content) // (length or 1)) == count
    )


def _etag_of_parts(content: bytes, length: int) -> str:
    view = memoryview(content)
    digests = [_md5(view[start : start + length]) for start in range(0, len(view), length or 1)]
    return hashlib.md5(b"".join(digests), usedforsecurity=False).hexdigest()


def _md5(part: memoryview) -> bytes:
    return hashlib.md5(part, usedforsecurity=False).digest()
