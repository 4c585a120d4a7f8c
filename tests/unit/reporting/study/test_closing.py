"""How a page was made: what trace_inputs recorded, and what cards of networks say."""

import json
import re
import struct

import defaults
import pandas as pd
import pytest
import run_facts
from stages import Stage

from radsieve.reporting.inputs import Inputs
from radsieve.reporting.study import groups, hardware, references
from radsieve.reporting.study.run import UNKNOWN, commands, environment, read_run

TRACE = """code scripts/report_curation.py 0011
package numpy 2.4.6
run version 9.8.7
run system Linux-x86_64
run requirements.lock ab12
stage find_duplicates 0123456789ab
used numpy 2.4.6
used python 3.11
"""


def test_a_page_says_what_was_recorded_and_nothing_of_the_machine_that_writes_it(tmp_path):
    (tmp_path / "trace_inputs").mkdir()
    (tmp_path / "trace_inputs/report_curation.txt").write_text(TRACE)
    run = read_run(Inputs(tmp_path), "report_curation")
    assert (run.version, run.system, run.lock) == ("9.8.7", "Linux x86_64", "ab12")
    assert environment(run).to_numpy().tolist() == [["numpy", "2.4.6"], ["python", "3.11"]]
    first, second = commands(run, ["find_duplicates", "ingest_images"]).to_numpy().tolist()
    assert first == [
        "find_duplicates", "snakemake --cores all find_duplicates", "dvc repro find_duplicates", "0123456789ab",
    ]  # fmt: skip
    assert second[3] == "–"


def test_without_a_record_the_page_says_so(tmp_path):
    run = read_run(Inputs(tmp_path), "report_curation")
    assert (run.system, run.lock, run.code) == (UNKNOWN, UNKNOWN, {})


def test_the_digest_of_a_stage_changes_with_its_code_and_not_with_a_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known = {
        "make_it@a": Stage("make_it@a", "", (), ("results/make_it/a.csv",), ()),
        "other_one": Stage("other_one", "", (), ("results/other_one/a.csv",), ()),
        "report_it": Stage("report_it", "", ("results/make_it/a.csv", "params.yaml"), (), ()),
    }

    def told(code: str, package: str) -> list[str]:
        trace = f"code scripts/a.py {code}\npackage numpy {package}\npython 3.11\n"
        return list(run_facts.lines(known["report_it"], dict.fromkeys(known, trace), known))

    first, raised, edited = told("11", "1.0"), told("11", "2.0"), told("22", "1.0")
    assert [line.split()[1] for line in first if line.startswith("stage ")] == ["make_it", "report_it"]
    assert set(first) ^ set(raised) == {"used numpy 1.0", "used numpy 2.0"}
    assert {line[:13] for line in set(first) ^ set(edited)} == {"stage make_it", "stage report_"}


def test_where_a_network_was_trained_is_read_from_its_card(tmp_path):
    card = {"kind": "classifier", "compute": {"device": "cuda", "precision": "bfloat16"}}
    header = json.dumps({"__metadata__": {"card": json.dumps(card)}}).encode()
    folder = tmp_path / "train_sex"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"weights")
    (folder / "broken.safetensors").write_bytes(b"none")
    (folder / "other.safetensors").write_bytes(struct.pack("<Q", 2**60) + b"x")
    found = hardware.networks(Inputs(tmp_path), ["train_sex"])
    assert found.to_numpy().tolist() == [["train_sex/model.safetensors", "cuda", "bfloat16", "–"]]


def test_names_of_groups():
    assert groups.meaning("18_24m") == "men of 18 to 24 years"
    assert groups.meaning("58_64f") == "women of 58 to 64 years"
    assert groups.meaning("bacteria") == ""


def test_references_are_complete_and_of_pages_that_exist():
    table = pd.read_csv(references.resources.files(references.__package__).joinpath("items/references.csv"))
    assert table["key"].is_unique
    assert set(" ".join(table["pages"]).split()) == {"curation", "screening", "prefilter", "generation", "tasks"}
    assert table.loc[table["link"].isna(), "key"].tolist() == ["study", "smith1988"], "these have no address"
    for page in ("curation", "screening", "prefilter", "generation", "tasks"):
        assert len(references.references(page)) > 5
        assert len(references.limits(page)) > 3


def test_how_to_cite_is_what_the_citation_file_says():
    found = references.citation("1.2.3")
    assert "Version 1.2.3" in found.text
    assert found.text.startswith("The radsieve authors (")
    assert found.bibtex.startswith("@software{radsieve,\n  author = {{The radsieve authors}},\n")
    facts = dict(found.facts)
    assert (facts["Authors"], facts["Year of release"]) == ("The radsieve authors", "2026")
    assert facts["Address of the software"].startswith("not stated")
    assert references.CITATION == defaults.ROOT / "CITATION.cff"


def test_an_address_in_the_citation_file_is_shown(monkeypatch):
    known = references._citation() | {"repository-code": "https://example.org/radsieve"}
    monkeypatch.setattr(references, "_citation", lambda: known)
    found = references.citation("1.2.3")
    assert dict(found.facts)["Address of the software"] == "https://example.org/radsieve"
    assert "url = {https://example.org/radsieve}" in found.bibtex


@pytest.mark.parametrize("track", ["screening", "prefilter", "generation"])
def test_the_study_is_named_before_it_is_spoken_of(track, track_page):
    html = track_page(track).read_text(encoding="utf-8")
    content = html[html.index('<section id="summary"') :]
    assert "the study" not in content[: content.index("The study</em>")].lower()
    assert content.index("Sinyavsky") < content.index("The study</em>") + 300


def test_each_section_says_how_it_is_made_again_by_the_files_it_names(track_page):
    html = track_page("prefilter").read_text(encoding="utf-8")
    made = {
        found[1]: found[2]
        for found in re.finditer(
            r'<section id="(\w+)".*?(?:class="made">[^<]*<code>([^<]*)</code>|</section>)', html, re.S
        )
    }
    assert made["check"] == "snakemake --cores all check_sieve"
    assert made["data"].startswith("snakemake --cores all prepare_latents")
    for name in ("summary", "about", "limits", "provenance", "references"):
        assert made[name] is None
