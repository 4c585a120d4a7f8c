"""What the pages show of what a sieve's card expects and of what was observed."""

import pandas as pd

from radsieve.prefilter.report.sieve import expected_observed_table


def row(quantity, expected, lower, upper):
    return {
        "quantity": quantity, "images": 40, "expected": expected, "expected_lower": lower, "expected_upper": upper,
        "observed": 1.0, "observed_lower": 0.875, "observed_upper": 1.0,
        "difference": 0.0, "difference_lower": -0.125, "difference_upper": 0.0, "within": 1.0,
    }  # fmt: skip


def test_what_holds_of_any_images_is_not_shown_as_measured():
    """A sieve that accepts every latent does so of any images, and saves but for its own time nothing on them."""
    rows = [row("acceptance_rate", 1.0, None, None), row("recall", 1.0, 0.75, 1.0), row("saving", 1.0, None, None)]
    rows.append(row("saving_paired", 0.999, None, None))
    shown = expected_observed_table(pd.DataFrame(rows), "T", "f.csv")
    texts = [[cell.text for cell in cells] for cells in shown.rows]
    assert texts[0] == ["share accepted of the latents sampled for these images", "40", "–", "–", "–", "–"]
    assert texts[1][2:] == ["1.00", "1.000", "0.000", "as expected"]
    assert texts[2][2:] == ["1", "1.000", "0.000", "as expected"]
    assert texts[3] == ["saving, the same images with and without the sieve", "40", "–", "–", "–", "–"]
