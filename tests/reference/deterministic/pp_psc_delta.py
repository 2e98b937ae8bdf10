"""The parts of the model in which chance has no say: a rate of 0, or one so high that a spike is certain."""

from __future__ import annotations

import numpy as np

from nest_lab.testing import samples, spikes

from . import _neurons, scenario
from .gif_psc_exp import prefixed

MODEL = "pp_psc_delta"
CERTAIN, NEVER = 1e9, 0.0


def draw(rng, h, adaptations=2, rate=NEVER):
    return {
        "C_m": rng.uniform(50, 300),
        "tau_m": rng.uniform(3, 40),
        "I_e": rng.uniform(-30, 200),
        "V_m": rng.uniform(-5, 5),
        "dead_time": rng.uniform(0.05, 5),
        "with_reset": bool(rng.integers(2)),
        "c_1": 0.0,
        "c_2": rate,
        "c_3": 0.0,
        "tau_sfa": rng.uniform(3, 200, adaptations).tolist(),
        "q_sfa": rng.uniform(-1, 5, adaptations).tolist(),
    }


def observe(nest, neurons, h):
    meter = nest.Create("multimeter", params={"record_from": ["V_m", "E_sfa"], "interval": h})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, neurons)
    nest.Connect(neurons, recorder)

    def result():
        states = {name: np.asarray(neurons.get(name)) for name in ("V_m", "E_sfa", "Ca", "t_spike")}
        return (
            prefixed("trace", samples(meter)) | prefixed("spike", spikes(recorder)) | prefixed("get", states)
        )

    return result


@scenario(cases=12)
def spikes_are_certain(nest, rng, h):
    """After each dead time there is a spike at once; 0 to 4 adaptations in one population."""
    params = [draw(rng, h, n, CERTAIN) for n in (2, 2, 0, 1, 4, 2)]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = observe(nest, neurons, h)
    _neurons.drive(nest, neurons, rng, h, 100)
    nest.Simulate(100.0)
    return result()


@scenario(cases=4)
def no_spikes(nest, rng, h):
    neurons = nest.Create(MODEL, 4, params=[draw(rng, h) for _ in range(4)])
    result = observe(nest, neurons, h)
    _neurons.drive(nest, neurons, rng, h, 100)
    nest.Simulate(100.0)
    return result()


@scenario(cases=4)
def negative_rates_are_none(nest, rng, h):
    neurons = nest.Create(
        MODEL, 3, params=draw(rng, h) | {"c_1": -1e9, "c_2": -5.0, "I_e": 100.0, "V_m": 3.0}
    )
    result = observe(nest, neurons, h)
    nest.Simulate(20.0)
    return result()


@scenario(cases=8)
def dead_times(nest, rng, h):
    """Dead times between grid points, shorter than a step, and one that is left at the start."""
    parts = (0.01, 0.3, 0.5, 1, 1.4, 1.5, 2.5, 10)
    certain = {"c_2": CERTAIN, "c_3": 0.0}
    params = [certain | {"dead_time": round(k * h, 3)} for k in parts]
    params += [certain | {"t_ref_remaining": round(k * h, 3)} for k in (0, *parts)]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = observe(nest, neurons, h)
    nest.Simulate(20.0)
    return result()


@scenario(cases=2)
def adaptation_is_set_anew(nest, rng, h):
    """A value given for E_sfa is shown until the next step."""
    neurons = nest.Create(MODEL, 2, params=draw(rng, h))
    neurons.set(E_sfa=3.0)
    before = np.asarray(neurons.get("E_sfa"))
    nest.Simulate(1.0)
    return {"before": before, "after": np.asarray(neurons.get("E_sfa"))}


@scenario(cases=2)
def numbers_in_place_of_lists(nest, rng, h):
    """One adaptation may be given as two numbers."""
    params = draw(rng, h, rate=CERTAIN) | {"tau_sfa": rng.uniform(3, 200), "q_sfa": rng.uniform(1, 5)}
    result = observe(nest, nest.Create(MODEL, 2, params=params), h)
    nest.Simulate(50.0)
    return result()
