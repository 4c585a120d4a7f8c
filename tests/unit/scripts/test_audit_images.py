"""scripts/audit_images.py on drawn knees and a few pictures that do not belong among them."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from lettering import INSTALLED, lettered, needs_reader
from PIL import Image

from radsieve import tables
from radsieve.curation import image_audit
from radsieve.curation import tables as curation_tables
from radsieve.curation.image_audit import audit_images
from radsieve.curation.settings import AuditImages, FaultThresholds, NormalizeLabels
from radsieve.errors import InputError
from radsieve.imaging.audit.text_lines import Line
from radsieve.imaging.facts import facts_of
from radsieve.phantoms.knees import render_knee

OPTIONS = {"raw_data": "raw_data.csv", "images_table": "images.csv", "images": "images", "out": "out"}
OUTPUTS = ["faulty.csv", "metrics.json", "scores.csv", "text.csv", "worst.png"]


def knee(seed):
    return np.rint(render_knee(np.random.default_rng(seed), 4.0, 96) * 255).astype(np.uint8)


def write_images(folder, images, **facts):
    """What ingestion writes of `images`: 8-bit pixels by path; `facts` are put into every row of images.csv."""
    (folder / "images").mkdir()
    raw, rows = [], {}
    for path, pixels in images.items():
        Image.fromarray(pixels).save(folder / "image.png")
        content = (folder / "image.png").read_bytes()
        sha256, md5 = hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest()
        (folder / f"images/{sha256}.png").write_bytes(content)
        expert, grade, _name = path.split("/")
        raw.append((expert, f"{sha256}:{md5}", grade, path))
        own = {"file_id": f"{sha256}:{md5}", "image_path": f"{sha256}.png", "byte_size": len(content)}
        rows[sha256] = own | facts_of(content, 10**6).row() | facts
    table = pd.DataFrame(raw, columns=list(curation_tables.RAW_DATA.columns))
    tables.write(curation_tables.RAW_DATA, table, folder / "raw_data.csv")
    tables.write(curation_tables.IMAGES, pd.DataFrame(list(rows.values())), folder / "images.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, set_params):
    """30 knees, one twice under two names; a negative, a blank image and a checked one."""
    folder = tmp_path_factory.mktemp("audit")
    set_params(folder)
    images = {f"A/0Normal/{seed:02}.png": knee(seed) for seed in range(30)}
    images["A/1Doubtful/00.png"] = knee(0)
    images["A/1Doubtful/blank.png"] = np.full((96, 179), 90, dtype=np.uint8)
    images["A/1Doubtful/checked.png"] = np.kron(np.indices((12, 22)).sum(axis=0) % 2, np.full((8, 8), 255)).astype("u1")
    images["A/1Doubtful/negative.png"] = 255 - knee(40)
    write_images(folder, images)
    return folder


def test_each_fault_is_found(folder, run_stage):
    done = run_stage("audit_images", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    scores = tables.read(curation_tables.FAULT_SCORES, folder / "out/scores.csv").set_index("relative_path")
    assert len(scores) == 33  # equal pixels count once
    for fault, name in (("blank", "blank"), ("inverted", "negative"), ("off_topic", "checked")):
        assert scores.loc[f"A/1Doubtful/{name}.png", f"{fault}_rank"] <= 1 + (fault == "off_topic")
    assert sorted(scores["blurred_rank"]) == list(range(1, 34))
    faulty = tables.read(curation_tables.FAULTY_IMAGES, folder / "out/faulty.csv")
    found = set(zip(faulty["fault"], faulty["relative_path"].str.split("/").str[2], strict=True))
    assert {("blank", "blank.png"), ("inverted", "negative.png"), ("off_topic", "checked.png")} <= found
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics["pictures"] == 33 and metrics["faulty_by_fault"]["inverted"] == 1
    assert f"33 pictures, {metrics['faulty']} with a fault" in done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    with Image.open(folder / "out/worst.png") as grid:
        assert grid.width > 500


def test_a_threshold_of_none_names_nothing(folder):
    raw, images = (pd.read_csv(folder / f"{name}.csv") for name in ("raw_data", "images"))
    thresholds = dict.fromkeys(map(str, curation_tables.Fault))

    image = knee(1) / np.float32(255)

    def look(looked):
        return np.ones((len(looked), 4), np.float32)

    def audit(known, **changed):
        return audit_images(raw, known, lambda _path: image, look, thresholds | changed)

    found = audit(images)
    assert found.faulty.empty and found.metrics["faulty"] == 0
    assert found.text.empty and found.scores["text"].isna().all() and "text" not in found.metrics
    assert audit(images, blank=0).metrics["faulty_by_fault"]["blank"] == 33
    with pytest.raises(InputError, match="run ingest_images again"):
        audit(images.head(5))


def test_text_is_a_fault_like_others(folder):
    raw, images = (pd.read_csv(folder / f"{name}.csv") for name in ("raw_data", "images"))
    images["BurnedInAnnotation"] = "NO"
    first = images["image_path"][0]
    found = {first: [Line((0, 0, 0.1, 0.5), 11, 4, 0.9)], images["image_path"][1]: None}

    def audit(threads):
        return audit_images(
            raw,
            images,
            lambda path: np.full((4, 4), list(images["image_path"]).index(path) / 99, np.float32),
            lambda looked: np.ones((len(looked), 4), np.float32),
            dict.fromkeys(map(str, curation_tables.Fault)) | {"text": 0.9},
            threads,
            lambda gray: found.get(images["image_path"][round(float(gray[0, 0]) * 99)], []),
        )

    audited = audit(1)
    assert audited.faulty[["file_id", "fault", "rank", "score"]].to_numpy().tolist() == [
        [images["file_id"][0], "text", 1, 0.9]
    ]
    text = {"searched": 32, "not_searched": 1, "with_text": 1, "with_text_though_the_header_says_no": 1}
    assert audited.metrics["text"] == text and audited.metrics["faulty_by_fault"]["text"] == 1
    scores = curation_tables.FAULT_SCORES.validate(audited.scores)
    assert scores["text_rank"].isna().sum() == 1 and scores["text_rank"].head(1).tolist() == [1]
    assert audited.text["file_id"].tolist() == [images["file_id"][0]]
    pd.testing.assert_frame_equal(audited.text, audit(3).text)


NAME = "QUINCE ZEBEDIAH"


@pytest.fixture(scope="module")
def named(tmp_path_factory, set_params):
    """Four knees, of which one shows a name; their headers say that nothing is burned in."""
    folder = tmp_path_factory.mktemp("named")
    set_params(folder, audit_images={"text": True})
    images = {f"A/0Normal/{seed}.png": knee(seed) for seed in range(4)}
    with_name = lettered(knee(5) / np.float32(255), NAME, 9, left=0.02)
    write_images(folder, images | {"A/0Normal/5.png": np.rint(with_name * 255).astype("u1")}, BurnedInAnnotation="NO")
    return folder


@needs_reader
def test_a_name_in_a_picture_is_found_and_never_written(named, run_stage):
    for out in ("out", "again"):
        done = run_stage("audit_images", named, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    lines = tables.read(curation_tables.TEXT_LINES, named / "out/text.csv")
    assert lines[["relative_path", "kind", "burned_in"]].to_numpy().tolist() == [["A/0Normal/5.png", "text", "NO"]]
    assert 8 < lines["letters"][0] < len(NAME)
    metrics = json.loads((named / "out/metrics.json").read_text())
    assert metrics["text"]["with_text_though_the_header_says_no"] == 1
    written = {path.name: path.read_bytes() for path in (named / "out").iterdir()}
    assert sorted(written) == OUTPUTS
    assert written == {path.name: path.read_bytes() for path in (named / "again").iterdir()}
    for content in (*written.values(), (done.stdout + done.stderr).encode()):
        for word in NAME.split():
            for spelled in (word, word.lower(), word.title(), word[:5]):
                assert spelled.encode() not in content and spelled.encode("utf-16-le") not in content


@pytest.mark.skipif(INSTALLED, reason="the packages that read are installed")
def test_packages_that_are_missing_are_named(named, run_stage):
    done = run_stage("audit_images", named, **OPTIONS)
    assert done.returncode == 2 and "pip install -e '.[text]'" in done.stderr and "Traceback" not in done.stderr


def test_batches_change_nothing(folder, monkeypatch):
    raw, images = (pd.read_csv(folder / f"{name}.csv") for name in ("raw_data", "images"))
    sizes = []

    def look(looked):
        sizes.append(len(looked))
        return looked.reshape(len(looked), -1)[:, ::999].astype(np.float32)

    def load(path):
        return np.random.default_rng(int(path[:8], 16)).random((40, 40), dtype=np.float32)

    thresholds = dict.fromkeys(map(str, curation_tables.Fault))
    whole = audit_images(raw, images, load, look, thresholds)
    monkeypatch.setattr(image_audit, "_BATCH", 5)
    pd.testing.assert_frame_equal(whole.scores, audit_images(raw, images, load, look, thresholds, threads=3).scores)
    assert sizes == [33, *[5] * 6, 3]


def test_a_run_without_images(tmp_path, run_stage, set_params):
    set_params(tmp_path, source={"endpoint": "none"})
    for schema, name in ((curation_tables.RAW_DATA, "raw_data.csv"), (curation_tables.IMAGES, "images.csv")):
        tables.write(schema, pd.DataFrame(columns=list(schema.columns)), tmp_path / name)
    done = run_stage("audit_images", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert tables.read(curation_tables.FAULT_SCORES, tmp_path / "out/scores.csv").empty


def test_settings_name_every_fault():
    names = [str(fault) for fault in curation_tables.Fault]
    assert list(FaultThresholds.model_fields) == names
    assert AuditImages.model_fields["thresholds"].annotation is FaultThresholds
    allowed = NormalizeLabels.model_json_schema()["properties"]["faults"]
    assert allowed["items"]["enum"] == names
