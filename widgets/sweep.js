// A grid over two parameters: a map that fills while cells are simulated, and the raster of the cell that is opened.

// Viridis (Smith, van der Walt and Firing), which ascends in brightness for all kinds of colour vision.
const VIRIDIS = ["440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"]
  .map((code) => [0, 2, 4].map((at) => parseInt(code.slice(at, at + 2), 16)));

function viridis(part) {
  const place = Math.min(Math.max(part, 0), 1) * (VIRIDIS.length - 1), i = Math.min(Math.floor(place), VIRIDIS.length - 2);
  return VIRIDIS[i].map((one, k) => Math.round(one + (place - i) * (VIRIDIS[i + 1][k] - one)));
}

const short = (value, digits = 4) => String(Number(value.toPrecision(digits)));

// Lowest and highest of the known values, and where a value is between them.
function scaleOf(values, log) {
  const known = values.filter((value) => value != null && (!log || value > 0));
  if (!known.length) return null;
  const low = known.reduce((a, b) => Math.min(a, b)), high = known.reduce((a, b) => Math.max(a, b)), of = log ? Math.log : Number;
  return {
    low, high,
    part: (value) => (high > low ? (of(value) - of(low)) / (of(high) - of(low)) : 0.5),
    at: (part) => (log ? low * (high / low) ** part : low + (high - low) * part),
  };
}

function drawCell(context, { x, y, width, height }, state, value, scale, log, { ink, dark }) {
  if (state === "d" && value != null && !(log && value <= 0)) {
    const [red, green, blue] = viridis(scale.part(value));
    context.fillStyle = `rgb(${red}, ${green}, ${blue})`;
    context.fillRect(x, y, width, height);
    if (width < 44 || height < 20) return;
    context.fillStyle = 0.299 * red + 0.587 * green + 0.114 * blue > 120 ? "#000" : "#fff";
    context.fillText(short(value, 3), x + width / 2, y + height / 2, width - 6);
    return;
  }
  context.strokeStyle = context.fillStyle = ink;
  context.globalAlpha = 0.25;
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  context.globalAlpha = state === "r" ? 0.35 : 1;
  if (state === "r") context.fillRect(x + 3, y + 3, width - 6, height - 6);
  context.globalAlpha = 1;
  if (state === "d") context.fillText("–", x + width / 2, y + height / 2);
  if (state !== "f") return;
  const size = Math.min(width, height, 28) / 4, [across_, down] = [x + width / 2, y + height / 2];
  context.strokeStyle = dark ? "#ff8a80" : "#b00020";
  context.lineWidth = 2;
  context.beginPath();
  for (const sign of [-1, 1]) { context.moveTo(across_ - size, down - sign * size); context.lineTo(across_ + size, down + sign * size); }
  context.stroke();
}

// A frame that stands out on every colour.
function frame(context, { x, y, width, height }, strong) {
  for (const [colour, inset, wide] of [["#000", 1, 2], ["#fff", 3, strong ? 3 : 1]]) {
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.strokeRect(x + inset, y + inset, width - 2 * inset, height - 2 * inset);
  }
}

function numbersOf(context, box, [right, up]) {
  const name = ({ name, unit }) => (unit ? `${name} (${unit})` : name);
  context.textBaseline = "top";
  context.textAlign = "center";
  let step = Math.ceil(right.values.length / Math.max(Math.floor(box.width / 52), 1));
  right.values.forEach((value, i) => {
    const x = box.left + (box.width * (i + 0.5)) / right.values.length;
    if (i % step === 0) context.fillText(short(value), x, box.top + box.height + 6);
  });
  context.fillText(name(right), box.left + box.width / 2, box.top + box.height + 22);
  context.textBaseline = "middle";
  context.textAlign = "right";
  step = Math.ceil(up.values.length / Math.max(Math.floor(box.height / 18), 1));
  up.values.forEach((value, i) => {
    const y = box.top + box.height * (1 - (i + 0.5) / up.values.length);
    if (i % step === 0) context.fillText(short(value), box.left - 8, y);
  });
  sideways(context, name(up), 2, box.top + box.height / 2, box.height);
}

