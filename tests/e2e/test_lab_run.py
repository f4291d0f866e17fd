"""Races in a lab: each model's verdicts, real NumPy, and file systems that refuse things."""

import json
import os
import pathlib
import re
import resource
import shlex
import signal
import subprocess
import sys
import time

from program import MOST_WRITERS, PROGRAM, SANITIZED, SOURCE, TEST_SKIPPED, FolderTest, main, run, small

MATRIX = ["--strategies", "mmap,pwrite", "--layouts", "packed,padded-block", "--ownership", "cyclic",
          *small(records=2048, generations=3, repetitions=2)]

# Per model the verdict of packed mmap and of packed pwrite. Padded layouts are always safe.
VERDICTS = {
    "commit": ("unsafe", "safe"),
    "session": ("unsafe", "safe"),
    "eventual": ("unsafe", "safe"),
    "nfs": ("unsafe", "unsafe"),
    "pages": ("unsafe", "unsafe"),
}


def verdicts(result):
    return {(c["strategy"], c["layout"]): c["verdict"] for c in result["npyrace"]["cells"]}


class Lab(FolderTest):
    def race_in_lab(self, model, *options):
        report = self.folder / "result.json"
        outcome = run("run", "--lab", model, "--json", report, *options)
        return outcome, json.loads(report.read_text()) if report.exists() else None

    def race_below(self, lab_options, *options):
        """A race on node 1 of a lab with faults."""
        report = self.folder / "result.json"
        outcome = run("lab", *lab_options, "--", PROGRAM, "run", "--dir", "{n1}", "--json", report,
                      *options)
        return outcome, json.loads(report.read_text()) if report.exists() else None

    def test_every_model_gets_its_verdicts(self):
        for model, (mmap_packed, pwrite_packed) in VERDICTS.items():
            with self.subTest(model=model):
                outcome, result = self.race_in_lab(model, *MATRIX)
                self.assertEqual(outcome.code, 1, outcome)
                self.assertEqual(verdicts(result), {
                    ("mmap", "packed"): mmap_packed, ("pwrite", "packed"): pwrite_packed,
                    ("mmap", "padded-block"): "safe", ("pwrite", "padded-block"): "safe"}, outcome)
                self.assertEqual(result["npyrace"]["environment"]["lab"], model)
                for cell in result["npyrace"]["cells"]:
                    shared = cell["evidence"]["units_shared_by_mounts"]
                    self.assertEqual(shared > 0, cell["layout"] == "packed")
                    for example in cell["examples"]:
                        self.assertEqual(example["unit_writers"], [0, 1, 2, 3])
                        self.assertIn(example["class"], ("lost", "hole", "stale"))

    def test_nfs_losses_depend_on_open_mode_and_cached_pages(self):
        outcome, result = self.race_in_lab(
            "nfs", "--strategies", "pwrite,pwrite-wronly,pwrite-dsync,pwrite-lock", "--layouts",
            "packed", "--cache", "cold,warm", *small(records=1024, generations=3))
        self.assertEqual(outcome.code, 1, outcome)
        cells = result["npyrace"]["cells"]
        self.assertEqual({(c["strategy"], c["cache"]): c["verdict"] for c in cells}, {
            ("pwrite", "cold"): "unsafe", ("pwrite", "warm"): "unsafe",
            ("pwrite-wronly", "cold"): "safe", ("pwrite-wronly", "warm"): "unsafe",
            ("pwrite-dsync", "cold"): "safe", ("pwrite-dsync", "warm"): "safe",
            ("pwrite-lock", "cold"): "safe", ("pwrite-lock", "warm"): "safe"}, outcome)
        self.assertNotIn("pwrite-wronly", result["npyrace"]["recommendation"]["cell"])

    def test_direct_io_of_whole_units_is_safe_and_buffered_streams_lose(self):
        strategies = ["pwritev", "io-uring", "stdio", "direct"]
        for model in ["nfs", "pages"]:
            with self.subTest(model=model):
                _, result = self.race_in_lab(
                    model, "--strategies", ",".join(strategies), "--layouts",
                    "packed,padded-block,padded-record", "--cache", "as-is", "--ownership", "cyclic",
                    *small(records=1024, generations=3))
                found = verdicts(result)
                for strategy in strategies:
                    packed = "skipped" if strategy == "direct" else "unsafe"
                    self.assertEqual(found[strategy, "packed"], packed, result)
                    self.assertEqual(found[strategy, "padded-block"], "safe", result)
                    self.assertEqual(found[strategy, "padded-record"], "safe", result)
                (skipped,) = [c for c in result["npyrace"]["cells"] if c["verdict"] == "skipped"]
                self.assertIn("choose a padded layout", skipped["reason"])

    def test_a_strategy_safe_only_with_a_cold_cache_is_named_so(self):
        _, result = self.race_in_lab("nfs", "--strategies", "pwrite-wronly", "--layouts", "packed",
                                     "--cache", "cold,warm", *small(records=1024, generations=3))
        why = result["npyrace"]["recommendation"]["why"]
        self.assertIn("only while no process on that node reads the file", why)
        self.assertIn("cache:warm lost records", why)

    def test_caches_can_be_dropped_in_model_strong(self):
        outcome, result = self.race_in_lab("strong", *MATRIX, "--cache", "cold,warm")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(set(verdicts(result).values()), {"inconclusive"}, outcome)

    def test_model_strong_is_reported_as_one_page_cache(self):
        outcome, result = self.race_in_lab("strong", *MATRIX)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(set(verdicts(result).values()), {"inconclusive"})
        self.assertIn("one page cache", result["npyrace"]["cells"][0]["reason"])

    def test_real_numpy_loses_records_packed_and_keeps_them_padded(self):
        for name in ["numpy_memmap.py", "numpy_pwrite.py"]:
            command = f"{sys.executable} {SOURCE / 'docs' / 'examples' / name}"
            seen = set()
            # Without overlap the cell is inconclusive. It must never get a wrong verdict.
            for _ in range(5):
                _, result = self.race_in_lab("nfs", "--exec", command, *small(records=4096, generations=4))
                found = verdicts(result)
                self.assertIn(found["exec", "packed"], ("unsafe", "inconclusive"), result)
                self.assertIn(found["exec", "padded-block"], ("safe", "inconclusive"), result)
                seen |= set(found.values())
                if {"unsafe", "safe"} <= seen:
                    break
            self.assertLessEqual({"unsafe", "safe"}, seen)

    def test_a_refused_mapping_skips_the_cell_with_the_system_error(self):
        outcome, result = self.race_below(["--model", "session", "--fault", "no-mmap"], *MATRIX)
        self.assertEqual(outcome.code, 0, outcome)
        for cell in result["npyrace"]["cells"]:
            self.assertEqual(cell["verdict"] == "skipped", cell["strategy"] == "mmap", cell)
            if cell["verdict"] == "skipped":
                self.assertRegex(cell["reason"], "mmap: No such device")
            self.assertNotIn("mmap@", " ".join(cell["evidence"]["read_paths"]))

    def test_without_direct_reads_another_uncached_view_is_used(self):
        outcome, result = self.race_below(["--model", "session", "--fault", "no-direct"], *MATRIX)
        self.assertEqual(outcome.code, 0, outcome)
        for cell in result["npyrace"]["cells"]:
            self.assertEqual(cell["verdict"], "safe", cell)
            self.assertTrue(cell["evidence"]["judge"].startswith("dropped@"), cell)

    def test_failing_writes_fail_their_cell_and_the_rest_goes_on(self):
        for fault, words in [("eio", "Input/output error"), ("enospc", "No space left on device"),
                             ("edquot", "Disk quota exceeded"), ("estale", "Stale file handle")]:
            with self.subTest(fault=fault):
                # The eighth write is in the first race: each reference before it has only one.
                outcome, result = self.race_below(
                    ["--model", "session", "--fault", f"{fault}:op=fsync,nth=8"], *MATRIX)
                self.assertEqual(outcome.code, 3, outcome)
                cells = result["npyrace"]["cells"]
                (failed,) = [c for c in cells if c["verdict"] == "failed"]
                self.assertIn(words, failed["reason"])
                self.assertIn("safe", {c["verdict"] for c in cells})

    def test_dropped_writes_are_found(self):
        outcome, result = self.race_below(
            ["--model", "session", "--fault", "drop:op=write,every=500"], "--strategies", "pwrite",
            "--layouts", "packed", *small(records=2048, generations=3, repetitions=1))
        self.assertEqual(outcome.code, 1, outcome)
        (cell,) = result["npyrace"]["cells"]
        damage = cell["anomalies"]["lost"] + cell["anomalies"]["hole"]
        self.assertGreater(damage, 0, cell)
        self.assertEqual(damage, sum(cell["anomalies"].values()), cell)

    def test_very_many_writers_work_with_a_small_limit_of_open_files(self):
        def limit_files():
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        report = self.folder / "result.json"
        outcome = run("run", "--lab", "session", "timing-log", "--strategies", "pwrite",
                      "--writers", MOST_WRITERS, "--repetitions", 1, "--json", report, preexec_fn=limit_files, timeout=600)
        self.assertEqual(outcome.code, 0, outcome)
        (cell,) = json.loads(report.read_text())["npyrace"]["cells"]
        self.assertEqual((cell["verdict"], cell["writers"]), ("safe", MOST_WRITERS), outcome)

    def test_lab_and_dir_exclude_each_other(self):
        self.assert_one_line(run("run", "--lab", "nfs", "--dir", self.folder), 2, "--dir")
        self.assert_one_line(run("run", "--lab", "nsf"), 2, "did you mean 'nfs'?")


