"""What the mistakes were worth: every protocol of every task beside the honest one, and published values."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radsieve import files
from radsieve.reporting.headings import heading
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Answer, Number, ShownEstimate, count_of, estimate_of, estimates, plotted, table
from radsieve.reporting.wording import in_words, plain
from radsieve.tasks.plots.mistakes import plot_mistakes, with_honest_intervals, words
from radsieve.tasks.published import published_beside
from radsieve.tasks.report.part import Part
from radsieve.tasks.tables import LEAKS, Protocol

PUBLISHED = "task_mistakes.csv"
PLACE = " + ".join((
    "classify_rows/<table>/leaks.csv", "synthesize_tables/<table>/leaks.csv", "train_classifier/<set>/leaks.csv",
    "fuse_modalities/leaks.csv", "classify_texts/leaks.csv", "train_writer/<author>/leaks.csv",
    "profile_tables/<table>/leaks.csv",
))  # fmt: skip
FEWEST_UNITS = 5  # of either side, so that an interval says something of others
COUNTED = "yes"
_DESCRIBED = frozenset({"correlation", "share_present"})  # ways of counting, neither better if higher nor if lower
_MADE = frozenset({Protocol.SMOTE_FIRST, Protocol.BOTH})  # rows that depend on one another
_INEXACT = "; interval not exact, since rows that SMOTE made depend on one another"
MEANING: Mapping[str, str] = {
    Protocol.HONEST: "everything fitted within the fold",
    Protocol.FITTED_ON_ALL: "medians and scales fitted to all rows",
    Protocol.SMOTE_FIRST: "SMOTE before the folds",
    Protocol.CLASS_MEDIANS: "missing values filled by the median of the rows with the same outcome",
    Protocol.BOTH: "both: missing values by the median of the rows with the same outcome, then SMOTE before the folds",
    Protocol.HARD_LABELS: "ROC-AUC of called outcomes, not of probabilities",
    Protocol.AFTER_OUTCOME: "columns that are known only after the outcome",
    Protocol.COPIES: "training rows passed off as synthetic",
    Protocol.NEAR_COPIES: "rows between two training rows (SMOTE) passed off as synthetic",
    Protocol.LABELS_1_2: "labels 1 and 2 in a cross-entropy for 0 and 1",
    Protocol.SHUFFLED_TRUTH: "predictions compared with truth in another order",
    Protocol.BY_IMAGE: "images dealt at random, so that a patient is on both sides",
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
    Protocol.MISSING_AS_ZERO: "missing numbers read as 0; findings not mentioned counted as absent",
    Protocol.UNCERTAIN_NEGATIVE: "uncertain findings counted as absent",
}


def mistakes(inputs: Inputs, published_tables: Path, parts: Sequence[Part], simulated: bool) -> dict[str, Any]:
    """The table of all mistakes of `parts`, its figure, published values, and what they say in short.

    The figure is of the first metric of each task, and of others of which a published value is known; the summary is of
    those rows of the first metric that are counted (see `counted`).
    `simulated`: at least one task is on simulated data.
    """
    told = [part for part in parts if part.leaks]
    leaks = pd.concat([inputs.table(LEAKS, part.leaks).assign(task=part.task, file=part.leaks) for part in told])
    leaks = with_honest_intervals(leaks.reset_index(drop=True))
    made = leaks[leaks["protocol"] != Protocol.HONEST]
    made = made.assign(counted=counted(made))
    sure = made[made["counted"] == COUNTED]
    published, source = inputs.published(published_tables, PUBLISHED)
    published = _as_called(published, told)
    labels = {name: heading(name) for name in made["metric"].unique()}
    raised = sure[sure["difference_lower"] > 0].sort_values("difference_lower", ascending=False, kind="stable")
    surest = raised.drop_duplicates("protocol")  # the others stand in the table
    known = np.array([bool(values) for values in published_beside(made, published)], dtype=bool)
    pictured = made[(_first(made) | known) & made["honest"].notna()]
    files_of = tuple(dict.fromkeys(surest["file"])) or tuple(part.leaks for part in told)
    return {
        "answer": Answer("What were the mistakes worth?", _said(sure, raised, len(made)), files_of, _lines(surest)),
        "numbers": [_number(sure, raised)],
        "points": _points(raised, made),
        "picture": plotted(
            files.png_of(plot_mistakes(pictured, published, labels)),
            "From the honest value to that with the mistake",
            PLACE,
            "A line from the honest value to that with the mistake, by task and model, a panel for each measure;"
            " published values as stars",
        ),
        "table": table(_shown(made), "Every mistake, beside the honest protocol", PLACE),
        "published": table(_published(published), "Published values, and the protocol that they stand for", source),
        "simulated": simulated,
        "protocols": set(made["protocol"]) | set(published["protocol"]),
        "counted": len(sure),
        "fewest": FEWEST_UNITS,
    }


def _as_called(published: pd.DataFrame, parts: Sequence[Part]) -> pd.DataFrame:
    """Published values with tasks as the page calls them: the writer of an author by the author's name."""
    tasks = {part.task for part in parts}
    called = {Path(part.leaks).parent.name: part.task for part in parts}
    return published.assign(task=[task if task in tasks else called.get(task, task) for task in published["task"]])


