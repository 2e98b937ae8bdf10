// A network that runs while one looks at it. The kernel sends spikes as they come; this draws the last ones, and
// passes on what is pressed and turned. It decides nothing: what the kernel accepted comes back as state.

const PAGE = crypto.randomUUID?.() ?? String(Math.random()); // a page that is loaded again is another one
const SPEEDS = [[null, "as fast as possible"], [1000, "1,000 ms/s (real time)"], [500, "500 ms/s"], [200, "200 ms/s"],
  [100, "100 ms/s"], [50, "50 ms/s"], [20, "20 ms/s"], [10, "10 ms/s"]];
const STEP = 10; // ms

// -- the buttons

function buttons(model, tell) {
  const button = (label, title, pressed) => element("button", { type: "button", title, onclick: pressed }, label);
  const length = element("input", { type: "text", inputmode: "decimal", placeholder: "no end", size: 8 });
  const run = button("Run", "", () => {
    if (model.get("status") === "running") return tell("pause");
    const ms = model.get("status") === "stopped" ? length.value.trim().replace(/(?<=\d),(?=\d{3})/g, "") : "";
    tell("run", ms ? { ms: isNaN(ms) ? ms : Number(ms) } : {});
  });
  run.classList.add("main");
  const step = button(`Step ${STEP} ms`, `Run for ${STEP} ms of model time, then pause`, () => tell("step", { ms: STEP }));
  const stop = button("Stop", "End the run; Run begins a new one from here", () => tell("stop"));
  const reset = button("Reset", "", () => tell("reset"));
  const speed = element("select", { onchange: () => tell("speed", { value: JSON.parse(speed.value) }) });

  const renew = () => {
    const status = model.get("status");
    run.textContent = status === "running" ? "Pause" : "Run";
    run.title = status === "paused" ? "Go on" : status === "running" ? "Hold; Run goes on" : "Run in the background";
    step.disabled = status === "running";
    stop.disabled = status === "stopped";
    length.disabled = status !== "stopped";
    reset.disabled = !model.get("_can_reset");
    reset.title = reset.disabled ? "Only a network of the gallery can be built again" : "Build the network again, with the values below";
    const now = model.get("speed");
    const known = SPEEDS.some(([value]) => value === now) ? SPEEDS : [...SPEEDS, [now, `${text(now)} ms/s`]];
    speed.replaceChildren(...known.map(([value, label]) => element("option", { value: JSON.stringify(value), selected: value === now }, label)));
  };
  model.on("change:status change:speed change:_can_reset", renew);
  renew();
  const labelled = (label, control) => element("label", {}, label, control);
  const bar = element("div", { class: "bar", role: "group", "aria-label": "Run" }, run, step, stop, reset,
    labelled("Speed", speed), labelled("Run for (ms)", length));
  return { node: bar, end: () => model.off("change:status change:speed change:_can_reset", renew) };
}

// -- the knobs

// Slider, number, unit and help of one control. A value is sent at most twenty times a second; what the kernel has is
// shown when the user has let go for a moment.
function knob(model, tell, facts) {
  const { name, unit, doc, low, high, step } = facts;
  const ids = { slider: unique("slider"), help: unique("help"), wrong: unique("wrong") };
  const described = `${ids.help} ${ids.wrong}`;
  const slider = element("input", { type: "range", id: ids.slider, min: low, max: high, step: "any", "aria-describedby": described });
  const number = element("input", { type: "text", inputmode: "decimal", "aria-label": `${name}, as a number`, "aria-describedby": described });
  const wrong = element("div", { class: "wrong", id: ids.wrong, role: "alert" });
  let timer = null, wanted = null, touched = 0, settle = null;

  const show = () => {
    clearTimeout(settle);
    const left = 400 - (performance.now() - touched);
    if (left > 0) { settle = setTimeout(show, left); return; }
    const value = model.get("values")[name];
    slider.value = value;
    // What was refused stays in the field above its message, and what somebody types is not overwritten.
    const kept = model.get("_errors")[name] || document.activeElement === number;
    if (!kept || number.value === "") number.value = String(Number(value.toPrecision(6)));
    slider.setAttribute("aria-valuetext", `${text(value, 2)} ${unit}`.trim());
  };
  const complain = () => {
    wrong.textContent = model.get("_errors")[name] ?? "";
    number.setAttribute("aria-invalid", wrong.textContent !== "");
    show();
  };
  const send = (value) => {
    touched = performance.now();
    wanted = value;
    if (timer) return;
    tell("set", { name, value });
    timer = setTimeout(() => { timer = null; if (wanted !== value) send(wanted); }, 50);
  };
  slider.addEventListener("input", () => {
    const value = Number((Math.round(Number(slider.value) / step) * step).toFixed(9));
    number.value = value;
    send(value);
  });
  // The arrow keys move by a fiftieth of the range, Page Up and Page Down by a tenth.
  slider.addEventListener("keydown", (event) => {
    const size = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5 }[event.key];
    if (!size) return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has uses of its own for them
    const value = Math.min(Math.max(Number(slider.value) + size * Math.max(step, (high - low) / 50), low), high);
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
  });
  const typed = () => {
    const given = number.value.trim();
    touched = 0;
    tell("set", { name, value: given === "" || isNaN(given) ? given : Number(given) });
  };
  number.addEventListener("change", typed);
  number.addEventListener("keydown", (event) => event.stopPropagation());

  model.on("change:values", show);
  model.on("change:_errors", complain);
  show();
  complain();
  const node = element("div", { class: "knob" }, element("label", { for: ids.slider }, name), slider, number,
    element("span", { class: "faint", id: ids.help }, [unit, doc].filter(Boolean).join(" · ")), wrong);
  return { node, end: () => { model.off("change:values", show); model.off("change:_errors", complain); clearTimeout(settle); } };
}

