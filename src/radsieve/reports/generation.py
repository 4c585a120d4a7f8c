"""The content of the page on generation: everything a reviewer asks about the loop, from the files of the stages."""

from pathlib import Path
from typing import Any

from radsieve.params import Params
from radsieve.reports.generation_films import films, good_of
from radsieve.reports.generation_generators import generators
from radsieve.reports.generation_loop import loop
from radsieve.reports.generation_sieving import sieving
from radsieve.reports.generation_training import training
from radsieve.reports.generation_turing import turing
from radsieve.reports.inputs import Inputs, provenance
from radsieve.reports.metrics import every_metric
from radsieve.reports.page import Template, count_of
from radsieve.reports.wording import listed
from radsieve.threshold_tables import published_savings

TEMPLATE = Template("generation.html", __package__)
PACKAGES = (
    "efficientnet-lite-pytorch", "jinja2", "matplotlib", "numpy", "pandas", "pandera", "pillow", "pyarrow",
    "safetensors", "scikit-learn", "scipy", "torch",
)  # fmt: skip
CONTENTS = (
    ("summary", "Summary"),
    ("generators", "Generators"),
    ("films", "Drawn films"),
    ("loop", "The loop"),
    ("sieving", "Beyond filtering by z"),
    ("training", "Use in training"),
    ("turing", "Visual Turing test"),
    ("definitions", "Definitions"),
    ("provenance", "Provenance"),
)
STAGES = (
    "train_gan", "draw_images", "score_drawn", "measure_loop", "compare_sieving", "compare_training",
    "draw_turing_test", "score_turing_test",
)  # fmt: skip
_PARTS = ("generators", "films", "loop", "sieving", "training", "turing")


def content(results: Path, published_tables: Path, params: Params) -> dict[str, Any]:
    """Everything that the template shows, from the stages' files below `results`."""
    inputs = Inputs(results)
    groups, diseased = params.generation.groups, params.generation.diseased
    drawn = films(inputs, groups)
    published = published_savings(inputs.published(published_tables, "thresholds_18_24m.csv")[0])
    page: dict[str, Any] = {
        "title": params.report_generation.title,
        "params": params,
        "contents": CONTENTS,
        "confidence": f"{100 * params.latents.confidence:g}",
        "good_of": good_of(groups, diseased),
        "published": [f"{saving:.1f}" for saving in published.values()],
        "generators": generators(inputs, groups),
        "films": drawn,
        "loop": loop(inputs, drawn["shares"], published, params.latents.confidence),
        "sieving": sieving(inputs, groups, params.compare_sieving.aim),
        "training": training(inputs, params.compare_training.confidence),
        "turing": turing(inputs, params),
    }
    page["origin"] = _origin(params.pack_films.gan.films, page["generators"]["training_films"])
    page["subtitle"] = f"{count_of(drawn['films'], 'film')} of {count_of(len(groups), 'generator')}: {listed(groups)}"
    page["summary"] = {
        "answers": [page[part]["answer"] for part in _PARTS if "answer" in page[part]],
        "numbers": [number for part in _PARTS for number in page[part]["numbers"]],
        "points": [(part, text) for part in _PARTS for text in page[part]["points"]],
    }
    page["metrics"] = every_metric(inputs, STAGES)
    page["provenance"] = provenance(
        inputs, params, ["latents", "generation", "generator", "compute", *STAGES, "report_generation"], PACKAGES
    )
    return page


def _origin(folder: str, count: int) -> str:
    """What the films are that this page calls real, so that nobody takes phantoms for patients."""
    learnt = f"The generators learnt from {count_of(count, 'film')}"
    if folder.startswith("data/"):
        return (
            f"{learnt} that this project drew: what this page calls real are phantoms. It shows that every stage works"
            " and is held to a truth, and says nothing about patients."
        )
    return f"{learnt} of {folder}."
