from __future__ import annotations

from . import _equations, scenario

MODEL = "izhikevich"


def draw(rng, h):
    return {
        "a": rng.uniform(0.01, 0.1),
        "b": rng.uniform(0.15, 0.25),
        "c": rng.uniform(-70, -45),
        "d": rng.uniform(0.05, 8),
        "V_th": rng.uniform(20, 40),
        "V_min": rng.uniform(-85, -70),
        "V_m": rng.uniform(-70, -60),
        "U_m": rng.uniform(-15, -10),
        "I_e": rng.uniform(0, 15),
        "consistent_integration": bool(rng.integers(2)),
    }


def run(nest, rng, h, weight):
    """Six neurons; spikes of both signs, and a current that is small enough for this model."""
    neurons = nest.Create(MODEL, 6, params=[draw(rng, h) for _ in range(6)])
    result = _equations.observe(nest, neurons, h)
    _equations.drive(nest, neurons, rng, h, 80, weight, current=(0, 10))
    nest.Simulate(50.0)
    neurons.set([draw(rng, h) for _ in range(6)])
    nest.Simulate(30.0)
    return result()


@scenario(cases=8, resolutions=(0.1, 0.05, 0.25, 0.5))
def random_parameters(nest, rng, h):
    return run(nest, rng, h, 3)


@scenario(cases=4, resolutions=(0.1, 0.5))
def strong_input(nest, rng, h):
    return run(nest, rng, h, 30)
