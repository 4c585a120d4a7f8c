"""What a page says of the run as a whole: version, system, packages, and a digest of the code of each stage.

These lines end the text of a page's stage in results/trace_inputs, on which it depends: what they say is made again
when it changes, and never comes from the machine that happens to write the page.
"""

import hashlib
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

from stages import Stage, rule_of

import radsieve
from radsieve import files

LOCK, CITATION = Path("requirements.lock"), Path("CITATION.cff")
CODE, PACKAGES = ("code ", "data "), ("package ", "python ")
REPEATED = ("stage ", "used ")  # the lines that only repeat what the texts of other stages say


def is_page(stage: Stage) -> bool:
    """Whether a stage writes a page: these depend on all of params.yaml."""
    return "params.yaml" in stage.deps


def lines(page: Stage, traces: Mapping[str, str], known: Mapping[str, Stage]) -> Iterator[str]:
    """The lines for a page; `traces` are the texts of code of `known` stages, by the name of the stage."""
    shown = {name for name, stage in known.items() if set(stage.outs) & set(page.deps)} | {page.name}
    yield f"run version {radsieve.__version__}"
    yield f"run system {platform.system()}-{platform.machine()}"
    yield from (f"run {path} {files.sha256(path)}" for path in (LOCK, CITATION) if path.is_file())
    by_rule = {rule_of(name): traces[name].splitlines() for name in sorted(shown)}
    for rule, trace in by_rule.items():
        code = "\n".join(line for line in trace if line.startswith(CODE))
        yield f"stage {rule} {hashlib.sha256(code.encode()).hexdigest()[:12]}"
    used = {line.removeprefix("package ") for trace in by_rule.values() for line in trace if line.startswith(PACKAGES)}
    yield from (f"used {line}" for line in sorted(used))
