"""How often the page of a widget that runs gets a frame."""

import pytest

pytest.importorskip("anywidget")

from nest_lab.widgets import _frames
from nest_lab.widgets._frames import Frames


@pytest.fixture
def frames():
    return Frames()


def sent_in(frames, monkeypatch, seconds, piece):
    """How many frames are sent while pieces of some length run; the clock is ours."""
    now = [1000.0]
    monkeypatch.setattr(_frames, "perf_counter", lambda: now[0])
    count = 0
    while now[0] < 1000.0 + seconds:
        now[0] += piece
        if frames.due():
            frames.sent()
            count += 1
    return count


def test_twelve_in_a_second_without_a_page(frames, monkeypatch):
    assert frames.interval == frames.piece == 0.085
    assert sent_in(frames, monkeypatch, 10.0, 0.085) in (117, 118)


def test_a_page_that_draws_quickly_gets_more(frames, monkeypatch):
    frames.wish("page", "1", 0.01)
    assert frames.interval == frames.piece == 0.05  # twenty: more nobody needs
    assert sent_in(frames, monkeypatch, 10.0, 0.05) in (200, 201)


def test_a_page_that_is_late_gets_fewer_and_pieces_stay_short(frames, monkeypatch):
    """What is turned or asked for waits for the end of a piece."""
    frames.wish("page", "1", 0.5)
    assert (frames.interval, frames.piece) == (0.5, 0.085)
    assert 19 <= sent_in(frames, monkeypatch, 10.0, 0.085) <= 26
    frames.wish("page", "1", 1000.0)
    assert frames.interval == 2.0


def test_a_piece_that_ends_a_little_early_brings_a_frame(frames, monkeypatch):
    """Otherwise the one after it would come a whole piece late."""
    assert sent_in(frames, monkeypatch, 10.0, 0.075) in (133, 134)


def test_of_several_views_that_with_most_frames_counts(frames):
    frames.wish("page", "1", 2.0)
    frames.wish("page", "2", 0.06)
    assert frames.interval == 0.06
    frames.wish("page", "2", None)
    assert frames.interval == 2.0


def test_a_page_that_is_loaded_again_stands_for_the_one_before(frames):
    frames.wish("page", "1", 0.06)
    frames.wish("other", "1", 0.5)
    assert frames.interval == 0.5
    frames.wish("other", "1", None)
    assert frames.interval == 0.085
