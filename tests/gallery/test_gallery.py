"""The gallery finds its networks, checks their parameters, and refuses in five parts."""

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest

import nest_lab as nest
from nest_lab import gallery
from nest_lab.api.memory import MemoryEstimate
from nest_lab.errors import BadType, BadValue, NESTError, OutOfMemory, UnknownName, WrongState
from nest_lab.gallery import Parameters, parameter


@pytest.mark.parametrize("name", gallery.names())
def test_an_entry_says_what_it_is(name):
    """Every network has a title, a publication, and documented parameters with presets of their type."""
    network = gallery.get(name)
    assert network.title
    assert network.citation
    assert network.doi.startswith("10.")
    assert network.doi in network.__doc__
    rows = network.parameters_class().table()
    assert rows
    assert all(row["doc"] and row["allowed"] for row in rows)
    assert network.presets
    assert all(type(preset) is network.parameters_class for preset in network.presets.values())
    offered = {*network.parameters_class.names(), *network.parameters_class.together}
    assert set(network.parameters_class.options) <= offered
    assert set(network.parameters_class.sized_by) <= offered
    assert bool(network.parameters_class().demand) == bool(network.parameters_class.sized_by)
    for control, (low, high) in network.controls().items():
        assert low < getattr(network.parameters_class(), control) < high


