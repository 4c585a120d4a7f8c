"""Agreement on real ratings: the two-expert knee set, CheXpert's eight radiologists, VinBigData's seventeen."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from defaults import settings

from radsieve.curation.agreement import agreement_tables as made
from radsieve.curation.agreement import rating_sources, ratings
from radsieve.curation.agreement.rating_sources import Fields

DATA = os.environ.get("RADSIEVE_DATA")
ROOT = Path(__file__).parents[2]
GRADES = ["0Normal", "1Doubtful", "2Mild", "3Moderate", "4Severe"]
EXPERTS = ["MedicalExpert-I", "MedicalExpert-II"]

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA, reason="RADSIEVE_DATA does not name the folder of public data"),
]


@pytest.fixture(scope="module")
def data():
    return Path(str(DATA))


@pytest.fixture(scope="module")
def knee(data):
    rows = []
    for path in sorted((data / "knee").rglob("*.png")):
        content = path.read_bytes()
        file_id = f"{hashlib.sha256(content).hexdigest()}:{hashlib.md5(content).hexdigest()}"
        expert, grade, _ = path.relative_to(data / "knee").parts
        rows.append((expert, file_id, grade, str(path.relative_to(data / "knee"))))
    return pd.DataFrame(rows, columns=["expert", "file_id", "severity", "relative_path"])


def test_knee_has_the_published_agreement(knee):
    """Published in the exploratory analysis of the set: 1,633 images, 11 disagreements, all Normal against Doubtful."""
    rated = ratings.from_images(knee, GRADES, EXPERTS)
    assert (len(knee), len(rated.items), rated.contradictions) == (3300, 1633, 0)
    table = made.contingency(rated)
    found = dict(zip(zip(table["label_a"], table["label_b"], strict=True), table["count"], strict=True))
    expected = {
        ("0", "0"): 502,
        ("0", "1"): 11,
        ("1", "1"): 474,
        ("2", "2"): 227,
        ("3", "3"): 213,
        ("4", "4"): 206,
    }
    assert found == expected
    different = made.different_severity(rated, knee.assign(item=knee["file_id"]))
    assert different["file_id"].nunique() == 11
    assert set(different["severity"]) == {0, 1}
    first = made.cross_check(rated).iloc[9]
    assert first["file_id"].startswith("0184a61fb664048be62beaebd18350091b1da331469dc3")
    assert first[EXPERTS].tolist() == ["0", "1"]


def test_knee_kappa(knee):
    rated = ratings.from_images(knee, GRADES, EXPERTS)
    table = made.coefficients(rated, "ordinal", 1000, 0.95, 1).set_index(["raters", "coefficient", "weighting"])
    kappa = table.loc[("MedicalExpert-I | MedicalExpert-II", "Cohen's kappa", "none")]
    expert_1, expert_2 = (
        np.array([513, 474, 227, 213, 206]) / 1633,
        np.array([502, 485, 227, 213, 206]) / 1633,
    )
    chance = expert_1 @ expert_2
    assert kappa["value"] == pytest.approx((1622 / 1633 - chance) / (1 - chance))
    assert 0.98 < kappa["lower"] < kappa["value"] < kappa["upper"] < 1


def test_chexpert_preset(data):
    """Eight radiologists, 500 studies, 14 findings, nothing missing."""
    preset = yaml.safe_load((ROOT / "workflow/presets/raters.yaml").read_text())
    chosen = settings("measure_agreement", **preset["measure_agreement"])
    fields = Fields(chosen.item, chosen.rater, chosen.label, chosen.multiple)
    rated = ratings.from_readings(rating_sources.read(chosen.ratings, fields), GRADES, chosen.level)
    assert rated.codes.shape == (7000, 8)
    assert (rated.codes >= 0).all()
    assert len(set(rated.findings)) == 14
    table = pd.read_csv(data / "raters/chexpert/radiologists/benchmark_radiologists/bc4.csv").set_index("Study")
    edema = rated.of_finding("Edema")
    mine = edema.codes[:, rated.raters.index("bc4")]
    assert mine.tolist() == [table.loc[item.removesuffix("/Edema"), "Edema"] for item in edema.items]
    alpha = made.finding_coefficients(rated, "nominal", 100, 0.95, 1)
    alpha = alpha[alpha["coefficient"] == "Krippendorff's alpha"].set_index("finding")["value"]
    assert alpha.idxmax() == "Support Devices"
    assert alpha["Support Devices"] > 0.7 > 0.2 > alpha["Pneumonia"]


def test_chexpert_consensus_is_near_the_released_ground_truth(data):
    """The released truth is the majority of five of the eight; the consensus of all eight should mostly repeat it."""
    fields = Fields("Study", "", "*", multiple=False)
    rated = ratings.from_readings(
        rating_sources.read(str(data / "raters/chexpert/radiologists"), fields), GRADES, "nominal"
    )
    consensus = made.consensus(rated, 100, 0.95, 1)[0].set_index("item")["label"]
    truth = pd.read_csv(data / "raters/chexpert/groundtruth.csv").melt("Study", var_name="finding")
    truth = truth.set_index(truth["Study"] + "/" + truth["finding"])["value"]
    shared = truth.index.intersection(consensus.index)
    assert len(shared) >= 499 * 14
    assert (consensus[shared].astype(int) == truth[shared]).mean() > 0.93


def test_vinbigdata_missing_ratings_and_many_findings(data):
    """15,000 images, three of seventeen radiologists each; whether there is any finding, the three always agree on."""
    fields = Fields("image_id", "rad_id", "class_name", multiple=True)
    readings = rating_sources.read(str(data / "raters/vinbigdata-train.csv.gz"), fields)
    rated = ratings.from_readings(readings, GRADES, "nominal")
    assert rated.codes.shape == (15000 * 15, 17)
    assert ((rated.codes >= 0).sum(axis=1) == 3).all()
    assert rated.raters[:3] == ("R1", "R2", "R3")
    assert rated.contradictions == 0
    healthy = made.coefficients(rated.of_finding("No finding"), "nominal", 100, 0.95, 1, pairs=False)
    assert healthy.loc[healthy["coefficient"] == "Krippendorff's alpha", "value"].item() == 1
    nodule = made.coefficients(rated.of_finding("Nodule/Mass"), "nominal", 100, 0.95, 1, pairs=False)
    alpha = nodule[nodule["coefficient"] == "Krippendorff's alpha"].iloc[0]
    assert 0.45 < alpha["lower"] < alpha["value"] < alpha["upper"] < 0.6
