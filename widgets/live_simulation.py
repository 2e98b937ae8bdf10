"""A network that runs while one looks at it: spikes, rates, and knobs to turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab import plot
from nest_lab.errors import BadType, BadValue, WrongState
from nest_lab.units import with_unit
from nest_lab.widgets._clock import Clock, positive
from nest_lab.widgets._knobs import Turned
from nest_lab.widgets._recent import Recent
from nest_lab.widgets._spikes import by_model

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LiveSimulation"]

Listener = Callable[[NDArray[np.float64], NDArray[np.int64], float], None]


class LiveSimulation(Turned):
    """A simulation with buttons, knobs, and a raster that moves while it runs.

    The simulation runs in the background, so the notebook stays free. Spikes are read twelve to twenty times
    a second, by what looking takes, and the recorder is emptied each time (``n_events = 0``): only those of
    the window are kept, so that a run may last for days. The results of a network of the gallery are then
    those of what is simulated later.

    Parameters
    ----------
    network : ReferenceNetwork, Simulation or None
        A built network of the gallery, or a simulation with neurons; the current one when not given. In a
        simulation the widget creates a spike recorder of its own.
    controls : mapping of str to range or target, or iterable of str, optional
        What can be changed while it runs, by name. For a parameter of a network of the gallery the range of
        the slider, ``{"g": (0.0, 8.0)}``, or None for the usual one; all live parameters when not given. For
        anything else what to change: ``{"noise": (generator, "rate", 0.0, 20000.0)}``, with nodes,
        connections, or the name of a synapse model with a common weight; without the two ends the slider
        has the bounds of the parameter.
    populations : mapping of str to NodeCollection, optional
        What is shown, in colours of its own; by default the populations of the network, or one for each
        model.
    window : float, ms
        Model time that the raster shows.
    speed : float, ms/s, optional
        Model time in a second of wall time; None for as fast as possible.
    neurons : int
        How many neurons the raster shows at most; rates are always those of all.

    Attributes
    ----------
    status : {'stopped', 'running', 'paused'}
        What it does.
    speed : float or None, ms/s
        Can be changed at any time.
    values : dict of str to float
        Values of the controls.

    Raises
    ------
    UnknownName, BadType, BadValue
        A control, a range or another argument is not right.
    WrongState
        The network was not built, or it is running.

    Notes
    -----
    Ctrl-C, or the interrupt of a notebook, ends the cell that waits (`wait`, `step`) and pauses the run; it
    can go on. The run also pauses when the widget is removed from the page, and ends when it is closed.

    In a notebook without a browser, or in a program, `print` and `figure` show the same.

    Examples
    --------
    >>> from nest_lab.gallery.brunel import Brunel
    >>> live = LiveSimulation(Brunel.preset("classroom").build(), {"g": (0.0, 8.0)}, speed=None)
    >>> live.step(300.0)
    >>> live.set(g=3.0)
    >>> live.step(100.0)
    >>> live.time, live.status, live.values
    (400.0, 'paused', {'g': 3.0})
    >>> live.rates["excitatory"] > 30.0
    True
    >>> live.close()  # ends the run, which would else stay paused
    """

    _uses = ("_knob", "_chart", "_raster", "_frames", "_running")
    speed = traitlets.Any(None, allow_none=True).tag(sync=True)
    _title = traitlets.Unicode("").tag(sync=True)
    _populations: Any = traitlets.List().tag(sync=True)
    _window = traitlets.Float(500.0).tag(sync=True)
    _total = traitlets.Any(None, allow_none=True).tag(sync=True)
    _can_reset = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        network: Any = None,
        controls: Any = None,
        *,
        populations: Mapping[str, Any] | None = None,
        window: float = 500.0,
        speed: float | None = 200.0,
        neurons: int = 1000,
    ) -> None:
        self._network, self._simulation = _what(network)
        self._given = populations
        self._shown = int(positive(neurons, "number of neurons", "", "LiveSimulation(neurons=...)"))
        if speed is not None:
            speed = positive(speed, "speed", "ms/s", "LiveSimulation(speed=...)")
        self._length = positive(window, "window", "ms", "LiveSimulation(window=...)")
        turned = self._take_knobs(self._network, self._simulation, controls)
        self._views: set[tuple[str, str]] = set()
        self._listeners: list[Listener] = []
        self._prepare(speed)
        super().__init__(
            speed=speed,
            **turned,
            _title=type(self._network).__name__ if self._network is not None else "Simulation",
            _populations=self._facts(),
            _window=self._length,
            _can_reset=self._network is not None,
        )

    def _prepare(self, speed: float | None) -> None:
        """Find what to show and make the clock, for a network that was just built."""
        if self._simulation.running:
            raise WrongState(
                "a network that runs cannot be taken over",
                where="LiveSimulation()",
                value="running",
                allowed="a network that does not run",
                todo="Call wait() or stop() of the simulation first.",
            )
        with self._simulation:
            shown = self._given or (self._network.populations if self._network is not None else _by_model())
            self._take = self._network.take_spikes if self._network is not None else _recorder_of(shown)
        populations = {name: np.asarray(nodes.tolist(), dtype=np.int64) for name, nodes in shown.items()}
        now, resolution = self._simulation.time, self._simulation.resolution
        self._view = Recent(populations, self._shown, self._length, resolution, now)
        self._clock = Clock(
            self._simulation,
            read=self._read,
            changed=self._notice,
            speed=speed,
            longest=self._length / 2,
            frames=self._frames,
        )

    # -- commands

    def run(self, ms: float | None = None) -> None:
        """Run in the background, or go on after a pause.

        Parameters
        ----------
        ms : float, ms, optional
            How long, a multiple of the resolution; until it is stopped when not given.

        Raises
        ------
        BadType, BadValue
            `ms` is not a time above 0, or not a multiple of the resolution.
        WrongState
            `ms` is given while a run is under way.
        StaleCollection
            The network was replaced by a reset of its simulation.
        """
        self._failure = ""
        self._clock.run(ms)

    def step(self, ms: float = 10.0) -> None:
        """Run for a while, then pause; return when it is over.

        Parameters
        ----------
        ms : float, ms
            How long, a multiple of the resolution.

        Raises
        ------
        BadType, BadValue
            `ms` is not a time above 0, or not a multiple of the resolution.
        WrongState
            It is running.
        KeyboardInterrupt
            After Ctrl-C; what was simulated until then stays.
        """
        self._failure = ""
        self._clock.step(ms)
        self.wait()

    def reset(self) -> None:
        """Build the network again, at 0 ms, with the values that the controls have now.

        When its simulation was reset by somebody else meanwhile, it gets one of its own.

        Raises
        ------
        WrongState
            It is not a network of the gallery, so nobody knows how to build it.
        """
        if self._network is None:
            raise WrongState(
                "only a network of the gallery can be built again",
                where="LiveSimulation.reset()",
                value="a simulation",
                allowed="a network with build()",
                todo="Run the cell that builds it once more, and make a new LiveSimulation.",
            )
        self._clock.stop()
        if self._clock.replaced:
            self._simulation = nest.Simulation()
        with self._simulation:
            self._network.build()
        self._prepare(self.speed)
        self._failure, self._errors, self.values = "", {}, self._read_knobs()
        self._populations = self._facts()
        self._show(fresh=True)

    def listen(self, heard: Listener) -> Callable[[], None]:
        """Have a function called with the new spikes at least twelve times a second, in the thread that runs.

        Parameters
        ----------
        heard : callable
            Gets their times, ms, and senders, as arrays of shape (n_spikes,), and the model time until which
            these are all, ms. After a reset that time is smaller than before.

        Returns
        -------
        callable
            Call it to end the listening.
        """
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard) if heard in self._listeners else None

    # -- what it shows

    @property
    def time(self) -> float:
        """Model time, ms."""
        return float(self._simulation.time)

    @property
    def populations(self) -> dict[str, NDArray[np.int64]]:
        """Node ids of the neurons by population, each of shape (n_neurons,)."""
        return dict(self._view.members)

    @property
    def real_time_factor(self) -> float:
        """Wall time that the computation takes per model time, in the last second; `nan` before it ran."""
        return self._clock.real_time_factor

    @property
    def rates(self) -> dict[str, float]:
        """Mean rate of each population in the window, spikes/s."""
        rates: dict[str, float] = self._clock.ask(self._view.rates).result()
        return rates

    def figure(self) -> Figure:
        """The same view as a figure of matplotlib, for places without a browser.

        Returns
        -------
        matplotlib.figure.Figure
            Raster above, mean rate of all neurons below.
        """
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=(7.0, 4.8), layout="constrained")
        plt.close(figure)  # so that a notebook shows it once, as the value of the cell
        self._clock.ask(lambda: self._draw(figure)).result()
        return figure

    def _draw(self, figure: Figure) -> None:
        view = self._view
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        ids = np.concatenate(list(view.shown.values()))
        plot.raster(view.times, ids[view.rows], ax=above, populations=view.shown)
        above.set(xlabel="", ylabel=self._caption(), title=str(self).splitlines()[0])
        rate, first = view.histogram()
        below.stairs(rate, first + view.bin * np.arange(len(rate) + 1), fill=True, color="C0", alpha=0.75)
        end = max(view.now, view.begin + view.length)
        below.set(
            xlabel="time (ms)",
            ylabel="rate\n(spikes/s)",
            xlim=(end - view.length, end),
            ylim=(0.0, max(rate.max(initial=0.0) * 1.1, 1.0)),
        )

    def _caption(self) -> str:
        """Which neurons are shown."""
        some, everyone = sum(map(len, self._view.shown.values())), sum(self._view.sizes.values())
        return f"{everyone:,} neurons" if some == everyone else f"{some:,} of {everyone:,} neurons"

    def __str__(self) -> str:
        lines = [f"{self._title}: {self.status} at {self.time:,.1f} ms"]
        for name, rate in self._view.rates().items():
            text = "no rate yet" if math.isnan(rate) else f"{rate:.1f} spikes/s"
            lines.append(f"  {name}: {self._view.sizes[name]:,} neurons, {text}")
        for name, value in self.values.items():
            lines.append(f"  {name} = {with_unit(f'{value:g}', self._turn_by_name[name].unit)}")
        return "\n".join(lines)

    # -- between the clock and the browser

    def _read(self) -> None:
        """Move new spikes from the recorder to the window; show them if it is time."""
        times, senders = self._take()
        self._view.add(times, senders.astype(np.int64, copy=False), self._simulation.time)
        for heard in tuple(self._listeners):
            heard(times, senders, self._simulation.time)
        if self._frames.due():
            self._show()

    def _notice(self) -> None:
        self._total = self._clock.total
        super()._notice()

    def _show_all(self) -> None:
        self._show()

    def _show(self, fresh: bool = False) -> None:
        """Send what is new, or everything."""
        self._frames.sent()
        self.send(*self._view.frame(self._clock, fresh))

    def _do_look(self, page: str, view: str) -> None:
        # A page that is gone cannot say so; the first view of the next one stands for that.
        self._views = {(p, v) for p, v in self._views if p == page} | {(page, view)}
        self._clock.ask(lambda: self._show(fresh=True))

    def _do_leave(self, page: str, view: str) -> None:
        self._views.discard((page, view))
        if not self._views:
            self.pause()

    def _do_speed(self, value: float | None) -> None:
        self.speed = value

    def _do_step(self, ms: float) -> None:
        self._failure = ""
        self._clock.step(ms)

    def _do_run(self, ms: Any = None) -> None:
        self.run(ms)

    def _facts(self) -> list[dict[str, Any]]:
        """What the browser needs to know of the populations."""
        view = self._view
        return [
            {"name": name, "size": view.sizes[name], "shown": len(ids)} for name, ids in view.shown.items()
        ]

    @traitlets.validate("speed")
    def _valid_speed(self, proposal: Any) -> float | None:
        speed = proposal["value"]
        return None if speed is None else positive(speed, "speed", "ms/s", "LiveSimulation.speed")

    @traitlets.observe("speed")  # of an assigned None only this one hears
    def _new_speed(self, change: Any) -> None:
        self._clock.speed = change["new"]


def _what(network: Any) -> tuple[Any, Any]:
    """The network of the gallery, if it is one, and the simulation."""
    if network is None:
        return None, nest.current()
    if isinstance(network, nest.Simulation):
        return None, network
    if not all(hasattr(network, name) for name in ("build", "built", "take_spikes", "populations")):
        raise BadType(
            "there is nothing to run",
            where="LiveSimulation()",
            value=f"{network!r} ({type(network).__name__})",
            allowed="a built network of the gallery, a Simulation, or None for the current one",
            todo="Write LiveSimulation(Brunel.preset('classroom').build()).",
        )
    if not network.built:
        raise WrongState(
            "the network has no nodes yet",
            where="LiveSimulation()",
            value="not built",
            allowed="a network after build()",
            todo="Call build() first.",
        )
    return network, network.simulation


def _by_model() -> dict[str, Any]:
    """Neurons of the current simulation, those of a model that were made one after the other together."""
    nodes = nest.GetNodes()
    found = by_model(nodes)
    if not found:
        raise BadValue(
            "there are no neurons to look at",
            where="LiveSimulation()",
            value=f"{len(nodes)} nodes, none of which is a neuron",
            allowed="a simulation with neurons",
            todo="Create them first, e.g. nest.Create('iaf_psc_exp', 100).",
        )
    return found


def _recorder_of(populations: Mapping[str, Any]) -> Callable[[], tuple[Any, Any]]:
    """Connect populations to a new recorder; what reads it and leaves it empty."""
    recorder = nest.Create("spike_recorder")
    for nodes in populations.values():
        nest.Connect(nodes, recorder)

    def take() -> tuple[Any, Any]:
        events = recorder.events
        recorder.n_events = 0
        return events["times"], events["senders"]

    return take
