#!/usr/bin/env python3
"""Move radsieve's modules, templates and tests into their rooms. Run from the top of the checkout.

Three passes over the tree, each of which reads it anew: SPLIT takes definitions out of modules that hold two things,
MOVE renames modules, MERGE joins modules of one idea. Each pass rewrites every import, dotted name and path in src,
scripts, workflow, tests, benchmarks, docs and the files at the top. What is listed here and not there is skipped with
a line; what is there and not listed stays where it is (its imports are rewritten).
Needs git and ruff (found beside the running interpreter or on PATH); otherwise the standard library alone.
"""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

SRC = Path("src/radsieve")
CODE = ("src", "scripts", "workflow", "tests", "benchmarks")
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".rst", ".smk", ".html", ".css", ".js", ".cfg", ".txt", ".json", ""}
touched: set[Path] = set()


def say(*words: object) -> None:
    print("rooms:", *words)


# ---------------------------------------------------------------------------------------------------------- the plan
# Definitions that leave their module: old module -> {new module: names}; "*" stands for all others but those of KEEP.
SPLIT: dict[str, dict[str, object]] = {
    "tables": {
        "phantom_tables": ("PHANTOM_TRUTH",),
        "curation_tables": "*",
    },
    "screening_tables": {
        "columns": ("_FLAG", "flag"),
        "film_tables": ("PARTS", "FILMS", "FILM_QUARANTINE", "INDEX"),
        "phantom_tables": ("CHEST_TRUTH", "LESION_TRUTH"),
    },
    "threshold_tables": {"prefilter.published_thresholds": ("_TOLD", "published_savings")},
}
KEEP = {"tables": {"read", "write", "_read_csv", "_numeric", "_check"}}
DOCSTRINGS = {  # of modules that come into being (old names), and of those whose docstring no longer says what they are
    "tables": "One way to read and write any table: CSV or Parquet, held to its schema.",
    "curation_tables": "A schema for every table that passes between the stages of curation; read and written by"
    " `radsieve.tables`.",
    "film_tables": "The schemas of packed films, which all tracks share; read and written by `radsieve.tables`.",
    "phantom_tables": "The schemas of what is known of drawn phantoms; read and written by `radsieve.tables`.",
}

