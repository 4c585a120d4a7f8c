"""Settings of models of the rows of tables."""

from typing import Annotated, Literal

from pydantic import Field

from radsieve.settings import ASCENDING, Confidence, Items, List, OrNone, Resamples, Seed, Settings, Several, Text

ModelName = Literal[
    "majority", "best_column", "logistic", "forest", "extra_trees", "boosting", "perceptron", "lstm", "gru",
]  # fmt: skip
Weighted = Literal["logistic", "forest", "extra_trees", "boosting"]
ProtocolName = Literal[
    "honest", "fitted_on_all", "smote_first", "class_medians", "class_medians_smote_first", "hard_labels",
    "after_outcome", "labels_1_2",
]  # fmt: skip
MAX_TREES = 2000  # of a forest, one that is fitted or one that is read


class NetSettings(Settings):
    """A small network on the rows of a table, and how it is trained."""

    layers: Annotated[List[Annotated[int, Field(ge=1, le=1024)]], Field(min_length=1, max_length=6)]
    """Units of each hidden layer."""
    activation: Literal["relu", "tanh", "gelu"]
    """What follows a layer of a perceptron; recurrent layers have their own."""
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Share of the units that are left out in a training step."""
    optimizer: Literal["adam", "sgd"]
    """`sgd` has a momentum of 0.9."""
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    """Step of the optimizer."""
    epochs: Annotated[int, Field(ge=1, le=1000)]
    """Passes over the training rows."""
    batch: Annotated[int, Field(ge=1, le=65536)]
    """Rows of a training step."""
    steps: Literal["one", "columns"]
    """What a recurrent network steps over: `one` step with all columns, or the `columns`, one a step, in an order that
    means nothing. A perceptron has no steps."""


class RowsSettings(Settings):
    """How the models of a table are fitted and evaluated; the same keys for every table."""

    rows: Annotated[int, Field(ge=100, le=2_000_000)]
    """Rows to take at most, whole units in an order that follows from the seed."""
    network_rows: Annotated[int, Field(ge=100, le=2_000_000)]
    """Rows to which a network is fitted at most, whole units; it predicts all rows of the fold that is left out."""
    protocol_rows: Annotated[int, Field(ge=100, le=2_000_000)]
    """Rows on which models are evaluated by `protocols` at most, whole units, in folds of their own, the honest one as
    well."""
    models: Several[ModelName]
    """Models to evaluate; the others are compared with `logistic`."""
    stored_model: Literal["best", "logistic", "forest", "extra_trees", "boosting", "perceptron", "lstm", "gru"]
    """Which of `models` is fitted to all rows (a network to `network_rows`) and stored, to predict others with
    `scripts/predict_rows.py`: `best` is the one with the greatest ROC-AUC, without majority and best column."""
    resampled: Items[Weighted]
    """Models to evaluate with classes balanced by weights, and by SMOTE within the fold, besides."""
    trees: Annotated[int, Field(ge=10, le=MAX_TREES)]
    """Trees of a forest, the extremely randomised one as well."""
    perceptrons: Annotated[List[NetSettings], Field(min_length=1)]
    """Perceptrons, of which the best on a part of the training rows predicts the rows of a fold."""
    folds: Annotated[int, Field(ge=2, le=20)]
    """Folds of the cross-validation, which keeps units whole."""
    protocols: Several[ProtocolName]
    """How models are evaluated: `honest` and the mistakes that are repeated."""
    protocol_models: Several[Weighted]
    """Models that are evaluated by all protocols."""
    single_splits: Annotated[int, Field(ge=0, le=1000)]
    """Random splits, 80 to 20, in which logistic regression is evaluated once each, to show how far one split moves."""
    subgroups: Items[Text]
    """Columns, such as sex, by whose values results are told apart, too."""
    age: OrNone[Text]
    """Column with an age, or a number in the order of age, by whose bands results are told apart, too; or `none`."""
    age_bands: Annotated[Items[Annotated[float, Field(gt=0, lt=150)]], ASCENDING]
    """Values of `age` that divide rows into bands: [40, 60] stands for under 40, 40 to under 60, and 60 and over."""
    explained_rows: Annotated[int, Field(ge=20, le=10000)]
    """Rows that a model has not seen for which SHAP values are computed, of one fold at most."""
    resamples: Resamples
    """Bootstrap resamples of the intervals that need them."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed
    recurrent: NetSettings
    """The recurrent networks `lstm` and `gru`."""


class ClassifyRows(Settings):
    """Predict the outcome of each table by models and protocols."""

    diabetes: RowsSettings
    """Diabetes by measurements."""
    survey: RowsSettings
    """Diabetes by the answers to a survey."""
    deaths: RowsSettings
    """Deaths by what is known before, at and after admission."""
