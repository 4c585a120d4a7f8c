"""The section on the five scores: their scaling, which images pass, and how they respond to alterations."""

from typing import Any

import pandas as pd

from radsieve.figures.flow_diagram import FLOW, describe_flow
from radsieve.numbers import ShownEstimate
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Table, count_of, estimates, records, show, table
from radsieve.reporting.wording import brief, in_words
from radsieve.screening import tables as screening_tables
from radsieve.screening.plots.scores import contradicts
from radsieve.screening.scores.alterations import expected
from radsieve.screening.tables import ALL_GENERATED, SCORES, TRUE_IMAGES, AlterationKind, Expected
from radsieve.stats import resampling
from radsieve.tables.images import Split

STAGE = "score_images"
SCORED, SCALING, PASS_RATES, STATISTICS, REACTIONS, TRUE_SCORES, FLOWING = (
    f"{STAGE}/{name}.csv"
    for name in ("scores", "scaling", "pass_rates", "statistics", "reactions", "reference", "flow")
)
LATENTS, SCALER = f"{STAGE}/scores.parquet", f"{STAGE}/scaler.json"
_MOSTLY = 0.5  # share of the images with one and the same score from which on it tells little
_NEARLY_ALL = 0.95
_DECIMALS = 3  # at most, of the change of a score
_KINDS = {
    AlterationKind.EXPOSURE: "exposure (darker, brighter)",
    AlterationKind.MIRRORED: "mirrored: dextrocardia, or displayed the wrong way round",
    AlterationKind.MOVED: "moved off the axis (shifted, rotated)",
    AlterationKind.UNEQUAL: "one half of the image widened",
    AlterationKind.LUNG_LOST: "a lung, or half of one, painted over",
}


def scores(inputs: Inputs, pass_share: float, confidence: float) -> dict[str, Any]:
    """Tables and figures of the five scores; `pass_share` is the share of true images that each shall let pass.

    `confidence` is the coverage of what is computed here.
    """
    scored = inputs.table(screening_tables.SCORED_IMAGES, SCORED)
    true = inputs.table(screening_tables.REFERENCE_SCORES, TRUE_SCORES)
    scaling = inputs.table(screening_tables.SCALING, SCALING)
    rates = inputs.table(screening_tables.PASS_RATES, PASS_RATES)
    reactions = inputs.table(screening_tables.REACTIONS, REACTIONS)
    evaluated = true[(true["kind"] == AlterationKind.NONE) & (true["split"] == Split.TEST)]
    return {
        "images": len(scored),
        "valid": int(scored["valid"].sum()),
        "valid_share": _valid_share(rates, ALL_GENERATED),
        "true_share": _valid_share(rates, TRUE_IMAGES),
        "scaled": {split.value: _counted(scaling, split) for split in (Split.VALIDATION, Split.TEST)},
        "points": _points(scaling, reactions, pass_share),
        "limit": float(scaling.loc[scaling["score"] == "score_abnormal", "threshold"].iloc[0]),
        "scaling": table(
            _scaled(scaling), "Thresholds, and how many true images pass: where they were set, and on others", SCALING
        ),
        "pass_rates": by_score(
            rates.assign(share=estimates(rates, "share")),
            "group",
            "share",
            "Share of images that pass, by group",
            PASS_RATES,
        ),
        "ties": _ties(scored, evaluated, confidence),
        "best": table(
            _best(scored, evaluated), "Images with the best score, and images that fail", f"{SCORED} + {TRUE_SCORES}"
        ),
        "flow": inputs.figure(
            f"{STAGE}/flow.png",
            "Flow of generated images",
            describe_flow(inputs.table(FLOW, FLOWING)),
            FLOWING,
        ),
        "expected": table(_expectations(), "How each score should respond", SCALER),
        "changes": _changes(reactions),
        "survivors": by_score(
            reactions.assign(share=estimates(reactions, "share_difference", "difference_lower", "difference_upper")),
            "alteration",
            "share",
            "Share of the altered images that pass, minus that of the same images unaltered",
            REACTIONS,
        ),
        "latents": inputs.known(LATENTS),
        "scaler": inputs.known(SCALER),
        "table": table(brief(scored), "The scores of each generated image", SCORED),
        "distributions": inputs.figure(
            f"{STAGE}/scores.png",
            "Distribution of the scores",
            "Five histograms, one for each score, of true and of generated images; what lies above 0 passes",
            SCORED,
        ),
        "reaction_picture": inputs.figure(
            f"{STAGE}/reactions.png",
            "How the scores respond to alterations of true images",
            "A grid, a row for each alteration and a column for each score: the share of the images that passes before"
            " and after, its interval, the median change, and what should happen; cells that differ from it are framed",
            REACTIONS,
        ),
        "accepted": inputs.figure(
            f"{STAGE}/accepted.png",
            "Accepted images",
            "Images that pass all five scores, with these: true ones in the first row, then generated ones by group",
            SCORED,
            images=True,
        ),
        "rejected": inputs.figure(
            f"{STAGE}/rejected.png",
            "Rejected images",
            "Generated images that fail, a row for each score that they fail, with their scores",
            SCORED,
            images=True,
        ),
    }


