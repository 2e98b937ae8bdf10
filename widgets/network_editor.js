// A network to build by mouse and keyboard, beside what it does. The kernel judges every change; what it accepted comes
// back as the state of the widget, from which all of this is drawn, also where no kernel is.

// -- what it does: raster and traces

const NOTHING = "Nothing is recorded yet: add a spike_recorder or a voltmeter, and connect it to neurons.";
const SILENT = "No spikes. A stronger stimulus may help: a higher rate or amplitude, a larger weight, or a current I_e into the neurons.";

// Which colour is which neuron: once if that is the same in all panels.
function legendOf(panels, palette) {
  const entry = (label, i) => element("span", {}, element("span", { class: "swatch", style: `background:${palette[i % palette.length]}` }), label);
  const same = panels.every(({ lines }) => lines.join() === panels[0].lines.join());
  return panels.slice(0, same ? 1 : undefined).flatMap(({ name, lines }) => [...(same ? [] : [element("span", { class: "faint" }, name)]), ...lines.map(entry)]);
}

function activity(model, root, view) {
  const spikes = new Spikes(), node = element("div", { class: "activity" });
  let signals = null, panels = [], latest = null;
  const stale = element("p", { class: "faint", hidden: true }, "The network was changed; the next run has the changes.");
  const window_ = () => { const length = model.get("_window"), stop = Math.max(spikes.time, spikes.begin + length); return { start: stop - length, stop }; };
  const coloured = (colours) => ({ ...colours, palette: model.get("_populations").map(({ color }, i) => {
    const place = PALETTE.light.indexOf(color);
    return place < 0 ? color ?? colours.palette[i % colours.palette.length] : colours.palette[place];
  }) });
  const raster = picture(root, "Spikes and rate; the table below has the numbers", 340, (context, size, colours) => {
    const populations = model.get("_populations");
    if (populations.length) spikes.draw(context, size, coloured(colours), model.get("_window"), populations);
  });
  const traces = picture(root, "Recorded signals", 200, (context, size, colours) => { if (panels.length && signals) charts(context, size, colours, window_(), panels, signals); });
  const read = numbers(model), empty = element("p", { class: "faint" });
  const legend = element("div", { class: "legend" }), save = saveButtons(model, view);
  const renew = () => {
    const some = model.get("_populations").length > 0;
    for (const part of [raster.canvas, read.table]) part.hidden = !some;
    traces.canvas.hidden = !panels.length;
    raster.canvas.style.height = panels.length ? "270px" : "340px";
    legend.hidden = traces.canvas.hidden;
    traces.canvas.style.height = `${panels.length * 130 + 56}px`;
    const recorders = model.get("network").nodes.some(({ kind }) => kind === "recorder");
    stale.hidden = !model.get("_stale");
    empty.textContent = some || panels.length ? silence() : recorders ? "Press Run to see spikes and signals here." : NOTHING;
    raster.redraw();
  };
  const silence = () => (model.get("status") === "stopped" && latest?.time > 0 && latest.rates.length && !latest.rates.some((rate) => rate) ? SILENT : "");
  const told = {
    frame: (content, buffers) => { latest = content; spikes.add(content, buffers, model.get("_window")); shown.hear(content); },
    signals: (content, buffers) => {
      panels = content.panels;
      signals = unpacked(content, buffers, panels);
      legend.replaceChildren(...legendOf(panels, theme(root).palette));
      renew();
      traces.redraw();
    },
  };
  const hear = (content, buffers) => told[content.what]?.(content, buffers);
  const draw = () => { raster.redraw(); traces.redraw(); };
  const shown = frames(model, root, (content) => { read.show(content, coloured(theme(root))); renew(); }, draw);
  model.on("msg:custom", hear);
  const events = "change:_populations change:network change:_stale change:status";
  model.on(events, renew);
  node.append(stale, empty, raster.canvas, read.table, legend, traces.canvas, element("div", { class: "bar" }, save.node));
  renew();
  return { node, clock: read.node, failure: read.failure,
    end: () => { model.off("msg:custom", hear); model.off(events, renew); for (const part of [raster, traces, read, save, shown]) part.end(); } };
}

// -- the program

// What can be taken home: how it is called, the text, and what to say of it.
const PROGRAMS = [
  ["Program", (model) => model.get("_code"), "This program gives the same spikes, bit for bit."],
  ["Program for PyNEST", (model) => model.get("_code").replace("import nest_lab as nest", "import nest"), "The same program for PyNEST; random numbers are others there."],
  ["Cell of this editor", (model) => model.get("_cell"), "Run this in a cell to have this editor again."],
];

