"""params.yaml is refused with the key, the value and what is allowed."""

from pathlib import Path

import pytest
import yaml

from radsieve import params
from radsieve.errors import InputError

GOOD = (Path(__file__).parents[2] / "params.yaml").read_text()


def load(tmp_path, change):
    content = yaml.safe_load(GOOD)
    change(content)
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(content))
    return params.load(path)


def test_the_project_s_own_parameters_are_valid(tmp_path):
    assert load(tmp_path, lambda p: None) == yaml.safe_load(GOOD)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p["draw_phantoms"].update(films="many"), ["draw_phantoms.films", "'many'", "integer"]),
        (lambda p: p["draw_phantoms"].update(films=-1), ["draw_phantoms.films", "-1", ">= 0", "<= 100000"]),
        (
            lambda p: p["measure_agreement"].update(confidence=1),
            ["measure_agreement.confidence", "> 0.5", "< 1"],
        ),
        (lambda p: p["normalize_labels"].update(disagreements="vote"), ["'vote'", "drop", "majority"]),
        (
            lambda p: p["find_duplicates"].update(radius=3),
            ["find_duplicates", "unknown key 'radius'", "hash_distance"],
        ),
        (lambda p: p["find_duplicates"].pop("hash_distance"), ["find_duplicates", "missing 'hash_distance'"]),
        (lambda p: p.pop("ingest_images"), ["missing 'ingest_images'"]),
        (lambda p: p.update(extra={}), ["unknown key 'extra'"]),
        (lambda p: p["source"].update(grades=["only"]), ["source.grades", "at least 2"]),
        (lambda p: p["source"].update(endpoint="https://key:secret@host"), ["source.endpoint"]),
        (lambda p: p["source"].update(prefix="/absolute/"), ["source.prefix", "/absolute/"]),
        (lambda p: p.update(source=None), ["source = None", "object"]),
    ],
)
def test_wrong_parameters_are_named(tmp_path, change, words):
    with pytest.raises(InputError) as error:
        load(tmp_path, change)
    for word in words:
        assert word in str(error.value)


def test_all_mistakes_are_named_at_once(tmp_path):
    with pytest.raises(InputError) as error:
        load(tmp_path, lambda p: (p["draw_phantoms"].update(films=-1), p["ingest_images"].update(retries="x")))
    assert "draw_phantoms.films" in str(error.value)
    assert "ingest_images.retries" in str(error.value)


@pytest.mark.parametrize("text", ["a: [", "draw_phantoms: {films: 1, films: 2}", "- list", "\x00"])
def test_no_yaml_or_a_key_given_twice(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(InputError):
        params.load(path)


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="not found"):
        params.load(tmp_path / "params.yaml")
