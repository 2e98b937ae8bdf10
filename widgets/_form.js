// Fields for what a network is made of. A value is a number, a word, a list or a distribution; what is typed is for the
// kernel to judge, and what it refuses stays in the field above its message.

// What somebody typed, as the kernel is to get it: nothing stands for the default.
function parsed(typed, type) {
  const given = typed.trim();
  if (given === "") return null;
  if (type === "str") return given;
  if (!isNaN(given)) return Number(given);
  if (given.startsWith("[") || given.startsWith("{")) { try { return JSON.parse(given); } catch { return given; } }
  const parts = given.split(/[,;\s]+/);
  return parts.length > 1 && parts.every((part) => part !== "" && !isNaN(part)) ? parts.map(Number) : given;
}

function written(value) {
  if (value == null) return "";
  if (Array.isArray(value)) return value.length > 40 ? `[${value.slice(0, 40).join(", ")}, …]` : value.every((each) => typeof each !== "object") ? value.join(", ") : JSON.stringify(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const spread = (value) => value !== null && typeof value === "object" && !Array.isArray(value) && "distribution" in value;

// A text field for one value; `update` shows what the kernel has, unless somebody types or it was refused.
function input(model, path, label, { type, unit = "", default: usual = null } = {}, described = "") {
  const node = element("input", { type: "text", "data-path": path.join("/"), "aria-label": unit ? `${label} (${unit})` : label, "aria-describedby": described,
    placeholder: usual >= Number.MAX_VALUE ? "∞" : written(usual), autocomplete: "off", spellcheck: "false" });
  let shown = "";
  node.addEventListener("change", () => model.send({ do: "set", path, value: parsed(node.value, type) }));
  node.addEventListener("keydown", (event) => { if (event.key === "Escape") { node.value = shown; delete node.dataset.dirty; } });
  const update = (value, problem) => {
    node.setAttribute("aria-invalid", String(Boolean(problem)));
    shown = written(value);
    if (!problem && !node.dataset.dirty) node.value = shown;
  };
  return { node, update };
}

function tick(model, path, label, usual) {
  const node = element("input", { type: "checkbox", "data-path": path.join("/"), "aria-label": label });
  node.addEventListener("change", () => model.send({ do: "set", path, value: node.checked }));
  return { node, update: (value) => { node.checked = value ?? usual; } };
}

function choice(model, path, label, options) {
  const node = element("select", { "data-path": path.join("/"), "aria-label": label });
  node.append(...options.map((option) => element("option", { value: option.value ?? option, title: option.title }, option.label ?? option)));
  node.addEventListener("change", () => model.send({ do: "set", path, value: JSON.parse(node.dataset.json ?? "false") ? JSON.parse(node.value) : node.value }));
  return { node, update: (value) => { node.value = value; } };
}

// A list of names for a number; what is none of them is shown as the number it is.
function named(model, path, label, names, usual, described) {
  const node = element("select", { "data-path": path.join("/"), "aria-label": label, "aria-describedby": described });
  const called = (value) => Object.keys(names).find((name) => names[name] === value);
  const option = (value) => element("option", { value }, called(value) ? `${called(value)} (${value})` : String(value));
  node.append(element("option", { value: "" }, `default: ${called(usual) ?? usual}`), ...Object.values(names).map(option));
  node.addEventListener("change", () => model.send({ do: "set", path, value: node.value === "" ? null : Number(node.value) }));
  const update = (value, problem) => {
    node.setAttribute("aria-invalid", String(Boolean(problem)));
    if (problem) return; // what was refused stays above its message
    if (value != null && ![...node.options].some((each) => each.value === String(value))) node.append(option(value));
    node.value = value ?? "";
  };
  return { node, update };
}

// The fields of a distribution, each with its name.
function arguments_(model, path, value) {
  const fields = Object.keys(value).filter((name) => name !== "distribution").map((name) => [name, input(model, [...path, name], `${path.at(-1)}, ${name}`)]);
  const node = element("div", { class: "spread" }, ...fields.map(([name, field]) => element("label", {}, element("span", { class: "faint" }, name), field.node)));
  return { node, update: (now, problem) => fields.forEach(([name, field]) => field.update(now?.[name], problem)) };
}

// A list of choices with the present one, which may be none of them.
const known = (choices, now) => (!now || choices.some(({ name }) => name === now) ? choices : [...choices, { name: now }]);

// A row: name, value, unit, how the value is given, and below what it is and what the kernel has against it.
// `read` finds the value in a network; null is the default.
function row(model, path, facts, read, { distributed = true } = {}) {
  const { name, unit = "", doc = "", type = "float", bounds = "", default: usual, names: called } = facts;
  const ids = { help: unique("help"), wrong: unique("wrong") }, value = read(model.get("network"));
  const described = `${ids.help} ${ids.wrong}`, random = spread(value);
  const field = called ? named(model, path, name, called, usual, described) : type === "bool" ? tick(model, path, name, usual) : random ? arguments_(model, path, value) : input(model, path, name, facts, described);
  const wrong = element("div", { class: "wrong", role: "alert", id: ids.wrong });
  const names = (model.get("_catalogue").distributions ?? []).filter((each) => distributed === "space" || !each.spatial);
  const option = (each) => element("option", { value: each.name, title: each.doc, selected: random && value.distribution === each.name }, each.name);
  const kind = element("select", { "data-path": `${path.join("/")} kind`, "aria-label": `How ${name} is given`, title: "One value for all, or drawn at random for each",
    onchange: () => model.send({ do: "distribute", path, distribution: kind.value || null }) },
  element("option", { value: "" }, "fixed"), ...known(names, random && value.distribution).map(option));
  const help = element("div", { class: "faint help", id: ids.help }, [doc, bounds].filter(Boolean).join(" · "));
  const drawn = distributed && type === "float" && names.length;
  const node = element("div", { class: "row" }, element("span", { class: "label" }, name), field.node, element("span", { class: "faint unit" }, unit), drawn ? kind : element("span"), help, wrong);
  const update = (network, problems) => {
    const own = path.join("/"), found = Object.entries(problems).find(([key]) => key === own || key.startsWith(`${own}/`))?.[1] ?? "", now = read(network);
    wrong.textContent = found;
    node.classList.toggle("changed", now != null && facts.unchanged !== false);
    field.update(now, found);
  };
  return { node, update, random, path };
}

// A title with rows below it.
function section(title, ...rows) {
  return element("section", { role: "group", "aria-label": title }, element("h4", {}, title), ...rows);
}

// A list to choose from by typing a part of a name; `pick` gets what was chosen.
function finder(label, options, pick) {
  const search = element("input", { type: "search", placeholder: "Search", "aria-label": `Search ${label}`, autocomplete: "off" });
  const list = element("div", { class: "list", role: "group", "aria-label": label });
  const none = element("div", { class: "faint", hidden: true }, "Nothing of this name");
  const show = () => {
    const wanted = search.value.trim().toLowerCase().split(/\s+/);
    const found = options().filter(({ name, summary }) => wanted.every((part) => `${name} ${summary}`.toLowerCase().includes(part)));
    none.hidden = found.length > 0;
    list.replaceChildren(...found.map(({ name, summary }) => element("button", { type: "button", "data-model": name, onclick: () => pick(name) },
      element("strong", {}, name), element("span", { class: "faint" }, summary))));
  };
  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") list.querySelector("button")?.click();
    else if (event.key === "ArrowDown") { event.preventDefault(); list.querySelector("button")?.focus(); }
  });
  list.addEventListener("keydown", (event) => {
    const next = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!next) return;
    event.preventDefault();
    (document.activeElement[next] ?? search).focus();
  });
  return { node: element("div", { class: "finder" }, search, list, none), search, show };
}
