"""The stages of dvc.yaml in Snakemake's terms: inputs, outputs with their captions, command and resources of a rule."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import engines
import stages
from asking_dvc import STATE
from snakemake.io import directory, report

KINDS = {".csv": "table as CSV", ".png": "figure", ".html": "page"}
CAPTIONS = STATE / "captions"


class Rule:
    """A stage whose matrix has become wildcards; `known` are all stages, once for each value of their matrix."""

    def __init__(self, stage: str, definition: Mapping[str, Any], known: Mapping[str, stages.Stage]) -> None:
        self.stage = stage
        self._made = stages.made(known)
        self._wildcards = {key: f"{{{key}}}" for key in definition.get("matrix", {})}
        self._definition = stages.substitute(definition, self._wildcards)
        self._captions = stages.descriptions(self._definition)
        self._unpublished = stages.unpublished(self._definition)
        self.name = stages.full_name(stage, self._wildcards)
        # a rule with wildcards cannot be asked for by its name, which is that of a target for all values of the matrix
        self.rule = f"{stage}_of_{'_and_'.join(self._wildcards)}" if self._wildcards else stage
        self.track: str = definition["meta"]["track"]
        self.threads: int = definition["meta"].get("threads", 1)  # on a cluster
        self.priority = stages.chains(known)[stage]

    def inputs(self) -> list[str]:
        """What the stage reads, and the stamp that says if it is up to date."""
        read = stages.unfolded(stages.paths(self._definition, "deps"), self._made)
        return [*read, engines.stamp(self.name)]

    def outputs(self) -> dict[str, Any]:
        """What it writes, by name; tables, figures and pages that dvc.yaml describes go into the report."""
        return {_keyword(path): self._output(path) for path in stages.paths(self._definition, *stages.OUTPUTS)}

    def resources(self, device: str | None) -> dict[str, int]:
        """What a job asks a cluster for: memory in MB, time in minutes, and graphics cards by `compute.device`.

        With `cuda` each stage that runs a network has to have one, with `auto` those have whose stanza says so.
        """
        meta = self._definition["meta"]
        has = {"cuda": "compute" in self._definition.get("params", []), "auto": "gpu" in meta}
        asked = {"gpu": meta.get("gpu", 1)} if has.get(device or "") else {}
        return {"mem_mb": meta.get("mem_mb", 2000), "runtime": meta.get("runtime", 60), **asked}

    def message(self) -> str:
        """The message of a job on the terminal."""
        return f"{self.name.replace('{', '{wildcards.')}: {self._definition['desc']}"

    def _output(self, path: str) -> Any:
        kind, stem = Path(path).suffix, Path(path).stem
        plain = path if kind else directory(path)
        if stem not in self._captions or path in self._unpublished or (kind and kind not in KINDS):
            return plain
        shown = {"caption": self._caption(stem), "category": self.track.capitalize()}
        if not kind:  # a folder of pages, one per table: <stage>.<table>.html
            labels = {"what": "{table}", "kind": "table to sort"}
            return report(plain, patterns=["{stage}.{table}.html"], subcategory="{stage}", labels=labels, **shown)
        within = [part for part in Path(path).parts[2:-1] if part not in self._wildcards.values()]
        labels = {"what": " ".join([*self._wildcards.values(), *within, stem]), "kind": KINDS[kind]}
        return report(plain, subcategory=self.stage, labels=labels, **shown)

    def _caption(self, stem: str) -> str:
        """The file with the caption of an output, which Snakemake requires as reStructuredText."""
        path = Path(CAPTIONS, f"{self.stage}_{stem}.rst").absolute()
        engines.write_if_changed(path, self._captions[stem].replace("`", "``") + ".\n")
        return str(path)


def _keyword(path: str) -> str:
    """A name for an output: its path below the first folder, without wildcards."""
    parts = [part for part in Path(path).parts[1:] if not part.startswith("{")]
    return re.sub(r"\W", "_", "_".join(parts))
