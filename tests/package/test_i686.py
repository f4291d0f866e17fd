"""The program for 32-bit x86: its unit tests, an array of 9 TiB, and the same findings as the program of 64 bits. Where
a size of a file meets a size of memory, the compiler warns (-Wconversion), so the rooms that read files may not warn."""

import json
import os
import pathlib
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
WIDE = os.environ["NPYRACE"]
SKIPPED = 77
TESTED = ["core_base", "core_os", "core_file", "core_npy", "core_array", "core_result", "validators"]
WARNS_NOT = ("core/", "validators/", "reports/", "bench/storage/")
# 9 Mi records of 1 MiB: 9 TiB. Worker 1048577 has the eight records from 8 TiB + 8 MiB on.
RECORDS, RECORD = 9 << 20, 1 << 20
WORKERS = RECORDS // 8
BIG = ["--shape", f"{RECORDS},{RECORD // 8}", "--descr", "<f8", "--writers", str(WORKERS)]


def runs_32_bit_programs():
    """Whether the kernel runs them; a static one needs no library."""
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "a")
        built = subprocess.run(["i686-linux-gnu-g++", "-x", "c++", "-static", "-", "-o", program], input="int main() {}",
                               text=True, check=False)
        return built.returncode == 0 and subprocess.run([program], check=False).returncode == 0


def run(program, *arguments, code=0):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == code, done
    return done


class I686(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.build = SOURCE / "build/i686"
        built = subprocess.run([SOURCE / "packaging/cross", "i686", "-DNPYRACE_BUILD_TESTS=ON"], stdout=subprocess.PIPE,
                               text=True, check=True)
        cls.program = built.stdout.strip()
        targets = [f"npyrace_{room}_tests" for room in TESTED]
        subprocess.run(["ninja", "-C", cls.build, *targets], stdout=subprocess.DEVNULL, check=True)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-i686-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_the_binary_has_32_bits(self):
        header = pathlib.Path(self.program).read_bytes()[:20]
        self.assertEqual((header[:5], header[18]), (b"\x7fELF\x01", 3))

    def test_rooms_that_read_files_compile_without_a_warning(self):
        """By another compiler run, because only files that have changed were compiled above."""
        commands = json.loads((self.build / "compile_commands.json").read_text())
        checked = 0
        for one in commands:
            source = os.path.relpath(one["file"], SOURCE).removeprefix("build/i686/")
            if not source.startswith(WARNS_NOT) or source.endswith("_test.cpp"):
                continue
            done = subprocess.run([*shlex.split(one["command"].split(" -o ")[0]), "-fsyntax-only", "-Werror=conversion", one["file"]],
                                  cwd=one["directory"], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            checked += 1
        self.assertGreater(checked, 5)

    def test_unit_tests(self):
        for room in TESTED:
            with self.subTest(room=room):
                done = subprocess.run([self.build / room.replace("_", "/") / f"npyrace_{room}_tests"], capture_output=True,
                                      text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout)

    def big_array(self):
        """A sparse file; skips where no file can be so large."""
        path = self.folder / "big.npy"
        words = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({RECORDS}, {RECORD // 8}), }}"
        header = b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + words.encode().ljust(117) + b"\n"
        path.write_bytes(header)
        try:
            os.truncate(path, len(header) + RECORDS * RECORD)
        except OSError as error:
            self.skipTest(f"no file of 9 TiB in {self.folder}: {error}")
        return path

    def test_an_array_of_9_tib(self):
        """Inspected, written in part, and verified. core/npy/memmap_test.cpp maps windows of such an array."""
        path = self.big_array()
        seen = json.loads(run(self.program, "inspect", "--check", "--json", path).stdout)
        self.assertEqual(seen, json.loads(run(WIDE, "inspect", "--check", "--json", path).stdout))
        self.assertEqual(seen["shape"], [RECORDS, RECORD // 8])
        for program, worker in (self.program, (8 << 17) + 1), (WIDE, (8 << 17) + 2):
            run(program, "write", path, *BIG, "--worker", f"{worker}/{WORKERS}")
        cell = self.verified(self.program, path, 0)
        self.assertEqual((cell["verdict"], sum(cell["anomalies"].values())), ("inconclusive", 0), cell)
        self.assertEqual(cell["unwritten"], RECORDS - 16)
        with open(path, "r+b") as file:
            for record in (8 << 20) + 11, (8 << 20) + 17:  # one of each worker
                file.seek(128 + record * RECORD)
                file.write(bytes(RECORD))
        cell = self.verified(self.program, path, 1)
        self.assertEqual((cell["verdict"], cell["anomalies"]["hole"]), ("unsafe", 2), cell)
        self.assertEqual([e["record"] for e in cell["examples"]], [(8 << 20) + 11, (8 << 20) + 17])
        self.assertEqual([e["offset"] for e in cell["examples"]], [128 + e["record"] * RECORD for e in cell["examples"]])
        self.assertEqual(cell["anomalies"], self.verified(WIDE, path, 1)["anomalies"])

    def verified(self, program, path, code):
        report = self.folder / "result.json"
        run(program, "verify", path, *BIG, "--json", report, code=code)
        return json.loads(report.read_text())["npyrace"]["cells"][0]

    def same_findings(self, path, code):
        """Verifies by both programs. Everything but times must be equal."""
        both = []
        for program in (self.program, WIDE):
            cell = json.loads(run(program, "verify", path, "--json", "-", code=code).stdout)["npyrace"]["cells"][0]
            for key in [key for key in cell if "seconds" in key or "per_second" in key]:
                del cell[key]
            both.append(cell)
        self.assertEqual(both[0], both[1])
        return both[0]

    def test_ordinary_arrays_have_the_same_findings(self):
        for descr in ("<f8", "<f16", "[('a', '<i4'), ('b', '<U3')]", "|V13"):
            for maker, layout in (WIDE, "packed"), (self.program, "padded-record"):
                with self.subTest(descr=descr, layout=layout):
                    path = self.folder / "a.npy"
                    run(maker, "create", path, "--shape", "500,3", "--descr", descr, "--writers", 3, "--layout", layout, "--ownership",
                        "random")
                    for worker in range(3):
                        run(maker, "write", path, "--worker", f"{worker}/3")
                    self.assertEqual(sum(self.same_findings(path, 0)["anomalies"].values()), 0)
                    with open(path, "r+b") as file:
                        file.seek(128 + 5000)
                        file.write(bytes(range(200)))
                    self.assertGreater(sum(self.same_findings(path, 1)["anomalies"].values()), 0)
                    for old in self.folder.iterdir():
                        (shutil.rmtree if old.is_dir() else os.unlink)(old)

    def test_a_race(self):
        done = run(self.program, "run", "--dir", self.folder, "--records", 512, "--generations", 4, "--repetitions", 2,
                   "--layouts", "packed", "--strategies", "pwrite,mmap")
        self.assertIn("safe", done.stdout)

    def test_watch_says_that_it_is_missing(self):
        done = run(self.program, "watch", "--", "true", code=2)
        self.assertIn("64-bit", done.stderr)


if __name__ == "__main__":
    if shutil.which("i686-linux-gnu-g++") is None or not runs_32_bit_programs():
        print("skipped: no i686-linux-gnu-g++, or a kernel without 32-bit programs")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
