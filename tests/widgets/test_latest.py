"""Work of which only the latest counts."""

import threading
import time

import pytest

from nest_lab.widgets import _latest
from nest_lab.widgets._latest import Latest
from tests.waiting import eventually


def busy(seconds):
    """Take that much of the processor."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def heard():
    """What it says of itself, and where that is kept."""
    said = []
    return said, lambda working, failure: said.append((working, failure))


def test_what_is_asked_meanwhile_is_done_once_more():
    """And the work can tell that its result is not wanted any more."""
    begun, go, wanted = threading.Event(), threading.Event(), []

    def work(still_wanted):
        begun.set()
        go.wait(10.0)
        wanted.append(still_wanted())

    said, changed = heard()
    latest = Latest(work, changed)
    latest.ask()
    assert begun.wait(10.0)
    for _ in range(5):
        latest.ask()
    go.set()
    latest.wait()
    assert wanted == [False, True]
    assert eventually(lambda: len(said) == 2)  # it says so a moment later
    assert said == [(True, None), (False, None)]


def test_a_failure_is_raised_where_it_is_waited_for():
    """And what is asked next begins anew."""
    failures = [ValueError("no")]

    def work(_):
        if failures:
            raise failures.pop()

    latest = Latest(work, heard()[1])
    latest.ask()
    with pytest.raises(ValueError, match="no"):
        latest.wait()
    latest.ask()
    latest.wait()


def test_it_takes_its_share_of_the_processor():
    times = []
    latest = Latest(lambda _: (times.append(time.perf_counter()), busy(0.05)), heard()[1], share=0.1)
    for number in range(2):
        latest.ask()
        assert eventually(lambda number=number: len(times) > number)
    assert times[1] - times[0] >= 0.45


def test_who_waits_does_not_wait_for_its_rest():
    latest = Latest(lambda _: busy(0.1), heard()[1], share=0.001)  # would rest for 5 s
    begin = time.perf_counter()
    for _ in range(4):
        latest.ask()
        latest.wait()
    assert time.perf_counter() - begin < 5.0


def test_a_rest_has_an_end(monkeypatch):
    """However much it had to do: a picture that stands still looks broken."""
    monkeypatch.setattr(_latest, "_REST", 0.2)
    done = []
    latest = Latest(lambda _: (busy(0.05), done.append(1)), heard()[1], share=1e-4)  # 500 s
    latest.ask()
    assert eventually(lambda: len(done) == 1)
    latest.ask()
    assert eventually(lambda: len(done) == 2)
