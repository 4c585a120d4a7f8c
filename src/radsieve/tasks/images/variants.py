"""The learners that the texts of train_classifier.<set>.variants describe."""

from radsieve.errors import InputError
from radsieve.tasks.images.ensembles import CrossFitted, Ensemble
from radsieve.tasks.images.learners import Hog, Learner, Pixels, linear, neighbour
from radsieve.tasks.images.settings import ENSEMBLE, FOLDS
from radsieve.tasks.images.training import FrozenBackbone, Training, block_network, tuned_backbone


def learners(training: Training, where: str) -> dict[str, Learner]:
    """Each variant of the settings by its text. Raises InputError, which names the setting `where`."""
    found = {}
    for name in training.settings.variants:
        try:
            found[name] = _learner(name, training)
        except ValueError as error:
            raise InputError(f"{where}.variants: {name}: {error}") from None
        found[name].name = name
    return found


def _learner(name: str, training: Training) -> Learner:
    for word, several in ((ENSEMBLE, Ensemble), (FOLDS, CrossFitted)):
        alone, _, members = name.partition(f" {word} ")
        if members:
            one = _learner(alone, training)
            if not one.random:
                raise ValueError(f"every training of it gives the same; {word} are for networks that are trained")
            return several(one, int(members))
    first, *words = name.split()
    if first in ("hog", "pixels"):
        head = linear(training.settings.strengths) if words[1] == "linear" else neighbour
        return (Hog if first == "hog" else Pixels)(int(words[0]), head)
    if first != "efficientnet_lite0":
        return block_network(name, training)
    pixels = tuple(map(int, words[0].split("+")))
    if len(words) == 1:
        return FrozenBackbone(pixels, linear(training.settings.strengths), training.device)
    if len(pixels) > 1:
        raise ValueError("a network that is trained has one input")
    return tuned_backbone(name, pixels[0], int(words[2]), training)
