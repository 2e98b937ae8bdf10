"""Files: what is read is what was written, also by other programs, and what is broken says where."""

import json
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pytest

import nest_lab as nest
from nest_lab.errors import (
    BadFile,
    BadType,
    BadValue,
    CannotWrite,
    MissingFile,
    MissingPackage,
    UnknownName,
)
from nest_lab.export import load, save, to_neo
from nest_lab.gallery.brunel import Brunel

neo = pytest.importorskip("neo")
pq = pytest.importorskip("quantities")
pandas = pytest.importorskip("pandas")
h5py = pytest.importorskip("h5py")
pynwb = pytest.importorskip("pynwb")

TABLES = (".csv", ".parquet")
WHOLE = (".nix", ".nwb")
SPIKES = (*WHOLE, *TABLES, ".h5")


class Lab:
    """A simulation with recorders of all kinds."""

    def __init__(self):
        self.simulation = nest.Simulation()
        with self.simulation:
            self.build()

    def build(self):
        self.firing = nest.Create("iaf_psc_alpha", 6, {"I_e": 400.0 + 40.0 * np.arange(6)})
        self.silent = nest.Create("iaf_psc_exp", 4)
        self.precise = nest.Create("iaf_psc_exp_ps", 2, {"I_e": 500.0})
        self.spikes, self.nothing = nest.Create("spike_recorder", 2)
        self.voltage = nest.Create("multimeter", params={"record_from": ["V_m", "I_syn_ex"], "interval": 0.3})
        self.other, self.mute = nest.Create("voltmeter", 2)
        self.weights = nest.Create("weight_recorder")
        nest.CopyModel("stdp_synapse", "watched", {"weight_recorder": self.weights})
        nest.Connect(self.firing, self.firing, syn_spec={"synapse_model": "watched"})
        nest.Connect(self.firing + self.silent + self.precise, self.spikes)
        nest.Connect(self.voltage, self.firing[:3] + self.silent[:2])
        nest.Connect(self.other, self.silent[1:4])
        nest.Simulate(50.0)
        self.silent[3].frozen = True  # its signal has a gap
        nest.Simulate(20.0)
        self.silent[3].frozen = False
        nest.Simulate(130.0)
        self.populations = {"on": self.firing, 'off, or "quiet"': self.silent + self.precise}


@pytest.fixture(scope="module")
def lab():
    return Lab()


def assert_same(one, other):
    """Two blocks hold the same numbers, units and annotations."""
    assert one.name == other.name
    assert one.annotations == other.annotations
    (ours,), (theirs,) = one.segments, other.segments
    for first, second in zip(ours.spiketrains, theirs.spiketrains, strict=True):
        assert np.array_equal(first.magnitude, second.magnitude)
        assert (first.units, first.t_start, first.t_stop) == (second.units, second.t_start, second.t_stop)
        assert first.annotations == second.annotations
    for kind in ("analogsignals", "irregularlysampledsignals"):
        for first, second in zip(getattr(ours, kind), getattr(theirs, kind), strict=True):
            assert (first.name, first.units) == (second.name, second.units)
            assert np.array_equal(first.magnitude, second.magnitude, equal_nan=True)
            assert np.array_equal(first.times.magnitude, second.times.magnitude)
            assert first.annotations == second.annotations
            assert first.array_annotations.keys() == second.array_annotations.keys()
            for key, values in first.array_annotations.items():
                assert list(values) == list(second.array_annotations[key])
            if kind == "analogsignals":
                assert float(first.sampling_period) == pytest.approx(float(second.sampling_period), rel=1e-12)


# -- there and back


@pytest.mark.parametrize("populations", [True, False])
@pytest.mark.parametrize("suffix", SPIKES)
def test_spikes(tmp_path, lab, suffix, populations):
    options = {"populations": lab.populations} if populations else {}
    options |= {"name": "run", "tau": 2.5, "n": 3, "who": "Ünal", "list": [1, 2, 3]}
    path = save(tmp_path / f"spikes{suffix}", lab.spikes, **options)
    assert [file.name for file in tmp_path.iterdir()] == [f"spikes{suffix}"]
    block = load(path)
    assert_same(to_neo(lab.spikes, **options), block)
    assert sum(map(len, block.segments[0].spiketrains)) == lab.spikes.n_events > 60
    assert not hasattr(block.segments[0].spiketrains[0], "nix_name")


@pytest.mark.parametrize("suffix", SPIKES)
def test_a_block_is_written_like_the_recorders_it_was_made_of(tmp_path, lab, suffix):
    """Also after single trains were looked at, and a second time."""
    block = to_neo(lab.spikes, populations=lab.populations)
    for _ in range(2):
        assert_same(block, load(save(tmp_path / f"one{suffix}", block)))
    assert "nix_name" not in block.annotations
    assert block.segments[0].spiketrains.segment is block.segments[0]


@pytest.mark.parametrize("suffix", WHOLE)
def test_all_recorders_of_a_simulation(tmp_path, lab, suffix):
    """Precise spikes, silent neurons, gaps, weights and recorders that got nothing."""
    path = save(tmp_path / f"all{suffix}", lab.simulation, populations=lab.populations)
    block = load(path)
    assert_same(to_neo(lab.simulation, populations=lab.populations), block)
    (segment,) = block.segments
    assert len(segment.spiketrains) == 12
    assert {str(signal.units.dimensionality) for signal in segment.analogsignals} == {"mV", "pA"}
    assert [signal.name for signal in segment.irregularlysampledsignals] == ["V_m", "weight_recorder"]


@pytest.mark.parametrize("suffix", TABLES)
@pytest.mark.parametrize("what", ["voltage", "other", "weights", "both"])
def test_tables_of_samples_and_of_events(tmp_path, lab, suffix, what):
    source = [lab.voltage, lab.other] if what == "both" else getattr(lab, what)
    assert_same(to_neo(source), load(save(tmp_path / f"table{suffix}", source)))


@pytest.mark.parametrize("pooled", [True, False])
def test_nix_files_with_one_train_for_many_neurons(tmp_path, lab, pooled):
    """Neo reads them as well; what we read is the same in both cases."""
    block = to_neo(lab.spikes, populations=lab.populations)
    path = save(tmp_path / "x.nix", block, pooled=pooled)
    with neo.io.NixIO(str(path), mode="ro") as file:
        (raw,) = file.read_all_blocks()
    trains = raw.segments[0].spiketrains
    assert len(trains) == (2 if pooled else 12)
    assert sum(map(len, trains)) == lab.spikes.n_events
    if pooled:
        assert [train.annotations["neurons"] for train in trains] == ["1-6", "7-12"]
    assert_same(block, load(path))


