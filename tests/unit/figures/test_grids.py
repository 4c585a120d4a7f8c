from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from radsieve.figures import grids
from radsieve.figures.grids import Tile, display_range, image_grid


def tile(height=60, width=90, caption="image.png", flagged=False):
    return Tile(np.linspace(0, 1, height * width).reshape(height, width), caption, flagged)


def texts(figure):
    return [text.get_text() for text in figure.texts]


def png(figure):
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=60)
    return buffer.getvalue()


@pytest.mark.parametrize("shape", [(60, 90), (300, 20), (10, 400), (1, 1)])
def test_images_keep_their_aspect_ratio_inside_the_grid(shape):
    figure = image_grid([("Group 1", [tile(*shape), tile()])], "Images")
    box = figure.axes[0].get_position()
    width, height = figure.get_size_inches()
    assert (box.width * width) / (box.height * height) == pytest.approx(shape[1] / shape[0])
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= 1 and box.y1 <= 1


def test_every_image_is_shown_and_lines_are_continued_without_overlap():
    figure = image_grid([("Group 1", [tile() for _ in range(9)]), ("Group 2", [tile()])], "Images")
    boxes = [axes.get_position() for axes in figure.axes]
    assert len(boxes) == 10
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a.x0 >= b.x1 or b.x0 >= a.x1 or a.y0 >= b.y1 or b.y0 >= a.y1


def test_flagged_images_are_framed():
    figure = image_grid([("Group 1", [tile(), tile(flagged=True)])], "Images")
    plain, flagged = (axes.spines["left"].get_linewidth() for axes in figure.axes)
    assert flagged > 2 * plain


def test_long_captions_keep_both_ends_and_dollars_are_no_formula():
    caption = "first/" + "x" * 5000 + "/last.png\n$grade_1$"
    figure = image_grid([("Group 1", [tile(caption=caption)])], "Images")
    generated = next(text for text in texts(figure) if text.startswith("first/"))
    assert "last.png" in generated.replace("\n", "") and "…" in generated and generated.endswith("$grade_1$")
    assert len(generated.splitlines()) <= 4
    assert png(figure)


@given(st.text(max_size=400), st.integers(8, 40), st.integers(1, 6))
def test_wrapped_text_stays_within_its_limits(text, width, limit):
    lines = grids._wrap(text, width, limit)
    assert 1 <= len(lines) <= limit
    assert all(len(line) <= width for line in lines)


def test_without_rows_the_grid_says_so():
    figure = image_grid([], "Duplicates")
    assert texts(figure) == ["Duplicates", "none found"]
    assert png(figure)


def test_a_row_without_images_has_its_label():
    assert "Group 7" in texts(image_grid([("Group 7", [])], "Images"))


def test_the_height_is_limited_and_the_title_says_what_is_left_out():
    figure = image_grid([(f"Group {n}", [tile()]) for n in range(400)], "Images")
    assert figure.get_size_inches()[1] <= grids.MAX_HEIGHT
    shown = sum(text.startswith("Group") for text in texts(figure))
    assert 20 < shown < 400
    assert texts(figure)[0] == f"Images (the first {shown} of 400 rows)"


def test_equal_input_gives_equal_bytes():
    rows = [("Group 1\nnear", [tile(), tile(30, 30, flagged=True)])]
    assert png(image_grid(rows, "Images")) == png(image_grid(rows, "Images"))


def test_an_image_of_few_levels_is_stretched():
    image = np.full((20, 20), 0.30)
    image[:, 10:] = 0.31
    stretched = display_range(image)
    assert stretched.dtype == np.float32
    assert (stretched[:, 0] == 0).all() and (stretched[:, -1] == 1).all()


def test_a_single_bright_pixel_is_not_lost():
    image = np.zeros((100, 100))
    image[50, 50] = 0.2
    assert display_range(image)[50, 50] == 1


def test_an_image_of_one_level_is_grey():
    assert (display_range(np.ones((4, 5))) == 0.5).all()


@settings(deadline=None)
@given(arrays(np.float32, (7, 9), elements=st.floats(0, 1, width=32)))
def test_the_range_is_that_of_the_display(image):
    stretched = display_range(image)
    assert stretched.shape == image.shape
    assert stretched.min() >= 0 and stretched.max() <= 1


def test_characters_that_the_font_lacks_are_replaced_without_a_warning(recwarn):
    image_grid([("膝 group", [Tile(np.zeros((4, 4)), "Röntgen 膝\x07.png")])], "grid").canvas.draw()
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]
