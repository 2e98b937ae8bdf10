"""Recorders to Neo: the same numbers with units, and quickly."""

import time

import numpy as np
import pytest

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, WrongState
from nest_lab.export import to_neo
from nest_lab.gallery.brunel import Brunel

neo = pytest.importorskip("neo")
pq = pytest.importorskip("quantities")


def to_segment(*arguments, **options):
    """The only segment of a block."""
    (segment,) = to_neo(*arguments, **options).segments
    return segment


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
    trains = to_segment(spikes).spiketrains
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
    segment = to_segment(spikes)
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
    trains = to_segment(spikes, populations={"on": firing, "off": silent[:2].tolist()}).spiketrains
    assert [train.annotations["population"] for train in trains] == ["on"] * 10 + ["off"] * 2


def test_a_recorder_that_was_on_for_a_while(network):
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_alpha", 2, {"I_e": 800.0})
    recorder = nest.Create("spike_recorder", params={"start": 50.0, "stop": 120.0, "origin": 10.0})
    nest.Connect(neurons, recorder)
    nest.Simulate(100.0)
    assert float(to_segment(recorder).spiketrains.t_stop) == 100.0
    nest.Simulate(100.0)
    trains = to_segment(recorder).spiketrains
    assert (float(trains[0].t_start), float(trains[0].t_stop)) == (60.0, 130.0)
    assert len(trains[0]) > 3


@pytest.mark.parametrize("change", [{"start": 150.0}, {"stop": 50.0}])
def test_a_recorder_whose_period_was_changed(change):
    """Trains must hold the spikes of both."""
    nest.ResetKernel()
    neuron, recorder = nest.Create("iaf_psc_alpha", params={"I_e": 500.0}), nest.Create("spike_recorder")
    nest.Connect(neuron, recorder)
    nest.Simulate(100.0)
    recorder.set(**change)
    nest.Simulate(100.0)
    (train,) = to_neo(recorder).segments[0].spiketrains
    assert np.array_equal(train.magnitude, recorder.events["times"])
    assert train.t_start <= train[0] < train[-1] <= train.t_stop


def test_a_recorder_that_counts_in_steps():
    nest.ResetKernel()
    neuron = nest.Create("iaf_psc_alpha", params={"I_e": 800.0})
    steps, plain = (
        nest.Create("spike_recorder", params={"time_in_steps": True}),
        nest.Create("spike_recorder"),
    )
    nest.Connect(neuron, steps + plain)
    nest.Simulate(100.0)
    one, two = (to_segment(recorder).spiketrains[0] for recorder in (steps, plain))
    assert np.allclose(one.magnitude, two.magnitude, rtol=0.0, atol=1e-9)


def test_signals_have_units_and_channels(network):
    _, _, _, voltage, other = network
    segment = to_segment([voltage, other])
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
    segment = to_segment(voltage)
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
    assert to_segment(voltage).analogsignals[0].units == pq.mV


def test_nothing_recorded_is_an_empty_segment():
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_alpha", 3)
    spikes, voltage = nest.Create("spike_recorder"), nest.Create("voltmeter")
    nest.Connect(neurons, spikes)
    nest.Connect(voltage, neurons)
    segment = to_segment([spikes, voltage])
    assert [len(train) for train in segment.spiketrains] == [0, 0, 0]
    assert len(segment.analogsignals) == 0


def test_what_is_not_a_recorder_is_refused(network):
    firing, *_ = network
    with pytest.raises(BadType) as error:
        to_neo(firing[:1])
    assert str(error.value) == (
        "to_neo(): only recorders hold something to export. Value: iaf_psc_alpha (node 1). "
        "Allowed: spike_recorder, multimeter, voltmeter, weight_recorder. "
        "Give the recorder instead of what it records from."
    )
    for wrong in ("spikes", 3, {"times": [1.0]}, [None]):
        with pytest.raises(BadType) as error:
            to_neo(wrong)
        (shown,) = wrong if isinstance(wrong, list) else (wrong,)
        assert str(error.value) == (
            f"to_neo(): there is nothing to export in this. Value: {shown!r} ({type(shown).__name__}). "
            "Allowed: recorders, lists of recorders, a network of the gallery or a Simulation. "
            "Give what Create('spike_recorder') returned."
        )


def test_a_recorder_that_writes_elsewhere_has_nothing_in_memory():
    nest.ResetKernel()
    recorder, histogram = (
        nest.Create("spike_recorder", params={"record_to": "screen"}),
        nest.Create("correlation_detector"),
    )
    for one in (recorder, histogram):
        with pytest.raises(BadValue) as error:
            to_neo(one)
        assert str(error.value) == (
            "to_neo(): this recorder holds no events in memory. "
            f"Value: {one.model} (node {one.global_id}). Allowed: a recorder of events with record_to "
            f"'memory'. "
            "Set record_to to 'memory' before the simulation, or read what it has instead."
        )
    assert len(to_segment().spiketrains) == 0


