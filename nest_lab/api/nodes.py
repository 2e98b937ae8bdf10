"""`NodeCollection`, and making, finding and listing nodes."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab import errors
from nest_lab.api.elements import Elements, elements_named
from nest_lab.api.output import as_frame, columns_to_json, to_json
from nest_lab.api.parameter import Parameter, unwrap
from nest_lab.api.spatial import free, grid
from nest_lab.models import registry as models
from nest_lab.simulation import Ids, KernelError, Network, Simulation, current, public
from nest_lab.tables import framed, summary, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Create", "GetLocalNodeCollection", "GetNodes", "NodeCollection", "PrintNodes"]

_set = object.__setattr__
_new = object.__new__
_SHOWN_PARTS = 12  # stretches of one model that a notebook shows of a collection
_INDENT = ",\n" + " " * 15  # the reference lines the parts of a collection up under its first parenthesis


class NodeCollection:
    """An ordered set of nodes of one simulation.

    Collections are made by `Create`, `GetNodes`, indexing and adding, or from node ids. Parameters of the
    nodes are attributes: ``nodes.V_m`` reads, ``nodes.V_m = -65.0`` sets all, ``nodes.V_m = [...]`` sets one
    value each.

    Parameters
    ----------
    data : iterable of int, optional
        Ids of existing nodes in ascending order, each once; without it the collection is empty.

    Raises
    ------
    errors.BadValue, errors.BadType
        The ids do not exist, repeat, or are out of order; or they are not whole numbers.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_alpha", 4, {"V_m": [-70.0, -65.0, -60.0, -55.5]})
    >>> neurons
    NodeCollection(metadata=None, model=iaf_psc_alpha, size=4, first=1, last=4)
    >>> neurons[1:3].V_m
    (-65.0, -60.0)
    >>> (neurons + nest.Create("parrot_neuron"))[::2].tolist()
    [1, 3, 5]
    """

    __slots__ = ("__weakref__", "_ids", "_network", "_placed", "_step")
    __hash__ = None  # type: ignore[assignment]  # as in the reference
    __array_ufunc__ = None

    _network: Network
    _ids: Ids  # ascending
    _step: (
        int  # of the slice this was made by, 0 if by anything else; slices print differently in the reference
    )
    _placed: bool  # made from nodes that were created with positions

    @public("NodeCollection()")
    def __init__(self, data: Any = None) -> None:
        network = current().network
        ids: Ids = range(0)
        if data is not None:
            ids = given_ids(data)
            refuse_disorder(ids)
            network.kernel.runs(ids)  # refuses nodes that do not exist
        _set(self, "_network", network)
        _set(self, "_ids", ids)
        _set(self, "_step", 0)
        _set(self, "_placed", False)

    # -- as a sequence

    def __len__(self) -> int:
        return len(self._ids)

    def __bool__(self) -> bool:
        return len(self._ids) > 0

    def __iter__(self) -> Iterator[NodeCollection]:
        network, placed = self._network, self._placed
        for node in self.tolist():
            yield collection(network, range(node, node + 1), int(placed), placed)

    def __contains__(self, node_id: object) -> bool:
        return self._position(node_id) is not None

    @public("NodeCollection.index()")
    def index(self, node_id: int) -> int:
        """Position of a node.

        Parameters
        ----------
        node_id : int
            Id of the node.

        Returns
        -------
        int

        Raises
        ------
        errors.BadValue
            The node is not in the collection.
        """
        position = self._position(node_id)
        if position is None:
            raise errors.BadValue(
                "this node is not in the collection",
                value=str(node_id),
                allowed=f"{len(self)} nodes" + (f" from {self._ids[0]} to {self._ids[-1]}" if self else ""),
                todo="Test with `in` first.",
            )
        return position

    def _position(self, node_id: object) -> int | None:
        node = whole(node_id, "the id of a node")
        ids = self._ids
        if isinstance(ids, range):
            return ids.index(node) if node in ids else None
        position = int(np.searchsorted(ids, node))
        return position if position < len(ids) and ids[position] == node else None

    @public("NodeCollection[...]")
    def __getitem__(self, key: Any) -> NodeCollection:
        ids = self._ids
        if isinstance(key, slice):
            picked = _sliced(ids, key)
            whole_step = (key.step or 1) * (self._step or 1)
            made_by = 0 if self._step and len(picked) == 1 and not self._placed else whole_step
            return collection(self._network, picked, made_by, self._placed)
        if isinstance(key, (list, tuple, np.ndarray)):
            return collection(self._network, _picked(ids, key))
        try:
            position = operator.index(key)
        except TypeError:
            raise errors.BadIndex(
                "this is no index",
                value=f"{key!r} ({type(key).__name__})",
                allowed="a whole number, a slice, or a list, tuple or array of whole numbers or truth values",
                todo="Index by position; use NodeCollection.index() to find the position of a node.",
            ) from None
        if not -len(ids) <= position < len(ids):
            raise _outside("the position", position, len(ids))
        node = int(ids[position])
        return collection(self._network, range(node, node + 1), int(self._placed), self._placed)

    def __add__(self, other: Any) -> NodeCollection:
        return _joined(self, other)

    def __radd__(self, other: Any) -> NodeCollection:
        return _joined(self, other)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NodeCollection):
            return NotImplemented
        if self._network is not other._network and (self or other):
            return False
        return len(self) == len(other) and bool(np.array_equal(as_array(self._ids), as_array(other._ids)))

    def tolist(self) -> list[int]:
        """Ids of the nodes.

        Returns
        -------
        list of int
        """
        ids = self._ids
        return list(ids) if isinstance(ids, range) else ids.tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self._ids, dtype=dtype or np.int64)

    # -- what it prints

    def __repr__(self) -> str:
        if not self:
            return "NodeCollection(<empty>)"
        if self._network.replaced:
            ends = f"size={len(self)}, first={self._ids[0]}, last={self._ids[-1]}"
            return f"NodeCollection(<of a replaced network>, {ends})"
        parts = list(self._parts())
        if self._step > 1 or (self._step and (self._placed or len(parts) > 1)):
            text = _INDENT + (";" + _INDENT[1:] if self._step > 1 else _INDENT[1:]).join(
                f"model={model}, size={len(ids)}, first={ids[0]}, last={ids[-1]}"
                + (f", step={self._step}" if self._step > 1 and len(ids) > 1 else "")
                for model, ids in parts
            )
        else:
            texts = [
                f"model={model}, size={len(ids)}, first={ids[0]}"
                + (f", last={ids[-1]}" if len(ids) > 1 else "")
                for model, ids in parts
            ]
            text = f", {texts[0]}" if len(texts) == 1 else _INDENT + (";" + _INDENT[1:]).join(texts)
        return f"NodeCollection(metadata={'spatial' if self._placed else None}{text})"

    def _repr_html_(self) -> str:
        if not self or self._network.replaced:
            return table(repr(self), [], [])
        parts = list(self._parts())
        overview = [
            [model, f"{len(ids):,}", f"{ids[0]} … {ids[-1]}" if len(ids) > 1 else str(ids[0])]
            for model, ids in parts
        ]
        details = (self._details(model) for model in dict.fromkeys(model for model, _ in parts))
        return framed(
            f"{len(self):,} node{'s' if len(self) > 1 else ''}",
            "",
            [table("", ["model", "number", "ids"], overview[:_SHOWN_PARTS])]
            + (
                [f"<p>… and {len(parts) - _SHOWN_PARTS} more stretches</p>"]
                if len(parts) > _SHOWN_PARTS
                else []
            )
            + list(islice(details, 3)),
        )

    def _details(self, model: str) -> str:
        """A table of the parameters of all nodes of a model, in few words where they differ."""
        network = self._network
        fields = models[network.kernel.base_model(model)].parameters
        runs = network.kernel.runs(self._ids)
        names, counts = zip(*runs, strict=True)
        ids = as_array(self._ids)[np.repeat(np.array(names) == model, counts)]
        shown = [name for name in collection(network, ids)._all_names() if name in fields]
        rows = [
            [name, summary(values), fields[name].unit, fields[name].doc]
            for name, values in zip(shown, network.kernel.get(ids, shown), strict=True)
        ]
        return table(model, ["parameter", "value", "unit", "what it is"], rows)

    def _parts(self) -> Iterator[tuple[str, Ids]]:
        """Stretches of one model and of regular ids, with the model."""
        stride, begin = self._step or 1, 0
        for model, count in self._network.kernel.runs(self._ids):
            ids = self._ids[begin : begin + count]
            begin += count
            gaps = () if _regular(ids, stride) else np.flatnonzero(np.diff(as_array(ids)) != stride) + 1
            cuts = [0, *(int(gap) for gap in gaps), count]
            for first, last in pairwise(cuts):
                yield model, ids[first:last]

    # -- parameters

    @public("NodeCollection.get()")
    def get(self, *params: Any, output: str = "") -> Any:
        """Read parameters and state of the nodes.

        Parameters
        ----------
        *params : str or sequence of str
            Nothing for all there is; the name of one, or the names of several; or the name of one that is a
            dictionary, such as ``events``, and then the key or keys in it.
        output : {'', 'pandas', 'json'}
            Whether to give a ``pandas.DataFrame`` with one row per node, or a text in JSON.

        Returns
        -------
        float, int, bool, str, list, dict, ndarray or tuple
            For one name, the value of a single node, else a tuple with one value per node, which is None for
            nodes that do not have this parameter. For several names or none a dictionary of these. For keys
            of a dictionary the same, with lists in place of tuples.

        Raises
        ------
        errors.UnknownName
            No node of the collection has this parameter; a KeyError.
        errors.StaleCollection
            The simulation was reset since the nodes were created.

        Examples
        --------
        >>> import nest_lab as nest
        >>> nest.ResetKernel()
        >>> neurons = nest.Create("iaf_psc_alpha", 2)
        >>> neurons.get("tau_m"), neurons[0].get(["E_L", "V_th"])
        ((10.0, 10.0), {'E_L': -70.0, 'V_th': -55.0})
        """
        if not self:
            raise errors.BadValue(
                "an empty collection has no parameters",
                value="0 nodes",
                allowed="1 or more nodes",
                todo="Test len() first.",
            )
        if len(params) == 2:
            columns = self._inside(*params)
            single = isinstance(params[1], str)
            return self._shaped(columns, single, list, output)
        names = names_of(params[0]) if params else self._all_names()
        columns = dict(zip(names, self._columns(names, arrays=output == "pandas"), strict=True))
        return self._shaped(columns, bool(params) and isinstance(params[0], str), tuple, output)

    def _shaped(self, columns: dict[str, list[Any]], single: bool, many: type, output: str) -> Any:
        """Values in the shape that the caller wants: one or several names, one or several nodes."""
        if output == "pandas":
            return as_frame(columns, self.tolist())
        one = len(self._ids) == 1
        if output == "json" and not one and not single:
            return columns_to_json(columns)
        values = {name: column[0] if one else many(column) for name, column in columns.items()}
        result = next(iter(values.values())) if single else values
        return to_json(result) if output == "json" else result

    def _all_names(self) -> list[str]:
        return sorted(frozenset().union(*(keys for keys, _ in self._kinds())))

    def _kinds(self) -> list[tuple[frozenset[str], int]]:
        """What can be asked for, and of how many nodes, in order."""
        network = self._network
        kinds: list[tuple[frozenset[str], int]] = []
        position = 0
        for model, count in network.kernel.runs(self._ids):
            keys = network.keys_of(model)
            if "record_to" in keys:  # recorders differ by where they record to
                ids = self._ids[position : position + count]
                kinds += [(frozenset(network.kernel.get_names(int(node))), 1) for node in ids]
            else:
                kinds.append((keys, count))
            position += count
        return kinds

    def _columns(self, names: list[str], arrays: bool = False) -> list[Any]:
        """One list per name, with one value per node; numbers as arrays if these will do."""
        kernel = self._network.kernel
        try:
            return [
                column if arrays and isinstance(column, np.ndarray) else self._listed(column)
                for column in kernel.get(self._ids, names)
            ]
        except KernelError as error:
            if error.kind != "UnknownName":
                raise
            kinds = self._kinds()
            if len({keys for keys, _ in kinds}) == 1:
                raise
        return self._mixed_columns(names, kinds)

    def _listed(self, column: Any) -> list[Any]:
        """Values as a list; the kernel gives nodes as a tuple of ids."""
        if isinstance(column, np.ndarray):
            first = column[:1]
            same = bool((column == first).all())  # as most parameters are; one number is made once
            if same and column.dtype.kind == "f" and not first.any():  # 0 and -0 are equal, and not the same
                same = bool((np.signbit(column) == np.signbit(first)).all())
            values: list[Any] = first.tolist() * len(column) if same else column.tolist()
            return values
        if tuple not in set(map(type, column)):
            return list(column)
        return [nodes_of(self._network, value) if isinstance(value, tuple) else value for value in column]

    def _mixed_columns(self, names: list[str], kinds: list[tuple[frozenset[str], int]]) -> list[list[Any]]:
        """`_columns` where not every node has every parameter: None stands for those it does not have."""
        of_node = np.repeat(np.arange(len(kinds)), [count for _, count in kinds])
        columns: list[list[Any]] = [[None] * len(self._ids) for _ in names]
        ids = as_array(self._ids)
        known: set[str] = set()
        for keys in dict.fromkeys(keys for keys, _ in kinds):
            known |= keys
            wanted = [i for i, name in enumerate(names) if name in keys]
            positions = np.flatnonzero(
                np.isin(of_node, [i for i, (other, _) in enumerate(kinds) if other == keys])
            )
            values = self._network.kernel.get(ids[positions], [names[i] for i in wanted]) if wanted else []
            for i, column in zip(wanted, values, strict=True):
                for position, value in zip(positions.tolist(), self._listed(column), strict=True):
                    columns[i][position] = value
        for name in names:
            if name not in known:
                raise errors.UnknownName(
                    "no node of the collection has this parameter",
                    value=repr(name),
                    wrong=name,
                    candidates=sorted(known),
                )
        return columns

    def _inside(self, name: Any, keys: Any) -> dict[str, list[Any]]:
        """Columns of the values that a parameter, which is a dictionary, has for each key."""
        if not isinstance(name, str):
            raise errors.BadType(
                "the parameter to look into must be one name",
                value=repr(name),
                allowed="the name of a parameter that is a dictionary, such as 'events'",
                todo="Give the name, then the keys.",
            )
        columns: dict[str, list[Any]] = {key: [] for key in names_of(keys)}
        for value in self._columns([name])[0]:
            if not isinstance(value, Mapping):
                raise errors.BadType(
                    f"the parameter '{name}' is not a dictionary",
                    value=f"{value!r} ({type(value).__name__})",
                    allowed="a parameter that is a dictionary, such as 'events'",
                    todo="Ask for the parameter alone.",
                )
            for key, column in columns.items():
                if key not in value:
                    raise errors.UnknownName(
                        f"'{name}' has no such key", value=repr(key), wrong=key, candidates=sorted(value)
                    )
                column.append(value[key])
        return columns

    @public("NodeCollection.set()")
    def set(self, params: Any = None, **kwargs: Any) -> None:
        """Set parameters of the nodes; all of them, or none when one is refused.

        Parameters
        ----------
        params : dict or sequence of dict
            Values by name: one for all nodes, a sequence with one per node, or a Parameter that is drawn per
            node.
            Or one dictionary per node.
        **kwargs
            The same without a dictionary: ``nodes.set(V_m=-65.0, I_e=100.0)``.

        Raises
        ------
        errors.UnknownName, errors.BadType, errors.BadValue
            A name, type or value is not right.
        errors.StaleCollection
            The simulation was reset since the nodes were created.

        Examples
        --------
        >>> import nest_lab as nest
        >>> nest.ResetKernel()
        >>> neurons = nest.Create("iaf_psc_alpha", 2)
        >>> neurons.set(I_e=100.0, V_m=[-70.0, -60.0])
        >>> neurons.get(["I_e", "V_m"])
        {'I_e': (100.0, 100.0), 'V_m': (-70.0, -60.0)}
        """
        if kwargs and params is not None:
            raise errors.BadType(
                "parameters were given in two ways",
                value="a dictionary and keywords",
                allowed="one of the two",
                todo="Put all of them into the dictionary.",
            )
        given = kwargs if params is None else params
        if params is None and not kwargs:
            raise _no_parameters(params)
        if len(self._ids) == 0:
            return
        self._network.kernel.set(self._ids, self._one_dict(given))

    def _one_dict(self, params: Any) -> dict[str, Any]:
        """Parameters as one dictionary of the kernel, also when there was one for each node."""
        if isinstance(params, Mapping):
            return unwrap(params)
        if not isinstance(params, (list, tuple)) or not all(isinstance(each, Mapping) for each in params):
            raise _no_parameters(params)
        if len(params) == 1:
            return unwrap(params[0])
        if len(params) != len(self):
            raise errors.BadValue(
                "there must be one dictionary per node",
                value=f"{len(params)} dictionaries",
                allowed=f"1 or {len(self)}, the size of the collection",
                todo="Give one dictionary for all nodes, or one for each.",
            )
        names = list(dict.fromkeys(name for each in params for name in each))
        now = self._columns([name for name in names if not all(name in each for each in params)])
        left_out = iter(now)
        return {
            name: [self._value(each[name]) for each in params]
            if all(name in each for each in params)
            else [self._value(each.get(name, old)) for each, old in zip(params, next(left_out), strict=True)]
            for name in names
        }

    def _value(self, value: Any) -> Any:
        """Draw a value if it is a Parameter."""
        return self._network.kernel.draw(value._expression, 1)[0] if isinstance(value, Parameter) else value

    def __getattr__(self, name: str) -> Any:
        # only called for what is not there otherwise: a parameter of the nodes
        if name.startswith("_"):
            raise AttributeError(f"'NodeCollection' object has no attribute '{name}'")
        try:
            if not self:
                raise errors.UnknownName(
                    "an empty collection has no parameters",
                    value=repr(name),
                    allowed="none",
                    todo="Test len() first.",
                )
            column = self._columns([name])[0]
        except (errors.NESTError, KernelError) as error:
            raise errors.at(error, f"NodeCollection.{name}") from None
        if isinstance(column[0], list) and self._can_grow(name):
            return elements_named(name)(column[0] if len(column) == 1 else column, self._ids)
        return column[0] if len(column) == 1 else tuple(column)

    def __setattr__(self, name: str, value: Any) -> None:
        values = {name: value}
        if isinstance(value, Elements) and value.added and value.belongs_to(self._ids):
            values = {f"add_{name}": value.added}
        try:
            self._network.kernel.set(self._ids, unwrap(values))
        except (errors.NESTError, KernelError) as error:
            raise errors.at(error, f"NodeCollection.{name}") from None

    def _can_grow(self, name: str) -> bool:
        """Whether the nodes have elements of this name that more can be added to."""
        kernel = self._network.kernel
        model = models[kernel.base_model(kernel.runs(self._ids[:1])[0][0])]
        return f"add_{name}" in model.parameters

    def __reduce__(self) -> Any:
        raise TypeError("a NodeCollection cannot be pickled: it belongs to a simulation. Use its tolist().")

    @property
    def spatial(self) -> dict[str, Any] | None:
        """What is known of the layer of nodes with positions, None where nodes have none."""
        return _layer(self) if self._placed else None

    @property
    def simulation(self) -> Simulation:
        """The simulation the nodes live in."""
        self._network.refuse_replaced()
        return self._network.simulation


def collection(network: Network, ids: Ids, step: int = 0, placed: bool = False) -> NodeCollection:
    """Make a collection of nodes that are known to exist, in order and once each."""
    nodes = _new(NodeCollection)
    _set(nodes, "_network", network)
    _set(nodes, "_ids", ids)
    _set(nodes, "_step", step)
    _set(nodes, "_placed", placed)
    return nodes


def _layer(nodes: NodeCollection) -> dict[str, Any]:
    """What is known of the layer of nodes with positions."""
    kernel = nodes._network.kernel
    known = kernel.layer(nodes._ids)
    layer = {name: known[name] for name in ("center", "edge_wrap", "extent")} | {"network_size": len(nodes)}
    if len(known["shape"]):
        return layer | {"shape": known["shape"]}
    return layer | {"positions": kernel.positions(nodes._ids)}


def nodes_of(network: Network, ids: tuple[int, ...]) -> NodeCollection:
    """Make a collection of the nodes that a parameter names."""
    return collection(network, as_ids(np.asarray(ids, np.int64)) if ids else range(0))


def as_array(ids: Ids) -> NDArray[np.int64]:
    """Ids as an array."""
    return np.arange(ids.start, ids.stop, ids.step, dtype=np.int64) if isinstance(ids, range) else ids


def as_ids(ids: NDArray[np.int64]) -> Ids:
    """Ids as a range where they are consecutive, else as they are."""
    if len(ids) == 0:
        return range(0)
    first, last = int(ids[0]), int(ids[-1])
    consecutive = last - first + 1 == len(ids) and bool((np.diff(ids) == 1).all())
    return range(first, last + 1) if consecutive else ids


def _regular(ids: Ids, stride: int) -> bool:
    return isinstance(ids, range) and (ids.step == stride or len(ids) == 1)


def whole(value: object, what: str) -> int:
    """Take a whole number, refuse anything else."""
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise errors.BadType(
            f"{what} must be a whole number",
            value=f"{value!r} ({type(value).__name__})",
            allowed="1, 2, …",
            todo="Give one node id; NodeCollection.tolist() gives the ids of nodes.",
        ) from None


def given_ids(data: Any) -> Ids:
    """Node ids from what a user gives: any iterable of whole numbers, in its order."""
    if isinstance(data, NodeCollection):
        return data._ids
    if isinstance(data, range) and data.step > 0:
        return data
    try:
        array = np.asarray(data if isinstance(data, (np.ndarray, list, tuple)) else list(data))
    except (TypeError, ValueError):
        array = np.array(None)
    if array.size == 0 and array.ndim == 1:
        return range(0)
    # numpy.loadtxt gives whole numbers as floats
    whole = array.dtype.kind in "iu" or (array.dtype.kind == "f" and np.array_equal(array, np.rint(array)))
    if array.ndim != 1 or not whole:
        raise errors.BadType(
            "node ids must be a list of whole numbers",
            value=f"{data!r} ({type(data).__name__})" if array.size < _SHOWN else f"{type(data).__name__}",
            allowed="a list, tuple, range or 1-dimensional array of int",
            todo="Give the ids, or a NodeCollection.",
        )
    if array.min() < 1 or array.max() > _MOST_NODES:
        raise errors.StaleCollection(
            "there is no such node",
            value=f"node id {array.min() if array.min() < 1 else array.max()}",
            allowed="ids of existing nodes, from 1 on",
            todo="Create nodes first, or use ids of this simulation.",
        )
    return as_ids(array.astype(np.int64, copy=False))


_SHOWN = 10  # longer values are not repeated in errors


def refuse_disorder(ids: Ids) -> None:
    """Refuse ids that are out of order or repeat."""
    if isinstance(ids, range):
        return
    steps = np.diff(ids)
    if (steps > 0).all():
        return
    repeats = bool((steps == 0).any())
    position = int(np.flatnonzero(steps == 0 if repeats else steps < 0)[0])
    before, after = int(ids[position]), int(ids[position + 1])
    raise errors.BadValue(
        # Programs look for these words of the reference, to part what repeats.
        "All node IDs in a NodeCollection have to be unique"
        if repeats
        else "node ids must be in ascending order",
        value=f"{before}, {after} at positions {position} and {position + 1}",
        allowed="ascending ids",
        todo="Sort the ids and remove what repeats.",
    )


def names_of(names: Any) -> list[str]:
    """Names of parameters from what a user gives: one name or several."""
    if isinstance(names, str):
        return [names]
    try:
        listed = list(names)
    except TypeError:
        listed = [names]
    if not all(isinstance(name, str) for name in listed):
        raise errors.BadType(
            "names of parameters must be text",
            value=f"{names!r} ({type(names).__name__})",
            allowed="a name, or a list of names",
            todo="Put the name in quotes.",
        )
    return listed


def _no_parameters(params: Any) -> errors.NESTError:
    return errors.BadType(
        "parameters must come by name",
        value=f"{params!r} ({type(params).__name__})",
        allowed="a dictionary, a list of one dictionary per node, or keywords",
        todo="Write nodes.set(name=value).",
    )


def _outside(what: str, position: int, size: int) -> errors.NESTError:
    return errors.BadIndex(
        f"{what} is outside of the collection",
        value=str(position),
        allowed=f"{-size} … {size - 1}" if size else "none: the collection is empty",
        todo="Check len() of the collection.",
    )


def _sliced(ids: Ids, key: slice) -> Ids:
    """Ids of a slice, which must lie inside the collection and hold something."""
    size = len(ids)
    step = 1 if key.step is None else operator.index(key.step)
    if step < 1:
        raise errors.BadIndex(
            "the step of a slice must be positive",
            value=str(step),
            allowed="1, 2, …",
            todo="Nodes stay in ascending order; reverse the values instead.",
        )
    start = 0 if key.start is None else operator.index(key.start)
    stop = size if key.stop is None else operator.index(key.stop)
    start, stop = (start + size if start < 0 else start), (stop + size if stop < 0 else stop)
    if size == 0 and key.start is None and key.stop is None:
        return ids
    if not 0 <= start < size:
        raise _outside("the start of the slice", start, size)
    if not 0 <= stop <= size:
        raise _outside("the end of the slice", stop, size)
    if start >= stop:
        raise errors.BadIndex(
            "the slice is empty",
            value=f"{start}:{stop}",
            allowed="start < stop",
            todo="Take at least one node.",
        )
    picked = ids[start:stop:step]
    return picked if isinstance(picked, range) else as_ids(picked) if step == 1 else picked


def _picked(ids: Ids, key: Sequence[Any] | NDArray[Any]) -> Ids:
    """Ids at given positions, or where a mask is true."""
    positions = np.asarray(key)
    if positions.size == 0:
        return range(0)
    if positions.dtype.kind == "b" and positions.shape != (len(ids),):
        raise errors.BadIndex(
            "a list of truth values must be as long as the collection",
            value=f"{len(positions)} values",
            allowed=f"{len(ids)} values",
            todo="Give one truth value per node.",
        )
    if positions.ndim != 1 or positions.dtype.kind not in "iub":
        raise errors.BadIndex(
            "positions must be whole numbers or truth values",
            value=f"{key!r} ({type(key).__name__})",
            allowed="a list, tuple or 1-dimensional array of int or bool",
            todo="Give positions in the collection.",
        )
    if positions.dtype.kind == "b":
        positions = np.flatnonzero(positions)
    outside = (positions < -len(ids)) | (positions >= len(ids))
    if outside.any():
        raise _outside("the position", int(positions[outside][0]), len(ids))
    picked = as_array(ids)[positions]
    refuse_disorder(picked)
    return as_ids(picked)


def _joined(left: NodeCollection, right: Any) -> NodeCollection:
    """Nodes of both, in ascending order."""
    if not isinstance(right, NodeCollection):
        raise errors.BadType(
            "only nodes can be added to nodes",
            where="NodeCollection + other",
            value=f"{right!r} ({type(right).__name__})",
            allowed="a NodeCollection",
            todo="Make one with NodeCollection([ids]); sum() needs NodeCollection() as its second argument.",
        )
    if not left or not right:
        return left or right
    try:
        same_network(left, right)
    except errors.NESTError as error:
        raise errors.at(error, "NodeCollection + other") from None
    placed = _joined_layer(left, right)
    first, second = (left, right) if left._ids[0] < right._ids[0] else (right, left)
    a, b = first._ids, second._ids
    if isinstance(a, range) and isinstance(b, range) and a.step == b.step == 1 and a.stop == b.start:
        return collection(left._network, range(a.start, b.stop), placed=placed)
    ids = np.sort(np.concatenate((as_array(a), as_array(b))))
    twice = ids[1:][np.diff(ids) == 0]
    if len(twice):
        raise errors.BadValue(
            "both collections hold the same nodes",
            where="NodeCollection + other",
            value=f"node {int(twice[0])}" + (f" and {len(twice) - 1} others" if len(twice) > 1 else ""),
            allowed="collections without a common node",
            todo="Leave the common nodes out of one of them.",
        )
    return collection(left._network, as_ids(ids), placed=placed)


def _joined_layer(left: NodeCollection, right: NodeCollection) -> bool:
    """Whether both belong to one layer; nodes of a layer are not joined with others."""
    if not left._placed and not right._placed:
        return False
    kernel = left._network.kernel
    layers = [kernel.layer(nodes._ids)["first"] if nodes._placed else None for nodes in (left, right)]
    if layers[0] == layers[1]:
        return True
    raise errors.BadValue(
        "nodes of a layer cannot be joined with other nodes",
        where="NodeCollection + other",
        value="nodes of 2 layers" if None not in layers else "nodes with and without positions",
        allowed="nodes of one layer",
        todo="Keep them apart, or join lists of their ids by NodeCollection(a.tolist() + b.tolist()).",
    )


def _strangers() -> errors.NESTError:
    return errors.WrongState(
        "these nodes live in different simulations, or one of them was reset",
        value="nodes of 2 networks",
        allowed="nodes of one network",
        todo="Create them in the same simulation.",
    )


def same_network(*nodes: NodeCollection) -> Network:
    """Return the network that all nodes live in, refuse nodes of different ones."""
    network = nodes[0]._network
    for each in nodes[1:]:
        if each._network is not network:
            each._network.refuse_replaced()
            network.refuse_replaced()
            raise _strangers()
    return network


@public("Create()")
def Create(model: str, n: int = 1, params: Any = None, positions: Any = None) -> NodeCollection:
    """Create nodes of one model; with their parameters, or not at all.

    Parameters
    ----------
    model : str
        Name of a neuron or device model, see ``nest.node_models``.
    n : int
        How many.
    params : dict or sequence of dict, optional
        As in `NodeCollection.set`.
    positions : nest.spatial.grid or nest.spatial.free, optional
        Positions in space. They say how many nodes there are, unless they are drawn from a Parameter.

    Returns
    -------
    NodeCollection
        The new nodes; their ids are consecutive.

    Raises
    ------
    errors.UnknownModel
        There is no such model; the error names the nearest one.
    errors.UnknownName, errors.BadType, errors.BadValue
        A parameter is not right, or `n` is not.
    errors.OutOfMemory
        They do not fit into memory.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nest.Create("iaf_psc_exp", 3, {"tau_m": 15.0}).tau_m
    (15.0, 15.0, 15.0)
    """
    started = perf_counter()
    if type(n) is not int or abs(n) > _MOST_NODES:
        n = _number_of_nodes(n)
    simulation = current()
    network = simulation.network
    name = _text(model, "the name of a model")
    where = None if positions is None else _placement(positions, n)
    if where is not None:
        n = where[1]
    said = None if params is None else _for_create(network, model, n, params)
    network.changing()
    if where is not None:
        first = network.kernel.create_in_space(name, n, said, where[0])
    elif said is None:
        first = network.kernel.create(name, n)
    else:
        first = network.kernel.create(name, n, said)
    if network.told is not None:
        network.note("Create", name, first, n, params, getattr(positions, "told", positions))
    simulation.timers["create"] += perf_counter() - started
    return collection(network, range(first, first + n), placed=where is not None)


def _placement(positions: Any, n: int) -> tuple[dict[str, Any], int]:
    if isinstance(positions, (free, grid)):
        return positions.placement(n)
    raise errors.BadType(
        "positions must say where the nodes are",
        value=f"{positions!r} ({type(positions).__name__})",
        allowed="nest.spatial.grid or nest.spatial.free",
        todo="Write positions=nest.spatial.free([[x, y], ...]).",
    )


def _text(value: Any, what: str) -> str:
    if isinstance(value, str):
        return value
    raise errors.BadType(
        f"{what} must be text",
        value=f"{value!r} ({type(value).__name__})",
        allowed="a name",
        todo="Put it in quotes.",
    )


_MOST_NODES = 2**32 - 2  # ids have 32 bits; 0 is nobody


def _number_of_nodes(n: Any) -> int:
    try:
        count = int(n)
    except (TypeError, ValueError, OverflowError):
        count = -1
    if isinstance(n, (str, bool)) or count != n:
        raise errors.BadType(
            "the number of nodes must be a whole number",
            value=f"{n!r} ({type(n).__name__})",
            allowed="1, 2, …",
            todo="Round it." if isinstance(n, float) else "Give a whole number.",
        )
    if count > _MOST_NODES:
        raise errors.BadValue(
            "there are more nodes than can have an id",
            value=f"{count} nodes",
            allowed=f"at most {_MOST_NODES}",
            todo="Create fewer nodes.",
        )
    return max(count, -_MOST_NODES)  # the kernel refuses what is not positive


def _for_create(network: Network, model: str, n: int, params: Any) -> dict[str, Any]:
    """Parameters of new nodes as one dictionary."""
    if isinstance(params, Mapping):
        return unwrap(params)
    if not isinstance(params, (list, tuple)) or not all(isinstance(each, Mapping) for each in params):
        raise errors.BadType(
            "parameters must come by name",
            value=f"{params!r} ({type(params).__name__})",
            allowed="a dictionary, or a list of one dictionary per node",
            todo="Write params={'name': value}.",
        )
    if len(params) != n:
        raise errors.BadType(
            "there must be one dictionary of parameters per node",
            value=f"{len(params)} dictionaries",
            allowed=f"{n}, the number of nodes",
            todo="Give one dictionary for all nodes, or one for each.",
        )
    if n == 1:
        return unwrap(params[0])
    defaults = network.kernel.get_defaults(model)
    names = dict.fromkeys(name for each in params for name in each)
    return {
        name: [
            network.kernel.draw(value._expression, 1)[0] if isinstance(value, Parameter) else value
            for value in (each.get(name, defaults.get(name)) for each in params)
        ]
        for name in names
    }


@public("GetNodes()")
def GetNodes(properties: Mapping[str, Any] | None = None, local_only: bool = False) -> NodeCollection:
    """Find nodes of the current simulation.

    Parameters
    ----------
    properties : dict, optional
        What the nodes must have, e.g. ``{"model": "iaf_psc_exp", "tau_m": 10.0}``; without it all nodes are
        found.
    local_only : bool
        Whether to leave out nodes of other processes; there are none.

    Returns
    -------
    NodeCollection

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> _ = nest.Create("iaf_psc_exp", 2), nest.Create("parrot_neuron")
    >>> nest.GetNodes({"model": "parrot_neuron"}).tolist()
    [3]
    """
    if properties is not None and not isinstance(properties, Mapping):
        raise errors.BadType(
            "properties must come by name",
            value=f"{properties!r} ({type(properties).__name__})",
            allowed="a dictionary",
            todo="Write GetNodes({'model': 'name'}).",
        )
    network = current().network
    nodes = collection(network, range(1, network.kernel.num_nodes + 1))
    if not properties or not nodes:
        return nodes
    keep = np.ones(len(nodes), dtype=bool)
    having = nodes._all_names()
    for name, wanted in properties.items():
        if name not in having:
            return collection(network, range(0))
        keep &= [_same(value, wanted) for value in nodes._columns([name])[0]]
    return collection(network, as_ids(as_array(nodes._ids)[keep]))


def _same(value: Any, wanted: Any) -> bool:
    return bool(np.array_equal(value, wanted)) if isinstance(value, np.ndarray) else bool(value == wanted)


@public("GetLocalNodeCollection()")
def GetLocalNodeCollection(nc: NodeCollection) -> NodeCollection:
    """Nodes of a collection that this process owns: all of them.

    Parameters
    ----------
    nc : NodeCollection
        The nodes.

    Returns
    -------
    NodeCollection
    """
    if not isinstance(nc, NodeCollection):
        raise errors.BadType(
            "the argument must be nodes",
            value=f"{nc!r} ({type(nc).__name__})",
            allowed="a NodeCollection",
            todo="Make one with NodeCollection([ids]).",
        )
    return nc


@public("PrintNodes()")
def PrintNodes() -> None:
    """Print which nodes there are, model by model.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> _ = nest.Create("iaf_psc_exp", 2), nest.Create("parrot_neuron")
    >>> nest.PrintNodes()
    1 .. 2 iaf_psc_exp
    3      parrot_neuron
    """
    parts = list(GetNodes()._parts())
    width = max((len(str(ids[-1])) for _, ids in parts), default=0)
    for model, ids in parts:
        span = f"{ids[0]:>{width}}" + (f" .. {ids[-1]:>{width}}" if len(ids) > 1 else "")
        print(f"{span:<{2 * width + 4}} {model}")
