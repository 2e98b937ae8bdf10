"""Who is connected to whom: the matrix of a network, and the targets of one neuron in space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, UnknownName
from nest_lab.widgets._drawn import Drawn
from nest_lab.widgets._signals import packed
from nest_lab.widgets._spikes import by_model

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ConnectivityView"]

_CELLS = 240  # of the matrix along each side, at most
_MOST = 20_000_000  # connections that are looked at
_QUANTITIES = {"connections": "", "weight": "", "delay": "ms"}


class ConnectivityView(Drawn):
    """The matrix of connections, and the targets of a neuron in space.

    In the matrix sources lie to the right and targets upwards, population by population. Where there are
    more neurons than pixels a cell stands for several, and shows the number of connections, or the mean of
    their weights or delays. The table has the numbers of each pair of populations. Of neurons with positions
    a map shows the targets of the neuron that is chosen.

    Parameters
    ----------
    source : ReferenceNetwork, NodeCollection or mapping of str to NodeCollection
        A built network of the gallery, or neurons, by model or by name.
    synapse_model : str, optional
        Only connections of this model.

    Attributes
    ----------
    quantity : {'connections', 'weight', 'delay'}
        What the colours of the matrix are; can be set.
    neuron : int
        Node id of the neuron whose targets the map shows; can be set.

    Raises
    ------
    BadType, BadValue
        There are no neurons in `source`, or more connections than can be looked at.

    Examples
    --------
    >>> import nest_lab as nest
    >>> with nest.Simulation():
    ...     a, b = nest.Create("iaf_psc_exp", 4), nest.Create("iaf_psc_exp", 2)
    ...     nest.Connect(a, b, syn_spec={"weight": 3.0, "delay": 2.0})
    >>> print(ConnectivityView({"a": a, "b": b}))
    8 connections of 6 neurons
      a to b: 8 connections, density 1.000, mean weight 3, mean delay 2 ms
    """

    _uses = ("_chart", "_save")
    quantity = traitlets.Unicode("connections").tag(sync=True)
    neuron = traitlets.Int(0).tag(sync=True)
    _populations: Any = traitlets.List().tag(sync=True)
    _rows: Any = traitlets.List().tag(sync=True)
    _spatial = traitlets.Bool(False).tag(sync=True)

    def __init__(self, source: Any, *, synapse_model: str | None = None) -> None:
        self._nodes = _populations_of(source)
        self._model = synapse_model
        self._read()
        super().__init__(neuron=int(self._ids[0]), _spatial=self._positions is not None)
        self._tell()

    def update(self) -> None:
        """Read the connections again.

        Raises
        ------
        StaleCollection
            The network was replaced by a reset; what is shown stays.
        """
        self._read()
        self._tell()
        self._do_look()

    # -- what there is

    def _read(self) -> None:
        """Connections between the populations, as places in the matrix."""
        some = next(iter(self._nodes.values()))
        with some.simulation:
            members = {
                name: np.asarray(nodes.tolist(), dtype=np.int64) for name, nodes in self._nodes.items()
            }
            ids = np.concatenate(list(members.values()))
            everyone = nest.NodeCollection(np.unique(ids).tolist())
            found = nest.GetConnections(everyone, everyone, synapse_model=self._model)
            if len(found) > _MOST:
                raise BadValue(
                    "there are more connections than can be looked at",
                    where="ConnectivityView()",
                    value=f"{len(found):,}",
                    allowed=f"at most {_MOST:,}",
                    todo="Give some of the neurons, or a synapse_model.",
                )
            columns = found.get(["source", "target", "weight", "delay"]) if len(found) else {}
            self._positions = _positions(self._nodes)
        source, target = (
            np.atleast_1d(np.asarray(columns.get(key, []), dtype=np.int64)) for key in ("source", "target")
        )
        self._weight, self._delay = (
            np.atleast_1d(np.asarray(columns.get(key, []), dtype=np.float64)) for key in ("weight", "delay")
        )
        order = np.argsort(ids, kind="stable")
        self._source = order[np.searchsorted(ids, source, sorter=order)]
        self._target = order[np.searchsorted(ids, target, sorter=order)]
        self._ids, self._members = ids, members

    def _tell(self) -> None:
        """Numbers of each pair of populations that has connections."""
        self._populations = [{"name": name, "size": len(ids)} for name, ids in self._members.items()]
        sizes = [len(ids) for ids in self._members.values()]
        edges, names = np.cumsum([0, *sizes]), list(self._members)
        pair = (np.searchsorted(edges, self._source, side="right") - 1) * len(names)
        pair += np.searchsorted(edges, self._target, side="right") - 1
        counts = np.bincount(pair, minlength=len(names) ** 2)
        sums = [np.bincount(pair, each, minlength=len(counts)) for each in (self._weight, self._delay)]
        self._rows = [
            {
                "from": names[i // len(names)],
                "to": names[i % len(names)],
                "connections": int(counts[i]),
                "density": float(counts[i] / (sizes[i // len(names)] * sizes[i % len(names)])),
                "weight": float(sums[0][i] / counts[i]),
                "delay": float(sums[1][i] / counts[i]),
            }
            for i in np.flatnonzero(counts)
        ]

    def matrix(self, quantity: str | None = None) -> NDArray[np.float64]:
        """The matrix that is shown.

        Parameters
        ----------
        quantity : {'connections', 'weight', 'delay'}, optional
            What; that of the widget when not given.

        Returns
        -------
        ndarray, shape (n_cells, n_cells)
            Targets by sources: number of connections of a cell, or the mean of the quantity, `nan` where
            there are none.
        """
        quantity = _known(quantity or self.quantity, "ConnectivityView.matrix()")
        n = min(len(self._ids), _CELLS)
        cell = (self._target * n // len(self._ids)) * n + self._source * n // len(self._ids)
        counts = np.bincount(cell, minlength=n * n).astype(np.float64).reshape(n, n)
        if quantity == "connections":
            return counts
        values = {"weight": self._weight, "delay": self._delay}[quantity]
        sums = np.bincount(cell, values, minlength=n * n).reshape(n, n)
        means: NDArray[np.float64] = np.divide(sums, counts, out=np.full((n, n), np.nan), where=counts > 0)
        return means

    def targets(self) -> NDArray[np.int64]:
        """Node ids of the targets of the chosen neuron, each once."""
        place = int(np.flatnonzero(self._ids == self.neuron)[0])
        return np.unique(self._ids[self._target[self._source == place]])

    # -- the page

    @traitlets.validate("quantity")
    def _valid_quantity(self, proposal: Any) -> str:
        return _known(proposal["value"], "ConnectivityView.quantity")

    @traitlets.validate("neuron")
    def _valid_neuron(self, proposal: Any) -> int:
        if proposal["value"] not in self._ids:
            raise BadValue(
                "this neuron is not shown",
                where="ConnectivityView.neuron",
                value=f"neuron {proposal['value']}",
                allowed=f"one of {len(self._ids):,} neurons, {self._ids.min()} … {self._ids.max()}",
                todo="Give the node id of one of the neurons.",
            )
        return int(proposal["value"])

    @traitlets.observe("quantity", "neuron")
    def _renew(self, _: Any = None) -> None:
        self._do_look()

    def _do_choose(self, quantity: str) -> None:
        self.quantity = quantity
        self._wrong = ""

    def _do_neuron(self, neuron: Any) -> None:
        if not isinstance(neuron, (int, float)) or neuron != int(neuron):
            raise BadType(
                "a neuron is given by its node id",
                where="ConnectivityView.neuron",
                value=repr(neuron),
                allowed="a whole number",
                todo="Give the node id of one of the neurons.",
            )
        self.neuron = int(neuron)
        self._wrong = ""

    def _do_look(self) -> None:
        matrix = self.matrix()
        known = matrix[np.isfinite(matrix)]
        limits = [float(known.min()), float(known.max())] if len(known) else [0.0, 0.0]
        content = {"what": "matrix", "cells": len(matrix), "limits": limits, "label": self._label()}
        self.send(content, [packed(np.where(np.isfinite(matrix), matrix, 3e38))])
        if self._positions is not None:
            chosen = np.isin(self._ids, self.targets()) + 2 * (self._ids == self.neuron)
            self.send({"what": "map"}, [packed(self._positions), chosen.astype(np.uint8)])

    def _label(self) -> str:
        """What the colours are, with the unit."""
        if self.quantity == "connections":
            return "connections in a cell" if len(self._ids) > _CELLS else "connections"
        unit = _QUANTITIES[self.quantity]
        return f"mean {self.quantity}" + (f" ({unit})" if unit else "")

    # -- without a browser

    def _draw(self, figure: Figure) -> None:
        parts: Any = figure.subplots(1, 2 if self._positions is not None else 1, squeeze=False)
        axes = parts[0]
        matrix, n = self.matrix(), len(self._ids)
        diverging = self.quantity == "weight" and np.nanmin(matrix, initial=0.0) < 0.0
        top = np.nanmax(np.abs(matrix), initial=1e-12)
        shades = (
            {"cmap": "PuOr_r", "vmin": -top, "vmax": top} if diverging else {"cmap": "Blues", "vmin": 0.0}
        )
        shown = np.where(matrix == 0.0, np.nan, matrix)
        image = axes[0].imshow(shown, origin="lower", extent=(0, n, 0, n), **shades, interpolation="none")
        figure.colorbar(image, ax=axes[0], label=self._label(), shrink=0.6)
        edges = np.cumsum([0, *(len(ids) for ids in self._members.values())])
        for edge in edges[1:-1]:
            axes[0].axhline(edge, linewidth=0.5, color="C7")
            axes[0].axvline(edge, linewidth=0.5, color="C7")
        middles, names = (edges[1:] + edges[:-1]) / 2, list(self._members)
        axes[0].set_xticks(middles, names, rotation=90 if len(names) > 2 else 0)
        axes[0].set_yticks(middles, names)
        axes[0].set(xlabel="from", ylabel="to")
        if self._positions is not None:
            self._draw_map(axes[1])

    def _draw_map(self, axes: Axes) -> None:
        assert self._positions is not None
        x, y = self._positions.T
        chosen, source = np.isin(self._ids, self.targets()), self._ids == self.neuron
        axes.plot(x, y, ".", color="C7", markersize=2, label="all")
        axes.plot(x[chosen], y[chosen], ".", color="C0", markersize=4, label="targets")
        axes.plot(x[source], y[source], "D", color="C1", label=f"neuron {self.neuron}")
        axes.set(aspect="equal", xlabel="x", ylabel="y")
        axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, fontsize="small")

    def __str__(self) -> str:
        lines = [f"{len(self._source):,} connections of {len(self._ids):,} neurons"]
        for row in self._rows:
            lines.append(
                f"  {row['from']} to {row['to']}: {row['connections']:,} connections, density "
                f"{row['density']:.3f}, mean weight {row['weight']:.4g}, "
                f"mean delay {row['delay']:.4g} ms"
            )
        return "\n".join(lines)


def _populations_of(source: Any) -> dict[str, Any]:
    """Neurons by population, however they are given."""
    if all(hasattr(source, name) for name in ("populations", "built")) and source.built:
        source = source.populations
    elif isinstance(source, nest.NodeCollection):
        with source.simulation:
            source = by_model(source)
    good = isinstance(source, Mapping) and source
    if not good or not all(isinstance(nodes, nest.NodeCollection) and nodes for nodes in source.values()):
        raise BadType(
            "there are no neurons in this",
            where="ConnectivityView()",
            value=f"{source!r} ({type(source).__name__})",
            allowed="a built network of the gallery, neurons, or neurons by name",
            todo="Give what Create() returned.",
        )
    return dict(source)


def _positions(populations: Mapping[str, Any]) -> NDArray[np.float64] | None:
    """The first two coordinates of all neurons, shape (n, 2); None where some have none."""
    if any(nodes.spatial is None for nodes in populations.values()):
        return None
    places = [np.atleast_2d(np.asarray(nest.GetPosition(nodes)))[:, :2] for nodes in populations.values()]
    return np.concatenate(places)


def _known(quantity: str, where: str) -> str:
    if quantity not in _QUANTITIES:
        raise UnknownName(
            "there is no such quantity",
            where=where,
            value=f"'{quantity}'",
            wrong=str(quantity),
            candidates=list(_QUANTITIES),
        )
    return quantity
