"""scripts/generate_phantoms.py on small sets of images."""

import json

import pytest
from sameness import all_files

from radsieve import tables
from radsieve.phantoms import tables as phantom_tables

SMALL = {"images": 6, "height": 96, "exact_duplicates": 1, "near_duplicates": 1, "disagreement": 0.2}


@pytest.fixture(scope="module")
def generate(tmp_path_factory, run_stage, set_params):
    """Runs the stage in a new folder with generate_phantoms changed as given; returns the folder."""

    def run(source=None, **changes):
        folder = tmp_path_factory.mktemp("phantoms")
        set_params(folder, generate_phantoms=SMALL | changes, source=source or {})
        again(run_stage, folder)
        return folder

    return run


@pytest.fixture(scope="module")
def generated(generate):
    """The folder of a run with SMALL."""
    return generate()


def again(run_stage, folder):
    done = run_stage("generate_phantoms", folder, images="data/phantoms", out="results/generate_phantoms")
    assert done.returncode == 0, done.stderr


def test_the_folder_the_truth_and_the_metrics_agree(generated):
    truth = tables.read(phantom_tables.PHANTOM_TRUTH, generated / "results/generate_phantoms/truth.csv")
    metrics = json.loads((generated / "results/generate_phantoms/metrics.json").read_text())
    assert sorted(all_files(generated / "data/phantoms")) == sorted(truth["relative_path"])
    assert metrics == {
        "images": 6,
        "objects": len(truth),
        "disagreements": 1,
        "conflicts": 1,
        "planted": truth["planted"].value_counts().sort_index().to_dict(),
    }
    assert metrics["planted"]["image"] == 12


def test_a_rerun_over_other_images_gives_the_same_bytes(generated, run_stage, monkeypatch):
    before = all_files(generated)
    (generated / "data/phantoms/A/stale.png").write_bytes(b"left over")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    again(run_stage, generated)
    assert all_files(generated) == before


def test_another_seed_gives_other_images(generated, generate):
    other = generate(seed=1, broken=False)
    assert set(all_files(generated / "data/phantoms").values()).isdisjoint(all_files(other / "data/phantoms").values())


@pytest.mark.parametrize(
    "changes", [{"images": 0, "exact_duplicates": 4}, {"source": {"endpoint": "folder", "bucket": "elsewhere"}}]
)
def test_no_images_are_asked_for_or_they_are_ones_own(changes, generate):
    folder = generate(**changes)
    assert (folder / "data/phantoms").is_dir()
    assert not all_files(folder / "data/phantoms")
    assert tables.read(phantom_tables.PHANTOM_TRUTH, folder / "results/generate_phantoms/truth.csv").empty
