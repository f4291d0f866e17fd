"""Small file systems for tests. They are mounted in a private mount namespace, from image files that are unlinked
as soon as they are mounted, so nothing stays mounted however the test ends."""

import os
import shutil
import subprocess
import sys
import unittest

from program import TEST_SKIPPED, FolderTest

INSIDE = "NPYRACE_TEST_MOUNT_NAMESPACE"


def call(*command):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != 0:
        raise unittest.SkipTest(f"{command[0]} does not work here: {done.stdout.strip()}")


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(TEST_SKIPPED)


def enter_mount_namespace():
    """Runs this test script again in a private mount namespace."""
    if INSIDE in os.environ:
        return
    if os.geteuid() != 0:
        skip("only root can mount")
    unshare = ["unshare", "--mount", "--propagation", "private"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
        skip("no mount namespaces here")
    os.environ[INSIDE] = "1"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


class MountTest(FolderTest):
    """Mounts in self.folder, unmounted before it is removed."""

    def mount(self, fs_type, mebibytes):
        """Mounts a new file system of this type and size and returns its mount point. mkfs.xfs needs at least
        300 MiB, mkfs.btrfs 110."""
        place = self.folder / fs_type
        place.mkdir()
        if fs_type == "tmpfs":
            self.mount_at(place, "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs")
        elif fs_type == "overlay":
            self.mount_overlay(place, mebibytes)
        else:
            self.mount_image(place, fs_type, mebibytes)
        return place

    def mount_at(self, place, *arguments):
        call("mount", *arguments, place)
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(place)], check=True)

    def mount_image(self, place, fs_type, mebibytes):
        if shutil.which(f"mkfs.{fs_type}") is None:
            self.skipTest(f"no mkfs.{fs_type}")
        image = self.folder / f"{fs_type}.image"
        with open(image, "wb") as file:
            file.truncate(mebibytes << 20)
        try:
            call(f"mkfs.{fs_type}", "-q", image)
            self.mount_at(place, "-o", "loop", image)
        finally:
            image.unlink()  # the loop device holds it until it is unmounted

    def mount_overlay(self, place, mebibytes):
        below = self.mount("tmpfs", mebibytes)
        for name in ["lower", "upper", "work"]:
            (below / name).mkdir()
        self.mount_at(place, "-t", "overlay", "-o", f"lowerdir={below}/lower,upperdir={below}/upper,"
                      f"workdir={below}/work", "overlay")


def free_bytes(place):
    space = os.statvfs(place)
    return space.f_bavail * space.f_frsize


def main():
    """Runs the tests. Exits with ctest's code for skipped tests if every test was skipped."""
    program = unittest.main(verbosity=2, exit=False)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(TEST_SKIPPED if len(result.skipped) == result.testsRun else 0)
