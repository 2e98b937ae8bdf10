// Axes of charts on a canvas. A box is where a chart is, in CSS pixels; a span is what it shows, from `start` to `stop`.

// As many digits as tell neighbouring ticks apart.
function digitsOf(marks) {
  const step = Math.abs(marks[1] - marks[0]) || 1;
  return Math.min(Math.max(-Math.floor(Math.log10(step) + 1e-9), 0), 9);
}

function placeIn(box, { start, stop }) {
  return (value) => box.left + ((value - start) / (stop - start)) * box.width;
}

// Lines around a box; sets colour and font for what is written next.
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

function sideways(context, label, x, y, room) {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillText(label, 0, 0, room);
  context.restore();
}

// Round numbers of an axis, three at least.
function marksIn(low, high, wanted) {
  const found = ticks(low, high, Math.max(wanted, 2));
  return found.length < 3 ? ticks(low, high, 2 * Math.max(wanted, 2)) : found;
}

// Numbers below a box, with the same ticks below others that share the axis.
function across(context, box, span, label, others = []) {
  const place = placeIn(box, span), marks = marksIn(span.start, span.stop, Math.floor(box.width / 110));
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const mark of marks) {
    const x = Math.round(place(mark));
    for (const each of [box, ...others]) context.fillRect(x, each.top + each.height, 1, 5);
    context.fillText(text(mark, digitsOf(marks)), x, box.top + box.height + 8);
  }
  context.fillText(label, box.left + box.width / 2, box.top + box.height + 24, box.width);
}

// Numbers left of a box, from `low` to `high`.
function upwards(context, box, low, high, label, wanted = 2) {
  const marks = marksIn(low, high, wanted);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const mark of marks) {
    const y = box.top + box.height * (1 - (mark - low) / (high - low));
    context.fillText(text(mark, digitsOf(marks)), box.left - 8, y, box.left - 28);
    context.fillRect(box.left - 5, Math.round(y), 5, 1);
  }
  sideways(context, label, 2, box.top + box.height / 2, box.height + 20);
}

// Draw inside a box only.
function clipped(context, box, draw) {
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  draw();
  context.restore();
}
