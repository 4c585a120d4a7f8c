import pytest
import torch

from radsieve.generation.gan.discriminator import ProjectedDiscriminator, spread


def discriminator(pixels=64, seed=0):
    torch.manual_seed(seed)
    return ProjectedDiscriminator(pixels)


def images(number, channels=1, pixels=64):
    return torch.rand((number, channels, pixels, pixels), generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.mark.parametrize(("pixels", "channels"), [(8, 1), (16, 3), (64, 1), (128, 1)])
def test_a_score_for_each_level(pixels, channels):
    scores = discriminator(pixels)(images(3, channels, pixels))
    assert scores.shape == (3, 4) and scores.isfinite().all()


def test_only_the_heads_learn():
    net = discriminator()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    optimizer = torch.optim.Adam(net.heads.parameters(), lr=0.01)
    net(images(4)).sum().backward()
    optimizer.step()
    changed = {name for name, tensor in net.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed and all(name.startswith("heads.") for name in changed)
    assert {name for name, parameter in net.named_parameters() if parameter.requires_grad} == {
        name for name, _ in net.named_parameters() if name.startswith("heads.")
    }


def test_images_get_gradients_while_the_evaluators_rest():
    net = discriminator().eval()
    net.heads.requires_grad_(False)
    shown = images(2).requires_grad_()
    net(shown).sum().backward()
    assert shown.grad.isfinite().all() and shown.grad.abs().sum(dim=(1, 2, 3)).min() > 0
    assert all(parameter.grad is None for parameter in net.parameters())


def test_a_score_depends_on_its_image_alone_and_the_layers_on_the_seed():
    net = discriminator().eval()
    with torch.no_grad():
        together = net(images(3))
        assert torch.allclose(net(images(3)[1:2]), together[1:2], atol=1e-4)
        assert torch.equal(discriminator().eval()(images(3)), together)
        assert not torch.allclose(discriminator(seed=1).eval()(images(3)), together, atol=1e-3)


def test_it_learns_what_tells_images_apart():
    """Noise from the same noise blurred, after a few steps."""
    net = discriminator()
    optimizer = torch.optim.Adam(net.heads.parameters(), lr=0.005)
    random = torch.Generator().manual_seed(2)

    def pair():
        noise = torch.rand((8, 1, 64, 64), generator=random) * 2 - 1
        return noise, torch.nn.functional.avg_pool2d(noise, 5, stride=1, padding=2)

    for _ in range(12):
        sharp, blurred = pair()
        optimizer.zero_grad()
        torch.nn.functional.softplus(net(blurred) - net(sharp)).mean().backward()
        optimizer.step()
    sharp, blurred = pair()
    with torch.no_grad():
        assert (net(sharp).sum(dim=1) > net(blurred).sum(dim=1)).all()


def test_the_spread_is_the_mean_difference_of_neighbours():
    levels = [torch.tensor([0.0, 1.0, 5.0])[:, None, None, None].expand(3, 2, 4, 4), torch.ones(3, 7, 2, 2)]
    assert spread(levels).tolist() == pytest.approx([(1 + 4 + 5) / 3, 0])
