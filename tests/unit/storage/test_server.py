import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError

from radsieve.storage import server as module
from radsieve.storage.credentials import session
from radsieve.storage.s3 import Connection, client
from radsieve.storage.server import embedded_server

SOURCES = Path(module.__file__).parents[2]


def connected(server, access_key=None, secret_key=None):
    keys = session(access_key or server.access_key, secret_key or server.secret_key)
    return client(keys, Connection(server.endpoint, "us-east-1", 4, 0, 10))


def listening(process_id):
    connections = psutil.Process(process_id).net_connections(kind="inet")
    return {connection.laddr for connection in connections if connection.status == psutil.CONN_LISTEN}


def gone(process_id, within_s=10):
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if not psutil.pid_exists(process_id) or psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_it_serves_its_keys_alone_on_loopback_and_stops():
    with embedded_server() as server:
        s3 = connected(server)
        s3.create_bucket(Bucket="images")
        s3.put_object(Bucket="images", Key="a/é b.png", Body=b"image")
        assert s3.get_object(Bucket="images", Key="a/é b.png")["Body"].read() == b"image"
        for access_key, secret_key in (("WRONG", None), (None, "wrong")):
            with pytest.raises(ClientError) as caught:
                connected(server, access_key, secret_key).list_buckets()
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{server.endpoint}/images/a", timeout=5)
        time.sleep(1)  # the last of its services comes up a little later
        addresses = listening(server.process_id)
        assert {address.ip for address in addresses} == {"127.0.0.1"}
        assert int(server.endpoint.rpartition(":")[2]) in {address.port for address in addresses}
        command = psutil.Process(server.process_id).cmdline()
        environment = psutil.Process(server.process_id).environ()
        folder = Path(environment["HOME"])
        assert server.secret_key not in f"{command} {environment} {server!r}"
        assert folder.stat().st_mode & 0o077 == 0
        assert not (folder / "keys.json").exists()
    assert not psutil.pid_exists(server.process_id)
    assert not folder.exists()
    assert not list(Path("/tmp").glob(f"seaweedfs-*{int(server.endpoint.rpartition(':')[2]) + 10000}.sock"))


def test_it_stops_after_an_exception_and_keeps_a_given_folder(tmp_path):
    with pytest.raises(RuntimeError, match="mine"), embedded_server(tmp_path / "data") as server:
        raise RuntimeError("mine")
    assert not psutil.pid_exists(server.process_id)
    assert list((tmp_path / "data").iterdir())
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("told_by", ["kernel", "watcher"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_it_stops_when_its_parent_is_killed(number, told_by, tmp_path):
    # a parent in the background ignores SIGINT, as these tests may themselves; one in the foreground does not
    methods = {signal.SIGINT: "signal.default_int_handler"}
    code = (
        "import signal, sys, time\n"
        "from radsieve.storage import server as module\n"
        "from radsieve.storage.server import embedded_server\n"
        f"signal.signal(signal.SIGINT, {methods.get(number, 'signal.SIG_IGN')})\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\n"  # as radsieve.stage does
        f"module._kernel_tells_of_death = lambda: {told_by == 'kernel'}\n"
        "with embedded_server() as server:\n"
        "    print(server.process_id, flush=True)\n"
        "    time.sleep(60)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(SOURCES), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    ) as parent:
        process_id = int(parent.stdout.readline())
        assert psutil.pid_exists(process_id)
        parent.send_signal(number)
        parent.wait(90)  # a machine may be busy
    assert gone(process_id)


@pytest.mark.slow
def test_a_port_that_was_taken_meanwhile_is_given_up(monkeypatch):
    import socket

    free_ports = module._free_ports
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    ports = iter([free_ports() | {"s3": taken.getsockname()[1]}])
    monkeypatch.setattr(module, "_free_ports", lambda: next(ports, None) or free_ports())
    monkeypatch.setattr(module, "_READY_WITHIN_S", 8.0)
    with taken, embedded_server() as server:
        assert not server.endpoint.endswith(f":{taken.getsockname()[1]}")
        assert connected(server).list_buckets()["Buckets"] == []


def test_a_start_takes_no_other_start_for_remains(tmp_path, monkeypatch):
    """Another process looks for remains just before the file of this one is locked."""
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / "radsieve-starting"
    folder.mkdir()
    lock = module.fcntl.flock

    def lock_late(file, kind):
        if kind == module.fcntl.LOCK_EX:
            module._remove_remains()
        lock(file, kind)

    monkeypatch.setattr(module.fcntl, "flock", lock_late)
    with module._owned(folder):
        assert folder.exists()
        module._remove_remains()
        assert folder.exists()
    module._remove_remains()
    assert not folder.exists()