MOVE: dict[str, str] = {
    # ground floor
    "columns": "tables.columns",
    "tables": "tables.table_files",
    "film_tables": "tables.films",
    "binary_metrics": "stats.binary_metrics",
    "coverage": "stats.coverage",
    "models": "stats.models",
    "resampling": "stats.resampling",
    "prefilter.delong": "stats.delong",
    "prefilter.diversity": "stats.diversity",
    "prefilter.estimates": "stats.estimates",
    "prefilter.folds": "stats.folds",
    "prefilter.paired_tests": "stats.paired_tests",
    "prefilter.permutations": "stats.permutations",
    "generation.distances": "stats.distances",
    "generation.film_features": "networks.film_features",
    "phantom_tables": "phantoms.tables",
    "imaging.phantoms": "phantoms.knees",
    "imaging.phantom_set": "phantoms.knee_set",
    "generators.anatomy": "phantoms.anatomy",
    "generators.chest": "phantoms.chest",
    "generators.chest_bones": "phantoms.chest_bones",
    "generators.chest_frame": "phantoms.chest_frame",
    "generators.chest_set": "phantoms.chest_set",
    "generators.chest_texture": "phantoms.chest_texture",
    "generators.lesion": "phantoms.lesion",
    "generators.noise": "phantoms.noise",
    "plots.heat": "reporting.figures.heat",
    "plots.outlines": "reporting.figures.outlines",
    "plots.phantoms": "reporting.figures.drawn_films",
    "plots.sheet": "reporting.figures.sheet",
    "reports.inputs": "reporting.inputs",
    "reports.metrics": "reporting.metrics",
    "reports.page": "reporting.page",
    "reports.published": "reporting.published",
    "reports.table_pages": "reporting.table_pages",
    "reports.wording": "reporting.wording",
    "reports.writing": "reporting.writing",
    # curation
    "curation_tables": "curation.tables",
    "curation.agreement": "curation.agreement.coefficients",
    "curation.agreement_tables": "curation.agreement.agreement_tables",
    "curation.dawid_skene": "curation.agreement.dawid_skene",
    "curation.rating_sources": "curation.agreement.rating_sources",
    "curation.ratings": "curation.agreement.ratings",
    "curation.duplicates": "curation.duplicates.groups",
    "curation.film_similarity": "curation.duplicates.film_similarity",
    "curation.hash_search": "curation.duplicates.hash_search",
    "curation.near_duplicates": "curation.duplicates.near_duplicates",
    "plots.agreement": "curation.plots.agreement",
    "plots.duplicates": "curation.plots.duplicates",
    "plots.leakage": "curation.plots.leakage",
    "reports.curation": "curation.report.page_content",
    "reports.label_quality": "curation.report.label_quality",
    "reports.planted": "curation.report.planted",
    # screening
    "screening_tables": "screening.tables",
    "screening.training": "screening.segmentation.training",
    "screening.segmentation": "screening.segmentation.evaluation",
    "screening.segmentation_metrics": "screening.segmentation.segmentation_metrics",
    "screening.segmented_films": "screening.segmentation.segmented_films",
    "screening.ablation": "screening.classifiers.ablation",
    "screening.classified_films": "screening.classifiers.classified_films",
    "screening.held_back": "screening.classifiers.held_back",
    "screening.labelled_films": "screening.classifiers.labelled_films",
    "screening.shortcut": "screening.classifiers.shortcut",
    "screening.transfer_learning": "screening.classifiers.transfer_learning",
    "screening.symmetry": "screening.symmetry.features",
    "screening.symmetry_classifier": "screening.symmetry.classifier",
    "screening.symmetry_judgement": "screening.symmetry.judgement",
    "screening.symmetry_labels": "screening.symmetry.labels",
    "screening.symmetry_tables": "screening.symmetry.symmetry_tables",
    "screening.alterations": "screening.scores.alterations",
    "screening.film_scorer": "screening.scores.film_scorer",
    "screening.film_scores": "screening.scores.film_scores",
    "screening.lung_shapes": "screening.scores.lung_shapes",
    "screening.score_memory": "screening.scores.score_memory",
    "screening.score_tables": "screening.scores.score_tables",
    "screening.scores": "screening.scores.scores",
    "plots.alterations": "screening.plots.alterations",
    "plots.classified_films": "screening.plots.classified_films",
    "plots.classifiers": "screening.plots.classifiers",
    "plots.film_sets": "screening.plots.film_sets",
    "plots.scores": "screening.plots.scores",
    "plots.segmentation": "screening.plots.segmentation",
    "plots.sex_heat": "screening.plots.sex_heat",
    "plots.symmetry": "screening.plots.symmetry",
    "plots.symmetry_classifier": "screening.plots.symmetry_classifier",
    "reports.screening": "screening.report.page_content",
    "reports.screening_films": "screening.report.films",
    "reports.screening_networks": "screening.report.networks",
    "reports.screening_published": "screening.report.published",
    "reports.screening_scores": "screening.report.scores",
    "reports.screening_symmetry": "screening.report.symmetry",
    # prefilter
    "prefilter_tables": "prefilter.tables",
    "threshold_tables": "prefilter.thresholds.tables",
    "prefilter.components": "prefilter.latents.components",
    "prefilter.embedding": "prefilter.latents.embedding",
    "prefilter.exploration": "prefilter.latents.exploration",
    "prefilter.extremes": "prefilter.latents.extremes",
    "prefilter.latent_sources": "prefilter.latents.latent_sources",
    "prefilter.latent_table": "prefilter.latents.latent_table",
    "prefilter.mixing": "prefilter.latents.mixing",
    "prefilter.neighbours": "prefilter.latents.neighbours",
    "prefilter.preparation": "prefilter.latents.preparation",
    "prefilter.score_summary": "prefilter.latents.score_summary",
    "prefilter.twin": "prefilter.twin.twin",
    "prefilter.twin_calibration": "prefilter.twin.calibration",
    "prefilter.twin_check": "prefilter.twin.check",
    "prefilter.twin_constants": "prefilter.twin.constants",
    "prefilter.twin_scores": "prefilter.twin.scores",
    "prefilter.classifier_judgement": "prefilter.classifiers.judgement",
    "prefilter.classifiers": "prefilter.classifiers.classifiers",
    "prefilter.joint_logistic": "prefilter.classifiers.joint_logistic",
    "prefilter.linear": "prefilter.classifiers.linear",
    "prefilter.logistic": "prefilter.classifiers.logistic",
    "prefilter.logistic_variants": "prefilter.classifiers.logistic_variants",
    "prefilter.nearest": "prefilter.classifiers.nearest",
    "prefilter.perceptrons": "prefilter.classifiers.perceptrons",
    "prefilter.published_models": "prefilter.classifiers.published_models",
    "prefilter.ranking": "prefilter.classifiers.ranking",
    "prefilter.score_models": "prefilter.classifiers.score_models",
    "prefilter.split": "prefilter.classifiers.split",
    "prefilter.support_vectors": "prefilter.classifiers.support_vectors",
    "prefilter.trees": "prefilter.classifiers.trees",
    "prefilter.composite": "prefilter.thresholds.composite",
    "prefilter.confusion_measures": "prefilter.thresholds.confusion_measures",
    "prefilter.nested_selection": "prefilter.thresholds.nested_selection",
    "prefilter.published_thresholds": "prefilter.thresholds.published_thresholds",
    "prefilter.threshold_rules": "prefilter.thresholds.threshold_rules",
    "prefilter.threshold_selection": "prefilter.thresholds.threshold_selection",
    "prefilter.accepted_latents": "prefilter.sieve.accepted_latents",
    "prefilter.promise": "prefilter.sieve.promise",
    "prefilter.prospective": "prefilter.sieve.prospective",
    "prefilter.sieve": "prefilter.sieve.sieve",
    "prefilter.sieve_card": "prefilter.sieve.sieve_card",
    "plots.classifier_ranking": "prefilter.plots.classifier_ranking",
    "plots.latent_classifiers": "prefilter.plots.latent_classifiers",
    "plots.latents": "prefilter.plots.latents",
    "plots.prospective": "prefilter.plots.prospective",
    "plots.thresholds": "prefilter.plots.thresholds",
    "reports.prefilter": "prefilter.report.page_content",
    "reports.prefilter_answers": "prefilter.report.answers",
    "reports.prefilter_data": "prefilter.report.data",
    "reports.prefilter_models": "prefilter.report.models",
    "reports.prefilter_sieve": "prefilter.report.sieve",
    "reports.prefilter_thresholds": "prefilter.report.thresholds",
    # generation
    "generation_tables": "generation.tables",
    "generation.copies": "generation.gan.copies",
    "generation.film_changes": "generation.gan.film_changes",
    "generation.gan_judgement": "generation.gan.judgement",
    "generation.gan_training": "generation.gan.training",
    "generation.projected_discriminator": "generation.gan.projected_discriminator",
    "generation.early_exit": "generation.sieving.early_exit",
    "generation.exit_choice": "generation.sieving.exit_choice",
    "generation.linear_predictor": "generation.sieving.linear_predictor",
    "generation.moving": "generation.sieving.moving",
    "generation.reweighting": "generation.sieving.reweighting",
    "generation.sieving_costs": "generation.sieving.costs",
    "generation.sieving_study": "generation.sieving.study",
    "generation.sieving_tables": "generation.sieving.sieving_tables",
    "generation.adaptation": "generation.training_use.adaptation",
    "generation.domain_gap": "generation.training_use.domain_gap",
    "generation.label_preservation": "generation.training_use.label_preservation",
    "generation.matched_gap": "generation.training_use.matched_gap",
    "generation.training_comparison": "generation.training_use.comparison",
    "generation.training_films": "generation.training_use.films",
    "generation.training_study": "generation.training_use.study",
    "generation.turing_answers": "generation.turing.answers",
    "generation.turing_films": "generation.turing.films",
    "generation.turing_measures": "generation.turing.measures",
    "generation.turing_page": "generation.turing.page",
    "plots.gan": "generation.plots.gan",
    "plots.loop": "generation.plots.loop",
    "plots.sieving": "generation.plots.sieving",
    "plots.training_use": "generation.plots.training_use",
    "plots.turing_test": "generation.plots.turing_test",
    "reports.generation": "generation.report.page_content",
    "reports.generation_films": "generation.report.films",
    "reports.generation_generators": "generation.report.generators",
    "reports.generation_loop": "generation.report.loop",
    "reports.generation_sieving": "generation.report.sieving",
    "reports.generation_training": "generation.report.training",
    "reports.generation_turing": "generation.report.turing",
}

# Modules of one idea that become one: target -> (docstring, sources in the order of their code). Names as after MOVE.
# The docstring takes the place of the first paragraphs of theirs; what follows these is kept.
MERGE: dict[str, tuple[str, tuple[str, ...]]] = {
    "stats.paired_tests": (
        "Whether models differ by more than chance on the same rows: areas under their curves, and paired tests.",
        ("stats.delong", "stats.paired_tests"),
    ),
    "stats.distances": (
        "How far apart two sets of points are (FID and KID), and how they cover each other (by nearest neighbours).",
        ("stats.distances", "stats.coverage"),
    ),
    "stats.resampling": (
        "Intervals: a bootstrap of items, Wilson's for shares, and those of differences and ratios of estimates.",
        ("stats.resampling", "stats.estimates"),
    ),
    "imaging.film_folders": (
        "Any folder or bucket of image files, read one after another: as films of one form, or as masks.",
        ("imaging.film_folders", "imaging.mask_folders"),
    ),
    "reporting.figures.overlays": (
        "Films with a heat map laid over them, or with the outlines of masks.",
        ("reporting.figures.heat", "reporting.figures.outlines"),
    ),
    "screening.plots.heat_maps": (
        "Films with heat maps: those of classify_images, and where the classifier of the sex looks.",
        ("screening.plots.classified_films", "screening.plots.sex_heat"),
    ),
    "screening.plots.film_sheets": (
        "Sheets of films: a packed set with the outlines of its masks, and true films beside their altered copies.",
        ("screening.plots.film_sets", "screening.plots.alterations"),
    ),
    "screening.plots.symmetry": (
        "The figures of measure_symmetry (six features) and of classify_symmetry (curves, calibration, decision tree).",
        ("screening.plots.symmetry", "screening.plots.symmetry_classifier"),
    ),
    "screening.classifiers.labelled_films": (
        "A packed set of films of two labels, and how well a classifier does on those that were held back.",
        ("screening.classifiers.labelled_films", "screening.classifiers.held_back"),
    ),
    "prefilter.classifiers.logistic": (
        "The logistic regressions of the publication, and the linear model that each is once it is fitted.",
        ("prefilter.classifiers.linear", "prefilter.classifiers.logistic"),
    ),
    "generation.gan.discriminator": (
        "A discriminator that sees films through a frozen EfficientNet-Lite0, and the random changes of what it sees.",
        ("generation.gan.projected_discriminator", "generation.gan.film_changes"),
    ),
    "generation.training_use.adaptation": (
        "A simple domain adaptation, and the gap between real and synthetic films before and after it.",
        ("generation.training_use.adaptation", "generation.training_use.matched_gap"),
    ),
}

