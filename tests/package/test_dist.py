"""Tests the release files that `./quickstart dist` makes. NPYRACE_TWO_BUILDS=1 builds a second time in another folder
and compares the bytes."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

PROGRAM = pathlib.Path(os.environ["NPYRACE"]).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
PORTABLE = SOURCE / "build/portable/bench/npyrace"
SKIPPED = 77


def make_dist(source):
    done = subprocess.run([source / "quickstart", "dist"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return [pathlib.Path(line) for line in done.stdout.splitlines()]


def digests(files):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


class Dist(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = make_dist(SOURCE)

    def test_the_first_file_is_the_program(self):
        said = subprocess.run([self.files[0], "--version"], capture_output=True, text=True, check=True).stdout
        version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(said, version)

    def test_the_checksums_are_those_of_the_files(self):
        sums = {name: digest for digest, name in (line.split() for line in self.files[-1].read_text().splitlines())}
        self.assertEqual(sums, digests(self.files[:-1]))

    def test_the_archive_has_program_documents_and_licences(self):
        archive = next(file for file in self.files if file.name.endswith(".tar.gz"))
        with tarfile.open(archive) as tar:
            members = {member.name.split("/", 1)[1]: member for member in tar if "/" in member.name}
            tops = {name.split("/")[0] for name in tar.getnames()}
        self.assertEqual(len(tops), 1)
        doc = "share/doc/npyrace"
        for name in ["bin/npyrace", "share/man/man1/npyrace.1.gz", f"{doc}/README.md", f"{doc}/copyright",
                     f"{doc}/CITATION.cff", f"{doc}/CHANGELOG.md", f"{doc}/docs/verdicts.md",
                     f"{doc}/licenses/libfuse3-dev", f"{doc}/licenses/libc6"]:
            self.assertIn(name, members)
        self.assertTrue(members["bin/npyrace"].mode & 0o111)
        self.assertEqual({(member.uid, member.gid) for member in members.values()}, {(0, 0)})

    def test_a_second_run_gives_the_same_bytes(self):
        before = digests(self.files)
        self.assertEqual(digests(make_dist(SOURCE)), before)

    @unittest.skipUnless("NPYRACE_TWO_BUILDS" in os.environ, "a second build takes minutes (label long)")
    def test_a_build_in_another_folder_gives_the_same_bytes(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-dist-"))
        self.addCleanup(shutil.rmtree, folder)
        clone = folder / "elsewhere" / "npyrace"
        subprocess.run(["git", "clone", "-q", SOURCE, clone], check=True)
        self.assertEqual(digests(make_dist(clone)), digests(self.files))


if __name__ == "__main__":
    if PROGRAM != PORTABLE:
        print(f"skipped: what is tested is not {PORTABLE}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
