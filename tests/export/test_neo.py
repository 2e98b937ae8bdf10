"""Recorders to Neo and NIX: the same numbers with units, and quickly."""

import time

import numpy as np
import pytest

import nest_lab as nest
from nest_lab.errors import BadType, BadValue
from nest_lab.export import neo as export
from nest_lab.gallery.brunel import Brunel

neo = pytest.importorskip("neo")
pq = pytest.importorskip("quantities")


@pytest.fixture
def network():
    """Twenty neurons, of which half fire, with a spike recorder and two multimeters."""
    nest.ResetKernel()
    firing = nest.Create("iaf_psc_alpha", 10, {"I_e": 400.0 + 20.0 * np.arange(10)})
    silent = nest.Create("iaf_psc_exp", 10)
    spikes = nest.Create("spike_recorder")
    voltage = nest.Create("multimeter", params={"record_from": ["V_m", "I_syn_ex"], "interval": 0.5})
    other = nest.Create("voltmeter")
    nest.Connect(firing + silent, spikes)
    nest.Connect(voltage, firing[:3] + silent[:2])
    nest.Connect(other, silent[2:4])
    nest.Simulate(200.0)
    return firing, silent, spikes, voltage, other


def test_every_spike_is_in_the_train_of_its_neuron(network):
    firing, silent, spikes, *_ = network
    trains = export.to_segment(spikes).spiketrains
    events = spikes.events
    assert len(trains) == 20
    assert events["times"].size > 50
    for node, train in zip(firing + silent, trains, strict=True):
        expected = np.sort(events["times"][events["senders"] == node.global_id])
        assert train.annotations["channel_id"] == node.global_id
        assert np.array_equal(train.magnitude, expected)
        assert train.units == pq.ms
        assert (float(train.t_start), float(train.t_stop)) == (0.0, 200.0)
        assert train.annotations["recorder"] == spikes.global_id


def test_trains_stay_two_arrays_until_one_is_asked_for(network):
    _, _, spikes, *_ = network
    segment = export.to_segment(spikes)
    channels, times = segment.spiketrains.multiplexed
    events = spikes.events
    order = np.lexsort((events["senders"], events["times"]))
    ours = np.lexsort((channels, times.magnitude))
    assert np.array_equal(channels[ours], events["senders"][order])
    assert np.array_equal(times.magnitude[ours], events["times"][order])
    assert np.all(np.diff(times.magnitude) >= 0.0)
    assert segment.spiketrains[0].segment is segment


def test_populations_annotate_and_choose(network):
    firing, silent, spikes, *_ = network
    trains = export.to_segment(spikes, populations={"on": firing, "off": silent[:2].tolist()}).spiketrains
    assert [train.annotations["population"] for train in trains] == ["on"] * 10 + ["off"] * 2


def test_a_recorder_that_was_on_for_a_while(network):
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_alpha", 2, {"I_e": 800.0})
    recorder = nest.Create("spike_recorder", params={"start": 50.0, "stop": 120.0, "origin": 10.0})
    nest.Connect(neurons, recorder)
    nest.Simulate(100.0)
    assert float(export.to_segment(recorder).spiketrains.t_stop) == 100.0
    nest.Simulate(100.0)
    trains = export.to_segment(recorder).spiketrains
    assert (float(trains[0].t_start), float(trains[0].t_stop)) == (60.0, 130.0)
    assert len(trains[0]) > 3


def test_a_recorder_that_counts_in_steps():
    nest.ResetKernel()
    neuron = nest.Create("iaf_psc_alpha", params={"I_e": 800.0})
    steps, plain = (
        nest.Create("spike_recorder", params={"time_in_steps": True}),
        nest.Create("spike_recorder"),
    )
    nest.Connect(neuron, steps + plain)
    nest.Simulate(100.0)
    one, two = (export.to_segment(recorder).spiketrains[0] for recorder in (steps, plain))
    assert np.allclose(one.magnitude, two.magnitude, rtol=0.0, atol=1e-9)


