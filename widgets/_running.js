// What a widget with a clock has on its page: buttons, the spikes of the last while, the numbers below them.

const SPEEDS = [[null, "as fast as possible"], [1000, "1,000 ms/s (real time)"], [500, "500 ms/s"], [200, "200 ms/s"],
  [100, "100 ms/s"], [50, "50 ms/s"], [20, "20 ms/s"], [10, "10 ms/s"]];
const STEP = 10; // ms

// -- the buttons

// `endless` runs have a field for their length; `again` says what Reset does.
function buttons(model, tell, { endless = true, again = "Build the network again, with the values below" } = {}) {
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
    reset.title = reset.disabled ? "Only a network of the gallery can be built again" : again;
    const now = model.get("speed");
    const known = SPEEDS.some(([value]) => value === now) ? SPEEDS : [...SPEEDS, [now, `${text(now)} ms/s`]];
    speed.replaceChildren(...known.map(([value, label]) => element("option", { value: JSON.stringify(value), selected: value === now }, label)));
  };
  model.on("change:status change:speed change:_can_reset", renew);
  renew();
  const labelled = (label, control) => element("label", {}, label, control);
  const bar = element("div", { class: "bar", role: "group", "aria-label": "Run" }, run, step, stop, reset,
    labelled("Speed", speed), ...(endless ? [labelled("Run for (ms)", length)] : []));
  return { node: bar, end: () => model.off("change:status change:speed change:_can_reset", renew) };
}

// -- the spikes

// What the raster needs: the spikes of the window in the pieces they came in, and the rate. What was drawn is moved, and
// the spikes after it are added.
class Spikes {
  constructor() {
    this.time = this.begin = 0;
    this.pieces = [];
    this.drawn = null;
    this.rate = { values: new Float32Array(), first: 0, bin: 1 };
  }

  add(content, [times, rows, rate], length) {
    if (content.fresh) this.pieces = [], this.drawn = null;
    Object.assign(this, { time: content.time, begin: content.begin });
    if (rows.byteLength) this.pieces.push({ origin: content.time, unit: 1, sorted: true, times: numbersIn(times, Float32Array), rows: numbersIn(rows, Uint32Array) });
    this.pieces = this.pieces.filter((piece) => piece.origin > this.time - length);
    this.rate = { values: numbersIn(rate, Float32Array), first: content.first, bin: content.bin };
  }

  draw(context, size, colours, length, populations) {
    const stop = Math.max(this.time, this.begin + length), view = { start: stop - length, stop, low: 0, high: rowsOf(populations) };
    this.drawn = rasterAndRate(context, size, colours, view, this.pieces, populations, this.rate, this.drawn);
    this.drawn.until = this.time;
  }
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
  const body = element("tbody"), rows = []; // rates to write, by population
  const table = element("table", { class: "numbers" },
    element("thead", {}, element("tr", {}, ...["population", "neurons", "rate (spikes/s)"].map((name) => element("th", { scope: "col" }, name)))), body);

  const renew = () => {
    status.textContent = model.get("status");
    failure.textContent = model.get("_failure");
    progress.hidden = model.get("_total") == null;
    progress.max = model.get("_total") ?? 1;
  };
  let known = "";
  const lines = (palette) => {
    const now = JSON.stringify([palette, model.get("_populations")]);
    if (known === now) return;
    known = now;
    rows.length = 0;
    body.replaceChildren(...model.get("_populations").map((population, i) => {
      const swatch = element("span", { class: "swatch", style: `background:${palette[i % palette.length]}` });
      rows.push(element("td"));
      return element("tr", {}, element("th", { scope: "row" }, swatch, population.name), element("td", {}, text(population.size)), rows[i]);
    }));
  };
  const show = (content, { palette }) => {
    write(time, text(content.time, 1));
    write(factor, content.factor == null ? "–" : content.factor.toPrecision(2));
    write(pace, text(content.pace && Number(content.pace.toPrecision(2))));
    progress.value = Math.min(content.done, progress.max);
    lines(palette);
    rows.forEach((row, i) => write(row, text(content.rates[i], 1)));
  };
  model.on("change:status change:_failure change:_total", renew);
  renew();
  return { node, failure, table, show, end: () => model.off("change:status change:_failure change:_total", renew) };
}
