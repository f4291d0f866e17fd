"""Every fault is injected and logged with its place, and the file has exactly the logged changes."""

import errno
import json
import mmap
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import support

PAGE = mmap.PAGESIZE
OLD, NEW = b"o", b"N"


class FaultLab:
    """A lab with faults, with a file of two pages of old bytes; afterwards its log can be read."""

    def __init__(self, *options, model="strong"):
        self.folder = tempfile.TemporaryDirectory()
        self.log_path = Path(self.folder.name) / "log"
        self.lab = support.lab("--model", model, "--log", str(self.log_path), *options)

    def __enter__(self):
        self.places = self.lab.__enter__()
        self.stored = os.path.join(self.places.store, "data")
        with open(self.stored, "wb") as file:
            file.write(OLD * 2 * PAGE)
        return self

    def __exit__(self, *trouble):
        try:
            return self.lab.__exit__(*trouble)
        finally:
            self.entries = [json.loads(line) for line in self.log_path.read_text().splitlines()]
            self.folder.cleanup()

    def open(self, node=1, flags=os.O_RDWR):
        return os.open(os.path.join(self.places.nodes[node - 1], "data"), flags)

    def write_three(self, node=1):
        """Writes three records of 16 bytes, then fsync and close. Raises OSError if one fails."""
        file = self.open(node)
        try:
            for offset in (0, 16, 32):
                os.pwrite(file, NEW * 16, offset)
            os.fsync(file)
        finally:
            os.close(file)

    def content(self):
        return Path(self.stored).read_bytes()


def three_written(changes=()):
    """The expected content after write_three, with (offset, bytes) changes applied."""
    content = bytearray(NEW * 48 + OLD * (2 * PAGE - 48))
    for offset, data in changes:
        content[offset:offset + len(data)] = data
    return bytes(content)


