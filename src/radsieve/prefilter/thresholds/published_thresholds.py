"""The published thresholds, their confusion matrices evaluated by our code (Sinyavsky, term paper, part 2)."""

import pandas as pd

from radsieve.prefilter.thresholds.confusion_measures import CELLS, Costs, acceptance_measures
from radsieve.tables.images import Split

# The source gives these in its text, for the validation set, and does not count the time of the predictor.
_SAVINGS = {"argmax(tpr-fpr)": 1.8, "argmax(2*tpr-fpr)": 1.4}
_NO_PREDICTOR = Costs(generate_seconds=1, predict_seconds=0)
_PRINTED = {"tpr": "tpr", "fpr": "fpr", "precision": "precision", "base_rate": "init_precision"}
_DIGITS = 6  # after the point, in the table
_SPLITS = {"valid": Split.VALIDATION, "test": Split.TEST}


def recompute(published: pd.DataFrame) -> pd.DataFrame:
    """Return what THRESHOLDS_18_24M prints beside what its confusion matrices give, as PUBLISHED_THRESHOLDS."""
    rows = []
    for printed in published.to_dict("records"):
        found = acceptance_measures([printed[cell] for cell in CELLS], _NO_PREDICTOR)
        split = _SPLITS[printed["split"]]
        compared = [(name, printed[column], _DIGITS) for name, column in _PRINTED.items()]
        if split == Split.VALIDATION and printed["rule"] in _SAVINGS:
            compared.append(("saving", _SAVINGS[printed["rule"]], 1))
        for name, value, digits in compared:
            equal = round(float(found[name]), digits) == round(value, digits)
            rows.append((printed["group"], printed["rule"], split, name, value, float(found[name]), digits, equal))
    columns = ["group", "rule", "split", "measure", "published", "recomputed", "digits", "equal"]
    return pd.DataFrame(rows, columns=columns)


_TOLD = ("argmax(tpr-fpr)", "argmax(2*tpr-fpr)")  # rules whose saving the published study gives in its text


def published_savings(published: pd.DataFrame) -> dict[str, float]:
    """The savings that the study gives in its text, by rule, from THRESHOLDS_18_24M: the ratio of precision with and
    without a sieve.

    They are measured on the rows on which the thresholds were chosen, and count generation alone.
    """
    told = published[(published["split"] == "valid") & published["rule"].isin(_TOLD)]
    return dict(zip(told["rule"], told["precision"] / told["init_precision"], strict=True))
