// Signals in time, one chart for each quantity above the next. All samples come once; the page draws from then on.

function table(model, root) {
  const head = ["quantity", "neuron", "lowest in the window", "highest"].map((name) => element("th", { scope: "col" }, name));
  const body = element("tbody"), node = element("table", { class: "numbers" }, element("thead", {}, element("tr", {}, ...head)), body);
  const row = (panel, i, range, palette) => element("tr", {},
    element("th", { scope: "row" }, element("span", { class: "swatch", style: `background:${palette[i % palette.length]}` }), panel.name),
    element("td", {}, String(panel.neurons[i])), ...[0, 1].map((end) => element("td", {}, range ? `${Number(range[end].toPrecision(5))} ${panel.unit}` : "–")));
  const show = () => {
    const { palette } = theme(root), ranges = model.get("_ranges");
    body.replaceChildren(...model.get("_panels").flatMap((panel, p) => panel.neurons.map((_, i) => row(panel, i, ranges[p]?.[i], palette))));
  };
  model.on("change:_ranges change:_panels", show);
  const endTheme = onTheme(show);
  return { node, show, end: () => { model.off("change:_ranges change:_panels", show); endTheme(); } };
}

function render({ model, el }) {
  const root = element("div", { class: "nest-lab nest-lab-traces", role: "region", "aria-label": "Signals" });
  let signals = null, look = null, bar = null;
  const height = () => Math.max(170 * model.get("_panels").length, 100) + 56;
  const plot = picture(root, "Signals in the window; the table below has the numbers", height(), (context, size, colours) => {
    if (signals?.length && look) charts(context, size, colours, look.view, model.get("_panels"), signals);
  });
  look = makeView(model, () => 0, () => { plot.redraw(); bar?.show(); });
  const save = saveButtons(model), numbers = table(model, root);
  bar = windowBar(model, look, [save.node]);
  const hint = steer(plot.canvas, look, () => ({ left: 84, top: 6, width: plot.canvas.clientWidth - 108, height: height() }));
  const hear = (content, buffers) => {
    if (content.what !== "signals") return;
    signals = unpacked(content, buffers, model.get("_panels"));
    numbers.show();
    plot.redraw();
  };
  root.append(bar.node, bar.wrong, plot.canvas, hint, numbers.node);
  el.append(root);
  model.on("msg:custom", hear);
  model.send({ do: "look" });
  return () => {
    model.off("msg:custom", hear);
    for (const part of [bar, look, plot, save, numbers]) part.end();
  };
}

export default widget(render);
