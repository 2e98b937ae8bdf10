"""`SynapseCollection`, and making, finding and removing connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab import errors, models
from nest_lab.api.masks import as_mask
from nest_lab.api.nodes import NodeCollection, as_array, given_ids, names_of, same_network
from nest_lab.api.output import as_frame, to_json
from nest_lab.api.parameter import Parameter, unwrap
from nest_lab.api.receptors import Part, one_by_one, varies
from nest_lab.simulation import Ids, KernelError, Network, Simulation, current, public
from nest_lab.tables import framed, summary, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CollocatedSynapses",
    "Connect",
    "ConnectionRules",
    "Disconnect",
    "GetConnections",
    "SynapseCollection",
]

_set = object.__setattr__
_OWN = frozenset({"print_full"})  # attributes of a SynapseCollection that are not parameters of its synapses
_SHORT = 34  # rows a table shows in full; of longer ones the first and last half of _ENDS
_ENDS = 30
_LISTED = 12  # connections that a notebook shows one by one
_LOOKED_AT = 3_000_000  # connections of which a notebook shows a summary; of more it would take too long
_RENEWED = 1_000_000  # connections that are found again after a change; with more it would take too long


class CollocatedSynapses:
    """Several synapses for each pair of nodes that a rule connects.

    Parameters
    ----------
    *syn_specs : dict or str
        What `Connect` takes as ``syn_spec``, once for each synapse.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_exp", 2)
    >>> both = nest.CollocatedSynapses({"weight": 5.0}, {"weight": -3.0})
    >>> nest.Connect(neurons, neurons, "one_to_one", both)
    >>> sorted(nest.GetConnections().weight)
    [-3.0, -3.0, 5.0, 5.0]
    """

    def __init__(self, *syn_specs: Mapping[str, Any] | str) -> None:
        self.syn_specs = syn_specs

    def __len__(self) -> int:
        return len(self.syn_specs)


class _Found:
    """What a query found, by position; found again when the network has changed since.

    Programs keep a collection while they go on connecting, but what the kernel gave is void then. So before a
    change it is noted what there is, and the same connections are looked up in what the query finds after it.
    """

    def __init__(self, network: Network, *query: Any) -> None:
        self.network, self.query = network, query
        self.handle = network.kernel.connections(*query)
        # Once something is gone: where each of them is in `handle`, -1 for what is gone.
        self.where: NDArray[np.int64] | None = None
        self._noted: dict[str, NDArray[Any]] | None = None
        self._removed = False
        network.hold(self)

    def release(self) -> None:
        """Let go of the kernel, which is being replaced."""
        self.handle = self.network.kernel  # which now refuses whatever it is asked
        self._noted = None

    def remember(self, removing: bool) -> None:
        """Note what there is, because the network is about to change."""
        if self._noted is None and len(self.handle) <= _RENEWED:
            self._noted = _noted(self.handle, self.network)
        self._removed |= removing

    def revalue(self, connections: dict[str, NDArray[Any]], name: str, values: NDArray[Any]) -> None:
        """Note that some connections, which are told by what was noted of them, get other values."""
        if self._noted is not None:
            to = _matches(connections, self._noted, removed=True)
            self._noted[name][to[to >= 0]] = values[to >= 0]

    def renew(self) -> None:
        """Find the same connections again if the network has changed."""
        if self._noted is None:
            return
        if self.handle.stale():
            self._find_again(self._noted)
        self._noted, self._removed = None, False
        kernel = self.network.kernel
        if kernel.running and kernel.structural_plasticity:  # which goes on
            self.remember(removing=True)

    def _find_again(self, noted: dict[str, NDArray[Any]]) -> None:
        handle = self.network.kernel.connections(*self.query)
        to = _matches(noted, _noted(handle, self.network), self._removed)
        there = to >= 0
        self.handle = handle.select(to[there])
        if not there.all():
            to = np.where(there, np.cumsum(there) - 1, -1)
            self.where = to if self.where is None else np.where(self.where < 0, -1, to[self.where])

    def at(self, positions: NDArray[np.int64] | None) -> Any:
        """Connections of the kernel at some positions, or at all."""
        if self.where is None:
            return self.handle if positions is None else self.handle.select(positions)
        where = self.where if positions is None else self.where[positions]
        if (where < 0).any():
            raise errors.StaleCollection(
                "connections were removed since this collection was made",
                value=f"{int((where < 0).sum())} of {len(where)} connections cannot be told any more",
                allowed="connections that are still there",
                todo="Call GetConnections() again.",
            )
        return self.handle.select(where)


def _noted(handle: Any, network: Network) -> dict[str, NDArray[Any]]:
    """What tells connections apart: nodes and synapse model, and where these are the same, all the rest."""
    return {
        "nodes": handle.source() << 32 | handle.target(),
        "synapse_id": handle.synapse_id(),
        "weight": handle.weight(),
        "delay": _steps(handle.delay(), network),
        "receptor": handle.receptor(),
        "synapse_label": handle.label(),
    }


def _steps(delays: NDArray[np.float64], network: Network) -> NDArray[np.int64]:
    """Delays in steps, rounded as the kernel does."""
    steps: NDArray[np.int64] = np.floor(delays / network.kernel.resolution + 0.5).astype(np.int64)
    return steps


def _matches(old: dict[str, NDArray[Any]], new: dict[str, NDArray[Any]], removed: bool) -> NDArray[np.int64]:
    """Position among the new connections of each old one, -1 where it is gone or cannot be told.

    A connection that is alone between its nodes is told by them. Of several, those that differ in nothing are
    as good as each other; after a removal only what is the same in everything counts as the same.
    """
    size = len(old["nodes"])
    columns = {name: np.concatenate((old[name], new[name])) for name in old}
    between = _ranked([columns["nodes"], columns["synapse_id"]])
    same = _ranked(list(columns.values()))
    alone = (np.bincount(between[:size], minlength=len(between))[between] == 1) & (
        np.bincount(between[size:], minlength=len(between))[between] == 1
    )
    key = same if removed else np.where(alone, between + len(same), same)
    numbered = np.concatenate([each << 31 | _count_before(each) for each in (key[:size], key[size:])])
    wanted, there = numbered[:size], numbered[size:]
    if not len(there):
        return np.full(size, -1)
    order = np.argsort(there)
    to = order[np.minimum(np.searchsorted(there, wanted, sorter=order), len(there) - 1)]
    return np.where(there[to] == wanted, to, -1)


def _ranked(columns: list[NDArray[Any]]) -> NDArray[np.int64]:
    """A number for each row of several columns, the same for the same rows."""
    rank = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        _, one = np.unique(column, return_inverse=True)
        _, rank = np.unique(rank * (one.max(initial=0) + 1) + one, return_inverse=True)
    return rank


def _count_before(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each key was there before."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    count = np.empty(len(keys), np.int64)
    count[order] = np.arange(len(keys)) - np.searchsorted(ordered, ordered)
    return count


class SynapseCollection:
    """Connections of one simulation, sorted by synapse model, source and target.

    Made by `GetConnections`. Parameters of the synapses are attributes: ``connections.weight`` reads,
    ``connections.weight = 2.0`` sets all, ``connections.weight = [...]`` sets one value each.

    Attributes
    ----------
    print_full : bool
        Whether printing shows all connections; otherwise only the first and the last when there are many.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_exp", 2)
    >>> nest.Connect(neurons, neurons, "one_to_one", {"weight": [1.5, 2.5]})
    >>> print(nest.GetConnections())  # doctest: +NORMALIZE_WHITESPACE
     source   target   synapse model   weight   delay
    -------- -------- --------------- -------- -------
          1        1  static_synapse    1.500   1.000
          2        2  static_synapse    2.500   1.000
    """

    __slots__ = ("__weakref__", "_found", "_network", "_positions", "_size", "print_full")
    __hash__ = None  # type: ignore[assignment]  # as in the reference

    _found: _Found
    _positions: NDArray[np.int64] | None  # in what was found; None for all
    _network: Network
    _size: int
    print_full: bool

    def __init__(self, found: _Found, positions: NDArray[np.int64] | None = None) -> None:
        _set(self, "_found", found)
        _set(self, "_positions", positions)
        _set(self, "_network", found.network)
        _set(self, "_size", len(found.handle) if positions is None else len(positions))
        _set(self, "print_full", False)

    @property
    def _handle(self) -> Any:
        """The connections of the kernel as they are now."""
        found = self._found
        if found.network.replaced:
            return found.network.kernel
        found.renew()
        return found.at(self._positions)

    @property
    def simulation(self) -> Simulation:
        """The simulation the connections live in."""
        self._network.refuse_replaced()
        return self._network.simulation

    @property
    def registered(self) -> dict[str, models.Model]:
        """What the registry knows of each synapse model, by name, which may be that of a copy."""
        kernel, names = self._network.kernel, sorted(set(self._columns(["synapse_model"])[0]))
        return {name: models.registry[kernel.base_model(name)] for name in names}

    # -- as a sequence

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[SynapseCollection]:
        for position in range(len(self)):
            yield self._at(np.array([position]))

    @public("SynapseCollection[...]")
    def __getitem__(self, key: Any) -> SynapseCollection:
        positions = np.arange(len(self))
        try:
            picked = positions[key]
        except (IndexError, ValueError, TypeError):
            raise errors.BadIndex(
                "this is no index of these connections",
                value=f"{key!r} ({type(key).__name__})",
                allowed=f"positions {-len(self)} … {len(self) - 1}, slices, lists or arrays of int or bool"
                if len(self)
                else "none: the collection is empty",
                todo="Check len() of the collection.",
            ) from None
        return self._at(np.atleast_1d(picked))

    def _at(self, positions: NDArray[np.int64]) -> SynapseCollection:
        self._network.refuse_replaced()
        return SynapseCollection(
            self._found, positions if self._positions is None else self._positions[positions]
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SynapseCollection):
            return NotImplemented
        if len(self) != len(other) or self._network is not other._network:
            return False
        names = ("source", "target", "target_thread", "synapse_id", "port")
        return all(np.array_equal(self._array(name), other._array(name)) for name in names)

    @public("SynapseCollection.sources()")
    def sources(self) -> Iterator[int]:
        """Ids of the sources, one after the other."""
        return iter(self._array("source").tolist())

    @public("SynapseCollection.targets()")
    def targets(self) -> Iterator[int]:
        """Ids of the targets, one after the other."""
        return iter(self._array("target").tolist())

    # -- what it prints

    @public("str(SynapseCollection)")
    def __str__(self) -> str:
        if not len(self):
            return "The synapse collection does not contain any connections."
        if self._network.replaced:
            return "The synapse collection belongs to a network that was replaced."
        shown = np.arange(len(self))
        if len(self) > _SHORT and not self.print_full:
            shown = np.concatenate((shown[: _ENDS // 2], shown[-_ENDS // 2 :]))
        part = self._at(shown)
        always = ["source", "target", "synapse_model"]
        columns = dict(zip(always, part._columns(always), strict=True))
        columns |= {name: part._column_or_none(name) for name in ("weight", "delay")}
        width = max(15, *(len(name) for name in columns["synapse_model"]))
        lines = [
            f" source   target  {'synapse model':^{width}}  weight   delay ",
            f"-------- -------- {'-' * width} -------- -------",
            *(
                f"{source:>7}  {target:>7} {model:>{width}} {_number(weight):>8} {_number(delay):>7}"
                for source, target, model, weight, delay in zip(*columns.values(), strict=True)
            ),
        ]
        if len(shown) < len(self):
            gap = f"{'⋮':>6}   {'⋮':>6}   {'⋮':>{width - 2}}   {'⋮':>6}   {'⋮':>5} "
            lines.insert(2 + _ENDS // 2, gap)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if not len(self) or self._network.replaced:
            return table(str(self), [], [])
        if len(self) <= _LISTED:
            names = ["source", "target", "synapse_model", "weight", "delay"]
            columns = [self._column_or_none(name) for name in names]
            rows = [
                [str(source), str(target), model, *(summary([x]) for x in values)]
                for source, target, model, *values in zip(*columns, strict=True)
            ]
            return framed(self._count(), "", [table("", [*names[:-1], "delay (ms)"], rows)])
        if len(self) > _LOOKED_AT:
            return framed(self._count(), "too many to look at each of them", [])
        ids = self._array("synapse_id")
        return framed(
            self._count(),
            "",
            [
                table(
                    "",
                    ["synapse_model", "number", "sources", "targets", "weight", "delay (ms)"],
                    [self._at(np.flatnonzero(ids == each))._row() for each in np.unique(ids)],
                )
            ],
        )

    def _row(self) -> list[str]:
        """What many connections of one synapse model are, in few words."""
        sources, targets = (f"{len(np.unique(self._array(name))):,}" for name in ("source", "target"))
        model = self._at(np.array([0]))._columns(["synapse_model"])[0][0]
        values = (summary(self._array(name)) if name in self._names() else "" for name in ("weight", "delay"))
        return [model, f"{len(self):,}", sources, targets, *values]

    def _count(self) -> str:
        return f"{len(self):,} connection{'s' if len(self) != 1 else ''}"

    def __repr__(self) -> str:
        return f"<SynapseCollection of {len(self)} connection{'s' if len(self) != 1 else ''}>"

    # -- parameters

    @public("SynapseCollection.get()")
    def get(self, keys: Any = None, output: str = "") -> Any:
        """Read parameters of the connections.

        Parameters
        ----------
        keys : str or sequence of str, optional
            One name or several; all when left out.
        output : {'', 'pandas', 'json'}
            Whether to give a ``pandas.DataFrame`` with one row per connection and the source as index, or a
            text in JSON.

        Returns
        -------
        float, int, str, list or dict
            For one name the value of a single connection, else a list with one value each, None where a
            synapse does not have it. For several names a dictionary of these.

        Raises
        ------
        errors.UnknownName
            None of the connections has this parameter; a KeyError.
        errors.StaleCollection
            The simulation was reset since.

        Examples
        --------
        >>> import nest_lab as nest
        >>> nest.ResetKernel()
        >>> neurons = nest.Create("iaf_psc_exp", 2)
        >>> nest.Connect(neurons, neurons, "one_to_one", {"weight": 2.0, "delay": 1.5})
        >>> nest.GetConnections().get(["target", "weight"])
        {'target': [1, 2], 'weight': [2.0, 2.0]}
        """
        single = isinstance(keys, str)
        if not len(self):
            return self._empty(keys, output)
        names = self._names() if keys is None else names_of(keys)
        if output == "pandas":
            return as_frame({name: self._column(name) for name in names}, self._array("source"))
        columns = dict(zip(names, self._columns(names), strict=True))
        one = len(self) == 1
        values = {name: column[0] if one else column for name, column in columns.items()}
        result = values[keys] if single else values
        return to_json(result) if output == "json" else result

    def _names(self) -> list[str]:
        """Names of all parameters there are, in order of the alphabet."""
        names = set(self._handle.names())
        if self._labelled().any():
            names.add("synapse_label")
        return sorted(names)

    def _labelled(self) -> NDArray[np.bool_]:
        """Which connections have a label."""
        kernel, ids = self._network.kernel, self._array("synapse_id")
        used, which = np.unique(ids, return_inverse=True)
        names = {kernel.model_id(name): name for name, kind in kernel.model_names() if kind == "synapse"}
        models_used = [models.registry[kernel.base_model(names[int(each)])] for each in used]
        return np.array(["synapse_label" in model.parameters for model in models_used], bool)[which]

    def _empty(self, keys: Any, output: str) -> Any:
        if output == "pandas":
            return as_frame({}, [])
        result: Any = {} if keys is None else ()
        return to_json(result) if output == "json" else result

    def _array(self, name: str) -> Any:
        return self._handle.get(name)

    def _column(self, name: str) -> Any:
        """One value per connection, None where a synapse does not have it."""
        values = self._array(name)
        if name != "synapse_label":
            return values
        return [label if has else None for label, has in zip(values.tolist(), self._labelled(), strict=True)]

    def _columns(self, names: list[str]) -> list[list[Any]]:
        columns = (self._column(name) for name in names)
        return [column.tolist() if isinstance(column, np.ndarray) else column for column in columns]

    def _column_or_none(self, name: str) -> list[Any]:
        try:
            return self._columns([name])[0]
        except KernelError as error:
            if error.kind != "UnknownName":
                raise
            return [None] * len(self)

    @public("SynapseCollection.set()")
    def set(self, params: Any = None, **kwargs: Any) -> None:
        """Set parameters of the connections.

        Parameters
        ----------
        params : dict or sequence of dict
            Values by name: one for all, a sequence with one per connection, or a Parameter that is drawn for
            each.
            Or one dictionary per connection.
        **kwargs
            The same without a dictionary.

        Raises
        ------
        errors.UnknownName, errors.BadType, errors.BadValue, errors.BadDelay
            A name, type or value is not right; then nothing is set.
        errors.StaleCollection
            The simulation was reset since.

        Examples
        --------
        >>> import nest_lab as nest
        >>> nest.ResetKernel()
        >>> neurons = nest.Create("iaf_psc_exp", 2)
        >>> nest.Connect(neurons, neurons, "one_to_one")
        >>> nest.GetConnections().set(weight=[2.0, 3.0])
        >>> nest.GetConnections().weight
        [2.0, 3.0]
        """
        if kwargs and params is not None:
            raise errors.BadType(
                "parameters were given in two ways",
                value="a dictionary and keywords",
                allowed="one of the two",
                todo="Put all of them into the dictionary.",
            )
        given = kwargs if params is None and kwargs else params
        values = self._one_dict(given)
        if len(self):
            self._set_all(values)

    def _one_dict(self, params: Any) -> dict[str, Any]:
        """Parameters as one dictionary, also when there was one for each connection."""
        if isinstance(params, Mapping):
            return dict(params)
        if (
            not isinstance(params, (list, tuple))
            or not all(isinstance(each, Mapping) for each in params)
            or len(params) != len(self)
        ):
            raise errors.BadType(
                "parameters must come by name",
                value=f"{len(params)} values ({type(params).__name__})"
                if isinstance(params, (list, tuple))
                else f"{params!r} ({type(params).__name__})",
                allowed=f"a dictionary, a list of {len(self)} dictionaries, one per connection, or keywords",
                todo="Write connections.set(name=value).",
            )
        names = list(dict.fromkeys(name for each in params for name in each))
        now = {
            name: [None] * len(self) if all(name in each for each in params) else self._columns([name])[0]
            for name in names
        }
        return {
            name: [each.get(name, old) for each, old in zip(params, now[name], strict=True)] for name in names
        }

    def _set_all(self, values: dict[str, Any]) -> None:
        """Set all values or none."""
        network = self._network
        network.settle()
        handle = self._handle
        values = {name: self._values(name, value) for name, value in values.items()}
        # The kernel keeps connections by the sign of the weight and by the delay: a change there moves them.
        if "delay" not in values and not (
            "weight" in values and self._changes_sign(handle, values["weight"])
        ):
            handle.set(values)
            return
        network.changing()
        mine = _noted(handle, network)
        handle.set(values)
        for name in ("weight", "delay"):
            if name in values:
                new = np.broadcast_to(np.asarray(values[name], float), len(mine["nodes"]))
                new = _steps(new, network) if name == "delay" else new
                for found in network.holding():
                    found.revalue(mine, name, new)
                mine[name] = new.copy()

    def _changes_sign(self, handle: Any, value: Any) -> bool:
        return np.size(value) in (1, self._size) and bool(
            ((handle.weight() < 0) != (np.asarray(value) < 0)).any()
        )

    def _values(self, name: str, value: Any) -> Any:
        """What the kernel takes for a value: a number, or an array with one per connection."""
        if isinstance(value, Parameter):
            return self._network.kernel.draw(value._expression, len(self))
        if isinstance(value, (list, tuple)) and not any(isinstance(each, (str, Parameter)) for each in value):
            with suppress(ValueError):  # rows of different lengths
                value = np.asarray(value)
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value.item()
        if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
            return value.astype(float)
        if not isinstance(value, (bool, int, float, np.number)):
            raise errors.BadType(
                f"the value of '{name}' must be a number",
                value=f"{value!r} ({type(value).__name__})",
                allowed=f"a number, a Parameter, or {len(self)} numbers, one per connection",
                todo="Give a number.",
            )
        return value

    @public("SynapseCollection.disconnect()")
    def disconnect(self) -> None:
        """Remove these connections."""
        handle = self._handle
        self._network.changing(removing=True)
        self._network.kernel.disconnect(handle)

    def __getattr__(self, name: str) -> Any:
        # only called for what is not there otherwise: a parameter of the synapses
        if name.startswith("_"):
            raise AttributeError(f"'SynapseCollection' object has no attribute '{name}'")
        try:
            if not len(self):
                return ()
            column = self._columns([name])[0]
        except (errors.NESTError, KernelError) as error:
            raise errors.at(error, f"SynapseCollection.{name}") from None
        return column[0] if len(column) == 1 else column

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            _set(self, name, value)
            return
        try:
            if len(self):
                self._set_all({name: value})
        except (errors.NESTError, KernelError) as error:
            raise errors.at(error, f"SynapseCollection.{name}") from None

    def __reduce__(self) -> Any:
        raise TypeError("a SynapseCollection cannot be pickled: it belongs to a simulation. Use its get().")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:#.4g}"


def Connect(
    pre: Any,
    post: Any,
    conn_spec: Any = None,
    syn_spec: Any = None,
    return_synapsecollection: bool = False,
) -> SynapseCollection | None:
    """Connect nodes by a rule; all that the rule gives, or nothing.

    Parameters
    ----------
    pre, post : NodeCollection or sequence of int
        Sources and targets. Lists of ids may repeat, and are then connected pair by pair.
    conn_spec : str or dict, optional
        The rule, see ``nest.connection_rules``: its name, or a dictionary with the name as ``rule`` and its
        arguments, such as ``indegree``, ``outdegree``, ``N``, ``p``, ``allow_autapses`` and
        ``allow_multapses``. Between nodes with positions also ``mask``, the region around a node in which it
        finds others; then ``p`` says of ``fixed_indegree`` and ``fixed_outdegree`` how likely each is chosen.
        A source finds targets, a target finds sources by ``fixed_indegree``; with ``use_on_source`` also by
        ``pairwise_bernoulli``.
        Without it, every source is connected to every target.
    syn_spec : str, dict or CollocatedSynapses, optional
        The synapse model, see ``nest.synapse_models``: its name, or a dictionary with the name as
        ``synapse_model`` and its parameters, such as ``weight``, ``delay`` (ms) and ``receptor_type``. Each
        is a number, a Parameter that is drawn for each connection, or an array: shape (n,) for
        ``one_to_one``, (N,) for ``fixed_total_number``, (targets, sources) for ``all_to_all``, (targets,
        indegree) for ``fixed_indegree``, (sources, outdegree) for ``fixed_outdegree``.
    return_synapsecollection : bool
        Whether to return the connections between `pre` and `post`.

    Returns
    -------
    SynapseCollection or None

    Raises
    ------
    errors.UnknownName, errors.UnknownModel
        There is no such rule, argument, synapse model or parameter; the error names the nearest one.
    errors.BadRule, errors.BadType, errors.BadValue, errors.BadDelay
        An argument is missing, of the wrong type or shape, or out of its bounds.
    errors.CannotConnect
        These nodes cannot be connected like this.
    errors.OutOfMemory
        The connections do not fit into memory.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_alpha", 100)
    >>> nest.Connect(neurons, neurons, {"rule": "fixed_indegree", "indegree": 10},
    ...              {"weight": nest.random.normal(20.0, 2.0), "delay": 1.5})
    >>> nest.num_connections
    1000
    """
    if not return_synapsecollection and _connect_again(pre, post, conn_spec, syn_spec):
        return None
    return _connect(pre, post, conn_spec, syn_spec, return_synapsecollection)


def _connect_again(pre: Any, post: Any, conn_spec: Any, syn_spec: Any) -> bool:
    """Connect a node to another like the last one, if that is what it is; programs do so a million times.

    What is wrong is left to `_connect` to say.
    """
    if type(pre) is not NodeCollection or type(post) is not NodeCollection:
        return False
    begin = perf_counter()
    network = pre._network
    if network is not post._network or network.holders:
        return False
    if not network.kernel.connect_again(pre._ids, post._ids, conn_spec, syn_spec):
        return False
    if network.singles:
        network.note_single(pre._ids, post._ids, conn_spec, syn_spec)
    taken = perf_counter() - begin  # all of it at work; asking for processor time takes as long again
    timers = network.simulation.timers
    timers["connect"] += taken
    timers["connect_cpu"] += taken
    return True


@public("Connect()")
def _connect(
    pre: Any, post: Any, conn_spec: Any, syn_spec: Any, return_synapsecollection: bool
) -> SynapseCollection | None:
    wall, cpu = perf_counter(), process_time()
    network, sources, targets = _ends(pre, post)
    parts = _parts(network, sources, targets, conn_spec, syn_spec)
    network.changing()
    connect_parts(network, parts)
    if network.told is not None:
        network.note("Connect", sources, targets, conn_spec, syn_spec)
    timers = network.simulation.timers
    timers["connect"] += perf_counter() - wall
    timers["connect_cpu"] += process_time() - cpu
    if not return_synapsecollection:
        return None
    return SynapseCollection(_Found(network, _unique(sources), _unique(targets), None, None))


def _parts(network: Network, sources: Ids, targets: Ids, conn_spec: Any, syn_spec: Any) -> list[Part]:
    """What the kernel is told."""
    rule = _rule(conn_spec)
    if _repeats(sources) or _repeats(targets):
        _refuse_unpaired(sources, targets, rule)
    synapses = _synapses(syn_spec)
    if len(synapses) > 1 or varies(synapses[0].get("receptor_type")):
        return list(one_by_one(network.kernel, sources, targets, rule, synapses))
    return [(sources, targets, rule, synapses[0])]


def connect_parts(network: Network, parts: list[Part]) -> None:
    """Connect all of what the kernel is told, or nothing."""
    network.kernel.connect_all(parts)
    network.used.update(synapse.get("synapse_model", "static_synapse") for *_, synapse in parts)


@public("Connect()")
def checked_parts(sources: Ids, targets: Ids, conn_spec: Any, syn_spec: Any) -> list[Part]:
    """What `Connect` would tell the kernel, after all checks; nothing is connected."""
    network = current().network
    parts = _parts(network, sources, targets, conn_spec, syn_spec)
    network.kernel.connect_all(parts, only_check=True)
    return parts


def _ends(pre: Any, post: Any) -> tuple[Network, Ids, Ids]:
    """Network, sources and targets of a connection."""
    nodes = [end for end in (pre, post) if isinstance(end, NodeCollection) and end]
    network = same_network(*nodes) if nodes else current().network
    sources, targets = given_ids(pre), given_ids(post)
    for what, ids in (("presynaptic", sources), ("postsynaptic", targets)):
        if not len(ids):
            raise errors.CannotConnect(
                f"there is no {what} node",
                value="an empty collection",
                allowed="1 or more nodes",
                todo="Create nodes first.",
            )
    return network, sources, targets


def _repeats(ids: Ids) -> bool:
    """Whether ids repeat or are out of order."""
    return not isinstance(ids, range) and bool((np.diff(ids) <= 0).any())


def _unique(ids: Ids) -> Ids:
    return np.unique(as_array(ids)) if _repeats(ids) else ids


def _refuse_unpaired(sources: Ids, targets: Ids, rule: dict[str, Any]) -> None:
    """Refuse ids that repeat or are out of order unless they are connected pair by pair."""
    if rule["rule"] != "one_to_one":
        raise errors.BadRule(
            "node ids that repeat or are out of order can only be connected pair by pair",
            value=f"'{rule['rule']}'",
            allowed="'one_to_one'",
            todo="Give conn_spec='one_to_one', or ids in ascending order, each once.",
        )
    if len(sources) != len(targets):
        raise errors.BadRule(
            "there must be as many sources as targets to connect them pair by pair",
            value=f"{len(sources)} sources and {len(targets)} targets",
            allowed="two lists of the same length",
            todo="Repeat the ids of one of them.",
        )


def _rule(conn_spec: Any) -> dict[str, Any]:
    if conn_spec is None:
        return {"rule": "all_to_all"}
    rule = _named_rule(
        conn_spec,
        "conn_spec",
        "rule",
        todo="nest.connection_rules lists the rules.",
        without="Add it, e.g. {'rule': 'fixed_indegree', 'indegree': 10}; nest.connection_rules lists them.",
    )
    return rule | {"mask": as_mask(rule["mask"])} if "mask" in rule else rule


def _named_rule(spec: Any, name: str, kind: str, todo: str, without: str) -> dict[str, Any]:
    """A rule as a dictionary; `todo` where it is of a wrong type, `without` where none is named."""
    if isinstance(spec, str):
        return {"rule": spec}
    if not isinstance(spec, Mapping):
        raise errors.BadType(
            f"{name} must name a rule",
            value=f"{spec!r} ({type(spec).__name__})",
            allowed=f"the name of a {kind}, or a dictionary with it as 'rule'",
            todo=todo,
        )
    if "rule" not in spec:
        raise errors.BadRule(
            f"{name} does not say which rule",
            value=f"a dictionary with {', '.join(map(repr, spec)) or 'nothing'}",
            allowed=f"a dictionary with the name of a {kind} as 'rule'",
            todo=without,
        )
    return unwrap(spec)


def _synapses(syn_spec: Any) -> list[dict[str, Any]]:
    """One dictionary of the kernel per synapse."""
    if isinstance(syn_spec, CollocatedSynapses):
        return [each for one in syn_spec.syn_specs for each in _synapses(one)]
    if syn_spec is None:
        return [{}]
    if isinstance(syn_spec, str):
        return [{"synapse_model": syn_spec}]
    if not isinstance(syn_spec, Mapping):
        raise errors.BadType(
            "syn_spec must name or describe a synapse",
            value=f"{syn_spec!r} ({type(syn_spec).__name__})",
            allowed="the name of a synapse model, a dictionary of parameters, or CollocatedSynapses",
            todo="nest.synapse_models lists the synapse models.",
        )
    return [{name: _spread(name, value) for name, value in unwrap(syn_spec).items()}]


def _spread(name: str, value: Any) -> Any:
    """Turn the lists that users may give into arrays."""
    if name == "synapse_label" and isinstance(value, int) and value < 0:
        raise errors.BadValue(
            "a synapse_label must not be negative",
            value=str(value),
            allowed="0, 1, …",
            todo="Choose another label.",
        )
    if not isinstance(value, (list, tuple)):
        return value
    try:
        array = np.asarray(value)
        numbers = array.dtype.kind in "iuf"
    except ValueError:  # rows of different lengths
        numbers = False
    if not numbers and len(value):
        raise errors.BadType(
            f"the values of '{name}' must be numbers, in rows of one length",
            value=type(value).__name__,
            allowed="a number, a Parameter, or an array of numbers",
            todo="Give one number per connection.",
        )
    return array.astype(float)


@public("GetConnections()")
def GetConnections(
    source: NodeCollection | None = None,
    target: NodeCollection | None = None,
    synapse_model: str | None = None,
    synapse_label: int | None = None,
) -> SynapseCollection:
    """Find connections.

    Parameters
    ----------
    source, target : NodeCollection, optional
        Only connections from and to these nodes.
    synapse_model : str, optional
        Only connections of this synapse model.
    synapse_label : int, optional
        Only connections with this label.

    Returns
    -------
    SynapseCollection
        Sorted by synapse model, source and target.

    Raises
    ------
    errors.BadType
        `source` or `target` are not nodes.
    errors.UnknownModel
        There is no such synapse model.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_alpha", 3)
    >>> nest.Connect(neurons, neurons)
    >>> len(nest.GetConnections(source=neurons[0]))
    3
    """
    for what, nodes in (("source", source), ("target", target)):
        if nodes is not None and not isinstance(nodes, NodeCollection):
            raise errors.BadType(
                f"{what} must be nodes",
                value=f"{nodes!r} ({type(nodes).__name__})",
                allowed="a NodeCollection",
                todo="Make one with NodeCollection([ids]).",
            )
    if synapse_model is not None and not isinstance(synapse_model, str):
        raise errors.BadType(
            "synapse_model must be text",
            value=f"{synapse_model!r} ({type(synapse_model).__name__})",
            allowed="the name of a synapse model",
            todo="nest.synapse_models lists them.",
        )
    if synapse_label is not None and (
        isinstance(synapse_label, bool) or not isinstance(synapse_label, (int, np.integer))
    ):
        raise errors.BadType(
            "synapse_label must be a whole number",
            value=f"{synapse_label!r} ({type(synapse_label).__name__})",
            allowed="0, 1, …",
            todo="Give the label that Connect() was given.",
        )
    ends = [nodes for nodes in (source, target) if nodes]
    network = same_network(*ends) if ends else current().network
    ids = [None if nodes is None else nodes._ids for nodes in (source, target)]
    label = None if synapse_label is None else int(synapse_label)
    return SynapseCollection(_Found(network, *ids, synapse_model, label))


@public("Disconnect()")
def Disconnect(*args: Any, conn_spec: Any = None, syn_spec: Any = None) -> None:
    """Remove connections.

    Parameters
    ----------
    *args : SynapseCollection, or two NodeCollections
        The connections, or the nodes they connect.
    conn_spec : str or dict, optional
        With nodes: ``one_to_one``, which is the default, or ``all_to_all``. One connection per pair is
        removed.
    syn_spec : str or dict, optional
        With nodes: the synapse model; ``static_synapse`` when left out.

    Raises
    ------
    errors.CannotConnect
        There is no such connection; then none is removed.
    errors.BadRule
        Another rule was given.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_alpha", 3)
    >>> nest.Connect(neurons, neurons)
    >>> nest.Disconnect(neurons, neurons)
    >>> nest.num_connections
    6
    """
    if len(args) == 1 and isinstance(args[0], SynapseCollection):
        args[0].disconnect()
        return
    if len(args) != 2 or not all(isinstance(each, NodeCollection) for each in args):
        raise errors.BadType(
            "Disconnect() takes connections, or the nodes at their two ends",
            value=", ".join(type(each).__name__ for each in args) or "nothing",
            allowed="a SynapseCollection, or two NodeCollections",
            todo="Give conn_spec and syn_spec by name.",
        )
    network, sources, targets = _ends(*args)
    rule = {"rule": "one_to_one"} if conn_spec is None else _rule(conn_spec)
    synapse = {"synapse_model": "static_synapse"} | _synapses(syn_spec)[0]
    network.changing(removing=True)
    network.kernel.disconnect_pairs(sources, targets, rule, synapse)


@public("ConnectionRules()")
def ConnectionRules() -> tuple[str, ...]:
    """Names of the connection rules.

    Returns
    -------
    tuple of str
        As ``nest.connection_rules``, in order of the alphabet.
    """
    return tuple(sorted(models.rules))
