"""The sections that all pages have: the data, limits, how the page was made, references and how to cite."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from radsieve.params import Params
from radsieve.reporting.inputs import Inputs, parameters
from radsieve.reporting.metrics import every_metric
from radsieve.reporting.page import table
from radsieve.reporting.study import about, hardware
from radsieve.reporting.study.groups import meanings
from radsieve.reporting.study.page_cards import nav
from radsieve.reporting.study.references import citation, limits, reference, references
from radsieve.reporting.study.run import commands, environment, read_run

ABOUT = ("about", "About the data")  # the second section of a page
CONTENTS = (
    ("definitions", "Definitions"),
    ("limits", "Limits"),
    ("provenance", "How this page was made"),
    ("references", "References and how to cite"),
)
_IMAGES = "images that share a patient or pixels, or are nearly alike"
_UNITS = {"tasks": f"the rows of a patient, the text of a work, {_IMAGES}"}
_DATA: Mapping[str, Callable[[Params], list[about.Described]]] = {
    "curation": lambda params: [about.graded(params)],
    "screening": lambda params: about.sets(params, tuple(about.PART_OF_SET)),
    "prefilter": about.latents,
    "generation": lambda params: about.sets(params, ("gan", "chest", "abnormality")),
    "tasks": about.tasks,
}


def closing(
    inputs: Inputs, params: Params, page: str, stages: Sequence[str], sections: Sequence[str]
) -> dict[str, Any]:
    """What these sections show on a page (`curation`, ...) of `stages`; to be asked last, when all files are read.

    `sections` are those of params.yaml that the page lists.
    """
    run = read_run(inputs, f"report_{page}")
    networks, metrics = hardware.networks(inputs, stages), every_metric(inputs, stages)
    made_by = [*stages, f"report_{page}"]
    return {
        "nav": nav(page),
        "about": {"data": _DATA[page](params), "study": about.study(params)},
        "unit": _UNITS.get(page, _IMAGES),
        "groups": meanings(params) if page in ("screening", "prefilter") else [],
        "limits": {"known": limits(page), "stated": params.about.study.limits},
        "metrics": metrics,
        "provenance": {
            "run": run,
            "compute": hardware.asked(params),
            "commands": table(commands(run, made_by), "Stages, the command for each, and its code", "dvc.yaml"),
            "parameters": table(parameters(params, sections), "Parameters", "params.yaml"),
            "networks": table(networks, "Where networks were trained", "<stage>/*.safetensors"),
            "packages": table(environment(run), "Python and packages", f"trace_inputs/report_{page}.txt"),
            "digests": table(inputs.digests(), "Files this page was made from", inputs.root.name),
        },
        "references": references(page),
        "study_named": reference("knee_analysis" if page == "curation" else "study"),
        "citation": citation(run.version),
    }
