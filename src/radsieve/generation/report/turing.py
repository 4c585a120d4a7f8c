"""The section on the visual Turing test: whether readers take synthetic images for real."""

from collections.abc import Mapping
from typing import Any

from radsieve.curation.tables import COEFFICIENTS
from radsieve.generation import tables as generation_tables
from radsieve.params import Params
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.metrics import estimates_of
from radsieve.reporting.page import Answer, Number, count_of, estimated, estimates, show, table
from radsieve.reporting.wording import in_words, plain

GENERATED, SCORED = "make_turing_test", "score_turing_test"
PAGE, KEY = f"{GENERATED}/turing_test.html", f"{GENERATED}/key.csv"
READERS, IMAGES, AGREEMENT, METRICS = (
    f"{SCORED}/{name}" for name in ("readers.csv", "images.csv", "agreement.csv", "metrics.json")
)
UNPUBLISHED = (KEY, IMAGES)  # they say which images are real, and readers may see the folder of reports
QUESTION = "Do readers take synthetic images for real?"
HOW = (
    "The command make turing-test writes the page for readers; then name the folder of their answers in"
    " score_turing_test.answers of params.yaml, and run make turing-score."
)


def turing(inputs: Inputs, params: Params) -> dict[str, Any]:
    """Tables and figures of both stages of the test, and what they say in short.

    Before anybody has answered there are no tables, which would only say which images are real.
    """
    metrics, numbers = inputs.metrics(SCORED), estimates_of(inputs.metrics(SCORED))
    readers = inputs.table(generation_tables.TURING_READERS, READERS)
    images = inputs.table(generation_tables.TURING_IMAGES, IMAGES)
    agreement = inputs.table(COEFFICIENTS, AGREEMENT)
    answered = metrics["readers"] > 0
    picture = inputs.figure(
        f"{SCORED}/readers.png",
        "What readers took the images for",
        "Share of synthetic and of real images taken for real, and d', by reader",
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
        "images": len(images),
        "pixels": inputs.metrics(GENERATED)["pixels"],
        "settings": params.make_turing_test.model_dump(include={str(name) for name in generation_tables.Origin}),
        "readers": table(
            readers.assign(measure=plain(readers["measure"]), value=estimates(readers, "value")).drop(
                columns=["lower", "upper"]
            ),
            "What each reader took the images for",
            READERS,
        ),
        "agreement": table(
            agreement.assign(value=estimates(agreement, "value")).drop(columns=["lower", "upper"]),
            "Agreement of the readers",
            AGREEMENT,
        ),
        "by_image": inputs.known(IMAGES),
        "picture": picture,
    }


def _said(metrics: Mapping[str, Any], numbers: Mapping[str, Any]) -> list[str]:
    published = f"Published: {show(metrics['published'])} of synthetic images of the ocular fundus were taken for real."
    if not metrics["readers"]:
        return [f"Nobody has answered yet. {HOW}", published]
    return [
        f"{count_of(metrics['readers'], 'reader')} took {in_words(numbers['taken_for_real'])} of the synthetic images"
        f" and {in_words(numbers['specificity'])} of the real ones for real; d' is"
        f" {in_words(numbers['d_prime'])}, and 0 for guessing.",
        published,
    ]


def _numbers(numbers: Mapping[str, Any]) -> list[Number]:
    return [estimated(numbers["taken_for_real"], "share of synthetic images taken for real", READERS)]
