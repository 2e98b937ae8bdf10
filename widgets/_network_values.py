"""Values in the description of a network: numbers, distributions and nodes, as objects and as a program.

A description is plain JSON. What is more than data in it, such as a distribution, is read into expressions;
each of them can be worked out, and can be written as a line of a program, so that both are the same.
"""

from __future__ import annotations

import inspect
import keyword
import math
import operator
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial, reduce
from typing import Any

import numpy as np

import nest_lab as nest
from nest_lab.errors import BadIndex, BadType, BadValue, NESTError, UnknownName, WrongState

__all__ = [
    "SIGNS",
    "Call",
    "DescriptionError",
    "Function",
    "Method",
    "Name",
    "functions",
    "made",
    "picked",
    "read_end",
    "read_value",
    "text",
    "variable",
]

_WIDTH = 96  # of a line of a program
_MODULES = ("random", "spatial_distributions", "math", "logic")
SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "pow": "**",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "ne": "!=",
}
_PLACES = ("distance", "pos", "source_pos", "target_pos")
_AXES = ("x", "y", "z")


class DescriptionError(Exception):
    """Something in a description that is refused.

    Parameters
    ----------
    path : str
        Where it is, names and ids with ``/`` between them.
    error : NESTError
        What is wrong.
    """

    def __init__(self, path: str, error: NESTError) -> None:
        super().__init__(path, error)
        self.path, self.error = path, error


@dataclass(frozen=True)
class Name:
    """A variable of a program, or a part of what it holds.

    Attributes
    ----------
    name : str
        Of the variable.
    part : slice, list of int or None
        Which of its nodes; all when None.
    """

    name: str
    part: Any = None


@dataclass(frozen=True)
class Picked:
    """Ids of nodes, which may repeat.

    Attributes
    ----------
    nodes : expression
        Of a collection.
    positions : list of int
        Which of its nodes.
    """

    nodes: Any
    positions: list[int]


@dataclass(frozen=True)
class Call:
    """A call of a function of the package.

    Attributes
    ----------
    function : str
        Its name below ``nest``.
    arguments : tuple
        Its arguments by place.
    named : dict
        Its arguments by name.
    """

    function: str
    arguments: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Method:
    """A call of a method of some nodes.

    Attributes
    ----------
    nodes : Name
        Of which.
    name : str
        Of the method.
    arguments : tuple
        Its arguments.
    """

    nodes: Name
    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Sign:
    """Two expressions and the sign between them."""

    sign: str
    left: Any
    right: Any


@dataclass(frozen=True)
class Place:
    """Where a node is, or how far two are apart: ``spatial.distance``, ``spatial.pos.x``."""

    name: str


@dataclass(frozen=True)
class Function:
    """Something that a value can be drawn or worked out with.

    Attributes
    ----------
    name : str
        What a description calls it.
    path : str
        What a program calls it, below ``nest``; '' for a sign of arithmetic.
    group : {'random', 'spatial_distributions', 'math', 'logic', 'spatial', 'operator'}
        Where it belongs.
    arguments : dict of str to object
        Default of each argument; ``inspect.Parameter.empty`` if it must be given.
    doc : str
        One line that says what it is.
    """

    name: str
    path: str
    group: str
    arguments: dict[str, Any]
    doc: str

    @property
    def spatial(self) -> bool:
        """Whether it needs nodes with positions."""
        return self.group.startswith("spatial")


