"""Dendrites as cables: files, compartments beside the formulas of Rall, and the reduction to few of them."""

# ruff: noqa: E501  (the whole text of an error is one line)

import math

import numpy as np
import pytest

from nest_lab.errors import BadFile, BadValue, MissingFile, UnknownName
from nest_lab.gallery.dendrites import MORPHOLOGY, Membrane, discretise, read_swc, reduce

RADIUS, SOMA = 1.0, 0.001  # um: the soma is as good as not there


def write(path, *points, soma=f"1 1 0 0 0 {SOMA} -1"):
    path.write_text("\n".join((soma, *points)) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def cylinder(tmp_path):
    """A cylinder of 500 um, as long as its length constant."""
    points = [f"{i + 2} 3 {50 * i} 0 0 {RADIUS} {max(i + 1, 1)}" for i in range(11)]
    return read_swc(write(tmp_path / "cylinder.swc", *points))


MEMBRANE = Membrane(C_m=1.0, g_L=200.0, R_a=100.0)  # lambda = sqrt(r/(2 R_a g_L)) = 500 um
LAMBDA = math.sqrt(1e-4 * RADIUS / (2.0 * 100.0 * 200e-6)) * 1e4  # um
R_INFINITE = 1e-6 * 100.0 * 1e-4 * LAMBDA / (math.pi * (1e-4 * RADIUS) ** 2)  # MOhm


def test_the_length_constant_is_500_um():
    assert pytest.approx(500.0) == LAMBDA


@pytest.mark.parametrize("frequency", [0.0, 10.0, 100.0])
def test_impedances_of_a_cylinder_are_those_of_rall(cylinder, frequency):
    """A cable with sealed ends: Z(x, y) = R cosh(q x) cosh(q (L - y)) / (q sinh(q L)), Rall (1959)."""
    tree = discretise(cylinder, MEMBRANE, [2, 7, 12], longest=2.0)
    Z = tree.impedances([2, 7, 12], frequency)
    q = np.sqrt(1.0 + 2j * np.pi * frequency * 1e-6 / 200e-6) if frequency else 1.0
    places = np.array([0.0, 0.5, 1.0])
    near, far = np.minimum.outer(places, places), np.maximum.outer(places, places)
    expected = R_INFINITE * np.cosh(q * near) * np.cosh(q * (1.0 - far)) / (q * np.sinh(q))
    assert np.abs(Z - expected).max() < 2e-5 * np.abs(expected).max()


def test_the_error_falls_with_the_square_of_the_length(cylinder):
    exact = R_INFINITE / math.tanh(1.0)
    errors = [
        abs(discretise(cylinder, MEMBRANE, longest=longest).impedances([1])[0, 0] - exact)
        for longest in (50.0, 25.0)
    ]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.02)


def test_time_constants_of_a_cylinder_are_those_of_rall(cylinder):
    """For L = 1 the first two are in the ratio 1 + (pi/L)^2 = 10.87, Rall (1969)."""
    tau, _ = discretise(cylinder, MEMBRANE, longest=2.0).modes()
    assert tau[0] == pytest.approx(5.0, rel=1e-9)
    assert tau[0] / tau[1:4] == pytest.approx(1.0 + (np.pi * np.arange(1, 4)) ** 2, rel=2e-4)


def test_a_tree_may_be_a_cylinder(tmp_path):
    """Branches of equal electrotonic length, whose radii to the power of 3/2 add up to that of the parent."""
    child = RADIUS * 0.5 ** (2 / 3)
    half = 250.0 * math.sqrt(child / RADIUS)
    points = [f"2 3 0 0 0 {RADIUS} 1", f"3 3 250 0 0 {RADIUS} 2"]
    for first, sign in ((4, 1), (6, -1)):  # each branch begins with its own radius
        points.append(f"{first} 3 250 {1e-6 * sign} 0 {child:.15g} 3")
        points.append(f"{first + 1} 3 250 {sign * half} 0 {child:.15g} {first}")
    tree = discretise(read_swc(write(tmp_path / "tree.swc", *points)), MEMBRANE, [2], longest=2.0)
    Z = tree.impedances([2, 5, 7])
    # the rings where the radius jumps are a thousandth of the surface
    assert Z[0, 0] == pytest.approx(R_INFINITE / math.tanh(1.0), rel=1.5e-3)
    # a current into one of two branches reaches the soma like one into the end of the cylinder
    assert Z[0, 1:] == pytest.approx([R_INFINITE / math.sinh(1.0)] * 2, rel=1.5e-3)


def test_surface_and_soma(tmp_path):
    """Cones keep their surface however they are cut; three points of a soma are a ball."""
    cone = math.pi * 3.0 * math.hypot(100.0, 1.0)
    for number, soma in enumerate(
        ("1 1 0 0 0 10 -1", "1 1 0 0 0 10 -1\n90 1 0 10 0 10 1\n91 1 0 -10 0 10 1")
    ):
        file = write(tmp_path / f"{number}.swc", "2 3 0 0 0 2 1", "3 3 100 0 0 1 2", soma=soma)
        for longest in (7.0, 1000.0):
            tree = discretise(read_swc(file), Membrane(C_m=1.0), longest=longest)
            assert tree.C_m.sum() == pytest.approx(1e-5 * (cone + 400.0 * math.pi), rel=1e-12)
        series = 1e-2 * 100.0 * 100.0 / (math.pi * 2.0 * 1.0)  # MOhm
        assert (1.0 / tree.g_C[1:]).sum() == pytest.approx(series, rel=1e-12)


