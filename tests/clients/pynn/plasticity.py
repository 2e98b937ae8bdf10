"""Synapses that change by the spikes of one end or both; weights are read in between."""

import numpy as np


def main(sim):
    sim.setup(timestep=0.1, min_delay=0.5, spike_precision="on_grid")
    random = np.random.default_rng(17)
    trains = [np.unique(random.uniform(5.0, 390.0, 40).round(1)).tolist() for _ in range(4)]
    source = sim.Population(4, sim.SpikeSourceArray())
    source.set(spike_times=trains)
    teacher = sim.Population(
        1, sim.SpikeSourceArray(spike_times=np.arange(11.0, 390.0, 19.3).round(1).tolist())
    )
    rules = {
        "additive": sim.AdditiveWeightDependence(w_min=0.0, w_max=0.02),
        "multiplicative": sim.MultiplicativeWeightDependence(w_min=0.0, w_max=0.02),
        "mixed": sim.AdditivePotentiationMultiplicativeDepression(w_min=0.0, w_max=0.02),
        "power": sim.GutigWeightDependence(w_min=0.0, w_max=0.02, mu_plus=0.3, mu_minus=0.6),
    }
    learning, targets = {}, {}
    for name, rule in rules.items():
        targets[name] = sim.Population(1, sim.IF_curr_exp(), label=name)
        sim.Projection(
            teacher, targets[name], sim.AllToAllConnector(), sim.StaticSynapse(weight=30.0, delay=0.5)
        )
        timing = sim.SpikePairRule(tau_plus=18.0, tau_minus=25.0, A_plus=0.05, A_minus=0.06)
        stdp = sim.STDPMechanism(timing_dependence=timing, weight_dependence=rule, weight=0.01, delay=1.3)
        learning[name] = sim.Projection(
            source, targets[name], sim.AllToAllConnector(), stdp, receptor_type="excitatory"
        )
        targets[name].record(["spikes", "v"])
    passing = {
        "depressing": sim.TsodyksMarkramSynapse(U=0.6, tau_rec=120.0, tau_facil=0.0, weight=0.02, delay=1.0),
        "facilitating": sim.TsodyksMarkramSynapse(
            U=0.04, tau_rec=30.0, tau_facil=400.0, weight=0.1, delay=0.7
        ),
    }
    dynamic = {}
    for name, synapse in passing.items():
        targets[name] = sim.Population(4, sim.IF_curr_exp(v_thresh=-20.0, tau_syn_E=4.0))
        dynamic[name] = sim.Projection(
            source, targets[name], sim.OneToOneConnector(), synapse, receptor_type="excitatory"
        )
        targets[name].record("v")
    found = {}
    for end in (100.0, 250.0, 400.0):
        sim.run_until(end)
        for name, projection in learning.items():
            found[f"{name} until {end:g}"] = projection.get("weight", format="list", with_address=False)
    for name, projection in dynamic.items():
        found[f"{name}.parameters"] = sorted(
            projection.get(["U", "tau_rec", "tau_facil", "weight"], format="list")
        )
    for name, cells in targets.items():
        segment = cells.get_data().segments[0]
        found[f"{name}.v"] = segment.analogsignals[0].magnitude
        found[f"{name}.spikes"] = [train.magnitude for train in segment.spiketrains]
    sim.end()
    return found
