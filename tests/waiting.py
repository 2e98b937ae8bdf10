"""Waiting for what a page, a thread or another process does."""

import time

PATIENCE = 90.0  # s; machines are busy, and a test of how long something may take measures it itself


def eventually(condition, seconds=PATIENCE):
    """Whether something becomes true in time."""
    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            return False
        time.sleep(0.005)
    return True