@pytest.fixture(scope="module")
def cell():
    return read_swc(MORPHOLOGY)


def test_the_morphology_of_the_gallery(cell):
    assert len(cell.ids) == 64
    assert cell.tips() == [10, 22, 26, 33, 37, 43, 46, 52, 55, 61, 64]
    assert cell.forks() == [6, 15, 18, 29, 40, 49, 58]
    assert cell.soma_area == pytest.approx(4.0 * math.pi * 64.0)


def test_points_between(cell):
    """On the way from the soma to 26: 2 … 6, 11 … 15, 16 … 18, 23 … 26."""
    assert cell.between([26], 1000.0) == []
    assert cell.between([26], 151.0) == [6, 14, 18]
    assert cell.between([26], 1.0) == [*range(3, 7), *range(11, 19), *range(23, 26)]
    distances = cell.distances[[0, *(cell.index(point) for point in (6, 14, 18, 26))]]
    assert np.diff(distances).max() <= 151.0


@pytest.mark.parametrize("n", [1, 2, 5, 11])
def test_the_reduction_is_exact_with_all_forks(cell, n):
    """Wybo et al. (2021): a tree with a compartment wherever paths part has the impedances of the cable."""
    full = discretise(cell, Membrane(gbar_Na_soma=100.0), longest=15.0)
    reduction = reduce(full, cell.tips()[:n])
    assert reduction.error < 1e-12
    # the soma's channels have a compartment of their own, so they are what they were
    assert reduction.tree.gbar_Na[0] == pytest.approx(full.gbar_Na[0], rel=1e-9)
    assert reduction.tree.gbar_Na[1:] == pytest.approx(0.0, abs=1e-9)
    assert reduction.tree.modes()[0][0] == pytest.approx(full.modes()[0][0], rel=1e-9)


def test_without_forks_the_fit_is_a_compromise(cell):
    full = discretise(cell, Membrane(), longest=15.0)
    assert 0.1 < reduce(full, cell.tips(), forks=False).error < 0.3


def test_every_choice_of_tips_can_be_reduced_or_says_why(cell):
    """Without forks capacitances may be impossible; with forks they never are."""
    full = discretise(cell, Membrane(), longest=30.0)
    full.g_L[0] *= 300.0  # nearly all of the leak is at the soma
    for n in range(1, 12):
        assert (reduce(full, cell.tips()[:n]).tree.C_m > 0.0).all()


def test_the_slowest_mode_is_kept_where_the_membrane_differs(cell):
    """A leaky soma makes a mode that is not flat: the formula of the capacitances is not trivial."""
    full = discretise(cell, Membrane(), longest=15.0)
    full.g_L[0] *= 20.0
    tau, voltages = full.modes()
    reduction = reduce(full, cell.tips())
    ours, theirs = reduction.tree.modes(), voltages[[full.sites[point] for point in reduction.points], 0]
    assert tau[0] < 9.0
    assert ours[0][0] == pytest.approx(tau[0], rel=1e-9)
    assert ours[1][:, 0] / ours[1][0, 0] == pytest.approx(theirs / theirs[0], rel=1e-6)
    assert np.ptp(theirs) > 0.05 * np.abs(theirs).max()


def test_channels_of_the_dendrites_keep_their_sum(cell):
    points = [*cell.tips(), *cell.between(cell.tips(), 100.0)]
    full = discretise(cell, Membrane(gbar_Na=4.0, gbar_K=2.0), points, longest=15.0)
    tree = reduce(full, points).tree
    assert tree.gbar_Na.sum() == pytest.approx(full.gbar_Na.sum(), rel=0.03)
    assert tree.gbar_K == pytest.approx(tree.gbar_Na / 2.0, rel=0.2)


