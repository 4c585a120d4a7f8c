"""scripts/make_review.py on images written by the test."""

import base64
import html
import json
import re
from io import BytesIO

import numpy as np
import review
from PIL import Image

from radsieve import tables
from radsieve.curation.tables import RAW_DATA, REVIEW_QUEUE


def made(folder, run_stage, set_params, **options):
    set_params(folder, source={"graders": ["A", "B"]}, make_review=options)
    done = run_stage("make_review", folder, **review.OPTIONS)
    assert done.returncode == 0, done.stderr
    out = folder / review.OPTIONS["out"]
    return tables.read(REVIEW_QUEUE, out / "queue.csv"), (out / "review.html").read_text(encoding="utf-8")


def cases_in(page):
    return json.loads(html.unescape(re.search(r'data-cases="([^"]*)"', page)[1]))


def test_the_queue_the_page_and_the_tasks_have_the_same_cases(tmp_path, run_stage, set_params):
    digests = review.write_images(tmp_path)
    queue, page = made(tmp_path, run_stage, set_params)
    names = {digest: name for name, digest in digests.items()}
    shown = [sorted(names[one] for one in case["pictures"]) for case in cases_in(page)]
    assert shown == [["left", "right"], ["high", "low"], ["twice"], ["open"]]
    assert [case["case"] for case in cases_in(page)] == queue["case"].tolist()
    assert queue["images"].tolist() == [4, 4, 3, 2]
    assert queue["kind"].tolist() == ["conflict", "near-duplicate", "conflict", "disagreement"]
    assert queue["gain"].is_monotonic_decreasing
    tasks = json.loads((tmp_path / "results/make_review/label_studio_tasks.json").read_text())
    assert [task["data"]["case"] for task in tasks] == queue["case"].tolist()
    assert tasks[0]["data"]["answers"] == [{"value": one} for one in (*review.GRADES, "different", "leave out")]
    assert len(tasks[0]["data"]["images"]) == 2
    before = {path: path.read_bytes() for path in (tmp_path / "results/make_review").iterdir()}
    made(tmp_path, run_stage, set_params)
    assert {path: path.read_bytes() for path in before} == before


def test_images_are_on_the_page_with_all_their_pixels(tmp_path, run_stage, set_params):
    digests = review.write_images(tmp_path)
    _, page = made(tmp_path, run_stage, set_params)
    found = re.findall(
        r'<img src="data:image/png;base64,([^"]+)" alt="" data-picture="(\w+)" data-depth="([^"]+)"', page
    )
    assert len(found) == 6
    names = {digest: name for name, digest in digests.items()}
    for content, digest, depth in found:
        stored = np.asarray(Image.open(BytesIO(base64.b64decode(content)))).astype(np.uint16)
        shown = stored[..., 0] * 256 + stored[..., 1] if depth == "16" else stored
        assert np.array_equal(shown, review.pixels(names[digest])), names[digest]


def test_a_reader_does_not_see_who_gave_which_grade(tmp_path, run_stage, set_params):
    review.write_images(tmp_path)
    queue, page = made(tmp_path, run_stage, set_params)
    raw = tables.read(RAW_DATA, tmp_path / review.OPTIONS["raw_data"])
    tasks = (tmp_path / "results/make_review/label_studio_tasks.json").read_text()
    for text in (page, tasks):
        assert not [one for one in [*raw["relative_path"], *raw["file_id"], *queue["grades"]] if one in text]
        assert ".png" not in text
    _, page = made(tmp_path, run_stage, set_params, show_grades=True)
    assert [case["grades"] for case in cases_in(page)] == queue["grades"].tolist()
    assert "A: 0Normal; B: 2Mild" in page


def test_what_does_not_fit_waits(tmp_path, run_stage, set_params):
    review.write_images(tmp_path)
    for options in ({"cases": 1}, {"megabytes": 0.0001}):
        queue, page = made(tmp_path, run_stage, set_params, **options)
        assert len(cases_in(page)) == 1
        assert queue["on_page"].tolist() == [1, 0, 0, 0]
        assert "3 more that wait" in page
        assert page.count("<img src=") == 2


def test_what_is_decided_is_not_asked_again(tmp_path, run_stage, set_params):
    digests = review.write_images(tmp_path)
    said = [("left right", "different", "Ada", ""), ("open", "1Doubtful", "Ada", ""), ("open", "2Mild", "Bo", "")]
    review.answers(digests, *said).to_csv(tmp_path / "answers.csv", index=False)
    queue, page = made(tmp_path, run_stage, set_params, answered="answers.csv")
    assert queue["state"].tolist() == ["decided", "open", "open", "contradicted"]
    assert [case["case"] for case in cases_in(page)] == queue.loc[queue["state"] != "decided", "case"].tolist()


def test_nothing_to_decide(tmp_path, run_stage, set_params):
    review.write_images(tmp_path)
    raw = tables.read(RAW_DATA, tmp_path / review.OPTIONS["raw_data"])
    tables.write(RAW_DATA, raw[raw["relative_path"].str.contains("clear")], tmp_path / review.OPTIONS["raw_data"])
    queue, page = made(tmp_path, run_stage, set_params)
    assert queue.empty
    assert "There is nothing to decide" in page
