"""Programs as they are written after tutorials: the same prints and arrays on the reference and on ours."""

# ruff: noqa: E501  (programs are written as their authors would)

from __future__ import annotations

import textwrap
from typing import Any

import pytest

import nest_lab
from nest_lab.testing import reference
from tests.api.side_by_side import Refusal, outcome

PROGRAMS = {
    # A curve of rates over currents: one network for all currents, trains taken apart by sender.
    "rates over currents": """
        nest.ResetKernel()
        nest.set(resolution=0.5, print_time=False, local_num_threads=1)
        currents = np.linspace(300.0, 700.0, 9)
        cells = nest.Create("iaf_psc_exp", len(currents))
        for cell, current in zip(cells, currents):
            cell.I_e = current
        spikes = nest.Create("spike_recorder", params={"start": 100.0, "stop": 600.0, "label": "rates"})
        nest.Connect(cells, spikes)
        nest.Simulate(650.0)
        events = nest.GetStatus(spikes, "events")[0]
        counts = np.bincount(np.searchsorted(cells.tolist(), events["senders"]), minlength=len(cells))
        for current, count in zip(currents, counts):
            print(f"{current:6.1f} pA {count / 0.5:6.2f} spikes/s")
        trains = {int(node): events["times"][events["senders"] == node].tolist() for node in np.unique(events["senders"])}
        result = counts.tolist(), trains, spikes.get(["label", "start", "stop", "n_events"])
    """,
    # Connections taken out as arrays and a table, changed, stored and made again in a new network.
    "a network stored and made again": """
        import pickle
        def build(table=None):
            nest.ResetKernel()
            cells = nest.Create("iaf_psc_alpha", 5, params=[{"I_e": 370.0 + 10.0 * i} for i in range(5)])
            if table is None:
                nest.Connect(cells, cells, {"rule": "all_to_all", "allow_autapses": False},
                             {"weight": np.arange(25.0).reshape(5, 5), "delay": 1.5})
            else:
                columns = {name: np.array(table[name]) for name in ("weight", "delay")}
                nest.Connect(table["source"], table["target"], "one_to_one",
                             dict(columns, synapse_model="static_synapse"))
            return cells
        build()
        synapses = nest.GetConnections()
        synapses.set(weight=[2.0 * w for w in synapses.weight])
        stored = pickle.dumps(synapses.get(["source", "target", "weight", "delay"]))
        rows = nest.GetStatus(synapses, ("source", "target", "weight"))
        cells = build(pickle.loads(stored))
        meter = nest.Create("voltmeter", params={"interval": 2.0, "start": 4.0})
        nest.Connect(meter, cells)
        nest.Simulate(60.0)
        again = nest.GetStatus(nest.GetConnections(cells, cells), ("source", "target", "weight"))
        print(len(again), sorted(rows) == sorted(again))
        matrix = np.zeros((5, 5))
        for source, target, weight in again:
            matrix[target - 1, source - 1] += weight
        result = matrix, meter.get("events", ["senders", "V_m"]), nest.GetConnections(cells[:2], cells[3:]).get("weight")
    """,
    # A protocol in pieces: what is changed between runs, by three ways of setting; recorders emptied.
    "a protocol in pieces": """
        nest.ResetKernel()
        nest.SetKernelStatus({"resolution": 0.1, "rng_seed": 7})
        cell = nest.Create("iaf_psc_alpha", params={"I_e": 0.0})
        drive = nest.Create("dc_generator", params=dict(amplitude=0.0))
        meter = nest.Create("multimeter", 1, {"record_from": ["V_m", "I_syn_ex"], "interval": 0.5})
        spikes = nest.Create("spike_recorder")
        pulse = nest.Create("spike_generator", params={"spike_times": np.arange(5.0, 100.0, 20.0), "spike_weights": [300.0] * 5})
        nest.Connect(drive, cell); nest.Connect(meter, cell, "one_to_one"); nest.Connect(cell, spikes)
        nest.Connect(pulse, cell, syn_spec={"weight": 2.0, "delay": 0.7})
        seen = []
        with nest.RunManager():
            for step, amplitude in enumerate([0.0, 200.0, 400.0, 0.0]):
                nest.SetStatus(drive, {"amplitude": amplitude})
                cell.set({"E_L": -70.0 + step}) if step % 2 else setattr(cell, "E_L", -70.0)
                nest.Run(25.0)
                seen.append((nest.biological_time, meter.n_events, spikes.n_events))
        print(*seen, sep="\\n")
        traces = meter.events["V_m"].copy(), meter.events["I_syn_ex"].copy()
        meter.n_events = 0
        nest.Simulate(10.0)
        result = seen, traces, meter.events["times"], spikes.events
    """,
    # Models of one's own by CopyModel and SetDefaults, plastic synapses looked up by their name, pandas tables.
    "plasticity by names of one's own": """
        nest.ResetKernel()
        nest.CopyModel("iaf_psc_exp", "excitatory", {"tau_m": 15.0, "tau_minus": 25.0})
        nest.CopyModel("stdp_synapse", "plastic", {"lambda": 0.05, "Wmax": 300.0, "weight": 120.0})
        nest.SetDefaults("plastic", {"alpha": 1.1, "delay": 1.0})
        pre, post = nest.Create("parrot_neuron", 3), nest.Create("excitatory", 2)
        for k, node in enumerate(pre):
            times = [float(t) for t in range(3 + 2 * k, 200, 13 + k)]
            nest.Connect(nest.Create("spike_generator", params={"spike_times": times}), node)
        nest.Connect(pre, post, "all_to_all", "plastic")
        post.I_e = [300.0, 380.0]
        course = []
        for _ in range(5):
            nest.Simulate(40.0)
            course.append(nest.GetConnections(pre, post, "plastic").weight)
        table = nest.GetConnections(synapse_model="plastic").get(["source", "target", "weight"], output="pandas")
        print(table.groupby("target")["weight"].mean().round(6).to_dict())
        result = np.array(course), table, nest.GetDefaults("plastic", ["lambda", "alpha", "Wmax"]), [n.model for n in pre + post]
    """,
    # Positions, a mask and a kernel of distance without chance; recorders of a part of a layer.
    "a layer in space": """
        nest.ResetKernel()
        grid = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid(shape=[5, 4], extent=[5.0, 4.0], edge_wrap=True))
        nest.Connect(grid, grid,
                     {"rule": "pairwise_bernoulli", "p": 1.0, "mask": {"circular": {"radius": 1.1}}, "allow_autapses": False},
                     {"weight": 10.0 * nest.spatial_distributions.exponential(nest.spatial.distance, beta=2.0),
                      "delay": 1.0 + 0.5 * nest.spatial.distance})
        middle = nest.FindCenterElement(grid)
        near = nest.SelectNodesByMask(grid, [0.0, 0.0], nest.CreateMask("rectangular", {"lower_left": [-1.0, -1.0], "upper_right": [1.0, 1.0]}))
        out = nest.GetConnections(middle)
        pairs = sorted(zip(out.target, out.weight, out.delay)), nest.Distance(middle, grid[:4]), nest.Displacement(grid[:4], middle)
        print(middle.tolist(), near.tolist(), len(nest.GetConnections()))
        near.I_e = 500.0
        spikes = nest.Create("spike_recorder")
        nest.Connect(near, spikes)
        nest.Simulate(100.0)
        trains = sorted(zip(spikes.events["times"].tolist(), spikes.events["senders"].tolist()))
        result = pairs, trains, nest.GetPosition(grid[:3]), sorted(nest.GetTargetNodes(middle, grid)[0].tolist())
    """,
}


def assert_alike(mine: Any, theirs: Any) -> None:
    """The same values and types; numbers to 1e-9."""
    if isinstance(theirs, dict):
        assert list(mine) == list(theirs)
        mine, theirs = list(mine.values()), list(theirs.values())
    if isinstance(theirs, (list, tuple)):
        assert len(mine) == len(theirs)
        for one, other in zip(mine, theirs, strict=True):
            assert_alike(one, other)
    else:
        assert mine == (pytest.approx(theirs, rel=1e-9) if isinstance(theirs, float) else theirs)


@pytest.fixture(scope="module")
def nest():
    simulator = reference()
    simulator.verbosity = simulator.VerbosityLevel.FATAL
    return simulator


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("name", PROGRAMS)
def test_same_prints_and_arrays(nest, name, capfd):
    program = textwrap.dedent(PROGRAMS[name]) + "result"
    theirs, printed = outcome(nest, program), capfd.readouterr().out
    ours = outcome(nest_lab, program)
    assert not isinstance(theirs, Refusal), theirs
    assert not isinstance(ours, Refusal), ours
    assert_alike(ours, theirs)
    assert capfd.readouterr().out == printed
    assert printed
