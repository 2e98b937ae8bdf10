"""Spikes between grid points, with delays and input that are on the grid."""


def main(sim):
    sim.setup(timestep=1.0, min_delay=1.0, spike_precision="off_grid")
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.25, 12.125, 13.0, 30.5]))
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=[0.0, 0.8, 1.1], tau_refrac=2.0))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.5, delay=2.0))
    cells.record(["spikes", "v"])
    source.record("spikes")
    sim.run(100.0)
    segment = cells.get_data().segments[0]
    found = {
        "spikes": [train.magnitude for train in segment.spiketrains],
        "v": segment.analogsignals[0].magnitude,
        "sent": [train.magnitude for train in source.get_data().segments[0].spiketrains],
    }
    sim.end()
    return found
