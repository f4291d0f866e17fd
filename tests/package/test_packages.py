"""Tests the packages that `./quickstart dist` makes: their metadata, installation and removal, and the installed program.
NPYRACE_CLEAN_ROOT=1 installs the Debian package into a new Debian made by debootstrap."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from userland import MOUNTS, userland

PROGRAM = pathlib.Path(os.environ["NPYRACE"]).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
PORTABLE = SOURCE / "build/portable/bench/npyrace"
SKIPPED = 77
RACE = ["run", "--dir", "/tmp", "--strategies", "pwrite,mmap", "--layouts", "packed", "--records", 512, "--generations", 4,
        "--repetitions", 1]
HELD = ["bin/npyrace", "share/man/man1/npyrace.1.gz", "share/bash-completion/completions/npyrace",
        "share/fish/vendor_completions.d/npyrace.fish", "share/doc/npyrace/copyright", "share/doc/npyrace/docs/install.md",
        "share/doc/npyrace/licenses/libc6", "share/doc/npyrace/licenses/LGPL-2.1"]
INSIDE = "set -e\n" + MOUNTS + """exec chroot {user} {root} "$@"
"""


def call(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = [pathlib.Path(line) for line in call(SOURCE / "quickstart", "dist").splitlines()]
        cls.version = call(PROGRAM, "--version").split()[1]

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-packages-"))
        self.root.chmod(0o755)  # the program is also started as an ordinary user
        self.addCleanup(shutil.rmtree, self.root)

    def package(self, suffix):
        found = [file for file in self.files if file.suffix == suffix]
        if not found:
            self.skipTest(f"dist made no {suffix}: rpmbuild is not installed (Debian: rpm)")
        return found[0]

    def require(self, program):
        if shutil.which(program) is None:
            self.skipTest(f"{program} is not installed")

    def inside(self, *command, user=""):
        return call("unshare", "--mount", "--propagation", "private", "sh", "-c", INSIDE.format(root=self.root, user=user),
                    "sh", *command)

    def assert_it_runs(self):
        self.assertEqual(self.inside("/usr/bin/npyrace", "--version").split()[1], self.version)
        for user in ["", "--userspec=65534:65534"]:
            self.assertIn("pwrite", self.inside("/usr/bin/npyrace", *RACE, user=user))

    def assert_it_is_gone(self):
        self.assertEqual([path for path in (self.root / "usr").glob("**/*npyrace*")], [])

    def test_the_debian_package_describes_itself(self):
        self.require("dpkg-deb")
        fields = dict(line.split(": ", 1) for line in call("dpkg-deb", "--field", self.package(".deb")).splitlines()
                      if ": " in line)
        self.assertEqual(fields["Package"], "npyrace")
        self.assertEqual(fields["Version"], self.version)
        self.assertEqual(fields["Section"], "science")
        self.assertEqual(fields["Recommends"], "fuse3")
        self.assertIn("npyrace contributors", fields["Maintainer"])
        self.assertNotIn("Depends", fields)
        listed = call("dpkg-deb", "--contents", self.package(".deb"))
        for line in listed.splitlines():
            self.assertIn("root/root", line)
        for name in [*HELD, "share/zsh/vendor-completions/_npyrace", "share/doc/npyrace/changelog.gz"]:
            self.assertIn(f"./usr/{name}\n", listed)

    def test_the_rpm_package_describes_itself(self):
        package = self.package(".rpm")
        self.assertEqual(call("rpm", "-qp", "--qf", "%{NAME} %{VERSION}", package), f"npyrace {self.version}")
        self.assertEqual(call("rpm", "-qp", "--recommends", package).split(), ["fuse3"])
        for line in call("rpm", "-qp", "--requires", package).splitlines():
            self.assertTrue(line.startswith("rpmlib("), line)
        listed = call("rpm", "-qlp", package).splitlines()
        for name in [*HELD, "share/zsh/site-functions/_npyrace"]:
            self.assertIn(f"/usr/{name}", listed)

    def test_dpkg_installs_into_an_empty_root_and_removes(self):
        self.require("dpkg")
        for folder in ["updates", "info"]:
            (self.root / "var/lib/dpkg" / folder).mkdir(parents=True)
        for file in ["status", "available"]:
            (self.root / "var/lib/dpkg" / file).touch()
        dpkg = ["dpkg", f"--root={self.root}", "--log=/dev/null", "--force-not-root", "--force-script-chrootless"]
        call(*dpkg, "--install", self.package(".deb"))
        self.assert_it_runs()
        call(*dpkg, "--purge", "npyrace")
        self.assert_it_is_gone()

    def test_rpm_installs_into_an_empty_root_and_removes(self):
        self.require("rpm")
        call("rpm", "--root", self.root, "--install", self.package(".rpm"))
        self.assert_it_runs()
        call("rpm", "--root", self.root, "--erase", "npyrace")
        self.assert_it_is_gone()

    @unittest.skipUnless("NPYRACE_CLEAN_ROOT" in os.environ, "a fresh Debian takes a minute (label long)")
    def test_the_debian_package_installs_in_a_new_debian(self):
        debian = userland("bookworm")
        if debian is None:
            self.skipTest("no debootstrap (Debian: debootstrap), or it could not bring Debian 12")
        call("cp", "-a", f"{debian}/.", self.root)
        shutil.copy(self.package(".deb"), self.root)
        self.inside("dpkg", "--install", f"/{self.package('.deb').name}")
        self.assert_it_runs()
        self.inside("dpkg", "--purge", "npyrace")
        self.assert_it_is_gone()


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: a root of its own needs root")
        sys.exit(SKIPPED)
    if PROGRAM != PORTABLE:
        print(f"skipped: what is tested is not {PORTABLE}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
