"""scripts/measure_agreement.py on graded images, on a table of ratings, and on nothing."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from radsieve import tables
from radsieve.curation import tables as curation_tables
from radsieve.imaging import tags

ROOT = Path(__file__).parents[3]
GRADES = ["0Normal", "1Doubtful", "2Mild"]
EXPERTS = ["B", "A"]
# Per image the grades of A and B. A has image 3 twice with one grade, image 5 twice with two grades; B has no image 4.
GIVEN = [(0, 0), (1, 1), (2, 2), (0, 1), (2, None), (0, 1)]
PATHS = {"raw_data": "raw.csv", "images_table": "images.csv", "pairs": "pairs.csv", "images": "images", "out": "out"}
CSV_FILES = [
    "cross_check",
    "contingency",
    "different_severity",
    "coefficients",
    "findings",
    "consensus",
    "confusion",
    "skill",
]


def image(number):
    return f"{number:064x}:{number:032x}"


def write_images(folder):
    rows = []
    for place, expert in enumerate(("A", "B")):
        for number, grades in enumerate(GIVEN):
            if grades[place] is not None:
                rows.append((expert, number, grades[place], f"{number}.png"))
    rows += [("A", 3, 0, "3 copy.png"), ("A", 5, 2, "5 again.png")]
    raw = pd.DataFrame(
        [
            (expert, image(number), GRADES[grade], f"{expert}/{GRADES[grade]}/{name}")
            for expert, number, grade, name in rows
        ],
        columns=list(curation_tables.RAW_DATA.columns),
    )
    tables.write(curation_tables.RAW_DATA, raw, folder / "raw.csv")
    (folder / "images").mkdir()
    generator = np.random.default_rng(0)
    images = []
    for number in range(len(GIVEN)):
        Image.fromarray(generator.integers(0, 255, (40, 60), dtype=np.uint8)).save(folder / f"images/{number}.png")
        facts = ("PNG", 60, 40, "L", 8, 0.5, f"{number:064x}", "0" * 16, "0" * 16, "", *tags.NONE.values())
        images.append((image(number), f"{number}.png", 100, *facts))
    tables.write(
        curation_tables.IMAGES,
        pd.DataFrame(images, columns=list(curation_tables.IMAGES.columns)),
        folder / "images.csv",
    )
    no_pairs = pd.DataFrame(columns=list(curation_tables.DUPLICATE_PAIRS.columns))
    tables.write(curation_tables.DUPLICATE_PAIRS, no_pairs, folder / "pairs.csv")


@pytest.fixture(scope="module")
def graded(tmp_path_factory, run_stage, set_params):
    folder = tmp_path_factory.mktemp("graded")
    write_images(folder)
    set_params(folder, source={"graders": EXPERTS, "grades": GRADES}, measure_agreement={"bootstrap": 200})
    done = run_stage("measure_agreement", folder, **PATHS)
    assert done.returncode == 0, done.stderr
    return folder


def test_cross_check_and_contingency(graded):
    assert (graded / "out/cross_check.csv").read_text().splitlines() == [
        "file_id,B,A",
        f"{image(0)},0,0",
        f"{image(1)},1,1",
        f"{image(2)},2,2",
        f"{image(3)},1,0",
        f"{image(4)},,2",
        f"{image(5)},1,",
    ]
    assert (graded / "out/contingency.csv").read_text().splitlines() == [
        "rater_a,rater_b,label_a,label_b,count",
        "B,A,0,0,1",
        "B,A,1,0,1",
        "B,A,1,1,1",
        "B,A,2,2,1",
    ]


def test_different_severity_has_every_path_in_listing_order(graded):
    assert (graded / "out/different_severity.csv").read_text().splitlines() == [
        "file_id,severity,relative_path",
        f"{image(3)},0,A/0Normal/3.png",
        f"{image(3)},1,B/1Doubtful/3.png",
        f"{image(3)},0,A/0Normal/3 copy.png",
    ]


def test_coefficients(graded):
    found = tables.read(curation_tables.COEFFICIENTS, graded / "out/coefficients.csv")
    found = found.set_index(["raters", "coefficient", "weighting"])
    # 3 of 4 agree; chance 1/4 * 2/4 + 2/4 * 1/4 + 1/4 * 1/4 = 5/16
    kappa = found.loc[("B | A", "Cohen's kappa", "none")]
    assert kappa["value"] == pytest.approx((3 / 4 - 5 / 16) / (1 - 5 / 16))
    assert kappa["lower"] <= kappa["value"] <= kappa["upper"]
    assert kappa["items"] == 4
    assert found.loc[("all", "observed agreement", "none"), "value"] == 0.75
    levels = [weighting for _, coefficient, weighting in found.index if coefficient == "Krippendorff's alpha"]
    assert levels == ["nominal", "ordinal", "interval"]


def test_consensus_and_skill(graded):
    consensus = tables.read(curation_tables.CONSENSUS, graded / "out/consensus.csv").set_index("item")
    assert consensus.loc[[image(0), image(1), image(2), image(4)], "label"].tolist() == [*GRADES, "2Mild"]
    assert consensus["ratings"].tolist() == [2, 2, 2, 2, 1, 1]
    skill = tables.read(curation_tables.RATER_SKILL, graded / "out/skill.csv")
    assert skill["rater"].tolist() == EXPERTS
    assert skill["ratings"].tolist() == [5, 5]
    assert skill["agreement_with_others"].tolist() == [0.75, 0.75]
    confusion = tables.read(curation_tables.RATER_CONFUSION, graded / "out/confusion.csv")
    sums = confusion.groupby(["rater", "truth"])["probability"].sum()
    np.testing.assert_allclose(sums, 1)


def test_metrics_and_pictures(graded):
    metrics = json.loads((graded / "out/metrics.json").read_text())
    counts = ("items", "items_with_two_ratings", "raters", "ratings", "contradicted_ratings", "disagreements")
    assert [metrics[name] for name in counts] == [6, 4, 2, 10, 1, 1]
    assert metrics["observed_agreement"] == 0.75
    assert metrics["alpha_lower"] <= metrics["alpha"] <= metrics["alpha_upper"]
    assert metrics["dawid_skene_log_likelihood"] < 0
    for name in ("agreement", "disagreements"):
        with Image.open(graded / f"out/{name}.png") as picture:
            assert picture.width > 500


def test_a_second_run_writes_the_same_bytes(graded, run_stage):
    done = run_stage("measure_agreement", graded, **{**PATHS, "out": "again"})
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in (graded / "out").iterdir())
    assert len(names) == len(CSV_FILES) + 3
    for name in names:
        assert (graded / "again" / name).read_bytes() == (graded / "out" / name).read_bytes(), name


def write_nothing(folder):
    for schema, name in (
        (curation_tables.RAW_DATA, "raw.csv"),
        (curation_tables.IMAGES, "images.csv"),
        (curation_tables.DUPLICATE_PAIRS, "pairs.csv"),
    ):
        tables.write(schema, pd.DataFrame(columns=list(schema.columns)), folder / name)


def test_table_of_findings_without_images(tmp_path, run_stage, set_params):
    write_nothing(tmp_path)
    rows = ["image,reader,finding"]
    for number in range(8):
        rows += [f"i{number},R{reader},{'mass' if number % 2 else 'effusion'}" for reader in (1, 2, 10)]
    rows[1] = "i0,R1,mass"
    (tmp_path / "ratings.csv").write_text("\n".join(rows) + "\n")
    chosen = {
        "ratings": "ratings.csv",
        "item": "image",
        "rater": "reader",
        "label": "finding",
        "multiple": True,
    }
    set_params(tmp_path, measure_agreement=chosen | {"level": "nominal", "bootstrap": 100})
    done = run_stage("measure_agreement", tmp_path, **PATHS)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "out/cross_check.csv").read_text().splitlines()
    assert lines[:3] == ["file_id,R1,R2,R10", "i0/effusion,0,1,1", "i0/mass,1,0,0"]
    assert (tmp_path / "out/different_severity.csv").read_text() == "file_id,severity,relative_path\n"
    findings = tables.read(curation_tables.FINDING_COEFFICIENTS, tmp_path / "out/findings.csv")
    assert findings["finding"].unique().tolist() == ["effusion", "mass"]
    assert findings["weighting"].unique().tolist() == ["none", "nominal"]
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert (metrics["items"], metrics["raters"], metrics["disagreements"]) == (16, 3, 2)
    assert metrics["kappa_quadratic"] is None


def test_without_images_every_table_is_empty(tmp_path, run_stage, set_params):
    write_nothing(tmp_path)
    set_params(tmp_path)
    done = run_stage("measure_agreement", tmp_path, **PATHS)
    assert done.returncode == 0, done.stderr
    for name in CSV_FILES:
        assert len((tmp_path / f"out/{name}.csv").read_text().splitlines()) == 1, name
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert (metrics["items"], metrics["alpha"], metrics["dawid_skene_log_likelihood"]) == (0, None, None)


def test_published_agreement_on_texts_by_people_or_machines(tmp_path, run_stage, set_params):
    """The published errors, precisions, recalls and the kappa of both annotators allow these 202 ratings."""
    joint = {  # truth, first and second annotator: how often
        ("ai", "ai", "ai"): 42, ("ai", "ai", "not"): 56, ("ai", "not", "ai"): 1, ("ai", "not", "not"): 2,
        ("not", "ai", "ai"): 3, ("not", "ai", "not"): 1, ("not", "not", "ai"): 22, ("not", "not", "not"): 75,
    }  # fmt: skip
    items = [labels for labels, count in joint.items() for _ in range(count)]
    raters = ("truth", "annotator_1", "annotator_2")
    rows = [f"i{n},{rater},{label}" for n, one in enumerate(items) for rater, label in zip(raters, one, strict=True)]
    write_nothing(tmp_path)
    (tmp_path / "ratings.csv").write_text("\n".join(["item,rater,label", *rows]) + "\n")
    set_params(tmp_path, measure_agreement={"ratings": "ratings.csv", "level": "nominal", "bootstrap": 100})
    done = run_stage("measure_agreement", tmp_path, **PATHS)
    assert done.returncode == 0, done.stderr
    published = pd.read_csv(ROOT / "data/published/labelling_agreement.csv").set_index(["raters", "quantity"])["value"]
    found = tables.read(curation_tables.COEFFICIENTS, tmp_path / "out/coefficients.csv")
    kappa = found[found["coefficient"] == "Cohen's kappa"].set_index("raters")
    assert (kappa["items"].drop("all", errors="ignore") == published["data", "items"]).all()
    of_annotators = kappa.loc["annotator_1 | annotator_2", "value"]
    assert of_annotators == pytest.approx(published["annotator_1 | annotator_2", "kappa"], abs=1e-9)
    for number in (1, 2):
        rater = f"annotator_{number}"
        (pair,) = (name for name in kappa.index if set(name.split(" | ")) == {"truth", rater})
        assert kappa.loc[pair, "value"] == pytest.approx(published[rater, "kappa_with_truth"], abs=1e-9)
