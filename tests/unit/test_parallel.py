import os
import threading
import time

import pytest

from radsieve.parallel import Budget, Pace, ordered, paced, usable_cores


def test_results_come_in_the_order_of_the_items():
    def slower_first(number):
        time.sleep((10 - number) / 1000)
        return number * number

    assert list(ordered(slower_first, range(10), 4)) == [number * number for number in range(10)]


def test_few_items_are_taken_ahead():
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    results = ordered(lambda number: number, items(), 2)
    assert next(results) == 0
    assert len(taken) <= 8
    results.close()


def test_an_exception_stops_the_rest():
    done = []

    def work(number):
        if number == 3:
            raise ValueError("three")
        done.append(number)

    with pytest.raises(ValueError, match="three"):
        list(ordered(work, range(1000), 2))
    assert len(done) < 20


def test_a_budget_is_never_exceeded():
    budget, held, maximum, lock = Budget(10), [], [], threading.Lock()

    def work(count):
        with budget.holding(count):
            with lock:
                held.append(count)
                maximum.append(sum(held))
            time.sleep(0.001)
            with lock:
                held.remove(count)

    list(ordered(work, [3, 4, 5, 6, 7, 2, 9, 1, 3] * 5, 8))
    assert max(maximum) <= 10
    assert len(maximum) == 45


def test_more_than_the_budget_goes_alone():
    budget = Budget(10)
    with budget.holding(25):
        assert budget._used == 25
    with budget.holding(10):
        pass


def test_cores_are_those_that_the_process_is_bound_to(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 5, 6}, raising=False)
    assert usable_cores() == 3


@pytest.mark.parametrize(("known", "used"), [(6, 6), (None, 1)])
def test_cores_where_processes_are_not_bound(known, used, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: known)
    assert usable_cores() == used


def limits_of(monkeypatch, seconds_of, most, count=4000):
    """The limits of a pace over `count` items that take `seconds_of(limit)` each when so many are done at a time."""
    clock = [0.0]
    monkeypatch.setattr("radsieve.parallel.time.perf_counter", lambda: clock[0])
    pace, limits = Pace(most), []
    for _ in range(count):
        with pace.turn():
            clock[0] += seconds_of(pace.limit)
            limits.append(pace.limit)
    return limits


def test_more_are_taken_where_they_only_wait(monkeypatch):
    limits = limits_of(monkeypatch, lambda limit: 0.025 / limit, 300)
    assert limits[0] == 32
    assert sorted(set(limits)) == [32, 64, 128, 256]
    assert set(limits[1000:]) == {256}


def test_as_many_are_taken_as_help(monkeypatch):
    limits = limits_of(monkeypatch, lambda limit: 0.025 / min(limit, 64), 256)
    assert limits.count(64) > 3000
    assert max(limits) == 128  # tried now and then


def test_no_more_are_taken_where_one_is_enough(monkeypatch):
    limits = limits_of(monkeypatch, lambda limit: 0.001, 128)
    assert limits.count(32) > 3000
    assert max(limits) == 64


def test_paced_results_come_in_order_and_all_threads_get_turns():
    barrier = threading.Barrier(8, timeout=30)
    assert list(paced(lambda item: barrier.wait() * 0 + item, range(64), 8)) == list(range(64))


def test_never_more_than_asked_for():
    running, most = [], []

    def work(item):
        running.append(item)
        most.append(len(running))
        time.sleep(0.001)
        running.remove(item)

    list(paced(work, range(50), 3))
    assert max(most) <= 3


def test_a_turn_is_given_back_after_an_error():
    def work(item):
        if item == 5:
            raise ValueError("mine")
        return item

    with pytest.raises(ValueError, match="mine"):
        list(paced(work, range(200), 4))


def test_none_begins_that_waits_for_its_turn_when_an_error_comes(monkeypatch):
    begun, halted, halt = [], threading.Event(), Pace.halt
    monkeypatch.setattr(Pace, "halt", lambda pace: (halt(pace), halted.set()))

    def work(item):
        begun.append(item)
        if item == 0:
            raise ValueError("mine")
        assert halted.wait(60)

    with pytest.raises(ValueError, match="mine"):
        list(paced(work, range(500), 128))
    assert len(begun) <= 33  # 32 work at first, and one has the turn of the first


def test_turns_are_had_in_the_order_of_the_items():
    """Else a thread that has just worked would go first, and the first result would come among the last."""
    begun = []

    def work(item):
        begun.append(item)
        time.sleep(0.0005)

    list(paced(work, range(600), 64))
    assert max(place - item for place, item in enumerate(begun)) <= 64  # a thread may be late between two steps
