"""`raster_plot` and `voltage_trace` draw on the axes they are given, and return them."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import numpy as np
import pytest

import nest_lab as nest

pytest.importorskip("matplotlib")
from matplotlib.axes import Axes
from matplotlib.figure import Figure


@pytest.fixture
def recorded():
    """Spikes and potentials of three neurons."""
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_alpha", 3, {"I_e": [400.0, 500.0, 600.0]})
    spikes, potential = nest.Create("spike_recorder"), nest.Create("voltmeter")
    nest.Connect(neurons, spikes)
    nest.Connect(potential, neurons)
    nest.Simulate(100.0)
    return spikes, potential, neurons


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_raster_from_device(recorded, ax):
    spikes, _, _ = recorded
    assert nest.raster_plot.from_device(spikes, ax=ax, hist=False, title="three neurons") is ax
    (line,) = ax.lines
    assert sorted(line.get_xdata()) == sorted(spikes.events["times"])
    assert ax.get_title() == "three neurons"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "neuron ID")


def test_modules_can_be_called(recorded, ax):
    assert nest.raster_plot(recorded[0], ax=ax) is ax
    assert nest.voltage_trace(recorded[1], ax=Figure().add_subplot()).get_ylabel() == "V_m (mV)"


def test_raster_with_rate(recorded, ax):
    spikes, _, _ = recorded
    assert nest.raster_plot.from_device(spikes, ax=ax, hist_binwidth=10.0, grayscale=True) is ax
    assert len(ax.figure.axes) == 2
    assert ax.get_title() == f"Raster plot from device '{spikes.global_id}'"


def test_raster_on_a_new_figure(recorded):
    import matplotlib.pyplot as plt

    assert isinstance(nest.raster_plot.from_device(recorded[0]), Axes)
    plt.close("all")


def test_raster_from_data_and_file(recorded, ax, tmp_path):
    events = recorded[0].events
    data = np.column_stack((events["senders"], events["times"]))
    nest.raster_plot.from_data(data, sel=[2], ax=ax, hist=False)
    assert set(ax.lines[0].get_ydata()) == {2}
    path = tmp_path / "spikes.dat"
    path.write_text("# recorded\nsender\ttime_ms\n" + "\n".join(f"{int(i)}\t{t}" for i, t in data))
    other = Figure().add_subplot()
    assert nest.raster_plot.from_file([path], ax=other, hist=False) is other
    assert len(other.lines[0].get_xdata()) == len(data)


def test_extract_events():
    data = np.array([[1, 5.0], [2, 6.0], [1, 9.0]])
    assert nest.raster_plot.extract_events(data, time=9.0).tolist() == [[1, 5.0], [2, 6.0]]
    assert nest.raster_plot.extract_events(data, time=[5.5, 10.0], sel=[1]).tolist() == [[1, 9.0]]


def test_voltage_trace(recorded, ax):
    _, potential, neurons = recorded
    assert nest.voltage_trace.from_device(potential, ax=ax) is ax
    assert len(ax.lines) == 3
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == (
        "Membrane potential",
        "time (ms)",
        "V_m (mV)",
    )
    other = Figure().add_subplot()
    nest.voltage_trace.from_device(potential, neurons[:1], "one", True, "s", ax=other)
    (line,) = other.lines
    assert max(line.get_xdata()) < 0.1
    assert (other.get_title(), other.get_xlabel()) == ("one", "time (s)")


def test_voltage_trace_from_file(tmp_path, ax):
    path = tmp_path / "v.dat"
    path.write_text("1 0.5 -70\n1 1.0 -69\n2 0.5 -60\n2 1.0 -61\n")
    nest.voltage_trace.from_file(path, ax=ax)
    assert [list(line.get_ydata()) for line in ax.lines] == [[-70.0, -69.0], [-60.0, -61.0]]


def refused(call):
    with pytest.raises(nest.NESTError) as caught:
        call()
    return str(caught.value)


def test_refused(recorded):
    spikes, potential, neurons = recorded
    assert refused(lambda: nest.raster_plot.from_device(neurons)) == (
        "raster_plot.from_device(): raster_plot draws one recorder. Value: 3 nodes. Allowed: a NodeCollection of 1 node. "
        "Index the collection."
    )
    assert refused(lambda: nest.raster_plot.from_device(neurons[0])) == (
        "raster_plot.from_device(): raster_plot draws recorders. Value: iaf_psc_alpha. Allowed: spike_recorder. "
        "Connect a spike_recorder and give that."
    )
    assert refused(lambda: nest.raster_plot.from_device(nest.Create("spike_recorder"))) == (
        "raster_plot.from_device(): the spike_recorder has recorded nothing. Value: 0 events. "
        "Allowed: 1 or more events. Connect it, Simulate(), and look at its start and stop."
    )
    assert refused(lambda: nest.voltage_trace.from_device(spikes)) == (
        "voltage_trace.from_device(): the spike_recorder does not record V_m. Value: 'senders', 'times'. "
        "Allowed: a recorder with 'V_m' in record_from. Give record_from=['V_m'] when you create it."
    )
    assert refused(lambda: nest.voltage_trace.from_device(potential, timeunit="sec")) == (
        "voltage_trace.from_device(): there is no unit of time of this name. Value: 'sec'. "
        "Allowed: 'ms', 's', 'us'."
    )
