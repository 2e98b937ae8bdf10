r"""Dendrites as cables: morphologies from files, fine trees of compartments, and their reduction to few.

A file gives a tree of points with radii (`read_swc`). `discretise` cuts the cable between them into
compartments, a `Tree`, whose conductances form a symmetric matrix :math:`G`, and for which

.. math:: C \dot v = -G v + I, \qquad Z(\omega) = (G + i \omega C)^{-1},

where :math:`v` is the distance from rest and :math:`Z_{ij}` the **impedance**: what 1 nA at j does to the
voltage at i. `reduce` finds the few compartments that have the impedances of the many.

References
----------
.. [1] Rall W (1959). Branching dendritic trees and motoneuron membrane resistivity. Experimental Neurology
       1:491-527. doi:10.1016/0014-4886(59)90046-9
.. [2] Wybo WAM et al. (2021). Data-driven reduction of dendritic morphologies with preserved dendro-somatic
       responses. eLife 10:e60936. doi:10.7554/eLife.60936
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nest_lab.errors import BadFile, BadValue, MissingFile, NESTError, UnknownName

__all__ = ["Membrane", "Morphology", "Reduction", "Tree", "discretise", "read_swc", "reduce"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SOMA = 1  # type of a point in a file
_SHARES = (0.003, 0.03, 0.3)  # of channels that are open, for the fit of their conductances


# -- files


@dataclass(frozen=True, eq=False)
class Morphology:
    """Points of a neuron; the first is the soma, to which the dendrites are attached.

    Attributes
    ----------
    ids : ndarray, shape (n,), int
        Number of each point in its file.
    parents : ndarray, shape (n,), int
        Index of the point before it, -1 for the soma.
    kinds : ndarray, shape (n,), int
        1 soma, 2 axon, 3 basal dendrite, 4 apical dendrite, others as the file means them.
    positions : ndarray, shape (n, 3), um
        Where they are.
    radii : ndarray, shape (n,), um
        Radius of the cable there.
    soma_area : float, um²
        Surface of the soma.
    """

    ids: Ints
    parents: Ints
    kinds: Ints
    positions: Floats
    radii: Floats
    soma_area: float

    def index(self, point: int, where: str = "Morphology.index()") -> int:
        """Index of the point with a number."""
        found = np.flatnonzero(self.ids == point)
        if not len(found):
            raise UnknownName(
                "the morphology has no point of this number",
                where=where,
                value=f"{point}",
                allowed=f"one of the {len(self.ids)} numbers in the first column of the file",
                todo="tips() gives the ends of the dendrites.",
            )
        return int(found[0])

    def tips(self) -> list[int]:
        """Numbers of the points at which dendrites end, in the order of the file."""
        ends = np.setdiff1d(np.arange(1, len(self.ids)), self.parents)
        return [int(point) for point in self.ids[ends]]

    def forks(self) -> list[int]:
        """Numbers of the points at which dendrites branch, in the order of the file."""
        children = np.bincount(self.parents[1:], minlength=len(self.ids))
        return [int(point) for point in self.ids[1:][children[1:] > 1]]

    def between(self, points: Sequence[int], spacing: float) -> list[int]:
        """Numbers of points on the way from the soma to others, about as far from each other as wanted.

        Parameters
        ----------
        points : sequence of int
            Where the ways end; these are not in the result.
        spacing : float, um
            Length of cable between one and the next, at most, if the file has a point there.

        Returns
        -------
        list of int
            In the order of the file.
        """
        ends, distances = {self.index(point, "Morphology.between()") for point in points}, self.distances
        chosen: set[int] = set()
        for i in sorted(ends):
            path = [i]
            while (parent := int(self.parents[path[-1]])) > 0:
                path.append(parent)
            last = 0.0
            for here, following in zip(path[:0:-1], path[-2::-1], strict=True):
                if distances[following] - last > spacing and distances[here] > last:
                    chosen.add(here)
                if here in chosen or here in ends:
                    last = distances[here]
        return [int(self.ids[i]) for i in sorted(chosen - ends)]

    @property
    def edges(self) -> Floats:
        """Length of cable between a point and the one before it, um; none within the soma."""
        steps = np.linalg.norm(self.positions - self.positions[self.parents], axis=1)
        return np.where(self.parents <= 0, 0.0, steps)

    @property
    def distances(self) -> Floats:
        """Length of cable from the soma to each point, um."""
        distances = np.zeros(len(self.ids))
        edges = self.edges
        for i in range(1, len(self.ids)):
            distances[i] = distances[self.parents[i]] + edges[i]
        return distances


def read_swc(path: str | Path) -> Morphology:
    """Read the morphology of a neuron from a file in SWC format.

    Each line has seven numbers: the number of a point, its type, x, y, z, radius (um), and the number of the
    point before it, -1 for the first. What follows a # is a comment.

    The points of the soma become one, whose surface is that of a ball, or of the cylinders between its
    points if there are several. A dendrite begins at its own first point, which is electrically at the soma.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.

    Returns
    -------
    Morphology
        Its points in the order of the file.

    Raises
    ------
    MissingFile
        If there is no such file.
    BadFile
        If it is not a tree of points around a soma; the message names the line.

    References
    ----------
    Cannon RC et al. (1998). An on-line archive of reconstructed hippocampal neurons. Journal of Neuroscience
    Methods 84:49-54. doi:10.1016/S0165-0270(98)00091-0

    Examples
    --------
    >>> from nest_lab.gallery import dendrites
    >>> cell = dendrites.read_swc(dendrites.MORPHOLOGY)
    >>> len(cell.tips()), round(cell.edges.sum())
    (11, 1970)
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MissingFile(
            "there is no such file",
            where="read_swc()",
            value=repr(str(file)),
            allowed="the path of a file in SWC format",
            todo="Check the path and the folder you are in.",
        ) from None
    except UnicodeDecodeError as error:
        raise _broken(file, 0, "it is not a text", f"byte {error.start}", "a file in SWC format") from None
    points: dict[int, _Point] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if words := line.partition("#")[0].split():
            point = _parsed(file, number, words)
            _check_place(file, point, points)
            points[point.id] = point
    if not points:
        raise _broken(file, 0, "there is no point in it", "no line with numbers", "at least a soma")
    return _morphology(file, list(points.values()))


