"""Real images written as DICOM: the knee set gives the published counts, chest films with tags reach the report."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dicoms import film, stored
from project import fresh, keep
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from radsieve import tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.duplicate_groups import deleted_paths
from radsieve.imaging.decode import canonical, decode
from radsieve.reporting import published

DATA = Path(os.environ.get("RADSIEVE_DATA", "no such folder")).resolve()
PUBLISHED = Path(__file__).parents[2] / "data/published/knee_counts.csv"
GRADERS = ["MedicalExpert-I", "MedicalExpert-II"]
GRADES = ["0Normal", "1Doubtful", "2Mild", "3Moderate", "4Severe"]
KEY = "a key of sixteen characters"

pytestmark = pytest.mark.realdata
needs = {name: pytest.mark.skipif(not (DATA / name).is_dir(), reason=f"no {name}/ in RADSIEVE_DATA") for name in
         ("knee", "chest")}  # fmt: skip


def as_dicom(content: bytes) -> bytes:
    """The picture of a file as DICOM, in turn plain, compressed, and with black and white exchanged; no two files of
    other bytes become the same."""
    pixels, digest = canonical(decode(content, 10**8)), hashlib.sha256(content).digest()
    tags = {"SOPInstanceUID": f"2.25.{int.from_bytes(digest[:12], 'big')}", "PatientID": "", "PatientName": ""}
    way = digest[0] % 3 if pixels.ndim == 2 else 0
    if way == 2:
        pixels = np.iinfo(pixels.dtype).max - pixels
        tags["PhotometricInterpretation"] = "MONOCHROME1"
    return stored(film(pixels, **tags), RLELossless if way == 1 else ExplicitVRLittleEndian)


@needs["knee"]
def test_the_knee_set_as_dicom_gives_the_published_counts(tmp_path, run_stage, set_params):
    for path in (DATA / "knee").rglob("*.png"):
        copy = tmp_path / "knee" / path.relative_to(DATA / "knee").with_suffix(".dcm")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(as_dicom(path.read_bytes()))
    source = {"endpoint": "folder", "bucket": "knee", "prefix": "", "same_picture": "bytes"}
    source |= {"graders": GRADERS, "grades": GRADES}
    set_params(tmp_path, source=source, measure_agreement={"bootstrap": 100})
    done = run_stage("ingest_images", tmp_path, phantoms="none", images="data/images", out="results")
    assert done.returncode == 0, done.stderr
    pairs = curation_tables.DUPLICATE_PAIRS
    tables.write(pairs, pd.DataFrame(columns=list(pairs.columns)), tmp_path / "results/pairs.csv")
    places = {"raw_data": "results/raw_data.csv", "images_table": "results/images.csv", "pairs": "results/pairs.csv"}
    done = run_stage("measure_agreement", tmp_path, **places, images="data/images", out="results")
    assert done.returncode == 0, done.stderr
    raw, different, contingency = (
        tables.read(schema, tmp_path / "results" / f"{schema.name}.csv")
        for schema in (curation_tables.RAW_DATA, curation_tables.DIFFERENT_SEVERITY, curation_tables.CONTINGENCY)
    )
    counts = published.reproduce(raw, deleted_paths(raw), different, contingency, GRADERS)
    comparison = published.compare(PUBLISHED, counts)
    assert list(comparison["comparison"]) == ["match"] * 11
    images = tables.read(curation_tables.IMAGES, tmp_path / "results/images.csv")
    assert set(images["format"]) == {"DICOM"}
    assert images["pixel_digest"].nunique() == 1579  # as of the PNGs


@pytest.fixture(scope="module")
def chest(tmp_path_factory):
    """A bucket of chest films in DICOM with tags, graded by whether COVID-19 was found, through the track."""
    folder = tmp_path_factory.mktemp("chest")
    about = pd.read_csv(DATA / "chest/metadata.csv", dtype=str, keep_default_na=False)
    about = about[[(DATA / "chest/images" / name).is_file() for name in about["filename"]]]
    about = about.assign(grade=np.where(about["finding"].str.contains("COVID-19"), "1Covid", "0Other"))
    about = about.drop_duplicates("filename").groupby("grade").head(60)
    for number, row in enumerate(about.to_dict("records")):
        pixels = canonical(decode((DATA / "chest/images" / row["filename"]).read_bytes(), 10**8))
        age = f"{int(float(row['age'])):03}Y" if row["age"] else ""
        tags = {"PatientID": f"MRN-{row['patientid']}", "PatientName": f"Secret^{row['patientid']}", "PatientAge": age}
        tags |= {
            "PatientSex": row["sex"],
            "ViewPosition": row["view"].split(" ")[0],
            "BurnedInAnnotation": "YES" if number == 7 else "NO",
        }
        path = folder / "bucket/Reader" / row["grade"] / f"{row['filename']}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored(film(pixels, **tags)))
    project = fresh(folder / "radsieve", {"RADSIEVE_PSEUDONYM_KEY": KEY})
    keep(project, "curation")
    with project.params() as content:
        content["source"] |= {"endpoint": "folder", "bucket": str(folder / "bucket"), "prefix": ""}
        content["source"] |= {"graders": ["Reader"], "grades": ["0Other", "1Covid"]}
        content["generate_phantoms"]["images"] = 0
    project.snakemake()
    return project, about


@needs["chest"]
def test_chest_films_in_dicom_reach_the_report(chest):
    project, about = chest
    results = project.folder / "results"
    images = pd.read_csv(results / "ingest_images/images.csv", keep_default_na=False)
    assert len(images) == len(about)
    assert images["PatientID"].nunique() == about["patientid"].nunique()
    assert set(images["ViewPosition"]) == {"AP", "PA"}
    kept = pd.read_csv(results / "normalize_labels/normalized_data.csv")
    patients = kept["file_id"].map(images.set_index("file_id")["PatientID"])
    assert kept.groupby(patients)["split"].nunique().max() == 1
    leakage = pd.read_csv(results / "normalize_labels/leakage.csv").set_index("attribute")
    scored = leakage.index[leakage["balanced_accuracy"].notna()]
    assert {"ViewPosition", "PatientSex", "PatientAge"} <= set(scored)
    page = (results / "report/curation.html").read_text()
    assert "1 file in DICOM with text burned into the picture" in page
    assert json.loads(project.dvc("status", "--json")) == {"workflow/dvc.yaml:trace_inputs": ["always changed"]}


@needs["chest"]
def test_nobody_is_named_in_any_output(chest):
    project, _ = chest
    files = [path for top in ("results", "data", "logs") for path in (project.folder / top).rglob("*")]
    files += [project.folder / name for name in ("dvc.lock", "workflow/dvc.lock", "params.yaml")]
    for path in files:
        if path.is_file():
            content = path.read_bytes()
            assert b"MRN-" not in content and b"Secret^" not in content, path
