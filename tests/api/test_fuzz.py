"""A short run of tests.api.fuzz; NEST_LAB_FUZZ_SECONDS makes it longer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SECONDS = os.environ.get("NEST_LAB_FUZZ_SECONDS", "20")


def test_random_programs_with_hostile_values():
    """In a process of its own, so that a crash is seen as one."""
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.api.fuzz", SECONDS]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    assert "nothing found" in done.stdout
