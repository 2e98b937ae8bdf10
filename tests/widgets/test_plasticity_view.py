"""Plastic synapses without a browser: what is followed, in which memory, and what is refused."""

import numpy as np
import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, StaleCollection, UnknownName
from nest_lab.widgets import LiveSimulation, PlasticityView
from nest_lab.widgets._course import _POINTS, LEVELS, Course
from nest_lab.widgets._synapses import synapses_of


def network(n=50, **parameters):
    """Pairs of neurons that fire at random, with a plastic synapse and a recorder of its weights."""
    simulation = nest.Simulation(seed=3)
    with simulation:
        noise = nest.Create("poisson_generator", params={"rate": 40.0})
        before, after = nest.Create("parrot_neuron", n), nest.Create("parrot_neuron", n)
        nest.Connect(noise, before + after)
        recorder = nest.Create("weight_recorder")
        nest.CopyModel("stdp_synapse", "soft", {"Wmax": 1.0, "weight_recorder": recorder, **parameters})
        spec = {"synapse_model": "soft", "weight": nest.random.uniform(0.0, 1.0), "receptor_type": 1}
        nest.Connect(before, after, "one_to_one", spec)
        synapses = nest.GetConnections(before, after)
    return simulation, synapses, recorder


def refused(kind, action):
    """Text of the error that an action raises."""
    with pytest.raises(kind) as error:
        action()
    return str(error.value)


def sent(view):
    """What the page gets."""
    frames = []
    view.send = lambda content, buffers=None: frames.append((content, buffers))
    view._hear(view, {"do": "look"}, [])
    ((content, buffers),) = frames
    return content, buffers


def test_it_follows_any_run():
    """Of `Simulate`, `run` and `start`; statistics and single synapses are those of the connections."""
    simulation, synapses, _ = network()
    view = PlasticityView(synapses, synapses=3)
    begin = np.array(synapses.get("weight"))
    with simulation:
        nest.Simulate(300.0)
    assert view.times[-1] == 300.0
    now = np.array(synapses.get("weight"))
    simulation.run(200.0)
    simulation.start(500.0)
    simulation.wait()
    end = np.array(synapses.get("weight"))
    at = view.times.tolist().index(300.0)
    assert (view.times[0], view.times[-1]) == (0.0, 1000.0)
    assert view.values.tolist() == end.tolist()
    for place, weights in ((0, begin), (at, now), (-1, end)):
        assert view.statistics["mean"][place] == pytest.approx(weights.mean(), rel=1e-12)
        levels = [view.statistics[f"{level} %"][place] for level in LEVELS]
        assert levels == np.percentile(weights, LEVELS).tolist()
        assert [line[place] for line in view.singles.values()] == [weights[0], weights[24], weights[49]]
    assert list(view.singles) == ["2 → 52", "26 → 76", "51 → 101"]
    view.close()
    simulation.run(10.0)
    assert view.times[-1] == 1000.0


def test_a_live_simulation():
    """The window grows with it, and the page gets frames."""
    simulation, synapses, _ = network()
    view = PlasticityView(synapses)
    live = LiveSimulation(simulation, speed=None)
    live.run(2000.0)
    live.wait()
    view._latest.wait()
    assert len(view.times) > 3
    assert view.window == (0.0, 2000.0)
    content, (times, values, first, last) = sent(view)
    assert times.tolist() == view.times.tolist()
    assert values.shape == (len(times), content["columns"] - 1) == (len(times), 2 + 1 + len(LEVELS) + 5)
    assert first.sum() == last.sum() == 50
    view.window = (0.0, 500.0)  # moved: it stays
    live.run(100.0)
    live.wait()
    view._latest.wait()
    assert (view.window, view._whole) == ((0.0, 500.0), (0.0, 2100.0))
    live.close()


