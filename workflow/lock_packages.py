"""Write requirements.lock and environment.yml from what is installed: `python workflow/lock_packages.py` (make lock).

requirements.lock pins every package that is installed, developers' tools included, with the hashes of its files.
environment.yml holds what a user needs: the packages of pyproject.toml and all that these require, at the same
versions. Hashes of a version that was locked before are kept, so a package may come from several builds: the torch of
a machine without a GPU and the torch of the package index are different files of one version.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK, ENVIRONMENT, PROJECT = ROOT / "requirements.lock", ROOT / "environment.yml", ROOT / "pyproject.toml"

# What torch's builds for GPUs require in addition (pinned by torch itself): a lock must serve the other builds, too.
GPU_ONLY = re.compile(r"(nvidia|cuda)-|triton$")
# The extra `text` and what it requires alone: a quarter of a gigabyte of disk, which most have no use for.
TEXT_ONLY = re.compile("onnxruntime|rapidocr-onnxruntime|opencv-python|pyclipper|shapely|flatbuffers|protobuf")
# The platform of environment.yml, whatever machine writes it.
PLATFORM = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
}
OLDEST_PYTHON = "3.11.0"  # that the locked versions must allow
LOCK_HEAD = """\
# Written by `make lock`: every package that radsieve is developed and tested with, and the hashes of its files.
# Install with: pip install --no-deps --require-hashes -r requirements.lock
"""
ENVIRONMENT_HEAD = """\
# Written by `make lock` from requirements.lock: what running radsieve needs, without radsieve itself and developers'
# tools. conda env create -f environment.yml && conda activate radsieve, then run from the top of the project;
# Snakemake makes it by itself with --software-deployment-method conda.
name: radsieve
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""

Pins = dict[str, tuple[str, list[str]]]  # package -> its version and the hashes of its files


def read(path: Path = LOCK) -> Pins:
    """The packages of a lock file by their normalised names: version, and hashes as `sha256:...`, sorted."""
    found: Pins = {}
    for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        text = line.partition("#")[0].strip()
        if text:
            pin, *options = text.split()
            name, _, version = pin.partition("==")
            hashes = sorted(option.removeprefix("--hash=") for option in options)
            found[canonicalize_name(name)] = (version, hashes)
    return found


def lock_text(pins: Pins) -> str:
    """The text of the lock file that holds `pins`, in the form that pip reads."""
    return LOCK_HEAD + "".join(
        " \\\n    ".join([f"{name}=={version}", *(f"--hash={value}" for value in hashes)]) + "\n"
        for name, (version, hashes) in sorted(pins.items())
    )


def environment_text(pins: Pins) -> str:
    """The text of environment.yml: the pins of all that the dependencies of pyproject.toml require."""
    wanted = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    names = sorted(required(map(Requirement, wanted)) & set(pins))
    return ENVIRONMENT_HEAD + "".join(f"      - {name}=={pins[name][0]}\n" for name in names)


def required(wanted: Iterable[Requirement]) -> set[str]:
    """The names of `wanted` and of all that they require on PLATFORM, by the metadata of what is installed."""
    waiting = [(str(canonicalize_name(one.name)), extra) for one in wanted for extra in ("", *one.extras)]
    seen = set(waiting)
    while waiting:
        for new in _requires(*waiting.pop()):
            if new not in seen:
                seen.add(new)
                waiting.append(new)
    return {name for name, _ in seen}


def _requires(name: str, extra: str) -> Iterator[tuple[str, str]]:
    """What a package with an extra (or "" for none) requires: names, each with "" and with its extras."""
    try:
        texts = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # of another platform
        return
    for one in map(Requirement, texts):
        if one.marker is None or one.marker.evaluate(PLATFORM | {"extra": extra}):
            yield from ((canonicalize_name(one.name), inner) for inner in ("", *one.extras))


def installed() -> dict[str, str]:
    """The public versions of what is installed beside radsieve and pip themselves."""
    listed = _run("pip", "freeze", "--all", "--exclude-editable", "--exclude", "pip").splitlines()
    pins = dict(line.split("==") for line in listed if "==" in line)
    names = {canonicalize_name(name): version for name, version in pins.items()}
    return {name: version for name, version in names.items() if not (GPU_ONLY.match(name) or TEXT_ONLY.fullmatch(name))}


def with_hashes(versions: Mapping[str, str]) -> Pins:
    """The public versions with the hashes of all their files in the package index, for every platform.

    A version with a local label, such as that of torch's build for CPUs (2.13.0+cpu), is not a file of the index: the
    hash of the file that pip finds here is added.
    """
    public = {name: version.partition("+")[0] for name, version in versions.items()}
    with tempfile.TemporaryDirectory() as folder:
        wanted, locked = Path(folder, "requirements.in"), Path(folder, "requirements.lock")
        wanted.write_text("".join(f"{name}=={version}\n" for name, version in public.items()), encoding="utf-8")
        options = ["--no-deps", "--generate-hashes", "--python-version", OLDEST_PYTHON, "--system-certs", "--quiet"]
        _run("uv", "pip", "compile", *options, "--output-file", str(locked), str(wanted))
        found = read(locked)
        for name, version in versions.items():
            if version != public[name]:
                _run("pip", "download", "--quiet", "--no-deps", "--dest", folder, f"{name}=={version}")
        for file in Path(folder).glob("*+*.whl"):
            name = canonicalize_name(file.name.partition("-")[0])
            found[name][1].append(f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}")
    return {name: (version, found[name][1]) for name, version in public.items()}


def _run(*command: str) -> str:
    """What a module of Python prints."""
    done = subprocess.run([sys.executable, "-m", *command], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout


def merged(new: Pins, old: Pins) -> Pins:
    """`new`, with the hashes that `old` has of the same versions."""
    return {
        name: (version, sorted({*hashes, *(old[name][1] if name in old and old[name][0] == version else ())}))
        for name, (version, hashes) in new.items()
    }


def main() -> None:
    """Write both files."""
    pins = merged(with_hashes(installed()), read())
    LOCK.write_text(lock_text(pins), encoding="utf-8")
    ENVIRONMENT.write_text(environment_text(pins), encoding="utf-8")


if __name__ == "__main__":
    main()
