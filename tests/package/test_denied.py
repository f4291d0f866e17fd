"""System calls that an old kernel or a container refuses: the cell is skipped with the system error, or npyrace uses
another call. No cell fails and npyrace does not abort."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ["NPYRACE"]
HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
CALLS = re.findall(r'\{"(\w+)", SYS_', (HERE / "deny.c").read_text())
STRATEGIES = subprocess.run([PROGRAM, "list", "strategies", "--json"], capture_output=True, text=True, check=True).stdout


class Denied(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tools = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-deny-"))
        cls.addClassCleanup(shutil.rmtree, cls.tools)
        cls.deny = cls.tools / "deny"
        subprocess.run(["cc", "-o", cls.deny, HERE / "deny.c"], check=True)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-denied-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_denied(self, call, error, *arguments):
        done = subprocess.run([self.deny, call, error, PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                              check=False, timeout=180, cwd=self.folder)
        self.assertNotEqual(done.returncode, 99, done)
        return done

    def test_every_strategy_races_or_is_skipped_with_a_reason(self):
        names = [row["name"] for row in json.loads(STRATEGIES)["strategies"] if row["name"] != "exec" and not row["name"].startswith("mpi")]
        for call in CALLS:
            for error in ["ENOSYS", "EPERM"]:
                with self.subTest(call=call, error=error):
                    result = self.folder / "result.json"
                    done = self.run_denied(
                        call, error, "run", "--dir", self.folder, "--strategies", ",".join(names), "--layouts",
                        "padded-record", "--records", 64, "--generations", 2, "--repetitions", 1, "--local", self.folder,
                        "--json", result)
                    self.assertEqual(done.returncode, 0, done)
                    cells = json.loads(result.read_text())["npyrace"]["cells"]
                    self.assertEqual(len(cells), len(names))
                    for cell in cells:
                        self.assertIn(cell["verdict"], ["safe", "inconclusive", "skipped"], cell)
                        if cell["verdict"] == "skipped":
                            self.assertTrue(cell["reason"], cell)
                    result.unlink()

    def test_arrays_are_made_written_and_verified(self):
        for call in CALLS:
            for error in ["ENOSYS", "EPERM"]:
                with self.subTest(call=call, error=error):
                    array = self.folder / f"{call}-{error}.npy"
                    for arguments in [["create", array, "--records", 100, "--writers", 2], ["write", array, "--worker", "0/2"],
                                      ["write", array, "--worker", "1/2"], ["verify", array, "--complete"],
                                      ["inspect", array]]:
                        done = self.run_denied(call, error, *arguments)
                        self.assertEqual(done.returncode, 0, done)


if __name__ == "__main__":
    if shutil.which("cc") is None:
        print("skipped: no C compiler")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
