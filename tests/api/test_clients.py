"""What programs look for besides models and connections: classes, names of modules, and words in errors."""

from __future__ import annotations

import builtins
import shutil
import subprocess
import sys
import textwrap

import pytest

import nest_lab


@pytest.fixture(autouse=True)
def fresh():
    nest_lab.ResetKernel()


def test_install_says_what_to_do():
    with pytest.raises(nest_lab.NESTErrors.DynamicModuleManagementError) as caught:
        nest_lab.Install("mymodule")
    assert str(caught.value) == (
        "Install(): a compiled extension of the reference simulator cannot be loaded by another kernel. "
        "Value: "
        f"'mymodule'. Allowed: the {len(nest_lab.Models())} models that are built in. nest.Models() lists "
        f"the models; "
        "what is missing is added as a header in kernel/models."
    )
    assert nest_lab.modules == []
    with pytest.raises(TypeError) as caught:
        nest_lab.Install(3)
    assert str(caught.value) == (
        "Install(): the name of a module must be text. Value: 3 (int). Allowed: a name. Put it in quotes."
    )


def test_classes():
    neuron = nest_lab.Create("cm_default", params={"compartments": [{"parent_idx": -1}]})
    assert isinstance(neuron.compartments, nest_lab.Compartments)
    assert isinstance(neuron.receptors, nest_lab.Receptors)
    more = neuron.compartments + {"parent_idx": 0}
    assert isinstance(more, nest_lab.Compartments)
    assert not isinstance(more, nest_lab.Receptors)
    assert isinstance(nest_lab, nest_lab.NestModule)


def test_functions_where_the_reference_defines_them():
    """Programs that import from `nest.lib` get the same functions; what is not there is not found."""
    code = textwrap.dedent("""
        import nest_lab; nest_lab.install_as_nest()
        from nest.lib.hl_api_info import SetStatus
        from nest.lib.hl_api_simulation import Simulate
        import nest, nest.lib, nest.lib.hl_api_types as types
        assert SetStatus is nest.SetStatus and Simulate is nest_lab.Simulate
        assert types.NodeCollection is nest.NodeCollection
        assert nest.__name__ == nest.__spec__.name == "nest_lab" and nest is nest_lab
        for name in ("nest.lib.other", "nest.libs"):
            try:
                __import__(name)
            except ModuleNotFoundError:
                continue
            raise AssertionError(name)
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_errors_name_those_of_the_reference_in_their_arguments():
    """Programs that look for the name of an error in its arguments find it, and the text."""
    with pytest.raises(nest_lab.NESTError) as caught:
        nest_lab.Create("iaf_psc_alhpa")
    (text,) = caught.value.args
    assert text == f"UnknownModelName UnknownComponent UnknownSynapseType: {caught.value}"
    neuron = nest_lab.Create("iaf_psc_exp")
    with pytest.raises(nest_lab.NESTError) as caught:
        neuron.set(I_syn_ex=1.0)
    assert "Unaccessed" in caught.value.args[0]


def test_repeated_nodes():
    """Of nodes that repeat it is said so in the words that programs look for."""
    nodes = nest_lab.Create("iaf_psc_exp", 5)
    with pytest.raises(ValueError, match="unique") as caught:
        nodes[[3, 1, 1]]
    assert str(caught.value) == (
        "NodeCollection[...]: All node IDs in a NodeCollection have to be unique. Value: 2, 2 at positions "
        "1 and 2. "
        "Allowed: ascending ids. Sort the ids and remove what repeats."
    )
    with pytest.raises(ValueError, match="node ids must be in ascending order"):
        nodes[[3, 1]]


# -- nest.visualization


@pytest.fixture
def network():
    pytest.importorskip("pydot")
    nodes = nest_lab.Create("iaf_psc_exp", 2) + nest_lab.Create("parrot_neuron")
    nest_lab.Connect(nodes, nodes, "one_to_one")
    nest_lab.Connect(nodes[:2], nodes[2])
    return nodes


def test_graph_as_text_where_there_is_no_dot(network, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    nest_lab.visualization.plot_network(network, tmp_path / "all.pdf")
    graph = (tmp_path / "all.dot").read_text()
    edges = ["1 -> 1", "2 -> 2", "3 -> 3", "1 -> 3", "2 -> 3"]
    assert sorted(line.strip(";") for line in graph.splitlines() if "->" in line) == sorted(edges)
    captured = capfd.readouterr()
    assert "The program dot of Graphviz is not there" in captured.out + captured.err
    assert not (tmp_path / "all.pdf").exists()


def test_graph_of_some_nodes(network, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    for outside, expected in (
        (False, ["1 -> 1", "2 -> 2"]),
        (True, ["1 -> 1", "1 -> ext", "2 -> 2", "2 -> ext"]),
    ):
        nest_lab.visualization.plot_network(network[:2], tmp_path / "some.png", ext_conns=outside)
        graph = (tmp_path / "some.dot").read_text()
        assert sorted(line.strip(";") for line in graph.splitlines() if "->" in line) == expected
    nest_lab.visualization.plot_network(network, tmp_path / "named.png", plot_modelnames=True)
    assert "parrot_neuron" in (tmp_path / "named.dot").read_text()


@pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot is not installed")
def test_graph_is_drawn(network, tmp_path):
    for name, begin in (("all.pdf", b"%PDF"), ("all.png", b"\x89PNG")):
        nest_lab.visualization.plot_network(network, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(begin)


def test_graph_refuses(monkeypatch):
    nodes = nest_lab.Create("iaf_psc_exp")
    with pytest.raises(ValueError, match="in which format") as caught:
        nest_lab.visualization.plot_network(nodes, "network.svg")
    assert str(caught.value) == (
        "visualization.plot_network(): the name of the file must say in which format it is. Value: "
        "'network.svg'. "
        "Allowed: a name that ends in .pdf or a name that ends in .png. Change the suffix."
    )
    with pytest.raises(TypeError) as caught:
        nest_lab.visualization.plot_network([1], "network.pdf")
    assert str(caught.value) == (
        "visualization.plot_network(): the first argument must be nodes. Value: [1] (list). Allowed: a "
        "NodeCollection. "
        "Make one with NodeCollection([ids])."
    )
    with pytest.raises(ValueError, match="there are no nodes to draw"):
        nest_lab.visualization.plot_network(nest_lab.NodeCollection(), "network.pdf")

    def without(name, *rest, importing=builtins.__import__, **more):
        if name == "pydot":
            raise ImportError(name)
        return importing(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModuleNotFoundError) as caught:
        nest_lab.visualization.plot_network(nodes, "network.pdf")
    assert str(caught.value) == (
        "visualization.plot_network(): drawing a network needs the package pydot. Value: pydot is not "
        "installed. Allowed: "
        "pydot and the program dot of Graphviz. Install it: pip install pydot."
    )
