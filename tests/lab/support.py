"""Shared by the lab's tests: a running lab, and a search for what it left behind."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

NPYRACE = os.environ.get("NPYRACE", "npyrace")
PROBE = os.environ.get("NPYRACE_PROBE", "probe")
SEES = os.environ.get("NPYRACE_SEES", "sees")
MODELS = ["strong", "commit", "session", "eventual", "nfs", "pages"]
SKIPPED = 77


def why_skip():
    """The reason why no lab can run on this machine, or an empty value. Other errors must not skip tests."""
    if not os.path.exists("/dev/fuse"):
        return "/dev/fuse is missing"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "/dev/fuse may not be opened"
    result = subprocess.run([NPYRACE, "lab", "--", "true"], capture_output=True, text=True)
    if "FUSE mount: Operation not permitted" in result.stderr:
        return "mounting is not permitted here"
    return None


class Places:
    def __init__(self, words):
        *self.nodes, self.store = words
        self.n1, self.n2 = self.nodes[0], self.nodes[-1]


@contextlib.contextmanager
def lab(*options):
    """A lab for the duration of the block. Asserts that it ends without an error."""
    names = " ".join("{n%d}" % (i + 1) for i in range(2))
    process = subprocess.Popen(
        [NPYRACE, "lab", *options, "--", "sh", "-c", f"echo {names} {{store}}; cat >/dev/null"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    try:
        if not line:
            raise AssertionError(f"no lab: exit code {process.wait(60)}")
        yield Places(line.split())
    finally:
        process.stdin.close()
        code = process.wait(60)
        process.stdout.close()
    assert code == 0, f"the lab ended with {code}"


def count_lost(places, name, words):
    """Runs the probe. Returns the number of lost records, or the refusal of the system."""
    result = subprocess.run([PROBE, *places.nodes, places.store, name, *words],
                            capture_output=True, text=True, timeout=120)
    found = re.fullmatch(r"lost (\d+) of \d+\n", result.stdout)
    if found:
        return int(found[1])
    if result.returncode == 0 and result.stdout.startswith("refused"):
        return result.stdout.strip()
    raise AssertionError(f"probe {words}: exit code {result.returncode}: {result.stderr}")


def lab_folders(temporary):
    return sorted(str(path) for path in Path(temporary).glob("npyrace-lab-*"))


def lab_mounts(temporary):
    with open("/proc/self/mountinfo") as table:
        return [line.split()[4] for line in table if line.split()[4].startswith(str(temporary))]


def processes_naming(text):
    """Ids of processes whose command line or environment contains the text."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in told:
            found.append(int(entry.name))
    return found


# The time limit in seconds for asynchronous clean-up.
PATIENCE_SECONDS = 30


class LabTest(unittest.TestCase):
    """Labs use a separate temporary folder, so that what they leave can be recognised."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.temporary = os.path.realpath(folder.name)
        self.environment = {**os.environ, "TMPDIR": self.temporary}

    def left(self):
        return (lab_mounts(self.temporary), lab_folders(self.temporary),
                processes_naming(self.temporary))


def main():
    reason = why_skip()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)


def run_alone(case):
    """Runs one test class that sets up its place once. All its tests are skipped if the place cannot be set up."""
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    outcome = unittest.TextTestRunner(verbosity=2).run(suite)
    if outcome.skipped and not outcome.failures and not outcome.errors:
        print(f"skipped: {outcome.skipped[0][1]}")
        sys.exit(SKIPPED)
    sys.exit(not outcome.wasSuccessful())
