"""The published figures of the models beside ours (Sinyavsky, term paper, part 2, section 4)."""

from pathlib import Path

import numpy as np
import pandas as pd

from radsieve.errors import InputError
from radsieve.prefilter.latents.latent_table import VALID
from radsieve.prefilter.tables import CLASSIFIER_PUBLISHED

_BY_MODEL = {"roc_auc": "valid_roc_auc_by_model", "precision": "valid_precision_by_model"}
_BY_DEPTH = "mlp_depth"
_DEPTH_METRICS = ("precision", "recall", "accuracy", "roc_auc")


def read_published(folder: Path) -> pd.DataFrame:
    """Read the published tables: columns table, metric, model, group, published.

    Raises InputError if one is missing or not as published.
    """
    parts = []
    for metric, name in _BY_MODEL.items():
        wide = _read(folder / f"{name}.csv", {"model"})
        parts.append(wide.melt("model", var_name="group", value_name="published").assign(metric=metric, table=name))
    depth = _read(folder / f"{_BY_DEPTH}.csv", {"group", "score", "n_layers", *_DEPTH_METRICS})
    depth = depth[depth["score"] == VALID].assign(model="MLP_" + depth["n_layers"].astype(str), table=_BY_DEPTH)
    parts.append(depth.melt(["table", "model", "group"], list(_DEPTH_METRICS), "metric", "published"))
    return pd.concat(parts, ignore_index=True)[["table", "metric", "model", "group", "published"]]


def beside_published(published: pd.DataFrame, summary: pd.DataFrame, folds: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Set ours beside the published figures of `valid`: CLASSIFIER_PUBLISHED, only those that both have.

    `summary` is CLASSIFIER_SUMMARY and `folds` CLASSIFIER_FOLDS by group. Precision is published as 0 where nothing is
    accepted; for this comparison ours is 0 there too, in the mean over folds.
    """
    tables = [table.assign(group=group) for group, table in folds.items()]
    ours = pd.concat(tables, ignore_index=True)
    ours = ours[ours["target"] == VALID].assign(precision=lambda table: table["precision"].fillna(0))
    means = ours.groupby(["group", "model"], as_index=False)[list(_DEPTH_METRICS)].mean()
    means = means.melt(["group", "model"], var_name="metric", value_name="ours")
    bounds = summary[summary["target"] == VALID][["group", "model", "metric", "lower", "upper"]]
    found = published.merge(means, on=["group", "model", "metric"])
    found = found.merge(bounds, on=["group", "model", "metric"], how="left")
    found["difference"] = found["ours"] - found["published"]
    inside = (found["published"] >= found["lower"]) & (found["published"] <= found["upper"])
    found["inside"] = np.where(found["lower"].isna(), np.nan, inside)
    return found[list(CLASSIFIER_PUBLISHED.columns)]


def _read(path: Path, columns: set[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; --published names the folder of the published tables") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a table: {error}") from None
    if missing := sorted(columns - set(table.columns)):
        raise InputError(f"{path}: no column {', '.join(missing)}; it is not the published table")
    return table
