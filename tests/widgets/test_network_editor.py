"""The editor of networks without a browser: what the mouse does, runs, messages, program, text and figure."""

import json
import math
import threading

import numpy as np
import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import BadValue, CannotConnect, NESTError, UnknownModel, UnknownName, WrongState
from nest_lab.widgets import NetworkEditor


def small(**more):
    """Poisson noise, neurons, a spike recorder and a voltmeter."""
    editor = NetworkEditor(speed=None, **more)
    drive = editor.add("poisson_generator")
    cells = editor.add("iaf_psc_alpha", size=20)
    editor.connect(drive, cells, weight=10.0)
    editor.connect(cells, editor.add("spike_recorder"))
    editor.connect(cells, editor.add("voltmeter"))
    editor.set("simulation/time", 200.0)
    return editor


@pytest.fixture
def editor():
    editor = small()
    yield editor
    editor.close()


@pytest.fixture
def messages(editor, monkeypatch):
    """What is sent to the page."""
    sent = []
    monkeypatch.setattr(
        type(editor), "send", lambda self, content, buffers=None: sent.append((content, buffers))
    )
    return sent


def ask(editor, do, **what):
    """What the page asks for."""
    editor._hear(None, {"do": do, **what}, [])


def spikes(recorder):
    events = recorder.events
    return np.column_stack((events["times"], events["senders"]))


# -- what the mouse does


def test_nodes_have_names_places_and_colours(editor):
    nodes = editor.network["nodes"]
    assert [node["label"] for node in nodes] == ["stim1", "pop1", "rec1", "rec2"]
    assert [node["kind"] for node in nodes] == ["stimulator", "neuron", "recorder", "recorder"]
    assert len({(node["x"], node["y"]) for node in nodes}) == 4
    assert len({node["color"] for node in nodes}) == 4


def test_no_two_nodes_have_the_same_name(editor):
    """Else nobody could tell their spikes apart."""
    editor.set("nodes/n2/label", "stim1")
    assert [node["label"] for node in editor.network["nodes"]] == ["stim1", "stim1 2", "rec1", "rec2"]
    editor.run()
    editor.wait(30.0)
    assert [*editor.rates] == ["stim1 2"]
    assert editor._populations[0]["color"] == editor.network["nodes"][1]["color"]


def test_recorders_and_stimulators_stand_where_they_belong(editor):
    """A spike recorder is a target and a voltmeter a source, from wherever one drags."""
    ends = [(each["source"], each["target"]) for each in editor.network["connections"]]
    assert ends == [("n1", "n2"), ("n2", "n3"), ("n4", "n2")]
    other = NetworkEditor()
    cells, drive = other.add("iaf_psc_exp"), other.add("dc_generator")
    other.connect(cells, drive)
    assert other.network["connections"][0]["source"] == drive


def test_a_multimeter_records_what_there_is():
    editor = NetworkEditor()
    cells, meter = editor.add("iaf_psc_exp"), editor.add("multimeter")
    editor.connect(meter, cells)
    assert editor.network["nodes"][1]["record"] == ["V_m"]


def test_a_duplicate_has_the_same_connections(editor):
    id = editor.duplicate("n2")
    node = next(each for each in editor.network["nodes"] if each["id"] == id)
    assert (node["label"], node["size"], node["model"]) == ("pop2", 20, "iaf_psc_alpha")
    assert {("n1", id), (id, "n3"), ("n4", id)} <= {
        (each["source"], each["target"]) for each in editor.network["connections"]
    }


def test_what_is_removed_takes_its_connections_along(editor):
    editor.remove("n2")
    assert [node["id"] for node in editor.network["nodes"]] == ["n1", "n3", "n4"]
    assert editor.network["connections"] == []


def test_another_model_keeps_what_it_knows(editor):
    editor.set("nodes/n2/params/tau_m", 20)
    editor.set("nodes/n2/params/tau_syn_ex", 3)
    editor.set("nodes/n2/model", "izhikevich")
    assert editor.network["nodes"][1]["params"] == {}
    editor.undo()
    editor.set("nodes/n2/model", "iaf_psc_exp")
    assert editor.network["nodes"][1]["params"] == {"tau_m": 20.0, "tau_syn_ex": 3.0}


def test_a_rule_comes_with_what_it_needs(editor):
    editor.connect("n2", "n2")
    for rule in nest.models.rules:
        if rule != "one_to_one":
            editor.set("connections/c4/rule/rule", rule)
            assert editor.network["connections"][3]["rule"]["rule"] == rule


