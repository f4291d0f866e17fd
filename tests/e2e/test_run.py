"""Tests `npyrace run`: its output, result file and exit codes."""

import json
import re

import jsonschema
from program import MOST_WRITERS, SCHEMA, FolderTest, main, run, small


class Run(FolderTest):
    def check_result(self, result):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        jsonschema.validate(result, SCHEMA)
        names = {b["run_name"] for b in result["benchmarks"]}
        for cell in result["npyrace"]["cells"]:
            self.assertIn(cell["name"], names)

    def test_every_strategy_layout_ownership_and_launcher_is_safe_here(self):
        outcome, result = self.race(
            *small(generations=6, repetitions=1), "--strategies",
            "mmap,mmap-window,pwrite,pwrite-batch", "--layouts",
            "packed,padded-record,padded-block", "--ownership", "block,cyclic,random", "--launcher",
            "process,thread")
        self.assertEqual(outcome.code, 0, outcome)
        self.check_result(result)
        cells = result["npyrace"]["cells"]
        self.assertEqual(len(cells), 4 * 3 * 3 * 2)
        # On a busy machine the writers of a small cell may not overlap; such cells are inconclusive and must be rare.
        self.assertGreater(sum(c["verdict"] == "safe" for c in cells), 0.9 * len(cells))
        for cell in cells:
            evidence = cell["evidence"]
            tried = cell["layout"] != "packed" or evidence["trials"] >= 5
            met = evidence["overlapped_share"] > 0 and tried
            self.assertEqual(cell["verdict"], "safe" if met else "inconclusive", cell)
            self.assertEqual(cell["evidence"]["records_checked"], 512 * 6)
            self.assertEqual(sum(cell["anomalies"].values()), 0)
            shared = cell["evidence"]["units_shared_by_writers"]
            self.assertEqual(shared == 0, cell["layout"] != "packed", cell)
            self.assertGreater(len(cell["evidence"]["read_paths"]), 1)
        self.assertEqual(self.race_files(), [])

    def test_the_result_says_what_its_time_went_to(self):
        result = self.folder / "r.json"
        outcome = run("run", "--dir", self.folder, "--strategies", "pwrite", "--repetitions", 1, "--json", result)
        self.assertEqual(outcome.code, 0, outcome)
        seconds = json.loads(result.read_text())["npyrace"]["run_seconds"]
        total = seconds.pop("total")
        self.assertAlmostEqual(sum(seconds.values()), total)
        for part in ["races", "checks", "starts", "reference"]:
            self.assertGreater(seconds[part], 0, part)

    def test_read_modify_write_loses_records_on_any_file_system(self):
        """Reading a unit, changing it and writing it back undoes another writer's change in between."""
        for _ in range(5):
            outcome, result = self.race(
                "--strategies", "read-modify-write,read-modify-write-lock", "--layouts",
                "packed,padded-block", "--records", 8192, "--generations", 20, "--repetitions", 2)
            self.check_result(result)
            verdicts = {(c["strategy"], c["layout"]): c["verdict"] for c in result["npyrace"]["cells"]}
            naive = verdicts.pop(("read-modify-write", "packed"))
            self.assertLessEqual(set(verdicts.values()), {"safe", "inconclusive"}, outcome)
            if naive == "unsafe":
                break
        self.assertEqual((naive, outcome.code), ("unsafe", 1), outcome)
        (cell,) = [c for c in result["npyrace"]["cells"] if c["verdict"] == "unsafe"]
        self.assertEqual(cell["attribution"]["unexplained"], 0, cell)
        # A loss by this strategy does not contradict what is expected of the file system.
        self.assertEqual(len(result["npyrace"]["contradictions"]), 0, outcome)

    def test_other_strategies_with_mappings_and_syncs_are_safe(self):
        outcome, result = self.race(
            *small(records=2048, generations=4), "--strategies",
            "mmap-populate,mmap-msync-page,mmap-lock,pwrite-rwf-dsync,osync", "--layouts",
            "packed,padded-record,padded-block", "--sync", "end,every:100")
        self.assertEqual(outcome.code, 0, outcome)
        self.check_result(result)
        for cell in result["npyrace"]["cells"]:
            self.assertIn(cell["verdict"], ("safe", "inconclusive", "skipped"), cell)
            self.assertEqual(sum(cell["anomalies"].values()), 0, cell)

    def test_every_sync_policy_is_safe(self):
        outcome, result = self.race(*small(records=64), "--strategies", "mmap,pwrite",
                                    "--layouts", "packed", "--sync", "none,end,every:3,record")
        self.assertEqual(outcome.code, 0, outcome)
        self.check_result(result)
        self.assertEqual({c["sync"] for c in result["npyrace"]["cells"]},
                         {"none", "end", "every:3", "record"})

    def test_records_of_every_size_are_safe(self):
        for record in [["--record-bytes", 1], ["--record-bytes", 7], ["--record-bytes", 4099],
                       ["--descr", "<f4"], ["--descr", "[('a', '<i4'), ('', '|V4'), ('b', '<f8')]"]]:
            with self.subTest(record=record):
                outcome, result = self.race(*small(), *record)
                self.assertEqual(outcome.code, 0, outcome)
                self.check_result(result)

    def test_rows_of_a_matrix_are_records(self):
        outcome, result = self.race("--shape", "64,1000", "--descr", "<f8", "--generations", 2,
                                    "--repetitions", 1)
        self.assertEqual(outcome.code, 0, outcome)
        for cell in result["npyrace"]["cells"]:
            self.assertEqual((cell["records"], cell["record_bytes"]), (64, 8000))

    def test_alignments_larger_than_the_header_are_safe(self):
        outcome, result = self.race("--records", 40, "--generations", 2, "--repetitions", 1,
                                    "--layouts", "padded-record,padded-block", "--align",
                                    "64,512,8k,64k,1M", "--strategies", "mmap,pwrite")
        self.assertEqual(outcome.code, 0, outcome)
        for cell in result["npyrace"]["cells"]:
            self.assertIn(cell["verdict"], ("safe", "inconclusive"), cell)
            self.assertEqual(sum(cell["anomalies"].values()), 0)
            self.assertEqual(cell["evidence"]["units_shared_by_writers"], 0)

    def test_seconds_and_rates_agree_with_google_benchmark(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed")
        (cell,) = result["npyrace"]["cells"]
        rows = [b for b in result["benchmarks"]
                if b["run_name"] == cell["name"] and b["run_type"] == "iteration"]
        self.assertEqual(len(rows), 2)
        self.assertEqual(len(cell["seconds"]), 2)
        in_benchmark = sorted(row["real_time"] * 1e-9 for row in rows)
        for seconds, other in zip(sorted(cell["seconds"]), in_benchmark):
            self.assertAlmostEqual(seconds, other, delta=1e-6 * other)
        for row in rows:
            # One of the two generations is synchronized and not timed.
            self.assertAlmostEqual(row["items_per_second"] * row["real_time"] * 1e-9, 512,
                                   delta=0.01)
        self.assertIn("executable", result["context"])
        self.assertEqual(result["context"]["executable"], "npyrace")

    def test_the_environment_cannot_change_the_run(self):
        # Google Benchmark reads flags from the environment as well.
        env = {"BENCHMARK_OUT": str(self.folder / "stray.json"), "BENCHMARK_FILTER": "nothing",
               "BENCHMARK_REPETITIONS": "7", "BENCHMARK_LIST_TESTS": "true"}
        outcome, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed", env=env)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(len(result["npyrace"]["cells"][0]["seconds"]), 2)
        self.assertFalse((self.folder / "stray.json").exists())

    def test_one_writer_or_nothing_shared_is_inconclusive(self):
        for options, word in [(["--writers", 1], "--writers"),
                              (["--ownership", "block", "--align", 64], "--ownership cyclic")]:
            outcome, result = self.race(*small(records=256), "--strategies", "mmap", "--layouts",
                                        "packed", *options)
            if options[0] == "--ownership":
                # Blocks of 64 records of 16 bytes begin at byte 128, so writers share no unit of 64 bytes.
                self.assertEqual(
                    result["npyrace"]["cells"][0]["evidence"]["units_shared_by_writers"], 0)
            self.assertEqual(outcome.code, 0, outcome)
            self.assertEqual(result["npyrace"]["cells"][0]["verdict"], "inconclusive")
            self.assertIn(word, result["npyrace"]["cells"][0]["reason"])
            self.assertTrue(outcome.out.splitlines()[-1].startswith("inconclusive"), outcome)
            self.assertEqual(result["npyrace"]["recommendation"]["cell"], "")

    def test_two_names_of_one_mount_are_not_two_nodes(self):
        outcome = run("run", *small(), "--strategies", "mmap", "--layouts", "packed", "--dir",
                      f"{self.folder},{self.folder}/.", "--json", "-")
        self.assertEqual(outcome.code, 0, outcome)
        (cell,) = json.loads(outcome.out)["npyrace"]["cells"]
        self.assertEqual(cell["verdict"], "inconclusive")
        self.assertIn("one page cache", cell["reason"])
        self.assertEqual(cell["evidence"]["units_shared_by_mounts"], 0)
        self.assertIn(f"pread@{self.folder}/.", cell["evidence"]["read_paths"])

    def test_the_table_fits_80_columns_and_has_no_colour_in_a_pipe(self):
        outcome = run("run", *small(), "--dir", self.folder)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(outcome.err, "")
        self.assertNotIn("\033", outcome.out)
        for line in outcome.out.splitlines():
            if str(self.folder) not in line and "NumPy:" not in line:
                self.assertLessEqual(len(line), 80, line)
        self.assertRegex(outcome.out, r"(?s)Recommendation: \S+, \S+.*safe")
        self.assertRegex(outcome.out, r"seed\s+\d+")

    def test_json_on_standard_output_is_the_only_output(self):
        outcome = run("run", *small(), "--strategies", "pwrite", "--dir", self.folder, "--json", "-")
        self.check_result(json.loads(outcome.out))

    def test_no_two_races_of_a_run_have_the_same_stamps(self):
        outcome, _ = self.race(*small(), "--strategies", "mmap,pwrite", "--layouts", "packed", "--keep")
        self.assertEqual(outcome.code, 0, outcome)
        sidecars = list(self.folder.glob("npyrace-kept-*.json"))
        self.assertEqual(len(sidecars), 4)
        seeds = {json.loads(path.read_text())["stamp_seed"] for path in sidecars}
        self.assertEqual(len(seeds), 4)

    def test_labels_and_seed_are_kept(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--seed", 42, "--label", "commit=abc",
                              "--label", "note=\"<b>\"")
        self.assertEqual(result["npyrace"]["seed"], 42)
        self.assertEqual(result["npyrace"]["labels"], {"commit": "abc", "note": "\"<b>\""})

    def test_a_scenario_may_follow_a_list_option(self):
        for options in (["--dir", self.folder], ["--strategies", "pwrite", "--dir", self.folder], ["--writers", "2,3"]):
            outcome = run("run", *options, "no-scenario", cwd=self.folder)
            self.assert_one_line(outcome, 2, "no-scenario")

    def test_cells_that_several_scenarios_share_are_raced_once(self):
        outcome, result = self.race("quick", "page-sharing", "--records", 256, "--generations", 2,
                                    "--repetitions", 1)
        self.assertEqual(outcome.code, 0, outcome)
        names = [c["name"] for c in result["npyrace"]["cells"]]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(result["npyrace"]["scenarios"], ["quick", "page-sharing"])

    def test_hundreds_of_writers_are_safe(self):
        outcome, result = self.race("timing-log", "--writers", min(200, MOST_WRITERS), "--records", 8000,
                                    "--repetitions", 1)
        self.assertEqual(outcome.code, 0, outcome)
        for cell in result["npyrace"]["cells"]:
            self.assertEqual(cell["evidence"]["records_checked"], 8000)

    def test_quiet_prints_nothing_and_verbose_a_line_per_repetition(self):
        options = [*small(), "--strategies", "pwrite", "--layouts", "packed", "--dir", self.folder]
        outcome = run("run", *options, "--quiet", "--json", self.folder / "result.json")
        self.assertEqual((outcome.code, outcome.out, outcome.err), (0, "", ""))
        self.assertTrue((self.folder / "result.json").exists())
        outcome = run("run", *options, "--verbose")
        lines = outcome.err.splitlines()
        self.assertEqual(len(lines), 2, outcome)
        for number, line in enumerate(lines, 1):
            self.assertRegex(line, rf"^\[{number}/2\] pwrite, packed: \S+ s, \S+ ?[kMG]? records/s$")
        self.assertIn("Recommendation", outcome.out)
        self.assert_one_line(run("run", *options, "--quiet", "--verbose"), 2, "--quiet")

    def test_the_progress_line_is_for_terminals_only(self):
        import pty
        import subprocess
        import os
        from program import PROGRAM
        master, slave = pty.openpty()
        done = subprocess.Popen([PROGRAM, "run", *map(str, small()), "--strategies", "pwrite",
                                 "--dir", str(self.folder)], stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        done.communicate()
        os.close(master)
        self.assertTrue(re.search(rb"\[ *\d+/\d+\] pwrite, packed", shown), shown)


if __name__ == "__main__":
    main()
