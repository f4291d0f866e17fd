"""The HTML report in a browser: numbers, charts and maps agree with the result, and strings of a result cannot inject
script into the page."""

import json
import os
import sys
import unittest

from browser import CHROMIUM, HAS_CHART_JS, look, print_to_pdf
from program import TEST_SKIPPED, FolderTest, main, run, small

CHART_DATA = """
const chart = (id) => {
  const canvas = document.querySelector(`#${id} canvas`);
  const drawn = canvas && Chart.getChart(canvas);
  return drawn && {labels: drawn.data.labels, type: drawn.options.scales.x.type,
    sets: drawn.data.datasets.map((set) => ({label: set.label, data: set.data}))};
};
const table = (id) => [...document.querySelectorAll(`#${id} table tbody tr`)].filter((row) => !row.hidden).map((row) =>
  ({cell: row.dataset.cell, values: [...row.querySelectorAll("[data-value]")].map((f) => Number(f.dataset.value))}));
"""


needs_charts = unittest.skipUnless(HAS_CHART_JS, "npyrace was built without Chart.js")


class Page(FolderTest):
    """One result for all tests: two nodes of a lab in which packed mmap loses records, with several numbers of writers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = {}

    def page_of(self, result, name):
        path = self.folder / (name + ".json")
        path.write_text(json.dumps(result))
        outcome = run("report", path, "--html", "--output", self.folder / (name + ".html"))
        self.assertEqual(outcome.code, 0, outcome)
        return self.folder / (name + ".html")

    def result(self):
        """The result has an unsafe cell if a lab can run here; otherwise all cells are safe and pages show no damage."""
        if "result" not in self.made:
            lab = ["--lab", "nfs"] if os.access("/dev/fuse", os.R_OK | os.W_OK) else ["--dir", self.folder]
            out = self.folder / "made.json"
            outcome = run("run", "quick", *lab, *small(records=4096, generations=2, repetitions=3),
                          "--strategies", "mmap,pwrite", "--cache", "as-is", "--writers", "2,4",
                          "--json", out, timeout=300)
            self.assertEqual(outcome.code, 1 if lab[0] == "--lab" else 0, outcome)
            self.made["result"] = json.loads(out.read_text())
        return self.made["result"]

    def cells(self):
        return self.result()["npyrace"]["cells"]

    def look(self, probe, **others):
        seen = look(self.page_of(self.result(), "page"), CHART_DATA + probe, **others)
        self.assertEqual(seen.trouble, [])
        self.assertEqual(seen.console, [])
        return seen.value

    def test_the_page_fetches_nothing_and_has_no_errors(self):
        loaded = self.look("return performance.getEntriesByType('resource').map((e) => e.name);")
        self.assertEqual(loaded, [])

    def test_numbers_in_tables_are_those_of_the_result(self):
        rows = self.look("return table('throughput');")
        self.assertEqual([row["cell"] for row in rows], [str(i) for i in range(len(self.cells()))])
        for row, cell in zip(rows, self.cells()):
            self.assertEqual(row["values"], [cell["records_per_second"], len(cell["seconds"])])
        phases = self.look("return table('phases');")
        for row, cell in zip(phases, self.cells()):
            self.assertEqual(row["values"], [cell["phases"][p] for p in
                                             ("open", "map", "first_touch", "write", "sync", "close", "collect")])

    @needs_charts
    def test_numbers_in_charts_are_those_of_the_result(self):
        chart = self.look("return chart('throughput-chart');")
        sets = {s["label"]: s["data"] for s in chart["sets"]}
        self.assertEqual([p["x"] for p in sets["median"]], [c["records_per_second"] for c in self.cells()])
        self.assertEqual(sets["95 % interval"], [c["records_per_second_interval"] for c in self.cells()])
        points = [p["x"] for p in sets["each repetition"]]
        expected = [c["records"] * c["evidence"]["generations_timed"] / s for c in self.cells() for s in c["seconds"]]
        self.assertEqual(len(points), len(expected))
        for point, value in zip(points, expected):
            self.assertAlmostEqual(point / value, 1, places=9)
        # The median of the drawn points must be the median in the result.
        for i, cell in enumerate(self.cells()):
            own = sorted(points[3 * i:3 * i + 3])
            self.assertAlmostEqual(own[1] / cell["records_per_second"], 1, places=9)

    @needs_charts
    def test_phases_are_shares_that_add_up(self):
        chart = self.look("return chart('phases-chart');")
        for i in range(len(self.cells())):
            self.assertAlmostEqual(sum(s["data"][i] for s in chart["sets"]), 100, places=6)

    @needs_charts
    def test_the_scaling_chart_has_a_line_per_strategy(self):
        chart = self.look("return chart('scaling-chart');")
        self.assertEqual(len(chart["sets"]), len({(c["strategy"], c["layout"]) for c in self.cells()}))
        for line in chart["sets"]:
            self.assertEqual([p["x"] for p in line["data"]], [2, 4])
        drawn = sorted(p["y"] for line in chart["sets"] for p in line["data"])
        self.assertEqual(drawn, sorted(c["records_per_second"] for c in self.cells()))

    def test_the_page_map_shows_lost_records_and_their_writers(self):
        seen = self.look("""
            const tiles = [...document.querySelectorAll("#page-map .tiles .tile")];
            const hit = tiles.filter((tile) => tile.classList.contains("damaged"));
            if (hit.length) hit[0].dispatchEvent(new Event("mouseenter"));
            return {cell: Number(document.getElementById("page-map-cell").value), tiles: tiles.length, hit: hit.length,
                    marks: hit.every((tile) => tile.textContent === "×"),
                    words: document.getElementById("tile-words").textContent};""")
        cell = self.cells()[seen["cell"]]
        page_map = cell["page_map"]
        damage = [sum(d["records"] for d in c["page_map"]["damaged"]) for c in self.cells()]
        self.assertEqual(sum(d["records"] for d in page_map["damaged"]), max(damage), "the worst cell comes first")
        self.assertEqual(seen["tiles"], sum(run["tiles"] for run in page_map["owners"]))
        self.assertEqual(seen["tiles"], -(-cell["file_bytes"] // page_map["tile_bytes"]))
        self.assertEqual(seen["hit"], len(page_map["damaged"]))
        if cell["verdict"] == "unsafe":
            first = page_map["damaged"][0]
            writers = ", ".join(map(str, page_map["owners"][0]["writers"]))
            self.assertIn(f"written by writers {writers}: {first['records']} damaged records", seen["words"])
            self.assertIn(f"record {cell['examples'][0]['record']} of writer", seen["words"])
            self.assertTrue(seen["marks"])

    def test_filters_choose_rows_charts_and_maps(self):
        seen = self.look("""
            const strategy = document.getElementById("filter-strategy");
            strategy.value = "pwrite";
            strategy.dispatchEvent(new Event("change"));
            return {rows: table("throughput").map((row) => Number(row.cell)), count: document.getElementById("filter-count").textContent,
                    charted: window.Chart ? chart("throughput-chart").labels.length : null,
                    maps: [...document.getElementById("page-map-cell").options].map((option) => Number(option.value))};""")
        chosen = [i for i, cell in enumerate(self.cells()) if cell["strategy"] == "pwrite"]
        self.assertEqual(seen["rows"], chosen)
        self.assertEqual(seen["maps"], chosen)
        self.assertEqual(seen["count"], f"{len(chosen)} of {len(self.cells())} cells")
        self.assertIn(seen["charted"], (None, len(chosen)))

    def test_dark_mode_and_narrow_windows_work(self):
        luminance = """
            const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
            return {light: r + g + b, wide: document.documentElement.scrollWidth, window: innerWidth};"""
        self.assertGreater(self.look(luminance)["light"], 600)
        self.assertLess(self.look(luminance, dark=True)["light"], 200)
        narrow = self.look(luminance, width=500)
        self.assertLessEqual(narrow["wide"], narrow["window"])

    def test_no_table_column_is_outside_the_page(self):
        for width in (1100, 800, 500):
            seen = self.look("""
                document.querySelectorAll("details").forEach((d) => { d.open = true; });
                dispatchEvent(new Event("resize"));
                return [...document.querySelectorAll(".wide")].map((box) => ({caption: box.querySelector("caption").textContent, wider: box.scrollWidth - box.clientWidth,
                  stacked: box.classList.contains("stacked"),
                  titled: [...box.querySelectorAll("tbody tr > *")].every((f) => f.dataset.title)}));""", width=width)
            self.assertTrue(seen)
            for table in seen:
                with self.subTest(width=width, table=table["caption"]):
                    self.assertLessEqual(table["wider"], 1)
                    self.assertTrue(table["titled"] or not table["stacked"], table)

    @needs_charts
    def test_the_legend_has_a_mark_for_each_verdict(self):
        legend = self.look("""return Chart.getChart(document.querySelector("#throughput-chart canvas")).legend.legendItems
            .map((item) => [item.text, item.pointStyle]);""")
        marks = {"safe": "rectRot", "unsafe": "crossRot"}
        for verdict in {c["verdict"] for c in self.cells()}:
            self.assertIn([f"median, {verdict}", marks[verdict]], legend)
        self.assertNotIn("median", [text for text, _ in legend])

    def test_the_explanation_of_the_first_unsafe_cell_is_open(self):
        opened = self.look('return [...document.querySelectorAll("#cells details.cell[open]")].map((d) => d.dataset.cell);')
        unsafe = [str(i) for i, c in enumerate(self.cells()) if c["verdict"] == "unsafe"]
        self.assertEqual(opened, unsafe[:1])

    def test_every_chart_is_also_a_table(self):
        lonely = self.look("""
            return [...document.querySelectorAll("canvas, #page-map")].filter((drawing) =>
              !drawing.closest("section").querySelector("table")).map((drawing) => drawing.parentElement.parentElement.id);""")
        self.assertEqual(lonely, [])

    def test_the_page_can_be_printed(self):
        pdf = print_to_pdf(self.page_of(self.result(), "page"), self.folder / "page.pdf")
        self.assertEqual(pdf[:5], b"%PDF-")

    def test_the_advised_program_can_be_copied_from_the_page(self):
        recipe = self.result()["npyrace"]["recommendation"]["recipe"]
        names = [script["name"] for script in recipe]  # a padded layout also has a script for reading
        self.assertIn(names, (["create.py", "job.py"], ["create.py", "job.py", "read.py"]))
        shown = self.look("""
            return [...document.querySelectorAll("#advice details")].map((d) =>
              ({name: d.querySelector("summary").textContent, text: d.querySelector("code").textContent}));""")
        self.assertEqual(shown, recipe)

    def test_hostile_strings_in_a_result_are_not_executed(self):
        evil = "</script><script>window.owned = 1</script><img src=x onerror='window.owned = 2'>\"><svg onload=owned=3>"
        text = json.dumps(self.result())
        result = json.loads(text)
        own = result["npyrace"]
        own["labels"] = {evil: evil}
        own["scenarios"] = [evil]
        own["contradictions"] = [evil]
        own["environment"]["mounts"][0]["dir"] = evil
        own["environment"].pop("lab", None)
        own["recommendation"].update(cell=evil, why=evil, numpy=evil, ties=[evil], missing=[evil],
                                     recipe=[{"name": evil, "text": evil + "\n" + evil}])
        for cell in own["cells"]:
            cell.update(name=evil, reason=evil, layout=evil, strategy=evil)
            for example in cell["examples"]:
                example.update(expected=evil, found=evil)
        seen = look(self.page_of(result, "evil"), """
            const tile = document.querySelector("#page-map .damaged");
            if (tile) tile.dispatchEvent(new Event("mouseenter"));
            return {owned: window.owned || 0, foreign: document.querySelectorAll("main img, main svg, main script").length,
                    shown: document.body.textContent.includes("window.owned = 2")};""")
        self.assertEqual(seen.value, {"owned": 0, "foreign": 0, "shown": True})
        self.assertEqual(seen.trouble, [])
        self.assertEqual(seen.console, [])

    def test_results_of_verify_and_semantics_become_pages(self):
        array = self.folder / "a.npy"
        run("create", array, "--records", 100, "--seed", 1)
        run("verify", array, "--html", self.folder / "verify.html")
        run("run", "semantics", "--repetitions", 1, "--dir", self.folder, "--html", self.folder / "passport.html")
        for name, words in (("verify.html", "inconclusive"), ("passport.html", "Consistency passport")):
            seen = look(self.folder / name, "return document.body.innerText;")
            self.assertEqual(seen.trouble + seen.console, [], name)
            self.assertIn(words, seen.value)

    def test_experiments_and_their_latencies(self):
        out = self.folder / "touch.json"
        page = self.folder / "touch.html"
        outcome = run("run", "first-touch,create-race", "--dir", self.folder, "--json", out, "--html", page)
        self.assertEqual(outcome.code, 1, outcome)  # mode w+ loses
        experiments = json.loads(out.read_text())["npyrace"]["experiments"]
        latencies = [latency for one in experiments for latency in one["latencies"]]
        seen = look(page, CHART_DATA + """
            return {rows: table("latencies"), chart: window.Chart ? chart("latencies-chart") : null,
                    headline: document.querySelector(".headline").textContent};""")
        self.assertEqual(seen.trouble + seen.console, [])
        self.assertEqual([row["values"] for row in seen.value["rows"]],
                         [[one["samples"], one["p50_seconds"], one["p90_seconds"], one["p99_seconds"],
                           one["max_seconds"]] for one in latencies])
        unsafe = sum(one.get("verdict") == "unsafe" for one in experiments)
        self.assertIn(f"unsafe: {unsafe} of ", seen.value["headline"])
        if HAS_CHART_JS:
            for line, latency in zip(seen.value["chart"]["sets"], latencies, strict=True):
                self.assertAlmostEqual(sum(point["y"] for point in line["data"]), 100, places=6)
                self.assertEqual(line["data"][0]["x"], latency["histogram"][0]["from_seconds"])

    def test_the_result_can_be_saved_from_the_page(self):
        embedded = self.look("return JSON.parse(document.getElementById('result').textContent);")
        self.assertEqual(embedded, self.result())


if __name__ == "__main__":
    if not CHROMIUM:
        print("skipped: no chromium (Debian: chromium)")
        sys.exit(TEST_SKIPPED)
    main()
