"""Single objects that a service does not give are in quarantine, up to a number of them."""

import numpy as np
import pytest
from s3_service import service  # noqa: F401 (a fixture)
from werkzeug.wrappers import Response

from radsieve.curation.ingestion import Ingestion, ReadLimits, ingest
from radsieve.curation.layouts import Layout
from radsieve.errors import InputError
from radsieve.imaging.png import png_of
from radsieve.storage.cache import Cache

KEYS = [f"p/A/0/{number}.png" for number in range(6)]
ANSWERS = {
    "archived": (403, "InvalidObjectState", "archived", "restore it"),
    "key of its own": (400, "InvalidRequest", "not given by the service", "SSE-C"),
    "no key": (400, "KMS.DisabledException", "not given by the service", "kms:Decrypt"),
    "denied": (403, "AccessDenied", "not given by the service", "access denied"),
}


@pytest.fixture
def bucket(service):  # noqa: F811
    for number, key in enumerate(KEYS):
        service.put(key, png_of(np.random.default_rng(number).integers(0, 256, (8, 9), np.uint8)))
    return service


def ingested(bucket, folder, most: int, side: int | None = None) -> Ingestion:
    with Cache(folder) as cache:
        limits = ReadLimits(2, 10**6, 10**6, kept_side=side, max_withheld=most)
        return ingest(bucket.source(), cache, Layout.of("p/", ["A"], ["0", "1"]), limits)


@pytest.mark.parametrize("side", [None, 64])
@pytest.mark.parametrize("kind", ANSWERS)
def test_an_object_that_is_withheld_is_in_quarantine_and_read_when_it_can_be(kind, side, bucket, tmp_path):
    status, code, reason, detail = ANSWERS[kind]
    bucket.faults[KEYS[2]] = bucket.error(status, code)
    found = ingested(bucket, tmp_path, 1, side)
    assert found.quarantine[["key", "reason"]].to_numpy().tolist() == [[KEYS[2], reason]]
    assert detail in found.quarantine["detail"][0]
    assert "said by the service" not in found.quarantine["detail"][0]
    assert (len(found.images), found.fetched, found.metrics["objects_read"]) == (5, 5, 5)
    with pytest.raises(InputError, match=r"max_withheld"):
        ingested(bucket, tmp_path, 0, side)
    bucket.faults.clear()
    again = ingested(bucket, tmp_path, 1, side)
    assert (len(again.images), again.fetched, len(again.quarantine)) == (6, 1, 0)


def test_one_more_than_the_limit_stops_the_run(bucket, tmp_path):
    for key in KEYS[:3]:
        bucket.faults[key] = bucket.error(403, "AccessDenied")
    assert len(ingested(bucket, tmp_path, 3).quarantine) == 3
    with pytest.raises(InputError, match=r"access denied.*max_withheld"):
        ingested(bucket, tmp_path, 2)


def test_a_service_that_fails_is_no_fault_of_an_object(bucket, tmp_path):
    bucket.faults[KEYS[2]] = bucket.error(500, "InternalError")
    with pytest.raises(InputError, match="the service failed"):
        ingested(bucket, tmp_path, 6)


def test_keys_that_are_refused_are_no_fault_of_an_object(bucket, tmp_path):
    bucket.faults[KEYS[2]] = bucket.error(401, "Unauthorized")
    with pytest.raises(InputError, match="access denied") as caught:
        ingested(bucket, tmp_path, 6)
    assert "max_withheld" not in str(caught.value)


@pytest.mark.parametrize("code", ["InvalidRequest", "KMS.DisabledException"])
def test_what_is_said_of_a_listing_is_of_no_object(code, bucket, tmp_path):
    bucket.faults[""] = bucket.error(400, code)
    with pytest.raises(InputError, match=r"is this an S3 service") as caught:
        ingested(bucket, tmp_path, 6)
    assert "key" not in str(caught.value)


def test_what_the_listing_calls_archived_counts_too(bucket, tmp_path):
    entry = "<Contents><Key>{}</Key><Size>9</Size><ETag>x</ETag><StorageClass>GLACIER</StorageClass></Contents>"
    entries = "".join(entry.format(key) for key in KEYS)
    start = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>images</Name>'
    text = f"{start}<IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
    bucket.faults[""] = lambda request: Response(text, content_type="application/xml")
    assert set(ingested(bucket, tmp_path, 6).quarantine["reason"]) == {"archived"}
    with pytest.raises(InputError, match=r"6 objects are archived.*max_withheld"):
        ingested(bucket, tmp_path, 5)