def test_a_distribution_lies_around_the_value(editor):
    ask(editor, "distribute", path=["nodes", "n2", "params", "C_m"], distribution="normal")
    assert editor.network["nodes"][1]["params"]["C_m"] == {
        "distribution": "normal",
        "mean": 250.0,
        "std": 25.0,
    }
    ask(editor, "distribute", path=["nodes", "n2", "params", "C_m"], distribution=None)
    assert editor.network["nodes"][1]["params"]["C_m"] == 250.0


@pytest.mark.parametrize("model", ["iaf_psc_alpha", "izhikevich", "hh_psc_alpha"])
def test_every_distribution_can_be_chosen(model):
    """For a number of each sign; what is proposed is accepted."""
    editor = NetworkEditor()
    editor.add(model, size=3)
    for each in editor._catalogue["distributions"]:
        if not each["spatial"]:
            ask(editor, "distribute", path=["nodes", "n1", "params", "V_m"], distribution=each["name"])
            assert editor._problems == {}, each
            assert editor.network["nodes"][0]["params"]["V_m"]["distribution"] == each["name"]


def test_layers_of_space(editor):
    """On a grid the number follows from its shape; the script says the same."""
    editor.set("nodes/n2/positions/type", "grid")
    editor.set("nodes/n2/positions/shape", [4, 5])
    assert editor.network["nodes"][1]["size"] == 20
    assert "positions=nest.spatial.grid([4, 5], extent=[1.0, 1.0])" in editor.script()
    editor.set("nodes/n2/positions/type", "free")
    assert "nest.spatial.free" in editor.script()
    editor.set("nodes/n2/positions/type", "none")
    assert "positions" not in editor.script()


def test_every_model_can_be_added_and_shown():
    """Each node of the registry, with what it needs; its parameters have fields."""
    editor = NetworkEditor()
    for each in editor._catalogue["models"]:
        editor.add(each["name"])
        assert each["name"] in editor._details
    json.dumps(editor.get_state()["_details"], allow_nan=False)


def test_an_existing_network_is_drawn():
    """As it was asked for; the program gives the same spikes."""
    nest.ResetKernel()
    nest.rng_seed = 3
    cells = nest.Create("iaf_psc_alpha", 40, {"V_m": nest.random.uniform(-70.0, -56.0), "I_e": 380.0})
    nest.Connect(cells, cells, {"rule": "fixed_indegree", "indegree": 4}, {"weight": 20.0, "delay": 1.5})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    editor = NetworkEditor.from_simulation(speed=None)
    nest.Simulate(200.0)
    editor.set("simulation/time", 200.0)
    assert [node["kind"] for node in editor.network["nodes"]] == ["neuron", "recorder"]
    assert editor.network["connections"][0]["rule"] == {"rule": "fixed_indegree", "indegree": 4}
    editor.run()
    editor.wait(30.0)
    np.testing.assert_array_equal(spikes(next(iter(editor.recorders.values()))), spikes(recorder))


@pytest.mark.parametrize(
    ("kind", "name", "value", "extent"),
    [
        ("free", "dimensions", 3, [1.0, 1.0, 1.0]),
        ("free", "extent", [2, 3, 4], [2.0, 3.0, 4.0]),
        ("grid", "shape", [3, 4, 5], [1.0, 1.0, 1.0]),
    ],
)
def test_the_third_dimension(editor, kind, name, value, extent):
    """One value at a time: what belongs to it follows, and goes back with it."""
    editor.set("nodes/n2/positions/type", kind)
    before = editor.network["nodes"][1]["positions"]
    editor.set(f"nodes/n2/positions/{name}", value)
    assert editor.network["nodes"][1]["positions"]["extent"] == extent
    editor.set(f"nodes/n2/positions/{name}", before[name])
    assert editor.network["nodes"][1]["positions"] == {**before, "extent": before["extent"]}


# -- files


def test_a_project_of_nest_desktop_there_and_back(editor):
    """What is exported is read again, and runs the same."""
    editor.connect("n2", "n2", {"rule": "fixed_indegree", "indegree": 3}, weight=-4.0, delay=1.5)
    editor.set("nodes/n2/params/V_m", {"distribution": "uniform", "min": -70.0, "max": -60.0})
    other = NetworkEditor(speed=None)
    ask(other, "import_file", text=json.dumps(editor.project()), name="net.json")
    assert other._problems == {}
    for one in (editor, other):
        one.run()
        one.wait(30.0)
    first, second = (spikes(next(iter(one.recorders.values()))) for one in (editor, other))
    assert len(first) > 50
    np.testing.assert_array_equal(first, second)


