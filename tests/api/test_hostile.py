"""Every name that takes a value, with every hostile value: it is taken, or refused by an error of nest_lab.

Random programs (test_fuzz.py) find what comes of calls in a row; this finds what one call does.
"""

import pytest

import nest_lab as nest
from nest_lab import errors
from tests.api.fuzz import HOSTILE

VALUES = [*HOSTILE, ["a", 1], [1, "a"], {"a": ["b"]}, [None], [{}], (None,), [[]], "memory"]
SPECS = {"indegree": 1, "outdegree": 1, "N": 1, "p": 0.5, "pairwise_avg_num_conns": 1.0}
FLAGS = [
    "allow_autapses",
    "allow_multapses",
    "make_symmetric",
    "mask",
    "use_on_source",
    "allow_oversized_mask",
]


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    yield
    nest.ResetKernel()
    nest.set_verbosity("M_INFO")


def try_all(call, names):
    """Make the call with each name and value; tell what came of it that should not."""
    wrong = []
    for name in names:
        for value in VALUES:
            try:
                call(name, value)
            except errors.NESTError:
                pass
            except Exception as error:
                wrong.append(f"{name} = {value!r}: {type(error).__name__}: {error}")
    assert wrong == []


@pytest.mark.parametrize("model", nest.node_models)
def test_nodes(model):
    node = nest.Create(model)
    try_all(lambda name, value: node.set({name: value}), node.get())
    try_all(lambda name, value: nest.SetDefaults(model, {name: value}), nest.GetDefaults(model))


@pytest.mark.parametrize("model", nest.synapse_models)
def test_synapses(model):
    names = [*nest.GetDefaults(model), "receptor_type", "synapse_label", "nonsense"]
    nodes = nest.Create("iaf_psc_alpha", 2)

    def connect(name, value):
        nest.Connect(nodes, nodes, "one_to_one", {"synapse_model": model, name: value})

    try_all(connect, names)
    connections = nest.GetConnections()
    try_all(lambda name, value: connections.set({name: value}), names)
    try_all(lambda name, value: nest.SetDefaults(model, {name: value}), names)


@pytest.mark.parametrize("rule", nest.connection_rules)
@pytest.mark.parametrize("placed", [False, True])
def test_rules(rule, placed):
    nodes = nest.Create("iaf_psc_alpha", **({"positions": nest.spatial.grid([3, 1])} if placed else {"n": 3}))
    known = nest.models.rules[rule]
    given = {name: SPECS[name] for name in known.parameters if name in SPECS} | known.needs

    def connect(name, value):
        nest.Connect(nodes, nodes, {"rule": rule} | given | {name: value})

    try_all(connect, [*SPECS, *FLAGS, "rule", "pool_size", "nonsense"])


def test_kernel_attributes():
    names = nest.GetKernelStatus()
    try_all(lambda name, value: setattr(nest, name, value), names)
    nest.ResetKernel()
    try_all(lambda name, value: nest.SetKernelStatus({name: value}), names)


ONE_ARGUMENT = [
    *(
        "Create",
        "GetConnections",
        "CopyModel",
        "GetDefaults",
        "GetStatus",
        "Models",
        "GetNodes",
        "NodeCollection",
    ),
    *("Install", "set_verbosity", "GetLocalNodeCollection", "GetPosition", "FindCenterElement", "Run"),
]
TWO_ARGUMENTS = [
    *("CreateMask", "CreateParameter", "Connect", "Disconnect", "SetStatus", "SetDefaults", "CopyModel"),
    *("Distance", "Displacement", "FindNearestElement", "GetTargetNodes", "DumpLayerNodes", "GetConnections"),
]


@pytest.mark.parametrize("function", ONE_ARGUMENT)
def test_functions_of_one_argument(function):
    call = getattr(nest, function)
    more = ("mine",) if function == "CopyModel" else ()
    try_all(lambda _, value: call(value, *more), [function])


@pytest.mark.parametrize("function", TWO_ARGUMENTS)
def test_functions_of_two_arguments(function):
    call = getattr(nest, function)
    nodes = nest.Create("iaf_psc_alpha", 3)
    try_all(lambda _, value: call(nodes, value), [function])
    for first in VALUES:
        try_all(lambda _, value, first=first: call(first, value), [function])
