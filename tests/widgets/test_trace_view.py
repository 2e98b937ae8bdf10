"""Analog signals without a browser: what is taken, what is sent, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, StaleCollection, UnknownName
from nest_lab.widgets import TraceView
from nest_lab.widgets._signals import extremes


def refused(kind, action):
    """Text of the error that an action raises."""
    with pytest.raises(kind) as error:
        action()
    return str(error.value)


def sent(view):
    """Facts of the lines and the buffers that the page gets."""
    frames = []
    view.send = lambda content, buffers=None: frames.append((content, buffers))
    view._hear(view, {"do": "look"}, [])
    ((content, buffers),) = frames
    return content["lines"], buffers


@pytest.fixture
def recorded():
    with nest.Simulation() as simulation:
        neurons = nest.Create("aeif_cond_exp", 8, {"I_e": 700.0})
        meter = nest.Create("multimeter", params={"record_from": ["V_m", "w"], "interval": 0.5})
        nest.Connect(meter, neurons)
    simulation.run(100.0)
    return simulation, neurons, meter


def test_several_quantities_of_several_neurons(recorded):
    """Units come from the registry; what is not shown is said."""
    simulation, neurons, meter = recorded
    view = TraceView(meter)
    assert view._panels == [
        {"name": "V_m", "unit": "mV", "neurons": [1, 2, 3, 4, 5, 6]},
        {"name": "w", "unit": "pA", "neurons": [1, 2, 3, 4, 5, 6]},
    ]
    assert str(view).splitlines()[0] == "Signals from 0.5 to 99.0 ms (of 0.5 to 99.0 ms)"
    assert "V_m of 2 more neurons is not shown" in str(view)
    lines, buffers = sent(view)
    assert (lines[0], len(buffers)) == ({"start": 0.5, "step": 0.5}, 12)
    events = meter.events
    assert buffers[0] == pytest.approx(events["V_m"][events["senders"] == 1], rel=1e-6)
    simulation.run(50.0)
    view.update()
    assert view.window == (0.5, 149.0)
    few = TraceView(meter, "w", neurons[2:4])
    assert [(panel["name"], panel["neurons"]) for panel in few._panels] == [("w", [3, 4])]


def test_the_numbers_are_those_of_the_window(recorded):
    _, _, meter = recorded
    view = TraceView(meter, ["V_m"], 1)
    events = meter.events
    ours = (events["senders"] == 1) & (events["times"] >= 20.0) & (events["times"] <= 40.0)
    view.window = (20.0, 40.0)
    assert view._ranges == [[[events["V_m"][ours].min(), events["V_m"][ours].max()]]]
    view.window = (1000.0, 1001.0)
    assert str(view).endswith("V_m of neuron 1: no samples\n  V_m of 7 more neurons is not shown")


def test_events_and_missing_samples():
    """Times are sent only where they are not even."""
    view = TraceView({"times": [1.0, 2.0, 4.0, 1.0, 2.0, 3.0], "senders": [1, 1, 1, 2, 2, 2], "x": range(6)})
    lines, buffers = sent(view)
    assert [line["step"] for line in lines] == [None, 1.0]
    assert buffers[1].tolist() == [1.0, 2.0, 4.0]
    assert len(buffers) == 3


def test_nothing_recorded_yet():
    with nest.Simulation():
        meter = nest.Create("voltmeter")
    view = TraceView(meter)
    assert view._panels == [{"name": "V_m", "unit": "", "neurons": []}]
    assert view.image("png").startswith(b"\x89PNG")


def test_fewer_samples_keep_the_extremes():
    """A spike of one sample is still there."""
    values = np.zeros(10**5)
    values[54_321], values[76_543] = 1.0, -2.0
    times, few = extremes(np.arange(10.0**5), values, 1000)
    assert len(times) == len(few) == 2000
    assert (few.max(), few.min()) == (1.0, -2.0)
    assert abs(times[few.argmax()] - 54_321) <= 100


def test_what_is_refused(recorded):
    simulation, neurons, meter = recorded
    assert refused(BadType, lambda: TraceView(7)) == (
        "TraceView(): there are no signals in this. Value: 7 (int). Allowed: a multimeter, a voltmeter, "
        "or its events. Give what Create('multimeter', params={'record_from': ['V_m']}) returned."
    )
    assert "Value: aeif_cond_exp (node 1). Allowed: multimeter, voltmeter" in refused(
        BadType, lambda: TraceView(neurons)
    )
    assert refused(UnknownName, lambda: TraceView(meter, ["v_m"])) == (
        "TraceView(): this was not recorded. Value: 'v_m'. Allowed: 'V_m', 'w'. Did you mean 'V_m'?"
    )
    assert "Value: neuron 99. Allowed: one of 8 neurons" in refused(
        BadValue, lambda: TraceView(meter, neurons=[99])
    )
    assert "at least one neuron" in refused(BadValue, lambda: TraceView(meter, neurons=0))
    assert "shapes (2,), (2,) and (1,)" in refused(
        BadValue, lambda: TraceView({"times": [1.0, 2.0], "V_m": [3.0]})
    )
    view = TraceView(meter)
    shown = str(view)
    simulation.reset()
    assert "was replaced by ResetKernel()" in refused(StaleCollection, view.update)
    assert str(view) == shown
    view._hear(view, {"do": "window", "start": 3.0, "stop": 2.0}, [])
    assert view._wrong.startswith("TraceView.window: a window must begin before it ends.")
    assert str(view) == shown


def test_the_same_view_as_a_figure(recorded):
    view = TraceView(recorded[2], neurons=2)
    view.window = (10.0, 60.0)
    above, below = view.figure().axes
    assert (above.get_ylabel(), below.get_ylabel()) == ("V_m (mV)", "w (pA)")
    assert (below.get_xlabel(), below.get_xlim()) == ("time (ms)", (10.0, 60.0))
    assert [text.get_text() for text in above.get_legend().get_texts()] == ["neuron 1", "neuron 2"]


def test_a_figure_stays_until_the_next_one_is_complete(recorded, tmp_path, monkeypatch):
    view, path = TraceView(recorded[2]), tmp_path / "signals.png"
    whole = view.save(path).read_bytes()
    write = Path.write_bytes

    def full(file, data):
        write(file, data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        view.save(path)
    assert path.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [path]