// What the colours mean.
function colourScale(context, x, { top, height }, scale, label) {
  if (!scale) return;
  for (let y = 0; y < height; y++) {
    context.fillStyle = `rgb(${viridis(1 - y / height).join()})`;
    context.fillRect(x, top + y, 12, 1.5);
  }
  context.fillStyle = context.strokeStyle;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const marks = scale.high > scale.low ? [0, 0.25, 0.5, 0.75, 1] : [0.5];
  for (const part of marks) context.fillText(short(scale.at(part), 3), x + 18, top + height * (1 - part));
  sideways(context, label, x + 62, top + height / 2, height + 40);
}

const boxOf = ({ clientWidth }) => ({ left: 66, top: 10, width: Math.max(clientWidth - 66 - 110, 60), height: 290 });

function cellAt(box, [right, up], number) {
  const width = box.width / right.values.length, height = box.height / up.values.length;
  const column = number % right.values.length, row = Math.floor(number / right.values.length);
  return { x: box.left + column * width, y: box.top + box.height - (row + 1) * height, width, height };
}

// The map, with a cursor that the mouse and the arrow keys move.
function makeMap(model, root, about) {
  let cursor = 0, seen = false;
  const facts = () => model.get("_figures").find(({ name }) => name === model.get("figure_of"));
  const plot = picture(root, "Map of the sweep; the line below says what the chosen cell is", 348, (context, size, colours) => {
    const axes = model.get("_axes"), box = boxOf(plot.canvas), log = model.get("log");
    const states = model.get("_states"), values = model.get("_values");
    const scale = scaleOf(values, log), known = facts();
    axis(context, box, colours);
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let i = 0; i < states.length; i++) drawCell(context, cellAt(box, axes, i), states[i], values[i], scale, log, colours);
    if (model.get("_opened") >= 0) frame(context, cellAt(box, axes, model.get("_opened")), true);
    if (seen || document.activeElement === plot.canvas) frame(context, cellAt(box, axes, cursor), false);
    context.fillStyle = context.strokeStyle = colours.ink;
    numbersOf(context, box, axes);
    if (known) colourScale(context, box.left + box.width + 14, box, scale, known.unit ? `${known.title} (${known.unit})` : known.title);
  });
  const tell = () => {
    const [right, up] = model.get("_axes"), n = right.values.length;
    cursor = Math.min(cursor, n * up.values.length - 1);
    const here = [[right, right.values[cursor % n]], [up, up.values[Math.floor(cursor / n)]]];
    const where = here.map(([{ name, unit }, value]) => `${name} = ${short(value)} ${unit}`.trim()).join(", ");
    const value = model.get("_values")[cursor], known = facts();
    const result = () => (value == null ? "not known" : `${known?.title ?? ""} ${short(value)} ${known?.unit ?? ""}`.trim());
    const words = { w: () => "no result yet", r: () => "running", f: () => model.get("_messages")[cursor] ?? "failed", d: result };
    const what = words[model.get("_states")[cursor]]?.();
    const chosen = seen || document.activeElement === plot.canvas;
    about.textContent = chosen ? `${where}: ${what}` : "";
    about.classList.toggle("wrong", model.get("_states")[cursor] === "f");
    plot.redraw();
  };
  const open = () => { if (model.get("_states")[cursor] === "d") model.send({ do: "open", number: cursor }); };
  const under = (event) => {
    const box = boxOf(plot.canvas), at = plot.canvas.getBoundingClientRect(), [right, up] = model.get("_axes");
    const column = Math.floor(((event.clientX - at.left - box.left) / box.width) * right.values.length);
    const row = Math.floor((1 - (event.clientY - at.top - box.top) / box.height) * up.values.length);
    return column >= 0 && row >= 0 && column < right.values.length && row < up.values.length ? row * right.values.length + column : null;
  };
  const go = (number) => { cursor = number; seen = true; tell(); };
  for (const [name, value] of [["tabindex", 0], ["role", "application"], ["aria-describedby", about.id]]) plot.canvas.setAttribute(name, value);
  plot.canvas.addEventListener("pointermove", (event) => { const number = under(event); if (number !== null && number !== cursor) go(number); });
  plot.canvas.addEventListener("click", (event) => { const number = under(event); if (number !== null) { go(number); open(); } });
  plot.canvas.addEventListener("focus", tell);
  plot.canvas.addEventListener("blur", plot.redraw);
  plot.canvas.addEventListener("keydown", (event) => {
    const [right, up] = model.get("_axes"), n = right.values.length, column = cursor % n, row = Math.floor(cursor / n);
    const moves = { ArrowLeft: [column - 1, row], ArrowRight: [column + 1, row], ArrowUp: [column, row + 1], ArrowDown: [column, row - 1],
      Home: [0, row], End: [n - 1, row] };
    const to = moves[event.key], opens = event.key === "Enter" || event.key === " ";
    if ((!to && !opens) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has uses of its own for them
    if (opens) return open();
    if (to[0] >= 0 && to[0] < n && to[1] >= 0 && to[1] < up.values.length) go(to[1] * n + to[0]);
  });
  const watched = "change:_axes change:_states change:_values change:_messages change:_opened change:log change:figure_of change:_figures";
  model.on(watched, tell);
  tell();
  return { canvas: plot.canvas, end: () => { model.off(watched, tell); plot.end(); } };
}

