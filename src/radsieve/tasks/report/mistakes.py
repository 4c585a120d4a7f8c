"""What the mistakes were worth: every protocol of every task beside the honest one, and published values."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radsieve import files
from radsieve.reporting.headings import heading
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Answer, Number, ShownEstimate, count_of, drawn, estimated, estimates, table
from radsieve.reporting.wording import in_words, plain
from radsieve.tasks.plots.mistakes import plot_mistakes, words
from radsieve.tasks.report.part import Part
from radsieve.tasks.tables import LEAKS, Protocol

PUBLISHED = "task_mistakes.csv"
PLACE = "<stage>/<task>/leaks.csv"
FALLING = frozenset({"brier", "bits_per_character"})  # metrics that are better if they are lower
NO_SHARES = FALLING | {"correlation"}  # whose values stand in the table alone
_MADE = frozenset({Protocol.SMOTE_FIRST, Protocol.BOTH})  # rows that depend on one another
_INEXACT = "; interval not exact, since rows that SMOTE made depend on one another"
MEANING: Mapping[str, str] = {
    Protocol.HONEST: "everything fitted within the fold",
    Protocol.FITTED_ON_ALL: "medians and scales fitted to all rows",
    Protocol.SMOTE_FIRST: "SMOTE before the folds",
    Protocol.CLASS_MEDIANS: "missing values filled by the median of the row's own outcome",
    Protocol.BOTH: "both: missing values by the median of the outcome, then SMOTE before the folds",
    Protocol.HARD_LABELS: "ROC-AUC of called outcomes, not of probabilities",
    Protocol.AFTER_OUTCOME: "columns that are known only after the outcome",
    Protocol.COPIES: "rows that were learnt from given out as synthetic",
    Protocol.NEAR_COPIES: "rows between two that were learnt from (SMOTE) given out as synthetic",
    Protocol.LABELS_1_2: "labels 1 and 2 in a cross-entropy for 0 and 1",
    Protocol.SHUFFLED_TRUTH: "predictions compared with truth in another order",
    Protocol.BY_FILM: "films dealt at random, so that a patient is on both sides",
    Protocol.BY_ROW: "rows dealt at random, so that a picture that two readers graded is on both sides",
    Protocol.TEST_IN_TRAINING: "evaluated on all images, those of training included",
    Protocol.CHOSEN_ON_TEST: "the variant chosen on the test images",
    Protocol.WITH_FINDINGS: "the table has columns that follow from the class",
    Protocol.VIEW_KNOWN: "the table says how the image was taken",
    Protocol.BY_SLICE: "slices dealt at random, so that a scan is on both sides",
    Protocol.BY_WINDOW: "overlapping windows of a text divided at random",
    Protocol.BY_CHUNK: "chunks of a work divided at random",
    Protocol.RAW_TYPOGRAPHY: "dashes and quotation marks of the editions kept",
    Protocol.NAMES_KEPT: "names of the characters kept",
    Protocol.REPEATED_ROWS: "what has several rows counted once for each of them",
    Protocol.EXPLODED: "each item of a list made a row",
    Protocol.EXPLODED_TWICE: "each item of a list made a row, and each of these rows again for each item",
    Protocol.MISSING_AS_ZERO: "missing numbers read as 0, findings not mentioned as absent",
    Protocol.UNCERTAIN_NEGATIVE: "uncertain findings read as absent",
}


def mistakes(inputs: Inputs, published_tables: Path, parts: Sequence[Part], simulated: bool) -> dict[str, Any]:
    """The table of all mistakes of `parts`, its figure, published values, and what they say in short.

    The figure and the summary are of the first metric of each task; one that is better if it is lower, and is no share,
    stands in the table alone. `simulated`: at least one task is on simulated data.
    """
    told = [part for part in parts if part.leaks]
    leaks = pd.concat([inputs.table(LEAKS, part.leaks).assign(task=part.task, file=part.leaks) for part in told])
    made = leaks[leaks["protocol"] != Protocol.HONEST]
    first = made["metric"] == made["task"].map(made.groupby("task", sort=False)["metric"].first())
    shares = made[first & ~made["metric"].isin(NO_SHARES)]
    published, source = inputs.published(published_tables, PUBLISHED)
    labels = {name: heading(name) for name in shares["metric"].unique()}
    raised = shares[shares["difference_lower"] > 0].sort_values("difference_lower", ascending=False, kind="stable")
    surest = raised.drop_duplicates("protocol")  # the others stand in the table
    files_of = tuple(dict.fromkeys(surest["file"])) or tuple(part.leaks for part in told)
    return {
        "answer": Answer("What were the mistakes worth?", _said(shares, raised), files_of, _lines(surest)),
        "numbers": _numbers(surest.head(3)),
        "points": _points(raised, made),
        "picture": drawn(
            files.png_of(plot_mistakes(shares, published, labels)),
            "From the honest value to that with the mistake",
            PLACE,
            "A line from the honest value to that with the mistake, by task and model; published values as stars",
        ),
        "table": table(_shown(made), "Every mistake, beside the honest protocol", PLACE),
        "published": table(_published(published), "Published values, and the protocol that they stand for", source),
        "simulated": simulated,
        "protocols": set(made["protocol"]) | set(published["protocol"]),
    }


def _said(shares: pd.DataFrame, raised: pd.DataFrame) -> str:
    if shares.empty:
        return "No mistake was repeated."
    count = f"{count_of(len(shares), 'case')} of a mistake and a model"
    if raised.empty:
        return f"In none of {count} is the value higher than the honest one by more than its interval."
    most = raised.to_dict("records")[0]
    return (
        f"In {len(raised)} of {count} the value is higher than the honest one by more than its interval, most surely by"
        f" {MEANING[most['protocol']]} ({most['task']}, {words(most['model'])}): {most['value']:.3f} for"
        f" {most['honest']:.3f}.{_lowered(shares)}"
    )


def _lowered(shares: pd.DataFrame) -> str:
    """How often a mistake makes the figure worse, in words."""
    lowered = shares[shares["difference_upper"] < 0]
    if lowered.empty:
        return ""
    most = lowered.sort_values("difference_upper", kind="stable").to_dict("records")[0]
    return (
        f" In {len(lowered)} it is lower, most surely by {MEANING[most['protocol']]} ({most['task']},"
        f" {words(most['model'])}): {most['value']:.3f} for {most['honest']:.3f}."
        " Intervals of differences are not adjusted for their number."
    )


def _lines(surest: pd.DataFrame) -> tuple[str, ...]:
    """Of each mistake the case with the highest lower limit."""
    return tuple(
        f"{MEANING[row['protocol']]} ({row['task']}, {words(row['model'])}): {in_words(_difference(row))}"
        for row in surest.to_dict("records")
    )


def _numbers(surest: pd.DataFrame) -> list[Number]:
    return [
        estimated(
            _difference(row),
            f"added to the {heading(row['metric'])} by {MEANING[row['protocol']]}:"
            f" {row['task']}, {words(row['model'])}{_INEXACT if row['protocol'] in _MADE else ''}",
            str(row["file"]),
        )
        for row in surest.to_dict("records")
    ]


def _points(raised: pd.DataFrame, made: pd.DataFrame) -> list[str]:
    constant = made[made["protocol"] == Protocol.LABELS_1_2].to_dict("records")
    points = [
        f"A model that learnt labels 1 and 2 calls no row of {row['task']} positive, and yet is right in"
        f" {row['value']:.1%} of them: no more than the share of negative rows."
        for row in constant
    ]
    afterwards = raised[raised["protocol"] == Protocol.AFTER_OUTCOME]
    return points + [
        f"Columns of {name} that are known only after the outcome raise the ROC-AUC: a model with them cannot be used"
        " when it would be needed."
        for name in dict.fromkeys(afterwards["task"])
    ]


def _difference(row: Mapping[Any, Any]) -> ShownEstimate:
    return ShownEstimate(row["difference"], row["difference_lower"], row["difference_upper"])


def _shown(made: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "task": made["task"],
            "mistake": made["protocol"].map(MEANING),
            "model": plain(made["model"]),
            "metric": made["metric"].map(heading),
            "evaluated": made["evaluated"],
            "honest": made["honest"],
            "with the mistake": estimates(made, "value"),
            "difference": estimates(made, "difference", "difference_lower", "difference_upper"),
        }
    )


def _published(published: pd.DataFrame) -> pd.DataFrame:
    named = published.assign(protocol=published["protocol"].map(MEANING), metric=published["metric"].map(heading))
    return named.rename(columns={"evaluated": "evaluated on"})
