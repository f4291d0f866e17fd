"""The static binary for 64-bit ARM, run by qemu-user: races with processes, threads and a user's program, and a lab."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
NEEDED = ["aarch64-linux-gnu-g++", "qemu-aarch64-static", "unshare"]
BINFMT = "/usr/lib/binfmt.d/qemu-aarch64.conf"
# Since Linux 6.7 a user namespace has its own table of binary formats, so registering qemu does not affect the host.
INSIDE = f"""set -e
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
cat {BINFMT} >/proc/sys/fs/binfmt_misc/register
exec "$@"
"""
SMALL = ["--records", "512", "--generations", "8", "--repetitions", "2", "--layouts", "packed"]


def inside(*command):
    return subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", INSIDE, "sh", *map(str, command)],
                          capture_output=True, text=True, check=False, timeout=600)


class Aarch64(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        built = subprocess.run([SOURCE / "packaging/cross", "aarch64"], stdout=subprocess.PIPE, text=True, check=True)
        cls.program = built.stdout.strip()

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="npyrace-aarch64-")
        self.addCleanup(shutil.rmtree, self.folder)

    def test_the_binary_is_static_and_for_64_bit_arm(self):
        header = pathlib.Path(self.program).read_bytes()[:20]
        self.assertEqual((header[:5], header[18]), (b"\x7fELF\x02", 183))
        # With a dynamic program qemu-user would need a loader for 64-bit ARM.
        self.assertIn("npyrace ", inside(self.program, "--version").stdout)

    def test_it_races_by_processes_and_threads(self):
        for launcher in "process", "thread":
            done = inside(self.program, "run", "--dir", self.folder, *SMALL, "--launcher", launcher, "--strategies",
                          "pwrite,mmap,pwrite-lock")
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual(len(re.findall(r"packed +safe", done.stdout)), 3, done)

    def test_it_races_a_program(self):
        job = f"{self.folder}/job"
        subprocess.run(["aarch64-linux-gnu-gcc", "-O1", "-static", "-o", job, SOURCE / "docs/examples/pwrite.c"], check=True)
        done = inside(self.program, "run", "--dir", self.folder, "--records", 512, "--generations", 12, "--repetitions", 2,
                      "--layouts", "packed", "--exec", job)
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, r"exec +packed +safe")

    @unittest.skipUnless(os.path.exists("/dev/fuse"), "no /dev/fuse")
    def test_the_lab_loses_records(self):
        done = inside(self.program, "run", "--lab", "nfs", *SMALL, "--strategies", "pwrite")
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("lost", done.stdout)


if __name__ == "__main__":
    missing = [name for name in NEEDED if shutil.which(name) is None] + [BINFMT] * (not os.path.exists(BINFMT))
    trial = inside("true") if not missing else None
    if missing or trial.returncode != 0:
        print(f"skipped: {', '.join(missing)} missing" if missing else f"skipped: no own binary formats: {trial.stderr}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
