"""The queue of keys: each once, never two workers on one key, later again after a failure."""

from __future__ import annotations

import threading

from lab.workqueue import FIRST, LONGEST, WorkQueue


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def due(queue: WorkQueue) -> list[object]:
    """What can be taken right now."""
    taken = []
    while any(at <= queue._clock() and key not in queue._busy for key, at in queue._due.items()):
        taken.append(queue.take())
    return taken


def test_a_key_that_is_added_often_is_handed_out_once() -> None:
    queue = WorkQueue(Clock())
    for key in ("a", "b", "a", "a"):
        queue.add(key)
    assert sorted(map(str, due(queue))) == ["a", "b"]


def test_nobody_else_gets_a_key_that_is_worked_on_and_what_is_added_meanwhile_comes_afterwards() -> None:
    queue = WorkQueue(Clock())
    queue.add("a")
    assert due(queue) == ["a"]
    queue.add("a")
    queue.add("a")
    assert due(queue) == []
    queue.done("a")
    assert due(queue) == ["a"]
    queue.done("a")
    assert due(queue) == []


def test_the_earliest_wish_counts() -> None:
    clock = Clock()
    queue = WorkQueue(clock)
    queue.add("a", 5)
    queue.add("a", 1)
    queue.add("a", 9)
    assert due(queue) == []
    clock.now += 1
    assert due(queue) == ["a"]
    queue.done("a", again=2)
    assert due(queue) == []
    clock.now += 2
    assert due(queue) == ["a"]


def test_a_key_that_fails_waits_longer_each_time_whoever_adds_it_and_begins_anew_after_a_success() -> None:
    clock = Clock()
    queue = WorkQueue(clock)
    queue.add("a")
    waited = []
    for number in range(1, 8):
        assert due(queue) == ["a"]
        assert queue.failed("a") == number
        begin = clock.now
        queue.add("a")  # a change somewhere does not cut its delay short
        while not due(queue):
            clock.now += FIRST
        waited.append(clock.now - begin)
        queue._due["a"], queue._busy = clock.now, set()
    assert waited == sorted(waited)
    assert (waited[0], waited[1], waited[-1]) == (FIRST, 2 * FIRST, LONGEST)
    assert due(queue) == ["a"]
    queue.done("a")
    queue.add("a")
    assert due(queue) == ["a"]


def test_a_worker_that_waits_gets_what_is_added_and_goes_when_the_queue_is_closed() -> None:
    queue, taken = WorkQueue(), []

    def work() -> None:
        while (key := queue.take()) is not None:
            taken.append(key)
            queue.done(key)

    worker = threading.Thread(target=work)
    worker.start()
    queue.add("a")
    queue.add("b", 0.05)
    while len(taken) < 2:
        worker.join(0.01)
    queue.close()
    worker.join(5)
    assert not worker.is_alive()
    assert taken == ["a", "b"]
