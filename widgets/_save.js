// Buttons that fetch the same picture from matplotlib, for a paper or a talk.

function saveButtons(model) {
  const button = (format) => element("button", { type: "button", title: `Save the picture as ${format}, drawn by matplotlib`,
    onclick: () => model.send({ do: "save", format: format.toLowerCase() }) }, format);
  const hear = (content, buffers) => {
    if (!content.saved) return;
    const address = URL.createObjectURL(new Blob([buffers[0]]));
    const link = element("a", { href: address, download: content.saved });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };
  model.on("msg:custom", hear);
  const node = element("span", { class: "save", role: "group", "aria-label": "Save the picture" }, ...["PNG", "SVG", "PDF"].map(button));
  return { node, end: () => model.off("msg:custom", hear) };
}
