// A window of time on a picture: moved and scaled by mouse, keyboard, buttons and numbers, in the same way everywhere.
// The page moves it at once and tells the kernel when it comes to rest; numbers that are typed are for the kernel to judge.

const HINT = "Drag to move; click, then turn the wheel to zoom. Keys: ← → move, + − zoom, Home and End the ends, 0 everything.";
const HINT_ROWS = " The neurons: the wheel with Shift, ↑ ↓ and Shift+↑ ↓.";

// Keep the window inside of what there is, and not too narrow.
function kept(low, high, begin, end, least) {
  const width = Math.min(Math.max(high - low, least), end - begin);
  const start = Math.min(Math.max(low, begin), end - width);
  return [start, start + width];
}

// The window itself. `rows` of neurons are scaled too, where there are any.
function makeView(model, rows, changed) {
  const view = { low: 0, high: rows() || 1 };
  let rest = null, told = null;
  // What the kernel answers is late by then if the window was moved meanwhile.
  const apply = () => {
    if (told === model.get("_heard")) told = null;
    if (rest || told) return;
    [view.start, view.stop] = model.get("window");
    changed();
  };
  const tell = (start, stop) => {
    clearTimeout(rest);
    rest = null;
    told = `${PAGE} ${unique("window")}`;
    model.send({ do: "window", start, stop, number: told });
  };
  const set = (start, stop) => {
    const [begin, end] = model.get("_whole");
    [view.start, view.stop] = kept(start, stop, begin, end, model.get("_least"));
    clearTimeout(rest);
    rest = setTimeout(() => tell(view.start, view.stop), 150);
    changed();
  };
  const setRows = (low, high) => { [view.low, view.high] = kept(low, high, 0, rows() || 1, 1); changed(); };
  const actions = {
    tell,
    settle: () => { if (rest) tell(view.start, view.stop); },
    waiting: () => told !== null,
    move: (part) => set(view.start + part * (view.stop - view.start), view.stop + part * (view.stop - view.start)),
    zoom: (factor, at = 0.5) => {
      const fixed = view.start + at * (view.stop - view.start);
      set(fixed - (fixed - view.start) * factor, fixed + (view.stop - fixed) * factor);
    },
    moveRows: (part) => setRows(view.low + part * (view.high - view.low), view.high + part * (view.high - view.low)),
    zoomRows: (factor, at = 0.5) => {
      const fixed = view.low + at * (view.high - view.low);
      setRows(fixed - (fixed - view.low) * factor, fixed + (view.high - fixed) * factor);
    },
    everything: () => { setRows(0, rows() || 1); set(...model.get("_whole")); },
    ends: (last) => { const [begin, end] = model.get("_whole"), width = view.stop - view.start; last ? set(end - width, end) : set(begin, begin + width); },
  };
  model.on("change:window change:_heard", apply);
  apply();
  return { view, actions, end: () => { clearTimeout(rest); model.off("change:window change:_heard", apply); } };
}

const KEYS = {
  ArrowLeft: (to) => to.move(-0.1), ArrowRight: (to) => to.move(0.1), PageUp: (to) => to.move(-0.9), PageDown: (to) => to.move(0.9),
  "+": (to) => to.zoom(0.8), "=": (to) => to.zoom(0.8), "-": (to) => to.zoom(1.25), 0: (to) => to.everything(),
  Home: (to) => to.ends(false), End: (to) => to.ends(true),
  ArrowUp: (to, shift) => (shift ? to.zoomRows(0.8) : to.moveRows(0.1)), ArrowDown: (to, shift) => (shift ? to.zoomRows(1.25) : to.moveRows(-0.1)),
};

// Mouse and keyboard on a canvas; `box` says where on it the chart is.
function steer(canvas, { actions }, box, rows = false) {
  const hint = element("div", { class: "faint", id: unique("hint") }, rows ? HINT + HINT_ROWS : HINT);
  for (const [name, value] of [["tabindex", 0], ["role", "application"], ["aria-describedby", hint.id]]) canvas.setAttribute(name, value);
  canvas.style.touchAction = "pan-y";
  canvas.style.cursor = "grab";
  let held = null;
  canvas.addEventListener("pointerdown", (event) => { held = [event.clientX, event.clientY]; canvas.setPointerCapture?.(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    const { width, height } = box(), [x, y] = held;
    held = [event.clientX, event.clientY];
    actions.move((x - event.clientX) / width);
    if (event.clientY !== y) actions.moveRows((event.clientY - y) / height);
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { held = null; });
  canvas.addEventListener("wheel", (event) => {
    if (document.activeElement !== canvas && !event.ctrlKey) return; // the page scrolls
    event.preventDefault();
    const place = box(), frame = canvas.getBoundingClientRect(), turned = event.deltaY || event.deltaX;
    const factor = 1.2 ** Math.max(Math.min(turned / 100, 2), -2);
    if (event.shiftKey) actions.zoomRows(factor, 1 - (event.clientY - frame.top - place.top) / place.height);
    else actions.zoom(factor, (event.clientX - frame.left - place.left) / place.width);
  }, { passive: false });
  canvas.addEventListener("dblclick", actions.everything);
  canvas.addEventListener("keydown", (event) => {
    const key = KEYS[event.key];
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has uses of its own for them
    key(actions, event.shiftKey);
  });
  return hint;
}

// Buttons and two numbers for the window, and what the kernel has against them.
function windowBar(model, { view, actions }, more = []) {
  const button = (label, title, pressed) => element("button", { type: "button", title, "aria-label": title, onclick: pressed }, label);
  const wrong = element("div", { class: "wrong", role: "alert", id: unique("wrong") });
  const field = () => element("input", { type: "text", inputmode: "decimal", size: 8, "aria-describedby": wrong.id });
  const start = field(), stop = field();
  const given = (input) => { const it = input.value.trim().replace(/(?<=\d),(?=\d{3})/g, ""); return it === "" || isNaN(it) ? it : Number(it); };
  for (const input of [start, stop]) {
    input.addEventListener("change", () => {
      const typed = [given(start), given(stop)];
      actions.settle(); // what was moved before comes before: it stays if this is refused
      actions.tell(...typed);
    });
    input.addEventListener("keydown", (event) => event.stopPropagation());
  }
  const show = () => {
    wrong.textContent = model.get("_wrong");
    for (const [input, value] of [[start, view.start], [stop, view.stop]]) {
      input.setAttribute("aria-invalid", wrong.textContent !== "");
      // What was refused stays above its message, and what somebody types is not overwritten.
      if (!wrong.textContent && !actions.waiting() && document.activeElement !== input) input.value = String(Number(value.toFixed(3)));
    }
  };
  model.on("change:_wrong change:window", show);
  show();
  const node = element("div", { class: "bar", role: "group", "aria-label": "Window" },
    button("◀", "Earlier", () => actions.move(-0.5)), button("▶", "Later", () => actions.move(0.5)),
    button("+", "Zoom in", () => actions.zoom(0.5)), button("−", "Zoom out", () => actions.zoom(2)),
    button("All", "Show everything", actions.everything),
    element("label", {}, "From (ms)", start), element("label", {}, "to (ms)", stop), ...more);
  return { node, wrong, show, end: () => model.off("change:_wrong change:window", show) };
}
