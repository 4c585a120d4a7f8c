"""One version everywhere, and an environment that is the locked one."""

import re
import tomllib
from datetime import date
from pathlib import Path

import lock_packages
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

import radsieve

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
RELEASES = re.findall(r"^## \[(\d[\w.]*)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.M)


def test_the_version_is_the_same_everywhere():
    assert radsieve.__version__ == PROJECT["version"]
    assert CITATION["version"] == PROJECT["version"]
    assert RELEASES[0] == (PROJECT["version"], str(CITATION["date-released"]))


def test_releases_are_in_order_and_dated():
    assert [date.fromisoformat(day) for _, day in RELEASES] == sorted(
        (date.fromisoformat(day) for _, day in RELEASES), reverse=True
    )


def test_an_unknown_name_of_the_package_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = radsieve.no_such_name


def test_lock_satisfies_pyproject_and_has_hashes():
    pins = lock_packages.read()
    extras = PROJECT["optional-dependencies"]
    left_out = extras.pop("text")
    for text in [*PROJECT["dependencies"], *(text for extra in extras.values() for text in extra)]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)][0]), text
    assert all(lock_packages.TEXT_ONLY.fullmatch(Requirement(text).name) for text in left_out)
    assert not [name for name in pins if lock_packages.TEXT_ONLY.fullmatch(name)]
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for _, hashes in pins.values() for value in hashes)
    assert not [name for name, (_, hashes) in pins.items() if not hashes], "run: make lock"


def test_lock_is_what_make_lock_writes():
    assert lock_packages.LOCK.read_text() == lock_packages.lock_text(lock_packages.read())


def test_conda_environment_is_what_make_lock_writes():
    assert lock_packages.ENVIRONMENT.read_text() == lock_packages.environment_text(lock_packages.read())


def test_conda_environment_has_what_runs_and_no_tool_of_developers():
    environment = yaml.safe_load(lock_packages.ENVIRONMENT.read_text())
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    names = {line.split("==")[0] for line in pip}
    assert {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]} <= names
    assert not names & {"radsieve", "pytest", "mypy", "ruff", "snakefmt", "moto", "playwright", "sphinx", "pre-commit"}
    pins = lock_packages.read()
    assert pip == [f"{name}=={pins[name][0]}" for name in sorted(names)]


def test_two_builds_of_one_version_keep_their_hashes():
    old = {"torch": ("2.0", ["sha256:aa"]), "gone": ("1", ["sha256:bb"]), "raised": ("1", ["sha256:cc"])}
    new = {"torch": ("2.0", ["sha256:dd"]), "raised": ("2", ["sha256:ee"])}
    assert lock_packages.merged(new, old) == {
        "torch": ("2.0", ["sha256:aa", "sha256:dd"]),
        "raised": ("2", ["sha256:ee"]),
    }


def test_a_lock_is_read_as_it_is_written(tmp_path):
    pins = {"a-b": ("1.0", ["sha256:aa", "sha256:bb"]), "c": ("2", [])}
    path = tmp_path / "requirements.lock"
    path.write_text(lock_packages.lock_text(pins))
    assert lock_packages.read(path) == pins


def test_dvc_reads_yaml_with_libyaml():
    """It reads params.yaml anew for each stage: in pure Python, a run that has nothing to do takes twice as long."""
    assert YAML(typ="safe").Parser.__module__.endswith("_ruamel_yaml")
