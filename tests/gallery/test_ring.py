"""The ring of networks of Brunel (2000): rates beside publication and theory, what passes on, and volleys.

Each area alone is the network of fig. 8 C: 38.0 spikes/s by the published theory, 37.7 in the published
simulation. That the ring behaves as in NEST is tested in tests/reference/test_ring.py.
"""

import json

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import analysis, cli
from nest_lab.errors import BadValue
from nest_lab.gallery.brunel import BrunelParameters
from nest_lab.gallery.ring import Ring, RingParameters, lagged_correlation, rate_ring


def found(results, name, areas=4):
    """A statistic of each area."""
    return np.array([results[f"{name}_{number + 1}"].value for number in range(areas)])


@pytest.fixture(scope="module")
def coupled():
    """Three classrooms with each coupling, 1.6 s each."""
    return {
        share: [
            Ring.preset("classroom", coupling=share, seed=seed).build().simulate(1600.0).results()
            for seed in (1, 2, 3)
        ]
        for share in (0.0, 0.1, 0.15)
    }


@pytest.mark.parametrize("coupling", [0.0, 0.05, 0.3, 1.0])
def test_in_theory_the_rate_does_not_depend_on_the_coupling(coupling):
    """It is that of the publication in each area."""
    states = RingParameters(coupling=coupling).predict_areas()
    assert [state.rate for state in states] == pytest.approx([38.0] * 4, abs=0.051)
    assert [state.rate for state in states] == pytest.approx([RingParameters().predict().rate] * 4, rel=1e-6)


@pytest.mark.slow
def test_areas_that_are_apart_have_the_published_rate():
    """37.7 spikes/s in the published simulation of 12,500 neurons; two areas, 0.9 s."""
    results = Ring.preset("apart", areas=2).build().simulate(1000.0).results()
    assert [results[name].published for name in ("rate_1", "rate_2")] == [37.7, 37.7]
    assert found(results, "rate", 2) == pytest.approx(37.7, rel=0.03)


@pytest.mark.slow
def test_rates_fall_around_the_ring_as_the_theory_says():
    """The first of three areas of the published size gets half as much again from outside."""
    results = Ring(areas=3, boost=1.5).build().simulate(400.0).results()
    predicted = [results[f"rate_{number}"].predicted for number in (1, 2, 3)]
    assert predicted == pytest.approx([61.9, 40.9, 38.3], abs=0.05)
    assert found(results, "rate", 3) == pytest.approx(predicted, rel=0.04)
    assert results["rate_1"].published is None


@pytest.mark.parametrize(
    "changes", [{}, {"boost": 1.5}, {"gain": 2.0, "boost": 0.7}, {"areas": 1}, {"g": 3.0}]
)
def test_rate_neurons_come_to_the_state_of_the_theory(changes):
    """`siegert_neuron` solves the same integral by other means."""
    p = RingParameters(coupling=0.3, **changes)
    times, rates = rate_ring(p)
    assert rates.shape == (len(times), p.areas)
    assert rates[-1] == pytest.approx([state.rate for state in p.predict_areas()], rel=1e-5)


def test_rate_neurons_leave_the_current_simulation_alone():
    network = Ring.preset("classroom").build()
    rate_ring(RingParameters())
    assert nest.current() is network.simulation
    assert nest.biological_time == 0.0


def test_rates_stay_where_fluctuations_pass_on(coupled):
    """Mean of 4 areas and 3 networks, whose standard error is about 0.1 spikes/s, within 4 %."""
    rates = [np.mean([found(one, "rate") for one in coupled[share]]) for share in (0.0, 0.1, 0.15)]
    assert rates == pytest.approx([rates[0]] * 3, rel=0.04)
    assert rates[0] == pytest.approx(18.26, rel=0.03)  # of a single area in NEST, see test_brunel.py


