"""How far results move between processors: a few stages under the instructions that several kinds of processors have.

Instructions that a processor lacks cannot be tried on it; those that it has can be withheld from the libraries. So the
table has more rows on a newer processor, and says which kinds could not be tried.
"""

import argparse
import json
import shlex
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests/helpers")]

import stages as definitions  # noqa: E402
from project import SMALL_GENERATION, SMALL_SCREENING, Project, change, fresh  # noqa: E402

from radsieve import instructions  # noqa: E402

# stage: values of its metrics.json that the table shows
SHOWN = {
    "train_segmenter@chest": ("dice",),
    "train_abnormality": ("roc_auc.value",),
    "train_gan@normal": ("fid.value", "kid.value"),
}
# long enough for small differences to grow
LONGER = {"train_gan": {"steps": 120, "evaluated_images": 32}}


@dataclass(frozen=True)
class Kind:
    """A kind of processor: what it must have, and what the libraries and the parameters are told."""

    name: str
    needs: str
    environment: Mapping[str, str] = field(default_factory=dict)
    compute: Mapping[str, Any] = field(default_factory=dict)


def held(aten: str, onednn: str, blas: str) -> dict[str, str]:
    """The variables that hold PyTorch, oneDNN and OpenBLAS to a set of instructions."""
    return {"ATEN_CPU_CAPABILITY": aten, "ONEDNN_MAX_CPU_ISA": onednn, "OPENBLAS_CORETYPE": blas}


NATIVE = {"instructions": "native"}
KINDS = (
    Kind("AVX2, the default", "avx2"),
    Kind("AVX2, one thread", "avx2", compute={"threads": 1}),
    Kind("no AVX (SSE4.1)", "sse4_1", held("default", "SSE41", "Nehalem"), NATIVE),
    Kind("AVX-512", "avx512f", held("avx512", "AVX512_CORE", "SkylakeX"), NATIVE),
    Kind("AVX-512 and AMX, float32", "amx_tile", {}, NATIVE),
    Kind("AVX-512 and AMX, bfloat16", "amx_tile", {}, NATIVE | {"precision": "bfloat16"}),
)


def value(metrics: Any, keys: str) -> float:
    """What stands in nested mappings at dotted keys; where `value` is asked of a number, the number."""
    for key in keys.split("."):
        metrics = metrics[key] if isinstance(metrics, dict) else metrics
    return float(metrics["value"] if isinstance(metrics, dict) else metrics)


def read_by_them(project: Project) -> list[str]:
    """What the stages read and other stages make: it is made once, with the default settings."""
    known = definitions.stages(project.folder / "dvc.yaml")
    made = {out for stage in known.values() for out in stage.outs}
    return sorted({dep for stage in SHOWN for dep in known[stage].deps if dep in made})


def results(project: Project, kind: Kind) -> tuple[dict[str, float], dict[str, bytes]]:
    """Run the stages as this kind of processor would: the values shown, and every file that the stages wrote."""
    with project.params() as params:
        change(params, {"compute": {"instructions": "avx2", "precision": "float32", "threads": 2} | dict(kind.compute)})
    found, written = {}, {}
    here = Project(project.folder, kind.environment)
    for stage, shown in SHOWN.items():
        known = definitions.stages(project.folder / "dvc.yaml")[stage]
        here.call("bash", "-c", f"cd {shlex.quote(str(project.folder))} && {known.cmd}")
        for out in known.outs:
            path = project.folder / out
            written |= {str(file): file.read_bytes() for file in ([path] if path.is_file() else path.rglob("*.*"))}
            if path.name == "metrics.json":
                metrics = json.loads(path.read_text(encoding="utf-8"))
                found |= {f"{stage} {keys}": value(metrics, keys) for keys in shown}
    return found, written


def row(kind: Kind, found: Mapping[str, float], same: int, files: int) -> str:
    """A line of the table."""
    return f"| {kind.name} | {' | '.join(f'{number:.4f}' for number in found.values())} | {same} of {files} |"


def main() -> None:
    """Run the stages under each kind of instructions that this processor has, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    flags = instructions.flags()
    tried = [kind for kind in KINDS if kind.needs in flags]
    with tempfile.TemporaryDirectory() as folder:
        project = fresh(Path(folder) / "radsieve")
        with project.params() as params:
            for changes in (SMALL_SCREENING, SMALL_GENERATION, LONGER):
                change(params, changes)
        project.snakemake(*read_by_them(project))
        rows, first = [], dict[str, bytes]()
        for kind in tried:
            found, written = results(project, kind)
            first = first or written
            same = sum(written[name] == content for name, content in first.items())
            rows.append(row(kind, found, same, len(first)))
    heads = [name.removesuffix(".value") for name in found]
    missing = [kind.name for kind in KINDS if kind not in tried]
    text = [
        "## Results on other processors",
        "",
        "The same stages at a small scale, with the libraries held to the instructions of each kind of processor. The"
        " last column counts the files that are the same, byte for byte, as with the default settings.",
        "",
        f"| instructions | {' | '.join(heads)} | files alike |",
        f"|---|{'---|' * (len(heads) + 1)}",
        *rows,
    ]
    if missing:
        text += ["", f"This processor lacks what these need, so they were not tried: {'; '.join(missing)}."]
    args.out.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
