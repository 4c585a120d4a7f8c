"""Time the training and the use of the segmenter: the plain method against ours, and the gain of each change."""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from network_methods import AMX, REDUCED, THREADS, Method, table
from PIL import Image
from scipy.ndimage import zoom
from torch.utils.data import DataLoader, Dataset

from radsieve.files import write_text
from radsieve.imaging.packs import read_pack, write_pack
from radsieve.networks.device import Device
from radsieve.networks.segmenter import Segmenter, segment
from radsieve.networks.unets import build_network
from radsieve.screening.segmentation.training import segmentation_loss

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
class SegmenterMethod(Method):
    """Images may be decoded once and stored."""

    cached: bool = False


class Files(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Images and masks that are decoded and resized whenever one is requested."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.count = folder, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, row: int) -> tuple[torch.Tensor, torch.Tensor]:
        image, mask = (
            np.asarray(Image.open(self.folder / f"{kind}{row}.png").resize((PIXELS, PIXELS), Image.Resampling.BILINEAR))
            for kind in ("image", "mask")
        )
        return torch.from_numpy(image[None].astype(np.float32) / 255), torch.from_numpy(
            (mask[None] > 127) * 1.0
        ).float()


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Markdown file for the tables")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (default: %(default)s)")
    parser.add_argument("--images", type=int, default=48, help="images of an epoch (default: %(default)s)")
    parser.add_argument("--file-pixels", type=int, default=1024, help="side of the PNG files (default: %(default)s)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        write_images(Path(name), args.images, args.file_pixels)
        report = "\n".join(tables(Path(name), args.images, args.rounds, args.file_pixels))
    write_text(args.out, report + "\n")
    print(report)


def tables(folder: Path, images: int, rounds: int, file_pixels: int) -> Iterator[str]:
    """Yield the lines of the report."""
    yield f"## Segmenter: {images} images {PIXELS}x{PIXELS} from PNG files {file_pixels}x{file_pixels}\n"
    yield f"U-Net with the encoder EfficientNet-Lite0, batches of {BATCH}, {THREADS} threads, {rounds} interleaved"
    yield "rounds, medians, each method in a process of its own. Each method has all changes of those above it."
    yield f"Aim: 2.5 times where AMX is there; {AMX}"
    plain = SegmenterMethod("plain: DataLoader decodes PNGs each epoch, float32, contiguous")
    methods = [plain, replace(plain, name="decoded images cached in a pack", cached=True)]
    methods.append(replace(methods[-1], name="channels_last", channels_last=True))
    methods += [replace(methods[-1], name="bfloat16", precision=dtype) for dtype in REDUCED]
    methods.append(replace(methods[-1], name="freed memory kept by the C library", memory_kept=True))
    yield from table("training", methods, partial(train_epoch, folder=folder, images=images), images, rounds)
    methods.append(replace(methods[-1], name="inference_mode", inference_mode=True))
    yield from table("inference", methods, partial(use, folder=folder, images=images), images, rounds)
    ours = replace(methods[-1], name="all of these")
    yield "\n`radsieve.networks.segmenter.segment`, as the stages call it:"
    yield from table(
        "inference", [plain, ours], partial(use, folder=folder, images=images, as_called=True), images, rounds
    )


def train_epoch(method: SegmenterMethod, folder: Path, images: int) -> float:
    """Seconds of an epoch."""
    network = make_network(method).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    start = time.perf_counter()
    for inputs, masks in batches(method, folder, images):
        with torch.autocast("cpu", method.precision, enabled=method.precision != torch.float32):
            logits = network(inputs)
        loss = segmentation_loss(logits.float(), masks, "bce_dice")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.perf_counter() - start


def use(method: SegmenterMethod, folder: Path, images: int, as_called: bool = False) -> float:
    """Seconds to segment all images."""
    network = make_network(method).eval()
    start = time.perf_counter()
    if as_called and method.inference_mode:
        device = Device(torch.device("cpu"), method.precision)
        segment(Segmenter(network, device, CARD), read_pack(folder).images)
        return time.perf_counter() - start
    with torch.inference_mode() if method.inference_mode else contextlib.nullcontext():
        for inputs, _ in batches(method, folder, images):
            with torch.autocast("cpu", method.precision, enabled=method.precision != torch.float32):
                torch.sigmoid(network(inputs).float())
    return time.perf_counter() - start


def make_network(method: SegmenterMethod) -> torch.nn.Module:
    """The network of the presets, in the memory layout of the method."""
    torch.manual_seed(0)
    network = build_network(CARD, pretrained=True)
    return network.to(memory_format=method.layout)


def batches(method: SegmenterMethod, folder: Path, images: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of images in [0, 1] and masks."""
    if not method.cached:
        yield from DataLoader(Files(folder, images), batch_size=BATCH)
        return
    pack = read_pack(folder)
    for start in range(0, images, BATCH):
        rows = slice(start, start + BATCH)
        inputs, masks = (torch.from_numpy(np.array(part[rows])).float() for part in (pack.images, pack.masks))
        yield (inputs / 255).contiguous(memory_format=method.layout), masks


def write_images(folder: Path, count: int, file_pixels: int) -> None:
    """Write noisy images of an ellipse as PNG files, and the same as a pack."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:file_pixels, :file_pixels] / file_pixels
    images, masks = [], []
    for row in range(count):
        middle, radius = rng.uniform(0.3, 0.7, 2), rng.uniform(0.1, 0.3, 2)
        mask = ((y - middle[0]) / radius[0]) ** 2 + ((x - middle[1]) / radius[1]) ** 2 < 1
        soft = zoom(rng.uniform(40, 120, (16, 16)), file_pixels / 16, order=1)
        image = (soft + 80 * mask + rng.normal(0, 3, mask.shape)).clip(0, 255).astype(np.uint8)
        for kind, pixels in (("image", image), ("mask", mask.astype(np.uint8) * 255)):
            Image.fromarray(pixels).save(folder / f"{kind}{row}.png")
    decoded = Files(folder, count)
    for image, mask in map(decoded.__getitem__, range(count)):
        images.append((image.numpy() * 255).astype(np.uint8))
        masks.append(mask.numpy().astype(np.uint8))
    write_pack(folder, [f"{row}.png" for row in range(count)], images, (1, PIXELS, PIXELS), masks)


if __name__ == "__main__":
    main()
