"""Classification of any number of images, a batch at a time: a row for each image, and a few images to show."""

import bisect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from radsieve.imaging.image_batches import ImageBatch
from radsieve.networks.classifier import THRESHOLD, Classifier, classify
from radsieve.screening.plots.heat_maps import ShownImage
from radsieve.screening.tables import PREDICTIONS

# The kinds of images that are shown, and the function of the probability and of the operating point by which they are
# ranked, lowest first.
KINDS: dict[str, Callable[[float, float], float]] = {
    "highest probability": lambda probability, _: -probability,
    "closest to the operating point": lambda probability, threshold: abs(probability - threshold),
    "lowest probability": lambda probability, _: probability,
}


@dataclass
class ClassifiedImages:
    """The results of all images: a row for each, and of each of `KINDS` at most `maximum` images to show.

    An image whose probability is at least `threshold` is called positive.
    """

    maximum: int
    threshold: float = THRESHOLD
    rows: list[tuple[str, float, float, int]] = field(default_factory=list)
    _shown: dict[str, list[tuple[float, int, ShownImage]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def add(self, found: ShownImage) -> None:
        """Record an image."""
        called = int(found.probability >= self.threshold)
        self.rows.append((found.name, found.probability, float(found.heat.max()), called))
        for kind, place in KINDS.items():
            shown = self._shown[kind]
            entry = (place(found.probability, self.threshold), len(self.rows), found)
            if len(shown) < self.maximum or entry[:2] < shown[-1][:2]:
                bisect.insort(shown, entry, key=lambda one: one[:2])
                del shown[self.maximum :]

    @property
    def shown(self) -> dict[str, list[ShownImage]]:
        """The images to show by kind, each image under the first kind that it belongs to."""
        images: dict[str, list[ShownImage]] = {}
        taken: set[int] = set()
        for kind, entries in self._shown.items():
            images[kind] = [found for _, row, found in entries if row not in taken]
            taken |= {row for _, row, _ in entries}
        return images

    @property
    def table(self) -> pd.DataFrame:
        """screening.tables.PREDICTIONS."""
        return pd.DataFrame(self.rows, columns=list(PREDICTIONS.columns))

    def metrics(self, positive: str, quarantined: int) -> dict[str, Any]:
        """Return numbers of images, and means; None where there are no images."""
        table = self.table
        known = bool(len(table))
        return {
            "images": len(table),
            "quarantined": quarantined,
            "positive": positive,
            "operating_point": self.threshold,
            "images_called_positive": int(table["positive"].sum()),
            "mean_probability": round(float(table["probability"].mean()), 6) if known else None,
            "median_max_heat": round(float(table["max_heat"].median()), 6) if known else None,
            "greatest_max_heat": round(float(table["max_heat"].max()), 6) if known else None,
        }


def predict_set(classifier: Classifier, batches: Iterable[ImageBatch], found: ClassifiedImages) -> None:
    """Classify every image of `batches` and add it to `found`; one batch is in memory at a time."""
    for batch in batches:
        probabilities, heats = classify(classifier, batch.images)
        for name, image, heat, probability in zip(batch.names, batch.images, heats, probabilities, strict=True):
            found.add(ShownImage(name, image.copy(), heat.copy(), float(probability)))
