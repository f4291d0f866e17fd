"""Runs the npyrace binary as a user does, and gives every test a temporary folder."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["NPYRACE"]
SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((SOURCE / "reports" / "result.schema.json").read_text(encoding="utf8"))  # of a result
TEST_SKIPPED = 77  # SKIP_RETURN_CODE of the ctest tests
# "asan" or "tsan" under tests/all-sanitizers. A sanitized process needs up to 20 MB and several times as long.
SANITIZED = os.environ.get("NPYRACE_SANITIZED")
MOST_WRITERS = 100 if SANITIZED else 1440
SLOWER = 4 if SANITIZED else 1


def not_sanitized(reason, *sanitizers):
    """Skips a test method or class under these sanitizers, or under all of them."""
    return unittest.skipIf(SANITIZED and (not sanitizers or SANITIZED in sanitizers), f"with {SANITIZED}: {reason}")


def small(records=512, generations=2, repetitions=2):
    """Options for the smallest race in which writers still share pages and overlap: a fraction of a second per cell."""
    return ["--records", records, "--generations", generations, "--repetitions", repetitions]


class Outcome:
    """Exit code, standard output and standard error of one run of the program."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr

    def __repr__(self):
        return f"exit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


def run(*arguments, cwd=None, env=None, timeout=120, **others):
    completed = subprocess.run(
        [PROGRAM, *map(str, arguments)], cwd=cwd, env={**os.environ, **(env or {})}, timeout=SLOWER * timeout,
        capture_output=True, text=True, stdin=subprocess.DEVNULL, **others)
    return Outcome(completed)


class FolderTest(unittest.TestCase):
    """Gives every test self.folder, and asserts at the end that no race file was left in it."""

    keeps_files = False

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def race_files(self, place=None):
        return sorted(p.name for p in (place or self.folder).iterdir() if p.name.startswith("npyrace-"))

    def race(self, *arguments, place=None, **others):
        """Runs a race in self.folder, or in `place`. Returns its outcome and its result, None if none was written."""
        report = self.folder / "result.json"
        outcome = run("run", "--dir", place or self.folder, "--json", report, *arguments, **others)
        result = json.loads(report.read_text()) if report.exists() else None
        return outcome, result

    def assert_one_line(self, outcome, code, *words):
        """Asserts that the only output is one error line, and that it contains all of `words`."""
        self.assertEqual(outcome.code, code, outcome)
        self.assertEqual(len(outcome.err.splitlines()), 1, outcome)
        self.assertTrue(outcome.err.startswith("npyrace: "), outcome)
        for word in words:
            self.assertIn(word, outcome.err)


def main():
    unittest.main(verbosity=2)
