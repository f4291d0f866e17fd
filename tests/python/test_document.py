"""Runs documents from top to bottom: writes their files, runs their commands, and looks for their outputs.

The word after ``` says what a block is; a block of another kind is a fault:
    sh               commands, run by `sh -e`; exit=1 says with which code they end
    text             lines of the output of the commands before it. `…` stands for what is left out
    text like=this   the same, but numbers may be others: only 0 stays 0
    python, c, sh, ini, yaml … file=NAME   a file in the folder of the commands
What cannot be run here stands indented.
"""

import os
import re
import subprocess
import sys
import unittest

from package import SOURCE, FolderTest

PROGRAM = os.path.abspath(os.environ["NPYRACE"])
BLOCK = re.compile(r"^( *)```([^\n]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
NUMBER = r"\d+(?:\.\d+)*(?: [kMG]\b)?"
ZERO, NOT_ZERO = r"(?<![\d.])0(?![\d.])", rf"(?<![\d.])(?!0(?![\d.])){NUMBER}"


def blocks_of(page):
    """The fenced blocks of a page: kind, options, text."""
    for indent, info, text in BLOCK.findall((SOURCE / page).read_text(encoding="utf8")):
        kind, *options = info.split() or [""]
        yield kind, dict(option.split("=") for option in options), re.sub(f"^{indent}", "", text, flags=re.MULTILINE)


def write(file, text):
    with open(file, "w", encoding="utf8") as out:
        out.write(text)


def pattern_of(line, like):
    """A line of a page as the expression that finds it in an output whose white space is one blank each."""
    pattern = r"(?<!\d)" if line[0].isdigit() else ""
    for number, part in enumerate(re.split(rf"(…|{NUMBER})" if like else "(…)", " ".join(line.split()))):
        if number % 2 == 0:
            pattern += re.escape(part)
        elif part == "…":
            pattern += ".*?"
        else:
            pattern += ZERO if part == "0" else NOT_ZERO
    return pattern


class Documents(FolderTest):
    def setUp(self):
        super().setUp()
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            self.skipTest("no access to /dev/fuse, which a lab needs")
        os.mkdir("bin")
        os.symlink(PROGRAM, "bin/npyrace")
        os.symlink(sys.executable, "bin/python3")
        self.environment = {**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
                            "PYTHONPATH": str(SOURCE / "python"), "COLUMNS": "80"}

    def run_page(self, page, commands, lines):
        """Runs a page that has at least that many blocks of commands, and lines of outputs."""
        ran = compared = 0
        output = ""
        for kind, options, text in blocks_of(page):
            if "file" in options:
                write(options["file"], text)
            elif kind == "sh":
                done = subprocess.run(["sh", "-ec", text], env=self.environment, capture_output=True, text=True,
                                      timeout=600, check=False)
                output = " ".join((done.stdout + done.stderr).split())
                self.assertEqual(done.returncode, int(options.get("exit", 0)), text + done.stdout + done.stderr)
                ran += 1
            elif kind == "text":
                for line in filter(None, (line.strip("… ") for line in text.splitlines())):
                    self.assertRegex(output, pattern_of(line, "like" in options))
                    compared += 1
            else:
                self.fail(f"a block that nothing runs: {text}")
        self.assertGreaterEqual(ran, commands)
        self.assertGreaterEqual(compared, lines)

    def test_readme(self):
        for _, options, text in blocks_of("docs/tutorial.md"):
            if options.get("file") == "job.py":  # README links to it
                write("job.py", text)
        self.run_page("README.md", 3, 8)

    def test_tutorial(self):
        self.run_page("docs/tutorial.md", 7, 8)

    def test_run(self):
        self.run_page("docs/run.md", 1, 15)

    def test_questions(self):
        for page, commands, lines in (("memmap-nfs-zeros", 2, 9), ("slurm-array-one-npy", 1, 6), ("gpfs-mmap", 1, 4),
                                      ("pad-record-dtype", 3, 8)):
            with self.subTest(page):
                self.run_page(f"docs/{page}.md", commands, lines)

    def test_programs(self):
        os.symlink(SOURCE / "docs", "docs")
        self.run_page("docs/programs.md", 1, 3)

    def test_python(self):
        self.run_page("docs/python.md", 4, 6)


if __name__ == "__main__":
    unittest.main(verbosity=2)
