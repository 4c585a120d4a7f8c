"""Facts of the two-expert knee set: every image is read, 16-bit images are not clipped."""

import os
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radsieve.imaging.decode import canonical, decode, grayscale
from radsieve.imaging.facts import ImageFacts, facts_of

pytestmark = pytest.mark.realdata

LIMIT = 1_000_000


@pytest.fixture(scope="module")
def expert() -> dict[str, bytes]:
    folder = Path(os.environ.get("RADSIEVE_DATA", "")) / "knee" / "MedicalExpert-I"
    if "RADSIEVE_DATA" not in os.environ or not folder.is_dir():
        pytest.skip("RADSIEVE_DATA does not name a folder with knee/MedicalExpert-I")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


@pytest.fixture(scope="module")
def facts(expert) -> dict[str, ImageFacts]:
    return {path: facts_of(content, LIMIT) for path, content in expert.items()}


def test_facts_of_every_image(expert, facts):
    assert len(facts) == 1650
    assert len(set(expert.values())) == 1633
    modes = Counter((fact.mode, fact.bit_depth) for fact in facts.values())
    assert modes == {("RGB", 8): 1569, ("I;16", 16): 80, ("RGB", 16): 1}
    assert {(fact.width, fact.height) for fact in facts.values()} == {(300, 162), (640, 161)}
    severe = [fact for path, fact in facts.items() if path.startswith("4Severe")]
    assert {(fact.width, fact.height) for fact in severe} == {(300, 162)}
    assert all(0.1 < fact.mean_brightness < 0.8 for fact in facts.values())


def test_16_bit_images_are_not_clipped(expert, facts):
    deep = [content for path, content in expert.items() if facts[path].mode == "I;16"]
    assert len(deep) == 80
    for content in deep:
        pixels = canonical(decode(content, LIMIT))
        assert pixels.dtype == np.uint16
        assert len(np.unique(pixels)) > 5000
        assert np.mean(grayscale(pixels) > 0.99) < 0.01
        with Image.open(BytesIO(content)) as image:
            naive = np.asarray(image.convert("L"))
        assert np.mean(naive == 255) > 0.5
