"""A widget that matplotlib can draw as well: its twin for papers, and for places without a browser."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from nest_lab.errors import UnknownName
from nest_lab.widgets._base import Widget

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Drawn"]

_FORMATS = ("png", "svg", "pdf")


class Drawn(Widget):
    """A widget with a figure; what a page is refused is shown beside the controls.

    A subclass draws in ``_draw``.
    """

    _size: ClassVar[tuple[float, float]] = (7.0, 4.8)  # inches
    _wrong = traitlets.Unicode("").tag(sync=True)  # what was refused last

    def figure(self) -> Figure:
        """The same view as a figure of matplotlib, for places without a browser.

        Returns
        -------
        matplotlib.figure.Figure
        """
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=self._size, layout="constrained")
        plt.close(figure)  # so that a notebook shows it once, as the value of the cell
        self._draw(figure)
        return figure

    def image(self, format: str = "png") -> bytes:
        """The figure in a file format.

        Parameters
        ----------
        format : {'png', 'svg', 'pdf'}
            Which one.

        Returns
        -------
        bytes

        Raises
        ------
        UnknownName
            There is no such format.
        """
        if format not in _FORMATS:
            raise UnknownName(
                "there is no such format",
                where=f"{type(self).__name__}.image()",
                value=f"'{format}'",
                wrong=str(format),
                candidates=_FORMATS,
            )
        from matplotlib.figure import Figure

        figure, file = Figure(figsize=self._size, layout="constrained"), io.BytesIO()
        self._draw(figure)
        figure.savefig(file, format=format, dpi=200)
        return file.getvalue()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the figure to a file.

        Parameters
        ----------
        path : str or path
            Where to; the suffix ``.png``, ``.svg`` or ``.pdf`` says in which format.

        Returns
        -------
        pathlib.Path
            Where it was written.

        Raises
        ------
        UnknownName
            The suffix is of no such format.
        """
        path = Path(path)
        image = self.image(path.suffix.lstrip(".").lower())
        half = path.with_name(f".{path.name}.half")  # an earlier figure stays until this one is complete
        try:
            half.write_bytes(image)
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
        return path

    def _draw(self, figure: Figure) -> None:
        raise NotImplementedError

    def _heard_of(self, name: str, what: Mapping[str, Any], refused: str | None) -> None:
        if refused is not None:
            self._wrong = refused

    def _do_save(self, format: str, page: str = "") -> None:
        name = f"{type(self).__name__}.{format}"
        self.send({"what": "file", "saved": name, "page": page}, [self.image(format)])
