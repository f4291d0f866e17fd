"""The installed files are sufficient and no more than needed: an external CMake project finds npyrace, builds and runs."""

import os
import pathlib
import subprocess
import sys
import tempfile

BUILD, COMPILER = sys.argv[1:]
SOURCE = pathlib.Path(__file__).resolve().parents[2]
CONSUMER = SOURCE / "tests/package/consumer"


def call(*command):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    print(done.stdout)
    assert done.returncode == 0, command
    return done.stdout


# quickstart detects by a dry run whether anything must be built.
if os.path.exists(os.path.join(BUILD, "build.ninja")):
    assert "Re-running CMake" not in call("ninja", "-C", BUILD, "-n", "npyrace")

with tempfile.TemporaryDirectory(prefix="npyrace-package-") as name:
    folder = pathlib.Path(name)
    prefix, build, array = folder / "prefix", folder / "build", folder / "array.npy"
    call("cmake", "--install", BUILD, "--prefix", prefix)
    public = sorted(header.name for header in (prefix / "include/npyrace").glob("*.h"))
    assert public == sorted(header.name for header in (SOURCE / "include/npyrace").glob("*.h")) and public, public
    call("cmake", "-S", CONSUMER, "-B", build, "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={COMPILER}",
         f"-DCMAKE_PREFIX_PATH={prefix}", f"-DHEADERS={';'.join(public)}")
    call("cmake", "--build", build)
    # Only those headers of core are installed that the public headers include, according to the compiler.
    included = {pathlib.Path(line.strip()) for line in call("ninja", "-C", build, "-t", "deps").splitlines()
                if line.strip().startswith(f"{prefix}/include")}
    assert included == set((prefix / "include").glob("**/*.h")), included ^ set((prefix / "include").glob("**/*.h"))
    call(prefix / "bin" / "npyrace", "create", array, "--records", 7)
    said = call(build / "consumer", array)
    assert said == "7 records of 16 bytes\nthe last record holds its stamp\n", said
    assert not list(prefix.glob("**/*_test*")), "tests are nobody's business"
    page = (prefix / "share/man/man1/npyrace.1").read_text()
    assert ".SS npyrace run" in page and "lab\\-server" not in page
    for installed in prefix.glob("lib/**/*.cmake"):
        assert os.fsencode(str(SOURCE)) not in installed.read_bytes(), installed
