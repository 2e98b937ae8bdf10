"""A network of 1,000 neurons and 1,000 astrocytes for one second on two threads.

Motivation: differential equations of two kinds, spikes to both, and a continuous current back. Each pair of
neurons is connected with p = 0.1, and every other connection brings in an astrocyte out of a pool of 10.
"""

from time import perf_counter

N, P, TIME = 1000, 0.1, 1000.0  # 1, 1, ms


def run(nest):
    """Figures of one run with Poisson drive."""
    nest.ResetKernel()
    nest.local_num_threads = 2
    neurons = nest.Create("aeif_cond_alpha_astro", N)
    astrocytes = nest.Create("astrocyte_lr_1994", N, {"IP3": 1.0, "IP3_0": 0.6})
    noise = nest.Create("poisson_generator", params={"rate": 2000.0})
    recorder = nest.Create("spike_recorder")
    meter = nest.Create("multimeter", params={"record_from": ["I_SIC"], "interval": 10.0})
    nest.Connect(noise, neurons, syn_spec={"weight": 12.0, "delay": 1.0})
    nest.TripartiteConnect(
        neurons,
        neurons,
        astrocytes,
        {"rule": "pairwise_bernoulli", "p": P},
        {"rule": "third_factor_bernoulli_with_pool", "p": 0.5, "pool_size": 10, "pool_type": "random"},
        {
            "primary": {"weight": 0.5, "delay": 1.0},
            "third_in": {"weight": 1.0, "delay": 1.0},
            "third_out": {"synapse_model": "sic_connection", "weight": 0.1, "delay": 1.0},
        },
    )
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
