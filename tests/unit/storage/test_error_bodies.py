"""Hostile bodies of errors: what is no code of an error is neither quoted nor a crash."""

import pytest

from radsieve.errors import InputError
from radsieve.storage.objects import StoredObject, WithheldError


@pytest.mark.parametrize("code", ["", "a\x9b31mb", "a b", "A" * 101])
def test_what_is_no_code_of_an_error_is_not_quoted(service, code):
    source = service.source()
    service.faults[""] = service.faults["p/a.png"] = service.error(418, code)
    with pytest.raises(InputError, match="answered 418;"):
        list(source.list())
    with pytest.raises(InputError, match="answered 418;"):
        source.read(StoredObject("p/a.png", 1, '"e"'))


@pytest.mark.parametrize("code", ["<x>1</x>", "a</Code><Code>b"])
def test_an_error_that_botocore_cannot_take_is_told(service, code):
    service.faults[""] = service.error(418, code)
    with pytest.raises(InputError, match="the answer is not S3's"):
        list(service.source().list())


@pytest.mark.parametrize(("status", "withheld"), [(400, True), (405, True), (451, True), (409, False)])
def test_what_is_refused_for_itself_alone_is_withheld(service, status, withheld):
    source = service.source()
    service.faults["p/a.png"] = service.error(status, "AnyOther")
    with pytest.raises(InputError, match="answered AnyOther") as caught:
        source.read(StoredObject("p/a.png", 1, '"e"'))
    assert isinstance(caught.value, WithheldError) == withheld
