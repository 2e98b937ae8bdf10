"""Recorders that write to files and to the screen, beside the reference and where the disk does not
follow.
"""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import threading

import numpy as np
import pytest

import nest_lab
from nest_lab import errors, raster_plot
from nest_lab.testing import reference

BACKENDS = ["ascii", "memory", "screen"]


@pytest.fixture(autouse=True)
def clean(tmp_path):
    nest_lab.ResetKernel()
    nest_lab.local_num_threads = 2
    nest_lab.data_path = str(tmp_path)
    yield
    nest_lab.ResetKernel()


def network(nest, record_to="ascii", **params):
    """Three neurons that spike, and a recorder of each kind."""
    neurons = nest.Create("iaf_psc_alpha", 3, {"I_e": [900.0, 1000.0, 1100.0]})
    recorders = {
        "spike_recorder": nest.Create("spike_recorder", params={"record_to": record_to, **params}),
        "multimeter": nest.Create(
            "multimeter",
            params={"record_to": record_to, "record_from": ["V_m", "I_syn_ex"], "label": "volts", **params},
        ),
        "weight_recorder": nest.Create("weight_recorder", params={"record_to": record_to, **params}),
    }
    nest.CopyModel("static_synapse", "watched", {"weight_recorder": recorders["weight_recorder"]})
    nest.Connect(neurons, neurons, syn_spec={"synapse_model": "watched", "weight": 20.0})
    nest.Connect(neurons, recorders["spike_recorder"])
    nest.Connect(recorders["multimeter"], neurons)
    return recorders