// -- the spikes

// What the raster needs: the spikes of the window in the pieces they came in, and the rate.
class Spikes {
  constructor() {
    this.time = this.begin = 0;
    this.pieces = [];
    this.rate = { values: new Float32Array(), first: 0, bin: 1 };
  }

  add(content, [times, rows, rate], length) {
    if (content.fresh) this.pieces = [];
    Object.assign(this, { time: content.time, begin: content.begin });
    const before = new Float32Array(times.buffer, times.byteOffset, times.byteLength / 4).slice();
    if (before.length) this.pieces.push({ at: content.time, before, rows: new Uint32Array(rows.buffer, rows.byteOffset, rows.byteLength / 4).slice() });
    this.pieces = this.pieces.filter((piece) => piece.at > this.time - length);
    this.rate = { values: new Float32Array(rate.buffer, rate.byteOffset, rate.byteLength / 4).slice(), first: content.first, bin: content.bin };
  }
}

// Bytes of a colour "#rrggbb" as one number, in the order of an image.
function pixel(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return new Uint32Array(new Uint8Array([red, green, blue, 255]).buffer)[0];
}

// The dots: written pixel by pixel, which takes a hundredth of the time of drawing them one by one.
function dots(context, box, start, length, spikes, populations, { scale }, palette) {
  const width = Math.round(box.width * scale), height = Math.round(box.height * scale);
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const rows = populations.reduce((sum, population) => sum + population.shown, 0);
  const colour = new Uint32Array(rows);
  let below = 0;
  populations.forEach((population, i) => {
    colour.fill(pixel(palette[i % palette.length]), below, below + population.shown);
    below += population.shown;
  });
  const size = Math.max(Math.round(Math.min(Math.max(box.height / rows, 1.4), 4) * scale), 1);
  for (const { at, before, rows: row } of spikes.pieces) {
    for (let i = 0; i < row.length; i++) {
      const x = Math.round(((at + before[i] - start) / length) * width - size / 2);
      const y = Math.round((1 - (row[i] + 0.5) / rows) * height - size / 2);
      for (let v = Math.max(y, 0); v < Math.min(y + size, height); v++)
        for (let u = Math.max(x, 0); u < Math.min(x + size, width); u++) pixels[v * width + u] = colour[row[i]];
    }
  }
  context.putImageData(image, Math.round(box.left * scale), Math.round(box.top * scale));
}

// Lines and numbers around a box.
function axis(context, box, { ink, font }) {
  context.strokeStyle = context.fillStyle = ink;
  context.lineWidth = 1;
  context.font = `12px ${font}`;
  context.beginPath();
  context.moveTo(box.left - 0.5, box.top);
  context.lineTo(box.left - 0.5, box.top + box.height + 0.5);
  context.lineTo(box.left + box.width, box.top + box.height + 0.5);
  context.stroke();
}

function sideways(context, label, x, y) {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillText(label, 0, 0);
  context.restore();
}

function names(context, box, populations, colours) {
  const rows = populations.reduce((sum, population) => sum + population.shown, 0);
  const everyone = populations.reduce((sum, population) => sum + population.size, 0);
  context.textAlign = "right";
  context.textBaseline = "middle";
  let below = 0, last = Infinity;
  for (const [i, population] of populations.entries()) {
    const y = box.top + box.height * (1 - (below + population.shown / 2) / rows);
    below += population.shown;
    if (last - y < 13) continue; // no room
    last = y;
    context.fillStyle = colours.palette[i % colours.palette.length];
    context.fillText(population.name, box.left - 8, y, box.left - 30);
  }
  context.fillStyle = colours.ink;
  sideways(context, rows === everyone ? `${text(rows)} neurons` : `${text(rows)} of ${text(everyone)} neurons`, 2, box.top + box.height / 2);
}

