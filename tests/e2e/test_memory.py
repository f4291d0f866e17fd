"""Memory is exhausted in a control group: the kernel kills some process of the command. The cause is named, nothing is
called lost, and after the next run nothing is left. Needs root."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from all_commands import COMMANDS, PASSES_ON, PATIENCE_SECONDS, CommandTest
from program import TEST_SKIPPED

MIB = 1 << 20
DEADLOCK_SECONDS = 10  # a deadlock that lasts so long does not end by itself
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

    def deadlocked(self):
        """Whether the kernel waits here, in search of memory, for pages of a lab that only a waiting process could
        clean. See docs/robustness.md, "What cannot be mended"."""
        stacks = []
        for process in (self.folder / "cgroup.procs").read_text().split():
            for stack in pathlib.Path(f"/proc/{process}/task").glob("*/stack"):
                with contextlib.suppress(OSError):
                    stacks.append(stack.read_text())
        return any("folio_wait_writeback" in stack and "try_to_free_mem_cgroup_pages" in stack for stack in stacks)

    def killed(self):
        """How many processes the kernel has killed here."""
        for name in ("memory.oom_control", "memory.events"):
            if (self.folder / name).exists():
                return int(dict(line.split() for line in (self.folder / name).read_text().splitlines())["oom_kill"])
        return 0

    def remove(self):
        deadline = time.monotonic() + 10
        while self.folder is not None:
            try:
                self.folder.rmdir()
                self.folder = None
            except OSError:  # the kernel still removes a process that was killed
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


class Memory(CommandTest):
    def group(self, limit_bytes):
        group = Group(limit_bytes)
        self.addCleanup(group.remove)
        return group

    def ended_in(self, group, process, place):
        """What it has printed, and whether a deadlock of the kernel had to be ended, as docs/robustness.md says."""
        deadlocked_for = 0
        for _ in range(PATIENCE_SECONDS):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
                break
            deadlocked_for = deadlocked_for + 1 if group.deadlocked() else 0
            if deadlocked_for == DEADLOCK_SECONDS:
                process.terminate()
            elif deadlocked_for == 4 * DEADLOCK_SECONDS:  # even the command's own process waits for such a page
                for line in reversed(place.mounts()):
                    subprocess.run(["umount", "--force", "--lazy", line.split()[4]], check=False)
        return self.ended(process), deadlocked_for >= DEADLOCK_SECONDS

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
                    output, interrupted = self.ended_in(group, process, place)
                    allowed = {0, 3} | ({128 + signal.SIGKILL} if name in PASSES_ON else set())
                    if group.killed() > 0:
                        allowed.add(-signal.SIGKILL)
                    if interrupted:
                        allowed.update(128 + number for number in (signal.SIGTERM, signal.SIGKILL))
                    self.assertIn(process.returncode, allowed, output)
                    if process.returncode == 3:
                        self.assertRegex(output, "killed|died|memory|Memory")
                    self.wait_until_alone(place)
                    self.check_result(name, place)
                    killed += group.killed()
            self.assert_next_leaves_nothing(name, place, after_kill=True)
        self.assertGreater(killed, 0)


if __name__ == "__main__":
    TRIAL = Group(64 * MIB)
    if TRIAL.folder is None:
        print("skipped: no control group for memory can be made here (needs root)")
        sys.exit(TEST_SKIPPED)
    TRIAL.remove()
    unittest.main(verbosity=2)