@cache
def functions() -> dict[str, Function]:
    """What a value can be drawn or worked out with, by the name in a description.

    All are asked of the modules that define them. Where two have the same name, the one of space has
    ``_distance`` behind it.
    """
    found: dict[str, Function] = {}
    for group in _MODULES:
        module = getattr(nest, group)
        for name in module.__all__:
            function = getattr(module, name)
            signature = inspect.signature(function).parameters.values()
            arguments = {each.name: each.default for each in signature}
            if group == "spatial_distributions":
                free = [each for each, default in arguments.items() if default is inspect.Parameter.empty]
                axes = [None] if len(free) == 1 else _AXES
                arguments |= {
                    each: {"distribution": "distance", **({"axis": axis} if axis else {})}
                    for each, axis in zip(free, axes, strict=False)
                }
            key = f"{name}_distance" if name in found else name
            found[key] = Function(key, f"{group}.{name}", group, arguments, _first_line(function))
    for name in _PLACES:
        default = "" if name == "distance" else "x"
        doc = {
            "distance": "Distance of two nodes that are connected, in all or along an axis.",
            "pos": "Position of a node along an axis.",
            "source_pos": "Position of the source of a connection along an axis.",
            "target_pos": "Position of the target of a connection along an axis.",
        }[name]
        found[name] = Function(name, f"spatial.{name}", "spatial", {"axis": default}, doc)
    for name, sign in SIGNS.items():
        empty = inspect.Parameter.empty
        found[name] = Function(name, "", "operator", {"x": empty, "y": empty}, f"x {sign} y")
    return found


def _first_line(function: Any) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


# -- from a description


