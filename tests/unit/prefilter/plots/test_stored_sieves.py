"""The figure of the stored sieves has both values of every sieve, in a width that can be read."""

from radsieve.numbers import ShownEstimate
from radsieve.prefilter.plots.stored_sieves import Compared, plot_stored_sieves

ONE, OTHER = ShownEstimate(0.5, 0.4, 0.6), ShownEstimate(0.7, 0.65, 0.75)


def test_each_sieve_has_what_was_expected_and_what_was_observed():
    figure = plot_stored_sieves(
        [Compared("a", ONE, OTHER), Compared("b", OTHER, ONE)], [Compared("a, sieved", ONE, ONE)]
    )
    assert figure.get_figwidth() <= 6
    accepted, good = figure.axes
    assert [line.get_xdata().tolist() for line in accepted.get_lines()[1::2]] == [[0.5], [0.7], [0.7], [0.5]]
    assert [label.get_text() for label in good.get_yticklabels()] == ["a, sieved"]


def test_without_a_check_there_is_the_acceptance_alone():
    assert len(plot_stored_sieves([Compared("a", ONE, OTHER)], []).axes) == 1