@dataclass(frozen=True)
class _Point:
    """A line of a file."""

    line: int
    id: int
    kind: int
    position: tuple[float, float, float]
    radius: float
    parent: int


def _broken(file: Path, line: int, what: str, value: str, allowed: str) -> NESTError:
    """What is wrong with a file, and where in it."""
    return BadFile(
        f"{what} ({file.name}{f', line {line}' if line else ''})",
        where="read_swc()",
        value=value,
        allowed=allowed,
        todo="Correct the file.",
    )


_COLUMNS = ("number", "type", "x", "y", "z", "radius", "parent")


def _parsed(file: Path, line: int, words: Sequence[str]) -> _Point:
    """The numbers of a line, each checked by itself."""
    if len(words) != len(_COLUMNS):
        allowed = "seven numbers: number, type, x, y, z, radius, parent"
        raise _broken(file, line, f"a line has {len(words)} columns", f"'{' '.join(words)}'", allowed)
    values: dict[str, Any] = {}
    for name, word in zip(_COLUMNS, words, strict=True):
        whole = name in {"number", "type", "parent"}
        try:
            value = int(word) if whole else float(word)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            allowed = "a whole number" if whole else "a finite number in um"
            raise _broken(file, line, f"the {name} of a point is not a number", f"'{word}'", allowed)
        values[name] = value
    for name in ("number", "type"):
        if values[name] < 0:
            raise _broken(file, line, f"the {name} of a point is negative", f"{values[name]}", "0 or more")
    if not values["radius"] > 0.0:
        given = f"{values['radius']:g} um"
        raise _broken(file, line, "the radius of a point is not positive", given, "above 0 um")
    place = (values["x"], values["y"], values["z"])
    return _Point(line, values["number"], values["type"], place, values["radius"], values["parent"])


