"""params.yaml is refused with the key, the value and what is allowed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from radsieve import params, settings_file, settings_schema
from radsieve.errors import InputError
from radsieve.settings import expand

GOOD = (Path(__file__).parents[2] / "params.yaml").read_text()


def load(tmp_path, change):
    content = yaml.safe_load(GOOD)
    change(content)
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(content))
    return params.load(path)


def test_the_project_s_own_parameters_are_valid(tmp_path):
    loaded = load(tmp_path, lambda p: None)
    assert loaded.find_duplicates.hash_distance == yaml.safe_load(GOOD)["find_duplicates"]["hash_distance"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p["generate_phantoms"].update(images="many"), ["generate_phantoms.images", "'many'", "integer"]),
        (lambda p: p["generate_phantoms"].update(images=-1), ["generate_phantoms.images", "-1", ">= 0", "<= 100000"]),
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
        (lambda p: p["source"].update(graders=["A", "A"]), ["source.graders", "all different"]),
        (lambda p: p["source"].update(graders=["A", 2]), ["source.graders.1 = 2", "text", "put it in quotes"]),
        (lambda p: p["source"].update(endpoint="bucket"), ["source.endpoint", "or none"]),
        (lambda p: p["generator"].update(low=0.0), ["generator.low = 0.0", "-1, 0"]),
        (lambda p: p["measure_symmetry"].update(dilation_pixels=4), ["measure_symmetry.dilation_pixels = 4", "odd"]),
        (lambda p: p["train_abnormality"].update(input_pixels=100), ["input_pixels = 100", "a multiple of 32"]),
        (lambda p: p["pack_images"]["chest"].update(channels=True), ["pack_images.chest.channels = True", "1, 3"]),
        (lambda p: p["compare_sieving"]["moving"].update(targets="0"), ["moving.targets = '0'", "a list"]),
        (lambda p: p["find_duplicates"].update(min_similarity="0.8"), ["min_similarity = '0.8'", "number"]),
        (lambda p: p["find_duplicates"].update(min_similarity=float("nan")), ["min_similarity = nan", "number"]),
        (lambda p: p["find_duplicates"].update(hash_distance=True), ["hash_distance = True", "integer"]),
        (lambda p: p["find_duplicates"].update({7: 1}), ["find_duplicates", "unknown key '7'"]),
        (lambda p: p["train_segmenter"]["skin"].update(mirrored=1), ["skin.mirrored = 1", "true or false"]),
    ],
)
def test_wrong_parameters_are_named(tmp_path, change, words):
    with pytest.raises(InputError) as error:
        load(tmp_path, change)
    for word in words:
        assert word in str(error.value)


def test_all_mistakes_are_named_at_once(tmp_path):
    with pytest.raises(InputError) as error:
        load(tmp_path, lambda p: (p["generate_phantoms"].update(images=-1), p["ingest_images"].update(retries="x")))
    assert "generate_phantoms.images" in str(error.value)
    assert "ingest_images.retries" in str(error.value)


@pytest.mark.parametrize("text", ["a: [", "generate_phantoms: {images: 1, images: 2}", "- list", "\x00"])
def test_no_yaml_or_a_key_given_twice(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(InputError):
        params.load(path)


def test_a_key_may_take_the_place_of_a_merged_one_but_not_stand_there_twice(tmp_path):
    """What `<<: *name` brings in is a default for the block."""
    path = tmp_path / "params.yaml"
    section = "{images: 90, <<: &more {height: 161, broken: true}, height: 200}"
    path.write_text(f"one: &one {section}\nother: {{<<: *one, images: 80}}")
    read = settings_file.read(path)
    assert read["other"] == {"images": 80, "height": 200, "broken": True}
    path.write_text(f"one: &one {section}\nother: {{<<: *one, images: 80, images: 80}}")
    with pytest.raises(InputError, match=r"line 2: key 'images' is given twice"):
        settings_file.read(path)


@pytest.mark.parametrize("number", ["014", "-07", "1:30"])
def test_a_number_that_dvc_reads_otherwise_is_refused(tmp_path, number):
    path = tmp_path / "params.yaml"
    path.write_text(f"one: {{images: 14}}\nother: {{images: {number}}}")
    with pytest.raises(InputError, match=f"{path}, line 2: {number} is read in two ways"):
        settings_file.read(path)


@pytest.mark.parametrize("text", ["a: 2023-13-45", "a: !!int x", "a: !!bool x", "a: !!timestamp x", "[" * 3000])
def test_values_that_cannot_be_read_are_an_error_with_the_file(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=str(path)):
        params.load(path)


def test_a_folder_in_its_place_is_an_error_and_a_mark_of_its_encoding_none(tmp_path):
    with pytest.raises(InputError, match=str(tmp_path)):
        settings_file.read(tmp_path)
    (tmp_path / "params.yaml").write_text("one: 1", encoding="utf-8-sig")
    assert settings_file.read(tmp_path / "params.yaml") == {"one": 1}


def test_a_bare_star_is_told(tmp_path):
    (tmp_path / "params.yaml").write_text("rater: *\n", encoding="utf-8")
    with pytest.raises(InputError, match=r'line 1(.|\n)*quotes: "\*"'):
        settings_file.read(tmp_path / "params.yaml")


def test_a_mistyped_variant_is_told_in_words(tmp_path):
    def change(values):
        values["train_classifier"]["knee"]["variants"] = ["16x1 avrage"]

    with pytest.raises(InputError, match=r"knee\.variants\.0 = '16x1 avrage'.*batch_norm") as error:
        load(tmp_path, change)
    assert r"\d" not in str(error.value)


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16"])
def test_another_encoding_is_told(tmp_path, encoding):
    (tmp_path / "params.yaml").write_text("graders: [Анна]", encoding=encoding)
    with pytest.raises(InputError, match=r"params\.yaml: not encoded as UTF-8"):
        settings_file.read(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("written", "advice"), [("1e-3", "write 0.001"), ("0,1", "write 0.1"), ("'0.5'", "write 0.5"), ("1e-999999", "")]
)
def test_a_number_that_yaml_takes_for_text_is_told(tmp_path, written, advice):
    def change(values):
        values["measure_agreement"]["smoothing"] = yaml.safe_load(written)

    with pytest.raises(InputError, match=r"measure_agreement\.smoothing") as error:
        load(tmp_path, change)
    assert ("YAML takes this for text" in str(error.value)) == bool(advice)
    assert advice in str(error.value)


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="not found"):
        params.load(tmp_path / "params.yaml")


def test_none_becomes_none_however_it_is_written(tmp_path):
    for absent in ("none", None):
        loaded = load(tmp_path, lambda p, absent=absent: p["source"].update(endpoint=absent))
        assert loaded.source.endpoint is None


def test_numbers_stay_as_they_are_written(tmp_path):
    """So that a page shows 5 where params.yaml says 5, and not 5.0."""
    loaded = load(tmp_path, lambda p: p["compare_sieving"]["moving"].update(targets=[0, 3.5], pull=1))
    assert [repr(value) for value in (*loaded.compare_sieving.moving.targets, loaded.compare_sieving.moving.pull)] == [
        "0", "3.5", "1",
    ]  # fmt: skip


def test_settings_cannot_be_changed(tmp_path):
    loaded = load(tmp_path, lambda p: None)
    with pytest.raises(ValidationError, match="frozen"):
        loaded.find_duplicates.hash_distance = 3
    assert hash(loaded) == hash(load(tmp_path, lambda p: None))


def test_an_override_takes_the_place_of_one_value_of_its_own_section(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text(GOOD)
    loaded = params.load(path, {"select_thresholds": {"test_rows": 17}, "source": {}})
    assert loaded.select_thresholds.test_rows == 17
    assert loaded.measure_loop.thresholds.test_rows != 17  # which takes over what the file says
    with pytest.raises(InputError, match="test_rows = 0"):
        params.load(path, {"select_thresholds": {"test_rows": 0}})


def places(tmp_path, change, *sections):
    return params.outside_paths(load(tmp_path, change), sections or None)


def test_what_may_lie_outside_of_the_project_is_listed(tmp_path):
    images = {"images": "$HOME/images", "table": "$HOME/images.csv", "masks": "none", "mask": "none"}

    def change(content):
        content["pack_images"]["chest"].update(images)
        content["measure_agreement"].update(ratings="~/ratings")
        content["train_abnormality"].update(weights="w.pth")
        content["compare_training"]["classifier"].update(weights="v.pth")
        content["generator"].update(weights="g/{group}.safetensors")
        content["source"].update(endpoint="folder", bucket="/images")

    assert places(tmp_path, change, "pack_images.chest", "pack_images.pixels", "measure_agreement", "source") == {
        "pack_images.chest.images": "$HOME/images",
        "pack_images.chest.table": "$HOME/images.csv",
        "measure_agreement.ratings": "~/ratings",
        "source.bucket": "/images",
    }
    assert places(tmp_path, change, "compare_training", "generator", "train_abnormality.weights") == {
        "compare_training.classifier.weights": "v.pth",
        "generator.weights": "g/{group}.safetensors",
        "train_abnormality.weights": "w.pth",
    }


def test_keywords_are_no_paths(tmp_path):
    assert (
        places(
            tmp_path, lambda p: p["source"].update(endpoint="embedded"),
            "source", "generator", "ingest_images", "measure_agreement", "train_symmetry", "train_abnormality",
            "score_turing_test", "compute", "find",
        )
        == {}
    )  # fmt: skip
    assert places(tmp_path, lambda p: None, "check_sieve") == {}


def test_every_setting_that_is_spoken_of_as_a_path_is_marked(tmp_path):
    """Else the engines do not know that a result depends on what lies there."""
    schema = settings_schema.schema_of(params.Params)
    marked = set(places(tmp_path, name_every_place))
    for section in schema["properties"]:
        for key, value in leaves(schema, (section,)):
            if "$NAME" in value["description"] or re.match("(Folder|File|CSV|Table) of", value["description"]):
                assert ".".join(key) in marked, key


def leaves(schema, loc):
    found = settings_schema.at(schema, loc)
    if "properties" in found:
        for key in found["properties"]:
            yield from leaves(schema, (*loc, key))
    else:
        yield loc, found


def name_every_place(content):
    """Put a path in place of every keyword and `none`."""
    content["source"].update(endpoint="folder", bucket="b")
    content["collect_pages"].update(source="folder", folder="f")
    content["compare_training"]["classifier"]["weights"] = "x"
    content["generator"]["weights"] = content["ingest_images"]["fill"] = content["measure_agreement"]["ratings"] = "x"
    for name in ("chest", "breast", "skin", "abnormality", "sex", "gan"):
        content["pack_images"][name].update(images="f", table="t", masks="m")
    for name in ("pneumonia", "modalities", "knee", "chest"):
        content["prepare_images"][name].update(images="f", table="t", masks="m", outside_images="o", outside_table="t")
    for table in content["pack_tables"].values():
        table["joined"] = "t"
    content["audit_splits"].update(images="f", table="t")
    content["source"]["table"].update(file="t")
    for section, key in (
        ("train_abnormality", "weights"), ("train_sex", "weights"), ("train_symmetry", "labels"),
        ("prepare_latents", "table"), ("check_sieve", "weights"), ("score_turing_test", "answers"),
        ("make_review", "answered"), ("normalize_labels", "reviewed"),
    ):  # fmt: skip
        content[section][key] = "p"


@pytest.mark.parametrize("path", ["$RADSIEVE_NOT_SET/a", "a/${RADSIEVE_NOT_SET}"])
def test_a_variable_that_is_not_set_is_named(path):
    with pytest.raises(InputError, match=r"fill = .*RADSIEVE_NOT_SET is not set"):
        expand(path, "ingest_images.fill")
    with pytest.raises(InputError, match=r"^[^=]*RADSIEVE_NOT_SET is not set"):
        expand(path)


def test_variables_and_the_home_folder_are_filled_in(monkeypatch):
    monkeypatch.setenv("RADSIEVE_SET", "/data")
    monkeypatch.setenv("HOME", "/home/someone")
    assert expand("${RADSIEVE_SET}/a") == Path("/data/a")
    assert expand("~/a $ b c") == Path("/home/someone/a $ b c")


@pytest.mark.parametrize("path", ["~nobody-of-this-name/a", "a\0b", "a" * 300, "a/" * 3000])
def test_a_path_that_cannot_be_is_refused(path):
    with pytest.raises(InputError, match=r"fill = "):
        expand(path, "ingest_images.fill")


def test_the_schema_is_printed():
    done = subprocess.run([sys.executable, "-m", "radsieve.params", "--schema"], capture_output=True, text=True)
    assert json.loads(done.stdout) == settings_schema.schema_of(params.Params)


@pytest.mark.parametrize("slow", ["torch", "pandas", "numpy", "jsonschema"])
def test_reading_parameters_takes_no_heavy_package(slow):
    code = f"import sys, radsieve.params; sys.exit({slow!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
