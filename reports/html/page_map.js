"use strict";
// The file of one cell as tiles of whole pages. Colour tells who shares a tile and where records
// were damaged; a cross says it without colour; words about the tile under the pointer stand below.

const PageMap = (() => {
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const tilesOf = (cell) => {
    const damaged = new Map(cell.page_map.damaged.map((d) => [d.tile, d.records]));
    const tiles = [];
    for (const run of cell.page_map.owners)
      for (let i = 0; i < run.tiles; ++i)
        tiles.push({number: tiles.length, writers: run.writers, more: run.more_writers,
                    damaged: damaged.get(tiles.length) || 0});
    return tiles;
  };

  const kindOf = (tile) =>
    tile.damaged ? "damaged" : tile.writers.length > 1 ? "shared" : tile.writers.length ? "one" : "";

  const startOf = (e) => e.damage && e.damage.length ? e.damage[0][0] : e.offset;

  const placeOf = (e) =>
    !e.region || e.region === "record" ? `record ${e.record} of writer ${e.writer}` : e.region;

  const examplesIn = (cell, from, to) =>
    cell.examples.filter((e) => startOf(e) >= from && startOf(e) < to).map((e) =>
      `${e.class}: ${placeOf(e)}: expected ${e.expected}, found ${e.found}` +
      (e.overwritten_by.length ? `; perhaps overwritten by writer ${e.overwritten_by.join(" or ")}` : ""));

  const wordsOf = (cell, tile) => {
    const size = cell.page_map.tile_bytes;
    const from = tile.number * size;
    const to = Math.min(from + size, cell.file_bytes);
    const who = tile.writers.length === 0 ? "nobody's"
      : `written by ${tile.writers.length === 1 ? "writer" : "writers"} ${tile.writers.join(", ")}` +
        (tile.more ? " and others" : "");
    const damage = tile.damaged ? `${tile.damaged} damaged records, over all generations` : "no record damaged";
    return [`bytes ${from} to ${to - 1}: ${who}: ${damage}`, ...examplesIn(cell, from, to)].join("\n");
  };

  const legend = () => {
    const list = make("div", "legend");
    for (const [kind, words] of [["one", "one writer's"], ["shared", "shared by writers, all records whole"],
                                 ["damaged", "records damaged"], ["", "nobody's"]]) {
      const item = make("span");
      const tile = make("span", `tile ${kind}`, kind === "damaged" ? "×" : "");
      tile.style.setProperty("--heat", "50%");
      item.append(tile, words);
      list.append(item);
    }
    return list;
  };

  const tileButton = (cell, tile, most, words) => {
    const button = make("button", `tile ${kindOf(tile)}`, tile.damaged ? "×" : "");
    button.type = "button";
    button.tabIndex = tile.number === 0 ? 0 : -1;
    button.style.setProperty("--heat", `${Math.round(100 * tile.damaged / Math.max(1, most))}%`);
    button.title = wordsOf(cell, tile);
    button.setAttribute("aria-label", button.title);
    const tell = () => { words.textContent = button.title; };
    button.addEventListener("mouseenter", tell);
    button.addEventListener("focus", tell);
    return button;
  };

  // One tab stop for the whole map; arrows go from tile to tile.
  const arrows = (grid) => grid.addEventListener("keydown", (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    const next = step && event.target[step > 0 ? "nextElementSibling" : "previousElementSibling"];
    if (!next) return;
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  const draw = (box, cell) => {
    const tiles = tilesOf(cell);
    const most = Math.max(0, ...tiles.map((tile) => tile.damaged));
    const hit = tiles.filter((tile) => tile.damaged).length;
    const shared = tiles.filter((tile) => tile.writers.length > 1).length;
    const words = make("p", "", `${tiles.length} tiles of ${cell.page_map.tile_bytes} bytes: ${shared} shared by ` +
      `writers, ${hit} with damaged records. Point at one to see who writes there.`);
    words.id = "tile-words";
    words.setAttribute("aria-live", "polite");
    const grid = make("div", "tiles");
    grid.setAttribute("role", "group");
    grid.setAttribute("aria-label", "The file from its start to its end");
    grid.append(...tiles.map((tile) => tileButton(cell, tile, most, words)));
    arrows(grid);
    box.replaceChildren(legend(), grid, words);
  };

  return {draw, tilesOf, make};
})();
