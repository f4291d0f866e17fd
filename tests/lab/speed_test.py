"""Speed of large writes through a lab, compared with libfuse's passthrough examples in alternating rounds. Prints medians
and ratios and asserts nothing about time, because the machine may be busy.

The examples are compiled from the distribution's source files. NPYRACE_EXAMPLES names another directory,
NPYRACE_PASSTHROUGH_HP a passthrough_hp that is already built. NPYRACE_LAB_ROUNDS and
NPYRACE_LAB_MEBIBYTES: rounds, and the size of the file that each writes."""

import contextlib
import glob
import gzip
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import unittest

import support

WRITE_SPEED = os.environ.get("NPYRACE_WRITE_SPEED", "write_speed")
EXAMPLES = os.environ.get("NPYRACE_EXAMPLES", "/usr/share/doc/libfuse3-dev/examples")
ROUNDS = int(os.environ.get("NPYRACE_LAB_ROUNDS", "5"))
MEBIBYTES = int(os.environ.get("NPYRACE_LAB_MEBIBYTES", "256"))
CALL_MEBIBYTES = 1
PAUSE_SECONDS = 0.2
MODELS = ["strong", "session", "nfs", "pages"]
WANTED_RATIO = 0.8


def compiled(name, folder):
    """Compiles the example into the folder. Returns None if that is not possible."""
    sources = glob.glob(os.path.join(EXAMPLES, name + ".c*"))
    if not sources:
        return None
    for path in glob.glob(os.path.join(EXAMPLES, "*")):  # and its headers; distributions may compress them
        opener = gzip.open if path.endswith(".gz") else open
        if os.path.isfile(path):
            with opener(path, "rb") as packed, \
                    open(os.path.join(folder, os.path.basename(path).removesuffix(".gz")), "wb") as file:
                shutil.copyfileobj(packed, file)
    source = os.path.join(folder, os.path.basename(sources[0]).removesuffix(".gz"))
    compiler = os.environ.get("CXX", "c++") if source.endswith(".cc") else os.environ.get("CC", "cc")
    flags = subprocess.run(["pkg-config", "fuse3", "--cflags", "--libs"], check=True,
                           capture_output=True, text=True).stdout.split()
    program = os.path.join(folder, name)
    result = subprocess.run([compiler, "-O2", source, *flags, "-o", program],
                            capture_output=True, text=True)
    if result.returncode != 0:
        print(f"{name} does not compile here: {result.stderr.splitlines()[0]}")
        return None
    return program


@contextlib.contextmanager
def passthrough(folder, name, command):
    """Mounts a folder through an example; yields the directory to write to. COMMAND holds {source} and {mount}."""
    source, mount = (os.path.join(folder, f"{name}-{part}".replace(" ", "")) for part in ("store", "mount"))
    os.mkdir(source)
    os.mkdir(mount)
    process = subprocess.Popen([word.format(source=source, mount=mount) for word in command])
    try:
        limit = time.monotonic() + 30
        while not os.path.ismount(mount):
            if process.poll() not in (None, 0) or time.monotonic() > limit:
                raise AssertionError(f"{name} does not mount")
            time.sleep(0.01)
        # If the mount shows the whole root file system, the source folder is below it.
        yield mount
    finally:
        subprocess.run(["fusermount3", "-u", "-q", mount], check=False)
        process.wait(30)


def rivals(folder):
    """Name and command of each libfuse example."""
    found = {}
    example = os.environ.get("NPYRACE_PASSTHROUGH_HP") or compiled("passthrough_hp", folder)
    if example:  # runs in the background and ends when it is unmounted
        found["passthrough_hp"] = [example, "{source}", "{mount}"]
    else:
        print("passthrough_hp is not among the examples: passthrough_ll instead, also with the "
              "write-back cache that passthrough_hp uses")
    example = compiled("passthrough_ll", folder)
    if example:
        found["passthrough_ll"] = [example, "-f", "-o", "source={source}", "{mount}"]
        found["passthrough_ll -o writeback"] = [example, "-f", "-o", "writeback,source={source}",
                                                "{mount}"]
    return found


def mebibytes_per_second(folder):
    """Runs one round and removes its file."""
    path = os.path.join(folder, "speed")
    try:
        result = subprocess.run([WRITE_SPEED, path, str(MEBIBYTES), str(CALL_MEBIBYTES)],
                                check=True, capture_output=True, text=True)
    finally:
        if os.path.exists(path):
            os.unlink(path)
    return float(result.stdout)


def measured(places):
    """Medians of all rounds. A round writes once to every place, in rotating order, after the space of the last file was
    freed."""
    figures = {name: [] for name in places}
    order = list(places)
    for _ in range(ROUNDS):
        for name in order:
            time.sleep(PAUSE_SECONDS)
            figures[name].append(mebibytes_per_second(places[name]))
        order = order[1:] + order[:1]
    return {name: statistics.median(values) for name, values in figures.items()}


def report(medians, names):
    best = names[0]
    print(f"{MEBIBYTES} MiB in calls of {CALL_MEBIBYTES} MiB, close included; medians of {ROUNDS} "
          f"rounds; ratio to {best}, wanted for a lab: {WANTED_RATIO}")
    for name, median in medians.items():
        print(f"{name:<30} {median:8.0f} MiB/s {median / medians[best]:6.2f}")


class Speed(unittest.TestCase):
    def test_large_writes(self):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            examples = rivals(folder)
            if not examples:
                self.skipTest(f"no examples of libfuse below {EXAMPLES}")
            places = {name: stack.enter_context(passthrough(folder, name, command))
                      for name, command in examples.items()}
            for model in MODELS:
                places[f"lab {model}"] = stack.enter_context(support.lab("--model", model)).n1
            medians = measured(places)
            report(medians, list(examples))
            self.assertEqual(len(medians), len(examples) + len(MODELS))


if __name__ == "__main__":
    support.main()
