from __future__ import annotations

from . import scenario
from ._eprop import eligible, learn

SURROGATES = ["piecewise_linear", "exponential", "fast_sigmoid_derivative", "arctan_derivative"]
MODEL = "eprop_iaf_adapt_bsshslm_2020"
ADAM = {"type": "adam", "eta": 5e-3, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-5}


def hidden(rng, **fixed):
    return [
        eligible(rng, adapt_beta=rng.uniform(0.001, 0.05), adapt_tau=rng.uniform(10, 100), **fixed)
        for _ in range(6)
    ]


@scenario(cases=4)
def gradient_descent(nest, rng, h):
    return learn(nest, rng, h, MODEL, hidden(rng))


@scenario(cases=4)
def adam(nest, rng, h):
    return learn(nest, rng, h, MODEL, hidden(rng, c_reg=3.0, f_target=20.0), optimizer=ADAM)


@scenario(cases=4)
def surrogates(nest, rng, h):
    params = [
        neuron
        | {
            "surrogate_gradient_function": SURROGATES[i % 4],
            "surrogate_gradient_height": rng.uniform(0.1, 1),
            "surrogate_gradient_width": rng.uniform(0.02, 1),
            "t_ref": float(rng.integers(0, 4)) * h,
        }
        for i, neuron in enumerate(hidden(rng) + hidden(rng))
    ]
    return learn(nest, rng, h, MODEL, params, optimizer=ADAM)


@scenario(cases=4)
def late_window(nest, rng, h):
    return learn(nest, rng, h, MODEL, hidden(rng), window=20, reset=False)


@scenario(cases=4)
def classification(nest, rng, h):
    return learn(nest, rng, h, MODEL, hidden(rng), readout={"loss": "cross_entropy"}, readouts=3, window=30)
