import numpy as np
import pandas as pd
import pytest

from radsieve import tables
from radsieve.errors import InputError
from radsieve.generators.decoder import PhantomDecoder
from radsieve.generators.generation import generate, image_names, read_latents, truth_rows
from radsieve.generators.interface import sample_latents
from radsieve.screening.tables import GENERATED_TRUTH


class Counting:
    """A generator of 1 x 1 images that show the sign of the first component, and notes the sizes of its batches."""

    channels, pixels = 1, 1

    def __init__(self):
        self.batches = []

    def generate(self, latents, group):
        self.batches.append((group, len(latents)))
        return (latents[:, :1, None, None] > 0).astype(np.uint8)


def test_names_are_listed_group_by_group():
    names = image_names(["b", "a"], 2)
    assert names.to_numpy().tolist() == [["b/00000", "b"], ["b/00001", "b"], ["a/00000", "a"], ["a/00001", "a"]]


def test_images_come_in_batches_within_groups_in_the_order_of_the_latents():
    generator = Counting()
    latents = {group: sample_latents(5, 1, group) for group in ("a", "b")}
    images = list(generate(generator, latents, 2))
    assert generator.batches == [(group, size) for group in "ab" for size in (2, 2, 1)]
    assert [int(image[0, 0, 0]) for image in images] == [int(row[0] > 0) for rows in latents.values() for row in rows]


def test_only_phantoms_have_a_truth(tmp_path):
    latents = {group: sample_latents(3, 1, group) for group in ("18_24m", "18_24f")}
    names = image_names(list(latents), 3)
    assert truth_rows(Counting(), latents, names) == []
    decoder = PhantomDecoder(32)
    truth = pd.DataFrame(truth_rows(decoder, latents, names), columns=list(GENERATED_TRUTH.columns))
    tables.write(GENERATED_TRUTH, truth, tmp_path / "truth.csv")
    decoded = decoder.decode(latents["18_24f"], "18_24f")
    assert truth["image"].tolist() == names["image"].tolist()
    assert truth["good"].tolist()[3:] == [int(image.good) for image in decoded]
    assert truth["asymmetry"].tolist()[3:] == [abs(image.chest.asymmetry) for image in decoded]


@pytest.mark.parametrize(
    "content", [np.zeros((3, 128), np.float32), np.zeros((60, 128)), np.full((60, 128), np.nan, "f4")]
)
def test_latents_that_do_not_fit(tmp_path, content):
    np.save(tmp_path / "latents.npy", content)
    with pytest.raises(InputError, match=r"latents\.npy: .*finite float32 of shape \(60, 128\)"):
        read_latents(tmp_path, 60)


def test_latents_that_are_missing_or_none(tmp_path):
    with pytest.raises(InputError, match="run the stage that generates the images first"):
        read_latents(tmp_path, 60)
    (tmp_path / "latents.npy").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(InputError, match="not an array of latents"):
        read_latents(tmp_path, 60)
