"""Which of the names in settings a cell of a table means."""

import pytest

from radsieve.imaging.known_names import KnownNames


@pytest.mark.parametrize(
    ("names", "written", "meant"),
    [
        (["mild", "severe"], " MILD", "mild"),
        (["0", "1"], "01.0", "1"),
        (["Zürich"], "Zu\u0308rich", "Zürich"),
        (["a", "A"], "A", "A"),  # of several that are alike the one that is written so
        (["a", "A"], "\uff41", None),
        (["mild"], "moderate", None),
    ],
)
def test_a_name_however_it_is_written(names, written, meant):
    assert KnownNames(names).meant(written) == meant
