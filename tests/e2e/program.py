"""The npyrace binary as a user runs it, and a folder of its own for every test."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["NPYRACE"]
SOURCE = pathlib.Path(__file__).resolve().parents[2]
TEST_SKIPPED = 77  # ctest's SKIP_RETURN_CODE here


def small(records=512, generations=2, repetitions=2):
    """The smallest race that still shares pages and overlaps: a fraction of a second a cell."""
    return ["--records", records, "--generations", generations, "--repetitions", repetitions]


class Outcome:
    """What one run of the program left: exit code, standard output, standard error."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr

    def __repr__(self):
        return f"exit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


def run(*arguments, cwd=None, env=None, timeout=120, **others):
    completed = subprocess.run(
        [PROGRAM, *map(str, arguments)], cwd=cwd, env={**os.environ, **(env or {})}, timeout=timeout,
        capture_output=True, text=True, stdin=subprocess.DEVNULL, **others)
    return Outcome(completed)


class FolderTest(unittest.TestCase):
    """Gives every test self.folder, and afterwards insists that no race file was left in it."""

    keeps_files = False

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def race_files(self, place=None):
        return sorted(p.name for p in (place or self.folder).iterdir() if p.name.startswith("npyrace-"))

    def race(self, *arguments, place=None, **others):
        """A run in self.folder, or another place; returns its outcome and, when it was written, its
        result."""
        report = self.folder / "result.json"
        outcome = run("run", "--dir", place or self.folder, "--json", report, *arguments, **others)
        result = json.loads(report.read_text()) if report.exists() else None
        return outcome, result

    def assert_one_line(self, outcome, code, *words):
        """Trouble is told in one line that holds all of `words`, and nothing else."""
        self.assertEqual(outcome.code, code, outcome)
        self.assertEqual(len(outcome.err.splitlines()), 1, outcome)
        self.assertTrue(outcome.err.startswith("npyrace: "), outcome)
        for word in words:
            self.assertIn(word, outcome.err)


def main():
    unittest.main(verbosity=2)
