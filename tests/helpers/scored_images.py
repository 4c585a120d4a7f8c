"""Small phantoms, networks for them, and what the stages of screening up to score_images make of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import screened
import torch
from defaults import COMPUTE

from radsieve import tables
from radsieve.generators.decoder import PhantomDecoder
from radsieve.generators.interface import sample_latents
from radsieve.imaging.packs import write_array, write_pack
from radsieve.networks.backbones import pretrained_backbone
from radsieve.networks.classifier import Classifier, Network, Preprocessing, classify, load_classifier, save_classifier
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, save_segmenter, segment
from radsieve.networks.unets import build_network
from radsieve.phantoms.chest import render_chest
from radsieve.screening.scores.image_scorer import ScorerFiles
from radsieve.screening.scores.image_scores import score_batches
from radsieve.screening.symmetry.features import symmetry_features
from radsieve.screening.tables import (
    FEATURES,
    GENERATED_IMAGES,
    PREDICTIONS,
    REFERENCE_IMAGES,
    SCORED_IMAGES,
    SYMMETRY_FEATURES,
)

PIXELS = 64
GROUP = "38_44m"
SEGMENTER = {"encoder": "none", "width": 4, "depth": 2, "channels": 1, "pixels": PIXELS, "threshold": 0.5}
CLASSIFIER = {"backbone": "efficientnet_lite0", "stride": 32, "grid": 1, "pixels": PIXELS, "channels": 1}
GENERATED, REFERENCE, STEPS = 40, 40, 30
PASS_SHARE, SEED = 0.95, 1

# The files of the scorer below the folder, as options of scripts.
SCORER = {
    "segmenter": "results/train_segmenter/chest/best.safetensors",
    "classifier": "results/train_abnormality/model.safetensors",
    "scaler": "results/score_images/scaler.json",
}


def write(folder: Path) -> None:
    """Write packs below data and, below results, all that load_scorer and score_images are made from, and its tables.

    True images are phantoms whose latents are near the mean: they are alike, and fewer of the others pass.
    """
    decoder, results = PhantomDecoder(PIXELS), folder / "results"
    latents = {
        "generated": sample_latents(GENERATED, SEED, GROUP),
        "reference": sample_latents(REFERENCE, 2, GROUP) / 3,
    }
    images = {batch: decoder.generate(rows, GROUP) for batch, rows in latents.items()}
    device, scorer = choose_device(COMPUTE), scorer_files(folder)
    _write_segmenter(scorer.segmenter, decoder)
    segmenter = load_segmenter(scorer.segmenter, device)
    save_classifier(scorer.classifier, _classifier())
    classifier = load_classifier(scorer.classifier, device)
    for batch, pixels in images.items():
        names = [f"{batch}/{number:03}" for number in range(len(pixels))]
        write_pack(folder / f"data/{batch}", names, pixels, pixels.shape[1:])
        masks = (segment(segmenter, pixels) >= segmenter.threshold).astype(np.uint8)
        write_array(results / f"segment_images/{batch}/masks.npy", masks, masks.shape)
        features = pd.DataFrame(symmetry_features(masks[:, 0], 5, "disk"), columns=list(FEATURES))
        features.insert(0, "image", names)
        tables.write(SYMMETRY_FEATURES, features, results / f"measure_symmetry/{batch}/features.csv")
        probability, heat = classify(classifier, pixels)
        found = pd.DataFrame({"file": names, "probability": probability, "max_heat": heat.max(axis=(1, 2))})
        found["positive"] = (found["probability"] >= 0.5).astype(int)
        tables.write(PREDICTIONS, found, results / f"predict_images/{batch}/predictions.csv")
    listed = pd.DataFrame({"image": [f"generated/{number:03}" for number in range(GENERATED)], "group": GROUP})
    tables.write(GENERATED_IMAGES, listed, results / "generate_images/images.csv")
    names = [f"reference/{number:03}" for number in range(REFERENCE)]
    true = pd.DataFrame({"image": names, "original": names, "unit": names, "split": "validation", "alteration": "none"})
    true["kind"] = "none"
    true.loc[30:, "split"] = "test"
    tables.write(REFERENCE_IMAGES, true, results / "alter_images/images.csv")
    scored = score_batches(*screened.read_batches(folder), PASS_SHARE, SEED)
    scored.scaler.save(scorer.scaler)
    tables.write(SCORED_IMAGES, scored.generated[list(SCORED_IMAGES.columns)], results / "score_images/scores.csv")


def scorer_files(folder: Path) -> ScorerFiles:
    """The files of the scorer that `write` wrote to `folder`."""
    return ScorerFiles(*(folder / path for path in SCORER.values()))


def _write_segmenter(path: Path, decoder: PhantomDecoder) -> None:
    """A U-Net that has learned a little of where lungs are."""
    generated = [render_chest(image.chest, PIXELS) for image in decoder.decode(sample_latents(24, 3, GROUP), GROUP)]
    images = torch.from_numpy(np.stack([image.image for image in generated])[:, None]).float() / 255
    lungs = torch.from_numpy(np.stack([image.lungs for image in generated])[:, None]).float()
    card = SEGMENTER | {"mirrored": False}
    torch.manual_seed(0)
    network = build_network(card)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for step in range(STEPS):
        rows = slice(8 * (step % 3), 8 * (step % 3) + 8)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(network(images[rows]), lungs[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    save_segmenter(path, network.state_dict(), card)


def _classifier() -> Classifier:
    """A network from ImageNet whose last layer is random."""
    torch.manual_seed(0)
    network = Network(pretrained_backbone("efficientnet_lite0", 32, None, "weights"), 1)
    card = CLASSIFIER | {"positive": "abnormal"}
    return Classifier(network.eval(), Preprocessing(PIXELS, 0.0, "whole", 0.0), choose_device(COMPUTE), card)
