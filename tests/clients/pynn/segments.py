"""Reset in the middle, records of each part, files of data, and parameters changed in between."""

import os
import tempfile


def main(sim):
    from neo.io import PickleIO

    sim.setup(timestep=0.1, min_delay=0.1, spike_precision="on_grid", t_flush=200.0)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0, 15.0, 25.0]))
    cells = sim.Population(2, sim.IF_cond_alpha(tau_m=10.0, i_offset=0.2), initial_values={"v": -63.0})
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.02, delay=2.0))
    cells.record(["v", "gsyn_exc", "spikes"])
    source.record("spikes")
    for offset in (0.2, 0.6):
        cells.set(i_offset=offset)
        sim.run(50.0)
        sim.reset(annotations={"offset": offset})
    source.set(spike_times=[3.0, 33.0])
    sim.run(40.0)
    file = os.path.join(tempfile.mkdtemp(), "data.pkl")
    cells.write_data(PickleIO(filename=file), annotations={"made": "here"})
    block = PickleIO(filename=file).read()[0]
    found = {"offsets": [segment.annotations.get("offset", -1.0) for segment in block.segments]}
    for i, segment in enumerate(block.segments):
        found[f"{i}.spikes"] = [train.magnitude for train in segment.spiketrains]
        for signal in segment.analogsignals:
            found[f"{i}.{signal.name}"] = signal.magnitude
    found["sent"] = [[t.magnitude for t in s.spiketrains] for s in source.get_data().segments]
    sim.end()
    return found


OF_RANGE = ("v", "gsyn_exc")
