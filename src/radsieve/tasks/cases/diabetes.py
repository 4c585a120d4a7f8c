"""A table of measurements like that of Pima women (Smith and others 1988), in which 0 stands for what is missing."""

import numpy as np
import pandas as pd

from radsieve.tasks.cases.outcomes import best_area, draw, logit

TARGET = "Outcome"
_SHARE = 0.35  # with diabetes
# mean, standard deviation, decimals, lowest value, share of 0 in place of it, coefficient per standard deviation
_COLUMNS = {
    "Pregnancies": (3.8, 3.4, 0, 0.0, 0.0, 0.4),
    "Glucose": (121.0, 30.0, 0, 44.0, 0.007, 1.1),
    "BloodPressure": (72.0, 12.0, 0, 24.0, 0.045, 0.0),
    "SkinThickness": (29.0, 10.0, 0, 7.0, 0.3, 0.0),
    "Insulin": (150.0, 110.0, 0, 14.0, 0.49, 0.0),
    "BMI": (32.0, 7.0, 1, 18.0, 0.014, 0.6),
    "DiabetesPedigreeFunction": (0.47, 0.33, 3, 0.08, 0.0, 0.3),
    "Age": (33.0, 12.0, 0, 21.0, 0.0, 0.2),
}


def simulate(rows: int, seed: int) -> tuple[pd.DataFrame, list[tuple[str, float]]]:
    """Return the table and its truth, pairs of quantity and value.

    `bayes_auc` is that of complete rows; what is missing puts it out of reach.
    """
    random = np.random.default_rng([seed, 1])
    drawn = {
        name: np.maximum(mean + spread * random.standard_normal(rows), lowest).round(decimals)
        for name, (mean, spread, decimals, lowest, _, _) in _COLUMNS.items()
    }
    table = pd.DataFrame(drawn)
    standard = pd.DataFrame({name: (table[name] - of[0]) / of[1] for name, of in _COLUMNS.items()})
    coefficients = {name: of[5] for name, of in _COLUMNS.items()}
    log_odds = logit(standard, coefficients, _SHARE)
    outcome = draw(log_odds, random)
    for name, of in _COLUMNS.items():
        table.loc[random.random(rows) < of[4], name] = 0
    whole = [name for name, of in _COLUMNS.items() if of[2] == 0]
    table = table.astype(dict.fromkeys(whole, int)).assign(**{TARGET: outcome})
    truth = [("bayes_auc", best_area(log_odds))]
    return table, truth + [(f"coefficient of {name}", value) for name, value in coefficients.items()]
