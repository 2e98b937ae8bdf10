"""What the simulators draw themselves: each has its own random numbers, so only distributions can agree."""

import numpy as np


def main(sim):
    sim.setup(timestep=0.1, min_delay=0.1, spike_precision="on_grid", rng_seed=7)
    from pyNN.random import RandomDistribution

    native = sim.NativeRNG(seed=3)
    a = sim.Population(100, sim.IF_curr_exp())
    b = sim.Population(100, sim.IF_curr_exp(v_thresh=1e3))
    weights = RandomDistribution("normal", mu=0.02, sigma=0.004, rng=native)
    drawn = sim.Projection(
        a, b, sim.FixedProbabilityConnector(0.3, rng=native), sim.StaticSynapse(weight=weights, delay=0.5)
    )
    everywhere = sim.Projection(
        a,
        b,
        sim.AllToAllConnector(),
        sim.StaticSynapse(weight=RandomDistribution("uniform", low=0.0, high=0.01, rng=native), delay=0.5),
    )
    poisson = sim.Population(200, sim.SpikeSourcePoisson(rate=50.0, start=100.0, duration=800.0))
    poisson.record("spikes")
    noise = sim.NoisyCurrentSource(mean=0.2, stdev=0.3, start=0.0, stop=1000.0, dt=1.0)
    noise.inject_into(b)
    quantal = sim.Population(100, sim.IF_curr_exp(v_thresh=1e3))
    regular = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(100.0, 1000.0, 100.0).tolist()))
    sim.Projection(
        regular,
        quantal,
        sim.AllToAllConnector(),
        sim.MultiQuantalSynapse(U=0.4, n=5, tau_rec=200.0, tau_facil=0.0, weight=0.2, delay=1.0),
    )
    b.record("v")
    quantal.record("v")
    sim.run(1000.0)
    trains = [train.magnitude for train in poisson.get_data().segments[0].spiketrains]
    found = {
        "number drawn": len(drawn),
        "number of all": len(everywhere),
        "weights drawn": drawn.get("weight", format="list", with_address=False),
        "weights of all": everywhere.get("weight", format="list", with_address=False),
        "counts": [len(train) for train in trains],
        "first and last": [min(t.min() for t in trains), max(t.max() for t in trains)],
        "intervals": np.concatenate([np.diff(t) for t in trains]),
        "v": b.get_data().segments[0].analogsignals[0].magnitude[2000::500],
        "quantal": quantal.get_data().segments[0].analogsignals[0].magnitude[1000:],
    }
    sim.end()
    return found
