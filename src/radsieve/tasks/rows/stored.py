"""A model of the rows of a table with all that predicting others needs: how columns are read and prepared, the
classifier, and from which probability on it calls a row positive.

It is one file of skops: no pickle is written or read. A network in it is its settings and arrays.
"""

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from radsieve.errors import InputError
from radsieve.settings import Compute
from radsieve.stats.models import check_trees, read_model, write_model
from radsieve.stats.resampling import Estimate
from radsieve.stats.thresholds import youden
from radsieve.tasks.rows.folds import FoldedRows, fit, probability
from radsieve.tasks.rows.models import classifier, columns_of, preparation
from radsieve.tasks.rows.prepared import Prepared, prepared
from radsieve.tasks.rows.protocols import VISIT
from radsieve.tasks.rows.reading import HEADER_LINES, SHOWN, Fault, Reading, quarantine_table, read_columns
from radsieve.tasks.rows.settings import MAX_TREES, NetSettings, RowsSettings
from radsieve.tasks.tables import NETWORKS, UNIT, Model

Floats = npt.NDArray[np.float64]

_NAMED = 10  # codes that the log names
_log = logging.getLogger(__name__)
_GREATEST = 1e30  # of a prepared number: trees and networks work in single precision

FORMAT, VERSION = "radsieve model of rows", 2
_CLASSES = {
    Model.LOGISTIC: LogisticRegression,
    Model.FOREST: RandomForestClassifier,
    Model.EXTRA_TREES: ExtraTreesClassifier,
    Model.BOOSTING: HistGradientBoostingClassifier,
}
STORED = (*_CLASSES, *NETWORKS)


def _closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def _list(items: Mapping[str, Any], **more: int) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


_TEXT, _NUMBER, _COUNT = {"type": "string"}, {"type": "number"}, {"type": "integer", "minimum": 1}
_OR_NONE, _POSITIVE = {"type": ["number", "null"]}, {"type": "number", "exclusiveMinimum": 0}
_PAIR = {"type": ["array", "null"], "prefixItems": [_NUMBER, _POSITIVE], "minItems": 2, "maxItems": 2}
_ENDS = {"type": ["array", "null"], "items": _NUMBER, "minItems": 2, "maxItems": 2}
_FLAG = {"type": "boolean"}
_SCHEMA = _closed(
    format={"const": FORMAT},
    version={"const": VERSION},
    model={"enum": [str(model) for model in STORED]},
    rows=_COUNT,
    positive=_COUNT,
    units=_COUNT,
    learnt_from=_closed(rows=_COUNT, positive=_COUNT, units=_COUNT),
    chosen_of=_list({"enum": [str(model) for model in STORED]}, minItems=1),
    threshold=_NUMBER,
    roc_auc=_closed(value=_OR_NONE, lower=_OR_NONE, upper=_OR_NONE),
    confidence=_NUMBER,
    columns=_list(
        _closed(
            column=_TEXT,
            kind={"enum": ["number", "order", "code"]},
            missing=_list(_TEXT),
            levels=_list(_TEXT),
            limits=_ENDS,
        ),
        minItems=1,
    ),
    preparation=_closed(
        numbers=_list(_closed(column=_TEXT, median=_OR_NONE, centre=_NUMBER, scale=_POSITIVE, mark=_PAIR)),
        codes=_list(_closed(column=_TEXT, levels=_list(_TEXT), others=_FLAG)),
    ),
    network={"type": ["object", "null"]},
)