function program(model) {
  const which = element("select", { "aria-label": "What to show", onchange: () => show() }, ...PROGRAMS.map(([name], i) => element("option", { value: i }, name)));
  const code = element("pre", { class: "code", tabindex: 0, "aria-label": "Program of this network" }), said = element("span", { class: "faint", role: "status" });
  const what = element("p", { class: "faint" }), written = () => PROGRAMS[which.value][1](model);
  const copy = button("Copy", async () => {
    try { await navigator.clipboard.writeText(written()); said.textContent = "Copied"; } catch {
      getSelection().selectAllChildren(code);
      said.textContent = document.execCommand("copy") ? "Copied" : "Selected; press Ctrl+C";
    }
    setTimeout(() => { said.textContent = ""; }, 2000);
  }, "Copy what is shown");
  const save = button("Save as .py", () => download("network.py", written()), "Save what is shown as a file");
  const show = () => { code.textContent = written(); what.textContent = PROGRAMS[which.value][2]; };
  model.on("change:_code change:_cell", show);
  show();
  const node = element("div", {}, element("div", { class: "bar" }, which, copy, save, said), what, code);
  return { node, end: () => model.off("change:_code change:_cell", show) };
}

// -- tabs

function tabs(label, panels, shown) {
  const heads = panels.map(([name, title, panel]) => {
    const head = element("button", { type: "button", role: "tab", id: unique("tab"), onclick: () => show(name) }, title);
    Object.assign(panel, { id: unique("panel") });
    for (const [key, value] of [["role", "tabpanel"], ["tabindex", -1], ["aria-labelledby", head.id]]) panel.setAttribute(key, value);
    head.setAttribute("aria-controls", panel.id);
    return head;
  });
  let now = null;
  const show = (name) => {
    now = name;
    panels.forEach(([each, , panel], i) => {
      panel.hidden = each !== name;
      heads[i].setAttribute("aria-selected", String(each === name));
      heads[i].tabIndex = each === name ? 0 : -1;
    });
    shown(name);
  };
  const bar = element("div", { class: "tabs", role: "tablist", "aria-label": label, onkeydown: (event) => {
    const turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!turn) return;
    const next = (heads.indexOf(document.activeElement) + turn + heads.length) % heads.length;
    heads[next].click();
    heads[next].focus();
  } }, ...heads);
  return { node: element("div", { class: "side" }, bar, ...panels.map(([, , panel]) => panel)), show, now: () => now };
}

// -- what is above the graph

function topBar(model, tell, view) {
  const undo = button("↶ Undo", () => tell("undo")), redo = button("↷ Redo", () => tell("redo"));
  const file = element("input", { type: "file", accept: ".json,application/json", hidden: true, onchange: async () => {
    const [chosen] = file.files;
    if (chosen) tell("import_file", { text: await chosen.text(), name: chosen.name });
    file.value = "";
  } });
  const load = button("Import …", () => file.click(), "Take over a network of this editor or a project of NEST Desktop, as JSON");
  const save = button("Export", () => tell("export_file", { page: `${PAGE} ${view}` }), "Save the network as a project of NEST Desktop, as JSON");
  const renew = () => {
    for (const [control, what, name] of [[undo, "_undo", "Undo"], [redo, "_redo", "Redo"]]) {
      control.disabled = !model.get(what);
      control.title = `${name}: ${model.get(what) || "nothing"} (${name === "Undo" ? "Ctrl+Z" : "Ctrl+Shift+Z"})`;
    }
  };
  model.on("change:_undo change:_redo", renew);
  renew();
  const node = element("div", { class: "bar files" }, undo, redo, load, save, file);
  return { node, end: () => { model.off("change:_undo change:_redo", renew); } };
}

function welcome(tell) {
  return element("div", { class: "welcome" }, element("h3", {}, "Build a network"),
    element("ol", {}, element("li", {}, "Choose a stimulator, then neurons, then a recorder from the list at the right: each click adds one."),
      element("li", {}, "Drag from the round handle of one to another to connect them."), element("li", {}, "Press Run and watch the spikes.")),
    button("Start with an example", () => tell("example")));
}

// -- the whole

