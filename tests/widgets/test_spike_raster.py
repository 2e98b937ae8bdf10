"""The raster of a whole run without a browser: what it takes, what it sends, and what it refuses."""

import numpy as np
import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, StaleCollection, UnknownName
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import SpikeRaster


def refused(kind, action):
    """Text of the error that an action raises."""
    with pytest.raises(kind) as error:
        action()
    return str(error.value)


def sent(raster):
    """What the page gets: times in ms and rows."""
    frames = []
    raster.send = lambda content, buffers=None: frames.append((content, buffers))
    raster._hear(raster, {"do": "look"}, [])
    ((content, (times, rows)),) = frames
    return content["origin"] + times * content["unit"], rows


@pytest.fixture
def recorded():
    """Two populations, one of which is silent, and their recorder."""
    with nest.Simulation() as simulation:
        active = nest.Create("iaf_psc_alpha", 3, {"I_e": [400.0, 500.0, 600.0]})
        silent = nest.Create("iaf_psc_exp", 2)
        recorder = nest.Create("spike_recorder")
        nest.Connect(active, recorder)
        nest.Connect(silent, recorder)
    simulation.run(200.0)
    return simulation, active, silent, recorder


def test_a_recorder(recorded):
    """Populations by model, silent neurons too, whichever simulation is the current one."""
    simulation, active, _, recorder = recorded
    raster = SpikeRaster(recorder)
    assert raster._populations == [
        {"name": "iaf_psc_alpha", "size": 3, "shown": 3},
        {"name": "iaf_psc_exp", "size": 2, "shown": 2},
    ]
    assert raster.window == (0.0, 200.0)
    times, rows = sent(raster)
    events = recorder.events
    order = np.argsort(events["times"], kind="stable")
    assert times == pytest.approx(events["times"][order], abs=1e-6)
    assert [active.tolist()[row] for row in rows] == events["senders"][order].tolist()
    assert raster.rates["iaf_psc_alpha"] == pytest.approx(len(times) / 3 / 0.2)
    assert raster.rates["iaf_psc_exp"] == 0.0
    then = len(times)
    simulation.run(100.0)
    raster.update()
    assert raster.window == (0.0, 300.0)
    assert len(sent(raster)[0]) > then


def test_times_in_steps(recorded):
    """A recorder that counts in steps shows the same."""
    simulation, active, _, recorder = recorded
    with simulation:
        steps = nest.Create("spike_recorder", params={"time_in_steps": True})
        nest.Connect(active, steps)
    simulation.run(100.0)
    ours = SpikeRaster(steps, populations={"a": active})
    ours.window = (200.0, 300.0)
    theirs = SpikeRaster(recorder, populations={"a": active})
    theirs.window = (200.0, 300.0)
    assert ours.rates == theirs.rates
    assert ours.rates["a"] > 0.0


def test_a_network_of_the_gallery_and_its_results():
    with nest.Simulation():
        network = Brunel.preset("classroom").build().simulate(300.0)
        raster, results = SpikeRaster(network), SpikeRaster(network.results())
    assert list(raster.rates) == list(results.rates) == ["excitatory", "inhibitory"]
    assert results.window == (100.0, 300.0)
    raster.window = results.window
    assert raster.rates == results.rates


def test_a_spike_at_the_edge_belongs_to_the_earlier_window():
    raster = SpikeRaster([1.0, 2.0, 3.0], [1, 1, 1])
    raster.window = (1.0, 2.0)
    assert raster._counts == [1]


def test_a_million_spikes_are_quick_to_send():
    """Six bytes each: four of time, which no zoom resolves, and two of the row."""
    random = np.random.default_rng(1)
    times, senders = random.uniform(0.0, 1e6, 10**6), random.integers(1, 1001, 10**6)
    raster = SpikeRaster(times, senders)
    back, rows = sent(raster)
    assert np.abs(back - np.sort(times)).max() < 1e-3
    assert rows.dtype == np.uint16


