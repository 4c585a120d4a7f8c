"""What lies outside of the project is told for the stages that read it; what another stage makes must be awaited."""

import os
from pathlib import Path

import defaults
import numpy as np
import outside
import pytest
import stages as definitions
import trace_inputs
import use_preset
from dicoms import dataset, stored

from radsieve import params, settings_file
from radsieve.errors import InputError
from radsieve.imaging import pseudonyms
from radsieve.storage.credentials import session
from radsieve.storage.s3 import Connection, S3Source, client
from radsieve.storage.server import embedded_server

ROOT = Path(__file__).parents[3]
PRESETS = sorted(path.stem for path in (ROOT / "workflow/presets").glob("*.yaml"))
KNOWN = definitions.stages(ROOT / "dvc.yaml")
MAKERS = {out: stage.name for stage in KNOWN.values() for out in stage.outs}


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIEVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ELSEWHERE", str(tmp_path / "elsewhere"))
    folder = tmp_path / "elsewhere"
    (folder / "images").mkdir(parents=True)
    (folder / "images/Doe^Jane.png").write_text("one")
    (folder / "table.csv").write_text("item,rater,label\n")
    return folder


def with_values(*changes: tuple[str, object]) -> params.Params:
    """The parameters with the value at each dotted key changed."""
    content = defaults.content()
    for key, value in changes:
        place = content
        *above, last = key.split(".")
        for part in above:
            place[part] = dict(place[part])
            place = place[part]
        place[last] = value
    return settings_file.check(content, params.Params, ROOT / "params.yaml")


def lines(changed: params.Params, old: dict[str, str] | None = None) -> dict[str, str]:
    """What is told of outside data, stage by stage; stages of which nothing is told are left out."""
    tracer = trace_inputs.OutsideTracer(changed, MAKERS)
    told = {name: "\n".join(tracer.lines(stage, (old or {}).get(name, ""))) for name, stage in KNOWN.items()}
    return {name: text for name, text in told.items() if text}


PLACES = [
    ("pack_images.chest.images", {"pack_images@chest"}),
    ("pack_images.skin.table", {"pack_images@skin"}),
    ("pack_images.breast.masks", {"pack_images@breast"}),
    ("measure_agreement.ratings", {"measure_agreement"}),
    ("train_symmetry.labels", {"train_symmetry"}),
    ("train_abnormality.weights", {"train_abnormality"}),
    ("train_sex.weights", {"train_sex"}),
    ("prepare_latents.table", {"prepare_latents"}),
    ("ingest_images.fill", {"ingest_images"}),
    ("score_turing_test.answers", {"score_turing_test"}),
    ("make_turing_test.real", {"make_turing_test"}),
]


@pytest.mark.parametrize(("key", "readers"), PLACES)
def test_content_is_told_for_its_readers_alone(elsewhere, key, readers):
    changed = with_values((key, "$ELSEWHERE/images"))
    before = lines(changed)
    assert set(before) == readers
    (elsewhere / "images/Doe^Jane.png").write_text("two")
    after = lines(changed)
    assert all(before[name] != after[name] for name in readers)
    assert "Doe" not in "".join(after.values())


def test_weights_of_the_generator_concern_whoever_generates(elsewhere):
    told = lines(with_values(("generator.weights", "$ELSEWHERE/table.csv")))
    assert "generate_images" in told
    assert all("generator" in KNOWN[name].sections for name in told)


def test_a_folder_as_source_concerns_ingestion_alone(elsewhere):
    changed = with_values(("source.endpoint", "folder"), ("source.bucket", "$ELSEWHERE/images"))
    assert set(lines(changed)) == {"ingest_images"}


def test_times_alone_change_nothing_and_names_do(elsewhere):
    changed = with_values(("pack_images.chest.images", "$ELSEWHERE/images"))
    before = lines(changed)
    os.utime(elsewhere / "images/Doe^Jane.png", ns=(1, 1))
    assert lines(changed) == before
    (elsewhere / "images/Doe^Jane.png").rename(elsewhere / "images/other.png")
    assert lines(changed) != before


def test_what_cannot_be_reached_keeps_what_was_found(elsewhere, monkeypatch, capsys):
    changed = with_values(("measure_agreement.ratings", "$ELSEWHERE/table.csv"))
    before = lines(changed)
    (elsewhere / "table.csv").unlink()
    assert lines(changed, before) == before
    assert "measure_agreement.ratings" in capsys.readouterr().err
    monkeypatch.delenv("ELSEWHERE")
    assert lines(changed, before) == before
    assert "ELSEWHERE" in capsys.readouterr().err
    assert lines(changed)["measure_agreement"].endswith("not found")


@pytest.mark.slow
def test_a_bucket_by_its_listing(elsewhere, monkeypatch):
    with embedded_server() as server:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.secret_key)
        keys, connection = session(), Connection(server.endpoint, "us-east-1", 2, 1, 10)
        S3Source(keys, connection, "images", "datasets/").fill([("datasets/a/0/one.png", elsewhere / "table.csv")], 2)
        changed = with_values(("source.endpoint", server.endpoint), ("source.bucket", "images"))
        before = lines(changed)
        assert set(before) == {"ingest_images"}
        assert lines(changed) == before
        assert "1 objects" in before["ingest_images"]
        client(keys, connection).put_object(Bucket="images", Key="datasets/a/0/Doe.png", Body=b"x")
        after = lines(changed)
        assert after != before
        assert "Doe" not in after["ingest_images"]
    assert lines(changed, after) == after


