"""Films of several groups from one generator."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.generators.decoder import PhantomDecoder
from radsieve.generators.interface import Generator, Latents


def film_names(groups: Sequence[str], films_per_group: int) -> pd.DataFrame:
    """Return the columns film and group, group by group."""
    rows = [(f"{group}/{film:05}", group) for group in groups for film in range(films_per_group)]
    return pd.DataFrame(rows, columns=["film", "group"])


def generate(generator: Generator, latents: Mapping[str, Latents], batch: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the films (channels, H, W) of all groups one after another, drawn `batch` at a time."""
    for group, rows in latents.items():
        for start in range(0, len(rows), batch):
            yield from generator.draw(rows[start : start + batch], group)


def truth_rows(
    generator: Generator, latents: Mapping[str, Latents], names: pd.DataFrame
) -> list[tuple[str, float, str, int, int]]:
    """Return film, asymmetry, finding, arm and good of every film, if the generator is the phantom decoder."""
    if not isinstance(generator, PhantomDecoder):
        return []
    decoded = [film for group, rows in latents.items() for film in generator.decode(rows, group)]
    return [
        (name, abs(film.chest.asymmetry), "abnormal" if film.finding else "normal", int(film.arm), int(film.good))
        for name, film in zip(names["film"], decoded, strict=True)
    ]
