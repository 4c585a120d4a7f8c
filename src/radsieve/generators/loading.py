"""From section `generator` of params.yaml to a generator."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from radsieve import files
from radsieve import settings as settings_of
from radsieve.errors import InputError
from radsieve.generators.decoder import PhantomDecoder, sex_and_age
from radsieve.generators.interface import Generator, Latents
from radsieve.settings import Compute, Generation, expand

SHARED = "generator"  # as a file of weights: what the section of that name says


def with_weights(
    settings: settings_of.GeneratorSettings, weights: str, generation: Generation, groups: Sequence[str]
) -> settings_of.GeneratorSettings:
    """Return `settings` (section generator) for the file `weights` of trained generators of `groups`, or unchanged.

    Such generators make images of the size that section `generation` names. For SHARED they are returned unchanged.
    """
    if weights == SHARED:
        return settings
    return settings.model_copy(update={"weights": weights, "pixels": generation.pixels, "groups": tuple(groups)})


class GroupedGenerator:
    """One generator for each group, all of which generate images of the same shape."""

    def __init__(self, generators: Mapping[str, Generator]) -> None:
        """Raises InputError if the `generators`, by group, generate images of different shapes."""
        forms = {group: (generator.channels, generator.pixels) for group, generator in generators.items()}
        if len(set(forms.values())) > 1:
            found = ", ".join(f"{group} {form}" for group, form in forms.items())
            raise InputError(f"generator.weights: images of different (channels, pixels): {found}")
        self._generators = generators
        self.channels, self.pixels = next(iter(forms.values()))

    def generate(self, latents: Latents, group: str) -> npt.NDArray[np.uint8]:
        """Return the images (n, channels, pixels, pixels) of `latents` (n, 128) by the generator of `group`."""
        return self._generators[group].generate(latents, group)


def load_generator(settings: settings_of.GeneratorSettings, compute: Compute) -> Generator:
    """Return the generator that `settings` (section generator) names: `phantoms`, or the file of a network.

    In a path $NAME stands for an environment variable and {group} for the name of a group, each of which then has a
    network of its own. Raises InputError for a file that is not a generator, and for groups of phantoms whose names do
    not give age and sex.
    """
    if settings.weights == "phantoms":
        for group in settings.groups:
            sex_and_age(group)  # so that an invalid name is refused before anything is generated
        return PhantomDecoder(settings.pixels)
    from radsieve.generators.checkpoint import load_network  # torch and MONAI take seconds that phantoms do not need
    from radsieve.networks.device import choose_device

    device = choose_device(compute)
    paths = {group: weights_path(settings, group) for group in settings.groups}
    networks = {
        path: load_network(path, settings.low, settings.trusted, device, settings.pixels)
        for path in dict.fromkeys(paths.values())
    }
    return GroupedGenerator({group: networks[path] for group, path in paths.items()})


def weights_path(settings: settings_of.GeneratorSettings, group: str) -> Path:
    """Return the file of the generator of `group` by `settings` (section generator)."""
    return expand(settings.weights.replace("{group}", group), "generator.weights")


def identity(settings: settings_of.GeneratorSettings, group: str) -> str:
    """Return the SHA-256, in hexadecimal, of what determines the image of a latent: the generator of a group, its form.

    `settings` are those of `load_generator`. For a network that is the digest of its file, whatever the file is called.
    Raises InputError if there is no such file.
    """
    if settings.weights == "phantoms":
        parts = ["phantoms", group, settings.pixels]
    else:
        path = weights_path(settings, group)
        if not path.is_file():
            raise InputError(f"{path}: not found; run the stage that makes it, or name the file of a generator")
        parts = [files.sha256(path), settings.low, settings.pixels]
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
