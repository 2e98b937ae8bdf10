"""A network that learns while one looks at it: its losses as they come, and what it has learned."""

from __future__ import annotations

import math
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

import nest_lab as nest
from nest_lab.errors import BadType, WrongState
from nest_lab.widgets._clock import Clock
from nest_lab.widgets._knobs import Turned

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LearningCurve"]


class LearningCurve(Turned):
    """A network of the gallery that learns, with buttons, and its curves that grow while it runs.

    The simulation runs in the background, as fast as possible, so the notebook stays free. Spikes are
    forgotten after an iteration, so a run may last for days; losses stay.

    Parameters
    ----------
    network : LearningNetwork
        A built network of the gallery that has losses, such as `EpropRegression`.
    controls : mapping of str to range, or iterable of str, optional
        What can be turned while it learns, with the ends of its slider, as in ``{"eta": (0.0, 1e-3)}``. All
        live parameters of the network when not given, which is its learning rate.

    Attributes
    ----------
    status : {'stopped', 'running', 'paused'}
        What it does.
    network : LearningNetwork
        The network; its `losses` grow.
    values : dict of str to float
        Values of the controls. ``set(eta=0.0)`` ends the learning, and the network goes on as it is.

    Raises
    ------
    BadType, BadValue, UnknownName
        It is not a network that learns, or a control is none.
    WrongState
        The network was not built, or it is running.

    Notes
    -----
    Ctrl-C, or the interrupt of a notebook, ends the cell that waits and pauses the run; it can go on. In a
    notebook without a browser, or in a program, `print` and `figure` show the same.

    Examples
    --------
    >>> from nest_lab.gallery.eprop_regression import EpropRegression
    >>> live = LearningCurve(EpropRegression(n_in=20, n_rec=10, steps=100).build())
    >>> live.run(5)
    >>> live.wait()
    True
    >>> print(live)
    EpropRegression: stopped after 5 iterations, loss 10.6
    """

    _uses = ("_knob", "_frames")
    _title = traitlets.Unicode("").tag(sync=True)
    _iterations = traitlets.Int(0).tag(sync=True)
    _at = traitlets.Float(0.0).tag(sync=True)  # wall time of the last frame, s
    _curves: Any = traitlets.List().tag(sync=True)

    def __init__(self, network: Any, controls: Any = None) -> None:
        self.network = network
        _refuse_others(network)
        turned = self._take_knobs(network, network.simulation, controls)
        self._prepare()
        super().__init__(
            **turned,
            _title=type(network).__name__,
            _iterations=len(network.losses),
            _curves=self._shown(),
        )

    def _prepare(self) -> None:
        simulation = self.network.simulation
        if simulation.running:
            raise WrongState(
                "a network that runs cannot be taken over",
                where="LearningCurve()",
                value="running",
                allowed="a network that does not run",
                todo="Call wait() or stop() of the simulation first.",
            )
        self._old = False  # whether the recorder holds spikes of an iteration that is over
        self._known = len(self.network.losses)
        half = math.ceil(self.network.parameters.iteration / 2.0)
        self._clock = Clock(
            simulation, read=self._read, changed=self._notice, longest=half, frames=self._frames
        )

    # -- commands

    def run(self, iterations: int | None = None) -> None:
        """Learn in the background, or go on after a pause.

        Parameters
        ----------
        iterations : int, optional
            How many; until it is stopped when not given.

        Raises
        ------
        BadType, BadValue
            `iterations` is not a whole number above 0.
        WrongState
            `iterations` are given while a run is under way.
        """
        self._failure = ""
        time = None
        if iterations is not None:  # known between two pieces only
            time = self._clock.ask(lambda: self.network.time_to_learn(iterations)).result()
        self._clock.run(time)

    def reset(self) -> None:
        """Build the network again, with the values that the controls have now; what was learned is lost."""
        self._clock.stop()
        with nest.Simulation() if self._clock.replaced else self.network.simulation:
            self.network.build()
        self._prepare()
        self._failure, self._errors, self.values = "", {}, self._read_knobs()
        self._tell()

    # -- what it shows

    def figure(self) -> Figure:
        """The same view as a figure of matplotlib, for places without a browser.

        Returns
        -------
        matplotlib.figure.Figure
            One pair of axes for each curve of the network.
        """
        import matplotlib.pyplot as plt

        curves = self._clock.ask(self.network.curves).result()
        figure = plt.figure(figsize=(7.0, 2.6 * len(curves)), layout="constrained")
        plt.close(figure)  # so that a notebook shows it once, as the value of the cell
        for ax, curve in zip(figure.subplots(len(curves), 1, squeeze=False).flat, curves, strict=True):
            for name, values in curve.lines.items():
                ax.plot(curve.x, values, label=name)
            ax.set(xlabel=curve.xlabel, ylabel=curve.ylabel)
            if len(curve.lines) > 1:
                ax.legend(frameon=False, loc="upper right")
        return figure

    def __str__(self) -> str:
        losses = self.network.losses
        known = f", loss {losses[-1]:.3g}" if losses else ""
        return f"{self._title}: {self.status} after {len(losses)} iterations{known}"

    # -- between the clock and the browser

    def _read(self) -> None:
        """Take in what is new."""
        if self._old:  # not at once, so that the last iteration of a run can be looked at
            self.network.take_spikes()
        else:
            self.network.follow()
        losses = len(self.network.losses)
        self._old, self._known = losses > self._known, losses
        if self._old and self._frames.due():
            self._tell()

    def _show_all(self) -> None:
        if self._iterations != len(self.network.losses):
            self._tell()

    def _tell(self) -> None:
        """Send the curves, in one message."""
        self._frames.sent()
        with self.hold_sync():
            self._curves, self._at = self._shown(), perf_counter()
            self._iterations = len(self.network.losses)

    def _shown(self) -> list[dict[str, Any]]:
        """Curves as the browser takes them; there is no infinity in JSON."""

        def plain(values: Any) -> list[float | None]:
            rounded = np.asarray(values, dtype=np.float32).astype(float)
            return [value if math.isfinite(value) else None for value in rounded.tolist()]

        return [
            {
                "name": curve.name,
                "xlabel": curve.xlabel,
                "ylabel": curve.ylabel,
                "x": plain(curve.x),
                "lines": {name: plain(values) for name, values in curve.lines.items()},
            }
            for curve in self.network.curves()
        ]

    def _do_run(self, iterations: Any = None) -> None:
        self.run(iterations)


def _refuse_others(network: Any) -> None:
    """Refuse what cannot learn, and what was not built."""
    if not all(hasattr(network, name) for name in ("build", "built", "curves", "follow", "time_to_learn")):
        raise BadType(
            "there is nothing that learns",
            where="LearningCurve()",
            value=f"{network!r} ({type(network).__name__})",
            allowed="a built network of the gallery that has losses",
            todo="Write LearningCurve(EpropRegression().build()).",
        )
    if not network.built:
        raise WrongState(
            "the network has no nodes yet",
            where="LearningCurve()",
            value="not built",
            allowed="a network after build()",
            todo="Call build() first.",
        )
