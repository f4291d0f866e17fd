"""Faults of the system, struck in every command: the cause is named, the exit code is right, a result file is whole or
absent, and nothing is left. docs/robustness.md shows the outcomes; `test_robustness.py --write` writes its table."""

import atexit
import functools
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest
import uuid

from program import PROGRAM, SOURCE, TEST_SKIPPED, run, small

PAGE = SOURCE / "docs" / "robustness.md"
BEGIN, END = "<!-- made by tests/e2e/test_robustness.py --write -->\n", "<!-- end -->\n"
RACE = ["--strategies", "pwrite,mmap", "--layouts", "packed", *small(repetitions=1)]
ARRAY = ["--records", 512, "--writers", 2]


class Place:
    """Folders and files for one command, and what is left behind in them."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-robust-"))
        self.mark = uuid.uuid4().hex
        for name in ("dir", "tmp", "out"):
            (self.folder / name).mkdir()
        self.env = {**os.environ, "TMPDIR": str(self.folder / "tmp"), "NPYRACE_TEST_MARK": self.mark}
        self.result = self.folder / "out" / "result"

    def file(self, name):
        return str(self.folder / "dir" / name)

    def mounts(self):
        """Lines of mountinfo about mounts in this place."""
        with open("/proc/self/mountinfo") as table:
            return [line for line in table if str(self.folder) in line]

    def left(self):
        """Whatever is left: temporary files, race files, processes, mounts, shared memory."""
        found = [str(p) for p in (self.folder / "tmp").iterdir()]
        found += [str(p) for p in (self.folder / "dir").glob("npyrace-*")]
        found += [str(p) for p in (self.folder / "out").iterdir() if p != self.result]
        found += self.mounts()
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_text())
            except OSError:
                pass
        return found

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def prepared():
    """A folder with an empty array, a written one and a result, which are copied for each fault."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-robust-prepared-"))
    atexit.register(shutil.rmtree, folder)
    steps = [["create", folder / "empty.npy", *ARRAY], ["create", folder / "written.npy", *ARRAY],
             *(["write", folder / "written.npy", "--worker", worker] for worker in ("0/2", "1/2")),
             ["run", "--dir", folder, *RACE, "--json", folder / "result.json"]]
    for step in steps:
        done = run(*step)
        assert done.code == 0, done
    return folder


def copy_of(name, place):
    for path in prepared().glob(name + "*"):
        (shutil.copytree if path.is_dir() else shutil.copy)(path, place.folder / "dir" / path.name)
    return place.file(name)


# The command line of each command, given a place that it prepares.
COMMANDS = {
    "run": lambda p: ["run", "--dir", p.folder / "dir", *RACE, "--json", p.result],
    "verify": lambda p: ["verify", copy_of("written.npy", p), "--json", p.result],
    "write": lambda p: ["write", copy_of("empty.npy", p), "--worker", "0/2"],
    "gate": lambda p: ["gate", "--allow-unmeasured", copy_of("result.json", p), p.file("result.json")],
    "lab": lambda p: ["lab", "--", "sh", "-c", "echo text > {n1}/a && cat {n2}/a"],
    "watch": lambda p: ["watch", "--json", p.result, "--", "dd", "if=/dev/zero", "of=" + copy_of("empty.npy", p), "bs=16", "count=2",
                        "conv=notrunc", "status=none"],
}


class Struck:
    """How a command ended under a fault."""

    def __init__(self, code, text, used):
        self.code, self.text, self.used = code, text, used

    def words(self, varies):
        """The cell of the table."""
        return "0 or 3" if varies and self.code in (0, 3) else str(self.code) if self.used else "–"


def outcome(command, place, prefix=(), before=None, log=None, **streams):
    arguments = [*prefix, PROGRAM, *map(str, COMMANDS[command](place))]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    done = subprocess.run(arguments, env=place.env, text=True, errors="replace", timeout=120, preexec_fn=before, **streams)
    text = (done.stdout or "") + (done.stderr or "")
    if command == "run" and place.result.exists():
        text += place.result.read_text()
    used = log is None or "INJECTED" in log.read_text()
    if log is not None:
        log.unlink()
    return Struck(done.returncode, text, used)


def injected(call, error, when):
    """The system call fails in every process of the command, from its n-th time on."""
    def strike(command, place):
        log = place.folder / "strace"
        return outcome(command, place, ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}", "-e",
                                        f"inject={call}:error={error}:when={when}"], log=log)
    return strike


def limited(limit, value):
    return lambda command, place: outcome(command, place, before=lambda: resource.setrlimit(limit, (value, value)))


def with_stream(name, path, mode):
    def strike(command, place):
        with open(path, mode) as stream:
            return outcome(command, place, **{name: stream})
    return strike


