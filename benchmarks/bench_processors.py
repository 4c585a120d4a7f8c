"""How far results move between processors: one small chain under the instructions of several kinds of them.

What a processor lacks cannot be tried on it; what it has can be withheld from the libraries. So run this on the newest
processor at hand.
"""

import argparse
import json
import math
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import sys

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests/helpers")]

from project import SMALL_GENERATION, SMALL_PREFILTER, SMALL_SCREENING, Project, change, fresh  # noqa: E402

FIRST = "pack_films"  # what is drawn and packed with NumPy alone, once for all ways
LAST = ("rank_classifiers", "check_sieve", "measure_loop", "compare_sieving", "compare_training")
GAN = {"train_gan": {"steps": 200, "judged_films": 32}}  # long enough for small differences to grow
SHOWN = {  # stage: values of its metrics.json
    "train_segmenter/chest": ("dice", "hd95"),
    "train_abnormality": ("roc_auc.value", "brier.value"),
    "score_images": ("pass_share_generated.valid",),
    "compare_classifiers/phantoms": ("targets.valid.models.LogReg1.roc_auc", "targets.valid.models.MLP.roc_auc"),
    "select_thresholds": ("groups.phantoms.threshold", "groups.phantoms.saving"),
    "check_sieve": ("quantities.precision_sieved.came",),
    "train_gan/normal": ("fid", "kid"),
    "score_drawn": ("valid_rate.abnormal",),
    "compare_training": ("roc_auc.real", "roc_auc.real + synthetic"),
}
