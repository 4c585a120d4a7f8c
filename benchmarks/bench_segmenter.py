"""Time the training and the use of the segmenter: the plain way against ours, and what each change gives."""

import argparse
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import zoom
from torch.utils.data import DataLoader, Dataset

from radsieve.files import write_text
from radsieve.imaging.packs import read_pack, write_pack
from radsieve.networks.device import Device, choose_device
from radsieve.networks.segmenter import Segmenter, segment
from radsieve.networks.unets import build_network
from radsieve.screening.training import segmentation_loss

PIXELS, BATCH = 256, 8
CARD = {
    "encoder": "efficientnet_lite0",
    "width": 16,
    "depth": 5,
    "channels": 1,
    "pixels": PIXELS,
    "threshold": 0.5,
    "mirrored": False,
}


@dataclass(frozen=True)
class Way:
    """One way of working; each differs from the one before it in one point."""

    name: str
    cached: bool
    channels_last: bool
    precision: torch.dtype
    inference_mode: bool = False
    memory_kept: bool = False


class Files(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Films and masks that are decoded and brought to size whenever one is asked for."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.count = folder, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, row: int) -> tuple[torch.Tensor, torch.Tensor]:
        film, mask = (
            np.asarray(Image.open(self.folder / f"{kind}{row}.png").resize((PIXELS, PIXELS), Image.Resampling.BILINEAR))
            for kind in ("film", "mask")
        )
        return torch.from_numpy(film[None].astype(np.float32) / 255), torch.from_numpy((mask[None] > 127) * 1.0).float()


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Markdown file for the tables")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (default: %(default)s)")
    parser.add_argument("--films", type=int, default=48, help="films of an epoch (default: %(default)s)")
    parser.add_argument("--file-pixels", type=int, default=1024, help="side of the PNG files (default: %(default)s)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        write_films(Path(name), args.films, args.file_pixels)
        report = "\n".join(tables(Path(name), args.films, args.rounds, args.file_pixels))
    write_text(args.out, report + "\n")
    print(report)


def tables(folder: Path, films: int, rounds: int, file_pixels: int) -> Iterator[str]:
    """Yield the lines of the report."""
    reduced = [torch.bfloat16] if torch.cpu._is_amx_tile_supported() else []
    yield f"## Segmenter: {films} films {PIXELS}x{PIXELS} from PNG files {file_pixels}x{file_pixels}\n"
    threads = len(os.sched_getaffinity(0))
    yield f"U-Net with the encoder EfficientNet-Lite0, batches of {BATCH}, {threads} threads, {rounds} interleaved"
    yield "rounds, medians, each way in a process of its own. Each way has all changes of those above it."
    yield "Aim: 2.5 times where AMX is there;"
    yield f"this processor has {'' if reduced else 'no '}AMX{'' if reduced else ', so that bfloat16 is left out'}."
    plain = Way("plain: DataLoader decodes PNGs each epoch, float32, contiguous", False, False, torch.float32)
    cached = Way("decoded films cached in a pack", True, False, torch.float32)
    ways = [plain, cached, Way("channels_last", True, True, torch.float32)]
    ways += [Way("bfloat16", True, True, dtype) for dtype in reduced]
    ways.append(replace(ways[-1], name="freed memory kept by the C library", memory_kept=True))
    yield from table("training", ways, partial(train_epoch, folder=folder, films=films), films, rounds)
    ways.append(replace(ways[-1], name="inference_mode", inference_mode=True))
    yield from table("inference", ways, partial(use, folder=folder, films=films), films, rounds)
    ours = replace(ways[-1], name="all of these")
    yield "\n`radsieve.networks.segmenter.segment`, as the stages call it:"
    yield from table(
        "inference", [plain, ours], partial(use, folder=folder, films=films, as_called=True), films, rounds
    )


def table(what: str, ways: list[Way], work: Callable[[Way], float], films: int, rounds: int) -> Iterator[str]:
    """Every way after the other in each round, after one that warms up; ratios are medians over rounds."""
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(own_process(way)) for way in ways]
        seconds = [
            [process.submit(work, way).result() for process, way in zip(processes, ways, strict=True)]
            for _ in range(rounds + 1)
        ][1:]
    yield f"\n| {what} | films/s | times plain | times the line above |\n|---|---|---|---|"
    for column, way in enumerate(ways):
        rate = films / statistics.median(row[column] for row in seconds)
        plain = statistics.median(row[0] / row[column] for row in seconds)
        above = statistics.median(row[max(column - 1, 0)] / row[column] for row in seconds)
        yield f"| {'' if column == 0 else '+ '}{way.name} | {rate:.1f} | {plain:.2f} | {above:.2f} |"


