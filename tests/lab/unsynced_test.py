"""Stores into a mapping that is never synced and whose descriptor is closed: in model `nfs` they become visible as late
as with Linux's client. With NPYRACE_REAL_NFS the real client is tested as well, in a virtual machine. A plain C program
checks this."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import support

UNSYNCED = os.environ.get("NPYRACE_UNSYNCED", "unsynced")
SCRIPT = Path(__file__).parent / "nfs.sh"
GUEST_FAILED = 125
# Content that node 2 and the store show at once, measured with Linux 6.1's client for NFS 3 and NFS 4.2.
AT_ONCE = {"munmap": "old/old", "exit": "old/old", "mapped": "old/old", "munmap+read": "old/old", "exit+read": "old/old",
           "exit-open": "new/new", "close": "new/new", "munmap+write": "new/new", "mapped+write": "new/new"}
LATER = "new/new"
# A writer that maps the file, closes the descriptor, and only then stores into the mapping.
NEVER_SYNCED = """
import ctypes, os, numpy as np
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.msync.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
right = np.load(os.environ["NPYRACE_EXPECT"], mmap_mode="r")
path = os.environ["NPYRACE_FILE"]
offset = np.load(path, mmap_mode="r").offset
size = os.path.getsize(path)
descriptor = os.open(path, os.O_RDWR)
array = libc.mmap(None, size, 3, 1, descriptor, 0)
os.close(descriptor)
start, stop, step = (int(os.environ["NPYRACE_SLICE_" + name]) for name in ("START", "STOP", "STEP"))
for record in range(start, stop, step):
    content = right[record].tobytes()
    ctypes.memmove(array + offset + record * right.dtype.itemsize, content, len(content))
"""


def looks(line):
    return dict(word.split("=") for word in line.split()[1:])


class Unsynced(unittest.TestCase):
    def look(self, places, ending, later_seconds):
        result = subprocess.run([UNSYNCED, *places.nodes, places.store, f"f-{ending}", ending, *later_seconds],
                                capture_output=True, text=True, check=True, timeout=200)
        return looks(result.stdout)

    def test_the_model_nfs(self):
        # An existing mapping is written back by the kernel only after a while.
        waits = {ending: ["50"] if ending == "mapped" else ["15"] for ending in AT_ONCE}
        with support.lab("--model", "nfs") as places, ThreadPoolExecutor(len(AT_ONCE)) as threads:
            seen = dict(zip(AT_ONCE, threads.map(lambda e: self.look(places, e, waits[e]), AT_ONCE)))
        for ending, expected in AT_ONCE.items():
            with self.subTest(ending=ending):
                self.assertEqual(seen[ending]["at-once"], expected)
                self.assertEqual(seen[ending][waits[ending][0]], LATER)

    def test_models_in_which_the_last_munmap_acts_as_close(self):
        for model in ("session", "commit"):
            with support.lab("--model", model) as places:
                self.assertEqual(self.look(places, "munmap", [])["at-once"], "new/new")

    def test_a_run_in_the_lab_is_not_safe(self):
        """The lab could publish such stores itself, but npyrace must judge it as it judges a real client."""
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "program.py"
            program.write_text(NEVER_SYNCED)
            command = [support.NPYRACE, "run", "--lab", "nfs", "--exec", f"/usr/bin/python3 {program}", "--json", "-",
                       "--layouts", "padded-block", "--repetitions", "1", "--generations", "2", "--writers", "2",
                       "--records", "512"]
            result = subprocess.run(command, capture_output=True, text=True, timeout=250)
            self.assertEqual(result.returncode, 1, result.stderr)
            (cell,) = json.loads(result.stdout)["npyrace"]["cells"]
            self.assertEqual(cell["verdict"], "unsafe", cell)
            self.assertIn("they came seconds later", cell["reason"])
            program.write_text(NEVER_SYNCED + "libc.msync(array, size, 4)\n")
            result = subprocess.run(command, capture_output=True, text=True, timeout=250)
            (cell,) = json.loads(result.stdout)["npyrace"]["cells"]
            self.assertNotIn(cell["verdict"], ("unsafe", "failed"), cell)

    @unittest.skipUnless(os.environ.get("NPYRACE_REAL_NFS"), "NPYRACE_REAL_NFS is not set")
    def test_the_real_client(self):
        for version in ("4.2", "3"):
            endings = " ".join(AT_ONCE)
            commands = (f"for e in {endings}; do {UNSYNCED} /mnt/n1 /mnt/n2 /mnt/store f-$e $e 60 > /tmp/$e & done; wait; "
                        f"cd /tmp; cat {endings}")
            result = subprocess.run([SCRIPT, "run", "--nfs", version, "--", "bash", "-c", commands], capture_output=True,
                                    text=True, stdin=subprocess.DEVNULL, timeout=900)
            if result.returncode == GUEST_FAILED and "preparation failed" in result.stderr:
                self.skipTest(result.stderr.strip().splitlines()[-1])
            self.assertEqual(result.returncode, 0, result.stderr)
            seen = [looks(line) for line in result.stdout.splitlines()]
            self.assertEqual(len(seen), len(AT_ONCE))
            for (ending, expected), look in zip(AT_ONCE.items(), seen):
                print(f"NFS {version} {ending:14} {look}", file=sys.stderr)
                with self.subTest(version=version, ending=ending):
                    self.assertEqual(look, {"at-once": expected, "60": LATER})


if __name__ == "__main__":
    support.main()
