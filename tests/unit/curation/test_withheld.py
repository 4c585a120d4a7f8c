"""Single objects that a service does not give are in quarantine, up to a number of them."""

import numpy as np
import pytest
from defaults import settings
from s3_service import service  # noqa: F401 (a fixture)
from werkzeug.wrappers import Response

from radsieve.curation.ingestion import Ingestion, ReadLimits, ingest
from radsieve.curation.label_tables import read_layout
from radsieve.curation.layouts import DEPTH, GRADE, GRADER, TOO_LARGE, UNLISTED, Layout
from radsieve.errors import InputError
from radsieve.imaging.png import png_of
from radsieve.imaging.pseudonyms import Pseudonyms
from radsieve.storage.cache import Cache
from radsieve.storage.objects import ARCHIVED, StoredObject

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


def archived(*keys):
    entry = "<Contents><Key>{}</Key><Size>9</Size><ETag>x</ETag><StorageClass>GLACIER</StorageClass></Contents>"
    start = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>images</Name>'
    entries = "".join(map(entry.format, keys))
    text = f"{start}<IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
    return lambda request: Response(text, content_type="application/xml")


def test_what_the_listing_calls_archived_counts_too(bucket, tmp_path):
    bucket.faults[""] = archived(*KEYS)
    assert set(ingested(bucket, tmp_path, 6).quarantine["reason"]) == {"archived"}
    with pytest.raises(InputError, match=r"6 objects are archived.*ingest_images\.max_withheld = 5"):
        ingested(bucket, tmp_path, 5)


def test_archived_objects_that_nobody_graded_do_not_count(bucket, tmp_path):
    others = ["p/B/0/0.png", "p/A/9/0.png", "p/A/readme"]
    bucket.faults[""] = archived(KEYS[0], *others)
    found = ingested(bucket, tmp_path, 1).quarantine.set_index("key")["reason"].to_dict()
    assert found == dict(zip([KEYS[0], *others], ["archived", GRADER, GRADE, DEPTH], strict=True))
    with pytest.raises(InputError, match=r"1 objects are archived"):
        ingested(bucket, tmp_path, 0)


def test_archived_objects_that_the_table_of_grades_does_not_name_do_not_count(tmp_path):
    names = ["rated", "unrated", "other", "large"]
    objects = [StoredObject(f"p/{name}.png", 9 + 10**6 * (name == "large"), "x", ARCHIVED) for name in names]
    table = tmp_path / "grades.csv"
    table.write_text("file,rater,grade\nrated.png,A,0\nother.png,B,0\nlarge.png,A,0\n")
    columns = {"file": str(table), "image": "file", "rater": "rater", "label": "grade"}
    source = settings("source", graders=["A"], grades=["0", "1"], prefix="p/", layout="table", table=columns)
    verdicts = read_layout(source, lambda: Pseudonyms(b"key")).verdicts(objects, 10**6)
    found = {stored.key: verdict.reason for stored, verdict in verdicts}
    assert found == dict(
        zip((f"p/{name}.png" for name in names), ["archived", UNLISTED, GRADER, TOO_LARGE], strict=True)
    )
