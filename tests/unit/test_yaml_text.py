"""Setting values in YAML text that has anchors, aliases and merge keys."""

import pytest
import yaml

from radsieve.errors import InputError
from radsieve.yaml_text import leaves, set_values

TEXT = """\
# everything

chest: &chest                     # the first
  epochs: 3                       # of all films
  pixels: &pixels 256
  targets: [0, 3]                 # seconds
  mask: "{name}"
  shift: &shift
    along: 0.1
    across: 0.2

breast:
  <<: *chest
  epochs: 10                      # women's films

skin:
  <<: *chest

lungs: *chest
drawn:
  pixels: *pixels
  blocks:
    - 1
    - 2                           # the last

  note: |
    two
    lines
  nothing:
"""


def laid(overlay, text=TEXT, tidy=False):
    return set_values(text, leaves(overlay), tidy)


@pytest.mark.parametrize(
    ("overlay", "line", "instead"),
    [
        ("chest: {epochs: 12}", "  epochs: 3                       # of", "  epochs: 12                       # of"),
        ("chest: {targets: [1]}", "  targets: [0, 3]  ", "  targets: [1]  "),
        ("chest: {targets: [\n1,\n 2]}", "  targets: [0, 3]  ", "  targets: [1, 2]  "),
        ("chest: {targets: []}", "  targets: [0, 3]  ", "  targets: []  "),
        ("chest: {mask: '{name}_m'}", '  mask: "{name}"', "  mask: '{name}_m'"),
        ("chest: {shift: {across: 1.0e-06}}", "    across: 0.2", "    across: 1.0e-06"),
        ("chest: {pixels: 64}", "  pixels: &pixels 256", "  pixels: &pixels 64"),
        ("drawn: {pixels: 64}", "  pixels: *pixels", "  pixels: 64"),
        ("drawn: {blocks: [7]}", "    - 1\n    - 2   ", "    [7]   "),
        ("drawn:\n  blocks:\n  - 8\n  - 9\n", "    - 1\n    - 2   ", "    [8, 9]   "),
        ("drawn: {note: one}", "  note: |\n    two\n    lines\n", "  note: one\n"),
        ("drawn: {nothing: 1}", "  nothing:\n", "  nothing: 1\n"),
        ("breast: {epochs: 4}", "  epochs: 10 ", "  epochs: 4 "),
        ("breast: {pixels: 64}", "  <<: *chest\n  epochs", "  <<: *chest\n  pixels: 64\n  epochs"),
        ("skin: {pixels: 64, mask: m}", "  <<: *chest\n\n", "  <<: *chest\n  pixels: 64\n  mask: m\n\n"),
        (
            "skin: {shift: {along: 5}}",
            "  <<: *chest\n\n",
            "  <<: *chest\n  shift: {along: 5, across: 0.2}\n\n",
        ),
    ],
)
def test_only_the_text_of_the_value_changes(overlay, line, instead):
    assert TEXT.count(line) == 1
    assert laid(overlay) == TEXT.replace(line, instead)


@pytest.mark.parametrize(
    "overlay",
    [
        "chest: {epochs: 3, targets: [0, 3], shift: {along: 0.1}}",
        "breast: {epochs: 10, pixels: 256, shift: {across: 0.2}}",
        "lungs: {epochs: 3}",
        'drawn: {pixels: 256, blocks: [1, 2], note: "two\\nlines\\n", nothing: null}',
        "",
        "# nothing\n",
    ],
)
def test_what_is_there_already_stays_as_it_is_written(overlay):
    assert laid(overlay) == TEXT
    assert laid(overlay, tidy=True) == TEXT


def test_what_is_taken_over_follows_what_it_is_taken_from():
    content = yaml.safe_load(laid("chest: {epochs: 5, pixels: 64}"))
    assert content["skin"]["epochs"] == content["lungs"]["epochs"] == 5
    assert content["breast"]["epochs"] == 10
    assert content["skin"]["pixels"] == 64


def test_a_section_that_sets_the_same_as_the_other_gets_no_line_whatever_the_order():
    assert laid("skin: {pixels: 64, epochs: 5}\nchest: {epochs: 5, pixels: 64}") == laid(
        "chest: {epochs: 5, pixels: 64}"
    )


def test_a_section_changes_no_other_one():
    before = yaml.safe_load(TEXT)
    overlay = "breast: {targets: [9], shift: {along: 7}}\nskin: {targets: [8], shift: {across: 6}}"
    after = yaml.safe_load(laid(overlay))
    assert after["breast"] == before["breast"] | {"targets": [9], "shift": {"along": 7, "across": 0.2}}
    assert after["skin"] == before["skin"] | {"targets": [8], "shift": {"along": 0.1, "across": 6}}
    assert {name: after[name] for name in ("chest", "lungs", "drawn")} == {
        name: before[name] for name in ("chest", "lungs", "drawn")
    }


@pytest.mark.parametrize("first", ["", "chest: {epochs: 8, pixels: 8, shift: {along: 8}}\n"])
def test_the_lines_that_were_added_go_when_all_is_as_it_was(first):
    changed = laid(first + "skin: {pixels: 64, mask: m, shift: {along: 5}}\nbreast: {epochs: 3, pixels: 1}")
    defaults = (
        "skin: {pixels: 256, mask: '{name}', shift: {along: 0.1}}\nbreast: {epochs: 10, pixels: 256}\n"
        "chest: {epochs: 3, pixels: 256, shift: {along: 0.1}}"
    )
    assert changed != TEXT
    assert laid(defaults, changed, tidy=True) == TEXT


def test_of_several_sections_the_first_counts():
    text = "a: &a {x: 1}\nb: &b\n  x: 2\n  y: 3\nc:\n  <<: [*a, *b]\n  z: 4\n"
    changed = laid("c: {x: 5, y: 6}", text)
    assert yaml.safe_load(changed)["c"] == {"x": 5, "y": 6, "z": 4}
    assert laid("c: {x: 1, y: 3}", changed, tidy=True) == text


@pytest.mark.parametrize(
    ("overlay", "named"),
    [
        ("chest: {epoch: 3}", "chest.epoch"),
        ("chest: {epochs: {a: 1}}", "chest.epochs.a"),
        ("heart: {epochs: 3}", "heart"),
        ("lungs: {epochs: 4}", "lungs.epochs"),
    ],
)
def test_errors_name_the_key(overlay, named):
    with pytest.raises(InputError) as caught:
        laid(overlay)
    assert named in str(caught.value).replace(",", " ").split()


def test_a_section_in_braces_gets_no_line():
    with pytest.raises(InputError, match="line 2"):
        laid("b: {x: 2}", "a: &a {x: 1}\nb: {<<: *a, y: 2}\n")
