"""read_header, window, split and create, with real NumPy."""

import ast
import doctest
import importlib
import io
import json
import math
import os
import random
import re
import resource
import struct
import subprocess
import sys
import unittest
import warnings

from package import SOURCE, FolderTest

import numpy as np

import npyrace
from npyrace._layout import data_offset
from npyrace._writer import DEFAULT_WAY

DTYPES = ["<f8", ">i4", "u1", "c16", "V7", "S3", "<U2", "M8[ns]", [("t", "<i8"), ("x", "<f4", (2,))], ("f4", (3,)),
          [("ä", "<f8"), ("日", "u1")]]


def npy(text, version=(1, 0), data=b""):
    """An NPY file with this header text, as its bytes."""
    encoded = text.encode("utf8")
    length = struct.pack("<H" if version == (1, 0) else "<I", len(encoded))
    return b"\x93NUMPY" + bytes(version) + length + encoded + data


class ReadHeader(FolderTest):
    def test_it_says_what_numpy_reads(self):
        for number, dtype in enumerate(DTYPES):
            for shape in [(5,), (4, 3), (0, 2), ()]:
                for order in "C", "F":
                    with self.subTest(dtype=dtype, shape=shape, order=order):
                        array = np.zeros(shape, dtype, order)
                        np.save("a.npy", array)
                        header = npyrace.read_header("a.npy")
                        loaded = np.load("a.npy")
                        self.assertEqual((header.shape, header.dtype), (loaded.shape, loaded.dtype))
                        self.assertEqual(header.fortran_order,
                                         loaded.flags.f_contiguous and not loaded.flags.c_contiguous)
                        self.assertEqual(header.end, os.path.getsize("a.npy"))
                        self.assertEqual(header.version, (3, 0) if number == len(DTYPES) - 1 else (1, 0))

    def test_it_unpacks_in_the_order_of_the_documentation(self):
        np.save("a.npy", np.zeros((2, 3), "<f4"))
        version, shape, fortran_order, dtype, offset = npyrace.read_header("a.npy")
        self.assertEqual((version, shape, fortran_order, dtype, offset), ((1, 0), (2, 3), False, np.dtype("<f4"), 128))

    def test_version_2(self):
        with open("a.npy", "wb") as file:
            np.lib.format.write_array(file, np.zeros(3, "<i2"), version=(2, 0))
        self.assertEqual(npyrace.read_header("a.npy").version, (2, 0))

    def test_it_reads_no_byte_of_the_data(self):
        np.save("a.npy", np.zeros(100000))
        lines = subprocess.run(["strace", "-e", "trace=read,pread64,mmap", "-P", str(self.folder / "a.npy"),
                                sys.executable, "-c", f"import sys; sys.path.insert(0, {str(SOURCE / 'python')!r}); "
                                "import npyrace; npyrace.read_header('a.npy')"],
                               capture_output=True, text=True, check=True).stderr.splitlines()
        reads = [line for line in lines if line.startswith(("read(", "pread64(", "mmap("))]
        self.assertTrue(reads)
        self.assertTrue(all(line.startswith("read(") for line in reads), reads)
        self.assertEqual(sum(int(line.rsplit("= ", 1)[1]) for line in reads), 128, reads)

    def test_damaged_files_get_one_line_with_the_name(self):
        good = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"
        damaged = {
            "not an NPY file": b"PK\x03\x04" + bytes(100),
            "empty": b"",
            "ends in the length": b"\x93NUMPY\x03\x00\x10",
            "ends in the text": npy(good)[:30],
            "ends in the text, version 3": npy(good, (3, 0))[:30],
            "version 9": npy(good, (9, 0)),
            "no dict": npy("[1, 2]"), "no dict, version 3": npy("[1, 2]", (3, 0)),
            "no shape": npy("{'descr': '<f8', 'fortran_order': False}", (3, 0)),
            "descr": npy(good.replace("'<f8'", "7")), "descr, version 3": npy(good.replace("'<f8'", "7"), (3, 0)),
            "negative": npy(good.replace("3,", "-3,")), "negative, version 3": npy(good.replace("3,", "-3,"), (3, 0)),
            "a call": npy(good.replace("(3,)", "__import__('os')"), (3, 0)),
            "deep": npy("(" * 9000, (3, 0)),
            "long": npy(good + " " * 20000, (3, 0)),
            "claims a gigabyte": b"\x93NUMPY\x03\x00" + struct.pack("<I", 1 << 30),
            "not UTF-8": npy(good, (3, 0)).replace(b"descr", b"desc\xff"),
        }
        for name, content in damaged.items():
            with self.subTest(name):
                with open("bad.npy", "wb") as file:
                    file.write(content)
                with self.assertRaises(ValueError) as caught:
                    npyrace.read_header("bad.npy")
                self.assertTrue(str(caught.exception).startswith("bad.npy: "), caught.exception)
        with self.assertRaises(FileNotFoundError):
            npyrace.read_header("none.npy")


