"""Read many objects in parallel, each only if the cache does not have it."""

from collections.abc import Callable, Mapping, Sequence, Set
from itertools import chain, islice

from radsieve.parallel import Budget, ordered, paced
from radsieve.progress import track
from radsieve.storage.cache import Cache
from radsieve.storage.objects import Source, StoredObject, WithheldError, md5_of, sha256_of

LeaveOut = Callable[[StoredObject, WithheldError], None]
BYTES_IN_FLIGHT = 256_000_000  # or one object, if that is larger
_VERIFYING_THREADS = 2  # more would only wait for each other: most images are small
_BATCH = 64


def _refuse(_: StoredObject, error: WithheldError) -> None:
    raise error


def file_ids_of(
    source: Source, objects: Sequence[StoredObject], cache: Cache, concurrency: int
) -> tuple[list[str], int]:
    """Return the file_id of every object, in order, and the number of objects that were read from the source.

    As `read_objects`, but what is doubtful at the end is taken and remembered.
    """
    found, fetched, doubtful = read_objects(source, objects, cache, concurrency)
    for stored in doubtful:
        cache.remember(source.identity, stored, found[stored.key])
    return [found[stored.key] for stored in objects], fetched


def read_objects(
    source: Source, objects: Sequence[StoredObject], cache: Cache, concurrency: int, leave_out: LeaveOut = _refuse
) -> tuple[dict[str, str], int, list[StoredObject]]:
    """Return the file_id of every object by key, the number of objects that were read from the source, and those whose
    content is doubtful, which the cache does not remember: a later object may tell that the source gives digests.

    Afterwards the cache holds every content. Whether doubtful ones are taken is decided when all are read, so that it
    does not hang on the order: if the source gives digests, they are read once more, and then by these. At most
    `concurrency` objects and BYTES_IN_FLIGHT bytes are held at a time. An object that the source withholds goes to
    `leave_out`, in one of several threads; if that raises nothing it has no file_id. Raises InputError for the first
    object that cannot be read; what was read before stays in the cache.
    """
    found = cache.known(source.identity, objects)
    whole = _whole({sha256_of(file_id) for file_id in found.values()}, cache)
    found = {key: file_id for key, file_id in found.items() if sha256_of(file_id) in whole}
    missing = [stored for stored in objects if stored.key not in found]
    budget = Budget(BYTES_IN_FLIGHT)

    see_digests(source, objects, found)

    def fetch(stored: StoredObject) -> tuple[str, bool]:
        with budget.holding(stored.byte_size):
            try:
                content = source.read(stored)
            except WithheldError as error:
                leave_out(stored, error)
                return "", False
            if sha256_of(content.file_id) not in whole:
                cache.store(sha256_of(content.file_id), content.data)
        return content.file_id, content.doubtful

    doubtful: list[StoredObject] = []
    read = paced(fetch, missing, concurrency)
    for stored, (file_id, in_doubt) in zip(missing, track(read, "reading", total=len(missing)), strict=True):
        if not file_id:
            continue
        found[stored.key] = file_id
        if in_doubt:
            doubtful.append(stored)
        else:
            whole.add(sha256_of(file_id))
            cache.remember(source.identity, stored, file_id)
    if source.gives_digests:
        for content in {sha256_of(found[stored.key]) for stored in doubtful} - whole:
            cache.drop(content)
        again = paced(fetch, doubtful, concurrency)
        for stored, (file_id, _) in zip(doubtful, again, strict=True):
            del found[stored.key]
            if file_id:
                found[stored.key] = file_id
                cache.remember(source.identity, stored, file_id)
        doubtful = []
    return found, len(missing), doubtful


def see_digests(source: Source, objects: Sequence[StoredObject], known: Mapping[str, str]) -> None:
    """Note whether `source` gives digests as ETags, by those `objects` of which the file_id is `known` by key."""
    if any(stored.etag.strip('"').lower() == md5_of(known[stored.key]) for stored in objects if stored.key in known):
        source.gives_digests = True


def _whole(contents: Set[str], cache: Cache) -> set[str]:
    """Those of the `contents` (SHA-256) that the cache has undamaged."""
    remaining = iter(sorted(contents))
    batches = iter(lambda: list(islice(remaining, _BATCH)), [])

    def check(batch: list[str]) -> list[str]:
        return [sha256 for sha256 in batch if cache.holds(sha256)]

    return set(chain.from_iterable(ordered(check, batches, _VERIFYING_THREADS)))
