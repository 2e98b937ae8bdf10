// A network that runs while one looks at it. The kernel sends spikes as they come; this draws the last ones, and
// passes on what is pressed and turned. It decides nothing: what the kernel accepted comes back as state.

function raster(model, spikes, root) {
  return picture(root, "Spikes and rate; the table below has the numbers", 400,
    (context, size, colours) => spikes.draw(context, size, colours, model.get("_window"), model.get("_populations")));
}

// -- the whole

function render({ model, el }) {
  const view = unique("view");
  const tell = (what, more = {}) => model.send({ do: what, ...more });
  const root = element("div", { class: "nest-lab nest-lab-live", role: "region", "aria-label": `Live simulation, ${model.get("_title")}` });
  const spikes = new Spikes();
  const controls = buttons(model, tell), knobs = model.get("_knobs").map((facts) => knob(model, tell, facts));
  const read = numbers(model), plot = raster(model, spikes, root);
  root.append(controls.node, read.node, read.failure, ...knobs.map((each) => each.node), plot.canvas, read.table);
  el.append(root);

  const shown = frames(model, root, (content) => read.show(content, theme(root)), plot.redraw);
  const hear = (content, buffers) => {
    spikes.add(content, buffers, model.get("_window"));
    shown.hear(content);
  };
  model.on("msg:custom", hear);
  tell("look", { page: PAGE, view });
  return () => {
    model.off("msg:custom", hear);
    for (const part of [controls, read, plot, shown, ...knobs]) part.end();
    tell("leave", { page: PAGE, view });
  };
}

export default widget(render);
