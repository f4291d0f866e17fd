"""Two nodes on one machine: scenarios quick and granularity must give the same verdicts for the lab's models every
time. NPYRACE_TEST_TIMES=10 runs them ten times, two models with all of quick; the default is once, a part of it."""

import json
import os
import sys

from program import TEST_SKIPPED, FolderTest, main, run

TIMES = int(os.environ.get("NPYRACE_TEST_TIMES", "1"))
ENOUGH_TRIALS = 4603  # a loss once in 1000 trials is then missed with a probability below 1 %
PAGE = os.sysconf("SC_PAGESIZE")

# model -> the packed strategies that lose records, by cache state. All others and all padded cells are safe.
ALWAYS = ("as-is", "warm")
LOSERS = {
    "nfs": {"mmap": ALWAYS, "pwrite": ALWAYS, "pwrite-batch": ALWAYS, "pwrite-wronly": ("warm",)},
    "pages": {"mmap": ALWAYS, "pwrite": ALWAYS, "pwrite-batch": ALWAYS, "pwrite-wronly": ALWAYS,
              "pwrite-dsync": ALWAYS, "pwrite-lock": ALWAYS},
    "session": {"mmap": ALWAYS},
    "commit": {"mmap": ALWAYS},
    "eventual": {"mmap": ALWAYS},
}
# The node that created the file may still cache the page of the header. Whether a write-only descriptor loses
# records there depends on timing.
EITHER = {("nfs", "pwrite-wronly", "as-is")}


class TwoNodes(FolderTest):
    def race_in_lab(self, model, *options):
        report = self.folder / "result.json"
        outcome = run("run", *options, "--lab", model, "--json", report, timeout=600)
        self.assertEqual(outcome.code, 1, outcome)
        return json.loads(report.read_text())["npyrace"], outcome

    def check_cell(self, model, cell):
        losers = LOSERS[model]
        if cell["layout"] == "packed" and (model, cell["strategy"], cell["cache"]) in EITHER:
            self.assertIn(cell["verdict"], ("safe", "unsafe", "inconclusive"), cell)
            return True
        loses = cell["layout"] == "packed" and cell["cache"] in losers.get(cell["strategy"], ())
        evidence = cell["evidence"]
        if cell["layout"] == "packed":
            # This holds on a busy machine, too: in synchronized generations writers contend for every shared unit.
            held = evidence["generations"] // 2 * len(cell["seconds"])
            self.assertGreaterEqual(evidence["trials"], held * 17, cell)
        self.assertEqual(cell["verdict"], "unsafe" if loses else "safe", cell)
        # If one writer collects all files, no unit of the array is shared.
        shares = cell["layout"] == "packed" and cell["strategy"] != "file-per-writer"
        self.assertEqual(evidence["units_shared_by_mounts"] > 0, shares, cell)
        self.assertGreater(evidence["overlap_seconds"], 0, cell)
        if not loses:
            self.assertNotIn("attribution", cell)
            return True
        attribution = cell["attribution"]
        self.assertEqual(attribution["unexplained"], 0, cell)
        # 0 if the padded cell gave no answer.
        self.assertIn(attribution["separating_bytes"], (0, PAGE), cell)
        self.assertLessEqual(attribution["at_least_bytes"], PAGE, cell)
        for example in cell["examples"]:
            if example["class"] in ("lost", "hole"):
                others = {1 - example["writer"] % 2, 3 - example["writer"] % 2}
                self.assertLessEqual(set(example["overwritten_by"]), others, example)
        return True

    def check_raced_further(self, cell):
        """All of quick goes on racing a cell whose time was too short to show a rare loss."""
        evidence = cell["evidence"]
        planned = evidence["generations"] * len(cell["seconds"]) * evidence["units_shared_by_mounts"]
        if planned < ENOUGH_TRIALS:
            self.assertGreater(evidence["trials"], planned, cell)

    def check_quick(self, model, *options):
        result, outcome = self.race_in_lab(model, "quick", *options)
        answered = [self.check_cell(model, cell) for cell in result["cells"]]
        self.assertGreater(sum(answered), 0.8 * len(answered), outcome)
        best = result["recommendation"]["cell"]
        self.assertIn(best, [c["name"] for c in result["cells"] if c["verdict"] == "safe"])
        separated = [c["attribution"]["separating_bytes"] for c in result["cells"]
                     if "attribution" in c]
        self.assertIn(PAGE, separated, outcome)
        kept = [c for c in result["cells"] if c["layout"] == "packed" and c["verdict"] == "safe"]
        self.assertIn("power: ", outcome.out)  # some cell is safe in every model
        if not options:
            for cell in kept:
                if cell["strategy"] != "file-per-writer":
                    self.check_raced_further(cell)

    def test_quick_finds_the_strategies_that_lose(self):
        part = ["--repetitions", 1, "--generations", 3, "--records", 4096]
        for model in LOSERS:
            for attempt in range(TIMES):
                # All of quick races up to six minutes: twice is enough for it.
                whole = TIMES > 1 and model in ("nfs", "session") and attempt < 2
                with self.subTest(model=model, attempt=attempt):
                    self.check_quick(model, *([] if whole else part))

    def test_granularity_finds_the_page(self):
        sweep = [] if TIMES > 1 else ["--repetitions", 1, "--generations", 3, "--records", 256, "--align",
                                      f"512,{PAGE // 2},{PAGE},{2 * PAGE}"]
        for attempt in range(TIMES):
            with self.subTest(attempt=attempt):
                result, outcome = self.race_in_lab("nfs", "granularity", *sweep)
                found = {s["strategy"]: s for s in result["separations"]}
                for strategy in ("mmap", "pwrite"):
                    self.assertEqual(found[strategy]["safe_from_bytes"], PAGE, outcome)
                    self.assertEqual(found[strategy]["unsafe_up_to_bytes"], PAGE // 2, outcome)
                    self.assertFalse(found[strategy]["packed_safe"])
                    self.assertIn(f"alignment: {strategy}: unsafe up to {PAGE // 2} bytes, "
                                  f"safe from {PAGE} on", outcome.out)

    def test_one_node_needs_no_alignment(self):
        outcome, result = self.race("granularity", "--repetitions", 1, "--generations", 8)
        self.assertEqual(outcome.code, 0, outcome)
        for separation in result["npyrace"]["separations"]:
            self.assertEqual(separation["unsafe_up_to_bytes"], 0, separation)


if __name__ == "__main__":
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("skipped: no /dev/fuse, so no lab")
        sys.exit(TEST_SKIPPED)
    main()
