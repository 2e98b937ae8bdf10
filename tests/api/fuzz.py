"""Programs made of random calls with hostile values: nothing may crash, hang, leak or be half applied.

``python -m tests.api.fuzz SECONDS [SEED]`` runs for a while and prints the shortest program that breaks a
rule. The rules: a call returns, or raises an error of nest_lab, within ten seconds; after an error the
network is what it was; whatever was set can be read; memory does not grow from one program to the next.
"""

from __future__ import annotations

import faulthandler
import gc
import sys
import time
from contextlib import contextmanager

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import nest_lab as nest
from nest_lab import errors

PATIENCE = 10.0  # s for one call, on a busy machine
HOSTILE = [
    *(None, True, 0, -1, 1, 3, 2**31, 2**63, -(2**63), 10**30),
    *(0.0, -0.0, 0.05, 1.5, -70.0, float("nan"), float("inf"), -float("inf"), 1e-320, 1e300, 1j),
    *("", "V_m", "ünïcode\0", b"x", [], [1.0, 2.0], [[1.0], [2.0, 3.0]], ["a"], (1,)),
    *({}, {"a": 1}, {"rule": "one_to_one"}, set(), object(), len, range(3), slice(None)),
    *(np.array([1.0, 2.0]), np.array([]), np.array(3), np.array(["a"])),
    *(np.float32(0.1), np.int64(-5), np.datetime64("2020-01-01")),
]
LONG = 2**31  # a time that may be simulated, by whoever has months
NODES = list(nest.node_models)
SYNAPSES = list(nest.synapse_models)
RULES = sorted(nest.connection_rules)
COMMON = ["iaf_psc_alpha", "iaf_cond_exp", "parrot_neuron", "poisson_generator", "spike_recorder"]
TIMES = [0.0, 0.1, 1.0, 2.5, 10.0]


def mostly(good, bad=None):
    """What works, most of the time: a program of nonsense alone never gets far."""
    nonsense = st.sampled_from(HOSTILE) if bad is None else bad
    return st.integers(0, 15).flatmap(lambda x: nonsense if x == 11 else good)


no_time = st.sampled_from([x for x in HOSTILE if not (type(x) is int and x == LONG)])
number = st.one_of(st.floats(-100, 100), st.integers(-3, 20))
value = mostly(st.one_of(number, st.builds(nest.random.uniform, st.just(-1.0), st.just(1.0))))


def a_call(name, *arguments):
    """A call of this name with arguments to be drawn."""
    return st.tuples(st.just(name), st.tuples(*arguments))


def keys_of(model):
    """Names of parameters that a model has."""
    return sorted(nest.models[model].parameters) or ["frozen"]


def some_parameters(model):
    """A dictionary with parameters of a model, near their defaults or anywhere, or names it does not have."""
    fields = nest.models[model].parameters
    names = mostly(st.sampled_from(keys_of(model)), st.sampled_from(["V_n", "", "events", "n_events"]))

    def near(name):
        default = fields[name].default if name in fields else 0.0
        if not isinstance(default, float):
            return mostly(st.just(default))
        return mostly(
            st.one_of(st.just(default), st.floats(0.5, 2.0).map(lambda x: default * x), real_drawn, value)
        )

    pairs = st.lists(names.flatmap(lambda name: st.tuples(st.just(name), near(name))), max_size=3)
    return pairs.map(dict)


@st.composite
def creation(draw):
    model = draw(mostly(st.sampled_from(NODES)))
    known = isinstance(model, str) and model in NODES
    params = draw(mostly(st.one_of(st.none(), some_parameters(model)))) if known else None
    n = draw(mostly(st.integers(1, 12), st.sampled_from([0, -1, 2**40, 10**30, "3", 2.5, None])))
    return "Create", (model, n, params)


