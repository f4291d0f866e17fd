"""`npyrace inspect` as a user runs it."""
import json
import os
import subprocess

from harness import Failures, Folder, limit_memory, numpy, options, with_preamble

GOOD = b"{'descr': [('start_ns', '<i8'), ('finish_ns', '<i8')], 'fortran_order': False, 'shape': (3,)}"


class Command:
    def __init__(self, npyrace, *arguments):
        done = subprocess.run([npyrace, "inspect", *arguments], capture_output=True, timeout=60,
                              preexec_fn=limit_memory)
        self.code = done.returncode
        self.out = done.stdout.decode("utf-8")
        self.err = done.stderr.decode("utf-8")


def check_single_file(npyrace, folder, failures):
    path = os.path.join(folder.name, "saved.npy")
    numpy.save(path, numpy.zeros(60000, [("start_ns", "<i8"), ("finish_ns", "<i8")]))
    done = Command(npyrace, "--json", path)
    expected = ('{"version":[1,0],"shape":[60000],"fortran_order":false,"descr":[["start_ns","<i8"],["finish_ns","<i8"]],'
                '"itemsize":16,"data_offset":128,"data_bytes":960000,"file_bytes":960128}\n')
    failures.check((done.code, done.out, done.err) == (0, expected, ""), done.code, done.out, done.err)


def check_bad_beside_good(npyrace, folder, failures):
    good = folder.add(with_preamble(GOOD) + bytes(48))
    bad = folder.add(b"hello")
    missing = os.path.join(folder.name, "missing")
    done = Command(npyrace, "--json", bad, good, missing, folder.name, good)
    failures.check(done.code == 3, "exit code", done.code)
    files = [json.loads(line)["file"] for line in done.out.splitlines()]
    failures.check(files == [good, good], files)
    failures.check(done.err == (
        "npyrace: %s: not an NPY file: it does not begin with \\x93NUMPY (at byte 0)\n"
        "npyrace: %s: open: No such file or directory\n"
        "npyrace: %s: open: Is a directory\n" % (bad, missing, folder.name)), done.err)
    failures.check(all(line.startswith('{"file":') for line in done.out.splitlines()), done.out)


def check_text(npyrace, folder, failures):
    short = folder.add(with_preamble(GOOD) + bytes(40))
    done = Command(npyrace, short)
    failures.check(done.code == 0 and "8 bytes shorter than its header claims" in done.out, done.out)
    evil = folder.add(with_preamble(GOOD.replace(b"start_ns", b"\\x1b[2J\\x9b")))
    done = Command(npyrace, evil)
    failures.check(done.code == 0 and "\\x1b[2J\\x9b" in done.out, done.out)
    failures.check(all(c.isprintable() or c == "\n" for c in done.out), done.out)


def check_limit(npyrace, folder, failures):
    path = folder.add(with_preamble(GOOD + b" " * 20000))
    done = Command(npyrace, "--json", path)
    failures.check(done.code == 3 and "more than the limit of 10000 (at byte 8)" in done.err, done.err)
    done = Command(npyrace, "--json", "--max-header-bytes", "30000", path)
    failures.check(done.code == 0, done.err)
    done = Command(npyrace, "--json", "--max-header-bytes", "-1", path)
    failures.check(done.code == 2, done.code, done.err)
    failures.check(Command(npyrace).code == 2, "no file is a usage error")


def check_terabytes(npyrace, folder, failures):
    """A header that claims to be four gigabytes long, in a short file and in a sparse file of that size."""
    path = folder.add(b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + GOOD)
    os.truncate(path, 2**42)
    done = Command(npyrace, path)
    failures.check(done.code == 3 and "4294967295 characters" in done.err, done.code, done.err)
    path = folder.add(with_preamble(GOOD.replace(b"(3,)", b"(%d,)" % (2**37))))
    os.truncate(path, 2**41 + 200)
    done = Command(npyrace, "--json", path)
    failures.check(done.code == 0 and json.loads(done.out)["data_bytes"] == 2**41, done.out, done.err)


def main():
    arguments = options()
    failures = Failures()
    folder = Folder()
    with folder:
        for check in (check_single_file, check_bad_beside_good, check_text, check_limit, check_terabytes):
            check(arguments.npyrace, folder, failures)
    failures.finish()


if __name__ == "__main__":
    main()
