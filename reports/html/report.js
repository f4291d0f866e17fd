"use strict";
// Draws what the result holds. Every text from outside becomes a text node or a chart's label,
// never HTML.

(() => {
  const result = JSON.parse(document.getElementById("result").textContent);
  const cells = result.npyrace.cells.map((cell, number) => ({...cell, number}));
  const byId = (id) => document.getElementById(id);
  const make = PageMap.make;
  const charts = new Map();
  const choices = {logarithmic: null, seconds: false, pageMapCell: null};

  const kAxes = ["strategy", "layout", "align_bytes", "ownership", "sync", "launcher", "cache", "writers",
                 "records", "record_bytes", "generations"];
  const varying = kAxes.filter((axis, i) => i < 2 || new Set(cells.map((cell) => cell[axis])).size > 1);
  const labelOf = (cell, without) => varying.filter((axis) => axis !== without)
    .map((axis) => axis === "writers" ? `${cell.writers} writers` : String(cell[axis])).join(", ");

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const kVerdictColours = {safe: "--safe", unsafe: "--unsafe", failed: "--unsafe", inconclusive: "--doubt",
                           skipped: "--none"};
  const kVerdictMarks = {safe: "rectRot", unsafe: "crossRot", failed: "crossRot", inconclusive: "triangle",
                         skipped: "circle"};
  const verdictColour = (cell) => colour(kVerdictColours[cell.verdict]);
  const kPhases = {open: "#4477aa", map: "#66ccee", first_touch: "#228833", write: "#ccbb44", sync: "#ee6677",
                   close: "#aa3377", collect: "#888888"};
  const kLines = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#888888"];

  const short = (value) => {
    for (const [size, suffix] of [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k"]])
      if (value >= 0.9995 * size) return Number((value / size).toPrecision(3)) + suffix;
    return String(Number(value.toPrecision(3)));
  };
  const roundOnLogAxis = (value) => /^[13]0*$|^0?\.0*[13]$/.test(String(value));

  // ---- filters -------------------------------------------------------------------------------

  const kFilters = ["strategy", "layout", "verdict"];
  const chosen = () => cells.filter((cell) =>
    kFilters.every((key) => ["", cell[key]].includes(byId(`filter-${key}`).value)));

  const fillFilters = () => {
    for (const key of kFilters)
      for (const value of new Set(cells.map((cell) => cell[key])))
        byId(`filter-${key}`).append(new Option(value, value));
  };

  const showRows = (shown) => {
    const numbers = new Set(shown.map((cell) => String(cell.number)));
    for (const row of document.querySelectorAll("[data-cell]")) row.hidden = !numbers.has(row.dataset.cell);
    byId("filter-count").textContent = `${shown.length} of ${cells.length} cells`;
  };

  // ---- charts --------------------------------------------------------------------------------

  const rowHeight = (rows, each) => `${90 + each * Math.max(1, rows)}px`;

  // On a narrow page the labels of rows would be cut: they are broken where words of a cell's name end.
  const isNarrow = () => document.documentElement.clientWidth < 700;
  const kLabelCharacters = 24;
  const labelLines = (label) => {
    if (!isNarrow()) return label;
    const lines = [];
    for (const word of label.split(", ")) {
      const last = lines.length - 1;
      if (last >= 0 && (lines[last] + ", " + word).length <= kLabelCharacters) lines[last] += ", " + word;
      else lines.push(word);
    }
    return lines;
  };
  const linesOfLabels = (labels) => Math.max(1, ...labels.map((label) => [].concat(labelLines(label)).length));
  const rowLabels = (labels) => ({autoSkip: false, callback: (value) => labelLines(labels[value])});

  const theme = () => {
    Chart.defaults.color = colour("--ink");
    Chart.defaults.borderColor = colour("--line");
    Chart.defaults.font.family = "system-ui, sans-serif";
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
  };

  const put = (id, height, config) => {
    const figure = byId(id);
    if (charts.has(id)) charts.get(id).destroy();
    charts.delete(id);
    figure.hidden = config === null;
    if (config === null) return;
    figure.querySelector(".chart").style.height = height;
    charts.set(id, new Chart(figure.querySelector("canvas"), config));
  };

  const checkbox = (figureId, words, checked, change) => {
    const label = make("label");
    const box = make("input");
    box.type = "checkbox";
    box.checked = checked;
    box.addEventListener("change", () => { change(box.checked); draw(); });
    label.append(box, " " + words);
    let row = byId(figureId).querySelector(".choices");
    if (!row) byId(figureId).prepend(row = make("div", "choices"));
    row.append(label);
  };

  const rates = (cell) => cell.seconds.map((seconds) => cell.records_per_second_of(seconds));

  const throughput = (shown) => {
    const raced = shown.filter((cell) => cell.seconds.length > 0);
    if (raced.length === 0) return null;
    const labels = raced.map((cell) => labelOf(cell));
    const colours = raced.map(verdictColour);
    const several = raced.map((cell) => cell.seconds.length > 1);
    return {
      data: {labels, datasets: [
        {type: "line", label: "median", showLine: false, pointRadius: 7, pointBorderWidth: 2,
         pointStyle: raced.map((cell) => kVerdictMarks[cell.verdict]), pointBackgroundColor: colours,
         pointBorderColor: colours, borderColor: colour("--ink"), backgroundColor: colour("--ink"),
         data: raced.map((cell, i) => ({x: cell.records_per_second, y: labels[i]}))},
        {type: "line", label: "each repetition", showLine: false, pointStyle: "circle", pointRadius: 2.5, borderColor: colour("--ink"),
         backgroundColor: colour("--ink"),
         pointBackgroundColor: colour("--ink"), pointBorderWidth: 0,
         data: raced.flatMap((cell, i) => rates(cell).map((rate) => ({x: rate, y: labels[i]})))},
        {type: "bar", label: "95 % interval", barThickness: 10, backgroundColor: colours.map((c) => c + "55"),
         data: raced.map((cell, i) => several[i] ? cell.records_per_second_interval : null)},
      ]},
      options: {
        indexAxis: "y",
        scales: {
          x: {type: choices.logarithmic ? "logarithmic" : "linear", beginAtZero: !choices.logarithmic,
              title: {display: true, text: "records per second" + (choices.logarithmic ? " (logarithmic)" : "")},
              ticks: {callback: (value) => choices.logarithmic && !roundOnLogAxis(value) ? "" : short(value),
                      maxRotation: 0, autoSkipPadding: 12}},
          y: {type: "category", labels, offset: true, ticks: rowLabels(labels)},
        },
        plugins: {
          legend: {labels: {usePointStyle: true, generateLabels: medianLegend(raced)}},
          tooltip: {callbacks: {label: (item) => tooltip(raced[labels.indexOf(item.label)] || raced[item.dataIndex], item)}},
        },
      },
    };
  };

  // Chart.js shows a line of points by the mark of its first point: here each verdict has one of its own.
  const medianLegend = (raced) => (chart) => {
    const others = Chart.defaults.plugins.legend.labels.generateLabels(chart).filter((item) => item.datasetIndex !== 0);
    const verdicts = [...new Set(raced.map((cell) => cell.verdict))];
    const medians = verdicts.map((verdict) => ({
      text: `median, ${verdict}`, datasetIndex: 0, hidden: !chart.isDatasetVisible(0), lineWidth: 2,
      pointStyle: kVerdictMarks[verdict], fontColor: colour("--ink"),
      fillStyle: colour(kVerdictColours[verdict]), strokeStyle: colour(kVerdictColours[verdict])}));
    return [...medians, ...others];
  };

  const tooltip = (cell, item) => {
    if (item.dataset.type === "bar") return `95 % interval: ${item.raw.map(short).join(" … ")} records/s`;
    const kind = item.dataset.label === "median" ? `median (${cell.verdict})` : "a repetition";
    return `${kind}: ${short(item.raw.x)} records/s`;
  };

  const phases = (shown) => {
    const raced = shown.filter((cell) => cell.seconds.length > 0);
    if (raced.length === 0) return null;
    const total = (cell) => Object.values(cell.phases).reduce((a, b) => a + b, 0) || 1;
    const value = (cell, phase) => choices.seconds ? cell.phases[phase] : 100 * cell.phases[phase] / total(cell);
    const labels = raced.map((cell) => labelOf(cell));
    return {
      type: "bar",
      data: {labels,
             datasets: Object.keys(kPhases).filter((phase) => raced.some((cell) => cell.phases[phase] > 0)).map((phase) =>
               ({label: phase.replace("_", " "), backgroundColor: kPhases[phase], stack: "time",
                 data: raced.map((cell) => value(cell, phase))}))},
      options: {
        indexAxis: "y",
        scales: {x: {stacked: true, max: choices.seconds ? undefined : 100,
                     title: {display: true, text: choices.seconds ? "seconds" : "percent of a writer's time"}},
                 y: {stacked: true, ticks: rowLabels(labels)}},
        plugins: {tooltip: {callbacks: {label: (item) =>
          `${item.dataset.label}: ${raced[item.dataIndex].phases[item.dataset.label.replace(" ", "_")].toPrecision(3)} s`}}},
      },
    };
  };

  const scaling = (shown) => {
    const lines = new Map();
    for (const cell of shown) {
      if (cell.seconds.length === 0) continue;
      const label = labelOf(cell, "writers");
      if (!lines.has(label)) lines.set(label, []);
      lines.get(label).push(cell);
    }
    const grown = [...lines].filter(([, line]) => new Set(line.map((cell) => cell.writers)).size > 1);
    if (grown.length === 0) return null;
    return {
      type: "line",
      data: {datasets: grown.map(([label, line], i) => ({
        label, borderColor: kLines[i % kLines.length], backgroundColor: kLines[i % kLines.length],
        borderDash: i < kLines.length ? [] : [6, 3],
        pointStyle: line.map((cell) => cell.verdict === "safe" ? "circle" : "crossRot"), pointRadius: 5,
        data: line.sort((a, b) => a.writers - b.writers).map((cell) => ({x: cell.writers, y: cell.records_per_second}))}))},
      options: {
        scales: {x: {type: "logarithmic", title: {display: true, text: "writers (a cross: not safe)"},
                     ticks: {callback: (value) => grown.some(([, line]) => line.some((c) => c.writers === value)) ? value : ""}},
                 y: {beginAtZero: true, title: {display: true, text: "records per second"}, ticks: {callback: short}}},
        plugins: {tooltip: {callbacks: {label: (item) => `${item.dataset.label}: ${short(item.raw.y)} records/s`}}},
      },
    };
  };

  const latencies = () => {
    const kinds = (result.npyrace.experiments || []).flatMap((experiment) =>
      experiment.latencies.map((latency) => ({label: `${experiment.name}: ${latency.name}`, ...latency})));
    if (kinds.length === 0) return null;
    // A bar of the histogram is a step: it ends with a point on the ground unless the next one follows at once.
    const steps = (latency) => latency.histogram.flatMap((bar, i, bars) => {
      const next = bars[i + 1];
      const ends = !next || next.from_seconds > bar.to_seconds * 1.001;
      return [{x: bar.from_seconds, y: 100 * bar.samples / latency.samples}, ...(ends ? [{x: bar.to_seconds, y: 0}] : [])];
    });
    return {
      type: "line",
      data: {datasets: kinds.map((latency, i) => ({
        label: latency.label, pointRadius: 0, borderColor: kLines[i % kLines.length],
        backgroundColor: kLines[i % kLines.length], borderDash: [[], [6, 3], [2, 2]][Math.floor(i / kLines.length) % 3],
        stepped: true, data: steps(latency)}))},
      options: {
        interaction: {mode: "nearest", intersect: false},
        scales: {x: {type: "logarithmic", title: {display: true, text: "seconds (logarithmic)"},
                     ticks: {callback: (value) => /^1e|^0?\.?0*10*$/.test(String(value)) ? value.toExponential() : "", maxRotation: 0}},
                 y: {beginAtZero: true, title: {display: true, text: "percent of the samples"}}},
      },
    };
  };

  const drawCharts = (shown) => {
    if (!window.Chart) return;
    theme();
    if (byId("latencies-chart")) put("latencies-chart", "26rem", latencies());
    const raced = shown.filter((cell) => cell.seconds.length > 0).length;
    const each = Math.max(26, 8 + 14 * linesOfLabels(shown.map((cell) => labelOf(cell))));
    if (byId("throughput-chart")) put("throughput-chart", rowHeight(raced, each), throughput(shown));
    if (byId("phases-chart")) put("phases-chart", rowHeight(raced, each), phases(shown));
    if (byId("scaling-chart")) put("scaling-chart", "24rem", scaling(shown));
  };

  // ---- page map ------------------------------------------------------------------------------

  const damageOf = (cell) => cell.page_map.damaged.reduce((sum, tile) => sum + tile.records, 0);

  const drawPageMap = (shown) => {
    const box = byId("page-map");
    if (!box) return;
    const mapped = shown.filter((cell) => cell.page_map);
    box.hidden = mapped.length === 0;
    if (mapped.length === 0) return;
    const worst = mapped.reduce((a, b) => damageOf(b) > damageOf(a) ? b : a);
    const cell = mapped.find((c) => c.number === choices.pageMapCell) || worst;
    const select = make("select");
    select.id = "page-map-cell";
    for (const c of mapped)
      select.append(new Option(`${c.verdict}: ${labelOf(c)}`, c.number, false, c === cell));
    select.addEventListener("change", () => { choices.pageMapCell = Number(select.value); draw(); byId("page-map-cell").focus(); });
    const label = make("label", "", "cell ");
    label.append(select);
    const map = make("div");
    PageMap.draw(map, cell);
    box.replaceChildren(label, map);
  };

  // ---- the whole -----------------------------------------------------------------------------

  const draw = () => {
    const shown = cells.length > 0 ? chosen() : [];
    showRows(shown);
    drawCharts(shown);
    drawPageMap(shown);
  };

  // A repetition's time covers the generations that were timed; each writes every record once.
  for (const cell of cells)
    cell.records_per_second_of = (seconds) =>
      cell.records * (cell.evidence.generations_timed || cell.evidence.generations || 1) / seconds;

  const spread = () => {
    const all = cells.map((cell) => cell.records_per_second).filter((rate) => rate > 0);
    return all.length > 1 ? Math.max(...all) / Math.min(...all) : 1;
  };

  const saveJson = () => {
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(result, null, 2) + "\n"], {type: "application/json"}));
    link.download = "npyrace.json";
    link.click();
    URL.revokeObjectURL(link.href);
  };

  // A table that is wider than the page would hide its last columns: then each row becomes a few lines in which
  // every value has its title before it.
  const fitTables = () => {
    for (const box of document.querySelectorAll(".wide")) {
      box.classList.remove("stacked");
      if (box.scrollWidth <= box.clientWidth + 1) continue;
      const titles = [...box.querySelectorAll("thead th")].map((title) => title.textContent);
      for (const row of box.querySelectorAll("tbody tr"))
        [...row.children].forEach((field, i) => { field.dataset.title = titles[i]; });
      box.classList.add("stacked");
    }
  };

  const openAll = () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    for (const chart of charts.values()) chart.resize();
  };

  const start = () => {
    if (cells.length > 0) {
      choices.logarithmic = spread() > 20;
      fillFilters();
      byId("filters").hidden = false;
      for (const key of kFilters) byId(`filter-${key}`).addEventListener("change", draw);
      byId("save-json").addEventListener("click", saveJson);
      if (window.Chart && byId("throughput-chart"))
        checkbox("throughput-chart", "logarithmic scale", choices.logarithmic, (on) => { choices.logarithmic = on; });
      if (window.Chart && byId("phases-chart"))
        checkbox("phases-chart", "seconds instead of shares", false, (on) => { choices.seconds = on; });
    }
    draw();
    fitTables();
    addEventListener("resize", fitTables);
    document.addEventListener("toggle", fitTables, true);  // what is closed has no width
    for (const query of ["(prefers-color-scheme: dark)", "(max-width: 699px)"])
      matchMedia(query).addEventListener("change", draw);
    addEventListener("beforeprint", openAll);
  };

  start();
})();
