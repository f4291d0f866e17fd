"""Content of another array must never be accepted as right; files written by other programs must never be rejected."""

import json
import struct

import numpy as np
from program import FolderTest, main, run

RECORDS = 1000


def npy(dictionary, data_offset, data, version=1, line_end=True):
    """A valid .npy file with a header that NumPy itself would not write."""
    lead = b"\x93NUMPY" + bytes([version, 0])
    size = data_offset - len(lead) - (2 if version == 1 else 4)
    text = dictionary.encode().ljust(size - line_end) + b"\n" * line_end
    assert len(text) == size
    return lead + struct.pack("<H" if version == 1 else "<I", size) + text + data


class OtherArrays(FolderTest):
    def create(self, name, *options):
        path = self.folder / name
        outcome = run("create", path, "--records", RECORDS, "--writers", 2, *options)
        self.assertEqual(outcome.code, 0, outcome)
        return path

    def write(self, path):
        for worker in ("0/2", "1/2"):
            outcome = run("write", path, "--worker", worker)
            self.assertEqual(outcome.code, 0, outcome)

    def cell(self, path, *options):
        report = self.folder / "verify.json"
        outcome = run("verify", path, "--json", report, *options)
        (cell,) = json.loads(report.read_text())["npyrace"]["cells"]
        cell["anomalies"] = {name: count for name, count in cell["anomalies"].items() if count}
        return outcome, cell

    def test_blocks_of_another_array_are_foreign(self):
        for descr in ("[('a', '<i8'), ('b', '<i8')]", "<i8", "<f8", "|V24", "<c16"):
            with self.subTest(descr=descr):
                name = str(abs(hash(descr)))
                a = self.create(f"a-{name}.npy", "--descr", descr)
                b = self.create(f"b-{name}.npy", "--descr", descr)
                self.write(a)
                self.write(b)
                record = np.load(a, mmap_mode="r").itemsize
                with open(a, "rb") as source, open(b, "r+b") as target:
                    source.seek(128 + 100 * record)
                    target.seek(128 + 100 * record)
                    target.write(source.read(200 * record))
                outcome, cell = self.cell(b, "--generation", 1, "--complete")
                self.assertEqual((outcome.code, cell["verdict"]), (1, "unsafe"), outcome)
                self.assertEqual(cell["anomalies"], {"foreign": 200})
                # The whole file replaced by the other array.
                b.write_bytes(a.read_bytes())
                self.assertEqual(self.cell(b, "--generation", 1)[1]["anomalies"], {"foreign": RECORDS})

    def test_the_same_seed_gives_the_same_owners_but_other_stamps(self):
        for descr in ("|V16", "<f8"):
            files = [self.create(f"{i}-{descr.strip('|<')}.npy", "--descr", descr, "--seed", 7, "--ownership", "random") for i in (1, 2)]
            sidecars = [json.loads(open(f"{path}.npyrace.json").read()) for path in files]
            self.assertEqual(sidecars[0]["array"], sidecars[1]["array"])
            self.assertNotEqual(sidecars[0]["stamp_seed"], sidecars[1]["stamp_seed"])
            for path in files:
                self.assertEqual(run("write", path, "--worker", "0/2").code, 0)
            owned = [(np.load(path).view(np.uint8).reshape(RECORDS, -1) != 0).any(1) for path in files]
            self.assertTrue((owned[0] == owned[1]).all())
            self.assertTrue(owned[0].any())
            self.assertFalse((np.load(files[0]).view(np.uint8)[owned[0].repeat(8 if descr == "<f8" else 16)] ==
                              np.load(files[1]).view(np.uint8)[owned[0].repeat(8 if descr == "<f8" else 16)]).all())

    def test_two_runs_of_one_seed_leave_files_of_their_own(self):
        for _ in range(2):
            outcome = run("run", "--dir", self.folder, "--keep", "--repetitions", 1, "--generations", 2, "--strategies", "pwrite",
                          "--layouts", "packed", "--records", 400, "--seed", 3)
            self.assertEqual(outcome.code, 0, outcome)
        a, b = self.folder.glob("npyrace-kept-*.npy")
        for path in (a, b):
            self.assertEqual(self.cell(path)[1]["anomalies"], {})
        b.write_bytes(a.read_bytes())
        self.assertEqual(self.cell(b)[1]["anomalies"], {"foreign": 400})

    def test_a_sidecar_of_version_0_1_0_is_verified(self):
        path = self.create("old.npy", "--descr", "<f8")
        sidecar = json.loads(open(f"{path}.npyrace.json").read())
        sidecar["stamp_seed"] = sidecar["array"]["seed"]
        del sidecar["array"]["content"]
        open(f"{path}.npyrace.json", "w").write(json.dumps(sidecar))
        self.write(path)
        self.assertEqual(self.cell(path, "--generation", 1)[1]["anomalies"], {})
        array = np.load(path)
        # Version 0.1.0 used all bytes for stamps, so values need not survive a copy by value.
        self.assertTrue((~np.isfinite(array) | (np.abs(array) > 2)).any())

    def test_with_the_right_seed_option_verify_uses_the_sidecars_stamps(self):
        path = self.create("s.npy", "--seed", 5)
        self.write(path)
        outcome, cell = self.cell(path, "--seed", 5, "--writers", 2, "--generation", 1)
        self.assertEqual(cell["anomalies"], {}, outcome)
        (self.folder / "s.npy.npyrace.json").unlink()
        outcome, cell = self.cell(path, "--seed", 5, "--writers", 2, "--generation", 1)
        self.assertEqual(cell["anomalies"], {"foreign": RECORDS})
        self.assertIn("FILE.npyrace.json alone", cell["reason"])


