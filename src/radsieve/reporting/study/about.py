"""The data and the study as people describe them in section `about` of params.yaml; phantoms describe themselves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from radsieve.params import Params
from radsieve.reporting.settings import AboutData, AboutStudy
from radsieve.reporting.wording import listed

GRADED = "graded"
PART_OF_SET = {  # the part of section `about` that describes a set of pack_images
    "chest": "chests",
    "breast": "chests",
    "sex": "chests",
    "abnormality": "findings",
    "gan": "findings",
    "skin": "lesions",
}
_LESIONS = ("skin",)
LABELS = {
    "name": "Name",
    "doi": "DOI or address",
    "licence": "Licence",
    "sites": "Sites",
    "dates": "Dates",
    "participants": "Participants",
    "acquisition": "Acquisition",
    "processing": "Processing before this run",
    "ethics": "Ethics, consent, de-identification",
    "readers": "Readers and their experience",
    "blinding": "Blinding and independence",
    "reference": "Reference standard",
    "objective": "Objective and hypotheses",
    "intended_use": "Intended use",
    "sample_size": "Sample size",
    "external_test": "External test",
    "registration": "Protocol and registration",
    "funding": "Funding",
    "interests": "Interests",
    "involvement": "Patients and public",
    "availability": "Availability of data and models",
    "contact": "Contact, maintenance",
    "limits": "Limits",
}
_LINK = re.compile(r"(10\.\d{4,9}/\S+|https?://\S+)")


@dataclass(frozen=True)
class Statement:
    """What is said under a label: a text, or links by their text and address."""

    label: str
    text: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Described:
    """What is said of one data set, or of the study, and the keys of params.yaml that are not stated."""

    title: str
    key: str
    statements: tuple[Statement, ...]
    not_stated: tuple[str, ...]

    @property
    def missing(self) -> str:
        """What is not stated, in words."""
        first, *others = (LABELS[name] for name in self.not_stated)
        return listed([first, *(name if name == LABELS["doi"] else name[0].lower() + name[1:] for name in others)])


def link(text: str) -> str:
    """The address of a DOI, or an address as it is."""
    return text if text.startswith("http") else f"https://doi.org/{text}"


def graded(params: Params) -> Described:
    """The images or ratings that experts graded."""
    return _described("Graded images", GRADED, params.about.graded, "knees" if _graded_phantoms(params) else None)


def sets(params: Params, names: Sequence[str]) -> list[Described]:
    """The sets `names` of pack_images, those of one origin together."""
    together: dict[tuple[str, str | None], list[str]] = {}
    for name in names:
        kind = ("lesions" if name in _LESIONS else "chests") if _phantoms(params, name) else None
        together.setdefault(("", kind) if kind else (PART_OF_SET[name], None), []).append(name)
    return [
        _described(
            f"Set{'s' if len(members) > 1 else ''} {listed(members)}", part, getattr(params.about, part, None), kind
        )
        for (part, kind), members in together.items()
    ]


def latents(params: Params) -> list[Described]:
    """Where the rows come from that the models of the prefilter learn from."""
    kinds = {"twin": "twin", "screened": "screened", "generated": "screened", "table": None}
    titles = {"twin": "Simulated twin", "screened": "Scored images", "generated": "Scored images", "table": "Table"}
    return [
        _described(titles[source], "latents", params.about.latents, kinds[source])
        for source in map(str, params.prepare_latents.sources)
    ]


def tasks(params: Params) -> list[Described]:
    """The tables of pack_tables, the image sets of prepare_images and the works of pack_texts; of each what is
    simulated together."""
    tables, images = list(type(params.pack_tables).model_fields), list(type(params.prepare_images).model_fields)
    parts = (
        ("rows", "Table", params.about.rows, tables, simulated_tables(params)),
        ("classes", "Image set", params.about.classes, images, simulated_sets(params)),
    )
    found = [
        _described(f"{title}{'s' if len(names) > 1 else ''} {listed(names)}", part, said, kind)
        for part, title, said, members, drawn in parts
        for names, kind in ((drawn, part), ([name for name in members if name not in drawn], None))
        if names
    ]
    return [*found, _described("Texts", "texts", params.about.texts, "texts" if simulated_texts(params) else None)]


def simulated_texts(params: Params) -> bool:
    """Whether generate_cases writes the works of pack_texts."""
    return str(params.pack_texts.texts) == "data/cases/texts"


def simulated_tables(params: Params) -> list[str]:
    """The tables of pack_tables that generate_cases makes."""
    names = type(params.pack_tables).model_fields
    return [name for name in names if str(getattr(params.pack_tables, name).table) == f"data/cases/{name}.csv"]


def simulated_sets(params: Params) -> list[str]:
    """The sets of prepare_images that are simulated, inside or outside."""
    sets = {name: getattr(params.prepare_images, name) for name in type(params.prepare_images).model_fields}
    return [
        name
        for name, one in sets.items()
        if any(str(of).startswith("data/") for of in (one.images, one.outside_images))
    ]


def study(params: Params) -> Described:
    """The study as a whole; of a run on phantoms alone it is known how its size came about."""
    said = params.about.study
    if not said.sample_size and _phantoms_alone(params):
        said = said.model_copy(update={"sample_size": "Sizes of a demonstration on phantoms, derived from no aim."})
    return _described("This run as a study of its own", "study", said, None)


def _phantoms_alone(params: Params) -> bool:
    return _graded_phantoms(params) and all(_phantoms(params, name) for name in PART_OF_SET)


def simulated(params: Params) -> tuple[list[str], bool]:
    """What of this run's data is simulated, in words, and whether all of it is."""
    sets_of = [name for name in PART_OF_SET if _phantoms(params, name)]
    sources = set(map(str, params.prepare_latents.sources))
    said = ["the graded images"] if _graded_phantoms(params) else []
    if sets_of:
        said.append(f"the images of the set{'s' if len(sets_of) > 1 else ''} {listed(sets_of)}")
    if "twin" in sources:
        said.append("the twin of a published table")
    if params.generator.weights == "phantoms":
        said.append("the images that the prefilter's generator makes")
    tables = simulated_tables(params)
    if tables:
        said.append(f"the table{'s' if len(tables) > 1 else ''} {listed(tables)}")
    pictures = simulated_sets(params)
    if pictures:
        said.append(f"the images of the task{'s' if len(pictures) > 1 else ''} {listed(pictures)}")
    if simulated_texts(params):
        said.append("the works of authors")
    kinds = (tables, params.pack_tables), (pictures, params.prepare_images)
    all_tables = all(len(names) == len(type(section).model_fields) for names, section in kinds)
    all_tables &= simulated_texts(params)
    others = "table" not in sources and params.generator.weights == "phantoms"
    return said, _phantoms_alone(params) and others and all_tables


def _graded_phantoms(params: Params) -> bool:
    embedded = params.source.endpoint == "embedded" and params.ingest_images.fill == "phantoms"
    return embedded and params.measure_agreement.ratings == "images"


def _phantoms(params: Params, name: str) -> bool:
    """Whether a set of pack_images is of phantoms."""
    return str(getattr(params.pack_images, name).images).startswith("data/")


def _described(title: str, part: str, settings: AboutData | AboutStudy | None, kind: str | None) -> Described:
    said: Mapping[str, str] = phantoms()[kind] if kind else (settings.model_dump() if settings else {})
    names = [name for name in LABELS if name in said]
    statements = tuple(Statement(LABELS[name], said[name], _links(name, said[name])) for name in names if said[name])
    return Described(title, f"about.{part}", statements, tuple(name for name in names if not said[name]))


def _links(name: str, text: str) -> tuple[tuple[str, str], ...]:
    return tuple((found, link(found)) for found in _LINK.findall(text)) if name == "doi" else ()


@cache
def phantoms() -> dict[str, dict[str, str]]:
    """What is known of the simulated data that come with the project, by kind: items/phantoms.yaml."""
    text = resources.files(__package__).joinpath("items/phantoms.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))
