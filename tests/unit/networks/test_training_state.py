import pytest
import torch

from radsieve.networks.training_state import TrainingState, seed_of_epoch

EPOCHS, STEPS = 4, 3


def parts(path):
    """A small network with all that belongs to its training; channels last, as networks are trained."""
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(2, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Conv2d(4, 1, 3)
    network = torch.nn.Sequential(*layers).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=EPOCHS * STEPS)
    return network, TrainingState(path, network, optimizer, schedule), optimizer, schedule


def run(path, until):
    """Train on from what was saved up to epoch `until`."""
    network, state, optimizer, schedule = parts(path)
    state.restore()
    for epoch in range(len(state.history) + 1, until + 1):
        torch.manual_seed(seed_of_epoch(1, epoch))
        for _ in range(STEPS):
            loss = network(torch.randn(4, 2, 8, 8).contiguous(memory_format=torch.channels_last)).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        state.history.append({"epoch": epoch, "loss": loss.item(), "rate": schedule.get_last_lr()[0]})
        if epoch == 2:
            state.keep_best()
        state.save()
    return network, state


@pytest.mark.parametrize("stops", [(1, 4), (2, 3, 4), (4, 4)])
def test_a_stopped_training_ends_with_the_same_bytes(tmp_path, stops):
    run(tmp_path / "whole", EPOCHS)
    for until in stops:
        _, state = run(tmp_path / "stopped", until)
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "stopped").read_bytes()
    assert [epoch["epoch"] for epoch in state.history] == [1, 2, 3, 4]
    assert len({epoch["rate"] for epoch in state.history}) == EPOCHS


def test_the_best_weights_are_those_of_their_epoch(tmp_path):
    second, _ = run(tmp_path / "second", 2)
    last, state = run(tmp_path / "whole", EPOCHS)
    for name, tensor in second.state_dict().items():
        assert torch.equal(tensor, state.best[name])
    assert not torch.equal(last.state_dict()["0.weight"], state.best["0.weight"])


def flipped(content):
    """One bit in the middle, among the numbers, which safetensors does not notice."""
    return content[: len(content) // 2] + bytes([content[len(content) // 2] ^ 1]) + content[len(content) // 2 + 1 :]


@pytest.mark.parametrize("damage", [lambda content: content[:-40], lambda _: b"", lambda _: b"\x80\x04K\x01.", flipped])
def test_a_damaged_state_is_told_of_and_the_training_starts_anew(tmp_path, damage, caplog):
    run(tmp_path / "whole", EPOCHS)
    run(tmp_path / "damaged", 2)
    (tmp_path / "damaged").write_bytes(damage((tmp_path / "damaged").read_bytes()))
    assert caplog.messages == []
    run(tmp_path / "damaged", EPOCHS)
    (message,) = caplog.messages
    assert "the training starts again" in message and str(tmp_path / "damaged") in message
    assert (tmp_path / "damaged").read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_training_says_from_where_it_goes_on(tmp_path, caplog):
    caplog.set_level("INFO", "radsieve")
    run(tmp_path / "state", 2)
    assert caplog.messages == []
    run(tmp_path / "state", 3)
    assert caplog.messages == [f"the training resumes after epoch 2, from the state in {tmp_path / 'state'}"]


def test_epochs_have_seeds_of_their_own():
    seeds = [seed_of_epoch(seed, epoch) for seed in range(30) for epoch in range(30)]
    assert len(set(seeds)) == len(seeds)
    assert seed_of_epoch(3, 4) == seed_of_epoch(3, 4)
