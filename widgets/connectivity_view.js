// Who is connected to whom: a matrix, a map, a table.

// Blue for less than nothing and orange for more, or from pale to dark where there is one sign only.
function shade(value, [low, high], dark) {
  const top = Math.max(Math.abs(low), Math.abs(high)) || 1, part = Math.min(Math.abs(value) / top, 1);
  const pale = dark ? [30, 34, 40] : [232, 238, 244], full = value < 0 ? [0, 114, 178] : low < 0 ? [213, 94, 0] : dark ? [86, 180, 233] : [0, 70, 130];
  const strength = 0.2 + 0.8 * part;
  return pale.map((one, i) => Math.round(one + strength * (full[i] - one)));
}

function matrixImage(cells, values, limits, dark) {
  const canvas = element("canvas", { width: cells, height: cells }), context = canvas.getContext("2d"), image = context.createImageData(cells, cells);
  for (let row = 0; row < cells; row++)
    for (let column = 0; column < cells; column++) {
      const value = values[row * cells + column], at = 4 * ((cells - 1 - row) * cells + column); // upwards
      if (value > 1e38 || value === 0) continue; // no connection
      const [red, green, blue] = shade(value, limits, dark);
      image.data.set([red, green, blue, 255], at);
    }
  context.putImageData(image, 0, 0);
  return canvas;
}

// Names and borders of the populations beside and below a box.
function borders(context, box, populations, colours) {
  const all = populations.reduce((sum, { size }) => sum + size, 0);
  let below = 0, last = -Infinity;
  context.globalAlpha = 0.5;
  for (const { size } of populations.slice(0, -1)) {
    below += size;
    context.fillRect(box.left + Math.round((below / all) * box.width), box.top, 1, box.height);
    context.fillRect(box.left, box.top + Math.round((1 - below / all) * box.height), box.width, 1);
  }
  context.globalAlpha = 1;
  below = 0;
  populations.forEach(({ name, size }, i) => {
    const middle = (below + size / 2) / all;
    below += size;
    context.fillStyle = colours.palette[i % colours.palette.length];
    if (middle * box.width - last < 14) return; // no room
    last = middle * box.width;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(name, box.left - 8, box.top + box.height * (1 - middle), box.left - 30);
    context.textAlign = "center";
    context.textBaseline = "top";
    context.fillText(name, box.left + box.width * middle, box.top + box.height + 6, (size / all) * box.width);
  });
  context.fillStyle = colours.ink;
  context.textAlign = "center";
  context.fillText("from", box.left + box.width / 2, box.top + box.height + 22);
  sideways(context, "to", 2, box.top + box.height / 2);
}

// What the colours mean.
function scale(context, x, top, height, { limits, label }, colours) {
  const low = Math.min(limits[0], 0), high = Math.max(limits[1], 0);
  for (let y = 0; y < height; y++) {
    context.fillStyle = `rgb(${shade(high - (y / height) * (high - low), [low, high], colours.dark).join()})`;
    context.fillRect(x, top + y, 12, 1.5);
  }
  context.fillStyle = colours.ink;
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const mark of high > low ? marksIn(low, high, 3) : []) context.fillText(String(Number(mark.toPrecision(6))), x + 18, top + height * (1 - (mark - low) / (high - low)));
  sideways(context, label, x + 52, top + height / 2, height + 40);
}

function drawMatrix(context, size, colours, shown, populations) {
  const side = Math.min(size.height - 54, size.width - 190), box = { left: 100, top: 8, width: side, height: side };
  context.imageSmoothingEnabled = false;
  context.drawImage(matrixImage(shown.cells, shown.values, shown.limits, colours.dark), box.left, box.top, side, side);
  axis(context, box, colours);
  borders(context, box, populations, colours);
  scale(context, box.left + side + 14, box.top + 30, side - 60, shown, colours);
}