# Packages whose names are imported from the package itself: it re-exports these names of its module.
FACADES = {"tables.table_files": ("tables", ("read", "write")), "prefilter.sieve.sieve": ("prefilter.sieve", ("Sieve",))}

# What a module is called where it is imported whole; else by the last part of its name, if that is free there.
LOCAL_NAMES = {
    "curation.tables": "curation_tables",
    "screening.tables": "screening_tables",
    "prefilter.tables": "prefilter_tables",
    "prefilter.thresholds.tables": "threshold_tables",
    "generation.tables": "generation_tables",
    "phantoms.tables": "phantom_tables",
    "tables.films": "film_tables",
}

PACKAGES = {  # the docstring of each package's __init__.py
    "tables": "Tables: how any of them is read and written, the columns of schemas, and the schemas that tracks share.",
    "stats": "Statistics that no track owns: intervals, tests, areas under curves, distances of sets of points.",
    "phantoms": "Films drawn with known truth: knees, chests and skin lesions.",
    "generators": "What draws films from latent vectors: a decoder of phantoms, and the networks of users.",
    "imaging": "Decode, hash and pack films.",
    "reporting": "What the pages of all tracks share: the frame of a page, its parts, and wording.",
    "reporting.figures": "What the figures of all tracks share: sheets of films, and what is laid over films.",
    "curation.agreement": "How far raters agree, and what they agree on.",
    "curation.duplicates": "Films that show the same picture.",
    "curation.plots": "The figures of curation.",
    "curation.report": "The page on curation.",
    "screening.segmentation": "Masks of organs and lesions: training, metrics, and any number of films.",
    "screening.classifiers": "Classifiers of films by transfer learning, and how they are judged.",
    "screening.symmetry": "The symmetry of masks, and what it tells of films.",
    "screening.scores": "The five scores of a film, and how they answer to alterations.",
    "screening.plots": "The figures of screening.",
    "screening.report": "The page on screening.",
    "prefilter.latents": "The table of latents: where it comes from, and what it looks like.",
    "prefilter.twin": "The twin: a simulated table of latents with the published statistics.",
    "prefilter.classifiers": "The models that tell from a latent whether its film will be good.",
    "prefilter.thresholds": "From which probability on a latent is accepted.",
    "prefilter.sieve": "Sieves of latents, and whether they keep what their cards promise.",
    "prefilter.plots": "The figures of the prefilter.",
    "prefilter.report": "The page on the prefilter.",
    "generation.gan": "Training of a generator, and how its films are judged.",
    "generation.sieving": "Ways to good films beyond filtering.",
    "generation.training_use": "Of what use synthetic films are to a classifier.",
    "generation.turing": "The visual Turing test.",
    "generation.plots": "The figures of generation.",
    "generation.report": "The page on generation.",
}

FILES = {  # other files: templates
    **{
        f"src/radsieve/reports/templates/{track}{end}.html": f"src/radsieve/{track}/report/templates/{track}{end}.html"
        for track in ("curation", "screening", "prefilter", "generation")
        for end in ("", "_definitions")
    },
    **{
        f"src/radsieve/reports/templates/{name}": f"src/radsieve/reporting/templates/{name}"
        for name in ("base.css", "base.html", "base.js", "closing.html", "macros.html", "table.html")
    },
    **{
        f"src/radsieve/generation/templates/turing_test.{end}": f"src/radsieve/generation/turing/templates/turing_test.{end}"
        for end in ("css", "html", "js")
    },
}

# Tests whose names tell neither a module, nor a script, nor a file of workflow: their new place.
TESTS: dict[str, str] = {
    "tests/unit/reports/test_generation_answers.py": "tests/unit/generation/report/test_answers.py",
    "tests/unit/reports/test_prefilter_answers.py": "tests/unit/prefilter/report/test_answers.py",
    "tests/unit/test_report_tracks.py": "tests/unit/scripts/test_report_tracks.py",
}

# Plain replacements after all else: file -> ((old, new), ...). What is not found is named.
_NEW_ROOM = (
    "all logic; nothing here knows Snakemake or DVC. Modules at the top are the frame of a stage; `tables`, `stats`,"
    " `storage`, `imaging`, `networks`, `phantoms`, `generators` and `reporting` are shared; each track (`curation`,"
    " `screening`, `prefilter`, `generation`) has a package with its logic by theme, its schemas (`tables.py`), figures"
    " (`plots`) and page (`report`). A later track may import an earlier one, but `curation` and `screening` know"
    " nothing of each other: `tests/contract/test_layers.py` holds the table of what may import what"
)
REPLACE: dict[str, tuple[tuple[str, str], ...]] = {
    "tests/conftest.py": (('f"radsieve.reports.{track}"', 'f"radsieve.{track}.report.page_content"'),),
    "tests/unit/scripts/test_report_tracks.py": (
        ('f"radsieve.reports.{track}"', 'f"radsieve.{track}.report.page_content"'),
    ),
    "docs/architecture.md": (
        ("all logic. Nothing here knows Snakemake or DVC |", f"{_NEW_ROOM} |"),
    ),
    "docs/curation.md": (("`src/radsieve/tables/table_files.py`", "`src/radsieve/curation/tables.py`"),),
}


