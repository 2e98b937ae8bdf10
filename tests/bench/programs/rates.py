"""A network of 1,000 rate neurons with 100 delayed inputs each, for one second on two threads.

Motivation: continuous coupling costs every connection in every step, unlike spikes. So this is bound by reading
100,000 values of other neurons in each of 10,000 steps.
"""

from time import perf_counter

N, INDEGREE, TIME = 1000, 100, 1000.0  # ms


def run(nest):
    """Figures of one run with noise, and with delays from 0.5 to 5 ms."""
    nest.ResetKernel()
    nest.local_num_threads = 2
    neurons = nest.Create("tanh_rate_opn", N, {"sigma": 0.1, "g": 1.0})
    nest.Connect(
        neurons,
        neurons,
        {"rule": "fixed_indegree", "indegree": INDEGREE},
        {
            "synapse_model": "rate_connection_delayed",
            "weight": nest.random.normal(0.0, 0.15),
            "delay": nest.random.uniform(0.5, 5.0),
        },
    )
    meter = nest.Create("multimeter", params={"record_from": ["rate"], "interval": 10.0})
    nest.Connect(meter, neurons[:10])
    nest.Prepare()
    start = perf_counter()
    nest.Run(TIME)
    seconds = perf_counter() - start
    nest.Cleanup()
    assert abs(meter.events["rate"]).max() > 0.1
    return {"1,000 tanh_rate_opn, 100 delayed inputs each: simulate 1 s (s)": seconds}