class Faults(unittest.TestCase):
    def assert_logged(self, entry, kind, offset, length, node="n1"):
        told = (entry["kind"], entry["offset"], entry["length"], entry["node"], entry["file"])
        self.assertEqual(told, (kind, offset, length, node, "data"))
        self.assertGreater(entry["time"], 1.6e9)

    def test_without_faults_nothing_is_changed_or_logged(self):
        for model in support.MODELS:
            with self.subTest(model=model), FaultLab(model=model) as lab:
                lab.write_three()
                if model != "eventual":
                    self.assertEqual(lab.content(), three_written())
            self.assertEqual(lab.entries, [])

    def test_drop_in_every_model_without_a_write_back_cache(self):
        for model in ("strong", "commit", "session", "nfs"):
            with self.subTest(model=model), FaultLab("--fault", "drop:nth=2", model=model) as lab:
                lab.write_three()
                self.assertEqual(lab.content(), three_written([(16, OLD * 16)]))
            self.assertEqual(len(lab.entries), 1)
            self.assert_logged(lab.entries[0], "drop", 16, 16)

    def test_drop_of_a_page_that_the_kernel_writes_back(self):
        with FaultLab("--fault", "drop:nth=1", model="pages") as lab:
            lab.write_three()
            self.assertEqual(lab.content(), OLD * 2 * PAGE)
        self.assert_logged(lab.entries[0], "drop", 0, PAGE)

    def test_tear(self):
        with FaultLab("--fault", "tear:at=5,nth=2") as lab:
            lab.write_three()
            self.assertEqual(lab.content(), three_written([(21, OLD * 11)]))
        self.assert_logged(lab.entries[0], "tear", 21, 11)

    def test_misplace(self):
        with FaultLab("--fault", "misplace:by=64,nth=2") as lab:
            lab.write_three()
            self.assertEqual(lab.content(), three_written([(16, OLD * 16), (80, NEW * 16)]))
        self.assert_logged(lab.entries[0], "misplace", 16, 16)
        self.assertEqual(lab.entries[0]["moved_to"], 80)

    def test_zero_page(self):
        with FaultLab("--fault", "zero-page:nth=3") as lab:
            lab.write_three()
            self.assertEqual(lab.content(), bytes(PAGE) + OLD * PAGE)
        self.assert_logged(lab.entries[0], "zero-page", 0, PAGE)

    def test_flip(self):
        with FaultLab("--fault", "flip:nth=2", "--seed", "5") as lab:
            lab.write_three()
            found, expected = lab.content(), three_written()
        differing = [i for i in range(len(expected)) if found[i] != expected[i]]
        self.assertEqual(differing, [lab.entries[0]["offset"]])
        self.assertIn(differing[0], range(16, 32))
        self.assertEqual((found[differing[0]] ^ expected[differing[0]]).bit_count(), 1)

    def test_faults_of_reads_do_not_change_the_store(self):
        for order in ("flip:op=read,bits=3", "zero-page:op=read"):
            with self.subTest(order=order), FaultLab("--fault", order) as lab:
                file = lab.open(2, os.O_RDONLY)
                self.assertNotEqual(os.pread(file, PAGE, 0), OLD * PAGE)
                os.close(file)
                self.assertEqual(lab.content(), OLD * 2 * PAGE)
            self.assertGreater(len(lab.entries), 0)

    def test_old_page(self):
        with FaultLab("--fault", "old-page:node=2", model="session") as lab:
            lab.write_three()
            file = lab.open(2, os.O_RDONLY)
            self.assertEqual(os.pread(file, 48, 0), OLD * 48)
            os.close(file)
            self.assertEqual(lab.content(), three_written())
        self.assert_logged(lab.entries[0], "old-page", 0, PAGE, node="n2")

    def test_delay(self):
        with FaultLab("--fault", "delay:nth=2,for=50ms") as lab:
            lab.write_three()
            self.assertEqual(lab.content(), three_written())
        self.assert_logged(lab.entries[0], "delay", 16, 16)

    def test_errors_of_write_and_fsync(self):
        for kind in ("eio", "enospc", "edquot", "estale"):
            for operation, place in (("write", (16, 16)), ("fsync", (0, 0))):
                nth = 2 if operation == "write" else 1
                with self.subTest(kind=kind, operation=operation), \
                        FaultLab("--fault", f"{kind}:op={operation},nth={nth}") as lab:
                    with self.assertRaises(OSError) as caught:
                        lab.write_three()
                    self.assertEqual(caught.exception.errno, getattr(errno, kind.upper()))
                self.assert_logged(lab.entries[0], kind, *place)

    def test_false_fsync(self):
        for model in ("strong", "commit", "session", "nfs", "pages"):
            with self.subTest(model=model), FaultLab("--fault", "false-fsync", model=model) as lab:
                lab.write_three()
                self.assertEqual(lab.content(), OLD * 2 * PAGE)
            lost = sum(entry["length"] for entry in lab.entries)
            self.assertGreaterEqual(lost, 48)

    def test_no_mmap(self):
        with FaultLab("--fault", "no-mmap:node=2", model="session") as lab:
            file = lab.open(2)
            with self.assertRaises(OSError) as caught:
                mmap.mmap(file, PAGE)
            self.assertEqual(caught.exception.errno, errno.ENODEV)
            os.close(file)
            file = lab.open(1)
            mmap.mmap(file, PAGE).close()
            os.close(file)
        self.assert_logged(lab.entries[0], "no-mmap", 0, 0, node="n2")

    def test_no_direct(self):
        with FaultLab("--fault", "no-direct") as lab:
            lab.write_three()
            with self.assertRaises(OSError) as caught:
                lab.open(1, os.O_RDWR | os.O_DIRECT)
            self.assertEqual(caught.exception.errno, errno.EINVAL)
        self.assertEqual(len(lab.entries), 1)
        self.assert_logged(lab.entries[0], "no-direct", 0, 0)

    def test_a_vanished_node_fails_and_comes_back(self):
        with FaultLab("--fault", "vanish:nth=2,for=200ms,how=fail") as lab:
            with self.assertRaises(OSError) as caught:
                lab.write_three()
            self.assertEqual(caught.exception.errno, errno.EIO)
            while True:
                try:
                    lab.write_three()
                    break
                except OSError as error:
                    self.assertEqual(error.errno, errno.EIO)
            self.assertEqual(lab.content(), three_written())
        self.assert_logged(lab.entries[0], "vanish", 16, 16)

    def test_a_vanished_node_hangs_and_comes_back(self):
        with FaultLab("--fault", "vanish:nth=2,for=200ms,node=1", model="nfs") as lab:
            lab.write_three()
            self.assertEqual(lab.content(), three_written())
        self.assert_logged(lab.entries[0], "vanish", 16, 16)

    def test_a_fault_hits_only_the_named_node_and_file(self):
        with FaultLab("--fault", "drop:node=2,file=d*", "--fault", "drop:file=other",
                      model="session") as lab:
            lab.write_three(1)
            self.assertEqual(lab.content(), three_written())
            lab.write_three(2)
        self.assertEqual({entry["node"] for entry in lab.entries}, {"n2"})
        self.assertEqual(len(lab.entries), 3)

    def test_a_fault_finds_a_file_by_the_name_that_it_has_now(self):
        """npyrace.create, git and others write a file under another name, and then link or rename it."""
        def link_and_remove(old, new):
            os.link(old, new)
            os.unlink(old)
        for change in os.rename, link_and_remove:
            for model in "strong", "nfs", "eventual":
                with self.subTest(change=change.__name__, model=model), \
                        FaultLab("--fault", "drop:file=wanted,op=write", model=model) as lab:
                    old, new = (os.path.join(lab.places.nodes[0], name) for name in ("data", "wanted"))
                    change(old, new)
                    file = os.open(new, os.O_RDWR)
                    os.pwrite(file, NEW * 16, 0)
                    os.fsync(file)
                    os.close(file)
                self.assertEqual([entry["file"] for entry in lab.entries], ["wanted"])

    def test_a_schedule_from_a_file_and_its_seed(self):
        def struck(seed):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump({"seed": seed, "faults": [{"kind": "drop", "chance": 0.5}]}, file)
                file.flush()
                with FaultLab("--fault-file", file.name) as lab:
                    for _ in range(8):
                        lab.write_three()
            return [entry["offset"] for entry in lab.entries]
        self.assertEqual(struck(1), struck(1))
        self.assertNotEqual(struck(1), struck(2))


