"""What several test files share: running a stage's script, a small finished run of the curation stages, a browser."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import defaults
import pandas as pd
import prefilter_results
import pytest
import report_pages
import small_groups
import yaml
from filelock import FileLock
from hypothesis import settings
from made_up import HOSTILE
from matplotlib.figure import Figure
from playwright.sync_api import sync_playwright
from stage_processes import StageProcesses

from radsieve import files, tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.agreement.self_consistency import graded_twice
from radsieve.curation.review.cases import Limits, queue
from radsieve.imaging import tags
from radsieve.phantoms import tables as phantom_tables

ROOT = Path(__file__).parents[1]
os.environ.setdefault("RADSIEVE_PSEUDONYM_KEY", "a key for tests alone")  # none is made in the user's settings
settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")
EXPERTS = ["A", "B"]
GRADES = ["0Normal", "1Doubtful", "2Mild"]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

StageRun = Callable[..., subprocess.CompletedProcess[str]]
Once = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(autouse=True)
def environment_kept() -> Iterator[None]:
    """Takes back what a test sets: a stage that ran in this process leaves the settings of libraries behind."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Makes what lies in a folder of that name, unless another worker has; it is there to be read and copied."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, done = shared / name / "radsieve", shared / f"{name}.done"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def run_stage() -> Iterator[StageRun]:
    """Runs scripts/<stage>.py in a folder, with options given as keywords."""
    processes = StageProcesses(ROOT / "src")

    def run(stage: str, folder: Path, **options: object) -> subprocess.CompletedProcess[str]:
        arguments = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
        return processes.run(ROOT / "scripts" / f"{stage}.py", arguments, folder)

    yield run
    processes.close()


