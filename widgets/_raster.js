// Spikes as dots, and their rate: neurons of a population lie above each other, in its colour.

function rowsOf(populations) {
  return populations.reduce((sum, population) => sum + population.shown, 0);
}

// Bytes of a colour "#rrggbb" as one number, in the order of an image.
function pixel(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return new Uint32Array(new Uint8Array([red, green, blue, 255]).buffer)[0];
}

// Number of the first spike that is later than a time; times of a piece ascend.
function after({ origin, unit, times }, time) {
  const wanted = (time - origin) / unit;
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

// For each row its place on the image and its colour.
function rowsOnImage(populations, view, height, size, palette) {
  const rows = rowsOf(populations), place = new Int32Array(rows), colour = new Uint32Array(rows);
  for (let row = 0; row < rows; row++)
    place[row] = Math.round((1 - (row + 0.5 - view.low) / (view.high - view.low)) * height - size / 2);
  let below = 0;
  populations.forEach((population, i) => {
    colour.fill(pixel(palette[i % palette.length]), below, below + population.shown);
    below += population.shown;
  });
  return { place, colour };
}

// An image of a box. With a `kept` image of the same scale only the strip that came into view is empty, all else is moved.
function image(context, box, view, scale, kept, what) {
  const width = Math.round(box.width * scale), height = Math.round(box.height * scale), stretch = width / (view.stop - view.start);
  const from = Math.round(view.start * stretch); // so that moved dots fall on whole pixels
  const key = JSON.stringify([width, height, stretch.toPrecision(9), view.low, view.high, ...what]), shift = from - (kept?.from ?? 0);
  if (kept?.key !== key || Math.abs(shift) >= width) {
    const fresh = context.createImageData(width, height);
    return { key, from, width, height, stretch, data: fresh, pixels: new Uint32Array(fresh.data.buffer), left: 0, right: width };
  }
  for (let row = 0; row < height * width; row += width) {
    if (shift > 0) kept.pixels.copyWithin(row, row + shift, row + width).fill(0, row + width - shift, row + width);
    if (shift < 0) kept.pixels.copyWithin(row - shift, row, row + width + shift).fill(0, row, row - shift);
  }
  const left = shift > 0 ? width - shift : 0, right = shift < 0 ? -shift : width;
  return Object.assign(kept, { from, left: shift ? left : width, right: shift ? right : width });
}

// The dots: written pixel by pixel, which takes a hundredth of the time of drawing them one by one. A piece of spikes has
// `times` in a `unit` (ms) after an `origin` (ms), and `rows`; of one that is `sorted` only what is needed is looked at.
// What is returned can be given as `kept` the next time, if the pieces are the same, or those it was drawn `until` some time
// and later ones.
function dots(context, box, view, pieces, populations, { scale }, palette, kept = null) {
  const size = Math.max(Math.round(Math.min(Math.max(box.height / (view.high - view.low), 1.4), 4) * scale), 1);
  const drawn = image(context, box, view, scale, kept, [size, palette, populations]), { width, height, pixels, stretch } = drawn;
  const { place, colour } = rowsOnImage(populations, view, height, size, palette);
  if (drawn === kept && "until" in kept) { // ends of dots that reach into the strip, and what came later
    drawn.left = Math.max(Math.min(drawn.left, Math.floor(kept.until * stretch) - drawn.from - size), 0);
    drawn.right = width;
  }
  for (const piece of pieces) {
    const { origin, unit, times, rows } = piece, step = unit * stretch, shift = origin * stretch - drawn.from - size / 2 + 0.5;
    const timeAt = (x) => (x + drawn.from) / stretch;
    const end = piece.sorted ? after(piece, timeAt(drawn.right + size)) : rows.length;
    for (let i = piece.sorted ? after(piece, timeAt(drawn.left - size)) : 0; i < end; i++) {
      const x = Math.floor(times[i] * step + shift), y = place[rows[i]], ink = colour[rows[i]];
      if (y <= -size || y >= height) continue;
      const left = x < drawn.left ? drawn.left : x, right = x + size > drawn.right ? drawn.right : x + size, bottom = y + size > height ? height : y + size;
      for (let v = y < 0 ? 0 : y; v < bottom; v++)
        for (let u = left; u < right; u++) pixels[v * width + u] = ink;
    }
  }
  context.putImageData(drawn.data, Math.round(box.left * scale), Math.round(box.top * scale));
  return drawn;
}

// Names of the populations, each beside its rows as far as there is room, and how many neurons these are.
function names(context, box, view, populations, colours) {
  const rows = rowsOf(populations), everyone = populations.reduce((sum, population) => sum + population.size, 0);
  context.textAlign = "right";
  context.textBaseline = "middle";
  let below = 0, last = Infinity;
  for (const [i, population] of populations.entries()) {
    const low = Math.max(below, view.low), high = Math.min(below + population.shown, view.high);
    below += population.shown;
    const y = box.top + box.height * (1 - ((low + high) / 2 - view.low) / (view.high - view.low));
    if (low >= high || last - y < 13) continue; // not in view, or no room
    last = y;
    context.fillStyle = colours.palette[i % colours.palette.length];
    context.fillText(population.name, box.left - 8, y, box.left - 30);
  }
  context.fillStyle = colours.ink;
  const shown = Math.round(view.high - view.low);
  sideways(context, shown === everyone ? `${text(rows)} neurons` : `${text(shown)} of ${text(everyone)} neurons`, 2, box.top + box.height / 2);
}

// The mean rate in bins of a width, the first of which begins at `first`.
function rate(context, box, view, { values, first, bin }, colours) {
  const highest = values.reduce((one, other) => Math.max(one, other), 10);
  const [, step] = ticks(0, highest, 2);
  const top = Math.ceil(highest / step) * step; // a round number, so that the axis rarely changes
  const place = placeIn(box, view), wide = (bin / (view.stop - view.start)) * box.width + 0.3;
  clipped(context, box, () => {
    context.globalAlpha = 0.55;
    context.fillStyle = colours.ink;
    for (let i = 0; i < values.length; i++) {
      const height = (values[i] / top) * box.height;
      context.fillRect(place(first + i * bin), box.top + box.height - height, wide, height);
    }
  });
  axis(context, box, colours);
  upwards(context, box, 0, top, "rate (spikes/s)");
}

// Raster above, rate below, one axis of time.
function rasterAndRate(context, size, colours, view, pieces, populations, histogram, kept) {
  const left = 108, width = size.width - left - 24;
  const above = { left, top: 6, width, height: size.height - 160 }, below = { left, top: size.height - 134, width, height: 88 };
  const drawn = dots(context, above, view, pieces, populations, size, colours.palette, kept);
  axis(context, above, colours);
  names(context, above, view, populations, colours);
  rate(context, below, view, histogram, colours);
  across(context, below, view, "model time (ms)", [above]);
  return drawn;
}
