"""Figures: what is drawn, that axes are taken and returned, and that settings stay as they were."""

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from nest_lab import plot
from nest_lab.errors import BadValue

TIMES, SENDERS = np.array([1.0, 2.0, 2.5, 4.0]), np.array([3, 1, 3, 2])


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_raster_draws_every_spike(ax):
    assert plot.raster(TIMES, SENDERS, ax=ax) is ax
    (line,) = ax.lines
    assert line.get_xydata().tolist() == np.column_stack((TIMES, SENDERS)).tolist()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "neuron")


def test_populations_are_rows_without_gaps(ax):
    plot.raster(TIMES, SENDERS, ax=ax, populations={"first": [1, 3], "second": range(2, 3)})
    first, second = ax.lines
    assert first.get_xydata().tolist() == [[1.0, 1.0], [2.0, 0.0], [2.5, 1.0]]
    assert second.get_xydata().tolist() == [[4.0, 2.0]]
    assert first.get_color() != second.get_color()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second"]


def test_populations_have_the_colours_they_are_given(ax):
    plot.raster(
        TIMES, SENDERS, ax=ax, populations={"a": [1], "b": [2], "c": [3]}, colors={"a": "k", "c": "r"}
    )
    assert [line.get_color() for line in ax.lines] == ["k", "C1", "r"]


def test_boxes(ax):
    """Quartiles, median, mean and a mark, by hand; what is not known is left out."""
    values = {"E": [1.0, 2.0, 3.0, 4.0, 10.0, np.nan], "I": [5.0], "none": [np.nan]}
    drawn = plot.boxes(values, ax=ax, label="rate (Hz)", colors={"E": "r"}, marks={"E": 3.5, "none": 1.0})
    assert drawn is ax
    first, second = ax.patches
    assert (first.get_x(), first.get_width()) == (2.0, 2.0)
    assert (second.get_x(), second.get_width()) == (5.0, 0.0)
    assert first.get_facecolor() == (1.0, 0.0, 0.0, 1.0)
    points = [line.get_xydata().tolist() for line in ax.lines]
    assert points == [[[4.0, 0.0]], [[5.0, 1.0]], [[3.5, 0.0], [1.0, 2.0]]]
    ends = [lines.get_segments()[0].tolist() for lines in ax.collections]
    assert ends[:2] == [[[1.0, 0.0], [4.0, 0.0]], [[3.0, -0.3], [3.0, 0.3]]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["E", "I", "none"]
    assert (ax.get_xlabel(), ax.get_ylim()) == ("rate (Hz)", (2.5, -0.5))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["median", "mean", "published"]


def test_rate_below(ax):
    above, below = plot.raster(TIMES, SENDERS, ax=ax, hist=True, bin=2.0)
    assert above is ax
    (steps,) = below.patches
    values, edges, _ = steps.get_data()
    assert values.tolist() == pytest.approx([2 / 3 / 2e-3, 2 / 3 / 2e-3])
    assert edges.tolist() == [0.0, 2.0, 4.0]
    assert (below.get_xlabel(), below.get_ylabel()) == ("time (ms)", "rate\n(spikes/s)")


def test_nothing_is_drawn_of_nothing(ax):
    plot.raster([], [], ax=ax)
    plot.raster([], [], hist=True, ax=Figure().add_subplot(), populations={"none": [1]})
    plot.traces([], [], ax=ax)
    plot.boxes({}, ax=Figure().add_subplot())


def test_traces_are_lines_in_time(ax):
    drawn = plot.traces(
        [2.0, 1.0, 1.0, 2.0], [20.0, 10.0, 5.0, 6.0], [1, 1, 2, 2], ax=ax, unit="pA", name="I"
    )
    assert drawn is ax
    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [[1.0, 10.0], [2.0, 20.0]],
        [[1.0, 5.0], [2.0, 6.0]],
    ]
    assert ax.get_ylabel() == "I (pA)"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["neuron 1", "neuron 2"]


def test_new_axes_when_none_are_given():
    import matplotlib.pyplot as plt

    before = dict(matplotlib.rcParams)
    for drawn in (
        plot.raster(TIMES, SENDERS),
        plot.raster(TIMES, SENDERS, hist=True)[0],
        plot.traces([1.0], [2.0]),
        plot.boxes({"E": [1.0]}),
    ):
        assert drawn.figure in {plt.figure(number) for number in plt.get_fignums()}
        plt.close(drawn.figure)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_figures_are_legible_in_any_style(style):
    """Nothing has the colour of the background."""
    from matplotlib.colors import to_rgb

    with matplotlib.style.context(style):
        axes = plot.raster(TIMES, SENDERS, ax=Figure().add_subplot(), hist=True)
        paper = to_rgb(matplotlib.rcParams["axes.facecolor"])
        inks = [
            axes[0].lines[0].get_color(),
            axes[1].patches[0].get_facecolor(),
            axes[0].yaxis.label.get_color(),
        ]
    assert all(sum(abs(a - b) for a, b in zip(to_rgb(ink), paper, strict=True)) > 0.8 for ink in inks)


def test_arrays_of_different_lengths_are_refused(ax):
    with pytest.raises(BadValue) as error:
        plot.raster([1.0, 2.0], [1], ax=ax)
    assert str(error.value) == (
        "raster(): times and senders must have one entry per event. Value: shapes (2,) and (1,). "
        "Allowed: two arrays of one length. "
        "Take both from the same recorder: recorder.events['times'] and recorder.events['senders']."
    )
    with pytest.raises(BadValue) as error:
        plot.traces([1.0, 2.0], [1.0], ax=ax)
    assert str(error.value) == (
        "traces(): times, values and senders must have one entry per sample. Value: shapes (2,), (1,) "
        "and (2,). "
        "Allowed: arrays of one length. "
        "Take them from one recorder, e.g. multimeter.events['times'] and multimeter.events['V_m']."
    )