def _check_place(file: Path, point: _Point, before: Mapping[int, _Point]) -> None:
    """Refuse a point that does not fit into the tree of those before it."""
    line, parent = point.line, before.get(point.parent)
    if point.id in before:
        first = before[point.id].line
        value = f"{point.id}, as in line {first}"
        raise _broken(file, line, "two points have the same number", value, "a number of its own")
    if not before:
        if point.parent != -1:
            what, value = "the first point has a parent", f"{point.parent}"
            raise _broken(file, line, what, value, "-1, then points in an order from the soma outwards")
        if point.kind != _SOMA:
            value = f"type {point.kind}"
            raise _broken(file, line, "the first point is not of the soma", value, f"type {_SOMA}")
        return
    if parent is None:
        if point.parent == -1:
            raise _broken(file, line, "a second point has no parent", "-1", "one tree in a file")
        what, value = "the parent of a point does not stand before it", f"{point.parent}"
        raise _broken(file, line, what, value, "the number of a point in a line above")
    if point.kind == _SOMA and parent.kind != _SOMA:
        value = f"type {_SOMA} after a point of type {parent.kind}"
        raise _broken(file, line, "a point of the soma follows a dendrite", value, "one soma, at the root")
    if parent.kind != _SOMA and point.position == parent.position:
        value = "({:g}, {:g}, {:g}) um".format(*point.position)
        allowed = "a place other than that of the parent"
        raise _broken(file, line, "a piece of dendrite has no length", value, allowed)


def _morphology(file: Path, points: Sequence[_Point]) -> Morphology:
    """Points as arrays, those of the soma as one."""
    soma = {point.id: point for point in points if point.kind == _SOMA}
    pieces = [
        _cone(math.dist(point.position, soma[point.parent].position), point.radius, soma[point.parent].radius)
        for point in soma.values()
        if point.parent != -1
    ]
    area = sum(area for area, _ in pieces) if pieces else 4.0 * math.pi * points[0].radius ** 2
    if not area > 0.0:
        value = f"{len(soma)} points in one place"
        raise _broken(file, points[0].line, "the soma has no surface", value, "one point, or several apart")
    kept = [points[0], *(point for point in points if point.kind != _SOMA)]
    index = {point.id: i for i, point in enumerate(kept)} | dict.fromkeys(soma, 0)
    morphology = Morphology(
        np.array([point.id for point in kept], dtype=np.int64),
        np.array([index.get(point.parent, -1) for point in kept], dtype=np.int64),
        np.array([point.kind for point in kept], dtype=np.int64),
        np.array([point.position for point in kept], dtype=np.float64),
        np.array([point.radius for point in kept], dtype=np.float64),
        area,
    )
    for i in np.setdiff1d(np.flatnonzero(morphology.parents == 0), morphology.parents):
        allowed = "at least two points in a dendrite"
        raise _broken(file, kept[i].line, "a dendrite has no length", f"point {kept[i].id} alone", allowed)
    return morphology


def _cone(length: float, one: float, other: float) -> tuple[float, float]:
    """Surface of a cone without its ends, um², and its length over its conducting section, 1/um."""
    return math.pi * (one + other) * math.hypot(length, one - other), length / (math.pi * one * other)


# -- trees of compartments


@dataclass(frozen=True, kw_only=True)
class Membrane:
    """What the membrane and the inside of a neuron are made of.

    Attributes
    ----------
    C_m : float, uF/cm²
        Capacitance.
    g_L : float, uS/cm²
        Leak conductance.
    R_a : float, Ohm cm
        Resistivity of the inside.
    E_rest : float, mV
        Resting potential, the same everywhere: the reversal potential of the leak follows from it.
    gbar_Na, gbar_K : float, mS/cm²
        Conductance of all channels in the dendrites.
    gbar_Na_soma, gbar_K_soma : float, mS/cm²
        The same in the soma.
    """

    C_m: float = 1.0
    g_L: float = 100.0
    R_a: float = 100.0
    E_rest: float = -75.0
    gbar_Na: float = 0.0
    gbar_K: float = 0.0
    gbar_Na_soma: float = 0.0
    gbar_K_soma: float = 0.0