class Around(FolderTest):
    def test_advice_for_a_lab_prints_commands_that_start_the_lab_again(self):
        report = self.folder / "result.json"
        outcome = run("lab", "--model", "nfs", "--nodes", 3, "--latency", "write=1ms", "--", os.environ["NPYRACE"],
                      "run", "--dir", "{n1},{n2}", "--judge", "{store}", *small(), "--strategies", "pwrite",
                      "--layouts", "padded-block", "--json", report)
        self.assertEqual(outcome.code, 0, outcome)
        wanted = ("npyrace lab --model nfs --nodes 3 --latency 'write=1ms' -- npyrace run granularity "
                  "--dir '{n1}','{n2}'")
        for said in outcome.out, run("advise", report).out:
            self.assertIn(wanted, " ".join(said.split()))
        advised = shlex.split(re.search("whether less padding is enough: (npyrace lab .*?) (?:NumPy|not known)",
                                        " ".join(outcome.out.split())).group(1))
        advised = [os.environ["NPYRACE"] if word == "npyrace" else word for word in advised]
        started = subprocess.run([*advised, "--dry-run"], capture_output=True, text=True, timeout=60)
        self.assertEqual(started.returncode, 0, started)


class DeadServer(FolderTest):
    def setUp(self):
        super().setUp()
        self.temporary = self.folder / "temporary"
        self.temporary.mkdir()

    def start(self, *options):
        """A race in a lab where nothing is lost, and its server's process id."""
        run_process = subprocess.Popen([os.environ["NPYRACE"], "run", "--lab", "strong", "--strategies", "pwrite,mmap", "--layouts",
                                        "packed", "--records", "4096", "--generations", "250", "--repetitions", "5",
                                        *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                       env={**os.environ, "TMPDIR": str(self.temporary)})
        self.addCleanup(lambda: run_process.poll() is None and run_process.kill())
        deadline = time.monotonic() + 60
        while True:
            children = [pid for task in pathlib.Path(f"/proc/{run_process.pid}/task").glob("*/children")
                        for pid in task.read_text().split()]
            commands = {int(pid): pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
            servers = [pid for pid, command in commands.items() if b"lab-server" in command]
            if servers and any(b"worker" in command for command in commands.values()):
                return run_process, servers[0]
            self.assertIsNone(run_process.poll(), "ended before it raced")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_a_server_that_dies_is_no_loss_of_the_strategy(self):
        crash = signal.SIGKILL if SANITIZED else signal.SIGSEGV  # which a sanitizer would report
        for moment, number in enumerate([signal.SIGKILL, crash, signal.SIGKILL, signal.SIGKILL]):
            with self.subTest(moment=moment):
                report = self.folder / f"{moment}.json"
                race, server = self.start("--json", report)
                time.sleep(0.4 * moment)
                os.kill(server, number)
                out, err = race.communicate(timeout=120)
                self.assertEqual(race.returncode, 3, (out, err))
                self.assertIn("the lab's server died", err)
                cells = json.loads(report.read_text())["npyrace"]["cells"]
                for cell in cells:
                    self.assertIn(cell["verdict"], ("failed", "safe", "inconclusive"), cell)
                self.assertIn("the lab's server died", {cell["reason"] for cell in cells})

    def test_an_interrupt_ends_a_run_whose_server_was_stopped(self):
        """Every call on the lab waits for the server, also the removal of the file of the race. A signal may come before such
        a call, or during it, when no handler can run."""
        for during in [False, True]:
            with self.subTest(during=during):
                race, server = self.start("--json", self.folder / "result.json")
                os.kill(server, signal.SIGSTOP)
                deadline = time.monotonic() + 20
                state = pathlib.Path(f"/proc/{race.pid}/wchan")
                while during and "request_wait" not in state.read_text() and time.monotonic() < deadline:
                    time.sleep(0.01)
                race.send_signal(signal.SIGTERM)
                try:
                    _, err = race.communicate(timeout=90)
                finally:
                    if pathlib.Path(f"/proc/{server}").exists():
                        os.kill(server, signal.SIGKILL)
                        self.fail("the server still lives")
                self.assertEqual(race.returncode, 3, err)
                self.assertEqual(list(self.temporary.iterdir()), [])


class Locks(FolderTest):
    def race_in(self, *lab_options):
        report = self.folder / "result.json"
        outcome = run("lab", "--model", "session", *lab_options, "--", os.environ["NPYRACE"], "run", "--dir",
                      "{n1},{n2}", "--judge", "{store}", *small(), "--strategies", "pwrite,pwrite-lock,mmap-lock",
                      "--layouts", "packed", "--json", report)
        return outcome, {c["strategy"]: c for c in json.loads(report.read_text())["npyrace"]["cells"]}

    def test_strategies_with_locks_are_skipped_if_locks_do_not_exclude(self):
        outcome, cells = self.race_in("--local-locks")
        self.assertEqual(outcome.code, 0, outcome)
        for strategy in ("pwrite-lock", "mmap-lock"):
            self.assertEqual(cells[strategy]["verdict"], "skipped")
            self.assertRegex(cells[strategy]["reason"], "locks do not exclude: .*n1 and .*n2 were granted")
        self.assertEqual(cells["pwrite"]["verdict"], "safe")

    def test_strategies_with_locks_are_raced_if_locks_exclude(self):
        _, cells = self.race_in()
        self.assertEqual(cells["pwrite-lock"]["verdict"], "safe")
        # A lock excludes other writers but does not invalidate cached pages, so mmap still loses records.
        self.assertEqual(cells["mmap-lock"]["verdict"], "unsafe")


if __name__ == "__main__":
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("skipped: no /dev/fuse, so no lab")
        sys.exit(TEST_SKIPPED)
    main()
