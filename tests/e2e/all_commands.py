"""Every command of npyrace, small, for tests that disturb each of them at some moment."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import jsonschema
from program import PROGRAM, SCHEMA, run, small
from test_robustness import Place, copy_of

PATIENCE_SECONDS = 180  # longer than a race waits for a writer that makes no progress (--patience, 120 s)

RACE = ["--strategies", "pwrite,mmap", "--layouts", "packed", *small(records=4096, generations=10)]
MANY = ["--records", 300000, "--writers", 2]
# Writes the given bytes once more, as a user's program without NumPy would.
STORES = 'exec dd if="$NPYRACE_EXPECT" of="$NPYRACE_FILE" conv=notrunc bs=4k status=none'


def long_array(place, written):
    path = pathlib.Path(place.file("array.npy"))
    for old in path.parent.glob("array.npy*"):
        (shutil.rmtree if old.is_dir() else os.unlink)(old)
    assert run("create", path, *MANY).code == 0
    for worker in ("0/2", "1/2") if written else ():
        assert run("write", path, "--worker", worker).code == 0
    return path


def race(*options):
    return lambda p: ["run", "--dir", p.folder / "dir", *RACE, *options, "--json", p.result]


def remote_shell(place):
    """Starts its command here, whatever the host."""
    path = place.folder / "shell"
    path.write_text('#!/bin/sh\nshift\nexec sh -c "$*"\n')
    path.chmod(0o755)
    return path


# Each command, given a place that it prepares. Where two nodes are raced, the model loses nothing.
COMMANDS = {
    "run": race(),
    "run by threads": race("--launcher", "thread"),
    "run by ssh": lambda p: race("--launcher", "ssh", "--hosts", "n1,n2", "--rsh", remote_shell(p))(p),
    "run with readers": race("--readers", 2),
    "run of a program": lambda p: ["run", "--dir", p.folder / "dir", "--exec", STORES, "--layouts", "packed",
                                   "--writers", 2, *small(repetitions=3), "--json", p.result],
    "run in a lab": lambda p: ["run", "--lab", "strong", *RACE, "--json", p.result],
    "run below a lab": lambda p: ["lab", "--model", "strong", "--", PROGRAM, "run", "--dir", "{n1},{n2}", *RACE,
                                  "--json", p.result],
    "watch": lambda p: ["watch", "--json", p.result, "--", "sh", "-c", "for i in 1 2 3 4 5; do dd if=/dev/zero "
                        f"of={copy_of('empty.npy', p)} bs=16 count=200 conv=notrunc status=none & done; wait"],
    "semantics": lambda p: ["run", "semantics", "--dir", p.folder / "dir", "--json", p.result],
    "soak": lambda p: ["run", "soak", "--for", "1s", "--dir", p.folder / "dir", "--strategies", "pwrite,mmap",
                       "--json", p.result],
    "verify": lambda p: ["verify", long_array(p, True), "--json", p.result],
    "write": lambda p: ["write", long_array(p, False), "--worker", "0/2", "--sync", "every:10000"],
    "gate": lambda p: ["gate", "--allow-unmeasured", copy_of("result.json", p), p.file("result.json")],
}
if not os.access("/dev/fuse", os.R_OK | os.W_OK):
    COMMANDS = {name: command for name, command in COMMANDS.items() if "lab" not in name}
# Their exit code is that of the program that they run.
PASSES_ON = ("run below a lab", "watch")


def processes_of(place):
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if place.mark.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def words_of(process):
    try:
        return pathlib.Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:80]
    except OSError:
        return "(gone)"


class CommandTest(unittest.TestCase):
    """Starts commands and checks how they end."""

    def place(self):
        place = Place()
        self.addCleanup(place.remove)
        return place

    def start(self, name, place, **options):
        place.result.unlink(missing_ok=True)
        arguments = [PROGRAM, *map(str, COMMANDS[name](place))]
        # No pipe: a stopped process of it would keep that open.
        output = tempfile.TemporaryFile("w+", errors="replace")
        self.addCleanup(output.close)
        process = subprocess.Popen(arguments, env=place.env, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, **options)
        process.output = output
        return process

    def ended(self, process):
        """What it has printed."""
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            self.fail("it did not end")
        process.output.seek(0)
        return process.output.read()

    def check_result(self, name, place):
        """It is whole, and no cell of it says that data were lost."""
        if not place.result.exists():
            return
        result = json.loads(place.result.read_text())
        if name == "watch":
            return
        jsonschema.validate(result, SCHEMA)
        self.assertNotIn("unsafe", [cell["verdict"] for cell in result["npyrace"]["cells"]])

    def wait_until_alone(self, place):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while processes_of(place):
            self.assertLess(time.monotonic(), deadline, [words_of(p) for p in processes_of(place)])
            time.sleep(0.01)

    def seconds_of(self, name, place):
        """How long the command takes, and that it ends well undisturbed."""
        process = self.start(name, place)
        started = time.monotonic()
        output = self.ended(process)
        self.assertEqual(process.returncode, 0, f"{name}: {output}")
        return time.monotonic() - started

    def assert_next_leaves_nothing(self, name, place, after_kill=False):
        self.seconds_of(name, place)
        self.wait_until_alone(place)
        left = place.left()
        if after_kill:  # docs/robustness.md: a result that was being written stays, for the user to remove
            left = [one for one in left if not one.startswith(f"{place.result}.npyrace-")]
        self.assertEqual(left, [], name)
