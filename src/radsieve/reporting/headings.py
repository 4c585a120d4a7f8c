"""What columns of tables are called on pages, by their names in the files: the one place where that is defined."""

import re

_HEADINGS = {
    # counts and shares of what a threshold accepts
    "tn": "bad rejected (TN)",
    "fp": "bad accepted (FP)",
    "fn": "good rejected (FN)",
    "tp": "good accepted (TP)",
    "tpr": "share of good accepted (TPR)",
    "fpr": "share of bad accepted (FPR)",
    "accepted_share": "share accepted",
    "seconds_per_good": "seconds for a good image",
    "bad_per_good_before": "bad for each good one, before",
    "bad_per_good_after": "bad for each good one, after",
    "valid_rate": "share of valid rows",
    "hard_auc": "ROC-AUC of called outcomes",
    "share_good": "share of good images",
    "spread_kept": "mean distance kept, relative to chance",
    # p-values and intervals
    "p_value": "p",
    "holm": "p after Holm",
    "p_adjusted": "p after Holm",
    "delong_p": "p (DeLong)",
    "delong_holm": "p after Holm (DeLong)",
    "corrected_t_p": "p (corrected t-test)",
    "corrected_t_holm": "p after Holm (corrected t-test)",
    "lower": "lower limit",
    "upper": "upper limit",
    # networks
    "c": "C (inverse strength of L2)",
    "train_auc": "ROC-AUC on the images fitted to",
    "validation_auc": "ROC-AUC on held-out folds",
    "fid": "FID",
    "kid": "KID",
    "area_true": "true area (share of the image)",
    "area_found": "area found (share of the image)",
    "area_share": "area (share of the image)",
    "hd95_mm": "HD95 (mm)",
    "area_true_mm2": "true area (mm²)",
    "area_found_mm2": "area found (mm²)",
    "area_mm2": "area (mm²)",
    "mm_at": "millimetres at",
    "height_mm": "height (mm)",
    "width_mm": "width (mm)",
    "entropy": "mean entropy (bits)",
    "heat_outside": "share of the heat outside of the lungs",
    "max_heat": "maximum of the heat map",
    "top_crop": "share of the top left out",
    "bin_from": "probability from",
    "bin_to": "probability to",
    "real_like": "share like real images (precision)",
    "moved_good": "good after moving",
    # tasks
    "sd": "standard deviation",
    "shap": "SHAP",
    "shap_rank": "rank by SHAP",
    "permutation": "fall of the ROC-AUC if shuffled",
    "permutation_rank": "rank by that fall",
    "min_missing": "least missing: share",
    "min_missing_in": "least missing: where the target is",
    "max_missing": "most missing: share",
    "max_missing_in": "most missing: where the target is",
    "differing_units": "units with several values",
    "nearer_to_train": "share of synthetic rows nearer to training rows than to unseen ones",
    "membership_auc": "ROC-AUC of telling training rows from unseen ones",
    "share_present": "share positive among reports that say present or absent",
    # files, grades, duplicates
    "file_id": "file (digests)",
    "sha256": "SHA-256",
    "severity": "grade",
    "severities": "grades",
    "relative_path": "path",
    "relative_paths": "paths",
    "byte_size": "bytes",
    "bit_depth": "bits per channel",
    "same": "with the same grade",
    "ours_from": "file of ours",
    "good_beside_good": "good with a good neighbour",
}
_ABBREVIATIONS = {
    "roc auc": "ROC-AUC", "pr auc": "PR-AUC", "iou": "IoU", "dice": "Dice", "hd95": "HD95 (pixels)", "brier": "Brier",
    "f1": "F1",
}  # fmt: skip
_ABBREVIATION = re.compile(rf"\b({'|'.join(_ABBREVIATIONS)})\b")


def heading(name: object) -> str:
    """What a page calls the column `name`: what is defined for it here, or its name without underscores.

    Names of measures are written as in prose.

    >>> heading("tn"), heading("roc_auc_gained")
    ('bad rejected (TN)', 'ROC-AUC gained')
    """
    text = str(name)
    words = _HEADINGS.get(text) or text.replace("_", " ")
    return _ABBREVIATION.sub(lambda found: _ABBREVIATIONS[found[0]], words)
