"""The same program on both simulators: what it gives, or that it is refused, to be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

PREPARED = """
n = nest.Create("iaf_psc_delta", 3)
c = nest.Create("parrot_neuron", 2)
m = nest.Create("multimeter", params={"record_from": ["V_m"]})
s = nest.Create("spike_recorder")
pg = nest.Create("poisson_generator")
"""

# Values that say how a simulator is made, not what it does: sizes in memory and numbers of its own tables.
OWN = {
    "available",
    "capacity",
    "elementsize",
    "memory_size",
    "model_id",
    "port",
    "sizeof",
    "synapse_id",
    "synapse_modelid",
    "thread_local_id",
}


@dataclass
class Refusal:
    """An error, with all the classes that would catch it."""

    classes: frozenset[str]
    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal)


def seen(value: Any) -> Any:
    """A result as plain values that can be compared."""
    kind = type(value).__name__
    if kind in ("NodeCollection", "SynapseCollection"):
        return kind, str(value)
    if kind == "DataFrame":
        return (
            kind,
            list(value.index),
            {name: seen(list(value[name])) for name in value.columns if name not in OWN},
        )
    if isinstance(value, np.ndarray):
        return "ndarray", value.dtype.kind, seen(value.tolist())
    if isinstance(value, dict):
        return {key: seen(each) for key, each in value.items() if key not in OWN}
    if isinstance(value, (list, tuple)):
        return kind, [seen(each) for each in value]
    if isinstance(value, (bool, np.bool_)):
        return "bool", bool(value)
    if isinstance(value, float) and not isinstance(value, np.floating):
        return "float", "nan" if value != value else value
    if isinstance(value, str):
        return "str", re.sub(r'"(?:' + "|".join(OWN) + r')": (?:\[[^]]*\]|[^,}]*)(, )?', "", value)
    if isinstance(value, int):
        return "int", int(value)
    return kind if value is None else (kind, None)


def outcome(nest: Any, program: str) -> Any:
    """What the last line of a program gives on a fresh kernel, or how the program is refused."""
    nest.ResetKernel()
    nest.local_num_threads = 1
    names: dict[str, Any] = {"nest": nest, "np": np}
    exec(PREPARED, names)
    *before, last = program.strip().split("\n")
    try:
        exec("\n".join(before), names)
        try:
            code = compile(last, "program", "eval")
        except SyntaxError:
            exec(last, names)
            return None
        return seen(eval(code, names))
    except Exception as error:
        return Refusal(frozenset(each.__name__ for each in type(error).__mro__), str(error))
    finally:
        nest.ResetKernel()


def caught_by(ours: Refusal, theirs: Refusal) -> bool:
    """Whether an `except` clause that names the class the reference raises catches our error as well."""
    names = ours.classes | ({"KernelException"} if "NESTError" in ours.classes else set())
    return first_of(theirs) in names


def first_of(refusal: Refusal) -> str:
    """The class that was raised: the one that nobody else in its line is derived from."""
    general = {"KernelException", "Exception", "BaseException", "object", "LookupError", "RuntimeError"}
    special = refusal.classes - general
    return (
        next(iter(special))
        if len(special) == 1
        else ("KernelException" if not special else max(special, key=len))
    )
