"""Lines of progress in a log, at times that the tests set themselves."""

import io
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from radsieve import progress
from radsieve.progress import track, working

ROOT = Path(__file__).parents[2]


class Clock:
    """A clock that stands still but for what the tests, or waits, add."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Waits:
    """In place of the event that stops the thread: so many waits go by, then it is told to stop."""

    def __init__(self, clock, count):
        self.clock, self.left, self.waited = clock, count, []

    def wait(self, timeout):
        self.waited.append(timeout)
        self.clock.now += timeout
        self.left -= 1
        return self.left < 0


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "_clock", clock)
    return clock


@pytest.fixture
def tell(clock, caplog):
    """Lets the thread's work be done here for so many waits; returns the lines that it logs."""
    caplog.set_level(logging.INFO, "radsieve")

    def call(waits=1):
        caplog.clear()
        progress._tell(Waits(clock, waits))
        return caplog.messages

    return call


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "radsieve progress"]


def test_a_log_is_never_silent_for_half_a_minute(tell, clock):
    assert progress.EVERY_S < 30
    with working("UMAP of 600 points"):
        lines = tell(waits=3)
    assert lines == [f"still at UMAP of 600 points: {seconds}" for seconds in ("20 s", "40 s", "1 min 0 s")]


def test_count_total_rate_and_remaining_time(tell, clock):
    items = iter(track(range(10), "generation"))
    for _ in range(4):
        next(items)
    assert tell() == ["generation: image 3 of 10, 6.67 s each, 47 s left"]
    list(items)


def test_a_rate_above_one_and_no_total(tell, clock):
    items = iter(track(iter(range(101)), "sieving", unit="block"))
    for _ in range(101):
        next(items)
    assert tell() == ["sieving: block 100, 5 per second"]
    items.close()


def test_before_the_first_item_is_done(tell):
    items = iter(track(range(10), "generation"))
    next(items)
    assert tell() == ["generation: image 0 of 10"]
    items.close()


def test_one_line_at_the_end(clock, caplog):
    caplog.set_level(logging.INFO, "radsieve")
    for _ in track(range(3), "generation"):
        clock.now += 25
    assert caplog.messages == ["generation: image 3 of 3, done in 1 min 15 s"]


def test_no_line_at_the_end_of_what_failed_was_empty_or_took_no_time(clock, caplog):
    caplog.set_level(logging.INFO, "radsieve")
    assert list(track([], "generation")) == []
    assert list(track([1, 2], "generation")) == [1, 2]
    with pytest.raises(ZeroDivisionError):
        for number in track(range(3), "generation"):
            clock.now += 5
            1 / (1 - number)
    assert caplog.messages == []


def test_within_another_loop_only_the_outer_one_has_a_last_line(clock, caplog):
    caplog.set_level(logging.INFO, "radsieve")
    with working("explore_latents"):
        for _ in track("ab", "exploring", unit="group"):
            for _ in track(range(5), "permuting"):
                clock.now += 1
    assert caplog.messages == ["exploring: group 2 of 2, done in 10 s"]


def test_a_line_names_the_loops_and_the_call_within(tell, clock):
    with working("explore_latents"):
        assert tell() == ["still at explore_latents: 20 s"]
        groups = iter(track("abc", "exploring", unit="group"))
        next(groups)
        assert tell() == ["exploring: group 0 of 3"]
        maps = iter(track(range(4), "embedding", unit="map"))
        next(maps)
        next(maps)
        with working("UMAP"):
            assert tell() == [
                "exploring: group 0 of 3; embedding: map 1 of 4, 20 s each, 1 min 0 s left; still at UMAP: 20 s"
            ]
        maps.close()
        groups.close()


def test_what_is_over_is_told_no_more(tell):
    with working("one"):
        with pytest.raises(KeyError), working("two"):
            raise KeyError
        assert tell() == ["still at one: 20 s"]
    assert tell() == []


def test_the_thread_is_there_while_there_is_work_and_daemonic():
    assert threads() == []
    with working("outer"):
        (thread,) = threads()
        assert thread.daemon
        with working("inner"):
            assert threads() == [thread]
            list(track(range(3), "loop"))
        assert threads() == [thread]
    assert threads() == []


def test_work_in_other_threads_may_end_in_any_order(tell):
    first, second = iter(track(range(2), "first")), iter(track(range(2), "second"))
    next(first)
    next(second)
    first.close()
    assert tell() == ["second: image 0 of 2"]
    assert len(threads()) == 1
    second.close()


def test_working_is_a_decorator_too(tell):
    @working("a fit")
    def fit(number):
        return number, tell()

    assert fit(3) == (3, ["still at a fit: 20 s"])
    assert fit(4)[0] == 4


def test_items_pass_unchanged_and_as_late_as_they_are_asked_for():
    taken = []

    def items():
        for number in range(3):
            taken.append(number)
            yield number

    tracked = track(items(), "reading")
    assert taken == []
    assert next(tracked) == 0
    assert taken == [0]
    assert list(tracked) == [1, 2]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3900, "1 h 5 min")]
)
def test_durations(seconds, said):
    assert progress.duration(seconds) == said


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_a_bar_and_no_lines_beside_it(tell, clock, monkeypatch):
    terminal, log_file = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    handlers = [logging.StreamHandler(terminal), logging.StreamHandler(log_file)]
    handlers[0].addFilter(progress.beside_bars)
    logger = logging.getLogger("radsieve")
    for handler in handlers:
        logger.addHandler(handler)
    try:
        with working("stage"):
            tell()
            items = iter(track(range(10), "generation"))
            next(items)
            shown = len(terminal.getvalue())
            tell()
            logger.info("a line that is no progress")
            items.close()
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
    assert log_file.getvalue().splitlines() == [
        "still at stage: 20 s",
        "generation: image 0 of 10",
        "a line that is no progress",
    ]
    assert "still at stage" in terminal.getvalue()
    assert "generation: image" not in terminal.getvalue()
    assert "a line that is no progress" in terminal.getvalue()
    assert "generation:   0%" in terminal.getvalue()
    assert len(terminal.getvalue()) > shown  # the bar moves on while an item takes long


STAGE = """
import sys, time
sys.path.insert(0, {sources!r})
from radsieve import progress, stage
progress.EVERY_S = 0.05
def main(args, params):
    end = time.monotonic() + 60
    while "still at" not in open({log!r}).read() and time.monotonic() < end:
        time.sleep(0.01)
    return "done"
stage.run(main, "A stage.", paths={{}}, sections=None)
"""


def test_every_stage_tells_that_it_is_at_work(tmp_path):
    log, script = tmp_path / "log", tmp_path / "wait_long.py"
    script.write_text(STAGE.format(sources=str(ROOT / "src"), log=str(log)))
    done = subprocess.run(
        [sys.executable, script, "--params", str(ROOT / "params.yaml")],
        env={"RADSIEVE_LOG": str(log)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = log.read_text().splitlines()
    assert lines[0].startswith("still at wait_long: ")
    assert lines[-1] == "wait_long: done"
    assert done.stderr.splitlines() == lines


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", ">/dev/full 2>&1"])
def test_a_stage_may_end_when_nobody_listens(tmp_path, closed):
    log, script = tmp_path / "log", tmp_path / "wait_long.py"
    script.write_text(STAGE.format(sources=str(ROOT / "src"), log=str(log)))
    command = f'"{sys.executable}" "{script}" --params "{ROOT}/params.yaml" {closed}'
    assert subprocess.run(command, shell=True, env={"RADSIEVE_LOG": str(log)}, check=False).returncode == 0
    assert log.read_text().splitlines()[-1] == "wait_long: done"
