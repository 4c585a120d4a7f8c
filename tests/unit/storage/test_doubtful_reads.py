"""Over http, whether content is taken does not hang on the order in which objects are read."""

import pytest
from s3_service import wrong_answer

from radsieve.errors import InputError
from radsieve.storage.cache import Cache
from radsieve.storage.objects import Content, StoredObject, sha256_of
from radsieve.storage.reading import file_ids_of

CONTENT = b"an image" * 100


@pytest.mark.parametrize("order", [["bad", "good"], ["good", "bad"], ["bad", *(f"good{n}" for n in range(40))]])
def test_damaged_content_is_refused_in_whatever_order_objects_are_read(service, tmp_path, order):
    """Over http, where the first object read cannot tell yet that the service gives digests."""
    for name in order:
        service.put(f"p/{name}", name.encode() * 100)
    source = service.source()
    stored = {one.key: one for one in source.list()}
    listing = [stored[f"p/{name}"] for name in order]
    damaged = b"BAD" * 100
    service.faults["p/bad"] = lambda request: (
        wrong_answer(stored["p/bad"], damaged) if request.method == "GET" else None
    )
    for _ in range(2):  # nothing of it is remembered
        with Cache(tmp_path) as cache, pytest.raises(InputError, match="not those of its ETag"):
            file_ids_of(source, listing, cache, 1)
    del service.faults["p/bad"]
    with Cache(tmp_path) as cache:
        found, _ = file_ids_of(source, listing, cache, 1)
    assert found == [Content.of(name.encode() * 100).file_id for name in order]


def test_damaged_bytes_that_are_read_right_the_second_time_do_not_stay(service, tmp_path):
    for name in ("bad", "good"):
        service.put(f"p/{name}", name.encode() * 100)
    bad, good = service.source().list()
    damaged = b"BAD" * 100

    def answer(request):
        first = request.method == "GET" and service.reads["p/bad"] <= 2  # two equal reads are taken at first
        return wrong_answer(bad, damaged) if first else None

    service.faults["p/bad"] = answer
    with Cache(tmp_path) as cache:
        found, read = file_ids_of(service.source(), [bad, good], cache, 1)
        assert (found[0], read) == (Content.of(b"bad" * 100).file_id, 2)
        assert not cache.holds(sha256_of(Content.of(damaged).file_id))


def test_what_was_read_before_tells_that_a_service_gives_digests(service, tmp_path):
    for name in ("bad", "good"):
        service.put(f"p/{name}", name.encode() * 100)
    bad, good = service.source().list()
    service.faults["p/bad"] = lambda request: wrong_answer(bad, b"BAD" * 100) if request.method == "GET" else None
    with Cache(tmp_path) as cache:
        file_ids_of(service.source(), [good], cache, 1)
        with pytest.raises(InputError, match="not those of its ETag"):
            file_ids_of(service.source(), [bad, good], cache, 1)


def test_where_no_etag_is_a_digest_all_are_taken_and_remembered(service, tmp_path):
    listing = []
    for number in range(3):
        service.put(f"p/{number}", CONTENT)
        listing.append(one := StoredObject(f"p/{number}", 800, f'"{str(number) * 32}"'))
        service.faults[one.key] = lambda request, one=one: wrong_answer(one, CONTENT)
    with Cache(tmp_path) as cache:
        assert file_ids_of(service.source(), listing, cache, 2) == ([Content.of(CONTENT).file_id] * 3, 3)
        assert file_ids_of(service.source(), listing, cache, 2) == ([Content.of(CONTENT).file_id] * 3, 0)
