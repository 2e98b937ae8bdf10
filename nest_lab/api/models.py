"""Models by name: their defaults, copies of them, and help."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import numpy as np

from nest_lab import errors, models
from nest_lab.api.nodes import names_of, nodes_of
from nest_lab.api.output import to_json
from nest_lab.api.parameter import unwrap
from nest_lab.simulation import Network, Simulation, current, public

__all__ = ["CopyModel", "GetDefaults", "Models", "SetDefaults", "help"]


def _name(model: Any) -> str:
    if isinstance(model, str):
        return model
    raise errors.BadType(
        "the name of a model must be text",
        value=f"{model!r} ({type(model).__name__})",
        allowed="the name of a model",
        todo="nest.node_models and nest.synapse_models list them.",
    )


@public("GetDefaults()")
def GetDefaults(model: str, keys: Any = None, output: str = "") -> Any:
    """Read the values that new nodes or connections of a model get.

    Parameters
    ----------
    model : str
        Name of a model.
    keys : str or sequence of str, optional
        One name or several; all when left out.
    output : {'', 'json'}
        Whether to give a text in JSON.

    Returns
    -------
    object, list or dict
        One value, a list of values, or all values by name.

    Raises
    ------
    errors.UnknownModel
        There is no such model; the error names the nearest one.
    errors.UnknownName
        It has no such parameter; a KeyError.

    Examples
    --------
    >>> GetDefaults("iaf_psc_exp", ["tau_m", "V_th"])
    [10.0, -55.0]
    """
    defaults = _defaults(current().network, _name(model))
    if keys is None:
        result: Any = defaults
    else:
        names = names_of(keys)
        for name in names:
            if name not in defaults:
                raise errors.UnknownName(
                    f"{model} has no parameter of this name",
                    value=repr(name),
                    wrong=name,
                    candidates=sorted(defaults),
                )
        result = [defaults[name] for name in names]
        result = result[0] if isinstance(keys, str) else result
    return to_json(result) if output == "json" else result


def _defaults(network: Network, model: str) -> dict[str, Any]:
    """All that the reference shows of a model: its parameters, what it is, and how many of it there are."""
    kernel = network.kernel
    values: dict[str, Any] = kernel.get_defaults(model)
    base = models.registry[kernel.base_model(model)]
    size = 8 * len(values)  # bytes, where no two nodes or connections are alike
    if base.element_type == "synapse":
        own = {
            "element_type": "synapse",
            "has_delay": True,
            "num_connections": _number_of_connections(network, model),
            "requires_symmetric": False,
            "sizeof": size,
            "synapse_model": model,
            "synapse_modelid": kernel.model_id(model),
            "weight_recorder": (),
        }
    else:
        own = {
            "available": np.array([0]),
            "capacity": np.array([kernel.instances(model)]),
            "elementsize": size,
            "instantiations": np.array([kernel.instances(model)]),
            "type_id": base.name,
            **deepcopy(_status_of_new(base.name)),
            "global_id": 0,
            "model": model,
            "model_id": kernel.model_id(model),
            "thread": -1,
            "thread_local_id": -1,
            "vp": -1,
        }
    every = dict(sorted({**own, **values}.items()))
    if values.get("record_to", "memory") != "memory":
        del every["events"]
    if base.element_type != "synapse":  # which nodes a recorder looks at is no matter of its model
        return {name: value for name, value in every.items() if not isinstance(value, tuple)}
    return {
        name: nodes_of(network, value) if isinstance(value, tuple) else value for name, value in every.items()
    }


@cache
def _status_of_new(model: str) -> dict[str, Any]:
    """Status of a new node of a built-in model."""
    kernel = Simulation(threads=1).kernel
    node = kernel.create(model, 1)
    names = kernel.get_all_names(model)
    columns = kernel.get(range(node, node + 1), names)
    return {
        name: column.tolist()[0] if isinstance(column, np.ndarray) else column[0]
        for name, column in zip(names, columns, strict=True)
    }


def _number_of_connections(network: Network, model: str) -> int:
    """Number of connections of a synapse model."""
    if model not in network.used:
        return 0
    if len(network.used) == 1:  # then they need not be listed
        return int(network.kernel.num_connections)
    return len(network.kernel.connections(None, None, model, None))


@public("SetDefaults()")
def SetDefaults(model: str, params: Any, val: Any = None) -> None:
    """Set the values that new nodes or connections of a model get.

    Parameters
    ----------
    model : str
        Name of a model.
    params : dict or str
        Values by name, or the name of one parameter.
    val : object
        With a name: its value.

    Raises
    ------
    errors.UnknownModel, errors.UnknownName, errors.BadType, errors.BadValue
        A name, type or value is not right; then nothing is set.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nest.SetDefaults("iaf_psc_exp", {"tau_m": 20.0})
    >>> nest.Create("iaf_psc_exp").tau_m
    20.0
    >>> nest.ResetKernel()
    """
    if isinstance(params, str) and val is not None:
        params = {params: val}
    if not isinstance(params, Mapping):
        raise errors.BadType(
            "defaults must come by name",
            value=f"{params!r} ({type(params).__name__})",
            allowed="a dictionary, or a name and a value",
            todo="Write SetDefaults(model, {'name': value}).",
        )
    current().kernel.set_defaults(_name(model), unwrap(params))


@public("CopyModel()")
def CopyModel(existing: str, new: str, params: Mapping[str, Any] | None = None) -> None:
    """Make a model of another name and with other defaults.

    Parameters
    ----------
    existing : str
        Name of a model.
    new : str
        Name of the copy.
    params : dict, optional
        Its defaults, where they differ.

    Raises
    ------
    errors.UnknownModel
        There is no such model; the error names the nearest one.
    errors.BadValue
        There is already a model of the new name.
    errors.UnknownName, errors.BadType
        A parameter is not right; then there is no copy.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nest.CopyModel("static_synapse", "strong", {"weight": 100.0})
    >>> nest.GetDefaults("strong", "weight")
    100.0
    """
    if params is not None and not isinstance(params, Mapping):
        raise errors.BadType(
            "defaults must come by name",
            value=f"{params!r} ({type(params).__name__})",
            allowed="a dictionary",
            todo="Write CopyModel(existing, new, {'name': value}).",
        )
    current().kernel.copy_model(_name(existing), _name(new), unwrap(params or {}))


@public("Models()")
def Models(mtype: str = "all", sel: str | None = None) -> tuple[str, ...]:
    """Names of the models there are; ``nest.node_models`` and ``nest.synapse_models`` are the same as lists.

    Parameters
    ----------
    mtype : {'all', 'nodes', 'synapses'}
        Which models.
    sel : str, optional
        Only names that contain this.

    Returns
    -------
    tuple of str
        In order of the alphabet.

    Examples
    --------
    >>> Models("nodes", sel="psc_delta")
    ('aeif_psc_delta_clopath', 'iaf_psc_delta', 'iaf_psc_delta_ps', 'pp_psc_delta')
    """
    errors.refuse_other("kind of model", mtype, ["all", "nodes", "synapses"])
    kernel = current().kernel
    names = [
        name
        for name, kind in kernel.model_names()
        if mtype == "all" or (kind == "synapse") == (mtype == "synapses")
    ]
    return tuple(sorted(name for name in names if sel is None or sel in name))


_GENERAL = """NEST Lab: spiking neural networks with the PyNEST functions.

