"""Another process changes a file while it is raced, or before it is verified. Each kind of change has its own finding
or error, and none crashes npyrace."""

import json
import os
import shutil
import subprocess
import threading
import time

import jsonschema
import numpy as np
from program import PROGRAM, SCHEMA, FolderTest, main, run

RECORDS = 20000
HEADER = 128
RECORD = 16
FILE_BYTES = HEADER + RECORD * RECORDS


def write_at(path, offset, content):
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, content, offset)
    finally:
        os.close(descriptor)


class Race(FolderTest):
    """Calls `meddle(path)` again and again during a race of many generations."""

    def race_against(self, meddle, launcher, strategy, repeatedly=True):
        report = self.folder / "result.json"
        report.unlink(missing_ok=True)
        process = subprocess.Popen(
            [PROGRAM, "run", "--dir", str(self.folder), "--layouts", "packed", "--records", str(RECORDS),
             "--generations", "60", "--repetitions", "1", "--launcher", launcher, "--strategies", strategy,
             "--json", str(report)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        path = self.wait_for_race(process)
        meddle(path)
        while process.poll() is None:
            time.sleep(0.001)
            try:
                if repeatedly:
                    meddle(path)
            except FileNotFoundError:
                pass
        out, err = process.communicate(timeout=120)
        self.assertIn(process.returncode, (0, 1, 3), out + err)
        self.assertEqual(self.race_files(), [])
        result = json.loads(report.read_text())
        jsonschema.validate(result, SCHEMA)
        (cell,) = result["npyrace"]["cells"]
        self.assertEqual(process.returncode,
                         {"unsafe": 1, "failed": 3}.get(cell["verdict"], 0), cell["reason"])
        return cell

    def wait_for_race(self, process):
        """Waits until the race is under way; returns the path of its file."""
        deadline = time.monotonic() + 30
        while True:
            self.assertIsNone(process.poll(), "it ended before it began")
            self.assertLess(time.monotonic(), deadline)
            for path in map(self.folder.joinpath, self.race_files()):
                try:
                    content = path.read_bytes()
                except FileNotFoundError:  # a short-lived file of the reference loop
                    continue
                if len(content) == FILE_BYTES and any(content[HEADER:]):
                    return path
            time.sleep(0.005)

    def each(self):
        yield from [("process", "pwrite"), ("process", "mmap"), ("thread", "mmap")]

    def assert_classes(self, cell, *allowed):
        found = {name for name, count in cell["anomalies"].items() if count}
        self.assertLessEqual(found, set(allowed), cell)
        self.assertTrue(found, cell)

    def test_a_rewritten_header_is_found(self):
        for launcher, strategy in self.each():
            cell = self.race_against(lambda path: write_at(path, 12, b"?"), launcher, strategy)
            self.assertEqual(cell["verdict"], "unsafe")
            self.assert_classes(cell, "header")
            self.assertEqual(cell["examples"][0]["offset"], 12)

    def test_a_growing_file_is_found(self):
        for launcher, strategy in self.each():
            cell = self.race_against(lambda path: write_at(path, FILE_BYTES, b"more"), launcher, strategy)
            self.assertEqual(cell["verdict"], "unsafe", cell)
            self.assert_classes(cell, "padding")
            self.assertIn(f"grown to {FILE_BYTES + 4} bytes", cell["reason"])
            self.assertEqual(cell["examples"][0]["offset"], FILE_BYTES)

    def test_a_truncated_file_is_found(self):
        half = HEADER + RECORD * (RECORDS // 2)
        for launcher, strategy in self.each():
            cell = self.race_against(lambda path: os.truncate(path, half), launcher, strategy)
            # If the file is truncated before the first acknowledged write, nothing is lost; the writer fails.
            self.assertIn(cell["verdict"], ("unsafe", "failed"), cell)
            self.assertNotIn("signal", cell["reason"])
            if strategy == "mmap":
                self.assertIn(f"truncated to {half} bytes", cell["reason"])
            if cell["verdict"] == "unsafe":
                self.assert_classes(cell, "hole", "torn")
                for example in cell["examples"]:
                    self.assertGreaterEqual(example["offset"], half)

    def test_an_emptied_file_is_found(self):
        for launcher, strategy in self.each():
            cell = self.race_against(lambda path: os.truncate(path, 0), launcher, strategy)
            self.assertIn(cell["verdict"], ("unsafe", "failed"), cell)
            self.assertNotIn("signal", cell["reason"])

    def test_a_replaced_file_is_found(self):
        def replace(path):
            other = self.folder / "other.npy"
            shutil.copy(path, other)
            os.rename(other, path)
        for launcher, strategy in self.each():
            cell = self.race_against(replace, launcher, strategy, repeatedly=False)
            self.assertEqual(cell["verdict"], "failed", cell)
            self.assertIn("replaced by another file", cell["reason"])

    def test_a_link_in_the_place_of_the_file_leads_to_no_other_file(self):
        """Where others may rename files, a link could make npyrace write into a file of its user."""
        victim = self.folder / "victim"
        victim.write_bytes(bytes(FILE_BYTES))

        def link(path):
            other = self.folder / "link"
            other.symlink_to(victim)
            os.rename(other, path)
        for launcher, strategy in self.each():
            cell = self.race_against(link, launcher, strategy, repeatedly=False)
            self.assertEqual(cell["verdict"], "failed", cell)
            self.assertIn("replaced by another file", cell["reason"])
            self.assertEqual(victim.read_bytes(), bytes(FILE_BYTES))

    def test_a_removed_file_is_found(self):
        for launcher, strategy in self.each():
            cell = self.race_against(os.unlink, launcher, strategy, repeatedly=False)
            self.assertEqual(cell["verdict"], "failed", cell)
            self.assertIn("was removed", cell["reason"])

    def test_a_record_overwritten_by_another_program_is_found(self):
        for launcher, strategy in self.each():
            cell = self.race_against(
                lambda path: write_at(path, HEADER + 777 * RECORD, b"\x55" * RECORD), launcher, strategy)
            self.assertEqual(cell["verdict"], "unsafe")
            self.assert_classes(cell, "corrupt")
            self.assertEqual({(e["record"], e["writer"]) for e in cell["examples"]}, {(777, 777 % 4)})

    def test_records_overwritten_by_another_run_are_found(self):
        run("create", self.folder / "a.npy", "--records", RECORDS, "--seed", 99)
        run("expect", self.folder / "a.npy", self.folder / "other.npy")
        content = (self.folder / "other.npy").read_bytes()[HEADER + 50 * RECORD:][:8 * RECORD]
        for launcher, strategy in self.each():
            cell = self.race_against(lambda path: write_at(path, HEADER + 50 * RECORD, content), launcher,
                                     strategy)
            self.assertEqual(cell["verdict"], "unsafe")
            self.assert_classes(cell, "foreign")
            self.assertLessEqual({e["record"] for e in cell["examples"]}, set(range(50, 58)))


class AtRest(FolderTest):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "a.npy"
        self.assertEqual(run("create", self.path, "--records", RECORDS, "--writers", 4).code, 0)
        expected = self.folder / "expected.npy"
        self.assertEqual(run("expect", self.path, expected).code, 0)
        shutil.copy(expected, self.path)

    def verify(self, *options):
        outcome = run("verify", self.path, "--json", "-", *options)
        return outcome, json.loads(outcome.out)["npyrace"]["cells"][0]

    def test_a_wrong_dtype_of_the_right_size_is_found(self):
        self.assertEqual(sum(self.verify()[1]["anomalies"].values()), 0)
        array = np.load(self.path)
        np.save(self.path, array.view([("a", "<f8"), ("b", "<f8")]))
        if self.path.stat().st_size != FILE_BYTES:
            self.skipTest("this NumPy writes another header")
        outcome, cell = self.verify()
        self.assertEqual((outcome.code, cell["verdict"]), (1, "unsafe"), outcome)
        self.assertEqual({k for k, n in cell["anomalies"].items() if n}, {"header"})
        self.assertIn("its header says descr [('a', '<f8'), ('b', '<f8')] where", cell["reason"])
        (example,) = [e for e in cell["examples"] if e["class"] == "header"]
        self.assertIn("descr [('a', '<f8'), ('b', '<f8')], C order, shape", example["found"])

    def test_a_file_that_is_no_longer_an_array_is_an_error(self):
        write_at(self.path, 0, b"nonsense")
        outcome, cell = self.verify()
        self.assertEqual((outcome.code, cell["verdict"]), (1, "unsafe"), outcome)
        self.assertIn("its header cannot be read", cell["reason"])

    def test_a_longer_or_shorter_file_is_found(self):
        with open(self.path, "ab") as file:
            file.write(b"more")
        outcome, cell = self.verify()
        self.assertEqual((outcome.code, cell["anomalies"]["padding"]), (1, 1), outcome)
        self.assertIn(f"the file has {FILE_BYTES + 4} bytes", cell["reason"])
        for via in ["mmap", "pread", "direct", "dropped"]:
            # Cut half a record, not its last byte, which may be zero. Bytes beyond the end are taken as zero.
            os.truncate(self.path, FILE_BYTES - 5 * RECORD - RECORD // 2)
            outcome, cell = self.verify("--via", via, "--generation", 1)
            self.assertEqual((outcome.code, cell["anomalies"]["hole"], cell["anomalies"]["torn"]
                              + cell["anomalies"]["corrupt"]), (1, 5, 1), outcome)

    def test_truncated_padding_is_found(self):
        path = self.folder / "padded.npy"
        run("create", path, "--records", 100, "--writers", 4, "--layout", "padded-record")
        expected = self.folder / "expected-padded.npy"
        run("expect", path, expected)
        shutil.copy(expected, path)
        self.assertEqual(run("verify", path).code, 0)
        os.truncate(path, path.stat().st_size - 1)
        outcome = run("verify", path, "--json", "-")
        (cell,) = json.loads(outcome.out)["npyrace"]["cells"]
        self.assertEqual((outcome.code, cell["anomalies"]["padding"]), (1, 1), outcome)

    def test_a_file_not_made_by_npyrace_is_an_error(self):
        stray = self.folder / "stray.npy"
        np.save(stray, np.arange(100))
        self.assert_one_line(run("verify", stray), 3, "nothing says", "stray.npy")
        outcome = run("verify", stray, "--seed", 1)
        self.assertEqual(outcome.code, 1, outcome)
        for name in ["folder", "fifo", "empty.npy"]:
            path = self.folder / name
            {"folder": path.mkdir, "fifo": lambda: os.mkfifo(path), "empty.npy": path.touch}[name]()
            self.assert_one_line(run("verify", path, "--seed", 1, timeout=10), 3, name)

    def test_a_file_that_changes_its_size_during_verify_does_not_crash_it(self):
        stop = threading.Event()

        def meddle():
            while not stop.is_set():
                os.truncate(self.path, HEADER)
                os.truncate(self.path, FILE_BYTES)
        thread = threading.Thread(target=meddle)
        thread.start()
        try:
            for via in ["mmap", "pread", "direct", "dropped"] * 8:
                outcome = run("verify", self.path, "--via", via, "--generation", 1)
                self.assertIn(outcome.code, (1, 3), outcome)
        finally:
            stop.set()
            thread.join()


if __name__ == "__main__":
    main()
