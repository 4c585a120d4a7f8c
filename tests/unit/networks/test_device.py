import pytest
import torch
from defaults import COMPUTE, changed

from radsieve.errors import InputError
from radsieve.networks.device import choose_device


@pytest.fixture(autouse=True)
def _threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
    torch.use_deterministic_algorithms(False)


def test_precision_is_what_was_asked_for():
    image = torch.ones(1, 3, 8, 8)
    for precision, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        device = choose_device(changed(COMPUTE, precision=precision))
        conv = device.place(torch.nn.Conv2d(3, 4, 3))
        with device.autocast():
            assert conv(device.send(image)).dtype == dtype
        assert conv.weight.dtype == torch.float32
        assert conv.weight.is_contiguous(memory_format=torch.channels_last)
        assert device.describe() == f"cpu, {precision}"
    assert torch.get_num_threads() == 1
    assert torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("amx", [True, False])
def test_auto_takes_bfloat16_where_the_processor_is_fast_at_it(monkeypatch, amx):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    chosen = choose_device(changed(COMPUTE, precision="auto"))
    assert chosen.dtype == (torch.bfloat16 if amx else torch.float32)


def test_auto_takes_a_gpu_if_there_is_one(monkeypatch):
    for there in (True, False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        chosen = choose_device(changed(COMPUTE, device="auto", precision="auto"))
        assert chosen.device.type == ("cuda" if there else "cpu")


def test_cuda_asked_for_and_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match=r"compute\.device = cuda"):
        choose_device(changed(COMPUTE, device="cuda"))
