"""A table of admissions like that of the Mexican government on COVID-19 (Secretaría de Salud, 2020).

Codes 97, 98 and 99 stand for what does not apply or is not known; some columns are known from the visit on, and others
only afterwards, which tell who died.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from scipy.special import logit as log_odds_of

from radsieve.tasks.cases.outcomes import best_area, draw, logit

TARGET, ALIVE = "DATE_DIED", "9999-99-99"
_SHARE = 0.08  # who died
_AGE = (42.0, 17.0, 1.1)  # mean, standard deviation, coefficient per standard deviation
_MALE, _PNEUMONIA = (0.5, 0.4), (0.14, 1.9)  # share, coefficient
# share, coefficient
_DISEASES = {
    "DIABETES": (0.12, 0.5), "COPD": (0.014, 0.2), "ASTHMA": (0.03, 0.0), "INMSUPR": (0.014, 0.3),
    "HIPERTENSION": (0.16, 0.2), "OTHER_DISEASE": (0.03, 0.3), "CARDIOVASCULAR": (0.02, 0.1), "OBESITY": (0.15, 0.2),
    "RENAL_CHRONIC": (0.02, 0.6), "TOBACCO": (0.08, 0.0),
}  # fmt: skip
_UNKNOWN = 0.003  # of the answers, coded 98
_YES, _NO = 1, 2

Flags = npt.NDArray[np.bool_]


def simulate(rows: int, seed: int) -> tuple[pd.DataFrame, list[tuple[str, float]]]:
    """Return the table and its truth, pairs of quantity and value.

    `bayes_auc` is that of what is known at the visit, `bayes_auc before` that of what is known before it: without
    PNEUMONIA.
    """
    random = np.random.default_rng([seed, 3])
    age = np.clip(np.round(_AGE[0] + _AGE[1] * random.standard_normal(rows)), 0, 110)
    flags: dict[str, Flags] = {name: random.random(rows) < share for name, (share, _) in _DISEASES.items()}
    flags |= {"male": random.random(rows) < _MALE[0], "PNEUMONIA": random.random(rows) < _PNEUMONIA[0]}
    standard = pd.DataFrame({"AGE": (age - _AGE[0]) / _AGE[1]} | flags).astype(float)
    coefficients = {"AGE": _AGE[2], "male": _MALE[1], "PNEUMONIA": _PNEUMONIA[1]}
    coefficients |= {name: of[1] for name, of in _DISEASES.items()}
    log_odds = logit(standard, coefficients, _SHARE)
    died = draw(log_odds, random).astype(bool)
    in_hospital = random.random(rows) < np.where(died, 0.91, 0.14)
    intubated = in_hospital & (random.random(rows) < np.where(died, 0.4, 0.05))
    columns = {
        "USMER": _coded(random.random(rows) < 0.37),
        "MEDICAL_UNIT": np.where(in_hospital, random.choice([4, 6, 9], rows), random.choice([4, 12], rows)),
        "SEX": np.where(flags["male"], 2, 1),
        "PATIENT_TYPE": np.where(in_hospital, 2, 1),
        TARGET: np.where(died, [f"{day:02d}/06/2020" for day in random.integers(1, 31, rows)], ALIVE),
        "INTUBED": np.where(in_hospital, _coded(intubated), 97),
        "PNEUMONIA": _unknown(_coded(flags["PNEUMONIA"]), random),
        "AGE": age.astype(int),
        "PREGNANT": np.where(flags["male"], 97, _coded(random.random(rows) < 0.02)),
        **{name: _unknown(_coded(flags[name]), random) for name in _DISEASES},
        "CLASIFFICATION_FINAL": np.where(died & (random.random(rows) < 0.05), 2, random.choice([3, 7], rows)),
        "ICU": np.where(in_hospital, _coded(in_hospital & (random.random(rows) < np.where(died, 0.2, 0.06))), 97),
    }
    share, weight = _PNEUMONIA
    without = log_odds - weight * flags["PNEUMONIA"]
    probability_before = share * expit(without + weight) + (1 - share) * expit(without)
    truth = [("bayes_auc", best_area(log_odds)), ("bayes_auc before", best_area(log_odds_of(probability_before)))]
    return pd.DataFrame(columns), truth + [(f"coefficient of {name}", value) for name, value in coefficients.items()]


def _coded(yes: Flags) -> npt.NDArray[np.int64]:
    return np.where(yes, _YES, _NO)


def _unknown(codes: npt.NDArray[np.int64], random: np.random.Generator) -> npt.NDArray[np.int64]:
    return np.where(random.random(len(codes)) < _UNKNOWN, 98, codes)
