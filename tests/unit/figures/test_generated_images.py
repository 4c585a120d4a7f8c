import numpy as np

from radsieve.figures.generated_images import ImageGrid, caption_of, first_images


def test_a_row_for_each_label_holds_the_first_images():
    grid = ImageGrid(maximum=2)
    mask = np.zeros((8, 8), dtype=bool)
    mask[2:6, 2:6] = True
    for number, label in enumerate(["b", "a", "b", "b"]):
        grid.add(label, f"image {number}", np.full((1, 8, 8), 100, np.uint8), [(mask, "#ff0000")])
    assert {label: [tile.caption for tile in row] for label, row in grid.rows.items()} == {
        "b": ["image 0", "image 2"],
        "a": ["image 1"],
    }
    picture = grid.rows["a"][0].image
    assert picture.shape[2] == 3
    red = (picture[..., 0] > 0.9) & (picture[..., 1] < 0.1)
    assert 0 < red.mean() < 0.2
    texts = [text.get_text() for text in grid.plot("A title").texts]
    assert texts[0] == "A title"
    assert texts.index("a") < texts.index("b")


def test_a_grid_without_images_says_so():
    assert "none found" in [text.get_text() for text in ImageGrid(3).plot("Images").texts]


def test_the_first_images_of_each_label_are_shown_by_their_names():
    names = ["0a" * 32, "b/00000", "b/00001", "0a"]
    figure = first_images(["a", "b", "b", "b"], names, np.zeros((4, 1, 8, 8), np.uint8), 2, "Images")
    shown = {axes.get_title() for axes in figure.axes} | {text.get_text() for text in figure.texts}
    assert {caption_of(name) for name in names[:3]} == {"0a0a0a0a0a0a", "b/00000", "b/00001"} <= shown
    assert not {"0a", *names[:1]} & shown
