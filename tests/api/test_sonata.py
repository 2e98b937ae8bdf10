"""Networks of SONATA files: the layout of the public example of 300 neurons, made here, beside the
reference simulator.

The reference of PyPI is built without HDF5 and cannot connect such networks. Its nodes come from its own
class all the
same; the edges are read here, independently, and given to its `Connect`.
"""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest

import nest_lab
from nest_lab.testing import reference

h5py = pytest.importorskip("h5py")

INTERNAL, EXTERNAL = 300, 100
CIRCUIT = {
    "manifest": {
        "$BASE_DIR": "${configdir}",
        "$NETWORK_DIR": "$BASE_DIR/network",
        "$COMPONENTS_DIR": "$BASE_DIR/components",
    },
    "components": {
        "point_neuron_models_dir": "$COMPONENTS_DIR/cell_models",
        "synaptic_models_dir": "$COMPONENTS_DIR/synaptic_models",
    },
    "networks": {
        "nodes": [
            {
                "nodes_file": f"$NETWORK_DIR/{name}_nodes.h5",
                "node_types_file": f"$NETWORK_DIR/{name}_node_types.csv",
            }
            for name in ("internal", "external")
        ],
        "edges": [
            {
                "edges_file": f"$NETWORK_DIR/{name}_internal_edges.h5",
                "edge_types_file": f"$NETWORK_DIR/{name}_internal_edge_types.csv",
            }
            for name in ("internal", "external")
        ],
    },
    "target_simulator": "NEST",
}
SIMULATION = {
    "manifest": {"$BASE_DIR": ".", "$INPUT_DIR": "$BASE_DIR/inputs"},
    "run": {"tstop": 300.0, "dt": 0.1},
    "target_simulator": "NEST",
    "network": "$BASE_DIR/circuit_config.json",
    "inputs": {
        "external_spike_trains": {
            "input_type": "spikes",
            "module": "h5",
            "input_file": "$INPUT_DIR/external_spike_trains.h5",
            "node_set": "external",
        }
    },
}
CELLS = {
    100: {
        "I_e": 0.0,
        "tau_m": 44.9,
        "C_m": 239.0,
        "t_ref": 3.0,
        "E_L": -78.0,
        "V_th": -43.0,
        "V_reset": -55.0,
    },
    101: {
        "I_e": 150.0,
        "tau_m": 22.2,
        "C_m": 180.0,
        "t_ref": 3.0,
        "E_L": -72.5,
        "V_th": -48.0,
        "V_reset": -62.0,
    },
    102: {"I_e": 20.0, "tau_m": 30.0, "C_m": 100.0, "V_m": -60.0},
    103: {"I_e": 0.0, "tau_m": 9.8, "C_m": 80.0, "t_ref": 1.0},
}
NODE_TYPES = """\
node_type_id ei model_template model_type dynamics_params model_name
103 i nest:iaf_psc_alpha point_process 103_point.json PV
100 e nest:iaf_psc_alpha point_process 100_point.json Scnn1a
101 e nest:iaf_psc_alpha point_process 101_point.json Rorb
102 e nest:iaf_psc_alpha point_process 102_point.json Nr5a1
"""
EDGE_TYPES = """\
edge_type_id target_query source_query delay dynamics_params model_template
100 ei=='e' ei=='e' 2.0 ExcToExc.json static_synapse
101 "ei=='i' & x>0" ei=='e' 1.5 NULL static_synapse
"""
EXTERNAL_EDGE_TYPES = """\
edge_type_id model_template delay syn_weight dynamics_params
100 static_synapse 2.5 120.0 NULL
200 tsodyks2_synapse 0.4 300.0 depressing.json
"""


