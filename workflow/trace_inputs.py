"""Write what each stage depends on that neither engine sees by itself: `python workflow/trace_inputs.py`.

For every stage a text in results/trace_inputs: the code that it runs (modules without their docstrings, templates),
the versions of the packages, and a line for each file, folder or bucket outside of the project that it reads by
params.yaml. The stage depends on that text in dvc.yaml. A text is written only if it has changed, and holds digests of
what lies outside, not its file names. That of a page ends with what it says of the run (`run_facts`).
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import damage
import outside
import run_facts
from stages import TRACES, Stage, stages

from radsieve import files
from radsieve import params as parameters
from radsieve.errors import InputError
from radsieve.imaging import pseudonyms
from radsieve.params import Params
from radsieve.settings import expand
from radsieve.tracing import code_traces
from radsieve.unchanged import ALL, SECTIONS

OUTSIDE = "outside "
_PSEUDONYMS = "src/radsieve/imaging/pseudonyms.py"
# of images, whose headers may name patients, and of tables of them
_NAMING = tuple(f"{OUTSIDE}{section}." for section in ("source", "pack_images", "prepare_images", "audit_splits"))


def write(known: Mapping[str, Stage]) -> None:
    """Bring the texts of all stages up to date, say what has changed, and remove those of stages that no longer exist.

    Damage of outputs and of DVC's cache is told, too. Raises InputError if params.yaml is wrong, or names a file that
    another stage makes and for which this one does not wait.
    """
    params = parameters.load(Path("params.yaml"))
    damage.refuse_links(known)
    damage.remove_damaged()
    makers = {out: stage.name for stage in known.values() for out in stage.outs}
    traces = code_traces({script(stage) for stage in known.values()})
    by_name = {stage.name: traces[script(stage)] for stage in known.values()}
    tracer = OutsideTracer(params, makers)
    changed: Counter[str] = Counter()
    for stage in known.values():
        path = Path(stage.trace)
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        facts = run_facts.lines(stage, by_name, known) if run_facts.is_page(stage) else ()
        code = by_name[stage.name]
        places = list(tracer.lines(stage, old))
        told = (*places, *tracer.key_lines(code, places, old), *facts)
        new = code + "".join(f"{line}\n" for line in told)
        if new != old:
            changed.update(_names(set(new.splitlines()) ^ set(old.splitlines())) if old else [])
            files.write_text(path, new)
    tracer.digests.save()
    _write_sections(known)
    for name, count in sorted(changed.items()):
        place = f"{name.removeprefix(OUTSIDE)}, outside of the project" if name.startswith(OUTSIDE) else name
        print(f"changed: {place} (concerns {count} stage{'s' if count > 1 else ''})", file=sys.stderr)
    kept = {Path(stage.trace) for stage in known.values()}
    for path in set(Path(TRACES).rglob("*.txt")) - kept:
        path.unlink()


def _write_sections(known: Mapping[str, Stage]) -> None:
    """Write what each stage takes from params.yaml, if that has changed: a stage sees if it is edited meanwhile."""
    found = {one.name: [*one.sections, *([ALL] if "params.yaml" in one.deps else [])] for one in known.values()}
    text = json.dumps(found, indent=0)
    if not SECTIONS.exists() or SECTIONS.read_text(encoding="utf-8") != text:
        files.write_text(SECTIONS, text)


def script(stage: Stage) -> Path:
    """The script that a stage runs."""
    return next(Path(word) for word in stage.cmd.split() if word.endswith(".py"))


def _names(lines: set[str]) -> set[str]:
    """Each line without its digest or version: `code src/radsieve/files.py`."""
    told = {line for line in lines if not line.startswith(run_facts.REPEATED)}
    return {line.partition(":")[0] if line.startswith(OUTSIDE) else line.rpartition(" ")[0] for line in told}


class OutsideTracer:
    """Describes what params.yaml names outside of the project, each place once."""

    def __init__(self, params: Params, makers: Mapping[str, str]) -> None:
        self._params, self._makers = params, makers
        self._described: dict[str, str] = {}
        self.digests = outside.Digests()

    def lines(self, stage: Stage, old: str) -> Iterator[str]:
        """A line for each place that a stage reads; what cannot be reached keeps its line in the `old` text."""
        for key, value in sorted(parameters.outside_paths(self._params, stage.sections).items()):
            if not self._made_inside(stage, key, value):
                yield self._line(f"{OUTSIDE}{key} = {value}", partial(self._describe_path, value), old)
        source = self._params.source
        if "source" in stage.sections and outside.is_bucket(source):
            head = f"{OUTSIDE}source.bucket = {source.endpoint} {source.bucket}/{source.prefix}"
            yield self._line(head, partial(outside.describe_bucket, source, self._params.ingest_images), old)

    @staticmethod
    def key_lines(code: str, places: Sequence[str], old: str) -> Iterator[str]:
        """A line for the key of pseudonyms, if the `code` of a stage uses one, and one of the `places` that it reads
        may name patients; without a key one is made now, for a stage that made it would have to run again, but not for
        folders without DICOM. While the places are those of the `old` text, so is the answer: a key that was made for
        others since concerns nobody here.
        """
        uses, key = f"code {_PSEUDONYMS} ", f"{OUTSIDE}{pseudonyms.VARIABLE}: "
        naming = [line for line in places if line.startswith(_NAMING)]
        if not naming or uses not in code:
            return
        told = old.splitlines()
        if uses in old and {line for line in told if line.startswith(_NAMING)} == set(naming):
            needed = any(line.startswith(key) for line in told)
        else:
            needed = pseudonyms.has_key() or not all(map(_names_nobody, naming))
        if needed:
            yield f"{key}{pseudonyms.key_in_use() or 'none can be kept'}"

    def _line(self, head: str, describe: Callable[[], str], old: str) -> str:
        if head not in self._described:
            try:
                self._described[head] = describe()
            except InputError as error:
                last = [line for line in old.splitlines() if line.startswith(f"{head}: ")]
                self._described[head] = last[0].removeprefix(f"{head}: ") if last else "not found"
                stands = "what was last found there stands" if last else "nothing was found there before"
                print(f"cannot be read now, {stands}: {head.removeprefix(OUTSIDE)} ({error})", file=sys.stderr)
        return f"{head}: {self._described[head]}"

    def _describe_path(self, value: str) -> str:
        return str(outside.describe(expand(value), self.digests))

    def _made_inside(self, stage: Stage, key: str, value: str) -> bool:
        """Whether another stage makes what is named there; then DVC and Snakemake must know it as an input."""
        place = value.partition("{")[0].rstrip("/")  # `{group}` stands for the name of each group
        maker = next((name for out, name in self._makers.items() if _overlap(out, place)), None)
        if maker and not any(_overlap(dep, place) for dep in stage.deps):
            raise InputError(
                f"params.yaml, {key} = {value}: stage {maker} makes it, but {stage.name} does not wait for it; "
                f"add {place} to the deps of {stage.name.partition('@')[0]} in dvc.yaml, or name another place"
            )
        return maker is not None


def _names_nobody(line: str) -> bool:
    """Whether a line tells of a folder in which no file is DICOM."""
    try:
        folder = expand(line.partition(" = ")[2].rpartition(": ")[0])
        return folder.is_dir() and not any(outside.is_dicom(folder / name) for name in outside.files_below(folder))
    except (InputError, OSError):
        return False


def _overlap(one: str, other: str) -> bool:
    """Whether two paths are the same or one lies in the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


if __name__ == "__main__":
    try:
        parameters.load(Path("params.yaml"))  # before they are filled into the stages
        damage.require_git()
        damage.check_locks()
        write(stages())
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
