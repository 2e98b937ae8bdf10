// Weights over time and their distribution. The kernel sends the whole course, which it keeps small; the page draws it.

const LEFT = 84, RIGHT = 220; // room for the numbers of the axis, and for the histogram

// What a message brings: columns are lowest, highest, mean, five percentiles, then the single synapses.
function courseOf(content, [times, values, first, last]) {
  const numbers = numbersIn(values, Float32Array), width = content.columns - 1, n = numbers.length / width;
  const column = (i) => Float32Array.from({ length: n }, (_, row) => numbers[row * width + i]);
  const all = Array.from({ length: width }, (_, i) => column(i));
  return { times: numbersIn(times, Float64Array), low: all[0], high: all[1], mean: all[2], levels: all.slice(3, 8), singles: all.slice(8),
    edges: content.edges, first: numbersIn(first, Uint32Array), last: numbersIn(last, Uint32Array) };
}

// Lowest and highest value in the window and in the histogram, with some room.
function reach(course, view) {
  let [low, high] = course.edges;
  course.times.forEach((time, i) => {
    if (time < view.start || time > view.stop || !(course.low[i] <= course.high[i])) return;
    [low, high] = [Math.min(low, course.low[i]), Math.max(high, course.high[i])];
  });
  const room = 0.04 * (high - low) || Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

function line(context, xs, values) {
  context.beginPath();
  let drawn = false;
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) { drawn = false; return; }
    if (drawn) context.lineTo(xs[i], value);
    else context.moveTo(xs[i], value);
    drawn = true;
  });
  context.stroke();
}

function drawCourse(context, box, colours, course, view, up) {
  const place = placeIn(box, view), xs = Array.from(course.times, place);
  clipped(context, box, () => {
    context.fillStyle = colours.palette[0];
    for (const [low, high, strength] of [[0, 4, 0.18], [1, 3, 0.28]]) {
      context.globalAlpha = strength;
      context.beginPath();
      xs.forEach((x, i) => context.lineTo(x, up(course.levels[high][i])));
      for (let i = xs.length - 1; i >= 0; i--) context.lineTo(xs[i], up(course.levels[low][i]));
      context.fill();
    }
    context.globalAlpha = 1;
    context.lineJoin = "round";
    context.lineWidth = 1;
    course.singles.forEach((values, i) => {
      context.strokeStyle = colours.palette[1 + (i % (colours.palette.length - 1))];
      line(context, xs, Array.from(values, up));
    });
    context.lineWidth = 2.5;
    context.strokeStyle = colours.palette[0];
    line(context, xs, Array.from(course.mean, up));
  });
}

// Bars to the right: as many synapses as there are now; a line around those of the beginning.
function drawHistogram(context, box, colours, course, up) {
  const most = Math.max(...course.first, ...course.last, 1), place = placeIn(box, { start: 0, stop: 1.05 * most });
  const [low, high] = course.edges, at = (i) => up(low + ((high - low) * i) / course.last.length);
  context.fillStyle = colours.palette[0];
  context.globalAlpha = 0.6;
  course.last.forEach((count, i) => context.fillRect(box.left, at(i + 1), place(count) - box.left, at(i) - at(i + 1) + 0.3));
  context.globalAlpha = 1;
  context.strokeStyle = colours.ink;
  context.lineWidth = 1.2;
  context.beginPath();
  context.moveTo(box.left, at(0));
  course.first.forEach((count, i) => { context.lineTo(place(count), at(i)); context.lineTo(place(count), at(i + 1)); });
  context.lineTo(box.left, at(course.first.length));
  context.stroke();
  axis(context, box, colours);
  const marks = ticks(0, most, 2).filter(Number.isInteger);
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const mark of marks) {
    context.fillRect(Math.round(place(mark)), box.top + box.height, 1, 5);
    context.fillText(text(mark), place(mark), box.top + box.height + 8);
  }
  context.fillText("synapses", box.left + box.width / 2, box.top + box.height + 24);
}

// What the colours mean, above the charts.
function legend(context, box, right, { ink, palette }) {
  context.textBaseline = "middle";
  context.textAlign = "left";
  let x = box.left;
  const write = (label, mark) => { mark(x); context.fillStyle = ink; context.globalAlpha = 1; context.fillText(label, x + 20, 10); x += context.measureText(label).width + 38; };
  const block = (strength) => (at) => { context.fillStyle = palette[0]; context.globalAlpha = strength; context.fillRect(at, 4, 14, 12); };
  write("mean", (at) => { context.fillStyle = palette[0]; context.fillRect(at, 8.5, 14, 3); });
  write("50 %", block(0.46));
  write("90 % of the synapses", block(0.18));
  x = right.left;
  write("now", block(0.6));
  write("beginning", (at) => { context.fillStyle = ink; context.fillRect(at, 9.5, 14, 1.2); });
}

