"""Spikes arrive after the delay of each synapse, whatever the delays of their sources' other synapses are."""

import numpy as np
import pytest

import nest_lab as nest

SHORT = [1, 2, 15, 16, 17, 18, 31, 32, 33, 34, 50, 64, 65, 100]
DELAYS = [*SHORT, 499, 500, 511, 512, 513, 514, 1000, 1023, 1024, 1025, 1026, 1600]  # steps
SPIKES = [1.0, 1.1, 1.4, 2.0, 3.6, 60.0, 60.1, 130.0]  # ms
WEIGHTS = {
    "equal": lambda n: 1e3,
    "of 32 bits": lambda n: 1e3 + np.arange(n),
    "of 64 bits": lambda n: 1e3 + np.arange(n) / 3,
}


def times_of_arrival(pieces, reached, weights):
    """Make two sources; the first reaches a target after each delay, the second where it is even."""
    nest.ResetKernel()
    generators = nest.Create("spike_generator", 2, params=[{"spike_times": SPIKES}, {"spike_times": [4.0]}])
    sources = nest.Create("parrot_neuron", 2)
    nest.Connect(generators, sources, "one_to_one", {"delay": 0.1})
    params = {} if reached == "parrot_neuron" else {"t_ref": 0.0, "tau_m": 1e-3}
    targets = nest.Create(reached, len(DELAYS), params=params)
    delays = np.array(DELAYS) * 0.1
    reach = np.flatnonzero(np.array(DELAYS) % 2 == 0)
    for source, to in ((0, np.arange(len(DELAYS))), (1, reach)):
        n = len(to)
        nest.Connect(
            np.full(n, sources.tolist()[source]),
            np.array(targets.tolist())[to],
            "one_to_one",
            {"weight": np.broadcast_to(WEIGHTS[weights](n), n), "delay": delays[to]},
        )
    recorder = nest.Create("spike_recorder")
    nest.Connect(targets, recorder)
    for piece in pieces:
        nest.Simulate(piece)
    events = recorder.events
    found = sorted(
        zip(events["senders"].tolist(), np.rint(events["times"] * 10).astype(int).tolist(), strict=True)
    )
    due = [(t, s, k) for k, t in enumerate(targets.tolist()) for s in SPIKES]
    due += [(targets.tolist()[k], 4.0, k) for k in reach]
    return found, sorted((t, round(s * 10) + 1 + DELAYS[k]) for t, s, k in due)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("reached", ["parrot_neuron", "iaf_psc_delta"])
@pytest.mark.parametrize("pieces", [[300.0], [3.9, 0.1, 60.0, 236.0]], ids=["at once", "in pieces"])
def test_after_each_delay(pieces, reached, weights):
    found, expected = times_of_arrival(pieces, reached, weights)
    assert found == expected


def test_of_many_spikes_of_one_step():
    """A burst large enough to be given back: 5,000 sources that spike at once, twice."""
    nest.ResetKernel()
    generator = nest.Create("spike_generator", params={"spike_times": [1.0, 9.0]})
    sources = nest.Create("parrot_neuron", 5000)
    target = nest.Create(
        "iaf_psc_delta", params={"E_L": 0.0, "V_m": 0.0, "V_th": 1e9, "tau_m": 1e12, "C_m": 1e9}
    )
    nest.Connect(generator, sources, syn_spec={"delay": 0.1})
    steps = np.arange(5000) % 40 + 1
    nest.Connect(
        sources, target, "all_to_all", {"weight": np.ones((1, 5000)), "delay": steps[np.newaxis] * 0.1}
    )
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": 0.1})
    nest.Connect(meter, target)
    nest.Simulate(20.0)
    jumps = np.diff(meter.events["V_m"], prepend=0.0)
    arrived = np.rint(meter.events["times"][jumps > 0.5] * 10).astype(int)
    assert arrived.tolist() == [*range(12, 52), *range(92, 132)]
    np.testing.assert_allclose(jumps[jumps > 0.5], 125, atol=1e-6)


def test_sums_do_not_depend_on_threads_or_on_pieces():
    """For 1,100 targets, 2,000 steps; sums of weights of 53 bits depend on their order."""
    weights = np.random.default_rng(1).normal(0.0, 1.0, (1100, 200))

    def run(threads, pieces):
        nest.ResetKernel()
        nest.local_num_threads = threads
        trains = nest.Create("poisson_generator", params={"rate": 1000.0})
        sources = nest.Create("parrot_neuron", 200)
        nest.Connect(trains, sources)
        targets = nest.Create("iaf_psc_delta", 1100, params={"V_th": 1e9})
        nest.Connect(
            sources,
            targets,
            "all_to_all",
            {"weight": weights, "delay": nest.random.uniform(40.0, 60.0)},
        )
        meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": 0.1})
        nest.Connect(meter, targets[::50])
        for piece in pieces:
            nest.Simulate(piece)
        by_target = np.lexsort((meter.events["times"], meter.events["senders"]))
        return meter.events["V_m"][by_target]

    once = run(1, [200.0])
    assert len(np.unique(once)) > 10_000
    np.testing.assert_array_equal(run(2, [200.0]), once)
    np.testing.assert_array_equal(run(2, [0.1, 51.1, 51.2, 0.7, 96.9]), once)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("rule", "shape"),
    [
        ({"rule": "fixed_indegree", "indegree": 12}, (700, 12)),
        ({"rule": "fixed_outdegree", "outdegree": 12}, (700, 12)),
        ("all_to_all", (700, 700)),
    ],
    ids=["fixed_indegree", "fixed_outdegree", "all_to_all"],
)
def test_what_belongs_to_a_synapse_goes_with_its_delay(rule, shape, threads):
    """Weights and parameters that are functions of the delay still are after rows were sorted by delay."""
    nest.ResetKernel()
    nest.local_num_threads = threads
    steps = np.random.default_rng(5).integers(1, 400, shape)
    nodes = nest.Create("iaf_psc_exp", 700)
    syn = {"delay": steps * 0.1, "weight": steps / 3.0, "alpha": 1.0 + steps / 1000.0}
    nest.Connect(nodes, nodes, rule, {"synapse_model": "stdp_synapse"} | syn)
    found = nest.GetConnections().get(["delay", "weight", "alpha"])
    arrived = np.rint(np.asarray(found["delay"]) * 10)
    assert sorted(arrived) == sorted(steps.ravel())
    np.testing.assert_array_equal(found["weight"], arrived / 3.0)
    np.testing.assert_array_equal(found["alpha"], 1.0 + arrived / 1000.0)