def test_signals_have_units_and_channels(network):
    _, _, _, voltage, other = network
    segment = export.to_segment([voltage, other])
    assert not segment.irregularlysampledsignals
    assert len(segment.spiketrains) == 0
    found = {
        (s.name, s.array_annotations["channel_ids"].size, str(s.units.dimensionality))
        for s in segment.analogsignals
    }
    assert found == {
        ("V_m", 3, "mV"),
        ("I_syn_ex", 3, "pA"),
        ("V_m", 2, "mV"),
        ("I_syn_ex", 2, "pA"),
    }
    assert len(segment.analogsignals) == 5
    events = voltage.events
    for signal in segment.analogsignals[:4]:
        assert signal.sampling_period == 0.5 * pq.ms
        for channel, node in enumerate(signal.array_annotations["channel_ids"]):
            ours = events["senders"] == node
            order = np.argsort(events["times"][ours])
            assert np.array_equal(signal.magnitude[:, channel], events[signal.name][ours][order])
            assert np.allclose(signal.times.rescale("ms").magnitude, events["times"][ours][order])


def test_a_gap_makes_a_signal_irregular():
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_alpha", 2)
    voltage = nest.Create("voltmeter")
    nest.Connect(voltage, neurons)
    nest.Simulate(20.0)
    neurons[0].frozen = True
    nest.Simulate(20.0)
    neurons[0].frozen = False
    nest.Simulate(20.0)
    segment = export.to_segment(voltage)
    (whole,), (broken,) = segment.analogsignals, segment.irregularlysampledsignals
    assert whole.array_annotations["channel_ids"].tolist() == [neurons[1].global_id]
    assert broken.array_annotations["channel_ids"].tolist() == [neurons[0].global_id]
    assert len(broken) < len(whole)


def test_units_of_copied_models_are_those_of_the_original():
    nest.ResetKernel()
    nest.CopyModel("iaf_psc_alpha", "pyramidal")
    neuron, voltage = nest.Create("pyramidal"), nest.Create("voltmeter")
    nest.Connect(voltage, neuron)
    nest.Simulate(10.0)
    assert export.to_segment(voltage).analogsignals[0].units == pq.mV


def test_nothing_recorded_is_an_empty_segment():
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_alpha", 3)
    spikes, voltage = nest.Create("spike_recorder"), nest.Create("voltmeter")
    nest.Connect(neurons, spikes)
    nest.Connect(voltage, neurons)
    segment = export.to_segment([spikes, voltage])
    assert [len(train) for train in segment.spiketrains] == [0, 0, 0]
    assert len(segment.analogsignals) == 0


def test_what_is_not_a_recorder_is_refused(network):
    firing, *_ = network
    with pytest.raises(BadType) as error:
        export.to_segment(firing[:1])
    assert str(error.value) == (
        "to_segment(): only recorders hold something to export. Value: iaf_psc_alpha (node 1). "
        "Allowed: spike_recorder, multimeter, voltmeter. Give the recorder instead of what it records from."
    )
    with pytest.raises(BadType) as error:
        export.to_segment("spikes")
    assert str(error.value) == (
        "to_segment(): recorders are given as a NodeCollection. Value: 'spikes' (str). "
        "Allowed: a NodeCollection, or a list of them. Give what Create('spike_recorder') returned."
    )


def test_a_neuron_has_one_train_in_a_segment(network):
    firing, _, spikes, *_ = network
    second = nest.Create("spike_recorder")
    nest.Connect(firing[:3], second)
    with pytest.raises(BadValue) as error:
        export.to_segment([spikes, second])
    assert str(error.value) == (
        "to_segment(): two of these spike recorders recorded the same neuron, and a segment has one "
        "train per neuron. "
        "Value: neuron 1 and 2 others. Allowed: recorders of different neurons. "
        "Make one segment for each of the recorders."
    )


def test_several_recorders_in_one_segment():
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_alpha", 4, {"I_e": 600.0})
    recorders = nest.Create("spike_recorder", 2)
    nest.Connect(neurons[2:], recorders[0])
    nest.Connect(neurons[:2], recorders[1])
    nest.Simulate(100.0)
    trains = export.to_segment(recorders).spiketrains
    assert [train.annotations["channel_id"] for train in trains] == [1, 2, 3, 4]
    assert [train.annotations["recorder"] for train in trains] == [6, 6, 5, 5]
    assert all(len(train) for train in trains)


