"""Puts python/ on the path, and gives every test an empty current folder."""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "python"))


class FolderTest(unittest.TestCase):
    """Gives every test self.folder, which is the current directory."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-python-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
