"""`import nest_lab` is quick and small, and brings nothing along that is not needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

CODE = """
import json, resource, sys, time
started = time.perf_counter()
import numpy
numpy_done = time.perf_counter()
import nest_lab
done = time.perf_counter()
rss = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
print(json.dumps({
    "modules": sorted(sys.modules),
    "own": done - numpy_done,
    "numpy": numpy_done - started,
    "MB": rss,
}))
"""
NOT_NEEDED = {
    "matplotlib",
    "pandas",
    "neo",
    "elephant",
    "tqdm",
    "ipywidgets",
    "scipy",
    "IPython",
    "quantities",
    "json",
}


def measured():
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    result = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=environment
    )
    return json.loads(result.stdout)


@pytest.mark.clock
def test_import():
    runs = [measured() for _ in range(5)]
    # json is imported by the measurement itself
    assert not {name.partition(".")[0] for name in runs[0]["modules"]} & (NOT_NEEDED - {"json"})
    assert not {name for name in runs[0]["modules"] if name.startswith("nest_lab.widgets")}
    numpy = min(run["numpy"] for run in runs)  # what it costs beyond is judged by it: machines differ
    assert min(run["own"] for run in runs) < 0.75 * numpy, runs
    assert runs[0]["MB"] < 60