def write(folder):
    """All files of the network, the same in every run."""
    random = np.random.default_rng(20200211)
    for name in ("network", "inputs", "components/cell_models", "components/synaptic_models"):
        (folder / name).mkdir(parents=True)
    (folder / "circuit_config.json").write_text(json.dumps(CIRCUIT))
    (folder / "simulation_config.json").write_text(json.dumps(SIMULATION))
    for number, params in CELLS.items():
        (folder / f"components/cell_models/{number}_point.json").write_text(json.dumps(params))
    synapses = folder / "components/synaptic_models"
    (synapses / "ExcToExc.json").write_text("{}")
    (synapses / "depressing.json").write_text(json.dumps({"U": 0.4, "tau_rec": 50.0}))
    network = folder / "network"
    (network / "internal_node_types.csv").write_text(NODE_TYPES)
    (network / "external_node_types.csv").write_text("node_type_id model_type ei\n100 virtual e\n")
    (network / "internal_internal_edge_types.csv").write_text(EDGE_TYPES)
    (network / "external_internal_edge_types.csv").write_text(EXTERNAL_EDGE_TYPES)
    types = random.choice(list(CELLS), INTERNAL, p=[0.3, 0.3, 0.2, 0.2])
    write_nodes(network / "internal_nodes.h5", "internal", types)
    write_nodes(network / "external_nodes.h5", "external", np.full(EXTERNAL, 100))
    ends = random.integers(INTERNAL, size=(2, 6000))
    inhibitory = types[ends[0]] == 103
    weight = np.where(inhibitory, -40.0, 10.0) * random.uniform(0.5, 1.5, 6000)
    kinds = np.where(inhibitory, 101, 100)
    write_edges(network / "internal_internal_edges.h5", "internal", ends, kinds, {"syn_weight": weight})
    ends = np.array([random.integers(EXTERNAL, size=2500), random.integers(INTERNAL, size=2500)])
    write_edges(network / "external_internal_edges.h5", "external", ends, random.choice([100, 200], 2500), {})
    with h5py.File(folder / "inputs/external_spike_trains.h5", "w") as file:
        ids = random.integers(EXTERNAL, size=1800)
        group = file.create_group("spikes")
        order = np.argsort(ids, kind="stable")
        group["gids"] = ids[order].astype(np.uint64)
        times = random.uniform(1.0, 290.0, 1800)
        group["timestamps"] = times[np.lexsort((times, ids))]


def write_nodes(path, name, types):
    with h5py.File(path, "w") as file:
        group = file.create_group(f"nodes/{name}")
        group["node_id"] = np.arange(len(types))
        group["node_type_id"] = types
        group["node_group_id"] = np.zeros(len(types), int)
        group["node_group_index"] = np.arange(len(types))
        group.create_group("0")["x"] = np.zeros(len(types))


def write_edges(path, source, ends, types, values):
    with h5py.File(path, "w") as file:
        group = file.create_group(f"edges/{source}_to_internal")
        for end, population, ids in zip(("source", "target"), (source, "internal"), ends, strict=True):
            group[f"{end}_node_id"] = ids
            group[f"{end}_node_id"].attrs["node_population"] = population
        group["edge_type_id"] = types
        group["edge_group_id"] = np.zeros(len(types), np.uint16)
        group["edge_group_index"] = np.arange(len(types))
        part = group.create_group("0")
        for name, column in values.items():
            part[name] = column


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sonata")
    write(folder)
    return folder


@pytest.fixture
def copy(whole, tmp_path):
    """The files, to be spoilt."""
    return shutil.copytree(whole, tmp_path / "network")


@pytest.fixture(autouse=True)
def fresh():
    nest_lab.ResetKernel()


def configs(folder):
    return folder / "circuit_config.json", folder / "simulation_config.json"


def recorded(nest, collections):
    """Spikes of all populations and all connections between them, in one order."""
    recorder = nest.Create("spike_recorder")
    for nodes in collections.values():
        nest.Connect(nodes, recorder)
    yield recorder
    events = recorder.get("events")
    order = np.lexsort((events["senders"], events["times"]))
    found = nest.GetConnections(target=collections["internal"]).get(
        ["source", "target", "weight", "delay", "synapse_model"], output="pandas"
    )
    columns = ["source", "target", "weight", "delay", "synapse_model"]
    rows = found.sort_values(columns)[columns].to_numpy().tolist()
    yield {"times": events["times"][order], "senders": events["senders"][order], "connections": rows}


def on_ours(folder, **options):
    nest_lab.ResetKernel()
    network = nest_lab.SonataNetwork(*configs(folder))
    nodes = network.BuildNetwork(**options)
    run = recorded(nest_lab, nodes)
    next(run)
    network.Simulate()
    return next(run)


