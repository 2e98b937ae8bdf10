"""Projects of NEST Desktop: read, run, written, and broken ones refused with the field."""

import json

import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import BadFile, BadValue, MissingFile, NESTError, UnknownName
from nest_lab.widgets._network import Network


def param(id, value, **more):
    """A parameter as NEST Desktop writes it."""
    return {"id": id, "value": value, **more}


def drawn(id, kind, **specs):
    """A parameter that is drawn."""
    return param(id, 1, type={"id": kind, "specs": [param(name, value) for name, value in specs.items()]})


# As version 3 writes it: all parameters, of which those that are not visible are as by default.
THREE = {
    "name": "noise",
    "version": "3.0.0",
    "network": {
        "nodes": [
            {"model": "poisson_generator", "size": 1, "view": {"position": {"x": 50, "y": 60}},
             "params": [param("rate", 7000, visible=True), param("stop", 10000, visible=False)]},
            {"model": "iaf_psc_alpha", "size": 50,
             "view": {"position": {"x": 200, "y": 100}, "color": "#123456"},
             "params": [param("tau_m", 12.0, visible=True), param("C_m", 999.0, visible=False)]},
            {"model": "spike_recorder", "view": {"position": {"x": 350, "y": 60}}},
            {"model": "multimeter", "view": {"position": {"x": 350, "y": 160}}},
        ],
        "connections": [
            {"source": 0, "target": 1, "rule": "all_to_all", "params": [],
             "synapse": {"model": "static_synapse", "params": [param("weight", 12, visible=True)]}},
            {"source": 1, "target": 2, "rule": "all_to_all", "params": []},
            {"source": 3, "target": 1},
        ],
    },
    "simulation": {"time": 300, "randomSeed": 7, "kernel": {"resolution": 0.1, "localNumThreads": 1}},
}  # fmt: skip

# As version 4 writes it.
FOUR = {
    "name": "layers",
    "version": "4.1.0",
    "network": {
        "models": [{"existing": "stdp_synapse", "new": "stdp_copied", "params": [
            param("Wmax", 200), param("weight_recorder", "wr1")]}],
        "nodes": [
            {"model": "poisson_generator", "params": [param("rate", 20000)]},
            {"model": "iaf_psc_exp", "size": 40, "annotations": ["cells"],
             "params": [drawn("V_m", "random.uniform", min=-70, max="-60"),
                        drawn("I_e", "np.linspace", start=0, stop=100, num=40)],
             "spatial": {"positions": "free", "specs": {
                 "center": [0, 0], "edgeWrap": True, "extent": [2, 2], "numDimensions": 2, "pos": []}}},
            {"model": "iaf_psc_exp", "spatial": {"positions": "grid", "specs": {
                "center": [0, 0], "edgeWrap": False, "extent": [2, 2], "numDimensions": 2, "shape": [4, 4]}}},
            {"model": "weight_recorder"},
            {"model": "spike_recorder"},
            {"model": "multimeter", "records": [{"id": "V_m"}], "params": [param("interval", 0.5)]},
            {"model": "parrot_neuron", "size": 3},
            {"model": "parrot_neuron", "size": 3},
            {"nodes": [6, 7]},
        ],
        "connections": [
            {"source": 0, "target": 1, "synapse": {"params": [param("weight", 80)]}},
            {"source": 1, "target": 2, "rule": "pairwise_bernoulli",
             "params": [drawn("p", "spatial_distributions.gaussian", mean=0, std=0.7)],
             "mask": {"masktype": "circular", "specs": {"radius": 0.9}},
             "synapse": {"model": "stdp_copied",
                         "params": [drawn("weight", "spatial.distance", a=-10, c=150), param("delay", 1.5)]}},
            {"source": 2, "target": 4,
             "sourceSlice": [param("start", 2), param("stop", 10), param("step", 2)]},
            {"source": 5, "target": 1},
            {"source": 8, "target": 8, "rule": "fixed_indegree", "params": [param("indegree", 2)]},
        ],
    },
    "simulation": {"time": 200, "kernel": {"resolution": 0.1, "localNumThreads": 2, "rngSeed": 3}},
}  # fmt: skip


def refused(kind, action):
    """Text of the error that an action raises."""
    with pytest.raises(kind) as error:
        action()
    return str(error.value)


def changed(project, way, value):
    """A copy of a project with another value."""
    copy = json.loads(json.dumps(project))
    inner = copy
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = value
    return copy


