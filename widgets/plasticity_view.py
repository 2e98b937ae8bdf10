"""Weights of plastic synapses while they change: their course in time, and how they are distributed."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from nest_lab.errors import BadType, NESTError, StaleCollection
from nest_lab.units import with_unit
from nest_lab.widgets._clock import positive
from nest_lab.widgets._course import LEVELS, Course, distribution
from nest_lab.widgets._latest import Latest
from nest_lab.widgets._signals import packed
from nest_lab.widgets._synapses import known, synapses_of
from nest_lab.widgets._window import Windowed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PlasticityView"]

_SHARE = 0.1  # of one core, for frames while a simulation runs
_STATISTICS = ("mean", *(f"{level} %" for level in LEVELS))


class PlasticityView(Windowed):
    """Weights over time and their distribution, of connections or of a weight recorder.

    On the left the mean, bands that hold half and nine tenths of all synapses, and some single ones; on the
    right how many synapses have which value now and had it at the beginning. Both follow the simulation while
    it runs, whoever runs it: `LiveSimulation`, ``Simulate`` or a run in the background.

    Parameters
    ----------
    source : SynapseCollection or NodeCollection
        Connections of any synapse model; or a weight recorder, which also knows what was before.
    quantity : str or iterable of str
        What is shown: any number that the synapses have according to the registry, ``'weight'``, ``'x'``,
        ``'Kplus'``. Of several the first is shown, and all are followed from now on.
    synapses : int
        How many single ones are shown.
    most : int
        Of how many synapses the statistics are at most. Of more, so many are drawn at random.
    keep : bool
        Whether a weight recorder keeps its events. Otherwise it is emptied whenever it was read, so that a
        run may last for days.

    Attributes
    ----------
    quantity : str
        What is shown; can be set. What was not followed before begins now.
    window : (float, float), ms
        Where the picture begins and ends; can be set.

    Raises
    ------
    BadType, BadValue, UnknownName
        There are no synapses in `source`, or they have no such number.

    See Also
    --------
    LearningCurve : Losses of a network that learns.

    Notes
    -----
    Values are read about ten times a second of wall time and at the end of each run, and kept at 600 points
    of time at most. Synapse models bring a weight up to date when the source fires, so it is that of the last
    spike. A weight recorder tells of a synapse when it delivers a spike; its points are spread evenly over
    the time between two readings. Without a browser, `print`, `figure` and `save` show the same.

    Examples
    --------
    >>> import nest_lab as nest
    >>> with nest.Simulation() as simulation:
    ...     a, b = nest.Create("parrot_neuron", 2)
    ...     clock = nest.Create("spike_generator", params={"spike_times": [10.0, 20.0, 30.0]})
    ...     nest.Connect(clock, a + b)
    ...     nest.Connect(a, b, syn_spec={"synapse_model": "stdp_synapse", "weight": 40.0, "receptor_type": 1})
    ...     view = PlasticityView(nest.GetConnections(a, b))
    >>> simulation.run(50.0)
    True
    >>> print(view)
    weight of 1 synapse from 0.0 to 50.0 ms
      mean: 40 at the beginning, 40.8 now
      1 → 2: 40 at the beginning, 40.8 now
    """

    _uses = ("_chart", "_view", "_save")
    _size = (8.0, 3.6)
    quantity = traitlets.Unicode("weight").tag(sync=True)
    _quantities: Any = traitlets.List().tag(sync=True)
    _rows: Any = traitlets.List().tag(sync=True)  # of the table
    _caption = traitlets.Unicode("").tag(sync=True)
    _label = traitlets.Unicode("").tag(sync=True)  # of the axis

    def __init__(
        self,
        source: Any,
        quantity: str | Iterable[str] = "weight",
        *,
        synapses: int = 5,
        most: int = 10_000,
        keep: bool = True,
    ) -> None:
        where = "PlasticityView()"
        most = _count(most, "number of synapses", "PlasticityView(most=...)", 1)
        single = _count(synapses, "number of single synapses", "PlasticityView(synapses=...)", 0)
        self._source = synapses_of(source, most, single, keep, where)
        names = [quantity] if isinstance(quantity, str) else [*quantity]
        names = [known(name, self._source.quantities, where) for name in names] or ["weight"]
        self._courses = {name: Course() for name in names}
        self._lock = threading.Lock()  # courses grow in the thread that runs
        self._latest = Latest(self._show, self._notice, share=_SHARE)
        super().__init__(quantity=names[0], _quantities=self._facts())
        self._sample()
        self._tell()
        self._end = self._source.simulation.on_progress(self._follow)

    def update(self) -> None:
        """Read the synapses now, for example after they were set by hand.

        Raises
        ------
        StaleCollection
            The network was replaced by a reset; what is shown stays.
        """
        self._sample("PlasticityView.update()")
        self._latest.ask()
        self._latest.wait()

    def close(self) -> None:
        """Follow the simulation no longer, and remove the widget from all pages."""
        end = getattr(self, "_end", None)  # there is none if it was refused
        if end is not None:
            end()
        super().close()

    # -- what there is

    def _course(self) -> tuple[NDArray[np.float64], Course]:
        """What is known of the chosen quantity."""
        with self._lock:
            course = self._courses[self.quantity]
            return course.table, course

    @property
    def times(self) -> NDArray[np.float64]:
        """When the synapses were read, ms, shape (n,)."""
        return self._course()[0][:, 0]

    @property
    def statistics(self) -> dict[str, NDArray[np.float64]]:
        """Mean and percentiles at these times, each of shape (n,): ``'mean'``, ``'5 %'`` … ``'95 %'``."""
        return dict(zip(_STATISTICS, self._course()[0][:, 3:].T, strict=False))

    @property
    def singles(self) -> dict[str, NDArray[np.float64]]:
        """The single synapses by source and target, ``'3 → 17'``, each of shape (n,)."""
        columns = self._course()[0][:, 3 + len(_STATISTICS) :].T
        return dict(zip(self._source.singles, columns, strict=False))

    @property
    def values(self) -> NDArray[np.float64]:
        """What the synapses that are looked at have now, shape (n_synapses,)."""
        return self._course()[1].last

    # -- following

    def _follow(self, _: float, __: float) -> None:
        """In the thread that runs, a few times a second; what is wrong here is no reason to end the run."""
        try:
            self._sample()
        except Exception as error:
            self._wrong = str(error)
            self._end()
        else:
            self._latest.ask()

    def _sample(self, where: str = "PlasticityView") -> None:
        """Take in what is new of all quantities that are followed."""
        try:
            with self._lock:
                now = float(self._source.simulation.time)
                for name, course in self._courses.items():
                    for reading in self._source.read(name, now):
                        course.add(reading.time, reading.values, reading.singles)
        except StaleCollection as error:
            raise StaleCollection(
                "the synapses that are looked at are gone: their network was replaced",
                where=where,
                value=str(self._source),
                allowed="synapses of a network that is there",
                todo="Make a new view of the new network: PlasticityView(nest.GetConnections(…)). What is "
                "shown here stays.",
            ) from error

    def _show(self, _: Any) -> None:
        self._tell()
        self._do_look()

    def _notice(self, busy: bool, failure: Exception | None) -> None:
        if failure is not None:
            self._wrong = str(failure)

    def _tell(self) -> None:
        """Window, table and caption."""
        table, _ = self._course()
        begin, end = (float(table[0, 0]), float(table[-1, 0])) if len(table) else (0.0, 1.0)
        whole = (begin, end if end > begin else begin + 1.0)
        with self.hold_sync():
            followed, start = self.window[1] == self._whole[1], self.window[0]
            fresh = followed and start == self._whole[0]
            self._whole, self._least = whole, min(1.0, whole[1] - whole[0])
            if followed:
                self.window = whole if fresh or not start < whole[1] else (start, whole[1])
            self._rows = self._table(table)
            self._caption = str(self._source)
            quantity = self._source.quantities[self.quantity]
            self._label = f"{quantity.name} ({quantity.unit})" if quantity.unit else quantity.name

    def _table(self, table: NDArray[np.float64]) -> list[dict[str, Any]]:
        """Statistics and single synapses at the beginning and now; None is not known."""
        columns: Iterable[NDArray[np.float64]] = table[:, 3:].T if len(table) else []
        names = [*_STATISTICS, *self._source.singles]
        return [
            {"name": name, "first": _plain(column[np.isfinite(column)][:1]), "now": _plain(column[-1:])}
            for name, column in zip(names, columns, strict=False)
        ]

    def _facts(self) -> list[dict[str, str]]:
        return [vars(each) for each in self._source.quantities.values()]

    # -- the page

    @traitlets.validate("quantity")
    def _valid_quantity(self, proposal: Any) -> str:
        return known(proposal["value"], self._source.quantities, "PlasticityView.quantity")

    @traitlets.observe("quantity")
    def _choose(self, _: Any) -> None:
        if self.quantity not in self._courses:
            with self._lock:
                self._courses[self.quantity] = Course()
            try:
                self._sample()
            except NESTError as error:  # the network is gone
                self._wrong = str(error)
        self._tell()
        self._do_look()

    def _do_choose(self, quantity: Any) -> None:
        self._wrong = ""
        self.quantity = quantity

    def _do_look(self) -> None:
        """Send the whole course, which is small, and the two histograms."""
        table, course = self._course()
        edges, first, last = distribution(course)
        content = {"what": "course", "columns": table.shape[1], "edges": [float(edges[0]), float(edges[-1])]}
        self.send(
            content,
            [table[:, 0].copy(), packed(table[:, 1:]), first.astype(np.uint32), last.astype(np.uint32)],
        )

    # -- without a browser

    def _draw(self, figure: Figure) -> None:
        self._latest.wait()
        table, course = self._course()
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 1))
        time, mean, levels = table[:, 0], table[:, 3], table[:, 4 : 4 + len(LEVELS)].T
        for low, high, strength in ((0, 4, 0.15), (1, 3, 0.3)):
            label = f"{LEVELS[high] - LEVELS[low]} % of the synapses"
            left.fill_between(
                time, levels[low], levels[high], color="C0", alpha=strength, linewidth=0, label=label
            )
        left.plot(time, mean, color="C0", linewidth=2.0, label="mean")
        for number, column in enumerate(table[:, 4 + len(LEVELS) :].T):
            left.plot(time, column, color=f"C{1 + number % 9}", linewidth=0.9)
        left.set(xlabel="time (ms)", ylabel=self._label, xlim=self.window)
        left.legend(
            frameon=False,
            fontsize="small",
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=3,
            borderpad=0.1,
        )
        edges, first, last = distribution(course)
        right.stairs(last, edges, orientation="horizontal", fill=True, color="C0", alpha=0.55, label="now")
        right.stairs(first, edges, orientation="horizontal", color="C7", label="at the beginning")
        right.set(xlabel="synapses")
        right.legend(
            frameon=False, fontsize="small", loc="lower left", bbox_to_anchor=(0.0, 1.0), borderpad=0.1
        )

    def __str__(self) -> str:
        self._latest.wait()
        (start, stop), unit = self.window, self._source.quantities[self.quantity].unit
        lines = [f"{self.quantity} of {self._source} from {start:,.1f} to {stop:,.1f} ms"]
        shown = [
            row for row in self._rows if row["name"] == "mean" or len(self.values) > 1 or "→" in row["name"]
        ]
        for row in shown:
            first, now = (
                "not known" if row[key] is None else with_unit(f"{row[key]:.4g}", unit)
                for key in ("first", "now")
            )
            lines.append(f"  {row['name']}: {first} at the beginning, {now} now")
        return "\n".join(lines)


def _plain(values: NDArray[np.float64]) -> float | None:
    """One number for JSON, which has no `nan`."""
    return float(values[0]) if len(values) and math.isfinite(values[0]) else None


def _count(value: Any, what: str, where: str, least: int) -> int:
    """A whole number, or an error."""
    if least == 0 and value == 0:
        return 0
    number = positive(value, what, "", where)
    if number != int(number):
        raise BadType(
            f"the {what} must be a whole number",
            where=where,
            value=f"{value!r}",
            allowed=f"{least}, {least + 1}, …",
            todo="Round it.",
        )
    return int(number)