nest.help("iaf_psc_exp")   what a model is: its equations, parameters, units and recordables
nest.help(nest.Connect)    what a function does; in a notebook also nest.Connect?
nest.node_models           names of the neuron and device models
nest.synapse_models        names of the synapse models
nest.connection_rules      names of the connection rules
nest.GetKernelStatus()     the kernel attributes, such as nest.resolution
"""


@public("help()")
def help(obj: Any = None, return_text: bool = False) -> str | None:
    """Print what a model or a function is.

    Parameters
    ----------
    obj : str or object, optional
        Name of a model, a copy or a rule; or a function of this package.
    return_text : bool
        Whether to return the text and not print it.

    Returns
    -------
    str or None

    Raises
    ------
    errors.UnknownModel
        There is no such model; the error names the nearest one.

    Examples
    --------
    >>> print(help("iaf_psc_exp", return_text=True).splitlines()[0])
    iaf_psc_exp (neuron)
    """
    text = _text_of(obj)
    if return_text:
        return text
    print(text)
    return None


def _text_of(obj: Any) -> str:
    if obj is None:
        return _GENERAL
    if not isinstance(obj, str):
        doc = inspect.getdoc(obj) or "There is no help for this object."
        try:
            return f"{obj.__name__}{inspect.signature(obj)}\n\n{doc}"
        except (AttributeError, TypeError, ValueError):
            return doc
    if obj in models.rules:
        rule = models.rules[obj]
        lines = [f"  {each.name}  {each.doc}" for each in rule.parameters.values()]
        return "\n".join(
            [f"{rule.name} (connection rule)", "", rule.doc.strip(), *(["", *lines] if lines else [])]
        )
    if obj in models.registry:
        return str(models.registry[obj])
    kernel = current().kernel
    if obj in dict(kernel.model_names()):
        base = kernel.base_model(obj)
        return f"{obj} is a copy of {base}; GetDefaults('{obj}') shows its values.\n\n{models.registry[base]}"
    raise errors.UnknownModel(
        "there is no model and no rule of this name",
        value=repr(obj),
        wrong=obj,
        candidates=sorted({*(name for name, _ in kernel.model_names()), *models.rules}),
    )