@dataclass(frozen=True, eq=False)
class Tree:
    """Compartments that are joined to a tree, in the units of ``cm_default``.

    Attributes
    ----------
    parents : ndarray, shape (n,), int
        Compartment towards the root, which is the first and has -1; a parent stands before its children.
    C_m : ndarray, shape (n,), nF
        Capacitances.
    g_L, g_C : ndarray, shape (n,), uS
        Leak conductances, and conductances to the parents (0 for the root).
    gbar_Na, gbar_K : ndarray, shape (n,), uS
        Conductances of all sodium and of all potassium channels.
    E_rest : float, mV
        Resting potential of every compartment.
    distances : ndarray, shape (n,), um
        Length of cable from the soma.
    sites : mapping of int to int
        Compartments of the points of the morphology that have one to themselves.
    """

    parents: Ints
    C_m: Floats
    g_L: Floats
    g_C: Floats
    gbar_Na: Floats
    gbar_K: Floats
    E_rest: float
    distances: Floats
    sites: Mapping[int, int]

    def __len__(self) -> int:
        return len(self.parents)

    @property
    def conductances(self) -> Floats:
        """The matrix G, without channels, uS."""
        children, parents = np.arange(1, len(self)), self.parents[1:]
        to_children = np.bincount(parents, self.g_C[1:], minlength=len(self))
        G = np.diag(self.g_L + self.g_C + to_children)
        G[children, parents] = G[parents, children] = -self.g_C[1:]
        return G

    def impedances(self, points: Sequence[int] | None = None, frequency: float = 0.0) -> NDArray[Any]:
        """Input and transfer impedances between points of the morphology, without channels.

        Parameters
        ----------
        points : sequence of int, optional
            Their numbers, all sites when not given.
        frequency : float, Hz
            Frequency of a sinusoidal current, 0 for a constant one.

        Returns
        -------
        ndarray, shape (n_points, n_points), MOhm
            Real for a constant current, complex otherwise. The diagonal holds the input impedances.
        """
        G: NDArray[Any] = self.conductances
        if frequency:
            G = G + np.diag(2e-3j * np.pi * frequency * self.C_m)
        return _block(
            G, self._compartments(list(self.sites) if points is None else points, "Tree.impedances()")
        )

    def _compartments(self, points: Sequence[int], where: str) -> list[int]:
        for point in points:
            if point not in self.sites:
                raise UnknownName(
                    "the tree has no compartment at this point",
                    where=where,
                    value=f"{point}",
                    allowed=f"{', '.join(map(str, self.sites))}",
                    todo="Give it to discretise() as one of the sites.",
                )
        return [self.sites[point] for point in points]

    def modes(self) -> tuple[Floats, Floats]:
        """Time constants of the passive tree, and how voltages are spread in what decays with each.

        Returns
        -------
        tau : ndarray, shape (n,), ms
            Time constants, the longest first.
        voltages : ndarray, shape (n, n)
            A column for each.
        """
        from scipy.linalg import eigh

        rates, voltages = eigh(self.conductances, np.diag(self.C_m))
        return 1.0 / rates, np.asarray(voltages)

    def compartments(self) -> list[dict[str, Any]]:
        """What ``cm_default`` takes as ``compartments``."""
        through = self.gbar_Na * _open_Na(self.E_rest) * (self.E_rest - 50.0)
        through = through + self.gbar_K * _open_K(self.E_rest) * (self.E_rest + 85.0)
        e_L = self.E_rest + np.divide(through, self.g_L, out=np.zeros(len(self)), where=self.g_L > 0.0)
        return [
            {
                "parent_idx": int(parent),
                "params": {
                    "C_m": float(self.C_m[i]),
                    "g_L": float(self.g_L[i]),
                    "g_C": float(self.g_C[i]),
                    "e_L": float(e_L[i]),
                    "gbar_Na": float(self.gbar_Na[i]),
                    "gbar_K": float(self.gbar_K[i]),
                    "v_comp": self.E_rest,
                },
            }
            for i, parent in enumerate(self.parents)
        ]


def _coupling(n: int, one: int, other: int) -> Floats:
    """What a conductance of 1 uS between two compartments contributes to G."""
    B = np.zeros((n, n))
    B[[one, other], [one, other]] = 1.0
    B[[one, other], [other, one]] = -1.0
    return B