whole = st.integers(0, 3)
whole_drawn = whole.map(lambda n: nest.random.uniform_int(1 + n) + n)
real_drawn = st.builds(
    lambda make, x, by: make(x) * by,
    st.sampled_from(
        [
            lambda x: nest.random.uniform(x, x + 1.0),
            lambda x: nest.random.normal(x, 1.0),
            lambda x: nest.random.lognormal(x, 1.0),
            lambda x: nest.random.exponential(0.1 + x),
            lambda x: 1.0 / nest.random.uniform_int(2),
        ]
    ),
    st.floats(0, 5),
    st.sampled_from([1.0, 1.0, 1.0, -1.0, 0.0, 1e300]),
)


@st.composite
def rule_spec(draw):
    degree = st.one_of(st.integers(0, 8), whole_drawn, real_drawn)
    likely = {
        "indegree": degree,
        "outdegree": degree,
        "N": st.integers(0, 60),
        "p": st.one_of(st.floats(0, 1), real_drawn),
    }
    likely |= dict.fromkeys(("allow_autapses", "allow_multapses", "make_symmetric"), st.booleans())
    rule = draw(st.sampled_from(RULES))
    spec = {"rule": rule}
    for key in (*nest.models.rules[rule].parameters, "allow_autapses", "allow_multapses", "make_symmetric"):
        good = likely.get(key, st.floats(0, 1))
        if key in nest.models.rules[rule].parameters or draw(st.integers(0, 3)) == 0:
            spec[key] = draw(mostly(good, st.sampled_from([-1, "x", None, float("nan"), 10**30])))
    return spec | draw(mostly(st.just(nest.models.rules[rule].needs), st.just({})))


receptors = st.one_of(
    whole,
    whole_drawn,
    arrays(int, array_shapes(max_dims=2, max_side=4), elements=whole),
)


@st.composite
def synapse_spec(draw):
    model = draw(st.one_of(st.just("static_synapse"), st.sampled_from(SYNAPSES)))
    spec = {"synapse_model": model}
    good = {
        "weight": st.one_of(st.floats(-50, 50), real_drawn),
        "delay": st.one_of(st.sampled_from([0.1, 1.0, 2.5]), real_drawn),
    }
    for key, likely in (good | {"receptor_type": receptors}).items():
        if draw(st.integers(0, 2)) == 0:
            spec[key] = draw(mostly(likely, value))
    if draw(st.integers(0, 4)) == 0:
        spec |= draw(some_parameters(model))
    return spec


def connection():
    rule = mostly(st.one_of(st.just("all_to_all"), rule_spec()))
    synapse = synapse_spec()
    several = st.builds(nest.CollocatedSynapses, synapse, synapse)
    return a_call("Connect", part, part, rule, mostly(st.one_of(st.none(), synapse, synapse, several)))


part = mostly(st.tuples(st.integers(0, 9), st.integers(0, 5)))
time_to_run = mostly(st.sampled_from(TIMES), no_time)
model_name = st.sampled_from(NODES + SYNAPSES)
synapse_name = mostly(st.one_of(st.none(), st.sampled_from(SYNAPSES)))
DEFAULTS = ["V_m", "weight", "delay", "tau_m", "Wmax", "nope"]
ATTRIBUTES = ["resolution", "rng_seed", "local_num_threads", "min_delay", "use_wfr", "wfr_tol", "data_path"]


CALLS = [
    creation(),
    creation(),
    connection(),
    connection(),
    a_call("set", part, mostly(st.integers(0, 60), st.text(max_size=3)), value),
    a_call("Simulate", time_to_run),
    a_call("GetConnections", part, part, synapse_name),
    a_call("set_connections", st.sampled_from(["weight", "delay", "port", "nope"]), value),
    a_call("Disconnect", part, part),
    a_call("attribute", st.sampled_from([*ATTRIBUTES, "verbosity", "nonsense"]), value),
    a_call("SetDefaults", model_name, st.dictionaries(st.sampled_from(DEFAULTS), value, max_size=2)),
    a_call("CopyModel", model_name, mostly(st.sampled_from(["mine", "copied"]))),
    a_call("read"),
    a_call("ResetKernel"),
]
PROGRAM = st.tuples(st.lists(creation(), max_size=4), st.lists(st.one_of(CALLS), min_size=6, max_size=30))


