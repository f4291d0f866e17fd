"""Shared by the tests of this folder: options, running npyrace on many files, and reading with NumPy."""
import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy
    from numpy.core._internal import _array_descr
    from numpy.lib import format as npy_format
    from numpy.lib.utils import safe_eval
except ImportError as error:
    print("skipped: NumPy is not there: %s" % error)
    sys.exit(77)
if not numpy.__version__.startswith("1."):
    print("skipped: these tests judge by NumPy 1, this is %s" % numpy.__version__)
    sys.exit(77)

warnings.simplefilter("ignore")

FILES_A_RUN = 1000
SECONDS_A_RUN = 60
# Builds with sanitizers set this, because sanitizers map terabytes of address space.
MEMORY_LIMIT_BYTES = int(os.environ.get("NPYRACE_TEST_MEMORY_BYTES", 256 << 20))


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--npyrace", required=True)
    parser.add_argument("--encode-headers", required=True)
    parser.add_argument("--seed", type=int, default=1440)
    parser.add_argument("--count", type=int, default=2500, help="fuzzed files of each kind")
    parser.add_argument("--inputs", action="append", help="test_corpus: a folder of headers")
    return parser.parse_args()


class Failures:
    """Collects differences, shows the first ones, and decides the exit code."""

    SHOWN = 25

    def __init__(self):
        self.count = 0
        self.checked = 0

    def check(self, holds, *what):
        self.checked += 1
        if holds:
            return
        self.count += 1
        if self.count <= self.SHOWN:
            print("DIFFERENT:", *(str(part)[:400] for part in what))

    def finish(self):
        print("%d checked, %d different" % (self.checked, self.count))
        sys.exit(1 if self.count or not self.checked else 0)


def limit_memory():
    if MEMORY_LIMIT_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))


class Inspected:
    """npyrace's output for many files: a JSON object or an error line for each."""

    def __init__(self):
        self.objects = {}
        self.complaints = {}


def inspect_files(npyrace, paths, arguments=()):
    answers = Inspected()
    for start in range(0, len(paths), FILES_A_RUN):
        inspect_some(npyrace, paths[start:start + FILES_A_RUN], arguments, answers)
    return answers


def inspect_some(npyrace, paths, arguments, answers):
    # Give a second path, because only then every object names its file.
    command = [npyrace, "inspect", "--json", *arguments, *paths, paths[0]]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS_A_RUN, preexec_fn=limit_memory)
    if done.returncode not in (0, 3):
        sys.exit("npyrace ended with %d: %s" % (done.returncode, done.stderr[-2000:]))
    for line in done.stdout.decode("utf-8").split("\n")[:-1]:
        value = json.loads(line)
        answers.objects[value["file"]] = value
    for line in done.stderr.decode("utf-8").split("\n")[:-1]:
        program, path, complaint = line.split(": ", 2)
        if program != "npyrace":
            sys.exit("not one line a file: %r" % line)
        answers.complaints[path] = complaint
    missing = set(paths) - set(answers.objects) - set(answers.complaints)
    if missing or set(answers.objects) & set(answers.complaints):
        sys.exit("no answer, or two, for %s" % sorted(missing)[:3])
    if (done.returncode == 3) != any(path in answers.complaints for path in paths):
        sys.exit("exit code %d does not fit the answers" % done.returncode)


def as_json(descr):
    """Converts tuples to lists, and lone surrogates to the replacement character, as JSON in UTF-8 requires."""
    if isinstance(descr, (tuple, list)):
        return [as_json(item) for item in descr]
    if isinstance(descr, str):
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in descr)
    return descr


def merge_replacements(value):
    """A replaced surrogate may appear as several U+FFFD; keeps one."""
    if isinstance(value, list):
        return [merge_replacements(item) for item in value]
    if isinstance(value, str):
        while "\ufffd\ufffd" in value:
            value = value.replace("\ufffd\ufffd", "\ufffd")
    return value


def expected_descr(dtype):
    return merge_replacements(as_json(_array_descr(dtype)))


class NumpyAnswer:
    """The result of NumPy's header reader for the bytes of a file."""

    def __init__(self, data):
        stream = io.BytesIO(data)
        self.error = None
        try:
            version = npy_format.read_magic(stream)
            self.shape, self.fortran_order, self.dtype = npy_format._read_array_header(stream, version)
            self.version = list(version)
            self.data_offset = stream.tell()
        except Exception as error:  # NumPy raises many kinds of exception; each means that the file is refused
            self.error = "%s: %s" % (type(error).__name__, str(error)[:200])

    def as_inspected(self, file_bytes):
        data_bytes = self.dtype.itemsize
        for length in self.shape:
            data_bytes *= int(length)
        return {
            "version": self.version,
            "shape": [int(length) for length in self.shape],
            "fortran_order": self.fortran_order,
            "descr": expected_descr(self.dtype),
            "itemsize": self.dtype.itemsize,
            "data_offset": self.data_offset,
            "data_bytes": data_bytes,
            "file_bytes": file_bytes,
        }


def header_dict(data):
    """The dict in the header of a file that NumPy accepts."""
    length_bytes = 2 if data[6] == 1 else 4
    start = 8 + length_bytes
    length = int.from_bytes(data[8:start], "little")
    text = data[start:start + length].decode("utf8" if data[6] == 3 else "latin1")
    return safe_eval(npy_format._filter_header(text) if data[6] < 3 else text)


def with_preamble(text, version=(1, 0)):
    """A file whose header text is `text` (bytes)."""
    length_bytes = 2 if version[0] == 1 else 4
    return b"\x93NUMPY" + bytes(version) + len(text).to_bytes(length_bytes, "little") + text


class Folder(tempfile.TemporaryDirectory):
    """Temporary files of one test. Their names are numbers."""

    def __init__(self):
        super().__init__(prefix="npyrace-numpy-")
        self.paths = []

    def add(self, data):
        path = os.path.join(self.name, "%d.npy" % len(self.paths))
        with open(path, "wb") as file:
            file.write(data)
        self.paths.append(path)
        return path