function rate(context, box, start, length, { values, first, bin }, colours) {
  const [, step] = ticks(0, Math.max(10, ...values), 2);
  const top = Math.ceil(Math.max(10, ...values) / step) * step; // a round number, so that the axis rarely changes
  const x = (time) => box.left + ((time - start) / length) * box.width;
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  context.globalAlpha = 0.55;
  context.fillStyle = colours.ink;
  for (let i = 0; i < values.length; i++) {
    const height = (values[i] / top) * box.height;
    context.fillRect(x(first + i * bin), box.top + box.height - height, (bin / length) * box.width + 0.3, height);
  }
  context.restore();
  axis(context, box, colours);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of ticks(0, top, 2)) {
    const y = box.top + box.height * (1 - value / top);
    context.fillText(text(value), box.left - 8, y);
    context.fillRect(box.left - 5, Math.round(y), 5, 1);
  }
  sideways(context, "rate (spikes/s)", 2, box.top + box.height / 2);
}

function clockwork(context, box, start, length, top) {
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const time of ticks(start, start + length, Math.max(Math.floor(box.width / 110), 2))) {
    const x = Math.round(box.left + ((time - start) / length) * box.width);
    context.fillRect(x, box.top + box.height, 1, 5);
    context.fillRect(x, top, 1, 5);
    context.fillText(text(time), x, box.top + box.height + 8);
  }
  context.fillText("model time (ms)", box.left + box.width / 2, box.top + box.height + 24);
}

function raster(model, spikes, root) {
  return picture(root, "Spikes and rate; the table below has the numbers", 400, (context, size, colours) => {
    const length = model.get("_window"), populations = model.get("_populations");
    const left = 108, width = size.width - left - 16;
    const above = { left, top: 6, width, height: 240 }, below = { left, top: 266, width, height: 88 };
    const start = Math.max(spikes.time, spikes.begin + length) - length;
    dots(context, above, start, length, spikes, populations, size, colours.palette);
    axis(context, above, colours);
    names(context, above, populations, colours);
    rate(context, below, start, length, spikes.rate, colours);
    clockwork(context, below, start, length, above.top + above.height);
  });
}

// -- the numbers

function numbers(model) {
  const [time, factor, pace, status] = ["–", "–", "–", ""].map((nothing) => element("output", {}, nothing));
  const progress = element("progress", { "aria-label": "Progress of the run", hidden: true });
  const item = (label, output, unit) => element("span", {}, element("span", { class: "faint" }, label + " "), output, unit);
  const node = element("div", { class: "clock" }, item("", status, ""), item("Model time", time, " ms"), item("Speed reached", pace, " ms/s"),
    element("span", { title: "Wall time that the computation takes, divided by the model time: below 1 is faster than life" },
      element("span", { class: "faint" }, "Real-time factor "), factor), progress);
  const failure = element("div", { class: "wrong", role: "alert" });
  const body = element("tbody");
  const table = element("table", { class: "rates" },
    element("thead", {}, element("tr", {}, ...["population", "neurons", "rate (spikes/s)"].map((name) => element("th", { scope: "col" }, name)))), body);

  const renew = () => {
    status.textContent = model.get("status");
    failure.textContent = model.get("_failure");
    progress.hidden = model.get("_total") == null;
    progress.max = model.get("_total") ?? 1;
  };
  const show = (content, colours) => {
    time.textContent = text(content.time, 1);
    factor.textContent = content.factor == null ? "–" : content.factor.toPrecision(2);
    pace.textContent = text(content.pace && Number(content.pace.toPrecision(2)));
    progress.value = Math.min(content.done, progress.max);
    body.replaceChildren(...model.get("_populations").map((population, i) => element("tr", {},
      element("th", { scope: "row" }, element("span", { class: "swatch", style: `background:${colours.palette[i % colours.palette.length]}` }), population.name),
      element("td", {}, text(population.size)), element("td", {}, text(content.rates[i], 1)))));
  };
  model.on("change:status change:_failure change:_total", renew);
  renew();
  return { node, failure, table, show, end: () => model.off("change:status change:_failure change:_total", renew) };
}

// -- the whole

function render({ model, el }) {
  const view = unique("view");
  const tell = (what, more = {}) => model.send({ do: what, ...more });
  const root = element("div", { class: "nest-lab nest-lab-live", role: "region", "aria-label": `Live simulation, ${model.get("_title")}` });
  const spikes = new Spikes();
  const controls = buttons(model, tell), knobs = model.get("_knobs").map((facts) => knob(model, tell, facts));
  const read = numbers(model), plot = raster(model, spikes, root);
  root.append(controls.node, read.node, read.failure, ...knobs.map((each) => each.node), plot.canvas, read.table);
  el.append(root);

  let latest = null;
  const hear = (content, buffers) => {
    latest = content;
    spikes.add(content, buffers, model.get("_window"));
    read.show(content, theme(root));
    plot.redraw();
  };
  const endTheme = onTheme(() => latest && read.show(latest, theme(root)));
  model.on("msg:custom", hear);
  tell("look", { page: PAGE, view });
  return () => {
    model.off("msg:custom", hear);
    for (const part of [controls, read, plot, ...knobs]) part.end();
    endTheme();
    tell("leave", { page: PAGE, view });
  };
}

export default { render };
