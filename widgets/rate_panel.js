// Statistics of spikes: four small charts and a table. The kernel computes; the page shows and chooses the window.

function table(model, root) {
  const head = ["population", "neurons", "rate (spikes/s)", "CV of the intervals", "peak of the spectrum (Hz)"];
  const body = element("tbody"), node = element("table", { class: "numbers" },
    element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))), body);
  const show = () => {
    const { palette } = theme(root);
    body.replaceChildren(...model.get("_rows").map((row, i) => element("tr", {},
      element("th", { scope: "row" }, element("span", { class: "swatch", style: `background:${palette[i % palette.length]}` }), row.name),
      element("td", {}, text(row.size)), element("td", {}, text(row.rate, 1)), element("td", {}, text(row.cv, 2)), element("td", {}, text(row.peak, 0)))));
  };
  model.on("change:_rows", show);
  const endTheme = onTheme(show);
  return { node, show, end: () => { model.off("change:_rows", show); endTheme(); } };
}

const CHARTS = ["Firing rates of the neurons", "Coefficients of variation of the intervals", "Inter-spike intervals", "Spectrum of the rate"];

function render({ model, el }) {
  const root = element("div", { class: "nest-lab nest-lab-rates", role: "region", "aria-label": "Statistics of spikes" });
  const plots = CHARTS.map((label, i) => picture(root, label, 210, (context, size, colours) => {
    const chart = model.get("_charts")[i];
    if (chart) drawLines(context, size, colours, chart);
  }));
  let bar = null;
  const look = makeView(model, () => 0, () => bar?.show());
  const save = saveButtons(model), numbers = table(model, root);
  bar = windowBar(model, look, [save.node]);
  const redraw = () => { for (const plot of plots) plot.redraw(); };
  const follow = () => { bar.node.classList.toggle("live", model.get("_live")); };
  follow();
  root.append(bar.node, bar.wrong, element("div", { class: "four" }, ...plots.map((plot) => plot.canvas)), numbers.node);
  el.append(root);
  requestAnimationFrame(numbers.show); // its colours are known on the page only
  model.on("change:_charts", redraw);
  return () => {
    model.off("change:_charts", redraw);
    for (const part of [bar, look, save, numbers, ...plots]) part.end();
  };
}

export default widget(render);
