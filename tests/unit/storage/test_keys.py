"""radsieve.storage.keys: names that anybody may have given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.storage.keys import escaped, unsafe


@given(key=st.text(max_size=40))
def test_escaped_keys_fit_in_a_line_and_can_be_turned_back(key):
    shown = escaped(key)
    assert len(shown.splitlines()) <= 1
    assert "\n" not in shown and "\x00" not in shown
    rest = "".join(c if c.isascii() else f"\\U{ord(c):08x}" for c in shown)
    assert rest.encode().decode("unicode_escape") == key


@pytest.mark.parametrize(
    ("path", "danger"),
    [
        ("a/image.png", ""),
        ("снимок 1/a..b.png", ""),
        ("../image.png", "segment"),
        ("/etc/passwd", "absolute"),
        ("a//image.png", "segment"),
        ("a\nb.png", "control"),
        ("k" * 513, "512 bytes"),
    ],
)
def test_paths_that_leave_the_folder_or_hide_are_dangerous(path, danger):
    assert (danger in unsafe(path)) if danger else unsafe(path) == ""
