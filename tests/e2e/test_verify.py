"""Tests `npyrace verify`: damage made by the test gets the right class, place and writer."""

import json
import pathlib
import shutil
import subprocess

import jsonschema
from program import SCHEMA, FolderTest, main, run

RECORDS = 400
HEADER = 128
RECORD = 16


class Verify(FolderTest):
    def setUp(self):
        super().setUp()
        outcome = run("run", "--dir", self.folder, "--keep", "--repetitions", 1, "--generations", 12,
                      "--strategies", "pwrite", "--layouts", "packed", "--records", RECORDS, "--seed", 3)
        self.assertEqual(outcome.code, 0, outcome)
        (self.sidecar,) = self.folder.glob("npyrace-kept-*.json")
        self.path = pathlib.Path(str(self.sidecar)[: -len(".npyrace.json")])
        self.report = self.folder / "verify.json"

    def damage(self, record, content, at=0):
        with open(self.path, "r+b") as file:
            file.seek(HEADER + record * RECORD + at)
            file.write(content)

    def content(self, record):
        return self.path.read_bytes()[HEADER + record * RECORD:][:RECORD]

    def verify(self, *options):
        outcome = run("verify", self.path, "--json", self.report, *options)
        return outcome, json.loads(self.report.read_text())["npyrace"]["cells"][0]

    def assert_only(self, cell, **expected):
        found = {name: count for name, count in cell["anomalies"].items() if count}
        self.assertEqual(found, expected)

    def test_a_kept_file_is_right_by_every_read_path(self):
        for via in [[], ["--via", "mmap"], ["--via", "pread"], ["--via", "direct"],
                    ["--also-from", self.folder]]:
            outcome, cell = self.verify(*via)
            self.assertEqual(outcome.code, 0, outcome)
            self.assertEqual(cell["verdict"], "safe")
            self.assertEqual(cell["evidence"]["records_checked"], RECORDS)
            if via and via[0] == "--via":
                self.assertEqual(cell["evidence"]["read_paths"], [f"{via[1]}@{self.folder}"])

    def cached_bytes(self, path):
        done = subprocess.run(["fincore", "-b", "-n", "-o", "RES", path], capture_output=True, text=True)
        return int(done.stdout or 0)

    def test_reading_past_the_page_cache_leaves_the_file_out_of_it(self):
        # Cached pages would change what a later read through the cache shows, on network file systems.
        if not shutil.which("fincore"):
            self.skipTest("fincore (util-linux) is not installed")
        path, expected = self.folder / "big.npy", self.folder / "expected.npy"
        self.assertEqual(run("create", path, "--records", 2 << 20).code, 0)
        self.assertEqual(run("expect", path, expected).code, 0)
        (self.folder / "big.npy.npyrace.json").rename(self.folder / "expected.npy.npyrace.json")
        drop = ["dd", f"of={expected}", "oflag=nocache", "conv=notrunc,fdatasync", "count=0"]
        subprocess.run(drop, check=True, capture_output=True)
        some_bytes = 16 << 20  # half of the file: the kernel may read ahead
        if self.cached_bytes(expected) > some_bytes:
            self.skipTest("this file system keeps its files in memory")
        for via in ["direct", "dropped"]:
            outcome = run("verify", expected, "--via", via, "--complete")
            if via == "direct" and outcome.code == 3:
                continue  # no O_DIRECT here
            self.assertEqual(outcome.code, 0, outcome)
            self.assertLess(self.cached_bytes(expected), some_bytes, via)

    def test_a_safe_verdict_reports_its_power(self):
        outcome, _ = self.verify()
        self.assertIn("power: an update lost once in 1000 shared units would be missed with a chance of", outcome.out)

    def test_mounts_whose_uncached_content_differs_are_not_safe(self):
        # A copy in another folder plays the view of a second node. It is unknown which of the two is the store.
        other = self.folder / "other"
        other.mkdir()
        copy = other / self.path.name
        shutil.copy(self.path, copy)
        outcome, cell = self.verify("--also-from", other)
        self.assertEqual((outcome.code, cell["verdict"]), (0, "safe"), outcome)
        with open(copy, "r+b") as file:
            file.seek(HEADER + 7 * RECORD)
            file.write(bytes(RECORD))
        outcome, cell = self.verify("--also-from", other)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual(cell["verdict"], "unsafe")
        self.assertIn("1 records differ between mounts even past their page caches", cell["reason"])

    def test_the_result_keeps_the_schema(self):
        self.damage(7, bytes(RECORD))
        self.verify()
        jsonschema.validate(json.loads(self.report.read_text()), SCHEMA)

    def test_every_class_of_damage_is_reported_with_place_and_writer(self):
        for name, content, at in [
            ("hole", bytes(RECORD), 0),
            ("torn", bytes(8), 8),
            ("corrupt", b"\x55" * RECORD, 0),
            ("corrupt", bytes(3), 5),
            ("misplaced", self.content(100), 0),
        ]:
            with self.subTest(name=name):
                before = self.content(17)
                self.damage(17, content, at)
                outcome, cell = self.verify()
                self.assertEqual(outcome.code, 1, outcome)
                self.assertEqual(cell["verdict"], "unsafe")
                self.assert_only(cell, **{name: 1})
                (example,) = cell["examples"]
                self.assertEqual((example["class"], example["record"], example["writer"]),
                                 (name, 17, 17 % 4))
                self.assertEqual(example["offset"], HEADER + 17 * RECORD)
                self.assertEqual(example["unit_writers"], [0, 1, 2, 3])
                self.damage(17, before)

    def test_an_older_generation_is_lost(self):
        outcome, cell = self.verify("--generation", 13)
        self.assertEqual(outcome.code, 1)
        self.assert_only(cell, lost=RECORDS)
        self.assertEqual(cell["examples"][0]["found"], "generation 12")
        self.assertEqual(cell["examples"][0]["expected"], "generation 13")

    def test_another_seed_is_foreign(self):
        outcome, cell = self.verify("--seed", 99, "--ownership", "cyclic", "--writers", 4)
        self.assertEqual(outcome.code, 1, outcome)
        self.assert_only(cell, foreign=RECORDS)

    def test_options_can_replace_the_sidecar(self):
        seed = json.loads(self.sidecar.read_text())["stamp_seed"]
        self.sidecar.unlink()
        outcome = run("verify", self.path)
        self.assert_one_line(outcome, 3, "--seed", self.path.name)
        outcome, cell = self.verify("--seed", seed, "--generation", 12)
        self.assertEqual(outcome.code, 0, outcome)
        # Every record is right, but there is no evidence that two wrote at the same time.
        self.assertEqual((cell["verdict"], cell["evidence"]["trials"]), ("inconclusive", 0))
        self.assertEqual(sum(cell["anomalies"].values()), 0)

    def test_the_header_and_the_size(self):
        with open(self.path, "r+b") as file:
            file.seek(12)
            file.write(b"?")
        outcome, cell = self.verify()
        self.assertEqual(outcome.code, 1)
        self.assert_only(cell, header=1)
        with open(self.path, "r+b") as file:
            file.truncate(HEADER + 300 * RECORD)
        outcome, cell = self.verify()
        self.assertEqual(cell["anomalies"]["hole"], 100)
        self.assertIn("bytes", cell["reason"])

    def test_every_file_gets_its_own_verdict(self):
        other = self.folder / "other.npy"
        shutil.copy(self.path, other)
        shutil.copy(self.sidecar, str(other) + ".npyrace.json")
        self.damage(5, bytes(RECORD))
        outcome = run("verify", other, self.path, self.folder / "none.npy")
        self.assertEqual(outcome.code, 1, outcome)  # unsafe has precedence over an error
        self.assertIn("other.npy: safe", outcome.out)
        self.assertIn(f"{self.path.name}: unsafe", outcome.out)
        self.assertIn("none.npy", outcome.err)

    def test_a_file_that_is_not_an_array_is_named(self):
        empty, zeros, archive = (self.folder / name for name in ("empty.npy", "zeros.npy", "a.npz"))
        empty.touch()
        zeros.write_bytes(bytes(4096))
        archive.write_bytes(b"PK\x03\x04" + bytes(100))
        for path, words in [(empty, "the file is empty"), (zeros, "begins with zeros"), (archive, "ZIP archive"),
                            (self.folder, "Is a directory")]:
            self.assert_one_line(run("verify", path), 3, str(path), words)

    def test_a_damaged_sidecar_is_one_line(self):
        for text in ["", "{", "[]", "{\"npyrace_sidecar\": 1}", "{\"npyrace_sidecar\": 9}",
                     self.sidecar.read_text().replace("packed", "paked")]:
            self.sidecar.write_text(text)
            self.assert_one_line(run("verify", self.path), 3, self.sidecar.name)


if __name__ == "__main__":
    main()
