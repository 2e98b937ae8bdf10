"""What functions were told, as values of a description: numbers, lists, distributions.

A `Parameter` writes itself as an expression; here that is read.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

import nest_lab as nest
from nest_lab.widgets._network_values import SIGNS, functions

__all__ = ["Untold", "evenly", "is_drawn", "plain"]

_NODES = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.Pow: "pow",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}


class Untold(Exception):  # noqa: N818  # it never leaves these files
    """Something cannot be told the way it was asked for."""


def is_drawn(value: Any) -> bool:
    """Whether a value is worked out for each node or connection."""
    return isinstance(value, type(nest.random.uniform()))


def plain(value: Any) -> Any:
    """A value as a description has it.

    Parameters
    ----------
    value : object
        A number, text, array, dictionary, or Parameter.

    Returns
    -------
    object
        Plain data.

    Raises
    ------
    Untold
        It is none of these.
    """
    if is_drawn(value):
        return _drawn(ast.parse(str(value).removeprefix("Parameter(").removesuffix(")"), mode="eval").body)
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise Untold("an array was too large to remember" if value is ... else f"{value!r} has no text in JSON")


def _drawn(node: ast.expr) -> Any:
    """Read an expression."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            found = _drawn(inner)
            return -found if isinstance(found, (int, float)) else _two("mul", -1.0, found)
        case ast.BinOp(left=left, op=op, right=right):
            return _two(_NODES[type(op)], _drawn(left), _drawn(right))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _two(_NODES[type(op)], _drawn(left), _drawn(right))
        case ast.Name(id=name) if name in functions():
            return {"distribution": name}
        case ast.Attribute(value=ast.Name(id=name), attr=axis) if name in functions():
            return {"distribution": name, "axis": axis}
        case ast.Call(func=function, args=by_place, keywords=by_name):
            path = ast.unparse(function)
            known = next((each for each in functions().values() if _is_called(each.path, path)), None)
            if known is not None:
                named = dict(zip(known.arguments, map(_drawn, by_place), strict=False))
                named |= {each.arg: _drawn(each.value) for each in by_name if each.arg}
                return {"distribution": known.name, **named}
    raise Untold(f"the expression {ast.unparse(node)} cannot be read")


def _is_called(function: str, path: str) -> bool:
    """Whether an expression means a function: without its module, except for those of space."""
    module, _, name = function.rpartition(".")
    return path == (function if module == "spatial_distributions" else name)


def _two(name: str, x: Any, y: Any) -> dict[str, Any]:
    assert name in SIGNS
    return {"distribution": name, "x": x, "y": y}


def evenly(pos: list[Any], extent: list[float]) -> dict[str, Any]:
    """Where positions are drawn from: the middle of a box that is filled evenly, else the expressions."""
    middles = []
    for each, width in zip(pos, extent, strict=False):
        if not isinstance(each, dict) or each.get("distribution") != "uniform":
            return {"pos": pos}
        low, high = float(each["min"]), float(each["max"])
        middle = 0.5 * (low + high)
        if (middle - 0.5 * width, middle + 0.5 * width) != (low, high):
            return {"pos": pos}
        middles.append(middle)
    return {"center": middles} if any(middles) else {}
