"""Stamps of every dtype survive a copy value by value, and damage is still found and classified."""

import json
import zlib

import numpy as np
from program import FolderTest, main, run

KINDS = ["|b1", "|i1", "|u1", "<i2", ">u2", "<i4", ">i4", "<u8", ">i8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "<f16", ">f16",
         "<c8", ">c8", "<c16", "<c32", "|S2", "|S9", "<U1", ">U3", "|V1", "|V11"] + [
             f"{order}{kind}8[{unit}]" for kind in "mM" for order, unit in
             zip("<>" * 7, ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "25s"])] + [
             "<m8", "[('a', '?'), ('b', '<f8')]", "[('a', '<M8[D]'), ('b', [('c', '<U2'), ('d', '|S3')], (2,)), ('e', '<f4', (2, 2))]",
             "[('', '|V4'), ('a', '<i4'), ('', '|V8'), ('b', '|u1'), ('', '|V7')]", "[('x', '<f4'), ('', '|V4'), ('y', '<f8')]", "[('a', '<M8'), ('b', '<i4')]"]
RECORDS = 40


def needs_rows(descr):
    return descr == "|b1"


def shape_of(descr):
    return (RECORDS, 11) if needs_rows(descr) else (RECORDS,)


def copy_items(target, source):
    for place in np.ndindex(source.shape):
        target[place] = source[place].item()


def copy_fields(target, source):
    if source.dtype.names:
        for name in source.dtype.names:
            copy_fields(target[name], source[name])
    else:
        copy_items(target, source)


def copy_floats(target, source):
    """Copies each number through a Python float or complex, as a computing program does."""
    if source.dtype.names:
        for name in source.dtype.names:
            copy_floats(target[name], source[name])
    elif source.dtype.kind == "f":
        target[...] = np.array([float(x) for x in source.ravel()]).reshape(source.shape)
    elif source.dtype.kind == "c":
        target[...] = np.array([complex(x) for x in source.ravel()]).reshape(source.shape)
    else:
        copy_items(target, source)


def copy_with_garbage_between(target, source):
    """Fills the padding between fields with arbitrary bytes, as a C compiler may."""
    raw = target.view(np.uint8) if target.flags["C_CONTIGUOUS"] and target.dtype.names else None
    if raw is not None:
        raw[...] = 0xa7
    copy_fields(target, source)


