"""Images that are generated once, and the latents that they are generated from."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from radsieve.errors import InputError
from radsieve.generation.generated_cache import GeneratedImages, read_accepted
from radsieve.generators.interface import sample_latents
from radsieve.screening.tables import LATENTS, component_names

IDENTITY = "f" * 64


class Counting:
    """Generates 2 x 2 images of the grey of the first component; `latents` counts what it was asked for."""

    channels, pixels = 1, 2

    def __init__(self, brightness=100):
        self.latents, self.brightness = 0, brightness

    def generate(self, latents, group):
        self.latents += len(latents)
        grey = (latents[:, 0] * 50 + self.brightness).astype(np.uint8)
        return np.repeat(grey, 4).reshape(-1, 1, 2, 2)


def generated(folder, latents, batch=4, generator=None):
    source = GeneratedImages(generator or Counting(), "F", IDENTITY, folder)
    images = np.stack(list(source.images(latents, batch)))
    assert np.array_equal(images, (generator or Counting()).generate(latents, "F"))
    return source.generated


def write_latents(path, latents, names=LATENTS):
    pq.write_table(pa.table([pa.array(column) for column in latents.T], list(names)), path, row_group_size=3)


def test_a_name_is_the_digest_of_generator_and_latent(tmp_path):
    latents = sample_latents(2, 1, "F")
    names = GeneratedImages(Counting(), "F", IDENTITY, tmp_path).names(latents)
    digest = hashlib.sha256(IDENTITY.encode())
    digest.update(latents[1].astype("<f4").tobytes())
    assert names[1] == digest.hexdigest()


def test_only_what_is_missing_is_generated_at_any_batch_length(tmp_path):
    latents = sample_latents(10, 1, "F")
    assert generated(tmp_path, latents[:7], 3) == 7
    assert generated(tmp_path, latents, 4) == 3
    assert generated(tmp_path, latents[::-1], 5) == 0


def test_a_latent_given_twice_is_generated_once(tmp_path):
    latents = sample_latents(3, 1, "F")
    assert generated(tmp_path, latents[[0, 1, 0, 2, 2, 1]], 6) == 3


def test_a_killed_run_goes_on(tmp_path):
    latents = sample_latents(10, 1, "F")
    source = GeneratedImages(Counting(), "F", IDENTITY, tmp_path)
    images = source.images(latents, 4)
    for _ in range(5):  # into the second batch
        next(images)
    images.close()
    assert generated(tmp_path, latents) == 2  # two batches of four were kept


def test_damaged_packs_are_told_of_and_generated_again(tmp_path, caplog):
    latents = sample_latents(12, 1, "F")
    generated(tmp_path, latents)
    packs = sorted(tmp_path.glob("*/*"))
    (packs[0] / "index.csv").unlink()
    (packs[1] / "images.npy").write_bytes((packs[1] / "images.npy").read_bytes()[:-1])
    (packs[2] / "images.npy").write_bytes((packs[2] / "images.npy").read_bytes()[:-1] + b"!")
    assert generated(tmp_path, latents) == 12
    assert len(caplog.messages) == 3
    for pack, message in zip(packs, caplog.messages, strict=True):
        assert "are generated again" in message and str(pack) in message
    assert generated(tmp_path, latents) == 0
    assert len(caplog.messages) == 3


def test_a_pack_that_was_not_finished_does_not_count(tmp_path, caplog):
    latents = sample_latents(4, 1, "F")
    generated(tmp_path, latents)
    (pack,) = tmp_path.glob("*/*")
    (pack / "sha256").unlink()
    assert generated(tmp_path, latents) == 4
    assert caplog.messages == []


def test_images_that_come_out_otherwise_are_not_taken_for_the_same(tmp_path):
    latents = sample_latents(4, 1, "F")
    generated(tmp_path, latents)
    assert generated(tmp_path, latents, generator=Counting(brightness=90)) == 4


def test_the_first_accepted_latents_are_read(tmp_path):
    latents = sample_latents(8, 1, "F")
    write_latents(tmp_path / "accepted.parquet", latents)
    assert np.array_equal(read_accepted(tmp_path / "accepted.parquet", 5), latents[:5])
    assert np.array_equal(read_accepted(tmp_path / "accepted.parquet", 99), latents)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda latents: latents[:0], "no latents in it"),
        (lambda latents: latents * np.float32([[1], [1], [3], [1]]), "row 3 has values outside of"),
        (lambda latents: latents * np.float32([[1], [np.nan], [1], [1]]), "row 2 has values outside of"),
    ],
)
def test_impossible_latents_are_refused(tmp_path, change, message):
    write_latents(tmp_path / "accepted.parquet", change(sample_latents(4, 1, "F") / 2 + 0.5))
    with pytest.raises(InputError, match=message):
        read_accepted(tmp_path / "accepted.parquet", 4)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "text.parquet").write_text("z000")
    write_latents(tmp_path / "short.parquet", sample_latents(4, 1, "F")[:, :127], LATENTS[:127])
    for name, message in (("none", "not found"), ("text", "cannot be read as latents"), ("short", "no column z127")):
        with pytest.raises(InputError, match=message):
            read_accepted(tmp_path / f"{name}.parquet", 4)


def test_latents_of_another_generator_are_not_cut_to_the_length_that_is_taken_here(tmp_path):
    write_latents(tmp_path / "long.parquet", np.zeros((4, 256), np.float32), component_names(256))
    with pytest.raises(InputError, match=r"long\.parquet: has a column z128"):
        read_accepted(tmp_path / "long.parquet", 4)
