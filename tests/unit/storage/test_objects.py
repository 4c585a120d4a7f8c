import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.errors import InputError
from radsieve.storage import objects
from radsieve.storage.objects import Content, EmptySource, StoredObject, check_prefix, md5_of, sha256_of


def test_file_id_of_the_published_test_vectors():
    image = Content.of(b"abc").file_id
    assert sha256_of(image) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2
    assert md5_of(image) == "900150983cd24fb0d6963f7d28e17f72"  # RFC 1321


@given(data=st.binary(max_size=50), block=st.integers(1, 20))
def test_blocks_do_not_change_the_digests(data, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "_BLOCK", block)
        image = Content.of(data).file_id
    assert image == f"{hashlib.sha256(data).hexdigest()}:{hashlib.md5(data).hexdigest()}"


@pytest.mark.parametrize("prefix", ["", "a/", "a/b c/é/"])
def test_good_prefixes(prefix):
    check_prefix(prefix, "source.prefix")


@pytest.mark.parametrize("prefix", ["a", "/", "/a/", "a//", "../", "a/../", "./"])
def test_bad_prefixes(prefix):
    with pytest.raises(InputError, match=r"source\.prefix"):
        check_prefix(prefix, "source.prefix")


def test_the_empty_source_has_nothing():
    assert list(EmptySource().list()) == []
    with pytest.raises(KeyError):
        EmptySource().read(StoredObject("a", 1, ""))