def test_a_description_is_a_file_as_well(editor, tmp_path):
    other = NetworkEditor()
    other.load(json.dumps(editor.network))
    assert other.network == editor.network
    file = tmp_path / "project.json"
    file.write_text(json.dumps(editor.project()), encoding="utf-8")
    other = NetworkEditor()
    other.load(file)
    assert [node["model"] for node in other.network["nodes"]] == [
        node["model"] for node in editor.network["nodes"]
    ]


def test_an_exported_file_is_sent_to_the_page(editor, messages):
    ask(editor, "export_file")
    (content, buffers) = messages[-1]
    assert content["saved"] == "network.json"
    assert json.loads(buffers[0]) == editor.project()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "line 1"),
        ('{"network": {"nodes": [', "line 1"),
        ("[]", ""),
        ("3", ""),
        ('{"network": {"nodes": [{"model": 3}]}}', "network.nodes[0].model"),
        ('{"nodes": [{}], "connections": []}', "nodes"),
        ('{"network": {"nodes": [{"model": "nothing"}], "connections": []}}', "nothing"),
    ],
)
def test_a_broken_file_says_where_and_nothing_is_lost(editor, text, part):
    before = editor.network
    ask(editor, "import_file", text=text, name="broken.json")
    assert part in editor._problems[""]
    assert len(editor._problems[""]) > 30
    assert editor.network == before


# -- what is refused


@pytest.mark.parametrize(
    ("path", "value", "kind", "text"),
    [
        (
            "nodes/n2/params/tau_m",
            -3,
            BadValue,
            "pop1: iaf_psc_alpha.tau_m is out of bounds. Value: -3 ms. Allowed: above 0 ms. "
            "Choose a value that is allowed.",
        ),
        (
            "simulation/time",
            0,
            BadValue,
            "simulation/time: the time to run must be above 0. Value: 0 ms. Allowed: a number above 0 ms. "
            "Give the time to run in ms.",
        ),
    ],
)
def test_what_the_kernel_refuses_is_said_in_its_words(editor, path, value, kind, text):
    """To a program as an error, on the page beside the control; the network stays."""
    before = editor.network
    with pytest.raises(kind) as error:
        editor.set(path, value)
    assert str(error.value) == text
    ask(editor, "set", path=path.split("/"), value=value)
    assert editor._problems == {path: text}
    assert editor.network == before


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("nodes/n2/size", 0),
        ("nodes/n2/size", "many"),
        ("nodes/n2/params/C_m", "big"),
        ("nodes/n2/label", 3),
        ("nodes/n2/model", "iaf_psc_alhpa"),
        ("nodes/n4/record", ["nothing"]),
        ("nodes/n9/size", 3),
        ("nodes/n2/positions/extent", 3),
        ("nodes/n2/params/C_m/mean", 3),
        ("connections/c1/synapse/weight", "heavy"),
        ("connections/c1/synapse/delay", -1),
        ("connections/c1/synapse/synapse_model", "nothing"),
        ("connections/c1/rule/rule", "nothing"),
        ("connections/c1/rule/p", 0.5),
        ("simulation/resolution", 0),
        ("simulation/rng_seed", -1),
        ("nowhere", 1),
    ],
)
def test_nothing_bad_is_taken(editor, path, value):
    """Each is refused with a text, and the next valid value clears it."""
    before = editor.network
    ask(editor, "set", path=path.split("/"), value=value)
    assert len(editor._problems[path]) > 20
    assert editor.network == before
    with pytest.raises(NESTError):
        editor.set(path, value)
    ask(editor, "forget")
    assert editor._problems == {}


def test_what_cannot_be_connected(editor):
    before = editor.network
    with pytest.raises(CannotConnect):
        editor.connect("n3", "n3")
    ask(editor, "connect", source="n3", target="n3")
    assert editor._problems[""].startswith("rec1 → rec1: ")
    assert editor.network == before


def test_what_does_not_exist(editor):
    with pytest.raises(UnknownModel):
        editor.add("iaf_psc_alhpa")
    with pytest.raises(UnknownName) as error:
        editor.remove("n7")
    assert str(error.value).startswith(
        "NetworkEditor.remove(): there is no node or connection of this id. Value: 'n7'."
    )


