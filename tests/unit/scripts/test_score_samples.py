"""scripts/score_samples.py on small phantoms, with small networks."""

import json

import numpy as np
import pandas as pd
import pytest
import scored_images
import stopped
from defaults import COMPUTE
from PIL import Image

from radsieve import tables
from radsieve.generators.decoder import PhantomDecoder
from radsieve.generators.generation import write_generated
from radsieve.generators.interface import sample_latents
from radsieve.networks.device import choose_device
from radsieve.screening.scores.image_scorer import load_scorer
from radsieve.screening.tables import GENERATED_IMAGES, LATENTS, PASS_RATES, SCORED_IMAGES, SCORED_LATENTS, SCORES

OPTIONS = {"samples": "generated", "tables": "results/generate_samples", **scored_images.SCORER, "out": "out"}
GROUPS = {scored_images.GROUP: 12, "18_24f": 7}
OUTPUTS = ["accepted.png", "metrics.json", "pass_rates.csv", "rejected.png", "scores.csv", "scores.parquet"]
SCORES_CODE = "src/radsieve/screening/scores/scores.py"
SMALL = {"batch": 5, "grid_images": 8}


def write_generated_images(folder, pixels):
    decoder = PhantomDecoder(pixels)
    for group, images in GROUPS.items():
        latents = sample_latents(images, 4, group)
        names = [f"{group}-{number}" for number in range(images)]
        generated = decoder.generate(latents, group)
        write_generated(folder / "generated" / group, names, generated, (1, pixels, pixels), latents)
        listed = pd.DataFrame({"image": names, "group": group})
        tables.write(GENERATED_IMAGES, listed, folder / f"results/generate_samples/{group}/images.csv")


@pytest.fixture
def folder(tmp_path, set_params, scored_phantoms):
    settings = {
        "compute": COMPUTE,
        "generation": {"groups": list(GROUPS), "diseased": ["18_24f"]},
        "score_samples": SMALL,
    }
    set_params(tmp_path, **settings)
    (tmp_path / "results").mkdir()
    for results in (scored_phantoms / "results").iterdir():
        (tmp_path / "results" / results.name).symlink_to(results)
    return tmp_path


def edit_what_changes_no_score(code):
    stopped.edit(code, SCORES_CODE, "import numpy as np\n", "import numpy as np\n\n_UNUSED = 1\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda code: stopped.edit_elsewhere(code, SCORES_CODE), "scoring resumes: batches of images"),
        (edit_what_changes_no_score, f"the work starts from the beginning: code {SCORES_CODE} has changed\n"),
    ],
    ids=["elsewhere", "of its own"],
)
def test_a_killed_scoring_goes_on_with_its_own_code_only(folder, tmp_path, run_stage, set_params, edit, said):
    """The edit of its own code changes no score: how much is scored anew is told by the log alone."""
    write_generated_images(folder, scored_images.PIXELS)
    set_params(
        folder,
        compute=COMPUTE,
        generation={"groups": list(GROUPS), "diseased": []},
        score_samples=SMALL | {"batch": 1},
    )
    assert run_stage("score_samples", folder, **OPTIONS | {"out": "whole"}).returncode == 0
    code = stopped.copy_code(tmp_path / "code")
    stopped.kill_half_way(code, "score_samples", folder, OPTIONS)
    edit(code)
    log = stopped.run(code, "score_samples", folder, OPTIONS)
    assert said in log and ("resumes" in said or "resumes" not in log)
    assert stopped.outputs(folder / "out") == stopped.outputs(folder / "whole")


@pytest.mark.slow
def test_all_groups_are_scored(folder, run_stage, scored_phantoms):
    write_generated_images(folder, scored_images.PIXELS)
    for out in ("out", "again"):
        done = run_stage("score_samples", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    assert "resized to" not in done.stderr
    assert list((folder / ".cache/radsieve/score_samples").iterdir()) == []  # nothing is left to go on with
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name
    scored = tables.read(SCORED_IMAGES, folder / "out/scores.csv")
    latents = tables.read(SCORED_LATENTS, folder / "out/scores.parquet")
    assert (
        scored["group"].tolist()
        == latents["group"].tolist()
        == [group for group in GROUPS for _ in range(GROUPS[group])]
    )
    second = sample_latents(7, 4, "18_24f")
    assert np.array_equal(latents[list(LATENTS)].to_numpy(np.float32)[12:], second)
    scorer = load_scorer(scored_images.scorer_files(scored_phantoms), choose_device(COMPUTE))
    expected = scorer.score(PhantomDecoder(scored_images.PIXELS).generate(second[:5], "18_24f")).scores
    expected = expected.assign(score_abnormal=-expected["score_abnormal"], score_maxheat=1.0, score_symmetry=1.0)
    assert latents.loc[12:16, list(SCORES)].to_numpy() == pytest.approx(expected[list(SCORES)].to_numpy(), abs=1e-5)
    assert latents["valid"].tolist() == (latents[list(SCORES)] > 0).all(axis=1).astype(int).tolist()
    assert f"{latents['valid'].sum()} of 19 generated images are good ones of their groups" in done.stderr
    rates = tables.read(PASS_RATES, folder / "out/pass_rates.csv").set_index(["group", "score"])
    assert rates.loc[("18_24f", "valid"), "passed"] == latents["valid"][12:].sum()
    assert rates.loc[("all generated", "valid"), "images"] == 19
    for name in ("accepted.png", "rejected.png"):
        with Image.open(folder / "out" / name) as grid:
            assert grid.width > 500


@pytest.mark.slow
def test_images_of_another_form_are_brought_to_that_of_the_networks(folder, run_stage):
    write_generated_images(folder, 32)
    done = run_stage("score_samples", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "images of 1 x 32 x 32 are resized to 1 x 64 x 64 (segmenter), 1 x 64 x 64 (classifier)" in done.stderr
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics["generated_forms"] == [[1, 32, 32]]
    assert metrics["scored_forms"]["segmenter"] == [1, 64, 64]


def test_images_that_are_not_those_of_the_table_are_refused(folder, run_stage):
    write_generated_images(folder, 32)
    (folder / "generated/18_24f").rename(folder / "generated/away")
    done = run_stage("score_samples", folder, **OPTIONS)
    assert done.returncode == 2
    assert "generated/18_24f/index.csv: not found" in done.stderr
    (folder / "generated/38_44m").rename(folder / "generated/18_24f")
    (folder / "generated/away").rename(folder / "generated/38_44m")
    done = run_stage("score_samples", folder, **OPTIONS)
    assert done.returncode == 2
    assert "run generate_samples of 38_44m again" in done.stderr
    assert not (folder / "out").exists()
