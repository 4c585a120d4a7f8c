"""The stages as dvc.yaml defines them: the one definition that both engines, the traces and the tests read."""

import graphlib
import itertools
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with libyaml
TRACES = "results/trace_inputs"  # made by workflow/dvc.yaml: a text for each stage, which depends on it
OUTPUTS = ("outs", "metrics", "plots")
PARAMETER = re.compile(r"\$\{(?!item\.)([\w.]+)\}")  # in dvc.yaml: a value of params.yaml


@dataclass(frozen=True)
class Stage:
    """A stage as dvc.yaml defines it, all values of its matrix filled in."""

    name: str
    cmd: str
    deps: tuple[str, ...]
    outs: tuple[str, ...]
    sections: tuple[str, ...]  # of params.yaml, or keys in them (`section.key`)

    @property
    def trace(self) -> str:
        """The text of what the stage depends on besides its files and parameters."""
        return f"{TRACES}/{self.name}.txt"


def definitions(path: Path = Path("dvc.yaml")) -> dict[str, Any]:
    """The `stages` of dvc.yaml, with the values of params.yaml in place of `${section.key}`."""
    params = parameters(path.with_name("params.yaml"))
    return dict(_filled(_loaded(path)["stages"], params))


def parameters(path: Path = Path("params.yaml")) -> dict[str, Any]:
    """The content of params.yaml, unchecked."""
    return dict(_loaded(path))


def _loaded(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 (a safe loader)


def stages(path: Path = Path("dvc.yaml")) -> dict[str, Stage]:
    """Every stage by the name that DVC gives it: `stage`, or `stage@value` for each value of a matrix."""
    found = {}
    for name, definition in definitions(path).items():
        for values in matrix(definition):
            full = full_name(name, values)
            found[full] = _stage(full, substitute(definition, values))
    outs = made(found)
    return {name: replace(stage, deps=unfolded(stage.deps, outs)) for name, stage in found.items()}


def rule_of(name: str) -> str:
    """The stage without the value of its matrix: what DVC names its definition by, and Snakemake a rule."""
    return name.partition("@")[0]


def upstream_first(known: Mapping[str, Stage]) -> list[str]:
    """The names of all stages, each after those whose outputs it reads."""
    return list(graphlib.TopologicalSorter(_read_from(known)).static_order())


def chains(known: Mapping[str, Stage]) -> dict[str, int]:
    """The number of rules that have to run one after another from each one on: longest first, no core waits long."""
    lengths, read_from = dict.fromkeys(map(rule_of, known), 1), _read_from(known)
    for name in reversed(upstream_first(known)):
        for source in map(rule_of, read_from[name]):
            lengths[source] = max(lengths[source], lengths[rule_of(name)] + 1)
    return lengths


def made(known: Mapping[str, Stage]) -> list[str]:
    """All outputs of all stages."""
    return [out for stage in known.values() for out in stage.outs]


def _read_from(known: Mapping[str, Stage]) -> dict[str, set[str]]:
    """The stages whose outputs each stage reads."""
    maker = {out: stage.name for stage in known.values() for out in stage.outs}
    return {stage.name: {maker[dep] for dep in stage.deps if dep in maker} for stage in known.values()}


def unfolded(deps: Iterable[str], outs: Collection[str]) -> tuple[str, ...]:
    """What is read, with the outputs in it in place of a folder that no stage makes as a whole."""
    return tuple(path for dep in deps for path in ([out for out in outs if out.startswith(f"{dep}/")] or [dep]))


def matrix(definition: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every combination of the values of a stage's matrix; one empty combination if it has none."""
    axes = definition.get("matrix", {})
    return [dict(zip(axes, map(str, values), strict=True)) for values in itertools.product(*axes.values())]


def substitute(value: Any, items: Mapping[str, str]) -> Any:
    """Fill `${item.key}` in all strings of a definition."""
    if isinstance(value, str):
        for key, item in items.items():
            value = value.replace(f"${{item.{key}}}", item)
        return value
    if isinstance(value, Mapping):
        return {substitute(key, items): substitute(inner, items) for key, inner in value.items()}
    if isinstance(value, list):
        return [substitute(inner, items) for inner in value]
    return value


def paths(definition: Mapping[str, Any], *kinds: str) -> list[str]:
    """The paths under `deps`, `outs`, `metrics` or `plots`, without the options of a path."""
    entries = [entry for kind in kinds for entry in definition.get(kind, [])]
    return [next(iter(entry)) if isinstance(entry, Mapping) else entry for entry in entries]


def descriptions(definition: Mapping[str, Any]) -> dict[str, str]:
    """What each output shows, by the stem of its name: a figure shares the text of the table it is plotted from."""
    entries = [entry for kind in OUTPUTS for entry in definition.get(kind, []) if isinstance(entry, Mapping)]
    described = {path: options["desc"] for entry in entries for path, options in entry.items() if "desc" in options}
    return {Path(path).stem: " ".join(text.split()) for path, text in described.items()}


def unpublished(definition: Mapping[str, Any]) -> set[str]:
    """The outputs that no report may show, such as the answers to a test: their `meta` says `published: false`."""
    entries = [entry for entry in definition.get("outs", []) if isinstance(entry, Mapping)]
    return {
        path
        for entry in entries
        for path, options in entry.items()
        if not (options.get("meta") or {}).get("published", True)
    }


def _stage(name: str, definition: Mapping[str, Any]) -> Stage:
    return Stage(
        name=name,
        cmd=" ".join(definition["cmd"].split()),
        deps=tuple(paths(definition, "deps")),
        outs=tuple(paths(definition, *OUTPUTS)),
        sections=tuple(definition.get("params", [])),
    )


def full_name(rule: str, values: Mapping[str, str]) -> str:
    """The name that DVC gives a stage for these values of its matrix (or for wildcards in their place)."""
    return f"{rule}@{'-'.join(values.values())}" if values else rule


def value_of(params: Any, name: str) -> Any:
    """The value in params.yaml of `section` or `section.key`."""
    for part in name.split("."):
        params = params.get(part) if isinstance(params, Mapping) else None
    return params


def _filled(value: Any, params: Any) -> Any:
    """Fill `${section.key}` in all strings of a definition; one that is nothing else becomes the value itself."""
    if isinstance(value, str):
        if whole := PARAMETER.fullmatch(value):
            return value_of(params, whole[1])
        return PARAMETER.sub(lambda found: str(value_of(params, found[1])), value)
    if isinstance(value, Mapping):
        return {key: _filled(inner, params) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, params) for inner in value]
    return value
