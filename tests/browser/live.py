"""A live simulation on a page of the browser, whichever application shows it."""

WIDGET = """
import nest_lab as nest
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import LiveSimulation

with nest.Simulation():
    network = Brunel.preset("classroom").build()
live = LiveSimulation(network, controls={"g": (0.0, 8.0), "eta": (0.0, 4.0)})
live
"""


class Live:
    """The widget on a page."""

    def __init__(self, notebook):
        self.page = notebook.page
        self.root = self.page.locator(".nest-lab-live")
        self.canvas = self.root.locator("canvas")

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def is_now(self, status):
        self.root.locator(".clock output").first.filter(has_text=status).wait_for()

    @property
    def frames(self):
        return int(self.canvas.get_attribute("data-frames") or 0)

    @property
    def rate(self):
        text = self.root.locator("table.numbers tbody tr").first.locator("td").last.inner_text()
        return float(text.replace(",", "").replace("–", "nan"))

    @property
    def time(self):
        return float(self.root.locator(".clock output").nth(1).inner_text().replace(",", ""))

    def dots(self):
        """Coloured pixels of the raster, and a number that depends on where they are."""
        return self.canvas.evaluate(
            """canvas => {
                 const box = [0.2 * canvas.width, 10, 0.7 * canvas.width, 200].map(Math.round);
                 const image = canvas.getContext("2d").getImageData(...box).data;
                 let count = 0, where = 0;
                 for (let i = 3; i < image.length; i += 4)
                   if (image[i]) { count++; where = (where * 31 + i) % 1000003; }
                 return [count, where];
               }"""
        )

    def latency(self, button, status):
        """Milliseconds between the click and the moment at which the page shows that it was done."""
        return self.root.evaluate(
            """(root, [name, status]) => new Promise((done, failed) => {
                 const button = [...root.querySelectorAll("button")].find((one) => one.textContent === name);
                 const shown = root.querySelector(".clock output");
                 const begin = performance.now();
                 const watch = new MutationObserver(() => {
                   if (shown.textContent === status) { watch.disconnect(); done(performance.now() - begin); }
                 });
                 watch.observe(shown, { childList: true, characterData: true, subtree: true });
                 setTimeout(() => failed(new Error(`not ${status} after 5 s`)), 5000);
                 button.click();
               })""",
            [button, status],
        )