@pytest.mark.parametrize("suffix", SPIKES)
def test_a_recorder_that_got_nothing(tmp_path, suffix):
    nest.ResetKernel()
    neurons, recorder = nest.Create("iaf_psc_alpha", 3), nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    nest.Simulate(30.0)
    block = load(save(tmp_path / f"x{suffix}", recorder))
    trains = block.segments[0].spiketrains
    assert [len(train) for train in trains] == [0, 0, 0]
    assert (float(trains[2].t_start), float(trains[2].t_stop)) == (0.0, 30.0)


@pytest.mark.parametrize("suffix", SPIKES)
def test_a_recorder_of_nobody_and_one_neuron(tmp_path, suffix):
    nest.ResetKernel()
    recorder = nest.Create("spike_recorder")
    nest.Simulate(10.0)
    assert len(load(save(tmp_path / f"x{suffix}", recorder)).segments[0].spiketrains) == 0
    neuron = nest.Create("iaf_psc_alpha", params={"I_e": 1000.0})
    nest.Connect(neuron, recorder)
    nest.Simulate(50.0)
    (train,) = load(save(tmp_path / f"x{suffix}", recorder)).segments[0].spiketrains
    assert np.array_equal(train.magnitude, recorder.events["times"])
    assert len(train) > 3


@pytest.mark.parametrize("suffix", [*WHOLE, *TABLES])
def test_a_multimeter_that_got_nothing(tmp_path, lab, suffix):
    block = load(save(tmp_path / f"x{suffix}", lab.mute))
    assert len(block.segments[0].analogsignals) == len(block.segments[0].spiketrains) == 0


@pytest.mark.parametrize("suffix", [*WHOLE, *TABLES])
def test_what_is_not_a_number_stays_so(tmp_path, suffix):
    """A model may record nan, which is not the same as nothing."""
    block = neo.Block(name="nan")
    block.segments.append(neo.Segment(name="nan"))
    values = np.array([[1.0, np.nan], [np.inf, 4.0], [np.nan, 6.0]])
    block.segments[0].analogsignals.append(
        neo.AnalogSignal(
            values,
            units="mV",
            sampling_period=0.1 * pq.ms,
            t_start=5.0 * pq.ms,
            name="V_m",
            recorder=3,
            array_annotations={"channel_ids": np.array([4, 9])},
        )
    )
    assert_same(block, load(save(tmp_path / f"x{suffix}", block)))


@pytest.mark.parametrize("suffix", SPIKES)
def test_a_network_of_the_gallery(tmp_path, suffix):
    network = Brunel(order=20, seed=3).build().simulate(60.0)
    block = load(save(tmp_path / f"x{suffix}", network))
    assert_same(to_neo(network), block)
    assert block.annotations["J"] == 0.1 * pq.mV
    assert block.annotations["resolution"] == 0.1 * pq.ms


@pytest.mark.parametrize("suffix", SPIKES)
def test_every_step_is_read_as_it_was(tmp_path, suffix):
    """Also from seconds, in which most of them are other numbers; precise times to the last digit but one."""
    steps = np.arange(1, 50001) * 100 / 1000.0  # as the kernel has them
    precise = np.sort(np.random.default_rng(1).uniform(0.0, 5000.0, 1000))
    block = neo.Block()
    block.segments.append(neo.Segment())
    for times in (steps, precise):
        block.segments[0].spiketrains.append(neo.SpikeTrain(times, units="ms", t_stop=5000.0))
    one, two = load(save(tmp_path / f"x{suffix}", block)).segments[0].spiketrains
    assert np.array_equal(one.magnitude, steps)
    assert np.abs(two.magnitude / precise - 1.0).max() <= (3e-16 if suffix == ".nwb" else 0.0)


# -- other programs


def test_pandas_reads_tables(tmp_path, lab):
    events = lab.spikes.events
    save(tmp_path / "x.csv", lab.spikes, populations=lab.populations)
    save(tmp_path / "x.parquet", lab.spikes, populations=lab.populations)
    csv = pandas.read_csv(tmp_path / "x.csv", comment="#")
    for frame in (csv, pandas.read_parquet(tmp_path / "x.parquet")):
        assert list(frame.columns) == ["time (ms)", "neuron", "population"]
        assert np.array_equal(frame["time (ms)"], np.sort(events["times"]))
        assert frame["neuron"].value_counts().to_dict() == dict(
            zip(*np.unique(events["senders"], return_counts=True), strict=True)
        )
        assert set(frame["population"]) == set(lab.populations)
    save(tmp_path / "x.csv", [lab.voltage, lab.other])
    frame = pandas.read_csv(tmp_path / "x.csv", comment="#")
    assert list(frame.columns) == ["time (ms)", "node", "recorder", "V_m (mV)", "I_syn_ex (pA)"]
    one = frame[(frame["node"] == 1) & (frame["recorder"] == lab.voltage.global_id)]
    ours = lab.voltage.events["senders"] == 1
    assert np.array_equal(one["V_m (mV)"], lab.voltage.events["V_m"][ours])
    assert frame[frame["recorder"] == lab.other.global_id]["I_syn_ex (pA)"].isna().all()


@pytest.mark.filterwarnings("ignore")
def test_pynwb_reads_and_validates_nwb(tmp_path, lab):
    path = save(tmp_path / "x.nwb", lab.simulation, populations=lab.populations)
    with pynwb.NWBHDF5IO(str(path), "r") as source:
        assert not pynwb.validate(io=source)
        file = source.read()
        units = file.units.to_dataframe()
        assert units.index.tolist() == list(range(1, 13))
        assert set(units["population"]) == set(lab.populations)
        for neuron, times in units["spike_times"].items():
            ours = np.sort(lab.spikes.events["times"][lab.spikes.events["senders"] == neuron])
            assert times == pytest.approx(ours / 1000.0, rel=1e-15)
        assert np.array_equal(units["obs_intervals"][1], [[0.0, 0.2]])
        series = file.acquisition["000_V_m"]
        assert (series.unit, series.data.shape[1]) == ("mV", 3)
        assert series.rate == pytest.approx(1000.0 / 0.3)


@pytest.mark.filterwarnings("ignore")
def test_neo_reads_nwb(tmp_path, lab):
    path = save(tmp_path / "x.nwb", lab.spikes)
    with pynwb.NWBHDF5IO(str(path), "r"):
        pass
    (block,) = neo.io.NWBIO(str(path), mode="r").read_all_blocks()
    trains = [train for segment in block.segments for train in segment.spiketrains]
    assert (
        sum(len(train.load() if hasattr(train, "load") else train) for train in trains) == lab.spikes.n_events
    )


def test_our_own_sonata_reader_reads_sonata(tmp_path, lab):
    """The one that plays spikes to virtual nodes of a `SonataNetwork`."""
    from nest_lab.api.sonata_files import read_spikes

    path = save(tmp_path / "x.h5", lab.spikes, populations={"on": lab.firing, "off": lab.precise})
    for name, nodes in (("on", lab.firing), ("off", lab.precise)):
        for node, times in zip(nodes, read_spikes(path, name, len(nodes)), strict=True):
            ours = lab.spikes.events["senders"] == node.global_id
            assert np.array_equal(times, np.sort(lab.spikes.events["times"][ours]))


