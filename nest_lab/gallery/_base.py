"""What every network of the gallery has: typed parameters, three verbs, and results that can be looked at."""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, OutOfMemory, UnknownName, WrongState

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Curve",
    "Parameters",
    "ReferenceNetwork",
    "Results",
    "Statistic",
    "least",
    "node_ids",
    "parameter",
]


def parameter(
    default: float | int | bool | str,
    unit: str,
    doc: str,
    *,
    lower: float = -math.inf,
    upper: float = math.inf,
    lower_open: bool = False,
    choices: Sequence[str] = (),
    live: tuple[float, float] | None = None,
) -> Any:
    """Declare one parameter of a network, in the body of a `Parameters` class.

    Parameters
    ----------
    default : float, int, bool or str
        Value that the publication uses.
    unit : str
        Unit, empty for a number without one.
    doc : str
        What it is, in one line.
    lower, upper : float
        Bounds, both allowed.
    lower_open : bool
        Whether `lower` itself is not allowed.
    choices : sequence of str
        What is allowed, for a parameter that is a word.
    live : (float, float), optional
        Range of a slider, for a parameter that can change while the network runs.

    Returns
    -------
    dataclasses.Field
        For the body of the class.
    """
    facts = {"unit": unit, "doc": doc, "lower": lower, "upper": upper, "lower_open": lower_open}
    return field(default=default, metadata={**facts, "choices": tuple(choices), "live": live})


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Parameters of a network: checked when made, never changed afterwards.

    A subclass declares its fields with `parameter`.

    Attributes
    ----------
    together : mapping of str to tuple of str
        Names that set several parameters to one value, as in ``replace(scale=0.1)``.
    options : tuple of str
        Parameters, or names in `together`, that the command line offers as options of their own.
    sized_by : tuple of str
        Parameters, or names in `together`, by which the network gets large.

    Raises
    ------
    UnknownName
        If a name is not a parameter, or a word not one of the choices.
    BadType
        If a value is not of the type of its parameter.
    BadValue
        If a value is out of bounds or not finite.
    """

    together: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    options: ClassVar[tuple[str, ...]] = ()
    sized_by: ClassVar[tuple[str, ...]] = ()

    @property
    def demand(self) -> dict[str, int]:
        """Bytes that the network takes at least, by what takes them; nothing for one that is never large."""
        return {}

    def __post_init__(self) -> None:
        for item in dataclasses.fields(self):
            object.__setattr__(self, item.name, _checked(type(self).__name__, item, getattr(self, item.name)))

    def replace(self, **changes: Any) -> Self:
        """Copy with some values changed.

        Parameters
        ----------
        **changes
            New values by name; a name in `together` stands for several parameters.

        Returns
        -------
        BrunelParameters, for example
            An object of the same class.
        """
        known = [*self.together, *self.names()]
        for name in changes:
            if name not in known:
                raise UnknownName(
                    f"{type(self).__name__} has no parameter of this name",
                    value=f"'{name}'",
                    todo="See table() for what each parameter means.",
                    wrong=name,
                    candidates=known,
                )
        single = {name: value for name, value in changes.items() if name not in self.together}
        several = {
            member: changes[name]
            for name in self.together
            if name in changes
            for member in self.together[name]
        }
        return dataclasses.replace(self, **several | single)

    @property
    def duration(self) -> float:
        """Model time that the command line simulates unless told otherwise, ms."""
        return 1000.0

    @classmethod
    def names(cls) -> list[str]:
        """Names of all parameters, in the order of their declaration."""
        return [item.name for item in dataclasses.fields(cls)]

    @classmethod
    def facts(cls, name: str) -> Mapping[str, Any]:
        """Unit, doc, bounds, choices, range of a slider and type of one parameter.

        Of a name in `together`, the facts are those of its first parameter, and the doc names them all.
        """
        if name in cls.together:
            members = cls.together[name]
            return {**cls.facts(members[0]), "doc": f"value of {' and '.join(members)}"}
        item = next(item for item in dataclasses.fields(cls) if item.name == name)
        return {**item.metadata, "type": type(item.default), "default": item.default}

    def table(self) -> list[dict[str, Any]]:
        """Rows of a table of all parameters.

        Returns
        -------
        list of dict
            Keys ``name``, ``value``, ``unit``, ``doc``, ``default``, ``allowed``.
        """
        return [
            {
                "name": item.name,
                "value": getattr(self, item.name),
                "unit": item.metadata["unit"],
                "doc": item.metadata["doc"],
                "default": item.default,
                "allowed": _allowed(item),
            }
            for item in dataclasses.fields(self)
        ]


def _allowed(item: dataclasses.Field[Any]) -> str:
    """Bounds in words, with the unit."""
    facts = item.metadata
    if facts["choices"]:
        return " or ".join(f"'{choice}'" for choice in facts["choices"])
    unit = f" {facts['unit']}" if facts["unit"] else ""
    kind = {int: "a whole number", bool: "True or False"}.get(type(item.default), "a number")
    lower, upper = facts["lower"], facts["upper"]
    if math.isfinite(lower) and math.isfinite(upper):
        return f"{kind} {'above ' if facts['lower_open'] else ''}{lower:g} … {upper:g}{unit}"
    if math.isfinite(lower):
        return f"{kind}{' above' if facts['lower_open'] else ', at least'} {lower:g}{unit}"
    if math.isfinite(upper):
        return f"{kind}, at most {upper:g}{unit}"
    return kind


def _checked(owner: str, item: dataclasses.Field[Any], value: Any) -> Any:
    """Return the value in the type of its parameter, or refuse it."""
    facts: Mapping[str, Any] = item.metadata
    wanted: type = type(item.default)
    unit = f" {facts['unit']}" if facts["unit"] else ""
    refused = {
        "value": f"{value!r}{unit}",
        "allowed": _allowed(item),
        "todo": f"{item.name} is the {facts['doc']}.",
    }
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()  # a NumPy scalar
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    whole = number and math.isfinite(value) and value == int(value)
    fits = {bool: isinstance(value, bool), int: whole, str: isinstance(value, str)}.get(wanted, number)
    if not fits:
        raise BadType(f"{owner}.{item.name} must be {_allowed(item)}", **refused)
    if wanted is str and value not in facts["choices"]:
        what = f"{owner}.{item.name} has no such choice"
        raise UnknownName(what, **refused, wrong=value, candidates=facts["choices"])
    if wanted in {bool, str}:
        return value
    above = facts["lower"] < value if facts["lower_open"] else facts["lower"] <= value
    if not (math.isfinite(value) and above and value <= facts["upper"]):
        raise BadValue(f"{owner}.{item.name} is out of bounds", **refused)
    return wanted(value)


@dataclass(frozen=True)
class Statistic:
    """One number that describes a simulation, beside what was expected.

    Attributes
    ----------
    name : str
        Short name, as a key.
    title : str
        What it is, for people.
    value : float
        What was measured, `nan` if there were too few spikes to tell.
    unit : str
        Its unit.
    predicted : float or None
        What the theory says.
    published : float or None
        What the publication reports of its own simulation.
    predicted_by, published_in : str
        Where the two come from.
    population : str
        Which part of the network it is about, empty for the whole; statistics of one title that follow each
        other are one quantity of several populations.
    """

    name: str
    title: str
    value: float
    unit: str
    predicted: float | None = None
    published: float | None = None
    predicted_by: str = ""
    published_in: str = ""
    population: str = ""


@dataclass(frozen=True)
class Curve:
    """Something to watch beside the spikes while a network runs, as lines over one axis.

    Attributes
    ----------
    name : str
        Short name.
    xlabel, ylabel : str
        What the axes are, with units.
    x : ndarray, shape (n,)
        Where the values are.
    lines : mapping of str to ndarray, shape (n,)
        Values by the name of the line.
    """

    name: str
    xlabel: str
    ylabel: str
    x: Any
    lines: Mapping[str, Any]


@dataclass(frozen=True)
class Results:
    """What a simulation showed.

    Attributes
    ----------
    times : ndarray, shape (n_spikes,), ms
        Time of each spike.
    senders : ndarray, shape (n_spikes,), int
        Node id of the neuron that emitted it.
    populations : mapping of str to range
        Node ids of each population.
    start, stop : float, ms
        The statistics are of the spikes in this interval, without `start` itself.
    statistics : list of Statistic
        Numbers that describe it.
    figures : mapping of str to callable
        By title, functions that draw onto an empty `matplotlib.figure.Figure`; they may change its size.
    notes : sequence of str
        What must be known to read the numbers right, as sentences.
    """

    times: Any
    senders: Any
    populations: Mapping[str, range]
    start: float
    stop: float
    statistics: list[Statistic]
    figures: Mapping[str, Callable[[Figure], None]]
    notes: Sequence[str] = ()

    def __getitem__(self, name: str) -> Statistic:
        """One of the statistics by its name."""
        for statistic in self.statistics:
            if statistic.name == name:
                return statistic
        known = [statistic.name for statistic in self.statistics]
        raise UnknownName(
            "there is no statistic of this name", value=f"'{name}'", wrong=name, candidates=known
        )

    def __iter__(self) -> Iterator[Statistic]:
        """Over the statistics."""
        return iter(self.statistics)


def least(neurons: int, connections: int, each: int = 2) -> dict[str, int]:
    """The demand of neurons, of which each has some numbers, and of connections with a target.

    Parameters
    ----------
    neurons, connections : int
        How many.
    each : int
        Bytes of a connection at least.

    Returns
    -------
    dict of str to int
        Bytes by what takes them.
    """
    return {f"{neurons:,} neurons": 16 * neurons, f"{connections:,} connections": each * connections}


def node_ids(nodes: Any) -> range:
    """Node ids of nodes that were made together.

    Parameters
    ----------
    nodes : NodeCollection
        From one call of ``Create``.

    Returns
    -------
    range
        Their ids.
    """
    return range(nodes[0].global_id, nodes[0].global_id + len(nodes))


P = TypeVar("P", bound=Parameters)


class ReferenceNetwork(ABC, Generic[P]):
    """A network of the literature.

    Parameters
    ----------
    parameters : Parameters, optional
        Of the class `parameters_class`; the defaults are those of the publication.
    seed : int
        Seed of the random numbers, 1 … 2³² - 1.
    threads : int, optional
        Number of threads; as many as the simulation has when not given. The results do not depend on it.
    **changes
        Single parameters that shall differ from `parameters`.

    Attributes
    ----------
    title, citation, doi : str
        What it is and where it was published.
    presets : mapping of str to Parameters
        Published parameter sets by name.
    recorder : NodeCollection
        Spike recorder of the whole network, after `build`.
    populations : dict of str to NodeCollection
        Neurons by population, after `build`.

    Raises
    ------
    UnknownName, BadType, BadValue
        If a parameter is none, is not of its type, or is out of bounds.
    """

    title: ClassVar[str]
    citation: ClassVar[str]
    doi: ClassVar[str]
    parameters_class: ClassVar[type[Parameters]]
    presets: ClassVar[Mapping[str, Parameters]] = {}

    def __init__(
        self, parameters: P | None = None, *, seed: int = 1, threads: int | None = None, **changes: Any
    ) -> None:
        chosen: Any = self.parameters_class() if parameters is None else parameters
        self.parameters: P = chosen.replace(**changes)
        self.seed = seed
        self.threads = threads
        self.populations: dict[str, Any] = {}
        self.recorder: Any = None
        self.simulation: Any = None
        self._taken = 0.0  # ms; the recorder holds what came later

    @classmethod
    def preset(cls, name: str, **arguments: Any) -> Self:
        """Make the network with a published parameter set.

        Parameters
        ----------
        name : str
            One of the keys of `presets`.
        **arguments
            As for the class.

        Returns
        -------
        ReferenceNetwork
            Not built yet.
        """
        if name not in cls.presets:
            raise UnknownName(
                f"{cls.__name__} has no preset of this name",
                where=f"{cls.__name__}.preset()",
                value=f"'{name}'",
                todo="A preset is a published set of parameters.",
                wrong=name,
                candidates=list(cls.presets),
            )
        return cls(cls.presets[name], **arguments)  # type: ignore[arg-type]

    @property
    def built(self) -> bool:
        """Whether `build` was called."""
        return self.simulation is not None

    def build(self) -> Self:
        """Make nodes and connections in the current simulation, which is reset first.

        Returns
        -------
        ReferenceNetwork
            Itself.

        Raises
        ------
        OutOfMemory
            It is too large for this machine.
        """
        self._refuse_too_large()
        nest.ResetKernel()
        nest.rng_seed = self.seed
        if self.threads is not None:
            nest.local_num_threads = self.threads
        self.simulation = nest.current()
        self._taken = 0.0
        self._build()
        return self

    def _refuse_too_large(self) -> None:
        """Before anything is made or given up: the kernel knows exactly, but not before it has the nodes."""
        parts, memory = self.parameters.demand, nest.estimate_memory()
        if sum(parts.values()) > memory.available + memory["process"]:  # what is there now may be given up
            needed, most = sum(parts.values()), max(parts, key=parts.__getitem__)
            raise OutOfMemory(
                "this network would not fit into memory",
                where=f"{type(self).__name__}.build()",
                value=f"at least {needed // 10**9:,} GB needed, most of it for {most}",
                allowed=f"{memory.available / 1e9:.3g} GB available",
                todo=f"Choose smaller values of {', '.join(self.parameters.sized_by)}.",
            )

    def simulate(self, time: float, *, progress: bool | None = None) -> Self:
        """Run for a while; call it again to continue.

        Parameters
        ----------
        time : float, ms
            Model time, a multiple of the resolution.
        progress : bool, optional
            Whether to show a bar; if left out, what ``print_time`` of the simulation says.

        Returns
        -------
        ReferenceNetwork
            Itself.

        Raises
        ------
        WrongState
            If the network was not built.
        KeyboardInterrupt
            On Ctrl-C. What was simulated until then stays, and can be continued.
        """
        self._needs_build("simulate()")
        with self.simulation:
            before = nest.print_time
            nest.print_time = before if progress is None else progress
            try:
                nest.Simulate(time)
            finally:
                nest.print_time = before
        return self

    def results(self, warmup: float = 100.0) -> Results:
        """Statistics and figures of what was simulated so far.

        Parameters
        ----------
        warmup : float, ms
            Beginning that the statistics leave out; of a short simulation at most a third.

        Returns
        -------
        Results
            Of the spikes recorded after the warm-up, and after the last `take_spikes`.

        Raises
        ------
        WrongState
            If the network was not built, or nothing was simulated.
        """
        self._needs_build("results()")
        with self.simulation:
            stop = nest.biological_time
            if not stop > self._taken:
                taken = f", spikes taken up to {self._taken:g} ms" if self._taken else ""
                raise WrongState(
                    "there are no results before the network has run",
                    where=f"{type(self).__name__}.results()",
                    value=f"{stop:g} ms simulated{taken}",
                    allowed=f"more than {self._taken:g} ms",
                    todo="Call simulate(1000.0) first.",
                )
            return self._results(max(min(warmup, stop / 3.0), self._taken), stop)

    def take_spikes(self) -> tuple[Any, Any]:
        """Take what was recorded out of the recorder, so that a run of any length fits into memory.

        `results` are afterwards those of what is simulated from now on.

        Returns
        -------
        times : ndarray, shape (n_spikes,), ms
            Time of each spike since the last time they were taken.
        senders : ndarray, shape (n_spikes,), int
            Node id of the neuron that emitted it.

        Raises
        ------
        WrongState
            If the network was not built, or is running.
        """
        self._needs_build("take_spikes()")
        if self.simulation.running:
            raise WrongState(
                "spikes are taken before or after a run",
                where=f"{type(self).__name__}.take_spikes()",
                value="a run is under way",
                allowed="a network that does not run",
                todo="Call wait() or stop() of the simulation first.",
            )
        events = self.recorder.events
        self.recorder.n_events = 0
        self._taken = self.simulation.time
        return events["times"], events["senders"]

    def curves(self) -> list[Curve]:
        """What there is to watch beside the spikes while it runs: nothing, unless a network says otherwise.

        Returns
        -------
        list of Curve
            What is known now; always the same curves in the same order, once they are there.
        """
        return []

    def set_parameter(self, name: str, value: float) -> None:
        """Change a parameter of the built network, before, between or after runs.

        Parameters
        ----------
        name : str
            One of the keys of `controls`.
        value : float
            New value.

        Raises
        ------
        UnknownName
            If it is no parameter, or one that only a new network can change.
        BadType, BadValue
            If the value is not of its type or out of bounds.
        WrongState
            If the network was not built.
        """
        self._needs_build("set_parameter()")
        if name not in self.controls():
            raise UnknownName(
                "this parameter cannot be changed in a built network",
                where=f"{type(self).__name__}.set_parameter()",
                value=f"'{name}'",
                todo="Any other needs a new network.",
                wrong=name,
                candidates=list(self.controls()),
            )
        changed = self.parameters.replace(**{name: value})
        with self.simulation:
            self._apply(changed)
        self.parameters = changed

    @classmethod
    def controls(cls) -> dict[str, tuple[float, float]]:
        """Parameters that can change while the network runs, and the range of a slider for each.

        Returns
        -------
        dict of str to (float, float)
            Lowest and highest value by name.
        """
        facts = {name: cls.parameters_class.facts(name)["live"] for name in cls.parameters_class.names()}
        return {name: live for name, live in facts.items() if live is not None}

    def _needs_build(self, where: str) -> None:
        if not self.built:
            raise WrongState(
                "the network has no nodes yet",
                where=f"{type(self).__name__}.{where}",
                value="not built",
                allowed="a network after build()",
                todo="Call build() first.",
            )

    @abstractmethod
    def _build(self) -> None:
        """Make nodes and connections; set `populations` and `recorder`."""

    @abstractmethod
    def _results(self, start: float, stop: float) -> Results:
        """Statistics and figures of the spikes with ``start < t <= stop``, in ms."""

    def _apply(self, changed: P) -> None:
        """Bring the live parameters of the network to new values."""
        raise NotImplementedError(f"{type(self).__name__} declares live parameters, so it needs _apply()")