def own_process(way: Way) -> ProcessPoolExecutor:
    """A process for one way: how memory is kept holds for a whole process."""
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=begin, initargs=(way,))


def begin(way: Way) -> None:
    """Set a process up as the stages do, or leave it as it is but for the number of threads."""
    threads = len(os.sched_getaffinity(0))
    if way.memory_kept:
        choose_device({"device": "cpu", "precision": "auto", "threads": threads})
    torch.set_num_threads(threads)


def train_epoch(way: Way, folder: Path, films: int) -> float:
    """Seconds of an epoch."""
    network = make_network(way).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    start = time.perf_counter()
    for inputs, masks in batches(way, folder, films):
        with torch.autocast("cpu", way.precision, enabled=way.precision != torch.float32):
            logits = network(inputs)
        loss = segmentation_loss(logits.float(), masks, "bce_dice")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.perf_counter() - start


def use(way: Way, folder: Path, films: int, as_called: bool = False) -> float:
    """Seconds to segment all films."""
    network = make_network(way).eval()
    start = time.perf_counter()
    if as_called and way.inference_mode:
        device = Device(torch.device("cpu"), way.precision)
        segment(Segmenter(network, device, CARD), read_pack(folder).films)
        return time.perf_counter() - start
    with torch.inference_mode() if way.inference_mode else contextlib.nullcontext():
        for inputs, _ in batches(way, folder, films):
            with torch.autocast("cpu", way.precision, enabled=way.precision != torch.float32):
                torch.sigmoid(network(inputs).float())
    return time.perf_counter() - start


def make_network(way: Way) -> torch.nn.Module:
    """The network of the presets, laid out in memory as the way wants it."""
    torch.manual_seed(0)
    network = build_network(CARD, pretrained=True)
    return network.to(memory_format=torch.channels_last) if way.channels_last else network


def batches(way: Way, folder: Path, films: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of films in [0, 1] and masks."""
    if not way.cached:
        yield from DataLoader(Files(folder, films), batch_size=BATCH)
        return
    layout = torch.channels_last if way.channels_last else torch.contiguous_format
    pack = read_pack(folder)
    for start in range(0, films, BATCH):
        rows = slice(start, start + BATCH)
        inputs, masks = (torch.from_numpy(np.array(part[rows])).float() for part in (pack.films, pack.masks))
        yield (inputs / 255).contiguous(memory_format=layout), masks


def write_films(folder: Path, count: int, file_pixels: int) -> None:
    """Write noisy films of an ellipse as PNG files, and the same as a pack."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:file_pixels, :file_pixels] / file_pixels
    films, masks = [], []
    for row in range(count):
        middle, radius = rng.uniform(0.3, 0.7, 2), rng.uniform(0.1, 0.3, 2)
        mask = ((y - middle[0]) / radius[0]) ** 2 + ((x - middle[1]) / radius[1]) ** 2 < 1
        soft = zoom(rng.uniform(40, 120, (16, 16)), file_pixels / 16, order=1)
        film = (soft + 80 * mask + rng.normal(0, 3, mask.shape)).clip(0, 255).astype(np.uint8)
        for kind, pixels in (("film", film), ("mask", mask.astype(np.uint8) * 255)):
            Image.fromarray(pixels).save(folder / f"{kind}{row}.png")
    decoded = Files(folder, count)
    for film, mask in map(decoded.__getitem__, range(count)):
        films.append((film.numpy() * 255).astype(np.uint8))
        masks.append(mask.numpy().astype(np.uint8))
    write_pack(folder, [f"{row}.png" for row in range(count)], films, (1, PIXELS, PIXELS), masks)


if __name__ == "__main__":
    main()
