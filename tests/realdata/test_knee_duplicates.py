"""Duplicates of the two-expert knee set, from its files."""

import hashlib
import os
from pathlib import Path

import pandas as pd
import pytest

from radsieve.curation import tables as curation_tables
from radsieve.curation.duplicate_groups import deleted_paths
from radsieve.imaging.decode import load_grayscale
from radsieve.imaging.duplicates.image_similarity import canvas, mirrored, pyramid, similarity

KNEE = Path(os.environ.get("RADSIEVE_DATA", "no such folder")) / "knee"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not KNEE.is_dir(), reason="RADSIEVE_DATA does not name a folder with knee/"),
]


@pytest.fixture(scope="module")
def raw():
    rows = []
    for path in sorted(KNEE.rglob("*.png"), key=lambda path: path.relative_to(KNEE).as_posix()):
        relative = path.relative_to(KNEE).as_posix()
        expert, severity, _name = relative.split("/")
        content = path.read_bytes()
        rows.append(
            (
                expert,
                f"{hashlib.sha256(content).hexdigest()}:{hashlib.md5(content).hexdigest()}",
                severity,
                relative,
            )
        )
    return pd.DataFrame(rows, columns=list(curation_tables.RAW_DATA.columns))


def test_the_published_paths_are_deleted(raw):
    paths = deleted_paths(raw)["relative_path"]
    assert paths.str.split("/").str[0].value_counts().to_dict() == {
        "MedicalExpert-I": 17,
        "MedicalExpert-II": 17,
    }
    assert paths.tolist()[:3] == [
        "MedicalExpert-I/0Normal/NormalG0 (294).png",
        "MedicalExpert-I/1Doubtful/DoubtfulG1 (386).png",
        "MedicalExpert-I/1Doubtful/DoubtfulG1 (453).png",
    ]


def test_left_and_right_knee_of_one_person_are_no_duplicates(raw):
    """The hardest negatives: 178 images show both knees, which are nearly mirror images of each other."""
    similarities = []
    for path in raw.drop_duplicates("file_id")["relative_path"]:
        image = load_grayscale(KNEE / path)
        if image.shape[1] == 640:
            left, right = (pyramid(canvas(half)) for half in (image[:, :320], image[:, 320:]))
            similarities.append(similarity(left, mirrored(right)))
    assert len(similarities) == 178
    assert max(similarities) < 0.82
