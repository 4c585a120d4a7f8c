"""The flow of what was read, left out and kept."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from radsieve.figures.flow_diagram import FLOW, FlowKind, describe_flow, flow_table, plot_flow

ROWS = [
    (FlowKind.REMAINING, "Paths listed", 206, "files", "two experts"),
    (FlowKind.EXCLUDED, "Duplicates", 23, "files", "equal bytes 20; equal pixels 3"),
    (FlowKind.EXCLUDED, "Unreadable", 0, "files", ""),
    (FlowKind.REMAINING, "Kept", 183, "files", ""),
    (FlowKind.PART, "train", 100, "files", ""),
    (FlowKind.PART, "test", 83, "files", ""),
]


def texts(figure: Figure) -> list[str]:
    return [one.get_text().replace("\n", " ") for one in figure.texts]


def test_every_box_has_its_count_and_an_exclusion_of_nothing_has_no_box() -> None:
    flow = FLOW.validate(flow_table(ROWS))
    said = texts(plot_flow(flow, "Flow of files"))
    for box in ("Paths listed: 206 files", "Duplicates: 23 files", "Kept: 183 files", "train: 100 files"):
        assert box in said
    assert "equal pixels 3" in said
    assert not any("Unreadable" in text for text in said)


def test_boxes_do_not_overlap_and_lie_on_the_figure() -> None:
    figure = plot_flow(flow_table(ROWS), "Flow of files")
    boxes = [one.get_bbox().bounds for one in figure.get_children() if isinstance(one, FancyBboxPatch)]
    assert len(boxes) == 5
    for place, (x, y, width, height) in enumerate(boxes):
        assert x >= 0 and y >= 0 and x + width <= 1 and y + height <= 1
        for a, b, wide, tall in boxes[place + 1 :]:
            assert x + width <= a or a + wide <= x or y + height <= b or b + tall <= y


def test_the_words_name_what_is_excluded() -> None:
    assert "excluded: Duplicates, 23 files" in describe_flow(flow_table(ROWS))


def test_a_flow_without_anything_is_drawn() -> None:
    assert texts(plot_flow(flow_table([]), "Flow of files")) == ["Flow of files"]