def _first(made: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows are of the first metric of their task."""
    return made["metric"] == made["task"].map(made.groupby("task", sort=False)["metric"].first())


def counted(made: pd.DataFrame) -> pd.Series:
    """Of each mistake of LEAKS with its `task`: COUNTED, or why the summary does not count it, in words.

    Counted is the first metric of each task, where it was measured honestly, too, and both sides have FEWEST_UNITS.
    """
    found = pd.Series(COUNTED, index=made.index)
    for reason, which in (
        ("no interval", made["difference_lower"].isna() & (made["same"] == 0)),
        ("few units", (made["units"] < FEWEST_UNITS) | (made["honest_units"] < FEWEST_UNITS)),
        ("no honest value", made["honest"].isna()),
        ("other measure", ~_first(made)),
        ("way of counting", made["metric"].isin(_DESCRIBED)),
    ):
        found[which] = reason
    return found


def _said(sure: pd.DataFrame, raised: pd.DataFrame, total: int) -> str:
    if not total:
        return "No mistake was repeated."
    rule = (
        f"Counted are {count_of(len(sure), 'case')} of a mistake and a model, of {count_of(total, 'row')} of the table:"
        f" the first measure of each task, where an honest value was measured and both sides have {FEWEST_UNITS} units"
        " or more; correlations and shares of findings are not."
    )
    if sure.empty:
        return rule
    above = f"In {len(raised)} the interval of the difference is above 0"
    above = f"{above}, most surely (by its lower limit) for {_case(raised)}." if len(raised) else f"{above}."
    same = f" In {int(sure['same'].sum())} the predictions are the same." if sure["same"].any() else ""
    said = f"{rule} {above}{_lowered(sure)}{same} Intervals of differences are not adjusted for their number."
    flattered = "Below, each mistake has the case with the highest lower limit, which flatters it."
    return f"{said} {flattered}" if len(raised) else said


def _lowered(sure: pd.DataFrame) -> str:
    """How often the interval of the difference is below 0, in words."""
    lowered = sure[sure["difference_upper"] < 0].sort_values("difference_upper", kind="stable")
    return f" In {len(lowered)} it is below 0, most surely for {_case(lowered)}." if len(lowered) else ""


def _case(rows: pd.DataFrame) -> str:
    """The first of `rows` in words."""
    most = rows.to_dict("records")[0]
    return (
        f"{MEANING[most['protocol']]} ({most['task']}, {words(most['model'])}): {heading(most['metric'])}"
        f" {most['value']:.3f} where the honest value is {most['honest']:.3f}"
    )


def _lines(surest: pd.DataFrame) -> tuple[str, ...]:
    """Of each mistake the case with the highest lower limit."""
    return tuple(
        f"{MEANING[row['protocol']]} ({row['task']}, {words(row['model'])}): {heading(row['metric'])}"
        f" +{in_words(estimate_of(row, 'difference'))}{_INEXACT if row['protocol'] in _MADE else ''}"
        for row in surest.to_dict("records")
    )


def _number(sure: pd.DataFrame, raised: pd.DataFrame) -> Number:
    """How many cases there are; the greatest difference of many on the rows that evaluated it would be flattered."""
    label = "cases of a mistake and a model in which the difference from the honest value is above 0 by its interval"
    return Number(f"{len(raised)} of {len(sure)}", label, PLACE)


def _points(raised: pd.DataFrame, made: pd.DataFrame) -> list[str]:
    constant = made[made["protocol"] == Protocol.LABELS_1_2].to_dict("records")
    points = [
        f"A model that learnt labels 1 and 2 calls no row of {row['task']} positive, and yet is right in"
        f" {row['value']:.1%} of them: no more than the share of negative rows."
        for row in constant
    ]
    points += [
        f"{MEANING[row['protocol']][0].upper()}{MEANING[row['protocol']][1:]} ({row['task']}, {words(row['model'])}):"
        f" {heading(row['metric'])} {in_words(ShownEstimate(row['value'], row['lower'], row['upper']))} where chance is"
        f" {row['chance']:.3f}; no honest value was measured, so that it is not counted."
        for row in made[made["chance"].notna()].to_dict("records")
    ]
    afterwards = raised[raised["protocol"] == Protocol.AFTER_OUTCOME]
    return points + [
        f"Columns of {name} that are known only after the outcome raise the ROC-AUC: a model with them cannot be used"
        " when it would be needed."
        for name in dict.fromkeys(afterwards["task"])
    ]


def _shown(made: pd.DataFrame) -> pd.DataFrame:
    chance = "chance is " + made["chance"].map("{:.3f}".format)
    return pd.DataFrame(
        {
            "task": made["task"],
            "mistake": made["protocol"].map(MEANING),
            "model": plain(made["model"]),
            "metric": made["metric"].map(heading),
            "evaluated": made["evaluated"],
            "units": made["units"],
            "units, honest": made["honest_units"],
            "honest": estimates(made, "honest", "honest_lower", "honest_upper"),
            "with the mistake": estimates(made, "value"),
            "difference": estimates(made, "difference", "difference_lower", "difference_upper"),
            "remark": np.select(
                [made["chance"].notna(), made["same"] == 1], [chance, "the same predictions"], default=""
            ),
            "counted": made["counted"],
        }
    )


def _published(published: pd.DataFrame) -> pd.DataFrame:
    named = published.assign(protocol=published["protocol"].map(MEANING), metric=published["metric"].map(heading))
    return named.rename(columns={"evaluated": "evaluated on"})
