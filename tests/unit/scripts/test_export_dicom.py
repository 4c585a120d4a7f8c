"""scripts/export_dicom.py on a folder with films, a document and a broken file."""

import numpy as np
import pytest
from dicoms import NAME, PICTURE, dataset, stored

pytest.importorskip("dicomanonymizer", reason="dicom-anonymizer is not installed: make install")


def test_a_folder_is_copied_without_names(tmp_path, run_stage, set_params):
    set_params(tmp_path)
    for number in range(3):
        path = tmp_path / f"films/Doe_Jane/{number}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored(dataset(np.roll(PICTURE, number), SOPInstanceUID=f"1.2.3.{number}")))
    (tmp_path / "films/Doe_Jane/letter.txt").write_text("Dear Jane")
    done = run_stage("export_dicom", tmp_path, images="films", out="copies")
    assert done.returncode == 0, done.stderr
    assert "3 copies, 1 files left out" in done.stderr
    copies = list((tmp_path / "copies").iterdir())
    assert len(copies) == 3
    for secret in (*NAME.split("^"), "4711"):
        assert secret not in done.stderr
        assert not any(secret in path.name or secret.encode() in path.read_bytes() for path in copies)
    inside = run_stage("export_dicom", tmp_path, images="films", out="films/copies")
    assert inside.returncode == 2


def test_an_odd_file_is_left_out_and_nothing_of_an_earlier_run_stays(tmp_path, run_stage, set_params):
    set_params(tmp_path)
    films = tmp_path / "films"
    films.mkdir()
    content = stored(dataset(AccessionNumber="77"))
    (films / "good.dcm").write_bytes(content)
    (films / "odd.dcm").write_bytes(content.replace(b"SH\x02\x0077", b"ZZ\x02\x0077"))
    (films / "without_class.dcm").write_bytes(content.replace(b"\x08\x00\x16\x00UI", b"\x08\x00\x15\x00UI"))
    done = run_stage("export_dicom", tmp_path, images="films", out="copies")
    assert done.returncode == 0, done.stderr
    assert "1 copies, 2 files left out, 2 broken image" in done.stderr
    assert "Doe" not in done.stderr
    before = {path: path.read_bytes() for path in (tmp_path / "copies").iterdir()}
    again = run_stage("export_dicom", tmp_path, images="films", out="copies")
    assert again.returncode == 2
    assert "Traceback" not in again.stderr
    assert {path: path.read_bytes() for path in (tmp_path / "copies").iterdir()} == before
    (tmp_path / "empty").mkdir()
    assert run_stage("export_dicom", tmp_path, images="films", out="empty").returncode == 0
    assert run_stage("export_dicom", tmp_path, images="films", out="params.yaml").returncode == 2