def test_a_table_of_another_program(tmp_path):
    path = tmp_path / "spikes.csv"
    path.write_text("time (ms),neuron,population\n5.5,3,E\n2.25,7,I\n9,3,E\n", encoding="utf-8")
    trains = load(path).segments[0].spiketrains
    assert [train.magnitude.tolist() for train in trains] == [[5.5, 9.0], [2.25]]
    assert [train.annotations["population"] for train in trains] == ["E", "I"]
    assert float(trains.t_stop) == 9.0
    path.write_text("# by hand\ntime (ms),node,V_m (mV),g\n1,3,-70,1\n2,3,-69,\n3,3,-68,\n", encoding="utf-8")
    (segment,) = load(path).segments
    (voltage,), (conductance,) = segment.analogsignals, segment.irregularlysampledsignals
    assert (voltage.name, voltage.units, voltage.sampling_period) == ("V_m", pq.mV, 1.0 * pq.ms)
    assert voltage.magnitude.ravel().tolist() == [-70.0, -69.0, -68.0]
    assert (conductance.name, len(conductance)) == ("g", 1)
    pandas.DataFrame({"time (ms)": [1.0], "neuron": [2]}).to_parquet(tmp_path / "x.parquet")
    assert len(load(tmp_path / "x.parquet").segments[0].spiketrains[0]) == 1


@pytest.mark.filterwarnings("ignore")
def test_an_nwb_file_of_another_program(tmp_path):
    from datetime import UTC, datetime

    file = pynwb.NWBFile("a mouse", "1", datetime(2020, 1, 1, tzinfo=UTC))
    file.add_unit(spike_times=[0.5, 1.25], id=7)
    file.add_unit(spike_times=[0.1], id=3)
    file.add_acquisition(
        pynwb.TimeSeries("V", data=[1.0, 2.0], unit="volts", rate=100.0, conversion=0.5, offset=3.0)
    )
    file.add_acquisition(
        pynwb.TimeSeries("I", data=[[1.0, 2.0], [3.0, 4.0]], unit="nA", timestamps=[0.0, 0.5])
    )
    file.add_acquisition(pynwb.TimeSeries("nothing", data=np.empty((0, 2)), unit="mV", rate=100.0))
    path = tmp_path / "mouse.nwb"
    with pynwb.NWBHDF5IO(str(path), "w") as out:
        out.write(file)
    (segment,) = load(path).segments
    assert [train.magnitude.tolist() for train in segment.spiketrains] == [[100.0], [500.0, 1250.0]]
    (voltage,), (current, nothing) = segment.analogsignals, segment.irregularlysampledsignals
    assert nothing.shape == (0, 2)
    assert voltage.magnitude.ravel().tolist() == [3.5, 4.0]
    assert voltage.sampling_period == 10.0 * pq.ms
    assert current.times.rescale("ms").magnitude.tolist() == [0.0, 500.0]
    assert current.units == pq.nA


def test_a_sonata_file_of_another_program(tmp_path):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        for name in ("a", "b"):
            file[f"spikes/{name}/timestamps"] = [3.0, 1.0]
            file[f"spikes/{name}/node_ids"] = [0, 2]
    trains = load(path).segments[0].spiketrains
    assert [train.annotations["channel_id"] for train in trains] == [1, 2, 3, 4, 5, 6]
    assert [train.annotations["population"] for train in trains] == ["a"] * 3 + ["b"] * 3
    assert [len(train) for train in trains] == [1, 0, 1, 1, 0, 1]


def test_a_block_that_only_nix_can_hold(tmp_path):
    block = neo.Block()
    block.segments += [neo.Segment(name="one"), neo.Segment(name="two")]
    block.segments[0].epochs.append(neo.Epoch([1.0] * pq.ms, durations=[2.0] * pq.ms, labels=["light"]))
    block.segments[1].spiketrains.append(neo.SpikeTrain([1.0], units="s", t_stop=2.0))
    again = load(save(tmp_path / "x.nix", block))
    assert [segment.name for segment in again.segments] == ["one", "two"]
    assert again.segments[0].epochs[0].labels.tolist() == ["light"]
    for suffix in (".nwb", ".csv", ".parquet", ".h5"):
        with pytest.raises(BadValue) as error:
            save(tmp_path / f"x{suffix}", block)
        assert str(error.value) == (
            "save(): this block holds what a file of this format does not. Value: 2 segments, 1 epochs. "
            "Allowed: one segment of spike trains and signals. "
            "Choose a .nix file, which holds every Neo block, or write the segments one by one."
        )
    with pytest.raises(BadType) as error:
        save(tmp_path / "x.nix", block.segments[0])
    assert str(error.value) == (
        "save(): a segment is written as a part of its block. Value: a neo.Segment. "
        "Allowed: a neo.Block, or what to_neo() takes. Put it into a block: block.segments.append(segment)."
    )


def test_trains_in_other_units_without_numbers(tmp_path):
    block = neo.Block()
    block.segments.append(neo.Segment())
    for times in ([0.5, 1.5], []):
        block.segments[0].spiketrains.append(neo.SpikeTrain(times, units="s", t_stop=2.0))
    trains = load(save(tmp_path / "x.csv", block)).segments[0].spiketrains
    assert [train.magnitude.tolist() for train in trains] == [[500.0, 1500.0], []]
    assert [train.annotations["channel_id"] for train in trains] == [1, 2]
    for train in block.segments[0].spiketrains:
        train.annotate(channel_id=1)
    with pytest.raises(BadValue) as error:
        save(tmp_path / "x.csv", block)
    assert str(error.value) == (
        "save(): the spike trains of a file need a number each. Value: annotations channel_id: 1, 1. "
        "Allowed: different whole numbers from 0 on, or none at all. "
        "Annotate each train with a channel_id of its own."
    )


# -- what cannot be written


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("suffix", [*SPIKES, ".png"])
def test_a_file_is_replaced_when_it_is_complete(tmp_path, lab, suffix, failure, monkeypatch):
    """What fails in the middle leaves the old file, and nothing else."""

    def fail(*arguments, **_):
        for argument in arguments:
            if hasattr(argument, "write_bytes"):
                argument.write_bytes(b"half")
        raise failure

    path = tmp_path / f"run{suffix}"
    path.write_text("old", encoding="utf-8")
    for target in (
        "neo.io.NixIO.write_block",
        "pynwb.NWBHDF5IO.write",
        "pyarrow.csv.write_csv",
        "pyarrow.parquet.write_table",
        "h5py.Group.create_dataset",
        "matplotlib.figure.Figure.savefig",
    ):
        monkeypatch.setattr(target, fail)
    with pytest.raises(type(failure)):
        save(path, (lambda figure: figure.subplots()) if suffix == ".png" else lab.spikes)
    assert [file.name for file in tmp_path.iterdir()] == [f"run{suffix}"]
    assert path.read_text(encoding="utf-8") == "old"


