"""What is raised for bad input: five parts in one place, and the class names that PyNEST programs catch.

An error says *where* it was raised, *what* is wrong, the *value* that was given, what is *allowed*, and what
to *do*; when a name was wrong, also the nearest valid one. `compose` is the only place that puts the parts
together.

Each class below stands for one kind of mistake and inherits from every class, of Python and of the reference
simulator, that the same mistake raises there, so that an ``except`` clause of an existing program still
catches it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from types import ModuleType
from typing import Any

__all__ = [
    "BadDelay",
    "BadFile",
    "BadIndex",
    "BadRule",
    "BadType",
    "BadValue",
    "CannotConnect",
    "CannotInstall",
    "CannotWrite",
    "MissingFile",
    "MissingPackage",
    "NESTError",
    "NESTErrors",
    "NoPositions",
    "NumericalInstability",
    "OutOfMemory",
    "ReadOnly",
    "StaleCollection",
    "UnknownModel",
    "UnknownName",
    "WrongState",
    "compose",
    "nearest",
    "refuse_other",
]

_LONG = re.compile(r"\d[\d,]{39,}")  # numbers that nobody reads to their end
_MANY = 8  # valid names an error shows; of more it shows the nearest ones and says how many there are


def nearest(wrong: str, candidates: Iterable[str], n: int = 3) -> list[str]:
    """Valid names most like a wrong one, upper and lower case being alike.

    Parameters
    ----------
    wrong : str
        The name that was given.
    candidates : iterable of str
        The names that are valid.
    n : int
        How many to return at most.

    Returns
    -------
    list of str
        The nearest first; empty when none is near.

    Examples
    --------
    >>> nearest("iaf_psc_alhpa", ["iaf_psc_exp", "iaf_psc_alpha", "parrot_neuron"])
    ['iaf_psc_alpha', 'iaf_psc_exp']
    >>> nearest("v_M", ["V_m", "E_L"])
    ['V_m']
    """
    import difflib  # only when something went wrong

    spelled: dict[str, list[str]] = {}
    for name in sorted(set(candidates)):
        spelled.setdefault(name.lower(), []).append(name)
    close = difflib.get_close_matches(wrong.lower(), spelled, n=n, cutoff=0.6)
    return [name for lower in close for name in spelled[lower]][:n]


def _names(wrong: str, candidates: Sequence[str]) -> str:
    """The valid names, or those next to the wrong one when there are many."""
    if len(candidates) <= _MANY:
        return ", ".join(f"'{name}'" for name in sorted(candidates))
    near = nearest(wrong, candidates)
    shown = near or sorted(candidates)[:3]
    return f"{', '.join(repr(name) for name in shown)} or one of {len(candidates) - len(shown)} others"


def compose(
    *,
    where: str = "",
    what: str = "",
    value: str = "",
    allowed: str = "",
    todo: str = "",
    wrong: str = "",
    candidates: Sequence[str] = (),
) -> str:
    """Put the parts of an error together.

    Parameters
    ----------
    where : str
        The public function that was called, e.g. ``Create()``.
    what : str
        What is wrong, without a full stop.
    value : str
        What was given, with its unit.
    allowed : str
        What is allowed; taken from `candidates` when empty.
    todo : str
        What to do about it, as a sentence.
    wrong : str
        The wrong name, if it is about a name.
    candidates : sequence of str
        The valid names, if it is about a name.

    Returns
    -------
    str
        One paragraph.

    Examples
    --------
    >>> compose(where="Create()", what="tau_m must be above 0 ms", value="-1.0 ms", todo="Give a time.")
    'Create(): tau_m must be above 0 ms. Value: -1.0 ms. Give a time.'
    """
    if candidates:
        allowed = allowed or _names(wrong, candidates)
        near = nearest(wrong, candidates, 1)
        todo = f"Did you mean '{near[0]}'? {todo}" if near else todo
    value = _LONG.sub(lambda number: f"{number[0][:4]}… ({len(number[0]):,} characters)", value)
    parts = [
        f"{where}: {what}" if where else what,
        f"Value: {value}" if value else "",
        f"Allowed: {allowed}" if allowed else "",
        todo,
    ]
    return " ".join(
        part.rstrip() if part.rstrip().endswith((".", "?", "!")) else f"{part}." for part in parts if part
    )


class NESTError(Exception):
    """Anything this package refuses; the class of all its errors.

    Parameters
    ----------
    what : str
        What is wrong, without a full stop.
    where, value, allowed, todo, wrong, candidates
        The other parts, see `compose`.

    Attributes
    ----------
    what, where, value, allowed, todo, wrong : str
        The parts.
    candidates : tuple of str
        The valid names, if the error is about a name.
    """

    def __init__(
        self,
        what: str = "",
        *,
        where: str = "",
        value: str = "",
        allowed: str = "",
        todo: str = "",
        wrong: str = "",
        candidates: Iterable[str] = (),
    ) -> None:
        super().__init__(what)
        self.what, self.where, self.value = what, where, value
        self.allowed, self.todo, self.wrong = allowed, todo, wrong
        self.candidates = tuple(candidates)

    @property
    def args(self) -> tuple[str]:  # type: ignore[override]
        """The text, after the names of what the reference raises: some programs look for these in it."""
        names = [kind.__name__ for kind in type(self).__mro__ if kind.__module__ == "NESTErrors"]
        return (f"{' '.join(names)}: {self}" if names else str(self),)

    def __str__(self) -> str:
        return compose(
            where=self.where,
            what=self.what,
            value=self.value,
            allowed=self.allowed,
            todo=self.todo,
            wrong=self.wrong,
            candidates=self.candidates,
        )


def _reference(name: str, module: str = "NESTErrors") -> type[NESTError]:
    """A class of the reference simulator, which has no more to it than its name."""
    return type(
        name, (NESTError,), {"__module__": module, "__doc__": f"Class {name} of the reference simulator."}
    )


class NESTErrorsModule(ModuleType):
    """``nest.NESTErrors``: every error class of the reference simulator by its name, and ours."""

    _known = frozenset(
        [
            "BackendAlreadyRegistered",
            "BackendNotPrepared",
            "BackendPrepared",
            "BadDelay",
            "BadParameter",
            "BadParameterValue",
            "BadProperty",
            "DimensionMismatch",
            "DistributionError",
            "DynamicModuleManagementError",
            "GSLSolverFailure",
            "IOError",
            "IllegalConnection",
            "IncompatibleReceptorType",
            "InexistentConnection",
            "InternalError",
            "InvalidDefaultResolution",
            "InvalidTimeInModel",
            "KernelException",
            "KeyError",
            "LayerExpected",
            "LayerNodeExpected",
            "LocalNodeExpected",
            "MPIErrorCode",
            "MPIPortsFileMissing",
            "MPIPortsFileUnknown",
            "MUSICChannelAlreadyMapped",
            "MUSICChannelUnknown",
            "MUSICPortAlreadyPublished",
            "MUSICPortHasNoWidth",
            "MUSICPortUnconnected",
            "MUSICPortUnknown",
            "MUSICSimulationHasRun",
            "ModelInUse",
            "NamingConflict",
            "NewModelNameExists",
            "NoThreadSiblingsAvailable",
            "NodeWithProxiesExpected",
            "NotImplemented",
            "NumericalInstability",
            "RangeCheck",
            "StepMultipleRequired",
            "TimeMultipleRequired",
            "TypeMismatch",
            "UnaccessedDictionaryEntry",
            "UndefinedName",
            "UnexpectedEvent",
            "UnknownCompartment",
            "UnknownComponent",
            "UnknownModelName",
            "UnknownNode",
            "UnknownPort",
            "UnknownReceptorType",
            "UnknownSynapseType",
            "UnknownThread",
            "UnmatchedSteps",
            "UnsupportedEvent",
        ]
    )

    def __getattr__(self, name: str) -> Any:
        if name not in self._known:
            raise AttributeError(f"module 'NESTErrors' has no attribute '{name}'")
        made = _reference(name)
        setattr(self, name, made)
        return made

    def __dir__(self) -> list[str]:
        return sorted(self._known | set(super().__dir__()))


NESTErrors = NESTErrorsModule(
    "NESTErrors", "Error classes by the names they have in the reference simulator."
)
for _name in ("NESTError", "KernelException"):
    setattr(NESTErrors, _name, NESTError)


def _bases(names: str, *python: type[Exception]) -> tuple[type[Exception], ...]:
    """Classes of the reference simulator, then classes of Python."""
    return (*(getattr(NESTErrors, name) for name in names.split()), *python)


def _kind(name: str, doc: str, names: str, *python: type[Exception]) -> type[NESTError]:
    """Make the class of one kind of mistake."""
    return type(name, _bases(names, *python) or (NESTError,), {"__module__": __name__, "__doc__": doc})


UnknownModel = _kind(
    "UnknownModel",
    "There is no model, synapse model or copy of this name.",
    "UnknownModelName UnknownComponent UnknownSynapseType",
    ValueError,
)
UnknownName = _kind(
    "UnknownName",
    "There is no parameter, rule, recordable, key or attribute of this name.",
    "UnaccessedDictionaryEntry UndefinedName BadProperty IllegalConnection",
    AttributeError,
    KeyError,
    ValueError,
)
BadType = _kind(
    "BadType", "A value is not of the type that is needed.", "TypeMismatch BadProperty", TypeError
)
BadValue = _kind(
    "BadValue",
    "A value is outside of what is allowed, or there are too few or too many.",
    "BadProperty BadParameter BadParameterValue RangeCheck DimensionMismatch NewModelNameExists UnknownNode",
    ValueError,
    IndexError,
    TypeError,
)
BadIndex = _kind(
    "BadIndex",
    "A position or a slice is outside of a collection.",
    "BadParameter BadProperty",
    IndexError,
    ValueError,
    TypeError,
)
BadRule = _kind(
    "BadRule",
    "A connection rule cannot be carried out with these arguments.",
    "BadProperty DimensionMismatch NotImplemented",
    ValueError,
    IndexError,
    KeyError,
    TypeError,
)
BadDelay = _kind("BadDelay", "A delay is not allowed.", "BadDelay BadProperty", ValueError)
CannotConnect = _kind(
    "CannotConnect",
    "These nodes cannot be connected, or not disconnected, in this way.",
    "IllegalConnection UnknownReceptorType IncompatibleReceptorType InexistentConnection NotImplemented",
    ValueError,
)
StaleCollection = _kind(
    "StaleCollection",
    "Nodes or connections of a simulation that is no longer there.",
    "UnknownNode",
    RuntimeError,
)
NoPositions = _kind(
    "NoPositions",
    "Nodes have no positions in space, or not in one layer.",
    "LayerExpected LayerNodeExpected BadParameterValue",
    TypeError,
    ValueError,
)
OutOfMemory = _kind("OutOfMemory", "The network does not fit into memory.", "", NESTError, MemoryError)
WrongState = _kind("WrongState", "This is not possible now.", "", NESTError, RuntimeError)
ReadOnly = _kind("ReadOnly", "This can be read but not assigned.", "", NESTError, AttributeError, ValueError)
BadFile = _kind(
    "BadFile", "A file does not hold what is needed.", "IOError BadProperty", ValueError, KeyError
)
MissingFile = _kind("MissingFile", "There is no such file.", "IOError", FileNotFoundError)
CannotWrite = _kind("CannotWrite", "A file cannot be written.", "IOError", OSError)
MissingPackage = _kind(
    "MissingPackage", "A Python package is needed for this.", "", NESTError, ModuleNotFoundError
)
CannotInstall = _kind("CannotInstall", "A compiled module cannot be loaded.", "DynamicModuleManagementError")
NumericalInstability = _kind(
    "NumericalInstability", "A model left the range of numbers.", "NumericalInstability"
)

_OF_KIND = {
    "UnknownModel": UnknownModel,
    "UnknownName": UnknownName,
    "BadType": BadType,
    "BadValue": BadValue,
    "BadDelay": BadDelay,
    "BadRule": BadRule,
    "IllegalConnection": CannotConnect,
    "Stale": StaleCollection,
    "NoPositions": NoPositions,
    "Memory": OutOfMemory,
    "State": WrongState,
    "NumericalInstability": NumericalInstability,
}

for _class in _OF_KIND.values():
    setattr(NESTErrors, _class.__name__, _class)


def at(error: Any, where: str) -> NESTError:
    """Say where an error was raised.

    Parameters
    ----------
    error : NESTError or KernelError
        What was raised.
    where : str
        The public function that was called.

    Returns
    -------
    NESTError
        The same error, or that of the class that belongs to the kind of the kernel's error.
    """
    if isinstance(error, NESTError):
        error.where = where
        return error
    return _OF_KIND.get(error.kind, NESTError)(
        error.what,
        where=where,
        value=error.value,
        allowed=error.allowed,
        todo=error.todo,
        wrong=error.wrong,
        candidates=error.candidates,
    )


def refuse_other(what: str, name: Any, names: Collection[str]) -> None:
    """Refuse what is not one of some names.

    Parameters
    ----------
    what : str
        What the names are of, e.g. ``kind of mask``.
    name : object
        What was given.
    names : collection of str
        Those that there are.

    Raises
    ------
    UnknownName
        It is none of them; the error names the nearest ones.

    Examples
    --------
    >>> refuse_other("mask", "circlar", ["circular"])  # doctest: +NORMALIZE_WHITESPACE
    Traceback (most recent call last):
    nest_lab.errors.UnknownName: there is no mask of this name. Value: 'circlar'. Allowed: 'circular'.
        Did you mean 'circular'?
    """
    if not isinstance(name, str) or name not in names:
        raise UnknownName(
            f"there is no {what} of this name", value=repr(name), wrong=str(name), candidates=list(names)
        )