def test_version_three():
    """Hidden parameters are the defaults; a multimeter without a choice records all."""
    network = Network.from_desktop(json.dumps(THREE))
    drive, cells, _, meter = network.description["nodes"]
    assert drive["params"] == {"rate": 7000}
    assert cells["params"] == {"tau_m": 12.0}
    assert (cells["size"], cells["x"], cells["y"], cells["color"]) == (50, 200, 100, "#123456")
    assert meter["record"] == list(nest.models.registry["iaf_psc_alpha"].recordables)
    assert network.description["simulation"] == {
        "time": 300, "resolution": 0.1, "local_num_threads": 1, "rng_seed": 7}  # fmt: skip
    assert network.validate(network.description) == []
    network.run()
    with nest.Simulation(resolution=0.1, seed=7, threads=1) as ours:
        drive = nest.Create("poisson_generator", params={"rate": 7000})
        cells = nest.Create("iaf_psc_alpha", 50, {"tau_m": 12.0})
        spikes = nest.Create("spike_recorder")
        nest.Connect(drive, cells, syn_spec={"weight": 12})
        nest.Connect(cells, spikes)
        ours.run(300.0)
        assert spikes.n_events > 100
        assert spikes.events["times"].tolist() == network.nodes["n3"].events["times"].tolist()


def test_version_four():
    """Distributions, layers, masks, slices, groups and copied models."""
    network = Network.from_desktop(FOUR)
    nodes, connections = network.description["nodes"], network.description["connections"]
    assert [node["label"] for node in nodes][:2] == ["poisson_generator", "cells"]
    assert nodes[1]["params"]["V_m"] == {"distribution": "uniform", "min": -70, "max": -60.0}
    assert nodes[1]["params"]["I_e"][-1] == 100.0
    assert nodes[1]["positions"]["edge_wrap"] is True
    assert network.description["models"] == [
        {
            "name": "stdp_copied",
            "base": "stdp_synapse",
            "params": {"Wmax": 200, "weight_recorder": {"node": "n4"}},
        }
    ]
    assert connections[1]["rule"] == {
        "rule": "pairwise_bernoulli",
        "p": {"distribution": "gaussian", "mean": 0, "std": 0.7},
        "mask": {"circular": {"radius": 0.9}},
    }
    assert connections[2]["source"] == {"node": "n3", "slice": [2, 10, 2]}
    assert connections[4]["source"] == connections[4]["target"] == ["n7", "n8"]
    assert network.validate(network.description) == []
    network.run()
    with network.simulation:
        distance = nest.Distance(network.nodes["n2"][:1], network.nodes["n3"])
        weights = nest.GetConnections(network.nodes["n2"][:1], network.nodes["n3"])
        for each in weights:
            assert (
                nest.Distance(nest.NodeCollection([each.source]), nest.NodeCollection([each.target]))[0]
                <= 0.9
            )
    assert len(distance) == 16
    assert network.nodes["n4"].n_events > 100
    assert network.nodes["n5"].n_events > 10


@pytest.mark.parametrize("project", [THREE, FOUR], ids=["version 3", "version 4"])
def test_written_and_read_again(project):
    """The same network; and what was written once is written the same again."""
    network = Network.from_desktop(project)
    written = json.loads(json.dumps(network.to_desktop("again"), allow_nan=False))
    assert (written["name"], written["version"]) == ("again", "4.0.0")
    again = Network.from_desktop(written)
    assert again.description == network.description
    assert again.to_desktop("again") == written


def test_compartments():
    """A neuron with dendrites, and a receptor as the target."""
    project = {"network": {
        "nodes": [
            {"model": "cm_default",
             "compartments": [
                 {"parentIdx": -1, "params": [param("g_L", 9.0)]}, {"parentIdx": 0, "params": []}],
             "receptors": [{"compIdx": 1, "id": "AMPA", "params": [param("tau_d_AMPA", 4.0)]}]},
            {"model": "spike_generator", "params": [param("spike_times", [10.0])]},
            {"model": "multimeter", "records": [{"id": "v_comp1"}]},
        ],
        "connections": [
            {"source": 1, "target": 0, "synapse": {"receptorIdx": 0, "params": [param("weight", 0.5)]}},
            {"source": 2, "target": 0}],
    }}  # fmt: skip
    network = Network.from_desktop(project)
    assert network.validate(network.description) == []
    network.run(50.0)
    trace = network.nodes["n3"].events["v_comp1"]
    assert trace.max() > trace[0] + 0.1
    again = Network.from_desktop(network.to_desktop())
    assert again.description["nodes"][0]["params"] == network.description["nodes"][0]["params"]


