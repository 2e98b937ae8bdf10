// Frames of a widget that runs, as _frames.py sends them.

const NUMBERS = 200; // ms between two numbers to read
const QUICK = 50, USUAL = 85, REST = 2000; // ms between two frames
const SHARE = 0.05; // of a processor for the main thread of a page: all that looking takes is twice that
const LATE = 250; // ms

// What to do with the frames of a widget that runs: `draw` at once, `show` the numbers a few times a second. For a widget that
// is not in view nothing is done. The kernel is told how much time there should be between two frames, when that changes: as
// much as keeps the page at its share of a processor, from twelve to twenty frames a second; more if they come late, because
// the page or what is between it and the kernel cannot keep up.
function frames(model, root, show, draw) {
  const view = unique("frames"), channel = new MessageChannel(); // its messages come after what was drawn is painted
  let latest = null, inView = true, asked = false, told = USUAL, quiet = 0, shown = 0, begun = 0;
  let takes = USUAL * SHARE, heard = 0, least = Infinity, late = 0;

  const tell = (interval, now) => {
    told = interval;
    quiet = now + Math.max(1000, 2 * interval) + late; // until then what was under way comes
    model.send({ do: "pace", page: PAGE, view, interval: interval / 1000 });
  };
  const judge = (now) => {
    if (now < quiet) return;
    const usual = Math.min(Math.max(takes / SHARE, QUICK), USUAL);
    const better = told > 3 * usual ? told / 2 : usual; // straight to the end, or a small step would be left that is too small to tell
    const wanted = late > LATE ? Math.min(2 * Math.max(told, late), REST) : better;
    if (wanted > 1.25 * told || wanted < 0.8 * told) tell(wanted, now);
  };
  channel.port1.onmessage = () => {
    const now = performance.now();
    takes += 0.1 * (heard + now - begun - takes); // a mean of the last ones
    heard = 0;
    judge(now);
  };
  const numbers = () => { shown = performance.now(); show(latest); };
  const redraw = () => {
    if (!asked) requestAnimationFrame(() => { asked = false; begun = performance.now(); channel.port2.postMessage(0); });
    asked = true;
    draw();
  };
  const hear = (content) => {
    const begin = performance.now(), delay = begin - 1000 * content.at;
    latest = content;
    if (!(delay - least < 10 * REST)) least = Infinity; // the first, or one of the clocks stood still
    least = Math.min(least, delay); // the clocks are not the same, but go alike
    late = delay - least;
    if (!inView) return;
    redraw();
    if (begin - shown >= NUMBERS || model.get("status") !== "running") numbers();
    heard += performance.now() - begin;
  };
  const look = () => {
    const now = !document.hidden && inSight;
    if (now === inView) return;
    inView = now;
    tell(inView ? USUAL : REST, performance.now());
    if (inView && latest) { redraw(); numbers(); }
  };
  let inSight = true;
  const sight = new IntersectionObserver((entries) => { inSight = entries.at(-1).isIntersecting; look(); });
  sight.observe(root);
  document.addEventListener("visibilitychange", look);
  const stands = () => { if (latest && inView && model.get("status") !== "running") numbers(); };
  const endTheme = onTheme(() => latest && numbers());
  model.on("change:status", stands);
  const end = () => {
    sight.disconnect();
    document.removeEventListener("visibilitychange", look);
    endTheme();
    model.off("change:status", stands);
    channel.port1.close();
    model.send({ do: "pace", page: PAGE, view, interval: null });
  };
  return { hear, end };
}
