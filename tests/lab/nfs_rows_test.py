"""Two real NFS 4.2 clients: open flags and earlier reads decide whether a strategy loses records. npyrace must give the
expected verdict in ten runs of ten. The virtual machine is started once."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from itertools import product
from pathlib import Path

import support

SCRIPT = Path(__file__).parent / "nfs.sh"
GUEST_FAILED = 125
TIMES = 10
STRATEGIES = ["mmap", "pwrite", "pwrite-wronly", "pwrite-dsync", "pwrite-lock"]
UNSAFE = {("mmap", "cold"), ("mmap", "warm"), ("pwrite", "cold"), ("pwrite", "warm"), ("pwrite-wronly", "warm")}
# Emulated processors are slow, so this is the smallest race with enough shared pages for a verdict.
RACE = (f"run quick --dir /mnt/n1,/mnt/n2 --judge /mnt/store --strategies {','.join(STRATEGIES)} --cache cold,warm "
        "--layouts packed,padded-block --ownership cyclic --records 256 --generations 5 --repetitions 1")


def expected_verdicts():
    return {(strategy, cache, layout): "unsafe" if layout == "packed" and (strategy, cache) in UNSAFE else "safe"
            for strategy, cache, layout in product(STRATEGIES, ["cold", "warm"], ["packed", "padded-block"])}


def race_in_guest(folder):
    """Result files of all runs, in order."""
    runs = f'for turn in $(seq {TIMES}); do {support.NPYRACE} {RACE} --json {folder}/$turn.json; [ $? = 1 ] || exit 9; done'
    result = subprocess.run([SCRIPT, "run", "--nfs", "4.2", "--share", folder, "--", "sh", "-c", runs],
                            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=2400,
                            env={**os.environ, "NPYRACE_LAB_TIMEOUT": "2300"})
    if result.returncode == GUEST_FAILED and "preparation failed" in result.stderr:
        print(f"skipped: {result.stderr.strip().splitlines()[-1]}")
        sys.exit(support.SKIPPED)
    if result.returncode != 0:
        raise AssertionError(f"nfs.sh: exit code {result.returncode}: {result.stdout[-3000:]} {result.stderr[-3000:]}")
    return [json.loads((Path(folder) / f"{turn}.json").read_text()) for turn in range(1, TIMES + 1)]


class NfsRows(unittest.TestCase):
    def test_ten_of_ten_runs_give_the_expected_verdicts(self):
        expected = expected_verdicts()
        with tempfile.TemporaryDirectory() as folder:
            results = race_in_guest(folder)
        for turn, result in enumerate(results):
            cells = {(c["strategy"], c["cache"], c["layout"]): c for c in result["npyrace"]["cells"]}
            self.assertEqual(set(cells), set(expected))
            for key, verdict in expected.items():
                with self.subTest(turn=turn + 1, cell=key):
                    self.assertEqual(cells[key]["verdict"], verdict, cells[key]["reason"])
                    shared = cells[key]["evidence"]["units_shared_by_mounts"]
                    self.assertEqual(shared > 0, key[2] == "packed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
