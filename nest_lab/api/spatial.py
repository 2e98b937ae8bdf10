"""``nest.spatial``: positions for new nodes, and values that depend on where nodes are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab import errors
from nest_lab.api.parameter import Parameter, as_number, operand
from nest_lab.simulation import KernelParameter, public

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["distance", "free", "grid", "pos", "source_pos", "target_pos"]

_AXES = ("x", "y", "z")
_NODE, _SOURCE, _TARGET, _DISTANCE, _SPAN = 0, 3, 6, 9, 10  # quantities of the kernel
_SHOWN = 60  # longer values are not repeated in errors


def _axis(dimension: Any, first: int = 0) -> int:
    """Number of an axis, where the first one has the number `first`."""
    numbers = range(first, first + 3)
    if type(dimension) is bool or not isinstance(dimension, (int, np.integer)) or dimension not in numbers:
        raise errors.BadValue(
            "this is no dimension",
            value=f"{dimension!r} ({type(dimension).__name__})",
            allowed=f"{'0, ' if first else ''}{', '.join(map(str, numbers))}",
            todo="Give the number of the axis; x, y and z are attributes.",
        )
    return int(dimension) - first


class _Position:
    """Position of a node along each axis, as Parameters."""

    __slots__ = ("_name", "_quantity")

    def __init__(self, name: str, quantity: int) -> None:
        self._name, self._quantity = name, quantity

    def __repr__(self) -> str:
        return f"nest.spatial.{self._name}"

    @property
    def x(self) -> Parameter:
        """Position along the first axis."""
        return self.n(0)

    @property
    def y(self) -> Parameter:
        """Position along the second axis."""
        return self.n(1)

    @property
    def z(self) -> Parameter:
        """Position along the third axis."""
        return self.n(2)

    def n(self, dimension: int) -> Parameter:
        """Position along an axis.

        Parameters
        ----------
        dimension : int
            Number of the axis, from 0 on.

        Returns
        -------
        Parameter
        """
        try:
            return Parameter(KernelParameter.place(self._quantity, _axis(dimension)))
        except errors.NESTError as error:
            raise errors.at(error, f"spatial.{self._name}.n()") from None


class _Distance(Parameter):
    """Distance of two nodes that are connected; ``.x``, ``.y`` and ``.z`` are its parts along the axes."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(KernelParameter.place(_DISTANCE, 0))

    @property
    def x(self) -> Parameter:
        """Distance along the first axis."""
        return self.n(1)

    @property
    def y(self) -> Parameter:
        """Distance along the second axis."""
        return self.n(2)

    @property
    def z(self) -> Parameter:
        """Distance along the third axis."""
        return self.n(3)

    @public("spatial.distance.n()")
    def n(self, dimension: int) -> Parameter:
        """Distance along an axis, or in all.

        Parameters
        ----------
        dimension : int
            Number of the axis, from 1 on; 0 for the whole distance. Those of positions begin with 0.

        Returns
        -------
        Parameter
        """
        if type(dimension) is int and dimension == 0:
            return Parameter(KernelParameter.place(_DISTANCE, 0))
        return Parameter(KernelParameter.place(_SPAN, _axis(dimension, first=1)))


pos = _Position("pos", _NODE)
source_pos = _Position("source_pos", _SOURCE)
target_pos = _Position("target_pos", _TARGET)
distance = _Distance()


class grid:  # noqa: N801  # the name it has in PyNEST
    """Positions in the middle of the cells of a regular grid.

    Nodes come column by column, each from top to bottom, in a room each from front to back.

    Parameters
    ----------
    shape : sequence of int
        Number of columns and rows, in a room also of layers.
    center : sequence of float, optional
        Where the middle of the grid is; the origin when left out.
    extent : sequence of float, optional
        Size of the grid along each axis; 1 when left out.
    edge_wrap : bool
        Whether opposite edges are joined, so that ways lead across them.

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nodes = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([2, 2]))
    >>> nest.GetPosition(nodes)
    [[-0.25, 0.25], [-0.25, -0.25], [0.25, 0.25], [0.25, -0.25]]
    """

    @public("spatial.grid()")
    def __init__(
        self,
        shape: Sequence[int],
        center: Sequence[float] | None = None,
        extent: Sequence[float] | None = None,
        edge_wrap: bool = False,
    ) -> None:
        self.shape = _shape(shape)
        dimensions = len(self.shape)
        self.center = None if center is None else point(center, "center", dimensions)
        self.extent = None if extent is None else _extent(extent, dimensions)
        self.edge_wrap = _flag(edge_wrap)

    def placement(self, n: int) -> tuple[dict[str, Any], int]:
        """What the kernel is told, and how many nodes that makes."""
        if n > 1:
            raise errors.BadValue(
                "a grid says how many nodes there are",
                value=f"n = {n}",
                allowed="1, which stands for each cell",
                todo="Leave n out.",
            )
        said: dict[str, Any] = {
            "shape": self.shape,
            "dimensions": len(self.shape),
            "edge_wrap": self.edge_wrap,
        }
        said |= {"center": self.center} if self.center is not None else {}
        said |= {"extent": self.extent} if self.extent is not None else {}
        return said, int(np.prod(self.shape))


