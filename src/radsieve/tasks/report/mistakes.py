"""What the mistakes were worth: every protocol of every table beside the honest one, and published values."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radsieve import files
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Answer, Number, ShownEstimate, count_of, drawn, estimated, estimates, table
from radsieve.reporting.wording import in_words, plain
from radsieve.tasks.plots.rows import plot_mistakes, words
from radsieve.tasks.tables import LEAKS, Protocol

PUBLISHED = "task_mistakes.csv"
MEANING: Mapping[str, str] = {
    Protocol.HONEST: "everything fitted within the fold",
    Protocol.FITTED_ON_ALL: "medians and scales fitted to all rows",
    Protocol.SMOTE_FIRST: "SMOTE before the folds",
    Protocol.CLASS_MEDIANS: "missing values filled by the median of the row's own outcome",
    Protocol.BOTH: "both: missing values by the median of the outcome, then SMOTE before the folds",
    Protocol.HARD_LABELS: "ROC-AUC of called outcomes, not of probabilities",
    Protocol.AFTER_OUTCOME: "columns that are known only after the outcome",
    Protocol.LABELS_1_2: "labels 1 and 2 in a cross-entropy for 0 and 1",
}


def mistakes(inputs: Inputs, published_tables: Path, names: Sequence[str], simulated: bool) -> dict[str, Any]:
    """The table of all mistakes, its figure, published values, and what they say in short.

    `names` are the tables of classify_rows; `simulated`: at least one of them is a simulated table.
    """
    parts = {name: inputs.table(LEAKS, f"classify_rows/{name}/leaks.csv") for name in names}
    leaks = pd.concat([part.assign(table=name) for name, part in parts.items()], ignore_index=True)
    made = leaks[leaks["protocol"] != Protocol.HONEST]
    published, source = inputs.published(published_tables, PUBLISHED)
    files_of = tuple(f"classify_rows/{name}/leaks.csv" for name in names)
    areas = made[(made["metric"] == "roc_auc")]
    raised = areas[areas["difference_lower"] > 0]
    return {
        "answer": Answer("What were the mistakes worth?", _said(areas, raised), files_of, _lines(raised)),
        "numbers": _numbers(raised),
        "points": _points(raised, made),
        "picture": drawn(
            files.png_of(plot_mistakes(areas, published)),
            "From the honest ROC-AUC to that with the mistake",
            "classify_rows/<table>/leaks.csv",
            "A line from the honest ROC-AUC to that with the mistake, by table and model; published values as stars",
        ),
        "table": table(_shown(made), "Every mistake, beside the honest protocol", "classify_rows/<table>/leaks.csv"),
        "published": table(_published(published), "Published values, and the protocol that they stand for", source),
        "simulated": simulated,
    }


def _said(areas: pd.DataFrame, raised: pd.DataFrame) -> str:
    if areas.empty:
        return "No mistake was repeated."
    count = f"{count_of(len(areas), 'case')} of a mistake and a model"
    if raised.empty:
        return f"In none of {count} is the ROC-AUC higher than the honest one by more than its interval."
    most = raised.sort_values("difference", ascending=False, kind="stable").to_dict("records")[0]
    return (
        f"In {len(raised)} of {count} the ROC-AUC is higher than the honest one by more than its interval, most by"
        f" {MEANING[most['protocol']]} ({most['table']}, {words(most['model'])}): {most['value']:.3f} for"
        f" {most['honest']:.3f}.{_lowered(areas)}"
    )


def _lowered(areas: pd.DataFrame) -> str:
    """How often a mistake makes the figure worse, in words."""
    lowered = areas[areas["difference_upper"] < 0]
    if lowered.empty:
        return ""
    most = lowered.sort_values("difference", kind="stable").to_dict("records")[0]
    return (
        f" In {len(lowered)} it is lower, most by {MEANING[most['protocol']]} ({most['table']},"
        f" {words(most['model'])}): {most['value']:.3f} for {most['honest']:.3f}."
        " Intervals of differences are not adjusted for their number."
    )


def _lines(raised: pd.DataFrame) -> tuple[str, ...]:
    return tuple(
        f"{row['table']}, {words(row['model'])}, {MEANING[row['protocol']]}: {in_words(_difference(row))}"
        for row in raised.sort_values("difference", ascending=False, kind="stable").to_dict("records")
    )


def _numbers(raised: pd.DataFrame) -> list[Number]:
    return [
        estimated(
            _difference(row),
            f"added to the ROC-AUC by {MEANING[row['protocol']]}: {row['table']}, {words(row['model'])}",
            f"classify_rows/{row['table']}/leaks.csv",
        )
        for row in raised.sort_values("difference", ascending=False, kind="stable").head(3).to_dict("records")
    ]


def _points(raised: pd.DataFrame, made: pd.DataFrame) -> list[str]:
    constant = made[made["protocol"] == Protocol.LABELS_1_2].to_dict("records")
    points = [
        f"A model that learnt labels 1 and 2 calls no row of {row['table']} positive, and yet is right in"
        f" {row['value']:.1%} of them: no more than the share of negative rows."
        for row in constant
    ]
    afterwards = raised[raised["protocol"] == Protocol.AFTER_OUTCOME]
    return points + [
        f"Columns of {name} that are known only after the outcome raise the ROC-AUC: a model with them cannot be used"
        " when it would be needed."
        for name in dict.fromkeys(afterwards["table"])
    ]


def _difference(row: Mapping[Any, Any]) -> ShownEstimate:
    return ShownEstimate(row["difference"], row["difference_lower"], row["difference_upper"])


def _shown(made: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "table": made["table"],
            "mistake": made["protocol"].map(MEANING),
            "model": plain(made["model"]),
            "metric": plain(made["metric"]),
            "rows": made["rows"],
            "honest": made["honest"],
            "with the mistake": estimates(made, "value"),
            "difference": estimates(made, "difference", "difference_lower", "difference_upper"),
        }
    )


def _published(published: pd.DataFrame) -> pd.DataFrame:
    named = published.assign(protocol=published["protocol"].map(MEANING), metric=plain(published["metric"]))
    return named.rename(columns={"rows": "evaluated on"})
