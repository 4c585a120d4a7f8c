"""Which groups have components that are spread otherwise than the distribution of the settings."""

import numpy as np
import pandas as pd
import pytest

from radsieve.generators.distributions import DISTRIBUTIONS, NORMAL, UNIFORM
from radsieve.prefilter.report.data import _unlike


def groups(mean_square, rows, components):
    return pd.DataFrame({"group": ["g"], "rows": rows, "components": components, "mean_square": mean_square})


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize(("rows", "components"), [(20, 128), (40, 2), (200, 1), (1000, 512)])
def test_chance_is_not_named_however_short_latents_are(name, rows, components):
    distribution = DISTRIBUTIONS[name]
    random = np.random.default_rng(2)
    squares = [float((distribution.draw(random, rows, components) ** 2).mean()) for _ in range(300)]
    assert np.mean(squares) == pytest.approx(distribution.mean_square, rel=0.03)
    assert not [one for one in squares if _unlike(groups(one, rows, components), distribution)]


def test_components_of_the_other_distribution_are_named():
    assert _unlike(groups(1.0, 40, 2), UNIFORM)
    assert _unlike(groups(1 / 3, 200, 2), NORMAL)
    assert _unlike(groups(1.11, 100_000, 512), NORMAL)
    assert not _unlike(groups(1.09, 100_000, 512), NORMAL), "of no consequence"
