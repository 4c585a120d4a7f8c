"""Settings of the stages on texts."""

from typing import Annotated, Literal

from pydantic import Field

from radsieve.settings import Confidence, FilePath, Items, Resamples, Seed, Settings, Several, Text, Word

TextModel = Literal["characters", "words", "frequent_words", "dash", "network", "writers"]


class PackTexts(Settings):
    """Bring the works of several authors to one form, with units and splits."""

    texts: FilePath
    """Folder with a folder for each author, which holds works as .txt; $NAME stands for an environment variable."""
    authors: Several[Word]
    """Names of the authors' folders."""
    divided: Items[Word]
    """Those of the authors whose files hold several works each."""
    title: Text
    """Regular expression of a whole line at which a work begins in a file of several."""
    headers: Items[Text]
    """Regular expressions of whole lines that are left out at the beginning of a work, as its title is."""
    notes: Items[Text]
    """Regular expressions of whole lines from which on the notes of an edition are left out."""
    shortest: Annotated[int, Field(ge=1, le=100_000)]
    """Characters that a work must have at least; shorter ones go to quarantine."""
    alike: Annotated[float, Field(ge=0.1, le=1)]
    """Share of the passages of eight words of the shorter of two works from which on both are one unit."""


class TrainWriter(Settings):
    """Train a recurrent network to write as an author does, sign by sign; all authors alike."""

    unit: Literal["character", "word"]
    """What a network reads and writes one by one; between words, spaces and other signs count as words."""
    vocabulary: Annotated[int, Field(ge=10, le=100_000)]
    """Most frequent words of an author's training works that networks of words know; others are spelled."""
    net: Literal["lstm", "gru"]
    """Kind of the recurrent network."""
    width: Annotated[int, Field(ge=4, le=4096)]
    """Units of each recurrent layer."""
    layers: Annotated[int, Field(ge=1, le=4)]
    """Layers, one upon another."""
    embedding: Annotated[int, Field(ge=2, le=1024)]
    """Numbers that stand for a sign at the input."""
    attention: bool
    """Whether the output looks back at all units since the beginning of a stretch, weighted by likeness."""
    counts: Annotated[int, Field(ge=0, le=7)]
    """Order of the n-gram model of the training works that the network is mixed with, by a gate that it learns; 0 for
    none."""
    dropout: Annotated[float, Field(ge=0, le=0.9)]
    """Share of inputs and of units that are left out at random in training."""
    stretch: Annotated[int, Field(ge=8, le=1024)]
    """Signs through which errors are sent back in a step."""
    batch: Annotated[int, Field(ge=1, le=1024)]
    """Places of the training works at which a network reads at the same time."""
    epochs: Annotated[int, Field(ge=1, le=1000)]
    """Times that the training works are read; the epoch with the fewest bits on validation works is kept."""
    learning_rate: Annotated[float, Field(gt=0, le=0.1)]
    """Greatest learning rate of Adam; it falls to a twentieth along half a cosine."""
    order: Annotated[int, Field(ge=1, le=7)]
    """Highest order of the n-gram models that writers are compared with."""
    temperatures: Several[Annotated[float, Field(ge=0.1, le=2)]]
    """Temperatures at which texts are drawn: below 1 the likeliest signs are preferred."""
    samples: Annotated[int, Field(ge=1, le=1000)]
    """Texts to draw at each temperature."""
    sample_characters: Annotated[int, Field(ge=20, le=100_000)]
    """Characters of each text that is drawn."""
    windows: Annotated[int, Field(ge=0, le=1_000_000)]
    """Overlapping windows of words for the protocol by_window, from the first training works on; 0 leaves it out."""
    window_epochs: Annotated[int, Field(ge=1, le=100)]
    """Times that the network of that protocol reads its windows."""
    resamples: Resamples
    """Bootstrap resamples of the intervals."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class ChunkNetwork(Settings):
    """A recurrent network that reads chunks from both sides and names their author."""

    net: Literal["lstm", "gru"]
    """Kind of the recurrent network."""
    width: Annotated[int, Field(ge=2, le=1024)]
    """Recurrent units in each direction."""
    embedding: Annotated[int, Field(ge=2, le=1024)]
    """Numbers that stand for a character at the input."""
    dropout: Annotated[float, Field(ge=0, le=0.9)]
    """Share of inputs and of units that are left out at random in training."""
    epochs: Annotated[int, Field(ge=1, le=1000)]
    """Times that the training chunks are read; the epoch that is best on validation chunks is kept."""
    learning_rate: Annotated[float, Field(gt=0, le=0.1)]
    """Learning rate of Adam."""


class ClassifyTexts(Settings):
    """Name the authors of chunks of works, and evaluate what the writers wrote."""

    chunk: Annotated[int, Field(ge=50, le=100_000)]
    """Characters of a chunk."""
    models: Several[TextModel]
    """What names the authors: `characters` (n-grams of 1 to 3), `words`, `frequent_words` (the commonest ones, most of
    which are function words) and `dash` (the kind of dash alone) are linear or counted; `network` reads chunks from
    both sides; `writers` takes the author whose writer needs the fewest bits."""
    frequent_words: Annotated[int, Field(ge=5, le=10_000)]
    """Words that `frequent_words` counts, the commonest ones of what it is fitted to."""
    network: ChunkNetwork
    """The network that reads chunks from both sides."""
    folds: Annotated[int, Field(ge=2, le=20)]
    """Folds of the cross-validation, which keeps works whole."""
    protocols: Several[Literal["honest", "by_chunk", "raw_typography", "names_kept"]]
    """How models are evaluated: `honest` and the mistakes that are repeated."""
    protocol_models: Several[Literal["characters", "words", "frequent_words"]]
    """Models that are evaluated by all protocols."""
    copied: Annotated[int, Field(ge=13, le=1000)]
    """Characters of the strings of which the share that is copied from training works is told."""
    resamples: Resamples
    """Bootstrap resamples of the intervals of bits."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed
