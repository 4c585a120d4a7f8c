"""Time the ingestion of a bucket: the published notebook's method against ours, with and without latency, and its
memory.
"""

import argparse
import asyncio
import hashlib
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pydicom

from radsieve.curation.ingestion import ReadLimits, ingest
from radsieve.curation.layouts import Layout
from radsieve.errors import InputError
from radsieve.files import write_text
from radsieve.imaging.decode import Pixels, canonical, decode, grayscale
from radsieve.imaging.facts import ImageFacts, facts_and_pixels
from radsieve.imaging.png import quick_png_of
from radsieve.imaging.pseudonyms import Pseudonyms
from radsieve.parallel import ordered, paced, usable_cores
from radsieve.storage.cache import Cache
from radsieve.storage.credentials import session
from radsieve.storage.folder import FolderSource
from radsieve.storage.objects import Content
from radsieve.storage.s3 import Connection, S3Source
from radsieve.storage.server import EmbeddedServer, embedded_server

PROFILED = 300  # images
DIGITAL_XRAY = "1.2.840.10008.5.1.4.1.1.1.1"
BUCKET, PREFIX = "images", "datasets/"
LATENCY_S = 0.025
LIMITS = ReadLimits(concurrency=128, max_bytes=64_000_000, max_pixels=100_000_000)
AIMS = (
    "Aims: list, read and hash 10 times as fast as the source, at 25 ms, too; unchanged: at most 4%; "
    "decoding and facts: 1,000 images a second on a core."
)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Markdown file for the tables")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (default: %(default)s)")
    parser.add_argument("--copies", type=int, default=10, help="the larger bucket of the memory table, in buckets")
    parser.add_argument("--folder", type=Path, default=default_folder(), help="images as <grader>/<grade>/<name>")
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        return print_memory(args.folder, *args.measure)
    try:
        report = "\n".join(tables(args.folder, args.rounds, args.copies))
    except InputError as error:
        sys.exit(f"error: {error}")
    write_text(args.out, report + "\n")
    print(report)


def default_folder() -> Path:
    """The real knee images where they are at hand, else the phantoms of the demonstration."""
    data = os.environ.get("RADSIEVE_DATA")
    return Path(data) / "knee" if data else Path("data/phantoms")


def tables(folder: Path, rounds: int, copies: int) -> Iterator[str]:
    """Yield the lines of the report."""
    listing = FolderSource(folder)
    files = sorted((PREFIX + stored.key, listing.path(stored)) for stored in listing.list())
    megabytes = sum(path.stat().st_size for _, path in files) / 1e6
    cores = usable_cores()
    yield f"## Ingestion: {len(files)} objects of `{folder.name}`, {megabytes:.0f} MB\n"
    yield f"{cores} cores, {rounds} interleaved rounds, medians; the server runs on the same cores. {AIMS}"
    with embedded_server() as server:
        fill(server, BUCKET, files)
        with latency_proxy(server.endpoint) as slow:
            yield from speed_table(folder, server, {"0 ms": server.endpoint, "25 ms": slow}, rounds)
        yield from profile_table(folder, server)
        yield from core_table(folder, rounds)
        yield from memory_table(folder, server, files, copies)


def speed_table(folder: Path, server: EmbeddedServer, endpoints: dict[str, str], rounds: int) -> Iterator[str]:
    """All methods in turn in each round; ratios are medians over rounds."""
    yield "\n| latency | method | seconds | objects/s | times the source's |\n|---|---|---|---|---|"
    for latency, endpoint in endpoints.items():
        seconds: dict[str, list[float]] = {}
        for number in range(rounds):
            with tempfile.TemporaryDirectory() as name:
                again = (server, endpoint, folder, Path(name))
                methods: dict[str, Callable[[], list[str]]] = {
                    "source's: boto3 `download_fileobj`, 50 threads": partial(source_method, server, endpoint),
                    "ours: listing, reading, both hashes": partial(our_reading, server, endpoint),
                    "ours: whole call (decoding, facts, images)": partial(whole_call, *again),
                    "ours: whole call, bucket unchanged": partial(whole_call, *again),
                }
                results = {method: timed(work, seconds.setdefault(method, [])) for method, work in methods.items()}
            digests = [sorted(result) for result in results.values()]
            if any(digest != digests[0] for digest in digests):
                raise SystemExit(f"round {number}: the methods do not agree on the digests")
        baseline, *_, first, second = seconds.values()
        for method, times in seconds.items():
            ratio = statistics.median(a / b for a, b in zip(baseline, times, strict=True))
            middle = statistics.median(times)
            count = len(digests[0])
            yield f"| {latency} | {method} | {middle:.2f} | {count / middle:.0f} | {ratio:.1f} |"
        share = statistics.median(b / a for a, b in zip(first, second, strict=True))
        yield f"| {latency} | unchanged bucket, share of the first call | {100 * share:.1f} % | | |"


