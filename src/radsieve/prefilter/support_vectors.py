"""Support vector machines of one fold that share their matrices of inner products.

libsvm evaluates a kernel entry by entry; BLAS gives all inner products of a fold in one call, from which the kernels
follow. libsvm then works on a precomputed kernel: the same problem, the same iterations, the same optimum.
"""

from collections.abc import Callable, Mapping

import numpy as np
from sklearn.svm import SVC

from radsieve.prefilter.split import Floats, Split

NAMES = ("SVC_lin", "SVC_rbf", "SVC_poly")

_MEGABYTES = 1000  # of libsvm's cache: the kernel of 15,000 rows


def support_vector_scores(split: Split, names: tuple[str, ...]) -> Mapping[str, Floats]:
    """Return the decision function (m,) of SVC with C = 1 and gamma = 1 / (d var), scikit-learn's defaults.

    The kernels are x'y (SVC_lin), exp(-gamma |x - y|^2) (SVC_rbf) and (gamma x'y)^3 (SVC_poly). They are computed in
    double precision: where the linear machine's optimum is the zero vector, as it is when the mean of the good latents
    can be mixed from bad ones, its scores are what the solver's tolerance leaves, and only the same iterations give
    the same scores. Takes 24 bytes for each pair of rows.
    """
    known, held_back = split.latents.astype(float), split.held_back.astype(float)
    gamma = 1 / (known.shape[1] * (known.var() or 1))
    inner, across = known @ known.T, held_back @ known.T
    kernels: dict[str, Callable[[Floats, Floats, Floats], Floats]] = {
        "SVC_lin": lambda products, *_: products,
        "SVC_rbf": lambda products, ones, others: _radial(products, ones, others, gamma),
        "SVC_poly": lambda products, *_: _power(gamma * products),
    }
    lengths = [np.einsum("nd,nd->n", rows, rows) for rows in (known, held_back)]
    found = {}
    for name in names:
        machine = SVC(kernel="precomputed", cache_size=_MEGABYTES)
        machine.fit(kernels[name](inner, lengths[0], lengths[0]), split.target)
        used = machine.support_
        kernel = kernels[name](across[:, used], lengths[1], lengths[0][used])
        found[name] = kernel @ machine.dual_coef_[0] + machine.intercept_[0]
    return found


def _radial(products: Floats, ones: Floats, others: Floats, gamma: float) -> Floats:
    """exp(-gamma |x - y|^2) from the inner products (a, b) and the squared lengths (a,) and (b,), in one matrix."""
    kernel = products * (2 * gamma)
    kernel -= gamma * ones[:, None]
    kernel -= gamma * others
    return np.exp(kernel, out=kernel)


def _power(products: Floats) -> Floats:
    """The third power; numpy's own goes through logarithms and takes fifty times as long."""
    kernel = products * products
    kernel *= products
    return kernel
