"""Small groups of latents, which the tests of compare_classifiers and of rank_classifiers begin from."""

from pathlib import Path

import latents
import numpy as np

from radsieve.prefilter.latents.latent_table import LatentTable

GROUPS = ["18_24m", "phantoms", "none"]
MODELS = ["kNN30", "SVC_lin", "LogReg.1", "LogReg1", "MLP_2", "ScoreRidge", "Pooled"]


def write(folder: Path) -> None:
    """Write latents.parquet with 240 rows of each of GROUPS, the last of them without a good image."""
    table = latents.latent_table(GROUPS, 240)
    last = table.group == 2
    scores = np.where(last[:, None], -np.abs(table.scores), table.scores)
    valid = np.where(last, 0, table.valid).astype(np.int8)
    latents.write(LatentTable(table.groups, table.group, valid, scores, table.latents), folder)
