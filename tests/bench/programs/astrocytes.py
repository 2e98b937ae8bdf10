"""A network of 1,000 neurons and 1,000 astrocytes for one second on two threads.

Motivation: differential equations of two kinds, spikes to both, and a continuous current back. Each pair of
neurons is connected with p = 0.1; half as many connections go from neurons to astrocytes, and back.
"""

from time import perf_counter

N, P, TIME = 1000, 0.1, 1000.0  # 1, 1, ms


def run(nest):
    """Figures of one run with Poisson drive."""
    nest.ResetKernel()
    nest.local_num_threads = 2
    neurons = nest.Create("aeif_cond_alpha_astro", N)
    astrocytes = nest.Create("astrocyte_lr_1994", N, {"delta_IP3": 0.005, "IP3_0": 0.4})
    noise = nest.Create("poisson_generator", params={"rate": 2000.0})
    recorder = nest.Create("spike_recorder")
    meter = nest.Create("multimeter", params={"record_from": ["I_SIC"], "interval": 10.0})
    pairs, half = {"rule": "pairwise_bernoulli", "p": P}, {"rule": "pairwise_bernoulli", "p": P / 2}
    nest.Connect(noise, neurons, syn_spec={"weight": 8.0, "delay": 1.0})
    nest.Connect(neurons, neurons, pairs, {"weight": 0.5, "delay": 1.0})
    nest.Connect(neurons, astrocytes, half, {"weight": 1.0, "delay": 1.0})
    nest.Connect(astrocytes, neurons, half, {"synapse_model": "sic_connection", "weight": 0.1, "delay": 1.0})
    nest.Connect(neurons, recorder)
    nest.Connect(meter, neurons[:10])
    nest.Prepare()
    start = perf_counter()
    nest.Run(TIME)
    seconds = perf_counter() - start
    nest.Cleanup()
    assert len(recorder.events["times"]) > 0
    assert max(meter.events["I_SIC"]) > 0
    return {
        "1,000 neurons and 1,000 astrocytes: simulate 1 s (s)": seconds,
        "the same: rate of the neurons (spikes/s)": len(recorder.events["times"]) / N / (TIME / 1000.0),
    }
