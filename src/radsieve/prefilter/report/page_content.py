"""The content of the page on the prefilter: everything a reviewer asks about it, from the files of the stages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radsieve.generators.distributions import DISTRIBUTIONS
from radsieve.params import Params
from radsieve.prefilter.report.answers import answers, origin
from radsieve.prefilter.report.data import GROUPS, data, exploration, twin_rows
from radsieve.prefilter.report.models import models
from radsieve.prefilter.report.sieve import OBSERVED, check, sieves
from radsieve.prefilter.report.thresholds import DECISIONS, thresholds
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Number, Template, count_of, estimated, show
from radsieve.reporting.study import closing
from radsieve.reporting.wording import listed

TEMPLATE = Template("prefilter.html", __package__)
CONTENTS = (
    ("summary", "Summary"),
    closing.ABOUT,
    ("data", "Data"),
    ("exploration", "Exploration"),
    ("models", "Models"),
    ("thresholds", "Thresholds"),
    ("sieves", "Sieves"),
    ("check", "Prospective check"),
    *closing.CONTENTS,
)
STAGES = (
    "prepare_latents", "explore_latents", "compare_classifiers", "rank_classifiers", "select_thresholds",
    "sieve_latents", "check_sieve",
)  # fmt: skip


def content(results: Path, published_tables: Path, params: Params) -> dict[str, Any]:
    """Everything that the template shows, from the stages' files below `results`."""
    inputs = Inputs(results)
    groups, confidence = params.latents.groups, params.latents.confidence
    page: dict[str, Any] = {
        "title": params.report_prefilter.title,
        "params": params,
        "contents": CONTENTS,
        "confidence": f"{100 * confidence:g}",
        "data": data(inputs, DISTRIBUTIONS[params.latents.distribution]),
        "distribution": DISTRIBUTIONS[params.latents.distribution].words,
        "exploration": exploration(inputs, published_tables, confidence, params.explore_latents.permutations),
        "models": models(inputs, groups, params.rank_classifiers.reference, twin_rows(inputs)),
        "thresholds": thresholds(inputs, params.select_thresholds.min_coverage),
        "sieves": sieves(inputs, groups, params.check_sieve.group),
        "check": check(inputs),
    }
    page["components"] = page["data"]["components"]
    page["subtitle"] = (
        f"{page['data']['rows']:,} latents with the scores of their images, in {count_of(len(groups), 'group')}"
    )
    page["origin"] = origin(page["data"]["groups_of"], params.generator.weights == "phantoms")
    answered = answers(
        page["models"]["answer"], page["thresholds"]["headlines"], page["check"], params.check_sieve.group
    )
    page["summary"] = {"answers": answered, "numbers": _numbers(page), "points": _points(page)}
    sections = ["latents", "generator", "compute", *STAGES, "report_prefilter"]
    return page | closing.closing(inputs, params, "prefilter", STAGES, sections)


def _numbers(page: Mapping[str, Any]) -> list[Number]:
    """The numbers that matter."""
    found, rules, expected = page["data"], page["thresholds"]["headlines"], page["check"]["headlines"]
    numbers = [
        Number(show(found["rows"]), "rows", GROUPS),
        *(
            estimated(value, f"share of valid rows in {group}", GROUPS)
            for group, value in zip(found["ends"]["group"], found["ends"]["valid_rate"], strict=True)
        ),
        *page["models"]["numbers"],
    ]
    if "stored" in rules:  # named beforehand; the best of the rules on these rows would be flattered
        for group, saving in dict(rules["stored"]["saving"]).items():
            numbers.append(estimated(saving, f"times as fast for a good image in {group}, stored sieve", DECISIONS))
    for arm, count in page["check"]["arms"].items():
        if (quantity := f"precision_{arm}") in expected:
            label = f"share of good images from {arm} latents, on {count_of(count, 'new image')}"
            numbers.append(estimated(expected[quantity][1], label, OBSERVED))
    return numbers


def _points(page: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a reviewer should look at: the section that has more, and the point in words."""
    found, exploration, thresholds, check = (page[name] for name in ("data", "exploration", "thresholds", "check"))
    points = []
    if out := list(found["out_of_tolerance"]):
        points.append(("data", f"The twin is out of tolerance in {count_of(len(out), 'figure')}: {listed(out)}."))
    points += [("data", text) for text in found["unlike"]]
    if few := exploration["metrics"]["too_few_rows_for_a_map"]:
        points.append(("exploration", f"{count_of(few, 'map')} of best and worst could not be made: too few rows."))
    points += [("models", text) for text in page["models"]["points"]]
    points += [("thresholds", f"No sieve for {why}.") for why in thresholds["without"]]
    if differs := thresholds["published_measures"] - thresholds["published_equal"]:
        points.append(
            ("thresholds", f"{count_of(differs, 'figure')} of the study's confusion matrices could not be recomputed.")
        )
    if check["broken"]:
        points.append(("check", f"Not as expected: {listed(check['broken'])}."))
    return points
