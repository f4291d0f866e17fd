"""Independent array jobs on real kernels. On OCFS2, which is coherent, with a kernel per node, every cell is safe. On NFS,
with a mount per worker, the flags of open() decide whether records are lost, as in a race.
`jobs_on_kernels_test.py ocfs2|nfs`."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import support

HERE = Path(__file__).parent
JOBS = HERE / "jobs_on_nodes.sh"
GUEST_FAILED = 125
LAYOUTS = ["packed", "padded-block"]
OCFS2 = ["mmap", "pwrite", "pwrite-dsync"]
NFS = ["mmap", "pwrite", "pwrite-dsync"]
LOSERS = {"mmap", "pwrite"}
RECORDS = 4096
MOST_TURNS = 4


def in_guest(script, strategies, *places):
    """Results by (strategy, layout)."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [HERE / script[0], "run", *script[1:], "--share", folder, "--", JOBS, support.NPYRACE, folder, str(RECORDS),
             " ".join(strategies), "as-is", *places],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1700,
            env={**os.environ, "NPYRACE_LAB_TIMEOUT": "1600"})
        if done.returncode == GUEST_FAILED and "preparation failed" in done.stderr:
            raise unittest.SkipTest(done.stderr.strip().splitlines()[-1])
        if done.returncode != 0:
            raise AssertionError(f"exit code {done.returncode}: {done.stdout[-3000:]} {done.stderr[-3000:]}")
        return {(strategy, layout): json.loads((Path(folder) / f"{strategy}-{layout}-as-is.json").read_text())["npyrace"]["cells"][0]
                for strategy in strategies for layout in LAYOUTS}


def has_missed(cell):
    """Whether the jobs did not overlap. Jobs start together within the error of their clocks, so a job that writes for only
    a millisecond may miss the others."""
    return cell["verdict"] == "inconclusive" and "overlap" in cell["reason"]


class Jobs(unittest.TestCase):
    def check(self, cell, hosts, verdict):
        if not (verdict == "safe" and has_missed(cell)):
            self.assertEqual(cell["verdict"], verdict, cell)
        self.assertEqual(sum(cell["anomalies"].values()) > 0, verdict == "unsafe", cell)
        self.assertEqual(cell["jobs"]["missing"], [], cell)
        self.assertEqual(len(cell["jobs"]["hosts"]), hosts, cell)
        self.assertEqual(cell["evidence"]["records_checked"], RECORDS, cell)

    def table(self, cells):
        for (strategy, layout), cell in cells.items():
            rate = RECORDS / cell["seconds"][0]
            print(f"{strategy:13} {layout:13} {cell['verdict']:13} {rate:9.0f} records/s  "
                  f"overlap {cell['evidence']['overlap_seconds']:.3f} s", file=sys.stderr)


class Ocfs2(Jobs):
    def test_everything_is_safe_between_two_kernels(self):
        cells = in_guest(("ocfs2.sh",), OCFS2, "/mnt/shared")
        self.table(cells)
        for (strategy, layout), cell in cells.items():
            with self.subTest(strategy=strategy, layout=layout):
                self.check(cell, 2, "safe")
                # Two kernels are two page caches.
                shared = cell["evidence"]["units_shared_by_mounts"]
                self.assertEqual(shared > 0, layout == "packed", cell)


class Nfs(Jobs):
    def race(self):
        """Repeats if writers of a losing cell did not overlap: in an emulated guest jobs may run one after the other."""
        cells = {}
        for _ in range(MOST_TURNS):
            found = in_guest(("nfs.sh", "--nfs", "4.2"), NFS, "/mnt/n1", "/mnt/n2", "/mnt/store")
            cells.update({key: cell for key, cell in found.items() if key not in cells or has_missed(cells[key])})
            if not any(has_missed(cells[strategy, "packed"]) for strategy in LOSERS):
                break
        return cells

    def test_open_flags_decide_whether_records_are_lost(self):
        cells = self.race()
        self.table(cells)
        for (strategy, layout), cell in cells.items():
            with self.subTest(strategy=strategy, layout=layout):
                loses = layout == "packed" and strategy in LOSERS
                self.check(cell, 1, "unsafe" if loses else "safe")


if __name__ == "__main__":
    support.run_alone({"ocfs2": Ocfs2, "nfs": Nfs}[sys.argv.pop(1)])