class free:  # noqa: N801  # the name it has in PyNEST
    """Positions anywhere, given or drawn.

    Parameters
    ----------
    pos : sequence of sequence of float, Parameter, or sequence of Parameter
        One position per node; or a Parameter that is drawn for each node and axis; or one for each axis.
    extent : sequence of float, optional
        Size along each axis of the layer, whose middle is that of all positions. When left out, it is the
        next whole number.
    edge_wrap : bool
        Whether opposite edges of this region are joined, so that ways lead across them.
    num_dimensions : int, optional
        2 or 3, where a single Parameter and no extent is given.

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nodes = nest.Create("iaf_psc_alpha", positions=nest.spatial.free([[0.0, 1.0], [2.0, 3.0]]))
    >>> nest.GetPosition(nodes[1])
    [2.0, 3.0]
    >>> drawn = nest.spatial.free(nest.random.uniform(-0.5, 0.5), extent=[1.0, 1.0])
    >>> len(nest.Create("iaf_psc_alpha", 100, positions=drawn))
    100
    """

    @public("spatial.free()")
    def __init__(
        self,
        pos: Any,
        extent: Sequence[float] | None = None,
        edge_wrap: bool = False,
        num_dimensions: int | None = None,
    ) -> None:
        self.pos = pos
        self.edge_wrap = _flag(edge_wrap)
        self._drawn: list[Any] = []
        self._at: NDArray[np.float64] | None = None
        given = None if num_dimensions is None else _dimensions(num_dimensions)
        if isinstance(pos, Parameter):
            self._drawn = [pos._expression]
            known = given or (len(extent) if extent is not None and hasattr(extent, "__len__") else None)
            if known is None:
                raise errors.BadValue(
                    "a single Parameter does not say how many dimensions there are",
                    value=repr(pos),
                    allowed="num_dimensions or extent as well",
                    todo="Write free(parameter, num_dimensions=2).",
                )
            dimensions = _dimensions(known)
        elif _has_parameters(pos):
            self._drawn = [operand(each) for each in pos]
            dimensions = _dimensions(len(self._drawn))
        else:
            self._at = _points(pos)
            dimensions = self._at.shape[1]
        if given is not None and given != dimensions:
            raise errors.BadValue(
                "num_dimensions does not fit the positions",
                value=str(given),
                allowed=str(dimensions),
                todo="Leave it out.",
            )
        self.num_dimensions = dimensions
        self.extent = None if extent is None else _extent(extent, dimensions)

    @property
    def told(self) -> Any:
        """Itself if positions are drawn; an ellipsis if they are given, as those can be read."""
        return self if self._at is None else ...

    def placement(self, n: int) -> tuple[dict[str, Any], int]:
        """What the kernel is told, and how many nodes that makes: n where positions are drawn."""
        said: dict[str, Any] = {"dimensions": self.num_dimensions, "edge_wrap": self.edge_wrap}
        said |= {"extent": self.extent} if self.extent is not None else {}
        if self._at is None:
            return said | {"drawn": self._drawn}, n
        return said | {"at": self._at}, len(self._at)  # whatever n is, as in the reference


def _has_parameters(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(isinstance(each, Parameter) for each in value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < _SHOWN else f"a {type(value).__name__} of {len(value)}"


def numbers(value: Any) -> NDArray[np.float64] | None:
    """Numbers as an array; None where there are others than numbers, or rows of different lengths."""
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array.astype(float) if array.dtype.kind in "iuf" else None


def _points(value: Any) -> NDArray[np.float64]:
    array = numbers(value)
    if array is not None and not len(array):
        raise errors.BadValue(
            "there are no positions",
            value=_short(value),
            allowed="1 or more points",
            todo="Give a position for each node.",
        )
    if array is None or array.ndim != 2 or array.shape[1] not in (2, 3):
        raise errors.BadType(
            "positions must be a list of points, each of 2 or 3 numbers",
            value=_short(value),
            allowed="[[x, y], …], [[x, y, z], …], a Parameter, or a Parameter for each axis",
            todo="Give all points as many coordinates.",
        )
    return array


def point(value: Any, what: str, dimensions: int | None = None) -> NDArray[np.float64]:
    """Take the coordinates of one point."""
    array = numbers(value)
    if array is None or array.ndim != 1 or len(array) not in ((dimensions,) if dimensions else (2, 3)):
        raise errors.BadType(
            f"{what} must be a list of {dimensions or '2 or 3'} numbers",
            value=_short(value),
            allowed=f"{dimensions or '2 or 3'} numbers",
            todo="Give one number for each dimension.",
        )
    if not np.isfinite(array).all():
        raise errors.BadValue(
            f"{what} must be finite",
            value=_short(value),
            allowed="finite numbers",
            todo="Replace nan and inf.",
        )
    return array


def _extent(value: Any, dimensions: int) -> NDArray[np.float64]:
    array = point(value, "extent", dimensions)
    if (array <= 0).any():
        raise errors.BadValue(
            "an extent must be above 0 along each axis",
            value=_short(value),
            allowed="positive numbers",
            todo="Give the size of the layer.",
        )
    return array


def _shape(value: Any) -> list[int]:
    array = None if isinstance(value, str) else numbers(value)
    if array is None or array.ndim != 1 or len(array) not in (2, 3) or (array % 1 != 0).any():
        raise errors.BadType(
            "the shape of a grid must be a list of 2 or 3 whole numbers",
            value=_short(value),
            allowed="[columns, rows] or [columns, rows, layers]",
            todo="Give how many nodes there are along each axis.",
        )
    if (array < 1).any():
        raise errors.BadValue(
            "a grid must have 1 or more nodes along each axis",
            value=_short(value),
            allowed="positive numbers",
            todo="Give how many nodes there are along each axis.",
        )
    return [int(each) for each in array]


def _dimensions(value: Any) -> int:
    if as_number(value, "num_dimensions") not in (2, 3):
        raise errors.BadValue(
            "layers have 2 or 3 dimensions", value=repr(value), allowed="2 or 3", todo="Choose one of them."
        )
    return int(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise errors.BadType(
            "edge_wrap must be True or False",
            value=f"{value!r} ({type(value).__name__})",
            allowed="True or False",
            todo="Say whether opposite edges are joined.",
        )
    return bool(value)
