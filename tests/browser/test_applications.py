"""A widget in the other applications that show notebooks: Notebook 7 and Voila."""

import re
import subprocess

import pytest

from tests.browser.live import WIDGET, Live
from tests.waiting import PATIENCE, eventually


@pytest.fixture(scope="module")
def server(lab, tmp_path_factory):
    """Notebook 7 and Voila, beside the server that all other tests share."""
    server = type(lab)(tmp_path_factory.mktemp("applications"), ("notebook", "voila.server_extension"))
    yield server
    server.close()


@pytest.fixture
def open_page(browser, server, pictures, request):
    """Open a page of an application without network; what went wrong in a widget is found at its end."""
    pages, wrong = [], []

    def fail(error):
        if "blob:" in (error.stack or ""):  # the module of a widget; applications make errors of their own
            wrong.append(error.stack)

    def open_one(path):
        page = browser.new_page(viewport={"width": 1280, "height": 1050})
        page.set_default_timeout(1000 * PATIENCE)
        page.on("pageerror", fail)
        elsewhere = re.compile(rf"^https?://(?!127\.0\.0\.1:{server.port}/)")
        page.route(elsewhere, lambda route: route.abort())  # Voila asks for icons
        page.goto(server.url(path))
        pages.append(page)
        return page

    yield open_one
    for number, each in enumerate(pages):
        each.screenshot(path=pictures / f"{request.node.name.removeprefix('test_')}{number or ''}.png")
        each.close()
    assert wrong == []


class Shown:
    """What a live simulation needs to know of a page."""

    def __init__(self, page):
        self.page = page


def the_raster_moves(live):
    """Press run: spikes come, and move, until it is stopped."""
    live.canvas.wait_for()
    live.canvas.scroll_into_view_if_needed()
    live.button("Run").click()
    assert eventually(lambda: live.dots()[0] > 100)
    frames, (_, where) = live.frames, live.dots()
    assert eventually(lambda: live.frames > frames + 5)
    assert live.dots()[1] != where
    slider = live.root.get_by_role("slider", name="g")
    before = slider.input_value()
    slider.press("PageUp")
    assert slider.input_value() != before
    live.button("Stop").click()
    live.is_now("stopped")
    stopped = live.time
    live.page.wait_for_timeout(300)
    assert live.time == stopped > 0.0


def test_notebook_7(server, open_page):
    """Open a notebook, run its cell by the keyboard, press Run."""
    page = open_page(f"notebooks/{server.write('classic.ipynb', WIDGET)}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    prompt = page.locator(".jp-CodeCell .jp-InputPrompt").first

    def runs():
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(1000)
        return prompt.inner_text() != "[ ]:"

    assert eventually(runs)  # what is pressed before the page is complete is lost
    live = Live(Shown(page))
    the_raster_moves(live)


def test_voila(server, open_page):
    """A page without code: the kernel has run it before anybody looks."""
    page = open_page(f"voila/render/{server.write('app.ipynb', WIDGET)}")
    live = Live(Shown(page))
    the_raster_moves(live)
    assert "LiveSimulation(network" not in page.inner_text("body")


def test_a_server_that_does_not_start_is_not_left_behind(lab, tmp_path, monkeypatch):
    """It would run until the machine is switched off."""
    started = []
    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(start(*a, **k)) or started[-1])
    with pytest.raises(AssertionError, match=r"did not answer within 0\.2 s"):
        type(lab)(tmp_path, patience=0.2)
    assert [process.poll() is None for process in started] == [False]
