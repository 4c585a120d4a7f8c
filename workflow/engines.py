"""One definition, two engines: what Snakemake does to stay in step with DVC.

dvc.yaml defines the stages; dvc.lock says of which inputs and parameters the outputs are the result. Snakemake goes
by file times, which checkouts and pulls change at will. So before it builds its graph, `plan` compares dvc.lock with
the working tree by content, and sets the times right: every stage has a small input file, its stamp, which is newer
than the outputs if they are not up to date, and older than everything if they are. Each job calls `run`, which
restores a result that DVC still has if nothing the stage reads has changed after all, and else runs the command.
After the run, `record` writes the finished stages into dvc.lock. So neither engine takes old results for new.
"""

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import verdict
import yaml
from asking_dvc import LOCK, STATE, TRACER, dvc, dvc_cache, dvc_status
from restoring import RESTORABLE, restore
from stages import Stage, parameters, rule_of, stages, upstream_first, value_of

PLAN = STATE / "plan.json"
DONE = STATE / "done"
UP_TO_DATE = STATE / "up_to_date.json"  # the mark of a project in which DVC found every stage up to date
NAMED = 12  # stages that a line of the log names at most
TIMESTAMP = ".snakemake_timestamp"  # Snakemake's mark in a directory output; DVC ignores it, too


def stamp(name: str) -> str:
    """The input file that tells Snakemake whether the outputs of a stage are up to date."""
    return str(STATE / "stamps" / name)


def use_own_python() -> None:
    """Let jobs use the Python that runs Snakemake, whether its environment is activated or not."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def write_if_changed(path: Path, content: str) -> None:
    """Write a text unless it is there already."""
    if not path.exists() or path.read_text(encoding="utf-8") != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def commit() -> str:
    """The git commit that runs, `-dirty` if files differ from it (results are identified by dvc.lock, not by this)."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 (a fixed command)
    return done.stdout.strip() or "unknown"


def plan() -> None:
    """Set the file times so that Snakemake remakes just what dvc.lock does not match."""
    import damage
    import trace_inputs  # they need the library, which a job's environment may lack

    damage.require_git()
    damage.check_locks()
    known = stages()
    trace_inputs.write(known)
    _record_finished(known)
    changes = _changes(known)
    stale = [name for name in known if name in changes]
    if not LOCK.exists():
        print("nothing is recorded in dvc.lock: every stage that is asked for runs", file=sys.stderr)
    else:
        for line in _told({name: changes[name] for name in stale}):
            print(line, file=sys.stderr)
    for name in upstream_first(known):
        _set_stamp(Path(stamp(name)), known[name].outs if name in changes else ())
        if name not in changes:
            _touch_if_older(known[name].outs, known[name].deps)
    _write(PLAN, {"rerun": [name for name in stale if not set(changes[name]) <= RESTORABLE]})


def _told(changes: Mapping[str, Collection[str]]) -> Iterator[str]:
    """A line for each reason why stages are not up to date; `snakemake -n` says which of them a target needs."""
    by_reason: dict[str, list[str]] = {}
    for name, what in changes.items():
        by_reason.setdefault(", ".join(what), []).append(name)
    for reason, names in by_reason.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield f"not up to date ({reason}): {', '.join(names[:NAMED])}{more}"


def force(names: Collection[str]) -> None:
    """Record rules and files that the user wants to be remade: they are run even if DVC has their result."""
    forced = [stage.name for stage in stages().values() if {rule_of(stage.name), *stage.outs} & set(names)]
    _write(PLAN, {"rerun": sorted({*forced, *_planned()})})


def run(name: str) -> int:
    """Restore or make the outputs of one stage; return the exit status of its command."""
    stage = stages()[name]
    if name not in _planned() and restore(stage):
        print(f"{name}: nothing that it reads has changed; restored from DVC's cache", file=sys.stderr)
        return 0
    before, began = _inputs(stage), time.monotonic()
    command = subprocess.Popen(stage.cmd, shell=True)  # noqa: S602 (our own dvc.yaml)
    signal.signal(signal.SIGTERM, lambda *_: _terminate(command.pid))  # or the stage would go on alone
    _, ended, used = os.wait4(command.pid, 0)
    status = command.returncode = os.waitstatus_to_exitcode(ended)
    status = 128 - status if status < 0 else status  # as a shell says that a signal ended it
    if status == 0:
        _write(DONE / f"{name}.json", {"inputs": before, "outputs": _outputs(stage)})
        with suppress(OSError):  # a result is not lost for it
            _replace(Path(f"benchmarks/{name}.tsv"), _cost(time.monotonic() - began, used).encode())
    return status


def _cost(seconds: float, used: resource.struct_rusage) -> str:
    """What a command and all that it started took, as the system counted it, the megabytes of the largest process:
    Snakemake's benchmark would take a tenth of a core to sample it.
    """
    megabytes = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return f"s\tcpu_s\tmax_rss_mb\n{seconds:.1f}\t{used.ru_utime + used.ru_stime:.1f}\t{megabytes:.0f}\n"