def _changes(reactions: pd.DataFrame) -> Table:
    """REACTIONS: how far each score moves."""
    moved = reactions[reactions["score"] != "valid"]
    found = estimates(moved, "median_change", "change_lower", "change_upper", _DECIMALS)
    title = "Median change of each score by an alteration of the image"
    return by_score(moved.assign(change=found), "alteration", "change", title, REACTIONS)


def _valid_share(rates: pd.DataFrame, group: str) -> ShownEstimate:
    """The share of the images of `group` that pass all scores."""
    row = rates[(rates["group"] == group) & (rates["score"] == "valid")]
    found: ShownEstimate = estimates(row, "share").iloc[0]
    return found


def _counted(scaling: pd.DataFrame, split: Split) -> dict[str, Any]:
    """The true images of a split and their units, how many pass each score (`26`, or `26 to 27` where scores differ),
    and all five as an estimate.
    """
    of_split = scaling[scaling["split"] == split]
    first, whole = of_split.iloc[0], of_split[of_split["score"] == "valid"]
    passed = of_split.loc[of_split["score"] != "valid", "passed"]
    return {
        "images": int(first["images"]),
        "units": int(first["units"]),
        "passed": " to ".join(dict.fromkeys([show(passed.min()), show(passed.max())])),
        "valid": estimates(whole, "share").iloc[0],
    }


def _scaled(scaling: pd.DataFrame) -> pd.DataFrame:
    """One row per score: its threshold, and how many pass where it was set, and on other images."""
    splits = (Split.VALIDATION, Split.TEST)
    fitted, tested = (scaling[scaling["split"] == split].set_index("score") for split in splits)
    said = [
        f"{one['passed']} of {one['images']}{', by definition' if one['by_definition'] else ''}"
        for one in records(fitted)
    ]
    return pd.DataFrame(
        {
            "score": [_name(name) for name in fitted.index],
            "quantity": fitted["quantity"].str.replace("_", " ").to_numpy(),
            "threshold": fitted["threshold"].to_numpy(),
            "pass on validation": said,
            "share on validation": estimates(
                fitted.assign(share=fitted["share"].where(fitted["by_definition"] == 0)), "share"
            ).to_numpy(),
            "pass on test": [f"{one['passed']} of {one['images']}" for one in records(tested)],
            "share on test": estimates(tested, "share").to_numpy(),
            "test minus validation": estimates(tested, "difference", "difference_lower", "difference_upper").to_numpy(),
        }
    )


def _best(scored: pd.DataFrame, true: pd.DataFrame) -> pd.DataFrame:
    """One row per score: the share of true and of generated images at exactly 1, how many fail it, and it alone."""
    fails = scored[list(SCORES)] <= 0
    alone = fails.sum(axis=1) == 1
    return pd.DataFrame(
        {
            "score": [_name(name) for name in SCORES],
            "share of true images at exactly 1": [float((true[name] == 1).mean()) for name in SCORES],
            "share of generated images at exactly 1": [float((scored[name] == 1).mean()) for name in SCORES],
            "generated images that fail it": [int(fails[name].sum()) for name in SCORES],
            "that fail it alone": [int((fails[name] & alone).sum()) for name in SCORES],
        }
    )


