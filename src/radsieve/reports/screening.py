"""The content of the page on screening: everything a reviewer asks about it, from the files of the stages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radsieve.params import Params
from radsieve.reports import screening_networks as networks
from radsieve.reports.inputs import Inputs, parameters, provenance
from radsieve.reports.metrics import every_metric
from radsieve.reports.page import Number, Template, count_of, estimated, show
from radsieve.reports.screening_films import films
from radsieve.reports.screening_published import published
from radsieve.reports.screening_scores import PASS_RATES, scores
from radsieve.reports.screening_symmetry import COMPARISON, PREDICTIONS, symmetry
from radsieve.reports.wording import in_words

TEMPLATE = Template("screening.html", __package__)
PACKAGES = (
    "efficientnet-lite-pytorch", "jinja2", "matplotlib", "monai", "numpy", "pandas", "pandera", "pillow", "safetensors",
    "scikit-learn", "scipy", "skops", "torch",
)  # fmt: skip
CONTENTS = (
    ("summary", "Summary"),
    ("data", "Data sets"),
    ("segmentation", "Segmentation"),
    ("abnormality", "Abnormality net"),
    ("sex", "Sex by transfer learning"),
    ("symmetry", "Symmetry"),
    ("scores", "The five scores"),
    ("published", "Published against ours"),
    ("definitions", "Definitions"),
    ("provenance", "Provenance"),
)
STAGES = (
    "draw_chests", "draw_lesions", "pack_films", "train_segmenter", "train_abnormality", "classify_sex", "alter_films",
    "generate_films", "segment_images", "classify_images", "measure_symmetry", "classify_symmetry", "score_images",
)  # fmt: skip


def content(results: Path, published_tables: Path, params: Params) -> dict[str, Any]:
    """Everything that the template shows, from the stages' files below `results`."""
    inputs = Inputs(results)
    page: dict[str, Any] = {
        "title": params.report_screening.title,
        "params": params,
        "contents": CONTENTS,
        "films": films(inputs),
        "segmentation": networks.segmentation(inputs),
        "abnormality": networks.abnormality(inputs, params.pack_films.abnormality.group),
        "sex": networks.sex(inputs, params.pack_films.sex.group),
        "symmetry": symmetry(inputs),
        "scores": scores(inputs, params.score_images.pass_share),
    }
    page["published"] = published(inputs, published_tables, _ours(page), _comparable(params, page["films"]))
    page["subtitle"] = _subtitle(page["films"])
    page["confidence"] = _confidence(params)
    page["summary"] = {"numbers": _numbers(page), "points": _points(page, params)}
    page["metrics"] = every_metric(inputs, STAGES)
    page["provenance"] = provenance(inputs, params, ["source", "compute", *STAGES, "report_screening"], PACKAGES)
    return page


def _subtitle(found: Mapping[str, Any]) -> str:
    kind = "drawn by the phantom decoder" if found["phantom_generator"] else "of a generator of the user's"
    return f"{count_of(found['generated'], 'film')} {kind}, held to {count_of(found['reference'], 'true film')}"


def _confidence(params: Params) -> str:
    """The coverage of the intervals in per cent, in words if the stages differ in it."""
    listed = parameters(params, STAGES)
    chosen = listed.loc[listed["parameter"].str.endswith(".confidence"), "value"].astype(float)
    return " or ".join(f"{100 * value:g}" for value in sorted(set(chosen)))


def _comparable(params: Params, found: Mapping[str, Any]) -> str:
    """What the films of this run are, so that nobody takes a difference from the study for a finding."""
    drawn = [name for name in found["by_set"] if getattr(params.pack_films, name).films.startswith("data/")]
    read = [name for name in found["by_set"] if name not in drawn]
    kinds = []
    if drawn:
        kinds.append(f"the sets {', '.join(drawn)} are phantoms drawn by this project")
    if read:
        kinds.append(f"the sets {', '.join(read)} are real films of other collections")
    generator = "the phantom decoder" if found["phantom_generator"] else "a generator of the user's"
    return f"In this run {' and '.join(kinds)}, and the generated films are those of {generator}."


def _numbers(page: Mapping[str, Any]) -> list[Number]:
    """The numbers that matter."""
    by_set = {one["name"]: one for one in page["segmentation"]["sets"]}
    abnormality, sex, symmetric = page["abnormality"], page["sex"], page["symmetry"]["headlines"]
    found = page["films"]
    numbers = [
        Number(show(found["packed"]), f"films in {len(found['by_set'])} sets", "pack_films/<set>/films.csv"),
        Number(show(found["quarantined"]), "files in quarantine", "pack_films/<set>/quarantine.csv"),
    ]
    for name, organ in (("chest", "lungs"), ("breast", "breasts"), ("skin", "skin lesions")):
        numbers.append(estimated(by_set[name]["metrics"]["dice"], f"Dice of the {organ}", by_set[name]["source"]))
    numbers += [
        estimated(abnormality["metrics"]["roc_auc"], "ROC-AUC of the abnormality net", abnormality["source"]),
        estimated(sex["metrics"]["accuracy"], "accuracy of the sex", sex["source"]),
        estimated(sex["metrics"]["roc_auc"], "ROC-AUC of the sex", sex["source"]),
        estimated(symmetric["bad_per_good_before"], "bad films for each good one", COMPARISON),
        estimated(symmetric["bad_per_good_after"], "the same after the classifier of symmetry", COMPARISON),
        estimated(page["scores"]["valid_share"], "share of generated films that passes all five scores", PASS_RATES),
        estimated(page["scores"]["true_share"], "share of true films that passes all five scores", PASS_RATES),
    ]
    return numbers


def _points(page: Mapping[str, Any], params: Params) -> list[tuple[str, str]]:
    """What a reviewer should look at: the section that has more, and the point in words."""
    points = []
    if page["films"]["quarantined"]:
        points.append(("data", f"{count_of(page['films']['quarantined'], 'file')} could not be used."))
    for one in page["segmentation"]["sets"]:
        if one["failed"]:
            films_failed = count_of(one["failed"], "film")
            points.append(
                ("segmentation", f"{one['title']}: Dice below {networks.FAILED:g} on {films_failed} held back.")
            )
    points += [("sex", text) for text in page["sex"]["points"]]
    symmetric = page["symmetry"]["headlines"]
    before, after = symmetric["bad_per_good_before"], symmetric["bad_per_good_after"]
    if not after.value < before.lower:
        points.append(("symmetry", "The classifier of symmetry does not leave fewer bad films for each good one."))
    points += [("scores", text) for text in page["scores"]["points"]]
    return points


def _ours(page: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """This run's figures by the names of the published ones."""
    symmetric, sex, found = page["symmetry"], page["sex"], page["films"]
    headlines = symmetric["headlines"]
    return {
        "masks_drawn": (show(found["by_set"]["breast"]), "pack_films/breast/films.csv"),
        "films_labelled": (show(symmetric["films"]), PREDICTIONS),
        "bad_per_good_before": (in_words(headlines["bad_per_good_before"]), COMPARISON),
        "bad_per_good_after": (in_words(headlines["bad_per_good_after"]), COMPARISON),
        "films_per_sex": (" + ".join(map(show, found["sexes"])), "pack_films/sex/films.csv"),
        "sex_accuracy": (in_words(sex["metrics"]["accuracy"]), sex["source"]),
    }
