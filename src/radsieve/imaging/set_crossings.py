"""What test images of one set have in common with images from which another one learns: it must be nothing."""

import pandas as pd

from radsieve.tables.images import SET_CROSSINGS, Split


def set_crossings(table: pd.DataFrame) -> pd.DataFrame:
    """SET_CROSSINGS of `table`, all images: columns set, split, unit, key (the patient, or empty), pixel_digest.

    Patients and pixels are compared by themselves, whatever unit an image was given.
    """
    names = list(dict.fromkeys(table["set"]))
    parts = dict(iter(table.groupby(["set", "split"], sort=False)))
    empty = table.iloc[:0]
    rows = []
    for name in names:
        test = parts.get((name, Split.TEST), empty)
        units = set(test["unit"])
        for other in names:
            of_split = {split: parts.get((other, split), empty) for split in Split}
            chosen_on = pd.concat([of_split[Split.TRAIN], of_split[Split.VALIDATION]])
            shared = [len(_common(test, chosen_on, column)) for column in ("key", "pixel_digest")]
            rows.append(
                (name, other, len(units), *(len(units & set(of_split[split]["unit"])) for split in Split), *shared)
            )
    return pd.DataFrame(rows, columns=list(SET_CROSSINGS.columns))


def check_crossings(crossings: pd.DataFrame) -> None:
    """Raise RuntimeError if a test split of SET_CROSSINGS has anything in common with train or validation of a set.

    By the rule of the division that cannot be: if it is, the code is wrong, not what was read.
    """
    wrong = crossings[crossings[["in_train", "in_validation", "patients", "pictures"]].any(axis=1)]
    if len(wrong):
        first = wrong.iloc[0]
        raise RuntimeError(
            f"the test split of {first['test_of']} shares units, patients or pictures with what "
            f"{first['other']} learns from: the division of the sets is wrong; please report it"
        )


def _common(a: pd.DataFrame, b: pd.DataFrame, column: str) -> set[str]:
    return (set(a[column]) & set(b[column])) - {""}
