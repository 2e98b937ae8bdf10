from __future__ import annotations

from . import _neurons, scenario

MODEL = "mat2_psc_exp"


def draw(rng, h):
    E_L = rng.uniform(-80, -60)
    return {
        "C_m": rng.uniform(50, 200),
        "tau_m": rng.uniform(3, 20),
        "t_ref": rng.uniform(0.1, 4),
        "E_L": E_L,
        "omega": E_L + rng.uniform(5, 20),
        "V_m": E_L + rng.uniform(-5, 25),
        "I_e": rng.uniform(-100, 600),
        "tau_syn_ex": rng.uniform(0.3, 6),
        "tau_syn_in": rng.uniform(0.3, 6),
        "tau_1": rng.uniform(3, 20),
        "tau_2": rng.uniform(50, 300),
        "alpha_1": rng.uniform(-2, 40),
        "alpha_2": rng.uniform(-1, 5),
        "V_th_alpha_1": rng.uniform(0, 10),
        "V_th_alpha_2": rng.uniform(0, 3),
    }


@scenario(cases=12)
def random_parameters(nest, rng, h):
    return _neurons.random_parameters(nest, rng, h, MODEL, draw)


@scenario(cases=8)
def changed_parameters(nest, rng, h):
    return _neurons.changed_parameters(nest, rng, h, MODEL, draw)


@scenario(cases=4)
def one_parameter_at_a_time(nest, rng, h):
    return _neurons.one_parameter_at_a_time(nest, rng, h, MODEL, draw)
