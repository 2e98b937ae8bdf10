// Buttons that fetch the same picture from matplotlib, for a paper or a talk.

// Hand a file to the user.
function download(name, data) {
  const address = URL.createObjectURL(new Blob([data]));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

// What was asked for by one of several views comes to all of them; only that one hands it over.
function saveButtons(model, view = unique("save")) {
  const button = (format) => element("button", { type: "button", title: `Save the picture as ${format}, drawn by matplotlib`,
    onclick: () => model.send({ do: "save", format: format.toLowerCase(), page: `${PAGE} ${view}` }) }, format);
  const hear = (content, buffers) => {
    if (!content.saved || content.page !== `${PAGE} ${view}`) return;
    download(content.saved, buffers[0]);
  };
  model.on("msg:custom", hear);
  const node = element("span", { class: "save", role: "group", "aria-label": "Save the picture" }, ...["PNG", "SVG", "PDF"].map(button));
  return { node, end: () => model.off("msg:custom", hear) };
}