@pytest.mark.parametrize("pooled", [False, True])
def test_a_file_gives_back_what_was_written(tmp_path, network, pooled):
    firing, silent, spikes, voltage, _ = network
    populations = {"on": firing, "off": silent}
    parameters = [{"name": "tau", "value": 2.5, "unit": "ms"}, {"name": "n", "value": 3, "unit": ""}]
    block = export.to_block(
        [spikes, voltage], name="run", parameters=parameters, populations=populations, pooled=pooled
    )
    path = export.write_nix(block, tmp_path / "run.nix")
    assert [file.name for file in tmp_path.iterdir()] == ["run.nix"]
    with neo.io.NixIO(str(path), mode="ro") as file:
        raw = file.read_all_blocks()[0]
    assert len(raw.segments[0].spiketrains) == (2 if pooled else 20)
    assert sum(len(train) for train in raw.segments[0].spiketrains) == spikes.n_events

    read = export.read_nix(path)
    assert read.name == "run"
    assert read.annotations["tau"] == 2.5 * pq.ms
    assert read.annotations["n"] == 3
    expected = export.to_segment([spikes, voltage], populations=populations)
    for ours, theirs in zip(expected.spiketrains, read.segments[0].spiketrains, strict=True):
        assert np.array_equal(ours.magnitude, theirs.magnitude)
        assert ours.units == theirs.units
        assert (ours.t_start, ours.t_stop) == (theirs.t_start, theirs.t_stop)
        for note in ("channel_id", "population", "recorder"):
            assert ours.annotations[note] == theirs.annotations[note]
    for ours, theirs in zip(expected.analogsignals, read.segments[0].analogsignals, strict=True):
        assert np.array_equal(ours.magnitude, theirs.magnitude)
        assert ours.units == theirs.units
        assert (
            ours.array_annotations["channel_ids"].tolist() == theirs.array_annotations["channel_ids"].tolist()
        )


def test_a_file_is_replaced_when_it_is_complete(tmp_path, network, monkeypatch):
    """What fails in the middle leaves the old file, and nothing else."""
    path = tmp_path / "run.nix"
    path.write_text("old", encoding="utf-8")
    block = export.to_block(network[2], pooled=True)
    monkeypatch.setattr(neo.io.NixIO, "_write_spiketrain", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export.write_nix(block, path)
    assert [file.name for file in tmp_path.iterdir()] == ["run.nix"]
    assert path.read_text(encoding="utf-8") == "old"


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        export.read_nix("missing.nix")
    assert str(error.value) == (
        "read_nix(): there is no such file. Value: 'missing.nix'. Allowed: the path of a NIX file. "
        "Check the path and the folder you are in."
    )


def test_ten_thousand_trains_take_milliseconds():
    """12,500 trains with 100,000 spikes and more; half a second is for slow machines."""
    network = Brunel.preset("AI").build().simulate(300.0)
    network.recorder.get("events")
    begin = time.perf_counter()
    trains = export.to_segment(network.recorder, populations=network.populations).spiketrains
    assert len(trains) == 12500
    assert trains.multiplexed[1].size > 100000
    assert time.perf_counter() - begin < 0.5
    pooled = export.to_segment(network.recorder, populations=network.populations, pooled=True).spiketrains
    assert [train.name for train in pooled] == ["excitatory", "inhibitory"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_elephant_reads_it(network):
    elephant = pytest.importorskip("elephant.statistics")
    firing, _, spikes, *_ = network
    trains = export.to_segment(spikes).spiketrains
    rates = [float(elephant.mean_firing_rate(train).rescale("1/s")) for train in trains[:10]]
    counts = np.bincount(spikes.events["senders"], minlength=firing[-1].global_id + 1)[1:11]
    assert rates == pytest.approx(counts / 0.2)
