"""The ring of networks of Brunel in both simulators: one class of the gallery builds it in each of them.

Three areas of 1,000 neurons, the first with a quarter more from outside; a share of 0.15 of the excitation
comes from the area before, and a packet of 20 spikes hits the first area after 400 ms, of 600 ms. A network
is one sample, drawn anew from a seed of its own. Of each are taken: rate, CV and modulation of the rate of
each area, the correlation of neighbours at a lag of 10 ms, and what becomes of the packet at its
first three stops: 13 quantities. Welch's t-test compares ten networks with ten for each of them. The control
is NEST against itself.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import nest_lab
from nest_lab.gallery import brunel, ring
from nest_lab.testing import reference

NETWORK = {"areas": 3, "coupling": 0.15, "boost": 1.25, "pulse": 20, "pulse_time": 400.0}
START, STOP, DELAY = 100.0, 600.0, 10.0
PLAUSIBLE, IMPLAUSIBLE = 1e-4, 1e-6  # the smallest of 13 p-values: below 1e-4 by chance once in 770 times


def network(simulator, seed, **changes):
    """The 13 quantities of one network."""
    simulator.ResetKernel()
    simulator.rng_seed = seed
    simulator.local_num_threads = 1  # two threads of NEST wait for each other when something else is running
    with pytest.MonkeyPatch.context() as patch:
        for module in (brunel, ring):
            patch.setattr(module, "nest", simulator)
        built = ring.Ring.preset("classroom", **NETWORK | changes)
        built._build()
    simulator.Simulate(STOP)
    results = built._results(START, STOP)
    correlation = built._neighbours(list(built._activity(START, STOP).values()))[1]
    at_delay = correlation[round(DELAY / built._bin)]
    names = [f"{name}_{number}" for name in ("rate", "cv", "packet") for number in (1, 2, 3)]
    modulation = [one.modulation for one in built._activity(START, STOP).values()]
    return [*(results[name].value for name in names), *modulation, at_delay]


@pytest.fixture(scope="module")
def nest_networks():
    """Ten networks of the reference simulator."""
    simulator = reference()
    simulator.ResetKernel()
    simulator.verbosity = simulator.VerbosityLevel.ERROR
    networks = [network(simulator, seed) for seed in range(101, 111)]
    simulator.ResetKernel()
    return networks


def p_values(some, others):
    """Of all quantities of two samples of networks."""
    found = stats.ttest_ind(np.array(some), np.array(others), equal_var=False).pvalue
    assert found.shape == (13,)
    return found


@pytest.mark.slow
def test_nest_cannot_be_told_from_itself(nest_networks):
    """The control: five networks of the reference against five others."""
    assert p_values(nest_networks[:5], nest_networks[5:]).min() > PLAUSIBLE


@pytest.mark.slow
def test_our_rings_cannot_be_told_from_those_of_nest(nest_networks):
    """Ten networks against ten."""
    ours = [network(nest_lab, seed) for seed in range(201, 211)]
    assert p_values(nest_networks, ours).min() > PLAUSIBLE


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [{"coupling": 0.05}, {"gain": 1.5}, {"D_between": 12.0}, {"boost": 1.5}],
    ids=["fewer connections", "stronger connections", "longer delay", "more drive"],
)
def test_errors_would_be_noticed(nest_networks, change):
    """Ten networks with an error in what is between the areas against ten without."""
    wrong = [network(nest_lab, seed, **change) for seed in range(301, 311)]
    assert p_values(nest_networks, wrong).min() < IMPLAUSIBLE


@pytest.mark.parametrize("changes", [{}, {"boost": 1.5, "coupling": 0.3}, {"gain": 2.0, "areas": 5}])
def test_rings_of_rate_neurons_come_to_the_same_rates(changes):
    """`siegert_neuron` and `diffusion_connection` of both, after 100 ms, to 1e-6."""
    p = ring.RingParameters(**changes)

    def rates(simulator):
        simulator.ResetKernel()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ring, "nest", simulator)
            meter = ring._rate_neurons(p)
        simulator.Simulate(100.0)
        events = meter.get("events")
        times, found = np.asarray(events["times"]), np.asarray(events["rate"])
        return np.sort(found[times == times.max()])

    simulator = reference()
    simulator.ResetKernel()
    simulator.verbosity = simulator.VerbosityLevel.ERROR
    ours = rates(nest_lab)
    assert ours.shape == (p.areas,)
    assert ours == pytest.approx(rates(simulator), rel=1e-6)
