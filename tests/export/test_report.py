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
    row["population"] = ""
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
                {**row, "title": "other", "value": 1.2e-7, "predicted": 123456.7, "published": 2},
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


def rows_of(page):
    """Cells of the rows of the first table, without the heads."""
    table = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)[1]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]


def statistic(**changes):
    row = {
        "title": "rate",
        "population": "",
        "unit": "Hz",
        "value": 1.0,
        "predicted": None,
        "published": None,
    }
    return row | {"predicted_by": "", "published_in": ""} | changes


def table(*statistics):
    report = Report("a", "b", "c", "10.1/2", [], statistics, [], {}, "run")
    page = render(report)
    return re.findall(
        r"<th(?: [^>]*)?>([^<]*)", page[page.index("<thead>") : page.index("</thead>")]
    ), rows_of(page)


def test_a_quantity_of_several_populations_is_named_once():
    source = {"published": 2.0, "published_in": "table 1"}
    heads, rows = table(
        statistic(population="E", **source),
        statistic(population="I", **source),
        statistic(title="CV", unit=""),
    )
    assert heads == [
        "Quantity", "Population", "Measured", "Published", "Unit", "Where the others come from",
    ]  # fmt: skip
    assert rows == [
        ["rate", "E", "1", "2", "Hz", "Published: table 1."],
        ["I", "1", "2"],
        ["CV", "–", "1", "–", "–", ""],
    ]


def test_columns_that_would_be_empty_are_left_out():
    heads, rows = table(statistic(predicted=3.0, predicted_by="theory"))
    assert heads == ["Quantity", "Measured", "Expected", "Unit", "Where the others come from"]
    assert rows == [["rate", "1", "3", "Hz", "Expected: theory. "]]
    heads, rows = table(statistic())
    assert heads == ["Quantity", "Measured", "Unit", "Where the others come from"]
    assert rows == [["rate", "1", "Hz", ""]]
