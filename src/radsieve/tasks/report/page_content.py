"""The content of the page on the tasks: what mistakes were worth, and each table, from the files of the stages."""

from pathlib import Path
from typing import Any

from radsieve.params import Params
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Template, count_of
from radsieve.reporting.study import closing
from radsieve.reporting.study.about import simulated_sets, simulated_tables, simulated_texts
from radsieve.reporting.wording import listed
from radsieve.tasks.plots.mistakes import in_figures
from radsieve.tasks.report import classified, fused, pictures, profiles, synthesized, texts
from radsieve.tasks.report.mistakes import MEANING, mistakes
from radsieve.tasks.report.part import Builder

TEMPLATE = Template("tasks.html", __package__)
STAGES = (
    "generate_cases", "pack_tables", "classify_rows", "synthesize_tables", "prepare_images", "train_classifier",
    "fuse_modalities", "pack_texts", "train_writer", "classify_texts", "profile_tables", "collect_pages",
)  # fmt: skip
PARTS: tuple[Builder, ...] = (
    classified.parts,
    synthesized.parts,
    pictures.parts,
    fused.parts,
    texts.parts,
    profiles.parts,
    profiles.pages,
)


def content(results: Path, published_tables: Path, params: Params) -> dict[str, Any]:
    """Everything that the template shows, from the stages' files below `results`."""
    inputs = Inputs(results, published_tables)
    drawn = [*simulated_tables(params), *simulated_sets(params), *(["texts"] if simulated_texts(params) else [])]
    parts = [part for build in PARTS for part in build(inputs, params)]
    told = mistakes(inputs, published_tables, parts, bool(drawn))
    page: dict[str, Any] = {
        "title": params.report_tasks.title,
        "subtitle": _subtitle(params),
        "params": params,
        "contents": (
            ("summary", "Summary"),
            closing.ABOUT,
            ("mistakes", "What the mistakes were worth"),
            *((part.anchor, part.title) for part in parts),
            *closing.CONTENTS,
        ),
        "origin": _origin(drawn),
        "mistakes": told,
        "protocols": [(in_figures(name), meaning) for name, meaning in MEANING.items() if name in told["protocols"]],
        "intervals": intervals(params),
        "parts": parts,
        "summary": {
            "answers": [told["answer"]],
            "numbers": [*told["numbers"], *(number for part in parts for number in part.numbers)],
            "points": [
                *(("mistakes", text) for text in told["points"]),
                *((part.anchor, text) for part in parts for text in part.points),
            ],
        },
    }
    sections = ["splits", *STAGES, "report_tasks"]
    return page | closing.closing(inputs, params, "tasks", STAGES, sections)


def intervals(params: Params) -> str:
    """What coverage intervals have: one for all, or that of most sections of params.yaml and each other one."""
    sections: dict[float, list[str]] = {}
    for stage in STAGES:
        section = getattr(params, stage)
        parts = {f"{stage}.{name}": getattr(section, name) for name in type(section).model_fields}
        for name, part in {stage: section, **parts}.items():
            if (coverage := getattr(part, "confidence", None)) is not None:
                sections.setdefault(coverage, []).append(name)
    most, *others = sorted(sections, key=lambda coverage: -len(sections[coverage]))
    apart = [f"those of {listed(sections[coverage])} are {100 * coverage:g}% intervals" for coverage in others]
    return "; ".join([f"Intervals are {100 * most:g}% intervals", *apart]) + "."


def _subtitle(params: Params) -> str:
    """How much of what the page is on."""
    tables, sets = (len(type(section).model_fields) for section in (params.pack_tables, params.prepare_images))
    authors = len(params.pack_texts.authors)
    return (
        f"{count_of(tables, 'table')}, {count_of(sets, 'set')} of images and the works of {count_of(authors, 'author')}"
    )


def _origin(simulated: list[str]) -> str:
    """What the data are, so that nobody takes simulated rows and images for patients."""
    if not simulated:
        return ""
    return (
        f"Simulated: {listed(simulated)}. They show how the stages work, and what the mistakes do where the truth is"
        " known; they say nothing about patients."
    )
