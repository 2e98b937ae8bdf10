"""The memory of a network is known before it is built."""

from __future__ import annotations

import subprocess
import sys

import pytest

import nest_lab as nest

# What the process holds at the most, beside what was estimated before anything was built.
MEASURE = """
from pathlib import Path
import nest_lab as nest

{network}
estimate = nest.estimate_memory()
nest.Simulate(1.0)
# Not getrusage: its figure survives exec, so that it can be that of the parent.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(estimate.peak, int(status["VmHWM"].split()[0]) * 1024)
"""

NETWORKS = {
    "one weight, by indegree": """
n = nest.Create("iaf_psc_delta", 20_000)
nest.Connect(n, n, {"rule": "fixed_indegree", "indegree": 2000}, {"weight": 0.1, "delay": 1.5})
""",
    "random weights and delays, by number": """
n = nest.Create("iaf_psc_exp", 20_000)
weight = nest.math.redraw(nest.random.normal(80.0, 8.0), min=0.0, max=1e9)
delay = nest.math.redraw(nest.random.normal(1.5, 0.75), min=0.1, max=1e9)
nest.Connect(n, n, {"rule": "fixed_total_number", "N": 20_000_000}, {"weight": weight, "delay": delay})
""",
    "weights as an array": """
import numpy as np
n = nest.Create("iaf_psc_alpha", 3000)
weight = np.random.default_rng(1).normal(20.0, 2.0, (3000, 3000))
nest.Connect(n, n, "all_to_all", {"weight": weight})
""",
    "few synapses in many delays": """
n = nest.Create("iaf_psc_exp", 50_000)
nest.Connect(n, n, {"rule": "fixed_outdegree", "outdegree": 100}, {"delay": nest.random.uniform(1.0, 100.0)})
""",
    "few synapses in many delays, drawn for targets": """
n = nest.Create("iaf_psc_exp", 50_000)
nest.Connect(n, n, {"rule": "fixed_indegree", "indegree": 100}, {"delay": nest.random.uniform(1.0, 100.0)})
""",
    "pairs": """
n = nest.Create("iaf_psc_exp", 15_000)
nest.Connect(n, n, {"rule": "pairwise_bernoulli", "p": 0.1}, {"delay": nest.random.uniform(1.0, 5.0)})
""",
}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_peak(network):
    """Within 15 % of what the process really needs."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE.format(network=network)], capture_output=True, text=True, check=True
    )
    estimated, measured = map(int, done.stdout.split())
    assert estimated == pytest.approx(measured, rel=0.15)


def test_nothing_is_built():
    """A network for which no machine has the memory is estimated at once."""
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_exp", 1000)
    nest.Connect(neurons, neurons, "all_to_all", {"weight": nest.random.uniform()})
    estimate = nest.estimate_memory()
    assert estimate["synapses"] == 6_000_000
    assert list(estimate) == ["process", "synapses", "index of rows", "building", "input"]
    assert estimate.peak == sum(estimate.values())
    assert estimate.fits
    peak = estimate.peak / 1e6
    peak = f"{peak:.0f} MB" if peak < 1000.0 else f"{peak / 1000.0:.2f} GB"
    assert str(estimate).startswith(f"{peak} at the peak (process ")


def test_what_does_not_fit_says_so():
    estimate = nest.MemoryEstimate({"process": 10**8, "synapses": 5 * 10**9}, available=2 * 10**9)
    assert not estimate.fits
    assert str(estimate) == (
        "5.10 GB at the peak (process 100 MB, synapses 5.00 GB); 2.00 GB available: it does not fit"
    )