def test_several_projects_in_a_file(tmp_path):
    """One is chosen by its name."""
    file = tmp_path / "projects.json"
    file.write_text(json.dumps([THREE, FOUR]), encoding="utf-8")
    assert len(Network.from_desktop(file).description["nodes"]) == 4
    assert len(Network.from_desktop(file, "layers").description["nodes"]) == 8
    assert "Did you mean 'layers'?" in refused(UnknownName, lambda: Network.from_desktop(file, "layer"))
    text = refused(MissingFile, lambda: Network.from_desktop(tmp_path / "none.json"))
    assert text.startswith("Network.from_desktop(): the file cannot be read. Value: '")


def test_weight_recorders_of_one_name_are_told_apart():
    """A model says by its label which one it is meant."""
    names = ["a", "b"]
    description = {
        "nodes": [{"id": name, "model": "weight_recorder"} for name in names]
        + [{"id": "n", "model": "parrot_neuron"}],
        "models": [
            {"name": f"to_{name}", "base": "static_synapse", "params": {"weight_recorder": {"node": name}}}
            for name in names
        ],
        "connections": [{"source": "n", "target": "n", "synapse": f"to_{name}"} for name in names],
    }
    for labels in (("", ""), ("x", "x"), ("wr2", "wr1")):
        for node, label in zip(description["nodes"], labels, strict=False):
            node["label"] = label
        written = json.loads(json.dumps(Network(description).to_desktop()))
        models = Network.from_desktop(written).description["models"]
        assert [model["params"]["weight_recorder"]["node"] for model in models] == ["n1", "n2"]


def test_what_is_left_out_is_said():
    """Code of the user, and a seed that is none."""
    project = changed(THREE, ("simulation",), {"randomSeed": 0, "code": {"blocks": []}})
    network = Network.from_desktop(project)
    assert network.description["simulation"]["rng_seed"] == 1
    assert network.notes == [
        "The seed 0 is not allowed by NEST: it is 1.", "The code of the simulation are left out."
    ]  # fmt: skip
    network = Network.from_desktop(changed(FOUR, ("network", "nodes", 1, "annotations"), ["cells", "more"]))
    assert network.description["nodes"][1]["label"] == "cells"
    assert network.notes == ["Of the annotations of 'cells' all but the first are left out."]


