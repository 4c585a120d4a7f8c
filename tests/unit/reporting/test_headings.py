"""Headings of columns, which are defined in one place."""

import pytest

from radsieve.reporting.headings import heading


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("tn", "bad rejected (TN)"),
        ("c", "C (inverse strength of L2)"),
        ("holm", "p after Holm"),
        ("roc_auc", "ROC-AUC"),
        ("hd95", "HD95 (pixels)"),
        ("accuracy_gained", "accuracy gained"),
        ("18_24m", "18 24m"),
    ],
)
def test_what_a_page_calls_a_column(name, shown):
    assert heading(name) == shown
