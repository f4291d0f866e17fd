"""The speed benchmark runs and has every contest. Its times are not checked."""

import itertools
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]


def expected_names():
    strategies = ["mmap", "mmap-window", "pwrite", "pwrite-batch", "mmap-populate", "pwritev", "stdio", "io-uring"]
    placements = ["packed/cyclic", "packed/block", "padded-block"]
    for parts in itertools.product(strategies, placements, ["16", "8000"], ["none", "end"]):
        yield "/".join(parts)


with tempfile.TemporaryDirectory(prefix="npyrace-speed-") as folder:
    done = subprocess.run([PROGRAM, "--dir", folder, "--repetitions", "2", "--shrink", "16"],
                          capture_output=True, text=True)
print(done.stdout, done.stderr)
assert done.returncode == 0
shown = {line[:44].rstrip() for line in done.stdout.splitlines()[1:]}
missing = set(expected_names()) - shown
assert not missing, missing
