"""Any figure as a file: PNG, SVG or PDF."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nest_lab.errors import BadType, BadValue, UnknownName, at, refuse_other

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SUFFIXES", "writer"]

SUFFIXES = frozenset({".png", ".svg", ".pdf"})
_MOST_PIXELS = 10**8  # 400 MB while it is drawn
# Files of the same figure are the same bytes: no date, and no names made up at random.
_METADATA: dict[str, dict[str, Any]] = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
_SETTINGS: Any = {"svg.hashsalt": "nest_lab", "svg.fonttype": "none", "pdf.fonttype": 42}


def writer(
    drawing: Any,
    /,
    *,
    width: float | None = None,
    height: float | None = None,
    dpi: float = 150.0,
    **others: Any,
) -> Callable[[Path], None]:
    """Prepare to write a figure.

    Parameters
    ----------
    drawing : Figure, Axes, object with a method plot(ax), or callable
        What `save` takes.
    width, height : float, inches, optional
        Size; that of the figure, or 6 × 4 of a new one, when not given.
    dpi : float
        Pixels per inch.
    **others
        What else was given, which is refused.

    Returns
    -------
    callable
        Writes it to the path that it is given.
    """
    for name in others:
        try:
            refuse_other("argument for a figure", name, ("width", "height", "dpi"))
        except UnknownName as error:
            raise at(error, "save()") from None
    sizes: list[tuple[str, Any, float]] = [
        ("width", width, 100.0),
        ("height", height, 100.0),
        ("dpi", dpi, 2400.0),
    ]
    for name, value, highest in sizes:
        if value is not None and not (isinstance(value, Real) and 0.0 < float(value) <= highest):
            raise BadValue(
                f"{name} is out of bounds",
                where="save()",
                value=f"{value!r}",
                allowed=f"above 0 … {highest:g} {'pixels per inch' if name == 'dpi' else 'inches'}",
                todo="Width and height are in inches.",
            )

    def write(path: Path) -> None:
        import matplotlib as mpl

        with mpl.rc_context(_SETTINGS):
            figure = _figure(drawing, width or 6.0, height or 4.0)
            before = tuple(figure.get_size_inches())
            size = (width or before[0], height or before[1])
            if path.suffix.lower() == ".png":
                _refuse_too_many_pixels(size, dpi)
            figure.set_size_inches(*size)
            try:
                figure.savefig(path, dpi=dpi, metadata=_METADATA[path.suffix.lower()])
            finally:
                figure.set_size_inches(*before)

    _figure_like(drawing)
    return write


def _refuse_too_many_pixels(size: tuple[float, float], dpi: float) -> None:
    """A picture that is too large would fill the memory."""
    across, down = (round(each * dpi) for each in size)
    if across * down > _MOST_PIXELS:
        raise BadValue(
            "the picture has too many pixels",
            where="save()",
            value=f"{across:,} × {down:,} pixels",
            allowed=f"at most {_MOST_PIXELS:,}",
            todo="Choose a smaller width, height or dpi, or .svg or .pdf, which have none.",
        )


def _figure_like(drawing: Any) -> None:
    """Refuse what is no figure."""
    if not any(hasattr(drawing, name) for name in ("savefig", "get_figure", "plot", "__call__")):
        raise BadType(
            "a file with this suffix holds a figure",
            where="save()",
            value=f"{type(drawing).__name__}",
            allowed="a figure, axes, a result that has plot(), or a function that draws onto a figure",
            todo="Recordings go into .nix, .nwb, .csv, .parquet or .h5 files.",
        )


def _figure(drawing: Any, width: float, height: float) -> Figure:
    """The figure, drawn without a screen if there is none yet."""
    from matplotlib.figure import Figure

    if isinstance(drawing, Figure):
        return drawing
    if hasattr(drawing, "get_figure"):
        found: Any = drawing.get_figure()
        return found if isinstance(found, Figure) else found.figure  # axes of a part of a figure
    figure = Figure(figsize=(width, height), layout="constrained")
    if hasattr(drawing, "plot"):
        drawing.plot(figure.add_subplot())
    else:
        drawing(figure)
    return figure
