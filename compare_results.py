#!/usr/bin/env python3
"""Compare the results and data of a run before the renaming with those of a run after it.

    /work/base/.venv/bin/python /work/scratch/compare_results.py OLD_ROOT NEW_ROOT [--verbose] [--only PREFIX]

OLD_ROOT and NEW_ROOT are checkouts with `results/` and `data/`. Paths, columns, keys and texts of the old run are put
through the mapping of words.py; then each file is one of

    identical            the same bytes
    equal                the same after the mapping (tables and JSON cell by cell, weights tensor by tensor, pages word by word)
    equal but digests    the same, but for SHA-256 sums (of files whose names or cards changed)
    reordered            a table with the same rows in another order
    figure               a PNG whose bytes differ (its texts changed); its table is what is compared
    numbers equal        a page whose words differ beyond the mapping, but whose numbers are the same, in order
    DIFFERENT            with the first place that differs
    ONLY OLD, ONLY NEW   a file without a partner

Exit status 1 if anything is different or has no partner.
"""

import argparse
import csv
import importlib.util
import json
import re
import sys
import zipfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

spec = importlib.util.spec_from_file_location("words", Path(__file__).with_name("words.py"))
assert spec and spec.loader
words = importlib.util.module_from_spec(spec)
spec.loader.exec_module(words)
words.compile_prose()

# Columns and keys whose new name depends on the table (words.py sees that from the code; here from the file).
COLUMNS = {"kept": {"expected_observed": "within"}}
KEYS = {"judge": "classifier", "promise": "expected", "draw": "generate"}
SKIP = {".gitignore", ".snakemake_timestamp"}
HEX = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b")
NUMBER = re.compile(r"\d[\d,.]*")


def new_path(path: str) -> str:
    """The path below the root, after the renaming."""
    for old, new in words.PATHS[1:3]:
        path = re.sub(old, new, path)
    parts = path.split("/")
    for place, part in enumerate(parts):
        stem, dot, suffix = part.partition(".")
        if part == "packed" or (place and parts[place - 1] in {"packed", "samples", "generated"}):
            continue
        parts[place] = words.STAGES.get(part) or (words.DATA_FILES.get(stem) or words.rename(stem, string=True)) + dot + suffix
    return "/".join(parts)


def text(value: str) -> str:
    """A text of the old run, as it reads now."""
    for old, new in words.PATHS:
        value = re.sub(old, new, value)
    return words.literal(value, words.NONE)


def name(column: str, table: str) -> str:
    """A column or key of the old run, as it is called now."""
    if column in COLUMNS:
        return COLUMNS[column].get(table, column)
    if column in KEYS:
        return KEYS[column]
    return words.rename(column, string=True) if re.fullmatch(r"\w+", column) else text(column)


def alike(old: Any, new: Any) -> str:
    """'equal', 'digest' or '' of two cells."""
    if isinstance(old, str) and isinstance(new, str):
        if old == new or text(old) == new:
            return "equal"
        if HEX.sub("#", text(old)) == HEX.sub("#", new) and HEX.search(old):
            return "digest"
        return ""
    if isinstance(old, float | np.floating) and isinstance(new, float | np.floating):
        return "equal" if old == new or (np.isnan(old) and np.isnan(new)) else ""
    return "equal" if old == new else ""


def tables(old: pd.DataFrame, new: pd.DataFrame, stem: str) -> str:
    """What two tables are to each other."""
    columns = [name(column, stem) for column in old.columns]
    if columns != list(new.columns):
        gone = [one for one in columns if one not in new.columns]
        more = [one for one in new.columns if one not in columns]
        if gone or more:
            return f"DIFFERENT: columns {gone} are not there, {more} are new"
        new = new[columns]
    if len(old) != len(new):
        return f"DIFFERENT: {len(old)} rows, now {len(new)}"
    old = old.set_axis(columns, axis=1)
    first, digests = "", False
    for column in columns:
        before, after = old[column].to_numpy(), new[column].to_numpy()
        if before.dtype == after.dtype and before.dtype != object and np.array_equal(before, after, equal_nan=before.dtype.kind == "f"):
            continue
        if before.dtype == object:
            bad = [row for row in range(len(before)) if not (found := alike(before[row], after[row])) or (digests := digests or found == "digest") is None]
        else:
            bad = [row for row in range(len(before)) if not alike(before[row], after[row])]
        if bad:
            first = first or f"column {column}, row {bad[0]}: {before[bad[0]]!r}, now {after[bad[0]]!r} ({len(bad)} of {len(before)} rows)"
    if not first:
        return "equal but digests" if digests else "equal"
    mapped = Counter(tuple(text(cell) if isinstance(cell, str) else repr(cell) for cell in row) for row in old.itertuples(index=False))
    found = Counter(tuple(cell if isinstance(cell, str) else repr(cell) for cell in row) for row in new.itertuples(index=False))
    return "reordered" if mapped == found else f"DIFFERENT: {first}"


def jsons(old: Any, new: Any, where: str = "") -> tuple[str, bool]:
    """The first place where two JSON values differ, and whether digests do."""
    if isinstance(old, dict) and isinstance(new, dict):
        renamed = {name(key, ""): value for key, value in old.items()}
        renamed |= {key: value for key, value in old.items() if key in new and name(key, "") not in new}
        renamed = {key: value for key, value in renamed.items() if key in new or key not in {name(one, "") for one in old} or True}
        for key in [*renamed, *new]:
            if key not in new or key not in renamed:
                other = next((one for one in new if one not in renamed), None)
                return f"{where}.{key}: only on one side (new: {other})", False
        digest = False
        for key, value in renamed.items():
            found, some = jsons(value, new[key], f"{where}.{key}")
            digest |= some
            if found:
                return found, digest
        return "", digest
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return f"{where}: {len(old)} items, now {len(new)}", False
        digest = False
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            found, some = jsons(one, other, f"{where}[{number}]")
            digest |= some
            if found:
                return found, digest
        return "", digest
    found = alike(old, new)
    return ("" if found else f"{where}: {old!r}, now {new!r}"), found == "digest"


