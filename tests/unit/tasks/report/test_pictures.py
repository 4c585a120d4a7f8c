"""What the page says of a set of images."""

import pandas as pd
import pytest

from radsieve.tasks.report.pictures import _counted


@pytest.mark.parametrize(("outside", "parts"), [(0, ["train"]), (3, ["train", "outside", "outside"])])
def test_images_from_outside_are_counted_where_there_are_any(outside, parts):
    counts = pd.DataFrame({"part": ["train", "outside", "outside"], "images": [5, 0, outside]})
    assert _counted(counts)["part"].tolist() == parts
