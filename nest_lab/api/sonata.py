"""`SonataNetwork`: a network that is described by files of the SONATA format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from nest_lab import errors
from nest_lab import models as registered
from nest_lab.api import connect, kernel, nodes, simulate
from nest_lab.api.nodes import NodeCollection
from nest_lab.api.sonata_files import (
    Edges,
    Population,
    Row,
    broken,
    need_h5py,
    read_config,
    read_edges,
    read_nodes,
    read_parameters,
    read_spikes,
    read_types,
)
from nest_lab.simulation import KernelError, Network, Simulation, current, public

__all__ = ["SonataNetwork"]

_NEURONS = ("point_neuron", "point_process")
_VIRTUAL = "virtual"
_INJECTOR = "spike_train_injector"  # what virtual nodes are made of
_ROWS = 2**20  # read at a time


class _Plan(NamedTuple):
    """Nodes of a population that are to be created: the model of each, and what is set of which of them."""

    models: list[str]
    params: list[tuple[Any, Any]]


class SonataNetwork:
    """Network that is described by files of the SONATA format, after Dai et al. (2020).

    Nodes and edges stand in HDF5 files, their types in tables (CSV), values of parameters and the
    configuration in
    JSON. Nodes are neurons (``model_type`` ``point_neuron`` or ``point_process``, with the model as
    ``model_template``
    and the file of its parameters as ``dynamics_params``) or ``virtual``: these emit the spikes of an input
    file.
    Edges take ``syn_weight`` and ``delay`` of their own where the file of edges has them, else those of
    their type.
    What else a file holds for single nodes or edges is not read.

    Parameters
    ----------
    config : str or path
        The configuration. Where it names another one as ``network``, that is read first.
    sim_config : str or path, optional
        A second configuration, whose sections take the place of those of the first one.

    Attributes
    ----------
    config : dict
        Both configurations, with all variables put in.
    node_collections : dict of str to NodeCollection
        Nodes by population; empty before `Create`.

    Raises
    ------
    errors.MissingFile, errors.BadFile
        A file is not there, or something in it is not right: the error says in which file, field and line.
    errors.MissingPackage
        The package h5py is not there.

    Notes
    -----
    Dai K, Hernando J, Billeh YN, et al. (2020). The SONATA data format for efficient description of
    large-scale
    network models. PLOS Computational Biology 16:e1007696. doi:10.1371/journal.pcbi.1007696

    Examples
    --------
    >>> import nest_lab as nest
    >>> network = nest.SonataNetwork("circuit_config.json", "simulation_config.json")  # doctest: +SKIP
    >>> nodes = network.BuildNetwork()  # doctest: +SKIP
    >>> recorder = nest.Create("spike_recorder")  # doctest: +SKIP
    >>> nest.Connect(nodes["internal"], recorder)  # doctest: +SKIP
    >>> network.Simulate()  # doctest: +SKIP
    """

    @public("SonataNetwork()")
    def __init__(self, config: Any, sim_config: Any = None) -> None:
        need_h5py()
        self._config = read_config(config)
        self._file = str(config if sim_config is None else sim_config)
        if sim_config is not None:
            self._config |= read_config(sim_config)
        self._nodes: dict[str, NodeCollection] = {}
        self._connected = False
        target = self._field("target_simulator")
        if target != "NEST":
            raise broken(
                "the network is made for another simulator",
                f"{self._file}, 'target_simulator'",
                value=repr(target),
                allowed="'NEST'",
                todo="Models and units of other simulators differ: use a network that is made for NEST.",
            )
        resolution = self._field("run", "dt")
        try:
            kernel.SetKernelStatus({"resolution": resolution})
        except errors.NESTError as error:
            raise self._said_by(f"{self._file}, 'run', 'dt'", error) from None

    @property
    def config(self) -> dict[str, Any]:
        """Both configurations, with all variables put in."""
        return self._config

    @property
    def node_collections(self) -> dict[str, NodeCollection]:
        """Nodes by population."""
        return self._nodes

    def _field(self, *names: str) -> Any:
        """A field of the configuration."""
        value: Any = self._config
        for i, name in enumerate(names):
            if not isinstance(value, Mapping) or name not in value:
                inside = f" of '{names[i - 1]}'" if i else ""
                raise broken(
                    f"the configuration has no '{name}'{inside}",
                    self._file,
                    value=", ".join(map(repr, value)) if isinstance(value, Mapping) else repr(value),
                    allowed=f"at least '{name}'",
                    todo="Add it to the file.",
                )
            value = value[name]
        return value

    def _files(self, kind: str) -> list[tuple[str, str]]:
        """Files of nodes or edges, each with its table of types."""
        entries = self._field("networks", kind)
        if not isinstance(entries, list) or not all(isinstance(each, Mapping) for each in entries):
            raise broken(
                f"'{kind}' of 'networks' must be a list of objects",
                self._file,
                value=type(entries).__name__,
                allowed=f"a list of {{'{kind}_file': ..., '{kind[:-1]}_types_file': ...}}",
                todo="Correct the file.",
            )
        wanted = f"{kind}_file", f"{kind[:-1]}_types_file"
        for each in entries:
            for name in wanted:
                if name not in each:
                    raise broken(
                        f"an entry of '{kind}' has no '{name}'",
                        f"{self._file}, 'networks', '{kind}'",
                        value=", ".join(map(repr, each)) or "nothing",
                        allowed=f"at least '{name}'",
                        todo="Add it to the file.",
                    )
        return [(each[wanted[0]], each[wanted[1]]) for each in entries if each.get("enabled", True)]

    @staticmethod
    def _said_by(place: str, error: Any) -> errors.NESTError:
        """What the kernel refuses, with the file that said it."""
        refused = errors.at(error, "")
        refused.value = f"{refused.value} in {place}" if refused.value else f"in {place}"
        return refused

    # -- nodes

    @public("SonataNetwork.Create()")
    def Create(self) -> dict[str, NodeCollection]:
        """Create the nodes of all populations; none if something is wrong with a file.

        Returns
        -------
        dict of str to NodeCollection
            Nodes by population.

        Raises
        ------
        errors.MissingFile, errors.BadFile
            A file is not there, or something in it is not right.
        errors.UnknownModel, errors.UnknownName, errors.BadType, errors.BadValue
            A file names a model or a parameter that there is not, or gives it a value it cannot have.
        errors.WrongState
            The nodes exist already.
        """
        if self._nodes:
            raise errors.WrongState(
                "the nodes of this network exist already",
                value=f"{len(self._nodes)} populations",
                allowed="one call",
                todo="Make another SonataNetwork, or use node_collections.",
            )
        plans: dict[str, _Plan] = {}
        for nodes_file, types_file in self._files("nodes"):
            types = read_types(types_file, "node_type_id")
            for population in read_nodes(nodes_file):
                if population.name in plans:
                    raise broken(
                        "two files have a population of the same name",
                        population.place,
                        value=repr(population.name),
                        allowed="each name once",
                        todo="Rename one of them.",
                    )
                plans[population.name] = self._plan(population, types)
        for name, plan in plans.items():
            self._nodes[name] = sum(
                (nodes.Create(model, len(list(run))) for model, run in groupby(plan.models)), NodeCollection()
            )
            for which, params in plan.params:
                self._nodes[name][which].set(params)
        return self._nodes

    def _plan(self, population: Population, types: dict[int, Row]) -> _Plan:
        """Work out what to create, and refuse what cannot be."""
        used, of_type = np.unique(population.types, return_inverse=True)
        for number in used.tolist():
            _refuse_unknown_type(number, types, "node_type_id", f"{population.place}/node_type_id")
        if _model_type(types) == _VIRTUAL:
            return self._virtual(population)
        models, params = [], []
        for i, number in enumerate(used.tolist()):
            model, values, place = self._described(types[number], "point_neuron_models_dir")
            self._try(model, 1, values, place)
            models.append(model)
            params.append((np.flatnonzero(of_type == i), values))
        return _Plan([models[i] for i in of_type.tolist()], [each for each in params if each[1]])

    def _virtual(self, population: Population) -> _Plan:
        """Plan of nodes that emit the spikes of the input files that name their population."""
        size = len(population.types)
        files = self._inputs(population.name)
        trains = [read_spikes(file, population.name, size) for file in files] if size else []
        params = [
            {"allow_offgrid_times": True, "spike_times": np.sort(np.concatenate(each))}
            for each in zip(*trains, strict=True)
        ]
        if size:
            self._try(_INJECTOR, size, params, " and ".join(files))
        return _Plan([_INJECTOR] * size, [(slice(None), params)] if size else [])

    def _inputs(self, population: str) -> list[str]:
        """Files of the inputs that are for a population."""
        inputs = self._field("inputs")
        place = f"{self._file}, 'inputs'"
        if not isinstance(inputs, Mapping) or not all(isinstance(each, Mapping) for each in inputs.values()):
            raise broken(
                "inputs must be an object of objects",
                place,
                value=type(inputs).__name__,
                allowed="names, each with an input_file and a node_set",
                todo="Correct the file.",
            )
        mine = [
            each
            for each in inputs.values()
            if each.get("node_set") in (population, {"population": population})
        ]
        files = [
            str(each["input_file"]) for each in mine if each.get("enabled", True) and "input_file" in each
        ]
        if not files:
            raise broken(
                f"no input is for the virtual population '{population}'",
                place,
                value=", ".join(repr(each.get("node_set")) for each in inputs.values()) or "nothing",
                allowed=f"an input with the node_set '{population}' and an input_file",
                todo="Add it to the file.",
            )
        return files

    def _described(self, row: Row, folder: str) -> tuple[str, dict[str, Any], str]:
        """Model and parameters that a line of a table of types names, and where the parameters stand."""
        if "model_template" not in row.cells:
            raise broken(
                "a type has no 'model_template'",
                row.place,
                value=", ".join(map(repr, row.cells)),
                allowed="the name of a model in the column 'model_template'",
                todo="Add the column.",
            )
        model = row.cells["model_template"].removeprefix("nest:")
        try:
            known = current().kernel.get_defaults(model)
        except KernelError as error:
            raise self._said_by(row.place, error) from None
        if "dynamics_params" not in row.cells:
            return model, {}, row.place
        file = f"{self._field('components', folder)}/{row.cells['dynamics_params']}"
        values = read_parameters(file, f"parameters, which {row.place} names,")
        for name in values:
            if name not in known:
                raise broken(
                    f"{model} has no parameter of this name",
                    file,
                    value=repr(name),
                    wrong=name,
                    candidates=sorted(known),
                    todo="Check the spelling.",
                )
        return model, values, file

    def _try(self, model: str, n: int, params: Any, place: str) -> None:
        """Refuse parameters that nodes of a model cannot have, before there are any."""
        simulation = Simulation(resolution=current().resolution, threads=1)
        _bring(model, current().network, simulation)
        try:
            with simulation:
                nodes.Create(model, n, params)
        except errors.NESTError as error:
            raise self._said_by(place, error) from None

    # -- edges

    @public("SonataNetwork.Connect()")
    def Connect(self, hdf5_hyperslab_size: int | None = None) -> None:
        """Connect the nodes; all edges of all files, or none if something is wrong.

        Parameters
        ----------
        hdf5_hyperslab_size : int, optional
            How many rows of a file of edges are read at a time; 2²⁰ when left out.

        Raises
        ------
        errors.MissingFile, errors.BadFile
            A file is not there, or something in it is not right.
        errors.UnknownModel, errors.UnknownName, errors.BadType, errors.BadValue, errors.BadDelay
            A file names a synapse model or a parameter that there is not, or gives it a value it cannot have.
        errors.WrongState
            There are no nodes yet, or they are connected already.
        """
        block = _rows(hdf5_hyperslab_size)
        if not self._nodes or self._connected:
            raise errors.WrongState(
                "the nodes are connected already" if self._connected else "there are no nodes to connect yet",
                value="a second call" if self._connected else "Connect() before Create()",
                allowed="one call, after Create()",
                todo="Leave it out." if self._connected else "Call Create() first, or BuildNetwork().",
            )
        sizes = {name: len(each) for name, each in self._nodes.items()}
        planned = []
        for edges_file, types_file in self._files("edges"):
            types = read_types(types_file, "edge_type_id")
            specs = {number: self._synapse(row) for number, row in types.items()}
            for edges in read_edges(edges_file, sizes, block):
                _refuse_unknown_type(edges.type, types, "edge_type_id", f"{edges.place}/edge_type_id")
                planned.append((edges, specs[edges.type], types[edges.type].place))
        self._connect(planned)
        self._connected = True

    def _connect(self, planned: Iterable[tuple[Edges, dict[str, Any], str]]) -> None:
        """Connect all, or none."""
        network = current().network
        ids = {name: np.asarray(each) for name, each in self._nodes.items()}
        calls, parts = [], []
        for edges, spec, place in planned:
            sources, targets = ids[edges.ends[0]][edges.sources], ids[edges.ends[1]][edges.targets]
            calls.append((sources, targets, "one_to_one", spec | edges.values))
            try:
                parts += connect.checked_parts(*calls[-1])
            except errors.NESTError as error:
                raise self._said_by(f"{edges.place}, or {place}", error) from None
        network.changing()
        connect.connect_parts(network, parts)
        for call in calls:
            network.note("Connect", *call)

    def _synapse(self, row: Row) -> dict[str, Any]:
        """What `Connect` takes as ``syn_spec`` for a type of edges."""
        model, values, _ = self._described(row, "synaptic_models_dir")
        known = {*current().kernel.get_defaults(model), "receptor_type"}
        said = {"weight" if name == "syn_weight" else name: cell for name, cell in row.cells.items()}
        columns = {name: _number(cell, name, row.place) for name, cell in said.items() if name in known}
        return {"synapse_model": model} | columns | values

    # -- both, and the run

    @public("SonataNetwork.BuildNetwork()")
    def BuildNetwork(self, hdf5_hyperslab_size: int | None = None) -> dict[str, NodeCollection]:
        """Create the nodes and connect them: `Create`, then `Connect`.

        Parameters
        ----------
        hdf5_hyperslab_size : int, optional
            As in `Connect`.

        Returns
        -------
        dict of str to NodeCollection
            Nodes by population.
        """
        _rows(hdf5_hyperslab_size)
        made = self.Create()
        self.Connect(hdf5_hyperslab_size)
        return made

    @public("SonataNetwork.Simulate()")
    def Simulate(self) -> None:
        """Run for the time that the configuration says as ``tstop`` or ``duration`` of ``run``.

        Raises
        ------
        errors.WrongState
            The network is not built yet.
        errors.BadFile
            The configuration does not say how long.
        """
        if not self._connected:
            raise errors.WrongState(
                "the network is not built yet",
                value="Simulate() before Connect()",
                allowed="after BuildNetwork()",
                todo="Call BuildNetwork() first.",
            )
        name = (
            "duration" if "duration" in self._field("run") and "tstop" not in self._field("run") else "tstop"
        )
        simulate.Simulate(self._field("run", name))


def _rows(size: Any) -> int:
    """Number of rows to read at a time."""
    if size is None:
        return _ROWS
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
        kind = errors.BadValue if isinstance(size, (int, np.integer)) else errors.BadType
        raise kind(
            "hdf5_hyperslab_size must be a positive whole number",
            value=f"{size!r} ({type(size).__name__})",
            allowed="1, 2, …",
            todo="Leave it out for 2²⁰ rows at a time.",
        )
    return int(size)


def _number(text: str, name: str, place: str) -> float | int:
    """A number of a table of types."""
    try:
        value = float(text)
    except ValueError:
        raise broken(
            f"the column '{name}' must hold numbers",
            place,
            value=repr(text),
            allowed="a number",
            todo="Correct the line.",
        ) from None
    return int(value) if name == "receptor_type" and value.is_integer() else value


def _refuse_unknown_type(number: int, types: Mapping[int, Row], key: str, place: str) -> None:
    if number in types:
        return
    table = next(iter(types.values())).place.rpartition(", line ")[0]
    raise broken(
        f"the table of types has no such {key}",
        place,
        value=str(number),
        allowed=f"{', '.join(map(str, sorted(types)))}, of {table}",
        todo="Add a line to the table.",
    )


def _model_type(types: Mapping[int, Row]) -> str:
    """What the nodes of a table are, which must be the same in all of its lines."""
    first = next(iter(types.values()))
    for row in types.values():
        kind = row.cells.get("model_type")
        if kind not in (*_NEURONS, _VIRTUAL):
            raise broken(
                "a type of nodes has no model_type that is known here",
                row.place,
                value=repr(kind),
                wrong=str(kind),
                candidates=[*_NEURONS, _VIRTUAL],
                todo="Neurons with a morphology have no place in a network of points.",
            )
        if kind != first.cells["model_type"]:
            raise broken(
                "a table of nodes must have one model_type",
                row.place,
                value=repr(kind),
                allowed=f"'{first.cells['model_type']}', as in {first.place}",
                todo="Write a table for each.",
            )
    return first.cells["model_type"]


def _bring(model: str, network: Network, simulation: Simulation) -> None:
    """Make a model known to another simulation, with the defaults it has in this network."""
    base = network.kernel.base_model(model)
    usual = simulation.kernel.get_defaults(base)
    changed = {
        name: value
        for name, value in network.kernel.get_defaults(model).items()
        if name in registered.registry[base].parameters and not np.array_equal(value, usual[name])
    }
    if model != base:
        simulation.kernel.copy_model(base, model, changed)
    elif changed:
        simulation.kernel.set_defaults(model, changed)