def test_a_file_is_an_entry(tmp_path, monkeypatch):
    """A new file in the package is a new network, with nothing else to edit."""
    (tmp_path / "silence.py").write_text(
        "from nest_lab.gallery import Parameters, ReferenceNetwork\n"
        "class Silence(ReferenceNetwork):\n"
        "    title, doi, citation, parameters_class = 'Nothing', '10.0/0', 'Nobody', Parameters\n"
        "    def _build(self): pass\n"
        "    def _results(self, start, stop): pass\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(gallery, "__path__", [*gallery.__path__, str(tmp_path)])
    assert "silence" in gallery.names()
    assert gallery.get("silence").title == "Nothing"


def test_a_file_holds_one_entry(tmp_path, monkeypatch):
    """A file without a network is a mistake, and says so."""
    (tmp_path / "empty_file.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(gallery, "__path__", [*gallery.__path__, str(tmp_path)])
    with pytest.raises(NESTError) as error:
        gallery.get("empty_file")
    assert str(error.value) == (
        "gallery.get(): a file of the gallery defines one network, 'empty_file' defines 0. Value: none. "
        "Allowed: one subclass of ReferenceNetwork. Give each network a file of its own."
    )


def test_unknown_network():
    with pytest.raises(UnknownName) as error:
        gallery.get("brunle")
    assert str(error.value) == (
        "gallery.get(): there is no network of this name in the gallery. Value: 'brunle'. "
        f"Allowed: {', '.join(map(repr, gallery.names()))}. Did you mean 'brunel'? "
        "The networks are listed by nest-lab list."
    )


@dataclass(frozen=True, kw_only=True)
class Sample(Parameters):
    """A parameter of each type and with each kind of bounds."""

    size: int = parameter(3, "", "number of neurons", lower=1)
    share: float = parameter(0.5, "", "share of them that fires", lower=0.0, upper=1.0)
    tau: float = parameter(10.0, "ms", "time constant", lower=0.0, lower_open=True)
    ceiling: float = parameter(1.0, "mV", "ceiling", upper=2.0)
    rest: float = parameter(-70.0, "mV", "resting potential")
    noisy: bool = parameter(False, "", "presence of noise")
    shape: str = parameter("round", "", "shape of the dish", choices=("round", "square"))
    together: ClassVar[Mapping[str, tuple[str, ...]]] = {"level": ("ceiling", "rest")}


def test_values_take_the_type_of_the_parameter():
    import numpy as np

    sample = Sample(size=np.int64(4), tau=3, share=np.float32(0.25), noisy=np.bool_(True))
    assert dataclasses.astuple(sample) == (4, 0.25, 3.0, 1.0, -70.0, True, "round")
    assert [type(value) for value in dataclasses.astuple(sample)] == [int, *[float] * 4, bool, str]
    assert type(Sample(size=4.0).size) is int
    assert Sample(shape=np.str_("square")).shape == "square"


def test_one_name_may_set_several_parameters():
    """A parameter that is also named by itself has its own value."""
    assert Sample().replace(level=-3.0) == Sample(ceiling=-3.0, rest=-3.0)
    assert Sample().replace(rest=1.0, level=-3.0) == Sample(ceiling=-3.0, rest=1.0)
    facts = Sample.facts("level")
    assert (facts["doc"], facts["unit"], facts["type"]) == ("value of ceiling and rest", "mV", float)


BAD = {
    "size=0": (
        {"size": 0},
        BadValue,
        "Sample.size is out of bounds. Value: 0. Allowed: a whole number, at least 1. size is the "
        "number of neurons.",
    ),
    "size=2.5": (
        {"size": 2.5},
        BadType,
        "Sample.size must be a whole number, at least 1. Value: 2.5. Allowed: a whole number, at least 1. "
        "size is the number of neurons.",
    ),
    "size=inf": (
        {"size": float("inf")},
        BadType,
        "Sample.size must be a whole number, at least 1. Value: inf. Allowed: a whole number, at least 1. "
        "size is the number of neurons.",
    ),
    "share=2": (
        {"share": 2.0},
        BadValue,
        "Sample.share is out of bounds. Value: 2.0. Allowed: a number 0 … 1. share is the share of them "
        "that fires.",
    ),
    "tau=0": (
        {"tau": 0.0},
        BadValue,
        "Sample.tau is out of bounds. Value: 0.0 ms. Allowed: a number above 0 ms. tau is the time constant.",
    ),
    "tau=nan": (
        {"tau": float("nan")},
        BadValue,
        "Sample.tau is out of bounds. Value: nan ms. Allowed: a number above 0 ms. tau is the time constant.",
    ),
    "tau=text": (
        {"tau": "ten"},
        BadType,
        "Sample.tau must be a number above 0 ms. Value: 'ten' ms. Allowed: a number above 0 ms. "
        "tau is the time constant.",
    ),
    "tau=True": (
        {"tau": True},
        BadType,
        "Sample.tau must be a number above 0 ms. Value: True ms. Allowed: a number above 0 ms. "
        "tau is the time constant.",
    ),
    "ceiling=3": (
        {"ceiling": 3},
        BadValue,
        "Sample.ceiling is out of bounds. Value: 3 mV. Allowed: a number, at most 2 mV. ceiling is the "
        "ceiling.",
    ),
    "rest=None": (
        {"rest": None},
        BadType,
        "Sample.rest must be a number. Value: None mV. Allowed: a number. rest is the resting potential.",
    ),
    "noisy=1": (
        {"noisy": 1},
        BadType,
        "Sample.noisy must be True or False. Value: 1. Allowed: True or False. noisy is the presence of "
        "noise.",
    ),
    "shape=rund": (
        {"shape": "rund"},
        UnknownName,
        "Sample.shape has no such choice. Value: 'rund'. Allowed: 'round' or 'square'. Did you mean 'round'? "
        "shape is the shape of the dish.",
    ),
    "shape=1": (
        {"shape": 1},
        BadType,
        "Sample.shape must be 'round' or 'square'. Value: 1. Allowed: 'round' or 'square'. "
        "shape is the shape of the dish.",
    ),
    "level=3": (
        {"level": 3},
        BadValue,
        "Sample.ceiling is out of bounds. Value: 3 mV. Allowed: a number, at most 2 mV. ceiling is the "
        "ceiling.",
    ),
    "taau": (
        {"taau": 1.0},
        UnknownName,
        "Sample has no parameter of this name. Value: 'taau'. "
        "Allowed: 'ceiling', 'level', 'noisy', 'rest', 'shape', 'share', 'size', 'tau'. Did you mean 'tau'? "
        "See table() for what each parameter means.",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_parameters_are_refused(case):
    changes, kind, text = BAD[case]
    with pytest.raises(kind) as error:
        Sample().replace(**changes)
    assert str(error.value) == text


def test_unknown_preset():
    with pytest.raises(UnknownName) as error:
        gallery.get("brunel").preset("SI-fats")
    assert str(error.value) == (
        "Brunel.preset(): Brunel has no preset of this name. Value: 'SI-fats'. "
        "Allowed: 'AI', 'SI-fast', 'SI-slow', 'SR', 'classroom'. Did you mean 'SI-fast'? "
        "A preset is a published set of parameters."
    )


@pytest.mark.parametrize(
    ("call", "where"),
    [
        (lambda network: network.simulate(10.0), "simulate()"),
        (lambda network: network.results(), "results()"),
        (lambda network: network.take_spikes(), "take_spikes()"),
        (lambda network: network.set_parameter("g", 4.0), "set_parameter()"),
    ],
    ids=["simulate", "results", "take_spikes", "set_parameter"],
)
def test_nothing_goes_before_build(call, where):
    with pytest.raises(WrongState) as error:
        call(gallery.get("brunel")())
    assert str(error.value) == (
        f"Brunel.{where}: the network has no nodes yet. Value: not built. Allowed: a network after build(). "
        "Call build() first."
    )


def test_no_results_before_it_ran():
    network = gallery.get("brunel").preset("classroom").build()
    with pytest.raises(WrongState) as error:
        network.results()
    assert str(error.value) == (
        "Brunel.results(): there are no results before the network has run. Value: 0 ms simulated. "
        "Allowed: more than 0 ms. Call simulate(1000.0) first."
    )


def test_results_are_of_the_spikes_that_were_not_taken():
    """The recorder is empty after it was read, and no statistic counts the time before as silent."""
    network = gallery.get("brunel").preset("classroom").build().simulate(400.0)
    whole = network.results()["rate"].value
    times, senders = network.take_spikes()
    assert len(times) == len(senders) > 1000
    assert network.recorder.n_events == 0
    with pytest.raises(WrongState) as error:
        network.results()
    assert str(error.value) == (
        "Brunel.results(): there are no results before the network has run. Value: 400 ms simulated, spikes "
        "taken up to 400 ms. Allowed: more than 400 ms. Call simulate(1000.0) first."
    )
    results = network.simulate(400.0).results()
    assert (results.start, results.stop) == (400.0, 800.0)
    assert results["rate"].value == pytest.approx(whole, rel=0.25)
    assert network.build().simulate(100.0).results().start < 50.0


def test_spikes_are_not_taken_during_a_run():
    network = gallery.get("brunel").preset("classroom").build()
    network.simulation.start(1e6)
    while network.simulation.time == 0.0:  # a stop before it begins would be lost
        time.sleep(0.001)
    try:
        with pytest.raises(WrongState) as error:
            network.take_spikes()
    finally:
        network.simulation.stop()
        network.simulation.wait()
    assert str(error.value) == (
        "Brunel.take_spikes(): spikes are taken before or after a run. Value: a run is under way. "
        "Allowed: a network that does not run. Call wait() or stop() of the simulation first."
    )


def test_only_controls_change_in_a_built_network():
    network = gallery.get("brunel").preset("classroom").build()
    with pytest.raises(UnknownName) as error:
        network.set_parameter("order", 300)
    assert str(error.value) == (
        "Brunel.set_parameter(): this parameter cannot be changed in a built network. Value: 'order'. "
        "Allowed: 'eta', 'g'. Any other needs a new network."
    )
    with pytest.raises(BadValue):
        network.set_parameter("g", -1.0)
    assert network.parameters.g == 5.0


def test_unknown_statistic():
    network = gallery.get("brunel").preset("classroom").build().simulate(50.0)
    with pytest.raises(UnknownName) as error:
        network.results()["rat"]
    assert str(error.value) == (
        "there is no statistic of this name. Value: 'rat'. "
        "Allowed: 'cv', 'frequency', 'modulation', 'peak', 'rate'. Did you mean 'rate'?"
    )


def test_a_bar_where_it_is_asked_for(capsys):
    """`progress` has the last word, then `print_time`; neither changes the other."""
    network = gallery.get("brunel").preset("classroom").build()
    with network.simulation:
        nest.print_time = True
    shown = []
    for progress in (None, False, True):
        network.simulate(5.0, progress=progress)
        shown.append("Simulating" in capsys.readouterr().err)
    assert shown == [True, False, True]
    with network.simulation:
        assert nest.print_time


TOO_LARGE = {
    "brunel": (
        {"order": 10**6},
        "Brunel.build(): this network would not fit into memory. Value: at least 5,000 GB needed, most of "
        "it for 2,500,000,000,000 connections. Allowed: 8 GB available. Choose smaller values of order, "
        "epsilon.",
    ),
    "ring": (
        {"order": 10**6},
        "Ring.build(): this network would not fit into memory. Value: at least 20,000 GB needed, most of it "
        "for 10,000,000,000,000 connections. Allowed: 8 GB available. Choose smaller values of areas, order, "
        "epsilon.",
    ),
    "astrocytes": (
        {"N_I": 10**6},
        "Astrocytes.build(): this network would not fit into memory. Value: at least 200 GB needed, most of "
        "it for 100,032,002,560 connections. Allowed: 8 GB available. Choose smaller values of N_E, N_I, "
        "N_A, p.",
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_network_that_does_not_fit_into_memory_is_refused(name, monkeypatch):
    """At once, and what there was stays."""
    monkeypatch.setattr(nest, "estimate_memory", lambda: MemoryEstimate({"process": 10**8}, 8 * 10**9))
    nest.ResetKernel()
    nest.Create("iaf_psc_alpha")
    changes, text = TOO_LARGE[name]
    network = gallery.get(name)(**changes)
    begin = time.perf_counter()
    with pytest.raises(OutOfMemory) as caught:
        network.build()
    assert time.perf_counter() - begin < 1.0
    assert str(caught.value) == text
    assert not network.built
    assert nest.network_size == 1


def test_a_small_machine_does_not_begin_with_the_full_microcircuit(monkeypatch):
    """As in a hosted lab with 1 GB."""
    monkeypatch.setattr(nest, "estimate_memory", lambda: MemoryEstimate({"process": 10**8}, 10**9))
    with pytest.raises(
        OutOfMemory, match=r"at least 1 GB needed, most of it for 29\d,\d{3},\d{3} connections"
    ):
        gallery.get("microcircuit")().build()


@pytest.mark.parametrize("name", ["brunel", "ring", "astrocytes", "microcircuit"])
def test_no_network_that_fits_is_refused(name):
    """What a network takes at least is not more than what the kernel says that it takes."""
    network = gallery.get(name)(**({"scale": 0.05} if name == "microcircuit" else {}))
    network.build()
    memory = nest.estimate_memory()
    connections = [size for what, size in network.parameters.demand.items() if "connections" in what]
    assert 0 < sum(connections) <= 1.1 * (memory.peak - memory["process"])