@dataclass(frozen=True)
class StoredModel:
    """A classifier of prepared rows, or the arrays of a network by name, and its card."""

    card: Mapping[str, Any]
    classifier: Any

    @property
    def readings(self) -> list[Reading]:
        """How the columns that it needs are read."""
        return [
            Reading(
                column=one["column"],
                kind=one["kind"],
                missing=tuple(one["missing"]),
                levels=tuple(one["levels"]),
                limits=None if one["limits"] is None else (one["limits"][0], one["limits"][1]),
            )
            for one in self.card["columns"]
        ]

    def predictions(self, table: pd.DataFrame, source: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """NEW_PREDICTIONS of the rows of `table`, every cell text, and ROW_QUARANTINE; see `probability`."""
        score, faults = self.probability(table, source)
        known = ~np.isnan(score)
        if not known.any():
            line, column, reason, value = quarantine_table(table, faults).iloc[0]
            fault = f"line {line}, column {column}: {reason}: {value!r}"
            raise InputError(f"{source}: no row can be used; the first fault: {fault}")
        lines = np.flatnonzero(known) + 1 + HEADER_LINES
        called = (score[known] >= self.card["threshold"]).astype(int)
        found = pd.DataFrame({"line": lines, "probability": score[known].round(6), "called": called})
        return found, quarantine_table(table, faults)

    def probability(self, table: pd.DataFrame, source: str) -> tuple[Floats, list[Fault]]:
        """The probability (n,) of the outcome 1 of each row of `table`, every cell text, and what is wrong in which.

        It is NaN where something is. A code that the training rows did not have is one of the rare ones, or none.
        Raises InputError, which names the table `source`, for a column that is missing.
        """
        names = [one.column for one in self.readings]
        if missing := [name for name in names if name not in table]:
            raise InputError(f"{source}: no column {', '.join(missing)}, which the model needs")
        typed, faults = read_columns(table, self.readings)
        wrong = np.logical_or.reduce([np.zeros(len(table), dtype=bool), *(np.asarray(rows) for *_, rows in faults)])
        right = {name: values[~wrong] for name, values in typed.items()}
        found = np.full(len(table), np.nan)
        self._tell_unknown(right)
        if not wrong.all():
            found[~wrong] = self._probability(Prepared.from_card(self.card["preparation"]).transform(right), source)
        return found, faults

    def _tell_unknown(self, rows: Mapping[str, pd.Series]) -> None:
        """Say in the log which codes none of the levels is that the model tells apart."""
        for code in Prepared.from_card(self.card["preparation"]).codes:
            counts = rows[code.column][~rows[code.column].isin([*code.levels, ""])].value_counts()
            if len(counts):
                some = ", ".join(f"{value!r} ({count})" for value, count in list(counts.items())[:_NAMED])
                _log.warning(
                    "%s: codes that the model does not tell apart, and takes for %s: %s",
                    *(code.column, "rare ones" if code.others else "none", some),
                )

    def _probability(self, features: Floats, source: str) -> Floats:
        """The probability (n,) of prepared rows. Raises InputError where the model gives none: no row is lost."""
        small = np.abs(features) < _GREATEST
        if self.card["network"] is None:
            found = probability(self.classifier, np.where(small, features, 0))
        else:
            from radsieve.tasks.rows import networks  # seconds of import for PyTorch

            built = _network(self.card, self.classifier, features.shape[1], Path("the model"))
            found = networks.predict(built, features)
        if count := int((~(small.all(axis=1) & np.isfinite(found))).sum()):
            raise InputError(
                f"{source}: the model gives no probability of {count} rows: their numbers are far beyond those that it"
                " was fitted to, or it is damaged; check both"
            )
        return found

    def save(self, path: Path) -> None:
        """Write it, atomically; equal models give equal bytes."""
        write_model(path, {"card": json.dumps(self.card, sort_keys=True, allow_nan=False), "model": self.classifier})


def fit_stored(
    data: FoldedRows,
    columns: pd.DataFrame,
    how: Sequence[Reading],
    settings: RowsSettings,
    compute: Compute,
    model: Model,
    score: Floats,
    area: Estimate,
    chosen_of: Sequence[str] = (),
) -> StoredModel:
    """Fit `model` to all rows, a network to `settings.network_rows` at most, by the columns known at the visit, which
    are read as `how` says.

    Its threshold has the greatest sensitivity plus specificity by the out-of-fold probabilities `score` (n,) of the
    model on all rows. `area` is the ROC-AUC that is expected of it; where it is the best of the models `chosen_of`,
    that of such a choice in the other folds (`chosen_elsewhere`). The card has how many rows and units there are,
    and from how many of them the model learnt.
    """
    names = columns_of(columns, VISIT)
    steps = preparation(columns, names).fit(data.rows[names], data.truth)
    features = np.asarray(steps.transform(data.rows[names]), dtype=float)
    network, fitted, some = None, None, np.arange(len(data.truth))
    if model in NETWORKS:
        from radsieve.tasks.rows import networks  # seconds of import for PyTorch

        some = networks.sampled(data.rows[UNIT], settings)
        chosen, fitted = networks.fit_best(model, features[some], data.truth[some], data.units[some], settings, compute)
        network = chosen.model_dump(mode="json")
    else:
        fitted = fit(classifier(model, settings.trees, settings.seed), features, data.truth)
    read = {one.column: one for one in how}
    card = {
        "format": FORMAT,
        "version": VERSION,
        "model": str(model),
        "rows": len(data.truth),
        "positive": int(data.truth.sum()),
        "units": len(np.unique(data.units)),
        "learnt_from": {
            "rows": len(some),
            "positive": int(data.truth[some].sum()),
            "units": len(np.unique(data.units[some])),
        },
        "chosen_of": list(chosen_of) or [str(model)],
        "threshold": youden(data.truth, score),
        "roc_auc": {name: None if np.isnan(of) else of for name, of in vars(area).items()},
        "confidence": settings.confidence,
        "columns": [_written(read[name]) for name in names],
        "preparation": prepared(steps).card(),
        "network": network,
    }
    return StoredModel(json.loads(json.dumps(card)), fitted)


def _written(one: Reading) -> dict[str, Any]:
    lists = {"missing": list(one.missing), "levels": list(one.levels)}
    return vars(one) | lists | {"limits": None if one.limits is None else list(one.limits)}


def read_stored(path: Path) -> StoredModel:
    """Return the model stored at `path`.

    Raises InputError if it is missing, damaged, a pickle, of types that are not trusted, or no model of rows.
    """
    content = read_model(path)
    try:
        if not isinstance(content, dict) or set(content) != {"card", "model"} or not isinstance(content["card"], str):
            raise ValueError("it is another kind of model")
        card = json.loads(content["card"], parse_constant=_refuse, parse_float=_finite)
        jsonschema.Draft202012Validator(_SCHEMA).validate(card)
        found = StoredModel(card, content["model"])
        steps = Prepared.from_card(card["preparation"])
        read = sorted((one.column, one.kind == "code") for one in found.readings)
        used = [(one.column, False) for one in steps.numbers] + [(one.column, True) for one in steps.codes]
        if read != sorted(used):
            raise ValueError("its preparation is of other columns")
        if steps.width < 1:
            raise ValueError("its preparation makes no column")
        if card["network"] is None:
            _check(Model(card["model"]), found.classifier, steps.width)
        else:
            _network(card, found.classifier, steps.width, path)
    except InputError:
        raise
    except jsonschema.ValidationError as error:
        place = ".".join(map(str, error.absolute_path)) or "(top level)"
        raise InputError(
            f"{path}: not a model of rows: {place}: {error.message[:200]}; run classify_rows again"
        ) from None
    except Exception as error:  # what is in a foreign file may raise anything
        said = str(error)[:200] or type(error).__name__
        raise InputError(f"{path}: not a model of rows ({said}); run classify_rows again") from None
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} in its card")


