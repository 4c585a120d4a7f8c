"""What every stage script shares: arguments, parameters, log, summary line and exit status."""

import argparse
import atexit
import contextlib
import faulthandler
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from radsieve import disks, instructions, progress, unfinished
from radsieve import params as parameters
from radsieve.errors import InputError
from radsieve.params import Params
from radsieve.tracing import code_trace
from radsieve.unchanged import Begun

# Read by OpenMP when torch is imported: waiting threads give their core to other jobs instead of spinning.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
instructions.hold_arrays()
gc.set_threshold(10_000)  # imports create many objects and no garbage

log = logging.getLogger("radsieve")

Main = Callable[[argparse.Namespace, Params], str]


def run(
    main: Main,
    description: str,
    paths: Mapping[str, str],
    sections: Sequence[str] | None,
    names: Mapping[str, str] | None = None,
    optional: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> NoReturn:
    """Run a stage script and exit.

    `paths` names the script's path options and their help; each arrives in `main` as a `Path`. Those in `optional` may
    be left out and then are None. `names` are required options whose value is text. `overrides` are optional whole
    numbers that take the place of the parameter of that name in the stage's section of params.yaml, and are checked as
    it is. `sections` are the sections of params.yaml that `main` receives, the same as in dvc.yaml; None stands for
    all. It receives no others, so that no result depends on what neither engine watches. `main` returns the one-line
    summary. Exit status: 0; 2 for an `InputError` or wrong options; 130 after Ctrl-C, 143 after SIGTERM; 1 for any
    other exception.
    """
    parser = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    for name, text in paths.items():
        parser.add_argument(f"--{name}", type=Path, required=True, help=text)
    for name, text in (optional or {}).items():
        parser.add_argument(f"--{name}", type=Path, help=text)
    for name, text in (names or {}).items():
        parser.add_argument(f"--{name}", required=True, help=text)
    for name, text in (overrides or {}).items():
        parser.add_argument(f"--{name}", type=int, help=f"{text} (default: that of params.yaml)")
    parser.add_argument(
        "--params", type=Path, default=Path("params.yaml"), help="the parameters (default: %(default)s)"
    )
    args = parser.parse_args()
    try:
        _start_log()
    except OSError as error:
        parser.exit(2, f"error: RADSIEVE_LOG: {error}\n")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` blocks run
    stage = Path(sys.argv[0]).stem
    main = progress.working(stage)(main)
    try:
        begun = Begun(Path(sys.argv[0]).resolve(), args.params)
        given = {name: value for name in overrides or {} if (value := getattr(args, name)) is not None}
        checked = parameters.load(args.params, {stage: given})
        instructions.hold_networks(checked.compute.instructions)
        if sections is not None:
            checked = Params.model_construct(**{name: getattr(checked, name) for name in sections})
        summary = main(args, checked)
        begun.check()
        log.info("%s: %s", stage, summary)
        status = 0
    except InputError as error:
        log.error("error: %s", error)
        status = 2
    except KeyboardInterrupt:
        log.error("%s: interrupted", stage)
        status = 130
    except Exception as error:
        if advice := disks.advice(error):
            log.error("error: %s", advice)
            status = 2
        else:
            log.exception("%s: an error that should not happen; please report it", stage)
            status = 1
    _leave(status)


def state_folder(out: Path, settings: Mapping[str, Any], sources: Sequence[Path]) -> Path:
    """Return the folder for the state of the running script's work, whose results go to `out`.

    What an interrupted run left there belongs to the same work: the same `settings`, content of the files `sources`,
    code of the script and of what it imports (see `radsieve.unfinished`). The caller removes the folder when the work
    is done.
    """
    return open_folder(unfinished.folder_of(Path(sys.argv[0]).stem, out), settings, sources)


def open_folder(folder: Path, settings: Mapping[str, Any], sources: Sequence[Path] = ()) -> Path:
    """Return `folder` with what the same script left there by the same `settings`, `sources`, code and instructions."""
    script = Path(sys.argv[0]).resolve()
    key = unfinished.key_of(settings, sources, code_trace(script, script.parents[1]))
    return unfinished.reopen(folder, key | {"processor": instructions.in_use()})


def _leave(status: int) -> NoReturn:
    """Exit as `sys.exit` does, but leave it to the system to free what was imported: a second of torch's."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # closed by whoever started this
            stream.flush()
    os._exit(status)


def _start_log() -> None:
    """Log to stderr, and to the file that RADSIEVE_LOG names (a rule's log) besides."""
    terminal = logging.StreamHandler()
    terminal.addFilter(progress.beside_bars)
    handlers: list[logging.Handler] = [terminal]
    if path := os.environ.get("RADSIEVE_LOG"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        file = Path(path).open("w", encoding="utf-8")  # noqa: SIM115 (open until the process ends)
        faulthandler.enable(file)
        handlers.append(logging.StreamHandler(file))
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=handlers)
    log.setLevel(logging.INFO)
