"""A widget in the other applications that show notebooks: Notebook 7 and Voila."""

import subprocess

import pytest

from tests.browser.live import WIDGET, Live, eventually


@pytest.fixture(scope="module")
def server(lab, tmp_path_factory):
    """Notebook 7 and Voila, beside the server that all other tests share."""
    server = type(lab)(tmp_path_factory.mktemp("applications"), ("notebook", "voila.server_extension"))
    yield server
    server.close()


@pytest.fixture
def open_page(browser, server):
    """Open a page of an application; what went wrong in a widget, or came from elsewhere, is found at its end."""
    pages, wrong = [], []

    def fail(error):
        if "blob:" in (error.stack or ""):  # the module of a widget; applications make errors of their own
            wrong.append(error.stack)

    def watch(request):
        if not request.url.startswith((server.url("").partition("?")[0], "data:", "blob:")):
            wrong.append(f"asked for {request.url}")

    def open_one(path):
        page = browser.new_page(viewport={"width": 1280, "height": 1050})
        page.set_default_timeout(90_000)  # no figure is measured here, and machines are busy
        page.on("pageerror", fail)
        page.on("request", watch)
        page.goto(server.url(path))
        pages.append(page)
        return page

    yield open_one
    for each in pages:
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
    assert eventually(lambda: live.dots()[0] > 100, 60.0)
    frames, (_, where) = live.frames, live.dots()
    assert eventually(lambda: live.frames > frames + 5, 60.0)
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


def test_notebook_7(server, open_page, pictures):
    """Open a notebook, run its cell by the keyboard, press Run."""
    page = open_page(f"notebooks/{server.write('classic.ipynb', WIDGET)}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.locator(".jp-CodeCell").first.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    live = Live(Shown(page))
    the_raster_moves(live)
    page.screenshot(path=pictures / "notebook-7.png")


def test_voila(server, open_page, pictures):
    """A page without code: the kernel has run it before anybody looks."""
    page = open_page(f"voila/render/{server.write('app.ipynb', WIDGET)}")
    live = Live(Shown(page))
    the_raster_moves(live)
    assert "LiveSimulation(network" not in page.inner_text("body")
    page.screenshot(path=pictures / "voila.png")


def test_a_server_that_does_not_start_is_not_left_behind(lab, tmp_path, monkeypatch):
    """It would run until the machine is switched off."""
    started = []
    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(start(*a, **k)) or started[-1])
    with pytest.raises(AssertionError, match=r"did not answer within 0\.2 s"):
        type(lab)(tmp_path, patience=0.2)
    assert [process.poll() is None for process in started] == [False]