def tensors(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The card and the bytes of each tensor of a safetensors file."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    card = header.pop("__metadata__", {})
    start = 8 + length
    return card, {key: content[start + value["data_offsets"][0] : start + value["data_offsets"][1]] for key, value in header.items()}


def compare(old: Path, new: Path, stem: str) -> str:
    """What the file is to its partner."""
    if old.read_bytes() == new.read_bytes():
        return "identical"
    suffix = old.suffix
    if suffix == ".png":
        return "figure"
    if suffix == ".csv":
        with old.open(newline="", encoding="utf-8") as one, new.open(newline="", encoding="utf-8") as other:
            before, after = list(csv.reader(one)), list(csv.reader(other))
        if not before or not after:
            return "DIFFERENT: empty"
        return tables(pd.DataFrame(before[1:], columns=before[0]), pd.DataFrame(after[1:], columns=after[0]), stem)
    if suffix == ".parquet":
        return tables(pd.read_parquet(old), pd.read_parquet(new), stem)
    if suffix == ".json":
        found, digest = jsons(json.loads(old.read_text()), json.loads(new.read_text()))
        return f"DIFFERENT: {found}" if found else "equal but digests" if digest else "equal"
    if suffix == ".npy":
        before, after = np.load(old), np.load(new)
        if before.shape != after.shape:
            return f"DIFFERENT: shape {before.shape}, now {after.shape}"
        return "equal" if np.array_equal(before, after) else f"DIFFERENT: {int((before != after).sum())} of {before.size} values"
    if suffix == ".safetensors":
        (card, before), (other, after) = tensors(old), tensors(new)
        if list(before.values()) != list(after.values()) or [text(key) for key in before] != list(after):
            return "DIFFERENT: tensors"
        one, two = ({key: json.loads(value) if value[:1] in "{[" else value for key, value in given.items()} for given in (card, other))
        found, digest = jsons(one, two)
        return f"equal tensors, card differs: {found}" if found else "equal but digests" if digest else "equal"
    if suffix == ".skops":
        with zipfile.ZipFile(old) as one, zipfile.ZipFile(new) as two:
            pairs = [(one.read(a), two.read(b)) for a, b in zip(sorted(one.namelist()), sorted(two.namelist()), strict=False)]
        return "equal" if all(a == b or re.sub(rb"radsieve[\w.]*", b"", a) == re.sub(rb"radsieve[\w.]*", b"", b) for a, b in pairs) else "DIFFERENT: model"
    try:
        before, after = old.read_text(encoding="utf-8"), new.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return "DIFFERENT: bytes"
    plain = [re.sub(r"data:[^\"')]*", "", one) for one in (before, after)]
    mapped = " ".join(words.prose(plain[0]).split())
    if mapped == " ".join(plain[1].split()):
        return "equal"
    if HEX.sub("#", mapped) == HEX.sub("#", " ".join(plain[1].split())):
        return "equal but digests"
    bare = [NUMBER.findall(re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]*>|sha256-[^']*", " ", HEX.sub("#", one), flags=re.DOTALL)) for one in plain]
    if bare[0] == bare[1]:
        return "numbers equal"
    place = next((at for at, (a, b) in enumerate(zip(*bare, strict=False)) if a != b), min(map(len, bare)))
    return f"DIFFERENT: number {place} on the page: {bare[0][place : place + 3]}, now {bare[1][place : place + 3]}"


def files(root: Path) -> dict[str, Path]:
    return {
        path.relative_to(root).as_posix(): path
        for top in ("results", "data")
        for path in sorted((root / top).rglob("*"))
        if path.is_file() and path.name not in SKIP and "published" not in path.relative_to(root).parts[:2]
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--verbose", action="store_true", help="name the equal files, too")
    parser.add_argument("--only", default="", help="old paths that begin so")
    args = parser.parse_args()
    before, after = files(args.old), files(args.new)
    count: Counter[str] = Counter()
    stages: dict[str, Counter[str]] = defaultdict(Counter)
    met = set()
    for path, file in before.items():
        if not path.startswith(args.only):
            continue
        place = new_path(path)
        place = place if place in after else path if path in after else place
        if place not in after:
            said = "ONLY OLD"
        else:
            met.add(place)
            try:
                said = compare(file, after[place], after[place].stem)
            except (ValueError, KeyError, OSError) as error:
                said = f"DIFFERENT: cannot be compared: {error}"
        kind = said.split(":")[0]
        count[kind] += 1
        stages["/".join(path.split("/")[:2])][kind] += 1
        if args.verbose or kind not in {"identical", "equal", "figure"}:
            print(f"{said.partition(':')[0]:20} {path}{'' if place == path else ' -> ' + place}{said.partition(':')[2]}")
    if not args.only:
        for place in sorted(set(after) - met):
            count["ONLY NEW"] += 1
            print(f"{'ONLY NEW':20} {place}")
    print()
    for stage, kinds in stages.items():
        print(f"{stage:40} " + ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())))
    print("\nin all: " + ", ".join(f"{number} {kind}" for kind, number in sorted(count.items())))
    return int(any(kind.isupper() or kind.startswith(("DIFF", "ONLY")) for kind in count))


if __name__ == "__main__":
    sys.exit(main())