class Usage(unittest.TestCase):
    def complaint(self, *options):
        result = subprocess.run([support.NPYRACE, "lab", *options, "--", "true"],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        return result.returncode, result.stderr

    def test_invalid_options_are_one_line_and_exit_code_2(self):
        for options, words in [(["--model", "sesion"], "did you mean 'session'"),
                               (["--fault", "dorp"], "did you mean 'drop'"),
                               (["--fault", "drop:node=3"], "n1 to n2"),
                               (["--model", "strong", "--fault", "drop:node=2"], "one mount"),
                               (["--latency", "5"], "is not a time"),
                               (["--nodes", "0"], "1 to 64")]:
            with self.subTest(options=options):
                code, text = self.complaint(*options)
                self.assertEqual(code, 2)
                self.assertIn(words, text)

    def test_an_invalid_fault_file_is_an_error(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("{]")
            file.flush()
            self.assertEqual(self.complaint("--fault-file", file.name)[0], 2)
        self.assertEqual(self.complaint("--fault-file", "/nonexistent/file")[0], 3)

    def test_an_unwritable_log_is_an_error(self):
        code, text = self.complaint("--log", "/nonexistent/log")
        self.assertEqual(code, 3)
        self.assertIn("/nonexistent/log", text)

    def test_an_unknown_node_is_an_error(self):
        result = subprocess.run([support.NPYRACE, "lab", "--", "ls", "{n3}"],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 2)


if __name__ == "__main__":
    support.main()
