"""Scripts in processes of their own that need not import everything anew: importing takes most of a small run.

A process that has imported what the scripts import forks another one for each run, which then is as good as new: with
its own folder, environment, arguments, signals and output. It ends without tearing down what was imported, which would
take two seconds each time. There are two such processes with different hashes of text, which take turns, so that a
result which hangs on the order of a set differs from one run of a script to the next.
"""

import atexit
import contextlib
import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

HASH_SEEDS = ("1", "2")
AT_IMPORT = ("OMP_", "MKL_", "OPENBLAS_", "NUMBA_", "ATEN_", "ONEDNN_", "PYTHON")  # variables of that time
LATE = ("pandera.strategies.pandas_constraints", "matplotlib.backends.backend_agg")  # what runs import themselves


class StageProcesses:
    """Runs scripts; to be closed at the end."""

    def __init__(self, sources: Path) -> None:
        self._environment = {**os.environ, "PYTHONPATH": str(sources)}
        self._servers: dict[str, subprocess.Popen[str]] = {}
        self._runs: Counter[Path] = Counter()

    def run(self, script: Path, arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Run `script` in `folder`, and return its exit status and what it wrote."""
        environment = {**os.environ, "PYTHONPATH": self._environment["PYTHONPATH"]}
        command = [sys.executable, str(script), *arguments]
        if sys.platform != "linux" or _at_import(environment) != _at_import(self._environment):
            return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        self._runs[script] += 1
        server = self._server(HASH_SEEDS[self._runs[script] % len(HASH_SEEDS)])
        with tempfile.TemporaryDirectory() as name:
            said = [Path(name) / stream for stream in ("stdout", "stderr")]
            request = {"command": command[1:], "folder": str(folder), "environment": environment}
            assert server.stdin is not None and server.stdout is not None
            server.stdin.write(json.dumps(request | {"said": list(map(str, said))}) + "\n")
            server.stdin.flush()
            status = int(server.stdout.readline())
            return subprocess.CompletedProcess(command, status, *(path.read_text(encoding="utf-8") for path in said))

    def close(self) -> None:
        """End the processes."""
        for server in self._servers.values():
            server.communicate()

    def _server(self, hash_seed: str) -> "subprocess.Popen[str]":
        if hash_seed not in self._servers:
            self._servers[hash_seed] = subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**self._environment, "PYTHONHASHSEED": hash_seed},
                text=True,
            )
        return self._servers[hash_seed]


def _at_import(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(AT_IMPORT)}


def serve() -> dict[str, Any] | None:
    """Fork a process for each request and answer with its exit status; return the request in such a process."""
    for line in sys.stdin:
        request = json.loads(line)
        with contextlib.suppress(Exception):  # the run will say it
            runpy.run_path(request["command"][0], run_name="imported")
            for module in LATE:
                import_module(module)
        gc.freeze()  # a collection would touch, and so copy, all that was imported
        process = os.fork()
        if not process:
            return dict(request)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
    return None


def become(request: Mapping[str, Any]) -> NoReturn:
    """Run a script as Python runs one that it is started with, and exit."""
    streams = [os.open(os.devnull, os.O_RDONLY), *(os.open(path, os.O_WRONLY | os.O_CREAT) for path in request["said"])]
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = request["command"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    status = 1
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


if __name__ == "__main__" and (request := serve()) is not None:
    become(request)
