"""docs/atlas.html in a browser: cells agree with atlas.json, filters choose rows, a cell opens its evidence and a
command that npyrace accepts, and nobody needs colours, a mouse or a wide window."""

import copy
import json
import shlex
import sys

import findings
import page
import ways
from browser import CHROMIUM, look
from program import SOURCE, TEST_SKIPPED, FolderTest, main, run

ROWS = [row for row in json.loads((SOURCE / "docs/atlas.json").read_text())["rows"] if row["status"] == "measured"]
FIND = """
const line = (key) => [...document.querySelectorAll("#verdicts tr[data-key]")].find((one) => one.dataset.key === key);
const button = (key, way, layout) => [...line(key).children]
  .find((one) => one.dataset.way === way && one.dataset.layout === layout).querySelector("button");
const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.getClientRects().length > 0);
const keys = (selector) => shown(selector + " tr[data-key]").map((one) => one.dataset.key);
const choose = (name, value) => {
  const list = document.querySelector(`[data-filter=${name}]`);
  list.value = value;
  list.dispatchEvent(new Event("change", {bubbles: true}));
};
const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
const luminance = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((c) => c / 255)
    .map((c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const behind = (one) => { const colour = getComputedStyle(one).backgroundColor;
  return colour.startsWith("rgba") && colour.endsWith(" 0)") ? behind(one.parentElement) : colour; };
const contrast = (one) => {
  const both = [luminance(getComputedStyle(one).color), luminance(behind(one))].sort((a, b) => b - a);
  return (both[0] + .05) / (both[1] + .05);
};
"""


