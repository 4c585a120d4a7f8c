"""A training that is killed under an engine goes on, or starts anew if its code was edited."""

import pytest
import stopped
from project import change

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

TRAINING = "src/radsieve/generation/gan/training.py"
LONG = {"steps": 400, "rounds": 400, "evaluated_images": 8, "grid_images": 1}  # a state is stored after every round


@pytest.mark.parametrize(
    "command",
    [
        ("snakemake", "--cores", "1", "--rerun-incomplete", "results/train_gan/normal/generator.safetensors"),
        ("dvc", "repro", "train_gan@normal"),
    ],
    ids=["snakemake", "dvc"],
)
def test_it_goes_on_after_an_edit_elsewhere_and_starts_anew_after_one_of_its_code(screened, copy_of, command):
    project = copy_of(screened)
    with project.params() as params:
        change(params, {"train_gan": LONG})

    def states():
        kept = project.folder.glob(".cache/radsieve/train_gan/*/*.safetensors")
        return {path: path.stat().st_mtime_ns for path in kept}

    def kill():
        before = states()
        return stopped.kill_stage(project, command, "scripts/train_gan.py", lambda: states() != before and states())

    assert "the training resumes" not in kill()
    stopped.edit_elsewhere(project.folder, TRAINING)
    went_on = kill()
    assert "the training resumes after" in went_on and "starts from the beginning" not in went_on
    stopped.edit(project.folder, TRAINING, "def rate_share", "_UNUSED = 1\n\n\ndef rate_share")
    anew = kill()
    assert "starts from the beginning" in anew and "code" in anew and "the training resumes" not in anew