LAYERS_TEST = r'''"""Layers: which packages of radsieve may import which. The table below is all there is to know about it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/radsieve"

# The ground floor: what each package may import besides itself and the modules at the top (the frame).
GROUND = {
    "tables": set(),
    "stats": set(),
    "storage": set(),
    "networks": set(),
    "imaging": {"tables", "storage"},
    "phantoms": {"tables"},
    "generators": {"storage", "networks", "imaging", "phantoms"},
    "reporting": {"tables", "stats", "imaging"},
}
# The tracks: what each may import besides the ground floor.
TRACKS = {
    "curation": set(),
    "screening": set(),
    "prefilter": {"curation", "screening"},
    "generation": {"curation", "screening", "prefilter"},
}
LAYERS = GROUND | {track: earlier | set(GROUND) for track, earlier in TRACKS.items()}
SETTINGS = "settings"  # of a package: the types of its parameters, which the frame reads; they import nothing else
LIBRARY = sorted(SOURCE.rglob("*.py"))


def imported(code: str) -> Iterator[tuple[int, list[str]]]:
    """The line and the parts of the name behind `radsieve` of each import, wherever in the code it stands."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), names=names, level=0):
                modules = [f"{module}.{alias.name}" for alias in names]
            case ast.ImportFrom():
                raise AssertionError(f"line {node.lineno}: modules are imported by their full name")
            case _:
                continue
        for parts in (module.split(".") for module in modules):
            if parts[0] == "radsieve" and len(parts) > 1:
                yield node.lineno, parts[1:]


def not_allowed(place: tuple[str, ...], code: str) -> list[str]:
    """What `code` imports against the table, line by line; `place` is its path in src/radsieve, as in ("a", "b.py")."""
    package = place[0] if len(place) > 1 else ""
    only_settings = not package or place[1:] == (f"{SETTINGS}.py",)
    allowed = LAYERS[package] | {package} if package else set(LAYERS)
    return [
        f"line {line}: {'/'.join(place)} must not import {'.'.join(parts)}"
        for line, parts in imported(code)
        if parts[0] in LAYERS and (parts[0] not in allowed or (only_settings and parts[1:2] != [SETTINGS]))
    ]


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_keep_to_the_layers(path):
    assert not not_allowed(path.relative_to(SOURCE).parts, path.read_text(encoding="utf-8"))


def test_every_package_has_its_place():
    assert set(LAYERS) == {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert {path.parent for path in LIBRARY} == {path.parent for path in LIBRARY if path.name == "__init__.py"}


def test_layers_do_not_go_round():
    """A package names only packages above it in the table."""
    places = list(LAYERS)
    for package, allowed in LAYERS.items():
        assert allowed <= set(places[: places.index(package)])


def test_curation_and_screening_know_nothing_of_each_other():
    assert not {"curation", "screening"} & (TRACKS["curation"] | TRACKS["screening"])


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("imaging/packs.py", "from radsieve.curation import duplicates"),
        ("imaging/packs.py", "from radsieve import curation"),
        ("reporting/page.py", "from radsieve.prefilter.report.page_content import content"),
        ("screening/scores/scores.py", "import radsieve.curation.duplicates as d"),
        ("screening/plots/scores.py", "def late():\n    from radsieve.generation.loop import loop"),
        ("prefilter/twin/twin.py", "import numpy\n\nfrom radsieve.generation import tables"),
        ("curation/leakage.py", "if TYPE_CHECKING:\n    from radsieve.screening.scores.scores import scores"),
        ("stage.py", "from radsieve.storage.cache import Cache"),
        ("curation/settings.py", "from radsieve.curation.ratings import Ratings"),
    ],
)
def test_a_planted_import_is_seen(place, code):
    assert len(not_allowed(tuple(place.split("/")), code)) == 1


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("imaging/packs.py", "import numpy\n\nfrom radsieve import files\nfrom radsieve.storage import keys"),
        ("generation/loop.py", "from radsieve.prefilter.sieve import Sieve"),
        ("params.py", "from radsieve.curation.settings import FindDuplicates"),
        ("generation/settings.py", "from radsieve.prefilter.settings import SelectThresholds"),
    ],
)
def test_what_is_allowed_is_not_taken_for_wrong(place, code):
    assert not not_allowed(tuple(place.split("/")), code)
'''


# -------------------------------------------------------------------------------------------------------- the engine
def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout


