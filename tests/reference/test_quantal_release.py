"""Random release of vesicles: counts follow the definition, in both simulators.

Statistic: chi-square of the number of sites that release at each of three spikes, 20,000 synapses. A
probability of release that is off by 5 % must be seen.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import nest_lab
from nest_lab.testing import reference
from tests.reference.test_distributions import goodness, judge

N, SITES, TIMES = 20_000, 5, (10.0, 30.0, 90.0)
PARAMETERS = {"n": SITES, "a": 3, "u": 0.3, "U": 0.3, "tau_rec": 40.0, "tau_fac": 60.0}


def binomial(n, p):
    return stats.binom.pmf(np.arange(SITES + 1), n, p)


def expected(probability):
    """Distribution of what releases at each spike, by going through the states of the sites."""
    u, last, rows = probability, None, []
    full = np.eye(SITES + 1)[PARAMETERS["a"]]
    for t in TIMES:
        if last is not None:
            u = probability + u * (1 - probability) * np.exp(-(t - last) / PARAMETERS["tau_fac"])
            p = 1 - np.exp(-(t - last) / PARAMETERS["tau_rec"])
            full = sum(full[a] * np.roll(binomial(SITES - a, p), a) for a in range(SITES + 1))
        joint = np.array(
            [full[a] * binomial(a, u) for a in range(SITES + 1)]
        )  # by full sites and released ones
        rows.append(joint.sum(axis=0))
        full = np.array([np.trace(joint, offset=-left) for left in range(SITES + 1)])
        last = t
    return rows


def released(simulator, threads=1):
    """Counts by spike and synapse, from the steps of a membrane that forgets nothing."""
    simulator.ResetKernel()
    simulator.local_num_threads = threads
    simulator.rng_seed = 20_002
    parrot = simulator.Create("parrot_neuron")
    generator = simulator.Create("spike_generator", params={"spike_times": [t - 1.0 for t in TIMES]})
    simulator.Connect(generator, parrot, syn_spec={"delay": 1.0})
    lasting = {"tau_m": 1e12, "V_th": 1e6, "E_L": 0.0, "V_m": 0.0}
    neurons = simulator.Create("iaf_psc_delta", N, params=lasting)
    spec = {"synapse_model": "quantal_stp_synapse", "weight": 1.0, "delay": 1.0} | PARAMETERS
    simulator.Connect(parrot, neurons, syn_spec=spec)
    levels = [np.zeros(N)]
    for t in TIMES:
        simulator.Simulate(t + 5.0 - simulator.biological_time)
        levels.append(np.asarray(neurons.get("V_m")))
    simulator.ResetKernel()
    return np.rint(np.diff(levels, axis=0)).astype(int)


@pytest.mark.parametrize("name", ["nest_lab", "reference"])
def test_release_follows_the_definition(name):
    counts = released(nest_lab if name == "nest_lab" else reference())

    def p_value(probability):
        rows = zip(counts, expected(probability), strict=True)
        return min(goodness(np.bincount(row, minlength=SITES + 1), p) for row, p in rows)

    judge(p_value, 0.3, [0.285, 0.315])


def test_release_does_not_depend_on_threads():
    counts = [released(nest_lab, threads) for threads in (1, 2, 3)]
    assert np.array_equal(counts[0], counts[1])
    assert np.array_equal(counts[0], counts[2])
