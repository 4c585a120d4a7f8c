"""The stage that holds params.yaml to its schema, so that even DVC stops at a key that no stage reads."""

import json

import yaml


def test_counts_what_it_checked(run_stage, set_params, tmp_path):
    set_params(tmp_path)
    done = run_stage("validate_params", tmp_path, out="out")
    assert done.returncode == 0, done.stderr
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    sections = len(yaml.safe_load((tmp_path / "params.yaml").read_text()))
    assert metrics["sections"] == sections
    assert f"{metrics['keys']} parameters in {sections} sections are valid" in done.stderr


def test_wrong_parameters_exit_with_2_and_write_nothing(run_stage, set_params, tmp_path):
    set_params(tmp_path, find_duplicates={"hash_distance": -1})
    done = run_stage("validate_params", tmp_path, out="out")
    assert done.returncode == 2
    assert "find_duplicates.hash_distance = -1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_log_file_gets_the_same_lines(run_stage, set_params, tmp_path, monkeypatch):
    set_params(tmp_path)
    monkeypatch.setenv("RADSIEVE_LOG", str(tmp_path / "logs/stage.log"))
    done = run_stage("validate_params", tmp_path, out="out")
    assert (tmp_path / "logs/stage.log").read_text() == done.stderr
    (tmp_path / "params.yaml").unlink()
    done = run_stage("validate_params", tmp_path, out="out")
    assert done.returncode == 2
    assert "params.yaml: not found" in (tmp_path / "logs/stage.log").read_text()
