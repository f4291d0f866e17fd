"""Installs the wheel that packaging/wheel makes into a fresh venv, without an index, and uses it. With NPYRACE_USERLAND
the venv is in a Debian of that release, whose NumPy is another."""

import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/package"))

from userland import MOUNTS, userland  # noqa: E402

PROGRAM = pathlib.Path(os.environ["NPYRACE"]).resolve()
SUITE = os.environ.get("NPYRACE_USERLAND")
PACKAGES = ("python3-numpy", "python3-venv", "python3-pytest", "strace")
SKIPPED = 77

# {python}: of the venv; the current folder is empty.
USE = r"""
import os, pathlib, subprocess, sys
import numpy as np
import npyrace
package = pathlib.Path(npyrace.__file__).parent
assert package.parts[-3:] == (f"python3.{sys.version_info[1]}", "site-packages", "npyrace"), package
assert npyrace.find_program() == str(package / "bin/npyrace")
assert {"py.typed", "_pieces.pyi"} <= set(os.listdir(package))
slices = npyrace.create("a.npy", (5000, 2), "<f8", workers=3)
for number, rows in enumerate(slices):
    with npyrace.writer("a.npy") as w:
        w[rows] = number + 1
assert np.load("a.npy")[::2500, 0].tolist() == [1, 2], np.load("a.npy")
result = npyrace.run(".", strategies=["pwrite"], layouts=["padded-block"], records=512, generations=2, repetitions=1)
assert [cell.strategy for cell in result.cells] == ["pwrite"]
print("NumPy", np.__version__)
"""
TEST = """
def test_fixture(npyrace_lab):
    (npyrace_lab.n1 / "a").write_text("x")
    npyrace_lab.settle()
    assert (npyrace_lab.n2 / "a").read_text() == "x"
"""
COMMANDS = """set -e
cd {folder}
python3 -m venv --system-site-packages venv
venv/bin/python -m pip install -q --no-index --no-deps *.whl
unset NPYRACE PYTHONPATH
mkdir empty
cd empty
../venv/bin/npyrace --version
../venv/bin/python -m npyrace --version
../venv/bin/npyrace inspect nothing.npy || echo "exit code $?"
../venv/bin/python ../use.py
../venv/bin/python -B -m pytest -q -p no:cacheprovider ../test_fixture.py
../venv/bin/python -m pip uninstall -q -y npyrace
ls ../venv/lib/python3*/site-packages | grep -i npyrace || echo "nothing is left"
"""
INSIDE = """set -e
mkdir -p {folder}/root {folder}/upper {folder}/work
mount -t overlay -o lowerdir={userland},upperdir={folder}/upper,workdir={folder}/work none {folder}/root
""" + MOUNTS.replace("{root}", "{folder}/root") + """mkdir -p {folder}/root/wheel {folder}/root/npyrace
cp {folder}/*.whl {folder}/*.py {folder}/root/wheel
cp -r {source}/python {source}/tests {source}/docs {folder}/root/npyrace
cp {program} {folder}/root/npyrace/program
exec chroot {folder}/root env -i PATH=/usr/bin:/bin HOME=/root NPYRACE=/npyrace/program sh -c "$1"
"""


class Wheel(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-wheel-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "licenses").mkdir()
        machine = os.uname().machine
        made = subprocess.run([SOURCE / "packaging/wheel", PROGRAM, machine, self.folder / "licenses", self.folder],
                              capture_output=True, text=True, check=False)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertRegex(made.stdout, rf"^npyrace-[0-9.]+-py3-none-manylinux_\S*_{machine}\.whl\n$")
        (self.folder / "use.py").write_text(USE, encoding="utf8")
        (self.folder / "test_fixture.py").write_text(TEST, encoding="utf8")

    def assert_used(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], lines[1])
        self.assertTrue(lines[0].startswith("npyrace "), lines)
        self.assertEqual(lines[2], "exit code 3")
        self.assertRegex(done.stdout, r"1 passed|1 skipped")
        self.assertIn("nothing is left", lines)

    @unittest.skipIf(SUITE, "in another Debian")
    def test_a_fresh_venv_without_an_index(self):
        commands = COMMANDS.format(folder=self.folder).replace("python3 -m", "/usr/bin/python3 -m", 1)
        self.assert_used(subprocess.run(["sh", "-c", commands], capture_output=True, text=True, timeout=300,
                                        check=False))

    @unittest.skipIf(SUITE, "in another Debian")
    def test_the_pages_name_the_wheel(self):
        (wheel,) = self.folder.glob("*.whl")
        for page in "README.md", "docs/python.md":
            pattern = re.search(r"pip install build/dist/(\S+\.whl)", (SOURCE / page).read_text(encoding="utf8"))[1]
            self.assertTrue(fnmatch.fnmatch(wheel.name, pattern), (wheel.name, pattern))

    @unittest.skipIf(SUITE, "in another Debian")
    def test_a_user_s_program_is_checked_by_mypy(self):
        if shutil.which("mypy") is None:
            self.skipTest("mypy is not installed")
        mypy = ["mypy", "--cache-dir", self.folder / "cache"]
        done = subprocess.run([*mypy, "--strict", "--python-version", "3.8", SOURCE / "python/npyrace"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        wrong = self.folder / "wrong.py"
        wrong.write_text("import npyrace\nrows: str = npyrace.split(10, 'f8', 2)\n", encoding="utf8")
        done = subprocess.run([*mypy, wrong], capture_output=True, text=True, check=False,
                              env={**os.environ, "MYPYPATH": str(SOURCE / "python")})
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, r'expression has type "[Ll]ist\[slice')

    @unittest.skipUnless(SUITE, "on this system")
    def test_in_another_debian(self):
        script = INSIDE.format(folder=self.folder, userland=userland(SUITE, PACKAGES), source=SOURCE, program=PROGRAM)
        commands = (COMMANDS.format(folder="/wheel") + "cd /npyrace\nexport NPYRACE=/npyrace/program\n"
                    "python3 tests/python/test_arrays.py\n"
                    "python3 tests/python/test_writer.py Rows Results\n")
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", commands],
                              capture_output=True, text=True, timeout=900, check=False)
        self.assert_used(done)
        self.assertRegex(done.stdout, r"\nNumPy 2\.")


if __name__ == "__main__":
    if SUITE and os.geteuid() != 0:
        print("skipped: chroot needs root")
        sys.exit(SKIPPED)
    if SUITE and userland(SUITE, PACKAGES) is None:
        print(f"skipped: debootstrap cannot make {SUITE}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
