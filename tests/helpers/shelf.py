"""A source of objects in memory, for tests of ingestion."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from radsieve.storage.objects import Content, StoredObject


@dataclass
class Shelf:
    """Contents by key, listed in the order given; `reads` are the keys that were read."""

    contents: dict[str, bytes]
    identity: str = "shelf"
    gives_digests: bool = False
    reads: list[str] = field(default_factory=list)

    def list(self) -> Iterator[StoredObject]:
        for key, content in self.contents.items():
            yield StoredObject(key, len(content), hashlib.md5(content).hexdigest())

    def read(self, stored: StoredObject) -> Content:
        self.reads.append(stored.key)
        return Content.of(self.contents[stored.key])
