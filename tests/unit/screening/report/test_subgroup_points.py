"""Which subgroups the summary names: those that differ after correction for all that were compared."""

import pandas as pd

from radsieve.screening.report.network_facts import unequal
from radsieve.screening.tables import SUBGROUPS


def row(subgroup, difference, reach, units=20):
    known = ("age", subgroup, 2 * units, 2 * units, units, units, units, "sensitivity", 9, 10, 0.9, 0.8, 0.95)
    return (*known, difference, difference - reach, difference + reach)


def told(*rows):
    found = pd.DataFrame(rows, columns=list(SUBGROUPS.columns))
    return unequal(found, "net", {"sensitivity": "Sensitivity"}, 0.95, of_label=True)


def test_of_many_subgroups_one_whose_interval_excludes_0_by_chance_is_not_named():
    barely, none = row("under 20", 0.3, 0.28), [row(f"{age} and over", 0.01, 0.28) for age in (20, 40, 60, 80)]
    assert len(told(barely)) == 1
    assert told(barely, *none) == []
    surely = row("under 20", 0.3, 0.1)
    (text,) = told(surely, *none)
    assert text.endswith("by 0.30 (0.20 to 0.40) (adjusted by Holm for 5 comparisons: p < 0.001).")


def test_subgroups_that_are_not_compared_do_not_count():
    small = [row(f"{age} and over", 0.01, 0.28, units=9) for age in (20, 40, 60)]
    assert told(row("under 20", 0.3, 0.28), *small)[0].endswith("(adjusted by Holm for 1 comparison: p = 0.036).")
