// What all widgets share. This text stands before that of each widget, in one module.

// Colours that stay apart for all kinds of colour vision (Okabe and Ito 2008), in an order that suits the background.
const PALETTE = {
  light: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"],
  dark: ["#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442", "#FFFFFF"],
};

// An element with attributes and children; attributes that begin with "on" are listeners.
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// What a widget exports. Notebooks keep the element of a view that is gone, as long as they are open: it is emptied.
function widget(render) {
  return { render: (given) => {
    const end = render(given);
    return () => { end(); given.el.replaceChildren(); };
  } };
}

const PAGE = crypto.randomUUID?.() ?? String(Math.random()).slice(2); // a page that is loaded again is another one

let numbered = 0;
// An id that no other element of the page has.
function unique(stem) {
  return `nest-lab-${stem}-${PAGE}-${++numbered}`; // each widget of a page has this module for itself
}

// Colours and font of the page as they are now. The style sheet chooses them; a canvas has to be told.
function theme(root) {
  const style = getComputedStyle(root);
  const [red, green, blue] = (style.color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number); // no colour yet: not on the page
  const dark = 0.299 * red + 0.587 * green + 0.114 * blue > 128; // light text stands on a dark page
  return { ink: style.color, font: style.fontFamily, dark, palette: dark ? PALETTE.dark : PALETTE.light };
}

// Call a function when the page's theme changes; what is returned ends that.
function onTheme(changed) {
  const observer = new MutationObserver(changed);
  for (const node of [document.documentElement, document.body])
    observer.observe(node, { attributes: true, attributeFilter: ["class", "style", "data-jp-theme-name", "data-jp-theme-light", "data-vscode-theme-kind"] });
  const query = matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", changed);
  return () => { observer.disconnect(); query.removeEventListener("change", changed); };
}

// Call a function when the page comes to another screen, or is zoomed: sizes stay the same in CSS pixels, so that nothing else
// says so. What is returned ends that.
function onScale(changed) {
  let query = null;
  const hear = () => { end(); begin(); changed(); };
  const begin = () => {
    query = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener("change", hear);
  };
  const end = () => query.removeEventListener("change", hear);
  begin();
  return () => end();
}

// Round numbers in an interval, about as many as wanted.
function ticks(low, high, wanted) {
  const rough = (high - low) / Math.max(wanted, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9));
  const found = [], first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  if (!(last - first < 1000)) return found; // the numbers are so near to each other that steps are lost
  for (let i = 0; i <= last - first; i++) found.push((first + i) * step || 0); // not -0
  return found;
}

// The largest of 1, 2, 5, 10 … (times a power of ten) that is not above a value.
function roundDown(value) {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return power * [5, 2, 1].find((factor) => factor * power <= value * (1 + 1e-9));
}

const formats = []; // by number of digits; to make one takes longer than to use it a hundred times

// A number for people: thousands apart, no more digits than asked for.
function text(number, digits = 0) {
  if (number == null) return "–";
  formats[digits] ??= new Intl.NumberFormat("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
  return formats[digits].format(number);
}

// Change the text of an element only if it is another one: the page is laid out anew for each.
function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

// Numbers of a buffer that came with a message; a copy, as the buffer may lie anywhere in memory.
function numbersIn(view, Kind) {
  return new Kind(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

// A canvas as sharp as the screen. `draw` gets its 2d context in CSS pixels, its size, and the theme, at most once per
// frame of the screen; `redraw` asks for it.
function picture(root, label, height, draw) {
  const canvas = element("canvas", { role: "img", "aria-label": label, style: `height:${height}px` });
  let asked = false;
  const redraw = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      const width = canvas.clientWidth, height = canvas.clientHeight;
      if (!width || !height) return;
      const scale = window.devicePixelRatio || 1;
      if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(height * scale);
      }
      const context = canvas.getContext("2d");
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      const begin = performance.now();
      draw(context, { width, height, scale }, theme(root));
      canvas.dataset.cost = performance.now() - begin; // ms
      canvas.dataset.frames = Number(canvas.dataset.frames || 0) + 1;
    });
  };
  const size = new ResizeObserver(redraw);
  size.observe(canvas);
  const endTheme = onTheme(redraw), endScale = onScale(redraw);
  return { canvas, redraw, end: () => { size.disconnect(); endTheme(); endScale(); } };
}
