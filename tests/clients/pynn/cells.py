"""Cells of every type that a current drives, with spikes and all that can be recorded of them."""

CELLS = {
    "IF_curr_exp": {"i_offset": 0.6, "tau_refrac": 2.0, "v_thresh": -51.0},
    "IF_curr_alpha": {"i_offset": 0.6, "tau_m": 15.0},
    "IF_curr_delta": {"i_offset": 0.8},
    "IF_cond_exp": {"i_offset": 0.6, "tau_syn_E": 4.0},
    "IF_cond_alpha": {"i_offset": 0.6, "tau_syn_E": 4.0},
    "EIF_cond_exp_isfa_ista": {"i_offset": 0.9},
    "EIF_cond_alpha_isfa_ista": {"i_offset": 0.9},
    "HH_cond_exp": {"i_offset": 0.5},
    "Izhikevich": {"i_offset": 0.014, "a": 0.02, "b": 0.2, "c": -65.0, "d": 6.0},
}
OF_RANGE = ("IF_cond", "EIF", "HH")  # solved step by step


def main(sim):
    sim.setup(timestep=0.1, min_delay=0.5, spike_precision="on_grid")
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[10.0, 12.5, 40.0, 40.1]))
    populations = {}
    for name, parameters in CELLS.items():
        cells = sim.Population(3, getattr(sim, name)(**parameters), label=name)
        if "d" not in parameters:
            cells.set(i_offset=[0.0, parameters["i_offset"], 1.5 * parameters["i_offset"]])
        conductance = cells.conductance_based
        weight = 0.004 if conductance else 0.3
        weight = 0.5 if name in ("IF_curr_delta", "Izhikevich") else weight
        sim.Projection(
            source,
            cells,
            sim.OneToOneConnector(),
            sim.StaticSynapse(weight=weight, delay=1.5),
            receptor_type="excitatory",
        )
        cells.record(
            ["spikes"] if name == "IF_curr_delta" else cells.celltype.recordable
        )  # it knows no other name
        populations[name] = cells
    sim.run(100.0)
    found = {}
    for name, cells in populations.items():
        segment = cells.get_data().segments[0]
        found[f"{name}.spikes"] = [train.magnitude for train in segment.spiketrains]
        for signal in segment.analogsignals:
            found[f"{name}.{signal.name}"] = signal.magnitude
        found[f"{name}.parameters"] = sorted(cells.get(list(parameters_of(cells)), simplify=True))
    sim.end()
    return found


def parameters_of(cells):
    return [name for name in cells.celltype.default_parameters if name != "i_offset"]
