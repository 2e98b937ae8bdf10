"""The report: one file, its tables, and figures that take the colours of the page."""

import re
from html.parser import HTMLParser

import pytest

from nest_lab.export.report import Picture, Report, draw_png, draw_svg, render


def draw(figure):
    ax = figure.subplots()
    ax.plot([1.0, 2.0], [3.0, 4.0], label="a line")
    ax.set(xlabel="time (ms)")
    ax.legend()


@pytest.fixture
def page():
    row = {"title": "rate", "unit": "spikes/s", "predicted_by": "theory", "published_in": "fig. 8"}
    return render(
        Report(
            title="A <network> & more",
            subtitle="Network “x”",
            citation="Nobody (2000)",
            doi="10.1/2",
            notes=["It was interrupted."],
            facts={"Neurons": "1,000"},
            pictures=[Picture("One", draw_svg(draw, "0")), Picture("Two", draw_svg(draw, "1"))],
            statistics=[
                {**row, "value": 37.123456, "predicted": 38.0, "published": 37.7},
                {**row, "value": float("nan"), "predicted": None, "published": None},
                {**row, "value": 1.2e-7, "predicted": 123456.7, "published": 2},
            ],
            parameters=[{"name": "J", "value": 0.1, "unit": "mV", "doc": "jump", "default": 0.1}],
            versions={"nest-lab": "0.1"},
            command="nest-lab run x --out 'a b'",
        )
    )


class Links(HTMLParser):
    """Collects what a page refers to, and checks that its elements are nested as they should be."""

    VOID = frozenset({"meta", "link", "br", "img"})

    def __init__(self, text):
        super().__init__()
        self.refers, self.ids, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in {"src", "href", "xlink:href", "data", "action", "poster", "srcset"}:
                self.refers.append((tag, value))
            if name == "id":
                self.ids.append(value)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_needs_no_other_file(page):
    links = Links(page)
    assert links.open == []
    outside = [(tag, to) for tag, to in links.refers if not to.startswith(("#", "data:"))]
    assert outside == [("a", "https://doi.org/10.1/2")]
    assert "@import" not in page
    assert not re.search(r"url\((?!#|['\"]?data:)", page)
    assert "<script" not in page


def test_figures_of_one_page_do_not_clash(page):
    """References inside a figure lead into the same figure."""
    referred = {to[1:] for _, to in Links(page).refers if to.startswith("#")} | set(
        re.findall(r"url\(#([^)]+)\)", page)
    )
    ids = Links(page).ids
    assert referred
    assert all(ids.count(name) == 1 for name in referred)


def test_what_is_written_is_escaped(page):
    assert "<h1>A &lt;network&gt; &amp; more</h1>" in page
    assert "nest-lab run x --out &#39;a b&#39;" in page


def test_numbers_are_for_people(page):
    cells = re.findall(r'<td class="n">(?:<strong>)?([^<]*)', page)
    assert cells == ["37.12", "38", "37.7", "–", "–", "–", "1.2·10^-7", "123,457", "2", "0.1"]


def test_figures_take_the_colour_of_the_text(page):
    svg = draw_svg(draw, "x")
    assert svg.startswith("<svg")
    assert "currentColor" in svg
    for colour in ("#000000", "#010203", "#ffffff"):
        assert colour not in svg
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_figures_are_the_same_every_time():
    assert draw_svg(draw, "x") == draw_svg(draw, "x")


def test_pictures_do_not_change_settings():
    import matplotlib

    before = dict(matplotlib.rcParams)
    assert draw_png(draw).startswith(b"\x89PNG")
    draw_svg(draw, "x")
    assert dict(matplotlib.rcParams) == before
