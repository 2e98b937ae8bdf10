"""`import nest_lab` is quick and small, and brings nothing along that is not needed."""

from __future__ import annotations

import json
import subprocess
import sys

CODE = """
import json, sys, time
started = time.perf_counter()
import numpy
numpy_done = time.perf_counter()
import nest_lab
done = time.perf_counter()
import resource
print(json.dumps({
    "modules": sorted(sys.modules),
    "own": done - numpy_done,
    "all": done - started,
    "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
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
    result = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def test_import():
    runs = [measured() for _ in range(5)]
    # json is imported by the measurement itself
    assert not {name.partition(".")[0] for name in runs[0]["modules"]} & (NOT_NEEDED - {"json"})
    assert not {name for name in runs[0]["modules"] if name.startswith("nest_lab.widgets")}
    assert min(run["own"] for run in runs) < 0.050, [run["own"] for run in runs]
    assert min(run["all"] for run in runs) < 0.150, [run["all"] for run in runs]
    assert runs[0]["MB"] < 60
