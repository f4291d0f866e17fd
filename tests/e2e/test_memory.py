"""Memory is exhausted in a control group: the kernel kills some process of the command. The cause is named, nothing is
called lost, and after the next run nothing is left. Needs root."""

import os
import pathlib
import signal
import sys
import tempfile
import unittest

from all_commands import COMMANDS, PASSES_ON, CommandTest
from program import TEST_SKIPPED

MIB = 1 << 20
# The hierarchy of version 1 or 2, and its file for the limit.
HIERARCHIES = [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")]


class Group:
    """A control group with a limit of memory, or nothing where there can be none."""

    def __init__(self, limit_bytes):
        self.folder = None
        for root, limit in HIERARCHIES:
            if not os.path.isdir(root):
                continue
            try:
                self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-test-", dir=root))
                (self.folder / limit).write_text(str(limit_bytes))
                return
            except OSError:
                self.remove()

    def enter(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def killed(self):
        """How many processes the kernel has killed here."""
        for name in ("memory.oom_control", "memory.events"):
            if (self.folder / name).exists():
                return int(dict(line.split() for line in (self.folder / name).read_text().splitlines())["oom_kill"])
        return 0

    def remove(self):
        if self.folder is not None:
            self.folder.rmdir()
            self.folder = None


class Memory(CommandTest):
    def group(self, limit_bytes):
        group = Group(limit_bytes)
        self.addCleanup(group.remove)
        return group

    def test_a_small_race_needs_little_memory(self):
        place = self.place()
        group = self.group(48 * MIB)
        process = self.start("run", place, preexec_fn=group.enter)
        output = self.ended(process)
        self.assertEqual((process.returncode, group.killed()), (0, 0), output)

    def test_whichever_process_the_kernel_kills(self):
        killed = 0
        for name in COMMANDS:
            place = self.place()
            for mib in (1, 3, 6, 12):
                with self.subTest(name=name, mib=mib):
                    group = self.group(mib * MIB)
                    process = self.start(name, place, preexec_fn=group.enter)
                    output = self.ended(process)
                    allowed = {0, 3} | ({128 + signal.SIGKILL} if name in PASSES_ON else set())
                    if group.killed() > 0:
                        allowed.add(-signal.SIGKILL)
                    self.assertIn(process.returncode, allowed, output)
                    if process.returncode == 3:
                        self.assertRegex(output, "killed|died|memory|Memory")
                    self.wait_until_alone(place)
                    self.check_result(name, place)
                    killed += group.killed()
            self.assert_next_leaves_nothing(name, place)
        self.assertGreater(killed, 0)


if __name__ == "__main__":
    TRIAL = Group(64 * MIB)
    if TRIAL.folder is None:
        print("skipped: no control group for memory can be made here (needs root)")
        sys.exit(TEST_SKIPPED)
    TRIAL.remove()
    unittest.main(verbosity=2)
