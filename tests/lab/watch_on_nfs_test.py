"""In a guest of nfs.sh: watch between two real NFS clients, on a kernel that shows stores by soft-dirty bits or not at all."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import numpy as np
from program import PROGRAM, SOURCE, main, run

N1, N2 = "/mnt/n1", "/mnt/n2"
JOB = """
import os, sys, time, numpy as np
job = int(sys.argv[1])
a = np.load(sys.argv[2], mmap_mode='r+')
# Both have the file open at the same time, however long the other takes to begin.
os.mkdir(f'{sys.argv[3]}/{job}')
while not os.path.exists(f'{sys.argv[3]}/{1 - job}'): time.sleep(0.01)
for i in range(10 * job, 10 * job + 10):
    time.sleep(0.1)
    a[i] = (i, i + 1)
a.flush()
"""


class OnNfs(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        np.save(f"{N1}/a.npy", np.zeros(4096, "i8,i8"))
        (self.folder / "job.py").write_text(JOB)

    def watch(self, *options):
        report = self.folder / "watch.json"
        jobs = " & ".join(f"{sys.executable} {self.folder}/job.py {i} {where}/a.npy {self.folder}"
                          for i, where in enumerate((N1, N2)))
        outcome = run("watch", *options, "--json", report, "--", "sh", "-c", f"{jobs} & wait", timeout=300)
        self.assertEqual(outcome.code, 0, outcome)
        (file,) = json.loads(report.read_text())["files"]
        print(outcome.err, flush=True)
        return file

    def test_a_shared_page_between_two_clients(self):
        file = self.watch()
        self.assertEqual({w["file_system"] for w in file["writers"]}, {"nfs"})
        self.assertEqual(len({w["cache"] for w in file["writers"]}), 2)
        found = {(h["kind"], h["level"]) for h in file["hazards"]}
        self.assertIn(("same-page", "may-lose"), found)
        for writer in file["writers"]:
            # Exactly the stored page, or an upper bound that says so.
            self.assertTrue(writer["pages"] == [[0, 4096]] or not writer["exact"], writer)

    def test_with_measured_semantics_it_loses(self):
        measured = self.folder / "semantics.json"
        outcome = run("run", "semantics", "--dir", f"{N1},{N2}", "--json", measured, timeout=600)
        self.assertEqual(outcome.code, 0, outcome)
        file = self.watch("--semantics", measured)
        self.assertIn(("same-page", "loses"), {(h["kind"], h["level"]) for h in file["hazards"]})

    def test_random_programs(self):
        env = {**os.environ, "NPYRACE": PROGRAM, "NPYRACE_TEST_TIMES": "20", "NPYRACE_TEST_SOFT_DIRTY": "1"}
        done = subprocess.run([sys.executable, SOURCE / "tests/e2e/test_watch_random.py"], env=env, timeout=600, capture_output=True, text=True)
        print(done.stdout[-3000:], done.stderr[-3000:], flush=True)
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    main()