# -- history


def test_undo_and_redo(editor):
    """Everything that a mouse does is one step; steps of the arrow keys are one together."""
    states = [editor.network]
    for act in (
        lambda: editor.set("nodes/n2/params/tau_m", 12.0),
        lambda: editor.move("n2", 200, 300),
        lambda: editor.duplicate("n2"),
        lambda: editor.remove("n1"),
        lambda: editor.add("ac_generator"),
    ):
        act()
        states.append(editor.network)
    for state in reversed(states[:-1]):
        editor.undo()
        assert editor.network == state
    for state in states[1:]:
        editor.redo()
        assert editor.network == state
    with pytest.raises(WrongState):
        editor.redo()
    editor.move("n2", 210, 300)
    editor.move("n2", 220, 300)
    editor.undo()
    assert editor.network == states[-1]


def test_an_assigned_network_is_checked(editor):
    before = editor.network
    with pytest.raises(NESTError):
        editor.network = {**before, "nodes": [{"model": "nothing"}]}
    assert editor.network == before
    editor.network = {"nodes": [{"model": "iaf_psc_exp"}]}
    assert "iaf_psc_exp" in editor._code
    editor.undo()
    assert editor.network == before


def test_a_cell_makes_the_same_editor(editor):
    """What the page gives to take home."""
    editor.set("nodes/n2/positions/type", "grid")
    scope = {}
    exec(editor._cell.replace("NetworkEditor(\n", "editor = NetworkEditor(\n"), scope)
    assert scope["editor"].network == editor.network


# -- running


def test_it_runs_as_its_program_does(editor):
    """The same spikes, bit for bit, as often as it runs."""
    editor.run()
    assert editor.wait(30.0)
    ours = spikes(editor.recorders["rec1"])
    assert len(ours) > 50
    scope = {}
    exec(editor.script(), scope)
    np.testing.assert_array_equal(spikes(scope["rec1"]), ours)
    editor.run()
    editor.wait(30.0)
    np.testing.assert_array_equal(spikes(editor.recorders["rec1"]), ours)


def test_a_run_begins_anew_though_nobody_has_heard_of_the_end_of_the_last(monkeypatch):
    """The thread of a run speaks of its end a moment after it; who waits does not wait for that."""
    heard = threading.Event()
    notice = NetworkEditor._notice

    def late(self):
        if threading.current_thread().name == "nest_lab live":
            heard.wait(10.0)
        notice(self)

    monkeypatch.setattr(NetworkEditor, "_notice", late)
    editor = small()
    for _ in range(2):
        heard.clear()
        editor.run()
        assert editor.wait(30.0)
        assert (editor.status, editor.time) == ("stopped", 200.0)
        threading.Timer(0.2, heard.set).start()  # while the next run is prepared, which waits for it
    editor.close()


def test_steps_and_pauses(editor):
    editor.step(50.0)
    assert (editor.time, editor.status) == (50.0, "paused")
    editor.run()
    editor.wait(30.0)
    assert (editor.time, editor.status) == (200.0, "stopped")
    editor.reset()
    assert editor.time == 0.0


def test_a_change_after_a_pause_begins_anew(editor):
    editor.step(50.0)
    editor.set("nodes/n2/size", 30)
    assert editor.status == "stopped"
    assert editor._stale
    editor.run()
    editor.wait(30.0)
    assert editor.time == 200.0
    assert not editor._stale
    assert editor._populations[0]["size"] == 30


def test_a_place_is_no_change_of_the_network(editor):
    editor.step(50.0)
    editor.move("n2", 111, 99)
    assert editor.status == "paused"
    assert not editor._stale


def test_the_page_gets_spikes_and_signals(editor, messages):
    editor.run()
    editor.wait(30.0)
    frames = [(content, buffers) for content, buffers in messages if content["what"] == "frame"]
    count = sum(len(buffers[0]) for content, buffers in frames if not content["fresh"])
    assert count == len(spikes(editor.recorders["rec1"]))
    content, buffers = next(each for each in reversed(messages) if each[0]["what"] == "signals")
    assert [panel["name"] for panel in content["panels"]] == ["V_m"]
    assert content["panels"][0]["unit"] == "mV"
    events = editor.recorders["rec2"].events
    first = content["panels"][0]["neurons"][0]
    np.testing.assert_allclose(buffers[0], events["V_m"][events["senders"] == first], rtol=1e-6)
    np.testing.assert_array_equal(buffers[1], events["times"][events["senders"] == first])


