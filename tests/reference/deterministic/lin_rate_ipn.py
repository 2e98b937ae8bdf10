from __future__ import annotations

from . import scenario
from ._signals import network

MODEL = "lin_rate_ipn"


def draw(rng, **fixed):
    return {
        "sigma": 0.0,
        "tau": rng.uniform(3, 30),
        "lambda": rng.uniform(0.5, 2),
        "mu": rng.normal(),
        "g": rng.uniform(0.2, 0.6),
        "rate": rng.normal(),
    } | fixed


@scenario(cases=4)
def linear_sum(nest, rng, h):
    return network(nest, rng, h, nest.Create(MODEL, 8, [draw(rng) for _ in range(8)]))


@scenario(cases=4)
def sum_of_gains(nest, rng, h):
    params = [draw(rng, linear_summation=False) for _ in range(8)]
    return network(nest, rng, h, nest.Create(MODEL, 8, params))


@scenario(cases=4)
def multiplicative(nest, rng, h):
    """Excitation and inhibition that depend on the rate, summed both ways."""
    params = [
        draw(
            rng,
            mult_coupling=True,
            linear_summation=bool(i % 2),
            g_ex=rng.uniform(0.1, 0.5),
            g_in=rng.uniform(0.1, 0.5),
            theta_ex=rng.normal(),
            theta_in=rng.normal(),
        )
        for i in range(8)
    ]
    return network(nest, rng, h, nest.Create(MODEL, 8, params), strength=0.1)


@scenario(cases=4)
def rectified(nest, rng, h):
    params = [draw(rng, rectify_output=True, rectify_rate=rng.uniform(0, 0.5)) for _ in range(8)]
    return network(nest, rng, h, nest.Create(MODEL, 8, params))


@scenario(cases=4)
def without_decay(nest, rng, h):
    """lambda = 0 is a limit of its own; mean is another name of mu, std of sigma."""
    params = [
        {"lambda": 0.0, "std": 0.0, "mean": 0.1 * rng.normal(), "tau": rng.uniform(10, 30)} for _ in range(4)
    ]
    neurons = nest.Create(MODEL, 4, params)
    result = network(nest, rng, h, neurons, strength=0.05)
    return result | {name: neurons.get(name) for name in ("mu", "mean", "sigma", "std", "node_uses_wfr")}