def test_neighbours_hang_together_as_the_coupling_grows(coupled):
    """About a third at 0.1 and half at 0.15, later by the delay and what a neuron takes to answer."""
    correlation = [[one["correlation"].value for one in coupled[share]] for share in (0.0, 0.1, 0.15)]
    assert max(correlation[0]) < 0.12
    assert 0.2 < min(correlation[1]) < max(correlation[1]) < 0.45 < min(correlation[2])
    lags = [one["lag"].value for share in (0.1, 0.15) for one in coupled[share]]
    assert all(10.0 <= lag <= 12.5 for lag in lags)
    assert coupled[0.0][0]["lag"].predicted is None
    assert coupled[0.1][0]["lag"].predicted == 10.0
    assert all(one["volleys"].value < 0.01 for some in coupled.values() for one in some)


def packets(coupling):
    """What becomes of a packet of 24 spikes at 100 ms, in the quiet ones of 24 networks: shape (n, 8)."""
    sizes = []
    for seed in range(1, 25):
        ring = Ring.preset("classroom", coupling=coupling, pulse=24, pulse_time=100.0, seed=seed)
        quiet = ring.build().simulate(98.0).results(30.0)["volleys"].value < 0.01
        if quiet:
            sizes.append(found(ring.simulate(102.0).results(50.0), "packet", 8))
    assert len(sizes) >= 20
    return np.array(sizes)


def test_a_packet_dies_below_the_border():
    """A full volley lifts neurons by 12 mV, of 20 mV to the threshold: none of 96 lived for two rounds."""
    sizes = packets(0.15)
    assert sizes[:, 0].mean() > 0.7
    assert (np.diff(sizes.mean(axis=0)[:4]) < -0.03).all()
    assert sizes[:, 4:].mean() < 0.05
    assert sizes[:, 7].max() < 0.5


def test_a_packet_may_go_around_above_the_border():
    """A full volley lifts neurons by 24 mV: of 96 packets 41 % came back large after two rounds.

    Of 20 or more, fewer than three do so with a probability of 0.3 %. The others are small then, with few
    in between.
    """
    assert Ring.preset("classroom", coupling=0.3).parameters.volley == 24.0
    sizes = packets(0.3)
    alive = sizes[:, 7] > 0.7
    assert alive.sum() >= 3
    assert sizes[alive, 4:].mean() > 0.7
    assert sizes[~alive, 7].mean() < 0.4


def test_volleys_make_the_rate():
    """Each volley comes by once in 40 ms: whole numbers of volleys are steps of 25 spikes/s."""
    network = Ring.preset("classroom", coupling=0.4, pulse=20, pulse_time=200.0).build().simulate(1200.0)
    results = network.results(400.0)
    assert results["volleys"].value > 0.9
    assert "Volleys go around" in results.notes[1]
    first = np.isin(results.senders, results.populations["area 1"])
    activity = analysis.population_rate(results.times[first], 1000, 400.0, 1200.0, bin=1.0).values
    again = lagged_correlation(activity, activity, np.arange(30, 51))
    assert 30 + np.argmax(again) in (40, 41)
    assert again.max() > 0.5
    rate = results["rate_1"].value
    volleys = rate / (1000.0 / network.parameters.round_trip)
    assert volleys == pytest.approx(round(volleys), abs=0.15)
    assert rate > 1.5 * results["rate_1"].predicted


def test_sizes_and_connections():
    """The number of inputs is the same for any coupling; inhibition stays at home, the ring closes."""
    network = Ring.preset("classroom", coupling=0.25, areas=3, order=50, epsilon=0.2).build()
    p = network.parameters
    assert (p.C_E, p.C_I, p.C_between, p.round_trip) == (40, 10, 10, 30.0)
    areas = [np.asarray(nodes.tolist()) for nodes in network.populations.values()]
    assert [len(ids) for ids in areas] == [250, 250, 250]
    for kind, indegree, delay, step in (
        ("excitatory", 30, 1.5, 0),
        ("inhibitory", 10, 1.5, 0),
        ("between", 10, 10.0, 1),
    ):
        connections = nest.GetConnections(synapse_model=kind)
        source, target = (np.array(connections.get(end)) for end in ("source", "target"))
        assert set(np.round(connections.get("delay"), 6)) == {delay}
        assert (np.bincount(target)[1:751] == indegree).all()
        area_of = np.repeat([0, 1, 2], 250)
        assert (area_of[target - 1] == (area_of[source - 1] + step) % 3).all()
        excitatory = (source - 1) % 250 < 200
        assert excitatory.all() if kind != "inhibitory" else not excitatory.any()


