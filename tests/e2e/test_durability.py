"""Scenario durability: simulated power cuts of real file systems. The scenario must leave no mount, device or file."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

import jsonschema
from file_systems import enter_mount_namespace, main
from program import PROGRAM, SCHEMA, FolderTest, run


def mounts():
    """Mounts of disks. FUSE mounts are left out: labs of other tests come and go."""
    return [line for line in pathlib.Path("/proc/self/mounts").read_text().splitlines() if line.startswith("/dev/")]


def loops_of(folder):
    """Loop devices whose file is, or was, in the folder."""
    found = []
    for backing in pathlib.Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            if str(folder) in backing.read_text():
                found.append(backing.parts[3])
        except OSError:
            pass  # detached meanwhile
    return found


class Durability(FolderTest):
    def assert_nothing_left(self, before):
        deadline = time.monotonic() + 20
        while loops_of(self.folder):
            self.assertLess(time.monotonic(), deadline, loops_of(self.folder))
            time.sleep(0.05)
        self.assertEqual(mounts(), before)
        self.assertEqual(self.race_files(), [])

    def test_what_was_acknowledged_survives_and_what_was_only_closed_does_not(self):
        before = mounts()
        outcome, result = self.race("durability", "--repetitions", 2)
        if outcome.code == 3 and "loop" in outcome.err:
            self.skipTest(outcome.err.strip())
        self.assertEqual(outcome.code, 0, outcome)
        jsonschema.validate(result, SCHEMA)
        experiments = {e["name"]: e for e in result["npyrace"]["experiments"]}
        self.assertEqual({name.split("/")[0] for name in experiments}, {"ext4", "xfs"})
        seen = set()
        for name, experiment in experiments.items():
            if experiment["verdict"] == "skipped":
                continue
            fs_type, _, sync = name.split("/")
            self.assertEqual(experiment["counts"]["lost"], 0, experiment)
            self.assertEqual(experiment["counts"]["cuts"], 2)
            if sync == "none":
                self.assertEqual(experiment["verdict"], "inconclusive", experiment)
                # close() does not promise durability: the control must show losses.
                self.assertGreater(experiment["counts"]["closed_and_lost"], 0, experiment)
                self.assertEqual(experiment["counts"]["acknowledged"], 0)
            else:
                self.assertIn(experiment["verdict"], ("safe", "inconclusive"), experiment)
                seen.add((fs_type, experiment["verdict"]))
        self.assertIn(("ext4", "safe"), seen)
        if shutil.which("mkfs.xfs"):
            self.assertIn(("xfs", "safe"), seen)
        self.assert_nothing_left(before)

    def start(self):
        process = subprocess.Popen([PROGRAM, "run", "durability", "--repetitions", "50", "--dir", str(self.folder)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + 30
        while not loops_of(self.folder):
            if process.poll() is not None:
                self.skipTest(process.communicate()[1].strip())
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        time.sleep(1)  # so that the experiment is under way
        return process

    def test_a_signal_leaves_no_mount_device_or_file(self):
        for number, code in [(signal.SIGINT, 3), (signal.SIGTERM, 3), (signal.SIGKILL, -9)]:
            with self.subTest(signal=number):
                before = mounts()
                process = self.start()
                process.send_signal(number)
                _, err = process.communicate(timeout=60)
                self.assertEqual(process.returncode, code, err)
                if code == 3:
                    self.assertEqual(err, "npyrace: interrupted\n")
                self.assert_nothing_left(before)

    def test_without_root_the_error_says_so(self):
        os.chmod(self.folder, 0o777)
        outcome = run("run", "durability", "--dir", self.folder, user=65534, group=65534)
        if "Permission denied" in outcome.err and "npyrace:" not in outcome.err:
            self.skipTest("nobody may not run the program here")
        self.assert_one_line(outcome, 3, "only root")

    def test_options_of_matrices_and_labs_are_refused(self):
        self.assert_one_line(run("run", "durability", "--strategies", "mmap"), 2, "--strategies")


if __name__ == "__main__":
    enter_mount_namespace()  # other processes' mounts must not disturb the comparison
    main()