def timed(work: Callable[[], Any], seconds: list[float]) -> Any:
    """Return what `work` returns and add the seconds that it took."""
    begin = time.perf_counter()
    result = work()
    seconds.append(time.perf_counter() - begin)
    return result


def source_method(server: EmbeddedServer, endpoint: str) -> list[str]:
    """What the published notebook does: one client of boto3 with its defaults, 50 threads, two hashes."""
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )

    def read(key: str) -> str:
        buffer = io.BytesIO()
        s3.download_fileobj(BUCKET, key, buffer)
        content = buffer.getvalue()
        return f"{hashlib.sha256(content).hexdigest()}:{hashlib.md5(content).hexdigest()}"

    pages = s3.get_paginator("list_objects").paginate(Bucket=BUCKET, Prefix=PREFIX)
    keys = [entry["Key"] for page in pages for entry in page["Contents"]]
    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(read, keys))


def our_reading(server: EmbeddedServer, endpoint: str) -> list[str]:
    """List, read and hash everything, without a cache."""
    source = opened(server, endpoint)
    return list(paced(lambda stored: source.read(stored).file_id, source.list(), LIMITS.concurrency))


def whole_call(server: EmbeddedServer, endpoint: str, folder: Path, work: Path, bucket: str = BUCKET) -> list[str]:
    """The library call behind the stage, with the cache and the images below `work`."""
    source = opened(server, endpoint, bucket)
    graders = [path.name for path in folder.iterdir() if path.is_dir()]
    grades = {path.name for path in folder.glob("*/*") if path.is_dir()}
    with Cache(work / "cache") as cache:
        result = ingest(source, cache, Layout.of(PREFIX, graders, grades), LIMITS)
        cache.place(result.contents, work / "images")
    return list(result.raw_data.file_id)


def opened(server: EmbeddedServer, endpoint: str, bucket: str = BUCKET) -> S3Source:
    """Return a bucket of the server as our source, reached through `endpoint`."""
    connection = Connection(endpoint, "us-east-1", LIMITS.concurrency, 4, 30)
    return S3Source(session(server.access_key, server.secret_key), connection, bucket, PREFIX)


def fill(server: EmbeddedServer, bucket: str, files: list[tuple[str, Path]]) -> None:
    """Make `bucket` and upload `files`, pairs of key and path."""
    opened(server, server.endpoint, bucket).fill(files, 16)


def profile_table(folder: Path, server: EmbeddedServer) -> Iterator[str]:
    """Each part by itself, and how busy this process was: the rest is the server and the network."""
    source = opened(server, server.endpoint)
    listing = list(source.list())
    contents: list[bytes] = []
    distinct: dict[str, bytes] = {}
    threads = usable_cores()
    parts: dict[str, Callable[[], Any]] = {
        "listing (boto3)": lambda: list(source.list()),
        "reading without hashes (obstore, as many threads as pay)": lambda: contents.extend(
            paced(source._get, listing, LIMITS.concurrency)
        ),
        "both hashes, one thread": lambda: distinct.update({Content.of(c).file_id: c for c in contents}),
        f"decoding and facts of the distinct images, {threads} threads": lambda: list(
            ordered(described, distinct.values(), threads)
        ),
    }
    spent: dict[str, float] = {}
    yield "\n| part | seconds | busy cores of this process |\n|---|---|---|"
    for name, work in parts.items():
        before, seconds = os.times(), []
        timed(work, seconds)
        after = os.times()
        busy = (after.user - before.user + after.system - before.system) / seconds[0]
        spent[name] = seconds[0]
        yield f"| {name} | {seconds[0]:.2f} | {busy:.1f} |"
    yield f"\nThe limit of the whole call is its longest part: {max(spent, key=spent.__getitem__)}."
    yield "Fewer busy cores than there are mean waiting: while reading, for the server, which shares the cores."
    yield "Decoding is needed once per different file."


