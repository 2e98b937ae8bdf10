"""The registry of the kernel as Python objects: what each model is, with parameters, units and recordables.

``nest_lab.models["iaf_psc_exp"]`` is one model; in a notebook it shows as a table. Nothing here lists models:
whatever the kernel was built with is in the registry.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import ModuleType
from typing import Any, Generic, TypeVar

from nest_lab import _kernel, errors
from nest_lab.tables import framed, table
from nest_lab.units import learn, with_unit

__all__ = ["Field", "Model", "Recordable", "Rule", "growth_curves", "kernel_build", "registry", "rules"]


@dataclass(frozen=True)
class Field:
    """A parameter of a model, or an argument of a rule.

    Attributes
    ----------
    name, unit, doc : str
        Its name, its unit (empty if it has none) and one line that says what it is.
    type : {'float', 'int', 'bool', 'str', 'array', 'names', 'dict', 'dicts'}
        What it holds.
    default : object
        Value of a new node; None for an argument of a rule that must be given.
    lower, upper : float or None
        Bounds, None if there is none.
    lower_open, upper_open : bool
        Whether the bound itself is excluded.
    never : bool
        Whether it can be infinity as well: of a threshold, that it is never reached.
    state : bool
        Whether it changes while the model runs, as V_m does.
    readonly : bool
        Whether it cannot be set.
    shared : bool
        Whether all connections of a synapse model have the same, which SetDefaults changes.
    fixed : bool
        Whether it can be set as a default only, not for a node.
    writeonly : bool
        Whether it can only be set: it adds to another parameter, which shows the sum.
    when : tuple of str
        The choices with which it has a meaning, of its dictionary or of ``record_to``; empty if it always
        has.
    items : dict of str to Field
        Of a dictionary: what it holds.
    """

    name: str
    default: Any = None
    unit: str = ""
    doc: str = ""
    type: str = "float"
    lower: float | None = None
    upper: float | None = None
    lower_open: bool = False
    upper_open: bool = False
    never: bool = False
    state: bool = False
    readonly: bool = False
    shared: bool = False
    fixed: bool = False
    writeonly: bool = False
    when: tuple[str, ...] = ()
    items: dict[str, Field] = field(default_factory=dict, repr=False)

    @property
    def bounds(self) -> str:
        """The values that are allowed, e.g. ``'> 0 ms'``; empty if all are."""
        bounds = [
            with_unit(f"{'>' if self.lower_open else '≥'} {self.lower:g}", self.unit)
            if self.lower is not None
            else "",
            with_unit(f"{'<' if self.upper_open else '≤'} {self.upper:g}", self.unit)
            if self.upper is not None
            else "",
        ]
        return " and ".join(bound for bound in bounds if bound)


@dataclass(frozen=True)
class Recordable:
    """A quantity of a model that a multimeter can record.

    Attributes
    ----------
    name, unit, doc : str
        Its name, its unit and one line that says what it is.
    """

    name: str
    unit: str = ""
    doc: str = ""


@dataclass(frozen=True)
class Model:
    """What a neuron, device or synapse model is.

    Attributes
    ----------
    name : str
        Its name.
    element_type : {'neuron', 'stimulator', 'recorder', 'synapse'}
        What it is.
    doc : str
        A line that says what it is, then its equations and sources.
    parameters : dict of str to Field
        Its parameters and state variables.
    recordables : dict of str to Recordable
        What a multimeter can record of it.
    numbered : dict of str to Recordable
        What can be recorded of parts that each node has in a number of its own, by name without the number:
        'v_comp' stands for v_comp0, v_comp1 and so on.
    receptors : dict of str to int
        Names and numbers of its receptors.
    spiking, stochastic : bool
        Whether it emits spikes, and whether it draws random numbers.
    plastic : bool
        Whether it is a synapse that changes.
    variant_of : str
        The model that this is another name of, or ''.
    needs : dict
        What must be set before a node can run.
    spike_receptor : int
        The receptor_type that takes spikes.
    weight_unit : str
        Unit of the weight of a spike, '' where it depends on the receptor.

    Examples
    --------
    >>> model = registry["iaf_psc_exp"]
    >>> model.element_type, model.defaults["tau_m"], model.parameters["tau_m"].bounds
    ('neuron', 10.0, '> 0 ms')
    >>> sorted(model.recordables)
    ['I_syn_ex', 'I_syn_in', 'V_m']
    """

    name: str
    element_type: str
    doc: str
    parameters: dict[str, Field] = field(repr=False)
    recordables: dict[str, Recordable] = field(repr=False)
    receptors: dict[str, int] = field(repr=False)
    numbered: dict[str, Recordable] = field(repr=False, default_factory=dict)
    spiking: bool = False
    stochastic: bool = False
    plastic: bool = False
    variant_of: str = ""
    needs: dict[str, Any] = field(repr=False, default_factory=dict)
    spike_receptor: int = 0
    weight_unit: str = ""

    @property
    def summary(self) -> str:
        """The first line of its doc."""
        return self.doc.strip().partition("\n")[0].strip()

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """Default values by name of the parameters that a new node shows."""
        return {
            name: each.default
            for name, each in self.parameters.items()
            if not each.writeonly and not each.when
        }

    def recordable(self, name: str) -> Recordable:
        """Return one of its recordables.

        Parameters
        ----------
        name : str
            Name of the recordable.

        Returns
        -------
        Recordable

        Raises
        ------
        errors.UnknownName
            There is none of this name.
        """
        part = self.numbered.get(name.rstrip("0123456789"))
        if part is not None and name != part.name:
            return replace(part, name=name)
        if name not in self.recordables:
            raise errors.UnknownName(
                f"{self.name} has no recordable of this name",
                where=f"nest_lab.models['{self.name}'].recordable()",
                value=repr(name),
                wrong=name,
                candidates=[*self.recordables, *(f"{part}0" for part in self.numbered)],
                allowed="" if self.recordables or self.numbered else "none: this model has nothing to record",
            )
        return self.recordables[name]

    def _tables(self) -> Iterator[tuple[str, list[str], list[list[str]]]]:
        """Title, headings and rows of each table there is to show."""
        fields = [each for each in self.parameters.values() if not each.state]
        states = [each for each in self.parameters.values() if each.state]
        headings = ["name", "default", "unit", "allowed", "what it is"]
        for title, group in (("Parameters", fields), ("State", states)):
            if group:
                yield title, headings, [_row(each) for each in group]
        if self.recordables or self.numbered:
            parts = [replace(each, name=f"{each.name}<number>") for each in self.numbered.values()]
            rows = [[each.name, each.unit, each.doc] for each in (*self.recordables.values(), *parts)]
            yield "Recordables", ["name", "unit", "what it is"], rows
        if self.receptors:
            yield (
                "Receptors",
                ["name", "receptor_type"],
                [[name, str(i)] for name, i in self.receptors.items()],
            )

    def __str__(self) -> str:
        text = [f"{self.name} ({self.element_type})", "", self.doc.strip()]
        for title, headings, rows in self._tables():
            widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
            lines = [
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                for row in rows
            ]
            head = "  ".join(cell.ljust(width) for cell, width in zip(headings, widths, strict=True)).rstrip()
            text += ["", title, head, "  ".join("-" * width for width in widths), *lines]
        return "\n".join(text)

    def _repr_html_(self) -> str:
        from html import escape

        doc = "<pre style='white-space:pre-wrap;background:none;color:inherit'>\n"
        return framed(
            self.name,
            self.element_type,
            [f"{doc}{escape(self.doc.strip())}</pre>", *(table(*each) for each in self._tables())],
        )


@dataclass(frozen=True)
class Rule:
    """A connection rule.

    Attributes
    ----------
    name, doc : str
        Its name and what it does.
    parameters : dict of str to Field
        Its arguments; a default of None means that it must be given.
    needs : dict of str to bool
        Flags that must be given with these values.
    """

    name: str
    doc: str
    parameters: dict[str, Field] = field(repr=False)
    needs: dict[str, bool] = field(repr=False, default_factory=dict)


def _row(each: Field) -> list[str]:
    default = each.default
    text = f"{default:g}" if isinstance(default, float) else str(default)
    return [each.name, text, each.unit, each.bounds, each.doc + (" (read only)" if each.readonly else "")]


def _fields(entries: list[dict[str, Any]]) -> dict[str, Field]:
    return {entry["name"]: Field(**entry | {"items": _fields(entry.get("items", []))}) for entry in entries}


def _model(entry: dict[str, Any]) -> Model:
    return Model(
        name=entry["name"],
        element_type=entry["element_type"],
        doc=entry["doc"],
        parameters=_fields(entry["params"]),
        recordables={each["name"]: Recordable(**each) for each in entry["recordables"]},
        receptors=dict(entry["receptors"]),
        numbered={each["name"]: Recordable(**each) for each in entry["numbered"]},
        spiking=entry["spiking"],
        stochastic=entry["stochastic"],
        plastic=entry["plastic"],
        variant_of=entry["variant_of"],
        needs=dict(entry["needs"]),
        spike_receptor=entry["spike_receptor"],
        weight_unit=entry["weight_unit"],
    )


T = TypeVar("T", Model, Rule)


class Registry(Mapping[str, T], Generic[T]):
    """Models, or rules, by name; read from the kernel when first used.

    Parameters
    ----------
    what : str
        What is listed, for errors.
    read : callable
        Gives the entries.
    """

    def __init__(self, what: str, read: Any) -> None:
        self._what, self._read = what, read

    @cached_property
    def _entries(self) -> dict[str, T]:
        entries: list[T] = self._read()
        return {entry.name: entry for entry in sorted(entries, key=lambda entry: entry.name)}

    def __getitem__(self, name: str) -> T:
        if name not in self:
            raise errors.UnknownModel(
                f"there is no {self._what} of this name",
                where="nest_lab.models",
                value=repr(name),
                wrong=str(name),
                candidates=list(self._entries),
            )
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._entries

    def get(self, name: object, default: Any = None) -> Any:
        """Return an entry, or `default` if there is none of this name, as of a dictionary.

        Parameters
        ----------
        name : str
            Its name.
        default : object, optional
            Returned for what is not there.

        Returns
        -------
        object
        """
        return self._entries[name] if name in self else default  # type: ignore[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<{len(self)} {self._what}s: {', '.join(self)}>"

    def _repr_html_(self) -> str:
        return table("", [], [[entry.name, entry.doc.strip().partition("\n")[0]] for entry in self.values()])


registry: Registry[Model] = Registry("model", lambda: [_model(entry) for entry in _kernel.models()])
"""The built-in models by name."""

learn(registry)

rules: Registry[Rule] = Registry(
    "rule",
    lambda: [
        Rule(entry["name"], entry["doc"], _fields(entry["params"]), entry["needs"])
        for entry in _kernel.rules()
    ],
)
"""The connection rules by name."""

growth_curves: Registry[Rule] = Registry(
    "growth curve",
    lambda: [
        Rule(entry["name"], entry["doc"], _fields(entry["params"])) for entry in _kernel.growth_curves()
    ],
)
"""The growth curves of synaptic elements by name."""


def kernel_build() -> dict[str, Any]:
    """Return how the kernel was built and what it may use.

    Returns
    -------
    dict
        ``isa`` (instruction set), ``version``, ``threads`` and ``memory`` (bytes) that are available.

    Examples
    --------
    >>> sorted(kernel_build())
    ['isa', 'memory', 'threads', 'version']
    """
    return {
        "isa": _kernel.isa,
        "version": _kernel.version,
        "threads": _kernel.available_threads(),
        "memory": _kernel.available_memory(),
    }


class _Models(ModuleType):
    """The module, which is also the mapping of the models by name."""

    def __getitem__(self, name: str) -> Model:
        return registry[name]

    def __contains__(self, name: object) -> bool:
        return name in registry

    def __iter__(self) -> Iterator[str]:
        return iter(registry)

    def __len__(self) -> int:
        return len(registry)

    def _repr_html_(self) -> str:
        return registry._repr_html_()


sys.modules[__name__].__class__ = _Models
