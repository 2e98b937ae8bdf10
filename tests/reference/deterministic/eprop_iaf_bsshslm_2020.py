from __future__ import annotations

from . import scenario
from ._eprop import eligible, learn

MODEL = "eprop_iaf_bsshslm_2020"
ADAM = {"type": "adam", "eta": 5e-3, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-5}
REGULAR = {"c_reg": 3.0, "f_target": 20.0}
SURROGATES = ["piecewise_linear", "exponential", "fast_sigmoid_derivative", "arctan_derivative"]


def hidden(rng, **fixed):
    return [eligible(rng, **fixed) for _ in range(6)]


@scenario(cases=4)
def gradient_descent(nest, rng, h):
    return learn(nest, rng, h, MODEL, hidden(rng))


@scenario(cases=4)
def regularised(nest, rng, h):
    return learn(nest, rng, h, MODEL, hidden(rng, **REGULAR))


@scenario(cases=4)
def adam(nest, rng, h):
    return learn(nest, rng, h, MODEL, hidden(rng, **REGULAR), optimizer=ADAM)


@scenario(cases=4)
def late_risers(nest, rng, h):
    """Sources that are silent in the first intervals: for Adam these are updates all the same."""
    return learn(nest, rng, h, MODEL, hidden(rng, **REGULAR), optimizer=ADAM, intervals=6, steps=30, asleep=3)


@scenario(cases=4)
def lost_after_silence(nest, rng, h):
    """A spike that is lost does not stand for the one before it, whose interval waits for its update."""
    params = hidden(rng, **REGULAR)
    return learn(nest, rng, h, MODEL, params, optimizer=ADAM, intervals=6, steps=30, first_spike=1, gap=True)


@scenario(cases=4)
def surrogates(nest, rng, h):
    params = [
        eligible(
            rng,
            surrogate_gradient_function=SURROGATES[i % 4],
            surrogate_gradient_height=rng.uniform(0.1, 1),
            surrogate_gradient_width=rng.uniform(0.02, 1),
            t_ref=float(rng.integers(0, 4)) * h,
        )
        for i in range(8)
    ]
    return learn(nest, rng, h, MODEL, params)


@scenario(cases=4)
def batches(nest, rng, h):
    """Some sources leave out whole intervals; gradients are averaged over two and over the window."""
    params = hidden(rng, V_th=0.15, **REGULAR)
    return learn(
        nest, rng, h, MODEL, params, optimizer=ADAM | {"batch_size": 2}, average=True, intervals=7, steps=25
    )


@scenario(cases=4)
def late_window(nest, rng, h):
    """Errors count at the end of an interval only, and neurons go on where they were."""
    return learn(nest, rng, h, MODEL, hidden(rng), window=20, reset=False)


@scenario(cases=4)
def every_step(nest, rng, h):
    """Inputs that spike in the first step of an interval, before the last signal of the one before."""
    return learn(nest, rng, h, MODEL, hidden(rng), first_spike=1, intervals=4, steps=30)


@scenario(cases=4)
def limits(nest, rng, h):
    """Weights that reach their limits, and potentials."""
    descent = {"type": "gradient_descent", "eta": 20.0, "Wmin": -3.5, "Wmax": 3.5}
    return learn(nest, rng, h, MODEL, hidden(rng, V_min=-0.01), optimizer=descent)


@scenario(cases=4)
def regular_arrival(nest, rng, h):
    """Spikes that arrive at the end of a step, and constant currents."""
    params = hidden(rng, regular_spike_arrival=True, I_e=0.0005)
    readout = {"regular_spike_arrival": True, "I_e": 0.001}
    descent = {"type": "gradient_descent", "eta": 2e-6}
    return learn(nest, rng, h, MODEL, params, readout=readout, optimizer=descent)


@scenario(cases=4)
def classification(nest, rng, h):
    return learn(nest, rng, h, MODEL, hidden(rng), readout={"loss": "cross_entropy"}, readouts=3, window=30)
