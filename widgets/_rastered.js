// Spikes to look around in, as many as there are: they come once, and are drawn from then on without the kernel.

function piece({ origin, unit }, [times, rows]) {
  const Kind = rows.byteLength * 2 === times.byteLength ? Uint16Array : Uint32Array;
  return { origin, unit, sorted: true, times: numbersIn(times, Uint32Array), rows: numbersIn(rows, Kind) };
}

// The mean rate in about two hundred bins of the window. A spike at the edge of two bins belongs to the earlier one.
function histogram(spikes, view, neurons, resolution) {
  const bin = Math.max(roundDown((view.stop - view.start) / 200), resolution);
  const first = Math.floor(view.start / bin + 1e-9), last = Math.ceil(view.stop / bin - 1e-9);
  const edges = Array.from({ length: last - first + 1 }, (_, i) => after(spikes, (first + i) * bin + 1e-6 * bin));
  const values = edges.slice(1).map((edge, i) => ((edge - edges[i]) * 1000) / (bin * neurons));
  return { values, first: first * bin, bin };
}

function spikesTable(model, root) {
  const head = ["population", "neurons", "spikes in the window", "rate (spikes/s)"].map((name) => element("th", { scope: "col" }, name));
  const body = element("tbody"), node = element("table", { class: "numbers" }, element("thead", {}, element("tr", {}, ...head)), body);
  const show = () => {
    const { palette } = theme(root), counts = model.get("_counts"), rates = model.get("_rates");
    body.replaceChildren(...model.get("_populations").map(({ name, size }, i) => element("tr", {},
      element("th", { scope: "row" }, element("span", { class: "swatch", style: `background:${palette[i % palette.length]}` }), name),
      element("td", {}, text(size)), element("td", {}, text(counts[i])), element("td", {}, text(rates[i], 1)))));
  };
  model.on("change:_counts change:_rates change:_populations", show);
  const endTheme = onTheme(show);
  return { node, show, end: () => { model.off("change:_counts change:_rates change:_populations", show); endTheme(); } };
}

// All that shows spikes: window, picture, hint and table. `changed` is called when others came.
function lookAtSpikes(model, root, more = [], changed = () => {}) {
  let spikes = null, look = null, bar = null, kept = null;
  const rows = () => rowsOf(model.get("_populations"));
  const plot = picture(root, "Spikes and rate in the window; the table below has the numbers", 420, (context, size, colours) => {
    if (!spikes || !look) return;
    const rates = histogram(spikes, look.view, rows(), model.get("_resolution"));
    kept = rasterAndRate(context, size, colours, look.view, [spikes], model.get("_populations"), rates, kept);
  });
  look = makeView(model, rows, () => { plot.redraw(); bar?.show(); });
  const numbers = spikesTable(model, root);
  bar = windowBar(model, look, more);
  const hint = steer(plot.canvas, look, () => ({ left: 108, top: 6, width: plot.canvas.clientWidth - 132, height: 260 }), true);
  const hear = (content, buffers) => {
    if (content.what !== "spikes") return;
    if (rows() !== spikes?.of) [look.view.low, look.view.high] = [0, rows() || 1];
    spikes = { ...piece(content, buffers), of: rows() };
    kept = null;
    numbers.show();
    plot.redraw();
    changed();
  };
  model.on("msg:custom", hear);
  const end = () => {
    model.off("msg:custom", hear);
    for (const part of [bar, look, plot, numbers]) part.end();
  };
  return { nodes: [bar.node, bar.wrong, plot.canvas, hint, numbers.node], end };
}