def test_any_number_of_the_registry():
    """Of a copied model too; what was not followed begins now, and each keeps its own course."""
    simulation, synapses, _ = network()
    view = PlasticityView(synapses, ["Kplus", "weight"])
    assert view._rows[0]["now"] == 0.0
    simulation.run(100.0)
    view.quantity = "weight"
    assert (view.times[0], view.times[-1]) == (0.0, 100.0)
    view.quantity = "lambda"
    assert view.times.tolist() == [100.0]
    assert set(view.values) == {0.01}
    fields = nest.models["stdp_synapse"].parameters
    numbers = {name for name, field in fields.items() if field.type in {"float", "int"}}
    assert {each["name"] for each in view._quantities} == numbers
    assert view._quantities[0] == {"name": "weight", "unit": "", "doc": fields["weight"].doc}
    with simulation:
        neurons = nest.Create("iaf_psc_exp", 2)
        nest.Connect(neurons, neurons, syn_spec={"synapse_model": "tsodyks2_synapse", "x": 0.25})
        both = nest.GetConnections(synapse_model="tsodyks2_synapse")
    assert set(PlasticityView(both, "x").values) == {0.25}


def test_models_that_do_not_have_it_are_left_out():
    with nest.Simulation():
        a, b = nest.Create("parrot_neuron", 2), nest.Create("iaf_psc_exp", 3)
        nest.Connect(a, b, syn_spec={"synapse_model": "tsodyks2_synapse", "u": 0.125})
        nest.Connect(a, b, syn_spec={"synapse_model": "stdp_synapse"})
        view = PlasticityView(nest.GetConnections(a, b), "u")
    assert view.values.tolist() == [0.125] * 6
    assert view.image("svg").startswith(b"<?xml")


def test_a_weight_recorder_knows_what_was_before():
    """The same mean as that of the connections, once each synapse has delivered a spike."""
    simulation, synapses, recorder = network()
    simulation.run(3000.0)
    view = PlasticityView(recorder, synapses=2)
    assert len(view.times) > 100
    assert view.statistics["mean"][-1] == pytest.approx(np.mean(synapses.get("weight")), rel=1e-12)
    events = recorder.events
    for name, line in view.singles.items():
        source, target = map(int, name.split(" → "))
        ours = (events["senders"] == source) & (events["targets"] == target)
        order = np.argsort(events["times"][ours], kind="stable")
        times, weights = events["times"][ours][order], events["weights"][ours][order]
        for time, value in zip(view.times[::17], line[::17], strict=True):
            if (last := np.searchsorted(times, time + 1e-6)) > 0:
                assert value == weights[last - 1]
            else:
                assert np.isnan(value)
    simulation.run(500.0)
    assert view.times[-1] == 3500.0
    assert view.statistics["mean"][-1] == pytest.approx(np.mean(synapses.get("weight")), rel=1e-12)


def test_a_recorder_can_be_emptied():
    """Then it holds no more than came since it was read, and what is shown is the same."""
    means = []
    for keep in (True, False):
        simulation, _, recorder = network()
        view = PlasticityView(recorder, keep=keep)
        for _ in range(5):
            simulation.run(200.0)
        means.append(view.statistics["mean"][-1])
        assert (recorder.n_events > 0) == keep
    assert means[0] == means[1]


def test_memory_is_bounded():
    """However long it runs; the first point and that of now stay, and the others are even."""
    course = Course()
    for time in range(20_000):
        course.add(float(time), np.array([time, 2.0 * time]), np.array([float(time)]))
        assert len(course) <= _POINTS
    table = course.table
    assert (table[0, 0], table[-1, 0]) == (0.0, 19_999.0)
    assert table[:, 3] == pytest.approx(1.5 * table[:, 0])
    apart = np.diff(table[:, 0])
    assert len(course) > _POINTS / 2 - 2
    assert apart[:-1].max() <= 2.0 * apart[:-1].min()


def test_many_synapses():
    """Of more than `most` so many are drawn, the same each time; their mean is near that of all."""
    with nest.Simulation(seed=1) as simulation:
        a = nest.Create("parrot_neuron", 1000)
        nest.CopyModel("stdp_synapse", "many", {"Wmax": 1.0})
        spec = {"synapse_model": "many", "weight": nest.random.uniform(0.0, 1.0), "receptor_type": 1}
        nest.Connect(a, a, syn_spec=spec)
        view = PlasticityView(nest.GetConnections())
        assert len(view.values) == 10_000
        assert view.values.tolist() == PlasticityView(nest.GetConnections()).values.tolist()
    assert view.values.mean() == pytest.approx(0.5, abs=5.0 * 0.2887 / 100.0)  # five standard errors
    assert str(view).startswith("weight of 10,000 of 1,000,000 synapses, drawn at random from 0.0")
    simulation.run(1.0)