def _block(G: NDArray[Any], chosen: Sequence[int]) -> NDArray[Any]:
    """Rows and columns of the inverse of G."""
    unit = np.eye(len(G))[:, chosen]
    return np.asarray(np.linalg.solve(G, unit)[chosen])


def _open_Na(v: float) -> float:
    """Share of the sodium channels of ``cm_default`` that are open at rest (Mainen & Sejnowski 1996)."""

    def pull(x: float, k: float) -> float:
        return k if x == 0.0 else x / -math.expm1(-x / k)

    a_m, b_m = 0.182 * pull(v + 35.013, 9.0), 0.124 * pull(-v - 35.013, 9.0)
    return (a_m / (a_m + b_m)) ** 3 / (1.0 + math.exp((v + 65.0) / 6.2))


def _open_K(v: float) -> float:
    """Share of the potassium channels of ``cm_default`` that are open at rest."""
    return 0.02 / (0.02 + 0.002 * math.exp((25.0 - v) / 9.0))


def discretise(
    morphology: Morphology, membrane: Membrane, sites: Sequence[int] = (), longest: float = 20.0
) -> Tree:
    """Cut a morphology into compartments.

    A compartment is the surroundings of a point, half of the way to each neighbour. There is one at the soma,
    at each fork, tip and site, and between them as many as are needed. Resistances and surfaces between them
    are those of the cones between the points of the morphology.

    Parameters
    ----------
    morphology : Morphology
        What to cut.
    membrane : Membrane
        What it is made of.
    sites : sequence of int
        Numbers of points that get a compartment to themselves.
    longest : float, um
        Largest length of cable between two compartments. The error falls with its square.

    Returns
    -------
    Tree
        Its sites are the soma, all forks and tips, and those asked for.

    Raises
    ------
    BadValue
        If `longest` is not above 0.
    UnknownName
        If the morphology has no such point.

    Examples
    --------
    >>> from nest_lab.gallery import dendrites
    >>> tree = discretise(dendrites.read_swc(dendrites.MORPHOLOGY), Membrane(), longest=50.0)
    >>> len(tree), round(float(tree.modes()[0][0]), 6)
    (51, 10.0)
    """
    if not longest > 0.0:
        what = "compartments must have a length"
        raise BadValue(what, where="discretise()", value=f"{longest:g} um", allowed="above 0 um")
    wanted = [morphology.index(point, "discretise()") for point in sites]
    keys = {0, *wanted, *(morphology.index(point) for point in (*morphology.forks(), *morphology.tips()))}
    pieces = _Pieces(morphology, longest)
    index = {0: 0}
    for i in sorted(keys - {0}):
        path = [i]
        while (before := int(morphology.parents[path[-1]])) not in index:
            path.append(before)
        index[i] = pieces.add(path[::-1], index[before], before)
    return pieces.tree(membrane, {int(morphology.ids[i]): index[i] for i in sorted(index)})


