"""A network of two populations that excite and inhibit, with input from files of spikes, and several runs."""

import numpy as np


def main(sim):
    sim.setup(timestep=0.1, min_delay=0.5, max_delay=5.0, spike_precision="on_grid", rng_seed=11)
    from pyNN.random import NumpyRNG, RandomDistribution

    rng = NumpyRNG(seed=42, parallel_safe=True)
    cell = sim.IF_curr_exp(
        tau_m=20.0, cm=1.0, v_rest=-60.0, v_thresh=-50.0, v_reset=-60.0, tau_refrac=2.0, i_offset=0.3
    )
    excitatory = sim.Population(40, cell, label="excitatory")
    inhibitory = sim.Population(10, cell, label="inhibitory")
    everyone = excitatory + inhibitory
    everyone.initialize(v=RandomDistribution("uniform", (-60.0, -50.0), rng=rng))
    # PyNN takes min_delay off the times of spikes. Of what is not exact then, the reference makes the next
    # step.
    times = np.random.default_rng(5).integers(2, 580, (10, 60)) / 2
    source = sim.Population(10, sim.SpikeSourceArray())
    source.set(spike_times=[np.unique(each).tolist() for each in times])
    some = sim.FixedProbabilityConnector(0.2, rng=rng)
    synapses = sim.StaticSynapse(weight=0.25, delay=RandomDistribution("uniform", (0.6, 3.0), rng=rng))
    sim.Projection(
        source,
        everyone,
        sim.FixedProbabilityConnector(0.5, rng=rng),
        sim.StaticSynapse(weight=0.6, delay=0.5),
        receptor_type="excitatory",
    )
    sim.Projection(excitatory, everyone, some, synapses, receptor_type="excitatory")
    back = sim.Projection(
        inhibitory, everyone, some, sim.StaticSynapse(weight=-1.0, delay=1.0), receptor_type="inhibitory"
    )
    everyone.record("spikes")
    excitatory[:3].record("v", sampling_interval=0.5)
    now = []
    for _ in range(3):
        sim.run(50.0)
        now.append(sim.get_current_time())
    excitatory.set(i_offset=0.5)
    back.set(weight=-0.5)
    sim.run_until(300.0)
    data = everyone.get_data()
    counts = everyone.get_spike_counts()
    first = min(counts)
    found = {
        "spikes": [train.magnitude for train in data.segments[0].spiketrains],
        "v": excitatory[:3].get_data("v").segments[0].analogsignals[0].magnitude,
        "times": [*now, sim.get_current_time()],
        "mean": everyone.mean_spike_count(),
        "counts": [counts[each] for each in sorted(counts)],
        "first": int(first) - int(excitatory[0]),
        "i_offset": everyone.get("i_offset", gather=True),
    }
    sim.end()
    return found
