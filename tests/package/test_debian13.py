"""The two commands of README on Debian 13: `./quickstart run` and `./quickstart test`, in a root made by debootstrap.

NPYRACE_DEBIAN13_TESTS: options of `./quickstart test` (default: all tests, as long as on the host).
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from userland import MOUNTS, userland

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
# Installed packages and build files go to an overlay on the disk, which is removed after the test.
INSIDE = """set -e
mount -t overlay -o lowerdir={userland},upperdir={folder}/upper,workdir={folder}/work none {root}
""" + MOUNTS + """mount --rbind /sys {root}/sys
mkdir -p {root}/src
git clone -q {source} {root}/src
cp /etc/resolv.conf {root}/etc/resolv.conf
exec chroot {root} env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh -c 'cd /src && "$@"' sh "$@"
"""


class Debian13(unittest.TestCase):
    def test_both_commands_of_the_readme(self):
        folder = tempfile.mkdtemp(prefix="npyrace-debian13-", dir=os.environ.get("TMPDIR", "/var/tmp"))
        self.addCleanup(shutil.rmtree, folder)
        for name in "upper", "work", "root":
            (pathlib.Path(folder) / name).mkdir()
        script = INSIDE.format(userland=userland("trixie"), folder=folder, root=f"{folder}/root",
                               source=SOURCE)
        options = os.environ.get("NPYRACE_DEBIAN13_TESTS", "").split()
        commands = ["./quickstart run --dir /tmp --repetitions 1", " ".join(["./quickstart test", *options])]
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh",
                               "sh", "-c", " && ".join(commands)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-20000:] + done.stderr[-5000:])
        self.assertIn("Recommendation:", done.stdout)
        self.assertIn("100% tests passed", done.stdout)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: chroot needs root")
        sys.exit(SKIPPED)
    if userland("trixie") is None:
        print("skipped: debootstrap cannot make trixie")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