def test_two_recorders_of_the_same_neurons_show_each_spike_once(editor, messages):
    editor.connect("n2", editor.add("spike_recorder"))
    editor.run()
    editor.wait(30.0)
    frames = [(content, buffers) for content, buffers in messages if content["what"] == "frame"]
    count = sum(len(buffers[0]) for content, buffers in frames if not content["fresh"])
    assert count == len(spikes(editor.recorders["rec1"]))


def test_an_empty_network_has_nothing_to_run():
    editor = NetworkEditor()
    with pytest.raises(WrongState) as error:
        editor.run()
    assert str(error.value) == (
        "NetworkEditor.run(): there is nothing to run. Value: no nodes. Allowed: a network with nodes. "
        "Add some first."
    )
    ask(editor, "run")
    assert editor._failure == str(error.value)


def test_a_network_without_recorders_runs():
    editor = NetworkEditor({"nodes": [{"model": "iaf_psc_exp"}], "simulation": {"time": 20.0}}, speed=None)
    editor.run()
    assert editor.wait(30.0)
    assert editor.time == 20.0


def test_the_user_s_own_network_stays():
    nest.ResetKernel()
    nest.Create("iaf_psc_exp", 3)
    editor = small()
    editor.run()
    editor.wait(30.0)
    assert nest.network_size == 3


# -- twins


def test_text(editor):
    assert str(editor) == (
        "NetworkEditor: 4 nodes, 3 connections; stopped at 0.0 ms\n"
        "  stim1: poisson_generator, rate = 8000.0\n"
        "  pop1: 20 iaf_psc_alpha\n"
        "  rec1: spike_recorder\n"
        "  rec2: voltmeter\n"
        "  stim1 → pop1: all_to_all, static_synapse, weight = 10.0\n"
        "  pop1 → rec1: all_to_all, static_synapse\n"
        "  rec2 → pop1: all_to_all, static_synapse"
    )
    editor.set("nodes/n2/params/V_m", {"distribution": "uniform", "min": -70.0, "max": -60.0})
    assert "V_m = uniform(-70.0, -60.0)" in str(editor)


def test_figure(editor):
    """Graph, raster and signals; in all formats."""
    editor.connect("n2", "n2", weight=-5.0)
    assert editor.image("svg").startswith(b"<?xml")
    editor.run()
    editor.wait(30.0)
    figure = editor.figure()
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "pop1\niaf_psc_alpha" in texts
    assert [axes.get_ylabel() for axes in figure.axes][-1] == "V_m (mV)"
    assert NetworkEditor().image("png")[:4] == b"\x89PNG"


def test_the_example_fires(editor):
    ask(editor, "example")
    editor.run()
    editor.wait(30.0)
    assert 5.0 < editor.rates["pop1"] < 100.0