// Keys that the widget has everywhere; all others are kept from the notebook, which has uses of its own for them.
function mainKeys(root, tell) {
  root.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey, key = event.key.toLowerCase(), field = event.target.matches("input[type=text], input[type=search]");
    const typing = field && event.target.value !== event.target.defaultValue && document.activeElement === event.target && event.target.dataset.dirty;
    if (command && (key === "z" || key === "y") && !typing) {
      event.preventDefault();
      tell(key === "y" || event.shiftKey ? "redo" : "undo");
    }
    if (!(command && ["s", "c", "v", "x", "a"].includes(key))) event.stopPropagation();
  });
  root.addEventListener("input", (event) => { event.target.dataset.dirty = "yes"; });
  root.addEventListener("change", (event) => { delete event.target.dataset.dirty; });
}

function render({ model, el }) {
  const view = unique("view"), tell = (what, more = {}) => model.send({ do: what, ...more });
  const root = element("div", { class: "nest-lab nest-lab-editor", role: "region", "aria-label": "Network editor" });
  let chosen = null, place = {}, known = new Set(model.get("network").nodes.map(({ id }) => id));
  const say = element("div", { class: "say", role: "status" });
  const acts = {
    choose: (id, shown = true) => {
      if (id && shown) side.show("edit");
      if (id === chosen) return;
      chosen = id;
      if (Object.keys(model.get("_problems")).length) tell("forget"); // what was refused is no longer in its field
      drawn.draw();
      edit();
    },
    move: (id, x, y) => tell("move", { id, x, y }), connect: (source, target) => tell("connect", { source, target }),
    remove: (id) => tell("remove", { id }), duplicate: (id) => tell("duplicate", { id }), say: (words) => { say.textContent = words; },
    add: ({ x, y }) => { place = { x: Math.round(x), y: Math.round(y) }; side.show("add"); palette.search.focus(); },
  };
  const drawn = graph(model, root, acts, () => chosen);
  const palette = adding(model, () => { const at = place; place = {}; return at; });
  const board = new Board(element("div", {})), settings = simulationPanel(model), does = activity(model, root, view), code = program(model);
  const side = tabs("What is shown beside the graph", [["add", "Add", palette.node], ["edit", "Edit", element("div", {}, board.node)], ["simulation", "Simulation", element("div", {}, settings.node)],
    ["activity", "Activity", does.node], ["code", "Code", code.node]], () => edit());
  const begin = (what, more) => { if (what === "run") side.show("activity"); tell(what, more); };
  const controls = buttons(model, begin, { endless: false, again: "Back to 0 ms" }), top = topBar(model, tell, view);
  const hello = welcome(tell), wrong = element("div", { class: "wrong", role: "alert" }), notes = element("div", { class: "faint notes", role: "status" });

  function edit() {
    const network = model.get("network"), problems = model.get("_problems"), one = find(network, chosen);
    if (!one) board.fill("nothing", () => [element("p", { class: "faint" }, "Click a node or a connection to see what it is made of.")]);
    else (one.kind ? nodePanel : connectionPanel)(model, board, one, network, acts);
    for (const each of [board, settings]) each.update(network, problems);
    const shown = new Set([...root.querySelectorAll("[data-path]")].map((each) => each.dataset.path));
    const beside = (path) => shown.has(path) || path.split("/")[1] === chosen;
    wrong.textContent = Object.entries(problems).filter(([path]) => !beside(path)).map(([, words]) => words).join("\n");
  }
  const renew = () => {
    const network = model.get("network"), fresh = [...network.nodes, ...network.connections].map(({ id }) => id), added = fresh.filter((id) => !known.has(id));
    if (chosen && !fresh.includes(chosen)) chosen = null;
    if (added.length === 1 && known.asked) chosen = added[0];
    known = Object.assign(new Set(fresh), { asked: known.asked });
    hello.hidden = network.nodes.length > 0;
    notes.textContent = model.get("_notes").join("\n");
    drawn.draw();
    edit();
  };
  const events = "change:network change:_details change:_problems change:_catalogue change:_notes";
  model.on(events, renew);
  model.on("change:_catalogue", palette.show);
  mainKeys(root, tell);
  root.append(element("div", { class: "top" }, controls.node, top.node), does.clock, does.failure, wrong, notes,
    element("div", { class: "pair" }, element("div", { class: "sheet" }, drawn.svg, hello, say), side.node), drawn.hint);
  el.append(root);
  side.show("add");
  renew();
  requestAnimationFrame(renew); // colours and sizes of the page are known only now
  tell("look", { page: PAGE, view });
  return () => {
    model.off(events, renew);
    model.off("change:_catalogue", palette.show);
    for (const part of [drawn, does, code, controls, top]) part.end();
    tell("leave", { page: PAGE, view });
  };
}

export default widget(render);
