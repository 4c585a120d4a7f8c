"""The images that are called wrongly with the most certainty."""

import numpy as np
import pandas as pd

from radsieve.tasks.images.measures import EvaluatedImages
from radsieve.tasks.images.worst import worst_errors

CLASSES = ("hand", "head", "chest")


def errors_of(probability, truth, maximum, channels=1):
    """The images are of one grey value each: their place times 51."""
    count = len(truth)
    images = np.tile((51 * np.arange(count, dtype=np.uint8))[:, None, None, None], (1, channels, 4, 4))
    table = pd.DataFrame({"image": [f"{place}.png" for place in range(count)]})
    evaluated = EvaluatedImages.of(np.array(truth), np.arange(count), np.array(probability))
    return worst_errors("test", evaluated, images, table, CLASSES, maximum)


def test_the_most_certain_errors_come_first_with_truth_and_what_they_are_called():
    probability = [[0.9, 0.1, 0], [0.25, 0.625, 0.125], [0.125, 0.125, 0.75], [0.5, 0.25, 0.25], [0, 1, 0]]
    label, tiles = errors_of(probability, [0, 0, 1, 2, 1], maximum=2)
    assert label == "test\n3 of 5 images wrong"
    assert [tile.caption for tile in tiles] == [
        "2.png\nis head, called chest\nwith probability 0.750",
        "1.png\nis hand, called head\nwith probability 0.625",
    ]
    assert [tile.image.max() for tile in tiles] == [0.4, 0.2]
    assert tiles[0].image.shape == (4, 4)


def test_of_equal_ones_the_first_and_colours_stay():
    _, tiles = errors_of([[0.75, 0.25, 0]] * 3, [1, 1, 0], maximum=8, channels=3)
    assert [tile.caption.partition("\n")[0] for tile in tiles] == ["0.png", "1.png"]
    assert tiles[0].image.shape == (4, 4, 3)


def test_where_nothing_is_wrong_nothing_is_shown():
    assert errors_of([[1.0, 0, 0]], [0], maximum=8) == ("test\n0 of 1 image wrong", [])