def _terminate(process: int) -> None:
    """Ask a process and all that it has started to end, a shell before its commands, lest it goes on to the next."""
    shell = psutil.Process(process)
    for each in (shell, *shell.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            each.terminate()


def record() -> None:
    """Write the stages that finished in this run into dvc.lock, but those whose code has changed since it began."""
    import trace_inputs

    from radsieve.errors import InputError

    try:
        with _told_if_half_saved():
            known = stages()
        trace_inputs.write(known)
        _record_finished(known)
    except InputError as error:
        print(f"nothing is recorded in dvc.lock before this is mended: {error}", file=sys.stderr)


@contextmanager
def _told_if_half_saved() -> Iterator[None]:
    """Raise InputError for whatever params.yaml and dvc.yaml raise that an editor has not written in full."""
    from radsieve.errors import InputError

    try:
        yield
    except (yaml.YAMLError, OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise InputError(f"params.yaml or dvc.yaml is not whole: {type(error).__name__}: {error}") from error


def _record_finished(known: Mapping[str, Stage]) -> None:
    """Record finished stages, those of a run that was killed before it could, too.

    A stage whose inputs, parameters or outputs changed since is left out: it counts as not run.
    """
    notes = {name: json.loads(note.read_text()) for name in known if (note := DONE / f"{name}.json").exists()}
    with _told_if_half_saved():
        finished = [
            name for name in notes if notes[name] == {"inputs": _inputs(known[name]), "outputs": _outputs(known[name])}
        ]
    while finished:
        print(f"recording {len(finished)} stages in dvc.lock", file=sys.stderr)
        before, began = LOCK.read_bytes() if LOCK.exists() else None, time.time()
        named = [] if len(finished) == len(known) else [TRACER, *finished]
        dvc("commit", "--force", "--no-relink", "--quiet", *named)
        same: list[str] = []
        try:  # DVC records what params.yaml says now, and somebody may have edited it since it was compared
            with _told_if_half_saved():
                current = stages()
                same = [one for one in finished if one in current and notes[one]["inputs"] == _inputs(current[one])]
        finally:
            if same != finished:
                _unrecord(before, began)
        if same == finished:
            print(f"recorded in dvc.lock: {', '.join(finished)}", file=sys.stderr)
            break
        finished = same
    for name in [name for name in notes if name not in finished]:
        print(f"{name}: changed while it ran or since; it counts as not run", file=sys.stderr)
    shutil.rmtree(DONE, ignore_errors=True)


def _unrecord(lock: bytes | None, since: float) -> None:
    """Put dvc.lock back as it was, and remove from DVC's cache of runs what was added since: `dvc repro` would restore
    outputs of other inputs from it.
    """
    if lock is None:
        LOCK.unlink(missing_ok=True)
    else:
        _replace(LOCK, lock)
    for path in list((dvc_cache() / "runs").glob("??/*/*")):
        with suppress(OSError):  # another project's, which shares the cache and moves its files or lets nobody write
            if path.stat().st_mtime >= since:
                path.unlink()
                path.parent.rmdir()  # unless others are in it: DVC ends in a traceback on an empty one


def _planned() -> list[str]:
    """The stages that may not be restored from DVC's cache."""
    return list(json.loads(PLAN.read_text())["rerun"])


def _set_stamp(path: Path, stale_outs: Collection[str]) -> None:
    """Make the stamp of a stage newer than its stale outputs, with new content; else as old as possible."""
    now = time.time_ns()
    newest = max([now, *(_time(Path(out)) + 10**9 for out in stale_outs)]) if stale_outs else 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{now}\n" if stale_outs else "up to date\n")
    os.utime(path, ns=(newest, newest))


def _touch_if_older(outs: Collection[str], deps: Collection[str]) -> None:
    """Give outputs that are up to date a matching time."""
    newest = max((_time(Path(dep)) for dep in deps), default=0)
    for out in map(Path, outs):
        if out.exists() and _time(out) < newest:
            carrier = out / TIMESTAMP if out.is_dir() else out
            carrier.touch()
            os.utime(carrier, ns=(newest, newest))


def _time(path: Path) -> int:
    """The modification time that Snakemake sees, in nanoseconds."""
    carrier = path / TIMESTAMP if (path / TIMESTAMP).exists() else path
    return carrier.stat().st_mtime_ns if carrier.exists() else 0


def _changes(known: Mapping[str, Stage]) -> dict[str, list[str]]:
    """What DVC says about all stages.

    It need not be asked before anything was recorded, nor again if it found no change and nothing has changed since.
    """
    if not LOCK.exists():
        return {name: ["never recorded"] for name in known}
    mark = verdict.mark([path for stage in known.values() for path in (*stage.deps, *stage.outs)])
    if mark and UP_TO_DATE.exists() and json.loads(UP_TO_DATE.read_text()) == {"mark": mark}:
        return {}
    changes = dvc_status()
    if mark and not changes:
        _write(UP_TO_DATE, {"mark": mark})
    return changes


def _inputs(stage: Stage) -> str:
    """A digest that changes with the definition of the stage, its parameters, and time or length of what it reads."""
    params = parameters()
    chosen = {name: value_of(params, name) for name in stage.sections}
    read = [[str(file), *_stat(file)] for file in _inside(stage.deps)]
    return _digest([stage.cmd, stage.deps, stage.outs, chosen, read])


def _outputs(stage: Stage) -> str:
    """A digest of the content of all outputs (Snakemake changes their times when a job ends)."""
    return _digest([[str(file), _content(file)] for file in _inside(stage.outs)])


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _inside(paths: Collection[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.name != TIMESTAMP and "__pycache__" not in file.parts and not file.is_dir():
                yield file


def _stat(file: Path) -> tuple[int, int]:
    status = file.stat() if file.exists() else None
    return (status.st_mtime_ns, status.st_size) if status else (0, 0)


def _content(file: Path) -> str:
    if not file.exists():
        return ""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _write(path: Path, content: Mapping[str, Any]) -> None:
    _replace(path, json.dumps(content).encode())


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    temporary.write_bytes(content)
    temporary.replace(path)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "run":
        sys.exit("usage: python workflow/engines.py run STAGE")
    sys.exit(run(sys.argv[2]))
