"""A disk is full or fills up during a race: the error says so, no process crashes, no file is left."""

import json
import os
import subprocess
import time

from file_systems import MountTest, enter_mount_namespace, free_bytes, main
from program import PROGRAM

NO_SPACE = "No space left on device"


class FullDisk(MountTest):
    """Runs every check on tmpfs and on a file system with a journal and delayed allocation."""

    def start(self, place, *arguments):
        process = subprocess.Popen(
            [PROGRAM, "run", "--dir", str(place), "--json", str(self.folder / "result.json"),
             *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def wait_for_race_file(self, process, place, size_bytes=1):
        """Waits for a race file of at least this size. The reference loop's file is smaller."""
        deadline = time.monotonic() + 60
        while True:
            for name in self.race_files(place):
                try:
                    status = (place / name).stat()
                except FileNotFoundError:
                    continue
                if size_bytes in (1, status.st_size) and status.st_size > 0:
                    return status
            self.assertIsNone(process.poll(), "it ended before it began")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.001)

    def fill(self, place, leave_bytes):
        """Fills the disk up to `leave_bytes`. The race may take space at the same time."""
        size = free_bytes(place) - leave_bytes
        if size <= 0:
            return
        filler = place / f"filler-{time.monotonic_ns()}"
        with open(filler, "wb") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, size)
            except OSError:
                filler.unlink()

    def end_of(self, process):
        """Returns the outcome of the process and the cells of its result."""
        out, err = process.communicate(timeout=120)
        result = json.loads((self.folder / "result.json").read_text())
        return process.returncode, out + err, result["npyrace"]["cells"]

    def check_refused_before_the_race(self, place):
        records = free_bytes(place) // 16
        for keep in [[], ["--keep", "--repetitions", 3]]:
            count = records // 2 if keep else records
            needed = (128 + 16 * count) * (3 if keep else 1)
            outcome, _ = self.race("--strategies", "mmap", "--layouts", "packed", "--records", count,
                                   *keep, place=place)
            self.assert_one_line(outcome, 3, f"{needed} bytes are needed", "are free")
            self.assertEqual(self.race_files(place), [])

    def check_space_that_vanishes(self, place):
        """Cells whose file no longer fits fail; smaller ones go on."""
        process = self.start(place, "--strategies", "mmap,pwrite", "--layouts", "packed,padded-record",
                             "--records", 2000, "--generations", 3, "--repetitions", 40)
        self.wait_for_race_file(process, place)
        while process.poll() is None:
            self.fill(place, leave_bytes=4 << 20)  # a padded file needs 8 MB
            time.sleep(0.001)
        code, text, cells = self.end_of(process)
        self.assertEqual(code, 3, text)
        self.assertEqual(len(cells), 4)
        for cell in cells:
            padded = cell["layout"] == "padded-record"
            # On a busy machine writers of small cells may not overlap; that must not be an error.
            expected = ("failed",) if padded else ("safe", "inconclusive")
            self.assertIn(cell["verdict"], expected, text)
            self.assertEqual(NO_SPACE in cell["reason"], padded, cell["reason"])
            self.assertEqual(len(cell["seconds"]) == 40, not padded)
        self.assertIn(NO_SPACE, text)
        self.assertEqual(self.race_files(place), [])

    def check_race_that_has_its_space(self, place):
        """The file is allocated before the race. Otherwise a store into a mapping would get SIGBUS on a full disk."""
        for strategy in ["mmap", "pwrite"]:
            process = self.start(place, "--strategies", strategy, "--layouts", "packed", "--records",
                                 200000, "--generations", 60, "--repetitions", 1)
            status = self.wait_for_race_file(process, place, 128 + 16 * 200000)
            self.assertGreaterEqual(status.st_blocks * 512, status.st_size)
            while process.poll() is None:
                self.fill(place, leave_bytes=0)
                time.sleep(0.001)
            code, text, cells = self.end_of(process)
            self.assertEqual(code, 0, text)
            self.assertEqual([cell["verdict"] for cell in cells], ["safe"], text)
            self.assertEqual(self.race_files(place), [])
            for filler in place.glob("filler-*"):
                filler.unlink()

    def check_kept_files_that_no_longer_fit(self, place):
        process = self.start(place, "--strategies", "pwrite", "--layouts", "packed", "--records",
                             50000, "--generations", 2, "--repetitions", 20, "--keep")
        self.wait_for_race_file(process, place)
        while process.poll() is None:
            self.fill(place, leave_bytes=1 << 20)  # a file needs 800 kB; twenty do not fit
            time.sleep(0.001)
        code, text, cells = self.end_of(process)
        self.assertEqual(code, 3, text)
        self.assertEqual([cell["verdict"] for cell in cells], ["failed"], text)
        self.assertIn(NO_SPACE, cells[0]["reason"])

    def test_btrfs_needs_new_space_for_every_change(self):
        """btrfs is copy-on-write, so allocation does not help: a writer may get SIGBUS, but the cell gives the reason."""
        place = self.mount("btrfs", 128)
        process = self.start(place, "--strategies", "mmap", "--layouts", "packed", "--records",
                             400000, "--generations", 60, "--repetitions", 1)
        self.wait_for_race_file(process, place, 128 + 16 * 400000)
        while process.poll() is None:
            self.fill(place, leave_bytes=0)
            time.sleep(0.01)
        code, text, cells = self.end_of(process)
        self.assertIn(code, [0, 3], text)
        if code == 3:
            self.assertRegex(cells[0]["reason"], f"{NO_SPACE}|no space for a page of the mapping")
        self.assertEqual(self.race_files(place), [])

    CHECKS = [check_refused_before_the_race, check_space_that_vanishes,
              check_race_that_has_its_space, check_kept_files_that_no_longer_fit]

    def check_all(self, fs_type):
        place = self.mount(fs_type, 64)
        for check in self.CHECKS:
            with self.subTest(check=check.__name__):
                check(self, place)
            for left in place.iterdir():
                if left.is_file():
                    left.unlink()

    def test_tmpfs(self):
        self.check_all("tmpfs")

    def test_ext4(self):
        self.check_all("ext4")


if __name__ == "__main__":
    enter_mount_namespace()
    main()
