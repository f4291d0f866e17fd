"""Writers are killed at random moments: their records count as unwritten, not lost, and all others are checked."""

import json
import os
import random
import signal
import subprocess
import time

import jsonschema
from program import PROGRAM, SCHEMA, FolderTest, main, not_sanitized, run
from test_endings import workers_of

RECORDS = 20000
GENERATIONS = 60


class Deaths(FolderTest):
    def start(self, *options, records=RECORDS):
        self.report = self.folder / "result.json"
        self.report.unlink(missing_ok=True)
        process = subprocess.Popen(
            [PROGRAM, "run", "--dir", str(self.folder), "--layouts", "packed", "--records", str(records),
             "--generations", str(GENERATIONS), "--repetitions", "1", "--json", str(self.report),
             *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def wait_for_workers(self, process, count):
        deadline = time.monotonic() + 30
        while len(workers_of(process.pid)) < count:
            self.assertIsNone(process.poll(), "it ended before it began")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.005)
        return workers_of(process.pid)

    def start_and_kill(self, *options, records):
        """A race of which one or two writers are killed at a random moment, earlier where it ends sooner."""
        latest_seconds = 0.1
        while True:
            process = self.start(*options, records=records)
            victims = random.sample(self.wait_for_workers(process, 4), random.choice([1, 2]))
            time.sleep(random.random() * latest_seconds)
            try:
                for worker in victims:
                    os.kill(worker, signal.SIGKILL)
                return process
            except ProcessLookupError:  # the race was over
                process.communicate()
                latest_seconds /= 2

    def ended(self, process):
        out, err = process.communicate(timeout=120)
        result = json.loads(self.report.read_text())
        jsonschema.validate(result, SCHEMA)
        (cell,) = result["npyrace"]["cells"]
        return process.returncode, cell, out, err

    def test_surviving_writers_go_on_and_are_checked_in_full(self):
        for strategy, sync, records in [
                ("pwrite", "end", 20000), ("mmap", "every:500", 20000), ("pwrite", "record", 200),
                ("pwrite-batch", "every:1000", 20000), ("mmap-window", "none", 20000)]:
            with self.subTest(strategy=strategy, sync=sync):
                process = self.start_and_kill("--strategies", strategy, "--sync", sync, records=records)
                code, cell, out, err = self.ended(process)
                self.assertEqual((code, cell["verdict"]), (0, "inconclusive"), out + err)
                self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
                self.assertGreater(cell["unwritten"], 0)
                self.assertEqual(cell["evidence"]["records_checked"], records * GENERATIONS)
                self.assertRegex(cell["reason"], r"^writer \d: killed by signal 9 \(Killed\);.*never written")
                self.assertEqual(self.race_files(), [])

    def test_verify_gives_a_kept_file_of_such_a_race_the_same_verdict(self):
        process = self.start("--strategies", "pwrite", "--keep")
        os.kill(self.wait_for_workers(process, 4)[0], signal.SIGTERM)
        code, cell, out, err = self.ended(process)
        self.assertEqual((code, cell["verdict"]), (0, "inconclusive"), out + err)
        outcome = run("verify", cell["file"], "--json", "-")
        self.assertEqual(outcome.code, 0, outcome)
        (again,) = json.loads(outcome.out)["npyrace"]["cells"]
        self.assertEqual(again["verdict"], "inconclusive", outcome)
        self.assertEqual(sum(again["anomalies"].values()), 0)
        self.assertEqual(again["unwritten"], RECORDS // 4)
        self.assertEqual(run("verify", cell["file"], "--complete").code, 1)

    def test_records_lost_by_surviving_writers_make_the_cell_unsafe(self):
        report = self.folder / "result.json"
        lab = subprocess.Popen(
            [PROGRAM, "lab", "--model", "session", "--", PROGRAM, "run", "--dir", "{n1},{n2}", "--layouts",
             "packed", "--strategies", "mmap", "--cache", "as-is", "--records", "4096", "--generations", "250",
             "--repetitions", "1", "--json", str(report)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: lab.poll() is None and lab.terminate())
        deadline = time.monotonic() + 30
        victims = []
        while not victims and lab.poll() is None and time.monotonic() < deadline:
            victims = [worker for child in children_of(lab.pid) for worker in workers_of(child)]
            time.sleep(0.005)
        if not victims:
            self.skipTest("no lab here")
        time.sleep(0.1)  # of seconds that the race takes: survivors lose records before and after
        os.kill(victims[0], signal.SIGKILL)
        out, err = lab.communicate(timeout=120)
        self.assertEqual(lab.returncode, 1, out + err)
        (cell,) = json.loads(report.read_text())["npyrace"]["cells"]
        self.assertEqual(cell["verdict"], "unsafe")
        self.assertIn("killed by signal 9", cell["reason"])
        self.assertEqual(cell["anomalies"]["corrupt"] + cell["anomalies"]["misplaced"], 0, cell)

    def test_the_cell_fails_when_all_writers_were_killed(self):
        process = self.start("--strategies", "pwrite")
        for worker in self.wait_for_workers(process, 4):
            os.kill(worker, signal.SIGKILL)
        code, cell, out, err = self.ended(process)
        self.assertEqual((code, cell["verdict"]), (3, "failed"), out + err)
        self.assertIn("killed by signal 9", err)

    @not_sanitized("the sanitizer reports the SIGSEGV that the test sends")
    def test_a_writer_that_crashes_fails_the_cell(self):
        process = self.start("--strategies", "pwrite")
        os.kill(self.wait_for_workers(process, 4)[2], signal.SIGSEGV)
        code, cell, out, err = self.ended(process)
        self.assertEqual((code, cell["verdict"]), (3, "failed"), out + err)
        self.assertRegex(cell["reason"], r"writer \d: killed by signal 11")
        self.assertEqual(sum(cell["anomalies"].values()), 0, cell)

    def test_a_killed_user_program_leaves_its_records_unwritten(self):
        copy = ("exec /usr/bin/python3 -c \"import os, numpy as n, signal; e = os.environ; "
                "o = lambda f, m: n.load(e[f], mmap_mode=m); "
                "s = slice(*(int(e['NPYRACE_SLICE_' + k]) for k in ('START', 'STOP', 'STEP'))); "
                "a = o('NPYRACE_FILE', 'r+'); open(e['NPYRACE_GO']).read(); "
                "w = e['NPYRACE_WRITER'] + e['NPYRACE_GENERATION']; "
                "w == '12' and os.kill(os.getpid(), signal.SIGKILL); "
                "a[s] = o('NPYRACE_EXPECT', 'r')[s]; a.flush()\"")
        outcome, result = self.race("--exec", copy, "--layouts", "packed", "--records", 2000, "--writers", 3,
                                    "--generations", 3, "--repetitions", 1)
        (cell,) = result["npyrace"]["cells"]
        self.assertEqual((outcome.code, cell["verdict"]), (0, "inconclusive"), outcome)
        self.assertIn("writer 1: killed by signal 9", cell["reason"])
        self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
        self.assertEqual(cell["unwritten"], 667)


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


if __name__ == "__main__":
    main()
