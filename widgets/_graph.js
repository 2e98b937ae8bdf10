// A network as a graph of nodes and connections, to move, join, choose and remove by mouse and keyboard.

const AREA = { width: 560, height: 440 }; // what an empty graph shows
const EDGE = 46; // room around the outermost nodes
const REACH = 30; // from the middle of a node to where its connections end
const DESCRIBED = { stimulator: "Stimulator", neuron: "Neurons", recorder: "Recorder", other: "Node" };
const MEANT = "Drag nodes to move them; drag from the handle at the right of a node to another node to connect them. Keys: Tab goes " +
  "from node to node, arrows move, C connects, Delete removes, Ctrl+D duplicates, Ctrl+Z and Ctrl+Shift+Z undo and redo.";

// The namespace of drawings, as the parser of pages knows it.
const SVG = Object.assign(document.createElement("template"), { innerHTML: "<svg></svg>" }).content.firstChild.namespaceURI;

// An element of a drawing.
function shape(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null && value !== false) node.setAttribute(name, value === true ? "" : value);
  node.append(...children);
  return node;
}

// Take over what was drawn anew. What is there already stays the same element, so that it keeps the focus and the mouse.
function renew(svg, groups) {
  const ids = new Set(groups.map((each) => each.dataset.id)), old = new Map();
  for (const each of [...svg.querySelectorAll(":scope > g")]) {
    if (ids.has(each.dataset.id)) { old.set(each.dataset.id, each); continue; }
    if (each.contains(document.activeElement)) svg.focus({ preventScroll: true }); // else the notebook takes the focus
    each.remove();
  }
  let next = svg.firstChild;
  for (const group of groups) {
    const same = old.get(group.dataset.id);
    if (same && same !== next) svg.insertBefore(same, next);
    if (!same) svg.insertBefore(group, next);
    if (!same) continue;
    for (const { name, value } of group.attributes) if (same.getAttribute(name) !== value) same.setAttribute(name, value);
    const parts = [...same.children], fresh = [...group.children];
    if (parts.length === fresh.length) parts.forEach((part, i) => alike(part, fresh[i]));
    else same.replaceChildren(...fresh);
    next = same.nextSibling;
  }
}

function alike(part, fresh) {
  if (part.tagName !== fresh.tagName) return part.replaceWith(fresh);
  for (const { name, value } of fresh.attributes) if (part.getAttribute(name) !== value) part.setAttribute(name, value);
  if (!part.children.length && part.textContent !== fresh.textContent) part.textContent = fresh.textContent;
}

// The colour of a node in the theme: those of the palette have a twin in the other one.
function colourOf(network, node, colours) {
  const own = node.color ? PALETTE.light.indexOf(node.color.toUpperCase()) : network.nodes.indexOf(node) % PALETTE.light.length;
  return own < 0 ? node.color : colours.palette[own];
}

// Where a drawing must begin and end to show all nodes; never smaller than an empty one.
function extentOf(nodes) {
  const room = ({ label, model }) => Math.max(EDGE, 4.2 * Math.max(label.length, model.length)), ys = nodes.map(({ y }) => y);
  const left = Math.min(0, ...nodes.map((node) => node.x - room(node))), top = Math.min(0, ...ys.map((y) => y - EDGE));
  const right = Math.max(left + AREA.width, ...nodes.map((node) => node.x + room(node))), bottom = Math.max(top + AREA.height, ...ys.map((y) => y + EDGE + 20));
  return { left, top, width: right - left, height: bottom - top };
}

// -- one node, one connection

const OUTLINES = {
  stimulator: () => shape("polygon", { points: "-14,-24 14,-24 28,0 14,24 -14,24 -28,0" }),
  neuron: () => shape("circle", { r: 26 }),
  recorder: () => shape("rect", { x: -26, y: -22, width: 52, height: 44, rx: 7 }),
};

function drawnNode(network, node, colours, chosen) {
  const colour = colourOf(network, node, colours), size = node.size === 1 ? "" : `, ${text(node.size)} of them`;
  const outline = (OUTLINES[node.kind] ?? OUTLINES.neuron)();
  for (const [name, value] of [["stroke", colour], ["fill", colour], ["fill-opacity", 0.16], ["stroke-width", chosen ? 4 : 2]]) outline.setAttribute(name, value);
  return shape("g", { class: chosen ? "node chosen" : "node", "data-id": node.id, tabindex: 0, role: "button", "aria-pressed": String(chosen),
    "aria-label": `${DESCRIBED[node.kind] ?? DESCRIBED.other} ${node.label}, ${node.model}${size}`, transform: `translate(${node.x},${node.y})` },
  outline, shape("text", { class: "count", y: 5 }, node.size === 1 ? "" : text(node.size)),
  shape("text", { class: "name", y: 44 }, node.label), shape("text", { class: "model", y: 58 }, node.model === node.label ? "" : node.model),
  shape("circle", { class: "port", cx: REACH, cy: 0, r: 7, fill: colour }, shape("title", {}, "Drag to another node to connect")));
}