def _finite(text: str) -> float:
    """The number that `text` is; JSON has ways to write one that is too large."""
    value = float(text)
    if not math.isfinite(value):
        _refuse(text[:SHOWN])
    return value


def _check(model: Model, found: Any, width: int) -> None:
    """Raise ValueError unless `found` is such a classifier for rows of this `width` that gives probabilities."""
    if type(found) is not _CLASSES[model]:
        raise ValueError(f"{type(found).__name__} is no {model}")
    if int(found.n_features_in_) != width or np.asarray(found.classes_).tolist() != [0, 1]:
        raise ValueError("its classifier is for other rows")
    if model is Model.LOGISTIC:
        _require("coefficients", (np.shape(found.coef_), np.shape(found.intercept_)), ((1, width), (1,)))
    elif model is Model.BOOSTING:
        _require("a preparation of its own", found._preprocessor, None)  # its columns may be fewer than trees ask for
        _require_few(found._predictors)
        _require("trees of an iteration", {found.n_trees_per_iteration_, *map(len, found._predictors)}, {1})
    else:
        _require_few(found.estimators_)
        sizes = (found.n_estimators, found.n_classes_, found.n_outputs_)
        _require("trees, classes and outputs of its forest", sizes, (len(found.estimators_), 2, 1))
        for one in found.estimators_:
            if type(one) not in (DecisionTreeClassifier, ExtraTreeClassifier):
                raise ValueError(f"{type(one).__name__} in a forest")
            _require("outputs and classes of a tree", (one.n_outputs_, *one.tree_.value.shape[1:]), (1, 1, 2))
    check_trees(found, width)
    score = probability(found, np.zeros((1, width)))
    if score.shape != (1,) or not 0 <= score[0] <= 1:
        raise ValueError("its classifier gives no probability")


def _require(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise ValueError(f"{what}: {found} in place of {wanted}")


def _require_few(trees: Sequence[Any]) -> None:
    if len(trees) > MAX_TREES:
        raise ValueError(f"{len(trees)} trees, more than {MAX_TREES}")


def _network(card: Mapping[str, Any], arrays: Any, width: int, source: Path) -> Any:
    """The network of a card with its arrays. Raises InputError or ValueError if they do not fit together."""
    import torch  # seconds of import, which other models do not need

    from radsieve.networks.checkpoints import rebuilt
    from radsieve.tasks.rows import networks

    if not isinstance(arrays, dict) or not all(isinstance(one, np.ndarray) for one in arrays.values()):
        raise ValueError("a network without its arrays")
    settings = NetSettings(**card["network"])
    tensors = {str(name): torch.from_numpy(np.array(one)) for name, one in arrays.items()}
    return rebuilt(lambda: networks.network(Model(card["model"]), width, settings), tensors, source).eval()