class Page(FolderTest):
    def look(self, probe, text=None, **others):
        path = self.folder / "atlas.html"
        path.write_text(text or (SOURCE / "docs/atlas.html").read_text())
        seen = look(path, FIND + probe, **others)
        self.assertEqual((seen.trouble, seen.console), ([], []))
        return seen.value

    def test_it_fetches_nothing(self):
        self.assertEqual(self.look("return performance.getEntriesByType('resource').map((one) => one.name);"), [])

    def test_every_cell_has_the_verdicts_of_the_atlas(self):
        cells = self.look("""return [...document.querySelectorAll("#verdicts td.verdict")].map((one) =>
            [one.parentElement.dataset.key, one.dataset.way, one.dataset.layout, one.textContent]);""")
        self.assertEqual(len(cells), 10 * len(ROWS))
        rows = {row["key"]: row for row in ROWS}
        for key, way, layout, text in cells:
            words = findings.shown_by_cache(rows[key], way, layout)
            for cache, word in words.items():
                with self.subTest(key=key, way=way, layout=layout, cache=cache):
                    self.assertIn(word if len(set(words.values())) == 1 else f"{word} {cache}", text)

    def test_filters_choose_rows_and_columns_of_all_tables(self):
        seen = self.look("""
            choose("file_system", "NFS 4.2");
            choose("options", "noac");
            choose("way", "pwrite");
            const found = {rows: keys("#verdicts"), promises: keys("#promises"), made: keys("#made"),
              ways: shown("#verdicts [data-way]").map((one) => one.dataset.way),
              said: document.querySelector("output").textContent,
              spans: shown("#verdicts .group").map((one) => one.colSpan)};
            choose("way", "");
            return {...found, buttons: shown("#verdicts td.verdict").length};""")
        self.assertEqual((seen["rows"], seen["promises"], seen["made"]), (["nfs-4.2+noac"],) * 3)
        self.assertEqual((set(seen["ways"]), seen["spans"], seen["buttons"]), ({"pwrite"}, [1, 1], 10))
        self.assertEqual(seen["said"], f"1 of {len(ROWS)} rows")

    def test_a_cell_opens_its_evidence_and_closes_again(self):
        (row,) = [one for one in ROWS if one["key"] == "nfs-4.2"]
        seen = self.look("""
            const first = button("nfs-4.2", "pwrite-wronly", "packed");
            const before = first.getAttribute("aria-expanded");
            first.focus();
            first.click();
            const panel = document.getElementById(first.getAttribute("aria-controls"));
            const found = {before, open: first.getAttribute("aria-expanded"), text: panel.innerText,
              code: [...panel.querySelectorAll("code")].map((one) => one.textContent),
              named: first.getAttribute("aria-label"), titled: document.getElementById(panel.getAttribute("aria-labelledby")) === document.activeElement,
              link: panel.querySelector("a").getAttribute("href")};
            button("nfs-4.2", "mmap", "packed").click();
            const moved = [first.getAttribute("aria-expanded"), document.querySelectorAll("tr.opened").length];
            press("Escape");
            return {...found, moved, left: document.querySelectorAll("tr.opened").length,
              back: document.activeElement === button("nfs-4.2", "mmap", "packed")};""")
        self.assertEqual((seen["before"], seen["open"], seen["moved"], seen["left"]),
                         ("false", "true", ["false", 1], 0))
        self.assertTrue(seen["titled"] and seen["back"])
        self.assertEqual(seen["named"], "safe cold, unsafe warm: NFS 4.2, default, pwrite-wronly, packed")
        self.assertEqual(seen["link"], "#nfs-4.2/pwrite-wronly/packed")
        for cell in row["cells"]:
            if (cell["strategy"], cell["layout"]) == ("pwrite-wronly", "packed"):
                for word in (cell["cache"], cell["verdict"], cell["reason"], cell["trials"], cell["probe"]["words"],
                             f"records lost: {cell['probe']['lost']}"):
                    self.assertIn(str(word), seen["text"])
        self.assertIn(row["kernel"], seen["text"])
        self.assertIn("tests/atlas/atlas --only nfs-4.2", seen["code"])

    def test_the_command_of_a_cell_is_one_that_npyrace_accepts(self):
        """For every kind of row; only the directories are replaced."""
        for row in ROWS:
            if row["key"] not in ("ext4", "lab-nfs", "nfs-3", "ocfs2", "ocfs2+jobs"):
                continue
            with self.subTest(row["key"]):
                code = self.look(f"""const opener = button("{row["key"]}", "pwrite", "padded-block");
                    opener.click();
                    return document.querySelector("tr.opened code").textContent;""")
                words = shlex.split(code.replace(",", " "))
                self.assertEqual([strategy for strategy in ways.STRATEGIES if strategy in words], ["pwrite"])
                if row["key"] in ("ext4", "lab-nfs"):
                    done = run(*shlex.split(code.replace("STORE", str(self.folder)))[1:], "--dry-run")
                    self.assertEqual(done.code, 0, done)
                    self.assertIn("pwrite/padded-block", done.out)

    def test_the_address_of_a_cell_opens_it_even_if_a_filter_hides_it(self):
        seen = self.look("""
            choose("file_system", "ext4");
            location.hash = "#glusterfs+kernel-writeback-cache=yes/mmap/packed";
            dispatchEvent(new HashChangeEvent("hashchange"));
            const linked = button("glusterfs+kernel-writeback-cache=yes", "mmap", "packed");
            return [linked.getAttribute("aria-expanded"), keys("#verdicts").length];""")
        self.assertEqual(seen, ["true", len(ROWS)])

    def test_a_screen_reader_gets_tables_headings_and_names(self):
        seen = self.look("""
            button("ext4", "mmap", "packed").click();
            const all = (selector) => [...document.querySelectorAll(selector)];
            return {captions: all("table").filter((one) => !one.caption || !one.caption.textContent).length,
              scopes: all("th").filter((one) => !one.scope).length,
              levels: all("h1, h2, h3").map((one) => Number(one.tagName[1])),
              labels: all("select").filter((one) => one.labels.length !== 1).length,
              regions: all("section").filter((one) => !document.getElementById(one.getAttribute("aria-labelledby"))).length,
              skip: document.querySelector("body a").getAttribute("href"), main: all("main").length,
              language: document.documentElement.lang,
              twice: all("[id]").length - new Set(all("[id]").map((one) => one.id)).size};""")
        self.assertEqual(seen["levels"][0], 1)
        self.assertTrue(all(b - a <= 1 for a, b in zip(seen["levels"], seen["levels"][1:])), seen["levels"])
        del seen["levels"]
        self.assertEqual(seen, {"captions": 0, "scopes": 0, "labels": 0, "regions": 0, "skip": "#verdicts", "main": 1,
                                "language": "en", "twice": 0})

    def test_the_focus_is_visible_and_text_has_contrast_in_both_schemes(self):
        probe = """
            button("nfs-4.2", "mmap", "packed").click();
            const texts = shown("td.verdict button, .note, output, .opened td, .opened dt, .opened dd, .opened h3, "
              + ".headline, caption, th, code");
            const poor = texts.filter((one) => contrast(one) < 4.5).map((one) => [one.textContent, contrast(one)]);
            const rings = [...document.querySelectorAll("a, button, select, [tabindex]:not(section)")].filter((one) => {
              one.focus();
              return document.activeElement === one && getComputedStyle(one).outlineStyle === "none";
            });
            return {poor, rings: rings.map((one) => one.outerHTML), light: luminance(behind(document.body)) > .5};"""
        for dark in (False, True):
            self.assertEqual(self.look(probe, dark=dark), {"poor": [], "rings": [], "light": not dark})

    def test_nothing_is_outside_a_narrow_window(self):
        for width in (1300, 800, 500):
            seen = self.look("""
                button("nfs-4.2", "mmap", "packed").click();
                const all = (selector) => [...document.querySelectorAll(selector)];
                return {wider: document.documentElement.scrollWidth - innerWidth,
                  tables: all(".wide").map((box) => box.scrollWidth - box.clientWidth),
                  stacked: all("#verdicts .stacked").length > 0,
                  untitled: all(".stacked tr[data-key] > *").filter((one) => !one.dataset.title).length};""", width=width)
            with self.subTest(width=width):
                self.assertLessEqual(max(seen["wider"], *seen["tables"]), 1)
                self.assertEqual((seen["stacked"], seen["untitled"]), (width < 1300, 0))

    def test_without_a_script_the_tables_are_there(self):
        text = (SOURCE / "docs/atlas.html").read_text()
        self.assertEqual(text.count("<td class=\"verdict"), 10 * len(ROWS))
        self.assertIn('<form id="filters" hidden', text)

    def test_a_broken_promise_and_rows_of_others_that_differ_are_headlines(self):
        rows = copy.deepcopy(ROWS)
        (ocfs2,) = [row for row in rows if row["key"] == "ocfs2"]
        (theirs,) = [copy.deepcopy(row) for row in rows if row["key"] == "nfs-3"]
        theirs.update(key="nfs-3-by-x", by="Example HPC")
        for row, strategy, verdict in ((ocfs2, "mmap", "unsafe"), (theirs, "pwrite", "safe")):
            for cell in row["cells"]:
                if (cell["strategy"], cell["layout"]) == (strategy, "packed"):
                    cell["verdict"] = verdict
                    cell.pop("probe")
        seen = self.look("""
            const heads = [...document.querySelectorAll(".headline")].map((one) => [one.className, one.textContent]);
            return {heads, ours: button("nfs-3", "pwrite", "packed").textContent,
            theirs: button("nfs-3-by-x", "pwrite", "packed").textContent,
            by: line("nfs-3-by-x").querySelector("th").textContent, same: button("nfs-3", "mmap", "packed").textContent,
            asked: (button("nfs-3-by-x", "pwrite", "packed").click(), document.querySelector(".opened").innerText)};""",
                         page.page([*rows, theirs]))
        (first, *others) = seen["heads"]
        self.assertEqual(first[0], "headline unsafe")
        self.assertRegex(first[1], "^Contradicted: OCFS2 promises .* records were lost")
        differ = [text for _, text in others if text.startswith("Measured differently: pwrite, packed")]
        self.assertEqual(len(differ), 2)
        self.assertIn("others measured differently", seen["ours"])
        self.assertIn("others measured differently", seen["theirs"])
        self.assertEqual(seen["same"], "unsafe")
        self.assertIn("measured by Example HPC", seen["by"])
        self.assertIn("not asked", seen["asked"])
        self.assertNotIn("tests/atlas/atlas --only", seen["asked"])

    def test_words_of_others_are_text(self):
        evil = "</script><img src=x onerror='window.owned = 1'><b>&amp;"
        (row,) = [copy.deepcopy(row) for row in ROWS if row["key"] == "nfs-3"]
        row.update(by=evil, file_system=evil, options=evil, promise=evil, source=evil, kernel=evil, commands=[evil])
        for cell in row["cells"]:
            cell["reason"] = evil
        seen = self.look("""button("nfs-3", "mmap", "packed").click();
            return {owned: window.owned || 0, foreign: document.querySelectorAll("img, b").length,
              shown: document.querySelector(".opened").textContent.split("window.owned = 1").length};""",
                         page.page([row]))
        self.assertEqual((seen["owned"], seen["foreign"]), (0, 0))
        self.assertGreater(seen["shown"], 5)


if __name__ == "__main__":
    if not CHROMIUM:
        print("skipped: no chromium (Debian: chromium)")
        sys.exit(TEST_SKIPPED)
    main()
