"""Runs the NumPy scripts that `advise --recipe` writes, with real NumPy, and checks the file with verify."""

import copy
import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
from program import FolderTest, run


def only_safe(result, index):
    """The same result with only this cell marked safe."""
    changed = copy.deepcopy(result)
    for i, cell in enumerate(changed["npyrace"]["cells"]):
        cell["verdict"] = "safe" if i == index else "inconclusive"
        cell["evidence"]["trials"] = 5000
    return changed


class RecipeTest(FolderTest):
    def script(self, name, *arguments, before=(), settings=None, check=True):
        """Runs a script as a user would, in the folder of the array. `before`: words before python3 on the command
        line. `settings`: environment variables."""
        return subprocess.run([*before, sys.executable, name, *arguments], cwd=self.folder, check=check,
                              env={**os.environ, **(settings or {})}, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)

    def collect(self):
        if (self.folder / "collect.py").exists():
            self.script("collect.py")

    def load(self, name):
        spec = importlib.util.spec_from_file_location("job", self.folder / name)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def write_scripts(self, result, index):
        """Writes the scripts for one cell. Asserts that advise prints the same text that it writes to files."""
        for old in [*self.folder.glob("*.npy"), *self.folder.glob("*.py")]:
            old.unlink()
        path = self.folder / "one.json"
        path.write_text(json.dumps(only_safe(result, index)))
        outcome = run("advise", path, "--recipe", self.folder)
        self.assertEqual(outcome.code, 0, outcome)
        scripts = {path.name: path.read_text() for path in self.folder.glob("*.py")}
        self.assertLessEqual({"create.py", "job.py"}, set(scripts))
        for text in scripts.values():
            self.assertIn(text, outcome.out)

    def shape_of(self, cell):
        size = (["--shape", ",".join(map(str, [cell["records"], *cell["row_shape"]]))] if cell["row_shape"]
                else ["--records", cell["records"]])
        return ["--descr", cell["descr"], *size, "--layout", cell["layout"], "--align", cell["align_bytes"],
                "--ownership", cell["ownership"], "--writers", cell["writers"], "--seed", 7]

    def create_and_expect(self, cell):
        """Creates the array with the scripts. Returns the expected final content."""
        self.script("create.py")
        expected = self.folder / "expected.npy"
        outcome = run("expect", self.folder / "array.npy", expected, "--generation", 1, *self.shape_of(cell))
        self.assertEqual(outcome.code, 0, outcome)
        return np.load(expected)

    def verify(self, cell):
        return run("verify", self.folder / "array.npy", "--generation", 1, *self.shape_of(cell))

    def assert_right(self, cell):
        outcome = self.verify(cell)
        if cell["layout"] == "padded-record" and cell["row_shape"]:
            # The recipe calls the field of plain rows "rows", npyrace's own layout "record".
            self.assertIn(": unsafe: 1 header; ", outcome.out)
            self.assertIn("[('rows', ", outcome.out)
            return
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn(f"{cell['records']} records checked", outcome.out)

    def assert_readable(self, cell, job):
        """Where the layout has padding, read.py returns the records without it, in the user's dtype."""
        self.assertEqual((self.folder / "read.py").exists(), cell["layout"] != "packed")
        if cell["layout"] != "packed":
            shape = (cell["records"], *cell["row_shape"])
            self.assertTrue(self.script("read.py").stdout.startswith(f"{shape} "), cell)

    def follow(self, result, index):
        cell = result["npyrace"]["cells"][index]
        self.write_scripts(result, index)
        right = self.create_and_expect(cell)
        job = self.load("job.py")
        job.FILE = str(self.folder / "array.npy")
        for number in range(cell["writers"]):
            records = np.zeros(job.count_of(number), job.ITEM)
            mine = right[list(job.share(number))]
            if job.ITEM.names:
                for field in job.ITEM.names:
                    records[field] = mine[field]
            else:
                records[:] = mine if mine.dtype.names is None else mine[mine.dtype.names[0]]
            job.write(number, records)
        self.collect()
        self.assert_right(cell)
        self.assert_readable(cell, job)
        # As written, job.py writes zeros until the user changes it. verify finds them wrong.
        self.script("job.py", "0")
        self.collect()
        self.assertIn(" hole ", self.verify(cell).out)
