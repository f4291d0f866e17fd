"""Strategies in which one writer writes or collects for all, and cells that mix strategies."""

import json
import os
import pathlib
import signal
import subprocess
import time

from program import PROGRAM, SLOWER, FolderTest, main, run, small

COLLECTED = ["collector", "file-per-writer", "file-per-writer-reflink"]


def workers_of(parent):
    """Process ids of the workers by the number of their writer."""
    found = {}
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            status = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if b"--first-writer" in words and int(status[1]) == parent:
            found[int(words[words.index(b"--first-writer") + 1])] = int(folder.name)
    return found


class Together(FolderTest):
    def test_collected_single_and_local_are_safe_under_either_launcher(self):
        outcome, result = self.race(
            "--strategies", ",".join([*COLLECTED, "single", "local-then-copy"]), "--layouts",
            "packed,padded-block,padded-record", "--ownership", "block", "--launcher",
            "process,thread", "--writers", 5, *small(4096, 3))
        self.assertEqual(outcome.code, 0, outcome)
        for cell in result["npyrace"]["cells"]:
            if cell["verdict"] == "skipped":
                self.assertEqual((cell["strategy"], cell["layout"]),
                                 ("file-per-writer-reflink", "padded-record"), cell)
                continue
            alone = cell["strategy"] != "local-then-copy"
            self.assertIn(cell["verdict"], ("safe",) if alone else ("safe", "inconclusive"), cell)
            self.assertEqual(cell["phases"]["collect"] > 0, cell["strategy"] in COLLECTED, cell)
            if alone:
                self.assertIn("one writer writes the file", cell["reason"])
                # Units that hold records of two writers, collected by one.
                self.assertGreater(cell["evidence"]["trials"], 0, cell)
        self.assertEqual(self.race_files(), [])

    def kill_one(self, victim, strategy):
        report = self.folder / "result.json"
        child = subprocess.Popen(
            [PROGRAM, "run", "--dir", self.folder, "--strategies", strategy, "--layouts",
             "packed", "--records", "200000", "--generations", "60", "--repetitions", "1", "--json",
             report], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while victim not in (found := workers_of(child.pid)):
            self.assertIsNone(child.poll())
            time.sleep(0.01)
        time.sleep(0.3)
        os.kill(found[victim], signal.SIGKILL)
        child.communicate(timeout=SLOWER * 120)
        (cell,) = json.loads(report.read_text())["npyrace"]["cells"]
        return child.returncode, cell

    def test_if_one_writer_dies_the_others_are_collected_and_nothing_is_lost(self):
        for strategy in ["collector", "file-per-writer"]:
            with self.subTest(strategy=strategy):
                code, cell = self.kill_one(2, strategy)
                self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
                self.assertIn("writer 2: killed by signal 9", cell["reason"])
                self.assertEqual(code, 0, cell)
                self.assertEqual(self.race_files(), [])

    def test_if_the_collector_dies_the_run_ends_and_earlier_generations_stay(self):
        for strategy in ["collector", "file-per-writer"]:
            with self.subTest(strategy=strategy):
                code, cell = self.kill_one(0, strategy)
                self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
                self.assertIn("writer 0: killed by signal 9", cell["reason"])
                self.assertEqual((code, cell["verdict"]), (3, "failed"), cell)
                self.assertEqual(self.race_files(), [])

    def test_independent_jobs_cannot_use_collecting_strategies(self):
        array = self.folder / "a.npy"
        run("create", array, "--records", 10, "--writers", 2)
        for strategy in ["single", "file-per-writer"]:
            self.assert_one_line(run("write", array, "--worker", "0/2", "--strategy", strategy), 2,
                                 "npyrace run")
        self.assert_one_line(run("write", array, "--worker", "0/2", "--strategy", "direct"), 2,
                             "choose a padded layout")

    def test_local_then_copy_needs_a_directory(self):
        outcome = run("run", "--dir", self.folder, "--strategies", "local-then-copy", "--local",
                      self.folder / "none", *small())
        self.assert_one_line(outcome, 3, "none")


class Mixtures(FolderTest):
    def test_a_mix_of_strategies_is_one_cell(self):
        outcome, result = self.race("--mix", "mmap,pwrite", "--layouts", "packed",
                                    *small(8192, 4, 1))
        self.assertEqual(outcome.code, 0, outcome)
        (cell,) = [c for c in result["npyrace"]["cells"] if "+" in c["strategy"]]
        self.assertTrue(cell["name"].startswith("mmap+pwrite/packed/"), cell)
        self.assertGreater(cell["phases"]["map"], 0, cell)

    def test_strategies_that_cannot_be_mixed_are_refused(self):
        for mix, words in [("mmap", "two strategies"), ("mmap,single", "cannot be mixed"),
                           ("mmap,pwrit", "'pwrite'")]:
            self.assert_one_line(run("run", "--dir", self.folder, "--mix", mix), 2, words)


if __name__ == "__main__":
    main()
