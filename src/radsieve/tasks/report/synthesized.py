"""The sections on synthetic rows of each table: conclusions, likeness, use, and what is given away."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from radsieve.params import Params
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Number, ShownEstimate, count_of, estimated, estimates, folded, table
from radsieve.reporting.wording import in_words, plain
from radsieve.stats import resampling
from radsieve.tasks.plots.mistakes import words
from radsieve.tasks.report.part import Part
from radsieve.tasks.synthesis.tables import CONCLUSIONS, FIDELITY, PRIVACY, USE

_TITLES = {
    "diabetes": "Synthetic rows of measurements",
    "survey": "Synthetic rows of a survey",
    "deaths": "Synthetic rows of admissions",
}
_AGAIN = "again"


def parts(inputs: Inputs, params: Params) -> list[Part]:
    """The sections on the tables of synthesize_tables, in their order."""
    return [_part(inputs, params, name) for name in _TITLES]


def _part(inputs: Inputs, params: Params, name: str) -> Part:
    stage = f"synthesize_tables/{name}"
    conclusions = inputs.table(CONCLUSIONS, f"{stage}/conclusions.csv")
    fidelity = inputs.table(FIDELITY, f"{stage}/fidelity.csv")
    used = inputs.table(USE, f"{stage}/use.csv")
    privacy = inputs.table(PRIVACY, f"{stage}/privacy.csv")
    settings = getattr(params.synthesize_tables, name)
    last = str(settings.generators[-1])
    by_rows = _by_rows(conclusions)
    return Part(
        anchor=f"synthesis-{name}",
        title=_TITLES[name],
        template="synthesized.html",
        shown={
            "name": name,
            "rows": int(conclusions["rows"].max()),
            "last": last,
            "said": _said(conclusions, privacy, last),
            "by_rows": table(by_rows, f"Conclusions of {name} by rows to learn from", f"{stage}/conclusions.csv"),
            "conclusions": table(_shown(conclusions), f"Conclusions of {name}", f"{stage}/conclusions.csv"),
            "estimates": inputs.known(f"{stage}/estimates.csv"),
            "forest": inputs.figure(
                f"{stage}/conclusions.png",
                f"Conclusions of {name} from real and from synthetic rows",
                "Estimates with intervals, a line for each question and source of rows",
                f"{stage}/estimates.csv",
            ),
            "pairs": inputs.figure(
                f"{stage}/pairs.png",
                f"Associations of pairs of columns of {name}",
                "Cramér's V of each pair in other rows by that in unseen real rows, a panel for each source of rows",
                f"{stage}/fidelity.csv",
            ),
            "alike": table(_alike(fidelity), f"How like real rows of {name} others are", f"{stage}/fidelity.csv"),
            "used": table(
                folded(used.assign(generator=plain(used["generator"])), ["roc_auc", "difference"]),
                f"Models of {name} that learnt from other rows, on unseen real ones",
                f"{stage}/use.csv",
            ),
            "privacy": table(
                folded(privacy.assign(generator=plain(privacy["generator"])), ["nearer_to_train", "membership_auc"]),
                f"What is given away of rows of {name}",
                f"{stage}/privacy.csv",
            ),
            "synthetic": f"data/synthetic/{name}.parquet",
        },
        numbers=tuple(_numbers(privacy, stage, name, last)),
        points=tuple(_points(privacy, name, settings.confidence)),
        leaks=f"{stage}/leaks.csv",
        task=f"synthesis of {name}",
    )


def _by_rows(conclusions: pd.DataFrame) -> pd.DataFrame:
    """Means over the questions, by generator and number of rows."""
    found = conclusions.groupby(["generator", "rows", "rows_per_variable"], sort=False, as_index=False)
    means = found[["overlap", "same_sign", "same_verdict"]].mean()
    return means.assign(generator=plain(means["generator"]), questions=found.size()["size"])


def _said(conclusions: pd.DataFrame, privacy: pd.DataFrame, last: str) -> str:
    whole = conclusions[conclusions["rows"] == conclusions["rows"].max()]
    overlap = whole.groupby("generator", sort=False)["overlap"].mean()
    area = _membership(privacy, last)
    return (
        f"Of {count_of(whole['question'].nunique(), 'conclusion')}, intervals from rows of {words(last)} overlap with"
        f" the real ones by {overlap[last]:.0%} on average, those from other real rows by {overlap[_AGAIN]:.0%}. The"
        f" verdict (sign and significance) is the same {_verdicts(whole, last)}; from other real rows, a single"
        f" sample, {_verdicts(whole, _AGAIN)}: another sample may agree more or less. Rows that"
        f" {words(last)} learnt from are told from unseen ones with a ROC-AUC of {in_words(area)} (0.5: not at all)."
    )


def _verdicts(whole: pd.DataFrame, generator: str) -> str:
    """How often the verdict is the same, in counts of questions and draws."""
    of = whole[(whole["generator"] == generator) & whole["same_verdict"].notna()]
    draws, questions = int(of["repeats"].sum()), count_of(len(of), "conclusion")
    same = round(float((of["same_verdict"] * of["repeats"]).sum()))
    return f"in {same} of {count_of(draws, 'answer')} ({questions} with a verdict)"


def _shown(conclusions: pd.DataFrame) -> pd.DataFrame:
    named = conclusions.assign(
        generator=plain(conclusions["generator"]),
        kind=plain(conclusions["kind"]),
        real=estimates(conclusions, "real", "real_lower", "real_upper"),
    )
    return named.drop(columns=["real_lower", "real_upper"])


def _alike(fidelity: pd.DataFrame) -> pd.DataFrame:
    """For each source of rows the mean and the greatest distance of columns and pairs, and the ROC-AUC."""
    rows = []
    for name, part in fidelity.groupby("generator", sort=False):
        row: dict[str, Any] = {"generator": words(name)}
        for kind in ("column", "pair"):
            of = part.loc[(part["part"] == kind) & (part["measure"] == "distance"), "value"]
            row |= {f"{kind}, mean distance": float(of.mean()), f"{kind}, greatest distance": float(of.max())}
        told = part[part["part"] == "rows"].iloc[0]
        rows.append(row | {"told apart, ROC-AUC": ShownEstimate(told["value"], told["lower"], told["upper"])})
    return pd.DataFrame(rows)


def _numbers(privacy: pd.DataFrame, stage: str, name: str, last: str) -> list[Number]:
    label = f"ROC-AUC of telling rows of {name} that {words(last)} learnt from, from unseen ones"
    return [estimated(_membership(privacy, last), label, f"{stage}/privacy.csv")]


def _membership(privacy: pd.DataFrame, generator: str) -> ShownEstimate:
    (row,) = privacy[privacy["generator"] == generator].to_dict("records")
    return ShownEstimate(*(float(row[f"membership_auc{end}"]) for end in ("", "_lower", "_upper")))


def _points(privacy: pd.DataFrame, name: str, confidence: float) -> list[str]:
    """Generators whose rows equal training rows more often, beyond chance, than they equal as many unseen ones.

    In a table of few values real rows are equal by chance, too: those of other people are named beside.
    """
    by = {str(row["generator"]): row for row in privacy.to_dict("records")}
    drawn = [row for generator, row in by.items() if generator not in (_AGAIN, "copies", "smote")]
    return [
        f"{_percent(row['equal_train'])} of the synthetic rows of {name} by {words(row['generator'])} equal one that"
        f" was learnt from, but {_percent(row['equal_unseen'])} an unseen one; of other real rows"
        f" {_percent(by[_AGAIN]['equal_train'])} equal one that was learnt from."
        for row in drawn
        if _excess(row, confidence) > 0
    ]


def _percent(share: float) -> str:
    """In whole percents, but a small share with a digit that is not 0: of many rows it may be beyond chance, too."""
    return f"{share:.0%}" if share >= 0.01 else f"{100 * share:.1g}%"


def _excess(row: dict[Hashable, Any], confidence: float) -> float:
    """The lower limit of the share that equals a training row less that which equals an unseen one, as if unpaired."""
    train, unseen = (
        resampling.share(round(row[share] * row["rows"]), int(row["rows"]), confidence)
        for share in ("equal_train", "equal_unseen")
    )
    return resampling.difference(train, unseen).lower
