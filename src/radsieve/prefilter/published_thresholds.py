"""The published thresholds, their confusion matrices judged by our code (source 002, part 2)."""

import pandas as pd

from radsieve.prefilter.confusion_measures import CELLS, Costs, acceptance_measures
from radsieve.screening_tables import Split

# The source gives these in its text, for the validation part, and counts no time for the predictor.
_SAVINGS = {"argmax(tpr-fpr)": 1.8, "argmax(2*tpr-fpr)": 1.4}
_NO_PREDICTOR = Costs(draw_seconds=1, predict_seconds=0)
_PRINTED = {"tpr": "tpr", "fpr": "fpr", "precision": "precision", "base_rate": "init_precision"}
_DIGITS = 6  # after the point, in the table
_PARTS = {"valid": Split.VALIDATION, "test": Split.TEST}


def recompute(published: pd.DataFrame) -> pd.DataFrame:
    """Return what THRESHOLDS_18_24M prints beside what its confusion matrices give, as PUBLISHED_THRESHOLDS."""
    rows = []
    for printed in published.to_dict("records"):
        found = acceptance_measures([printed[cell] for cell in CELLS], _NO_PREDICTOR)
        part = _PARTS[printed["split"]]
        compared = [(name, printed[column], _DIGITS) for name, column in _PRINTED.items()]
        if part == Split.VALIDATION and printed["rule"] in _SAVINGS:
            compared.append(("saving", _SAVINGS[printed["rule"]], 1))
        for name, value, digits in compared:
            equal = round(float(found[name]), digits) == round(value, digits)
            rows.append((printed["group"], printed["rule"], part, name, value, float(found[name]), digits, equal))
    columns = ["group", "rule", "part", "measure", "published", "recomputed", "digits", "equal"]
    return pd.DataFrame(rows, columns=columns)
