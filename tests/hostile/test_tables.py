"""Tables, exports and parameters from others"""

import gzip
import itertools
import zipfile
from io import BytesIO

import bounded
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from radsieve import settings_file
from radsieve.screening.segmentation.segmented_images import _Names
from radsieve.storage.keys import unsafe
from radsieve.text_files import composed

DEEP = "[" * 100_000 + "]" * 100_000


def packed(text: str, ending: str) -> bytes:
    if ending == ".gz":
        return gzip.compress(text.encode())
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ratings.csv", text)
    return out.getvalue()


def parquet(rows: pd.DataFrame, **options) -> bytes:
    out = BytesIO()
    rows.to_parquet(out, **options)
    return out.getvalue()


def table(*rows: tuple[object, object, object]) -> bytes:
    """A CSV of ratings: item, rater, label."""
    return ("item,rater,label\n" + "".join(f"{item},R{rater},{label}\n" for item, rater, label in rows)).encode()


def constant_parquet() -> bytes:
    """A column of one value packs to nothing."""
    items = pd.Categorical.from_codes(np.zeros(30_000_000, "i1"), ["a"])
    return parquet(pd.DataFrame({"item": items, "rater": 1, "label": True}))


def odd_parquet() -> bytes:
    """Integers of 64 bits without a sign, infinity, the least integer."""
    items = np.array([2**63, 2**64 - 1], "u8")
    return parquet(pd.DataFrame({"item": items, "rater": [1.5, np.inf], "label": [-(2**63), 1]}))


def studio(text: str) -> bytes:
    """An export of Label Studio whose only label is the JSON `text`."""
    value = f'{{"choices": [{text}]}}'
    result = f'[{{"from_name": "label", "value": {value}}}]'
    return (
        f'[{{"id": 1, "data": {{"item": "a"}}, "annotations": [{{"completed_by": 1, "result": {result}}}]}}]'.encode()
    )


LONG = "item,rater,label\n" + "a,b,c\n" * 20_000_000
RATINGS = {
    "export nested 100,000 deep": ("a.json", lambda: DEEP.encode()),
    "export nested deep in a label": ("a.json", lambda: studio(DEEP)),
    "lines nested deep": ("a.ndjson", lambda: DEEP.encode()),
    "half of a character": ("a.json", lambda: studio('"\\ud800"')),
    "number of 10^5 digits": ("a.json", lambda: studio("9" * 100_000)),
    "NaN for a task": ("a.json", lambda: b"[NaN]"),
    "10^5 different labels": ("a.csv", lambda: table(*((i, 1, f"l{i}") for i in range(100_000)))),
    "10^5 raters": ("a.csv", lambda: table(*((1, i, 1) for i in range(100_000)))),
    "1,000 labels of 1,000 raters": ("a.csv", lambda: table(*((i, i, i) for i in range(1000)))),
    "gzip that unpacks to 120 MB": ("a.csv.gz", lambda: packed(LONG, ".gz")),
    "zip that unpacks to 120 MB": ("a.zip", lambda: packed(LONG, ".zip")),
    "one line of 20 MB": ("a.csv", lambda: ("item,rater,label" + "," * 20_000_000).encode()),
    "Parquet of 30 million equal rows": ("a.parquet", constant_parquet),
    "Parquet of odd integers": ("a.parquet", odd_parquet),
    "Parquet cut": ("a.parquet", lambda: parquet(pd.DataFrame({"item": ["a"] * 100}))[:-20]),
    "zeros": ("a.csv", lambda: bytes(1000)),
    "a zip with two tables": ("a.zip", lambda: _two()),
    "a zip that is none": ("a.zip", lambda: b"PK\3\4" + bytes(100)),
}  # fmt: skip
TAKEN = {"Parquet of odd integers"}
LATE = {
    "10^5 different labels",
    "gzip that unpacks to 120 MB",
    "zip that unpacks to 120 MB",
    "Parquet of 30 million equal rows",
    "10^5 raters",
}


def _two() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("a.csv", "b.csv"):
            archive.writestr(name, "item,rater,label\n")
    return out.getvalue()


def rated(name, tmp_path, happened):
    file, content = RATINGS[name]
    (tmp_path / file).write_bytes(content())
    outcome = bounded.call("hostile_calls:ratings", tmp_path / file)
    happened(outcome)
    assert outcome.kind == ("returned" if name in TAKEN else "InputError"), outcome
    assert outcome.seconds < bounded.SECONDS


@pytest.mark.parametrize("name", [name for name in RATINGS if name not in LATE])
def test_ratings(name, tmp_path, happened):
    """Refused with the file and what to do (integers of 64 bits are read), in limited time and memory."""
    rated(name, tmp_path, happened)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LATE))
def test_large_ratings(name, tmp_path, happened):
    """Refused with the file and what to do, in limited time and memory."""
    rated(name, tmp_path, happened)