def module_of(path: Path) -> str:
    """The name of a module of src/radsieve without `radsieve.`; that of a package for its __init__.py."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def path_of(module: str) -> Path:
    return SRC.joinpath(*module.split(".")).with_suffix(".py")


def last(module: str) -> str:
    return module.rpartition(".")[2]


def parent(module: str) -> str:
    return module.rpartition(".")[0]


def full(module: str) -> str:
    return f"radsieve.{module}" if module else "radsieve"


def read_tree() -> tuple[set[str], set[str]]:
    """The names of the modules, and those of the packages."""
    paths = list(SRC.rglob("*.py"))
    modules = {module_of(path) for path in paths if path.name != "__init__.py"}
    return modules, {module_of(path) for path in paths if path.name == "__init__.py"} | {""}


class Shadowed(Exception):
    """A name of an imported module cannot stand alone in a file, where something else is called so."""


class Plan:
    """Where modules, and single names of them, come to lie in one pass."""

    def __init__(self, modules: dict[str, str], names: dict[tuple[str, str], str]) -> None:
        self.known, self.packages = read_tree()
        self.modules, self.names = modules, names

    def module(self, module: str) -> str:
        return self.modules.get(module, module)

    def name(self, module: str, name: str) -> str:
        """The module from which `name` of the old `module` is imported: its new one, or the package that re-exports."""
        home = self.home(module, name)
        facade, exported = FACADES.get(home, ("", ()))
        return facade if name in exported else home

    def home(self, module: str, name: str) -> str:
        """The module in which `name` of the old `module` is defined."""
        return self.names.get((module, name), self.module(module))

    def bare(self, name: str) -> str:
        """What `name`.py is called, if just one module has this name and gets another."""
        found = [(old, new) for old, new in self.modules.items() if last(old) == name]
        if len(found) != 1 or sum(last(module) == name for module in self.known) != 1 or Path(f"scripts/{name}.py").exists():
            return f"{name}.py"
        (old, new), = found
        if "." not in old and old != new:
            return f"{new.replace('.', '/')}.py"
        return f"{last(new)}.py"

    def whole(self, module: str) -> str:
        """What is imported in place of the whole old `module`."""
        new = self.module(module)
        return FACADES[new][0] if new in FACADES and FACADES[new][0].count(".") == 0 else new

    def member(self, dotted: str) -> tuple[str, str] | None:
        """The old module that `dotted` (without `radsieve.`) begins with, and what follows it."""
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            if (module := ".".join(parts[:length])) in self.known:
                return module, ".".join(parts[length:])
        return None


class Positions:
    """From the lines and byte columns of ast to places in a text."""

    def __init__(self, text: str) -> None:
        self.text, self.lines, self.starts = text, text.splitlines(keepends=True), [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def place(self, line: int, column: int) -> int:
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode(errors="replace"))

    def span(self, node: ast.AST) -> tuple[int, int]:
        return self.place(node.lineno, node.col_offset), self.place(node.end_lineno, node.end_col_offset)


def bound_names(tree: ast.AST) -> Counter:
    """How often each name is bound in a file, by whatever means."""
    found: Counter = Counter()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found[name] += 1
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] += 1
            case ast.AsyncFunctionDef(name=name) | ast.MatchAs(name=str(name)) | ast.ExceptHandler(name=str(name)):
                found[name] += 1
            case ast.alias(name=name, asname=asname):
                found[asname or name.partition(".")[0]] += 1
    return found


DOTTED = re.compile(
    r"from (?P<package>radsieve(?:\.\w+)*) import (?P<names>\w+(?: as \w+)?(?:, ?\w+(?: as \w+)?)*)"
    r"|\bradsieve(?P<dotted>(?:\.[A-Za-z_]\w*)+)"
    r"|(?P<path>(?:src/)?radsieve(?:/\w+)+\.py)"
    r"|(?<![\w/.])(?P<short>[a-z_]+/[a-z_]+)\.py\b"
    r"|(?<![\w.])(?P<of>[a-z_]*tables)\.(?P<constant>[A-Z][A-Z0-9_]+)\b"
    r"|(?<![\w./-])(?P<bare>[a-z_]+)\.py\b"
    r"|`(?P<quoted>[a-z_]+_tables)`"
)


def rewrite_text(text: str, plan: Plan, exact: bool = True) -> str:
    """Dotted names, paths and imports in prose, strings and data; not `exact`: in text that may hold code."""

    def new(match: re.Match[str]) -> str:
        if match["package"]:
            package = match["package"].removeprefix("radsieve").removeprefix(".")
            groups: dict[str, list[str]] = {}
            for entry in match["names"].split(","):
                name, _, alias = entry.strip().partition(" as ")
                whole = f"{package}.{name}".lstrip(".")
                if whole in plan.known:
                    target = plan.whole(whole)
                    local = alias or name
                    groups.setdefault(parent(target), []).append(
                        last(target) if last(target) == local else f"{last(target)} as {local}"
                    )
                elif package in plan.known:
                    groups.setdefault(plan.name(package, name), []).append(entry.strip())
                else:
                    return match[0]
            return "; ".join(f"from {full(module)} import {', '.join(names)}" for module, names in groups.items())
        if match["dotted"]:
            dotted = match["dotted"][1:]
            if (found := plan.member(dotted)) is None:
                return match[0]
            module, rest = found
            if not rest:
                return full(plan.whole(module))
            return f"{full(plan.name(module, rest.partition('.')[0]))}.{rest}"
        if match["path"]:
            module = match["path"].removeprefix("src/").removeprefix("radsieve/").removesuffix(".py").replace("/", ".")
            if module not in plan.known:
                return match[0]
            lead = "src/" if match["path"].startswith("src/") else ""
            return f"{lead}radsieve/{plan.module(module).replace('.', '/')}.py"
        if match["short"]:
            module = match["short"].replace("/", ".")
            return f"{plan.module(module).replace('.', '/')}.py" if module in plan.known else match[0]
        if match["bare"]:
            return plan.bare(match["bare"]) if exact else match[0]
        if match["quoted"]:
            return f"`{plan.module(match['quoted'])}`" if exact else match[0]
        if home := plan.names.get((match["of"], match["constant"])):
            return f"{last(home)}.{match['constant']}"
        return f"{plan.module(match['of'])}.{match['constant']}" if exact and match["of"] != "tables" else match[0]

    return DOTTED.sub(new, text)


def rewrite_code(text: str, plan: Plan, own: str = "") -> str:
    """Imports, the use of imported modules, and what strings and comments say of them; `own` is the new module."""
    tree, places = ast.parse(text), Positions(text)
    bound = bound_names(tree)
    edits: list[tuple[int, int, str]] = []
    protected: list[tuple[int, int]] = []
    imports: list[tuple[ast.ImportFrom, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module == "radsieve" or node.module.startswith("radsieve."):
                imports.append((node, node.module.removeprefix("radsieve").removeprefix(".")))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    loads = defaultdict(list)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            loads[node.id].append(node)
    locals_taken: dict[str, str] = {}  # the name in this file -> the module that it stands for

    def local_of(module: str, old: str, explicit: bool) -> str:
        for name, taken in locals_taken.items():
            if taken == module:
                return name
        want = old if explicit else LOCAL_NAMES.get(module, last(module))
        if want != old and (bound[want] or want in locals_taken or loads[want]):
            want = old
        if want in locals_taken:  # two modules of one name
            want = f"{last(parent(module))}_{last(module)}"
        locals_taken[want] = module
        return want

    def replace_name(node: ast.AST, old: str, new: str) -> None:
        """Put `new` in place of a name or of a whole attribute that reads `old`."""
        start, end = places.span(node)
        if text[start:end] == old:
            edits.append((start, end, new))
            return
        above = node  # the columns of what stands in an f-string are not reliable before Python 3.12
        while not isinstance(above, ast.JoinedStr) or isinstance(parents.get(above), ast.FormattedValue):
            above = parents[above]
        start, end = places.span(above)
        attribute = parents.get(node)
        tail = f".{attribute.attr}" if isinstance(attribute, ast.Attribute) and attribute.value is node else ""
        for match in re.finditer(rf"(?<![\w.]){re.escape(old + tail)}\b", text[start:end]):
            edits.append((start + match.start(), start + match.start() + len(old), new))

    for node, package in imports:
        protected.append(places.span(node))
        groups: dict[str, list[str]] = {}
        for alias in node.names:
            whole = f"{package}.{alias.name}".lstrip(".")
            old = alias.asname or alias.name
            if whole in plan.known:
                wanted: dict[str, None] = {}
                for use in loads[old]:
                    above = parents.get(use)
                    attribute = above.attr if isinstance(above, ast.Attribute) and above.value is use else None
                    target = plan.whole(whole)
                    if attribute is not None:
                        home = plan.home(whole, attribute)
                        target = target if plan.name(whole, attribute) == target else home
                        if home == own:
                            if bound[attribute]:
                                raise Shadowed(f"{attribute} has another meaning in {own}")
                            replace_name(above, f"{old}.{attribute}", attribute)
                            continue
                    wanted[target] = None
                    explicit = alias.asname is not None and target == plan.whole(whole)
                    if (new := local_of(target, old, explicit)) != old:
                        replace_name(use, old, new)
                if not loads[old]:
                    wanted[plan.whole(whole)] = None
                for target in wanted:
                    local = local_of(target, old, alias.asname is not None)
                    entry = last(target) if last(target) == local else f"{last(target)} as {local}"
                    groups.setdefault(parent(target), []).append(entry)
            elif package in plan.known:
                home, target = plan.home(package, alias.name), plan.name(package, alias.name)
                target = home if target == own else target  # the package that re-exports
                if own and home == own:
                    if alias.asname:
                        for use in loads[alias.asname]:
                            replace_name(use, alias.asname, alias.name)
                    continue
                entry = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                groups.setdefault(target, []).append(entry)
            else:
                groups.setdefault(package, []).append(
                    f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                )
        before = {package: [f"{a.name} as {a.asname}" if a.asname else a.name for a in node.names]}
        if groups == before:
            continue
        start, end = places.span(node)
        statement = text[start:end]
        indent = " " * node.col_offset
        comments = re.findall(r"#[^\n]*", statement)
        lines = [f"from {full(module)} import {', '.join(dict.fromkeys(names))}" for module, names in groups.items()]
        if tail := re.match(r"[ \t]*(#[^\n]*)", text[end:]):
            lines[:-1] = [f"{line}  {tail[1]}" for line in lines[:-1]]
        if comments and lines:
            lines[0] += f"  {' '.join(comments)}"
        body = parents.get(node)
        only = any(getattr(body, part, None) == [node] for part in ("body", "orelse"))
        edits.append((start, end, f"\n{indent}".join(lines) or ("pass" if only and body is not tree else "")))
    # what lies between
    spans = sorted({*edits, *((start, end, text[start:end]) for start, end in protected)}, key=lambda s: (s[0], s[1]))
    kept: list[tuple[int, int, str]] = []
    for span in spans:
        if kept and kept[-1][:2] == span[:2]:
            if span in edits:
                kept[-1] = span
        elif kept and span[0] < kept[-1][1]:
            raise AssertionError(f"edits overlap: {text[kept[-1][0] : kept[-1][1]]!r}, {text[span[0] : span[1]]!r}")
        else:
            kept.append(span)
    prose = prose_spans(text)
    out, at = [], 0
    for start, end, new in [*kept, (len(text), len(text), "")]:
        out += [rewrite_gap(text, at, start, prose, plan), new]
        at = end
    return "".join(out)


def prose_spans(text: str) -> list[tuple[int, int, bool]]:
    """Where strings and comments lie."""
    import io
    import tokenize

    places, spans = Positions(text), []  # (start, end, whether code may stand in it)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT) or token.type == getattr(tokenize, "FSTRING_MIDDLE", -1):
            start, end = (places.starts[line - 1] + column for line, column in (token.start, token.end))
            spans.append((start, end, token.type == tokenize.STRING and not token.string.startswith('"""')))
    return spans


