"""Scores of films, kept on disk batch by batch, so that a stage that was stopped goes on where it was.

A batch is known by its pixels. The folder is named by all that scores depend on: networks, true films, thresholds, the
code of this package and how it computes. No scores of other networks or of older code are ever taken for new ones.
"""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

import radsieve
from radsieve import files
from radsieve.errors import InputError
from radsieve.networks.checkpoints import Tensors, read_checkpoint, write_checkpoint
from radsieve.networks.device import choose_device
from radsieve.networks.training_state import state_path
from radsieve.screening.film_scorer import Bytes, ScoredFilms, load_scorer, sources
from radsieve.screening_tables import SCORES

_KIND = "scores of films"
_SCORES = "scores"  # beside the names of the features
_COLUMNS = ["valid", *SCORES]


class ScoreMemory:
    """Scores films with the scorer that screening has left, each batch once, until the memory is cleared."""

    def __init__(self, stage: str, results: Path, compute: Mapping[str, Any], features: bool = False) -> None:
        """Load the scorer from `results`, and open what `stage` has kept of it; features of films only if asked for.

        Raises InputError as `load_scorer` does.
        """
        self.scorer = load_scorer(results, choose_device(compute))
        self._features = features
        code = [files.sha256(path) for path in sorted(Path(radsieve.__file__).parent.rglob("*.py"))]
        settings = {"compute": dict(compute), "code": code, "features": features}
        self._folder = state_path(stage, settings, sources(results)).parent

    def score(self, films: Bytes) -> ScoredFilms:
        """Score `films` (n, 1 or 3, H, W), or say what was found when they were scored before."""
        digest = hashlib.sha256(repr(films.shape).encode() + np.ascontiguousarray(films).tobytes())
        path = self._folder / f"{digest.hexdigest()}.safetensors"
        try:
            return _scored(read_checkpoint(path, _KIND)[0])
        except InputError:  # not scored yet, or damaged
            scored = self.scorer.score(films)
        kept = scored if self._features else replace(scored, features={})
        write_checkpoint(path, _tensors(kept), {"kind": _KIND})
        return kept

    def clear(self) -> None:
        """Delete what was kept: the stage is done."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _tensors(scored: ScoredFilms) -> Tensors:
    arrays = {_SCORES: scored.scores[_COLUMNS].to_numpy(float)} | scored.features
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


def _scored(tensors: Tensors) -> ScoredFilms:
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    scores = pd.DataFrame(arrays.pop(_SCORES), columns=_COLUMNS).astype({"valid": int})
    return ScoredFilms(scores, arrays)
