"""Figures as files: any of them, in three formats, always the same bytes."""

import numpy as np
import pytest

from nest_lab.errors import BadType, BadValue, UnknownName
from nest_lab.export import save

matplotlib = pytest.importorskip("matplotlib")
STARTS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


class Result:
    """Something that draws itself."""

    def plot(self, ax):
        ax.plot([1.0, 2.0], [3.0, 4.0])
        ax.set(xlabel="time (ms)")
        return ax


def figure():
    from matplotlib.figure import Figure

    made = Figure(figsize=(4.0, 2.0))
    Result().plot(made.add_subplot())
    return made


def parts():
    """Axes in a part of a figure."""
    left, _ = figure().subfigures(1, 2)
    return Result().plot(left.add_subplot())


DRAWINGS = {
    "figure": figure,
    "axes": lambda: figure().axes[0],
    "axes of a part": parts,
    "result": Result,
    "function": lambda: lambda figure: Result().plot(figure.add_subplot()),
}


@pytest.mark.parametrize("suffix", STARTS)
@pytest.mark.parametrize("kind", DRAWINGS)
def test_every_figure_is_written_in_every_format(tmp_path, kind, suffix):
    before = dict(matplotlib.rcParams)
    one = save(tmp_path / f"one{suffix}", DRAWINGS[kind]()).read_bytes()
    two = save(tmp_path / f"two{suffix.upper()}", DRAWINGS[kind]()).read_bytes()
    assert one.startswith(STARTS[suffix])
    assert len(one) > 1000
    assert one == two
    assert dict(matplotlib.rcParams) == before
    if suffix == ".svg":
        assert b"time (ms)" in one  # text stays text, which can be edited


def test_sizes(tmp_path):
    from matplotlib.image import imread

    drawn = figure()
    path = save(tmp_path / "x.png", drawn, width=3.0, height=1.5, dpi=100.0)
    assert imread(path).shape[:2] == (150, 300)
    assert drawn.get_size_inches().tolist() == [4.0, 2.0]
    assert imread(save(path, drawn)).shape[:2] == (300, 600)
    assert imread(save(path, Result())).shape[:2] == (600, 900)


@pytest.mark.parametrize(
    ("name", "value", "unit", "highest"),
    [
        ("width", 0.0, "inches", "100"),
        ("height", -1.0, "inches", "100"),
        ("dpi", np.nan, "pixels per inch", "2400"),
        ("dpi", 1e9, "pixels per inch", "2400"),
        ("dpi", "fine", "pixels per inch", "2400"),
        ("width", [3.0], "inches", "100"),
    ],
)
def test_bad_sizes_are_refused(tmp_path, name, value, unit, highest):
    with pytest.raises(BadValue) as error:
        save(tmp_path / "x.png", Result(), **{name: value})
    assert str(error.value) == (
        f"save(): {name} is out of bounds. Value: {value!r}. Allowed: above 0 … {highest} {unit}. "
        "Width and height are in inches."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path):
    """Its pixels are counted before it is drawn."""
    with pytest.raises(BadValue) as error:
        save(tmp_path / "x.png", figure(), width=100.0, dpi=2400.0)
    assert str(error.value) == (
        "save(): the picture has too many pixels. Value: 240,000 × 4,800 pixels. Allowed: at most "
        "100,000,000. Choose a smaller width, height or dpi, or .svg or .pdf, which have none."
    )
    with pytest.raises(UnknownName) as error:
        save(tmp_path / "x.png", figure(), widht=3.0)
    assert str(error.value) == (
        "save(): there is no argument for a figure of this name. Value: 'widht'. Allowed: 'dpi', 'height', "
        "'width'. Did you mean 'width'?"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_figure_is_refused(tmp_path):
    with pytest.raises(BadType) as error:
        save(tmp_path / "x.png", [1.0, 2.0])
    assert str(error.value) == (
        "save(): a file with this suffix holds a figure. Value: list. "
        "Allowed: a figure, axes, a result that has plot(), or a function that draws onto a figure. "
        "Recordings go into .nix, .nwb, .csv, .parquet or .h5 files."
    )
    assert list(tmp_path.iterdir()) == []
