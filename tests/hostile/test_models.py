"""Models and packs: files of weights, trees and images from others"""

import io
import json
import zipfile
from pathlib import Path

import bounded
import example_sieves
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from radsieve.generators.residual import ARCHITECTURE, GENERATOR, ResidualGenerator
from radsieve.imaging.packs import write_pack
from radsieve.networks.blocks import BlockNetwork, Blocks
from radsieve.networks.segmenter import KIND
from radsieve.networks.unets import build_network
from radsieve.stats.models import check_trees, read_model, write_model
from radsieve.tasks.images.stored import KIND as CLASSIFIER
from radsieve.tasks.texts.network import WriterNetwork

DEEP = "[" * 100_000 + "]" * 100_000
ABSURD = (10**9, 10**30, -1, 0, 2.5, "8", None, True, [8], float("nan"))
U_NET = {"kind": KIND, "encoder": "none", "width": 2, "depth": 2, "channels": 1, "pixels": 16, "threshold": 0.5}
U_NET |= {"mirrored": False, "temperature": 1.0}
GAN = {"kind": GENERATOR, "architecture": ARCHITECTURE, "pixels": 8, "channels": 1, "width": 2}
WRITER = {"kind": "writer", "net": "gru", "width": 4, "layers": 1, "embedding": 3, "attention": False, "dropout": 0.0}
WRITER |= {"counts": 0, "stretch": 5, "signs": {"unit": "character", "letters": ["a", "b"], "words": [], "spelled": []}}
CLASSES = {"kind": CLASSIFIER, "variant": "2x1", "classes": ["a", "b"], "channels": 1, "pixels": 8, "temperature": 1.0}
CLASSES |= {"settings": {"input_pixels": 8, "scale": 255.0, "dense": 3, "dropout": 0.0, "mirror": 0.0}}
NETWORKS = {
    "classes": (CLASSES, lambda card: BlockNetwork(Blocks.of("2x1"), 1, 8, 2, 3, 0.0).state_dict()),
    "segmenter": (U_NET, lambda card: build_network(card).state_dict()),
    "generator": (GAN, lambda card: ResidualGenerator(8, 1, 2).state_dict()),
    "writer": (WRITER, lambda card: {f"network.{k}": v for k, v in WriterNetwork(card, 4).state_dict().items()}),
}
SIZES = [("segmenter", key) for key in ("width", "depth", "channels", "pixels", "threshold", "temperature", "mirrored")]
SIZES += [("generator", key) for key in ("pixels", "channels", "width")]
SIZES += [("classes", key) for key in ("variant", "classes", "channels", "pixels", "temperature", "settings")]
SIZES += [("writer", key) for key in ("width", "layers", "embedding", "dropout", "counts", "stretch", "signs")]


def write(path: Path, kind: str, card: object, change=lambda name, tensor: tensor) -> Path:
    right, tensors = NETWORKS[kind]
    found = {name: change(name, tensor).contiguous() for name, tensor in tensors(right).items()}
    save_file(found, path, {"card": card if isinstance(card, str) else json.dumps(card)})
    return path


def refused(kind: str, path: Path, happened) -> str:
    outcome = bounded.call(f"hostile_calls:{kind}", path)
    happened(outcome)
    assert outcome.kind == "InputError" and str(path.name) in outcome.said, outcome
    assert outcome.seconds < bounded.SECONDS
    return outcome.said


@pytest.mark.slow
@pytest.mark.parametrize("kind", NETWORKS)
def test_right(kind, tmp_path, happened):
    """Loaded: the other rows differ from this one in one thing."""
    outcome = bounded.call(f"hostile_calls:{kind}", write(tmp_path / "a.safetensors", kind, NETWORKS[kind][0]))
    happened(outcome.kind)
    assert outcome.kind == "returned", outcome