class Window(FolderTest):
    def setUp(self):
        super().setUp()
        self.array = np.arange(60, dtype="<i4").reshape(10, 3, 2)
        np.save("a.npy", self.array)

    def test_it_is_the_slice(self):
        for start, stop in [(0, 10), (3, 4), (9, 10), (None, 5), (5, None), (4, 4), (10, 10)]:
            found = npyrace.window("a.npy", start, stop)
            self.assertIsInstance(found, np.memmap)
            np.testing.assert_array_equal(found, self.array[start:stop])
            self.assertEqual(found.dtype, self.array.dtype)

    def test_modes(self):
        npyrace.window("a.npy", 2, 3, "c")[:] = 7
        np.testing.assert_array_equal(np.load("a.npy"), self.array)
        with self.assertRaises(ValueError):
            npyrace.window("a.npy", 2, 3)[:] = 7
        changed = npyrace.window("a.npy", 2, 3, "r+")
        changed[:] = 7
        changed.flush()
        self.array[2] = 7
        np.testing.assert_array_equal(np.load("a.npy"), self.array)
        for mode in "w+", "w", "rw":
            with self.assertRaisesRegex(ValueError, "mode"):
                npyrace.window("a.npy", 0, 1, mode)
        np.testing.assert_array_equal(np.load("a.npy"), self.array)

    def test_rows_that_are_not_there(self):
        for start, stop in [(0, 11), (-1, 3), (5, 4), (11, 11)]:
            with self.assertRaisesRegex(IndexError, "a.npy: rows"):
                npyrace.window("a.npy", start, stop)

    def test_arrays_without_contiguous_rows_are_refused(self):
        np.save("f.npy", np.asfortranarray(self.array))
        np.save("o.npy", np.array([{}, 1], object), allow_pickle=True)
        np.save("0.npy", np.float64(1))
        for name, words in [("f.npy", "Fortran"), ("o.npy", "objects"), ("0.npy", "no axis")]:
            with self.assertRaisesRegex(ValueError, f"{name}: .*{words}"):
                npyrace.window(name, 0, 1)
        np.save("one.npy", np.asfortranarray(np.arange(3)))
        self.assertEqual(npyrace.window("one.npy", 1, 2)[0], 1)

    def test_a_file_that_is_too_short_is_not_extended(self):
        size = os.path.getsize("a.npy") - 1
        os.truncate("a.npy", size)
        for mode in "r", "r+":
            with self.assertRaisesRegex(ValueError, "a.npy: the file ends"):
                npyrace.window("a.npy", 9, 10, mode)
        self.assertEqual(os.path.getsize("a.npy"), size)

    def test_rows_of_a_file_that_does_not_fit_the_address_space(self):
        header = npyrace._pieces.npy_header(np.dtype("<f8"), (1 << 40, 1), 64)
        with open("huge.npy", "wb") as file:
            file.write(header)
            file.truncate(len(header) + (8 << 40))
        limit = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, limit[1]))
        try:
            with self.assertRaises((OSError, MemoryError, ValueError)):
                np.load("huge.npy", mmap_mode="r+")
            rows = npyrace.window("huge.npy", (1 << 40) - 5, 1 << 40, "r+")
            rows[:] = 3
            rows.flush()
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limit)
        with open("huge.npy", "rb") as file:
            file.seek(-40, io.SEEK_END)
            self.assertEqual(np.frombuffer(file.read(), "<f8").tolist(), [3.0] * 5)


def drawn(chance):
    """A shape, a dtype, workers and an alignment."""
    lengths = [0, 1, 2, 3, 7, 100, 1440, 4096, 100003, chance.randint(1, 5000)]
    return (tuple(chance.choice(lengths) for _ in range(chance.randint(1, 3))), chance.choice(DTYPES),
            chance.choice([1, 2, 3, 4, 8, 500, chance.randint(1, 100)]),
            chance.choice([1, 64, 512, 4096, 8192, 65536, 100, 1 << 20]))