def rows(text):
    """Names of the columns, and the rows in an order that does not depend on threads."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    table = [tuple(float(x) for x in line.split("\t")) for line in lines[1:]]
    return lines[0].split("\t"), sorted(table)


def whole(folder, pattern):
    """The files of one recorder as one: the reference has one for each thread."""
    texts = [file.read_text() for file in sorted(folder.glob(pattern))]
    assert texts
    return texts[0] + "".join(
        "".join(line + "\n" for line in text.splitlines() if not line.startswith(("#", "sender")))
        for text in texts[1:]
    )


@pytest.mark.parametrize("in_steps", [False, True])
def test_files_hold_what_those_of_the_reference_hold(tmp_path, in_steps):
    nest = reference()
    texts = {}
    for simulator in (nest, nest_lab):
        folder = tmp_path / simulator.__name__
        folder.mkdir()
        simulator.ResetKernel()
        simulator.local_num_threads = 2
        simulator.set(data_path=str(folder), data_prefix="first_")
        network(simulator, precision=6, time_in_steps=in_steps)
        simulator.Simulate(50.0)
        names = ("first_spike_recorder-4-*.dat", "first_volts-5-*.dat", "first_weight_recorder-6-*.dat")
        texts[simulator.__name__] = [rows(whole(folder, name)) for name in names]
        simulator.set(data_path="", data_prefix="")  # the reference keeps them for the next network
    for (ours, our_rows), (theirs, their_rows) in zip(texts["nest_lab"], texts["nest"], strict=True):
        assert sorted(ours) == sorted(theirs)
        names = [name for name in theirs if name != "ports"]  # which the reference counts for each thread
        table = [
            sorted(tuple(row[head.index(name)] for name in names) for row in found)
            for head, found in ((ours, our_rows), (theirs, their_rows))
        ]
        assert len(our_rows) == len(their_rows) > 0
        assert np.allclose(*table, rtol=0, atol=2e-6)  # the last digit may be rounded elsewhere


def test_begin_of_a_file(tmp_path):
    recorders = network(nest_lab)
    nest_lab.Simulate(50.0)
    [file] = recorders["spike_recorder"].filenames
    assert file == str(tmp_path / "spike_recorder-4-0.dat")
    lines = (tmp_path / "spike_recorder-4-0.dat").read_text().splitlines()
    assert re.fullmatch(r"# NEST Lab version: [\d.]+\S*", lines[0])
    assert lines[1:3] == ["# RecordingBackendASCII version: 2", "sender\ttime_ms"]
    assert re.fullmatch(r"3\t\d+\.\d{3}", lines[3])
    assert len(lines) - 3 == recorders["spike_recorder"].n_events


def test_a_further_run_goes_on_in_the_file_and_loses_nothing(tmp_path):
    recorder = network(nest_lab)["spike_recorder"]
    nest_lab.Simulate(50.0)
    first = (tmp_path / "spike_recorder-4-0.dat").read_text()
    nest_lab.Simulate(50.0)
    with nest_lab.RunManager():
        nest_lab.Run(20.0)
        nest_lab.Run(30.0)
    text = (tmp_path / "spike_recorder-4-0.dat").read_text()
    assert text.startswith(first)
    assert text.count("sender") == 1
    _, table = rows(text)
    assert len(table) == recorder.n_events > 2 * len(rows(first)[1])
    assert [time for _, time in sorted(table, key=lambda row: row[1])][-1] > 140.0
    recorder.n_events = 0
    assert recorder.n_events == 0
    assert (tmp_path / "spike_recorder-4-0.dat").read_text() == text


def test_a_recorder_without_events_has_a_file_with_a_head(tmp_path):
    recorder = nest_lab.Create("multimeter", params={"record_to": "ascii", "record_from": ["V_m"]})
    nest_lab.Simulate(10.0)
    text = (tmp_path / "multimeter-1-0.dat").read_text()
    assert text.splitlines()[2:] == ["sender\ttime_ms\tV_m"]
    assert recorder.n_events == 0


def test_the_screen_shows_rows(capsys):
    """Through Python, so that a notebook shows them."""
    network(nest_lab, "screen", precision=1)
    nest_lab.Simulate(30.0)
    lines = capsys.readouterr().out.splitlines()
    assert any(re.fullmatch(r"3\t\d+\.\d", line) for line in lines)


def test_what_a_node_shows_depends_on_where_it_records_to():
    nest = reference()
    for record_to in BACKENDS:
        keys = []
        for simulator in (nest, nest_lab):
            simulator.ResetKernel()
            simulator.SetDefaults("spike_recorder", {"record_to": record_to})
            recorder = simulator.Create("spike_recorder")
            keys.append((set(recorder.get()), set(simulator.GetDefaults("spike_recorder"))))
        assert keys[0][0] == keys[1][0]
        assert keys[0][1] - {"filenames"} == keys[1][1] - {"filenames"}
    both = nest_lab.Create("spike_recorder", 2, {"record_to": ["memory", "ascii"]})
    assert both.get("filenames")[0] is None
    assert set(both.get()) >= {"events", "filenames"}
    assert not hasattr(both[1], "events")
    assert not hasattr(both[0], "filenames")


def test_raster_plots_read_the_files(tmp_path):
    recorder = network(nest_lab)["spike_recorder"]
    nest_lab.Simulate(100.0)
    pytest.importorskip("matplotlib").use("agg")
    assert raster_plot.from_file(recorder.filenames[0]) is not None


def test_the_folder_must_be_there():
    text = (
        "nest.data_path: data_path must be a folder. Value: '/nowhere/at/all'. Allowed: a folder that "
        "exists, or '' for the current one. Make the folder first, e.g. with os.makedirs()."
    )
    before = nest_lab.data_path
    with pytest.raises(errors.BadValue) as caught:
        nest_lab.data_path = "/nowhere/at/all"
    assert str(caught.value) == text
    assert nest_lab.data_path == before


def test_a_folder_that_has_gone_stops_the_run_before_it_begins(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    nest_lab.data_path = str(folder)
    network(nest_lab)
    folder.rmdir()
    with pytest.raises(errors.BadValue) as caught:
        nest_lab.Simulate(10.0)
    assert str(caught.value) == (
        f"Simulate(): there is no such folder to record to. Value: '{folder}'. Allowed: a folder that "
        "exists. Make the folder, or set nest.data_path to another one."
    )
    assert nest_lab.biological_time == 0.0


def test_a_file_is_not_replaced_unasked(tmp_path):
    file = tmp_path / "spike_recorder-4-0.dat"
    file.write_text("the work of a week")
    network(nest_lab)
    with pytest.raises(errors.WrongState) as caught:
        nest_lab.Simulate(10.0)
    assert str(caught.value) == (
        f"Simulate(): the file of a recorder exists already. Value: '{file}'. Allowed: a new file, unless "
        "nest.overwrite_files is True. Set nest.overwrite_files, or change nest.data_path, nest.data_prefix "
        "or the label of the recorder."
    )
    assert file.read_text() == "the work of a week"
    assert nest_lab.biological_time == 0.0
    nest_lab.overwrite_files = True
    nest_lab.Simulate(10.0)
    assert file.read_text().startswith("# NEST Lab")


def test_a_full_disk_ends_the_run_and_nothing_is_lost(tmp_path, monkeypatch):
    """The disk is full at the second writing; half of a row gets through."""
    recorder = network(nest_lab)["spike_recorder"]
    nest_lab.Simulate(30.0)
    file = tmp_path / "spike_recorder-4-0.dat"
    before = file.read_text()

    from nest_lab.recording import ascii

    class Full(type(file)):
        def open(self, *args, **kwargs):
            opened = super().open(*args, **kwargs)
            write = opened.write

            def half(text):
                write(text[: len(text) // 2])
                opened.flush()
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            opened.write = half
            return opened

    [stream] = [s for s in nest_lab.current().network.streams._streams.values() if s._file == file]
    monkeypatch.setattr(stream, "_file", Full(file))
    with pytest.raises(errors.WrongState) as caught:
        nest_lab.Simulate(30.0)
    assert str(caught.value) == (
        f"Simulate(): events cannot be written to a file: No space left on device. Value: '{file}'. "
        "Allowed: a disk with room, and a folder that may be written to. What was not written is still in "
        "memory: make room and go on with the run, or set record_to to 'memory'."
    )
    assert ascii.Stream is type(stream)
    assert file.read_text() == before
    monkeypatch.undo()
    nest_lab.Simulate(30.0)
    text = file.read_text()
    assert text.startswith(before)
    assert len(rows(text)[1]) == recorder.n_events
    times = [time for _, time in rows(text)[1]]
    assert sum(time < 60 for time in times) > sum(time < 30 for time in times) > 0


def test_events_do_not_stay_in_memory(tmp_path):
    """A run writes several times a second, and what is written is forgotten."""
    neurons = nest_lab.Create("poisson_generator", params={"rate": 20_000.0})
    parrots = nest_lab.Create("parrot_neuron", 100)
    recorder = nest_lab.Create("spike_recorder", params={"record_to": "ascii"})
    nest_lab.Connect(neurons, parrots)
    nest_lab.Connect(parrots, recorder)
    simulation = nest_lab.current()
    sizes = []
    forget = simulation.on_progress(
        lambda done, total: sizes.append((tmp_path / "spike_recorder-102-0.dat").stat().st_size)
    )
    simulation.start(3000.0)
    simulation.wait()
    forget()
    assert recorder.n_events > 5_000_000
    assert simulation.kernel.kept(102) == 0
    assert len(sizes) > 1
    assert sizes[0] < sizes[-1] / 2


def test_record_to_in_a_thread(tmp_path):
    recorder = network(nest_lab)["spike_recorder"]
    thread = threading.Thread(target=nest_lab.Simulate, args=(40.0,))
    thread.start()
    thread.join()
    assert len(rows((tmp_path / "spike_recorder-4-0.dat").read_text())[1]) == recorder.n_events > 0


def test_an_unknown_backend_and_events_that_went_elsewhere():
    with pytest.raises(errors.BadValue) as caught:
        nest_lab.Create("spike_recorder", params={"record_to": "asci"})
    assert str(caught.value) == (
        "Create(): spike_recorder.record_to has no choice of this name. Value: 'asci'. Allowed: 'ascii', "
        "'memory', 'screen'. Did you mean 'ascii'? Check the spelling."
    )
    recorder = nest_lab.Create("spike_recorder", params={"record_to": "ascii"})
    with pytest.raises(errors.UnknownName) as caught:
        recorder.get("events")
    assert str(caught.value) == (
        "NodeCollection.get(): spike_recorder has no events in memory: they went elsewhere. Value: record_to "
        "'ascii'. Allowed: record_to 'memory'. Read its files, which `filenames` names."
    )


def test_folder_and_prefix_of_the_environment(tmp_path):
    """NEST_DATA_PATH and NEST_DATA_PREFIX say where files go; a folder that is not there is left out."""
    code = "import nest_lab as nest; print(nest.data_path, nest.data_prefix, sep='|')"

    def said(folder):
        environment = os.environ | {"NEST_DATA_PATH": str(folder), "NEST_DATA_PREFIX": "run1_"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert said(tmp_path) == f"{tmp_path}|run1_"
    assert said(tmp_path / "nowhere") == "|run1_"