def rewrite_gap(text: str, start: int, end: int, prose: list[tuple[int, int, bool]], plan: Plan) -> str:
    """Strings and comments as prose; of the code, just the dotted names that begin with radsieve."""
    out, at = [], start
    for first, final, code in prose:
        if final <= start or first >= end:
            continue
        first, final = max(first, start), min(final, end)
        out += [rewrite_dotted(text[at:first], plan), rewrite_text(text[first:final], plan, not code)]
        at = final
    return "".join([*out, rewrite_dotted(text[at:end], plan)])


def rewrite_dotted(code: str, plan: Plan) -> str:
    return re.sub(r"\bradsieve(?:\.[A-Za-z_]\w*)+", lambda match: rewrite_text(match[0], plan), code)


def project_files() -> list[Path]:
    listed = git("ls-files", "-co", "--exclude-standard", "-z").split("\0")
    return [Path(name) for name in listed if name and Path(name).is_file() and not Path(name).is_symlink()]


def rewrite_tree(plan: Plan) -> None:
    """Rewrite all files where they lie; those of modules as what they will be."""
    for path in project_files():
        if path.suffix not in TEXT or path.parts[0] in ("data", ".git") or path.name in ("dvc.lock", "CHANGELOG.md"):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if "radsieve" not in text and not DOTTED.search(text):
            continue
        if path.suffix == ".py":
            own = plan.module(module_of(path)) if SRC in path.parents else ""
            new = rewrite_code(text, plan, own)
        else:
            new = rewrite_text(text, plan)
        if new != text:
            path.write_text(new, encoding="utf-8")
            touched.add(path)


def move_file(old: Path, new: Path) -> bool:
    if not old.exists():
        return False
    if new.exists():
        say(f"{old} stays: {new} is there")
        return False
    new.parent.mkdir(parents=True, exist_ok=True)
    tracked = subprocess.run(["git", "ls-files", "--error-unmatch", str(old)], capture_output=True).returncode == 0
    if tracked:
        git("mv", str(old), str(new))
    else:
        shutil.move(old, new)
    touched.discard(old)
    touched.add(new)
    return True


def docstring_span(text: str) -> tuple[int, int] | None:
    body = ast.parse(text).body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        return Positions(text).span(body[0])
    return None


def docstring_of(text: str) -> str:
    """The docstring as it stands in the file."""
    span = docstring_span(text)
    return text[span[0] + 3 : span[1] - 3].strip() if span else ""


def set_docstring(text: str, docstring: str) -> str:
    quoted = f'"""{docstring}"""'
    span = docstring_span(text)
    return quoted + text[span[1] :] if span else f"{quoted}\n\n{text}"