BROKEN = {
    "1 1 0 0 0 8": "a line has 6 columns (cell.swc, line 1). Value: '1 1 0 0 0 8'. Allowed: seven numbers: number, "
    "type, x, y, z, radius, parent",
    "1 1 0 0 0 8 -1\n2 3 0 ten 0 1 1": "the y of a point is not a number (cell.swc, line 2). Value: 'ten'. "
    "Allowed: a finite number in um",
    "1 1 0 0 0 8 -1\n2 3.5 0 9 0 1 1": "the type of a point is not a number (cell.swc, line 2). Value: '3.5'. "
    "Allowed: a whole number",
    "1 1 0 nan 0 8 -1": "the y of a point is not a number (cell.swc, line 1). Value: 'nan'. "
    "Allowed: a finite number in um",
    "# soma\n\n1 1 0 0 0 1e999 -1": "the radius of a point is not a number (cell.swc, line 3). Value: '1e999'. "
    "Allowed: a finite number in um",
    "1 1 0 0 0 8 -1\n2 3 0 9 0 -1 1": "the radius of a point is not positive (cell.swc, line 2). Value: -1 um. "
    "Allowed: above 0 um",
    "1 1 0 0 0 0 -1": "the radius of a point is not positive (cell.swc, line 1). Value: 0 um. "
    "Allowed: above 0 um",
    "-3 1 0 0 0 8 -1": "the number of a point is negative (cell.swc, line 1). Value: -3. Allowed: 0 or more",
    "1 1 0 0 0 8 -1\n2 -3 0 9 0 1 1": "the type of a point is negative (cell.swc, line 2). Value: -3. "
    "Allowed: 0 or more",
    "1 1 0 0 0 8 -1\n2 3 0 9 0 1 1\n2 3 0 20 0 1 1": "two points have the same number (cell.swc, line 3). "
    "Value: 2, as in line 2. Allowed: a number of its own",
    "1 1 0 0 0 8 2\n2 1 0 9 0 1 1": "the first point has a parent (cell.swc, line 1). Value: 2. "
    "Allowed: -1, then points in an order from the soma outwards",
    "1 3 0 0 0 8 -1": "the first point is not of the soma (cell.swc, line 1). Value: type 3. Allowed: type 1",
    "1 1 0 0 0 8 -1\n2 3 0 9 0 1 -1": "a second point has no parent (cell.swc, line 2). Value: -1. "
    "Allowed: one tree in a file",
    "1 1 0 0 0 8 -1\n2 3 0 9 0 1 3\n3 3 0 20 0 1 2": "the parent of a point does not stand before it (cell.swc, "
    "line 2). Value: 3. Allowed: the number of a point in a line above",
    "1 1 0 0 0 8 -1\n2 3 0 9 0 1 2": "the parent of a point does not stand before it (cell.swc, line 2). "
    "Value: 2. Allowed: the number of a point in a line above",
    "1 1 0 0 0 8 -1\n2 3 0 9 0 1 1\n3 1 0 20 0 1 2": "a point of the soma follows a dendrite (cell.swc, line 3). "
    "Value: type 1 after a point of type 3. Allowed: one soma, at the root",
    "1 1 0 0 0 8 -1\n2 3 0 9 0 1 1\n3 3 0 9 0 1 2": "a piece of dendrite has no length (cell.swc, line 3). "
    "Value: (0, 9, 0) um. Allowed: a place other than that of the parent",
    "1 1 0 0 0 8 -1\n2 3 0 9 0 1 1": "a dendrite has no length (cell.swc, line 2). Value: point 2 alone. "
    "Allowed: at least two points in a dendrite",
    "1 1 0 0 0 8 -1\n2 1 0 0 0 8 1": "the soma has no surface (cell.swc, line 1). Value: 2 points in one place. "
    "Allowed: one point, or several apart",
    "# nothing": "there is no point in it (cell.swc). Value: no line with numbers. Allowed: at least a soma",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_says_which_line(text, tmp_path):
    file = tmp_path / "cell.swc"
    file.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(BadFile) as error:
        read_swc(file)
    assert str(error.value) == f"read_swc(): {BROKEN[text]}. Correct the file."


def test_no_text_and_no_file(tmp_path):
    file = tmp_path / "cell.swc"
    file.write_bytes(b"1 1 0 0 \xff")
    with pytest.raises(BadFile) as error:
        read_swc(file)
    assert str(error.value) == (
        "read_swc(): it is not a text (cell.swc). Value: byte 8. Allowed: a file in SWC format. Correct the file."
    )
    with pytest.raises(MissingFile) as error:
        read_swc(tmp_path / "none.swc")
    assert str(error.value) == (
        f"read_swc(): there is no such file. Value: {str(tmp_path / 'none.swc')!r}. "
        "Allowed: the path of a file in SWC format. Check the path and the folder you are in."
    )


def test_bad_points(cell):
    with pytest.raises(UnknownName) as error:
        discretise(cell, Membrane(), [99])
    assert str(error.value) == (
        "discretise(): the morphology has no point of this number. Value: 99. Allowed: one of the 64 numbers in "
        "the first column of the file. tips() gives the ends of the dendrites."
    )
    full = discretise(cell, Membrane(), longest=100.0)
    with pytest.raises(UnknownName) as error:
        reduce(full, [10, 3])
    assert str(error.value).startswith(
        "reduce(): the tree has no compartment at this point. Value: 3. Allowed: 1, 6, 10, 15, "
    )
    with pytest.raises(BadValue) as error:
        reduce(full, [10, 22, 10])
    assert str(error.value) == (
        "reduce(): a point is given twice. Value: 10, 22, 10. Allowed: each point once. "
        "Several receptors may share a compartment."
    )
    with pytest.raises(BadValue) as error:
        discretise(cell, Membrane(), longest=0.0)
    assert str(error.value) == (
        "discretise(): compartments must have a length. Value: 0 um. Allowed: above 0 um."
    )