def on_the_reference(folder, monkeypatch):
    nest = reference()
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    from nest.lib import hl_api_sonata

    monkeypatch.setattr(hl_api_sonata, "have_hdf5", True)
    network = nest.SonataNetwork(*configs(folder))
    nodes = network.Create()
    models = {
        ("internal", 100): {"delay": 2.0},
        ("internal", 101): {"delay": 1.5},
        ("external", 100): {"delay": 2.5, "weight": 120.0},
        ("external", 200): {
            "synapse_model": "tsodyks2_synapse",
            "delay": 0.4,
            "weight": 300.0,
            "U": 0.4,
            "tau_rec": 50.0,
        },
    }
    for (source, kind), spec in models.items():
        with h5py.File(folder / f"network/{source}_internal_edges.h5") as file:
            group = file[f"edges/{source}_to_internal"]
            mine = np.flatnonzero(group["edge_type_id"][:] == kind)
            ends = [
                np.array(nodes[name].tolist())[group[column][:][mine]]
                for name, column in ((source, "source_node_id"), ("internal", "target_node_id"))
            ]
            own = {"weight": group["0/syn_weight"][:][mine]} if source == "internal" else {}
            arrays = {
                name: np.full(len(mine), value) if isinstance(value, float) else value
                for name, value in spec.items()
            }
            nest.Connect(*ends, "one_to_one", arrays | own)
    run = recorded(nest, nodes)
    next(run)
    nest.Simulate(network.config["run"]["tstop"])
    return next(run)


def test_same_network_and_same_spikes(whole, monkeypatch):
    """Connections and spike times are those of the reference."""
    theirs = on_the_reference(whole, monkeypatch)
    ours = on_ours(whole)
    assert len(ours["connections"]) == 8500
    assert ours["connections"] == theirs["connections"]
    assert len(ours["times"]) > 3000
    np.testing.assert_array_equal(ours["senders"], theirs["senders"])
    np.testing.assert_allclose(ours["times"], theirs["times"], rtol=1e-9)


def test_blocks_do_not_matter(whole):
    """A file that is read in pieces gives the same network."""
    pieces, at_once = on_ours(whole, hdf5_hyperslab_size=97), on_ours(whole)
    assert pieces["connections"] == at_once["connections"]
    np.testing.assert_array_equal(pieces["times"], at_once["times"])


def test_one_configuration_may_name_the_other(whole):
    """A configuration of a simulation names its circuit; all paths are worked out."""
    network = nest_lab.SonataNetwork(str(configs(whole)[1]))
    assert network.config["networks"]["nodes"][0]["nodes_file"] == str(whole / "network/internal_nodes.h5")
    assert network.config["inputs"]["external_spike_trains"]["input_file"] == str(
        whole / "inputs/external_spike_trains.h5"
    )
    assert network.node_collections == {}
    assert nest_lab.resolution == 0.1


def test_nodes(whole):
    """Each node has the model and the parameters of its type."""
    nodes = nest_lab.SonataNetwork(*configs(whole)).Create()
    assert {name: len(each) for name, each in nodes.items()} == {"internal": 300, "external": 100}
    with h5py.File(whole / "network/internal_nodes.h5") as file:
        types = file["nodes/internal/node_type_id"][:]
    assert nodes["internal"].tau_m == tuple(CELLS[number]["tau_m"] for number in types)
    assert set(nodes["external"].get("model")) == {"spike_train_injector"}


def test_several_models_groups_and_trains(copy):
    """Nodes of two models; edges of two groups, some with own values; spikes below the population."""
    types = copy / "network/internal_node_types.csv"
    types.write_text(NODE_TYPES.replace("103 i nest:iaf_psc_alpha", "103 i nest:iaf_psc_exp"))
    with h5py.File(copy / "network/external_internal_edges.h5", "r+") as file:
        group = file["edges/external_to_internal"]
        del group["edge_group_id"], group["edge_group_index"]
        group["edge_group_id"] = np.arange(2500) % 2
        group["edge_group_index"] = np.arange(2500) // 2
        group["1/syn_weight"] = np.arange(1250.0)
        group["1/delay"] = np.full(1250, 3.0)
        expected = np.sort(
            np.where(
                np.arange(2500) % 2,
                np.arange(2500) // 2,
                np.where(group["edge_type_id"][:] == 100, 120.0, 300.0),
            )
        )
    with h5py.File(copy / "inputs/external_spike_trains.h5", "r+") as file:
        ids, times = file["spikes/gids"][:], file["spikes/timestamps"][:]
        del file["spikes"]
        file["spikes/external/node_ids"], file["spikes/external/timestamps"] = ids[::-1], times[::-1]
    nodes = nest_lab.SonataNetwork(*configs(copy)).BuildNetwork()
    assert set(nodes["internal"].get("model")) == {"iaf_psc_alpha", "iaf_psc_exp"}
    assert nodes["internal"].tolist() == list(range(1, 301))
    found = nest_lab.GetConnections(nodes["external"], nodes["internal"])
    np.testing.assert_array_equal(np.sort(found.weight), expected)
    assert sorted(set(found.delay)) == [0.4, 2.5, 3.0]
    sent = np.sort(times[ids == 7])
    assert len(sent) > 5
    assert ((nodes["external"][7].spike_times - sent) >= 0).all()  # moved up to the grid
    assert ((nodes["external"][7].spike_times - sent) < 0.1).all()


