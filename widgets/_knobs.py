"""What can be turned while a network runs: a number, its range, its unit, and how it is read and set."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import traitlets

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, NESTError, UnknownName
from nest_lab.widgets._clock import Clock
from nest_lab.widgets._clocked import Clocked

__all__ = ["Knob", "Turned", "knobs", "slider"]

_WHERE = "LiveSimulation(controls=...)"


@dataclass(frozen=True)
class Knob:
    """One number that can be changed.

    Attributes
    ----------
    name : str
        What it is called.
    unit, doc : str
        Its unit, and what it is in one line.
    low, high : float
        Ends of the slider. What is allowed is for the network to say.
    read : callable
        Gives the value.
    write : callable
        Sets it, or raises and changes nothing.
    whole : bool
        Whether it is a whole number.
    """

    name: str
    unit: str
    doc: str
    low: float
    high: float
    read: Callable[[], float]
    write: Callable[[Any], None]
    whole: bool = False

    def facts(self) -> dict[str, Any]:
        """What the browser needs to know."""
        step = 1 if self.whole else 10.0 ** math.floor(math.log10((self.high - self.low) / 50.0))
        return {
            "name": self.name,
            "unit": self.unit,
            "doc": self.doc,
            "low": self.low,
            "high": self.high,
            "step": step,
        }


def knobs(network: Any, simulation: Any, controls: Any) -> dict[str, Knob]:
    """Make knobs from what a user asked for.

    Parameters
    ----------
    network : ReferenceNetwork or None
        A built network of the gallery, if there is one.
    simulation : nest_lab.Simulation
        Where everything lives.
    controls : mapping, iterable of str, or None
        As in `LiveSimulation`.

    Returns
    -------
    dict of str to Knob

    Raises
    ------
    UnknownName, BadType, BadValue
        A parameter does not exist or cannot be changed, or a range is not one.
    """
    live: dict[str, tuple[float, float]] = {} if network is None else network.controls()
    if controls is None:
        controls = live
    if isinstance(controls, str) or not isinstance(controls, Iterable):
        raise BadType(
            "controls must come by name",
            where=_WHERE,
            value=f"{controls!r} ({type(controls).__name__})",
            allowed="a dictionary of ranges, or a list of names",
            todo="Write controls={'name': (lowest, highest)}.",
        )
    wanted = controls if isinstance(controls, Mapping) else dict.fromkeys(controls)
    return {
        name: _of_nodes(simulation, name, given)
        if isinstance(given, tuple) and len(given) in (2, 4) and isinstance(given[1], str)
        else _of_network(network, name, given)
        for name, given in wanted.items()
    }


def _of_network(network: Any, name: str, given: Any) -> Knob:
    """A live parameter of a network of the gallery."""
    live: dict[str, tuple[float, float]] = {} if network is None else network.controls()
    if name not in live:
        raise UnknownName(
            "there is no parameter of this name that can change while it runs",
            where=_WHERE,
            value=f"'{name}'",
            allowed="" if live else "(nodes, 'parameter') or (nodes, 'parameter', lowest, highest)",
            todo="Say what to change: controls={'external rate': (generator, 'rate', 0.0, 20000.0)}.",
            wrong=name,
            candidates=list(live),
        )
    facts = network.parameters.facts(name)
    low, high = _range(name, live[name] if given is None else given, facts["unit"])
    return Knob(
        name,
        facts["unit"],
        facts["doc"],
        low,
        high,
        lambda: float(getattr(network.parameters, name)),
        lambda value: network.set_parameter(name, value),
        facts["type"] is int,
    )


def _of_nodes(simulation: Any, name: str, given: tuple[Any, ...]) -> Knob:
    """A parameter of nodes or connections, or of a synapse model whose connections have it in common."""
    target, parameter, *ends = given
    in_common = isinstance(target, str)

    def read() -> float:
        with simulation:
            values = nest.GetDefaults(target, parameter) if in_common else target.get(parameter)
        many = values if isinstance(values, (tuple, list)) else [values]
        return float(sum(many) / len(many))

    def write(value: Any) -> None:
        with simulation:
            if in_common:
                nest.SetDefaults(target, {parameter: value})
            else:
                target.set({parameter: value})

    field = _field(simulation, target, parameter)
    unit, doc = getattr(field, "unit", ""), getattr(field, "doc", "")
    if not ends:
        ends = [*_guess(name, field, read(), unit)]
    low, high = _range(name, ends, unit)
    return Knob(name, unit, doc, low, high, read, write, getattr(field, "type", "float") == "int")


def _field(simulation: Any, target: Any, parameter: str) -> Any:
    """What the registry knows of a parameter, also of a copied model."""
    with simulation:
        if isinstance(target, str):
            model = target
        else:
            facts = target[0].get()
            model = facts.get("synapse_model", facts.get("model"))
        defaults = nest.GetDefaults(model)
    known = nest.models.registry
    model = model if model in known else defaults.get("type_id", model)
    return known[model].parameters.get(parameter) if model in known else None


_USUAL = {
    "pA": 1000.0,
    "nS": 100.0,
    "mV": 100.0,
    "ms": 100.0,
    "pF": 1000.0,
}  # where a default of 0 says nothing


def slider(field: Any) -> tuple[float, float]:
    """Ends of a slider for any parameter: its bounds where they are near, else around its default.

    Parameters
    ----------
    field : nest_lab.models.Field
        A number.

    Returns
    -------
    low, high : float
        Inside of the bounds.
    """
    value = float(field.default)
    reach = 2.0 * abs(value) or _USUAL.get(field.unit, 1.0)
    low, high = min(2.0 * value, 0.0), max(2.0 * value, 0.0)
    if value == 0.0:
        low, high = -reach, reach
    if field.upper is not None:
        high = field.upper if field.upper <= 10.0 * reach else min(high, field.upper)
    if field.lower is not None:
        low = field.lower if field.lower >= -10.0 * reach else max(low, field.lower)
    edge = (high - low) / 1000.0
    return low + edge * field.lower_open, high - edge * (field.upper_open and high == field.upper)


def _guess(name: str, field: Any, value: float, unit: str) -> tuple[float, float]:
    """Ends of a slider: the bounds of the parameter, where there are none twice the value."""
    low, high = getattr(field, "lower", None), getattr(field, "upper", None)
    low = min(2.0 * value, 0.0) if low is None else low
    high = max(2.0 * value, 0.0) if high is None else high
    if not low < high:
        raise BadValue(
            f"the range of the control '{name}' does not follow from its value",
            where=_WHERE,
            value=f"{value:g} {unit}".rstrip(),
            allowed="(nodes, 'parameter', lowest, highest)",
            todo="Give the lowest and the highest value.",
        )
    return low, high


def _range(name: str, ends: Any, unit: str) -> tuple[float, float]:
    """Two finite numbers in ascending order."""
    try:
        low, high = (float(end) for end in ends)
    except (TypeError, ValueError):
        raise BadType(
            f"the range of the control '{name}' must be two numbers",
            where=_WHERE,
            value=f"{ends!r} ({type(ends).__name__})",
            allowed="(lowest, highest)",
            todo=f"Write controls={{'{name}': (lowest, highest)}}.",
        ) from None
    if not (-math.inf < low < high < math.inf):
        raise BadValue(
            f"the range of the control '{name}' must ascend",
            where=_WHERE,
            value=f"({low:g}, {high:g}) {unit}".rstrip(),
            allowed="two finite numbers, the lowest first",
            todo="Swap them, or choose others.",
        )
    return low, high


class Turned(Clocked):
    """A widget with knobs for a network that a clock runs.

    A subclass has a `_clock`, calls `_take_knobs` before ``Widget.__init__``, and gives it what comes back.

    Attributes
    ----------
    values : dict of str to float
        Values of the controls.
    """

    values = traitlets.Dict().tag(sync=True)
    _knobs: Any = traitlets.List().tag(sync=True)  # what the browser needs to know of each control
    _errors = traitlets.Dict().tag(sync=True)  # by control, what was refused
    _clock: Clock
    _turn_by_name: dict[str, Knob]

    def _take_knobs(self, network: Any, simulation: Any, controls: Any) -> dict[str, Any]:
        """Make the knobs, and what the browser needs to know of them."""
        try:
            self._turn_by_name = knobs(network, simulation, controls)
        except NESTError as error:
            error.where = f"{type(self).__name__}(controls=...)"
            raise
        facts = [knob.facts() for knob in self._turn_by_name.values()]
        return {"values": self._read_knobs(), "_knobs": facts}

    def set(self, **values: Any) -> None:
        """Set controls, also while it runs; each takes effect within a tenth of a second.

        Parameters
        ----------
        **values
            New values by the name of the control.

        Raises
        ------
        UnknownName
            There is no such control.
        NESTError
            The network refuses a value; it keeps the last one, and controls that come later keep theirs.
        """
        for name in values:
            self._knob(name, f"{type(self).__name__}.set()")
        for name, value in values.items():
            self._clock.ask(partial(self._turn, name, value)).result()

    def _do_set(self, name: str, value: Any) -> None:
        self._clock.ask(lambda: self._try(name, value))

    def _try(self, name: str, value: Any) -> None:
        """Turn a knob, or keep what the network says against it."""
        try:
            self._turn(name, value)
        except Exception as error:
            self._errors = {**self._errors, name: str(error)}

    def _turn(self, name: str, value: Any) -> None:
        """Turn a knob; the simulation stands still."""
        knob = self._turn_by_name[name]
        knob.write(value)
        self._errors = {other: text for other, text in self._errors.items() if other != name}
        self.values = {**self.values, name: knob.read()}

    def _knob(self, name: str, where: str) -> Knob:
        if name not in self._turn_by_name:
            raise UnknownName(
                "there is no control of this name",
                where=where,
                value=f"'{name}'",
                allowed="" if self._turn_by_name else "none: this widget was made without controls",
                todo=f"Name it in {type(self).__name__}(controls=...).",
                wrong=name,
                candidates=list(self._turn_by_name),
            )
        return self._turn_by_name[name]

    def _read_knobs(self) -> dict[str, float]:
        return {name: knob.read() for name, knob in self._turn_by_name.items()}
