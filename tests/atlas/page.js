"use strict";
// Filters the tables of the atlas, and turns each verdict into a button that opens its evidence.

(() => {
  const rows = new Map(JSON.parse(document.getElementById("rows").textContent).map((row) => [row.key, row]));
  const form = document.getElementById("filters");
  const verdicts = document.getElementById("verdicts");

  const make = (tag, text = "", attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  const percent = (share) => `${Math.round(100 * share)} %`;

  // The row's own commands, with this way and layout only.
  const cellCommand = (row, way, layout) => row.commands[0]
    .replace(/--strategies \S+/, `--strategies ${way}`).replace(/--layouts \S+/, `--layouts ${layout}`)
    .replace(/'mmap [^']*'/, `'${way}'`);

  // A long command wraps between words, not after the dashes of an option.
  const code = (text) => {
    const words = make("code");
    words.append(...text.split(" ").flatMap((word, i) => i ? [" ", make("span", word)] : [make("span", word)]));
    const block = make("pre");
    block.append(words);
    return block;
  };

  const probeWords = (probe) => !probe ? ["not asked", "–"]
    : [probe.words, probe.refused ? `refused: ${probe.refused}` : `records lost: ${probe.lost}, tries: ${probe.tries}`];

  const agreement = {yes: "yes", no: "no: it DISAGREES", "": "nothing to compare"};

  const evidenceTable = (row, way, layout) => {
    const titles = ["cache", "verdict", "why", "trials", "chance to miss a loss in 1000 trials", "probe",
                    "probe's result", "agrees"];
    const table = make("table");
    table.append(make("caption", "Evidence"));
    const head = table.createTHead().insertRow();
    titles.forEach((title) => head.append(make("th", title, {scope: "col"})));
    const body = table.createTBody();
    for (const cell of row.cells.filter((one) => one.strategy === way && one.layout === layout)) {
      const line = body.insertRow();
      line.append(make("th", cell.cache, {scope: "row", "data-title": titles[0]}));
      const values = [cell.verdict, cell.reason, cell.trials, percent(cell.chance_to_miss), ...probeWords(cell.probe),
                      agreement[cell.agrees]];
      values.forEach((value, i) => line.append(make("td", value, {"data-title": titles[i + 1]})));
    }
    const box = make("div", "", {class: "wide"});
    box.append(table);
    return box;
  };

  const facts = (row) => {
    const list = make("dl");
    const add = (name, value) => { if (value) list.append(make("dt", name), make("dd", value)); };
    add("documented promise", `${row.promise} (${row.source})`);
    add("consistency level seen", row.passport && row.passport.named);
    add("mounted as", row.fs_type && `${row.fs_type}: ${row.mount_options.replaceAll(",", ", ")}`);
    add("measured",
        `${row.date}, ${row.kernel} (${row.where}), npyrace ${row.npyrace}` + (row.by ? `, by ${row.by}` : ""));
    return list;
  };

  const commands = (row, way, layout) => {
    const words = ["This cell (N1 and N2 stand for the directories of two nodes, STORE for that of the server's own data):",
                   cellCommand(row, way, layout)];
    if (!row.by) words.push("The whole row, with its file system and the probe, in a clone of npyrace:",
                            `tests/atlas/atlas --only ${row.key}`);
    return words.map((text, i) => i % 2 ? code(text) : make("p", text));
  };

  const close = (line) => {
    const open = line.querySelector("button[aria-expanded=true]");
    if (!open) return null;
    line.nextElementSibling.remove();
    open.setAttribute("aria-expanded", "false");
    open.removeAttribute("aria-controls");
    return open;
  };

  const shownFields = (line) => [...line.children].filter((one) => !one.hidden).length;

  const closeButton = (line) => {
    const button = make("button", "Close", {type: "button"});
    button.addEventListener("click", () => close(line).focus());
    return button;
  };

  const open = (button) => {
    const field = button.parentElement;
    const line = field.parentElement;
    const row = rows.get(line.dataset.key);
    const {way, layout} = field.dataset;
    close(line);
    const id = `evidence-of-${row.key}`;
    const panel = make("section", "", {id, "aria-labelledby": `${id}-title`});
    const title = make("h3", button.getAttribute("aria-label"), {id: `${id}-title`, tabindex: "-1"});
    panel.append(title, evidenceTable(row, way, layout), facts(row), ...commands(row, way, layout),
                 make("a", "Link to this cell", {href: `#${row.key}/${way}/${layout}`}), " ", closeButton(line));
    panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(line).focus(); });
    const holder = make("td", "", {colspan: shownFields(line)});
    holder.append(panel);
    const under = make("tr", "", {class: "opened"});
    under.append(holder);
    line.after(under);
    button.setAttribute("aria-expanded", "true");
    button.setAttribute("aria-controls", id);
    fitTables();
    title.focus();
  };

  for (const field of verdicts.querySelectorAll("td.verdict")) {
    const row = rows.get(field.parentElement.dataset.key);
    const name = [row.file_system, row.options, field.dataset.way, field.dataset.layout].join(", ");
    const button = make("button", field.textContent,
                        {type: "button", "aria-expanded": "false", "aria-label": `${field.textContent}: ${name}`});
    button.addEventListener("click", () =>
      button.getAttribute("aria-expanded") === "true" ? close(field.parentElement) : open(button));
    field.replaceChildren(button);
  }

  const choice = (name) => form.querySelector(`[data-filter=${name}]`).value;

  const filter = () => {
    const [system, way, options] = ["file_system", "way", "options"].map(choice);
    for (const field of document.querySelectorAll("[data-way]")) field.hidden = way && field.dataset.way !== way;
    for (const line of document.querySelectorAll("tr[data-key]")) {
      line.hidden = (system && line.dataset.file_system !== system) || (options && line.dataset.options !== options);
      const opened = line.querySelector("button[aria-expanded=true]");
      if (!opened) continue;
      if (line.hidden || opened.parentElement.hidden) close(line);
      else line.nextElementSibling.firstElementChild.colSpan = shownFields(line);
    }
    for (const head of verdicts.querySelectorAll(".group"))
      head.colSpan = verdicts.querySelectorAll("thead [data-way]:not([hidden])").length / 2;
    const lines = [...verdicts.querySelectorAll("tr[data-key]")];
    form.querySelector("output").textContent = `${lines.filter((line) => !line.hidden).length} of ${lines.length} rows`;
    fitTables();
  };

  // A table that is wider than the window becomes a list of its fields, each after the title of its column.
  const fitTables = () => {
    for (const box of document.querySelectorAll(".wide")) {
      box.classList.remove("stacked");
      box.classList.toggle("stacked", box.scrollWidth > box.clientWidth + 1);
    }
  };

  // The address of a cell: #KEY/WAY/LAYOUT.
  const openLinked = () => {
    const [key, way, layout] = decodeURIComponent(location.hash.slice(1)).split("/");
    const line = layout && [...verdicts.querySelectorAll("tr[data-key]")].find((one) => one.dataset.key === key);
    const field = line && [...line.children].find((one) => one.dataset.way === way && one.dataset.layout === layout);
    if (!field) return;
    form.reset();
    filter();
    open(field.firstElementChild);
  };

  form.hidden = false;
  form.addEventListener("change", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("resize", fitTables);
  addEventListener("hashchange", openLinked);
  filter();
  openLinked();
})();
