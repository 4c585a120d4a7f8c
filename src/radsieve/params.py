"""All of params.yaml: `python -m radsieve.params --schema` prints its JSON schema, `--write docs` documents it.

A stage gets only the sections that it names (see `radsieve.stage.run`); here all of them are put together, for whatever
needs the whole: the check before a stage runs, both engines, the pages, editors, and docs/parameters.md.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from radsieve import settings_file
from radsieve.curation.settings import CurationSections
from radsieve.generation.settings import GenerationSections
from radsieve.prefilter.settings import PrefilterSections
from radsieve.reporting.settings import ReportingSections
from radsieve.screening.settings import ScreeningSections
from radsieve.settings import PlaceMark, Settings, SharedSections
from radsieve.tasks.settings import TaskSections


# Fields have the order of the bases from the last one to the first.
class Params(
    ReportingSections,
    TaskSections,
    GenerationSections,
    PrefilterSections,
    ScreeningSections,
    CurationSections,
    SharedSections,
):
    """Everything that can be set, one section per stage; the first ones are shared by several stages."""


def load(path: Path, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> Params:
    """Return the checked parameters of `path`, values of `overrides` (by section and key) in place of those there.

    Raises InputError naming every wrong key, its value and what is allowed.
    """
    return settings_file.check(settings_file.read(path, overrides), Params, path)


def outside_paths(params: Settings, sections: Sequence[str] | None = None) -> dict[str, str]:
    """Return the settings that name a file or folder, which may lie outside of the project: {dotted key: as written}.

    Of `params` (a `Params`, or any of its sections) only what lies in `sections` is listed, each given by its dotted
    key (`measure_agreement`, `pack_images.chest`, `train_abnormality.weights`); None stands for everything. None and
    keywords such as `phantoms` are left out. In a value `$NAME` stands for an environment variable (see
    `radsieve.settings.expand`), and `{group}` for the name of each group.
    """
    found = dict(_places(params, ""))
    if sections is None:
        return found
    return {
        key: value
        for key, value in found.items()
        if any(key == section or key.startswith(f"{section}.") for section in sections)
    }


def _places(settings: Settings, above: str) -> Iterator[tuple[str, str]]:
    """Key and value of each field, of those of the parts of `settings` too, that names a file or folder."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, Settings):
            yield from _places(value, f"{above}{name}.")
        place = _place([field.annotation, *field.metadata])
        if place is None or value is None or value in place.keywords:
            continue
        if place.only_if is None or getattr(settings, place.only_if[0]) == place.only_if[1]:
            yield f"{above}{name}", value


def _place(parts: Sequence[Any]) -> PlaceMark | None:
    """The mark among the parts of an annotation, including those of nested types."""
    for part in parts:
        if isinstance(part, PlaceMark):
            return part
        if get_origin(part) in (Union, UnionType, Annotated) and (inner := _place(get_args(part))):
            return inner
    return None


def main() -> None:
    """Print the JSON schema of params.yaml, or write it and docs/parameters.md."""
    from radsieve import settings_docs, settings_schema  # not needed just to read params.yaml

    parser = argparse.ArgumentParser(prog="python -m radsieve.params", description="What params.yaml may hold.")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--schema", action="store_true", help="print the JSON schema of params.yaml")
    asked.add_argument("--write", type=Path, metavar="FOLDER", help="write parameters.md and params.schema.json there")
    args = parser.parse_args()
    if args.schema:
        print(json.dumps(settings_schema.schema_of(Params), indent=2, ensure_ascii=False))
    else:
        settings_docs.write(args.write, Params, settings_file.read(Path("params.yaml")))


if __name__ == "__main__":
    main()