def test_a_neuron_has_one_train(network):
    firing, silent, spikes, *_ = network
    second = nest.Create("spike_recorder")
    nest.Connect(firing[:3], second)
    text = (
        "to_neo(): a neuron has one train, and two of these spike recorders, or two populations, have the "
        "same "
        "one. Value: neuron 1 and 2 others. Allowed: recorders of different neurons, and populations that "
        "have "
        "none in common. Give the recorders one by one."
    )
    with pytest.raises(BadValue) as error:
        to_neo([spikes, second])
    assert str(error.value) == text
    with pytest.raises(BadValue) as error:
        to_neo(spikes, populations={"all": firing + silent, "some": firing[:3]})
    assert str(error.value) == text


def test_a_recorder_that_is_given_twice_counts_once(network):
    spikes = network[2]
    assert len(to_segment([spikes, [spikes]]).spiketrains) == 20


def test_recorders_of_two_simulations_are_not_mixed():
    recorders = []
    for _ in range(2):
        with nest.Simulation():
            recorders.append(nest.Create("spike_recorder"))
    with pytest.raises(BadValue) as error:
        to_neo(recorders)
    assert str(error.value) == (
        "to_neo(): the recorders belong to different simulations. Value: 2 simulations. "
        "Allowed: recorders of one simulation. Export each simulation on its own."
    )


def test_a_simulation_that_is_not_the_current_one():
    with nest.Simulation(resolution=0.2) as simulation:
        neuron = nest.Create("iaf_psc_alpha", params={"I_e": 800.0})
        recorder, voltage = nest.Create("spike_recorder"), nest.Create("voltmeter")
        nest.Connect(neuron, recorder)
        nest.Connect(voltage, neuron)
        nest.Simulate(60.0)
    nest.ResetKernel()
    for block in (to_neo(simulation), to_neo([recorder, voltage])):
        assert block.annotations["resolution"] == 0.2 * pq.ms
        (train,) = block.segments[0].spiketrains
        assert len(train) > 2
        assert float(train.t_stop) == 60.0
        assert len(block.segments[0].analogsignals) == 1
    assert len(to_segment().spiketrains) == 0  # the current simulation has no recorders


def test_a_network_of_the_gallery_brings_its_parameters():
    network = Brunel(order=20, seed=5)
    with pytest.raises(WrongState) as error:
        to_neo(network)
    assert str(error.value) == (
        "to_neo(): a network that was not built has recorded nothing. Value: Brunel. "
        "Allowed: a network after build() and simulate(). Call build() and simulate(1000.0) first."
    )
    with nest.Simulation():
        network.build().simulate(50.0)
        voltage = nest.Create("voltmeter")
        nest.Connect(voltage, network.populations["inhibitory"][:2], syn_spec={"delay": 1.5})
        nest.Simulate(10.0)
    block = to_neo(network, session="first")
    assert block.name == "Brunel"
    assert block.annotations["J"] == 0.1 * pq.mV
    assert block.annotations["order"] == 20
    assert block.annotations["doi"] == "10.1023/A:1008925309027"
    assert (block.annotations["seed"], block.annotations["session"]) == (5, "first")
    trains = block.segments[0].spiketrains
    assert [train.annotations["population"] for train in trains] == ["excitatory"] * 80 + ["inhibitory"] * 20
    assert [signal.shape[1] for signal in block.segments[0].analogsignals] == [2]


def test_weights_are_a_row_for_each_event():
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_alpha", 2, {"I_e": 500.0})
    recorder, never = nest.Create("weight_recorder", 2)
    nest.CopyModel("stdp_synapse", "watched", {"weight_recorder": recorder})
    nest.Connect(neurons, neurons, syn_spec={"synapse_model": "watched"})
    nest.Simulate(100.0)
    signal, empty = to_segment([recorder, never]).irregularlysampledsignals
    names = list(signal.array_annotations["channel_names"])
    assert names[:3] == ["senders", "targets", "weights"]
    assert (signal.name, signal.units) == ("weight_recorder", pq.dimensionless)
    events = recorder.events
    for number, name in enumerate(names):
        assert np.array_equal(signal.magnitude[:, number], events[name])
    assert np.array_equal(signal.times.rescale("ms").magnitude, events["times"])
    assert len(signal) > 10
    assert empty.shape == (0, len(names))


def test_precise_times_are_not_rounded():
    nest.ResetKernel()
    neuron = nest.Create("iaf_psc_exp_ps", params={"I_e": 500.0})
    recorder = nest.Create("spike_recorder")
    nest.Connect(neuron, recorder)
    nest.Simulate(100.0)
    (train,) = to_segment(recorder).spiketrains
    assert np.array_equal(train.magnitude, recorder.events["times"])
    assert np.abs(train.magnitude * 10.0 - np.rint(train.magnitude * 10.0)).max() > 0.01


