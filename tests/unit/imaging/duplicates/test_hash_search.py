import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radsieve.errors import InputError
from radsieve.imaging.duplicates import hash_search

ANY_HASH = st.integers(0, 2**64 - 1)


@st.composite
def clustered_hashes(draw, minimum=0):
    """Hashes of which many are close to each other, as independent random ones are not."""
    centres = draw(st.lists(ANY_HASH, min_size=1, max_size=4))
    flips = st.lists(st.integers(0, 63), max_size=18, unique=True)
    draws = draw(st.lists(st.tuples(st.sampled_from(centres), flips), min_size=minimum, max_size=40))
    values = {centre ^ sum(1 << place for place in places) for centre, places in draws}
    return np.array(draw(st.permutations(sorted(values))), dtype=np.uint64)


def brute_force(queries, hashes, max_distance):
    distance = np.bitwise_count(queries[:, None] ^ hashes[None, :]).astype(int)
    first, second = np.nonzero(distance <= max_distance)
    return list(zip(first.tolist(), second.tolist(), distance[first, second].tolist(), strict=True))


def as_list(pairs):
    return list(zip(pairs.first.tolist(), pairs.second.tolist(), pairs.distance.tolist(), strict=True))


@settings(max_examples=150, deadline=None)
@given(clustered_hashes(), st.integers(0, 20))
def test_pairs_within_are_those_of_brute_force(hashes, max_distance):
    expected = [(i, j, d) for i, j, d in brute_force(hashes, hashes, max_distance) if i < j]
    assert as_list(hash_search.pairs_within(hashes, max_distance)) == expected


@settings(max_examples=100, deadline=None)
@given(clustered_hashes(), clustered_hashes(), st.integers(0, 20))
def test_pairs_between_are_those_of_brute_force(queries, hashes, max_distance):
    hashes = np.union1d(hashes, queries[::2])
    assert as_list(hash_search.pairs_between(queries, hashes, max_distance)) == brute_force(
        queries, hashes, max_distance
    )


@pytest.mark.parametrize("max_distance", [0, 6, 8, 12])
def test_thousands_of_hashes_with_planted_neighbours(max_distance):
    rng = np.random.default_rng(3)
    centres = rng.integers(0, 2**64, 1500, dtype=np.uint64)
    flips = [sum(1 << int(b) for b in rng.choice(64, rng.integers(1, 15), replace=False)) for _ in centres]
    hashes = rng.permutation(np.union1d(centres, centres ^ np.array(flips, dtype=np.uint64)))
    expected = [(i, j, d) for i, j, d in brute_force(hashes, hashes, max_distance) if i < j]
    assert as_list(hash_search.pairs_within(hashes, max_distance)) == expected


def test_hashes_that_share_most_of_their_bits():
    hashes = np.arange(3000, dtype=np.uint64)  # only 12 of the 64 bits tell them apart
    expected = [(i, j, d) for i, j, d in brute_force(hashes, hashes, 2) if i < j]
    assert as_list(hash_search.pairs_within(hashes, 2)) == expected


def test_small_chunks_and_blocks_change_nothing(monkeypatch):
    hashes = np.arange(200, dtype=np.uint64)
    expected = as_list(hash_search.pairs_within(hashes, 3))
    monkeypatch.setattr(hash_search, "_CHUNK", 7)
    monkeypatch.setattr(hash_search, "_BLOCK", 13)
    assert as_list(hash_search.pairs_within(hashes, 3)) == expected


def test_mirrored_hashes_are_found_across():
    hashes = np.array([0x0F, 0xFF00, 0xABCDEF], dtype=np.uint64)
    mirrored = np.array([0xABCDEE, 0x1, 0x0F], dtype=np.uint64)
    assert as_list(hash_search.pairs_between(mirrored, hashes, 1)) == [(0, 2, 1), (2, 0, 0)]


def test_no_hashes():
    nothing = np.empty(0, dtype=np.uint64)
    assert as_list(hash_search.pairs_within(nothing, 5)) == []
    assert as_list(hash_search.pairs_between(nothing, np.array([1], dtype=np.uint64), 5)) == []
    assert as_list(hash_search.pairs_between(np.array([1], dtype=np.uint64), nothing, 5)) == []


def test_equal_hashes_are_refused():
    with pytest.raises(ValueError, match="not all different"):
        hash_search.pairs_within(np.array([5, 5], dtype=np.uint64), 1)


@pytest.mark.parametrize("max_distance", [-1, 64])
def test_impossible_distances_are_refused(max_distance):
    with pytest.raises(ValueError, match="must be from 0 to 63"):
        hash_search.pairs_within(np.array([5], dtype=np.uint64), max_distance)


def test_too_many_pairs_stop_with_the_key_to_change(monkeypatch):
    monkeypatch.setattr(hash_search, "MAX_PAIRS", 1000)
    with pytest.raises(InputError, match=r"hash_distance = 6: more than 1,000 pairs"):
        hash_search.pairs_within(np.arange(64, dtype=np.uint64), 6)


def test_concatenated_ranges():
    ranges = hash_search.concatenate_ranges(np.array([5, 9, 0]), np.array([2, 0, 3]))
    assert ranges.tolist() == [5, 6, 0, 1, 2]
