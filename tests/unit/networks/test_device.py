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
        device = choose_device(changed(COMPUTE, precision=precision, instructions="native"))
        conv = device.place(torch.nn.Conv2d(3, 4, 3))
        with device.autocast():
            assert conv(device.send(image)).dtype == dtype
        assert conv.weight.dtype == torch.float32
        assert conv.weight.is_contiguous(memory_format=torch.channels_last)
        assert device.describe() == f"cpu, {precision}, native"
    assert torch.get_num_threads() == 1
    assert torch.are_deterministic_algorithms_enabled()


def test_bfloat16_needs_its_instructions():
    with pytest.raises(InputError, match=r"compute\.precision = bfloat16: .* set compute\.instructions to native"):
        choose_device(changed(COMPUTE, precision="bfloat16"))


def test_a_card_names_no_processor():
    card = {"device": "cpu", "precision": "float32", "instructions": "avx2"}
    assert choose_device(changed(COMPUTE, threads=3)).card() == card


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_parts_are_the_same_at_any_number_of_threads(threads):
    seen = []

    def work(part):
        seen.append(torch.get_num_threads())
        return (part.start, part.stop)

    device = choose_device(changed(COMPUTE, threads=threads))
    parts = list(device.parts(19, work, "testing"))
    assert parts == [(slice(0, 8), (0, 8)), (slice(8, 16), (8, 16)), (slice(16, 19), (16, 19))]
    assert seen == [1, 1, 1]
    assert list(device.parts(0, work, "testing")) == []


def test_auto_takes_a_gpu_if_there_is_one(monkeypatch):
    for there in (True, False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        chosen = choose_device(changed(COMPUTE, device="auto"))
        assert chosen.device.type == ("cuda" if there else "cpu")


def test_cuda_asked_for_and_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match=r"compute\.device = cuda"):
        choose_device(changed(COMPUTE, device="cuda"))
