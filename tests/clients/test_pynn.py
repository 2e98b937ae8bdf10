"""PyNN's interface to NEST runs on this kernel: the same programs give the same results."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(find_spec("pyNN") is None, reason="PyNN is not installed")

HERE = Path(__file__).parent
SIMULATORS = ("nest", "nest_lab")
OF_RANGE = 1e-3  # where both solve equations step by step
ADAPTIVE = ("cond", "EIF", "HH", "gsyn")
PROGRAMS = sorted(path.stem for path in (HERE / "pynn").glob("*.py"))
DRAWN = "random_draws"  # by the simulators, which have random numbers of their own


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the programs find on each simulator, each in a process of its own, both at once."""
    folder = tmp_path_factory.mktemp("pynn")
    running = {
        simulator: subprocess.Popen(
            [sys.executable, str(HERE / "run_pynn.py"), simulator, str(folder / simulator)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=os.environ | {"PYTHONHASHSEED": "0"},  # PyNN goes over sets of names
        )
        for simulator in SIMULATORS
    }
    failed = {simulator: process.communicate()[1] for simulator, process in running.items()}
    assert {name: failed[name] for name, process in running.items() if process.returncode} == {}
    return {simulator: pickle.loads((folder / simulator).read_bytes()) for simulator in SIMULATORS}


def results(found, program):
    """Results of one program: of the reference, and ours."""
    both = [found[simulator][program] for simulator in SIMULATORS]
    for simulator, each in zip(SIMULATORS, both, strict=True):
        assert not isinstance(each, str), f"on {simulator}: {each}"
    return both


def difference(theirs, ours, of_range):
    """Largest difference: relative, or as a part of the range.

    On an upstroke a small error in time is a large one in V: samples next to a fast change do not count.
    """
    theirs, ours = np.asarray(theirs, float), np.asarray(ours, float)
    assert ours.shape == theirs.shape
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    if of_range and theirs.ndim == 2:
        fast = np.abs(np.diff(theirs, axis=0, append=theirs[-1:])) > 0.02 * np.ptp(theirs)
        fast |= np.roll(fast, 1, axis=0)
        assert fast.mean() < 0.15
        theirs, ours = np.where(fast, np.nan, theirs), np.where(fast, np.nan, ours)
    if not theirs.size or np.isnan(theirs).all():
        return 0.0
    gap = np.abs(ours - theirs)
    if of_range:
        return np.nanmax(gap) / max(np.nanmax(theirs) - np.nanmin(theirs), 1e-300)
    return np.nanmax(gap / np.maximum(np.abs(theirs), 1.0))


@pytest.mark.slow
@pytest.mark.parametrize("program", [name for name in PROGRAMS if name != DRAWN])
def test_same_results(found, program):
    """Spikes, traces, weights and parameters are those of the reference."""
    theirs, ours = results(found, program)
    assert ours.keys() == theirs.keys()
    for name, expected in theirs.items():
        adaptive = program != "connectors" and any(part in name for part in ADAPTIVE)
        of_range = adaptive or program == "segments"
        allowed = OF_RANGE if of_range else 1e-9
        if isinstance(expected, list) and expected and np.ndim(expected[0]):
            assert len(ours[name]) == len(expected), name
            worst = max(difference(t, o, of_range) for t, o in zip(expected, ours[name], strict=True))
        else:
            worst = difference(expected, ours[name], of_range)
        assert worst <= allowed, f"{name}: {worst}"


@pytest.mark.slow
def test_what_the_simulators_draw(found):
    """Numbers, weights, Poisson spikes, noise and quantal release agree in distribution.

    Two-sample Kolmogorov-Smirnov tests and z tests, each at a level of 1e-4.
    """
    from scipy.stats import ks_2samp, norm

    theirs, ours = results(found, DRAWN)
    chance = 10_000 * 0.3 * 0.7
    assert abs(ours["number drawn"] - 3000) < norm.isf(5e-5) * chance**0.5
    assert ours["number of all"] == theirs["number of all"] == 10_000
    for name in ("weights drawn", "weights of all", "intervals", "counts"):
        assert ks_2samp(ours[name], theirs[name]).pvalue > 1e-4, name
    np.testing.assert_allclose(ours["first and last"], theirs["first and last"], atol=3.0)
    for name in ("v", "quantal"):
        mine, expected = (np.asarray(each[name]) for each in (ours, theirs))
        assert mine.shape == expected.shape
        # One number for each cell: cells are independent, times are not.
        for of_cell in (np.mean, np.std):
            assert ks_2samp(of_cell(mine, axis=0), of_cell(expected, axis=0)).pvalue > 1e-4, name


def test_what_needs_an_extension_says_so(tmp_path):
    """A synapse of PyNN's compiled extension is refused by PyNN as where the extension was not built."""
    code = (
        "import nest_lab, warnings; nest_lab.install_as_nest(); warnings.simplefilter('ignore')\n"
        "import pyNN.nest as sim; from pyNN.errors import NoModelAvailableError\n"
        "assert not sim.simulator.state.extensions_loaded\n"
        "sim.setup(spike_precision='on_grid'); cells = sim.Population(2, sim.IF_curr_exp())\n"
        "synapse = sim.StochasticTsodyksMarkramSynapse(weight=0.1)\n"
        "try: sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)\n"
        "except NoModelAvailableError: print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1:] == ["refused"], done.stderr