PLACE = "Allowed: finite numbers; an empty drawing is 560 wide and 440 high. Give x and y."
WHERE = "NetworkEditor.move()"
PLACES = "a place in the drawing must be two numbers"


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (lambda e: e.move("n1", math.nan, 0.0), f"{WHERE}: {PLACES}. Value: nan (float). {PLACE}"),
        (lambda e: e.move("n1", "x", 0.0), f"{WHERE}: {PLACES}. Value: 'x' (str). {PLACE}"),
        (
            lambda e: e.add("parrot_neuron", x=math.inf, y=0.0),
            f"NetworkEditor.add(): {PLACES}. Value: inf (float). {PLACE}",
        ),
        (
            lambda e: e.move("c1", 1.0, 2.0),
            "NetworkEditor.move(): there is no node or connection of this id. Value: 'c1'. "
            "Allowed: 'n1', 'n2', 'n3', 'n4'.",
        ),
        (
            lambda e: e.duplicate("c1"),
            "NetworkEditor.duplicate(): there is no node or connection of this id. Value: 'c1'. "
            "Allowed: 'n1', 'n2', 'n3', 'n4'.",
        ),
        (
            lambda e: e.add("parrot_neurn"),
            "NetworkEditor.add(): there is no model of this name. Value: 'parrot_neurn'. Allowed: "
            "'parrot_neuron', 'parrot_neuron_ps', 'siegert_neuron' or one of 102 others. "
            "Did you mean 'parrot_neuron'?",
        ),
        (
            lambda e: e.set("nodes/n2/positions/type", "hexagon"),
            "NetworkEditor.set(): there is no kind of positions of this name. Value: 'hexagon'. "
            "Allowed: 'free', 'grid', 'none'.",
        ),
        (
            lambda e: e.connect("n1", "n2", rule=5),
            "connections/c4/rule: a rule must be a dictionary. Value: 5 (int). Allowed: {\"name\": value}. "
            "Look at the example in the documentation of nest_lab.widgets._network_description.",
        ),
        (
            lambda e: e.set("connections/c1/source", "zz"),
            "zz → pop1: there is no node of this id. Value: 'zz'. Allowed: 'n1', 'n2', 'n3', 'n4'.",
        ),
        (
            lambda e: e.set("simulation/time", 1e300),
            "simulation/time: the time to run is beyond what the clock can tell. Value: 1e+300 ms. "
            "Allowed: at most 1.15292e+15 ms. Give the model time in ms.",
        ),
        (
            lambda e: e.step("x"),
            "NetworkEditor.step(): the time to run must be a number. Value: 'x' (str). "
            "Allowed: a number above 0 ms. Give the time to run in ms.",
        ),
        (
            lambda e: e.step(0.05),
            "NetworkEditor.step(): the time to run must be a multiple of the resolution. Value: 0.05 ms. "
            "Allowed: multiples of 0.1 ms. Round it.",
        ),
        (
            lambda e: e.load("nowhere.json"),
            "Network.from_desktop(): the file cannot be read. Value: 'nowhere.json' (No such file or "
            "directory). Allowed: a file of NEST Desktop. Check the path.",
        ),
    ],
)  # fmt: skip
def test_what_no_network_can_be_is_refused_in_words(editor, action, text):
    before, steps = editor.network, editor._history.steps
    with pytest.raises(NESTError) as error:
        action(editor)
    assert str(error.value).splitlines()[0] == text
    assert (editor.network, editor._history.steps) == (before, steps)


@pytest.mark.parametrize("path", ["nodes/n2/model", "connections/c1/rule/rule"])
def test_a_list_is_no_name(editor, path):
    with pytest.raises(UnknownModel) as error:
        editor.set(path, ["x"])
    assert str(error.value).startswith("NetworkEditor.set(): there is no ")


