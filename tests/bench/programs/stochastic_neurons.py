"""Neurons with lists of ports or adaptations, neurons that spike at random, and a population in one node.

Motivation: these models are loops within the loop over the neurons, and draw a random number for each neuron
and step. 1,000 neurons of each kind for 1 s at 0.1 ms, and 20 populations of 1,000 neurons for 1 s.
"""

from time import perf_counter

ADAPTING = {"tau_sfa": [10.0, 50.0, 200.0], "q_sfa": [1.0, 0.5, 0.2]}
NEURONS = {
    "iaf_psc_exp_multisynapse": {"tau_syn": [0.5, 1.0, 2.0, 5.0, 8.0], "I_e": 380.0},
    "pp_psc_delta": ADAPTING | {"I_e": 250.0},
    "gif_psc_exp": ADAPTING | {"tau_stc": [20.0, 100.0], "q_stc": [10.0, 5.0], "I_e": 150.0},
    "aeif_cond_alpha_multisynapse": {"tau_syn": [0.5, 2.0, 10.0], "E_rev": [0.0, -80.0, -60.0], "I_e": 600.0},
}
PORTS = {"iaf_psc_exp_multisynapse": 5, "aeif_cond_alpha_multisynapse": 3}


def seconds(nest, model, n, params):
    """Wall time of 1 s of n driven nodes, on one thread."""
    nest.ResetKernel()
    nest.local_num_threads = 1
    nodes = nest.Create(model, n, params=params)
    noise = nest.Create("poisson_generator", params={"rate": 500.0})
    for port in range(1, PORTS[model] + 1) if model in PORTS else [0]:
        weight = {"pp_psc_delta": 0.5, "aeif_cond_alpha_multisynapse": 1.0}.get(model, 20.0)
        nest.Connect(noise, nodes, syn_spec={"weight": weight, "receptor_type": port})
    nest.Simulate(20.0)
    start = perf_counter()
    nest.Simulate(1_000.0)
    return perf_counter() - start


def run(nest):
    """Seconds for each model."""
    figures = {
        f"1,000 {model}, 1 s (s)": seconds(nest, model, 1_000, params) for model, params in NEURONS.items()
    }
    population = {"N": 1_000, "I_e": 250.0}
    figures["20 gif_pop_psc_exp, 1 s (s)"] = seconds(nest, "gif_pop_psc_exp", 20, population)
    return figures