@pytest.mark.slow
def test_many_raters(tmp_path, happened):
    """Compared in seconds: of 300 raters no two are compared with each other."""
    rows = [(item, rater, (item * rater) % 3) for item in range(40) for rater in range(300)]
    (tmp_path / "a.csv").write_bytes(table(*rows))
    outcome = bounded.call("hostile_calls:agreement", tmp_path / "a.csv")
    happened(outcome)
    assert outcome.kind == "returned", outcome


# params.yaml

LAUGHS = "a0: &a0 [1, 1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n" for i in range(1, 30))
MAPPINGS = "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {{x: *a{i - 1}, y: *a{i - 1}}}\n" for i in range(1, 40))
PARAMETERS = {
    "a billion laughs": LAUGHS,
    "a billion laughs of mappings": MAPPINGS,
    "an anchor in itself": "a: &a [*a]\n",
    "nested 100,000 deep": DEEP,
    "nested 100,000 deep by blocks": "- " * 100_000,
    "nested 100,000 deep by maps": "{a: " * 100_000,
    "10^5 keys": "".join(f"k{i}: 1\n" for i in range(100_000)),
    "10^5 keys of a section": "source:\n" + "".join(f"  k{i}: 1\n" for i in range(90_000)),
    "10^5 equal keys": "k: 1\n" * 100_000,
    "number of 10^5 digits": "source: {same_picture: " + "9" * 100_000 + "}\n",
    "10^7 characters": "#" * 10**7,
    "code": "a: !!python/object/apply:os.system [touch hacked]\n",
    "half of a character": 'source: {bucket: "\\ud800"}\n',
    "a date": "source: {bucket: 2020-01-01}\n",
    "nothing": "",
    "a list": "[1]\n",
    "zeros": "\0\0",
}  # fmt: skip


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name, tmp_path, happened):
    """Refused in limited time and memory, and in a limited number of words."""
    path = tmp_path / "params.yaml"
    path.write_text(PARAMETERS[name])
    outcome = bounded.call("radsieve.params:load", path)
    happened(outcome)
    assert outcome.kind == "InputError" and len(outcome.said) < 30_000, outcome
    assert outcome.seconds < bounded.SECONDS


def test_anchors_that_are_right(tmp_path, happened):
    """Read: blocks in common are not bombs."""
    path = tmp_path / "params.yaml"
    path.write_text("a: &a {b: 1, c: &c [1, 2]}\nd: {<<: *a, b: 2}\ne: *c\n")
    assert settings_file.read(path) == {"a": {"b": 1, "c": [1, 2]}, "d": {"b": 2, "c": [1, 2]}, "e": [1, 2]}
    happened("read as YAML has it")


# Names


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../b.png", "a\nb.png"], ids=repr)
def test_name_in_the_table_of_a_set(name, tmp_path, happened):
    """In quarantine for its own reason; the other images are packed."""
    (tmp_path / "images").mkdir()
    for number in range(2):
        Image.fromarray(np.full((8, 8), number * 50, np.uint8)).save(tmp_path / f"images/{number}.png")
    names = pd.DataFrame({"image": ["0.png", "1.png", name], "patient": ["a", "b", "c"]})
    names.to_csv(tmp_path / "table.csv", index=False)
    outcome = bounded.call("hostile_calls:packed_set", tmp_path)
    happened(outcome)
    assert outcome.kind == "returned" and outcome.said.startswith("(2, [('unsafe key'"), outcome


def test_names_of_masks(tmp_path, happened):
    """Every image has masks of its own, whatever images and folders are called."""
    short = ["".join(signs) for length in range(1, 6) for signs in itertools.product("a./", repeat=length)]
    odd = ["x" * 250, "x" * 251, "é" * 125, "x" * 250 + "/a", "a.png/b", "a.png", "a.png.png", "a/b/c", "a/b", "a.png_"]
    names = [name for name in (*short, *odd) if not unsafe(name)]
    taken = _Names()
    paths = [taken.free(name) for name in names]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        assert not (tmp_path / path).exists(), path
        (tmp_path / path).write_bytes(b"")
    assert len(set(paths)) == len(names)
    happened(f"{len(names)} images, {len(set(paths))} masks")
    alike = _Names()
    paths = [
        alike.free(name)
        for name in ("b/a.png", "B/a.png", "b/A.jpg", "B", "\u00e9.png", "e\u0301.png", "STRASSE", "straße")
    ]
    assert len({composed(path).casefold() for path in paths}) == len(paths), "on a disk that knows no capitals"
    usual = _Names()
    assert [usual.free(name) for name in ("b/a.png", "b/a.jpg", "b/a", "c.png")] == [
        "b/a.png",
        "b/a.jpg.png",
        "b/a.2.png",
        "c.png",
    ]


@pytest.mark.parametrize("readers", [10_000, 100_000])
def test_turing_answers_of_many_readers(readers, tmp_path, happened):
    """Refused with a reason."""
    rows = "".join(f"{'0' * 12},R{number},1,real,1\n" for number in range(readers))
    (tmp_path / "a.csv").write_text("test,reader,place,answer,seconds\n" + rows)
    outcome = bounded.call("hostile_calls:turing", tmp_path / "a.csv")
    happened(outcome)
    assert outcome.kind == "InputError" and "readers" in outcome.said, outcome
