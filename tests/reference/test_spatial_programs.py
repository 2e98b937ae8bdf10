"""Programs with layers, run as files by both simulators: what they print is the same, number by number."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(Path(__file__).with_name("spatial").glob("*.py"))
NUMBER = re.compile(r"(?<![\w.])-?(?:\d+\.?\d*(?:e[-+]?\d+)?|nan|inf)(?![\w.])")


def printed(*command: str) -> list[str]:
    """Lines that a program shows."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, env=environment, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [line for line in done.stdout.splitlines() if line.startswith("|")]


def parts(line: str) -> tuple[list[str], list[float]]:
    """What stands between the numbers of a line, and these."""
    return NUMBER.split(line), [float(each) for each in NUMBER.findall(line)]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_same_output(program):
    pytest.importorskip("nest")
    expected = printed(str(program))
    actual = printed("-m", "nest_lab.cli", "exec", str(program))
    assert len(expected) > 5
    for theirs, ours in zip(expected, actual, strict=True):
        (text, numbers), (our_text, our_numbers) = parts(theirs), parts(ours)
        assert our_text == text, f"{ours}\ninstead of\n{theirs}"
        assert our_numbers == pytest.approx(numbers, rel=1e-12, abs=1e-12, nan_ok=True), (
            f"{ours}\ninstead of\n{theirs}"
        )
