"""The lab's model `nfs` and two real Linux NFS clients (in a virtual machine, by nfs.sh) lose records in the same rows.
The same probe checks both. Only whether records are lost is compared, not how many."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import rows
import support

HERE = Path(__file__).parent
GUEST_FAILED = 125


def real_losses(version):
    """Lost records per row on two real clients, in the order of NFS_ROWS."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "rows.sh"
        script.write_text("".join(
            f"{support.PROBE} /mnt/n1 /mnt/n2 /mnt/store f{number} {' '.join(words)}\n"
            for number, (words, _) in enumerate(rows.NFS_ROWS)))
        result = subprocess.run(
            [HERE / "nfs.sh", "run", "--nfs", version, "--", "bash", str(script)],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1500)
    if result.returncode == GUEST_FAILED and "preparation failed" in result.stderr:
        print(f"skipped: {result.stderr.strip().splitlines()[-1]}")
        os._exit(support.SKIPPED)
    if result.returncode != 0:
        raise AssertionError(f"nfs.sh: exit code {result.returncode}: {result.stderr}")
    return [int(line.split()[1]) for line in result.stdout.splitlines()]


class NfsAgreement(unittest.TestCase):
    def check(self, version):
        real = real_losses(version)
        self.assertEqual(len(real), len(rows.NFS_ROWS))
        with support.lab("--model", "nfs") as places:
            for number, (words, expected) in enumerate(rows.NFS_ROWS):
                lab = support.count_lost(places, f"f{number}", words)
                print(f"{' '.join(words):45} NFS {version}: {real[number]:5}  lab: {lab:5}",
                      file=sys.stderr)
                with self.subTest(row=" ".join(words)):
                    self.assertEqual(real[number] > 0, lab > 0)
                    self.assertEqual(real[number] > 0, expected == rows.LOST)

    def test_nfs_4_2(self):
        self.check("4.2")

    def test_nfs_3(self):
        self.check("3")


if __name__ == "__main__":
    support.main()