def _ties(scored: pd.DataFrame, true: pd.DataFrame, confidence: float) -> list[str]:
    """What is said of scores that are the same for most images."""
    said = []
    for row in records(_best(scored, true)):
        shares = [row[f"share of {kind} images at exactly 1"] for kind in ("true", "generated")]
        if max(shares) < _MOSTLY:
            continue
        failed = row["that fail it alone"]
        limit = resampling.share(failed, len(scored), confidence).upper
        said.append(
            f"The {row['score']} is exactly 1 for {shares[0]:.0%} of the true and {shares[1]:.0%} of the generated"
            f" images{', nearly a constant here' if min(shares) >= _NEARLY_ALL else ''}. {failed:,} of {len(scored):,}"
            f" generated images fail it and no other score (at most {limit:.1%} of such images)"
            f"{': it is redundant on these' if not failed else ''}."
        )
    return said


def _expectations() -> pd.DataFrame:
    """One row per kind of alteration: how each score should respond."""
    words = {Expected.UNCHANGED: "stay", Expected.LOWER: "fall", Expected.EITHER: "may change"}
    rows = [(said, *(words[expected(kind, score)] for score in (*SCORES, "valid"))) for kind, said in _KINDS.items()]
    return pd.DataFrame(rows, columns=["alteration", *map(_name, SCORES), "all five"])


def _points(scaling: pd.DataFrame, reactions: pd.DataFrame, pass_share: float) -> list[str]:
    """What a reviewer should look at among the scores."""
    test = scaling[scaling["split"] == Split.TEST]
    test = test.assign(share=estimates(test, "share"))
    fewer = test[(test["score"] != "valid") & (test["upper"] < pass_share)]
    points = [
        f"The {_name(row['score'])} lets {in_words(row['share'])} of the {row['images']:,} true images"
        f" ({count_of(row['units'], 'unit')}) of the test split pass, though it was scaled to let {pass_share:g} pass."
        for row in records(fewer)
    ]
    apart = test[(test["difference_upper"] < 0) | (test["difference_lower"] > 0)]
    points += [
        f"True images of test and of validation, on which scores are scaled, differ beyond chance in the share that"
        f" passes {_name(row['score'])}: by {_difference(row)}."
        for row in records(apart)
    ]
    framed = reactions[[contradicts(row) for _, row in reactions.iterrows()]]
    points += [
        f"The alteration \u201c{alteration}\u201d of {count_of(rows['images'].iloc[0], 'image')}:"
        f" {'; '.join(_contradiction(row) for row in records(rows))}."
        for alteration, rows in framed.groupby("alteration", sort=False)
    ]
    return points


def _contradiction(row: dict[str, Any]) -> str:
    """In words, a row of REACTIONS that is framed in the figure."""
    name = _name(row["score"])
    should = f"{name} should not respond" if row["expected"] == Expected.UNCHANGED else f"{name} is not shown to fall"
    return (
        f"{should}, {show(row['share_after'])} pass instead of {show(row['share_before'])}, a difference of"
        f" {_difference(row, 'share_difference')}"
    )


def _difference(row: dict[str, Any], name: str = "difference") -> str:
    return in_words(ShownEstimate(row[name], row["difference_lower"], row["difference_upper"]))


def _name(score: str) -> str:
    return "all five" if score == "valid" else score.replace("_", " ")


def by_score(frame: pd.DataFrame, rows: str, values: str, title: str, source: str) -> Table:
    """One row per group or alteration with its images, one column per score."""
    wide = frame.pivot_table(index=[rows, "images"], columns="score", values=values, aggfunc="first", sort=False)
    return table(brief(wide.reset_index()), title, source)
