"""The version in CMakeLists.txt is repeated in CITATION.cff, CHANGELOG.md and the recipes in packaging/. All name the
same licence."""

import pathlib
import re
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def found(file, pattern):
    return re.search(pattern, (SOURCE / file).read_text(), re.MULTILINE).group(1)


class Version(unittest.TestCase):
    def test_every_file_names_the_version_of_the_project(self):
        version = found("CMakeLists.txt", r"project\(npyrace VERSION (\S+)")
        self.assertEqual(found("CITATION.cff", r"^version: (\S+)"), version)
        self.assertEqual(found("CHANGELOG.md", r"^## (\S+)"), version)
        self.assertEqual(found("packaging/npyrace.eb", r"^version = '(\S+)'"), version)
        self.assertEqual(found("packaging/package.py", r'^    version\("(\S+)"\)'), version)
        self.assertEqual(found("packaging/recipe.yaml", r'^  version: "(\S+)"'), version)
        self.assertTrue(version.startswith(found("tests/package/consumer/CMakeLists.txt", r"find_package\(npyrace (\S+)")))

    def test_the_licence_is_bsd_3_clause(self):
        self.assertEqual(found("CITATION.cff", r"^license: (\S+)"), "BSD-3-Clause")
        self.assertIn("npyrace contributors", (SOURCE / "LICENSE").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
