// A laboratory for one neuron. The kernel computes; this draws what it sends and passes on what is turned.

const numbersOf = (buffers) => buffers.map((buffer) => numbersIn(buffer, Float32Array));

// A chart of two numbers, with its axes; `draw` gets what places a point.
function chart(context, box, colours, [x, y], [across_, up_], draw) {
  const span = { start: x[0], stop: x[1] }, place = placeIn(box, span);
  const up = (value) => box.top + box.height * (1 - (value - y[0]) / (y[1] - y[0]));
  clipped(context, box, () => draw(place, up));
  axis(context, box, colours);
  upwards(context, box, y[0], y[1], up_, 4);
  across(context, box, span, across_);
}

function line(context, xs, ys, place, up) {
  context.beginPath();
  for (let i = 0; i < xs.length; i++) context.lineTo(place(xs[i]), up(ys[i]));
  context.stroke();
}

const boxIn = (size) => ({ left: 76, top: 30, width: size.width - 100, height: size.height - 84 });

// -- the trace, with the spikes above

function drawTrace(context, size, colours, shown) {
  const room = 22, inner = { ...size, height: size.height - room };
  context.save();
  context.translate(0, room);
  const view = { start: 0, stop: shown.duration };
  const panels = shown.panels.length ? shown.panels : [{ name: "spikes", unit: "" }];
  const boxes = charts(context, inner, colours, view, panels, shown.panels.length ? shown.signals : [[]]);
  context.restore();
  if (!shown.spiking) return;
  const place = placeIn(boxes[0], view);
  context.font = `12px ${colours.font}`;
  context.fillStyle = colours.palette[1];
  for (const time of shown.spikes) context.fillRect(Math.round(place(time)) - 0.5, 6, 1.5, 14);
  context.fillStyle = colours.ink;
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillText("spikes", boxes[0].left - 8, 13);
}

// -- the response curve

function drawCurve(context, size, colours, { labels, now, amounts, responses }) {
  const box = boxIn(size), low = Math.min(...responses), high = Math.max(...responses);
  const room = 0.08 * (high - low) || Math.abs(high) * 0.1 || 1;
  const y = [low >= 0 && low < 0.3 * high ? 0 : low - room, high + room];
  chart(context, box, colours, [[amounts[0], amounts.at(-1)], y], labels, (place, up) => {
    context.strokeStyle = context.fillStyle = colours.palette[0];
    context.lineWidth = 1.6;
    line(context, amounts, responses, place, up);
    for (let i = 0; i < amounts.length; i++) { context.beginPath(); context.arc(place(amounts[i]), up(responses[i]), 2.5, 0, 7); context.fill(); }
    context.strokeStyle = colours.palette[1];
    context.setLineDash([5, 4]);
    line(context, [now, now], y, place, up);
    context.setLineDash([]);
  });
  legend(context, box, colours, [[colours.palette[0], "response"], [colours.palette[1], "now"]]);
}

function legend(context, box, colours, entries) {
  context.textAlign = "left";
  context.textBaseline = "middle";
  let x = box.left;
  for (const [colour, label] of entries) {
    context.fillStyle = colour;
    context.fillRect(x, 12, 16, 3);
    context.fillStyle = colours.ink;
    context.fillText(label, x + 21, 13);
    x += 38 + context.measureText(label).width;
  }
}

// -- the phase plane

// Where a field on a grid is 0: a stretch of line in each cell whose corners differ in sign.
function nullcline(x, y, field) {
  const n = x.length, found = [];
  const crossing = (i, j, k, l) => {
    const one = field[j * n + i], other = field[l * n + k];
    if (!(one * other < 0)) return [];
    const part = one / (one - other);
    return [[x[i] + part * (x[k] - x[i]), y[j] + part * (y[l] - y[j])]];
  };
  for (let j = 0; j + 1 < y.length; j++)
    for (let i = 0; i + 1 < n; i++) {
      const points = [...crossing(i, j, i + 1, j), ...crossing(i + 1, j, i + 1, j + 1), ...crossing(i, j + 1, i + 1, j + 1), ...crossing(i, j, i, j + 1)];
      if (points.length === 2) found.push(points);
    }
  return found;
}

function arrows(context, { x, y, dx, dy }, place, up) {
  const n = x.length;
  for (let j = 1; j < y.length; j += 3)
    for (let i = 1; i < n; i += 3) {
      const right = dx[j * n + i] * (place(x[1]) - place(x[0])) / (x[1] - x[0]), down = dy[j * n + i] * (up(y[1]) - up(y[0])) / (y[1] - y[0]);
      const size = Math.hypot(right, down);
      if (!(size > 0)) continue;
      const [a, b] = [place(x[i]), up(y[j])], [u, v] = [(7 * right) / size, (7 * down) / size];
      context.beginPath();
      context.moveTo(a - u, b - v);
      context.lineTo(a + u, b + v);
      context.lineTo(a + 0.3 * u - 0.4 * v, b + 0.3 * v + 0.4 * u);
      context.stroke();
    }
}

