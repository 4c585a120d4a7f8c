"""Scores of images, stored on disk batch by batch, so that an interrupted stage resumes where it stopped.

A batch is identified by its pixels. That the scores are those of the same networks, scaler and code is
ensured by the folder, see `radsieve.unfinished`.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from radsieve import unfinished
from radsieve.errors import InputError
from radsieve.networks.checkpoints import Tensors, read_sealed, write_sealed
from radsieve.networks.device import Device
from radsieve.screening.scores.image_scorer import Bytes, ImageScorer, ScoredImages, ScorerFiles, load_scorer
from radsieve.screening.tables import SCORES

_KIND = "scores of images"
_SCORES = "scores"  # beside the names of the features
_COLUMNS = ["valid", *SCORES]

log = logging.getLogger(__name__)


class ScoreMemory:
    """Scores images with `scorer`, each batch once, until the memory is cleared."""

    def __init__(self, scorer: ImageScorer, folder: Path, features: bool = False) -> None:
        """Open what an interrupted run has stored in `folder`, and log it; features are stored only if requested."""
        self.scorer, self._folder, self._features = scorer, folder, features
        if known := len(list(folder.glob("*.safetensors"))):
            log.info("scoring resumes: batches of images that were scored before: %d, stored in %s", known, folder)

    @classmethod
    def of(
        cls, scorer: ScorerFiles, device: Device, folder: Callable[[Sequence[Path]], Path], features: bool = False
    ) -> "ScoreMemory":
        """Load the `scorer`, with the `folder` for work on its files.

        Raises InputError as `load_scorer` does.
        """
        return cls(load_scorer(scorer, device), folder(scorer), features)

    def score(self, images: Bytes) -> ScoredImages:
        """Score `images` (n, 1 or 3, H, W), or return what was found when they were scored before."""
        digest = hashlib.sha256(repr(images.shape).encode() + np.ascontiguousarray(images).tobytes())
        path = self._folder / f"{digest.hexdigest()}.safetensors"
        if path.exists():
            try:
                return _scored(read_sealed(path, _KIND)[0])
            except InputError as error:
                log.warning("scores of an earlier run cannot be read, and the images are scored again: %s", error)
        scored = self.scorer.score(images)
        kept = scored if self._features else replace(scored, features={})
        write_sealed(path, _tensors(kept), {"kind": _KIND})
        return kept

    def clear(self) -> None:
        """Delete what was stored: the stage is done."""
        unfinished.remove(self._folder)


def _tensors(scored: ScoredImages) -> Tensors:
    arrays = {_SCORES: scored.scores[_COLUMNS].to_numpy(float)} | scored.features
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


def _scored(tensors: Tensors) -> ScoredImages:
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    scores = pd.DataFrame(arrays.pop(_SCORES), columns=_COLUMNS).astype({"valid": int})
    return ScoredImages(scores, arrays)
