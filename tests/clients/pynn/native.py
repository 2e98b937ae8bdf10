"""Models by the names that the simulator has for them, and the functions for single cells."""


def main(sim):
    sim.setup(timestep=0.1, min_delay=0.5, spike_precision="on_grid")
    cell = sim.native_cell_type("iaf_psc_exp_multisynapse")(tau_syn=[1.0, 5.0, 20.0], I_e=200.0)
    cells = sim.Population(2, cell)
    source = sim.create(sim.SpikeSourceArray(spike_times=[3.0, 9.0]), n=2)
    other = sim.create(sim.native_cell_type("iaf_psc_alpha")(C_m=200.0, I_e=300.0), n=3)
    synapse = sim.native_synapse_type("stdp_triplet_synapse")(weight=80.0, delay=1.5, tau_plus=15.0)
    triplets = sim.Projection(source, other, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    current = sim.native_electrode_type("dc_generator")(amplitude=50.0, start=20.0)
    current.inject_into(other)
    other.record(["spikes", "V_m"])
    cells.record("V_m")
    sim.run(80.0)
    segment = other.get_data().segments[0]
    found = {
        "spikes": [train.magnitude for train in segment.spiketrains],
        "V_m": segment.analogsignals[0].magnitude,
        "cells": cells.get_data().segments[0].analogsignals[0].magnitude,
        "weights": triplets.get("weight", format="list", with_address=False),
        "tau_syn": [list(map(float, each)) for each in [cells[0].tau_syn]],
        "C_m": other.get("C_m"),
    }
    sim.end()
    return found
