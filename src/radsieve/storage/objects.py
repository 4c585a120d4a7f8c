"""The interface of a store of images, be it a bucket or a folder."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

from radsieve.errors import InputError

_BLOCK = 1 << 20  # bytes hashed by both digests while they are in the processor's cache


# faults of a bucket: the object must be restored first, or the service does not give it
ARCHIVED, WITHHELD = "archived", "not given by the service"


class WithheldError(InputError):
    """A service does not give an object, whatever is tried, while it may give others; `fault` as in StoredObject."""

    def __init__(self, message: str, fault: str, detail: str) -> None:
        super().__init__(message)
        self.fault, self.detail = fault, detail


class Allowance:
    """How many objects of a run a source may withhold: `most`, which the parameter `setting` says; no object is counted
    twice."""

    def __init__(self, most: int, setting: str) -> None:
        self._most, self._setting = most, setting
        self._keys: set[str] = set()

    def archived(self, keys: Collection[str]) -> None:
        """Count objects that a listing calls archived. Raises InputError for too many."""
        self._keys.update(keys)
        if len(self._keys) > self._most:
            what = f"{len(keys)} objects are archived, more than {self._setting} = {self._most}"
            raise InputError(f"{what}, such as {min(keys)!r}; restore them first, or allow for more to be left out")

    def withheld(self, key: str, error: WithheldError) -> None:
        """Count an object that is not given. Raises InputError for one too many."""
        self._keys.add(key)
        if len(self._keys) > self._most:
            raise InputError(f"{error}; more objects are withheld than {self._setting} allows for") from None


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a listing: `key` with the prefix, `byte_size`, and `etag`, which changes when the content does.

    `fault` is empty, or says why the object must not be read.
    """

    key: str
    byte_size: int
    etag: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of an object and their `file_id`, `sha256:md5` in hexadecimal.

    `doubtful`: its ETag looks like an MD5 and is not that of the bytes, which is a fault of them where another object's
    ETag is.
    """

    data: bytes
    file_id: str
    doubtful: bool = False

    @classmethod
    def of(cls, data: bytes) -> "Content":
        """Return `data` with its file_id; both digests are computed in one pass."""
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        view = memoryview(data)
        for start in range(0, len(view), _BLOCK):
            block = view[start : start + _BLOCK]
            sha256.update(block)
            md5.update(block)
        return cls(data, f"{sha256.hexdigest()}:{md5.hexdigest()}")


class Source(Protocol):
    """A store of images. `identity` distinguishes it from other stores in the cache.

    `gives_digests`: whether an ETag was the MD5 of its object; then no content is doubtful, but an error.
    """

    identity: str
    gives_digests: bool

    def list(self) -> Iterator[StoredObject]:
        """Yield every object below the prefix, in any order."""
        ...

    def read(self, stored: StoredObject) -> Content:
        """Return the content of one listed object.

        Raises InputError naming the object if it cannot be read or is no longer the one that was listed; WithheldError
        if that is said to be so of this object.
        """
        ...


class EmptySource:
    """The store of a project that has ratings only and no images."""

    identity = "none"
    gives_digests = False

    def list(self) -> Iterator[StoredObject]:
        """Yield nothing."""
        return iter(())

    def read(self, stored: StoredObject) -> Content:
        """Raise KeyError: there is nothing to read."""
        raise KeyError(stored.key)


def sha256_of(file_id: str) -> str:
    """Return the SHA-256 in a file_id."""
    return file_id.partition(":")[0]


def md5_of(file_id: str) -> str:
    """Return the MD5 in a file_id."""
    return file_id.partition(":")[2]


def check_prefix(prefix: str, setting: str) -> None:
    """Raise InputError, which names the `setting`, unless `prefix` is empty or made of plain folder names that each end
    in `/`."""
    folders = prefix.split("/")
    if folders.pop() != "" or any(name in ("", ".", "..") for name in folders):
        raise InputError(f"{setting} = {prefix!r}: must be empty or folder names that each end in '/', like 'a/b/'")