function drawPlane(context, size, colours, plane) {
  const box = boxIn(size), { x, y, dx, dy, along, upward, names, labels } = plane;
  chart(context, box, colours, [[x[0], x.at(-1)], [y[0], y.at(-1)]], labels, (place, up) => {
    context.lineWidth = 1;
    context.globalAlpha = 0.4;
    context.strokeStyle = colours.ink;
    arrows(context, plane, place, up);
    context.globalAlpha = 1;
    context.strokeStyle = colours.palette[0];
    line(context, along, upward, place, up);
    context.lineWidth = 2;
    [dx, dy].forEach((field, i) => {
      context.strokeStyle = colours.palette[i + 1];
      for (const [one, other] of nullcline(x, y, field)) line(context, [one[0], other[0]], [one[1], other[1]], place, up);
    });
  });
  legend(context, box, colours, [[colours.palette[0], "trace"], ...names.map((name, i) => [colours.palette[i + 1], `d${name}/dt = 0`])]);
}

// -- the whole

// The choice of the model and of the input.
function choices(model) {
  const chosen = (what) => (event) => model.send({ do: "choose", [what]: event.target.value });
  const names = element("select", { onchange: chosen("model") }), inputs = element("select", { onchange: chosen("input") });
  const receptors = element("select", { onchange: chosen("receptor") });
  const wrong = element("div", { class: "wrong", role: "alert" }), help = element("div", { class: "faint" });
  const why = element("div", { class: "faint why" });
  const option = (value, now, title) => element("option", { value, selected: value === now, title }, value);
  const show = () => {
    names.replaceChildren(...model.get("_models").map(({ name, summary }) => option(name, model.get("model"), summary)));
    inputs.replaceChildren(...model.get("_inputs").map((name) => option(name, model.get("input"), "")));
    inputs.disabled = model.get("_inputs").length < 2;
    receptors.replaceChildren(...model.get("_receptors").map((name) => option(name, model.get("receptor"), "")));
    into.hidden = model.get("_receptors").length < 2;
    help.textContent = model.get("_summary");
    wrong.textContent = model.get("_wrong");
    why.textContent = model.get("_notes").input ?? "";
  };
  const labelled = (label, control) => element("label", {}, label, control);
  const into = labelled("Receptor", receptors);
  const events = "change:model change:input change:receptor change:_inputs change:_receptors change:_models change:_summary change:_wrong change:_notes";
  model.on(events, show);
  show();
  const node = element("div", { class: "bar", role: "group", "aria-label": "Model" }, labelled("Model", names), labelled("Inject", inputs), into);
  return { node, below: [help, why, wrong], end: () => model.off(events, show) };
}

// The knobs of the present model, in two groups.
function board(model) {
  const tell = (what, more) => model.send({ do: what, ...more });
  const node = element("div", { class: "knobs" });
  let knobs = [];
  const make = () => {
    for (const each of knobs) each.end();
    const facts = model.get("_knobs");
    knobs = facts.map((each) => knob(model, tell, each));
    const group = (name, title) => element("div", { role: "group", "aria-label": title, class: `group ${name}` }, element("h4", {}, title),
      ...knobs.filter((_, i) => facts[i].group === name).map((each) => each.node));
    node.replaceChildren(group("input", "Input"), group("parameters", `Parameters of ${model.get("model")}`));
  };
  model.on("change:_knobs", make);
  make();
  return { node, end: () => { model.off("change:_knobs", make); for (const each of knobs) each.end(); } };
}

function render({ model, el }) {
  const root = element("div", { class: "nest-lab nest-lab-explorer", role: "region", "aria-label": "Explorer of neuron models" });
  const shown = { trace: null, curve: null, plane: null };
  const part = (name, label, height, draw) => picture(root, label, height, (context, size, colours) => shown[name] && draw(context, size, colours, shown[name]));
  const plots = { trace: part("trace", "Trace of the neuron", 330, drawTrace), curve: part("curve", "Response to inputs of different strength", 280, drawCurve),
    plane: part("plane", "Phase plane", 280, drawPlane) };
  const top = choices(model), knobs = board(model), save = saveButtons(model);
  const number = element("output", { "aria-live": "polite" }), whyNot = element("div", { class: "faint why" });
  const readers = {
    trace: (content, buffers) => {
      const parts = numbersOf(buffers.slice(0, -1)), spikes = numbersIn(buffers.at(-1), Float64Array);
      number.textContent = content.spiking ? `${text(spikes.length)} spikes in ${text(content.duration)} ms` : "";
      return { ...content, spikes, signals: parts.map((values, i) => [new Signal(content.lines[i], values, null)]) };
    },
    curve: (content, buffers) => { const [amounts, responses] = numbersOf(buffers); return { ...content, amounts, responses }; },
    plane: (content, buffers) => { const [x, y, dx, dy, along, upward] = numbersOf(buffers); return { ...content, x, y, dx, dy, along, upward }; },
  };
  const hear = (content, buffers) => {
    if (!readers[content.what]) return;
    const there = content.there !== false;
    shown[content.what] = there ? readers[content.what](content, buffers) : null;
    plots[content.what].canvas.hidden = !there;
    plots[content.what].redraw();
    whyNot.textContent = model.get("_notes").plane ?? "";
  };
  const explain = () => { whyNot.textContent = model.get("_notes").plane ?? ""; root.setAttribute("aria-busy", model.get("_busy")); };
  top.node.append(number, save.node);
  root.append(top.node, ...top.below, plots.trace.canvas, element("div", { class: "pair" }, plots.curve.canvas,
    element("div", {}, plots.plane.canvas, whyNot)), knobs.node);
  el.append(root);
  model.on("msg:custom", hear);
  model.on("change:_notes change:_busy", explain);
  model.send({ do: "look" });
  return () => {
    model.off("msg:custom", hear);
    model.off("change:_notes change:_busy", explain);
    for (const each of [top, knobs, save, ...Object.values(plots)]) each.end();
  };
}

export default widget(render);
