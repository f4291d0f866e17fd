"""The messages of ./quickstart, tested with fake cmake and ninja programs, so that nothing is built."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ["bash", "sh", "sed", "awk", "head", "tail", "grep", "paste", "mkdir", "dirname", "cat", "tr", "env", "sort"]
NINJA = """#!/bin/sh
case "$*" in
*build.ninja*) exit 0 ;;
*explain*) echo "ninja explain: output a.o older than most recent input ../../core/a.cpp (1 vs 2)"; exit 0 ;;
*-n*) echo "[1/2] Building a"; echo "[2/2] Linking b"; exit 0 ;;
esac
echo "${NINJA_STATUS% *}" | sed 's/%f/1/; s/%t/2/; s/$/ Building a/'
[ -z "$BROKEN" ] || { echo "a.cpp:1: error: no such thing"; exit 1; }
echo "${NINJA_STATUS% *}" | sed 's/%f/2/; s/%t/2/; s/$/ Linking b/'
"""


class Quickstart(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-quickstart-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            where = shutil.which(tool)
            if where:
                (self.bin / tool).symlink_to(where)
        shutil.copy(SOURCE / "quickstart", self.folder / "quickstart")
        self.program("g++", "#!/bin/sh\n")

    def program(self, name, text):
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)

    def start(self, **environment):
        return subprocess.run([self.folder / "quickstart", "build"], capture_output=True, text=True, check=False,
                              env={"PATH": str(self.bin), "HOME": str(self.folder), **environment}, timeout=60)

    def test_a_missing_cmake_is_reported_with_its_package(self):
        done = self.start()
        self.assertEqual(done.returncode, 3, done)
        self.assertIn("packages are missing", done.stderr)
        self.assertRegex(done.stderr, r"\bcmake ninja-build\b")
        self.assertIn("static program", done.stderr)
        self.assertNotIn("command not found", done.stderr)

    def test_package_names_fit_the_package_manager(self):
        for manager, wanted in [("dnf", "dnf install cmake ninja-build pkgconf-pkg-config fmt-devel json-devel"),
                                ("zypper", "zypper install cmake ninja pkgconf fmt-devel nlohmann_json-devel"),
                                ("apk", "apk add cmake samurai pkgconf fmt-dev"),
                                ("pacman", "pacman -S cmake ninja pkgconf fmt"),
                                ("brew", "brew install cmake ninja pkgconf fmt")]:
            with self.subTest(manager=manager):
                self.program(manager, "#!/bin/sh\n")
                self.program("c++", '#!/bin/sh\nexit 1\n')  # a compiler that finds no header
                done = self.start()
                (self.bin / manager).unlink()
                self.assertEqual(done.returncode, 3, done)
                self.assertIn(wanted, done.stderr)
                self.assertNotIn(" -", done.stderr.replace("pacman -S", ""))
                self.assertNotIn("fuse", done.stderr)  # only the lab needs it

    def test_without_root_optional_parts_are_left_out(self):
        self.with_a_build()
        self.program("c++", '#!/bin/sh\ncase $(cat) in *fuse*|*uring*) exit 1 ;; esac\n')  # a compiler that finds all other headers
        done = self.start()
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stderr, r"the build is without: (charts, )?io-uring, lab")

    def with_a_build(self):
        self.program("pkg-config", "#!/bin/sh\n")
        self.program("c++", "#!/bin/sh\n")  # a compiler that finds every header
        self.program("cmake", "#!/bin/sh\nmkdir -p build/release; : >build/release/build.ninja\n")
        self.program("ninja", NINJA)

    def test_it_says_why_it_builds_and_how_much(self):
        self.with_a_build()
        first = self.start()
        self.assertEqual(first.returncode, 0, first)
        self.assertIn("2 steps: it was not built yet", first.stderr)
        binary = self.folder / "build/release/bench/npyrace"
        binary.parent.mkdir()
        binary.touch()
        again = self.start()
        self.assertIn("2 steps: newer than the last build: core/a.cpp", again.stderr)
        self.assertEqual(pathlib.Path(again.stdout.strip()), binary)

    def test_compiler_messages_are_shown_without_the_progress_counter(self):
        self.with_a_build()
        done = self.start(BROKEN="1")
        self.assertEqual(done.returncode, 3, done)
        self.assertIn("no such thing", done.stderr)
        self.assertNotIn("NPYRACE", done.stderr)

    def test_a_temporary_folder_is_not_needed(self):
        self.with_a_build()
        self.assertEqual(self.start(TMPDIR="/nowhere").returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
