from __future__ import annotations

from . import scenario
from ._signals import network

MODEL = "tanh_rate_opn"


def draw(rng, **fixed):
    return {
        "sigma": 0.0,
        "tau": rng.uniform(3, 30),
        "mu": rng.normal(),
        "g": rng.uniform(0.3, 2),
        "theta": rng.normal(),
        "rate": rng.normal(),
    } | fixed


@scenario(cases=4)
def linear_sum(nest, rng, h):
    return network(nest, rng, h, nest.Create(MODEL, 8, [draw(rng) for _ in range(8)]), strength=1.0)


@scenario(cases=4)
def sum_of_gains(nest, rng, h):
    params = [draw(rng, linear_summation=False, mult_coupling=bool(i % 2)) for i in range(8)]
    return network(nest, rng, h, nest.Create(MODEL, 8, params), strength=0.5)


@scenario(cases=4)
def with_another_model(nest, rng, h):
    """Rates of one model are input of another."""
    linear = nest.Create("lin_rate_ipn", 4, {"sigma": 0.0, "g": 0.5, "mu": 0.3})
    return network(nest, rng, h, linear + nest.Create(MODEL, 4, [draw(rng) for _ in range(4)]), strength=0.4)
