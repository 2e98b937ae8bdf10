"""The networks of the gallery that learn by e-prop, built by the same program in both simulators.

Losses, errors and spikes of some iterations; the losses agree to 1e-9 relative.
"""

from __future__ import annotations

import numpy as np
import pytest

import nest_lab
from nest_lab.gallery import _eprop, eprop_evidence, eprop_regression
from nest_lab.testing import reference, spikes

SHORT = {"n_cues": 3, "cue": 40, "spacing": 20, "delay": 60, "recall": 60, "p_in": 0.1}
CASES = {
    "pattern as published": (eprop_regression.EpropRegression, {}, 4),
    "pattern with large steps": (eprop_regression.EpropRegression, {"steps": 200, "eta": 1e-2}, 12),
    "evidence as published": (eprop_evidence.EpropEvidence, {"n_batch": 2}, 3),
    "short trials": (eprop_evidence.EpropEvidence, SHORT | {"n_batch": 4, "eta": 1e-2}, 8),
}


def learn(simulator, kind, changes, iterations, seed):
    """Losses and what else there is after some iterations, in pieces that are not whole iterations."""
    simulator.ResetKernel()
    simulator.local_num_threads = 1  # two threads of NEST wait for each other when something else is running
    with pytest.MonkeyPatch.context() as patch:
        for module in (_eprop, eprop_evidence, eprop_regression):
            patch.setattr(module, "nest", simulator)
        network = kind(seed=seed, **changes)
        network._build()
        simulator.Simulate(7.0)
        for _ in range(iterations):
            network._evaluate()
            simulator.Simulate(network.parameters.iteration)
        network._evaluate()
        fired = spikes(network.recorder)
    return network.losses, getattr(network, "errors", []), fired


@pytest.fixture(scope="module")
def nest():
    simulator = reference()
    simulator.ResetKernel()
    simulator.verbosity = simulator.VerbosityLevel.ERROR
    yield simulator
    simulator.ResetKernel()


@pytest.mark.parametrize("seed", [1, 5])
@pytest.mark.parametrize("case", CASES)
def test_the_same_program_learns_the_same(nest, case, seed):
    kind, changes, iterations = CASES[case]
    losses, errors, fired = learn(nest_lab, kind, changes, iterations, seed)
    expected, wrong, fired_there = learn(nest, kind, changes, iterations, seed)
    assert len(losses) == iterations
    assert losses == pytest.approx(expected, rel=1e-9)
    assert errors == wrong
    assert len(set(losses)) == iterations
    for name, values in fired.items():
        assert np.array_equal(values, fired_there[name])