class _Pieces:
    """Compartments while they are made: surface of each, and what lies between it and its parent."""

    def __init__(self, morphology: Morphology, longest: float) -> None:
        self.morphology, self.longest = morphology, longest
        self.distances = morphology.distances
        self.parents, self.areas, self.paths = [-1], [0.0], [0.0]
        self.resistance = [math.inf]  # length over section to the parent, 1/um

    def add(self, path: Sequence[int], parent: int, before: int) -> int:
        """Add the cable along a path of points; give the compartment at its end."""
        points = [*path] if before == 0 else [before, *path]
        if len(points) == 1:  # a site at the first point of a dendrite is at the soma
            return parent
        at, radii = self.distances[points], self.morphology.radii[points]
        n = max(math.ceil((at[-1] - at[0]) / self.longest - 1e-9), 1)
        # The ends of compartments lie in the middle between their centres.
        halves = np.linspace(at[0], at[-1], 2 * n + 1)
        fine = np.union1d(at, halves)
        radius = np.interp(fine, at, radii)
        cones = [_cone(*args) for args in zip(np.diff(fine), radius[:-1], radius[1:], strict=True)]
        sums = np.vstack([np.zeros(2), np.cumsum(cones, axis=0)])[np.searchsorted(fine, halves)]
        steps = np.diff(sums, axis=0)  # surface and resistance of each half
        for k in range(n):
            self.areas[parent] += steps[2 * k, 0]
            self.parents.append(parent)
            self.areas.append(steps[2 * k + 1, 0])
            self.resistance.append(steps[2 * k, 1] + steps[2 * k + 1, 1])
            self.paths.append(float(halves[2 * k + 2]))
            parent = len(self.parents) - 1
        return parent

    def tree(self, membrane: Membrane, sites: Mapping[int, int]) -> Tree:
        """Give the compartments their membrane; 1 cm² is 1e8 um²."""
        soma = np.zeros(len(self.parents))
        soma[0] = self.morphology.soma_area
        dendrite = np.array(self.areas)
        area = soma + dendrite
        g_C = 1.0 / (1e-2 * membrane.R_a * np.array(self.resistance))  # Ohm cm / um = 1e-2 MOhm
        return Tree(
            np.array(self.parents, dtype=np.int64),
            1e-5 * membrane.C_m * area,
            1e-8 * membrane.g_L * area,
            g_C,
            1e-5 * (membrane.gbar_Na * dendrite + membrane.gbar_Na_soma * soma),
            1e-5 * (membrane.gbar_K * dendrite + membrane.gbar_K_soma * soma),
            membrane.E_rest,
            np.array(self.paths),
            dict(sites),
        )


# -- reduction


@dataclass(frozen=True, eq=False)
class Reduction:
    """A tree of few compartments, and how well it stands for the full one.

    Attributes
    ----------
    tree : Tree
        The few compartments, the soma first.
    points : list of int
        Numbers of the points of the morphology, in the order of the compartments.
    impedances, reduced_impedances : ndarray, shape (n, n), MOhm
        Impedances between these points for a constant current, in the full and in the reduced tree.
    """

    tree: Tree
    points: list[int]
    impedances: Floats
    reduced_impedances: Floats

    @property
    def error(self) -> float:
        """Largest difference of the impedances, relative to the input impedances of the two points."""
        scale = np.sqrt(np.outer(np.diag(self.impedances), np.diag(self.impedances)))
        return float(np.abs((self.reduced_impedances - self.impedances) / scale).max())


