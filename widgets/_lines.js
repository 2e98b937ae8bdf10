// Small charts of lines or steps, one line for each population, in its colour.

function extent(lines, axis_) {
  const all = lines.flatMap((each) => each[axis_]).filter(Number.isFinite);
  return all.length ? [Math.min(...all), Math.max(...all)] : null;
}

// Values on a logarithmic axis, drawn as their decimal logarithms.
function logarithms(lines) {
  return lines.map((each) => ({ ...each, y: each.y.map((value) => Math.log10(value)) }));
}

function steps(context, { x, y }, place, up, floor) {
  context.beginPath();
  context.moveTo(place(x[0]), up(floor));
  y.forEach((value, i) => { context.lineTo(place(x[i]), up(value)); context.lineTo(place(x[i + 1]), up(value)); });
  context.lineTo(place(x.at(-1)), up(floor));
  context.stroke();
}

// Powers of ten left of a box.
function decades(context, box, low, high, label) {
  context.textAlign = "right";
  context.textBaseline = "middle";
  const step = Math.max(Math.ceil((high - low) / 6), 1);
  for (let power = Math.ceil(low); power <= high; power += step) {
    const y = box.top + box.height * (1 - (power - low) / (high - low));
    context.fillText(`${Number(`1e${power}`)}`, box.left - 8, y, box.left - 28);
    context.fillRect(box.left - 5, Math.round(y), 5, 1);
  }
  sideways(context, label, 2, box.top + box.height / 2, box.height + 20);
}

function drawLines(context, size, colours, { labels, lines, steps: stepped, log }) {
  const box = { left: 76, top: 10, width: size.width - 100, height: size.height - 62 };
  const drawn = log ? logarithms(lines) : lines, x = extent(drawn, "x"), y = extent(drawn, "y");
  axis(context, box, colours);
  if (!x || !y) {
    context.textAlign = "center";
    context.fillText("too few spikes", box.left + box.width / 2, box.top + box.height / 2);
    context.fillText(labels[0], box.left + box.width / 2, box.top + box.height + 30);
    return;
  }
  const span = { start: stepped ? x[0] : 0, stop: x[1] > x[0] ? x[1] : x[0] + 1 }, room = 0.06 * (y[1] - y[0]) || 0.5;
  const low = stepped ? 0 : y[0] - room, high = y[1] + room, place = placeIn(box, span);
  const up = (value) => box.top + box.height * (1 - (value - low) / (high - low));
  clipped(context, box, () => {
    context.lineWidth = 1.6;
    drawn.forEach((each, i) => {
      if (!each.y.length) return;
      context.strokeStyle = colours.palette[i % colours.palette.length];
      if (stepped) return steps(context, each, place, up, low);
      context.beginPath();
      each.x.forEach((value, k) => context.lineTo(place(value), up(each.y[k])));
      context.stroke();
    });
  });
  if (log) decades(context, box, low, high, labels[1]);
  else upwards(context, box, low, high, labels[1], 3);
  across(context, box, span, labels[0]);
}
