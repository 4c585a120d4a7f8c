"""DICOM through curation: one picture however stored, whole patients in one split, and nobody named in any file."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dicoms import NAME, PICTURE, dataset, stored
from PIL import Image
from pydicom.uid import RLELossless

from radsieve import tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.duplicate_groups import deleted_paths
from radsieve.curation.ingestion import Ingestion, ReadLimits, ingest
from radsieve.curation.layouts import Layout
from radsieve.curation.leakage import attributes_of_images, find_leakage
from radsieve.curation.normalization import divided
from radsieve.curation.stored_images import stored_pixels
from radsieve.imaging.decode import pixel_digest
from radsieve.imaging.pseudonyms import Pseudonyms
from radsieve.settings import Splits
from radsieve.storage.cache import Cache
from radsieve.storage.folder import FolderSource

KEY = Pseudonyms(b"a key of sixteen characters")
NO_PAIRS = pd.DataFrame(columns=["file_id_a", "file_id_b"])


def png(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def ingested(folder: Path, contents: dict[str, bytes], key: Pseudonyms = KEY) -> Ingestion:
    for path, content in contents.items():
        place = folder / "bucket" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.write_bytes(content)
    with Cache(folder / "cache") as cache:
        layout = Layout.of("", ["one", "two"], ["0", "1"])
        found = ingest(FolderSource(folder / "bucket"), cache, layout, ReadLimits(2, 10**6, 10**6), lambda: key)
        cache.place(found.contents, folder / "images")
    for schema, name in (
        (curation_tables.RAW_DATA, "raw_data"),
        (curation_tables.IMAGES, "images"),
        (curation_tables.QUARANTINE, "quarantine"),
    ):
        tables.write(schema, getattr(found, name), folder / f"{name}.csv")
    return found


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """One film as DICOM, compressed, as MONOCHROME1, and as a PNG of what is shown; and a film of two frames."""
    folder = tmp_path_factory.mktemp("twins")
    contents = {
        "one/0/film.dcm": stored(dataset()),
        "one/0/again": stored(dataset(), RLELossless),
        "two/0/negative.dcm": stored(dataset(4095 - PICTURE, PhotometricInterpretation="MONOCHROME1")),
        "two/0/shown.png": png(np.rint(PICTURE / 4095 * 65535).astype(np.uint16)),
        "two/1/frames.dcm": stored(dataset(NumberOfFrames="2")),
    }
    return folder, ingested(folder, contents)


def test_a_film_its_negative_and_its_png_are_one_picture(twins):
    folder, found = twins
    assert len(found.images) == 4
    assert len(set(found.images["pixel_digest"])) == 1
    assert found.images["PatientID"].nunique() == 2  # of the patient, and of the PNG, which says nothing
    assert list(found.quarantine["key"]) == ["two/1/frames.dcm"]
    digest = found.images["pixel_digest"][0]
    for path in found.images["image_path"]:
        assert pixel_digest(stored_pixels(folder / "images", path)) == digest
    assert deleted_paths(found.raw_data).empty


def test_what_is_placed_and_written_names_nobody(twins):
    folder, _ = twins
    written = [path for path in [*folder.glob("*.csv"), *(folder / "images").rglob("*")] if path.is_file()]
    assert len(written) == 5  # three tables, and two PNGs: that of the DICOM files, and the other encoding
    for path in written:
        content = path.read_bytes()
        assert not any(secret in content for secret in (*map(str.encode, NAME.split("^")), b"4711")), path


def test_another_key_gives_other_pseudonyms_from_a_full_cache(tmp_path):
    contents = {"one/0/a.dcm": stored(dataset())}
    first, again = (ingested(tmp_path, contents) for _ in range(2))
    other = ingested(tmp_path, contents, Pseudonyms(b"another key of that length"))
    assert first.images.equals(again.images)
    assert first.images["PatientID"][0] != other.images["PatientID"][0]
    assert other.fetched == 0
    assert first.metrics["pseudonym_key"] == KEY.key_digits != other.metrics["pseudonym_key"]


def shifted(number: int) -> np.ndarray:
    return np.roll(PICTURE, 3 * number, axis=1)


def test_a_patient_and_a_study_are_one_unit(tmp_path):
    """40 patients with two films of different pixels each; one study joins two of the patients."""
    people = {number: {"PatientID": f"P{number}", "StudyInstanceUID": f"1.2.{max(number, 1)}"} for number in range(40)}
    contents = {
        f"one/{number % 2}/{number}_{film}.dcm": stored(
            dataset(shifted(number + 40 * film) // (film + 1), ViewPosition="AP" if number % 2 else "PA", **tags)
        )
        for number, tags in people.items()
        for film in range(2)
    }
    found = ingested(tmp_path, contents)
    kept = found.raw_data.assign(severity=found.raw_data["severity"].astype(int))
    division = divided(kept, found.images, NO_PAIRS, Splits(validation_share=0.2, test_share=0.2, seed=1))
    person = division["relative_path"].str.extract(r"/(\d+)_", expand=False).astype(int).clip(lower=1)
    assert division.groupby(person)[["unit", "split"]].nunique().max().max() == 1
    assert division["unit"].nunique() == 39
    leak = find_leakage(division, found.images, permutations=99, min_gain=0.02, seed=1).scores.set_index("attribute")
    assert leak.loc["ViewPosition", ["balanced_accuracy", "leaks"]].tolist() == [1, True]
    assert "PatientAge" not in leak.index  # nobody has one
    assert json.dumps(found.metrics)


def test_a_tag_that_some_have_is_missing_in_the_others(tmp_path):
    contents = {"one/0/a.dcm": stored(dataset(PatientSex="F")), "one/1/b.png": png((PICTURE >> 5).astype(np.uint8))}
    found = ingested(tmp_path, contents)
    kept = found.raw_data.assign(severity=[0, 1], unit=["a", "b"], split="train")
    pictures = attributes_of_images(kept, found.images)
    assert pictures["PatientSex"].isna().tolist() == [False, True]
    assert "ViewPosition" not in pictures
