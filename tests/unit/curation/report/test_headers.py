"""What of the headers of DICOM files asks for attention."""

import pandas as pd

from radsieve.curation.report import headers


def counted(patients, burned=0):
    rows = [{"format": "DICOM", "PatientID": patient, "StudyInstanceUID": ""} for patient in patients]
    table = pd.DataFrame([*rows, {"format": "PNG", "PatientID": "", "StudyInstanceUID": ""}])
    table = table.assign(other_patients="")
    return headers.counts(table.assign(BurnedInAnnotation=["YES"] * burned + ["NO"] * (len(table) - burned)))


def test_one_patient_of_all_headers_is_said_though_a_table_names_others():
    rows = {"format": "DICOM", "PatientID": [f"t{n}" for n in range(30)], "other_patients": "x", "StudyInstanceUID": ""}
    assert headers.counts(pd.DataFrame(rows).assign(BurnedInAnnotation="NO"))["most"] == 30


def test_burned_in_text_and_one_patient_for_all_are_said():
    usual = counted(["a", "b", "b", ""])
    assert usual == {"files": 4, "patients": 2, "studies": 0, "without": 1, "most": 2, "burned_in": 0}
    assert headers.points(usual) == []
    assert [section for section, _ in headers.points(counted(["a"] * 30 + ["b"] * 20, burned=3))] == ["input"] * 2
    assert headers.points(counted(["a"] * 20 + ["b"] * 20)) == []
    assert headers.points(counted([])) == []