FULL = """
import pathlib, resource, signal, sys
import nest_lab as nest
from nest_lab.export import load, save

cells, recorder = nest.Create("iaf_psc_alpha", 100, {"I_e": 900.0}), nest.Create("spike_recorder")
nest.Connect(cells, recorder)
nest.Simulate(100.0)
path = pathlib.Path(sys.argv[1])
path.write_bytes(b"old")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    save(path, recorder)
except OSError as error:
    print(error)
assert path.read_bytes() == b"old" and [*path.parent.iterdir()] == [path]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert len(load(save(path, recorder)).segments[0].spiketrains) == 100
"""


@pytest.mark.parametrize("suffix", [".nwb", ".h5", ".csv", ".nix"])
def test_a_full_disk(tmp_path, suffix):
    """An error that says so, also of HDF5, which ended the process with the next file; then all goes on."""
    program = (
        FULL.replace("save(path, recorder)", "save(path, recorder, pooled=True)")
        if suffix == ".nix"
        else FULL
    )
    path = tmp_path / f"x{suffix}"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, path], capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"save(): the file cannot be written: File too large. Value: '{path}'. Allowed: a folder that can be "
        "written to, on a disk with room. Make room, or choose another folder. An earlier file of this name "
        "is as it was.\n"
    )


def test_what_a_file_was_stays(tmp_path, lab):
    """A link is one afterwards, and who may read it stays the same; a name may be as long as names may be."""
    path, link = tmp_path / ("a" * 250 + ".csv"), tmp_path / "link.csv"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    link.symlink_to(path)
    assert save(link, lab.spikes) == link
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(load(path).segments[0].spiketrains) == 12
    with pytest.raises(CannotWrite, match="cannot be written: File name too long"):
        save(tmp_path / ("a" * 300 + ".csv"), lab.spikes)


@pytest.mark.parametrize("path", [None, 3, b"x.csv", "x\0.csv"])
def test_what_is_no_path(lab, path):
    for where, call in (("save()", lambda: save(path, lab.spikes)), ("load()", lambda: load(path))):
        with pytest.raises(BadType) as error:
            call()
        assert str(error.value) == (
            f"{where}: this is no path of a file. Value: {path!r} ({type(path).__name__}). Allowed: a text "
            "or a pathlib.Path. Give the path of the file, e.g. 'spikes.csv'."
        )


@pytest.mark.parametrize("suffix", SPIKES)
def test_names_that_files_cannot_keep(tmp_path, lab, suffix):
    """They are refused before there is a file; slashes and dots are kept."""
    for name in ("x\0y", "\ud800"):
        for arguments in ({"name": name}, {"populations": {name: lab.firing}}):
            with pytest.raises(BadValue) as error:
                save(tmp_path / f"x{suffix}", lab.spikes, **arguments)
            assert str(error.value) == (
                f"save(): this is no name that a file can keep. Value: {name!r}. Allowed: a text in Unicode, "
                "without the character 0. Choose another name."
            )
    assert list(tmp_path.iterdir()) == []
    populations = {"layer 2/3": lab.firing, "..": lab.silent, "": lab.precise}
    block = load(save(tmp_path / f"x{suffix}", lab.spikes, populations=populations))
    assert_same(to_neo(lab.spikes, populations=populations), block)


def test_populations_that_sonata_cannot_tell_apart(tmp_path, lab):
    with pytest.raises(BadValue) as error:
        save(tmp_path / "x.h5", lab.spikes, populations={"a/b": lab.firing, "a_b": lab.silent})
    assert str(error.value) == (
        "save(): two populations have one name in a SONATA file. Value: 'a/b' and 'a_b', both 'a_b'. "
        "Allowed: names that differ, also with _ for /. Give them other names, or choose .nix or .nwb."
    )


@pytest.mark.parametrize("suffix", [*TABLES, ".nwb", ".h5"])
def test_annotations_of_every_kind(tmp_path, lab, suffix):
    given = {
        "tau": 2.5 * pq.ms,
        "n": np.int64(3),
        "x": np.arange(3),
        "pair": (1, 2),
        "nested": [[1], {"a": None}],
    }
    notes = load(save(tmp_path / f"x{suffix}", lab.spikes, **given)).annotations
    assert notes["tau"] == given["tau"]
    assert [notes[name] for name in ("n", "x", "pair", "nested")] == [
        3,
        [0, 1, 2],
        [1, 2],
        [[1], {"a": None}],
    ]
    with pytest.raises(BadValue, match="the annotation 'q' cannot be written"):
        save(tmp_path / f"x{suffix}", lab.spikes, q={"value": 1, "unit": "mV"})  # it would be read as 1 mV


@pytest.mark.parametrize(
    "value", [None, {"a": 1}, [[1], [2]], [1, "a"], 10**30, np.zeros((2, 2)), b"x", [b"x"], 1j]
)
def test_annotations_that_nix_cannot_keep(tmp_path, lab, value):
    """Neo leaves some of them out without a word, and writes others as something else."""
    with pytest.raises(BadValue) as error:
        save(tmp_path / "x.nix", lab.spikes, what=value)
    assert str(error.value) == (
        "save(): the annotation 'what' cannot be written to a NIX file. Value: "
        f"{value!r:.60} ({type(value).__name__}). Allowed: numbers of 64 bits, texts, times, quantities "
        "and lists of one kind of them; names without a slash. Leave it out, or write it as a text."
    )
    assert list(tmp_path.iterdir()) == []


