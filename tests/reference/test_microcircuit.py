"""The cortical microcircuit in both simulators: the same gallery class builds it in one and in the other.

Its tables are compared with the publication in tests/gallery; here it is about what the kernels make of them.
Networks of a tenth of the size and the synapses, Poisson drive, 0.8 s each after 0.1 s of warm-up; each is
drawn anew from a seed of its own.

A network is one sample: its neurons share inputs and are not independent, nor are pairs that share a neuron.
So of each population the mean and the standard deviation over neurons of rate and CV, and over pairs of 200
neurons of the correlation of counts in 3 ms, are taken once per network, and Welch's t-test compares them:
48 tests, without the CV of L2/3E where fewer than ten of its neurons have three intervals. The shape of the
distributions of rate and CV is compared by Kolmogorov-Smirnov over the neurons of all networks: 16 more.
These take neurons for independent, which the control justifies: NEST passes them against itself. For
correlations it does not, as pairs depend on each other and two neurons coincide once, twice or never; their
shape is not tested.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import nest_lab
from nest_lab import analysis
from nest_lab.gallery import microcircuit
from nest_lab.testing import reference

START, STOP, PAIRS = 100.0, 900.0, 200
PLAUSIBLE, IMPLAUSIBLE = 1e-4, 1e-6  # the smallest of 64 p-values: below 1e-4 by chance once in 150 times


def network(simulator, seed, **changes):
    """Rates, CVs and correlations of each population of one network."""
    simulator.ResetKernel()
    simulator.rng_seed = seed
    simulator.local_num_threads = 1  # two threads of NEST wait for each other when something else is running
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(microcircuit, "nest", simulator)
        built = microcircuit.Microcircuit(scale=0.1, **changes)
        built._build()
    simulator.Simulate(STOP)
    events = built.recorder.get("events")
    spikes = np.asarray(events["times"]), np.asarray(events["senders"])
    found = []
    for nodes in built.populations.values():
        ids = np.asarray(nodes.tolist())
        rates = analysis.rates(*spikes, ids, START, STOP).values
        cv = analysis.cv_isi(*spikes, ids, START, STOP).known
        correlations = analysis.correlations(*spikes, ids[:PAIRS], START, STOP).known
        found.append((rates, cv, correlations))
    return found


@pytest.fixture(scope="module")
def nest_networks():
    """Six networks of the reference simulator."""
    simulator = reference()
    simulator.ResetKernel()
    simulator.verbosity = simulator.VerbosityLevel.ERROR
    networks = [network(simulator, seed) for seed in range(101, 107)]
    simulator.ResetKernel()
    return networks


def summary(networks):
    """Mean and deviation of each quantity in each population, shape (networks, 48); nan of fewer than ten."""

    def both(values):
        return (values.mean(), values.std()) if len(values) >= 10 else (np.nan, np.nan)

    return np.array([[x for part in one for values in part for x in both(values)] for one in networks])


def p_values(some, others):
    """Of all tests between two samples of networks."""
    ours, theirs = summary(some), summary(others)
    known = np.isfinite(ours).all(axis=0) & np.isfinite(theirs).all(axis=0)
    p = stats.ttest_ind(ours[:, known], theirs[:, known], equal_var=False).pvalue.tolist()
    for population in range(8):
        for quantity in (0, 1):
            pooled = [
                np.concatenate([one[population][quantity] for one in networks]) for networks in (some, others)
            ]
            p.append(stats.ks_2samp(*pooled).pvalue)
    assert len(p) >= 62
    return p


@pytest.mark.slow
def test_nest_cannot_be_told_from_itself(nest_networks):
    """The control: three networks of the reference against three others."""
    assert min(p_values(nest_networks[:3], nest_networks[3:])) > PLAUSIBLE


@pytest.mark.slow
def test_our_networks_cannot_be_told_from_those_of_nest(nest_networks):
    """Six networks against six."""
    ours = [network(nest_lab, seed) for seed in range(201, 207)]
    assert min(p_values(nest_networks, ours)) > PLAUSIBLE


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"bg_rate": 8.16}, {"g": -4.08}], ids=["external rate", "inhibition"])
def test_an_error_of_two_percent_would_be_noticed(nest_networks, change):
    """Three networks with it against six."""
    wrong = [network(nest_lab, seed, **change) for seed in range(301, 304)]
    assert min(p_values(nest_networks, wrong)) < IMPLAUSIBLE