def test_single_trains_are_those_that_neo_makes(network):
    """Ours are made by sorting once, Neo's by looking for each neuron through all spikes."""
    from neo.core.spiketrainlist import SpikeTrainList

    ours = to_segment(network[2], populations={"on": network[0], "off": network[1]}).spiketrains
    channels, times = ours.multiplexed
    theirs = SpikeTrainList.from_spike_time_array(
        times, channels, ours.all_channel_ids, t_start=ours.t_start, t_stop=ours.t_stop
    )
    assert len(ours) == len(theirs) == 20
    for one, other in zip(ours, theirs, strict=True):
        assert np.array_equal(one.magnitude, other.magnitude)
        assert one.annotations["channel_id"] == other.annotations["channel_id"]
        assert (one.t_start, one.t_stop, one.units) == (other.t_start, other.t_stop, other.units)


def test_lists_of_trains_are_joined_and_copied(network):
    import copy
    import pickle

    firing, _, spikes, *_ = network
    one = to_segment(spikes, populations={"first": firing[:4]}).spiketrains
    two = to_segment(spikes, populations={"second": firing[4:6]}).spiketrains
    joined = one + two
    assert sorted(joined.all_channel_ids) == [1, 2, 3, 4, 5, 6]
    assert sum(map(len, joined)) == sum(map(len, one)) + sum(map(len, two))
    for again in (copy.deepcopy(two), pickle.loads(pickle.dumps(two))):
        assert [train.annotations["channel_id"] for train in again] == [5, 6]
        assert np.array_equal(again[0].magnitude, two[0].magnitude)
    one += two
    assert len(one) == 6


def test_several_recorders_in_one_segment():
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_alpha", 4, {"I_e": 600.0})
    recorders = nest.Create("spike_recorder", 2)
    nest.Connect(neurons[2:], recorders[0])
    nest.Connect(neurons[:2], recorders[1])
    nest.Simulate(100.0)
    trains = to_segment(recorders).spiketrains
    assert [train.annotations["channel_id"] for train in trains] == [1, 2, 3, 4]
    assert [train.annotations["recorder"] for train in trains] == [6, 6, 5, 5]
    assert all(len(train) for train in trains)


def test_ten_thousand_trains_take_milliseconds():
    """12,500 trains with 100,000 spikes and more; half a second is for slow machines."""
    network = Brunel.preset("AI").build().simulate(300.0)
    network.recorder.get("events")
    begin = time.process_time()
    trains = to_segment(network).spiketrains
    assert len(trains) == 12500
    assert trains.multiplexed[1].size > 100000
    assert time.process_time() - begin < 0.5


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_elephant_reads_it(network):
    elephant = pytest.importorskip("elephant.statistics")
    firing, _, spikes, *_ = network
    trains = to_segment(spikes).spiketrains
    rates = [float(elephant.mean_firing_rate(train).rescale("1/s")) for train in trains[:10]]
    counts = np.bincount(spikes.events["senders"], minlength=firing[-1].global_id + 1)[1:11]
    assert rates == pytest.approx(counts / 0.2)


def test_a_recorder_that_counts_in_steps_gives_the_same_times():
    """To the last bit, also of precise spikes."""
    nest.ResetKernel()
    cells = nest.Create("iaf_psc_alpha", 5, {"I_e": 900.0}) + nest.Create("iaf_psc_exp_ps", 5, {"I_e": 900.0})
    one, other = nest.Create("spike_recorder"), nest.Create("spike_recorder", params={"time_in_steps": True})
    for recorder in (one, other):
        nest.Connect(cells, recorder)
    for _ in range(7):
        nest.Simulate(33.3)
    ours, theirs = (to_neo(each).segments[0].spiketrains for each in (one, other))
    for first, second in zip(ours, theirs, strict=True):
        assert len(first) > 5
        assert np.array_equal(first.magnitude, second.magnitude)


NOT_NODES = "Allowed: a NodeCollection, or node ids. Give what Create() returned."
NOT_NAMED = "Allowed: a dictionary of texts and NodeCollections. Write populations={'excitatory': neurons}."


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"populations": 3}, f"populations must be neurons by name. Value: 3 (int). {NOT_NAMED}"),
        (
            {"populations": {1: [1]}},
            f"populations must be neurons by name. Value: {{1: [1]}} (dict). {NOT_NAMED}",
        ),
        ({"populations": {"e": "ab"}}, f"a population must be nodes. Value: 'ab' (str). {NOT_NODES}"),
        ({"populations": {"e": None}}, f"a population must be nodes. Value: None (NoneType). {NOT_NODES}"),
        ({"populations": {"e": [1.5]}}, f"a population must be nodes. Value: [1.5] (list). {NOT_NODES}"),
        (
            {"name": 3},
            "a name must be a text. Value: 3 (int). Allowed: a text. Give a text, or leave it out.",
        ),
        (
            {"x": set()},
            "the annotation 'x' is of a type that Neo does not keep. Value: set() (set). Allowed: numbers, "
            "texts, times, quantities, lists and dictionaries of them. Leave it out, or write it as a text.",
        ),
    ],
)
def test_arguments_of_another_kind(arguments, text):
    nest.ResetKernel()
    nest.Connect(nest.Create("iaf_psc_alpha", 3), nest.Create("spike_recorder"))
    with pytest.raises(BadType) as error:
        to_neo(**arguments)
    assert str(error.value) == f"to_neo(): {text}"