def test_edits_of_several_threads_are_all_kept(editor):
    """The page is heard while a cell runs."""

    def several():
        for _ in range(5):
            editor.add("parrot_neuron")

    threads = [threading.Thread(target=several) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(editor.network["nodes"]) == 4 + 15
    for _ in range(15):
        editor.undo()
    assert len(editor.network["nodes"]) == 4


def test_a_description_is_loaded_from_a_file(editor, tmp_path):
    path = tmp_path / "network.json"
    path.write_text(json.dumps(editor.network))
    for source in (path, str(path)):
        other = NetworkEditor()
        other.load(source)
        assert other.network["nodes"] == editor.network["nodes"]


def test_signals_of_a_long_run_cost_no_more_to_show(editor, messages):
    editor.set("simulation/time", 20_000.0)
    editor.run()
    editor.wait()
    values, times = next(
        buffers for content, buffers in reversed(messages) if content["what"] == "signals" and buffers
    )[:2]
    assert len(values) == len(times) == 4000
    assert times[-1] > 19_900.0


@pytest.mark.parametrize("label", ["nest", "np", "float", "import", "2 µ-cells!'\"\\n"])
def test_any_label_gives_a_program(label):
    editor = NetworkEditor(speed=None)
    generator = editor.add("dc_generator", label=label, params={"amplitude": 400.0, "stop": math.inf})
    cells = editor.add(
        "iaf_psc_alpha", params={"V_m": {"distribution": "uniform", "min": -70.0, "max": -60.0}}
    )
    editor.connect(generator, cells)
    editor.set("simulation/time", 20.0)
    exec(editor.script(), {})


# -- receptors that have names


def compartments():
    """Poisson noise, and neurons whose receptors have names."""
    editor = NetworkEditor(speed=None)
    editor.add("poisson_generator")
    editor.add("pp_cond_exp_mc_urbanczik")
    return editor


def test_a_connection_ends_at_the_first_receptor_that_takes_it():
    """Spikes and currents have receptors of their own; at the usual one where the target takes it there."""
    editor = compartments()
    editor.connect("n1", "n2")
    editor.connect(editor.add("dc_generator"), "n2")
    editor.connect("n1", editor.add("eprop_readout"))
    editor.connect("n2", editor.add("spike_recorder"))
    found = [each["synapse"].get("receptor_type") for each in editor.network["connections"]]
    receptors = nest.GetDefaults("pp_cond_exp_mc_urbanczik", "receptor_types")
    assert found == [receptors["soma_exc"], receptors["soma_curr"], None, None]
    with pytest.raises(CannotConnect, match="has no such receptor_type for spikes"):
        editor.connect("n1", "n2", receptor_type=0)  # somebody wants it so


def test_a_receptor_is_called_by_its_name():
    """In Python and in what is read; the description and the program have its number."""
    editor = compartments()
    c1 = editor.connect("n1", "n2", receptor_type="soma_inh")
    path = f"connections/{c1}/synapse/receptor_type"
    assert editor.network["connections"][0]["synapse"]["receptor_type"] == 2
    editor.set(path, "dendritic_exc")
    assert editor.network["connections"][0]["synapse"]["receptor_type"] == 3
    assert str(editor).count("receptor_type = 3 (dendritic_exc)") == 1
    script = editor.script()
    spec = "{'synapse_model': 'static_synapse', 'receptor_type': 3}"
    call = f"nest.Connect(stim1, pop1, 'all_to_all', {spec})"
    assert f"\n# receptor_type 3 is dendritic_exc\n{call}\n" in script
    assert f"# receptor_type 3 is dendritic_exc\n{call}" in editor.script("nest")
    scope = {}
    exec(script, scope)
    assert nest.GetConnections().get("receptor") == 3
    editor.set(path, 4)
    assert "# receptor_type 4 is dendritic_inh\n" in editor.script()
    before = editor.network
    for value, kind, message in (
        (
            "dendritic_exk",
            UnknownName,
            "NetworkEditor.set(): the target has no such receptor. Value: 'dendritic_exk'. Allowed: "
            "'dendritic_curr', 'dendritic_exc', 'dendritic_inh', 'soma_curr', 'soma_exc', 'soma_inh'. Did "
            "you mean 'dendritic_exc'?",
        ),
        (
            9,
            CannotConnect,
            "stim1 → pop1: pp_cond_exp_mc_urbanczik has no such receptor_type for spikes. Value: "
            "receptor_type 9. Allowed: 1 (soma_exc), 2 (soma_inh), 3 (dendritic_exc), 4 (dendritic_inh). "
            "Give one of these as receptor_type.",
        ),
    ):
        with pytest.raises(kind) as error:
            editor.set(path, value)
        assert str(error.value) == message
        ask(editor, "set", path=path.split("/"), value=value)
        assert editor._problems == {path: message}
        assert editor.network == before


def test_the_page_knows_names_of_receptors():
    """Also of a copy of a model; a target whose receptors have none has no names."""
    editor = compartments()
    receptors = nest.GetDefaults("pp_cond_exp_mc_urbanczik", "receptor_types")
    assert editor._details["pp_cond_exp_mc_urbanczik"]["receptors"] == receptors
    network = editor.network
    network["models"] = [{"name": "cell", "base": "pp_cond_exp_mc_urbanczik", "params": {}}]
    network["nodes"][1]["model"] = "cell"
    copied = NetworkEditor(network, speed=None)
    assert copied._details["cell"]["receptors"] == receptors
    copied.connect("n1", "n2", receptor_type="soma_inh")
    assert "# receptor_type 2 is soma_inh\n" in copied.script()
    plain = small()
    assert plain._details["iaf_psc_alpha"]["receptors"] == {}
    plain.set("connections/c1/synapse/receptor_type", 0)
    assert "#" not in plain.script()
    with pytest.raises(NESTError):
        plain.set("connections/c1/synapse/receptor_type", "soma")


def test_targets_of_several_kinds_have_no_common_names():
    editor = compartments()
    mixed = editor.network
    mixed["nodes"].append({"id": "n3", "model": "iaf_psc_exp_multisynapse", "params": {"tau_syn": [2.0]}})
    mixed["connections"].append(
        {"id": "c1", "source": "n1", "target": ["n2", "n3"], "synapse": {"receptor_type": 1}}
    )
    assert "#" not in NetworkEditor(mixed, speed=None).script()
