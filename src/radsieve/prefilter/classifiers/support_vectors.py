"""Support vector machines of one fold that share their matrix of inner products.

libsvm evaluates a kernel entry by entry; BLAS gives all inner products of a fold in one call, from which the kernels
follow. libsvm then works on a precomputed kernel: the same problem, the same iterations, the same optimum.
"""

from collections.abc import Mapping

import numpy as np
from sklearn.svm import SVC

from radsieve.prefilter.classifiers.split import Floats, FoldData

KERNELS = {"SVC_lin": "linear", "SVC_rbf": "rbf", "SVC_poly": "poly"}
NAMES = tuple(KERNELS)

_ROWS = 15_000  # up to which kernels are held in memory: 3.6 GB; libsvm computes larger ones row by row, slowly
_MEGABYTES = 1000  # of libsvm's own cache


def support_vector_scores(split: FoldData, names: tuple[str, ...]) -> Mapping[str, Floats]:
    """Return the decision function (m,) of SVC with C = 1 and gamma = 1 / (d var), scikit-learn's defaults.

    The kernels are x'y (SVC_lin), exp(-gamma |x - y|^2) (SVC_rbf) and (gamma x'y)^3 (SVC_poly). They are computed in
    double precision: where the linear machine's optimum is the zero vector, as it is when the mean of the good latents
    can be mixed from bad ones, its scores are what the solver's tolerance leaves, and only the same iterations give
    the same scores.
    """
    known, held_out = split.latents.astype(float), split.held_out.astype(float)
    if len(known) > _ROWS:
        machines = {name: SVC(kernel=KERNELS[name], cache_size=_MEGABYTES) for name in names}
        return {
            name: machine.fit(known, split.target).decision_function(held_out) for name, machine in machines.items()
        }
    gamma = 1 / (known.shape[1] * (known.var() or 1))
    inner = known @ known.T
    lengths = np.diag(inner)
    room = np.empty_like(inner)
    found = {}
    for name in names:
        machine = SVC(kernel="precomputed", cache_size=_MEGABYTES)
        machine.fit(_kernel(name, inner, lengths, lengths, gamma, room), split.target)
        used = machine.support_
        across = held_out @ known[used].T
        ones = np.einsum("nd,nd->n", held_out, held_out)
        kernel = _kernel(name, across, ones, lengths[used], gamma, np.empty_like(across))
        found[name] = kernel @ machine.dual_coef_[0] + machine.intercept_[0]
    return found


def _kernel(name: str, products: Floats, ones: Floats, others: Floats, gamma: float, room: Floats) -> Floats:
    """The kernel of `name` from inner products (a, b) and squared lengths (a,) and (b,), written into `room` (a, b)."""
    if name == "SVC_lin":
        return products
    if name == "SVC_poly":  # products are a hundred times as fast as numpy's power
        np.multiply(products, gamma**3, out=room)
        room *= products
        room *= products
        return room
    np.multiply(products, 2 * gamma, out=room)
    room -= gamma * ones[:, None]
    room -= gamma * others
    return np.exp(room, out=room)
