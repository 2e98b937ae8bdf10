// A network that runs while one looks at it. The kernel sends spikes as they come; this draws the last ones, and
// passes on what is pressed and turned. It decides nothing: what the kernel accepted comes back as state.

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
    if (rows.byteLength) this.pieces.push({ origin: content.time, unit: 1, times: numbersIn(times, Float32Array), rows: numbersIn(rows, Uint32Array) });
    this.pieces = this.pieces.filter((piece) => piece.origin > this.time - length);
    this.rate = { values: numbersIn(rate, Float32Array), first: content.first, bin: content.bin };
  }
}

function raster(model, spikes, root) {
  return picture(root, "Spikes and rate; the table below has the numbers", 400, (context, size, colours) => {
    const length = model.get("_window"), populations = model.get("_populations");
    const stop = Math.max(spikes.time, spikes.begin + length);
    const view = { start: stop - length, stop, low: 0, high: rowsOf(populations) };
    rasterAndRate(context, size, colours, view, spikes.pieces, populations, spikes.rate);
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
  const table = element("table", { class: "numbers" },
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
