"""scripts/make_turing_test.py on images written by the test."""

import base64
import json
import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from turing import OPTIONS, SMALL, write_images

from radsieve import tables
from radsieve.generation.tables import TURING_KEY
from radsieve.generation.turing.images import shown_image
from radsieve.imaging.packs import read_pack


@pytest.fixture
def folder(tmp_path):
    write_images(tmp_path)
    return tmp_path


def images_in(html):
    return [base64.b64decode(content) for content in re.findall(r'<img src="data:image/png;base64,([^"]+)"', html)]


def test_the_page_shows_what_the_key_says(folder, run_stage, set_params):
    set_params(folder, make_turing_test=SMALL)
    for out in ("results/make_turing_test", "again"):
        done = run_stage("make_turing_test", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    for name in ("turing_test.html", "key.csv", "metrics.json"):
        assert (folder / "again" / name).read_bytes() == (folder / OPTIONS["out"] / name).read_bytes(), name
    key = tables.read(TURING_KEY, folder / "again/key.csv")
    assert sorted(key["kind"]) == ["real"] * 4 + ["synthetic"] * 4
    assert "r6" not in set(key["image"]), "an altered image"
    images = images_in((folder / "again/turing_test.html").read_text())
    packs = {"real": read_pack(folder / "data/reference"), "synthetic": read_pack(folder / "data/generated")}
    for content, kind, name in zip(images, key["kind"], key["image"], strict=True):
        pack = packs[kind]
        with Image.open(BytesIO(content)) as image:
            assert np.array_equal(np.asarray(image), shown_image(pack.images[pack.names.index(name)], 32, 0.005))
    metrics = json.loads((folder / "again/metrics.json").read_text())
    assert metrics == {"test": key["test"].iloc[0], "images": 8, "synthetic": 4, "pixels": 32}


def test_the_page_does_not_hold_the_key(folder, run_stage, set_params):
    """All that differs from image to image is its number and its pixels, and the files do not tell the kinds apart."""
    set_params(folder, make_turing_test=SMALL)
    assert run_stage("make_turing_test", folder, **OPTIONS).returncode == 0
    html = (folder / OPTIONS["out"] / "turing_test.html").read_text()
    key = tables.read(TURING_KEY, folder / OPTIONS["out"] / "key.csv")
    assert not [name for name in key["image"] if f'"{name}"' in html or f"{name}<" in html]
    tags = re.findall(r"<img [^>]+>", html)
    bare = {re.sub(r"Image \d+ of", "Image of", re.sub(r"base64,[^\"]+", "base64,", tag)) for tag in tags}
    assert bare == {'<img src="data:image/png;base64," alt="Image of 8" hidden>'}
    forms = set()
    for content in images_in(html):
        with Image.open(BytesIO(content)) as image:
            pixels = np.asarray(image)
            forms.add((image.mode, image.size, tuple(image.info), pixels.min(), pixels.max(), content[:33]))
    assert len(forms) == 1


def test_too_few_images(folder, run_stage, set_params):
    set_params(folder, make_turing_test=SMALL | {"images": 6})
    done = run_stage("make_turing_test", folder, **OPTIONS)
    assert done.returncode == 2
    assert "results/generate_images/images.csv: 5 images of the pack (any), but make_turing_test.images asks for 6" in (
        done.stderr
    )
    assert not (folder / OPTIONS["out"]).exists()
