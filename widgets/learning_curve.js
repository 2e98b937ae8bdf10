// A network that learns while one looks at it. The kernel sends its curves when an iteration is over; this draws them,
// and passes on what is pressed.

const MARGIN = { left: 72, right: 16, top: 22, bottom: 40 };

// The smallest and the largest of the known numbers, with a round number at both ends of the axis.
function span(values) {
  const known = values.filter((value) => value != null);
  if (!known.length) return [0, 1];
  const low = Math.min(0, ...known), high = Math.max(...known);
  if (low === high) return [low, low + 1];
  const [first, second] = ticks(low, high, 4);
  const step = second - first || high - low;
  return [Math.floor(low / step) * step, Math.ceil(high / step) * step];
}

function lettering(context, box, curve, [low, high], [left, right], { ink, font, palette }) {
  const names = Object.keys(curve.lines);
  context.font = `12px ${font}`;
  context.strokeStyle = context.fillStyle = ink;
  context.lineWidth = 1;
  context.strokeRect(box.left - 0.5, box.top, 0, box.height);
  context.strokeRect(box.left - 0.5, box.top + box.height + 0.5, box.width, 0);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of ticks(low, high, 4)) {
    const y = box.top + box.height * (1 - (value - low) / (high - low));
    context.fillRect(box.left - 5, Math.round(y), 5, 1);
    context.fillText(Number(value.toPrecision(6)).toLocaleString("en"), box.left - 8, y);
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const value of ticks(left, right, Math.max(Math.floor(box.width / 110), 2))) {
    const x = box.left + (box.width * (value - left)) / (right - left);
    context.fillRect(Math.round(x), box.top + box.height, 1, 5);
    context.fillText(text(value, Number.isInteger(value) ? 0 : 1), x, box.top + box.height + 7);
  }
  context.fillText(curve.xlabel, box.left + box.width / 2, box.top + box.height + 23);
  context.textAlign = "left";
  context.textBaseline = "top";
  context.fillText(curve.ylabel, 2, 2);
  let x = box.left + box.width;
  context.textAlign = "right";
  for (const name of names.length > 1 ? names.reverse() : []) { // the legend, from right to left
    context.fillStyle = palette[(Object.keys(curve.lines).indexOf(name)) % palette.length];
    context.fillText(name, x, 2);
    x -= context.measureText(name).width + 14;
  }
}

function draw(context, { width, height }, colours, curve) {
  const box = { left: MARGIN.left, top: MARGIN.top, width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const [low, high] = span(Object.values(curve.lines).flat());
  const left = curve.x[0] ?? 0, right = Math.max(curve.x.at(-1) ?? 1, left + 1);
  lettering(context, box, curve, [low, high], [left, right], colours);
  Object.values(curve.lines).forEach((values, i) => {
    context.strokeStyle = context.fillStyle = colours.palette[i % colours.palette.length];
    context.lineWidth = 1.6;
    context.beginPath();
    let drawn = false;
    values.forEach((value, j) => {
      if (value == null) { drawn = false; return; }
      const x = box.left + (box.width * (curve.x[j] - left)) / (right - left), y = box.top + box.height * (1 - (value - low) / (high - low));
      if (drawn) context.lineTo(x, y);
      else context.moveTo(x, y);
      drawn = true;
      if (values.length < 30) context.fillRect(x - 2, y - 2, 4, 4);
    });
    context.stroke();
  });
}

function render({ model, el }) {
  const tell = (what, more = {}) => model.send({ do: what, ...more });
  const root = element("div", { class: "nest-lab nest-lab-learning", role: "region", "aria-label": `Learning, ${model.get("_title")}` });
  const button = (label, title, pressed) => element("button", { type: "button", title, onclick: pressed }, label);
  const count = element("input", { type: "text", inputmode: "numeric", placeholder: "no end", size: 8 });
  count.addEventListener("keydown", (event) => event.stopPropagation()); // the notebook has uses of its own for keys
  const run = button("Run", "", () => {
    if (model.get("status") === "running") return tell("pause");
    const wanted = model.get("status") === "stopped" ? count.value.trim() : "";
    tell("run", wanted ? { iterations: isNaN(wanted) ? wanted : Number(wanted) } : {});
  });
  run.classList.add("main");
  const stop = button("Stop", "End the run; Run goes on from here", () => tell("stop"));
  const reset = button("Reset", "Build the network again; what was learned is lost", () => tell("reset"));
  const status = element("output"), wrong = element("div", { class: "wrong", role: "alert" });
  root.append(element("div", { class: "bar", role: "group", "aria-label": "Run" }, run, stop, reset,
    element("label", {}, "Iterations", count), status), wrong);
  const knobs = model.get("_knobs").map((facts) => knob(model, tell, facts));
  root.append(...knobs.map((each) => each.node));

  const renew = () => {
    const now = model.get("status");
    run.textContent = now === "running" ? "Pause" : "Run";
    run.title = now === "paused" ? "Go on" : now === "running" ? "Hold; Run goes on" : "Learn in the background";
    stop.disabled = now === "stopped";
    count.disabled = now !== "stopped";
    const n = model.get("_iterations");
    status.textContent = `${now} after ${text(n)} iteration${n === 1 ? "" : "s"}`;
    wrong.textContent = model.get("_failure");
  };
  const plots = [];
  const show = () => {
    const curves = model.get("_curves");
    while (plots.length > curves.length) { const last = plots.pop(); last.end(); last.canvas.remove(); }
    for (let i = plots.length; i < curves.length; i++) { // a curve may come when there is something to show
      const plot = picture(root, `${curves[i].ylabel}, by ${curves[i].xlabel}`, 190, (context, size, colours) => {
        const curve = model.get("_curves")[i];
        if (curve) draw(context, size, colours, curve);
      });
      plots.push(plot);
      root.append(plot.canvas);
    }
    shown.hear({ at: model.get("_at") });
  };
  const shown = frames(model, root, renew, () => plots.forEach((plot) => plot.redraw()));
  el.append(root);
  model.on("change:status change:_failure change:_iterations", renew);
  model.on("change:_curves", show);
  show();
  return () => {
    model.off("change:status change:_failure change:_iterations", renew);
    model.off("change:_curves", show);
    [...knobs, ...plots, shown].forEach((part) => part.end());
  };
}

export default widget(render);
