"""The schemas of the tables of texts; read and written by `radsieve.tables`."""

from radsieve.tables.columns import PATH, SHARE, count, number, one_of, schema, text
from radsieve.tables.images import Split

UNIFORM, UNIGRAM, XZ = "uniform", "unigram", "xz"
FORMS = ("normalised", "raw_typography", "names_kept", "raw")
CLUSTERS = ("works", "passages")
KINDS = ("sample", "unseen")

# The works as data: `raw` without headers and notes, `text` with normalised typography, and its `unit` and `split`.
WORKS = schema(
    "works", author=text(), work=text(PATH), unit=text(), split=one_of(*Split), raw=text(PATH), text=text(PATH)
)

# The works in short, with the file that holds them and what was taken from it.
WORK_LIST = schema(
    "works",
    author=text(),
    work=text(PATH),
    file=text(PATH),
    unit=text(),
    split=one_of(*Split),
    header_lines=count(),
    note_lines=count(),
    characters=count(1),
    words=count(1),
)

# Works, units and characters by author and split.
WORK_COUNTS = schema("counts", author=text(), split=one_of(*Split), works=count(), units=count(), characters=count())

# Works that are nearly equal: the share of the passages of eight words of the shorter one that the other has, too.
ALIKE_WORKS = schema("alike", author_a=text(), work_a=text(PATH), author_b=text(), work_b=text(PATH),
                     share=number(SHARE))  # fmt: skip

# Files and works that could not be used.
WORK_QUARANTINE = schema("quarantine", file=text(PATH), work=text(), reason=text(), detail=text())

# The training of a writer, in bits per character; `best` is the epoch with the fewest on validation works.
WRITER_CURVES = schema("curves", epoch=count(1), train_bits=number(), validation_bits=number(),
                       learning_rate=number())  # fmt: skip

# Bits per character of works that no model has seen, by model. `clusters` says what the interval resamples: works, or
# passages where there are fewer than five works. `difference` is the bits of a model
# minus those of the writer, on the same works.
ENTROPY = schema(
    "entropy",
    model=text(),
    works=count(1),
    characters=count(1),
    bits=number(),
    lower=number(nullable=True),
    upper=number(nullable=True),
    clusters=one_of(*CLUSTERS),
    difference=number(nullable=True),
    difference_lower=number(nullable=True),
    difference_upper=number(nullable=True),
)

# Texts that a writer drew, by temperature.
DRAWN = schema("samples", temperature=number(), number=count(1), text=text(PATH))


# How well each model recognises the author of a chunk: out of fold (`folds`), or of test works by what training works
# teach (`test`); in the form `text` of the works. Intervals are clustered by unit.
CHUNK_COMPARISON = schema(
    "comparison",
    model=text(),
    text=one_of(*FORMS),
    evaluated=one_of("folds", "test"),
    chunks=count(1),
    units=count(1),
    **{
        f"{name}{end}": number(SHARE, nullable=True)
        for name in ("balanced_accuracy", "accuracy")
        for end in ("", "_lower", "_upper")
    },
)

# For each author the chunks that each model takes for those of each other, and their share of the author's.
CHUNK_CONFUSION = schema("confusion", model=text(), evaluated=one_of("folds", "test"), author=text(), predicted=text(),
                         chunks=count(), share=number(SHARE))  # fmt: skip

# The guess of each model for each chunk, which begins at the character `start` of its work.
CHUNK_PREDICTIONS = schema("predictions", author=text(), work=text(PATH), start=count(), model=text(),
                           text=one_of(*FORMS), evaluated=one_of("folds", "test"), predicted=text())  # fmt: skip

# What writers drew, by temperature, and as many chunks of unseen works: the share recognised, the longest string that
# is in the author's training works, the share of strings of so many characters that are, the share of words that are in
# any training work, and that of different sequences of two and of three words among all.
EVALUATED = schema(
    "evaluated",
    author=text(),
    kind=one_of(*KINDS),
    temperature=number(nullable=True),
    texts=count(1),
    recognised=number(SHARE),
    recognised_lower=number(SHARE, nullable=True),
    recognised_upper=number(SHARE, nullable=True),
    longest_copied=count(),
    share_copied=number(SHARE),
    real_words=number(SHARE, nullable=True),
    distinct_2=number(SHARE, nullable=True),
    distinct_3=number(SHARE, nullable=True),
)

# Each text that was drawn, whom it is taken for, and where at least 20 characters in a row are copied: `from-to`.
EVALUATED_TEXTS = schema("samples", author=text(), temperature=number(), number=count(1), taken_for=text(),
                      longest_copied=count(), copied=text(), text=text(PATH))  # fmt: skip

# Bits per character of unseen works of each author under the writer of each other.
ENTROPY_MATRIX = schema("entropy_matrix", author=text(), writer=text(), characters=count(1), bits=number(),
                        lower=number(nullable=True), upper=number(nullable=True))  # fmt: skip

# How often signs that editions choose occur in the works as they stand.
MARKERS = schema("markers", author=text(), marker=text(), count=count(), per_1000_characters=number())