function drawMap(context, size, colours, { places, chosen }) {
  const xs = places.filter((_, i) => i % 2 === 0), ys = places.filter((_, i) => i % 2 === 1);
  const ends = (values) => [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  const [x, y] = [ends(xs), ends(ys)], wide = Math.max(x[1] - x[0], y[1] - y[0], 1e-9) * 1.06;
  const side = Math.min(size.height - 54, size.width - 90), box = { left: 66, top: 8, width: side, height: side };
  const around = ([low, high]) => ({ start: (low + high - wide) / 2, stop: (low + high + wide) / 2 }), spanX = around(x), spanY = around(y);
  const place = placeIn(box, spanX), up = (value) => box.top + side * (1 - (value - spanY.start) / (spanY.stop - spanY.start));
  for (const [kind, colour, radius] of [[0, colours.ink, 1], [1, colours.palette[0], 2.5], [2, colours.palette[1], 5]]) {
    context.fillStyle = colour;
    context.globalAlpha = kind ? 1 : 0.35;
    for (let i = 0; i < chosen.length; i++) {
      if ((chosen[i] >= 2 ? 2 : chosen[i]) !== kind) continue;
      context.beginPath();
      context.arc(place(xs[i]), up(ys[i]), radius, 0, 7);
      context.fill();
    }
  }
  context.globalAlpha = 1;
  axis(context, box, colours);
  upwards(context, box, spanY.start, spanY.stop, "y", 4);
  across(context, box, spanX, "x");
}

function table(model) {
  const head = ["from", "to", "connections", "density", "mean weight", "mean delay (ms)"];
  const body = element("tbody"), node = element("table", { class: "numbers" },
    element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))), body);
  const short = (value) => String(Number(value.toPrecision(4)));
  const show = () => body.replaceChildren(...model.get("_rows").map((row) => element("tr", {}, element("th", { scope: "row" }, row.from),
    ...[row.to, text(row.connections), short(row.density), short(row.weight), short(row.delay)].map((cell) => element("td", {}, cell)))));
  model.on("change:_rows", show);
  show();
  return { node, end: () => model.off("change:_rows", show) };
}

// The choice of what is shown, and what the kernel has against it.
function bar(model, save) {
  const wrong = element("div", { class: "wrong", role: "alert", id: unique("wrong") });
  const colours = element("select", { onchange: () => model.send({ do: "choose", quantity: colours.value }) });
  const neuron = element("input", { type: "text", inputmode: "numeric", size: 8, "aria-describedby": wrong.id });
  let typing = false; // what is being typed is not replaced by what the kernel says of something else
  neuron.addEventListener("input", () => { typing = true; });
  neuron.addEventListener("change", () => {
    typing = false;
    const given = neuron.value.trim();
    model.send({ do: "neuron", neuron: given === "" || isNaN(given) ? neuron.value : Number(given) });
  });
  neuron.addEventListener("keydown", (event) => event.stopPropagation());
  const show = () => {
    const now = model.get("quantity");
    colours.replaceChildren(...["connections", "weight", "delay"].map((name) => element("option", { value: name, selected: name === now }, name)));
    wrong.textContent = model.get("_wrong");
    neuron.setAttribute("aria-invalid", wrong.textContent !== "");
    if (!wrong.textContent && !typing) neuron.value = model.get("neuron");
  };
  model.on("change:quantity change:neuron change:_wrong", show);
  show();
  const more = model.get("_spatial") ? [element("label", {}, "Targets of neuron", neuron)] : [];
  const node = element("div", { class: "bar", role: "group", "aria-label": "What is shown" }, element("label", {}, "Colours", colours), ...more, save);
  return { node, wrong, end: () => model.off("change:quantity change:neuron change:_wrong", show) };
}

function render({ model, el }) {
  const root = element("div", { class: "nest-lab nest-lab-connectivity", role: "region", "aria-label": "Connections" });
  let matrix = null, map = null;
  const square = picture(root, "Matrix of the connections; the table below has the numbers", 400, (context, size, colours) => matrix && drawMatrix(context, size, colours, matrix, model.get("_populations")));
  const plain = picture(root, "Map of the neurons and of the targets of one of them", 400, (context, size, colours) => map && drawMap(context, size, colours, map));
  const save = saveButtons(model), top = bar(model, save.node), numbers = table(model);
  const hear = (content, buffers) => {
    if (content.what === "matrix") matrix = { ...content, values: numbersIn(buffers[0], Float32Array) };
    if (content.what === "map") map = { places: numbersIn(buffers[0], Float32Array), chosen: numbersIn(buffers[1], Uint8Array) };
    for (const each of [square, plain]) each.redraw();
  };
  const pictures = model.get("_spatial") ? [square.canvas, plain.canvas] : [square.canvas];
  root.append(top.node, top.wrong, element("div", { class: pictures.length > 1 ? "two" : "one" }, ...pictures), numbers.node);
  el.append(root);
  model.on("msg:custom", hear);
  model.send({ do: "look" });
  return () => {
    model.off("msg:custom", hear);
    for (const part of [top, save, numbers, square, plain]) part.end();
  };
}

export default widget(render);