def test_a_place_that_another_stage_makes_must_be_awaited():
    with pytest.raises(InputError, match="check_sieve"):
        lines(with_values(("check_sieve.weights", "results/train_gan/{group}/generator.safetensors")))


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_awaits_what_it_reads(name, tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIEVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RADSIEVE_DATA", raising=False)
    text = use_preset.lay((ROOT / "params.yaml").read_text(), *use_preset.overlays(name))
    (tmp_path / "params.yaml").write_text(text)
    (tmp_path / "dvc.yaml").write_text((ROOT / "dvc.yaml").read_text())
    known = definitions.stages(tmp_path / "dvc.yaml")
    makers = {out: stage.name for stage in known.values() for out in stage.outs}
    tracer = trace_inputs.OutsideTracer(params.load(tmp_path / "params.yaml"), makers)
    told = [line for stage in known.values() for line in tracer.lines(stage, "")]
    assert bool(told) == ("RADSIEVE_DATA" in text)


def test_a_damaged_memory_of_digests_is_made_anew(elsewhere, tmp_path):
    os.utime(elsewhere / "table.csv", ns=(1, 1))
    digests = outside.Digests()
    before = outside.describe(elsewhere / "table.csv", digests)
    digests.save()
    memory = tmp_path / "cache/outside.json"
    assert memory.is_file()
    memory.write_text("{")
    assert outside.describe(elsewhere / "table.csv", outside.Digests()) == before


def test_another_key_of_pseudonyms_concerns_who_makes_some(monkeypatch):
    traces = trace_inputs.code_traces({trace_inputs.script(stage) for stage in KNOWN.values()})
    codes = {name: traces[trace_inputs.script(stage)] for name, stage in KNOWN.items()}

    def told(key: str) -> dict[str, list[str]]:
        monkeypatch.setenv("RADSIEVE_PSEUDONYM_KEY", key)
        return {name: list(trace_inputs.OutsideTracer.key_lines(code, places, old="")) for name, code in codes.items()}

    places = ["outside source.bucket = $ELSEWHERE: 3 files"]
    one, other = told("a key of sixteen characters"), told("another key of that length")
    assert one["ingest_images"] != other["ingest_images"]
    assert not any("a key of" in line for lines_of in one.values() for line in lines_of)
    assert one["generate_phantoms"] == []
    places = ["outside measure_agreement.ratings = x.csv: 3 files"]
    assert not any(told("a key of sixteen characters").values())


def test_a_kept_key_of_pseudonyms_is_told_and_made_before_a_stage_does(monkeypatch, tmp_path, caplog):
    """So that what made it does not run again, and another one makes it run again."""
    code, places = "code src/radsieve/imaging/pseudonyms.py 1", ["outside pack_images.chest.images = x: 3 files"]
    monkeypatch.delenv("RADSIEVE_PSEUDONYM_KEY")
    monkeypatch.chdir(tmp_path)

    def told(settings: Path) -> list[str]:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(settings))
        return list(trace_inputs.OutsideTracer.key_lines(code, places, old=""))

    one = told(tmp_path / "one")
    assert len(one) == 1 and str(tmp_path / "one/radsieve/pseudonym_key") in caplog.text
    assert told(tmp_path / "one") == one
    assert one == [f"outside {pseudonyms.VARIABLE}: {pseudonyms.with_own_key().key_digits}"]
    assert len(caplog.records) == 1  # told once
    assert told(tmp_path / "other") != one
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"no DICOM")
    without = [f"outside source.bucket = {folder}: 1 files"]
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "third"))
    assert list(trace_inputs.OutsideTracer.key_lines(code, without, old="")) == []
    assert not (tmp_path / "third").exists()  # nobody to be named
    (folder / "b").write_bytes(stored(dataset(np.zeros((4, 4), np.uint16))))
    assert len(list(trace_inputs.OutsideTracer.key_lines(code, without, old=""))) == 1
    assert (tmp_path / "third/radsieve/pseudonym_key").exists()
    (tmp_path / "file").write_text("no folder")
    assert told(tmp_path / "file") == [f"outside {pseudonyms.VARIABLE}: none can be kept"]
    assert list(trace_inputs.OutsideTracer.key_lines(code, [], old="")) == []


def test_a_key_that_is_made_for_others_concerns_nobody_here(monkeypatch, tmp_path):
    """Nor is one made where a folder without DICOM cannot be reached for now."""
    monkeypatch.delenv("RADSIEVE_PSEUDONYM_KEY")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    code, places = "code src/radsieve/imaging/pseudonyms.py 1\n", [f"outside source.bucket = {tmp_path}/gone: 1 files"]
    old = f"{code}{places[0]}\n"
    assert list(trace_inputs.OutsideTracer.key_lines(code, places, old)) == []
    assert not (tmp_path / "settings").exists()
    key = list(trace_inputs.OutsideTracer.key_lines(code, places, old="code src/radsieve/files.py 1\n"))
    assert len(key) == 1 and (tmp_path / "settings/radsieve/pseudonym_key").exists()
    assert list(trace_inputs.OutsideTracer.key_lines(code, places, old)) == []
    assert list(trace_inputs.OutsideTracer.key_lines(code, places, f"{old}{key[0]}\n")) == key
    assert list(trace_inputs.OutsideTracer.key_lines(code, [f"{places[0]}x"], f"{old}{key[0]}\n")) == key
    fewer = list(trace_inputs.OutsideTracer.key_lines(code, places, f"{old}outside source.table = x.csv: 1 files\n"))
    assert fewer == key  # asked anew where a place has gone
