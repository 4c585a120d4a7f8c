"""Whether what a stage read when it began still stands when it ends: parameters and code.

DVC looks at both only when a stage has ended. It would record what was edited meanwhile with the result of what was
there before, for good. (Snakemake's jobs run under `workflow/engines.py`, which finds out by itself.)
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from radsieve import settings_file
from radsieve.errors import InputError
from radsieve.tracing import code_trace

STAGE = "DVC_STAGE"  # the name of the stage that DVC runs
TRACES = Path("results/trace_inputs")  # where trace_inputs writes what each stage depends on
SECTIONS = TRACES / "sections.json"  # the sections of the parameters, or keys in them, by stage
ALL = "*"  # for a section: the whole file

_AGAIN = "its result is of no use; run again"


class Begun:
    """What the stage that DVC runs began with: the `params` that it takes, and the code of its `script`."""

    def __init__(self, script: Path, params: Path) -> None:
        """Raises InputError if the code is no longer what trace_inputs found."""
        self._script, self._params = script, params
        self._stage = os.environ.get(STAGE, "").rpartition(":")[2]
        self._sections: list[str] = []
        with suppress(OSError, ValueError, KeyError):  # not run by DVC, or not of this project
            self._sections = json.loads(SECTIONS.read_text(encoding="utf-8"))[self._stage]
        self._values = self._read()
        self._check_code()

    def check(self) -> None:
        """Raise InputError if something has changed since."""
        now = self._read()
        if changed := [name for name, value in self._values.items() if now[name] != value]:
            raise InputError(f"{self._params} was changed while this stage ran ({', '.join(changed)}); {_AGAIN}")
        self._check_code()

    def _read(self) -> dict[str, Any]:
        content = settings_file.read(self._params) if self._sections else None
        return {name: self._params.read_bytes() if name == ALL else _at(content, name) for name in self._sections}

    def _check_code(self) -> None:
        text = TRACES / f"{self._stage}.txt"
        if not self._stage or not text.is_file():
            return
        running = code_trace(self._script, self._script.parents[1]).splitlines()
        known = set(text.read_text(encoding="utf-8").splitlines())
        if changed := [line.rpartition(" ")[0] for line in running if line not in known]:
            raise InputError(f"changed since this run began: {', '.join(changed[:3])}; {_AGAIN}")


def _at(content: Any, name: str) -> Any:
    for key in name.split("."):
        content = content.get(key) if isinstance(content, dict) else None
    return content
