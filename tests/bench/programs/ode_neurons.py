"""Networks of neurons with differential equations: 4,000 neurons, 328,000 synapses, on two threads.

Motivation: the equations cost most here, not the synapses. The network is that of Vogels & Abbott (2005), with 3,200 excitatory and
800 inhibitory neurons, each with 82 connections (2 %), kept firing by Poisson spikes from outside. The same for three models.
doi:10.1523/JNEUROSCI.3508-05.2005
"""

from time import perf_counter

EXCITATORY, INHIBITORY = 3_200, 800
IN_EXCITATORY, IN_INHIBITORY = 66, 16
TIME = 1000.0  # ms
SYNAPSES = {"tau_syn_ex": 5.0, "tau_syn_in": 10.0, "E_ex": 0.0, "E_in": -80.0}
MEMBRANE = {"C_m": 200.0, "g_L": 10.0, "E_L": -60.0}
# parameters, weights (nS) of excitation, inhibition and the drive, rate of the drive (spikes/s)
MODELS = {
    "aeif_cond_exp": (
        SYNAPSES | MEMBRANE | {"V_th": -50.0, "Delta_T": 2.0, "V_reset": -60.0, "t_ref": 5.0, "a": 2.0, "b": 20.0},
        (2.0, -20.0, 2.0, 1000.0),
    ),
    "iaf_cond_exp": (
        SYNAPSES | MEMBRANE | {"V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0},
        (2.0, -20.0, 2.0, 1000.0),
    ),
    "hh_cond_exp_traub": (SYNAPSES | MEMBRANE | {"V_T": -63.0, "t_ref": 3.0}, (1.0, -20.0, 2.0, 700.0)),
}


def build(nest, model):
    """The network with its drive; the recorder of all spikes is returned."""
    params, (excitation, inhibition, drive, rate) = MODELS[model]
    neurons = nest.Create(model, EXCITATORY + INHIBITORY, params=params)
    neurons.set(V_m=nest.random.uniform(-65.0, -55.0))
    noise = nest.Create("poisson_generator", params={"rate": rate})
    recorder = nest.Create("spike_recorder")
    nest.Connect(noise, neurons, syn_spec={"weight": drive, "delay": 1.0})
    for sources, indegree, weight in (
        (neurons[:EXCITATORY], IN_EXCITATORY, excitation),
        (neurons[EXCITATORY:], IN_INHIBITORY, inhibition),
    ):
        rule = {"rule": "fixed_indegree", "indegree": indegree}
        nest.Connect(sources, neurons, rule, {"weight": weight, "delay": 1.0})
    nest.Connect(neurons, recorder)
    return recorder


def measure(nest, model):
    """Seconds for one second of model time after a warm-up, and the rate."""
    nest.ResetKernel()
    nest.local_num_threads = 2
    recorder = build(nest, model)
    nest.Prepare()
    nest.Run(100.0)
    before, start = recorder.n_events, perf_counter()
    nest.Run(TIME)
    seconds, spikes = perf_counter() - start, recorder.n_events - before
    nest.Cleanup()
    return seconds, spikes / (EXCITATORY + INHIBITORY) / (TIME / 1000.0)


def run(nest):
    """Figures for each model."""
    figures = {}
    for model in MODELS:
        seconds, rate = measure(nest, model)
        figures[f"{model}, 4,000 neurons: simulate 1 s (s)"] = seconds
        figures[f"{model}, 4,000 neurons: rate (spikes/s)"] = rate
    return figures
