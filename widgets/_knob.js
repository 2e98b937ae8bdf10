// Slider, number, unit and help of one control. A value is sent at most twenty times a second; what the kernel has is
// shown when the user has let go for a moment.
function knob(model, tell, facts) {
  const { name, unit, doc, low, high, step } = facts;
  const ids = { slider: unique("slider"), help: unique("help"), wrong: unique("wrong") };
  const described = `${ids.help} ${ids.wrong}`;
  const slider = element("input", { type: "range", id: ids.slider, min: low, max: high, step: "any", "aria-describedby": described });
  const number = element("input", { type: "text", inputmode: "decimal", "aria-label": `${name}, as a number`, "aria-describedby": described });
  const wrong = element("div", { class: "wrong", id: ids.wrong, role: "alert" });
  let timer = null, wanted = null, touched = 0, settle = null;

  const show = () => {
    clearTimeout(settle);
    const left = 400 - (performance.now() - touched);
    if (left > 0) { settle = setTimeout(show, left); return; }
    const value = model.get("values")[name];
    if (value === undefined) return; // other knobs take the place of these
    slider.value = value;
    // What was refused stays in the field above its message, and what somebody types is not overwritten.
    const kept = model.get("_errors")[name] || document.activeElement === number;
    if (!kept || number.value === "") number.value = String(Number(value.toPrecision(6)));
    slider.setAttribute("aria-valuetext", `${text(value, Math.max(2, Math.ceil(-Math.log10(step))))} ${unit}`.trim());
  };
  const complain = () => {
    wrong.textContent = model.get("_errors")[name] ?? "";
    number.setAttribute("aria-invalid", wrong.textContent !== "");
    show();
  };
  const send = (value) => {
    touched = performance.now();
    wanted = value;
    if (timer) return;
    tell("set", { name, value });
    timer = setTimeout(() => { timer = null; if (wanted !== value) send(wanted); }, 50);
  };
  slider.addEventListener("input", () => {
    const round = Number((Math.round(Number(slider.value) / step) * step).toPrecision(12)); // of numbers of any size
    const value = Math.min(Math.max(round, low), high);
    number.value = String(Number(value.toPrecision(6)));
    send(value);
  });
  // The arrow keys move by a fiftieth of the range, Page Up and Page Down by a tenth.
  slider.addEventListener("keydown", (event) => {
    const size = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5 }[event.key];
    if (!size) return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has uses of its own for them
    const value = Math.min(Math.max(Number(slider.value) + size * Math.max(step, (high - low) / 50), low), high);
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
  });
  const typed = () => {
    const given = number.value.trim();
    touched = 0;
    tell("set", { name, value: given === "" || isNaN(given) ? given : Number(given) });
  };
  number.addEventListener("change", typed);
  number.addEventListener("keydown", (event) => event.stopPropagation());

  model.on("change:values", show);
  model.on("change:_errors", complain);
  show();
  complain();
  const node = element("div", { class: "knob" }, element("label", { for: ids.slider }, name), slider, number,
    element("span", { class: "faint", id: ids.help }, [unit, doc].filter(Boolean).join(" · ")), wrong);
  return { node, end: () => { model.off("change:values", show); model.off("change:_errors", complain); clearTimeout(settle); clearTimeout(timer); } };
}