// A place for what is said against a control.
function complaint(model, control, fields) {
  const node = element("div", { class: "wrong", role: "alert", id: unique("wrong") });
  for (const field of fields) field.setAttribute("aria-describedby", node.id);
  const show = () => {
    node.textContent = model.get("_refused")[control] ?? "";
    for (const field of fields) field.setAttribute("aria-invalid", node.textContent !== "");
  };
  model.on("change:_refused", show);
  show();
  return { node, end: () => model.off("change:_refused", show) };
}

// A field for a number; what is not one is for the kernel to judge.
function numberField(size, changed) {
  const field = element("input", { type: "text", inputmode: "decimal", size });
  field.addEventListener("change", changed);
  field.addEventListener("keydown", (event) => event.stopPropagation());
  return field;
}
const typed = ({ value }) => (value.trim() === "" || isNaN(value) ? value.trim() : Number(value));

// One axis: its parameter, its ends, and how many values it has.
function axisControls(model, which, title) {
  const send = () => model.send({ do: "axis", which, name: select.value, ends: [low, high, count].map(typed) });
  const low = numberField(6, send), high = numberField(6, send), count = numberField(4, send), doc = element("span", { class: "faint" });
  const select = element("select", { onchange: () => model.send({ do: "axis", which, name: select.value }) });
  const wrong = complaint(model, String(which), [select, low, high, count]);
  const show = () => {
    const { name, unit, doc: text_, values } = model.get("_axes")[which], running = model.get("status") === "running";
    for (const field of [select, low, high, count]) field.disabled = running;
    if (wrong.node.textContent && low.value) return; // what was refused stays above its message
    const option = (each) => element("option", { value: each.name, selected: each.name === name }, each.name);
    select.replaceChildren(...model.get("_choices").map(option));
    [low.value, high.value, count.value] = [short(values[0], 12), short(values.at(-1), 12), values.length];
    doc.textContent = [unit, text_].filter(Boolean).join(" · ");
  };
  model.on("change:_axes change:status change:_choices change:_refused", show);
  show();
  const parameter = element("label", {}, element("span", { class: "faint" }, "Parameter"), select);
  const node = element("div", { role: "group", "aria-label": title }, element("span", {}, title), parameter,
    element("label", {}, "From", low), element("label", {}, "to", high), element("label", {}, "Values", count), doc, wrong.node);
  return { node, end: () => { model.off("change:_axes change:status change:_choices change:_refused", show); wrong.end(); } };
}

