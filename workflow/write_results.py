"""Write the section of a preset in docs/results.md from its results: `python workflow/write_results.py`.

The section stands between two marks with the name of the preset that is in use (see use_preset.py), and is written anew
as a whole; everything else in the file stays as it is. Only stages that are up to date take part.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import asking_dvc
import earlier_splits
import result_tables
import use_preset

from radsieve import files
from radsieve import params as parameters
from radsieve.errors import InputError
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.study.hardware import asked
from radsieve.reporting.study.run import UNKNOWN, read_run

PAGE = Path("docs/results.md")
_NAMED = ("torch", "scikit-learn", "numpy", "pandas")


def section(preset: str, results: Path, params: Path, tracks: Sequence[str], only: Sequence[str] = ()) -> str:
    """The text between the marks of a preset: what the run was, and its tables, or those in the folders `only`.

    Raises InputError if there is no result of `tracks`.
    """
    found = list(result_tables.tables(results, tracks, only))
    if not found:
        raise InputError(f"{results}: no result of {', '.join(tracks)}; run them first")
    lines = [f"## Preset `{preset}`", "", *_run(results, params, tracks)]
    for title, text in found:
        lines += ["", f"### {title} ({preset})", "", text]
    if before := earlier_splits.compared(results, preset):
        lines += ["", f"### {earlier_splits.TITLE} ({preset})", "", before]
    return "\n".join(lines)


def placed(page: str, preset: str, text: str) -> str:
    """The page with `text` between the marks of `preset`, which are put at its end if they are not there yet."""
    start, end = marks(preset)
    whole = f"{start}\n\n{text}\n\n{end}"
    place = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    if place.search(page):
        return place.sub(lambda _: whole, page)
    return f"{page.rstrip()}\n\n{whole}\n"


def marks(preset: str) -> tuple[str, str]:
    """The marks between which the section of a preset stands."""
    return f"<!-- written by workflow/write_results.py: {preset} -->", f"<!-- end of {preset} -->"


def _run(results: Path, params: Path, tracks: Sequence[str]) -> list[str]:
    """The run in a few lines: versions, digests of parameters, of splits and of code, and where networks ran."""
    runs = [read_run(Inputs(results), f"report_{track}") for track in tracks]
    known = next((run for run in runs if run.system != UNKNOWN), runs[0])
    listed = "".join(f"{name} {digest}\n" for run in runs for name, digest in run.code.items())
    code = hashlib.sha256(listed.encode()).hexdigest()[:12]
    packages = [f"{name} {known.packages[name]}" for name in _NAMED if name in known.packages]
    splits = sorted(results.glob("assign_splits/*/images.csv"))
    digest = hashlib.sha256("".join(files.sha256(path) for path in splits).encode()).hexdigest()[:12]
    return [
        f"Tracks: {', '.join(tracks)}. radsieve {known.version}; packages: {', '.join(packages) or UNKNOWN};",
        f"code of the stages: {f'`{code}`' if known.code else UNKNOWN}; params.yaml `{files.sha256(params)[:12]}`;"
        f" splits {f'`{digest}`' if splits else 'none'};",
        f"networks: {asked(parameters.load(params))}; system: {known.system}. Digests are the first digits of SHA-256.",
    ]


def up_to_date(tracks: Sequence[str], only: Sequence[str] = ()) -> None:
    """Raise InputError if a stage whose results are shown, those in the folders `only` if any, is not up to date."""
    shown = {spec.files.partition("/")[0] for spec in result_tables.SPECS if spec.track in tracks}
    changed = (name.partition("@")[::2] for name in asking_dvc.dvc_status())
    wanted = [stage for stage, value in changed if stage in shown and (not only or {stage, value} & {*only})]
    if stale := sorted(set(wanted)):
        raise InputError(f"not up to date: {', '.join(stale)}; run them first, or leave their track out (--tracks)")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the section of the preset in use."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tracks", nargs="+", choices=result_tables.TRACKS, default=list(result_tables.TRACKS))
    parser.add_argument("--only", nargs="+", default=(), help="folders of results, such as the sets of a preset")
    parser.add_argument("--results", type=Path, help="those of another folder, which are taken as they are")
    parser.add_argument("--params", type=Path, default=Path("params.yaml"), help="the parameters they were made by")
    parser.add_argument("--page", type=Path, default=PAGE)
    args = parser.parse_args(arguments)
    if args.results is None:
        up_to_date(args.tracks, args.only)
    preset = use_preset.in_use(args.params.read_text(encoding="utf-8"))
    text = section(preset, args.results or Path("results"), args.params, args.tracks, args.only)
    files.write_text(args.page, placed(args.page.read_text(encoding="utf-8"), preset, text))
    print(f"{args.page}: section of preset {preset} written")


if __name__ == "__main__":
    try:
        main()
    except (InputError, asking_dvc.DvcError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
