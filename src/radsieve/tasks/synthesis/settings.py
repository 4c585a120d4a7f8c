"""Settings of the synthesis of rows of tables."""

from typing import Annotated, Literal

from pydantic import Field

from radsieve.settings import ASCENDING, Confidence, Items, List, OrNone, Seed, Settings, Several, Text


class QuestionSettings(Settings):
    """A conclusion that is drawn from a table."""

    name: Text
    """What the question is called."""
    kind: Literal["odds_ratio", "difference", "share"]
    """`odds_ratio` of the outcome and `difference` of the share with it, between those exposed and others; or the
    `share` of those exposed who have it."""
    exposure: Text
    """Column that says who is exposed."""
    level: OrNone[Text]
    """Value of it that counts as exposed; `none` stands for one standard deviation more of a number."""
    adjust: Items[Text]
    """Columns that are held equal."""


class SynthesisSettings(Settings):
    """How rows are synthesized and evaluated; the same keys for every table."""

    rows: Annotated[int, Field(ge=100, le=2_000_000)]
    """Rows to take at most, whole units: a third to learn from, a third of other rows, a third of unseen ones."""
    generators: Several[Literal["marginals", "copula", "trees", "vae"]]
    """Generators; mistakes are compared with the last one. `vae` is a variational autoencoder: seconds to minutes."""
    leaf: Annotated[int, Field(ge=2, le=1000)]
    """Rows in a leaf of a tree at least, from which a value is drawn."""
    repeats: Annotated[int, Field(ge=1, le=100)]
    """Times that synthetic rows are drawn to answer the questions."""
    fewer_rows: Annotated[Items[Annotated[int, Field(ge=30)]], ASCENDING]
    """Numbers of rows to learn from besides all: how conclusions depend on the rows for each variable."""
    compared_rows: Annotated[int, Field(ge=50, le=100_000)]
    """Rows of each kind at most of which distances and the model that tells them apart are computed."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed
    questions: Annotated[List[QuestionSettings], Field(min_length=1)]
    """Conclusions that are drawn from real and from synthetic rows."""


class SynthesizeTables(Settings):
    """Draw synthetic rows of each table, and evaluate what they keep and what they give away."""

    diabetes: SynthesisSettings
    """Diabetes by measurements."""
    survey: SynthesisSettings
    """Diabetes by the answers to a survey."""
    deaths: SynthesisSettings
    """Deaths by what is known before, at and after admission."""
