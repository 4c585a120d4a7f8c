"""What the plan says is in the objects: copies, disagreements, conflicts, broken files."""

from collections import Counter
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from radsieve.errors import InputError
from radsieve.imaging.decode import canonical, decode, grayscale
from radsieve.imaging.facts import facts_of
from radsieve.imaging.unreadable import UnreadableImageError
from radsieve.phantoms import tables as phantom_tables
from radsieve.phantoms.knee_set import (
    BROKEN_KINDS,
    FAULT_KINDS,
    NEAR_KINDS,
    PhantomPlan,
    plan_phantoms,
    render_object_contents,
)

GRADERS = ["first", "second", "third"]
GRADES = ["0Normal", "1Doubtful", "2Mild", "3Moderate"]
SETTINGS = {
    "seed": 7,
    "disagreement": 0.1,
    "exact_duplicates": 3,
    "near_duplicates": 1,
    "broken": True,
    "faulty": False,
}
LIMIT = 10_000_000


def plan_of(images: int, graders: list[str] | None = None, **changes: object) -> PhantomPlan:
    return plan_phantoms(graders or GRADERS, GRADES, images=images, **(SETTINGS | changes))


def grade_given(path: str) -> int:
    return GRADES.index(path.split("/")[1])


@pytest.fixture(scope="module")
def plan() -> PhantomPlan:
    return plan_of(20)


@pytest.fixture(scope="module")
def contents(plan) -> dict[str, bytes]:
    return {planted.relative_path: content for planted, content in render_object_contents(plan, 7, 96)}


@pytest.fixture(scope="module")
def copies(plan, contents) -> dict[str, tuple[bytes, bytes]]:
    """By kind: the bytes of a copy of the first grader and of the image that it is a copy of."""
    own = [planted for planted in plan.objects if planted.relative_path.startswith("first/") and planted.image >= 0]
    originals = {p.image: contents[p.relative_path] for p in own if p.planted == "image"}
    return {p.planted: (contents[p.relative_path], originals[p.image]) for p in own}


def image_of(content: bytes) -> np.ndarray:
    return grayscale(canonical(decode(content, LIMIT)))


def test_images_without_copies_have_a_fault_each():
    """All graders see the same faulty picture; the other images are as they are without."""
    plans = [plan_of(20, faulty=faulty) for faulty in (True, False)]
    truth, plain = (plan.truth().set_index("relative_path") for plan in plans)
    faults = truth[truth["planted"].str.startswith("fault: ")]
    assert Counter(faults["planted"]) == {f"fault: {kind}": len(GRADERS) for kind in FAULT_KINDS}
    assert set(Counter(plain.loc[faults.index, "planted"])) == {"image"}
    copied = set(plain.loc[~plain["planted"].isin(["image"]) & (plain["image"] >= 0), "image"])
    assert not copied & set(faults["image"])
    found, without = ({p.relative_path: c for p, c in render_object_contents(plan, 7, 96)} for plan in plans)
    assert {path for path in found if found[path] != without[path]} == set(faults.index)
    assert len({found[path] for path in faults.index}) == len(FAULT_KINDS)


def test_every_object_is_generated_once_and_in_the_truth(plan, contents):
    truth = phantom_tables.PHANTOM_TRUTH.validate(plan.truth())
    assert sorted(contents) == sorted(truth["relative_path"])
    assert truth["relative_path"].is_unique
    assert truth["relative_path"].tolist() == sorted(truth["relative_path"], key=str.encode)
    counts = Counter(truth["planted"])
    assert counts["image"] == 20 * 3
    assert counts["exact duplicate"] == 3 * 3
    assert all(counts[f"near: {kind}"] == 3 for kind in NEAR_KINDS)
    assert counts["pixel duplicate"] == 3
    assert all(counts[f"broken: {kind}"] == 1 for kind in BROKEN_KINDS)


def test_grades_are_as_frequent_as_each_other(plan):
    assert Counter(image.grade for image in plan.images) == dict.fromkeys(range(4), 5)


def test_the_first_grader_is_right_and_the_others_are_one_step_off_as_often_as_planned(plan):
    images = plan.truth().query("planted == 'image'")
    steps = images["relative_path"].map(grade_given) - images["truth"]
    wrong = images.assign(grader=images["relative_path"].str.split("/").str[0])[steps != 0]
    assert set(steps) <= {-1, 0, 1}
    assert Counter(wrong["grader"]) == {"second": 2, "third": 2}
    assert plan.disagreements == 4
    copied = set(plan.truth().query("planted not in ['image']")["image"])
    assert copied.isdisjoint(wrong["image"])


def test_one_grader_gives_two_grades_to_the_same_bytes(plan, contents):
    grades: dict[tuple[str, bytes], set[int]] = {}
    for path, content in contents.items():
        grades.setdefault((path.split("/")[0], content), set()).add(grade_given(path))
    conflicts = [(grader, sorted(given)) for (grader, _), given in grades.items() if len(given) > 1]
    assert len(conflicts) == plan.conflicts == 1
    grader, (low, high) = conflicts[0]
    assert grader == "third"
    assert high == low + 1