def read_value(value: Any, path: str, names: Mapping[str, str]) -> Any:
    """Read a value of a description.

    Parameters
    ----------
    value : object
        A number, bool, string or list; ``{"distribution": name, ...}``; ``{"node": id}``; or a dictionary of
        such.
    path : str
        Where it is.
    names : mapping of str to str
        Variables of the program by the id of the node.

    Returns
    -------
    object
        Data and expressions.

    Raises
    ------
    DescriptionError
        It is none of these.
    """
    if isinstance(value, Mapping):
        if "distribution" in value:
            return _drawn(value, path, names)
        if set(value) == {"node"}:
            return Name(_known(value["node"], path, names))
        return {name: read_value(each, f"{path}/{name}", names) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        if all(type(each) in (int, float) for each in value):
            return list(value)
        return [read_value(each, f"{path}/{number}", names) for number, each in enumerate(value)]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise DescriptionError(
        path,
        BadType(
            "this is no value",
            value=f"{value!r} ({type(value).__name__})",
            allowed="a number, true or false, text, a list, a distribution, or a node",
            todo="Write {'distribution': 'uniform', 'min': 0.0, 'max': 1.0}, for example.",
        ),
    )


def _drawn(value: Mapping[str, Any], path: str, names: Mapping[str, str]) -> Any:
    """Read a distribution, or something else that is worked out for each node or connection."""
    known, name = functions(), value["distribution"]
    if not isinstance(name, str) or name not in known:
        raise DescriptionError(
            f"{path}/distribution",
            UnknownName(
                "there is no distribution of this name",
                value=repr(name),
                wrong=str(name),
                candidates=list(known),
            ),
        )
    function = known[name]
    given = {each: argument for each, argument in value.items() if each != "distribution"}
    for each in given:
        if each not in function.arguments:
            raise DescriptionError(
                f"{path}/{each}",
                UnknownName(
                    f"the distribution '{name}' has no argument of this name",
                    value=repr(each),
                    wrong=str(each),
                    candidates=list(function.arguments),
                ),
            )
    missing = [
        each
        for each, default in function.arguments.items()
        if default is inspect.Parameter.empty and each not in given
    ]
    if missing:
        raise DescriptionError(
            path,
            BadValue(
                f"the distribution '{name}' needs {' and '.join(missing)}",
                value=f"arguments {', '.join(given) or 'none'}",
                allowed=f"arguments {', '.join(function.arguments)}",
                todo=f"Give {missing[0]}.",
            ),
        )
    if function.group == "spatial":
        return _place(function, given.get("axis", function.arguments["axis"]), path)
    return _applied(function, given, path, names)


def _applied(function: Function, given: dict[str, Any], path: str, names: Mapping[str, str]) -> Any:
    defaults = {
        each: default
        for each, default in function.arguments.items()
        if isinstance(default, Mapping) and each not in given
    }
    arguments = {
        each: read_value({**given, **defaults}[each], f"{path}/{each}", names)
        for each in function.arguments
        if each in given or each in defaults
    }
    if function.group == "operator":
        return Sign(SIGNS[function.name], arguments["x"], arguments["y"])
    return Call(function.path, (), arguments)


def _place(function: Function, axis: Any, path: str) -> Place:
    allowed = (*_AXES, "") if function.name == "distance" else _AXES
    if axis not in allowed:
        raise DescriptionError(
            f"{path}/axis",
            BadValue(
                "there is no such axis",
                value=repr(axis),
                allowed=", ".join(map(repr, allowed)),
                todo="Choose one of them.",
            ),
        )
    return Place(f"{function.path}.{axis}" if axis else function.path)


def _known(node: Any, path: str, names: Mapping[str, str]) -> str:
    """The variable of a node."""
    if not isinstance(node, str) or node not in names:
        raise DescriptionError(
            path,
            UnknownName(
                "there is no node of this id",
                value=repr(node),
                wrong=str(node),
                candidates=list(names),
                allowed="" if names else "none: there are no nodes",
                todo="" if names else "Add a node first.",
            ),
        )
    return names[node]


def read_end(end: Any, path: str, names: Mapping[str, str]) -> Any:
    """Read the source or the target of a connection.

    Parameters
    ----------
    end : str, dict or list
        Id of a node; ``{"node": id, "slice": [start, stop, step]}`` or ``{"node": id, "items": [0, 2]}`` for
        a part of a population; a list of these for several together.
    path, names
        As in `read_value`.

    Returns
    -------
    expression

    Raises
    ------
    DescriptionError
        There is no such node, or it is none of these.
    """
    if isinstance(end, str):
        return Name(_known(end, path, names))
    if isinstance(end, (list, tuple)) and end:
        parts = [read_end(each, path, names) for each in end]
        return reduce(partial(Sign, "+"), parts)
    if isinstance(end, Mapping) and "node" in end:
        name = _known(end["node"], path, names)
        part: Any = end.get("items")
        if "slice" in end and _whole_numbers(end["slice"]) and len(end["slice"]) in (2, 3):
            part = slice(*end["slice"])
        if isinstance(part, slice) or _whole_numbers(part):
            return Name(name, part)
    raise DescriptionError(
        path,
        BadType(
            "this is no end of a connection",
            value=f"{end!r} ({type(end).__name__})",
            allowed="the id of a node, {'node': id, 'slice': [start, stop]}, {'node': id, 'items': [0, 2]}, "
            "or a list of such",
            todo="Give the id of a node.",
        ),
    )


def _whole_numbers(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(type(each) is int for each in value)


def picked(end: Any, positions: Any, path: str) -> Picked:
    """Nodes of an end, one for each connection that is told one by one."""
    if not _whole_numbers(positions) or any(each < 0 for each in positions):
        raise DescriptionError(
            path,
            BadType(
                "pairs are told by two lists of positions",
                value=f"{type(positions).__name__}",
                allowed="whole numbers from 0 on, [[sources], [targets]]",
                todo="Count the nodes of each population from 0.",
            ),
        )
    return Picked(end, list(positions))


# -- as objects


def made(expression: Any, variables: Mapping[str, Any]) -> Any:
    """Work an expression out.

    Parameters
    ----------
    expression : object
        What `read_value` gave.
    variables : mapping of str to object
        What the variables hold.

    Returns
    -------
    object
    """
    match expression:
        case dict():
            return {name: made(each, variables) for name, each in expression.items()}
        case list():
            return expression if _plain(expression) else [made(each, variables) for each in expression]
        case Name(name, part):
            return _held(name, variables) if part is None else _held(name, variables)[part]
        case Picked(nodes, positions):
            return _ids_at(made(nodes, variables), positions)
        case Sign(sign, left, right):
            function = next(getattr(operator, each) for each, known in SIGNS.items() if known == sign)
            return _called(function, [made(left, variables), made(right, variables)], {})
        case Place(name):
            return operator.attrgetter(name)(nest)
        case Method(nodes, name, arguments):
            return _called(getattr(made(nodes, variables), name), [made(e, variables) for e in arguments], {})
        case Call(function, arguments, named):
            by_place = [made(each, variables) for each in arguments]
            by_name = {name: made(each, variables) for name, each in named.items()}
            return _called(operator.attrgetter(function)(nest), by_place, by_name)
    return expression


def _held(name: str, variables: Mapping[str, Any]) -> Any:
    if name not in variables:
        raise WrongState(
            "this node is not there yet",
            value=name,
            allowed="nodes that come before it",
            todo="Move it to an earlier place.",
        )
    return variables[name]


def _called(function: Any, arguments: list[Any], named: dict[str, Any]) -> Any:
    """Call a function; what Python says against its arguments becomes an error of this package."""
    try:
        return function(*arguments, **named)
    except NESTError:
        raise
    except (TypeError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise BadType(
            "this cannot be worked out",
            where=f"{function.__name__}()",
            value=f"{str(error).splitlines()[0]:.120}",
            allowed="numbers and distributions where numbers are needed",
            todo="Give values of the right kind.",
        ) from None


def _ids_at(nodes: Any, positions: list[int]) -> Any:
    if max(positions, default=-1) >= len(nodes):
        raise BadIndex(
            "there are not so many nodes in this population",
            value=f"position {max(positions)}",
            allowed=f"0 … {len(nodes) - 1}",
            todo="Count its nodes from 0.",
        )
    return np.array(nodes.tolist())[positions]


def _plain(values: list[Any]) -> bool:
    return all(type(each) in (int, float, str, bool) for each in values)


# -- as a program


def text(expression: Any) -> str:
    """Write an expression as a program does.

    Parameters
    ----------
    expression : object
        What `read_value` gave.

    Returns
    -------
    str
        One line, or several if it is long.
    """
    match expression:
        case dict():
            return _in("{", [f"{name!r}: {text(each)}" for name, each in expression.items()], "}")
        case list():
            numbers = all(type(each) in (int, float, bool) for each in expression)
            return _in("[", [text(each) for each in expression], "]", numbers)
        case tuple():
            return _in("(", [text(each) for each in expression], ")")
        case Name(name, part):
            return name if part is None else f"{name}[{_part(part)}]"
        case Picked(nodes, positions):
            return f"np.array(({text(nodes)}).tolist())[{text(positions)}]"
        case Sign(sign, left, right):
            return f"({text(left)} {sign} {text(right)})"
        case Place(name):
            return f"nest.{name}"
        case Method(nodes, name, arguments):
            return _in(f"{text(nodes)}.{name}(", [*map(text, arguments)], ")")
        case Call(function, arguments, named):
            by_name = [f"{name}={text(each)}" for name, each in named.items()]
            return _in(f"nest.{function}(", [*map(text, arguments), *by_name], ")")
        case float() if not math.isfinite(expression):
            return f"float({str(expression)!r})"
    return repr(expression)


def _part(part: Any) -> str:
    if not isinstance(part, slice):
        return text(part)
    step = "" if part.step in (None, 1) else f":{part.step}"
    return f"{part.start}:{part.stop}{step}"


def _in(begin: str, parts: list[str], end: str, dense: bool = False) -> str:
    """Parts in brackets: in one line where that is short enough, else in lines of their own."""
    line = f"{begin}{', '.join(parts)}{end}"
    if len(line) <= _WIDTH and "\n" not in line:
        return line
    if dense:
        body = textwrap.fill(", ".join(parts), _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
        body += ","
    else:
        body = "\n".join(f"{part}," for part in parts)
    return f"{begin}\n{textwrap.indent(body, '    ')}\n{end}"


def variable(label: str, taken: Any) -> str:
    """A name for a variable that is like a label and not taken."""
    name = re.sub(r"\W+", "_", label, flags=re.ASCII).strip("_") or "nodes"
    name = f"n{name}" if name[0].isdigit() else name
    if keyword.iskeyword(name) or name in ("nest", "np", "float"):  # which a program says itself
        name += "_"
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found
