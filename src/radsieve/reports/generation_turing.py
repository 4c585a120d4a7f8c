"""The section on the visual Turing test: whether readers take synthetic films for real."""

from collections.abc import Mapping
from typing import Any

from radsieve import generation_tables as tables
from radsieve.reports.inputs import Inputs
from radsieve.reports.metrics import estimates_of
from radsieve.reports.page import Answer, Number, count_of, estimated, estimates, show, table
from radsieve.reports.wording import in_words, plain
from radsieve.tables import COEFFICIENTS

DRAWN, SCORED = "draw_turing_test", "score_turing_test"
PAGE, KEY = f"{DRAWN}/turing_test.html", f"{DRAWN}/key.csv"
READERS, FILMS, AGREEMENT, METRICS = (
    f"{SCORED}/{name}" for name in ("readers.csv", "films.csv", "agreement.csv", "metrics.json")
)
QUESTION = "Do readers take synthetic films for real?"
HOW = (
    "make turing-test writes the page for readers; name the folder of their answers in score_turing_test.answers of"
    " params.yaml, and make turing-score."
)


def turing(inputs: Inputs, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Tables and pictures of both stages of the test, and what they say in short; `settings` as in params.yaml.

    Before anybody has answered there are no tables, which would only say which films are real.
    """
    metrics, numbers = inputs.metrics(SCORED), estimates_of(inputs.metrics(SCORED))
    readers = inputs.table(tables.TURING_READERS, READERS)
    films = inputs.table(tables.TURING_FILMS, FILMS)
    agreement = inputs.table(COEFFICIENTS, AGREEMENT)
    answered = metrics["readers"] > 0
    picture = inputs.figure(
        f"{SCORED}/readers.png",
        "What readers made of the films",
        "Share of synthetic and of real films taken for real, and d', by reader",
        READERS,
    )
    return {
        "answer": Answer(QUESTION, " ".join(_said(metrics, numbers)), (READERS if answered else METRICS,)),
        "numbers": _numbers(numbers) if answered else [],
        "points": [] if answered else ["Nobody has answered the visual Turing test yet."],
        "answered": answered,
        "how": HOW,
        "page": inputs.known(PAGE),
        "key": inputs.known(KEY),
        "films": len(films),
        "settings": {name: settings[name] for name in tables.Origin},
        "readers": table(
            readers.assign(measure=plain(readers["measure"]), value=estimates(readers, "value")).drop(
                columns=["lower", "upper"]
            ),
            "What each reader made of the films",
            READERS,
        ),
        "agreement": table(
            agreement.assign(value=estimates(agreement, "value")).drop(columns=["lower", "upper"]),
            "How far readers agree",
            AGREEMENT,
        ),
        "by_film": table(films, "The films, and who took them for real", FILMS),
        "picture": picture,
    }


def _said(metrics: Mapping[str, Any], numbers: Mapping[str, Any]) -> list[str]:
    published = f"Published: {show(metrics['published'])} of synthetic images of the eye's fundus."
    if not metrics["readers"]:
        return [f"Nobody has answered yet. {HOW}", published]
    return [
        f"{count_of(metrics['readers'], 'reader')} took {in_words(numbers['taken_for_real'])} of the synthetic films"
        f" and {in_words(numbers['specificity'])} of the real ones for real; d' is"
        f" {in_words(numbers['d_prime'])}, and 0 for guessing.",
        published,
    ]


def _numbers(numbers: Mapping[str, Any]) -> list[Number]:
    return [estimated(numbers["taken_for_real"], "share of synthetic films taken for real", READERS)]
