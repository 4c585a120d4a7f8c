"""A sieve of latents: selects those worth generating an image from, also in a user's own sampling loop.

    from radsieve.prefilter.sieve import Sieve
    sieve = Sieve.load("results/select_thresholds/models/18_24m")
    latents = latents[sieve.accept(latents)]      # (n, d), NumPy or torch, on any device: generate images from these

or, with latents that the sieve samples itself, block by block:

    for block in sieve.sample(1_000_000, seed=1):
        images = generator(block.latents)

A folder holds `model.safetensors` (the weights and the intercept of a logistic regression) and `card.json`.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from scipy.special import logit

from radsieve import files
from radsieve.errors import InputError
from radsieve.generators.distributions import DISTRIBUTIONS, NORMAL, UNIFORM, LatentDistribution
from radsieve.parallel import ordered
from radsieve.prefilter.classifiers.logistic import Floats, Latents, LogisticModel
from radsieve.prefilter.sieve.sieve_card import read_card

MODEL, CARD = "model.safetensors", "card.json"

_BLOCK = 16_384  # latents sampled from one seed
_CHUNK = 512  # latents evaluated at a time: they stay in the cache
_STEP = np.float32(2.0**-31)  # of 32 random bits, as a signed number, to [-1, 1]


@dataclass(frozen=True)
class AcceptedLatents:
    """Accepted latents: `number` (k,), the index of each among all that were sampled, `probability` (k,), `latents` (k,
    d).
    """

    number: npt.NDArray[np.int64]
    probability: npt.NDArray[np.float32]
    latents: Latents


class Sieve:
    """Accepts a latent if the probability of a good image is at least the threshold of its card.

    A sieve is read with `load`; here one of two components is made by hand:

    >>> import numpy as np
    >>> from radsieve.prefilter.classifiers.logistic import LogisticModel
    >>> from radsieve.prefilter.sieve import Sieve
    >>> card = {"group": "18_24f", "threshold": 0.6, "distribution": "uniform"}
    >>> sieve = Sieve(card, LogisticModel(np.array([2.0, -1.0]), intercept=0.0))
    >>> latents = np.array([[0.5, 0.5], [0.75, 0.5], [-0.5, 0.0]], dtype=np.float32)
    >>> sieve.probability(latents).round(3)
    array([0.622, 0.731, 0.269])
    >>> latents[sieve.accept(latents)]
    array([[0.5 , 0.5 ],
           [0.75, 0.5 ]], dtype=float32)
    >>> sum(len(block.latents) for block in sieve.sample(100_000, seed=1))
    39966
    """

    def __init__(self, card: dict[str, Any], model: LogisticModel) -> None:
        """Take a card, as `sieve_card.card_of` makes it, and its model."""
        self.card, self.model = card, model
        with np.errstate(divide="ignore"):
            self._cut = float(logit(card["threshold"])) - model.intercept  # of weights times latent
        # Single precision decides, except so near to the cut that rounding could matter: the bound of a sum of d
        # products (Higham 2002, chapter 3), with the rounding of weights and cut.
        self._fast = model.weights.astype(np.float32)
        rounding = 2.0**-24 * (len(model.weights) + 2)
        self._doubt = rounding * (
            float(np.abs(model.weights).sum()) + (abs(self._cut) if np.isfinite(self._cut) else 0)
        )

    @property
    def group(self) -> str:
        """The group whose latents it evaluates."""
        return str(self.card["group"])

    @property
    def components(self) -> int:
        """Components of a latent."""
        return len(self.model.weights)

    @property
    def threshold(self) -> float:
        """The minimum probability that is accepted."""
        return float(self.card["threshold"])

    @property
    def distribution(self) -> LatentDistribution:
        """What the components of a latent are drawn from."""
        return DISTRIBUTIONS[self.card["distribution"]]

    @classmethod
    def load(cls, folder: str | Path) -> "Sieve":
        """Read the sieve in `folder`.

        Raises InputError if a file is missing, damaged, a pickle, or of another sieve than the other file.
        """
        folder = Path(folder)
        card = read_card(folder / CARD)
        path = folder / MODEL
        try:
            content = path.read_bytes()
        except OSError:
            raise InputError(f"{path}: not found beside its card; run select_thresholds") from None
        try:
            tensors = load_tensors(content)
        except (SafetensorError, ValueError) as error:
            raise InputError(f"{path}: not a safetensors file, or truncated ({error}); pickles are not read") from None
        if sha256(content).hexdigest() != card["weights_sha256"]:
            raise InputError(
                f"{path}: not the weights that {CARD} beside it describes (their SHA-256 differs); keep the two files "
                f"of a sieve together, or run select_thresholds again"
            )
        return cls(card, _model(tensors, card["components"], path))

    def save(self, folder: Path) -> None:
        """Write model.safetensors and card.json into `folder`; equal sieves give equal bytes."""
        content = save_tensors({"weights": self.model.weights, "intercept": np.array([self.model.intercept])})
        files.write_bytes(folder / MODEL, content)
        files.write_json(folder / CARD, self.card | {"weights_sha256": sha256(content).hexdigest()})

    def probability(self, latents: Any) -> Any:
        """Return the probabilities (n,), float64, of good images from `latents` (n, d).

        A NumPy array gives an array, a tensor of torch a tensor on its device. Raises InputError for latents of another
        number of components, and for values that their distribution does not have.
        """
        array = self._checked(_as_array(latents))
        found = np.empty(len(array))
        for block in self._blocks(array):
            found[block] = self.model.probability(self._in_range(array[block], block.start))
        return _as_given(found, latents)

    def accept(self, latents: Any) -> Any:
        """Return which of `latents` (n, d) are accepted: (n,) of booleans, of the same kind and with the same errors as
        `probability`."""
        array = self._checked(_as_array(latents))
        found = np.empty(len(array), dtype=bool)
        for block in self._blocks(array):
            found[block] = self._passing(self._in_range(array[block], block.start))
        return _as_given(found, latents)

    def sample(self, count: int, seed: int, threads: int = 1) -> Iterator[AcceptedLatents]:
        """Sample `count` latents of the distribution of the card, and yield those accepted, in blocks and in the order
        sampled.

        The same seed (0 or more) and group give the same latents whatever the number of threads, and the first ones do
        not depend on the count. Block b of 16,384 latents is sampled by SFC64 seeded with (seed, the bytes of the
        group's name, b). If they are uniform in [-1, 1], every 64 random bits are two components, as signed numbers of
        32 bits times 2^-31; standard normal ones are those of NumPy's `standard_normal`, in single precision. Memory
        use is constant.
        """

        def block(start: int) -> AcceptedLatents:
            return self._sampled_block(start, min(_BLOCK, count - start), seed)

        starts = range(0, count, _BLOCK)
        yield from map(block, starts) if threads == 1 else ordered(block, starts, threads)

    def _sampled_block(self, start: int, count: int, seed: int) -> AcceptedLatents:
        rng = np.random.Generator(np.random.SFC64([seed, *self.group.encode(), start // _BLOCK]))
        numbers, latents = [], []
        chunk = np.empty((_CHUNK, self.components), dtype=np.float32)
        for first in range(0, count, _CHUNK):
            _FILL[self.distribution.name](rng, chunk)
            kept = np.flatnonzero(self._passing(chunk)[: count - first])
            numbers.append(start + first + kept)
            latents.append(chunk[kept])
        found = np.concatenate(latents)
        return AcceptedLatents(np.concatenate(numbers), self.model.probability(found).astype(np.float32), found)

    def _passing(self, block: Latents) -> npt.NDArray[np.bool_]:
        """Which rows of a block (n, d) pass, as double precision decides."""
        sums = block @ self._fast
        passing = sums >= self._cut
        doubtful = np.flatnonzero(np.abs(sums - self._cut) <= self._doubt)
        if len(doubtful):
            exact = np.einsum("nd,d->n", block[doubtful], self.model.weights)
            passing[doubtful] = exact >= self._cut
        return passing

    def _checked(self, latents: npt.NDArray[Any]) -> npt.NDArray[Any]:
        if latents.ndim != 2 or latents.shape[1] != self.components:
            raise InputError(
                f"latents of shape {latents.shape}, but the sieve of {self.group} takes (n, {self.components})"
            )
        return latents

    def _in_range(self, block: npt.NDArray[Any], first: int) -> Latents:
        """The block (n, d) in single precision; `first` is the number of its first row."""
        limit = self.distribution.limit
        if len(block) and not (block.min() >= -limit and block.max() <= limit):
            row = first + int(np.argmin(self.distribution.within(block)))
            raise InputError(
                f"row {row} of the latents has values outside of [-{limit:g}, {limit:g}], or not a number; the sieve "
                f"of {self.group} is for latents that are {self.distribution.words}"
            )
        return np.ascontiguousarray(block, dtype=np.float32)

    def _blocks(self, latents: npt.NDArray[Any]) -> Iterator[slice]:
        return (slice(start, start + _CHUNK) for start in range(0, len(latents), _CHUNK))


def blocks_of(count: int) -> int:
    """The number of blocks in which `Sieve.sample` yields `count` latents."""
    return -(-count // _BLOCK)


def _model(tensors: dict[str, npt.NDArray[Any]], components: int, path: Path) -> LogisticModel:
    expected = {"weights": (components,), "intercept": (1,)}
    found = {name: tensor.shape for name, tensor in tensors.items()}
    if found != expected or any(tensor.dtype != np.float64 for tensor in tensors.values()):
        raise InputError(f"{path}: holds {found}, but float64 of {expected} is needed")
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise InputError(f"{path}: holds weights that are not finite numbers")
    return LogisticModel(tensors["weights"], float(tensors["intercept"][0]))


def _fill_uniform(rng: np.random.Generator, chunk: Latents) -> None:
    bits = rng.integers(0, 2**64, size=-(-chunk.size // 2), dtype=np.uint64).view(np.int32)
    chunk[...] = bits[: chunk.size].reshape(chunk.shape)
    np.multiply(chunk, _STEP, out=chunk)


def _fill_normal(rng: np.random.Generator, chunk: Latents) -> None:
    rng.standard_normal(dtype=np.float32, out=chunk)


_FILL = {UNIFORM.name: _fill_uniform, NORMAL.name: _fill_normal}  # the latents of the next chunk, by distribution


def _is_tensor(latents: Any) -> bool:
    return type(latents).__module__.partition(".")[0] == "torch"


def _as_array(latents: Any) -> npt.NDArray[Any]:
    return np.asarray(latents.detach().cpu().float().numpy() if _is_tensor(latents) else latents)


def _as_given(found: Floats | npt.NDArray[np.bool_], latents: Any) -> Any:
    """`found` as the kind of `latents`: an array, or a tensor on their device. A tensor was given: torch is loaded."""
    return sys.modules["torch"].from_numpy(found).to(latents.device) if _is_tensor(latents) else found
