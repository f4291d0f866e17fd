"""Readers that read the file while writers write. Their observations are reported but do not change the verdict."""

import json
import pathlib
import signal
import subprocess
import time

import jsonschema

from program import PROGRAM, SCHEMA, FolderTest, main, run, small

QUICK = ["--strategies", "pwrite", "--layouts", "packed", *small()]
LONG = ["--strategies", "pwrite", "--layouts", "packed", "--records", "20000", "--generations", "200",
        "--repetitions", "50", "--readers", "2"]


def children_of(pid, command):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid and command in (entry / "cmdline").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


class Readers(FolderTest):
    def test_observations_are_reported_beside_the_verdict(self):
        outcome, result = self.race(*QUICK, "--readers", 2)
        self.assertEqual(outcome.code, 0, outcome)
        jsonschema.validate(result, SCHEMA)
        cell = result["npyrace"]["cells"][0]
        self.assertTrue(cell["name"].endswith("/readers:2"), cell["name"])
        self.assertEqual(cell["verdict"], "safe")
        self.assertEqual(cell["readers"]["readers"], 2)
        self.assertGreater(cell["readers"]["records_read"], 0)
        self.assertEqual(cell["readers"]["went_back"], 0)
        self.assertEqual(cell["readers"]["problems"], [])
        self.assertIn("readers: ", outcome.out)
        self.assertEqual(self.race_files(), [])

    def test_without_readers_the_result_has_no_observations(self):
        _, result = self.race(*QUICK)
        cell = result["npyrace"]["cells"][0]
        self.assertNotIn("readers", cell)
        self.assertNotIn("readers", cell["name"])

    def test_a_large_record_is_seen_torn_while_it_is_written(self):
        seen = 0
        for _ in range(10):
            outcome, result = self.race("--strategies", "mmap", "--layouts", "packed", "--records", 8,
                                        "--record-bytes", 1 << 20, "--writers", 2, "--generations", 20,
                                        "--repetitions", 1, "--readers", 2)
            cell = result["npyrace"]["cells"][0]
            self.assertEqual(sum(cell["anomalies"].values()), 0, outcome)
            seen = cell["readers"]["torn"]
            if seen > 0:
                break
        self.assertGreater(seen, 0)
        self.assertIn("torn", [e["kind"] for e in cell["readers"]["examples"]])
        self.assertIn("may see", outcome.out)

    def test_each_mount_is_read_in_a_lab(self):
        report = self.folder / "result.json"
        for model in ["nfs", "session"]:
            with self.subTest(model=model):
                outcome = run("run", "--lab", model, *QUICK, "--readers", 2, "--json", report)
                if "FUSE" in outcome.err:
                    self.skipTest(outcome.err)
                result = json.loads(report.read_text())
                jsonschema.validate(result, SCHEMA)
                readers = result["npyrace"]["cells"][0]["readers"]
                self.assertGreater(readers["records_read"], 0)
                self.assertEqual(readers["problems"], [])

    def test_readers_are_refused_for_programs_and_for_semantics_alone(self):
        self.assert_one_line(run("run", "--readers", 1, "--exec", "true"), 2, "--readers", "--exec")
        self.assert_one_line(run("run", "semantics", "--readers", 1), 2, "--readers")

    def test_readers_end_with_the_run_however_it_ends(self):
        for number in [signal.SIGINT, signal.SIGKILL]:
            with self.subTest(signal=number):
                process = subprocess.Popen([PROGRAM, "run", "--dir", str(self.folder), *LONG],
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.addCleanup(lambda: process.poll() is None and process.kill())
                deadline = time.monotonic() + 30
                while len(readers := children_of(process.pid, b"reader")) < 2:
                    self.assertIsNone(process.poll(), "it ended before it began")
                    self.assertLess(time.monotonic(), deadline)
                process.send_signal(number)
                process.wait(timeout=20)
                if number == signal.SIGINT:
                    self.assertEqual(self.race_files(), [])
                deadline = time.monotonic() + 10
                while any(pathlib.Path(f"/proc/{pid}").exists() for pid in readers):
                    self.assertLess(time.monotonic(), deadline, "readers outlive their race")
                    time.sleep(0.01)


if __name__ == "__main__":
    main()
