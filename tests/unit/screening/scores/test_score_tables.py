"""Scores of two batches of generated images, and the tables made of them."""

import pandas as pd
import pytest
import screened

from radsieve.errors import InputError
from radsieve.figures.flow_diagram import FLOW
from radsieve.generators.generation import read_latents
from radsieve.screening.scores import score_tables
from radsieve.screening.scores.image_scores import score_batches, true_images
from radsieve.screening.scores.reference_images import EVALUATED
from radsieve.screening.scores.score_flow import score_flow
from radsieve.screening.tables import (
    PASS_RATES,
    REACTIONS,
    REFERENCE_SCORES,
    SCALING,
    SCORE_STATISTICS,
    SCORED_LATENTS,
    SCORES,
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scored")
    screened.write_generated(folder)
    screened.write_reference(folder)
    return folder


@pytest.fixture(scope="module")
def scored(root):
    return score_batches(*screened.read_batches(root), 0.9, seed=1)


def test_the_share_asked_for_passes_where_the_scores_were_scaled(scored):
    scaling = SCALING.validate(score_tables.scaling(scored, 0.95))
    fitted = scaling[(scaling["split"] == "validation") & (scaling["score"] != "valid")]
    assert fitted["passed"].tolist() == [27] * 5
    assert fitted["by_definition"].all() and fitted[["lower", "upper", "difference"]].isna().all(axis=None)
    evaluated = scaling[(scaling["split"] == "test") & (scaling["score"] != "valid")]
    assert (evaluated["upper"] > 0.9).all() and not evaluated["by_definition"].any()
    whole = scaling[scaling["score"] == "valid"].set_index("split")
    assert whole["lower"].notna().all()
    assert whole.loc["test", "difference"] == pytest.approx(
        whole.loc["test", "share"] - whole.loc["validation", "share"]
    )
    assert (
        whole.loc["test", "difference_lower"] < whole.loc["test", "difference"] < whole.loc["test", "difference_upper"]
    )


def test_true_images_of_few_patients_tell_less(scored):
    """36 of 37 images of 24 patients are not 37 independent ones: the interval is clustered by unit."""
    pairs = scored.reference["unit"].str.removeprefix("u").astype(int) // 2
    paired = type(scored)(scored.reference.assign(unit=pairs.astype(str)), scored.generated, scored.scaler)
    single, double = (score_tables.scaling(one, 0.95).set_index(["score", "split"]) for one in (scored, paired))
    assert single.loc[("valid", "test"), ["images", "units"]].tolist() == [30, 30]
    assert double.loc[("valid", "test"), ["images", "units"]].tolist() == [30, 15]
    wide = double["upper"] - double["lower"]
    assert wide["score_maxheat", "test"] > (single["upper"] - single["lower"])["score_maxheat", "test"]


def test_reference_scores_are_of_every_true_image_and_copy(scored):
    found = REFERENCE_SCORES.validate(score_tables.reference_scores(scored))
    assert found["kind"].value_counts().to_dict() == {"none": 60, "mirrored": 30, "lung lost": 30}


def test_the_flow_of_generated_images_adds_up(scored):
    flow = FLOW.validate(score_flow(scored.generated))
    count = flow.set_index("step")["count"]
    rejected = count[["Rejected by one score alone", "Rejected by several scores"]].sum()
    assert count["Generated and scored"] - rejected == count["Accepted"] == scored.generated["valid"].sum()


def test_lost_lungs_are_rejected_and_good_images_mostly_accepted(root, scored):
    truth = pd.read_csv(root / "results/generate_images/truth.csv")
    generated = scored.generated
    assert not generated.loc[truth["asymmetry"] > 0.4, "valid"].any()
    fine = (truth["good"] == 1) & (truth["finding"] == "normal")
    assert generated.loc[fine, "valid"].mean() > 0.5
    assert generated.loc[truth["finding"] == "abnormal", "score_abnormal"].median() < 0


def test_scores_react_to_alterations_as_they_should(scored):
    table = REACTIONS.validate(score_tables.reactions(scored, 200, 0.95, seed=1))
    found = table.set_index(["alteration", "score"])
    assert table["images"].tolist() == [30] * 12
    for name in ("score_symmetry", "score_left2right", "score_shape"):
        gone = found.loc[("lung painted over", name)]
        assert gone["change_upper"] < 0
        assert gone["share_after"] == 0
    assert found.loc[("lung painted over", "valid"), "share_after"] == 0
    assert found.loc[("lung painted over", "valid"), "expected"] == "lower"
    assert found.loc[("lung painted over", "valid"), "difference_upper"] < 0
    mirrored = found.loc[("mirrored", "score_symmetry")]
    assert mirrored["expected"] == "unchanged"
    assert mirrored["difference_lower"] < 0 == mirrored["share_difference"] < mirrored["difference_upper"]
    assert mirrored[["median_change", "change_lower", "change_upper"]].tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    assert mirrored["share_after"] == mirrored["share_before"]


def test_pass_rates_add_up(scored):
    rates = PASS_RATES.validate(score_tables.pass_rates(scored.generated, 0.95, true_images(scored, EVALUATED)))
    passed = rates.pivot_table(index="group", columns="score", values="passed", sort=False)
    assert passed.index.tolist() == [*screened.GROUPS, "all generated", "true images"]
    assert (passed.iloc[:3].sum() == passed.loc["all generated"]).all()
    assert passed.loc["all generated", "valid"] == scored.generated["valid"].sum()
    assert (passed["valid"] <= passed[list(SCORES)].min(axis=1)).all()
    assert rates.loc[rates["group"] == "true images", "images"].tolist() == [30] * 6


def test_statistics_have_the_form_of_the_published_table(scored):
    found = SCORE_STATISTICS.validate(score_tables.statistics(scored)).set_index("statistic")
    assert found.index.tolist() == ["count", "mean", "std", "min", "25%", "50%", "75%", "max"]
    assert found.loc["count"].tolist() == [60] * 6
    assert found.loc["mean", "valid"] == scored.generated["valid"].mean()
    assert (found.loc["max", list(SCORES)] <= 1).all()


def test_the_table_for_the_prefilter_has_each_images_own_latent(root, scored):
    latents = read_latents(root / "data/generated", 60)
    table = SCORED_LATENTS.validate(score_tables.with_latents(scored.generated, latents))
    assert (table[["z000", "z127"]].to_numpy() == latents[:, [0, 127]]).all()
    assert table["score_shape"].tolist() == scored.generated["score_shape"].tolist()


def test_images_in_another_order_are_refused(tmp_path):
    screened.write_generated(tmp_path)
    screened.write_reference(tmp_path)
    path = tmp_path / "results/measure_symmetry/generated/features.csv"
    head, first, second, *rest = path.read_text().splitlines()
    path.write_text("\n".join([head, second, first, *rest]))
    with pytest.raises(InputError, match=r"features\.csv: not the images of \S*generate_images/images\.csv in their"):
        screened.read_batches(tmp_path)


def test_too_few_true_images_are_refused(tmp_path):
    screened.write_generated(tmp_path, images=6)
    screened.write_reference(tmp_path, images=38)
    with pytest.raises(
        InputError, match="19 unaltered images of the validation split, but the scores need at least 20"
    ):
        score_batches(*screened.read_batches(tmp_path), 0.95, seed=1)


def test_an_altered_image_without_its_original_is_named(scored):
    reference = scored.reference.copy()
    reference.loc[reference["image"] == "mirrored/031.png", "original"] = "lost.png"
    lost = type(scored)(reference, scored.generated, scored.scaler)
    with pytest.raises(InputError, match=r"lost\.png has altered copies"):
        score_tables.reactions(lost, 100, 0.95, seed=1)


def test_what_a_group_passes_by_definition_is_not_measured():
    """Two of three healthy images pass; the diseased ones all pass by definition, and do not count among all."""
    images = pd.DataFrame({name: [1.0] * 5 for name in SCORES} | {"valid": 1, "group": ["ill", "ill", *"aaa"]})
    images.loc[4, "score_symmetry"] = -1.0
    rates = score_tables.pass_rates(images, 0.95, by_definition=[("ill", "score_symmetry")])
    shares = rates.set_index(["group", "score"])["share"]
    assert ("ill", "score_symmetry") not in shares.index
    assert shares["ill", "score_shape"] == 1
    assert shares["all generated", "score_symmetry"] == pytest.approx(2 / 3)
    assert rates.set_index(["group", "score"])["images"]["all generated", "score_symmetry"] == 3
