"""Recipes for package managers that Debian 12 does not have. Each must have the syntax of its manager (Python, YAML,
sections) and name files that `packaging/dist` makes. tests/house/test_version.py compares their versions."""

import ast
import pathlib
import re
import sys
import unittest

try:
    import yaml
except ImportError:
    print("skipped: PyYAML is not installed (Debian: python3-yaml)")
    sys.exit(77)

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
# The sections of our Apptainer definition file, in order.
SECTIONS = ["files", "post", "test", "runscript"]


class Recipes(unittest.TestCase):
    def test_easybuild_reads_names_with_values(self):
        given = {}
        exec(compile((PACKAGING / "npyrace.eb").read_text(), "npyrace.eb", "exec"), {"SYSTEM": "system"}, given)
        for name in ["easyblock", "name", "version", "homepage", "description", "toolchain", "sources", "moduleclass"]:
            self.assertIn(name, given)
        self.assertEqual(given["sources"], ["npyrace-%(version)s-linux-%(arch)s.tar.gz"])

    def test_spack_reads_one_class(self):
        tree = ast.parse((PACKAGING / "package.py").read_text())
        package, = (node for node in tree.body if isinstance(node, ast.ClassDef))
        self.assertEqual((package.name, [base.id for base in package.bases]), ("Npyrace", ["CMakePackage"]))
        directives = {node.value.func.id for node in package.body
                      if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)}
        self.assertEqual(directives, {"license", "version", "variant", "depends_on"})

    def test_conda_reads_a_recipe(self):
        recipe = yaml.safe_load((PACKAGING / "recipe.yaml").read_text())
        self.assertEqual(set(recipe), {"context", "package", "source", "build", "tests", "about"})
        self.assertEqual(recipe["source"]["path"], "../build/dist/npyrace-${{ version }}-linux-x86_64.tar.gz")

    def test_apptainer_reads_a_header_and_sections(self):
        text = re.sub(r"(?m)^\s*#.*\n", "", (PACKAGING / "npyrace.def").read_text())
        header, *sections = re.split(r"(?m)^%", text)
        self.assertEqual(dict(line.split(": ") for line in header.split("\n") if line),
                         {"Bootstrap": "docker", "From": "debian:bookworm-slim"})
        self.assertEqual([section.split("\n")[0] for section in sections], SECTIONS)
        for section in sections:
            self.assertTrue(section.split("\n", 1)[1].strip(), section)

    def test_recipes_name_files_that_dist_makes(self):
        made = (PACKAGING / "dist").read_text()
        self.assertIn("name=npyrace-$version-linux-$(uname -m)\n", made)
        self.assertIn('archive "$name"\n', made)
        self.assertIn('made+=("$1.tar.gz")\n', made)


if __name__ == "__main__":
    unittest.main(verbosity=2)
