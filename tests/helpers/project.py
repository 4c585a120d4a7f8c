"""A copy of the project, and both engines to run in it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SMALL = {
    "generate_phantoms": {"images": 14, "height": 96, "exact_duplicates": 1},
    "measure_agreement": {"bootstrap": 100},
    "normalize_labels": {"leakage_permutations": 20},
    "report_curation": {"title": "Title of the first parameters"},
}
SMALL_NETWORK = {"encoder": "none", "width": 4, "depth": 3, "epochs": 2, "mirrored": False, "bootstrap": 100}
SMALL_SCREENING = {
    "generate_chests": {"images": 120, "pixels": 64, "abnormal_share": 0.35, "grid_images": 2},
    "generate_lesions": {"images": 20, "pixels": 64, "grid_images": 2},
    "pack_images": {"pixels": 64},
    "splits": {"validation_share": 0.4},
    "train_segmenter": dict.fromkeys(("chest", "breast", "skin"), SMALL_NETWORK),
    "train_abnormality": {"input_pixels": 64, "bootstrap": 100},
    "train_sex": {"input_pixels": 64, "folds": 2, "inner_folds": 2, "bootstrap": 100, "grid_images": 4},
    "alter_images": {"altered": 4, "grid_images": 2},
    "generator": {"pixels": 64, "groups": ["18_24m", "38_44f", "58_64f"]},
    "generate_images": {"images_per_group": 40, "grid_images": 2},
    "train_symmetry": {"inner_folds": 2, "bootstrap": 100},
    "score_images": {"bootstrap": 100},
}
SMALL_PREFILTER = {
    "latents": {"groups": ["18_24m", "phantoms"], "folds": 2},
    "prepare_latents": {"twin_rows": 600},
    "explore_latents": {"extremes": 20, "neighbors": 5, "permutations": 20},
    "compare_classifiers": {"mlp_steps": 20},
    "select_thresholds": {"test_rows": 20, "subsets": 20, "bootstrap": 100},
    "sieve_latents": {"count": 2000},
    "check_sieve": {"images": 30, "bootstrap": 100, "grid_images": 4},
}
SMALL_GENERATION = {
    "train_gan": {"width": 4, "steps": 6, "rounds": 2, "evaluated_images": 8, "grid_images": 4, "bootstrap": 100},
    "generate_samples": {"images": 40, "grid_images": 4},
    "measure_loop": {"images": 12, "grid_images": 4, "bootstrap": 100},
    "make_turing_test": {"images": 4},
    "compare_training": {
        "real_images": [4, 12], "seeds": 2, "synthetic_images": 8, "matched_batch": 4, "folds": 2, "bootstrap": 100,
    },
    "compare_sieving": {"images": 12, "moved_images": 4, "unseen_latents": 20, "components": 8, "bootstrap": 100},
}  # fmt: skip
_SMALL_ROWS = {
    "models": ["majority", "logistic"], "trees": 10, "folds": 2, "protocol_models": ["logistic"], "single_splits": 2,
    "age": "none", "subgroups": [], "explained_rows": 20, "resamples": 100,
}  # fmt: skip
_SMALL_IMAGES = {
    "variants": ["4x1 average", "pixels 8 neighbour"], "epochs": 1, "protocol_variants": ["pixels 8 neighbour"],
    "heatmaps": 2, "bootstrap": 100,
}  # fmt: skip
_SMALL_PROFILE = {"permutations": 100, "tested_rows": 100}
_SMALL_SYNTHESIS = {"repeats": 2, "fewer_rows": [40], "compared_rows": 100}
SMALL_TASKS = {
    "generate_cases": {
        "diabetes_rows": 150, "survey_rows": 200, "deaths_rows": 300, "games_rows": 100, "findings_rows": 150,
        "chests": 80,
    },
    "train_classifier": dict.fromkeys(("pneumonia", "modalities", "knee"), _SMALL_IMAGES),
    "fuse_modalities": {
        "pixels": [32], "strengths": [0.01], "folds": 2, "bootstrap": 100, "joint": {"joins": ["product"], "epochs": 2},
    },
    "profile_tables": dict.fromkeys(("diabetes", "survey", "deaths", "games", "findings"), _SMALL_PROFILE),
    "classify_rows": dict.fromkeys(("diabetes", "survey", "deaths"), _SMALL_ROWS),
    "train_writer": {"width": 8, "epochs": 1, "samples": 1, "sample_characters": 100, "windows": 300, "resamples": 100},
    "synthesize_tables": dict.fromkeys(("diabetes", "survey", "deaths"), _SMALL_SYNTHESIS),
}  # fmt: skip
NOT_RUN = ("tests/", "docs/", "benchmarks/", "dvc.lock")
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own, with its own git history, DVC cache and download cache."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def call(self, *command: str, check: bool = True) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("RADSIEVE_", "AWS_"))}
        environment |= {
            "PATH": f"{BIN}{os.pathsep}{environment['PATH']}",
            "PYTHONPATH": str(self.folder / "src"),
        }
        environment |= {
            f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        environment |= self.environment
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout[-6000:]}")
        return done.stdout

    def snakemake(self, *options: str, cores: int = 2, check: bool = True) -> str:
        return self.call("snakemake", "--cores", str(cores), *options, check=check)

    def dvc(self, *arguments: str, check: bool = True) -> str:
        return self.call("dvc", *arguments, check=check)

    def git(self, *arguments: str) -> str:
        return self.call("git", *arguments)

    @contextmanager
    def params(self) -> Iterator[dict[str, Any]]:
        """The parameters, to be changed in the block."""
        yaml = YAML()
        content = yaml.load(self.folder / "params.yaml")
        yield content
        yaml.dump(content, self.folder / "params.yaml")

    def set(self, section: str, key: str, value: object) -> None:
        with self.params() as content:
            content[section][key] = value

    def copy(self, folder: Path) -> "Project":
        shutil.copytree(self.folder, folder, symlinks=True)
        return Project(folder, self.environment)

    def outputs(self) -> dict[str, bytes]:
        """Every file under results and data, Snakemake's own mark in directories left aside."""
        files = [path for top in ("results", "data") for path in sorted((self.folder / top).rglob("*"))]
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in files
            if path.is_file() and path.name != ".snakemake_timestamp"
        }


