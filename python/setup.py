"""The two things that pyproject.toml cannot say: the version, which CMakeLists.txt has, and the tag of a wheel.

With the static program in npyrace/bin the wheel is for Linux on one processor, with any C library and any Python 3;
without it the wheel is pure Python, and the program is found on PATH."""

import os
import pathlib
import re

from setuptools import Distribution, setup

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # setuptools before 70.1
    from wheel.bdist_wheel import bdist_wheel

HERE = pathlib.Path(__file__).resolve().parent
VERSION = re.search(r"project\(npyrace VERSION (\S+)", (HERE.parent / "CMakeLists.txt").read_text()).group(1)
# The processor that the program in the wheel is for: packaging/wheel sets it.
MACHINE = os.environ.get("NPYRACE_WHEEL_MACHINE")


class Package(Distribution):
    def has_ext_modules(self):
        return MACHINE is not None


class Wheel(bdist_wheel):
    def get_tag(self):
        if MACHINE is None:
            return super().get_tag()
        platforms = ("manylinux_2_17", "manylinux2014", "musllinux_1_1")
        return "py3", "none", ".".join(f"{platform}_{MACHINE}" for platform in platforms)


setup(version=VERSION, distclass=Package, cmdclass={"bdist_wheel": Wheel})