def reduce(full: Tree, points: Sequence[int], *, forks: bool = True) -> Reduction:
    r"""Reduce a tree to compartments at a few points [1]_.

    The conductances of the reduced tree are those for which its matrix comes closest to the inverse of the
    impedances of the full one, which is a linear problem in them:

    .. math:: \min_{g \ge 0} \| G(g)\, Z - 1 \|^2 .

    Then each kind of channel: the full tree with a share of them open has other impedances, from which the
    conductance of all of them in each compartment follows in the same way. Capacitances are those with which
    the slowest mode of the full tree, which decays with :math:`\tau` and has the voltages :math:`\phi`, is a
    mode of the reduced one: :math:`c_i = \tau (G\phi)_i / \phi_i`.

    Between points of a passive tree the fit is exact if all forks between them have a compartment.

    Parameters
    ----------
    full : Tree
        What to reduce.
    points : sequence of int
        Numbers of points of the morphology that are sites of the full tree, in any order; the soma is added.
    forks : bool
        Whether to add a compartment at each fork between them.

    Returns
    -------
    Reduction
        The reduced tree, and its impedances beside those of the full one.

    Raises
    ------
    UnknownName
        If a point is not a site of the full tree.
    BadValue
        If a point is given twice, or if no capacitances fit, which may be without forks.

    Notes
    -----
    Channels are fitted at fixed shares of open ones. The publication linearises their kinetics around several
    holding potentials instead; for channels at the soma, which has a compartment, both are exact.

    References
    ----------
    .. [1] Wybo WAM et al. (2021). Data-driven reduction of dendritic morphologies with preserved
           dendro-somatic responses. eLife 10:e60936, Methods. doi:10.7554/eLife.60936

    Examples
    --------
    >>> from nest_lab.gallery import dendrites
    >>> cell = dendrites.read_swc(dendrites.MORPHOLOGY)
    >>> full = discretise(cell, Membrane())
    >>> reduction = reduce(full, cell.tips()[:2])
    >>> len(full), len(reduction.tree), reduction.error < 1e-9
    (108, 4, True)
    """
    if len(set(points)) < len(points):
        value = ", ".join(map(str, points))
        todo = "Several receptors may share a compartment."
        raise BadValue(
            "a point is given twice", where="reduce()", value=value, allowed="each point once", todo=todo
        )
    chosen = sorted({0, *full._compartments(points, "reduce()")})
    if forks:
        chosen = _with_forks(full, chosen)
    numbers = {compartment: point for point, compartment in reversed(list(full.sites.items()))}
    parents = np.array([-1, *(chosen.index(_ancestor(full, i, chosen)) for i in chosen[1:])], dtype=np.int64)
    Z = _block(full.conductances, chosen)
    g_L, g_C = _fit_conductances(Z, parents)
    passive = Tree(
        parents,
        np.ones(len(chosen)),
        g_L,
        g_C,
        np.zeros(len(chosen)),
        np.zeros(len(chosen)),
        full.E_rest,
        full.distances[chosen],
        {numbers[compartment]: i for i, compartment in enumerate(chosen)},
    )
    G = passive.conductances
    tau, voltages = full.modes()
    slowest = voltages[chosen, 0]
    C_m = tau[0] * (G @ slowest) / slowest
    if not (C_m > 0.0).all():
        raise BadValue(
            "these compartments cannot have the impedances and the time constant of the full tree",
            where="reduce()",
            value=f"a capacitance of {C_m.min():.3g} nF",
            allowed="above 0 nF",
            todo="Add compartments at the forks between the points (forks=True), or choose other points.",
        )
    tree = Tree(
        parents,
        C_m,
        g_L,
        g_C,
        _fit_channels(full, full.gbar_Na, chosen, G),
        _fit_channels(full, full.gbar_K, chosen, G),
        full.E_rest,
        passive.distances,
        passive.sites,
    )
    return Reduction(tree, list(tree.sites), Z, tree.impedances())


def _ancestor(tree: Tree, i: int, chosen: Sequence[int]) -> int:
    """The next of the chosen compartments towards the root."""
    i = int(tree.parents[i])
    while i not in chosen:
        i = int(tree.parents[i])
    return i


def _with_forks(tree: Tree, chosen: Sequence[int]) -> list[int]:
    """Add the compartments at which paths from the chosen ones to the root meet."""
    on_paths: dict[int, set[int]] = {}
    for i in chosen:
        while (parent := int(tree.parents[i])) >= 0:
            on_paths.setdefault(parent, set()).add(i)
            i = parent
    return sorted({*chosen, *(i for i, children in on_paths.items() if len(children) > 1)})


def _fit_conductances(Z: Floats, parents: Ints) -> tuple[Floats, Floats]:
    """Leak conductances and couplings with which G Z is closest to 1."""
    from scipy.optimize import nnls

    n = len(Z)
    leaks = [np.outer(np.eye(n)[i], Z[i]) for i in range(n)]
    couplings = [_coupling(n, child, int(parents[child])) @ Z for child in range(1, n)]
    columns = np.array([column.ravel() for column in (*leaks, *couplings)]).T
    # Couplings may be thousands of times the leaks: equal columns keep their digits.
    scale = np.linalg.norm(columns, axis=0)
    g = nnls(columns / scale, np.eye(n).ravel())[0] / scale
    return g[:n], np.append(0.0, g[n:])


def _fit_channels(full: Tree, gbar: Floats, chosen: Sequence[int], G: Floats) -> Floats:
    """Conductance of all channels of one kind in each compartment of the reduced tree."""
    if not gbar.any():
        return np.zeros(len(chosen))
    above = below = np.zeros(len(chosen))
    for share in _SHARES:
        Z = _block(full.conductances + np.diag(share * gbar), chosen)
        missing, effect = np.eye(len(chosen)) - G @ Z, share * Z
        above, below = above + (missing * effect).sum(axis=1), below + (effect**2).sum(axis=1)
    return np.maximum(above / below, 0.0)
