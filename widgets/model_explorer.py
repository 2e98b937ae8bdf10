"""Any neuron model at a glance: its trace, its response to inputs of all strengths, its phase plane."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

import nest_lab as nest
from nest_lab import plot
from nest_lab.errors import BadValue, UnknownName
from nest_lab.units import with_unit
from nest_lab.widgets._drawn import Drawn
from nest_lab.widgets._experiment import Curve, Experiment, Plane, Trace, accepted, receptors, suggested
from nest_lab.widgets._knobs import slider
from nest_lab.widgets._latest import Latest
from nest_lab.widgets._signals import extremes, packed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ModelExplorer"]

_SHOWN = 3  # quantities in the trace
_BUDGET = 1.5  # s of processor time for a curve
_INPUTS = {
    "current": ("current", "pA", "what is injected, after a tenth of the time"),
    "spikes": ("rate of spikes", "spikes/s", "of a Poisson process, after a tenth of the time"),
    "rate": ("rate", "", "what another rate neuron sends, after a tenth of the time"),
}


class ModelExplorer(Drawn):
    """A laboratory for one neuron of any model: turn its parameters and see at once what it does.

    It shows the trace under a step of current or of a rate, or under a Poisson process, the rate for inputs
    of all strengths (the f-I curve), and the phase plane where exactly two variables move. What a model
    takes, its parameters with bounds, units and help, and what can be recorded come from the registry, so
    that a new model is here as soon as it is compiled. Everything runs in simulations of its own; the network
    of the user is not touched.

    Parameters
    ----------
    model : str
        Name of a neuron model.
    input : {'current', 'spikes', 'rate'}, optional
        What is injected; the first that the model takes when not given.
    receptor : str, optional
        Name of the receptor that gets it, of a model with several; the usual one when not given.
    **values
        Parameters of the model that shall differ from the defaults.

    Attributes
    ----------
    model, input, receptor : str
        `choose` sets them; with a new model all values are its defaults. `input` is 'nothing' for a model
        that takes none, `receptor` is empty for a model whose receptors have no names.
    values : dict of str to float
        Values of the knobs: those of the input, then the parameters of the model.

    Raises
    ------
    UnknownModel, UnknownName, BadValue
        There is no such neuron model or parameter, or the model does not take this input.
    NESTError
        The model refuses a value.

    Notes
    -----
    The flow in the phase plane is measured: a neuron is put on each point of a grid and makes one step of
    0.01 ms. On a nullcline one of the variables does not change.

    Without a browser, `print`, `figure` and `save` show the same.

    Examples
    --------
    >>> explorer = ModelExplorer("izhikevich", d=2.0)
    >>> explorer.plane.names
    ('V_m', 'U_m')
    >>> slow = explorer.curve.responses.max()
    >>> explorer.set(a=0.1)  # recovers faster
    >>> bool(explorer.curve.responses.max() > slow)
    True
    """

    _uses = ("_knob", "_chart", "_traces", "_save")
    _size = (7.0, 7.0)
    model = traitlets.Unicode("iaf_psc_exp").tag(sync=True)
    input = traitlets.Unicode("nothing").tag(sync=True)
    receptor = traitlets.Unicode("").tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    _models: Any = traitlets.List().tag(sync=True)
    _inputs: Any = traitlets.List().tag(sync=True)  # what can be chosen
    _receptors: Any = traitlets.List().tag(sync=True)
    _knobs: Any = traitlets.List().tag(sync=True)
    _errors = traitlets.Dict().tag(sync=True)
    _summary = traitlets.Unicode("").tag(sync=True)
    _notes = traitlets.Dict().tag(sync=True)  # why something is not shown
    _busy = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        model: str = "iaf_psc_exp",
        input: str | None = None,
        *,
        receptor: str | None = None,
        **values: Any,
    ) -> None:
        self._latest = Latest(self._compute, self._notice)
        self._trace: Trace | None = None
        self._curve: Curve | None = None
        self._plane: Plane | None = None
        prepared = self._prepared(model, input, receptor)
        super().__init__(**prepared, _models=_neuron_models())
        self._let_be(**values) if values else self._begin()

    # -- what is asked for

    def choose(self, model: str | None = None, input: str | None = None, receptor: str | None = None) -> None:
        """Take another model, with its defaults, or another input, or another receptor for it.

        Parameters
        ----------
        model : str, optional
            Name of a neuron model; the present one when not given.
        input : {'current', 'spikes', 'rate'}, optional
            What is injected; the first that the model takes when not given.
        receptor : str, optional
            Name of the receptor that gets it; the usual one when not given.

        Raises
        ------
        UnknownModel, UnknownName, BadValue
            There is no such neuron model or receptor, or it does not take this input; everything stays as it
            is.
        """
        if model is None and input is None:
            input = self.input
        prepared = self._prepared(self.model if model is None else model, input, receptor)
        if model is None or model == self.model:  # the parameters stay
            inputs = {name for name, *_ in _INPUTS.values()} | {"weight of a spike"}
            if prepared["input"] == self.input:
                inputs = set()
            kept = {name: value for name, value in self.values.items() if name not in inputs}
            prepared["values"] = {**prepared["values"], **kept}
        self._trace = self._curve = self._plane = None
        with self.hold_sync():  # the page gets all in one
            for name, value in prepared.items():
                setattr(self, name, value)
            self._wrong, self._errors = "", {}
        self._begin()

    def set(self, **values: Any) -> None:
        """Set knobs, by the name of the parameter; ``current``, ``weight`` and so on by ``set(**{...})``.

        Parameters
        ----------
        **values
            New values.

        Raises
        ------
        UnknownName
            There is no such knob.
        NESTError
            The model refuses a value; all stay as they were.
        """
        self._let_be(**values)

    def wait(self) -> None:
        """Wait until everything that is asked for is computed.

        Raises
        ------
        NESTError
            What went wrong in it.
        """
        self._latest.wait()

    @property
    def trace(self) -> Trace:
        """What the neuron did: times, values by recordable, spikes."""
        self.wait()
        assert self._trace is not None
        return self._trace

    @property
    def curve(self) -> Curve | None:
        """Response for inputs of different strength; None for a model that takes no input."""
        self.wait()
        return self._curve

    @property
    def plane(self) -> Plane | None:
        """Flow of the two variables that move; None where these are more or less."""
        self.wait()
        return self._plane

    # -- the knobs

    def _prepared(self, model: str, kind: str | None, receptor: str | None) -> dict[str, Any]:
        """All traits for a model, an input and a receptor, or an error."""
        facts = nest.models.registry[model]
        if facts.element_type != "neuron":
            raise UnknownName(
                "this is not a neuron model",
                where="ModelExplorer()",
                value=f"'{model}' ({facts.element_type})",
                wrong=model,
                candidates=[each["name"] for each in _neuron_models()],
            )
        found = {each: accepted(model, each) for each in _INPUTS}
        takes = [each for each, (receptor, _) in found.items() if receptor is not None]
        kind = kind or (takes[0] if takes else "nothing")
        if kind not in (takes or ["nothing"]):
            why = found[kind][1] if kind in found else ""
            raise BadValue(
                f"{model} does not take this input",
                where="ModelExplorer()",
                value=f"'{kind}'",
                allowed=" or ".join(f"'{each}'" for each in takes) or "'nothing'",
                todo=why or "Choose another input.",
            )
        whys = "" if takes else "\n".join(why for _, why in found.values())
        named = receptors(model, kind) if kind in found else {}
        if receptor is not None and receptor not in named:
            raise UnknownName(
                f"{model} has no such receptor for this input",
                where="ModelExplorer()",
                value=f"'{receptor}'",
                allowed="" if named else "none: its receptors have no names",
                todo="Leave it out for the usual one.",
                wrong=receptor,
                candidates=list(named),
            )
        usual = found[kind][0] if kind in found else 0
        self._receptor = usual if receptor is None else named[receptor]
        knobs = [*_input_knobs(model, kind), *_parameter_knobs(model)]
        return {
            "model": model,
            "input": kind,
            "receptor": next((name for name, number in named.items() if number == self._receptor), ""),
            "_inputs": takes or ["nothing"],
            "_receptors": list(named),
            "_summary": facts.summary,
            "_knobs": knobs,
            "values": {knob["name"]: knob["default"] for knob in knobs},
            "_notes": {"input": whys},
        }

    def _let_be(self, **values: Any) -> None:
        """Set knobs if the model accepts all of them."""
        for name in values:
            if name not in self.values:
                raise UnknownName(
                    f"{self.model} has no such knob",
                    where="ModelExplorer.set()",
                    value=f"'{name}'",
                    wrong=name,
                    candidates=list(self.values),
                )
        wanted = {**self.values, **values}
        self._experiment(wanted).build(
            [wanted.get(_INPUTS[self.input][0], 0.0)] if self.input in _INPUTS else [0.0]
        )
        if not 10.0 <= float(wanted["duration"]) <= 10_000.0:
            raise BadValue(
                "the trace must not be too short or too long",
                where="ModelExplorer.set()",
                value=f"{wanted['duration']:g} ms",
                allowed="10 … 10,000 ms",
                todo="Give the duration in ms.",
            )
        self.values = {name: float(value) for name, value in wanted.items()}
        self._errors = {name: text for name, text in self._errors.items() if name not in values}
        self._begin()

    def _experiment(self, values: dict[str, Any]) -> Experiment:
        """The experiment that the knobs stand for."""
        fields = nest.models.registry[self.model].parameters
        inputs = {knob["name"] for knob in self._knobs if knob["group"] == "input"}
        changed = {
            name: _typed(fields[name], value)
            for name, value in values.items()
            if name not in inputs and value != fields[name].default
        }
        amount = values[_INPUTS[self.input][0]] if self.input in _INPUTS else 0.0
        weight, duration = values.get("weight of a spike", 1.0), values["duration"]
        return Experiment(self.model, changed, self.input, amount, weight, self._receptor or 0, duration)

    # -- the work, in a thread of its own; what is wanted last wins

    def _begin(self) -> None:
        """Have everything computed again."""
        self._latest.ask()

    def _notice(self, busy: bool, failure: Exception | None) -> None:
        if failure is not None:
            self._wrong = str(failure)
        self._busy = busy

    def _compute(self, wanted: Callable[[], bool]) -> None:
        """All parts, the quick one first; none when something else is wanted meanwhile."""
        experiment = self._experiment(self.values)
        high = next((knob["high"] for knob in self._knobs if knob["group"] == "input"), 0.0)
        begin = process_time()
        trace = experiment.trace()
        took = process_time() - begin
        self._trace, self._wrong = trace, ""
        self._show_trace()
        plane, why_not = experiment.plane(trace)
        if not wanted():
            return
        self._plane, self._notes = plane, {**self._notes, "plane": why_not}
        self._show_plane()
        curve = None
        if experiment.kind != "nothing":
            time = 1000.0
            affordable = int(_BUDGET / max(took * 1.2 * time / experiment.duration, 1e-6))
            points = min(max(affordable, 7), 25)
            of = next((name for name in trace.moving), "")
            curve = experiment.curve(0.0, max(high, experiment.amount), of=of, points=points, time=time)
        if wanted():
            self._curve = curve
            self._show_curve()

    # -- the page

    def _do_look(self) -> None:
        if self._trace is not None:
            self._show_trace()
        self._show_plane()
        self._show_curve()

    def _do_choose(self, **what: Any) -> None:
        self.choose(**what)

    def _do_set(self, name: str, value: Any) -> None:
        try:
            self._let_be(**{name: value})
        except Exception as error:
            self._errors = {**self._errors, name: str(error)}

    def _panels(self) -> list[tuple[str, str]]:
        """Names and units of the quantities that are shown: those that move, or one."""
        if self._trace is None or not self._trace.values:
            return []
        facts, moving = nest.models.registry[self.model], self._trace.moving[:_SHOWN]
        return [(name, facts.recordable(name).unit) for name in moving or [*self._trace.values][:1]]

    def _show_trace(self) -> None:
        trace = self._trace
        if trace is None:
            return
        panels = self._panels()
        start = float(trace.times[0]) if len(trace.times) else 0.0
        step = float(trace.times[1] - trace.times[0]) if len(trace.times) > 1 else 1.0
        content = {
            "what": "trace",
            "panels": [{"name": name, "unit": unit, "neurons": [1]} for name, unit in panels],
            "lines": [{"start": start, "step": step}] * len(panels),
            "duration": self.values["duration"],
            "spiking": nest.models.registry[self.model].spiking,
        }
        self.send(content, [*(packed(trace.values[name]) for name, _ in panels), trace.spikes])

    def _show_curve(self) -> None:
        curve = self._curve
        if curve is None:
            self.send({"what": "curve", "there": False})
            return
        name, unit, _ = _INPUTS[self.input]
        labels = [_labelled(name, unit), _labelled(curve.quantity, curve.unit)]
        content = {"what": "curve", "there": True, "labels": labels, "now": self.values[name]}
        self.send(content, [packed(curve.amounts), packed(curve.responses)])

    def _show_plane(self) -> None:
        plane, trace = self._plane, self._trace
        if plane is None or trace is None or not set(plane.names) <= set(trace.values):
            self.send({"what": "plane", "there": False})
            return
        fields = nest.models.registry[self.model].parameters
        labels = [_labelled(name, fields[name].unit) for name in plane.names]
        parts = [plane.x, plane.y, plane.dx, plane.dy, *(trace.values[name] for name in plane.names)]
        self.send(
            {"what": "plane", "there": True, "labels": labels, "names": plane.names},
            [packed(part) for part in parts],
        )

    # -- without a browser

    def _draw(self, figure: Figure) -> None:
        trace, panels = self.trace, self._panels()
        parts: Any = figure.subfigures(2, 1, height_ratios=(max(len(panels), 1), 1.3))
        above, below = parts
        rows = np.ravel(above.subplots(max(len(panels), 1), 1, sharex=True))
        for axes, (name, unit) in zip(rows, panels, strict=False):
            plot.traces(*extremes(trace.times, trace.values[name], 2000), ax=axes, unit=unit, name=name)
            axes.set(xlabel="")
        if not panels:
            rows[0].vlines(trace.spikes, 0.0, 1.0)
            rows[0].set(yticks=[], ylabel="spikes")
        rows[0].set_title(f"{self.model}: {len(trace.spikes)} spikes in {self.values['duration']:g} ms")
        rows[-1].set(xlabel="time (ms)", xlim=(0.0, self.values["duration"]))
        left, right = below.subplots(1, 2)
        self._draw_curve(left)
        self._draw_plane(right)

    def _draw_curve(self, axes: Axes) -> None:
        if self._curve is None:
            _say(axes, "no input, no curve")
            return
        name, unit, _ = _INPUTS[self.input]
        axes.plot(self._curve.amounts, self._curve.responses, ".-")
        axes.axvline(self.values[name], color="C1", linestyle="--", label="now")
        axes.set(xlabel=_labelled(name, unit), ylabel=_labelled(self._curve.quantity, self._curve.unit))
        axes.legend(frameon=False)

    def _draw_plane(self, axes: Axes) -> None:
        plane, trace = self._plane, self._trace
        if plane is None or trace is None:
            _say(axes, self._notes.get("plane", ""))
            return
        fields = nest.models.registry[self.model].parameters
        for number, part in enumerate((plane.dx, plane.dy)):
            axes.contour(plane.x, plane.y, part, levels=[0.0], colors=f"C{number + 1}")
            axes.plot([], [], color=f"C{number + 1}", label=f"d{plane.names[number]}/dt = 0")
        u, v = plane.dx[::3, ::3] / np.ptp(plane.x), plane.dy[::3, ::3] / np.ptp(plane.y)
        size = np.hypot(u, v) + 1e-300
        axes.quiver(plane.x[::3], plane.y[::3], u / size, v / size, angles="xy", alpha=0.4, width=0.004)
        axes.plot(*(trace.values[name] for name in plane.names), color="C0", linewidth=0.8)
        axes.set(
            xlabel=_labelled(plane.names[0], fields[plane.names[0]].unit),
            ylabel=_labelled(plane.names[1], fields[plane.names[1]].unit),
            xlim=plane.x[[0, -1]],
            ylim=plane.y[[0, -1]],
        )
        axes.legend(frameon=False, fontsize="small", loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)

    def __str__(self) -> str:
        trace, duration = self.trace, self.values["duration"]
        lines = [f"{self.model}: {len(trace.spikes)} spikes in {duration:g} ms"]
        for knob in self._knobs:
            name, value = knob["name"], self.values[knob["name"]]
            if knob["group"] == "input" or value != knob["default"]:
                lines.append(f"  {name} = {with_unit(f'{value:g}', knob['unit'])}")
        if self._curve is not None:
            low, high = self._curve.responses[[0, -1]]
            lines.append(
                f"  {self._curve.quantity}: {with_unit(f'{low:.4g} … {high:.4g}', self._curve.unit)}"
            )
        if self._plane is not None:
            lines.append(f"  phase plane of {' and '.join(self._plane.names)}")
        lines += [f"  {line}" for line in self._notes.get("input", "").splitlines()]
        return "\n".join(lines)


def _neuron_models() -> list[dict[str, str]]:
    """Name and first line of every neuron model of the registry."""
    return [
        {"name": name, "summary": model.summary}
        for name, model in nest.models.registry.items()
        if model.element_type == "neuron"
    ]


def _knob(
    name: str, unit: str, doc: str, default: float, low: float, high: float, group: str
) -> dict[str, Any]:
    step = 10.0 ** np.floor(np.log10((high - low) / 50.0))
    facts = {"name": name, "unit": unit, "doc": doc, "low": low, "high": high, "step": float(step)}
    return {**facts, "default": float(default), "group": group}


def _input_knobs(model: str, kind: str) -> list[dict[str, Any]]:
    """What can be turned of the input."""
    knobs = []
    if kind in _INPUTS:
        amount, highest, weight = suggested(model, kind)
        knobs.append(_knob(*_INPUTS[kind], amount, 0.0, highest, "input"))
        if kind == "spikes":
            unit, doc = nest.models.registry[model].weight_unit, "how strong each of them is"
            knobs.append(_knob("weight of a spike", unit, doc, weight, -2.0 * weight, 2.0 * weight, "input"))
    return [*knobs, _knob("duration", "ms", "of the trace", 500.0, 100.0, 2000.0, "input")]


def _parameter_knobs(model: str) -> list[dict[str, Any]]:
    """What can be turned of a model: all its parameters that are single numbers."""
    knobs = []
    for name, field in nest.models.registry[model].parameters.items():
        single = field.type in {"float", "int"} and not isinstance(field.default, (list, tuple))
        if (
            not single
            or field.state
            or field.readonly
            or field.writeonly
            or field.when
            or field.default is None
        ):
            continue
        if not np.isfinite(field.default):
            continue
        low, high = slider(field)
        if low < high:
            knobs.append(_knob(name, field.unit, field.doc, field.default, low, high, "parameters"))
    return knobs


def _typed(field: Any, value: Any) -> Any:
    """A value as its parameter wants it; what is no whole number is for the model to refuse."""
    return int(value) if field.type == "int" and value == int(value) else value


def _labelled(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def _say(axes: Axes, text: str) -> None:
    """Words where there is no picture."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", va="center", wrap=True, transform=axes.transAxes)
