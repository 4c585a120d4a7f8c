"""The first lines of the page on the prefilter: four questions, each answered from the files of the stages."""

from collections.abc import Mapping, Sequence
from typing import Any

from radsieve.numbers import ShownEstimate, p_is
from radsieve.prefilter.report.rule_words import explained
from radsieve.prefilter.report.sieve import OBSERVED
from radsieve.prefilter.report.thresholds import DECISIONS
from radsieve.prefilter.tables import LatentSource
from radsieve.reporting.page import Answer, count_of, show
from radsieve.reporting.wording import in_words, listed


def answers(
    models: Answer, rules: Mapping[str, Mapping[str, Any]], check: Mapping[str, Any], group: str | None
) -> list[Answer]:
    """The answers, in the order of the page.

    `rules` are the headlines of the section on thresholds, `check` the section on the prospective check of the sieve of
    `group`, if one was checked.
    """
    return [
        models,
        Answer("Which threshold, and what does it save?", _saving(rules), (DECISIONS,)),
        Answer("What diversity does it cost?", _diversity(rules), (DECISIONS,)),
        Answer("Does the sieve do what was expected?", _as_expected(check, group), (OBSERVED,)),
    ]


def origin(groups_of: Mapping[str, Sequence[str]], phantoms: bool) -> str:
    """What the groups are, so that nobody takes simulated rows for real data.

    `groups_of` names the groups of each source; `phantoms` says whether the generator is the phantom decoder.
    """
    said = []
    if twin := groups_of[LatentSource.TWIN]:
        said.append(
            f"{listed(twin)}: a simulated twin of the study's table, not real data. What is found on it says how the"
            " methods perform on data with the published statistics, and nothing about a generator; as many rows can be"
            " simulated as one likes, so that its p-values say how it was built, and nothing else. A name such as"
            " 18_24m stands for the images of men (m; f: women) of 18 to 24 years, which a GAN of their own makes."
        )
    if screened := groups_of[LatentSource.SCREENED]:
        kind = "the phantom decoder, no real ones either" if phantoms else "a generator of the user's"
        said.append(f"{listed(screened)}: images of {kind}, generated and scored by this project.")
    if generated := groups_of[LatentSource.GENERATED]:
        said.append(f"{listed(generated)}: images of generators that this project trained, generated and scored by it.")
    if own := groups_of[LatentSource.TABLE]:
        said.append(f"{listed(own)}: a table of the user's.")
    return " ".join(said)


def _saving(rules: Mapping[str, Mapping[str, Any]]) -> str:
    if not rules:
        return "None: no group has a sieve."
    stored, fastest = rules.get("stored"), rules.get("fastest")
    said = []
    if fastest:
        said.append(
            f"Of the rules that keep the coverage asked for in the median group, {explained(fastest['rule'])} has the"
            " highest lower bound of the saving in the median group; a group in which a rule accepts everything counts"
            " with that. What it saves is in the table, and not quoted here: the best of several on the same rows is"
            " flattered."
            f" {fastest['lost']} of the good images are lost, which costs no time: new latents are all but free."
        )
        if fastest["uncovered"]:
            said.append(f"It does not keep that coverage in {listed(fastest['uncovered'])}.")
    if stored:
        same = fastest and stored["rule"] == fastest["rule"]
        said.append(
            f"The stored sieves use {'it' if same else explained(stored['rule'])}, as was set beforehand; by their"
            f" cards it saves a factor of {_ends(stored['saving'])}, with {stored['lost']} of the good images lost."
        )
        said.append(
            f"The interval of their factor lies above 1 in {stored['surely']} of {stored['groups']} groups, and their"
            f" precision is {stored['precision']} times that of all latents."
        )
    return " ".join(said)


def _diversity(rules: Mapping[str, Mapping[str, Any]]) -> str:
    if not rules:
        return "None is lost without a sieve."
    same = len({rule["rule"] for rule in rules.values()}) < len(rules)
    said = (
        f"{rule['rule']}{' (stored)' if name == 'stored' else ''}: relative to as many good latents picked at random,"
        f" those that it keeps have a coverage of {rule['coverage']} and a mean distance of {rule['spread']}"
        f"{_with_p(rule)}."
        for name, rule in rules.items()
        if name == "stored" or not same
    )
    return " ".join(said)


def _with_p(rule: Mapping[str, Any]) -> str:
    return f" ({rule['p']})" if "p" in rule else ""


def _as_expected(check: Mapping[str, Any], group: str | None) -> str:
    """What the images of the two arms say of the saving, the same of the unsieved images alone, and what is counted."""
    if group is None:
        return "It was not checked on new images: check_sieve.group is none."
    found, metrics = check["headlines"], check["metrics"]
    said = []
    if "saving" in found:
        expected, observed = found["saving"]
        said.append(f"Measured saving {in_words(observed)} on {show(check['images'])} new images: {_told(observed)}")
        said.append(f"{_compatible(expected, observed)} the expected {in_words(expected)}.")
        said.append(_power(metrics["two_arms"]))
    if "saving_paired" in found:
        paired = found["saving_paired"][1]
        said.append(
            f"The same images with and without the sieve (those unsieved ones that it accepts, against all of them):"
            f" {in_words(paired)}, {_told(paired)[:-1]}."
        )
    said.append(
        f"{metrics['within_expected']} of {metrics['expectations']} independent quantities of the sieve of {group} are"
        " compatible with what was expected."
    )
    if below := metrics["groups_below_expected"]:
        said.append(
            f"Groups of the generator with fewer good images than expected, by tests adjusted for"
            f" {count_of(metrics['groups_compared'], 'group')} (Holm): {listed(below)}."
        )
    return " ".join(said)


def _told(saving: ShownEstimate) -> str:
    """Whether the interval of a saving holds 1, in words that a comma ends."""
    if not saving.lower <= saving.upper:
        return "its interval is not defined,"
    if saving.lower > 1:
        return "above no saving,"
    return "below no saving," if saving.upper < 1 else "not distinguishable from no saving,"


def _compatible(expected: ShownEstimate, observed: ShownEstimate) -> str:
    overlap = observed.lower <= expected.upper and expected.lower <= observed.upper
    return "compatible with" if overlap else "not compatible with"


def _power(arms: Mapping[str, Any]) -> str:
    """What the images of the two arms could have shown."""
    if arms["p_value"] is None:
        return ""
    said = f"Equal shares of good images in both arms have {p_is(arms['p_value'])}."
    if arms["detectable_saving"] is not None:
        said += (
            f" With {show(arms['images'])} images in each arm a saving of {show(arms['detectable_saving'])} would be"
            f" told from none with a probability of {arms['power']:.0%}"
        )
        expected = arms["power_of_expected"]
        said += "." if expected is None else f", the expected one with {expected:.0%}."
    return said


def _ends(saving: Sequence[tuple[str, ShownEstimate]]) -> str:
    """The lowest and the highest saving, each with its interval and group."""
    said = list(dict.fromkeys(f"{in_words(value)} in {group}" for group, value in saving))
    return " to ".join(said)
