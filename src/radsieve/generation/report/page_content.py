"""The content of the page on generation: everything a reviewer asks about the loop, from the files of the stages."""

from pathlib import Path
from typing import Any

from radsieve.generation.report.generators import generators
from radsieve.generation.report.good_shares import good_shares
from radsieve.generation.report.images import good_of, images
from radsieve.generation.report.loop import loop
from radsieve.generation.report.sieving import sieving
from radsieve.generation.report.training import training
from radsieve.generation.report.turing import turing
from radsieve.params import Params
from radsieve.prefilter.thresholds.published_thresholds import published_savings
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Template, count_of
from radsieve.reporting.study import closing
from radsieve.reporting.wording import listed

TEMPLATE = Template("generation.html", __package__)
CONTENTS = (
    ("summary", "Summary"),
    closing.ABOUT,
    ("generators", "Generators"),
    ("images", "Generated images"),
    ("loop", "The loop"),
    ("sieving", "Beyond filtering by z"),
    ("training", "Use in training"),
    ("turing", "Visual Turing test"),
    *closing.CONTENTS,
)
STAGES = (
    "train_gan", "generate_samples", "score_samples", "measure_loop", "compare_sieving", "compare_training",
    "make_turing_test", "score_turing_test",
)  # fmt: skip
_PARTS = ("generators", "images", "loop", "sieving", "training", "turing")
STANDARD_STEPS = 1200  # of training, in the preset standard


def content(results: Path, published_tables: Path, params: Params) -> dict[str, Any]:
    """Everything that the template shows, from the stages' files below `results`."""
    inputs = Inputs(results)
    groups, diseased = params.generation.groups, params.generation.diseased
    generated = images(inputs, groups, diseased)
    published = published_savings(inputs.published(published_tables, "thresholds_18_24m.csv")[0])
    page: dict[str, Any] = {
        "title": params.report_generation.title,
        "params": params,
        "contents": CONTENTS,
        "confidence": f"{100 * params.latents.confidence:g}",
        "good_of": good_of(groups, diseased),
        "too_brief": too_brief(generated["good"], params.train_gan.steps),
        "published": [f"{saving:.1f}" for saving in published.values()],
        "generators": generators(inputs, groups),
        "images": generated,
        "loop": loop(inputs, generated["shares"], published, params.latents.confidence),
        "sieving": sieving(inputs, groups, params.compare_sieving.aim, params.latents.confidence),
        "training": training(
            inputs,
            params.compare_training.confidence,
            params.compare_training.seeds,
            params.compare_training.margin,
        ),
        "turing": turing(inputs, params),
    }
    page["good_shares"] = good_shares(inputs, groups, params.latents.confidence)
    page["origin"] = _origin(params.pack_images.gan.images, page["generators"]["training_images"])
    page["subtitle"] = (
        f"{count_of(generated['images'], 'image')} of {count_of(len(groups), 'generator')}: {listed(groups)}"
    )
    page["summary"] = {
        "answers": [page[part]["answer"] for part in _PARTS if "answer" in page[part]],
        "numbers": [number for part in _PARTS for number in page[part]["numbers"]],
        "points": [
            *((part, text) for part in _PARTS for text in page[part]["points"]),
            *(("loop", text) for text in page["good_shares"]["points"]),
        ],
    }
    sections = ["latents", "generation", "generator", "compute", *STAGES, "report_generation"]
    return page | closing.closing(inputs, params, "generation", STAGES, sections)


def too_brief(good: int, steps: int) -> str:
    """What to know first if no group has a good image, as after the demo; empty if there are `good` ones."""
    if good:
        return ""
    told = "No generated image is good, so no sieve is learnt."
    longer = " The generators were trained briefly: the command make use PRESET=standard trains them longer."
    return told + (longer if steps < STANDARD_STEPS else "")


def _origin(folder: str, count: int) -> str:
    """What the images are that this page calls real, so that nobody takes phantoms for patients."""
    learnt = f"The generators learnt from {count_of(count, 'image')}"
    if folder.startswith("data/"):
        return (
            f"{learnt} that this project made: what this page calls real are phantoms. It shows how the stages work and"
            " what they measure, and says nothing about patients."
        )
    return f"{learnt} of {folder}."