function drawPlasticity(context, size, colours, course, view, label) {
  const top = 26, height = size.height - top - 48;
  const left = { left: LEFT, top, width: Math.max(size.width - LEFT - RIGHT, 80), height };
  const right = { left: size.width - RIGHT + 48, top, width: RIGHT - 66, height };
  const [low, high] = reach(course, view), up = (value) => top + height * (1 - (value - low) / (high - low));
  drawCourse(context, left, colours, course, view, up);
  axis(context, left, colours);
  legend(context, left, right, colours);
  upwards(context, left, low, high, label, 6);
  across(context, left, view, "model time (ms)");
  drawHistogram(context, right, colours, course, up);
}

function table(model, root) {
  const head = ["", "at the beginning", "now"].map((name) => element("th", { scope: "col" }, name));
  const body = element("tbody"), node = element("table", { class: "numbers" }, element("thead", {}, element("tr", {}, ...head)), body);
  const short = (value) => (value == null ? "–" : String(Number(value.toPrecision(5))));
  const show = () => {
    const { palette } = theme(root), rows = model.get("_rows"), first = rows.findIndex(({ name }) => name.includes("→"));
    const colour = (i) => (i === 0 ? palette[0] : first >= 0 && i >= first ? palette[1 + ((i - first) % (palette.length - 1))] : "transparent");
    body.replaceChildren(...rows.map(({ name, first: before, now }, i) => element("tr", {},
      element("th", { scope: "row" }, element("span", { class: "swatch", style: `background:${colour(i)}` }), name), element("td", {}, short(before)), element("td", {}, short(now)))));
  };
  model.on("change:_rows", show);
  const endTheme = onTheme(show);
  return { node, show, end: () => { model.off("change:_rows", show); endTheme(); } };
}

// The choice of the quantity, what it is, and of how many synapses.
function chooser(model) {
  const help = element("span", { class: "faint help", id: unique("help") }), caption = element("span", { class: "faint" });
  const select = element("select", { "aria-describedby": help.id, onchange: () => model.send({ do: "choose", quantity: select.value }) });
  const show = () => {
    const now = model.get("quantity"), all = model.get("_quantities");
    select.replaceChildren(...all.map(({ name }) => element("option", { value: name, selected: name === now }, name)));
    const { unit, doc } = all.find(({ name }) => name === now) ?? {};
    help.textContent = [unit, doc].filter(Boolean).join(" · ");
    caption.textContent = `of ${model.get("_caption")}`;
  };
  model.on("change:quantity change:_quantities change:_caption", show);
  show();
  const node = element("div", { class: "bar", role: "group", "aria-label": "What is shown" }, element("label", {}, "Quantity", select), caption, help);
  return { node, end: () => model.off("change:quantity change:_quantities change:_caption", show) };
}

function render({ model, el }) {
  const root = element("div", { class: "nest-lab nest-lab-plasticity", role: "region", "aria-label": "Plastic synapses" });
  let course = null, look = null, bar = null;
  const plot = picture(root, "Course of the synapses in the window, and their distribution; the table below has the numbers", 330, (context, size, colours) => {
    if (course && look) drawPlasticity(context, size, colours, course, look.view, model.get("_label"));
  });
  look = makeView(model, () => 0, () => { plot.redraw(); bar?.show(); });
  const save = saveButtons(model), numbers = table(model, root), choice = chooser(model);
  bar = windowBar(model, look, [save.node]);
  const hint = steer(plot.canvas, look, () => ({ left: LEFT, top: 26, width: plot.canvas.clientWidth - LEFT - RIGHT, height: 256 }));
  const hear = (content, buffers) => {
    if (content.what !== "course") return;
    course = courseOf(content, buffers);
    plot.redraw();
  };
  root.append(choice.node, bar.node, bar.wrong, plot.canvas, hint, numbers.node);
  el.append(root);
  requestAnimationFrame(numbers.show); // its colours are known on the page only
  model.on("msg:custom", hear);
  model.send({ do: "look" });
  return () => {
    model.off("msg:custom", hear);
    for (const part of [bar, look, plot, save, numbers, choice]) part.end();
  };
}

export default widget(render);