def test_no_spikes():
    raster = SpikeRaster([], [], {"silent": [1, 2]})
    assert str(raster) == (
        "Spikes from 0.0 to 1.0 ms (of 0.0 to 1.0 ms)\n  silent: 2 neurons, 0 spikes, 0.0 spikes/s"
    )
    assert len(sent(raster)[0]) == 0
    assert raster.image("png").startswith(b"\x89PNG")


def test_what_is_refused(recorded):
    simulation, active, _, recorder = recorded
    assert refused(BadType, lambda: SpikeRaster(3)) == (
        "SpikeRaster(): there are no spikes in this. Value: 3 (int). Allowed: a spike_recorder, "
        "a network of the gallery or its results, events, or times and senders. "
        "Give what Create('spike_recorder') returned."
    )
    assert "only a spike recorder has spikes. Value: iaf_psc_alpha (node 1)" in refused(
        BadType, lambda: SpikeRaster(active)
    )
    with simulation:
        meter = nest.Create("voltmeter")
    assert "Value: voltmeter" in refused(BadType, lambda: SpikeRaster(meter))
    assert "shapes (1,) and (2,)" in refused(BadValue, lambda: SpikeRaster([1.0], [1, 2]))
    assert "one finite number per spike" in refused(BadValue, lambda: SpikeRaster([float("nan")], [1]))
    assert "times and senders must be numbers" in refused(BadType, lambda: SpikeRaster(["soon"], [1]))
    assert "Value: neuron 2." in refused(BadValue, lambda: SpikeRaster([1.0], [1], {"a": [1, 2], "b": [2]}))
    raster = SpikeRaster(recorder)
    shown = str(raster)
    simulation.reset()
    assert "was replaced by ResetKernel()" in refused(StaleCollection, raster.update)
    assert str(raster) == shown


def test_a_window_that_is_none_is_refused_and_the_last_one_stays():
    """Beside the fields in the browser, as an error in a program."""
    raster = SpikeRaster([1.0, 9.0], [1, 2])
    raster.window = (2.0, 5.0)
    for start, stop in ((5.0, 2.0), (1.0, 1.0), ("", 4), (0.0, float("inf")), (None, None)):
        raster._hear(raster, {"do": "window", "start": start, "stop": stop}, [])
        assert raster._wrong.startswith("SpikeRaster.window: a window must ")
        assert raster.window == (2.0, 5.0)
    assert refused(BadValue, lambda: setattr(raster, "window", (5.0, 2.0))) == (
        "SpikeRaster.window: a window must begin before it ends. Value: 5 … 2 ms. "
        "Allowed: two finite times, the earlier first. "
        "Give the time at which it begins and that at which it ends."
    )
    raster._hear(raster, {"do": "window", "start": 1.0, "stop": 3.0}, [])
    assert (raster.window, raster._wrong) == ((1.0, 3.0), "")


def test_the_same_view_as_a_figure_and_as_files(recorded, tmp_path):
    raster = SpikeRaster(recorded[3])
    raster.window = (50.0, 150.0)
    above, below = raster.figure().axes
    assert above.get_ylabel() == "5 neurons"
    assert [label.get_text() for label in above.get_yticklabels()] == ["iaf_psc_alpha", "iaf_psc_exp"]
    assert (below.get_xlabel(), below.get_xlim()) == ("time (ms)", (50.0, 150.0))
    assert sum(len(line.get_xdata()) for line in above.lines) == sum(raster._counts)
    for suffix, begin in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        assert raster.save(tmp_path / f"raster.{suffix}").read_bytes().startswith(begin)
    assert refused(UnknownName, lambda: raster.save(tmp_path / "raster.docx")) == (
        "SpikeRaster.image(): there is no such format. Value: 'docx'. Allowed: 'pdf', 'png', 'svg'."
    )
    raster._hear(raster, {"do": "save", "format": "docx"}, [])
    assert "there is no such format" in raster._wrong
