"""Sources of current, injected into single cells and populations, changed between runs."""


def main(sim):
    sim.setup(timestep=0.1, min_delay=0.1, spike_precision="on_grid")
    cells = sim.Population(5, sim.IF_curr_exp(v_thresh=-45.0, tau_refrac=5.0), label="cells")
    steps = sim.StepCurrentSource(times=[10.0, 30.0, 60.0, 75.0], amplitudes=[0.4, 0.9, -0.2, 1.1])
    constant = sim.DCSource(amplitude=0.8, start=20.0, stop=80.0)
    wave = sim.ACSource(start=15.0, stop=95.0, amplitude=0.5, offset=0.5, frequency=20.0, phase=90.0)
    steps.inject_into(cells[0:1])
    constant.inject_into([cells[1]])
    cells[2].inject(wave)
    constant.inject_into(cells[3:5])
    wave.inject_into(cells[4:5])
    for each in (steps, constant, wave):
        each.record()
    cells.record(["v", "spikes"])
    sim.run(60.0)
    constant.amplitude = 1.2
    sim.run(40.0)
    segment = cells.get_data().segments[0]
    found = {
        "v": segment.filter(name="v")[0].magnitude,
        "spikes": [train.magnitude for train in segment.spiketrains],
    }
    for name, each in (("steps", steps), ("constant", constant), ("wave", wave)):
        data = each.get_data()
        found[f"{name}.times"], found[f"{name}.current"] = data.times.magnitude, data.magnitude
    sim.end()
    return found
