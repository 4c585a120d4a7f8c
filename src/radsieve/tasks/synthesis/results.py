"""Everything that is learnt from synthetic rows of a table: tables, figures, metrics, the rows, and a summary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure

from radsieve.settings import Compute
from radsieve.stats.resampling import Estimate, difference
from radsieve.tasks.leaks import leak_row
from radsieve.tasks.plots import synthesis as plots
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.synthesis.conclusions import AGAIN, conclude
from radsieve.tasks.synthesis.fidelity import fidelity
from radsieve.tasks.synthesis.frames import Frame, synthetic_seed
from radsieve.tasks.synthesis.generators import generator
from radsieve.tasks.synthesis.privacy import Attack, privacy
from radsieve.tasks.synthesis.questions import check
from radsieve.tasks.synthesis.settings import SynthesisSettings
from radsieve.tasks.synthesis.tables import CONCLUSIONS, ESTIMATES, FIDELITY, PRIVACY, USE
from radsieve.tasks.synthesis.use import use
from radsieve.tasks.tables import LEAKS, TARGET, Protocol

_PARTS = 3  # of the real rows: those to learn from, others, and unseen ones
COPIES, SMOTE = "copies", "smote"
_MISTAKES = {COPIES: Protocol.COPIES, SMOTE: Protocol.NEAR_COPIES}


@dataclass(frozen=True)
class SynthesisResults:
    """Tables by their schemas, figures by their names, metrics, the first synthetic rows of each generator, and what
    was found in a few words.
    """

    tables: tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]
    figures: dict[str, Figure]
    metrics: dict[str, Any]
    rows: pd.DataFrame
    summary: str


def synthesis_results(
    packed: pd.DataFrame, columns: pd.DataFrame, settings: SynthesisSettings, compute: Compute, where: str
) -> SynthesisResults:
    """Learn generators from a third of the rows, whole units, and evaluate what they draw by the other two.

    Raises InputError, which names the setting `where`, for too few rows, and for a question that the table cannot
    answer.
    """
    data = folded(packed, settings.rows, _PARTS, settings.seed, where)
    whole = Frame.of(data.rows, columns, data.units)
    train, again, unseen = (whole.taken(np.flatnonzero(data.fold == part)) for part in range(_PARTS))
    check(settings.questions, train, where)
    concluded = conclude(train, again, settings, compute)
    between = generator(SMOTE, train, settings.leaf, settings.seed, compute)(synthetic_seed(settings.seed, 98))
    others = {**concluded.first, AGAIN: again, COPIES: train, SMOTE: train.with_rows(between)}
    kept, attack = privacy(train, unseen, others, settings)
    used = use(train, unseen, others, columns, settings)
    alike = fidelity(unseen, others, settings)
    found = _metrics(concluded.conclusions, kept, train, settings)
    overlaps = ", ".join(f"{name} {of['overlap']:.2f}" for name, of in found["conclusions"].items())
    return SynthesisResults(
        tables=(
            (FIDELITY, alike),
            (CONCLUSIONS, concluded.conclusions),
            (ESTIMATES, concluded.estimates),
            (USE, used),
            (PRIVACY, kept),
            (LEAKS, _leaks(kept, attack, others, settings)),
        ),
        figures={
            "conclusions": plots.plot_conclusions(concluded.conclusions, concluded.estimates),
            "pairs": plots.plot_pairs(alike),
        },
        metrics=found,
        rows=pd.concat(
            [frame.rows.assign(generator=name) for name, frame in concluded.first.items()], ignore_index=True
        ).astype({TARGET: "int64"}),
        summary=f"{len(train.rows)} rows to learn from; overlap of intervals: {overlaps}",
    )


def _leaks(
    kept: pd.DataFrame, attack: Attack, others: Mapping[str, Frame], settings: SynthesisSettings
) -> pd.DataFrame:
    """LEAKS: what is published of those whose rows were learnt from, by the last generator and by copies.

    The membership AUC is of real rows, the same for all; the share of nearer rows is of rows that are drawn, which are
    independent of one another where the real ones are given.
    """
    table = {str(row["generator"]): row for row in kept.to_dict("records")}
    rows, honest = [], settings.generators[-1]
    arms = ((honest, Protocol.HONEST), *_MISTAKES.items())
    base, units = attack.area(honest), (len(np.unique(attack.units)),) * 2
    for name, protocol in arms:
        value, apart, same = attack.area(name), attack.difference(name, honest), attack.same(name, honest)
        rows.append(leak_row(protocol, name, "membership_auc", len(attack.truth), value, base.value, apart, units,
                             same=same))  # fmt: skip
    counts = {name: int(table[name]["rows"]) for name, _ in arms}
    drawn = {name: len(np.unique(others[name].units[:count])) for name, count in counts.items()}
    base = _estimate(table[honest], "nearer_to_train")
    for name, protocol in arms:
        value = _estimate(table[name], "nearer_to_train")
        rows.append(leak_row(protocol, name, "nearer_to_train", counts[name], value, base.value,
                             difference(value, base), (drawn[name], drawn[honest])))  # fmt: skip
    return pd.DataFrame(rows, columns=list(LEAKS.columns))


def _estimate(row: Mapping[Any, Any], name: str) -> Estimate:
    return Estimate(*(float(row[f"{name}{end}"]) for end in ("", "_lower", "_upper")))


def _metrics(
    conclusions: pd.DataFrame, kept: pd.DataFrame, train: Frame, settings: SynthesisSettings
) -> dict[str, Any]:
    """Of all real rows: the mean overlap of intervals, how many conclusions are the same, and the membership AUC."""
    whole = conclusions[conclusions["rows"] == len(train.rows)]
    by_generator = whole.groupby("generator", sort=False)[["overlap", "same_sign", "same_verdict"]].mean()
    membership = {str(row["generator"]): _rounded(row, "membership_auc") for row in kept.to_dict("records")}
    return {
        "rows": len(train.rows),
        "questions": len(settings.questions),
        "repeats": settings.repeats,
        "conclusions": {
            str(name): {key: None if np.isnan(value) else round(float(value), 6) for key, value in row.items()}
            for name, row in by_generator.to_dict("index").items()
        },
        "membership_auc": membership,
    }


def _rounded(row: Mapping[Any, Any], name: str) -> dict[str, float | None]:
    found = {"value": row[name], "lower": row[f"{name}_lower"], "upper": row[f"{name}_upper"]}
    return {key: None if np.isnan(value) else round(float(value), 6) for key, value in found.items()}
