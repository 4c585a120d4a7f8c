"""Everything that train_writer learns of an author: curves, entropies, texts that were drawn, and a mistake."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from radsieve.errors import InputError
from radsieve.networks.device import Device
from radsieve.tables.images import Split
from radsieve.tasks.tables import LEAKS
from radsieve.tasks.texts.entropy import entropies
from radsieve.tasks.texts.settings import TrainWriter
from radsieve.tasks.texts.signs import Signs, alphabet
from radsieve.tasks.texts.tables import DRAWN, ENTROPY, WRITER_CURVES
from radsieve.tasks.texts.training import WriterTraining
from radsieve.tasks.texts.windows import by_window

Written = tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]


def texts_of(works: pd.DataFrame, author: str) -> dict[Split, list[str]]:
    """The texts of an `author` by split. Raises InputError if there are none."""
    own = works[works["author"] == author]
    if own.empty:
        raise InputError(f"--author {author}: no such author; there are {', '.join(works['author'].unique())}")
    return {split: own.loc[own["split"] == split, "text"].tolist() for split in Split}


def signs_of(works: pd.DataFrame, author: str, settings: TrainWriter) -> Signs:
    """What the writer of `author` reads and writes; the letters are those of the training works of all authors."""
    letters = alphabet(works.loc[works["split"] == Split.TRAIN, "text"])
    return Signs.of(settings.unit, letters, texts_of(works, author)[Split.TRAIN], settings.vocabulary)


def writer_tables(
    texts: Mapping[Split, list[str]], training: WriterTraining, settings: TrainWriter, device: Device
) -> Written:
    """WRITER_CURVES, ENTROPY, DRAWN and LEAKS."""
    train, test = texts[Split.TRAIN], texts[Split.TEST]
    leaks = by_window(train, test, settings, device) if settings.windows else pd.DataFrame(columns=list(LEAKS.columns))
    return (
        (WRITER_CURVES, training.curves),
        (ENTROPY, entropies(train, test, training.writer, settings)),
        (DRAWN, _drawn(training, settings)),
        (LEAKS, leaks),
    )


def writer_metrics(texts: Mapping[Split, list[str]], training: WriterTraining, entropy: pd.DataFrame) -> dict[str, Any]:
    """Works, characters, the best epoch, and bits per character of every model on unseen works."""
    return {
        "works": {str(split): len(of) for split, of in texts.items()},
        "characters": {str(split): sum(map(len, of)) for split, of in texts.items()},
        "best_epoch": training.best_epoch,
        "weights": sum(int(part.numel()) for part in training.writer.network.parameters()),
        "bits_per_character": {
            str(row["model"]): {
                "value": row["bits"],
                **{end: None if np.isnan(row[end]) else row[end] for end in ("lower", "upper")},
            }
            for row in entropy.to_dict("records")
        },
    }


def _drawn(training: WriterTraining, settings: TrainWriter) -> pd.DataFrame:
    rows = [
        (temperature, number + 1, text)
        for place, temperature in enumerate(settings.temperatures)
        for number, text in enumerate(
            training.writer.draw(temperature, settings.samples, settings.sample_characters, settings.seed + place)
        )
    ]
    return pd.DataFrame(rows, columns=list(DRAWN.columns))
