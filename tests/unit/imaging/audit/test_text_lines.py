"""Lines of text in pictures: with networks that are written down here, and with those that read, if installed."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest
from lettering import lettered, needs_reader

from radsieve.errors import InputError
from radsieve.imaging.audit import text_lines
from radsieve.imaging.audit.text_lines import TextReader
from radsieve.phantoms.knees import render_knee

CHARACTERS = "AB1-"  # of the made-up recogniser: 0 is nothing, 5 a blank
NOTHING, BLANK = 0, 5


class Networks:
    """A detector that marks what is bright, and a recogniser that reads `reads` in turn; both note what they see."""

    def __init__(self, monkeypatch, *reads):
        self.seen, self.parts, self._reads = [], [], list(reads)
        sessions = {b"detector": SimpleNamespace(run=self._detect)}
        meta = SimpleNamespace(custom_metadata_map={"character": "\n".join(CHARACTERS)})
        sessions[b"recogniser"] = SimpleNamespace(run=self._read, get_modelmeta=lambda: meta)
        monkeypatch.setattr(text_lines, "_models", lambda: iter(sessions))
        monkeypatch.setattr(text_lines, "_session", sessions.get)

    def _detect(self, _outputs, given):
        self.seen.append(given["x"].shape)
        return [np.where(given["x"][:, :1] > 0, 0.9, 0.1).astype(np.float32)]

    def _read(self, _outputs, given):
        self.parts.append(given["x"])
        steps = self._reads.pop(0) if self._reads else [NOTHING]
        return [0.6 * np.eye(len(CHARACTERS) + 2, dtype=np.float32)[None, steps]]


def bar(height=400, width=800):
    """A dark picture of 400 x 800 with a bright bar of 20 x 200 pixels from row 100, column 300."""
    picture = np.zeros((height, width), dtype=np.float32)
    picture[100:120, 300:500] = 1
    return picture


def test_characters_are_counted_and_put_nowhere(monkeypatch):
    Networks(monkeypatch, [1, 1, NOTHING, 1, 2, 2, BLANK, 3, 4, 3, 3], [NOTHING])
    (line,) = TextReader().lines(bar())
    assert (line.letters, line.in_a_row, line.confidence) == (5, 3, 0.6)  # A A B, blank, 1 - 1
    assert not [value for value in vars(line).values() if isinstance(value, str)]


def test_a_box_stands_around_its_line(monkeypatch):
    Networks(monkeypatch, [1, 2, 3])
    ((top, left, bottom, right),) = (line.box for line in TextReader().lines(bar()))
    assert 0.18 < top <= 0.25 and 0.30 <= bottom < 0.37
    assert 0.35 < left <= 0.375 and 0.625 <= right < 0.65


def test_a_line_may_run_up_or_down_or_stand_on_its_head(monkeypatch):
    networks = Networks(monkeypatch, [NOTHING], [1, 2, 3])
    assert TextReader().lines(bar())[0].in_a_row == 3
    first, second = (part[0, 0] for part in networks.parts)
    assert first.shape == second.shape and first.shape[0] == 48

    upright = np.rot90(bar())
    networks = Networks(monkeypatch, [NOTHING], [1, 2, 3])
    assert TextReader().lines(upright)[0].in_a_row == 3
    assert all(part.shape[3] > 4 * part.shape[2] for part in networks.parts)  # laid down


def test_without_a_bright_place_nothing_is_read(monkeypatch):
    networks = Networks(monkeypatch)
    assert TextReader().lines(np.linspace(0, 0.4, 300 * 400, dtype=np.float32).reshape(300, 400) * 0) == []
    assert networks.parts == []


@pytest.mark.parametrize("shape", [(1, 9000), (9000, 1), (3, 200), (5, 5), (30, 9000)])
def test_pictures_that_hold_no_letters_are_not_searched(monkeypatch, shape):
    networks = Networks(monkeypatch)
    assert TextReader().lines(np.zeros(shape, dtype=np.float32)) is None
    assert networks.seen == []


@pytest.mark.parametrize("shape", [(5000, 7000), (100, 4000), (40, 60), (736, 736)])
def test_what_networks_see_is_bounded(monkeypatch, shape):
    networks = Networks(monkeypatch)
    assert TextReader().lines(np.zeros(shape, dtype=np.float32)) == []
    ((_, _, height, width),) = networks.seen
    assert max(height, width) <= 1600 and height % 32 == width % 32 == 0
    assert width / height == pytest.approx(shape[1] / shape[0], rel=0.35)


def test_a_picture_full_of_lines_costs_no_more_than_some(monkeypatch):
    picture = np.zeros((736, 736), dtype=np.float32)
    picture[8::24, 8:700] = picture[9::24, 8:700] = picture[10::24, 8:700] = 1
    for column in range(40, 700, 60):
        picture[:, column : column + 16] = 0
    networks = Networks(monkeypatch)
    assert len(TextReader().lines(picture)) == 64
    assert len(networks.parts) == 128 and all(part.shape[3] <= 1600 for part in networks.parts)


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(text_lines, "find_spec", lambda _name: None)
    with pytest.raises(InputError, match=r"onnxruntime, rapidocr_onnxruntime; install them .*\[text\]"):
        TextReader()


def test_another_model_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(
        text_lines, "find_spec", lambda _name: SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    )
    with pytest.raises(InputError, match=r"det_infer\.onnx: not found"):
        TextReader()
    (tmp_path / "models").mkdir()
    for name in text_lines._MODELS:
        (tmp_path / "models" / name).write_bytes(b"model")
    with pytest.raises(InputError, match="is not the model of version"):
        TextReader()
    monkeypatch.setattr(text_lines, "_MODELS", dict.fromkeys(text_lines._MODELS, hashlib.sha256(b"model").hexdigest()))
    assert list(text_lines._models()) == [b"model"] * 2


@pytest.fixture(scope="module")
def reader():
    return TextReader()


def knee(seed, height=224):
    return render_knee(np.random.default_rng(seed), 4.0, height).astype(np.float32)


@needs_reader
@pytest.mark.parametrize("turn", [0, 1, 2, 3])
@pytest.mark.parametrize("text", ["DOE JANE 1957", "PATIENT ID 0042317", "12.03.1957"])
def test_planted_text_is_read(reader, text, turn):
    """A word or so may be a line of its own, and a letter misread; not more."""
    lines = reader.lines(np.rot90(lettered(knee(1), text, 10), turn))
    read = [line for line in lines if line.in_a_row >= 3 and line.confidence > 0.8]
    assert 1 <= len(read) <= 3
    assert abs(sum(line.letters for line in read) - sum(map(str.isalnum, text))) <= 2


@needs_reader
def test_anatomy_and_shapes_are_not(reader):
    rows, columns = np.indices((224, 300), dtype=np.float32)
    ribs = 0.4 + 0.2 * np.sin(rows / 9 + np.abs(columns - 150) / 40)
    rings = 0.5 + 0.3 * np.cos(np.hypot(rows - 112, columns - 150) / 5)
    pictures = [*map(knee, range(4)), ribs, rings, (rows // 28 + columns // 28) % 2]
    lines = [line for picture in pictures for line in reader.lines(picture.astype(np.float32))]
    assert not [line for line in lines if line.in_a_row >= 3]


@needs_reader
def test_a_marker_of_the_side_is_a_letter_and_no_text(reader):
    (line,) = (line for line in reader.lines(lettered(knee(2), "R", 14)) if line.letters)
    assert (line.letters, line.in_a_row) == (1, 1) and line.confidence > 0.8


@needs_reader
def test_the_same_picture_gives_the_same_lines(reader):
    picture = lettered(knee(3), "DOE JANE 1957", 9)
    assert reader.lines(picture) == TextReader().lines(picture) != []