class Split(unittest.TestCase):
    def test_no_unit_is_shared_and_every_row_is_there_once(self):
        chance = random.Random(19)
        refused = advised = 0
        for _ in range(5000):
            shape, dtype, workers, align = drawn(chance)
            base, inner = (np.dtype(dtype).subdtype or (np.dtype(dtype), ()))
            full = (*shape, *inner)
            row_bytes = base.itemsize * math.prod(full[1:])
            given = chance.choice([None, None, 64 * chance.randint(1, 200)])
            try:
                offset = data_offset(full, base, align) if given is None else given
            except ValueError:
                refused += 1
                self.assertGreater(align, 64)
                continue
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                slices = npyrace.split(shape, dtype, workers, align, offset=given)
            self.assertEqual(len(slices), workers)
            idle = sum(s.start == s.stop for s in slices)
            words = [re.findall("^([0-9]+) of .* use at most ([0-9]+) of them", str(w.message)) for w in warned]
            self.assertEqual([int(found[0][0]) for found in words], [idle] if idle and shape[0] else [])
            for found in words:
                advised += 1
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    npyrace.split(shape, dtype, int(found[0][1]), align, offset=given)
            self.assertEqual([0, *(s.stop for s in slices)], [*(s.start for s in slices), shape[0]])
            units = [(offset + s.start * row_bytes) // align for s in slices if s.stop > s.start and row_bytes]
            ends = [(offset + s.stop * row_bytes - 1) // align for s in slices if s.stop > s.start and row_bytes]
            apart = all(end < unit for end, unit in zip(ends, units[1:]))
            self.assertTrue(apart, (shape, dtype, workers, align, given))
        self.assertLess(refused, 500)
        self.assertGreater(advised, 500)

    def test_slices_are_as_equal_as_units_allow(self):
        slices = npyrace.split(1_000_000, "<f8", 7)
        lengths = [s.stop - s.start for s in slices]
        self.assertLessEqual(max(lengths) - min(lengths), 2 * 4096 // 8)

    def test_wrong_arguments(self):
        for arguments, words in [(((5,), "<f8", 0), "workers"), (((), "<f8", 1), "shape"), (((-1,), "<f8", 1), "shape"),
                                 (((5,), "<f8", 1, 0), "align"), (((5,), "O", 1), "objects")]:
            with self.assertRaisesRegex(ValueError, words):
                npyrace.split(*arguments)
        with self.assertRaisesRegex(ValueError, "rows of 65536 bytes never begin"):
            npyrace.split((10, 8192), "<f8", 2, 65536)
        for shape in (10.5,), "12", 7.0:
            with self.assertRaises(TypeError):
                npyrace.split(shape, "<f8", 2)

    def test_numpys_integers_are_integers(self):
        plain = npyrace.split((1440, 1000), "<f4", 4, 4096, offset=128)
        for kind in np.uint8, np.int32, np.uint64, np.int64:
            found = npyrace.split((np.int32(1440), 1000), "<f4", kind(4), np.int64(4096), offset=kind(128))
            self.assertEqual(found, plain)


class Create(FolderTest):
    def test_numpy_reads_zeros_that_begin_where_split_expects(self):
        chance = random.Random(3)
        for number in range(60):
            shape, dtype, workers, align = drawn(chance)
            shape = tuple(min(length, 50) for length in shape)
            try:
                slices = npyrace.create(f"{number}.npy", shape, dtype, workers, align)
            except ValueError:
                continue
            self.assertEqual(slices, npyrace.split(shape, dtype, workers, align))
            loaded = np.load(f"{number}.npy")
            expected = np.zeros(shape, dtype)
            self.assertEqual((loaded.shape, loaded.dtype), (expected.shape, expected.dtype))
            np.testing.assert_array_equal(loaded, expected)
            self.assertEqual(os.path.getsize(f"{number}.npy"), npyrace.read_header(f"{number}.npy").end)
        self.assertEqual([name for name in os.listdir() if not name.endswith(".npy")], [])

    def test_the_header_is_numpys_but_for_the_blanks(self):
        for dtype in DTYPES[:-1]:
            base, inner = np.dtype(dtype).subdtype or (np.dtype(dtype), ())
            np.save("theirs.npy", np.zeros((12, 4), dtype))
            with open("theirs.npy", "rb") as file:
                theirs = file.read(npyrace.read_header("theirs.npy").offset)
            self.assertEqual(npyrace._pieces.npy_header(base, (12, 4, *inner), 64), theirs)

    def test_what_is_there_stays(self):
        with open("a.npy", "w", encoding="ascii") as file:
            file.write("precious")
        with self.assertRaises(FileExistsError) as caught:
            npyrace.create("a.npy", 10, "<f8")
        self.assertIn("a.npy", str(caught.exception))
        with open("a.npy", encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")
        os.symlink("elsewhere", "link.npy")
        with self.assertRaises(FileExistsError):
            npyrace.create("link.npy", 10, "<f8")
        self.assertEqual(sorted(os.listdir()), ["a.npy", "link.npy"])

    def test_the_path_is_the_one_that_is_given(self):
        os.makedirs("other/deep")
        os.mkdir("d")
        os.symlink("../other/deep", "d/link")
        npyrace.create("d/link/../x.npy", 10, "<f4")
        self.assertTrue(os.path.exists("other/x.npy"))
        for path in "", "d/", "..":
            with self.assertRaises(OSError):
                npyrace.create(path, 10, "<f4")

    def test_a_long_header_of_characters_of_several_bytes(self):
        dtype = np.dtype([(f"{'字' * 20}{i}", "<f8") for i in range(200)])
        npyrace.create("a.npy", 3, dtype)
        self.assertEqual(np.load("a.npy").dtype, dtype)
        self.assertEqual(npyrace.read_header("a.npy").dtype, dtype)
        self.assertGreater(npyrace.read_header("a.npy").offset, 10000)

    def test_other_than_regular_files_are_refused(self):
        os.mkfifo("fifo.npy")
        with self.assertRaises(IsADirectoryError):
            npyrace.read_header(".")
        for path in "fifo.npy", "/dev/zero":
            with self.assertRaisesRegex(ValueError, "not a regular file"):
                npyrace.read_header(path)

    def test_a_failure_leaves_nothing(self):
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limit[1]))
        try:
            with self.assertRaises(OSError):
                npyrace.create("a.npy", 1 << 20, "<f8")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        self.assertEqual(os.listdir(), [])

    def test_space_is_reserved_unless_it_is_not_wanted(self):
        npyrace.create("full.npy", 1 << 17, "<f8")
        npyrace.create("sparse.npy", 1 << 17, "<f8", allocate=False)
        self.assertGreaterEqual(os.stat("full.npy").st_blocks * 512, 1 << 20)
        self.assertLess(os.stat("sparse.npy").st_blocks * 512, 1 << 20)


class Sources(FolderTest):
    def test_every_example_in_a_docstring_is_right(self):
        """In the modules that do not start the program; the tests of the others run their examples."""
        examples = 0
        for name in "_header", "_layout", "_writer":
            module = importlib.import_module(f"npyrace.{name}")
            for test in doctest.DocTestFinder().find(module, extraglobs={"np": np, **vars(npyrace)}):
                os.makedirs(f"{name}-{test.name}")
                os.chdir(f"{name}-{test.name}")
                result = doctest.DocTestRunner().run(test)
                os.chdir(self.folder)
                self.assertEqual(result.failed, 0, test.name)
                examples += result.attempted
        self.assertGreater(examples, 8)

    def test_the_syntax_is_that_of_python_3_8(self):
        for path in (SOURCE / "python").glob("**/*.py"):
            ast.parse(path.read_text(encoding="utf8"), str(path), feature_version=(3, 8))

    def test_the_default_way_was_unsafe_in_no_row_of_the_atlas(self):
        self.assertEqual((DEFAULT_WAY.strategy, DEFAULT_WAY.shares), ("pwrite-batch", False))
        rows = json.loads((SOURCE / "docs/atlas.json").read_text(encoding="utf8"))["rows"]
        verdicts = [{cell["verdict"] for cell in row["cells"] if cell["layout"] == "padded-block" and
                     cell["strategy"] == "pwrite"} for row in rows if row.get("cells")]
        self.assertGreater(len(verdicts), 15)
        self.assertLessEqual(set().union(*verdicts), {"safe", "inconclusive"})
        self.assertLessEqual(sum("safe" not in found for found in verdicts), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
