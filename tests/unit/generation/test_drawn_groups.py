import numpy as np

from radsieve.generation.drawn_groups import DrawnGroup, FilmRows


def test_rows_count_on_from_group_to_group():
    films = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1)
    rows = FilmRows([DrawnGroup("a", [], part, np.empty((0, 128))) for part in (films[:2], films[2:3], films[3:])])
    assert [int(rows[row][0, 0, 0]) for row in range(6)] == [0, 1, 2, 3, 4, 5]
