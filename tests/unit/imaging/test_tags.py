"""What a header says of an image, and that it never says of whom."""

import stat

import pytest
from dicoms import NAME, dataset, stored

from radsieve.errors import InputError
from radsieve.imaging import tags
from radsieve.imaging.facts import facts_of
from radsieve.imaging.pseudonyms import VARIABLE, Pseudonyms, key_in_use, with_own_key

KEY = Pseudonyms(b"a key of sixteen characters")
WHOLE = {
    "PatientBirthDate": "19500102",
    "StudyInstanceUID": "1.2.826.1",
    "SeriesInstanceUID": "1.2.826.2",
    "ViewPosition": "PA",
    "Laterality": "L",
    "PatientSex": "F",
    "PatientAge": "067Y",
    "Manufacturer": "Siemens\n=cmd|' /C calc'!A0",
    "ManufacturerModelName": "X" * 64,
    "ImagerPixelSpacing": ["0.143", "0.15"],
    "BurnedInAnnotation": "YES",
}


def found(**given: object) -> dict[str, tags.Value]:
    return tags.tags_of(stored(dataset(**given)), lambda: KEY)


def test_tags_under_their_keywords():
    said = found(**WHOLE)
    identifiers = [said.pop(name) for name in tags.IDENTIFIERS]
    assert len(set(identifiers)) == 3
    assert {len(one) for one in identifiers} == {16}
    assert said == {
        "Modality": "DX",
        "ViewPosition": "PA",
        "ImageLaterality": "L",
        "PatientSex": "F",
        "PatientAge": 67,
        "Manufacturer": "Siemens cmd /C calc A0",
        "ManufacturerModelName": "X" * 40,
        "PixelSpacing": "",
        "ImagerPixelSpacing": "0.143 0.15",
        "PixelAspectRatio": "",
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsStored": 12,
        "BurnedInAnnotation": "YES",
        tags.GIVEN_SPLIT: "",
        "other_patients": "",
        "other_studies": "",
    }
    told = " ".join(map(str, [*said.values(), *identifiers]))
    assert not any(secret in told for secret in (*NAME.split("^"), "4711", "1950", "1.2.826"))


def test_a_file_without_tags_has_them_empty():
    content = stored(dataset(PatientID="", Modality=""))
    expected = {**tags.NONE, "PhotometricInterpretation": "MONOCHROME2", "BitsStored": 12}
    assert tags.tags_of(content, lambda: pytest.fail("asked for a key")) == expected


@pytest.mark.parametrize(
    ("written", "years"),
    [
        ("067Y", 67),
        ("104Y", 90),
        ("018M", 1.5),
        ("026W", 0.5),
        ("010D", 0.03),
        ("67", 67),
        ("old", None),
        ("", None),
        ("130Y", 90),
        ("131Y", None),
        ("999Y", None),
        ("-05Y", None),
        ("999M", 83.25),
    ],
)
def test_ages_in_years(written, years):
    assert tags.age_in_years(written) == years


@pytest.mark.parametrize(
    ("written", "sex"), [("F", "F"), ("f", "F"), ("Female", "F"), ("M", "M"), ("male", "M"), ("o", "O"), ("W", "W")]
)
def test_one_sex_however_written(written, sex):
    assert found(PatientSex=written)["PatientSex"] == sex


def test_one_patient_however_written():
    assert found(PatientID=" 0042")["PatientID"] == found(PatientID="42")["PatientID"] != ""
    assert found(PatientID="42")["PatientID"] != found(PatientID="43")["PatientID"]
    assert found(PatientID="ANONYMOUS")["PatientID"] == ""


def test_pseudonyms_hang_on_the_key(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, "a key of sixteen characters")
    assert with_own_key().of("PatientID", "42") == KEY.of("PatientID", "42")
    first = key_in_use()
    monkeypatch.setenv(VARIABLE, "another key of that length")
    assert with_own_key().of("PatientID", "42") != KEY.of("PatientID", "42")
    assert key_in_use() != first
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(InputError, match=VARIABLE):
        with_own_key()
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    made = with_own_key().of("PatientID", "42")
    assert key_in_use() == with_own_key().key_digits != first
    assert with_own_key().of("PatientID", "42") == made != KEY.of("PatientID", "42")
    (place,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    place.write_text("cut")
    with pytest.raises(InputError, match=place.name):
        with_own_key()


def test_the_key_may_stand_in_a_file_beside_the_parameters(monkeypatch, tmp_path):
    """Where stages that need no credentials find it, too."""
    monkeypatch.delenv(VARIABLE)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"{VARIABLE}=a key of sixteen characters\n", encoding="utf-16")
    assert with_own_key().of("PatientID", "42") == KEY.of("PatientID", "42")
    assert key_in_use() != ""
    monkeypatch.setenv(VARIABLE, "another key of that length")
    assert with_own_key().of("PatientID", "42") != KEY.of("PatientID", "42")


def test_without_a_patient_the_study_stands_for_one():
    def patient_of(content: bytes) -> str:
        return tags.patient_of(content, lambda: KEY)

    of_study = stored(dataset(PatientID="", StudyInstanceUID="1.2.3"))
    assert patient_of(of_study) == patient_of(of_study) != ""
    assert patient_of(stored(dataset(PatientID="", StudyInstanceUID="1.2.4"))) != patient_of(of_study)
    assert patient_of(stored(dataset(PatientID=""))) == ""
    assert patient_of(b"\x89PNG\r\n\x1a\n") == ""


def test_a_place_for_the_key_that_cannot_be_written(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE)
    (tmp_path / "radsieve").write_text("a file, no folder")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(InputError, match=VARIABLE):
        facts_of(stored(dataset()), 10**6)


def test_an_age_of_0_years_is_an_age():
    known = dict(tags.NONE) | {"PatientAge": 0.0}
    tags.add(known, tags.NONE)
    assert known == dict(tags.NONE) | {"PatientAge": 0.0}
    tags.add(known, dict(tags.NONE) | {"PatientAge": 50.0})
    assert known["PatientAge"] == 0
