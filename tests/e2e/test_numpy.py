"""NumPy reads npyrace's files record by record. The expected stamps are computed independently here."""

import json

import numpy as np
from program import FolderTest, main, run

MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C19


def numbers(x):
    """As an array of 64-bit numbers, because scalars warn about the intended overflow."""
    return np.atleast_1d(np.asarray(x, np.uint64))


def mix(x):
    """The hash of the key, and version 1 of the stamps (core/array/lane_content.h)."""
    x = numbers(x)
    x = x ^ (x >> np.uint64(33))
    x = x * np.uint64(0xFF51AFD7ED558CCD)
    x = x ^ (x >> np.uint64(33))
    x = x * np.uint64(0xC4CEB9FE1A85EC53)
    return x ^ (x >> np.uint64(33))


def key_of(seed):
    return mix(seed ^ STEP) & np.uint64((1 << 56) - 1)


def old_stamps(seed, lanes, generation):
    return mix(((lanes ^ key_of(seed)) << np.uint64(8)) | np.uint64(generation))


def stamps(seed, lanes, generation):
    x = (((numbers(lanes) + key_of(seed)) << np.uint64(8)) | np.uint64(generation)) * np.uint64(0x9E3779B97F4A7C15)
    x = x ^ (x >> np.uint64(32))
    return x ^ (x << np.uint64(21))


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

    def test_an_array_of_an_older_npyrace_is_verified_by_its_own_stamps(self):
        path = self.folder / "a.npy"
        self.assertEqual(run("create", path, "--records", 100, "--descr", "<u8").code, 0)
        sidecar_path = self.folder / "a.npy.npyrace.json"
        sidecar = json.loads(sidecar_path.read_text())
        self.assertEqual((sidecar["npyrace_sidecar"], sidecar["array"].pop("stamp_version")), (2, 2))
        sidecar["npyrace_sidecar"] = 1  # which had no version of stamps
        sidecar_path.write_text(json.dumps(sidecar))
        array = np.load(path, mmap_mode="r+")
        array[:] = old_stamps(sidecar["stamp_seed"], np.arange(100, dtype=np.uint64), 1)
        array.flush()
        self.assertEqual(run("verify", path, "--complete").code, 0)
        self.assertEqual(run("expect", path, self.folder / "b.npy").code, 0)
        self.assertEqual((self.folder / "b.npy").read_bytes(), path.read_bytes())
        array[41] = array[42]
        array.flush()
        outcome = run("verify", path)
        self.assertEqual(outcome.code, 1)
        self.assertIn("misplaced", outcome.out)

    def test_stamps_of_a_newer_npyrace_are_refused(self):
        path = self.folder / "a.npy"
        self.assertEqual(run("create", path, "--records", 100).code, 0)
        sidecar_path = self.folder / "a.npy.npyrace.json"
        sidecar_path.write_text(sidecar_path.read_text().replace('"stamp_version": 2', '"stamp_version": 3'))
        outcome = run("verify", path)
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("stamps of a version that this npyrace does not know", outcome.err)

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
