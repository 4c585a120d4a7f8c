"""Everything that train_classifier finds: tables, figures, metrics, weights, and a summary."""

from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
import torch
from matplotlib.figure import Figure

from radsieve.errors import InputError
from radsieve.figures.grids import image_grid
from radsieve.networks.checkpoints import Tensors
from radsieve.stats import resampling
from radsieve.tables.images import Split
from radsieve.tasks.images import shifted
from radsieve.tasks.images.data import ImageData, honest_division
from radsieve.tasks.images.evaluation import NO_PICTURE, Study, comparison, curves, study
from radsieve.tasks.images.heat import heated
from radsieve.tasks.images.measures import EvaluatedImages
from radsieve.tasks.images.mistakes import leaks
from radsieve.tasks.images.stored import KIND
from radsieve.tasks.images.tables import (
    CLASS_CALIBRATION,
    CLASS_COMPARISON,
    CLASS_CONFUSION,
    CLASS_CURVES,
    CLASS_PREDICTIONS,
    CLASS_SHIFT,
    METRICS,
    OUTSIDE,
    TEST,
)
from radsieve.tasks.images.training import Training
from radsieve.tasks.images.variants import learners
from radsieve.tasks.images.worst import worst_errors
from radsieve.tasks.plots import images as plots
from radsieve.tasks.plots.mistakes import words
from radsieve.tasks.tables import LEAKS

_WRITTEN = {"roc_auc": "ROC-AUC", "macro_f1": "macro F1"}  # as figures call measures


@dataclass(frozen=True)
class ImageResults:
    """Tables by their schemas, figures by their names, metrics, weights with their card, and a summary."""

    tables: tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]
    figures: dict[str, Figure]
    metrics: dict[str, Any]
    weights: Tensors
    card: dict[str, Any]
    summary: str


def image_results(data: ImageData, training: Training, where: str) -> ImageResults:
    """Fit all variants, choose one on validation, and evaluate it by all protocols, inside and outside.

    Raises InputError, which names the setting `where`, for a protocol of a variant that there is not, or a class that
    is missing in a split.
    """
    settings = training.settings
    if unknown := sorted(set(settings.protocol_variants) - set(settings.variants)):
        raise InputError(f"{where}.protocol_variants: {', '.join(unknown)} is not among the variants; add it there")
    _check(data, where)
    of = study(data, settings, learners(training, where), where)
    compared, methods = comparison(of), shifted.methods(of)
    confusion, calibration = _confusion(of), shifted.calibration_table(of, methods)
    shift, mistakes, epochs = shifted.shift_table(of, methods), leaks(of), curves(of)
    shown = [name for name in METRICS[:4] if compared[name].notna().any()]
    figures = {
        "variants": plots.plot_variants(compared, {name: _WRITTEN.get(name, words(name)) for name in shown}),
        "confusion": plots.plot_confusion(confusion),
        "reliability": plots.plot_reliability(calibration),
        "curves": plots.plot_class_curves(epochs),
        "heatmaps": _heat_figure(of),
        "worst": _worst_figure(of),
    }
    metrics = _metrics(of, compared)
    return ImageResults(
        tables=(
            (CLASS_COMPARISON, compared),
            (LEAKS, mistakes),
            (CLASS_CURVES, epochs),
            (CLASS_CONFUSION, confusion),
            (CLASS_PREDICTIONS, _predictions(of)),
            (CLASS_SHIFT, shift),
            (CLASS_CALIBRATION, calibration),
        ),
        figures=figures,
        metrics=metrics,
        weights={name: torch.as_tensor(np.asarray(one)) for name, one in of.chosen.fitted.tensors.items()},
        card=_card(of, training),
        summary=_summary(of, metrics),
    )


def _check(data: ImageData, where: str) -> None:
    division = honest_division(data)
    for name, rows in vars(division).items():
        missing = sorted(set(range(len(data.classes))) - set(data.inside.truth[rows].tolist()))
        if missing:
            labels = ", ".join(repr(data.classes[one]) for one in missing)
            raise InputError(f"{where}: no image labelled {labels} in the {name} split; add some, or set another seed")


def _parts(of: Study) -> list[tuple[str, EvaluatedImages, pd.DataFrame]]:
    """Each part as the chosen classifier calls it, and the table of its images."""
    chosen = of.chosen
    found = [(TEST, of.evaluated(chosen.test), of.data.inside.table.iloc[of.division.test])]
    if of.data.outside is not None and chosen.outside is not None:
        found.append((OUTSIDE, of.evaluated_outside(of.data.outside, chosen.outside), of.data.outside.table))
    return found


