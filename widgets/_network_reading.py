"""From a network that exists to its description.

A network knows what `Create` and `Connect` were told. That is read first, as it has the populations, rules
and distributions that the user thought of. Then the network is built from it in a simulation of its own and
laid beside the original: what differs, because it was changed afterwards, is read node by node and connection
by connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, NESTError
from nest_lab.widgets._network import Network
from nest_lab.widgets._network_description import complete, place
from nest_lab.widgets._network_told import Untold, evenly, is_drawn, plain

__all__ = ["described"]

_WHERE = "Network.from_simulation()"
_MOST_PAIRS = 200_000  # connections that are told one by one
_COMPARED = 3_000_000  # connections that are laid beside the original
_ALONE = 10  # so many nodes made one by one stay nodes of their own, and connections
_OWN = {"weight", "delay"}  # what connections that are taken together may have of their own
_NAMED = {"weight_recorder", "volume_transmitter"}
_TIME = 1000.0  # ms, if it was not run
_NOT_SETTINGS = {
    *("biological_time", "min_delay", "max_delay", "print_time", "verbosity", "data_path", "data_prefix"),
    *("overwrite_files", "total_num_virtual_procs", "rng_type", "structural_plasticity_synapses"),
}


@dataclass(frozen=True)
class _Population:
    """Nodes that were made together: what `Create` was told, if that is known."""

    model: str
    first: int
    size: int
    params: Any = None
    positions: Any = None

    @property
    def id(self) -> str:
        return f"n{self.first}"

    @property
    def ids(self) -> range:
        return range(self.first, self.first + self.size)

    @property
    def nodes(self) -> Any:
        """The nodes, in the current simulation."""
        return nest.NodeCollection(self.ids)

    def told(self, name: str) -> Any:
        """What a parameter was told to be, an ellipsis if that is not known."""
        return self.params.get(name, ...) if isinstance(self.params, Mapping) else ...


def described(simulation: Any, labels: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], list[str]]:
    """Describe the network of a simulation.

    Parameters
    ----------
    simulation : Simulation
        It is not changed.
    labels : mapping of str to object, optional
        Collections of nodes by name, such as the variables of a program; what is none does not matter.

    Returns
    -------
    description : dict
        As of `Network`.
    notes : list of str
        What could not be told the way it was asked for.

    Raises
    ------
    NESTError
        It has no nodes, is running, or has too many connections that must be told one by one.
    """
    _refuse(simulation)
    with simulation:
        reader = _Reader(simulation, _named(labels or {}, simulation))
        return reader.described(), reader.notes


def _refuse(simulation: Any) -> None:
    """Refuse what has no network that could be read."""
    if not isinstance(simulation, nest.Simulation):
        raise BadType(
            "there is no network in this",
            where=_WHERE,
            value=f"{simulation!r:.60} ({type(simulation).__name__})",
            allowed="a Simulation, or None for the current one",
            todo="Leave it out.",
        )
    if not simulation.network_size:
        raise BadValue(
            "there are no nodes",
            where=_WHERE,
            value="an empty simulation",
            allowed="a simulation with nodes",
            todo="Create them first, e.g. nest.Create('iaf_psc_exp', 100).",
        )
    simulation.refuse_second_run()


def _named(labels: Mapping[str, Any], simulation: Any) -> dict[range, str]:
    """Names by the ids of the nodes; the first of several, without those that begin with ``_``."""
    found: dict[range, str] = {}
    for name, nodes in labels.items():
        if isinstance(nodes, nest.NodeCollection) and len(nodes) and not name.startswith("_"):
            with suppress(NESTError):  # of a network that was replaced
                ids = nodes.tolist()
                if nodes.simulation is simulation and ids == [*range(ids[0], ids[0] + len(ids))]:
                    found.setdefault(range(ids[0], ids[0] + len(ids)), name)
    return found


class _Connected:
    """What Connect() was told.

    Parameters
    ----------
    model : str
        The synapse model.
    sources, targets : ndarray
        Node ids.
    said : dict or None
        The same in a description; None if it cannot be told there.
    """

    def __init__(self, model: str, sources: Any, targets: Any, said: dict[str, Any] | None) -> None:
        self.model, self.sources, self.targets, self.said = model, sources, targets, said

    def touches(self, other: _Connected) -> bool:
        """Whether both may have connected the same nodes by the same model."""
        return (
            self.model == other.model
            and bool(np.isin(self.sources, other.sources).any())
            and bool(np.isin(self.targets, other.targets).any())
        )


@dataclass(frozen=True)
class _Edges:
    """Connections of a model, sorted by source and target."""

    source: Any
    target: Any
    rest: tuple[Any, ...]

    @classmethod
    def read(cls, model: str, names: list[str]) -> _Edges:
        """Those of the current simulation."""
        source, target, *rest = _columns(model, ["source", "target", *names])
        return cls(source, target, tuple(rest))

    def between(self, call: _Connected) -> Any:
        """Which of them are between the ends of a call."""
        return np.isin(self.source, call.sources) & np.isin(self.target, call.targets)

    def only(self, rows: Any) -> _Edges:
        """Some of them."""
        return _Edges(self.source[rows], self.target[rows], tuple(each[rows] for each in self.rest))

    def same(self, other: _Edges) -> bool:
        """Whether they are the same; several of one pair of nodes may come in any order."""
        return all(map(np.array_equal, self._sorted(), other._sorted()))

    def _sorted(self) -> list[Any]:
        columns = (self.source, self.target, *self.rest)
        order = np.lexsort(columns[::-1])
        return [column[order] for column in columns]


class _Reader:
    """Reads the network of the current simulation."""

    def __init__(self, simulation: Any, labels: Mapping[range, str]) -> None:
        self.labels = labels
        self.kernel, self.told = simulation.kernel, simulation.network.told
        self.simulation, self.ran = simulation, simulation.time > 0.0
        self.notes: list[str] = []
        self._defaults: dict[str, Mapping[str, Any]] = {}
        if self.told is None:
            self.notes.append("More was made than is remembered: populations are runs of nodes of one model.")
        self.populations = self._populations()
        self.used = [
            name
            for name, kind in sorted(self.kernel.model_names())
            if kind == "synapse" and nest.GetDefaults(name, "num_connections")
        ]

    def described(self) -> dict[str, Any]:
        """The description; first as it was told, then, where that differs, as it is."""
        description = complete(
            {
                "models": [*self._models()],
                "nodes": [self._node(each) for each in self.populations],
                "simulation": self._settings(),
            }
        )
        self._mend_nodes(description)
        description["connections"] = self._connections(description)
        description = complete(description)
        description["connections"] = _together(description)
        return place(description)

    # -- nodes

    def _populations(self) -> list[_Population]:
        """Populations as they were made; many that were made one by one are taken together."""
        found: list[_Population] = []
        for (model, alone), group in groupby(self._made(), lambda each: (each.model, each.size == 1)):
            members = [*group]
            if alone and len(members) > _ALONE and all(each.positions is None for each in members):
                members = [_Population(model, members[0].first, len(members))]
            found += members
        return [part for each in found for part in self._apart(each)]

    def _apart(self, population: _Population) -> list[_Population]:
        """One by one what models of synapses name: a description can name a population only as a whole."""
        if self.kernel.base_model(population.model) not in _NAMED or population.size == 1:
            return [population]
        return [_Population(population.model, id, 1) for id in population.ids]

    def _made(self) -> Iterator[_Population]:
        """What was made one after the other; where that is not known, runs of nodes of one model."""
        after = 1
        for what, *told in self.told or []:
            if what == "Create":
                population = _Population(*told)
                yield from self._between(after, population.first)
                yield population
                after = population.first + population.size
        yield from self._between(after, self.simulation.network_size + 1)

    def _between(self, first: int, end: int) -> Iterator[_Population]:
        """Runs of nodes of one model."""
        if first < end:
            for model, size in self.kernel.runs(range(first, end)):
                yield _Population(model, first, size)
                first += size

    def _node(self, population: _Population) -> dict[str, Any]:
        """A population with all that differs from the defaults."""
        model = self._registered(population.model)
        params = {}
        for name, field in model.parameters.items():
            if field.readonly or field.writeonly or field.fixed:
                continue
            value = self._value(population, field)
            if value is not ...:
                params[name] = value
        record = params.pop("record_from", [])
        return {
            "id": population.id,
            "label": self.labels.get(population.ids, population.model),
            "kind": model.element_type,
            "model": population.model,
            "size": population.size,
            "params": params,
            "record": record,
            "positions": self._placed(population),
        }

    def _registered(self, model: str) -> Any:
        """A model of the registry, also of a copy."""
        return nest.models.registry[self.kernel.base_model(model)]

    def _value(self, population: _Population, field: Any) -> Any:
        """A parameter as it was told if it is drawn, else as it is; an ellipsis for its default."""
        told = population.told(field.name)
        if self.ran and field.state and not is_drawn(told):  # what it is now says nothing of the beginning
            return self._said(told)
        if is_drawn(told) or field.type == "dicts":
            found = self._said(told)
            if found is not ...:
                return found
        return self._now(population, field)

    def _said(self, told: Any) -> Any:
        try:
            return plain(told)
        except Untold:
            return ...

    def _now(self, population: _Population, field: Any) -> Any:
        """A parameter as it is; an ellipsis for its default."""
        try:
            now = population.nodes.get(field.name)
        except NESTError:  # it has no meaning with these nodes
            return ...
        values = list(now) if population.size > 1 else [now]
        default = self._usual(population.model).get(field.name)
        if field.type == "nodes" and not any(map(len, values)):
            return ...
        if all(_same(each, default) for each in values):
            return ...
        if field.type == "dicts":  # the kernel does not tell all that is in it
            raise BadValue(
                f"the {field.name} of a {population.model} cannot be read",
                where=_WHERE,
                value=f"{len(values[0])} {field.name} that were not given to Create()",
                allowed=f"{field.name} among the parameters of Create()",
                todo=f"Write Create('{population.model}', params={{'{field.name}': [...]}}).",
            )
        if all(_same(each, values[0]) for each in values):
            return self._plain(field, values[0])
        if not isinstance(values[0], (bool, int, float)):
            return {"each": [self._plain(field, each) for each in values]}
        return [plain(each) for each in values]

    def _usual(self, model: str) -> Mapping[str, Any]:
        """Defaults in a description: those of a new simulation, and what is said of a copy."""
        if model not in self._defaults:
            with nest.Simulation() if model in nest.models.registry else self.simulation:
                self._defaults[model] = nest.GetDefaults(model)
        return self._defaults[model]

    def _plain(self, field: Any, value: Any) -> Any:
        """A value; a node by the id of its population."""
        if field.type == "nodes":
            ids = value.tolist() if hasattr(value, "tolist") else [*value]
            for population in self.populations:
                if ids == [*population.ids]:
                    return {"node": population.id}
        return plain(value)

    def _placed(self, population: _Population) -> Any:
        """Positions, as they were told or as they are."""
        told = population.positions
        if told is None:
            return None
        if isinstance(told, nest.spatial.grid):
            found = {"type": "grid", "shape": told.shape, "edge_wrap": told.edge_wrap}
            more = {"center": told.center, "extent": told.extent}
            return found | {name: value.tolist() for name, value in more.items() if value is not None}
        layer = self.kernel.layer(population.ids)
        extent = [*map(float, layer["extent"])]
        found = {"type": "free", "edge_wrap": bool(layer["edge_wrap"]), "extent": extent}
        if told is not ... and told.extent is not None:
            pos = told.pos if isinstance(told.pos, (list, tuple)) else [told.pos] * told.num_dimensions
            said = self._said(list(pos))
            if said is not ...:
                return found | evenly(said, extent)
        return found | {"positions": _positions(population)}

    def _mend_nodes(self, description: dict[str, Any]) -> None:
        """Put values in the place of what was told where that gives others."""
        try:
            built = Network(description).build()
        except NESTError:
            built = None
        for node, population in zip(description["nodes"], self.populations, strict=True):
            there = None if built is None else built.nodes[population.id]
            for name in [name for name, value in node["params"].items() if isinstance(value, dict)]:
                field = self._registered(population.model).parameters[name]
                if "distribution" not in node["params"][name] or (self.ran and field.state):
                    continue
                if there is None or not _same(population.nodes.get(name), there.get(name)):
                    node["params"][name] = self._now(population, field)
            positions = node["positions"]
            if positions is not None and positions["type"] == "free" and "positions" not in positions:
                now = _positions(population)
                if there is None or now != _positions(population, there):
                    given = {name: positions[name] for name in ("type", "extent", "edge_wrap")}
                    node["positions"] = given | {"positions": now}

    # -- models and settings

    def _models(self) -> Iterator[dict[str, Any]]:
        """Copies of models that are used, and synapse models with other defaults than usual."""
        registry, nodes = nest.models.registry, {each.model for each in self.populations}
        for name, _ in self.kernel.model_names():
            if name not in self.used and (name in registry or name not in nodes):
                continue
            base = self.kernel.base_model(name)
            with nest.Simulation():
                usual = nest.GetDefaults(base)
            params = self._changed(name, usual)
            if name not in registry:
                yield {"name": name, "base": base, "params": params}
            elif params:
                yield {"name": name, "params": params}

    def _changed(self, model: str, usual: Mapping[str, Any]) -> dict[str, Any]:
        """Defaults of a model that are not the usual ones."""
        now = nest.GetDefaults(model)
        return {
            name: self._plain(field, now[name])
            for name, field in self._registered(model).parameters.items()
            if name in now and not field.readonly and not _same(now[name], usual.get(name))
        }

    def _settings(self) -> dict[str, Any]:
        """Settings of the simulation that are not the usual ones, and those that everybody looks for."""
        now = nest.GetKernelStatus()
        found = {"time": float(nest.biological_time) or _TIME}
        found |= {name: now[name] for name in ("resolution", "rng_seed", "local_num_threads")}
        with nest.Simulation():
            usual = nest.GetKernelStatus()
            for name in sorted(set(now) - set(found) - _NOT_SETTINGS):
                if not _same(now[name], usual[name]):
                    try:
                        nest.SetKernelStatus({name: now[name]})
                        found[name] = plain(now[name])
                    except (NESTError, Untold):  # it is no setting
                        continue
        return found

    # -- connections as they were told

    def _connections(self, description: dict[str, Any]) -> list[dict[str, Any]]:
        """Connections as Connect() was told, where that gives what there is, else one by one."""
        calls = self._calls()
        known = self.told is not None and len(calls) == sum(what == "Connect" for what, *_ in self.told)
        if known and self.kernel.num_connections > _COMPARED and all(call.said is not None for call in calls):
            self.notes.append(
                "There are too many connections to look at each: they are as Connect() was told."
            )
            return [{"id": f"c{number}", **(call.said or {})} for number, call in enumerate(calls, 1)]
        now = {model: _Edges.read(model, self._compared(model)) for model in self.used}
        wrong = [call for call in calls if call.said is None]
        there = self._edges_of(description, self._numbered(calls, wrong, now))
        wrong = [call for call in calls if call in wrong or there is None or self._differs(call, now, there)]
        wrong = [call for call in calls if call in wrong or any(call.touches(each) for each in wrong)]
        whole = self._numbered(calls, wrong, now)
        if not wrong and len(whole) == len(calls):
            return whole
        self.notes.append(
            "Some connections are not as Connect() was told, as they were changed or made in another way. "
            "They are told one by one; the noise of devices may be drawn anew."
        )
        if self._as_it_is(description, whole, now):
            return whole
        return self._numbered([], [], now)

    def _calls(self) -> list[_Connected]:
        """What Connect() was told, where anything is known of that."""
        found = []
        for what, *told in self.told or []:
            if what == "Connect" and not any(each is ... for each in told[:2]):
                found.append(self._call(*told))
        return found

    def _call(self, sources: Any, targets: Any, conn: Any, syn: Any) -> _Connected:
        model = syn if isinstance(syn, str) else "static_synapse"
        if isinstance(syn, Mapping):
            model = syn.get("synapse_model", model)
        try:
            ends = {"source": self._end(sources), "target": self._end(targets)}
            said = {**ends, "rule": plain(conn), "synapse": plain(syn)}
        except Untold:
            said = None
        return _Connected(model, np.unique(sources), np.unique(targets), said)

    def _compared(self, model: str) -> list[str]:
        """What connections of a model are told by; weights that have learned say nothing of the beginning."""
        learned = self._registered(model).plastic and self.ran
        return ["receptor", "delay", *([] if learned else ["weight"])]

    def _edges_of(
        self, description: dict[str, Any], connections: list[dict[str, Any]]
    ) -> dict[str, _Edges] | None:
        """What connections of a description give, by synapse model; None if they are refused."""
        try:
            built = Network({**description, "connections": connections}).build()
        except NESTError:
            return None
        with built.simulation:
            return {model: _Edges.read(model, self._compared(model)) for model in self.used}

    def _differs(self, call: _Connected, now: dict[str, _Edges], there: dict[str, _Edges]) -> bool:
        """Whether between the ends of a call there is something else than what it makes."""
        if call.model not in now:
            return True
        here, other = now[call.model], there[call.model]
        return not here.only(here.between(call)).same(other.only(other.between(call)))

    def _as_it_is(
        self, description: dict[str, Any], connections: list[dict[str, Any]], now: dict[str, _Edges]
    ) -> bool:
        """Whether a description gives the connections that there are."""
        there = self._edges_of(description, connections)
        return there is not None and all(edges.same(there[model]) for model, edges in now.items())

    def _numbered(
        self, calls: list[_Connected], wrong: list[_Connected], now: dict[str, _Edges]
    ) -> list[dict[str, Any]]:
        """All connections: calls that are right as they were, what is left one by one.

        Random numbers depend on how many calls came before, so each right call keeps its place: what is left
        fills the places of the wrong ones.
        """
        left = {model: np.ones(len(edges.source), bool) for model, edges in now.items()}
        for call in calls:
            if call not in wrong and call.model in now:
                left[call.model] &= ~now[call.model].between(call)
        rest = [each for model, rows in left.items() for each in self._pairs(model, np.flatnonzero(rows))]
        rest = _in_parts(rest, len(wrong))
        found = []
        for call in calls:
            if call not in wrong and call.said is not None:
                found.append(call.said)
            elif rest:
                found.append(rest.pop(0))
        return [{"id": f"c{number}", **each} for number, each in enumerate([*found, *rest], 1)]

    def _end(self, ids: Any) -> Any:
        """Ids as populations or parts of such."""
        if ids is ... or (np.diff(ids) <= 0).any():
            raise Untold("nodes were connected pair by pair")
        array, parts = np.asarray(ids), []
        for population in self.populations:
            ours = array[(array >= population.first) & (array < population.ids.stop)] - population.first
            if len(ours):
                parts.append(_part(population, ours))
        return parts[0] if len(parts) == 1 else parts

    # -- connections as they are

    def _pairs(self, model: str, rows: Any) -> Iterator[dict[str, Any]]:
        """Connections of a model one by one, for each pair of populations."""
        if len(rows) > _MOST_PAIRS:
            raise BadValue(
                "there are too many connections to tell them one by one",
                where=_WHERE,
                value=f"{len(rows):,} connections that cannot be told as Connect() made them",
                allowed=f"at most {_MOST_PAIRS:,}",
                todo="Read the network before its connections are changed.",
            )
        if not len(rows):
            return
        values = {name: column[rows] for name, column in self._synapses(model).items()}
        firsts = [each.first for each in self.populations]
        ends = [np.searchsorted(firsts, values[end], side="right") - 1 for end in ("source", "target")]
        ports = values.get("receptor_type", np.zeros(len(rows), dtype=np.int64))  # one for each Connect()
        groups = np.stack([*ends, ports])
        for group in np.unique(groups, axis=1).T:
            ours = np.flatnonzero((groups == group[:, None]).all(axis=0))
            here, there = (self.populations[each] for each in group[:2])
            yield self._group(model, {name: column[ours] for name, column in values.items()}, here, there)

    def _synapses(self, model: str) -> dict[str, Any]:
        """Arrays of all that connections of a model have of their own."""
        known = set(nest.GetConnections(synapse_model=model)[0].get())
        names = {"source": "source", "target": "target"}
        for name, field in self._registered(model).parameters.items():
            asked = "receptor" if name == "receptor_type" else name
            if asked in known and not field.shared and not field.readonly and field.type in ("float", "int"):
                names[name] = asked
        return dict(zip(names, _columns(model, [*names.values()]), strict=True))

    def _group(
        self, model: str, values: dict[str, Any], here: _Population, there: _Population
    ) -> dict[str, Any]:
        """Connections of two populations: by a rule where all are connected alike, else one by one."""
        sources, targets = values.pop("source") - here.first, values.pop("target") - there.first
        usual = {name: each.default for name, each in self._registered(model).parameters.items()}
        defaults = usual | nest.GetDefaults(model)
        synapse: dict[str, Any] = {"synapse_model": model}
        for name, column in values.items():
            if (column != column[0]).any():
                synapse[name] = column.tolist()
            elif not _same(column[0], defaults.get(name)):
                synapse[name] = column[0].item()
        alike = not any(isinstance(each, list) for each in synapse.values())
        number, pairs = len(sources), sources * there.size + targets
        rule: dict[str, Any] = {"rule": "one_to_one", "pairs": [sources.tolist(), targets.tolist()]}
        if alike and number == here.size * there.size == len(np.unique(pairs)):
            rule = {"rule": "all_to_all"}
        elif alike and number == here.size == there.size and (sources == targets).all():
            rule = {"rule": "one_to_one"}
        return {"source": here.id, "target": there.id, "rule": rule, "synapse": synapse}


def _together(description: dict[str, Any]) -> list[dict[str, Any]]:
    """Connections, with many single ones in a row as one, where nothing is drawn after them.

    Random numbers depend on how many calls came before.
    """
    connections = description["connections"]
    stimulators = {node["id"] for node in description["nodes"] if node["kind"] == "stimulator"}
    last = max((i for i, each in enumerate(connections) if _draws(each, stimulators)), default=-1) + 1
    sizes = {node["id"]: node["size"] for node in description["nodes"]}
    found = connections[:last]
    for kind, group in groupby(connections[last:], lambda each: _kind_of_single(each, sizes)):
        members = [*group]
        found += [_paired(members)] if kind and len(members) > _ALONE else members
    return [{**each, "id": f"c{number}"} for number, each in enumerate(found, 1)]


def _draws(connection: dict[str, Any], stimulators: set[str]) -> bool:
    """Whether random numbers have a part in a connection, or in what is sent over it."""
    rule, source = connection["rule"], connection["source"]
    ends = source if isinstance(source, list) else [source]
    return (
        rule["rule"] not in ("all_to_all", "one_to_one")
        or any(isinstance(value, Mapping) for value in (*rule.values(), *connection["synapse"].values()))
        or any((each if isinstance(each, str) else each["node"]) in stimulators for each in ends)
    )


def _kind_of_single(connection: dict[str, Any], sizes: Mapping[str, int]) -> Any:
    """What single connections that are taken together have in common; None if it is none of them."""
    rule, synapse = connection["rule"], connection["synapse"]
    if rule.keys() - {"rule", "pairs"} or any(isinstance(synapse.get(name), Mapping) for name in _OWN):
        return None
    if "pairs" in rule:
        ends = [connection["source"], connection["target"]]
    else:
        ends = [_alone(connection[end], sizes) for end in ("source", "target")]
    if not all(isinstance(end, str) for end in ends):
        return None
    rest = {name: value for name, value in synapse.items() if name not in _OWN}
    return ends, [name for name in _OWN if name in synapse], rest


def _alone(end: Any, sizes: Mapping[str, int]) -> str | None:
    """The population of an end that is one node."""
    if isinstance(end, str):
        return end if sizes[end] == 1 else None
    part = end.get("slice", ()) if isinstance(end, Mapping) else ()
    return str(end["node"]) if len(part) == 2 and part[1] == part[0] + 1 else None


def _paired(singles: list[dict[str, Any]]) -> dict[str, Any]:
    """Single connections between two populations as one that has pairs."""
    first = singles[0]
    pairs = [[place for each in singles for place in _places(each, end)] for end in ("source", "target")]
    synapse = dict(first["synapse"])
    for name in _OWN & synapse.keys():
        values: list[Any] = []
        for each in singles:
            value, number = each["synapse"][name], len(_places(each, "source"))
            values += value if isinstance(value, list) else [value] * number
        synapse[name] = values if len(set(values)) > 1 else values[0]
    ends = {
        end: each["node"] if isinstance(each := first[end], Mapping) else each for end in ("source", "target")
    }
    return {**first, **ends, "rule": {"rule": "one_to_one", "pairs": pairs}, "synapse": synapse}


def _places(connection: dict[str, Any], end: str) -> list[int]:
    """Positions in its population of what is connected."""
    if "pairs" in connection["rule"]:
        places: list[int] = connection["rule"]["pairs"][end == "target"]
        return places
    return [connection[end]["slice"][0] if isinstance(connection[end], Mapping) else 0]


def _in_parts(groups: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """Groups of single connections, so many at least, if there are so many connections."""
    groups = [*groups]
    while len(groups) < number:
        largest = max(groups, key=_number_of_pairs, default=None)
        if largest is None or _number_of_pairs(largest) < 2:
            break
        where = groups.index(largest)
        groups[where : where + 1] = [_half(largest, slice(0, 1)), _half(largest, slice(1, None))]
    return groups


def _number_of_pairs(group: dict[str, Any]) -> int:
    return len(group["rule"].get("pairs", [[]])[0])


def _half(group: dict[str, Any], part: slice) -> dict[str, Any]:
    """Some connections of a group."""
    synapse = {
        name: each[part] if isinstance(each, list) else each for name, each in group["synapse"].items()
    }
    rule = {**group["rule"], "pairs": [each[part] for each in group["rule"]["pairs"]]}
    return {**group, "rule": rule, "synapse": synapse}


def _part(population: _Population, ours: Any) -> Any:
    """A population, or a part of it."""
    if len(ours) == population.size:
        return population.id
    steps = set(np.diff(ours).tolist()) or {1}
    if len(steps) > 1:
        return {"node": population.id, "items": ours.tolist()}
    step = steps.pop()
    more = [step] if step > 1 else []
    return {"node": population.id, "slice": [int(ours[0]), int(ours[-1]) + 1, *more]}


def _positions(population: _Population, nodes: Any = None) -> list[list[float]]:
    """Positions of its nodes, or of those that should be the same."""
    nodes = population.nodes if nodes is None else nodes
    with nodes.simulation:
        found = nest.GetPosition(nodes)
    return [[*map(float, each)] for each in (found if population.size > 1 else [found])]


def _columns(model: str, names: list[str]) -> list[Any]:
    """Arrays of what connections of a model have, in the current simulation."""
    found = nest.GetConnections(synapse_model=model)
    values = found.get(names) if len(found) else {name: [] for name in names}
    return [np.atleast_1d(np.asarray(values[name])) for name in names]


def _same(a: Any, b: Any) -> bool:
    """Whether two values are the same, also lists and dictionaries of arrays."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_same(each, b[name]) for name, each in a.items())
    a = a.item() if isinstance(a, np.generic) else a
    if hasattr(a, "tolist") or isinstance(a, (list, tuple)):
        return list(a) == list(b) if hasattr(b, "__len__") and len(a) == len(b) else False
    return bool(a == b)
