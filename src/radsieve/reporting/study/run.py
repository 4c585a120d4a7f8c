"""What a page knows of the run that it reports on: the lines that workflow/trace_inputs.py ends its text with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd

from radsieve.reporting.inputs import Inputs

UNKNOWN = "not recorded (made without trace_inputs)"


@dataclass(frozen=True)
class Run:
    """Version of radsieve, system, digests of files by name, digests of code by stage, versions by package."""

    version: str
    system: str = UNKNOWN
    files: dict[str, str] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)

    @property
    def lock(self) -> str:
        """The digest of requirements.lock."""
        return self.files.get("requirements.lock", UNKNOWN)


def read_run(inputs: Inputs, page: str) -> Run:
    """What the text of the stage `page` in trace_inputs says of the run; little if there is no such text."""
    import radsieve

    path = inputs.root / "trace_inputs" / f"{page}.txt"
    if not path.is_file():
        return Run(radsieve.__version__)
    found = list(_facts(path.read_text(encoding="utf-8").splitlines()))
    told = {kind: {name: value for one, name, value in found if one == kind} for kind in ("run", "stage", "used")}
    run = told["run"]
    digests = {name: value for name, value in run.items() if name not in ("version", "system")}
    system = run.get("system", UNKNOWN).replace("-", " ", 1)
    return Run(run.get("version", radsieve.__version__), system, digests, told["stage"], told["used"])


def commands(run: Run, stages: Sequence[str]) -> pd.DataFrame:
    """How each of `stages` is run by either engine, and the digest of its code."""
    return pd.DataFrame(
        {
            "stage": list(stages),
            "with Snakemake": [f"snakemake --cores all {name}" for name in stages],
            "with DVC": [f"dvc repro {name}" for name in stages],
            "digest of its code": [run.code.get(name, "–") for name in stages],
        }
    )


def environment(run: Run) -> pd.DataFrame:
    """Python and packages that the stages of the page import, as recorded when they were last traced."""
    return pd.DataFrame({"package": list(run.packages), "version": list(run.packages.values())})


def _facts(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        kind, _, rest = line.partition(" ")
        name, _, value = rest.rpartition(" ")
        if kind in ("run", "stage", "used"):
            yield kind, name, value
