"""From a network that exists to its description.

A network knows what `Create` and `Connect` were told. That is read first, as it has the populations, rules and
distributions that the user thought of. Then the network is built from it in a simulation of its own and laid
beside the original: what differs, because it was changed afterwards, is read node by node and connection by
connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, NESTError
from nest_lab.widgets._network import Network, complete, place
from nest_lab.widgets._network_told import Untold, evenly, is_drawn, plain

__all__ = ["described"]

_WHERE = "Network.from_simulation()"
_MOST_PAIRS = 200_000  # connections that are told one by one
_COMPARED = 3_000_000  # connections that are laid beside the original
_ALONE = 10  # so many nodes made one by one stay nodes of their own
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


def described(simulation: Any) -> tuple[dict[str, Any], list[str]]:
    """Describe the network of a simulation.

    Parameters
    ----------
    simulation : Simulation
        It is not changed.

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
        reader = _Reader(simulation)
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


class _Reader:
    """Reads the network of the current simulation."""

    def __init__(self, simulation: Any) -> None:
        self.kernel, self.told, self.used = (
            simulation.kernel,
            simulation.network.told,
            simulation.network.used,
        )
        self.simulation, self.ran = simulation, simulation.time > 0.0
        self.notes: list[str] = []
        if self.told is None:
            self.notes.append("More was made than is remembered: populations are runs of nodes of one model.")
        self.populations = self._populations()

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
        connections = self._told_connections()
        if connections is not None:
            description["connections"] = connections
            if self._as_it_is(whole := complete(description)):
                return place(whole)
            self.notes.append("Connections were changed since Connect() made them: they are told one by one.")
        description["connections"] = [*self._pairs()]
        return place(complete(description))

    # -- nodes

    def _populations(self) -> list[_Population]:
        """Populations as they were made; many that were made one by one are taken together."""
        found: list[_Population] = []
        for (model, alone), group in groupby(self._made(), lambda each: (each.model, each.size == 1)):
            members = [*group]
            if alone and len(members) > _ALONE and all(each.positions is None for each in members):
                members = [_Population(model, members[0].first, len(members))]
            found += members
        return found

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
            "label": population.model,
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
        if is_drawn(told):
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
        default = nest.GetDefaults(population.model).get(field.name)
        if all(_same(each, default) for each in values):
            return ...
        if all(_same(each, values[0]) for each in values):
            return self._plain(field, values[0])
        if not isinstance(values[0], (bool, int, float)):
            raise BadValue(
                f"the nodes of one population have lists of their own as {field.name}",
                where=_WHERE,
                value=f"{len(values)} lists",
                allowed="the same list for all nodes that Create() made together",
                todo="Create these nodes one by one.",
            )
        return [plain(each) for each in values]

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
        found = {"type": "free", "edge_wrap": bool(layer["edge_wrap"]), "extent": [*map(float, layer["extent"])]}
        if told is not ... and told.extent is not None:
            pos = told.pos if isinstance(told.pos, (list, tuple)) else [told.pos] * told.num_dimensions
            said = self._said(list(pos))
            if said is not ...:
                return found | evenly(said, found["extent"])
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
            if name not in (self.used if name in registry else {*self.used, *nodes}):
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

    def _told_connections(self) -> list[dict[str, Any]] | None:
        """Connections as Connect() was told; None if one of them cannot be told so."""
        if self.told is None:
            return None
        try:
            calls = [each[1:] for each in self.told if each[0] == "Connect"]
            return [self._told_connection(f"c{number}", *call) for number, call in enumerate(calls, 1)]
        except Untold as why:
            self.notes.append(f"Connections are told one by one: {why}.")
            return None

    def _told_connection(self, id: str, sources: Any, targets: Any, conn: Any, syn: Any) -> dict[str, Any]:
        return {
            "id": id,
            "source": self._end(sources),
            "target": self._end(targets),
            "rule": plain(conn),
            "synapse": plain(syn),
        }

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

    def _as_it_is(self, description: dict[str, Any]) -> bool:
        """Whether a description gives the connections that there are."""
        try:
            built = Network(description).build()
        except NESTError:
            return False
        total = self.kernel.num_connections
        if built.simulation.kernel.num_connections != total:
            return False
        if total > _COMPARED:
            return True
        for model in self.used:
            plastic = self._registered(model).plastic
            names = ["source", "target", "receptor", "delay", *([] if plastic and self.ran else ["weight"])]
            with built.simulation:
                there = _columns(model, names)
            if not all(map(np.array_equal, _columns(model, names), there)):
                return False
        return True

    # -- connections as they are

    def _pairs(self) -> Iterator[dict[str, Any]]:
        """Connections one by one, for each pair of populations and synapse model."""
        total = self.kernel.num_connections
        if total > _MOST_PAIRS:
            raise BadValue(
                "there are too many connections to tell them one by one",
                where=_WHERE,
                value=f"{total:,} connections that cannot be told as Connect() made them",
                allowed=f"at most {_MOST_PAIRS:,}",
                todo="Read the network before its connections are changed.",
            )
        firsts, number = [each.first for each in self.populations], 0
        for model in sorted(name for name, kind in self.kernel.model_names() if kind == "synapse"):
            if not len(nest.GetConnections(synapse_model=model)):
                continue
            values = self._synapses(model)
            ends = [np.searchsorted(firsts, values.pop(end), side="right") - 1 for end in ("s", "t")]
            groups = ends[0] * len(firsts) + ends[1]
            for group in np.unique(groups):
                number += 1
                rows = np.flatnonzero(groups == group)
                here, there = (self.populations[each] for each in divmod(int(group), len(firsts)))
                yield self._group(f"c{number}", model, {k: v[rows] for k, v in values.items()}, here, there)

    def _synapses(self, model: str) -> dict[str, Any]:
        """Arrays of all that connections of a model have of their own."""
        known = set(nest.GetConnections(synapse_model=model)[0].get())
        names = {"source": "source", "target": "target"}
        for name, field in self._registered(model).parameters.items():
            asked = "receptor" if name == "receptor_type" else name
            if asked in known and not field.shared and not field.readonly and field.type in ("float", "int"):
                names[name] = asked
        found = dict(zip(names, _columns(model, [*names.values()]), strict=True))
        return found | {"s": found["source"], "t": found["target"]}

    def _group(
        self, id: str, model: str, values: dict[str, Any], here: _Population, there: _Population
    ) -> dict[str, Any]:
        """Connections of two populations: by a rule where all are connected alike, else one by one."""
        sources, targets = values.pop("source") - here.first, values.pop("target") - there.first
        defaults = nest.GetDefaults(model)
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
        return {"id": id, "source": here.id, "target": there.id, "rule": rule, "synapse": synapse}


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
    if hasattr(a, "tolist") or isinstance(a, (list, tuple)):
        return list(a) == list(b) if hasattr(b, "__len__") and len(a) == len(b) else False
    return bool(a == b)