// Run and cancel, how far it is, and how long each cell is.
function runBar(model) {
  const run = element("button", { type: "button", class: "main", onclick: () => model.send({ do: model.get("status") === "running" ? "cancel" : "run" }) });
  const time = numberField(7, () => model.send({ do: "duration", duration: typed(time) }));
  const bar = element("progress", { "aria-label": "Cells that are done" }), status = element("output");
  const wrongs = [complaint(model, "run", [run]), complaint(model, "duration", [time])];
  const show = () => {
    const now = model.get("status"), states = model.get("_states");
    const count = (letters) => [...states].filter((state) => letters.includes(state)).length;
    const done = count("df"), failed = count("f");
    run.textContent = now === "running" ? "Cancel" : done && done < states.length ? "Continue" : "Run";
    run.title = now === "running" ? "Stop what is under way; what is done stays" : "Simulate the cells that have no result";
    run.disabled = now !== "running" && done === states.length;
    time.disabled = now === "running";
    if (!model.get("_refused").duration && document.activeElement !== time) time.value = short(model.get("_duration"), 12);
    [bar.max, bar.value] = [states.length, done];
    const doing = now === "ready" ? "" : `${now}, `, lost = failed ? `, ${text(failed)} failed` : "";
    status.textContent = `${doing}${text(done)} of ${text(states.length)} cells${lost}`;
  };
  const watched = "change:status change:_states change:_duration change:_refused";
  model.on(watched, show);
  show();
  const node = element("div", { class: "bar", role: "group", "aria-label": "Run" }, run, element("label", {}, "Model time (ms)", time), bar, status);
  const end = () => { model.off(watched, show); wrongs.forEach((wrong) => wrong.end()); };
  return { nodes: [node, ...wrongs.map((wrong) => wrong.node)], end };
}

// What the colours show.
function colourBar(model, save) {
  const select = element("select", { onchange: () => model.send({ do: "figure", name: select.value }) });
  const log = element("input", { type: "checkbox", onchange: () => model.send({ do: "log", on: log.checked }) });
  const wrong = complaint(model, "figure", [select]);
  const show = () => {
    const known = model.get("_figures"), now = model.get("figure_of");
    const option = ({ name, title, unit }) => element("option", { value: name, selected: name === now }, unit ? `${title} (${unit})` : title);
    select.replaceChildren(...known.map(option));
    if (!known.length) select.append(element("option", {}, "known with the first result"));
    select.disabled = !known.length;
    log.checked = model.get("log");
  };
  model.on("change:_figures change:figure_of change:log", show);
  show();
  log.style.width = "auto";
  select.style.maxWidth = "30em";
  const node = element("div", { class: "bar", role: "group", "aria-label": "What is shown" },
    element("label", {}, "Colours", select), element("label", {}, log, "logarithmic"), save.node);
  return { nodes: [node, wrong.node], end: () => { model.off("change:_figures change:figure_of change:log", show); wrong.end(); } };
}

function render({ model, el }) {
  const root = element("div", { class: "nest-lab nest-lab-sweep", role: "region", "aria-label": "Sweep" });
  const about = element("output", { class: "about", id: unique("about"), style: "display:block" }), heading = element("h4");
  const hint = element("div", { class: "faint" }, "Click a cell to open its raster. Keys: ← → ↑ ↓ choose, Enter opens.");
  const save = saveButtons(model), axes = [axisControls(model, 0, "To the right"), axisControls(model, 1, "Upwards")];
  const bar = runBar(model), colours = colourBar(model, save), map = makeMap(model, root, about), wrong = complaint(model, "cell", [map.canvas]);
  const spikes = lookAtSpikes(model, root), raster = element("section", { "aria-label": "Raster of the opened cell" }, heading, ...spikes.nodes);
  const show = () => {
    raster.hidden = model.get("_opened") < 0;
    heading.textContent = model.get("_about_opened");
  };
  model.on("change:_opened change:_about_opened", show);
  show();
  const chosen = element("div", { class: "axes" }, ...axes.map((each) => each.node));
  root.append(chosen, ...bar.nodes, ...colours.nodes, map.canvas, about, wrong.node, hint, raster);
  el.append(root);
  map.canvas.setAttribute("aria-describedby", about.id);
  model.send({ do: "look" });
  return () => {
    model.off("change:_opened change:_about_opened", show);
    for (const part of [...axes, bar, colours, map, wrong, spikes, save]) part.end();
  };
}

export default widget(render);
