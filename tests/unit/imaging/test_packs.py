import numpy as np
import pytest

from radsieve.errors import InputError
from radsieve.imaging.packs import is_pack, read_array, read_pack, write_array, write_pack
from radsieve.imaging.rendering import Rendering

NAMES = ["a.png", "b/c.png", "ж.png"]
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 1, 4, 5), dtype=np.uint8)
MASKS = (IMAGES > 99).astype(np.uint8)


@pytest.mark.parametrize("masks", [None, MASKS])
def test_what_is_written_is_read(tmp_path, masks):
    write_pack(tmp_path / "pack", NAMES, iter(IMAGES), (1, 4, 5), masks)
    pack = read_pack(tmp_path / "pack")
    assert is_pack(tmp_path / "pack") and not is_pack(tmp_path)
    assert pack.names == NAMES
    np.testing.assert_array_equal(pack.images, IMAGES)
    assert isinstance(pack.images, np.memmap)
    if masks is None:
        assert pack.masks is None
    else:
        np.testing.assert_array_equal(pack.masks, masks)


@pytest.mark.parametrize("rendering", [None, Rendering(), Rendering("stored", "range")])
def test_how_files_were_rendered_is_written_and_read(tmp_path, rendering):
    for one in (Rendering("full", 2), rendering):  # what an earlier pack said goes
        write_pack(tmp_path / "pack", NAMES, iter(IMAGES), (1, 4, 5), rendering=one)
    assert read_pack(tmp_path / "pack").rendering == rendering
    assert read_pack(tmp_path / "pack").shown == (rendering or Rendering())


@pytest.mark.parametrize("text", ['{"bits": "12", "window": 1}', "[]", "{"])
def test_a_rendering_that_cannot_be_is_refused(tmp_path, text):
    write_pack(tmp_path, NAMES, iter(IMAGES), (1, 4, 5))
    (tmp_path / "rendering.json").write_text(text)
    with pytest.raises(InputError, match=r"rendering\.json: .*run pack_images again"):
        read_pack(tmp_path)


def test_an_empty_pack(tmp_path):
    write_pack(tmp_path, [], iter(()), (1, 4, 5))
    assert read_pack(tmp_path).images.shape == (0, 1, 4, 5)


def test_any_npy_reader_reads_it(tmp_path):
    write_array(tmp_path / "x.npy", IMAGES, IMAGES.shape)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), IMAGES)


@pytest.mark.parametrize(
    ("rows", "shape"),
    [(IMAGES[:2], (3, 1, 4, 5)), (IMAGES, (2, 1, 4, 5)), (IMAGES, (3, 1, 5, 4)), (IMAGES / 2, (3, 1, 4, 5))],
)
def test_rows_that_are_not_as_announced_leave_nothing(tmp_path, rows, shape):
    with pytest.raises(ValueError, match="row"):
        write_array(tmp_path / "x.npy", iter(rows), shape)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_part_is_named(tmp_path):
    with pytest.raises(InputError, match=r"index\.csv: not found"):
        read_pack(tmp_path)


def test_parts_that_do_not_belong_together(tmp_path):
    write_pack(tmp_path, NAMES, IMAGES, (1, 4, 5), MASKS)
    write_array(tmp_path / "masks.npy", MASKS[:, :, :3], (3, 1, 3, 5))
    with pytest.raises(InputError, match=r"masks\.npy: shape \(3, 1, 3, 5\) does not fit"):
        read_pack(tmp_path)
    write_array(tmp_path / "images.npy", IMAGES[:2], (2, 1, 4, 5))
    with pytest.raises(InputError, match=r"images\.npy: uint8 of shape \(2, 1, 4, 5\), but uint8 of 3 images"):
        read_pack(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not an array", np.array([{}, []], dtype=object)])
def test_what_is_no_array_is_refused_and_no_pickle_is_run(tmp_path, content):
    path = tmp_path / "x.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content, allow_pickle=True)
    with pytest.raises(InputError, match=r"x\.npy"):
        read_array(path, 2)


def test_a_file_cut_off_is_refused(tmp_path):
    write_array(tmp_path / "x.npy", IMAGES, IMAGES.shape)
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:-3])
    with pytest.raises(InputError, match=r"x\.npy"):
        read_array(tmp_path / "x.npy", 3)
