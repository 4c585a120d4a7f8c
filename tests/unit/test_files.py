"""Where files go: radsieve.files."""

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from radsieve import files


def test_the_folder_of_the_cache_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("RADSIEVE_CACHE", raising=False)
    assert str(files.cache_folder()) == ".cache/radsieve"
    monkeypatch.setenv("RADSIEVE_CACHE", str(tmp_path))
    assert files.cache_folder() == tmp_path


def test_plots_are_stored_with_few_colours_and_images_with_every_grey_value(tmp_path):
    rng = np.random.default_rng(1)
    figure = Figure(figsize=(3, 2))
    figure.add_subplot().plot(rng.random((50, 3)))
    files.write_figure(tmp_path / "plot.png", figure)
    with Image.open(tmp_path / "plot.png") as picture:
        assert (picture.mode, picture.size) == ("P", (330, 220))
        few = np.asarray(picture.convert("RGB"), dtype=int)
    figure.savefig(tmp_path / "full.png", dpi=110)
    with Image.open(tmp_path / "full.png") as picture:
        assert np.abs(few - np.asarray(picture.convert("RGB"), dtype=int)).mean() <= 0.5
    figure = Figure(figsize=(1, 1))
    figure.add_axes((0, 0, 1, 1)).imshow(rng.random((110, 110)), cmap="gray")
    files.write_figure(tmp_path / "image.png", figure)
    with Image.open(tmp_path / "image.png") as picture:
        assert picture.mode == "RGBA"
