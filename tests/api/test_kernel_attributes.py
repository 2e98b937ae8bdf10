"""Kernel attributes: those of the reference, with its types, on the module itself."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors
from nest_lab.testing import reference

READ_ONLY = [
    "T_max",
    "T_min",
    "build_info",
    "connection_rules",
    "growth_curves",
    "local_spike_counter",
    "max_num_syn_models",
    "max_update_time",
    "memory_size",
    "min_update_time",
    "ms_per_tic",
    "network_size",
    "node_models",
    "num_connections",
    "num_processes",
    "off_grid_spiking",
    "recording_backends",
    "recv_buffer_size_secondary_events",
    "rng_types",
    "send_buffer_size_secondary_events",
    "spike_buffer_resize_log",
    "stimulation_backends",
    "synapse_models",
    "tics_per_step",
    "to_do",
]


def same(a, b):
    """Whether two values are equal; dictionaries may hold arrays."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return np.array_equal(np.asarray(a), np.asarray(b))


@pytest.fixture(autouse=True)
def fresh():
    """A fresh kernel before and after."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.INFO
    yield
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.INFO


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """In a process of its own: some of it outlasts ResetKernel."""
    file = tmp_path_factory.mktemp("reference") / "status"
    program = "import nest, pickle, sys; pickle.dump(nest.GetKernelStatus(), open(sys.argv[1], 'wb'))"
    subprocess.run([sys.executable, "-c", program, file], check=True, capture_output=True)
    reference()  # some values are of its types
    return pickle.loads(file.read_bytes())


def test_same_names_and_types(theirs):
    ours = nest.GetKernelStatus()
    assert set(ours) == set(theirs)
    assert {name: type(value).__name__ for name, value in ours.items()} == {
        name: type(value).__name__ for name, value in theirs.items()
    }


def test_same_values_of_a_fresh_kernel(theirs):
    """What differs is said here, with the reason."""
    ours = nest.GetKernelStatus()
    different = {name for name, value in theirs.items() if not same(ours[name], value)}
    threads = {"local_num_threads", "total_num_virtual_procs"}  # all there are, which may be one
    assert different - threads == {
        "build_info",  # another program
        "node_models",  # fewer models so far
        "synapse_models",
        "memory_size",
        "rng_type",  # Philox
    }
    assert set(ours["node_models"]) <= set(theirs["node_models"])
    assert set(ours["synapse_models"]) <= set(theirs["synapse_models"])
    assert set(ours["connection_rules"]) <= set(theirs["connection_rules"])
    assert set(theirs["build_info"]) <= set(ours["build_info"])


def test_reading_one_is_reading_the_attribute():
    status = nest.GetKernelStatus()
    for name, value in status.items():
        if not name.startswith(("time_", "memory")):
            assert same(getattr(nest, name), value), name
            assert name in dir(nest)
    assert nest.kernel_status.keys() == status.keys()


@pytest.mark.parametrize("name", READ_ONLY)
def test_read_only(name):
    for where, call in (
        (f"nest.{name}", lambda: setattr(nest, name, 3)),
        ("SetKernelStatus()", lambda: nest.SetKernelStatus({name: 3})),
        ("set()", lambda: nest.set(**{name: 3})),
    ):
        with pytest.raises(errors.ReadOnly) as caught:
            call()
        text = str(caught.value)
        assert text.startswith(f"{where}: {name} can only be read. Value: 3. Allowed: reading it. ")
        assert text.endswith(" Leave it out.")
        assert isinstance(caught.value, (AttributeError, ValueError))


def test_unknown():
    todo = "nest.GetKernelStatus() shows all."
    text = (
        "there is no kernel attribute of this name. Value: 'resolutoin'. Allowed: 'resolution' or one of "
        f"{len(nest.GetKernelStatus()) - 1} others. Did you mean 'resolution'? {todo}"
    )
    for where, call in (
        ("nest.resolutoin", lambda: setattr(nest, "resolutoin", 0.5)),
        ("SetKernelStatus()", lambda: nest.SetKernelStatus({"print_time": True, "resolutoin": 0.5})),
        ("GetKernelStatus()", lambda: nest.GetKernelStatus(["print_time", "resolutoin"])),
        ("set()", lambda: nest.set(resolutoin=0.5)),
        ("get()", lambda: nest.get("resolutoin")),
    ):
        with pytest.raises(errors.UnknownName) as caught:
            call()
        assert str(caught.value) == f"{where}: {text}"
    assert nest.print_time is False
    assert not hasattr(nest, "resolutoin")
    with pytest.raises(
        AttributeError, match=r"^nest\.Craete: there is no attribute .* Did you mean 'Create'\?"
    ):
        _ = nest.Craete


def test_set_and_get_settable_ones():
    nest.SetKernelStatus({"resolution": 0.5, "rng_seed": 7, "local_num_threads": 2, "print_time": True})
    assert nest.GetKernelStatus(["resolution", "rng_seed", "local_num_threads", "print_time"]) == (
        0.5,
        7,
        2,
        True,
    )
    nest.set(min_delay=0.5, max_delay=2.0)
    assert nest.get(("min_delay", "max_delay")) == (0.5, 2.0)


def test_all_or_nothing():
    with pytest.raises(errors.BadValue) as caught:
        nest.SetKernelStatus({"rng_seed": 5, "print_time": True, "resolution": 0.5, "local_num_threads": 0})
    assert str(caught.value) == (
        "SetKernelStatus(): local_num_threads is out of bounds. Value: 0. Allowed: from 1 to 256. Choose the number of cores."
    )
    assert (nest.rng_seed, nest.print_time, nest.resolution) == (143202461, False, 0.1)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("rng_seed", 0, "rng_seed must be a positive whole number of 32 bits. Value: 0. Allowed: 1 … 4294967295. "
         "Choose another seed."),
        ("rng_seed", 1.5, "rng_seed must be a whole number. Value: 1.5 (float). Allowed: a whole number. Round it."),
        ("rng_seed", True, "rng_seed must be a whole number. Value: True (bool). Allowed: a whole number. Give a whole number."),
        ("print_time", 1, "print_time must be True or False. Value: 1 (int). Allowed: True, False. "
         "Give a truth value."),
        ("data_path", 3, "data_path must be text. Value: 3 (int). Allowed: text. Put it in quotes."),
        ("resolution", "a", "resolution must be a number of ms. Value: 'a' (str). Allowed: a number of ms. "
         "Give a number."),
        ("min_delay", 0.5, "min_delay and max_delay can only be set together. Value: 0.5 ms. "
         "Allowed: both of them in one call. Write nest.set(min_delay=..., max_delay=...)."),
        ("biological_time", 5.0, "the clock can only be set to 0. Value: 5.0 ms. Allowed: 0 ms. "
         "Simulate() up to the time you want."),
        ("rng_type", "mt19973", "there is no random number generator of this name. Value: 'mt19973'. Allowed: "
         "'Philox_32', 'Philox_64', 'Threefry_32', 'Threefry_64', 'mt19937', 'mt19937_64'. Did you mean 'mt19937'?"),
        ("verbosity", "EROR", "there is no verbosity level of this name. Value: 'EROR'. Allowed: 'ERROR' or one of 9 "
         "others. Did you mean 'ERROR'?"),
    ],
)  # fmt: skip
def test_bad_values(name, value, text):
    before = getattr(nest, name)
    with pytest.raises(nest.NESTError) as caught:
        setattr(nest, name, value)
    where = "set_verbosity()" if name == "verbosity" else f"nest.{name}"
    assert str(caught.value) in (f"{where}: {text}", f"nest.{name}: {text}")
    assert getattr(nest, name) == before


def test_attributes_without_effect_say_so_once(capfd):
    nest.keep_source_table = False
    nest.keep_source_table = False
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("nest.keep_source_table has no effect: ") == 1
    assert nest.keep_source_table is False
    nest.rng_type = "mt19937_64"
    assert "nest.rng_type stays 'Philox_32': " in capfd.readouterr().err
    nest.SetMaxBuffered("port", 3)
    nest.SetAcceptableLatency("port", 3.0)
    assert capfd.readouterr().err.count("has no effect: there are no MUSIC ports.") == 2
    nest.verbosity = nest.VerbosityLevel.WARNING
    nest.keep_source_table = True
    assert capfd.readouterr() == ("", "")


def test_verbosity_and_messages(capfd):
    nest.set_verbosity("M_ERROR")
    assert nest.verbosity is nest.VerbosityLevel.ERROR
    assert nest.get_verbosity() == 30
    nest.message("quiet")
    nest.message("loud", nest.VerbosityLevel.FATAL, function="test")
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("[FATAL] [")
    assert err.endswith("] test: loud\n")
    nest.ResetKernel()
    assert nest.verbosity is nest.VerbosityLevel.ERROR  # as in the reference


def test_timers_count():
    neurons = nest.Create("iaf_psc_alpha", 1000)
    nest.Connect(neurons, neurons, {"rule": "fixed_indegree", "indegree": 10})
    nest.Simulate(10.0)
    for name in (
        "time_construction_create",
        "time_construction_connect",
        "time_simulate",
        "time_simulate_cpu",
    ):
        assert nest.GetKernelStatus(name) > 0
    nest.ResetKernel()
    assert nest.GetKernelStatus("time_simulate") == 0


def test_userdict_is_free():
    nest.userdict["note"] = 3
    assert nest.userdict.pop("note") == 3


def test_modules_and_functions_may_be_replaced(monkeypatch):
    monkeypatch.setattr(nest, "Create", lambda: 3)
    assert nest.Create() == 3
