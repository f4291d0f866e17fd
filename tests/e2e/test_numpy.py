"""NumPy reads npyrace's files record by record. The expected stamps are computed independently here."""

import json

import numpy as np
from program import FolderTest, main, run

MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C19


def mix(x):
    """The mixer of core/stamp.cpp, on arrays of 64-bit numbers."""
    x = np.atleast_1d(np.asarray(x, np.uint64))  # as an array, because scalars warn about the intended overflow
    x = x ^ (x >> np.uint64(33))
    x = x * np.uint64(0xFF51AFD7ED558CCD)
    x = x ^ (x >> np.uint64(33))
    x = x * np.uint64(0xC4CEB9FE1A85EC53)
    return x ^ (x >> np.uint64(33))


def stamps(seed, lanes, generation):
    key = mix(np.uint64(seed ^ STEP)) & np.uint64((1 << 56) - 1)
    return mix(((lanes ^ key) << np.uint64(8)) | np.uint64(generation))


class RoundTrip(FolderTest):
    def kept(self, *options):
        outcome = run("run", "--dir", self.folder, "--keep", "--repetitions", 1, "--generations", 3,
                      "--strategies", "mmap", *options)
        self.assertEqual(outcome.code, 0, outcome)
        (sidecar,) = self.folder.glob("npyrace-kept-*.json")
        return str(sidecar)[: -len(".npyrace.json")], json.loads(sidecar.read_text())

    def test_numpy_reads_every_record_of_a_race(self):
        for layout in ["packed", "padded-record", "padded-block"]:
            with self.subTest(layout=layout):
                for old in self.folder.iterdir():
                    old.unlink()
                path, sidecar = self.kept("--layouts", layout, "--records", 1000, "--align", 512)
                array = np.load(path)
                self.assertEqual(array.dtype.names, ("start_ns", "finish_ns"))
                elements = np.arange(len(array), dtype=np.uint64)
                seed = sidecar["stamp_seed"]
                right = ((array["start_ns"].view(np.uint64) == stamps(seed, 2 * elements, 3))
                         & (array["finish_ns"].view(np.uint64) == stamps(seed, 2 * elements + np.uint64(1), 3)))
                unowned = (array["start_ns"] == 0) & (array["finish_ns"] == 0)
                self.assertEqual(right.sum(), 1000)
                self.assertTrue((right | unowned).all())
                # Map it for writing, as users do.
                mapped = np.load(path, mmap_mode="r+")
                self.assertTrue((mapped["start_ns"] == array["start_ns"]).all())

    def test_numpy_reads_rows_and_odd_types(self):
        path, sidecar = self.kept("--layouts", "padded-record", "--shape", "64,3,5", "--descr", "<u8")
        array = np.load(path)["record"]
        self.assertEqual(array.shape, (64, 3, 5))
        lanes = np.arange(64 * 15, dtype=np.uint64)
        self.assertTrue((array.reshape(-1) == stamps(sidecar["stamp_seed"], lanes, 3)).all())

    def test_created_arrays_are_zeros_that_numpy_can_fill(self):
        path = self.folder / "a.npy"
        outcome = run("create", path, "--records", 100, "--writers", 4, "--seed", 9, "--descr",
                      "[('t', '<u8'), ('x', '<u8')]")
        self.assertEqual(outcome.code, 0, outcome)
        array = np.load(path, mmap_mode="r+")
        self.assertEqual(array.shape, (100,))
        self.assertFalse(array["t"].any())
        self.assertEqual(run("verify", path).code, 0)
        elements = np.arange(100, dtype=np.uint64)
        seed = json.loads((self.folder / "a.npy.npyrace.json").read_text())["stamp_seed"]
        array["t"] = stamps(seed, 2 * elements, 1)
        array["x"] = stamps(seed, 2 * elements + np.uint64(1), 1)
        array.flush()
        outcome = run("verify", path, "--complete")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("inconclusive: every record holds what was expected", outcome.out)

    def test_headers_are_the_bytes_numpy_writes(self):
        path = self.folder / "a.npy"
        for descr in ["<f8", "|u1", "[('a', '<i4'), ('b', '<f8', (2, 2))]"]:
            run("create", path, "--records", 7, "--descr", descr)
            np.save(self.folder / "b.npy", np.zeros(7, np.dtype(eval(descr)) if "[" in descr else descr))
            self.assertEqual(path.read_bytes(), (self.folder / "b.npy").read_bytes())
            path.unlink()
            (self.folder / "a.npy.npyrace.json").unlink()


if __name__ == "__main__":
    main()