def test_an_uncoupled_ring_is_published_only_as_it_was():
    assert Ring.preset("apart")._reported().rate == 37.7
    assert Ring.preset("apart", g=6.0, eta=4.0)._reported().rate == 60.7
    for changes in ({"coupling": 0.1}, {"boost": 1.1}, {"pulse": 5}, {"D": 2.0}):
        assert Ring.preset("apart", **changes)._reported().rate is None


def test_parameters_change_while_it_runs():
    network = Ring.preset("classroom").build().simulate(100.0)
    for name, value in (("g", 4.5), ("eta", 0.9), ("gain", 2.0), ("boost", 1.2)):
        network.set_parameter(name, value)
    assert nest.GetDefaults("inhibitory", "weight") == -4.5
    assert nest.GetDefaults("between", "weight") == 2.0
    assert [generator.rate for generator in network.external] == pytest.approx([1080.0, *[900.0] * 3])


def test_a_strong_connection_lights_the_ring():
    """The slider of the tutorial: the same network, without and with volleys."""
    network = Ring.preset("classroom").build().simulate(300.0)
    before = network.results()["volleys"].value
    network.set_parameter("gain", 4.0)
    network.simulate(300.0).take_spikes()  # it takes a while to catch fire
    after = network.simulate(300.0).results()["volleys"].value
    assert before < 0.05
    assert after > 0.9


def test_results_depend_on_the_seed_only():
    spikes = []
    for seed, threads in ((1, 1), (1, 2), (2, 1)):
        network = Ring.preset("classroom", areas=2, pulse=10, pulse_time=50.0, seed=seed, threads=threads)
        times, senders = network.build().simulate(100.0).take_spikes()
        spikes.append(np.column_stack((times, senders))[np.lexsort((senders, times))])
    assert np.array_equal(spikes[0], spikes[1])
    assert not np.array_equal(spikes[0], spikes[2])


def test_figures_can_be_drawn():
    from matplotlib.figure import Figure

    network = Ring.preset("classroom", pulse=10, pulse_time=200.0).build().simulate(300.0)
    figures = network.results().figures
    assert len(figures) == 4
    for draw in figures.values():
        figure = Figure(layout="constrained")
        draw(figure)
        figure.draw_without_rendering()
        assert figure.axes[-1].get_xlabel()


def test_a_silent_network_has_results():
    results = Ring.preset("classroom", eta=0.0, g=8.0).build().simulate(400.0).results(300.0)
    assert (found(results, "rate") == 0.0).all()
    assert all(
        np.isnan(results[name].value) for name in ("cv_1", "modulation", "volleys", "correlation", "lag")
    )


def test_a_short_run_has_results():
    results = Ring.preset("classroom", areas=1, pulse=10).build().simulate(6.0).results()
    assert "packet_1" not in [statistic.name for statistic in results]


def test_bad_parameters():
    with pytest.raises(BadValue) as error:
        RingParameters(coupling=1.2)
    assert str(error.value) == (
        "RingParameters.coupling is out of bounds. Value: 1.2. Allowed: a number 0 … 1. coupling is the "
        "share of the excitatory inputs of a neuron that come from the area before."
    )


def test_parameters_of_an_area_are_those_of_its_network():
    assert set(BrunelParameters.names()) < set(RingParameters.names())


def test_on_the_command_line(tmp_path):
    command = [
        "run",
        "ring",
        "--classroom",
        "--coupling",
        "0.2",
        "--pulse",
        "20",
        "--time",
        "600",
        "--areas",
        "2",
    ]
    assert cli.main([*command, "--out", str(tmp_path)]) == 0
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert {"rate_1", "rate_2", "cv_1", "correlation", "lag", "volleys", "packet_4"} <= set(
        summary["statistics"]
    )
    assert "jump by 16 mV" in summary["notes"][0]
    assert summary["size"]["neurons"] == {"area 1": 1000, "area 2": 1000}
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("<svg") == 4