@pytest.fixture(scope="session")
def set_params() -> Callable[..., None]:
    """Writes params.yaml into a folder: the project's, on the small scale of these tests, with keys changed."""

    def write(folder: Path, **sections: dict[str, Any]) -> None:
        params = defaults.content()
        params["source"] |= {"graders": EXPERTS, "grades": GRADES, "prefix": "images/"}
        for name, values in sections.items():
            params[name] |= defaults.plain(values)
        (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")

    return write


@pytest.fixture(scope="session")
def early_results() -> Callable[[Path], None]:
    """Writes what the stages before normalize_labels write for 12 images into a folder `results`.

    Both experts grade images 0 to 11 as image % 3, but B gives image 1 a 2. A has image 3 twice, the second time under
    a hostile name. Images of grade 2 are the only ones that are 300 pixels wide. One object is broken.
    """
    return _write_early_results


@pytest.fixture(scope="session")
def normalize_options() -> dict[str, str]:
    """The options of scripts/normalize_labels.py for a folder with `results`."""
    return {
        "raw_data": "results/ingest_images/raw_data.csv",
        "images_table": "results/ingest_images/images.csv",
        "quarantine": "results/ingest_images/quarantine.csv",
        "groups": "results/find_duplicates/groups.csv",
        "pairs": "results/find_duplicates/pairs.csv",
        "faulty": "results/audit_images/faulty.csv",
        "consensus": "results/measure_agreement/consensus.csv",
        "out": "results/normalize_labels",
    }


@pytest.fixture(scope="session")
def curation_results(
    tmp_path_factory: pytest.TempPathFactory,
    run_stage: StageRun,
    set_params: Callable[..., None],
    early_results: Callable[[Path], None],
    normalize_options: dict[str, str],
) -> Path:
    """A folder with params.yaml and with all results that the page on curation is made from."""
    folder = tmp_path_factory.mktemp("curation")
    set_params(folder)
    early_results(folder / "results")
    done = run_stage("normalize_labels", folder, **normalize_options)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def made_up_results(once: Once, set_params: Callable[..., None], run_stage: StageRun) -> Callable[[str], Path]:
    """Makes a folder with params.yaml, made-up results of all stages of a track, and its page, once for each track."""

    def write(folder: Path, track: str) -> None:
        folder.mkdir(parents=True)
        set_params(folder, latents={"groups": list(prefilter_results.GROUPS)})
        import_module(f"{track}_results").write(folder, import_module(f"radsieve.{track}.report.page_content").STAGES)
        done = run_stage(f"report_{track}", folder, **report_pages.options(track))
        assert done.returncode == 0, done.stderr

    return lambda track: once(track, lambda folder: write(folder, track))


@pytest.fixture(scope="session")
def track_page(made_up_results: Callable[[str], Path]) -> Callable[[str], Path]:
    """Names the page of a track that was made from its made-up results."""
    return lambda track: made_up_results(track) / report_pages.options(track)["out"]


@pytest.fixture(scope="session")
def scored_phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small generated phantoms, networks for them, and what the stages up to score_images say of them."""
    import scored_images  # torch takes seconds that most tests do not need

    folder = tmp_path_factory.mktemp("scored_phantoms")
    scored_images.write(folder)
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium, driven by playwright; skips with a reason if there is none, unless one is required."""
    executable = shutil.which("chromium")
    if executable is None:
        assert "RADSIEVE_REQUIRE_CHROMIUM" not in os.environ, "no chromium on PATH"
        pytest.skip("no chromium on PATH; install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


def _file_id(image: int) -> str:
    content = f"image {image}".encode()
    return f"{hashlib.sha256(content).hexdigest()}:{hashlib.md5(content).hexdigest()}"


def _write_early_results(results: Path) -> None:
    raw = _raw_data()
    tables.write(curation_tables.RAW_DATA, raw, results / "ingest_images/raw_data.csv")
    tables.write(curation_tables.IMAGES, _images(), results / "ingest_images/images.csv")
    quarantine = pd.DataFrame(
        [("images/A/0Normal/broken.png", 7, "no image", "line\nbreak <b>")],
        columns=list(curation_tables.QUARANTINE.columns),
    )
    tables.write(curation_tables.QUARANTINE, quarantine, results / "ingest_images/quarantine.csv")
    copies = raw[(raw["expert"] == "A") & (raw["file_id"] == _file_id(3))]
    groups = copies.assign(group=1, kind="bytes", distance=0, similarity=1.0, representative=[True, False])
    order = list(curation_tables.DUPLICATE_GROUPS.columns)
    tables.write(curation_tables.DUPLICATE_GROUPS, groups[order], results / "find_duplicates/groups.csv")
    tables.write(
        curation_tables.DELETED_PATHS, copies[["relative_path"]].tail(1), results / "find_duplicates/deleted_paths.csv"
    )
    for schema, name in (
        (curation_tables.DUPLICATE_PAIRS, "pairs"),
        (curation_tables.BORDERLINE_PAIRS, "borderline"),
        (curation_tables.DUPLICATE_CONFLICTS, "conflicts"),
    ):
        tables.write(schema, pd.DataFrame(columns=list(schema.columns)), results / f"find_duplicates/{name}.csv")
    used = (curation_tables.DUPLICATE_PAIRS, curation_tables.BORDERLINE_PAIRS, curation_tables.CONSENSUS)
    none = (pd.DataFrame(columns=list(schema.columns)) for schema in used)
    cases = queue(raw, _images(), *none, Limits(0.82, 0.1)).assign(state="open", on_page=1)
    tables.write(curation_tables.REVIEW_QUEUE, cases, results / "make_review/queue.csv")
    twice = graded_twice(raw, pd.DataFrame(columns=list(curation_tables.DUPLICATE_PAIRS.columns)), 0.95)
    tables.write(curation_tables.SELF_CONSISTENCY, twice.consistency, results / "find_duplicates/consistency.csv")
    tables.write(curation_tables.CONTRADICTIONS, twice.contradictions, results / "find_duplicates/contradictions.csv")
    files.write_json(results / "find_duplicates/metrics.json", twice.metrics)
    _write_audit(raw.drop_duplicates("file_id"), results / "audit_images")
    _write_agreement(raw, results / "measure_agreement")
    duplicates = [f"find_duplicates/{name}" for name in ("groups", "similarity", "consistency")]
    for name in (*duplicates, "audit_images/worst", "measure_agreement/agreement", "measure_agreement/disagreements"):
        files.write_figure(results / f"{name}.png", Figure(figsize=(2, 1)))
    truth = raw[["relative_path"]].assign(
        image=[int(path.split("/", 2)[2][:2]) for path in raw["relative_path"]],
        planted=["exact duplicate" if "copy" in path else "image" for path in raw["relative_path"]],
        truth=0,
        joint_space_mm=4.5,
    )
    broken = pd.DataFrame([("A/0Normal/broken.png", 12, "broken: no image", -1, None)], columns=list(truth.columns))
    tables.write(phantom_tables.PHANTOM_TRUTH, pd.concat([truth, broken]), results / "generate_phantoms/truth.csv")


def _raw_data() -> pd.DataFrame:
    rows = []
    for expert in EXPERTS:
        for image in range(12):
            grade = GRADES[2 if (expert, image) == ("B", 1) else image % 3]
            rows.append((expert, _file_id(image), grade, f"{expert}/{grade}/{image:02}.png"))
            if (expert, image) == ("A", 3):
                rows.append((expert, _file_id(image), grade, f"{expert}/{grade}/{image:02} copy {HOSTILE}"))
    return pd.DataFrame(rows, columns=list(curation_tables.RAW_DATA.columns))


def _images() -> pd.DataFrame:
    ids = [_file_id(image) for image in range(12)]
    facts = pd.DataFrame({"file_id": ids, "image_path": [f"{name[:2]}/{name[:64]}.png" for name in ids]})
    facts = facts.assign(byte_size=[1000 + image for image in range(12)], format="PNG")
    facts = facts.assign(
        width=[300 if image % 3 == 2 else 640 for image in range(12)], height=161, mode="L", bit_depth=8
    )
    return facts.assign(
        mean_brightness=0.5, pixel_digest=[name[:64] for name in ids], phash="0" * 16, phash_mirrored="f" * 16,
        decoding="", **tags.NONE,
    )  # fmt: skip


def _write_audit(pictures: pd.DataFrame, folder: Path) -> None:
    """Scores that all say the same, but that image 1 (grade 2 by B) is inverted."""
    scores = pictures[["file_id", "relative_path"]].reset_index(drop=True)
    for fault in curation_tables.Fault:
        scores = scores.assign(**{fault: 0.0, f"{fault}_rank": range(1, len(scores) + 1)})
    scores = scores.assign(text=None, text_rank=None)  # not sought
    scores.loc[scores["file_id"] == _file_id(1), "inverted"] = 0.9
    scores["inverted_rank"] = scores["inverted"].rank(ascending=False, method="first").astype("int64")
    faulty = scores[scores["inverted"] > 0.5].assign(
        fault="inverted", rank=1, score=0.9, threshold=0.3, pixel_digest=_file_id(1)[:64]
    )
    tables.write(curation_tables.FAULT_SCORES, scores, folder / "scores.csv")
    columns = list(curation_tables.FAULTY_IMAGES.columns)
    tables.write(curation_tables.FAULTY_IMAGES, faulty[columns], folder / "faulty.csv")
    none = pd.DataFrame(columns=list(curation_tables.TEXT_LINES.columns))
    tables.write(curation_tables.TEXT_LINES, none, folder / "text.csv")
    metrics = {"pictures": len(scores), "faulty": 1, "faulty_by_fault": {"inverted": 1}}
    files.write_json(folder / "metrics.json", metrics)


def _write_agreement(raw: pd.DataFrame, folder: Path) -> None:
    number = {grade: index for index, grade in enumerate(GRADES)}
    different = raw[raw["file_id"] == _file_id(1)]
    different = different.assign(severity=different["severity"].map(number))
    counts = {("0", "0"): 4, ("1", "1"): 3, ("1", "2"): 1, ("2", "2"): 4}
    confusion = [(rater, truth, label) for rater in EXPERTS for truth in GRADES for label in GRADES]
    content: list[tuple[Any, list[tuple[object, ...]]]] = [
        (
            curation_tables.DIFFERENT_SEVERITY,
            list(different[["file_id", "severity", "relative_path"]].itertuples(index=False)),
        ),
        (curation_tables.COEFFICIENTS, [("all", "Krippendorff's alpha", "ordinal", 0.9, 0.8, 1.0, 12)]),
        (curation_tables.FINDING_COEFFICIENTS, []),
        (curation_tables.CONTINGENCY, [("A", "B", *labels, count) for labels, count in counts.items()]),
        (curation_tables.CONSENSUS, [(_file_id(image), GRADES[image % 3], 0.9, 2) for image in range(12)]),
        (curation_tables.RATER_CONFUSION, [(*key, float(key[1] == key[2]), 0.0, 1.0) for key in confusion]),
        (curation_tables.RATER_SKILL, [("A", 12, 1.0, 0.9, 1.0, 11 / 12), ("B", 12, 0.9, 0.7, 1.0, 11 / 12)]),
    ]
    files.write_json(
        folder / "metrics.json",
        {"items": 12, "items_with_two_ratings": 11, "raters": 2, "disagreements": 1, "contradicted_ratings": 0},
    )
    for schema, rows in content:
        tables.write(schema, pd.DataFrame(rows, columns=list(schema.columns)), folder / f"{schema.name}.csv")


@pytest.fixture(scope="session")
def latents_of_groups(tmp_path_factory, set_params) -> Path:
    """A folder with parameters and `in/latents.parquet`: three groups of latents, the last without a good image."""
    folder = tmp_path_factory.mktemp("classifiers")
    small_groups.write(folder / "in")
    options = {"models": small_groups.MODELS, "targets": ["valid", "score_shape"], "mlp_steps": 20}
    set_params(folder, latents={"groups": small_groups.GROUPS}, compare_classifiers=options)
    return folder


@pytest.fixture(scope="session")
def compared(once, latents_of_groups, run_stage) -> Path:
    """The same with the results of compare_classifiers for all groups in `compared`."""

    def make(folder: Path) -> None:
        shutil.copytree(latents_of_groups, folder)
        for group in small_groups.GROUPS:
            options = {"group": group, "latents": "in/latents.parquet", "out": f"compared/{group}"}
            done = run_stage("compare_classifiers", folder, **options)
            assert done.returncode == 0, done.stderr

    return once("compared", make)