class World:
    """What a program has made so far, and what it can be compared by."""

    def __init__(self):
        nest.ResetKernel()
        nest.set_verbosity("M_ERROR")
        nest.local_num_threads = 2
        self.nodes = [nest.Create(model, 5) for model in COMMON]

    def part(self, which):
        """Some of the nodes: by the number of a collection and how many of it, or something hostile."""
        if not (isinstance(which, tuple) and len(which) == 2 and self.nodes):
            return which
        nodes = self.nodes[which[0] % len(self.nodes)]
        return nodes[: min(1 + which[1], len(nodes))]

    def state(self):
        """What an error must leave as it was."""
        kernel = nest.current().kernel
        values = []
        for nodes in self.nodes[-3:]:
            for node in nodes:
                values.append(
                    {
                        k: repr(v)
                        for k, v in node.get().items()
                        if k not in ("archiver_length", "thread", "vp")
                    }
                )
        return kernel.num_nodes, nest.num_connections, nest.biological_time, values

    def call(self, name, arguments):
        """Make one call of a program."""
        if name == "Create":
            self.nodes.append(nest.Create(*arguments))
        elif name == "Connect":
            nest.Connect(self.part(arguments[0]), self.part(arguments[1]), *arguments[2:])
        elif name == "set":
            nodes, key, new = self.part(arguments[0]), *arguments[1:]
            if isinstance(key, int) and isinstance(nodes, nest.NodeCollection) and nodes:
                names = sorted(nodes[0].get())
                key = names[key % len(names)]
            nest.SetStatus(nodes, key, new)
        elif name == "GetConnections":
            nest.GetConnections(self.part(arguments[0]), self.part(arguments[1]), arguments[2]).get()
        elif name == "set_connections":
            nest.GetConnections().set({arguments[0]: arguments[1]})
        elif name == "Disconnect":
            nest.Disconnect(self.part(arguments[0]), self.part(arguments[1]))
        elif name == "attribute":
            setattr(nest, *arguments)
        elif name == "read":
            for nodes in self.nodes:
                nodes.get(), repr(nodes), nodes._repr_html_()
        elif name == "ResetKernel":
            nest.ResetKernel()
            self.nodes = [nest.Create(model, 5) for model in COMMON]
        else:
            getattr(nest, name)(*arguments)


@contextmanager
def patience():
    """End the process with a traceback if something hangs."""
    faulthandler.dump_traceback_later(6 * PATIENCE, exit=True)
    begin = time.monotonic()
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
    assert time.monotonic() - begin < PATIENCE, "a call took too long"


def run(program):
    """Make all calls of a program, and hold them to the rules."""
    world = World()
    for name, arguments in [*program[0], *program[1]]:
        before = world.state()
        try:
            with patience():
                world.call(name, arguments)
        except errors.NumericalInstability:
            continue  # the run got as far as it could
        except errors.NESTError as error:
            if not str(error).strip():
                raise AssertionError(f"{name}{arguments}: an error without a text") from error
            after = world.state()
            if name != "Simulate" or before[2] == after[2]:
                assert after == before, f"{name}{arguments} failed, but changed something"
            else:
                return  # a run that ended early has its own state
        else:
            world.state()


def memory():
    """Bytes this process holds now."""
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def main(seconds, first):
    """Run programs until the time is up."""
    end = time.monotonic() + seconds
    number = first
    sizes = []
    while time.monotonic() < end:

        @seed(number)
        @settings(
            max_examples=60,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        @given(PROGRAM)
        def attempt(program):
            run(program)

        attempt()
        nest.ResetKernel()
        sizes.append(memory())
        number += 1
    part = len(sizes) // 4
    if part > 3:  # by then whatever is kept for good is there
        growth = min(sizes[-part:]) - min(sizes[-2 * part : -part])
        assert growth < 50e6, f"memory grew by {growth / 1e6:.0f} MB: {[round(s / 1e6) for s in sizes]}"
    print(f"{60 * (number - first)} programs, seeds {first} to {number - 1}: nothing found")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
