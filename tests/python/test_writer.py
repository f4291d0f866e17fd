"""npyrace.writer: it writes as the recipe of the same result does, refuses rows that would be lost, and loses none on
the lab of which NFS is the model."""

import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

from package import SOURCE, FolderTest

import numpy as np

import npyrace
from npyrace._writer import WAYS, file_system_type

PROGRAM = os.environ["NPYRACE"]
CALLS = "openat,open,pwrite64,pwritev,pwritev2,write,fsync,msync,fcntl,flock,mmap,lseek,fdatasync"


def result_of(*arguments):
    subprocess.run([PROGRAM, "run", "--quiet", "--json", "result.json", *map(str, arguments)], check=True,
                   stdout=subprocess.DEVNULL)
    return json.loads(pathlib.Path("result.json").read_text(encoding="utf8"))


def only_safe(result, index):
    """The result with this cell as the only safe one."""
    for number, cell in enumerate(result["npyrace"]["cells"]):
        cell["verdict"] = "safe" if number == index else "unsafe"
        cell["evidence"]["trials"] = 5000
    return result


def calls_on(path, script, *arguments):
    """The calls of a Python script on a file, from when it opens it for writing."""
    strace = ["strace", "-f", "-s", "65536", "-e", f"trace={CALLS}", "-P", path, "-o", "calls"]
    done = subprocess.run([*strace, sys.executable, "-c", script, *arguments], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    lines = pathlib.Path("calls").read_text(encoding="latin1").splitlines()
    calls = [re.sub("0x[0-9a-f]+", "ADDRESS", line.split(" ", 1)[1].strip()) for line in lines
             if "O_RDONLY" not in line and "+++" not in line]
    return list(itertools.dropwhile(lambda call: not call.startswith("open"), calls))


class Ways(FolderTest):
    def test_calls_are_those_of_the_recipe(self):
        """Job 0 of two: the recipe's job.py and a writer make the same calls."""
        result = result_of("--dir", ".", "--strategies", ",".join(WAYS), "--layouts", "padded-block",
                           "--ownership", "block", "--writers", 2, "--records", 6, "--generations", 1,
                           "--repetitions", 1)
        compared = 0
        for index, cell in enumerate(result["npyrace"]["cells"]):
            if cell["verdict"] == "skipped":
                continue
            with self.subTest(cell["strategy"]):
                pathlib.Path("one.json").write_text(json.dumps(only_safe(result, index)), encoding="utf8")
                for name in pathlib.Path(".").glob("*.npy"):
                    name.unlink()
                subprocess.run([PROGRAM, "advise", "one.json", "--recipe", "."], check=True, capture_output=True)
                subprocess.run([sys.executable, "create.py"], check=True)
                theirs = calls_on("array.npy", pathlib.Path("job.py").read_text(encoding="utf8"), "0")
                path = str(self.folder / "array.npy")
                ours = calls_on(path, f"import sys; sys.path.insert(0, {str(SOURCE / 'python')!r})\n"
                                      "import numpy as np, npyrace\n"
                                      f"with npyrace.writer({path!r}, 'one.json', rows=slice(0, 256)) as w:\n"
                                      "    w[:3] = np.zeros((), w.header.dtype)\n")
                ours = [line.replace(path, "array.npy") for line in ours]
                self.assertTrue(any("pwrite" in line or "write" in line or "mmap" in line for line in theirs), theirs)
                self.assertEqual(ours, theirs)
                compared += 1
        self.assertGreater(compared, 12)

    def test_every_way_writes_exactly_its_rows(self):
        expected = np.arange(40 * 3, dtype="<i4").reshape(40, 3)
        for strategy in WAYS:
            with self.subTest(strategy):
                np.save("a.npy", np.full((40, 3), -1, "<i4"))
                way = npyrace.Way(strategy, 0, 16, True, "test")
                header = npyrace.read_header("a.npy")
                for rows in slice(0, 7), slice(7, 8), slice(10, 30, 4), slice(38, 40):
                    try:
                        npyrace.Writer("a.npy", header, way, range(40))[rows] = expected[rows]
                    except OSError as error:
                        self.assertEqual(strategy, "direct", error)  # 16 bytes are no unit of O_DIRECT
                        break
                else:
                    found = np.load("a.npy")
                    written = np.zeros(40, bool)
                    for rows in slice(0, 7), slice(7, 8), slice(10, 30, 4), slice(38, 40):
                        written[rows] = True
                    np.testing.assert_array_equal(found[written], expected[written])
                    self.assertTrue((found[~written] == -1).all())

    def test_every_way_writes_every_type_as_numpy_assigns_it(self):
        """Of a single element NumPy gives other bytes than the file has: native order, text without its end."""
        aligned = np.dtype([("a", "i1"), ("b", ">f8"), ("c", "S3")], align=True)
        for dtype in ">f8", ">i4", "<c8", ">M8[s]", "S5", "<U3", ">U3", "?", aligned, ("<f4", (3,)):
            expected = np.zeros(64, dtype)
            filled = np.arange(expected.size * expected.dtype.itemsize, dtype="u1")
            block = np.frombuffer(filled.tobytes(), "u1").reshape(64, -1) % 50
            if np.dtype(dtype).kind == "S":
                block = np.array([b"hello", b"ab", b"world", b""] * 16)
            elif np.dtype(dtype).kind == "U":
                block = np.array(["abc", "d", "", "ef"] * 16)
            elif np.dtype(dtype) == aligned:
                block = np.array([(i, i / 3, b"x" * (i % 4)) for i in range(64)], aligned)
            else:
                block = np.broadcast_to(block[:, :1], expected.reshape(64, -1).shape).astype(expected.dtype).reshape(
                    expected.shape)
            for strategy in WAYS:
                with self.subTest(strategy, dtype=dtype):
                    expected = np.zeros(64, dtype)
                    np.save("a.npy", expected)
                    way = npyrace.Way(strategy, 0, 16, True, "test")
                    writer = npyrace.Writer("a.npy", npyrace.read_header("a.npy"), way)
                    for rows in slice(0, 20), slice(20, 64, 3), slice(21, 22):
                        try:
                            writer[rows] = block[rows]
                        except OSError as error:
                            self.assertEqual(strategy, "direct", error)
                            break
                        expected[rows] = block[rows]
                    else:
                        self.assertEqual(np.load("a.npy").tolist(), expected.tolist())

    def test_direct_keeps_the_rest_of_its_units(self):
        expected = np.arange(3000, dtype="<i8")
        np.save("a.npy", expected)
        way = npyrace.Way("direct", 0, 4096, True, "test")
        writer = npyrace.Writer("a.npy", npyrace.read_header("a.npy"), way, range(3000))
        for rows in slice(0, 3), slice(700, 1900), slice(2990, 3000), slice(5, 6):
            expected[rows] += 1
            writer[rows] = expected[rows]
            np.testing.assert_array_equal(np.load("a.npy"), expected)


class Rows(FolderTest):
    def setUp(self):
        super().setUp()
        self.slices = npyrace.create("a.npy", (5000, 2), "<f8", workers=3)

    def test_what_numpy_assigns(self):
        expected = np.zeros((5000, 2))
        with npyrace.writer("a.npy") as w:
            for rows, block in [(slice(0, 256), 1), (slice(256, 512), np.arange(512).reshape(256, 2)),
                                (slice(512, 768), [3, 4]), (slice(4864, None), np.float32(5)),
                                (slice(-136, None), 6), (slice(9, 9), 7)]:
                w[rows] = block
                expected[rows] = block
            np.testing.assert_array_equal(np.load("a.npy"), expected)
            with self.assertRaises(ValueError):
                w[0:256] = np.zeros((255, 2))
            with self.assertRaisesRegex(TypeError, "whole rows"):
                w[0:256, 0] = 1
            with self.assertRaisesRegex(IndexError, "row 5000"):
                w[5000] = 1
            with self.assertRaisesRegex(ValueError, "negative step"):
                w[255::-1] = 1
        with self.assertRaisesRegex(ValueError, "closed"):
            w[0:256] = 1
        np.testing.assert_array_equal(np.load("a.npy"), expected)

    def test_rows_that_share_a_unit_are_refused(self):
        with npyrace.writer("a.npy") as w:
            for rows in slice(0, 255), slice(1, 256), slice(256, 4999), 7, slice(0, 512, 256):
                with self.assertRaisesRegex(ValueError, r"share the bytes \d+ to \d+ with rows of other processes"):
                    w[rows] = 1
            for rows in self.slices:
                w[rows] = 1
        self.assertTrue((np.load("a.npy") == 1).all())

    def test_rows_of_one_process_may_be_written_in_parts(self):
        mine = self.slices[1]
        with npyrace.writer("a.npy", rows=mine) as w:
            for row in range(mine.start, mine.start + 5):
                w[row] = row
            w[mine.start + 5:mine.stop:3] = 9
            for outside in mine.stop, mine.start - 1, slice(mine.start, mine.stop + 1):
                with self.assertRaisesRegex(IndexError, "not within rows"):
                    w[outside] = 1
        with npyrace.writer("a.npy", rows=slice(1, 300)) as w, self.assertRaisesRegex(ValueError, "share the bytes"):
            w[20] = 1
        with npyrace.writer("a.npy", rows=slice(None)) as w:  # the only process
            w[20] = 1
        for rows in 5, slice(0, 10, 2):
            with self.assertRaisesRegex(TypeError, "rows="):
                npyrace.writer("a.npy", rows=rows)

    def test_a_block_may_have_more_axes_of_length_one(self):
        with npyrace.writer("a.npy", rows=slice(None)) as w:
            w[0:256] = np.ones((1, 256, 2))
            w[3] = np.full((1, 2), 7)
            with self.assertRaisesRegex(TypeError, "whole rows"):
                w[True] = 1
        self.assertEqual(np.load("a.npy")[2:4].tolist(), [[1, 1], [7, 7]])

    def test_another_file_of_that_name_is_left_alone(self):
        with npyrace.writer("a.npy") as w:
            os.unlink("a.npy")
            npyrace.create("a.npy", 10, "<f4")
            with self.assertRaisesRegex(ValueError, "another file"):
                w[0:256] = 1
        self.assertEqual(np.load("a.npy").tolist(), [0] * 10)

    def test_files_that_are_no_arrays_of_rows(self):
        np.save("f.npy", np.zeros((3, 2), order="F"))
        pathlib.Path("t.npy").write_text("no array", encoding="ascii")
        np.save("s.npy", np.zeros(1000))
        os.truncate("s.npy", 5000)
        for name, words in [("f.npy", "Fortran"), ("t.npy", "magic"), ("s.npy", "ends at byte 5000")]:
            with self.assertRaisesRegex(ValueError, f"{name}: .*{words}"):
                npyrace.writer(name)


class Results(FolderTest):
    def setUp(self):
        super().setUp()
        self.result = result_of("--dir", ".", "--strategies", "pwrite,pwrite-dsync,single", "--layouts",
                                "packed,padded-block", "--sync", "every:3", "--records", 64, "--generations", 1,
                                "--repetitions", 1)
        npyrace.create("a.npy", 5000, "<f8")

    def cell(self, strategy, layout):
        return next(index for index, cell in enumerate(self.result["npyrace"]["cells"])
                    if (cell["strategy"], cell["layout"]) == (strategy, layout))

    def writer_of(self, result):
        pathlib.Path("r.json").write_text(json.dumps(result), encoding="utf8")
        return npyrace.writer("a.npy", "r.json")

    def test_the_way_is_the_cell_s(self):
        way = self.writer_of(only_safe(self.result, self.cell("pwrite-dsync", "padded-block"))).way
        self.assertEqual((way.strategy, way.every, way.unit, way.shares), ("pwrite-dsync", 3, 4096, False))
        self.assertIn("r.json", way.why)

    def test_units_are_shared_only_where_that_was_measured(self):
        index = self.cell("pwrite", "packed")
        result = only_safe(self.result, index)
        one_node = result["npyrace"]["environment"]["mounts"][0].get("one_node", False)
        self.assertEqual(self.writer_of(result).way.shares, one_node)
        result["npyrace"]["environment"]["mounts"][0]["one_node"] = False
        self.assertFalse(self.writer_of(result).way.shares)
        result["npyrace"]["cells"][index]["evidence"]["units_shared_by_mounts"] = 3
        writer = self.writer_of(result)
        self.assertTrue(writer.way.shares)
        writer[3:10] = 1
        self.assertEqual(np.load("a.npy").sum(), 7)

    def test_what_a_process_cannot_do_by_itself_is_passed_over(self):
        result = only_safe(self.result, self.cell("single", "packed"))
        with self.assertRaisesRegex(npyrace.NpyraceError, "only single, which a process cannot do by itself"):
            self.writer_of(result)
        result["npyrace"]["cells"][self.cell("pwrite", "padded-block")]["verdict"] = "safe"
        self.assertEqual(self.writer_of(result).way.strategy, "pwrite")

    def test_a_way_that_lost_in_another_state_of_the_cache_is_not_taken(self):
        index = self.cell("pwrite", "packed")
        result = only_safe(self.result, index)
        warm = dict(result["npyrace"]["cells"][index], verdict="unsafe", cache="warm", name="pwrite/warm")
        result["npyrace"]["cells"].append(warm)
        with self.assertRaisesRegex(npyrace.NpyraceError, "nothing was safe"):
            self.writer_of(result)
        result["npyrace"]["cells"][self.cell("pwrite-dsync", "packed")]["verdict"] = "safe"
        self.assertEqual(self.writer_of(result).way.strategy, "pwrite-dsync")

    def test_less_than_a_page_counts_only_between_nodes(self):
        index = self.cell("pwrite", "padded-block")
        result = only_safe(self.result, index)
        cell, mount = result["npyrace"]["cells"][index], result["npyrace"]["environment"]["mounts"][0]
        cell["align_bytes"] = 64
        for one_node, mounts, unit in (False, 1, npyrace._writer.DEFAULT_WAY.unit), (True, 1, 64), (False, 2, 64):
            mount["one_node"], cell["mounts"] = one_node, mounts
            self.assertEqual(self.writer_of(result).way.unit, unit)

    def test_a_way_for_shared_units_can_be_asked_for(self):
        result = only_safe(self.result, self.cell("pwrite", "padded-block"))
        pathlib.Path("r.json").write_text(json.dumps(result), encoding="utf8")
        with self.assertRaisesRegex(npyrace.NpyraceError, "no way was safe in which processes write to the same"):
            npyrace.writer("a.npy", "r.json", share_units=True)
        cell = result["npyrace"]["cells"][self.cell("pwrite-dsync", "packed")]
        cell["verdict"], cell["evidence"]["units_shared_by_mounts"] = "safe", 5
        padded = result["npyrace"]["cells"][self.cell("pwrite", "padded-block")]
        result["npyrace"]["recommendation"]["cell"] = padded["name"]
        pathlib.Path("r.json").write_text(json.dumps(result), encoding="utf8")
        self.assertEqual(npyrace.writer("a.npy", "r.json").way.strategy, "pwrite")
        with npyrace.writer("a.npy", "r.json", share_units=True) as w:
            self.assertEqual((w.way.strategy, w.way.shares), ("pwrite-dsync", True))
            w[3] = 1
        self.assertEqual(np.load("a.npy").sum(), 1)

    def test_hostile_results_are_refused(self):
        index = self.cell("pwrite", "padded-block")
        for key, value in [("sync", "every:-5"), ("sync", "often"), ("align_bytes", float("inf")),
                           ("align_bytes", 1 << 60), ("align_bytes", "4096"), ("strategy", None),
                           ("records_per_second", 10**400)]:
            result = json.loads(json.dumps(self.result))
            only_safe(result, index)["npyrace"]["cells"][index][key] = value
            with self.subTest(key, value=value), self.assertRaises((ValueError, npyrace.NpyraceError)):
                self.writer_of(result)
        pathlib.Path("r.json").write_text("[" * 100000, encoding="ascii")
        with self.assertRaisesRegex(ValueError, "r.json: not a result"):
            npyrace.writer("a.npy", "r.json")

    def test_results_that_do_not_fit(self):
        with self.assertRaisesRegex(npyrace.NpyraceError, "nothing was safe"):
            self.writer_of(only_safe(self.result, -1))
        elsewhere = only_safe(self.result, 0)
        elsewhere["npyrace"]["environment"]["mounts"][0]["fs_type"] = "lustre"
        words = f"measured on lustre, but a.npy is on {file_system_type('.')}"
        with self.assertRaisesRegex(npyrace.NpyraceError, words):
            self.writer_of(elsewhere)
        for wrong in [], {}, {"npyrace": 1}, {"npyrace": {"cells": [{}]}}:
            with self.assertRaisesRegex(ValueError, "r.json: not a result of npyrace run"):
                self.writer_of(wrong)
        pathlib.Path("r.json").write_text("{", encoding="ascii")
        with self.assertRaisesRegex(ValueError, "r.json: not a result"):
            npyrace.writer("a.npy", "r.json")


JOB = """
import os, sys
sys.path.insert(0, {python!r})
import numpy as np, npyrace
expected = np.load(os.environ["NPYRACE_EXPECT"], mmap_mode="r")
mine = slice(int(os.environ["NPYRACE_SLICE_START"]), int(os.environ["NPYRACE_SLICE_STOP"]))
open(os.environ["NPYRACE_GO"]).read()
with npyrace.writer(os.environ["NPYRACE_FILE"]{result}) as w:
    w[mine] = expected[mine]
"""

# A process on one node of the lab: for each line "FILE EXPECTED START STOP" it writes these rows.
WORKER = """
import sys
sys.path.insert(0, {python!r})
import numpy as np, npyrace
for line in sys.stdin:
    file, expected, start, stop = line.split()
    mine = slice(int(start), int(stop))
    block = np.load(expected)[mine]
    print("ready", flush=True)
    sys.stdin.readline()
    with npyrace.writer(file) as w:
        w[mine] = block
    print("done", flush=True)
"""


def ten_rounds(nodes):
    """Within a lab: in each round eight processes, on two nodes, write an array together, and verify reads it back."""
    script = WORKER.format(python=str(SOURCE / "python"))
    workers = [subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                text=True) for _ in range(8)]

    def tell(lines, answer):
        for worker, line in zip(workers, lines):
            worker.stdin.write(line + "\n")
            worker.stdin.flush()
        for worker in workers:
            assert worker.stdout.readline().strip() == answer

    for number in range(10):
        files = [os.path.join(node, f"{number}.npy") for node in nodes]
        subprocess.run([PROGRAM, "create", files[0], "--records", "131072", "--layout", "padded-block", "--writers",
                        "8"], check=True)
        subprocess.run([PROGRAM, "expect", files[0], f"{number}.npy", "--generation", "1"], check=True)
        os.sync()
        tell([f"{files[w % 2]} {number}.npy {w * 16384} {(w + 1) * 16384}" for w in range(8)], "ready")
        tell([""] * 8, "done")
        subprocess.run([PROGRAM, "verify", files[0], "--generation", "1", "--complete", "--also-from", nodes[1]],
                       check=True)
    for worker in workers:
        worker.stdin.close()
        assert worker.wait() == 0


