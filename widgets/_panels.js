// What stands beside the graph of a network: what can be added, and what the chosen node or connection is made of.

const KINDS = [["stimulator", "Stimulators"], ["neuron", "Neurons"], ["recorder", "Recorders"], ["other", "Others"]];

const find = (network, id) => network.nodes.find((one) => one.id === id) ?? network.connections.find((one) => one.id === id);

// The models that can be added: one kind at a time, with a search.
function adding(model, place) {
  const name = unique("kind");
  let kind = "stimulator";
  const options = () => (model.get("_catalogue").models ?? []).filter((each) => each.kind === kind);
  const found = finder("models", options, (chosen) => model.send({ do: "add", model: chosen, ...place() }));
  const radios = KINDS.map(([value, label]) => element("label", {}, element("input", { type: "radio", name, value, checked: value === kind,
    onchange: () => { kind = value; found.show(); } }), label));
  const node = element("div", {}, element("div", { class: "kinds", role: "radiogroup", "aria-label": "What to add" }, ...radios), found.node);
  found.show();
  return { node, search: found.search, show: found.show };
}

// Rows of the panel, made again only when other rows are needed.
class Board {
  constructor(node) { this.node = node; this.key = null; this.parts = []; }

  fill(key, make) {
    if (key === this.key) return;
    const focused = this.node.contains(document.activeElement) ? document.activeElement.dataset.path : null;
    this.key = key;
    this.parts = [];
    const use = (part) => { this.parts.push(part); return part.node; };
    const made = make(use);
    if (focused) this.node.parentElement.focus({ preventScroll: true }); // else the notebook takes the focus
    this.node.replaceChildren(...made);
    if (focused) this.node.querySelector(`[data-path="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  update(network, problems) { for (const part of this.parts) part.update?.(network, problems); }
}

// Which rows are needed depends on the values only by their being distributions.
const kindsOf = (values) => Object.entries(values ?? {}).filter(([, value]) => spread(value)).map(([name, value]) => `${name} ${value.distribution} ${Object.keys(value)}`).join(";");

// -- parts of the rows

function chooser(model, path, label, options, read) {
  const field = choice(model, path, label, options), wrong = element("div", { class: "wrong", role: "alert" });
  return { node: element("div", { class: "row" }, element("span", { class: "label" }, label), field.node, element("span"), element("span"), wrong),
    update: (network, problems) => { const now = read(network); if (now !== undefined) field.update(now); wrong.textContent = problems[path.join("/")] ?? ""; } };
}

const button = (label, pressed, title = "") => element("button", { type: "button", title, onclick: pressed }, label);

// Rows of the parameters of a model: those that say how it works, then those that change while it runs.
function parameters(model, use, path, facts, read, own = () => ({})) {
  const rows = (wanted) => facts.filter(wanted).map((each) => use(row(model, [...path, each.name], each, (network) => read(network)?.[each.name], own(each))));
  const state = rows((each) => each.state);
  return [section("Parameters", ...rows((each) => !each.state)), ...(state.length ? [section("State at the beginning", ...state)] : [])];
}

// -- a node

const POSITIONS = [{ value: "none", label: "nowhere in particular" }, { value: "free", label: "random in a box" }, { value: "grid", label: "on a grid" }];
const PLACES = [["dimensions", "int", "Of the space, 2 or 3"], ["shape", "array", "Number of nodes along each axis"],
  ["extent", "array", "Length of the box along each axis"], ["center", "array", "Middle of the box"], ["edge_wrap", "bool", "Whether opposite edges meet"]];

function positionRows(model, use, id, positions) {
  const path = ["nodes", id, "positions"], read = (network) => find(network, id)?.positions;
  const choose = use(chooser(model, [...path, "type"], "Positions", POSITIONS, (network) => read(network)?.type ?? "none"));
  const rows = PLACES.filter(([name]) => positions && name in positions).map(([name, type, doc]) => use(row(model, [...path, name],
    { name, type, doc, default: positions[name], unchanged: false }, (network) => read(network)?.[name], { distributed: false })));
  return [section("Space", choose, ...rows)];
}

// What a multimeter can record of the neurons it is connected to.
function recordRows(model, use, id, network) {
  const names = recordablesOf(model, network, id), wrong = element("div", { class: "wrong", role: "alert" });
  const box = (name) => element("input", { type: "checkbox", "data-path": `nodes/${id}/record/${name}`, onchange: () => send() });
  const boxes = names.map(({ name, unit, doc }) => [name, box(name), [unit && `(${unit})`, doc].filter(Boolean).join(" ")]);
  const send = () => model.send({ do: "set", path: ["nodes", id, "record"], value: boxes.filter(([, box]) => box.checked).map(([name]) => name) });
  const node = section("Record", ...boxes.map(([name, tick_, help]) => element("label", { class: "record" }, tick_, name, element("span", { class: "faint" }, help))),
    ...(names.length ? [] : [element("p", { class: "faint" }, "Connect it to neurons; then choose here what it records of them.")]), wrong);
  return use({ node, update: (now, problems) => {
    const own = find(now, id)?.record ?? [];
    for (const [name, box] of boxes) box.checked = own.includes(name);
    wrong.textContent = Object.entries(problems).find(([path]) => path.startsWith(`nodes/${id}/record`))?.[1] ?? "";
  } });
}

function recordablesOf(model, network, id) {
  const joined = network.connections.flatMap(({ source, target }) => (idsOf(source).includes(id) ? idsOf(target) : idsOf(target).includes(id) ? idsOf(source) : []));
  const facts = joined.map((each) => model.get("_details")[find(network, each)?.model]?.recordables ?? []);
  const all = new Map(facts.flat().map((each) => [each.name, each]));
  for (const name of find(network, id)?.record ?? []) if (!all.has(name)) all.set(name, { name });
  return [...all.values()];
}

// What it is connected to, and a way to connect it without a mouse.
function joinedRows(model, network, id, tell) {
  const ends = network.connections.filter(({ source, target }) => idsOf(source).includes(id) || idsOf(target).includes(id));
  const links = ends.map((each) => button(`${namesOf(network, each.source)} → ${namesOf(network, each.target)}`, () => tell.choose(each.id), "Show this connection"));
  const to = element("select", { "aria-label": "Node to connect to" }, ...network.nodes.map((each) => element("option", { value: each.id }, each.label)));
  const connect = button("Connect to", () => tell.connect(id, to.value), "Also by dragging from its handle, or with C");
  return section("Connections", element("div", { class: "links" }, ...links), element("div", { class: "bar" }, connect, to));
}

function nodePanel(model, board, node, network, tell) {
  const { id } = node, path = ["nodes", id], details = model.get("_details")[node.model];
  const joined = network.connections.filter(({ source, target }) => [...idsOf(source), ...idsOf(target)].includes(id)).map((each) => each.id);
  const key = JSON.stringify([id, node.kind, node.model, Object.keys(node.positions ?? {}), node.positions?.type, Boolean(details), kindsOf(node.params), joined,
    network.nodes.map((each) => each.label), recordablesOf(model, network, id).map(({ name }) => name)]);
  board.fill(key, (use) => {
    const read = (name) => (now) => find(now, id)?.[name];
    const same = (model.get("_catalogue").models ?? []).filter((each) => each.kind === node.kind).map((each) => ({ value: each.name, title: each.summary }));
    const options = [...same, ...(same.some(({ value }) => value === node.model) ? [] : [{ value: node.model }])].map((each) => ({ ...each, label: each.value }));
    const fixed = { distributed: false }, counted = node.kind !== "recorder" && node.positions?.type !== "grid";
    return [
      element("div", { class: "bar head" }, element("strong", {}, DESCRIBED[node.kind]), button("Duplicate", () => tell.duplicate(id), "Ctrl+D"), button("Delete", () => tell.remove(id), "Delete")),
      element("p", { class: "faint" }, details?.summary ?? ""),
      use(row(model, [...path, "label"], { name: "Name", type: "str", unchanged: false }, read("label"), fixed)),
      use(chooser(model, [...path, "model"], "Model", options, read("model"))),
      ...(counted ? [use(row(model, [...path, "size"], { name: "Number", type: "int", doc: "How many of them", unchanged: false }, read("size"), fixed))] : []),
      use(colourRow(model, [...path, "color"], id)),
      ...(details?.meter ? [recordRows(model, use, id, network)] : []),
      ...parameters(model, use, [...path, "params"], details?.params ?? [], (now) => find(now, id)?.params, () => ({ distributed: node.kind === "neuron" })),
      ...(node.kind === "neuron" ? positionRows(model, use, id, node.positions) : []),
      joinedRows(model, network, id, tell),
    ];
  });
}

function colourRow(model, path, id) {
  const choices = PALETTE.light.map((value, i) => element("button", { type: "button", "data-path": `${path.join("/")}/${i}`,
    "aria-label": `Colour ${i + 1} of ${PALETTE.light.length}`, onclick: () => model.send({ do: "set", path, value }) }));
  const node = element("div", { class: "row" }, element("span", { class: "label" }, "Colour"), element("div", { class: "colours" }, ...choices));
  return { node, update: (network) => {
    const colours = theme(node), now = find(network, id);
    if (!now) return;
    choices.forEach((each, i) => { each.style.background = colours.palette[i]; each.setAttribute("aria-pressed", String(colourOf(network, now, colours) === colours.palette[i])); });
  } };
}

// -- a connection

// Names of the receptors of its targets, if all have the same ones; none for what is not one number.
function receptorsOf(model, network, { target, synapse }) {
  const found = idsOf(target).map((each) => model.get("_details")[find(network, each)?.model]?.receptors ?? {});
  const same = found.every((each) => JSON.stringify(each) === JSON.stringify(found[0]));
  const one = typeof (synapse?.receptor_type ?? 0) === "number";
  return same && one && Object.keys(found[0] ?? {}).length ? found[0] : null;
}

function connectionPanel(model, board, connection, network, tell) {
  const { id } = connection, catalogue = model.get("_catalogue"), details = model.get("_details");
  const rule = connection.rule?.rule ?? "all_to_all", synapse = connection.synapse?.synapse_model ?? "static_synapse";
  const head = `${namesOf(network, connection.source)} → ${namesOf(network, connection.target)}`;
  const key = JSON.stringify([id, head, rule, synapse, Boolean(details[synapse]), kindsOf(connection.rule), kindsOf(connection.synapse), receptorsOf(model, network, connection)]);
  board.fill(key, (use) => {
    const path = ["connections", id], list = (names) => names.map((each) => ({ value: each.name, label: each.name, title: each.summary }));
    const placed = [connection.source, connection.target].flatMap(idsOf).every((each) => find(network, each)?.positions);
    const space = () => ({ distributed: placed ? "space" : true });
    const arguments_ = (catalogue.rules ?? []).find(({ name }) => name === rule)?.params ?? [];
    const names = receptorsOf(model, network, connection);
    const params = (details[synapse]?.params ?? []).map((each) => (names && each.name === "receptor_type" ? { ...each, names, doc: "Receptor of the target", bounds: "" } : each));
    const rules = arguments_.map((each) => use(row(model, [...path, "rule", each.name], each, (now) => find(now, id)?.rule?.[each.name], space())));
    return [
      element("div", { class: "bar head" }, element("strong", {}, head), button("Delete", () => tell.remove(id), "Delete")),
      section("Who is connected to whom", use(chooser(model, [...path, "rule", "rule"], "Rule", list(known(catalogue.rules ?? [], rule)),
        (now) => find(now, id)?.rule?.rule)), ...rules),
      section("Synapse", use(chooser(model, [...path, "synapse", "synapse_model"], "Model", list(known(catalogue.synapses ?? [], synapse)),
        (now) => find(now, id)?.synapse?.synapse_model)),
        element("p", { class: "faint" }, details[synapse]?.summary ?? "")),
      ...parameters(model, use, [...path, "synapse"], params, (now) => find(now, id)?.synapse, space),
    ];
  });
}

// -- the simulation

function simulationPanel(model) {
  const board = new Board(element("div", {})), types = { time: "float", resolution: "float" };
  board.fill("simulation", (use) => [section("Simulation", ...(model.get("_catalogue").settings ?? []).map((each) => use(row(model, ["simulation", each.name],
    { ...each, type: types[each.name] ?? "int", unchanged: false }, (network) => network.simulation?.[each.name], { distributed: false }))))]);
  return board;
}