class OtherHeaders(FolderTest):
    SHAPE = (512,)

    def files(self):
        """Files of 512 items: name, data offset, bytes of the file."""
        d = "{'descr': '<f8', 'fortran_order': False, 'shape': (512,), }"
        yield "at-80", npy(d, 80, bytes(4096))
        yield "at-112", npy(d, 112, bytes(4096))
        yield "odd", npy(d, 75, bytes(4096))
        yield "no-line-end", npy(d, 128, bytes(4096), line_end=False)
        yield "fortran", npy(d.replace("False", "True"), 128, bytes(4096))
        yield "terse", npy("{'shape':(512,),'fortran_order':False,'descr':'f8'}", 80, bytes(4096))
        yield "version-2", npy(d, 96, bytes(4096), version=2)
        yield "version-3", npy(d, 128, bytes(4096), version=3)
        yield "one-byte", npy("{'descr': '<i1', 'fortran_order': False, 'shape': (512,)}", 80, bytes(512))
        yield "column", npy("{'descr': '<f8', 'fortran_order': True, 'shape': (512, 1)}", 80, bytes(4096))

    def test_expect_and_verify_work_without_create(self):
        for name, content in self.files():
            with self.subTest(name=name):
                path, out = self.folder / f"{name}.npy", self.folder / f"{name}-right.npy"
                path.write_bytes(content)
                options = ["--seed", 9, "--writers", 4]
                self.assertEqual(run("expect", path, out, *options).code, 0)
                np.load(path, mmap_mode="r+")[...] = np.load(out)
                report = self.folder / "verify.json"
                outcome = run("verify", path, *options, "--json", report)
                self.assertEqual(outcome.code, 0, outcome)
                (cell,) = json.loads(report.read_text())["npyrace"]["cells"]
                self.assertEqual({k: v for k, v in cell["anomalies"].items() if v}, {})
                # OUT has the same data offset as FILE, for programs that use byte offsets.
                self.assertEqual(out.read_bytes()[:60], path.read_bytes()[:60])
                self.assertEqual(out.stat().st_size, path.stat().st_size)

    def test_a_header_with_another_meaning_is_reported(self):
        path = self.folder / "a.npy"
        self.assertEqual(run("create", path, "--descr", "<f8", "--records", 512).code, 0)
        path.write_bytes(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (512,)}", 128, bytes(4096)))
        outcome = run("verify", path, "--generation", 1)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("its header says descr '<f4' where '<f8' belongs", outcome.out)
        self.assertIn("header    header at byte 0: expected descr '<f8', C order, shape (512,), found descr '<f4'", outcome.out)
        self.assertNotIn("header    record", outcome.out)

    def test_a_created_array_rewritten_by_another_program_is_accepted(self):
        path, out = self.folder / "a.npy", self.folder / "right.npy"
        self.assertEqual(run("create", path, "--descr", "<f8", "--records", 512).code, 0)
        self.assertEqual(run("expect", path, out).code, 0)
        path.write_bytes(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (512,)}", 80, np.load(out).tobytes()))
        outcome = run("verify", path, "--generation", 1)
        self.assertNotEqual(outcome.code, 1, outcome)
        self.assertNotIn("misplaced", outcome.out)

    def test_bytes_after_the_data_are_reported_as_padding(self):
        path = self.folder / "a.npy"
        self.assertEqual(run("create", path, "--records", 64).code, 0)
        self.assertEqual(run("write", path, "--worker", "0/1").code, 0)
        with open(path, "ab") as file:
            file.write(bytes(10))
        outcome = run("verify", path)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("padding   end of file at byte", outcome.out)

    def test_exec_create(self):
        maker = self.folder / "make.py"
        copy = self.folder / "copy.py"
        copy.write_text("import os, numpy as np\n"
                        "a = np.load(os.environ['NPYRACE_FILE'], mmap_mode='r+')\n"
                        "r = np.load(os.environ['NPYRACE_EXPECT'])\n"
                        "s = slice(*(int(os.environ['NPYRACE_SLICE_' + x]) for x in ('START', 'STOP', 'STEP')))\n"
                        "open(os.environ['NPYRACE_GO']).read()\n"
                        "for i in range(len(a))[s]: a[i] = r[i]\n"
                        "a.flush()\n")
        for name, content in self.files():
            if name in ("one-byte", "column"):
                continue
            with self.subTest(name=name):
                made = self.folder / f"{name}.made"
                made.write_bytes(content)
                maker.write_text(f"import os, shutil\nshutil.copy({str(made)!r}, os.environ['NPYRACE_FILE'])\n")
                outcome, result = self.race("--exec", f"/usr/bin/python3 {copy}", "--exec-create", f"/usr/bin/python3 {maker}",
                                            "--descr", "<f8", "--records", 512, "--generations", 2, "--repetitions", 1, "--writers", 2)
                (cell,) = result["npyrace"]["cells"]
                self.assertIn(cell["verdict"], ("safe", "inconclusive"), cell["reason"])
                self.assertEqual({k: v for k, v in cell["anomalies"].items() if v}, {})
                self.assertEqual(cell["file_bytes"], len(content))
        made.write_bytes(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (511,)}", 80, bytes(511 * 8)))
        outcome, result = self.race("--exec", "true", "--exec-create", f"/usr/bin/python3 {maker}", "--descr", "<f8", "--records", 512,
                                    "--generations", 1, "--repetitions", 1)
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("its header says shape (511,) where (512,) belongs", result["npyrace"]["cells"][0]["reason"])


if __name__ == "__main__":
    main()
