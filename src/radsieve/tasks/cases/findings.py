"""A table of findings on chest radiographs: 1 is present, 0 absent, -1 uncertain, an empty cell not mentioned.

It is like that of CheXpert (Irvin et al. 2019, doi:10.1609/aaai.v33i01.3301590).
"""

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.special import logit as log_odds_of

_IMAGES = 2.0  # of a patient, on average
_LATERAL, _STANDING = 0.15, 0.25  # shares of images; of frontal ones
_ALIKE = 0.7  # standard deviation of the log-odds between patients
_LYING = 0.9  # added to the log-odds of a finding where the patient lay (AP)
# share of images on which it is mentioned; of these uncertain; of the others present
_FINDINGS = {
    "Cardiomegaly": (0.2, 0.15, 0.6),
    "Edema": (0.4, 0.15, 0.6),
    "Consolidation": (0.3, 0.4, 0.35),
    "Pneumonia": (0.12, 0.75, 0.6),
    "Pleural Effusion": (0.5, 0.1, 0.65),
}
_TOLD = "Pleural Effusion"  # is mentioned more often where edema is present
_MORE = 0.3


def simulate(rows: int, seed: int) -> tuple[pd.DataFrame, list[tuple[str, float]]]:
    """Return the table of images and its truth: the probability that a finding is present where that is certain."""
    random = np.random.default_rng([seed, 5])
    images = random.geometric(1 / _IMAGES, rows)
    patient = np.repeat(np.arange(rows), images)[:rows]
    number = pd.Series(patient).groupby(patient).cumcount().to_numpy() + 1
    lateral = random.random(rows) < _LATERAL
    lying = ~lateral & (random.random(rows) >= _STANDING)
    view = np.where(lateral, "lateral", "frontal")
    table = pd.DataFrame(
        {
            "Path": [
                f"drawn/train/patient{one + 1:05d}/study{study}/view1_{kind}.jpg"
                for one, study, kind in zip(patient, number, view, strict=True)
            ],
            "Sex": np.where(random.random(rows) < 0.4, "Female", "Male")[patient],
            "Age": np.clip(np.round(60 + 18 * random.standard_normal(rows)), 18, 90).astype(int)[patient],
            "Frontal/Lateral": np.where(lateral, "Lateral", "Frontal"),
            "AP/PA": np.where(lateral, "", np.where(lying, "AP", "PA")),
        }
    )
    truth = []
    for name, (mentioned, uncertain, present) in _FINDINGS.items():
        of_patient = _ALIKE * random.standard_normal(rows)[patient]
        probability = expit(log_odds_of(present) + of_patient + _LYING * (lying - lying.mean()))
        is_present = random.random(rows) < probability
        told = mentioned + (_MORE * (table["Edema"] == "1.0").to_numpy() if name == _TOLD else 0)
        value = np.where(random.random(rows) < uncertain, "-1.0", np.where(is_present, "1.0", "0.0"))
        table[name] = np.where(random.random(rows) < told, value, "")
        truth += [(f"share present of {name}", float(probability.mean())), (f"share uncertain of {name}", uncertain)]
    return table, truth