def _confusion(of: Study) -> pd.DataFrame:
    """CLASS_CONFUSION of the chosen classifier."""
    rows = []
    for part, evaluated, _ in _parts(of):
        for true, truth in enumerate(of.data.classes):
            alike = evaluated.truth == true
            for place, called in enumerate(of.data.classes):
                hit = evaluated.called[alike] == place
                share = resampling.clustered_share(hit, evaluated.units[alike], of.how.confidence)
                bounds = share.value, share.lower, share.upper
                rows.append((part, truth, called, int(hit.sum()), int(alike.sum()), *bounds))
    return pd.DataFrame(rows, columns=list(CLASS_CONFUSION.columns))


def _predictions(of: Study) -> pd.DataFrame:
    """CLASS_PREDICTIONS of the chosen classifier."""
    parts = []
    for part, evaluated, table in _parts(of):
        rows = np.arange(len(evaluated.truth))
        found = table[["image", "unit"]].reset_index(drop=True).assign(part=part)
        found["truth"] = [of.data.classes[one] for one in evaluated.truth]
        found["called"] = [of.data.classes[one] for one in evaluated.called]
        found["probability_called"] = evaluated.probability[rows, evaluated.called]
        found["probability_true"] = evaluated.probability[rows, evaluated.truth]
        parts.append(found)
    return pd.concat(parts, ignore_index=True)[list(CLASS_PREDICTIONS.columns)]


def _heat_figure(of: Study) -> Figure:
    found = heated(of)
    if found is None:
        return plots.plot_heat(np.zeros((0, 1, 1, 1), np.uint8), np.zeros((0, 1, 1), np.float32), [], "No network")
    title = f"Where {found.variant} looks for the class that it calls (Grad-CAM); wrong ones first"
    return plots.plot_heat(found.images, found.heat, found.captions, title)


def _worst_figure(of: Study) -> Figure:
    """The most certain errors of the chosen classifier, a row for each part."""
    inside, outside = of.data.inside.images[of.division.test], of.data.outside
    images = {TEST: inside} | ({} if outside is None else {OUTSIDE: outside.images})
    rows = [
        worst_errors(part, evaluated, images[part], table, of.data.classes, of.settings.worst_images)
        for part, evaluated, table in _parts(of)
    ]
    return image_grid(rows, f"Called wrongly with the most certainty by {of.chosen.name}")


def _metrics(of: Study, compared: pd.DataFrame) -> dict[str, Any]:
    chosen = compared[compared["chosen"] == 1].set_index("part")
    alone = compared[compared["variant"] == NO_PICTURE].set_index("part")

    def estimates(table: pd.DataFrame, part: str) -> dict[str, Any]:
        row = {str(name): value for name, value in table.loc[part].to_dict().items()}
        ends = {"value": "", "lower": "_lower", "upper": "_upper"}
        return {
            name: {key: float(row[f"{name}{end}"]) for key, end in ends.items()}
            for name in METRICS
            if not isnan(row[name]) and not isnan(row[f"{name}_lower"])
        }

    division = of.division
    found = {
        "chosen": of.chosen.name,
        "fitted": of.chosen.fitted.chosen,
        "temperature": of.chosen.fitted.temperature,
        "train": len(division.train),
        "validation": len(division.validation),
        "test": len(division.test),
        "test_units": len(np.unique(of.data.inside.units[division.test])),
        "outside": 0 if of.data.outside is None else len(of.data.outside.truth),
        "results": {part: estimates(chosen, part) for part in chosen.index},
        "no_picture": {part: estimates(alone, part) for part in alone.index},
    }
    return found


def _card(of: Study, training: Training) -> dict[str, Any]:
    learnt = of.learnt
    return {
        "kind": KIND,
        "variant": of.chosen.name,
        "seed": of.chosen.seed,
        "classes": list(of.data.classes),
        "channels": of.data.inside.images.shape[1],
        "pixels": of.data.inside.images.shape[2],
        **of.data.rendering.card(),
        "temperature": of.chosen.fitted.temperature,
        "learnt_from": _counted(of, *learnt),
        "chosen_on": _counted(of, *(learnt if len(learnt) > 1 else (Split.VALIDATION,))),
        "settings": training.settings.model_dump(include={"input_pixels", "scale", "dense", "dropout", "mirror"}),
        "compute": training.device.card(),
    }


def _counted(of: Study, *splits: Split) -> dict[str, Any]:
    """The images and units of splits of the set."""
    rows = of.division.rows(*splits)
    units = len(np.unique(of.data.inside.units[rows]))
    return {"split": " and ".join(splits), "images": len(rows), "units": units}


def _summary(of: Study, metrics: dict[str, Any]) -> str:
    parts = []
    for part, found in metrics["results"].items():
        accuracy, area = found["accuracy"], found.get("roc_auc")
        said = f"accuracy {accuracy['value']:.4f} ({accuracy['lower']:.4f} to {accuracy['upper']:.4f})"
        parts.append(f"{part}: {said}" + (f", ROC-AUC {area['value']:.4f}" if area else ""))
    return f"{of.chosen.name} is chosen of {len(of.settings.variants)}; {'; '.join(parts)}"
