"""What all widgets share: where their JavaScript and style come from, and what shows without a browser."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from nest_lab.errors import BadValue

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
        def send_state(self, key: Any = None) -> None: ...
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

    A message ``{"do": "name", …}`` of a page calls the method ``_do_name`` with the rest; `_heard_of` gets
    what that refuses, which the page shows.
    """

    _uses: ClassVar[tuple[str, ...]] = ()  # stems of shared files, in the order in which they are read
    _sending: ClassVar[Any] = threading.RLock()

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
        self.on_msg(self._hear)

    def _hear(self, _: Any, content: Any, __: Any) -> None:
        """Do what a page asks for; whatever it sends, nothing is raised where nobody would see it."""
        what = {**content} if isinstance(content, Mapping) else {}
        name = str(what.pop("do", ""))
        try:
            self._asked(name, what)(**what)
        except Exception as error:
            self._heard_of(name, what, str(error))
        else:
            self._heard_of(name, what, None)

    def _asked(self, name: str, what: dict[str, Any]) -> Callable[..., None]:
        """The method that a page asks for."""
        method: Callable[..., None] = getattr(self, f"_do_{name}", self._hear)
        try:
            inspect.signature(method).bind(**what)
        except TypeError:
            raise BadValue(
                "the page asks for something that this widget does not do",
                where=f"{type(self).__name__}",
                value=f"{name!r:.40} with {', '.join(map(repr, what)) or 'nothing':.60}",
                allowed=", ".join(each.removeprefix("_do_") for each in dir(self) if each.startswith("_do_")),
                todo="Reload the page: it may be older than the program.",
            ) from None
        return method

    def _heard_of(self, name: str, what: Mapping[str, Any], refused: str | None) -> None:
        """Have the page show what was refused of what it asked for; None if nothing was."""

    def send_state(self, key: Any = None) -> None:
        """Send values, one thread after the other: so the page ends with what was set last."""
        with self._sending:
            super().send_state(key)

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
