"""Statistics of spikes without a browser: the numbers of the analysis, of a window and of a run."""

import numpy as np
import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab import analysis
from nest_lab.errors import BadType, BadValue
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import LiveSimulation, RatePanel
from tests.waiting import eventually


@pytest.fixture(scope="module")
def network():
    with nest.Simulation():
        return Brunel.preset("classroom").build().simulate(1000.0)


def test_the_numbers_are_those_of_the_analysis(network):
    """In any window, and of each population by itself."""
    panel = RatePanel(network)
    panel.window = (200.0, 900.0)
    events = network.recorder.events
    times, senders = events["times"], events["senders"]
    for row, (name, nodes) in zip(panel._rows, network.populations.items(), strict=True):
        ids = np.asarray(nodes.tolist())
        ours = np.isin(senders, ids)
        assert panel.rates[name] == analysis.rates(times, senders, ids, 200.0, 900.0).mean
        assert panel.cvs[name] == analysis.cv_isi(times, senders, ids, 200.0, 900.0).mean
        activity = analysis.population_rate(times[ours], len(ids), 200.0, 900.0)
        assert row["peak"] == analysis.spectrum(activity).peak()[0]
        assert (row["name"], row["size"]) == (name, len(ids))


def test_histograms_hold_everyone(network):
    panel = RatePanel(network)
    rates, cvs, intervals, spectra = panel._charts
    assert [sum(line["y"]) for line in rates["lines"]] == [800, 200]
    assert sum(sum(line["y"]) for line in cvs["lines"]) == sum(len(part.cv.known) for part in panel._parts)
    events = network.recorder.events
    every = len(events["times"]) - len(np.unique(events["senders"]))
    assert sum(sum(line["y"]) for line in intervals["lines"]) > 0.98 * every
    assert max(spectra["lines"][0]["x"]) <= 250.0


def test_a_clock_and_a_silent_neuron():
    panel = RatePanel(
        np.arange(10.0, 1001.0, 10.0), np.ones(100, dtype=int), {"clock": [1], "silent": [2, 3]}
    )
    assert panel.rates == {"clock": 100.0, "silent": 0.0}
    assert panel.cvs["clock"] == pytest.approx(0.0)
    assert panel._rows[0]["peak"] == 100.0
    assert panel._rows[1]["cv"] is None
    assert "silent: 2 neurons, 0.0 spikes/s, CV not known" in str(panel)
    assert panel.image("png").startswith(b"\x89PNG")


def test_live():
    """The numbers follow a simulation that runs, and a reset begins anew."""
    with nest.Simulation():
        live = LiveSimulation(Brunel.preset("classroom").build(), {"g": (0.0, 8.0)}, speed=None)
    panel = RatePanel(live)
    assert panel.rates == {"excitatory": 0.0, "inhibitory": 0.0}
    live.run(1000.0)
    live.wait()
    panel.update()
    assert panel.window[1] == 1000.0
    assert 10.0 < panel.rates["excitatory"] < 30.0
    before = panel.rates["excitatory"]
    live.set(g=3.0)
    live.run()
    assert eventually(lambda: panel.rates["excitatory"] > 1.5 * before)
    live.reset()
    live.run(100.0)
    live.wait()
    panel.update()
    assert panel.window == (0.0, 100.0)
    panel.close()
    live.run(50.0)
    live.wait()
    assert panel.window == (0.0, 100.0)
    live.close()


def test_what_is_refused():
    with pytest.raises(BadType, match=r"RatePanel\(\): there are no spikes in this"):
        RatePanel("spikes")
    panel = RatePanel([1.0, 9.0], [1, 2])
    shown = str(panel)
    for start, stop in ((5.0, 2.0), ("", 4)):
        panel._hear(panel, {"do": "window", "start": start, "stop": stop}, [])
        assert panel._wrong.startswith("RatePanel.window: a window must ")
        assert str(panel) == shown
    with pytest.raises(BadValue, match="bin of the rate"):
        RatePanel([1.0], [1], bin=0.0)


def test_the_same_as_a_figure(network):
    rates, _, _, spectrum = RatePanel(network).figure().axes
    assert rates.get_xlabel() == "firing rate (spikes/s)"
    assert spectrum.get_ylabel() == "power ((spikes/s)²/Hz)"
    assert [text.get_text() for text in rates.get_legend().get_texts()] == ["excitatory", "inhibitory"]