def core_table(folder: Path, rounds: int) -> Iterator[str]:
    """What a thread takes to decode and describe an image, by its own clock, however busy the machine is."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    contents = [path.read_bytes() for path in paths[:: max(1, len(paths) // PROFILED)]]
    copies = [as_dicom(content) for content in contents]
    ways: dict[str, Callable[[], Any]] = {
        "images as they are": lambda: [described(content) for content in contents],
        "DICOM made of them, and its pixels as PNG": lambda: [quick_png_of(described(one)[1]) for one in copies],
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            begin = time.process_time()
            work()
            spent[name].append((time.process_time() - begin) / len(contents))
    yield "\n| decoding and facts of an image | ms of a core | images a second and core |\n|---|---|---|"
    for name, times in spent.items():
        yield f"| {name} | {1e3 * statistics.median(times):.2f} | {1 / statistics.median(times):.0f} |"


def described(content: bytes) -> tuple[ImageFacts, Pixels]:
    """As ingestion does it."""
    return facts_and_pixels(content, LIMITS.max_pixels, lambda: Pseudonyms(b"benchmark"))


def as_dicom(content: bytes) -> bytes:
    """An image of 12 bits, not compressed, with the grey values of an image."""
    gray = np.rint(grayscale(canonical(decode(content, LIMITS.max_pixels))) * 4095).astype("<u2")
    image = pydicom.Dataset()
    image.SOPClassUID, image.SOPInstanceUID, image.PatientID = DIGITAL_XRAY, "1.2.3", "nobody"
    image.Rows, image.Columns = gray.shape
    image.SamplesPerPixel, image.PhotometricInterpretation, image.PixelRepresentation = 1, "MONOCHROME2", 0
    image.BitsAllocated, image.BitsStored, image.HighBit = 16, 12, 11
    image.PixelData = gray.tobytes()
    image.file_meta = pydicom.dataset.FileMetaDataset()
    image.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, image, enforce_file_format=True)
    return buffer.getvalue()


def memory_table(folder: Path, server: EmbeddedServer, files: list[tuple[str, Path]], copies: int) -> Iterator[str]:
    """Peak memory of the whole call in a process of its own, for a small and a large bucket."""
    yield "\n| objects, all different | peak memory, MB | of which before the call |\n|---|---|---|"
    for count in (1, copies):
        bucket = f"images-{count}"
        with tempfile.TemporaryDirectory() as name:
            fill(server, bucket, list(varied(files, count, Path(name))))
        with tempfile.TemporaryDirectory() as name:
            arguments = [server.endpoint, server.access_key, bucket, name]
            done = subprocess.run(
                [
                    sys.executable,
                    __file__,
                    "--out",
                    os.devnull,
                    "--folder",
                    str(folder),
                    "--measure",
                    *arguments,
                ],
                input=server.secret_key,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
        before, peak = done.stdout.split()
        yield f"| {len(files) * count} | {peak} | {before} |"


def varied(files: list[tuple[str, Path]], copies: int, folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file `copies` times, each with a number after the end of the picture, so that none equals another."""
    for number, (key, path) in enumerate(files * copies):
        copy = folder / str(number)
        shutil.copyfile(path, copy)
        with copy.open("ab") as file:
            file.write(str(number).encode())
        stem, dot, ending = key.rpartition(".")
        yield f"{stem} {number}{dot}{ending}", copy


def print_memory(folder: Path, endpoint: str, access_key: str, bucket: str, work: str) -> None:
    """Print the peak memory before and after the whole call, in MB."""
    before = peak_megabytes()
    server = EmbeddedServer(endpoint, access_key, sys.stdin.read(), 0)
    whole_call(server, endpoint, folder, Path(work), bucket)
    print(before, peak_megabytes())


def peak_megabytes() -> int:
    """Peak memory of this program; ru_maxrss would count that of the program which started it, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


@contextmanager
def latency_proxy(endpoint: str) -> Iterator[str]:
    """A TCP proxy in a process of its own that delays everything by half of LATENCY_S in each direction."""
    port = endpoint.rpartition(":")[2]
    code = f"import bench_ingest; bench_ingest.run_proxy({port})"
    command = [sys.executable, "-c", code]
    here = Path(__file__).parent
    with subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def run_proxy(port: int) -> None:
    """Run the proxy before the server at `port` and print its own port."""
    asyncio.run(serve_proxy(port))


async def serve_proxy(port: int) -> None:
    """Accept connections until killed."""
    proxy = await asyncio.get_running_loop().create_server(lambda: Delay(port), "127.0.0.1", 0)
    print(proxy.sockets[0].getsockname()[1], flush=True)
    await proxy.serve_forever()


class Delay(asyncio.Protocol):
    """One end of a connection through the proxy, which passes each piece on to the other end LATENCY_S / 2 after its
    arrival; pieces overtake neither each other nor the end. It takes little of the cores, which the methods share."""

    def __init__(self, port: int, other: "Delay | None" = None) -> None:
        self.port, self.other, self.loop = port, other, asyncio.get_running_loop()
        self.pieces: deque[bytes] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect a new client to the server, and read nothing of it before."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.other is None:
            transport.pause_reading()
            self.connecting = self.loop.create_task(self.connect())

    async def connect(self) -> None:
        """Make the other end."""
        _, self.other = await self.loop.create_connection(lambda: Delay(self.port, self), "127.0.0.1", self.port)
        self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Keep what arrives until it is due."""
        self.pieces.append(data)
        self.loop.call_later(LATENCY_S / 2, self.pass_on)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end is a piece, too."""
        self.data_received(b"")

    def pass_on(self) -> None:
        """Send the piece that is due, or close."""
        piece = self.pieces.popleft()
        if self.other is None or self.other.transport.is_closing():
            return
        if piece:
            self.other.transport.write(piece)
        else:
            self.other.transport.close()


if __name__ == "__main__":
    main()