def test_many_synapses_of_a_recorder():
    """The sample is fair, and the number of all is known from it to within its error."""
    _, _, recorder = network(5)
    source = synapses_of(recorder, 500, 2, True, "")
    n = 20_000
    senders, targets = np.arange(n) % 200, np.arange(n) // 200
    events = {
        "senders": senders,
        "targets": targets,
        "receptors": np.zeros(n, int),
        "ports": np.zeros(n, int),
    }
    from nest_lab.widgets._synapses import _hashes

    keys = _hashes(events)
    assert len(np.unique(keys)) == n
    for half in (slice(0, n // 2), slice(n // 2, n), slice(0, n)):
        ends = {key: events[key][half] for key in ("senders", "targets")}
        source._take(keys[half], senders[half].astype(float), ends)
    assert len(source._values) == 500
    assert source._values.mean() == pytest.approx(99.5, abs=5.0 * 57.7 / np.sqrt(500))
    size = float(str(source).split("about ")[1].split(" ")[0].replace(",", ""))
    assert size == pytest.approx(n, rel=5.0 / np.sqrt(500))
    assert len(source.singles) == 2


def test_what_is_refused():
    """The last valid state stays."""
    with nest.Simulation():
        neuron = nest.Create("iaf_psc_exp")
        none = nest.GetConnections(neuron)
    assert "there are no synapses in this" in refused(BadType, lambda: PlasticityView(neuron))
    simulation, synapses, recorder = network()
    assert refused(BadType, lambda: PlasticityView("weights")) == (
        "PlasticityView(): there are no synapses in this. Value: 'weights' (str). Allowed: connections, or "
        "one weight_recorder. Give what GetConnections() returned."
    )
    assert refused(BadValue, lambda: PlasticityView(none)).startswith(
        "PlasticityView(): there are no synapses to look at. Value: 0 connections."
    )
    assert "Did you mean 'Kplus'?" in refused(UnknownName, lambda: PlasticityView(synapses, "Kpuls"))
    assert "must be above 0" in refused(BadValue, lambda: PlasticityView(synapses, most=0))
    assert "must be a whole number" in refused(BadType, lambda: PlasticityView(synapses, synapses=1.5))
    view = PlasticityView(synapses)
    simulation.run(10.0)
    view._latest.wait()
    shown = str(view)
    view._hear(view, {"do": "choose", "quantity": "x"}, [])
    assert view._wrong.startswith("PlasticityView.quantity: these synapses have no number of this name.")
    view._hear(view, {"do": "window", "start": 5, "stop": 1}, [])
    assert view._wrong.startswith("PlasticityView.window: a window must begin before it ends.")
    assert str(view) == shown
    recorder.record_to = "ascii"
    assert "has no events in memory" in refused(UnknownName, lambda: PlasticityView(recorder))


def test_a_reset_ends_it_and_what_is_shown_stays():
    simulation, synapses, _ = network()
    view = PlasticityView(synapses)
    simulation.run(10.0)
    view._latest.wait()
    shown = str(view)
    simulation.reset()
    simulation.run(10.0)  # is not disturbed
    gone = (
        "the synapses that are looked at are gone: their network was replaced. Value: 50 synapses. Allowed: "
        "synapses of a network that is there. Make a new view of the new network: "
        "PlasticityView(nest.GetConnections(…)). What is shown here stays."
    )
    assert view._wrong == f"PlasticityView: {gone}"
    with pytest.raises(StaleCollection) as error:
        view.update()
    assert str(error.value) == f"PlasticityView.update(): {gone}"
    view._hear(view, {"do": "choose", "quantity": "Kplus"}, [])
    assert view._wrong == f"PlasticityView: {gone}"
    view.quantity = "weight"
    assert str(view) == shown


def test_the_same_as_a_figure():
    _, synapses, _ = network()
    left, right = PlasticityView(synapses).figure().axes
    assert (left.get_xlabel(), left.get_ylabel(), right.get_xlabel()) == ("time (ms)", "weight", "synapses")
    assert [text.get_text() for text in left.get_legend().get_texts()] == [
        "90 % of the synapses",
        "50 % of the synapses",
        "mean",
    ]