# -------------------------------------------------------------------------------------------------------- the passes
def defined(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def with_comments(text: str, places: Positions, node: ast.stmt) -> tuple[int, int]:
    """The span of a statement with its decorators, the comment lines right above it, and the line's end."""
    line = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    while line > 1 and places.lines[line - 2].startswith("#"):
        line -= 1
    return places.starts[line - 1], places.starts[node.end_lineno]


def names_used(code: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def import_lines(text: str, names: set[str]) -> list[str]:
    """One line for each import at the top of `text` that binds one of `names`."""
    lines = []
    for node in ast.parse(text).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if (alias.asname or alias.name.partition(".")[0]) in names:
                    rename = f" as {alias.asname}" if alias.asname else ""
                    start = f"from {node.module} import " if isinstance(node, ast.ImportFrom) else "import "
                    lines.append(f"{start}{alias.name}{rename}")
    return lines


def split_pass() -> None:
    known, _ = read_tree()
    names: dict[tuple[str, str], str] = {}
    for old, targets in SPLIT.items():
        if old not in known:
            say(f"split: no module {old}")
            continue
        there = [name for node in ast.parse(path_of(old).read_text()).body for name in defined(node)]
        left = set(there) - KEEP.get(old, set())
        for target, wanted in targets.items():
            for name in list(left) if wanted == "*" else wanted:
                if name in left:
                    names[old, name] = target
                    left.discard(name)
                else:
                    say(f"split: {old} has no {name}")
    if not names:
        return
    plan = Plan({}, names)
    rewrite_tree(plan)
    for old in SPLIT:
        moved = {name: target for (module, name), target in names.items() if module == old}
        if moved:
            take_out(old, moved)


def take_out(old: str, moved: dict[str, str]) -> None:
    """Cut definitions out of the module `old` and put them into their new modules, with the imports they need."""
    path = path_of(old)
    text = path.read_text()
    places = Positions(text)
    pieces: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for node in ast.parse(text).body:
        homes = {moved.get(name) for name in defined(node)} - {None}
        if homes:
            pieces[homes.pop()].append(with_comments(text, places, node))
    stay = text
    cut = sorted(span for spans in pieces.values() for span in spans)
    for start, end in reversed(cut):
        stay = stay[:start] + stay[end:]
    here = {name for node in ast.parse(stay).body for name in defined(node)}
    for target, spans in pieces.items():
        code = "\n".join(text[start:end] for start, end in spans)
        used = names_used(code)
        lines = import_lines(text, used) + [
            f"from {full(old if name in here else moved[name])} import {name}"
            for name in sorted(used)
            if name in here or moved.get(name, target) != target
        ]
        place = path_of(target)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            new = place.read_text().rstrip("\n") + "\n"
        else:
            new = f'"""{DOCSTRINGS[target]}"""\n'
        own = {name for name in moved if moved[name] == target}
        lines = [line for line in lines if f"from {full(target)} import" not in line or line.split()[-1] not in own]
        place.write_text(with_imports(new, lines).rstrip("\n") + "\n\n\n" + code)
        touched.add(place)
    used = names_used(stay)
    lines = [f"from {full(target)} import {name}" for name, target in moved.items() if name in used]
    if old in DOCSTRINGS:
        stay = set_docstring(stay, DOCSTRINGS[old])
    path.write_text(with_imports(stay, lines))
    touched.add(path)
    if not here:
        git("rm", "-q", "--cached", str(path))
        path.unlink()
        touched.discard(path)


def with_imports(text: str, lines: list[str]) -> str:
    """`text` with imports put behind its docstring."""
    span = docstring_span(text)
    at = span[1] if span else 0
    return text[:at] + "\n\n" + "".join(f"{line}\n" for line in dict.fromkeys(lines)) + text[at:] if lines else text


def move_pass() -> None:
    known, packages = read_tree()
    plan_of = {}
    for old, new in MOVE.items():
        # a module may have been renamed from film to image before
        found = next((name for name in (old, old.replace("film", "image")) if name in known), None)
        if found is None:
            say(f"move: no module {old}")
        else:
            plan_of[found] = new if found == old else new.replace("film", "image")
    plan_of = {old: new for old, new in plan_of.items() if old != new and new not in known - set(plan_of)}
    if not plan_of:
        return
    tests = tests_plan(plan_of)
    rewrite_tree(Plan(plan_of, {}))
    for old, new in plan_of.items():
        move_file(path_of(old), path_of(new))
    for old, new in FILES.items():
        if not move_file(Path(old), Path(new)):
            say(f"no file {old}")
    make_packages()
    move_tests(tests)


def make_packages() -> None:
    for package, docstring in PACKAGES.items():
        folder = SRC.joinpath(*package.split("."))
        init = folder / "__init__.py"
        if folder.is_dir():
            text = f'"""{docstring}"""\n'
            for module, (facade, names) in FACADES.items():
                if facade == package and path_of(module).exists():
                    listed = ", ".join(f'"{name}"' for name in sorted(names))
                    text += f"\nfrom {full(module)} import {', '.join(names)}\n\n__all__ = [{listed}]\n"
            init.write_text(text)
            touched.add(init)
    for folder in sorted((path for path in SRC.rglob("*") if path.is_dir()), reverse=True):
        if folder.name != "__pycache__" and not [path for path in folder.iterdir() if path.name != "__pycache__"]:
            shutil.rmtree(folder)
    for init in sorted(SRC.rglob("__init__.py"), reverse=True):
        if init.parent != SRC and not [path for path in init.parent.iterdir() if path.name not in ("__init__.py", "__pycache__")]:
            git("rm", "-qf", str(init))
            shutil.rmtree(init.parent, ignore_errors=True)
            touched.discard(init)
    for folder in {path.parent for path in SRC.rglob("*.py")}:
        if not (folder / "__init__.py").exists():
            say(f"a folder without __init__.py: {folder}")


def tests_plan(moved: dict[str, str]) -> dict[Path, Path]:
    """Where each test file comes to lie."""
    found: dict[Path, Path] = {}
    unit = Path("tests/unit")
    for path in sorted(unit.rglob("*.py")):
        inside, stem = path.relative_to(unit), path.stem.removeprefix("test_")
        if str(path) in TESTS:
            found[path] = Path(TESTS[str(path)])
            continue
        if not path.name.startswith("test_"):
            continue
        if inside.parts[0] in ("scripts", "workflow"):
            continue
        package = ".".join(inside.parts[:-1])
        module = f"{package}.{stem}".lstrip(".")
        if not package and Path(f"scripts/{stem}.py").is_file():
            new = unit / "scripts" / path.name
        elif not package and Path(f"workflow/{stem}.py").is_file():
            new = unit / "workflow" / path.name
        elif module in moved:
            target = moved[module]
            home = SPLIT_TESTS.get(module, target)
            new = unit.joinpath(*parent(home).split(".")) / f"test_{last(home)}.py"
        elif package and SRC.joinpath(*module.split(".")).with_suffix(".py").exists():
            continue  # the module stays where it is
        else:
            new = unit.joinpath(*most_imported(path, moved, package)) / path.name
        if new != path:
            found[path] = new
    taken = Counter(found.values())
    for path, new in found.items():
        if taken[new] > 1 or (new.exists() and new not in found):
            found[path] = new.with_name(path.name)
            say(f"test keeps its name: {found[path]}")
    return found


SPLIT_TESTS: dict[str, str] = {}


def most_imported(path: Path, moved: dict[str, str], package: str) -> tuple[str, ...]:
    """The folder of the package that a test imports most from, frame and tables left aside."""
    votes: Counter = Counter()
    known, _ = read_tree()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("radsieve"):
            old = node.module.removeprefix("radsieve").removeprefix(".")
            for alias in node.names:
                whole = f"{old}.{alias.name}".lstrip(".")
                module = whole if whole in known else old
                home = parent(moved.get(module, module))
                inside = package and home.split(".")[0] == package.split(".")[0]
                if home and home.split(".")[0] != "tables" and not moved.get(module, module).endswith(".tables"):
                    votes[home] += 2 if inside else 1
    if not votes:
        return tuple(package.split(".")) if package else ()
    return tuple(votes.most_common(1)[0][0].split("."))


def move_tests(plan: dict[Path, Path]) -> None:
    texts = {str(old): str(new) for old, new in plan.items()}
    # via names of their own: one test may take another's place
    for old, new in plan.items():
        move_file(old, new.with_name(new.name + ".moving"))
    for old, new in plan.items():
        move_file(new.with_name(new.name + ".moving"), new)
        deeper = len(new.parts) - len(old.parts)
        text = new.read_text(encoding="utf-8")
        fixed = re.sub(
            r"(__file__\)(?:\.resolve\(\))?\.parents\[)(\d+)\]", lambda m: f"{m[1]}{int(m[2]) + deeper}]", text
        )
        if fixed != text:
            new.write_text(fixed, encoding="utf-8")
    if not texts:
        return
    pattern = re.compile("|".join(sorted(map(re.escape, texts), key=len, reverse=True)))
    for path in project_files():
        if path.suffix in TEXT and path.parts[0] != "data" and path.name != "dvc.lock":
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
            new = pattern.sub(lambda match: texts[match[0]], text)
            if new != text:
                path.write_text(new, encoding="utf-8", errors="surrogateescape")
                touched.add(path)
    for folder in sorted({old.parent for old in plan}, key=lambda folder: -len(folder.parts)):
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def merge_pass() -> None:
    chosen: dict[str, tuple[str, list[str]]] = {}
    known, _ = read_tree()
    for target, (headline, names) in MERGE.items():
        sources = [next((n for n in (name, name.replace("film", "image")) if n in known), None) for name in names]
        there = [name for name in sources if name]
        if len(there) < 2:
            say(f"merge: {target}: found only {there}")
            continue
        if len(there) < len(names):
            say(f"merge: {target}: found only {there} of {names}")
        target = target if set(there) <= set(names) else target.replace("film", "image")
        if reason := objection(target, there):
            say(f"merge: {target}: {reason}; left apart")
        else:
            chosen[target] = headline, there
    if not chosen:
        return
    rewrite_tree(Plan({source: target for target, (_, sources) in chosen.items() for source in sources}, {}))
    for target, (headline, sources) in chosen.items():
        merge(target, headline, sources)


def objection(target: str, sources: list[str]) -> str:
    """Why modules cannot be joined; empty if they can."""
    meanings: dict[str, dict[str, str]] = defaultdict(dict)  # name -> what it is -> where
    texts = {source: path_of(source).read_text() for source in sources}
    for source, text in texts.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                module = getattr(node, "module", None)
                for alias in node.names:
                    name = alias.asname or alias.name
                    if (module or "").removeprefix("radsieve.") not in sources:
                        meanings[name].setdefault(f"{module} {alias.name}", source)
        for node in ast.parse(text).body:
            for name in defined(node):
                meanings[name].setdefault(ast.dump(node), source)
    for name, found in meanings.items():
        if len(found) > 1:
            return f"{name} is one thing in {' and another in '.join(found.values())}"
    if (lines := sum(len(text.splitlines()) for text in texts.values())) > 400:
        return f"{lines} lines"
    if target not in sources and target in read_tree()[0]:
        return "a module of this name is there"
    plan = Plan(dict.fromkeys(sources, target), {})
    try:
        for text in texts.values():
            rewrite_code(text, plan, target)
    except Shadowed as reason:
        return str(reason)
    return ""


def merge(target: str, headline: str, sources: list[str]) -> None:
    """Join modules whose imports are rewritten already."""
    kept = (docstring_of(path_of(source).read_text()).partition("\n\n")[2] for source in sources)
    docstring = "\n\n".join([headline, *filter(None, kept)])
    imports, bodies, defs = [], [], set()
    for source in sources:
        text = path_of(source).read_text()
        places, cut = Positions(text), []
        for node in ast.parse(text).body:
            span = with_comments(text, places, node)
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                imports.append(text[places.starts[node.lineno - 1] : span[1]])
                cut.append((places.starts[node.lineno - 1], span[1]))
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                cut.append(span)
            elif (names := defined(node)) and set(names) <= defs:
                cut.append(span)
            else:
                defs |= set(names)
        body = text
        for start, end in reversed(cut):
            body = body[:start] + body[end:]
        bodies.append(body.strip("\n"))
    first, *others = sources
    closing = "\n" if "\n" in docstring else ""
    new = f'"""{docstring}{closing}"""\n\n{"".join(imports)}\n\n' + "\n\n\n".join(bodies) + "\n"
    for source in others:
        git("rm", "-qf", str(path_of(source)))
        touched.discard(path_of(source))
    if target != first:
        move_file(path_of(first), path_of(target))
    path_of(target).write_text(new)
    touched.add(path_of(target))


def templates_in_dvc_yaml() -> None:
    """A page depends on the templates of all pages, and on those of its own track."""
    path = Path("dvc.yaml")
    if path.is_file() and "src/radsieve/reports/templates" in (text := path.read_text(encoding="utf-8")):
        stage, lines = "", []
        for line in text.splitlines():
            stage = line.strip(" :") if re.match(r"  \w+:$", line) else stage
            shared = "src/radsieve/reporting/templates"
            lines.append(line.replace("src/radsieve/reports/templates", shared))
            if shared in lines[-1] and stage.startswith("report_"):
                own = f"src/radsieve/{stage.removeprefix('report_')}/report/templates"
                lines.append(lines[-1].replace(shared, own))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_layers() -> None:
    """The lint of layers, with the table of the new rooms in place of that of the old ones."""
    path = Path("tests/contract/test_layers.py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LAYERS_TEST, encoding="utf-8")
    touched.add(path)


def replace_pass() -> None:
    for name, pairs in REPLACE.items():
        path = Path(name)
        if not path.is_file():
            say(f"replace: no file {name}")
            continue
        text = path.read_text(encoding="utf-8")
        for old, new in pairs:
            if old in text:
                text = text.replace(old, new)
                touched.add(path)
            elif new not in text:
                say(f"replace: {name} does not hold {old[:80]!r}")
        path.write_text(text, encoding="utf-8")


def tidy(paths: list[Path]) -> None:
    """Sort and join imports, drop those that are not used any more, and format."""
    ruff = Path(sys.executable).with_name("ruff")
    command = str(ruff) if ruff.exists() else shutil.which("ruff")
    files = [str(path) for path in sorted(set(paths)) if path.suffix == ".py" and path.exists()]
    if not command:
        say("ruff not found: imports are not sorted")
    elif files:
        subprocess.run([command, "check", "--quiet", "--fix", "--select", "I,F401,F811", *files], check=False)
        subprocess.run([command, "format", "--quiet", *files], check=False)


def rewrap(paths: list[Path]) -> None:
    """Break lines of prose that have become too long, and fill the next line of the paragraph."""
    for path in paths:
        if path.suffix != ".py" or not path.exists():
            continue
        text = path.read_text(encoding="utf-8")
        if all(len(line) <= 120 for line in text.splitlines()):
            continue
        prose, places = prose_spans(text), Positions(text)
        lines = text.splitlines()
        end_of = {}  # line -> the last line of its docstring, or of its block of comments
        for start, end, code in prose:
            first, final = text.count("\n", 0, start), text.count("\n", 0, end)
            if not code:
                end_of |= {line: final for line in range(first, final + 1)}
        for at in sorted((line for line in end_of if len(lines[line]) > 120), reverse=True):
            comment = lines[at].lstrip().startswith("#")
            if not comment and '"""' not in text[places.starts[at] :]:
                continue
            at_now = at
            while len(lines[at_now]) > 120:
                line = lines[at_now]
                indent = re.match(r"\s*(?:# ?)?", line)[0]
                cut = line.rfind(" ", len(indent) + 1, 121)
                if cut < 0:
                    break
                keep, rest = line[:cut].rstrip(), line[cut + 1 :]
                after = lines[at_now + 1] if at_now + 1 < len(lines) else ""
                same = after.startswith(indent) and after[len(indent) : len(indent) + 1] not in ("", " ", "-", "#", '"')
                inside = after.lstrip().startswith("#") if comment else at_now + 1 <= end_of[at] and after.strip() != '"""'
                if not comment and line.rstrip().endswith('"""'):
                    inside = False
                lines[at_now] = keep
                if same and inside and rest.strip():
                    lines[at_now + 1] = f"{indent}{rest} {after[len(indent):]}"
                else:
                    lines.insert(at_now + 1, f"{indent}{rest}")
                    end_of[at] += 1
                at_now += 1
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    if not SRC.is_dir():
        sys.exit("run from the top of the checkout")
    split_pass()
    tidy(list(touched))
    move_pass()
    tidy(list(touched))
    merge_pass()
    replace_pass()
    templates_in_dvc_yaml()
    write_layers()
    tidy(list(touched))
    rewrap(list(touched))
    if Path("workflow/imports.py").is_file():
        subprocess.run([sys.executable, "workflow/imports.py"], check=True)
    git("add", "--all", "src", "tests", "scripts", "docs", "benchmarks", "workflow")
    say(f"{len(touched)} files touched")


if __name__ == "__main__":
    main()