// Ids of the nodes at an end of a connection, which may be parts of several populations.
function idsOf(end) {
  return Array.isArray(end) ? end.flatMap(idsOf) : [typeof end === "string" ? end : end?.node];
}

const joins = (connection, from, to) => idsOf(connection.source).includes(from) && idsOf(connection.target).includes(to);

// A bend for connections that share their two ends, none for a single one.
function bendOf(network, connection, source, target) {
  const same = network.connections.filter((one) => joins(one, source, target));
  const back = network.connections.some((one) => joins(one, target, source)) && source !== target;
  return back || same.length > 1 ? 26 + 30 * same.indexOf(connection) : 0;
}

// The path between two places, where it ends and in which direction.
function pathOf(from, to, bend) {
  const far = Math.hypot(to.x - from.x, to.y - from.y) || 1, [u, v] = [(to.x - from.x) / far, (to.y - from.y) / far];
  const middle = { x: (from.x + to.x) / 2 - v * bend * 1.4, y: (from.y + to.y) / 2 + u * bend * 1.4 };
  const toward = (one, other) => { const d = Math.hypot(other.x - one.x, other.y - one.y) || 1; return { x: (other.x - one.x) / d, y: (other.y - one.y) / d }; };
  const out = toward(from, middle), into = toward(to, middle);
  const begin = { x: from.x + out.x * REACH, y: from.y + out.y * REACH }, end = { x: to.x + into.x * (REACH + 4), y: to.y + into.y * (REACH + 4) };
  return { d: `M${begin.x},${begin.y} Q${middle.x},${middle.y} ${end.x},${end.y}`, end, angle: (Math.atan2(-into.y, -into.x) * 180) / Math.PI };
}

function loopOf({ x, y }, bend) {
  const high = 78 + bend;
  return { d: `M${x - 14},${y - 26} C${x - 52},${y - high} ${x + 52},${y - high} ${x + 16},${y - 30}`, end: { x: x + 16, y: y - 30 }, angle: 112 };
}

// The sign of what arrives: that of the weight, or of the mean or the middle of its distribution.
function inhibits(network, { synapse }) {
  const copied = network.models?.find(({ name }) => name === synapse?.synapse_model), weight = synapse?.weight ?? copied?.params?.weight;
  const middle = weight && typeof weight === "object" && !Array.isArray(weight) ? weight.mean ?? ((weight.min ?? 0) + (weight.max ?? 0)) : Array.isArray(weight) ? weight[0] : weight;
  return middle < 0;
}

// Line and tip between two nodes of a connection.
function drawnLine(network, connection, [from, to], colours, chosen) {
  const bend = bendOf(network, connection, from.id, to.id), { d, end, angle } = from === to ? loopOf(from, bend) : pathOf(from, to, bend);
  const colour = colourOf(network, from, colours);
  const tip = inhibits(network, connection) ? shape("circle", { cx: -4, r: 5.5 }) : shape("polygon", { points: "1,0 -11,-6 -11,6" });
  tip.setAttribute("transform", `translate(${end.x},${end.y}) rotate(${angle})`);
  tip.setAttribute("fill", colour);
  return [shape("path", { class: "wide", d }), shape("path", { class: "line", d, stroke: colour, "stroke-width": chosen ? 4 : 2 }), tip];
}

function namesOf(network, end) {
  return idsOf(end).map((id) => network.nodes.find((node) => node.id === id)?.label ?? "?").join(", ");
}

function drawnConnection(network, connection, colours, chosen) {
  const [sources, targets] = [connection.source, connection.target].map((end) => network.nodes.filter(({ id }) => idsOf(end).includes(id)));
  const lines = sources.flatMap((from) => targets.flatMap((to) => drawnLine(network, connection, [from, to], colours, chosen)));
  return shape("g", { class: chosen ? "edge chosen" : "edge", "data-id": connection.id, tabindex: 0, role: "button", "aria-pressed": String(chosen),
    "aria-label": `Connection from ${namesOf(network, connection.source)} to ${namesOf(network, connection.target)}${inhibits(network, connection) ? ", inhibitory" : ""}` }, ...lines);
}

// -- mouse

