// Spikes of a whole run.

function render({ model, el }) {
  const root = element("div", { class: "nest-lab nest-lab-raster", role: "region", "aria-label": "Raster of spikes" });
  const save = saveButtons(model), spikes = lookAtSpikes(model, root, [save.node]);
  root.append(...spikes.nodes);
  el.append(root);
  model.send({ do: "look" });
  return () => { spikes.end(); save.end(); };
}

export default widget(render);
