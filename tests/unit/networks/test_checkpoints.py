import json
import pickle

import pytest
import torch
from safetensors.torch import save_file

from radsieve.errors import InputError
from radsieve.networks.checkpoints import load_weights, read_checkpoint, write_checkpoint

CARD = {"kind": "segmenter", "width": 4, "set": "снимки"}


@pytest.fixture
def module():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))


def test_what_is_written_is_read(tmp_path, module):
    path = tmp_path / "net.safetensors"
    write_checkpoint(path, module.state_dict(), CARD)
    tensors, card = read_checkpoint(path, "segmenter")
    assert card == CARD
    assert all(torch.equal(tensors[name], value) for name, value in module.state_dict().items())
    other = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    load_weights(other, tensors, path)
    assert torch.equal(other[0].weight, module[0].weight)


def test_equal_content_gives_equal_bytes(tmp_path, module):
    state = module.to(memory_format=torch.channels_last).state_dict()
    write_checkpoint(tmp_path / "a", state, CARD)
    write_checkpoint(tmp_path / "b", dict(reversed(state.items())), dict(reversed(CARD.items())))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.safetensors: not found"):
        read_checkpoint(tmp_path / "none.safetensors", "segmenter")


@pytest.mark.parametrize("keep", [0, 5, 40, -8])
def test_a_file_cut_off_is_refused(tmp_path, module, keep):
    path = tmp_path / "net.safetensors"
    write_checkpoint(path, module.state_dict(), CARD)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match="not a safetensors file, or truncated"):
        read_checkpoint(path, "segmenter")


class _Trap:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


@pytest.mark.parametrize("dump", [pickle.dumps, None])
def test_a_pickle_is_refused_and_not_run(tmp_path, module, dump):
    path = tmp_path / "net.safetensors"
    if dump:
        path.write_bytes(dump(_Trap()))
    else:
        torch.save(module.state_dict(), path)
    with pytest.raises(InputError, match="pickled checkpoints"):
        read_checkpoint(path, "segmenter")


@pytest.mark.parametrize("card", [None, {"kind": "classifier"}, ["kind"], "{"])
def test_a_checkpoint_of_something_else_is_refused(tmp_path, module, card):
    path = tmp_path / "net.safetensors"
    text = card if isinstance(card, str) else json.dumps(card)
    save_file(module.state_dict(), path, metadata=None if card is None else {"card": text})
    with pytest.raises(InputError, match=r"net\.safetensors"):
        read_checkpoint(path, "segmenter")


def test_another_architecture_is_told_apart(tmp_path, module):
    tensors = dict(module.state_dict())
    tensors["0.weight"] = torch.zeros(3, 1, 3, 3)
    tensors["9.weight"] = tensors.pop("1.weight")
    with pytest.raises(InputError) as raised:
        load_weights(module, tensors, tmp_path / "net")
    message = str(raised.value)
    for part in ("1 tensors missing (1.weight)", "1 tensors not known (9.weight)", "0.weight (3, 1, 3, 3) instead of"):
        assert part in message