def test_graders_have_the_same_bytes_under_names_that_do_not_pair(plan, contents):
    whole = [planted.relative_path for planted in plan.objects if planted.image >= 0]
    names = {g: {p.split("/", 2)[2]: contents[p] for p in whole if p.startswith(f"{g}/")} for g in GRADERS}
    assert set(names["first"].values()) == set(names["second"].values()) == set(names["third"].values())
    shared = set(names["first"]) & set(names["second"])
    assert sum(names["first"][name] != names["second"][name] for name in shared) > len(shared) / 2


def test_names(plan):
    paths = [planted.relative_path for planted in plan.objects]
    assert "first/0Normal/NormalG0 (1).png" in paths
    assert any("Röntgen 膝" in path for path in paths)


def test_exact_and_pixel_duplicates(copies):
    copy, original = copies["exact duplicate"]
    assert copy == original
    copy, original = copies["pixel duplicate"]
    assert copy != original
    assert facts_of(copy, LIMIT).pixel_digest == facts_of(original, LIMIT).pixel_digest


def test_near_duplicates(copies):
    images = {kind: tuple(map(image_of, copies[f"near: {kind}"])) for kind in NEAR_KINDS}
    copy, original = images["resized"]
    assert copy.shape == tuple(round(0.75 * n) for n in original.shape)
    copy, original = images["re-encoded"]
    assert decode(copies["near: re-encoded"][0], LIMIT).format == "JPEG"
    assert 0 < np.abs(copy - original).max() < 0.15
    copy, original = images["brighter"]
    assert copy.mean() > original.mean() + 0.03
    copy, original = images["cropped"]
    assert copy.size / original.size == pytest.approx(0.95**2, abs=0.02)
    copy, original = images["mirrored"]
    assert copy == pytest.approx(original[:, ::-1], abs=0.004)
    copy, original = images["rotated"]
    image = Image.fromarray((original * 255).astype(np.uint8))
    centre = np.s_[30:-30, 40:-40]
    alike = {
        angle: np.corrcoef(copy[centre].ravel(), np.asarray(image.rotate(angle))[centre].ravel())[0, 1]
        for angle in (-2, 0, 2)
    }
    assert max(alike, key=alike.__getitem__) == 2


def test_broken_objects_are_refused_for_the_right_reason(plan, contents):
    reasons = {}
    for planted in plan.objects:
        if planted.planted.startswith("broken: "):
            with pytest.raises(UnreadableImageError) as caught:
                decode(contents[planted.relative_path], LIMIT)
            reasons[planted.planted.removeprefix("broken: ")] = caught.value.reason
    assert reasons == {
        "empty": "empty object",
        "cut off": "broken image",
        "text": "no image",
        "bomb": "too many pixels",
    }
    assert max(len(c) for p, c in contents.items() if "(bomb)" in p) < 200


def test_images_are_stored_in_every_way():
    plan = plan_of(60, near_duplicates=0, broken=False)
    assert {image.storage for image in plan.images} == {"L", "RGB", "I;16"}
    number = next(image.number for image in plan.images if image.storage == "I;16")
    content = next(c for p, c in render_object_contents(plan, 7, 96) if p.image == number)
    facts = facts_of(content, LIMIT)
    assert (facts.mode, facts.bit_depth) == ("I;16", 16)
    with Image.open(BytesIO(content)) as image:
        assert np.mean(np.asarray(image) > 255) > 0.9  # a naive conversion to 8 bits clips these to white


@pytest.mark.parametrize("images", [16, 60])
def test_every_copy_can_be_written_whatever_its_storage(images):
    """With 16 images the copy of equal pixels is one of 16 bits, in another format of file."""
    plan = plan_of(images, exact_duplicates=4, near_duplicates=0, broken=False)
    for _, content in render_object_contents(plan, 7, 96):
        assert facts_of(content, LIMIT).mode in {"L", "RGB", "I;16"}


def test_the_shape_of_an_image_tells_something_of_its_grade():
    images = plan_of(200, exact_duplicates=0).images
    assert not any(image.two_knees for image in images if image.grade == 3)
    assert np.mean([image.two_knees for image in images if image.grade < 3]) == pytest.approx(0.4, abs=0.1)


def test_a_further_grader_does_not_change_the_images():
    one, two = (plan_of(4, graders, near_duplicates=0) for graders in (["only"], ["only", "other"]))
    generated = [{p.image: c for p, c in render_object_contents(plan, 7, 96) if p.image >= 0} for plan in (one, two)]
    assert generated[0] == generated[1]


def test_few_images_are_copied_several_times():
    plan = plan_of(2, exact_duplicates=2, near_duplicates=3)
    assert Counter(p.planted for p in plan.objects)["near: mirrored"] == 9


@pytest.mark.parametrize("images", [1, 2, 3])
def test_every_image_may_be_disputed(images):
    plan = plan_of(images, exact_duplicates=0, near_duplicates=0, disagreement=1.0, broken=False)
    table = plan.truth()
    off = table["relative_path"].map(grade_given) - table["truth"]
    assert off.abs().sum() == 2 * images


def test_no_images():
    plan = plan_of(0)
    assert not list(render_object_contents(plan, 7, 96))
    assert phantom_tables.PHANTOM_TRUTH.validate(plan.truth()).empty


def test_more_duplicates_than_images():
    with pytest.raises(InputError, match=r"generate_phantoms.exact_duplicates = 3: must be <= images = 2"):
        plan_of(2)


def test_names_that_would_leave_the_folder():
    with pytest.raises(InputError, match="are not names of folders"):
        plan_of(2, ["..", "b"], exact_duplicates=0)
