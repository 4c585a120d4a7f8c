"""A table of answers to a survey like BRFSS (US Centers for Disease Control, 2015), with rows that are equal."""

import numpy as np
import pandas as pd

from radsieve.tasks.cases.outcomes import best_area, draw, logit

TARGET = "Diabetes_binary"
_SHARE = 0.14  # with diabetes
_EQUAL_ROWS = 0.1  # of the rows, copies of another one
# of yes and no: share of yes, coefficient
_YES_OR_NO = {
    "HighBP": (0.43, 0.8), "HighChol": (0.42, 0.6), "CholCheck": (0.96, 1.0), "Smoker": (0.44, 0.0),
    "Stroke": (0.04, 0.2), "HeartDiseaseorAttack": (0.09, 0.3), "PhysActivity": (0.76, -0.1),
    "Fruits": (0.63, 0.0), "Veggies": (0.81, 0.0),
    "HvyAlcoholConsump": (0.06, -0.7), "AnyHealthcare": (0.95, 0.0), "NoDocbcCost": (0.08, 0.0),
    "DiffWalk": (0.17, 0.2), "Sex": (0.44, 0.2),
}  # fmt: skip
# of numbers: lowest, highest, mean, standard deviation, coefficient per standard deviation
_NUMBERS = {
    "BMI": (12, 98, 28.4, 6.6, 0.5), "GenHlth": (1, 5, 2.5, 1.1, 0.6), "MentHlth": (0, 30, 3.2, 7.4, 0.0),
    "PhysHlth": (0, 30, 4.2, 8.7, 0.0), "Age": (1, 13, 8.0, 3.1, 0.5), "Education": (1, 6, 5.1, 1.0, -0.1),
    "Income": (1, 8, 6.1, 2.1, -0.2),
}  # fmt: skip


def simulate(rows: int, seed: int) -> tuple[pd.DataFrame, list[tuple[str, float]]]:
    """Return the table and its truth, pairs of quantity and value; numbers are written as in the survey's: 1.0."""
    random = np.random.default_rng([seed, 2])
    table = pd.DataFrame({name: random.random(rows) < share for name, (share, _) in _YES_OR_NO.items()}).astype(float)
    for name, (low, high, mean, spread, _) in _NUMBERS.items():
        table[name] = np.clip(np.round(mean + spread * random.standard_normal(rows)), low, high)
    standard = table.assign(**{name: (table[name] - of[2]) / of[3] for name, of in _NUMBERS.items()})
    coefficients = {name: of[-1] for name, of in (_YES_OR_NO | _NUMBERS).items()}
    log_odds = logit(standard, coefficients, _SHARE)
    table.insert(0, TARGET, draw(log_odds, random).astype(float))
    copies = random.choice(rows, round(rows * _EQUAL_ROWS), replace=False)
    others = random.permutation(np.setdiff1d(np.arange(rows), copies))[: len(copies)]
    table.iloc[copies] = table.iloc[others].to_numpy()
    truth = [("bayes_auc", best_area(log_odds)), ("equal rows", float(len(copies)))]
    return table, truth + [(f"coefficient of {name}", value) for name, value in coefficients.items()]
