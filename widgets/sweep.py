"""A grid over two parameters of a network of the gallery, simulated on all cores and shown as a map."""

from __future__ import annotations

import inspect
import math
import threading
from collections.abc import Hashable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np
import traitlets
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, NESTError, UnknownName, WrongState
from nest_lab.units import with_unit
from nest_lab.widgets._cells import Cell, Task
from nest_lab.widgets._clock import positive
from nest_lab.widgets._grid import Axis, axes_of, described, numbers_of, refuse_same, refuse_too_many
from nest_lab.widgets._jobs import Jobs, before_exit, refuse_import
from nest_lab.widgets._rastered import Rastered
from nest_lab.widgets._spikes import spikes_of

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Sweep"]

_FRAME = 0.1  # s between two frames while results come


class Sweep(Rastered):
    """A map of what a network does, over two of its parameters.

    Each cell is a simulation of its own with one thread and the same seed: exactly what
    ``Network(..., seed=seed).build().simulate(duration).results(warmup)`` gives, in whichever order and on
    however many workers they run. They run in the background, on all cores that this process may use; results
    come as they are ready. A cell that fails keeps the message of the network or the kernel.

    Parameters
    ----------
    network : ReferenceNetwork or type
        A network of the gallery, with the parameters and the seed that all cells shall have; or its class.
    parameters : iterable of str, or mapping of str to tuple or array_like
        The parameter to the right and that upwards. To each belong its two ends, ``(low, high)``, or those
        and the number of points, ``(low, high, n)``, or a list or array of all values; without any, the range
        of its slider, or one around its value.
    duration : float, ms, optional
        Model time of each cell, that of the command line when not given.
    warmup : float, ms
        Beginning that the statistics leave out.
    figure : str, optional
        Name of the statistic that the colours show; the first that the network reports when not given.
    executor : concurrent.futures.Executor, optional
        Where to simulate: threads, Dask, MPI. It is not shut down. When not given, processes that are started
        for each run; a program that is a file must then guard what it does with
        ``if __name__ == "__main__":``, as always with `multiprocessing`.
    workers : int, optional
        How many processes; as many as the cores that this process may use when not given.

    Attributes
    ----------
    status : {'ready', 'running', 'cancelled', 'done'}
        What it does.
    figure_of : str
        Name of the statistic that the colours show; can be set once there are results.
    log : bool
        Whether the colours are logarithmic; can be set.
    window : (float, float), ms
        Where the raster of the opened cell begins and ends; can be set.

    Raises
    ------
    UnknownName, BadType, BadValue
        There is no such network or parameter, or values are none.

    Notes
    -----
    `cancel` also stops what is under way, within about 100 ms unless a network is just being built. On an
    executor of other machines without a file system in common, cells under way come to their end.

    Without a browser, `print`, `figure` and `save` show the same.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from nest_lab.gallery.brunel import Brunel
    >>> network = Brunel.preset("classroom", order=50)
    >>> grid = {"g": (4.0, 6.0, 2), "eta": [0.5, 2.0]}
    >>> with ThreadPoolExecutor(2) as executor:
    ...     sweep = Sweep(network, grid, duration=200.0, executor=executor)
    ...     sweep.run()
    ...     sweep.wait()
    True
    >>> sweep.table()[["g", "eta"]].values.tolist()
    [[4.0, 0.5], [6.0, 0.5], [4.0, 2.0], [6.0, 2.0]]
    >>> sweep.map().shape
    (2, 2)
    """

    _uses = ("_chart", "_raster", "_view", "_save", "_rastered")
    _size = (7.0, 4.2)
    status = traitlets.Unicode("ready").tag(sync=True)
    figure_of = traitlets.Unicode("").tag(sync=True)
    log = traitlets.Bool(False).tag(sync=True)
    _title = traitlets.Unicode("").tag(sync=True)
    _choices: Any = traitlets.List().tag(sync=True)  # parameters that an axis can have
    _axes: Any = traitlets.List().tag(sync=True)
    _duration = traitlets.Float(0.0).tag(sync=True)
    _figures: Any = traitlets.List().tag(sync=True)  # statistics that the network reports
    _states = traitlets.Unicode("").tag(sync=True)  # a letter for each cell: waiting, running, done, failed
    _values: Any = traitlets.List().tag(sync=True)
    _messages = traitlets.Dict().tag(sync=True)  # of failed cells, by number
    _opened = traitlets.Int(-1).tag(sync=True)
    _about_opened = traitlets.Unicode("").tag(sync=True)
    _refused = traitlets.Dict().tag(sync=True)  # by control, what was refused

    def __init__(
        self,
        network: Any,
        parameters: Any,
        *,
        duration: float | None = None,
        warmup: float = 100.0,
        figure: str = "",
        executor: Executor | None = None,
        workers: int | None = None,
    ) -> None:
        where = "Sweep()"
        self._network, self._parameters, self._seed = _network_of(network)
        self._x, self._y = axes_of(self._parameters, parameters)
        refuse_too_many(self._x, self._y, where)
        self._warmup = 0.0 if warmup == 0 else positive(warmup, "warm-up", "ms", "Sweep(warmup=...)")
        self._executor = _executor(executor, self._network)
        cores = nest.models.kernel_build()["threads"]
        wanted = positive(cores if workers is None else workers, "number of workers", "", where)
        self._workers = math.ceil(wanted)
        self._results: dict[Hashable, Cell | str] = {}  # also of cells that are not on the map any more
        self._wanted = figure
        self._jobs: Jobs | None = None
        self._told = 0.0
        self._lock = threading.RLock()
        duration = self._parameters.duration if duration is None else duration
        super().__init__(
            _title=self._network.title,
            _choices=[described(self._parameters, name) for name in numbers_of(self._parameters)],
            _duration=positive(duration, "model time", "ms", "Sweep(duration=...)"),
        )
        self._tell()
        _all.add(self)

    # -- commands

    def run(self) -> None:
        """Simulate all cells that have no result yet, in the background; returns at once.

        Raises
        ------
        WrongState
            It is running; or the program does not guard what it does.
        """
        self._refuse_running("Sweep.run()")
        if self._executor is None:
            refuse_import()
        self._refused, tasks = {}, {}
        for key, changes in self._cells():
            if key not in self._results:
                try:
                    chosen = self._parameters.replace(**changes)
                except NESTError as error:
                    self._results[key] = str(error)
                else:
                    tasks[key] = Task(self._network, chosen, self._seed, self._duration, self._warmup, "")
        self.status = "running"
        self._jobs = Jobs(tasks, self._executor, self._workers, self._take, self._ended)

    def cancel(self) -> None:
        """Stop what is under way, and return when it stands still; `run` goes on with the cells left."""
        if self._jobs is not None:
            self._jobs.cancel()
            self._jobs.join()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end.

        Parameters
        ----------
        timeout : float, s, optional
            How long to wait at most.

        Returns
        -------
        bool
            Whether nothing runs any more.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C or an interrupt of the kernel, which cancels the sweep; it can go on.
        WrongState
            No process could begin, as the program does not guard what it does.
        """
        try:
            still = self._jobs is None or self._jobs.join(timeout)
        except KeyboardInterrupt:
            self.cancel()
            raise
        if still and self._jobs is not None and self._jobs.failure is not None:
            raise self._jobs.failure
        return still

    def reset(self) -> None:
        """Forget all results.

        Raises
        ------
        WrongState
            It is running.
        """
        self._refuse_running("Sweep.reset()")
        self._results.clear()
        self.status, self._opened, self._refused = "ready", -1, {}
        self._spikes = None
        self._tell()

    def close(self) -> None:
        """Cancel it, and remove the widget from all pages."""
        if hasattr(self, "_jobs"):
            self.cancel()
        super().close()

    def set_axis(self, which: int, name: str, values: Any = None) -> None:
        """Choose another parameter or other values for one axis; results of cells that stay are kept.

        Parameters
        ----------
        which : {0, 1}
            The axis to the right, or that upwards.
        name : str
            The parameter.
        values : tuple or array_like, optional
            As in the constructor.

        Raises
        ------
        UnknownName, BadType, BadValue
            There is no such parameter, or values are none; the map stays as it was.
        WrongState
            It is running.
        """
        self._refuse_running("Sweep.set_axis()")
        axes = [self._x, self._y]
        axes[which] = Axis(self._parameters, name, values, "Sweep.set_axis()")
        refuse_same(axes[0], axes[1], "Sweep.set_axis()")
        refuse_too_many(axes[0], axes[1], "Sweep.set_axis()")
        (self._x, self._y), self._opened, self._spikes = axes, -1, None
        self._tell()

    # -- results

    @property
    def axes(self) -> dict[str, NDArray[np.float64]]:
        """Values of both parameters, of shape (n_x,) and (n_y,)."""
        return {axis.name: np.array(axis.values, dtype=np.float64) for axis in (self._x, self._y)}

    @property
    def progress(self) -> tuple[int, int]:
        """How many cells have a result or have failed, and how many there are."""
        keys = [key for key, _ in self._cells()]
        return sum(key in self._results for key in keys), len(keys)

    def map(self, figure: str | None = None) -> NDArray[np.float64]:
        """What the colours show.

        Parameters
        ----------
        figure : str, optional
            Name of a statistic; that of the widget when not given.

        Returns
        -------
        ndarray, shape (n_y, n_x)
            Its value in each cell, `nan` where it is not known.

        Raises
        ------
        UnknownName
            The network does not report it.
        """
        figure = self.figure_of if figure is None else self._known(figure, "Sweep.map()")
        values = [self._value(self._results.get(key), figure) for key, _ in self._cells()]
        return np.array(values, dtype=np.float64).reshape(len(self._y.values), len(self._x.values))

    def cell(self, **values: float) -> Cell:
        """What the simulation of one cell showed; `SpikeRaster` takes it.

        Parameters
        ----------
        **values
            Both parameters by name.

        Returns
        -------
        Cell
            With `statistics`, and the spikes of some neurons.

        Raises
        ------
        BadValue
            There is no such cell.
        WrongState
            It has no result; if it failed, with its message.
        """
        return self._result(self._number(values, "Sweep.cell()"), "Sweep.cell()")

    def look_at(self, **values: float) -> None:
        """Show the raster of one cell below the map.

        Parameters
        ----------
        **values
            Both parameters by name.

        Raises
        ------
        BadValue, WrongState
            As `cell`.
        """
        self._show(self._number(values, "Sweep.look_at()"), "Sweep.look_at()")

    def table(self) -> pd.DataFrame:
        """All cells that have a result or have failed.

        Returns
        -------
        pandas.DataFrame
            A row for each: both parameters, the seed, the statistics by name, `nan` where a cell failed, and
            the error, empty where it did not. Units are in ``attrs["units"]``.
        """
        import pandas as pd

        known = [(changes, self._results[key]) for key, changes in self._cells() if key in self._results]
        names = [each["name"] for each in self._figures]
        rows = [
            {
                **changes,
                "seed": self._seed,
                **{name: self._value(result, name) for name in names},
                "error": result if isinstance(result, str) else "",
            }
            for changes, result in known
        ]
        frame = pd.DataFrame(rows, columns=[self._x.name, self._y.name, "seed", *names, "error"])
        units = {each["name"]: each["unit"] for each in self._figures}
        frame.attrs["units"] = {self._x.name: self._x.unit, self._y.name: self._y.unit, **units}
        return frame

    # -- cells; they are numbered from left to right, and from below to above

    def _cells(self) -> list[tuple[Hashable, dict[str, Any]]]:
        """What tells a result apart, and the two parameters, of each cell."""
        fixed = (self._parameters, self._seed, self._duration, self._warmup)
        return [
            ((fixed, frozenset({(self._x.name, x), (self._y.name, y)})), {self._x.name: x, self._y.name: y})
            for y in self._y.values
            for x in self._x.values
        ]

    def _number(self, values: Mapping[str, float], where: str) -> int:
        """Number of the cell with these values."""
        places = []
        for axis in (self._y, self._x):
            near = np.isclose(axis.values, values.get(axis.name, math.nan), rtol=1e-9, atol=0.0)
            if not near.any():
                shown = ", ".join(f"{value:g}" for value in axis.values)
                raise BadValue(
                    "there is no such cell",
                    where=where,
                    value=", ".join(f"{name} = {value!r}" for name, value in values.items()) or "nothing",
                    allowed=with_unit(f"{axis.name} = {shown}", axis.unit),
                    todo="Give the values of both parameters.",
                )
            places.append(int(np.flatnonzero(near)[0]))
        return places[0] * len(self._x.values) + places[1]

    def _result(self, number: int, where: str) -> Cell:
        key, changes = self._cells()[number]
        result = self._results.get(key)
        if isinstance(result, Cell):
            return result
        raise WrongState(
            "this cell has no result",
            where=where,
            value=", ".join(f"{name} = {value:g}" for name, value in changes.items()),
            allowed="a cell that was simulated",
            todo="Call run() first." if result is None else f"It failed: {result}",
        )

    def _show(self, number: int, where: str) -> None:
        """Open a cell."""
        self._spikes = spikes_of(self._result(number, where), where=where)
        with self.hold_sync():
            self._take_over()
            self.window, self._wrong, self._opened = self._whole, "", number
            self._about_opened = self._about(number)
            self._count()
        self._send_spikes()

    def _value(self, result: Cell | str | None, figure: str) -> float:
        found = (
            [each.value for each in result.statistics if each.name == figure]
            if isinstance(result, Cell)
            else []
        )
        return float(found[0]) if found else math.nan

    def _known(self, figure: Any, where: str) -> str:
        names = [each["name"] for each in self._figures]
        if figure not in names:
            raise UnknownName(
                "the network reports no statistic of this name",
                where=where,
                value=repr(figure),
                wrong=str(figure),
                candidates=names,
                allowed="" if names else "known once there are results",
            )
        return str(figure)

    # -- in the thread that waits for results

    def _take(self, key: Any, result: Cell | str | None) -> None:
        if result is not None:
            self._results[key] = result
        if isinstance(result, Cell) and not self._figures:
            self._learn(result)
        if perf_counter() - self._told > _FRAME:
            self._tell()

    def _learn(self, cell: Cell) -> None:
        """Which statistics there are is known from the first result."""
        self._figures = [
            {
                "name": each.name,
                "unit": each.unit,
                "title": f"{each.title}, {each.population}" if each.population else each.title,
            }
            for each in cell.statistics
        ]
        try:
            self.figure_of = self._wanted or self._figures[0]["name"]
        except NESTError as error:
            self.figure_of = self._figures[0]["name"]
            self._refused = {**self._refused, "figure": str(error)}

    def _ended(self, failure: NESTError | None) -> None:
        done, total = self.progress
        self._tell(ended=True)
        if failure is not None:
            self._refused = {**self._refused, "run": str(failure)}
        self.status = "done" if done == total else "cancelled"

    def _tell(self, ended: bool = False) -> None:
        """Tell the page what each cell is."""
        self._told = perf_counter()
        cells, running = (
            self._cells(),
            set(self._jobs.running if self._jobs is not None and not ended else ()),
        )
        results = [self._results.get(key) for key, _ in cells]
        values = [self._value(result, self.figure_of) for result in results]
        with self._lock, self.hold_sync():
            self._axes = [self._x.facts(), self._y.facts()]
            self._states = "".join(
                "d" if isinstance(result, Cell) else "f" if result else "r" if key in running else "w"
                for (key, _), result in zip(cells, results, strict=True)
            )
            self._values = [value if math.isfinite(value) else None for value in values]
            self._messages = {str(i): result for i, result in enumerate(results) if isinstance(result, str)}

    def _refuse_running(self, where: str) -> None:
        if self.status == "running":
            raise WrongState(
                "the sweep is running",
                where=where,
                value="running",
                allowed="a sweep that does not run",
                todo="Call wait() or cancel() first.",
            )

    # -- the page

    @traitlets.validate("figure_of")
    def _valid_figure(self, proposal: Any) -> str:
        return self._known(proposal["value"], "Sweep.figure_of") if proposal["value"] else ""

    @traitlets.observe("figure_of")
    def _recolour(self, _: Any) -> None:
        if hasattr(self, "_lock"):
            self._tell()

    def _try(self, control: str, action: Any) -> None:
        """Do what a control asks for, or keep what is said against it; the map stays as it was."""
        try:
            action()
        except NESTError as error:
            self._refused = {**self._refused, control: str(error)}
        else:
            self._refused = {name: text for name, text in self._refused.items() if name != control}

    def _do_run(self) -> None:
        self._try("run", self.run)

    def _do_cancel(self) -> None:
        if self._jobs is not None:
            self._jobs.cancel()  # and stay there for the page while what is under way comes to its end

    def _do_axis(self, which: int, name: str, ends: Any = None) -> None:
        self._try(str(which), lambda: self.set_axis(which, name, None if ends is None else tuple(ends)))

    def _do_duration(self, duration: Any) -> None:
        def change() -> None:
            self._refuse_running("Sweep")
            self._duration = positive(duration, "model time", "ms", "Sweep(duration=...)")
            self._opened, self._spikes = -1, None
            self._tell()

        self._try("duration", change)

    def _do_figure(self, name: str) -> None:
        self._try("figure", lambda: setattr(self, "figure_of", name))

    def _do_log(self, on: bool) -> None:
        self.log = bool(on)

    def _do_open(self, number: int) -> None:
        self._try("cell", lambda: self._show(int(number), "Sweep.look_at()"))

    def _do_look(self) -> None:
        self._send_spikes()

    # -- without a browser

    def _draw(self, figure: Figure) -> None:
        if self._spikes is None:
            self._draw_map(figure.subplots())
            return
        from matplotlib.patches import Rectangle

        figure.set_size_inches(self._size[0], 2.0 * self._size[1])
        parts: Any = figure.subfigures(2, 1, height_ratios=(1.0, 0.9))
        above, below = parts
        axes = above.subplots()
        self._draw_map(axes)
        row, column = divmod(self._opened, len(self._x.values))
        for colour, width in (("white", 4.0), ("black", 1.5)):
            box = Rectangle(
                (column - 0.5, row - 0.5), 1.0, 1.0, fill=False, edgecolor=colour, linewidth=width
            )
            axes.add_patch(box)
        self._draw_spikes(below)
        below.suptitle(self._about(self._opened), fontsize="medium")

    def _draw_map(self, axes: Axes) -> None:
        from matplotlib.colors import LogNorm

        values = self.map()
        log = self.log and np.nanmax(values, initial=0.0) > 0.0
        shown = np.where(values > 0.0, values, np.nan) if log else values
        norm = LogNorm() if log else None
        image = axes.imshow(
            shown, origin="lower", aspect="auto", cmap="viridis", norm=norm, interpolation="none"
        )
        if np.isfinite(shown).any():
            assert axes.figure is not None
            axes.figure.colorbar(image, ax=axes, label=self._label())
        failed = np.array([state == "f" for state in self._states]).reshape(values.shape)
        rows, columns = np.nonzero(failed)
        axes.plot(columns, rows, "x", color="C3", label="failed")
        if failed.any():
            axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderpad=0.1)
        for axis, set_ticks in ((self._x, axes.set_xticks), (self._y, axes.set_yticks)):
            step = -(-len(axis.values) // 10)
            set_ticks(range(0, len(axis.values), step), [f"{value:g}" for value in axis.values[::step]])
        axes.set(xlabel=self._x.label, ylabel=self._y.label)

    def _label(self) -> str:
        """What the colours are, with the unit."""
        facts = next((each for each in self._figures if each["name"] == self.figure_of), None)
        if facts is None:
            return ""
        return f"{facts['title']} ({facts['unit']})" if facts["unit"] else facts["title"]

    def _about(self, number: int) -> str:
        """One cell in words."""
        key, changes = self._cells()[number]
        units = {self._x.name: self._x.unit, self._y.name: self._y.unit}
        values = ", ".join(with_unit(f"{name} = {value:g}", units[name]) for name, value in changes.items())
        result = self._results.get(key)
        if not isinstance(result, Cell):
            return f"{values}: {result or 'no result'}"
        shown = sum(map(len, result.populations.values()))
        some = f"; spikes of {shown:,} of {result.everyone:,} neurons" if shown < result.everyone else ""
        cut = f"; the last {len(result.times):,} spikes" if result.start > self._warmup else ""
        return f"{values}{some}{cut}"

    def __str__(self) -> str:
        (done, total), failed = self.progress, self._states.count("f")
        lines = [
            f"{self._network.__name__}: {self.status}, {done} of {total} cells"
            + (f", {failed} of them failed" if failed else "")
        ]
        for axis in (self._x, self._y):
            lines.append(f"  {axis.name}: {with_unit(axis.range, axis.unit)}, {len(axis.values)} values")
        values = self.map()[np.isfinite(self.map())]
        if len(values):
            facts = next(each for each in self._figures if each["name"] == self.figure_of)
            span = with_unit(f"{min(values):.4g} … {max(values):.4g}", facts["unit"])
            lines.append(f"  {facts['title']}: {span}")
        return "\n".join(lines)


def _network_of(given: Any) -> tuple[Any, Any, int]:
    """Class, parameters and seed."""
    needed = ("build", "parameters_class", "preset")
    if inspect.isclass(given) and all(hasattr(given, name) for name in needed):
        given = given()
    if inspect.isclass(given) or not all(hasattr(given, name) for name in (*needed, "seed", "parameters")):
        raise BadType(
            "there is no network to sweep over",
            where="Sweep()",
            value=f"{given!r} ({type(given).__name__})",
            allowed="a network of the gallery, or its class",
            todo="Write Sweep(Brunel.preset('classroom'), ('g', 'eta')).",
        )
    return type(given), given.parameters, given.seed


def _executor(given: Any, network: Any) -> Any:
    if given is None and network.__module__ == "__main__":
        raise BadValue(
            "a class that was defined here is not known in other processes",
            where="Sweep()",
            value=f"{network.__name__} of __main__",
            allowed="a class of a module, or an executor of threads",
            todo="Write it into a file of its own, or give executor=ThreadPoolExecutor(2).",
        )
    if given is not None and not all(callable(getattr(given, name, None)) for name in ("submit", "map")):
        raise BadType(
            "this is no executor",
            where="Sweep(executor=...)",
            value=f"{given!r} ({type(given).__name__})",
            allowed="what concurrent.futures defines as Executor, or None",
            todo="Write executor=concurrent.futures.ThreadPoolExecutor(2).",
        )
    return given


_all: WeakSet[Sweep] = WeakSet()


def _cancel_all() -> None:
    """Stop all before Python ends, which a thread of the kernel must not outlive."""
    for sweep in list(_all):
        sweep.cancel()


before_exit(_cancel_all)
