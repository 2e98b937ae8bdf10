// Signals in time as lines: the lowest and the highest sample of each column of pixels, so that any number stays fluid.

const FACTOR = 8; // samples of a level that become one of the next

// A line with its lowest and highest values in stretches of 8, 64, … samples.
class Signal {
  constructor({ start, step }, values, times) {
    Object.assign(this, { start, step, times });
    this.levels = [{ low: values, high: values }];
    while (this.levels.at(-1).low.length > 4 * FACTOR) this.levels.push(coarser(this.levels.at(-1)));
  }

  get length() { return this.levels[0].low.length; }

  timeOf(i) { return this.times ? this.times[i] : this.start + i * this.step; }

  // Number of the first sample that is not before a time.
  from(time) {
    if (!this.times) return Math.min(Math.max(Math.ceil((time - this.start) / this.step - 1e-9), 0), this.length);
    let low = 0, high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.times[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // Lowest and highest value of samples from `first` to before `last`, to within a stretch of the level.
  range(first, last, level = 0) {
    const { low, high } = this.levels[level], size = FACTOR ** level;
    let least = Infinity, most = -Infinity;
    for (let i = Math.floor(first / size); i < Math.ceil(last / size); i++) {
      if (low[i] < least) least = low[i];
      if (high[i] > most) most = high[i];
    }
    return [least, most];
  }
}

function coarser({ low, high }) {
  const n = Math.ceil(low.length / FACTOR), next = { low: new Float32Array(n).fill(Infinity), high: new Float32Array(n).fill(-Infinity) };
  for (let i = 0; i < low.length; i++) {
    const to = Math.floor(i / FACTOR);
    if (low[i] < next.low[to]) next.low[to] = low[i];
    if (high[i] > next.high[to]) next.high[to] = high[i];
  }
  return next;
}

// Level at which few stretches fall on each of some columns.
function levelFor(signal, samples, columns) {
  const wanted = Math.floor(Math.log(Math.max(samples / columns / 2, 1)) / Math.log(FACTOR));
  return Math.min(wanted, signal.levels.length - 1);
}

// Lowest and highest value of all lines in view, with some room.
function limits(signals, view) {
  let [low, high] = [Infinity, -Infinity];
  for (const signal of signals) {
    const first = Math.max(signal.from(view.start) - 1, 0), last = Math.min(signal.from(view.stop) + 1, signal.length);
    const [least, most] = signal.range(first, last, levelFor(signal, last - first, 200));
    [low, high] = [Math.min(low, least), Math.max(high, most)];
  }
  if (!(low <= high)) return [0, 1];
  const room = 0.05 * (high - low) || Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

// One line: every sample, or the extremes of each column of pixels where there are more.
function trace(context, box, view, [low, high], signal) {
  const place = placeIn(box, view), up = (value) => box.top + box.height * (1 - (value - low) / (high - low));
  const first = Math.max(signal.from(view.start) - 1, 0), last = Math.min(signal.from(view.stop) + 1, signal.length);
  context.beginPath();
  if (last - first < 3 * box.width) {
    for (let i = first; i < last; i++) context.lineTo(place(signal.timeOf(i)), up(signal.levels[0].low[i]));
  } else {
    const level = levelFor(signal, last - first, box.width);
    columns(context, box, view, up, signal, level);
    return;
  }
  context.stroke();
}

// For each column of pixels a bar between its extremes, which reaches to the one before: a path would take ten times as long.
function columns(context, box, view, up, signal, level) {
  const at = (x) => signal.from(view.start + (x / box.width) * (view.stop - view.start));
  context.fillStyle = context.strokeStyle;
  let first = at(0), before = null;
  for (let x = 0; x < box.width; x++) {
    const last = at(x + 1), [least, most] = signal.range(first, last, level);
    first = last;
    if (!(least <= most)) continue;
    const top = up(before ? Math.max(most, before[0]) : most), bottom = up(before ? Math.min(least, before[1]) : least);
    context.fillRect(box.left + x, top - 0.6, 1.3, bottom - top + 1.2);
    before = [least, most];
  }
}

// Charts of all panels, one axis of time. `signals` has the lines of each panel.
function charts(context, size, colours, view, panels, signals) {
  const left = 84, width = size.width - left - 24, gap = 16, height = (size.height - 56) / panels.length - gap;
  const boxes = panels.map((_, i) => ({ left, width, top: 6 + i * (height + gap), height }));
  panels.forEach(({ name, unit }, i) => {
    const [low, high] = limits(signals[i], view);
    clipped(context, boxes[i], () => {
      context.lineWidth = 1.3;
      context.lineJoin = "round";
      signals[i].forEach((signal, number) => {
        context.strokeStyle = colours.palette[number % colours.palette.length];
        trace(context, boxes[i], view, [low, high], signal);
      });
    });
    axis(context, boxes[i], colours);
    upwards(context, boxes[i], low, high, unit ? `${name} (${unit})` : name, Math.max(Math.floor(height / 45), 2));
  });
  across(context, boxes.at(-1), view, "model time (ms)", boxes.slice(0, -1));
  return boxes;
}

// The lines by panel, from the numbers of a message: after the values of a line its times, where they are not even.
function unpacked({ lines }, buffers, panels) {
  let next = 0, line = 0;
  return panels.map(({ neurons }) => neurons.map(() => {
    const facts = lines[line++], values = numbersIn(buffers[next++], Float32Array);
    return new Signal(facts, values, facts.step === null ? numbersIn(buffers[next++], Float64Array) : null);
  }));
}
