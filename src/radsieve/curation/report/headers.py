"""What the page says of the headers of DICOM files: whose they are, and what asks for attention."""

from collections.abc import Mapping

import pandas as pd

from radsieve.imaging.decode import DICOM
from radsieve.reporting.page import count_of

_SUSPICIOUS_FILES = 20  # of one patient, if they are more than half of all


def counts(images: pd.DataFrame) -> dict[str, int]:
    """Files with a header among `images` (IMAGES), and whose: patients, studies and files without a known patient among
    them, most files of one patient, and files that say that text is burned in.
    """
    headed = images[images["format"] == DICOM]
    known = {name: headed.loc[headed[name] != "", name] for name in ("PatientID", "StudyInstanceUID")}
    patients = pd.concat([known["PatientID"], headed["other_patients"].str.split().explode().dropna()]).value_counts()
    return {
        "files": len(headed),
        "patients": len(patients),
        "studies": known["StudyInstanceUID"].nunique(),
        "without": int((headed["PatientID"] == "").sum()),
        "most": int(patients.max()) if len(patients) else 0,
        "burned_in": int((headed["BurnedInAnnotation"].str.upper() == "YES").sum()),
    }


def points(found: Mapping[str, int]) -> list[tuple[str, str]]:
    """What a reviewer should look at, of the `counts`: the section of the page, and the point in words."""
    said = []
    if found["burned_in"]:
        said.append(
            f"{count_of(found['burned_in'], 'file')} in DICOM with text burned into the picture (BurnedInAnnotation "
            "YES in images.csv): it may name the patient."
        )
    if found["most"] > max(found["files"] / 2, _SUSPICIOUS_FILES):
        said.append(
            f"{found['most']} of {count_of(found['files'], 'file')} in DICOM give one PatientID: if it stands for "
            "several people, it ties them all into one split."
        )
    return [("input", words) for words in said]