// What is dragged: a node to another place, or a line from its handle to another node.
function dragging(svg, state, tell) {
  let held = null;
  const at = (event) => { const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()); return { x, y }; };
  const under = (event) => svg.getRootNode().elementFromPoint(event.clientX, event.clientY)?.closest?.("g.node, g.edge");
  const nodeOf = (group) => state.network().nodes.find(({ id }) => id === group?.dataset.id);
  const line = shape("path", { class: "rubber" });
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const group = event.target.closest("g.node, g.edge");
    if (state.joining() && nodeOf(group)) return tell.joined(group.dataset.id);
    tell.choose(group?.dataset.id ?? null);
    if (!nodeOf(group)) return;
    held = { node: nodeOf(group), port: event.target.classList.contains("port"), begin: at(event), moved: false };
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
    svg.querySelector(`[data-id="${group.dataset.id}"]`)?.focus({ preventScroll: true });
  });
  svg.addEventListener("pointermove", (event) => {
    if (!held) return;
    const now = at(event), { node, begin } = held;
    held.moved ||= Math.hypot(now.x - begin.x, now.y - begin.y) > 3;
    if (!held.moved) return;
    if (!held.port) {
      held.place = inside(svg, { x: node.x + now.x - begin.x, y: node.y + now.y - begin.y });
      return state.drag({ id: node.id, ...held.place });
    }
    line.setAttribute("d", `M${node.x + REACH},${node.y} L${now.x},${now.y}`);
    svg.append(line);
    for (const one of svg.querySelectorAll("g.node")) one.classList.toggle("aimed", one === under(event));
  });
  const end = (event, dropped) => {
    if (!held) return;
    const { node, port, place, moved } = held, target = nodeOf(under(event));
    held = null;
    line.remove();
    state.drag(null);
    if (!dropped || !moved) return;
    if (!port) tell.move(node.id, place.x, place.y);
    else if (target) tell.connect(node.id, target.id);
  };
  svg.addEventListener("pointerup", (event) => end(event, true));
  svg.addEventListener("pointercancel", (event) => end(event, false));
  svg.addEventListener("dblclick", (event) => { if (!event.target.closest("g.node, g.edge")) tell.add(at(event)); });
  return at;
}

// Keep a node in what is shown.
function inside(svg, { x, y }) {
  const { x: left, y: top, width, height } = svg.viewBox.baseVal;
  const within = (value, low, high) => Math.round(Math.min(Math.max(value, low), high));
  return { x: within(x, left + EDGE, left + width - EDGE), y: within(y, top + EDGE, top + height - EDGE - 20) };
}

// -- keyboard

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function graphKeys(svg, state, tell) {
  svg.addEventListener("keydown", (event) => {
    const id = event.target.dataset?.id, node = state.network().nodes.find((one) => one.id === id);
    const command = event.ctrlKey || event.metaKey;
    const acts = {
      Enter: () => (state.joining() && node ? tell.joined(id) : tell.choose(id)), " ": () => (state.joining() && node ? tell.joined(id) : tell.choose(id)),
      Escape: () => (state.joining() ? tell.join(null) : tell.choose(null)), Delete: () => tell.remove(id), Backspace: () => tell.remove(id),
      c: () => node && tell.join(id), d: () => command && node && tell.duplicate(id),
    };
    const act = STEPS[event.key] ? () => node && step(svg, tell, node, STEPS[event.key], event.shiftKey ? 50 : 10) : acts[event.key];
    if (!id || !act || (command && event.key !== "d") || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has uses of its own for them
    act();
  });
  svg.addEventListener("focusin", (event) => { if (event.target.matches(":focus-visible") && event.target.dataset.id && !state.joining()) tell.choose(event.target.dataset.id, false); });
}

function step(svg, tell, node, [right, down], size) {
  const { x, y } = inside(svg, { x: node.x + right * size, y: node.y + down * size });
  tell.move(node.id, x, y);
}

// -- the whole

// `tell` has what to do: choose, move, connect, remove, duplicate, add, join (which node is to be connected next) and joined.
function graph(model, root, tell, chosen) {
  const svg = shape("svg", { class: "graph", tabindex: -1, role: "group", "aria-label": "Network" });
  const hint = element("div", { class: "faint hint", id: unique("hint") }, MEANT);
  svg.setAttribute("aria-describedby", hint.id);
  let dragged = null, joining = null;
  const network = () => model.get("network");
  const shown = () => (dragged ? { ...network(), nodes: network().nodes.map((node) => (node.id === dragged.id ? { ...node, ...dragged } : node)) } : network());
  const draw = () => {
    const now = shown(), colours = theme(root);
    if (!dragged) {
      const { left, top, width, height } = extentOf(now.nodes);
      svg.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
    }
    renew(svg, [...now.connections.map((each) => drawnConnection(now, each, colours, each.id === chosen())),
      ...now.nodes.map((each) => drawnNode(now, each, colours, each.id === chosen()))]);
    svg.classList.toggle("joining", joining !== null);
  };
  const state = { network, joining: () => joining, drag: (place) => { dragged = place; draw(); } };
  const told = {
    ...tell,
    move: (id, x, y) => { dragged = { id, x, y }; draw(); tell.move(id, x, y); dragged = null; },
    join: (id) => { joining = id; tell.say(id ? "Choose the node to connect to: click it, or go there with Tab and press Enter. Escape gives up." : ""); draw(); },
    joined: (id) => { const from = joining; joining = null; tell.say(""); tell.connect(from, id); draw(); },
  };
  dragging(svg, state, told);
  graphKeys(svg, state, told);
  const endTheme = onTheme(draw);
  return { svg, hint, draw, join: told.join, end: endTheme };
}
