"""Methods of getting good images, compared for one group after another: tables, and images of moved latents."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.generation.generated_groups import scorer_of
from radsieve.generation.grouped_images import ScoredGroup
from radsieve.generation.plots.sieving import MovedImage
from radsieve.generation.settings import CompareSieving
from radsieve.generation.sieving import sieving_tables
from radsieve.generation.sieving.exit_choice import Learned
from radsieve.generation.sieving.study import Bench, Learning, SievingStudy, study
from radsieve.generators.interface import Generator
from radsieve.generators.residual import ResidualGenerator
from radsieve.networks.device import Device
from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.thresholds.nested_selection import unusable
from radsieve.prefilter.thresholds.sieve_fitting import fit_sieve
from radsieve.progress import track
from radsieve.screening.scores.score_memory import ScoreMemory
from radsieve.settings import LatentSettings
from radsieve.stats.folds import folds
from radsieve.tables.images import Split

Bytes = npt.NDArray[np.uint8]
Points = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Tools:
    """What generates images of all groups, scores them, and `look`s at their features (n, k); networks on `device`."""

    generator: Generator
    memory: ScoreMemory
    look: Callable[[Bytes], Points]
    device: Device


@dataclass(frozen=True)
class Comparison:
    """SIEVING_METHODS, SIEVING_DEPTHS and SIEVED_IMAGES of all groups, and images of latents before and after they were
    moved.
    """

    methods: pd.DataFrame
    depths: pd.DataFrame
    images: pd.DataFrame
    moved: list[MovedImage]


def compare_methods(
    groups: Iterable[ScoredGroup],
    residuals: Mapping[str, ResidualGenerator],
    samples: Mapping[str, Bytes],
    tools: Tools,
    options: CompareSieving,
    latents: LatentSettings,
) -> Comparison:
    """Compare the methods on new latents of each group.

    `residuals` and `samples` are, by the name of the group, the network of its generator and the images (n, channels,
    H, W) of its scored latents; `options` and `latents` are the sections compare_sieving and latents.
    """
    found, moved = list[tuple[pd.DataFrame, ...]](), list[MovedImage]()
    for group in track(groups, "comparing methods", total=len(residuals), unit="group"):
        outcome = _study(group, residuals[group.name], samples[group.name], tools, options, latents)
        held_out = tools.look(group.real.held_out)
        found.append(sieving_tables.tables_of(outcome, held_out, options, latents.confidence))
        generate = partial(tools.generator.generate, group=group.name)
        moved += sieving_tables.moved_images(outcome, generate, options.grid_images)
    methods, depths, images = (pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True))
    return Comparison(sieving_tables.adjusted(methods), depths, images, moved)


def _study(
    group: ScoredGroup,
    residual: ResidualGenerator,
    samples: Bytes,
    tools: Tools,
    options: CompareSieving,
    latents: LatentSettings,
) -> SievingStudy:
    """Try all methods on new latents of the group."""
    score = scorer_of(tools.memory.score, group.diseased)
    generate = partial(tools.generator.generate, group=group.name)
    bench = Bench.of(residual, generate, score, tools.memory.scorer.score, tools.look, tools.device, options)
    sieve = fit_sieve(group.scored, options.thresholds, latents)
    generated = tools.look(samples[: options.reweighting.images])
    true = tools.look(group.real.images[Split.TRAIN])
    learning = Learning(group.scored.latents, _learned(group.scored, latents), generated, true, sieve)
    return study(group.name, bench, learning, options, latents.confidence)


def _learned(scored: LatentTable, latents: LatentSettings) -> Learned:
    reason = unusable(scored.valid, latents.folds)
    fold = 0 * scored.valid if reason else folds(scored.valid, latents.folds, latents.seed)
    return Learned(scored.valid, fold, reason)
