"""What all widgets share: where their JavaScript and style come from, and what shows without a browser."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from traitlets import HasTraits

    class AnyWidget(HasTraits):
        """What anywidget, which comes without types, is to the widgets."""

        comm: Any
        _esm: str
        _css: str

        def __init__(self, **traits: Any) -> None: ...
        def __init_subclass__(cls, **kwargs: Any) -> None: ...
        def close(self) -> None: ...
        def hold_sync(self) -> Any: ...
        def send(self, content: dict[str, Any], buffers: list[Any] | None = None) -> None: ...
        def on_msg(self, callback: Any) -> None: ...
        def _send(self, msg: Any, buffers: Any = None) -> None: ...
        def _repr_mimebundle_(self, **kwargs: Any) -> Any: ...

else:
    from anywidget import AnyWidget

__all__ = ["Widget"]

_HERE = Path(__file__).parent


def _text(stems: Iterable[str], suffix: str) -> str:
    """Texts of the files of these stems, one after the other."""
    files = (_HERE / f"{stem}{suffix}" for stem in stems)
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file())


class Widget(AnyWidget):
    """A widget whose JavaScript and style stand in files of the same stem as its Python file.

    ``_base.js`` and ``_base.css`` come before them, then what the subclass names in ``_uses``, so that a
    widget's module uses what these define. A subclass says in `__str__` what it shows; that is what a
    notebook shows where there is no browser.
    """

    _uses: ClassVar[tuple[str, ...]] = ()  # stems of shared files, in the order in which they are read

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # What has the texts already is derived from a widget, as it is when traits are added.
        if not hasattr(cls, "_esm") and not (stem := Path(inspect.getfile(cls)).stem).startswith("_"):
            stems = ("_base", *cls._uses, stem)
            cls._esm = _text(stems, ".js")
            cls._css = _text(stems, ".css")
        super().__init_subclass__(**kwargs)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._let_the_browser_choose()

    def _send(self, msg: Any, buffers: Any = None) -> None:
        super()._send(msg, buffers)
        self._let_the_browser_choose()

    def _let_the_browser_choose(self) -> None:
        """Have messages of the browser handled where it asks for: in a subshell, also while a cell runs.

        JupyterLab asks for that, but from 7.4 on ipykernel brings them to the shell that spoke last, which is
        the busy one, so that what is pressed would wait for the end of the cell.
        """
        if self.comm is not None:
            vars(self.comm).pop("_reply_subshell_id", None)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"{type(self).__name__}()"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = str(self)
        return bundle