class Lab(FolderTest):
    """Eight processes on two nodes of the lab, whose model is NFS."""

    def setUp(self):
        super().setUp()
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            self.skipTest("no access to /dev/fuse, which a lab needs")

    def race(self, result, *options):
        pathlib.Path("job.py").write_text(JOB.format(python=str(SOURCE / "python"), result=result), encoding="utf8")
        return subprocess.run([PROGRAM, "run", "--lab", "nfs", "--exec", f"{sys.executable} {self.folder}/job.py",
                               "--writers", "8", "--ownership", "block", "--repetitions", "2", "--json", "raced.json",
                               *map(str, options)], capture_output=True, text=True, timeout=600, check=False)

    def assert_safe(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        cell, = json.loads(pathlib.Path("raced.json").read_text(encoding="utf8"))["npyrace"]["cells"]
        self.assertEqual((cell["verdict"], cell["mounts"]), ("safe", 2), cell["reason"])

    def test_verify_finds_every_record_in_ten_of_ten_rounds(self):
        driver = [sys.executable, os.path.abspath(__file__), "ten_rounds", "{n1}", "{n2}"]
        done = subprocess.run([PROGRAM, "lab", "--model", "nfs", "--", *driver], capture_output=True, text=True,
                              timeout=300, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.count("131072 records checked"), 10, done.stdout)

    def test_the_default_way_is_safe_in_a_race(self):
        for _ in range(int(os.environ.get("NPYRACE_TEST_TIMES", "1"))):
            self.assert_safe(self.race("", "--layouts", "padded-block", "--records", 131072, "--generations", 12))

    def test_pages_are_shared_in_the_way_that_was_measured(self):
        measured = result_of("--lab", "nfs", "--strategies", "pwrite-dsync", "--layouts", "packed", "--records", 2048,
                             "--generations", 20)
        self.assertEqual(measured["npyrace"]["cells"][0]["verdict"], "safe")
        result = f", {str(self.folder / 'result.json')!r}"
        done = self.race(result, "--layouts", "packed", "--records", 2048, "--generations", 2)
        cell, = json.loads(pathlib.Path("raced.json").read_text(encoding="utf8"))["npyrace"]["cells"]
        self.assertIn(cell["verdict"], ("safe", "inconclusive"), done.stdout)  # few generations: few chances
        self.assertGreater(cell["evidence"]["records_checked"], 0)
        self.assertEqual(sum(cell["anomalies"].values()), 0)

    def test_without_that_result_shared_pages_are_refused(self):
        done = self.race("", "--layouts", "packed", "--records", 2048, "--generations", 2)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("share the bytes", done.stdout + done.stderr)


if __name__ == "__main__":
    if sys.argv[1:2] == ["ten_rounds"]:
        ten_rounds(sys.argv[2:])
    else:
        unittest.main(verbosity=2)