BROKEN = {
    "no number of a node": (("network", "connections", 1, "target"), 9, "network.connections[1].target",
        "this must be a whole number. Value: 9. Allowed: 0 … 3."),
    "no model": (("network", "nodes", 1, "model"), None, "network.nodes[1].model",
        "this must be text. Value: nothing. Allowed: a name in quotes."),
    "no list": (("network", "nodes", 1, "params"), {"tau_m": 3}, "network.nodes[1].params",
        "this must be a list. Value: {'tau_m': 3}. Allowed: [first, second]."),
    "no dictionary": (("network", "nodes", 1), 4, "network.nodes[1]",
        'this must be a dictionary. Value: 4. Allowed: {"name": value}.'),
    "a parameter without a name": (("network", "nodes", 1, "params", 0), {"value": 3},
        "network.nodes[1].params[0].id",
        "this must be text. Value: nothing. Allowed: a name in quotes."),
    "a distribution": (("network", "nodes", 1, "params", 0), drawn("tau_m", "random.cauchy"),
        "network.nodes[1].params[0].type.id",
        "there is no such distribution. Value: 'random.cauchy'. Allowed: constant, np.arange, np.linspace, "
        "spatial.distance, random.uniform, spatial_distributions.gaussian, …."),
    "an argument": (("network", "nodes", 1, "params", 0), drawn("tau_m", "random.normal", mean="x"),
        "network.nodes[1].params[0].type.specs[0].value",
        "this must be a number. Value: 'x'. Allowed: a number."),
    "positions": (("network", "nodes", 1, "spatial"), {"positions": "hex"},
        "network.nodes[1].spatial.positions",
        "there are no such positions. Value: 'hex'. Allowed: \"free\" or \"grid\"."),
    "a list without end": (("network", "nodes", 1, "params", 0), drawn("tau_m", "np.arange", stop=5, step=-1),
        "network.nodes[1].params[0].type",
        "this list does not end, or is too long."),
    "a place": (("network", "nodes", 1, "view"), {"position": {"x": "left"}},
        "network.nodes[1].view.position.x",
        "this must be a number. Value: 'left'. Allowed: a number."),
    "a place without end": (("network", "nodes", 1, "view"), {"position": {"x": float("inf")}},
        "network.nodes[1].view.position.x",
        "this must be a number. Value: inf. Allowed: a number."),
    "a parent": (("network", "nodes", 1, "compartments"), [{"parentIdx": 0.5}],
        "network.nodes[1].compartments[0].parentIdx",
        "this must be a whole number. Value: 0.5. Allowed: -1, 0, 1, …."),
    "a list without a number": (("network", "nodes", 1, "params", 0), drawn("I_e", "np.linspace", num="nan"),
        "network.nodes[1].params[0].type.specs[0].value",
        "this must be a number. Value: 'nan'. Allowed: a number."),
    "a size": (("network", "nodes", 1, "size"), -3, "network.nodes[1].size",
        "this must be a whole number. Value: -3. Allowed: 0, 1, …."),
    "a time": (("simulation", "time"), [], "simulation.time",
        "this must be a number. Value: []. Allowed: a number."),
    "no nodes": (("network",), {}, "network",
        'this is no network. Value: {}. Allowed: {"nodes": [...], "connections": [...]}.'),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_says_which_field(case):
    """And what is allowed there, and what to do."""
    way, value, field, what = BROKEN[case]
    text = refused(BadFile, lambda: Network.from_desktop(changed(THREE, way, value)))
    assert text.startswith(f"Network.from_desktop(): {field}: {what.removesuffix('….')}")
    assert "NEST Desktop" in text or "Ungroup" in text


def test_a_file_that_is_no_json_says_which_line():
    """Not even JSON."""
    text = json.dumps(THREE, indent=1).replace('"size": 50,', '"size": 50')
    line = 1 + text[: text.index('"size": 50')].count("\n") + 1
    assert refused(BadFile, lambda: Network.from_desktop(text)).startswith(
        f"Network.from_desktop(): line {line}, column 5: the file is not JSON. Value: Expecting ','"
        " delimiter. Allowed: what NEST Desktop exports as JSON."
    )


@pytest.mark.parametrize("junk", ["", b"\xff\xfe\x00", "[]", "3", "null", '{"network": null}',
    '{"network": []}',
    '{"network": {"nodes": 3}}', '{"network": {"nodes": [null]}}', '{"network": {"nodes": [{"nodes": [5]}]}}',
    '{"network": {"nodes": [{"nodes": [0]}]}}', '{"network": {"nodes": []}, "simulation": 4}', "[" * 100_000,
    '{"network": {"nodes": [], "models": [{}]}}',
    '{"network": {"nodes": [], "connections": [{"source": 0}]}}',
    3, None, [], object()])  # fmt: skip
def test_whatever_it_is_it_is_an_error_of_ours(junk):
    """Nothing crashes."""
    assert "Value: " in refused(NESTError, lambda: Network.from_desktop(junk))


def test_every_field_of_a_file_can_be_broken():
    """Whatever stands in the place of a value, it is read, or refused by an error of ours."""

    def places(value, way=()):
        yield way
        for key, inner in (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        ):
            yield from places(inner, (*way, key))

    said = 0
    for project in (THREE, FOUR):
        for way in [*places(project)][1:]:
            for value in (
                None,
                -1,
                1e300,
                10**400,
                10**300,
                float("nan"),
                "x²",
                [],
                {},
                [[]],
                {"id": 1},
                True,
            ):
                try:
                    Network.from_desktop(changed(project, way, value))
                except NESTError as error:
                    said += "Allowed: " in str(error)
    assert said > 300


WORDLESS = {
    "nodes/n2/params/compartments": (("nodes", 1, "params"), {"compartments": [{"params": {}}]}),
    "nodes/n2/params/receptors": (("nodes", 1, "params"), {"receptors": 3}),
    "nodes/n2/params/V_m": (("nodes", 1, "params"), {
        "V_m": {"distribution": "sin", "parameter": {"distribution": "uniform"}}}),
    "simulation/use_wfr": (("simulation", "use_wfr"), False),
    "connections/c1/rule/pairs": (("connections", 0, "rule"), {"rule": "one_to_one", "pairs": [[0], [1]]}),
    "connections/c1/target": (("connections", 0, "target"), {"node": "n2", "items": [0, 3, 4]}),
    "models/static_synapse": (("models",), [{"name": "static_synapse", "params": {"weight": 3.0}}]),
}  # fmt: skip


@pytest.mark.parametrize("path", WORDLESS)
def test_what_desktop_has_no_words_for(path):
    """Nothing is left out silently."""
    way, value = WORDLESS[path]
    network = Network(changed(Network.from_desktop(THREE).description, way, value))
    text = refused(BadValue, network.to_desktop)
    assert text.startswith(f"Network.to_desktop(): {path}: NEST Desktop has no words for this. Value: ")