def ran(output: str) -> set[str]:
    """The stages of dvc.yaml that an engine ran by its own account, those taken from a cache left out.

    Snakemake names a stage by the message of its job.
    """
    by_dvc = set(re.findall(r"Running stage '([\w@-]+)'", output))
    by_snakemake = set(re.findall(r"^Job \d+: ([\w@-]+): (?!every result)", output, re.M))
    restored = set(re.findall(r"^([\w@-]+): nothing that it reads has changed; restored", output, re.M))
    return by_dvc | (by_snakemake - restored)


def change(params: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Lay `changes` over `params`, mapping by mapping."""
    for key, value in changes.items():
        if isinstance(value, Mapping):
            change(params[key], value)
        else:
            params[key] = value


def keep(project: Project, *tracks: str) -> None:
    """Take the stages of all other tracks out of a copy."""
    yaml, definition = YAML(), project.folder / "dvc.yaml"
    yaml.width = 4096
    content = yaml.load(definition)
    for name, stage in list(content["stages"].items()):
        if "meta" in stage and stage["meta"]["track"] not in tracks:
            del content["stages"][name]
    yaml.dump(content, definition)


def fresh(folder: Path, environment: Mapping[str, str] | None = None, left_out: tuple[str, ...] = NOT_RUN) -> Project:
    """The project as a fresh clone has it but for what is `left_out`, default preset in use, with nothing run."""
    project = Project(folder, environment or {})
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(left_out):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    project.git("init", "--quiet", "--initial-branch=main")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message", "a copy")
    project.call(sys.executable, "workflow/use_preset.py", "default")
    return project