@pytest.mark.parametrize(("kind", "key"), SIZES, ids=lambda value: value)
def test_absurd_number_in_a_card(kind, key, tmp_path, happened):
    """Refused before anything is built by it, whatever it is."""
    right = NETWORKS[kind][0]
    allowed = {"mirrored": ABSURD, "temperature": (10**9, 2.5, *ABSURD[1:2]), "threshold": (0, 1), "dropout": (0, 1)}
    allowed |= {"counts": (0,), "stretch": (), "channels": ()}
    wrong = [value for value in ABSURD if not any(value is one or value == one for one in allowed.get(key, ()))]
    paths = [write(tmp_path / f"{n}.safetensors", kind, right | {key: value}) for n, value in enumerate(wrong)]
    outcomes = bounded.call("hostile_calls:each", kind, paths)
    happened(outcomes)
    assert outcomes.said == repr(["InputError"] * len(wrong)), (outcomes, wrong)


def real(change):
    """Change weights that are real numbers."""
    return lambda name, tensor: change(tensor.clone()) if tensor.is_floating_point() else tensor


WEIGHTS = {
    "NaN": real(lambda tensor: tensor.fill_(float("nan"))),
    "one infinity": real(lambda tensor: tensor.index_fill_(0, torch.tensor([0]), float("inf"))),
    "integers": lambda name, tensor: tensor.to(torch.int32),
    "booleans": lambda name, tensor: tensor.bool(),
    "another shape": lambda name, tensor: tensor[None],
    "none": lambda name, tensor: tensor.flatten()[:0],
}


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("weights", WEIGHTS)
def test_weights(weights, kind, tmp_path, happened):
    """Refused, naming the tensor."""
    refused(kind, write(tmp_path / "a.safetensors", kind, NETWORKS[kind][0], WEIGHTS[weights]), happened)


@pytest.mark.parametrize(
    "card", [DEEP, f'{{"kind": {DEEP}}}', "{", "null", '{"kind": NaN}', "3"], ids=lambda card: card[:14]
)
def test_card(card, tmp_path, happened):
    """Refused."""
    refused("segmenter", write(tmp_path / "a.safetensors", "segmenter", card), happened)


HEADERS = {
    "nested 100,000 deep": DEEP.encode(),
    "offsets beyond the file": b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}',
    "10^12 numbers": b'{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}',
    "a shape that overflows": b'{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}}',
    "a card that is no text": b'{"__metadata__":{"card":3}}',
}


@pytest.mark.parametrize("header", HEADERS)
def test_header(header, tmp_path, happened):
    """Refused."""
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(HEADERS[header]).to_bytes(8, "little") + HEADERS[header])
    refused("segmenter", path, happened)


@pytest.mark.parametrize("threshold", ["NaN", "1e999", "-0.1", "2", '"0.5"', "null", DEEP], ids=lambda text: text[:6])
def test_threshold_of_a_sieve(threshold, tmp_path, happened):
    """Refused: a sieve that accepts nothing must say so."""
    example_sieves.make_sieve().save(tmp_path)
    card = tmp_path / "card.json"
    text = card.read_text()
    assert '"threshold": 0.5' in text
    card.write_text(text.replace('"threshold": 0.5', f'"threshold": {threshold}'))
    refused("sieve", card, happened)


# Trees

X = np.random.default_rng(1).normal(size=(60, 3))
TREE = DecisionTreeClassifier(max_depth=3, random_state=1).fit(X, X[:, 0] > 0.1 * X[:, 1])


def rewritten(path: Path, change, **member) -> Path:
    """The file of a model with a change of (name, content) of each member."""
    write_model(path, TREE)
    with zipfile.ZipFile(path) as stored:
        members = [(name, stored.read(name)) for name in stored.namelist()]
    with zipfile.ZipFile(path, "w", **member) as out:
        for name, content in members:
            out.writestr(name, change(name, content))
    return path


def nodes(**fields):
    """Set a field of the nodes of the stored tree."""

    def change(name, content):
        if not name.endswith(".npy") or (array := np.load(io.BytesIO(content))).dtype.names is None:
            return content
        for field, (place, value) in fields.items():
            array[field][place] = value
        out = io.BytesIO()
        np.save(out, array)
        return out.getvalue()

    return change


def huge(name, content):
    if not name.endswith(".npy"):
        return content
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": "<f8", "fortran_order": False, "shape": (10**11,)})
    return out.getvalue() + b"\0" * 8