def test_wrong_paths(tmp_path, lab, monkeypatch):
    with pytest.raises(UnknownName) as error:
        save(tmp_path / "x.xlsx", lab.spikes)
    assert str(error.value) == (
        "save(): the suffix of a file chooses its format, and there is none for this one. Value: 'x.xlsx'. "
        "Allowed: .csv, .h5, .nix, .nwb, .parquet, .pdf, .png, .svg. Give the file one of these."
    )
    with pytest.raises(
        UnknownName, match=r"load\(\): the suffix .* Allowed: \.csv, \.h5, \.nix, \.nwb, \.parquet\."
    ):
        load(tmp_path / "x.png")
    with pytest.raises(MissingFile) as error:
        save(tmp_path / "there" / "x.csv", lab.spikes)
    assert str(error.value) == (
        f"save(): there is no such folder. Value: '{tmp_path / 'there'}'. Allowed: a folder that exists. "
        "Make it first: pathlib.Path(…).mkdir(parents=True)."
    )
    with pytest.raises(MissingFile) as error:
        load("missing.nix")
    assert isinstance(error.value, FileNotFoundError)
    assert str(error.value) == (
        "load(): there is no such file. Value: 'missing.nix'. Allowed: the path of a file. "
        "Check the path and the folder you are in."
    )
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(BadValue) as error:
        save(tmp_path / "x.csv", lab.spikes)
    assert str(error.value) == (
        f"save(): a folder is not replaced by a file. Value: '{tmp_path / 'x.csv'}'. "
        "Allowed: the path of a file. Choose another name."
    )
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingPackage) as error:
        save(tmp_path / "x.nwb", lab.spikes)
    assert str(error.value) == (
        "save(): .nwb files need the package pynwb. Value: pynwb is not installed. "
        "Allowed: an environment with nest-lab[lab]. Install it: pip install pynwb."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_what_a_file_cannot_hold(tmp_path, lab):
    with pytest.raises(BadValue) as error:
        save(tmp_path / "x.csv", [lab.spikes, lab.voltage])
    assert str(error.value) == (
        "save(): a table holds one kind of recording. Value: spikes and samples. "
        "Allowed: spikes, samples of nodes, or the events of one weight recorder. "
        "Give the recorders one by one, or choose .nix or .nwb, which hold all."
    )
    with pytest.raises(BadValue) as error:
        save(tmp_path / "x.h5", lab.voltage)
    assert str(error.value) == (
        "save(): a SONATA file of spikes holds spikes only. Value: samples. "
        "Allowed: what spike recorders got. Give the spike recorders alone, or choose .nix or .nwb."
    )
    with pytest.raises(BadValue) as error:
        save(tmp_path / "x.csv", lab.spikes, what=object)
    assert str(error.value) == (
        "save(): the annotation 'what' cannot be written. Value: <class 'object'> (type). "
        "Allowed: finite numbers, texts, lists of them and quantities in units like 'mV' or 'pA/ms**2'. "
        "Leave it out, or write it as a text."
    )
    assert list(tmp_path.iterdir()) == []


def signal(name="V", unit="mV", **facts):
    """Two channels, three samples."""
    values = np.arange(6.0).reshape(3, 2)
    return neo.AnalogSignal(values, units=unit, sampling_period=0.5 * pq.ms, name=name, **facts)


def block_of(*parts, **notes):
    """A block as another program makes it."""
    block = neo.Block(name="theirs", **notes)
    block.segments.append(neo.Segment())
    for part in parts:
        kind = {"AnalogSignal": "analogsignals", "SpikeTrain": "spiketrains"}.get(type(part).__name__)
        getattr(block.segments[0], kind or "irregularlysampledsignals").append(part)
    return block


@pytest.mark.parametrize("suffix", [".nwb", *TABLES])
@pytest.mark.parametrize(
    ("part", "text"),
    [
        (signal(unit=pq.CompoundUnit("1/30000*s")), "this is no unit that a file can keep. Value: '(1/30000"),
        (signal(unit=pq.Hz**-0.5), "this is no unit that a file can keep. Value: '1/Hz**0.5' of 'V'"),
        (
            signal(array_annotations={"channel_ids": np.array(["left", "right"])}),
            "the channels of a signal need a number each. "
            "Value: array annotation channel_ids: 'left', 'right'",
        ),
        (
            signal(array_annotations={"channel_ids": np.array([1, 1])}),
            "the channels of a signal need a number each. Value: array annotation channel_ids: 1, 1",
        ),
        (
            neo.SpikeTrain([1.0], units="ms", t_stop=2.0, channel_id=-1),
            "the spike trains of a file need a number each. Value: annotations channel_id: -1",
        ),
    ],
)  # fmt: skip
def test_what_could_not_be_read_again_is_refused(tmp_path, suffix, part, text):
    with pytest.raises(BadValue) as error:
        save(tmp_path / f"x{suffix}", block_of(part))
    assert str(error.value).startswith(f"save(): {text}")
    with pytest.raises(BadValue, match="the annotation 'tau' cannot be written"):
        save(tmp_path / f"x{suffix}", block_of(signal(), tau=3.0 * pq.CompoundUnit("1/30000*s")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", TABLES)
def test_names_of_signals_in_tables(tmp_path, suffix):
    """What looks like a unit, or like a column of ours, is told from it."""
    for name, unit in (
        ("a (b)", "mV"),
        ("V (mV)", ""),
        ("node", ""),
        ("x ", "mV"),
        ("a\nb", "mV"),
        ("a/b", ""),
    ):
        block = block_of(signal(name, unit))
        (found,) = load(save(tmp_path / f"x{suffix}", block)).segments[0].analogsignals
        assert (found.name, found.units) == (name, pq.Quantity(1.0, unit or "dimensionless"))
        assert np.array_equal(found.magnitude, block.segments[0].analogsignals[0].magnitude)
    (found,) = (
        load(save(tmp_path / f"x{suffix}", block_of(signal("g", "mV/(ms*pA)")))).segments[0].analogsignals
    )
    assert found.units.dimensionality == pq.Quantity(1.0, "mV/(ms*pA)").dimensionality
    for name, unit in (("time", "ms"), (" x", "mV")):
        with pytest.raises(BadValue) as error:
            save(tmp_path / f"y{suffix}", block_of(signal(name, unit)))
        assert str(error.value) == (
            f"save(): a signal has a name that a column of a table cannot have. Value: {name!r} in {unit}. "
            "Allowed: names without space around them; 'time (ms)' is taken. "
            "Rename the signal, or choose .nix or .nwb."
        )


@pytest.mark.parametrize("suffix", TABLES)
def test_large_tables_with_lines_in_names(tmp_path, suffix):
    """In more than the megabyte that is read at once."""
    times = np.sort(np.random.default_rng(1).uniform(0.0, 9.0, 50_000))
    trains = [neo.SpikeTrain(times, units="ms", t_stop=9.0, population=name) for name in ('a\n"b"', "c\r,")]
    found = load(save(tmp_path / f"x{suffix}", block_of(*trains))).segments[0].spiketrains
    assert [train.annotations["population"] for train in found] == ['a\n"b"', "c\r,"]
    assert all(np.array_equal(train.magnitude, times) for train in found)


@pytest.mark.parametrize("suffix", TABLES)
def test_events_in_tables(tmp_path, suffix):
    def events(names, values):
        return neo.IrregularlySampledSignal(
            [1.0, 2.0] * pq.ms, np.array(values), units="mV", name="w",
            array_annotations={"channel_names": np.array(names)},
        )  # fmt: skip

    block = block_of(events(["senders", "weights"], [[1.0, np.nan], [2.0, np.inf]]))
    (found,) = load(save(tmp_path / f"x{suffix}", block)).segments[0].irregularlysampledsignals
    assert np.array_equal(found.magnitude, [[1.0, np.nan], [2.0, np.inf]], equal_nan=True)
    assert found.units == pq.mV
    for names, values, named in (
        (["a", "b"], np.ones((2, 2)), "'a', 'b'"),
        (["senders", "neuron"], np.ones((2, 2)), "'neuron'"),
        (["senders", "senders"], np.ones((2, 2)), "'senders' of float64 with fractions, "),
        (["senders", "b"], [[1.5, 0.0], [1.0, 0.0]], "'senders' of float64 with fractions"),
    ):
        with pytest.raises(BadValue) as error:
            save(tmp_path / f"y{suffix}", block_of(events(names, values)))
        assert f"a table of events needs senders, and names that are not taken. Value: {named}" in str(
            error.value
        )


@pytest.mark.parametrize("suffix", SPIKES)
def test_a_block_of_another_program(tmp_path, suffix):
    """Numbers from 0 on, a resolution in another unit, texts where we write numbers."""
    trains = [
        neo.SpikeTrain([1.0 + i], units="ms", t_stop=9.0, channel_id=i, recorder="left") for i in (0, 1)
    ]
    for given in (100.0 * pq.us, "high", [1, 2]):
        found = load(save(tmp_path / f"x{suffix}", block_of(*trains, resolution=given)))
        told = found.annotations["resolution"]
        told = pytest.approx(float(told.rescale("us"))) if isinstance(given, pq.Quantity) else told
        assert given == told
        assert [int(train.annotations["channel_id"]) for train in found.segments[0].spiketrains] == [0, 1]
        assert [train.magnitude.tolist() for train in found.segments[0].spiketrains] == [[1.0], [2.0]]


def test_annotations_may_have_any_name(tmp_path, lab):
    for suffix in SPIKES:
        assert load(save(tmp_path / f"x{suffix}", lab.spikes, source=7)).annotations["source"] == 7
    with pytest.raises(UnknownName, match="there is no argument for a figure"):
        save(tmp_path / "x.png", lambda figure: None, drawing=1)


def test_arguments_that_have_nothing_to_do_are_refused(tmp_path, lab):
    block = to_neo(lab.spikes)
    for suffix, data, arguments, named in (
        (".nix", block, {"name": "x", "tau": 1.0}, "name, tau"),
        (".csv", block, {"populations": {}}, "populations"),
        (".csv", block, {"pooled": True}, "pooled"),
        (".csv", lab.spikes, {"pooled": False}, "pooled"),
    ):
        with pytest.raises(BadType) as error:
            save(tmp_path / f"x{suffix}", data, **arguments)
        assert str(error.value) == (
            f"save(): an argument has nothing to do here. Value: {named}. "
            "Allowed: nothing else for a neo.Block, pooled for a .nix file. "
            "Leave it out; a block is annotated by block.annotate(…)."
        )
    assert list(tmp_path.iterdir()) == []


# -- files that are broken

HEADER = (
    '# nest_lab {"spikes": {"start": 0, "stop": 10, "neurons": [{"nodes": "1-3"}]}, "samples": []}\n'
    '"time (ms)","neuron"\n'
)
ANEW = "Correct it there, or write the file anew."
BROKEN_CSV = {
    "": "there is no table. Value: nothing in FILE, line 1. Allowed: a line with names of columns",
    "# nest_lab {\n": "the header is not JSON. Value: Expecting property name enclosed in double quotes: "
    "line 2 column 1 (char 2) in FILE, line 1. Allowed: # nest_lab {…}",
    "# nest_lab 3\n": "the header is not an object. Value: 3 in FILE, line 1. Allowed: # nest_lab {…}",
    '# nest_lab {"spikes": 3}\n"time (ms)","neuron"\n': "'spikes' of a header is of another type. "
    "Value: 3 in FILE, line 1. Allowed: an object",
    HEADER.replace(
        "1-3", "3-1"
    ): "'nodes' of a header cannot be read. Value: '3-1' is not a range of node ids "
    "in FILE, line 1. Allowed: text like '1-8000,8005'",
    HEADER.replace(
        "1-3", "1-999999999999"
    ): "'nodes' of a header cannot be read. Value: '1-999999999999' is not a "
    "range of node ids in FILE, line 1. Allowed: text like '1-8000,8005'",
    HEADER.replace(
        "1-3", ",".join(["1-99999999"] * 1000)
    ): "'nodes' of a header cannot be read. Value: '1-99999999' is not a range of node ids "
    "in FILE, line 1. Allowed: text like '1-8000,8005'",
    HEADER.replace(
        '"1-3"', '"1,1"'
    ): "'spikes' of a header contradicts itself. Value: 2 neurons of which 1 are "
    "different, 0 … 10 ms in FILE, line 1. Allowed: each neuron once, and a start that is not after the stop",
    HEADER + "1.0,2\nsoon,2\n": "a cell is not a number. Value: 'soon' in FILE, line 4, column 'time (ms)'. "
    "Allowed: a number",
    HEADER + "1.0,2.5\n": "a cell is not a number. Value: '2.5' in FILE, line 3, column 'neuron'. "
    "Allowed: a whole number",
    HEADER
    + "1.0,2\n2.0\n": "a line has not as many cells as there are columns. Value: 1 cells in FILE, line 4. "
    "Allowed: 2: time (ms), neuron",
    HEADER
    + "1.0,2\n2.0,\n": "a cell is empty. Value: nothing in FILE, line 4, column 'neuron'. Allowed: a number",
    HEADER + "1.0,2\nnan,2\n": "a number is not finite. Value: nan in FILE, line 4, column 'time (ms)'. "
    "Allowed: a finite number",
    HEADER
    + "1.0,2\n1.5,4\n": "a neuron is not one of those that the header names. Value: 4 in FILE, line 4, "
    "column 'neuron'. Allowed: 1-3",
    HEADER + "1.0,2\n11.5,3\n": "a spike lies outside of the recorded time. Value: 11.5 in FILE, line 4, "
    "column 'time (ms)'. Allowed: 0 … 10 ms",
    "time,neuron\n1,2\n": "a table needs a column 'time (ms)', and each column once. Value: 'time', 'neuron' "
    "in FILE. Allowed: 'time (ms)' and 'neuron', or 'time (ms)', 'node' and quantities",
    "time (ms),who\n1,2\n": "a table needs a column that says whose the rows are. Value: 'time (ms)', 'who' "
    "in FILE. Allowed: 'neuron' for spikes, 'node' for samples, 'senders' for events",
    "time (ms),node,V_m (blub)\n1,2,3\n": "the unit of a column is not known. Value: 'blub' in FILE, "
    "column 'V_m (blub)'. Allowed: a unit in parentheses, like (mV), (pA), (nS) or (ms)",
    "time (ms),node,V_m (mV)\n1,2,3\n1,2,3\n": "a node has two samples at one time. Value: 1.0 in FILE, "
    "line 3, column 'time (ms)'. Allowed: one",
    HEADER
    + "1.0,2\n\n\n1.5,4\n": "a neuron is not one of those that the header names. Value: 4 in FILE, line 6, "
    "column 'neuron'. Allowed: 1-3",
    'time (ms),neuron,population\n1,2,"a\nb"\n\n2,x,c\n': "a cell is not a number. Value: 'x' in FILE, "
    "line 5, column 'neuron'. Allowed: a whole number",
    '# nest_lab {"samples": [3]}\n"time (ms)","neuron"\n': "a part of a header is not an object. Value: 3 "
    'in FILE, line 1. Allowed: {"name": …}',
    '# nest_lab {"resolution": NaN}\n': "'resolution' of a header is not finite. Value: nan in FILE, line 1. "
    "Allowed: a finite number",
    HEADER.replace('"1-3"', '"1-3", "recorder": -1'): "'recorder' of a header is no node. Value: -1 in FILE, "
    "line 1. Allowed: a node id, or 0",
    '# nest_lab {"samples": [{"columns": [1]}]}\n': "'columns' of a header are no names. Value: [1] in FILE, "
    "line 1. Allowed: texts",
    "a" * 200_000
    + "\n": "a line cannot be read. Value: field larger than field limit (131072) in FILE, line 1. "
    "Allowed: a CSV file in UTF-8",
}


@pytest.mark.parametrize("text", BROKEN_CSV, ids=range(len(BROKEN_CSV)))
def test_broken_tables(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile) as error:
        load(path)
    assert str(error.value) == f"load(): {BROKEN_CSV[text].replace('FILE', str(path))}. {ANEW}"


@pytest.mark.parametrize(
    "junk",
    [None, True, -1, 1.5, 10**400, 10**30, float("nan"), float("inf"), "", "x", [], [1], ["a"], {}, {"a": 1},
     {"value": ["x"], "unit": "mV"}, {"value": [[1], [1, 2]], "unit": "mV"}],
    ids=lambda junk: f"{junk!r:.20}",
)  # fmt: skip
def test_every_part_of_a_header_can_be_broken(tmp_path, lab, junk):
    """Whatever stands there, it is read or refused in our words."""

    def places(part, path=()):
        yield path
        for key, inner in part.items() if isinstance(part, dict) else enumerate(part):
            if isinstance(inner, (dict, list)):
                yield from places(inner, (*path, key))
            else:
                yield (*path, key)

    for source in (lab.spikes, lab.voltage):
        path = save(tmp_path / "x.csv", source, tau=2.0 * pq.ms)
        first, rest = path.read_text(encoding="utf-8").split("\n", 1)
        header = first.removeprefix("# nest_lab ")
        for place in places(json.loads(header)):
            whole = {"": json.loads(header)}
            inner = whole
            for key in ("", *place)[:-1]:
                inner = inner[key]
            inner[("", *place)[-1]] = junk
            path.write_text(f"# nest_lab {json.dumps(whole[''])}\n{rest}", encoding="utf-8")
            with suppress(BadFile):
                load(path)
    for text in ("[" * 100_000, '{"resolution": ' + "1" * 5000 + "}"):
        path.write_text(f"# nest_lab {text}\n{rest}", encoding="utf-8")
        with pytest.raises(BadFile, match="the header is not JSON"):
            load(path)


def test_a_table_that_is_no_text_or_no_table(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"time (ms),neuron\n\xff\xfe,1\n")
    with pytest.raises(BadFile, match=r"x\.csv, line 2, column 'time \(ms\)'"):
        load(path)
    path.write_bytes(b"\xff\xfe,neuron\n1,1\n")
    with pytest.raises(BadFile, match=r"the table cannot be read\. Value: 'utf-8' codec can't decode"):
        load(path)
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(BadFile, match=r"load\(\): this is not a Parquet file\. Value: .* in .*x\.parquet"):
        load(path)


def test_a_unit_that_would_be_a_program(tmp_path):
    """`quantities` evaluates what it is given."""
    for unit in ("exit()", "9**99**99", "__import__", "mV.__class__", "(" * 90):
        path = tmp_path / "x.csv"
        header = {"samples": [{"name": "V", "unit": unit, "nodes": "1"}]}
        text = f"# nest_lab {json.dumps(header)}\ntime (ms),node,V\n1,1,1\n"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(BadFile, match="a unit of the header is not known"):
            load(path)


def edit(path, change):
    """Change an HDF5 file in place."""
    with h5py.File(path, "r+") as file:
        change(file)
    return path


def replace(name, values):
    def change(file):
        attributes = dict(file[name].attrs)
        del file[name]
        file[name] = values
        file[name].attrs.update(attributes)

    return change


def test_broken_sonata(tmp_path, lab):
    def broken(change):
        path = save(tmp_path / "x.h5", lab.spikes, populations={"on": lab.firing})
        with pytest.raises(BadFile) as error:
            load(edit(path, change))
        return str(error.value).replace(str(path), "FILE")

    n_spikes = sum(map(len, to_neo(lab.spikes, populations={"on": lab.firing}).segments[0].spiketrains))
    assert broken(lambda file: file.__delitem__("spikes")) == (
        f"load(): there are no spikes. Value: nest_lab in FILE, /. Allowed: a group 'spikes'. {ANEW}"
    )
    assert broken(lambda file: file.__delitem__("spikes/on/node_ids")) == (
        "load(): a population has no 'node_ids'. Value: timestamps in FILE, /spikes/on. "
        f"Allowed: a data set 'node_ids'. {ANEW}"
    )
    assert broken(replace("spikes/on/node_ids", [1, 2])) == (
        f"load(): 'timestamps' and 'node_ids' differ in length. Value: {n_spikes} and 2 in FILE, /spikes/on. "
        f"Allowed: one for each spike. {ANEW}"
    )
    assert broken(replace("spikes/on/node_ids", np.full(n_spikes, 6))) == (
        "load(): a spike is from a neuron that the population does not have. "
        f"Value: 6 in FILE, /spikes/on/node_ids, entry 0. Allowed: 0 … 5. {ANEW}"
    )
    assert broken(replace("spikes/on/node_ids", np.full(n_spikes, -1))).startswith(
        "load(): node ids must be whole numbers. Value: int64 in FILE, /spikes/on/node_ids."
    )
    assert broken(replace("spikes/on/timestamps", np.full(n_spikes, np.nan))).startswith(
        "load(): a time is not finite. Value: nan in FILE, /spikes/on/timestamps, entry 0."
    )
    assert broken(replace("spikes/on/timestamps", np.full(n_spikes, 1e9))).startswith(
        "load(): a spike lies outside of the recorded time. Value: 1000000000.0 ms in FILE, /spikes."
    )
    assert broken(lambda file: file["spikes/on/timestamps"].attrs.__setitem__("units", "weeks")).startswith(
        "load(): a unit is not known. Value: 'weeks' in FILE, /spikes/on/timestamps, units."
    )


def test_signals_in_an_nwb_file_keep_their_order(tmp_path):
    """It is that of the notes, whatever the names; from 1000 on numbers have another digit."""
    path = save(tmp_path / "x.nwb", block_of(signal("V: a/b"), signal("last")))

    def rename(file):
        file.move("acquisition/000_V_ a_b", "acquisition/z")
        notes = file["general/notes"][()].decode().replace("000_V_ a_b", "z")
        replace("general/notes", notes)(file)

    for each in (path, edit(path, rename)):
        assert [found.name for found in load(each).segments[0].analogsignals] == ["V: a/b", "last"]


def test_broken_nwb(tmp_path, lab):
    def broken(change):
        path = save(tmp_path / "x.nwb", [lab.spikes, lab.voltage])
        with pytest.raises(BadFile) as error:
            load(edit(path, change))
        return str(error.value).replace(str(path), "FILE")

    n_spikes = lab.spikes.n_events
    assert broken(replace("units/spike_times_index", np.arange(12, 0, -1, dtype=np.uint64))) == (
        "load(): the index of the spike times does not fit to them. "
        f"Value: 12 ends up to 12 for 12 units and {n_spikes} spikes in FILE, /units/spike_times_index. "
        f"Allowed: an ascending end for each unit, the last one that of all spikes. {ANEW}"
    )
    assert broken(replace("units/id", np.full(12, 7))) == (
        f"load(): two units have the same id. Value: 7 in FILE, /units/id. Allowed: different ids. {ANEW}"
    )
    assert broken(replace("units/spike_times", np.full(n_spikes, np.inf))) == (
        "load(): a time is not finite. Value: inf in FILE, /units/spike_times, entry 0. Allowed: s. " + ANEW
    )
    assert broken(replace("units/spike_times", np.full(n_spikes, 3.5))) == (
        "load(): a spike lies outside of the observed interval. Value: 3.5 s in FILE, /units/spike_times, "
        "entry 0. "
        f"Allowed: 0 … 0.2 s. {ANEW}"
    )
    assert broken(lambda file: file.__delitem__("acquisition/000_V_m")) == (
        "load(): a time series that the notes name is not there. Value: '000_V_m' in FILE, /acquisition. "
        f"Allowed: '001_I_syn_ex', '002_V_m', '003_I_syn_ex'. {ANEW}"
    )
    assert broken(replace("acquisition/000_V_m/data", np.zeros((5, 2)))) == (
        "load(): the notes name another number of columns. Value: 2 in FILE, /acquisition/000_V_m/data. "
        f"Allowed: 3. {ANEW}"
    )
    assert "this is not an NWB file, or a part of it is missing" in broken(
        lambda file: [file["specifications"].__delitem__("core"), file["specifications"].create_group("core")]
    )
    assert broken(replace("general/notes", "{")).startswith("load(): the header is not JSON. Value: ")
    assert "in FILE. Allowed: an NWB file of version 2." in broken(
        lambda file: file.attrs.__delitem__("nwb_version")
    )
    path = tmp_path / "x.nwb"
    path.write_bytes(b"not HDF5")
    with pytest.raises(
        BadFile, match=r"load\(\): this is not an NWB file, or a part of it is missing\. Value: "
    ):
        load(path)


def test_broken_nix(tmp_path, lab):
    def broken(change, pooled=True):
        path = save(tmp_path / "x.nix", lab.spikes, pooled=pooled)
        with pytest.raises(BadFile) as error:
            load(edit(path, change))
        text = str(error.value).replace(str(path), "FILE")
        assert text.endswith("Write the file anew; what you have loaded already is still there.")
        return text

    def inside(file, end):
        found = []
        file.visit(lambda name: found.append(name) if name.endswith(end) else None)
        return found[0]

    n_spikes = lab.spikes.n_events
    text = broken(lambda file: file.__delitem__(inside(file, "/t_stop")))
    assert text.startswith("load(): a spike train has no t_stop. Value: no such property in FILE, neo.block.")
    assert "/multi_tags/neo.spiketrain.segment0.0. Allowed: a time with its unit." in text
    text = broken(lambda file: replace(inside(file, ".times/data"), np.full(n_spikes, 999.0))(file))
    assert text.startswith(
        "load(): a spike lies outside of the recorded time. Value: 999.0 in FILE, neo.block."
    )
    assert ", positions, entry 0. Allowed: 0 … 200 ms." in text
    text = broken(lambda file: replace(inside(file, ".senders/data"), np.full(n_spikes, 99))(file))
    assert text.startswith(
        "load(): a spike is from a neuron that is not in its population. Value: neuron 99 in FILE"
    )
    assert ".senders, entry 0. Allowed: 1-12." in text
    for name in ("nix_name", "recorder"):
        text = broken(
            lambda file, name=name: replace(inside(file, f"segment0.0/properties/{name}"), b"x")(file)
        )
        assert text.startswith("load(): this is not a NIX file, or a part of it is missing. Value: ")
    text = broken(lambda file: replace(inside(file, ".senders/data"), [1, 2])(file))
    assert text.startswith(
        "load(): a pooled spike train must say which neuron each spike is from. Value: 2 neurons"
    )
    text = broken(lambda file: file.__delitem__("data"))
    assert text.startswith("load(): this is not a NIX file, or a part of it is missing. Value: ")
    path = tmp_path / "x.nix"
    path.write_bytes(b"not HDF5")
    with pytest.raises(
        BadFile, match=r"load\(\): this is not a NIX file, or a part of it is missing\. Value: "
    ):
        load(path)


@pytest.mark.parametrize("suffix", [".nix", ".nwb", ".parquet", ".h5"])
def test_files_that_were_cut(tmp_path, lab, suffix):
    """At any place: an error that names the file, and what was loaded before is still there."""
    path = save(tmp_path / f"x{suffix}", lab.spikes)
    before, whole = load(path), path.read_bytes()
    for part in (0.0, 0.1, 0.5, 0.9, 0.99):
        path.write_bytes(whole[: int(part * len(whole))])
        with pytest.raises(BadFile) as error:
            load(path)
        assert str(path) in str(error.value)
    assert sum(map(len, before.segments[0].spiketrains)) == lab.spikes.n_events


# -- speed


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SPIKES)
def test_a_million_spikes_of_ten_thousand_neurons(tmp_path, suffix):
    """Less than 1 s of processor time each way on a machine of 2020; 10 s are for slow ones."""
    from nest_lab.export.neo import make_block
    from nest_lab.export.recording import Recording, Spikes

    generator = np.random.default_rng(1)
    times = np.sort(np.rint(generator.uniform(0.0, 1e5, 10**6))) / 10.0
    senders = generator.integers(1, 10001, 10**6)
    names = ("E",) * 8000 + ("I",) * 2000
    spikes = Spikes(times, senders, np.arange(1, 10001), names, np.full(10000, 10001), 0.0, 1e4)
    begin = time.process_time()
    block = make_block(Recording("fast", {}, spikes))
    assert time.process_time() - begin < 0.5
    begin = time.process_time()
    again = load(save(tmp_path / f"x{suffix}", block))
    assert time.process_time() - begin < 20.0
    channels, when = again.segments[0].spiketrains.multiplexed
    assert np.array_equal(when.magnitude, times)
    order, ours = np.lexsort((channels, when.magnitude)), np.lexsort((senders, times))
    assert np.array_equal(channels[order], senders[ours])
