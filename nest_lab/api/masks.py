"""`Mask` and `CreateMask`: regions around a node in which it finds others to connect with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nest_lab import errors
from nest_lab.api.parameter import as_number
from nest_lab.api.spatial import numbers, point
from nest_lab.simulation import KernelMask, public

__all__ = ["CreateMask", "Mask"]


class Mask:
    """A region around a node, made by `CreateMask`.

    ``a & b`` is what lies in both masks, ``a | b`` what lies in one of them, ``a - b`` what lies in the first
    and not in the second.

    Parameters
    ----------
    data : object
        The mask of the kernel; use `CreateMask` to make one.

    Examples
    --------
    >>> import nest_lab as nest
    >>> circle = nest.CreateMask("circular", {"radius": 1.0})
    >>> right = nest.CreateMask("rectangular", {"lower_left": [0.0, -1.0], "upper_right": [1.0, 1.0]})
    >>> half = circle & right
    >>> half.Inside([0.5, 0.0]), half.Inside([-0.5, 0.0])
    (True, False)
    """

    __slots__ = ("_mask",)

    def __init__(self, data: Any) -> None:
        if not isinstance(data, KernelMask):
            raise errors.BadType(
                "a Mask is not made from a value",
                where="Mask()",
                value=f"{data!r} ({type(data).__name__})",
                allowed="what CreateMask() gives",
                todo="Use CreateMask().",
            )
        self._mask = data

    def __repr__(self) -> str:
        return f"<Mask in {self._mask.dimensions} dimensions>"

    @public("Mask | Mask")
    def __or__(self, rhs: Any) -> Mask:
        return Mask(self._mask.either(self._partner(rhs)))

    @public("Mask & Mask")
    def __and__(self, rhs: Any) -> Mask:
        return Mask(self._mask.both(self._partner(rhs)))

    @public("Mask - Mask")
    def __sub__(self, rhs: Any) -> Mask:
        return Mask(self._mask.without(self._partner(rhs)))

    def _partner(self, other: Any) -> Any:
        """The mask of the kernel that this one can be combined with."""
        if not isinstance(other, Mask):
            raise errors.BadType(
                "masks are combined with masks",
                value=f"{other!r} ({type(other).__name__})",
                allowed="a Mask",
                todo="Make one with CreateMask().",
            )
        if self._mask.dimensions != other._mask.dimensions:
            raise errors.BadValue(
                "masks that are combined must have the same number of dimensions",
                value=f"{self._mask.dimensions} and {other._mask.dimensions}",
                allowed="both 2 or both 3",
                todo="Use circular with rectangular, or spherical with box, for example.",
            )
        if self._mask.on_grid or other._mask.on_grid:
            raise errors.BadValue(
                "a grid mask cannot be combined",
                value="a grid mask",
                allowed="masks of other kinds",
                todo="Use a rectangular mask.",
            )
        return other._mask

    @public("Mask.Inside()")
    def Inside(self, point: Any) -> bool:
        """Whether a point lies inside.

        Parameters
        ----------
        point : sequence of float
            The point, counted from the node that the mask lies around.

        Returns
        -------
        bool
        """
        if self._mask.on_grid:
            raise errors.BadValue(
                "a grid mask counts cells of a layer, not points",
                value="a grid mask",
                allowed="masks of other kinds",
                todo="Use SelectNodesByMask() with the layer.",
            )
        return bool(self._mask.inside(_point(point, "the point", self._mask.dimensions)))


_point = point  # where an argument has this name


def _length(specs: Mapping[str, Any], kind: str, name: str, zero: bool = False) -> float:
    value = as_number(specs[name], f"{kind}.{name}")
    if not (0 < value < float("inf") or (zero and value == 0)):
        raise errors.BadValue(
            f"{kind}.{name} must be {'0 or more' if zero else 'above 0'} and finite",
            value=f"{value:g}",
            allowed="0 and positive numbers" if zero else "positive numbers",
            todo="Give a length.",
        )
    return value


def _angles(specs: Mapping[str, Any], kind: str) -> tuple[float, float]:
    azimuth, polar = (
        as_number(specs.get(name, 0.0), f"{kind}.{name}") for name in ("azimuth_angle", "polar_angle")
    )
    return azimuth, polar


def _box(kind: str, specs: Mapping[str, Any], dimensions: int) -> Any:
    low, high = (point(specs[name], f"{kind}.{name}", dimensions) for name in ("lower_left", "upper_right"))
    if not (low < high).all():
        raise errors.BadValue(
            f"{kind}.upper_right must lie above lower_left along each axis",
            value=f"{low.tolist()} and {high.tolist()}",
            allowed="lower_left < upper_right",
            todo="Exchange the corners.",
        )
    return KernelMask.box(low, high, *_angles(specs, kind))


def _ball(kind: str, specs: Mapping[str, Any], dimensions: int) -> Any:
    return KernelMask.ball(dimensions, _length(specs, kind, "radius"))


def _doughnut(kind: str, specs: Mapping[str, Any], dimensions: int) -> Any:
    inner, outer = _length(specs, kind, "inner_radius", zero=True), _length(specs, kind, "outer_radius")
    if inner >= outer:
        raise errors.BadValue(
            "doughnut.outer_radius must be above inner_radius",
            value=f"inner_radius {inner:g}, outer_radius {outer:g}",
            allowed="inner_radius < outer_radius",
            todo="Exchange them.",
        )
    return KernelMask.ball(dimensions, outer).without(KernelMask.ball(dimensions, inner))


def _ellipsoid(kind: str, specs: Mapping[str, Any], dimensions: int) -> Any:
    names = ("major_axis", "minor_axis", "polar_axis")[:dimensions]
    axes = [_length(specs, kind, name) for name in names]
    if axes[0] < axes[1]:
        raise errors.BadValue(
            f"{kind}.major_axis must not be below minor_axis",
            value=f"major_axis {axes[0]:g}, minor_axis {axes[1]:g}",
            allowed="minor_axis <= major_axis",
            todo="Exchange them, and turn the mask by 90 degrees with azimuth_angle.",
        )
    middle = point(specs.get("anchor", [0.0] * dimensions), f"{kind}.anchor", dimensions)
    return KernelMask.ellipsoid(axes, middle, *_angles(specs, kind))


def _cells(value: Any, what: str, dimensions: int | None = None, lowest: int | None = None) -> list[int]:
    array = numbers(value)
    right = array is not None and array.ndim == 1 and len(array) in ((dimensions,) if dimensions else (2, 3))
    if array is None or not right or (array % 1 != 0).any():
        raise errors.BadType(
            f"{what} must be a list of whole numbers",
            value=repr(value),
            allowed=f"{dimensions or '2 or 3'} whole numbers",
            todo="Count cells along each axis.",
        )
    if lowest is not None and (array < lowest).any():
        raise errors.BadValue(
            f"{what} must be {lowest} or more along each axis",
            value=repr(value),
            allowed=f"numbers from {lowest} on",
            todo="Count cells along each axis.",
        )
    return [int(each) for each in array]


# Dimensions, keys that must be there, keys that may be there, and what makes it.
_KINDS: dict[str, tuple[int, tuple[str, ...], tuple[str, ...], Callable[..., Any]]] = {
    "circular": (2, ("radius",), (), _ball),
    "rectangular": (2, ("lower_left", "upper_right"), ("azimuth_angle",), _box),
    "doughnut": (2, ("inner_radius", "outer_radius"), (), _doughnut),
    "elliptical": (2, ("major_axis", "minor_axis"), ("azimuth_angle", "anchor"), _ellipsoid),
    "spherical": (3, ("radius",), (), _ball),
    "box": (3, ("lower_left", "upper_right"), ("azimuth_angle", "polar_angle"), _box),
    "ellipsoidal": (
        3,
        ("major_axis", "minor_axis", "polar_axis"),
        ("azimuth_angle", "polar_angle", "anchor"),
        _ellipsoid,
    ),
}


def _check_specs(kind: str, specs: Any, needed: tuple[str, ...], optional: tuple[str, ...]) -> None:
    example = ", ".join(f"'{name}': ..." for name in needed)
    if not isinstance(specs, Mapping):
        raise errors.BadType(
            f"what a {kind} mask is like must come by name",
            value=f"{specs!r} ({type(specs).__name__})",
            allowed="a dictionary",
            todo=f"Write {{{example}}}.",
        )
    for name in specs:
        if name not in needed + optional:
            raise errors.UnknownName(
                f"a {kind} mask has nothing of this name",
                value=repr(name),
                wrong=str(name),
                candidates=needed + optional,
            )
    for name in needed:
        if name not in specs:
            raise errors.BadValue(
                f"a {kind} mask needs {name}",
                value=f"a dictionary with {', '.join(map(repr, specs)) or 'nothing'}",
                allowed=f"a dictionary with {', '.join(map(repr, needed))}",
                todo=f"Write {{{example}}}.",
            )


def _make(kind: Any, specs: Any, anchor: Any) -> Any:
    """A mask of the kernel."""
    errors.refuse_other("kind of mask", kind, [*_KINDS, "grid"])
    if kind == "grid":
        return _make_grid(specs, anchor)
    dimensions, needed, optional, make = _KINDS[kind]
    _check_specs(kind, specs, needed, optional)
    mask = make(kind, specs, dimensions)
    return mask if anchor is None else mask.shifted(point(anchor, "anchor", dimensions))


def _make_grid(specs: Any, anchor: Any) -> Any:
    _check_specs("grid", specs, ("shape",), ())
    shape = _cells(specs["shape"], "grid.shape", lowest=1)
    return KernelMask.grid(shape, _cells(anchor or [0] * len(shape), "anchor", len(shape)))


@public("CreateMask()")
def CreateMask(masktype: str, specs: Mapping[str, Any], anchor: Any = None) -> Mask:
    """Make a region around a node, in which it finds others to connect with.

    Parameters
    ----------
    masktype : str
        In the plane ``circular``, ``rectangular``, ``doughnut`` or ``elliptical``, in a room ``spherical``,
        ``box`` or ``ellipsoidal``; ``grid`` for layers that are grids.
    specs : dict
        ``radius``; ``lower_left``, ``upper_right`` and ``azimuth_angle``, in a room also ``polar_angle``;
        ``inner_radius`` and ``outer_radius``; ``major_axis``, ``minor_axis``, ``azimuth_angle`` and
        ``anchor``, in a room also ``polar_axis`` and ``polar_angle``; of a grid ``shape``, the number of
        columns and rows. Angles are in degrees.
    anchor : sequence of float, optional
        Where the mask lies, counted from the node. Of a grid mask: the column and row of the mask that the
        node lies in.

    Returns
    -------
    Mask

    Raises
    ------
    errors.UnknownName
        There is no such kind, or it has nothing of this name.
    errors.BadType, errors.BadValue
        An argument is not right.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nodes = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([5, 5]))
    >>> near = nest.CreateMask("circular", {"radius": 0.25})
    >>> nest.Connect(nodes, nodes, {"rule": "pairwise_bernoulli", "p": 1.0, "mask": near})
    >>> nest.num_connections
    105
    """
    return Mask(_make(masktype, specs, anchor))


def as_mask(spec: Any) -> Any:
    """The mask of the kernel, from a Mask or from a dictionary that describes one."""
    if isinstance(spec, Mask):
        return spec._mask
    if not isinstance(spec, Mapping):
        raise errors.BadType(
            "mask must be a region",
            value=f"{spec!r} ({type(spec).__name__})",
            allowed="a Mask, or a dictionary such as {'circular': {'radius': 1.0}}",
            todo="Make one with CreateMask().",
        )
    kinds = [name for name in spec if name != "anchor"]
    if len(kinds) != 1:
        raise errors.BadValue(
            "a dictionary describes one mask",
            value=f"a dictionary with {', '.join(map(repr, kinds)) or 'nothing'}",
            allowed="one kind of mask, and perhaps 'anchor'",
            todo="Combine masks of CreateMask() by &, | and -.",
        )
    return _make(kinds[0], spec[kinds[0]], spec.get("anchor"))