def cyclic(name, content):
    again = {"__id__": 1, "__loader__": "CachedNode", "__class__": "list", "__module__": "builtins"}
    circle = again | {"__loader__": "ListNode", "protocol": 2, "content": [again]}
    return json.dumps(circle) if name == "schema.json" else content


FILES = {
    "child out of range": nodes(left_child=(0, 10**6)),
    "negative child": nodes(left_child=(0, -5)),
    "a circle": nodes(left_child=(1, 0)),
    "its own child": nodes(right_child=(0, 0)),
    "feature out of range": nodes(feature=(0, 10**6)),
    "negative feature": nodes(feature=(0, -7)),
    "NaN as a threshold": nodes(threshold=(0, np.nan)),
    "array of 10^11 numbers": huge,
    "schema of a circle": cyclic,
    "schema nested deep": lambda name, content: DEEP if name == "schema.json" else content,
    "schema that is empty": lambda name, content: "{}" if name == "schema.json" else content,
    "array cut": lambda name, content: content[:-1] if name.endswith(".npy") else content,
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_model_of_trees(kind, tmp_path, happened):
    """Refused; the process neither dies nor runs for ever."""
    refused("model", rewritten(tmp_path / "a.skops", FILES[kind]), happened)


def test_model_encrypted_or_of_unknown_compression(tmp_path, happened):
    """Refused."""
    path = rewritten(tmp_path / "a.skops", lambda name, content: content)
    whole = path.read_bytes()
    for place, value in ((8, 1), (10, 99)):  # of the entry in the central directory: flags, method
        start = whole.index(b"PK\x01\x02")
        path.write_bytes(whole[: start + place] + bytes([value]) + whole[start + place + 1 :])
        refused("model", path, happened)
    refused("model", rewritten(path, lambda name, content: content, compression=zipfile.ZIP_LZMA), happened)


def test_trees_that_are_right(tmp_path, happened):
    """Loaded, alone and in a forest."""
    for model in (TREE, RandomForestClassifier(3, random_state=1).fit(X, X[:, 0] > 0)):
        check_trees(model)
    write_model(tmp_path / "a.skops", TREE)
    assert (read_model(tmp_path / "a.skops").predict(X) == TREE.predict(X)).all()
    happened("predictions are the same")


# Packs


def npy(shape: tuple[int, ...], descr: str = "|u1", body: bytes = b"\0" * 64) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": descr, "fortran_order": False, "shape": shape})
    return out.getvalue() + body


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


ARRAYS = {
    "10^12 rows": npy((10**12, 1, 8, 8)),
    "10^30 rows": npy((10**30, 1, 8, 8)),
    "negative rows": npy((-1, 1, 8, 8)),
    "rows that are no number": header("{'descr': '|u1', 'fortran_order': False, 'shape': (1.5, 1, 8, 8)}"),
    "sides of 10^9": npy((1, 1, 10**9, 10**9)),
    "objects": npy((1, 1, 8, 8), "|O"),
    "a header nested deep": header("{'descr': " + "(" * 3000 + ")" * 3000 + "}"),
    "a header that is code": header("__import__('os').system('touch hacked')"),
    "cut": npy((1, 1, 8, 8), body=b"\0" * 63),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_images_of_a_pack(kind, tmp_path, happened):
    """Refused."""
    write_pack(tmp_path, ["a.png"], [np.zeros((1, 8, 8), np.uint8)], (1, 8, 8))
    (tmp_path / "images.npy").write_bytes(ARRAYS[kind])
    refused("pack", tmp_path / "images.npy", happened)


@pytest.mark.parametrize(
    "name", ["../a.png", "/etc/passwd", "a/../../b", "a\0b", "x" * 600], ids=lambda name: repr(name[:12])
)
def test_names_of_a_pack(name, tmp_path, happened):
    """Refused: a page or a script may write a file of that name."""
    write_pack(tmp_path, ["a.png"], [np.zeros((1, 8, 8), np.uint8)], (1, 8, 8))
    (tmp_path / "index.csv").write_text(f"image\n{name}\n")
    refused("pack", tmp_path / "index.csv", happened)