def closed(number):
    return lambda command, place: outcome(command, place, before=lambda: os.close(number))


def in_removed_folder(command, place):
    folder = place.folder / "removed"
    folder.mkdir()

    def enter():
        os.chdir(folder)
        os.rmdir(folder)
    return outcome(command, place, before=enter)


def without(folder):
    """A folder is not there."""
    def strike(command, place):
        struck = outcome(command, place, before=lambda: shutil.rmtree(place.folder / folder))
        (place.folder / folder).mkdir()
        return struck
    return strike


# Name, words of the cause of which one must be said (none: the fault has no effect), how it strikes.
FAULTS = [
    ("no space left (`ENOSPC`)", ["No space left on device"], injected("pwrite64,fallocate", "ENOSPC", "1+")),
    ("quota exceeded (`EDQUOT`)", ["Disk quota exceeded"], injected("pwrite64,fallocate", "EDQUOT", "1+")),
    ("I/O error of a write (`EIO`)", ["Input/output error"], injected("pwrite64", "EIO", "2+")),
    ("I/O error of a read", ["Input/output error"], injected("pread64", "EIO", "6+")),
    ("I/O error of a sync", ["Input/output error"], injected("fsync,fdatasync,msync", "EIO", "1+")),
    ("stale file handle (`ESTALE`)", ["Stale file handle"], injected("pwrite64,fsync", "ESTALE", "2+")),
    ("interrupted calls (`EINTR`)", [], injected("pwrite64,fallocate,fsync", "EINTR", "1..2")),
    ("file size limit (`RLIMIT_FSIZE`)", ["File too large", "space"], limited(resource.RLIMIT_FSIZE, 4096)),
    ("7 open files (`RLIMIT_NOFILE`)", ["Too many open files", "low limit"], limited(resource.RLIMIT_NOFILE, 7)),
    ("64 MiB of address space (`RLIMIT_AS`)", ["Cannot allocate memory", "memory", "bad_alloc", "server died", "Resource temporarily unavailable"],
     limited(resource.RLIMIT_AS, 64 << 20)),
    ("standard output is full", ["standard output: write failed"], with_stream("stdout", "/dev/full", "w")),
    ("standard error is full", [], with_stream("stderr", "/dev/full", "w")),
    ("standard input is closed", [], closed(0)),
    ("standard output is closed", ["standard output"], closed(1)),
    ("standard error is closed", [], closed(2)),
    ("the current directory was removed", [], in_removed_folder),
    ("the folder of the result is missing", ["No such file or directory"], without("out")),
    ("`TMPDIR` is missing", ["TMPDIR"], without("tmp")),
]


# Whether memory or descriptors are enough depends on how many threads run at a time.
VARIES = {("64 MiB of address space (`RLIMIT_AS`)", "lab"), ("7 open files (`RLIMIT_NOFILE`)", "verify")}


def can_strace():
    return shutil.which("strace") is not None and subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"]).returncode == 0


class Robustness(unittest.TestCase):
    def strike(self, fault, command):
        name, causes, strike = fault
        place = Place()
        try:
            struck = strike(command, place)
            # The exit code of `lab` and `watch` is that of the program that they run.
            self.assertIn(struck.code, (0, 1, 2, 3) if command in ("lab", "watch") else (0, 2, 3), struck.text)
            if struck.code in (2, 3) and struck.used:
                self.assertTrue(any(cause in struck.text for cause in causes), struck.text)
            if place.result.exists():
                json.loads(place.result.read_text())
            self.assertEqual(place.left(), [], struck.text)
            return struck.words((name, command) in VARIES)
        finally:
            place.remove()

    def test_every_fault_in_every_command(self):
        rows = []
        for fault in FAULTS:
            row = [fault[0]]
            for command in COMMANDS:
                with self.subTest(fault=fault[0], command=command):
                    row.append(self.strike(fault, command))
            rows.append(row)
        table = "".join("| " + " | ".join(row) + " |\n" for row in
                        [["fault", *(f"`{c}`" for c in COMMANDS)], ["---"] * (1 + len(COMMANDS)), *rows])
        page = PAGE.read_text()
        if WRITES:
            PAGE.write_text(re.sub(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: BEGIN + "\n" + table + "\n" + END, page, flags=re.S))
        elif b"/ld-linux" not in pathlib.Path(PROGRAM).read_bytes()[:4096]:
            self.assertIn(table, page)  # of the static program: a loader would be struck, too


WRITES = "--write" in sys.argv
if __name__ == "__main__":
    if WRITES:
        sys.argv.remove("--write")
    if not can_strace() or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("skipped: strace and /dev/fuse are needed")
        sys.exit(TEST_SKIPPED)
    unittest.main(verbosity=2)