class Values(FolderTest):
    def make(self, descr, *options, name="a.npy"):
        shape = ",".join(map(str, shape_of(descr)))
        outcome = run("create", self.folder / name, "--descr", descr, "--shape", shape, "--writers", 2, *options)
        self.assertEqual(outcome.code, 0, outcome)
        self.fix_stamps(self.folder / name)
        return self.folder / name

    def fix_stamps(self, path):
        """Gives the file the same stamps in every run of this test.

        Each file has stamps of its own, drawn at random. A type of 18 bits has few of them, so that one pair of arrays in
        some 25 holds stamps that are valid at another place of the other array.
        """
        sidecar = path.with_name(path.name + ".npyrace.json")
        content = json.loads(sidecar.read_text())
        content["stamp_seed"] = zlib.crc32(path.name.encode())
        sidecar.write_text(json.dumps(content))

    def expect(self, path, generation=1):
        out = self.folder / f"right-{generation}-{path.name}"
        outcome = run("expect", path, out, "--generation", generation, "--force")
        self.assertEqual(outcome.code, 0, outcome)
        return np.load(out)

    def anomalies(self, path, generation=1):
        report = self.folder / "verify.json"
        outcome = run("verify", path, "--generation", generation, "--json", report)
        self.assertIn(outcome.code, (0, 1), outcome)
        (cell,) = json.loads(report.read_text())["npyrace"]["cells"]
        return {name: count for name, count in cell["anomalies"].items() if count}, cell

    def test_expected_content_survives_every_copy_by_value(self):
        for number, descr in enumerate(KINDS):
            path = self.make(descr, name=f"{number}.npy")
            right = self.expect(path)
            for copy in (copy_items, copy_fields, copy_floats, copy_with_garbage_between):
                with self.subTest(descr=descr, copy=copy.__name__):
                    array = np.load(path, mmap_mode="r+")
                    array[...] = np.zeros(1, array.dtype)[0]
                    copy(array, right)
                    array.flush()
                    del array
                    found, cell = self.anomalies(path)
                    self.assertEqual(found, {}, cell["examples"][:1])
                    self.assertNotEqual(cell["verdict"], "unsafe")

    def test_values_are_valid_in_other_languages(self):
        for number, descr in enumerate(KINDS):
            with self.subTest(descr=descr):
                right = self.expect(self.make(descr, name=f"{number}.npy"))
                for leaf in leaves(right):
                    kind = leaf.dtype.kind
                    if kind in "fc":
                        self.assertTrue(np.isfinite(leaf).all())
                        self.assertTrue((leaf != 0).all())
                    if kind in "mM" and np.datetime_data(leaf.dtype)[0] != "generic":
                        self.assertFalse(np.isnat(leaf).any())
                    if kind == "b":
                        self.assertLessEqual(int(leaf.view(np.uint8).max()), 1)
                    if kind == "S":
                        self.assertTrue(all(len(x) == leaf.dtype.itemsize and x.isascii() for x in leaf.ravel()))
                    if kind == "U":
                        width = leaf.dtype.itemsize // 4
                        self.assertTrue(all(len(x) == width and x.encode("utf-8") for x in leaf.ravel().tolist()))

    def test_damage_is_found_and_classified(self):
        for number, descr in enumerate(KINDS):
            path = self.make(descr, name=f"{number}.npy")
            right, old = self.expect(path, 2), self.expect(path, 1)
            others = self.make(descr, name=f"other-{number}.npy")
            other = self.expect(others, 2)
            item_bytes = right[0].nbytes

            def written(damage):
                array = np.load(path, mmap_mode="r+")
                copy_fields(array, right)
                damage(array)
                array.flush()
                del array
                return self.anomalies(path, 2)[0]

            with self.subTest(descr=descr, damage="none"):
                self.assertEqual(written(lambda a: None), {})
            with self.subTest(descr=descr, damage="lost"):
                self.assertEqual(written(lambda a: copy_fields(a[7:9], old[7:9])), {"lost": 2})
            with self.subTest(descr=descr, damage="hole"):
                self.assertEqual(written(lambda a: a[7:9].view(np.uint8).fill(0)), {"hole": 2})
            bits = self.anomalies(path, 2)[1]["evidence"]["chance_of_mistake"]
            if bits > 2.0 ** -17:
                continue  # the type has so few values that damage may look right or be classified only as wrong
            with self.subTest(descr=descr, damage="misplaced"):
                found = written(lambda a: copy_fields(a[7:9], right[20:22]))
                wide = not (right.dtype.kind in "iuV" and item_bytes < 8)
                self.assertEqual(found, {"misplaced": 2} if wide else {"corrupt": 2})
            with self.subTest(descr=descr, damage="another array"):
                found = written(lambda a: copy_fields(a[7:15], other[7:15]))
                self.assertEqual(sum(found.values()), 8)
                self.assertTrue(set(found) <= {"foreign", "corrupt"}, found)
                if bits < 2.0 ** -55:
                    self.assertEqual(found, {"foreign": 8})

    def test_a_tear_between_lanes_is_torn(self):
        for descr in ["<f8", "<c16", "|S30", "<U12", "|b1"]:
            with self.subTest(descr=descr):
                path = self.folder / f"{descr.strip('<|')}.npy"
                outcome = run("create", path, "--descr", descr, "--shape", "40,192", "--writers", 2)
                self.assertEqual(outcome.code, 0, outcome)
                right, old = self.expect(path, 2), self.expect(path, 1)
                array = np.load(path, mmap_mode="r+")
                array[...] = right
                array[5, 128:] = old[5, 128:]
                array.flush()
                found, cell = self.anomalies(path, 2)
                self.assertEqual(found, {"torn": 1})
                start = cell["examples"][0]["offset"]
                item = right.dtype.itemsize
                # Several ranges, if old and new bytes are equal in between, as booleans often are.
                damage = cell["examples"][0]["damage"]
                self.assertGreater(damage[0][0], start + 128 * item - 16)
                self.assertLess(damage[-1][1], start + 192 * item + 16)
                if descr != "|b1":
                    self.assertEqual(len(damage), 1)
                    self.assertLess(damage[0][0], start + 128 * item + 16)
                    self.assertGreater(damage[0][1], start + 192 * item - 16)

    def test_a_type_with_too_few_values_is_refused_with_the_reason(self):
        for name, (descr, why, advice) in enumerate([("|b1", "has 2 different values", "--shape N,8"),
                                                     ("|S1", "has 64 different values", "--shape N,8"),
                                                     ("<M8", "has no value but NaT", "'<M8[s]'")]):
            with self.subTest(descr=descr):
                path = self.folder / f"few-{name}.npy"
                self.assertEqual(run("create", path, "--descr", descr, "--records", 100).code, 0)
                outcome = run("expect", path, self.folder / "right.npy")
                self.assert_one_line(outcome, 2, why, advice)
                outcome = run("run", "--dir", self.folder, "--exec", "true", "--descr", descr, "--records", 100)
                self.assert_one_line(outcome, 2, "--exec copies values", why)
                # npyrace's own writers copy bytes and so are not refused.
                outcome, result = self.race("--descr", descr, "--records", 512, "--strategies", "pwrite", "--layouts", "packed",
                                            "--generations", 2, "--repetitions", 1)
                self.assertIn(outcome.code, (0,), outcome)
                self.assertEqual(result["npyrace"]["cells"][0]["anomalies"]["corrupt"], 0)


def leaves(array):
    if not array.dtype.names:
        return [array]
    return [leaf for name in array.dtype.names for leaf in leaves(array[name])]


if __name__ == "__main__":
    main()
