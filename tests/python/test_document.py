"""Runs docs/python.md from top to bottom: writes its files, runs its commands, and looks for its outputs."""

import os
import re
import subprocess
import sys
import unittest

from package import SOURCE, FolderTest

PROGRAM = os.path.abspath(os.environ["NPYRACE"])
BLOCK = re.compile(r"^```(python|sh|text)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Document(FolderTest):
    def test_every_block_does_what_the_page_says(self):
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            self.skipTest("no access to /dev/fuse, which a lab needs")
        os.mkdir("bin")
        os.symlink(PROGRAM, "bin/npyrace")
        os.symlink(sys.executable, "bin/python3")
        environment = {**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
                       "PYTHONPATH": str(SOURCE / "python")}
        commands = compared = 0
        output = ""
        for kind, file, text in BLOCK.findall((SOURCE / "docs/python.md").read_text(encoding="utf8")):
            if file:
                with open(file, "w", encoding="utf8") as script:
                    script.write(text)
            elif kind == "sh":
                done = subprocess.run(["sh", "-ec", text], env=environment, capture_output=True, text=True, timeout=300,
                                      check=False)
                output = " ".join((done.stdout + done.stderr).split())
                self.assertEqual(done.returncode, 0, text + done.stdout + done.stderr)
                commands += 1
            elif kind == "text":
                for line in text.splitlines():
                    self.assertIn(" ".join(line.split()), output)
                    compared += 1
            else:
                self.fail(f"a block that nothing runs: {text}")
        self.assertGreater(commands, 5)
        self.assertGreater(compared, 9)


if __name__ == "__main__":
    unittest.main(verbosity=2)