def change(file, *parts):
    """Change a text file."""
    text = file.read_text()
    for old, new in zip(parts[::2], parts[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)


def replace(file, name, values=None):
    """Change or remove a dataset of an HDF5 file."""
    with h5py.File(file, "r+") as opened:
        attributes = dict(opened[name].attrs)
        del opened[name]
        if values is not None:
            opened[name] = values
            opened[name].attrs.update(attributes)


SPOILT = {
    "no configuration": (
        lambda f: (f / "circuit_config.json").unlink(),
        "SonataNetwork(): there is no such file of configuration. Value: '{f}/circuit_config.json'. "
        "Allowed: the path of a file. Check the path, and the variables of the manifest that it is made of.",
    ),
    "not JSON": (
        lambda f: (f / "circuit_config.json").write_text('{"manifest": {},\n "run": }'),
        "SonataNetwork(): a file of configuration is not JSON. Value: Expecting value in "
        "{f}/circuit_config.json, "
        "line 2, column 9. Allowed: JSON. Correct the file there.",
    ),
    "variable": (
        lambda f: change(
            f / "circuit_config.json", "$NETWORK_DIR/internal_nodes", "$NETWORK_DRI/internal_nodes"
        ),
        "SonataNetwork(): the manifest has no variable of this name. Value: '$NETWORK_DRI' in "
        "{f}/circuit_config.json, 'manifest'. Allowed: '$BASE_DIR', '$COMPONENTS_DIR', '$NETWORK_DIR', "
        "'$configdir'. "
        "Did you mean '$NETWORK_DIR'? Define it in the manifest.",
    ),
    "circle": (
        lambda f: change(f / "circuit_config.json", "${configdir}", "$NETWORK_DIR"),
        "SonataNetwork(): a variable stands on itself. Value: '$NETWORK_DIR' in {f}/circuit_config.json, "
        "'manifest'. "
        "Break the circle.",
    ),
    "no dt": (
        lambda f: change(f / "simulation_config.json", '"dt"', '"step"'),
        "SonataNetwork(): the configuration has no 'dt' of 'run'. Value: 'tstop', 'step' in "
        "{f}/simulation_config.json. Allowed: at least 'dt'. Add it to the file.",
    ),
    "simulator": (
        lambda f: change(f / "simulation_config.json", '"NEST"', '"NEURON"'),
        "SonataNetwork(): the network is made for another simulator. Value: 'NEURON' in "
        "{f}/simulation_config.json, "
        "'target_simulator'. Allowed: 'NEST'. Models and units of other simulators differ: use a network "
        "that is made "
        "for NEST.",
    ),
    "no nodes": (
        lambda f: (f / "network/internal_nodes.h5").unlink(),
        "SonataNetwork.BuildNetwork(): there is no such file of nodes. Value: "
        "'{f}/network/internal_nodes.h5'. Allowed: "
        "the path of a file. Check the path, and the variables of the manifest that it is made of.",
    ),
    "pointer": (
        lambda f: (f / "network/internal_nodes.h5").write_text(
            "version https://git-lfs.github.com/spec/v1\n"
        ),
        "SonataNetwork.BuildNetwork(): a file of nodes cannot be read as HDF5. Value: Unable to "
        "synchronously open file "
        "(file signature not found) in {f}/network/internal_nodes.h5. Allowed: HDF5. Check that it is "
        "whole: a file of a "
        "large repository may be a mere pointer.",
    ),
    "no node_type_id": (
        lambda f: replace(f / "network/internal_nodes.h5", "nodes/internal/node_type_id"),
        "SonataNetwork.BuildNetwork(): a group has no dataset 'node_type_id'. Value: '0', 'node_group_id', "
        "'node_group_index', 'node_id' in {f}/network/internal_nodes.h5, /nodes/internal. Allowed: at least "
        "'node_type_id'. Add the dataset.",
    ),
    "unknown type of nodes": (
        lambda f: replace(f / "network/internal_nodes.h5", "nodes/internal/node_type_id", np.full(300, 104)),
        "SonataNetwork.BuildNetwork(): the table of types has no such node_type_id. Value: 104 in "
        "{f}/network/internal_nodes.h5, /nodes/internal/node_type_id. Allowed: 100, 101, 102, 103, of "
        "{f}/network/internal_node_types.csv. Add a line to the table.",
    ),
    "model": (
        lambda f: change(
            f / "network/internal_node_types.csv", "101 e nest:iaf_psc_alpha", "101 e nest:iaf_psc_alhpa"
        ),
        "SonataNetwork.BuildNetwork(): there is no model of this name. Value: 'iaf_psc_alhpa' in "
        "{f}/network/internal_node_types.csv, line 4. Allowed: 'iaf_psc_alpha', 'iaf_psc_delta', "
        "'iaf_psc_exp' or one of N "
        "others. Did you mean 'iaf_psc_alpha'? Check the spelling.",
    ),
    "parameter": (
        lambda f: change(f / "components/cell_models/103_point.json", "tau_m", "tau_n"),
        "SonataNetwork.BuildNetwork(): iaf_psc_alpha has no parameter of this name. Value: 'tau_n' in "
        "{f}/components/cell_models/103_point.json. Allowed: 'tau_m', 'tau_Ca', 'tau_minus' or one of N "
        "others. Did you "
        "mean 'tau_m'? Check the spelling.",
    ),
    "value": (
        lambda f: change(f / "components/cell_models/103_point.json", '"tau_m": 9.8', '"tau_m": -9.8'),
        "SonataNetwork.BuildNetwork(): iaf_psc_alpha.tau_m is out of bounds. Value: -9.8 ms in "
        "{f}/components/cell_models/103_point.json. Allowed: above 0 ms. Choose a value that is allowed.",
    ),
    "model_type": (
        lambda f: change(
            f / "network/internal_node_types.csv",
            "101 e nest:iaf_psc_alpha point_process",
            "101 e nest:iaf_psc_alpha biophysical",
        ),
        "SonataNetwork.BuildNetwork(): a type of nodes has no model_type that is known here. Value: "
        "'biophysical' in "
        "{f}/network/internal_node_types.csv, line 4. Allowed: 'point_neuron', 'point_process', 'virtual'. "
        "Neurons with "
        "a morphology have no place in a network of points.",
    ),
    "columns": (
        lambda f: change(f / "network/internal_node_types.csv", " PV\n", "\n"),
        "SonataNetwork.BuildNetwork(): a line of a table has another number of columns than its first one. "
        "Value: 5 "
        "columns in {f}/network/internal_node_types.csv, line 2. Allowed: 6 columns: node_type_id, ei, "
        "model_template, "
        "model_type, dynamics_params, model_name. Write NULL for what is empty, and put texts with spaces "
        "in double "
        "quotes.",
    ),
    "type twice": (
        lambda f: change(f / "network/internal_node_types.csv", "102 e", "100 e"),
        "SonataNetwork.BuildNetwork(): a table has a type twice. Value: node_type_id 100, also in "
        "{f}/network/internal_node_types.csv, line 3 in {f}/network/internal_node_types.csv, line 5. "
        "Allowed: each type "
        "once. Remove one of the lines.",
    ),
    "input": (
        lambda f: change(f / "simulation_config.json", '"node_set": "external"', '"node_set": "lgn"'),
        "SonataNetwork.BuildNetwork(): no input is for the virtual population 'external'. Value: 'lgn' in "
        "{f}/simulation_config.json, 'inputs'. Allowed: an input with the node_set 'external' and an "
        "input_file. Add it "
        "to the file.",
    ),
    "spikes of nobody": (
        lambda f: replace(f / "inputs/external_spike_trains.h5", "spikes/gids", np.arange(1800)),
        "SonataNetwork.BuildNetwork(): the population 'external' has no such node. Value: 100 in "
        "{f}/inputs/external_spike_trains.h5, /spikes/gids, row 100. Allowed: 0 … 99. Check that the files "
        "belong "
        "together.",
    ),
    "lengths": (
        lambda f: replace(f / "inputs/external_spike_trains.h5", "spikes/gids", np.arange(100)),
        "SonataNetwork.BuildNetwork(): 'gids' and 'timestamps' must have the same length. Value: 100 and "
        "1800 in "
        "{f}/inputs/external_spike_trains.h5, /spikes. Allowed: one id for each time. Write the file anew.",
    ),
    "spike time": (
        lambda f: replace(f / "inputs/external_spike_trains.h5", "spikes/timestamps", np.full(1800, -1.0)),
        "SonataNetwork.BuildNetwork(): spike_train_injector.spike_times must be positive. Value: -1 ms in "
        "{f}/inputs/external_spike_trains.h5. Allowed: at least 0.1 ms. Spikes at time 0 cannot be sent; "
        "start at the "
        "first step, or set shift_now_spikes to True.",
    ),
    "target": (
        lambda f: replace(
            f / "network/external_internal_edges.h5",
            "edges/external_to_internal/target_node_id",
            np.arange(2500),
        ),
        "SonataNetwork.BuildNetwork(): the population 'internal' has no such node. Value: 300 in "
        "{f}/network/external_internal_edges.h5, /edges/external_to_internal/target_node_id, row 300. "
        "Allowed: 0 … 299. "
        "Check that the files belong together.",
    ),
    "edge type": (
        lambda f: change(f / "network/external_internal_edge_types.csv", "\n200", "\n201"),
        "SonataNetwork.BuildNetwork(): the table of types has no such edge_type_id. Value: 200 in "
        "{f}/network/external_internal_edges.h5, /edges/external_to_internal/edge_type_id. Allowed: 100, "
        "201, of "
        "{f}/network/external_internal_edge_types.csv. Add a line to the table.",
    ),
    "delay": (
        lambda f: change(f / "network/external_internal_edge_types.csv", "0.4", "0.04"),
        "SonataNetwork.BuildNetwork(): a delay must be at least the resolution. Value: 0.04 ms in "
        "{f}/network/external_internal_edges.h5, /edges/external_to_internal, or "
        "{f}/network/external_internal_edge_types.csv, line 3. Allowed: at least 0.1 ms. Raise the delay, "
        "or choose a finer "
        "resolution before nodes are created.",
    ),
    "text for a number": (
        lambda f: change(f / "network/external_internal_edge_types.csv", "2.5", "slow"),
        "SonataNetwork.BuildNetwork(): the column 'delay' must hold numbers. Value: 'slow' in "
        "{f}/network/external_internal_edge_types.csv, line 2. Allowed: a number. Correct the line.",
    ),
    "synapse": (
        lambda f: change(f / "components/synaptic_models/depressing.json", '"U"', '"u_0"'),
        "SonataNetwork.BuildNetwork(): tsodyks2_synapse has no parameter of this name. Value: 'u_0' in "
        "{f}/components/synaptic_models/depressing.json. Allowed: 'U', 'delay', 'element_type' or one of N "
        "others. Check "
        "the spelling.",
    ),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_wrong_with_a_file(copy, what):
    """The error says which file, field and line, and nothing is connected."""
    spoil, text = SPOILT[what]
    spoil(copy)
    with pytest.raises(nest_lab.NESTError) as caught:
        nest_lab.SonataNetwork(*configs(copy)).BuildNetwork()
    assert re.sub(r"one of \d+ others", "one of N others", str(caught.value)) == text.replace(
        "{f}", str(copy)
    )
    assert nest_lab.num_connections == 0


def test_calls_in_the_wrong_order(whole):
    network = nest_lab.SonataNetwork(*configs(whole))
    with pytest.raises(RuntimeError) as caught:
        network.Simulate()
    assert str(caught.value) == (
        "SonataNetwork.Simulate(): the network is not built yet. Value: Simulate() before Connect(). "
        "Allowed: after "
        "BuildNetwork(). Call BuildNetwork() first."
    )
    with pytest.raises(RuntimeError) as caught:
        network.Connect()
    assert str(caught.value) == (
        "SonataNetwork.Connect(): there are no nodes to connect yet. Value: Connect() before Create(). "
        "Allowed: one call, "
        "after Create(). Call Create() first, or BuildNetwork()."
    )
    with pytest.raises(ValueError, match="must be a positive whole number"):
        network.BuildNetwork(hdf5_hyperslab_size=0)
    with pytest.raises(TypeError, match="must be a positive whole number"):
        network.BuildNetwork(hdf5_hyperslab_size="all")
    with pytest.raises(TypeError, match="given by its path"):
        nest_lab.SonataNetwork(3)
