"""The matrix: every fault of the lab x every strategy x both layouts. The lab's log is the ground truth: damage that
npyrace finds must lie where a fault was injected and have the right class and writer.

--table FILE writes the table of docs/matrix.md."""

import json
import mmap
import os
import re
import sys
import unittest

from program import PROGRAM, TEST_SKIPPED, FolderTest, run

STRATEGIES = ["mmap", "mmap-window", "pwrite", "pwrite-batch", "pwrite-wronly", "pwrite-dsync",
              "pwrite-lock", "pwritev", "io-uring", "stdio", "direct", "read-modify-write-lock",
              "local-then-copy", "single", "collector", "file-per-writer"]
LAYOUTS = ["packed", "padded-block"]
WRITERS, RECORDS, RECORD_BYTES = 4, 512, 16
DATA = "damaged"  # kind of fault; the classes of damage that it may cause; the class that must be found somewhere

# Fault -> its kind, the classes of damage that it may cause, and the class that must be found. Strategies that
# write records one by one must all find that class if the fault hits single records.
# A record that lost one of its writes is old (`lost`), or zeros where that was the first (`hole`).
# Damage to the header is `header`; bytes between the writers' blocks are `padding`.
OLD = {"lost", "hole", "header"}
FAULTS = {
    "drop:chance=0.3": (DATA, OLD, "lost"),
    "tear:at=8,chance=0.3": (DATA, OLD | {"torn"}, "torn"),
    "misplace:by=1024,chance=0.3": (DATA, OLD | {"misplaced", "corrupt", "padding"}, "misplaced"),
    "zero-page:chance=0.3": (DATA, OLD | {"padding"}, "hole"),  # the last page is filled up to its full size
    "flip:chance=0.3": (DATA, OLD | {"corrupt", "padding"}, "corrupt"),
    "false-fsync:chance=0.5": (DATA, OLD, "lost"),
    "eio:op=fsync,after=400ms": ("failed", set(), "Input/output error"),
    "enospc:op=write,chance=0.3": ("failed", set(), "No space left on device"),
    "edquot:op=write,chance=0.3": ("failed", set(), "Disk quota exceeded"),
    "estale:op=fsync,after=400ms": ("failed", set(), "Stale file handle"),
    "vanish:op=fsync,how=fail,after=400ms": ("failed", set(), "Input/output error"),
    "no-mmap": ("refused", set(), "mmap: No such device"),
    "no-direct": ("safe", set(), None),
    "delay:for=2ms,chance=0.02": ("safe", set(), None),
    "none": ("safe", set(), None),
}
ONE_BY_ONE = {"pwrite", "pwrite-wronly", "pwrite-dsync", "pwrite-lock", "io-uring"}
# These write a contiguous block by one call per generation, so a fault with a probability may hit none of them.
ONE_A_BLOCK = {"pwrite-batch", "pwritev", "stdio", "direct", "local-then-copy", "collector", "file-per-writer"}
# One writer writes all records, so damage is always its own. Incomplete parts are not collected.
ONE_FOR_ALL = {"single", "collector", "file-per-writer"}


def owner(record, layout):
    """The writer of a record: cyclic ownership when packed, one page-aligned block per writer when padded."""
    if layout == "packed":
        return record % WRITERS
    return record // (2 * mmap.PAGESIZE // RECORD_BYTES // 2)


def struck(log):
    """File -> the byte ranges that faults hit; whole pages if the fault is one of pages."""
    stretches = {}
    for entry in log:
        places = stretches.setdefault(entry["file"], [])
        places.append((entry["offset"], entry["offset"] + entry["length"]))
        if "moved_to" in entry:
            places.append((entry["moved_to"], entry["moved_to"] + entry["length"]))
    return stretches


def explains(places, example):
    first, end = example["offset"], example["offset"] + RECORD_BYTES
    return any(start < end and first < stop for start, stop in places)


class Matrix(FolderTest):
    rows = {}
    caught = set()  # strategies that were damaged by some fault: in the end every strategy must be among them

    def race_with(self, fault):
        report, log = self.folder / "result.json", self.folder / "log"
        faults = [] if fault == "none" else ["--fault", fault]
        outcome = run("lab", "--model", "session", "--seed", 7, *faults, "--log", log, "--", PROGRAM,
                      "run", "--dir", "{n1}", "--strategies", ",".join(STRATEGIES), "--layouts",
                      ",".join(LAYOUTS), "--ownership", "cyclic", "--writers", WRITERS, "--records",
                      RECORDS, "--generations", 3, "--repetitions", 1, "--json", report, timeout=300)
        self.assertTrue(report.exists(), outcome)
        entries = [json.loads(line) for line in log.read_text().splitlines()]
        return json.loads(report.read_text())["npyrace"]["cells"], entries

    def check_data(self, cell, entries, fault, classes, name):
        if cell["strategy"] == "file-per-writer" and cell["verdict"] == "failed":
            self.assertRegex(cell["reason"], r"\.part\d", cell)
            return
        found = {kind for kind, count in cell["anomalies"].items() if count and kind != "stale"}
        # With mmap a page shared by writers is written back several times, which may repair the damage. A page of one
        # writer is written once per generation, so the fault may hit none.
        mended = cell["strategy"].startswith("mmap")
        # Each write of a unit repeats the unit's earlier records, so the next write repairs all but the last.
        mended = mended or cell["strategy"].startswith("read-modify-write")
        spared = cell["strategy"] in ONE_A_BLOCK and cell["layout"] == "padded-block"
        # There is one fsync per generation, so the fault may hit none.
        spared = spared or (cell["strategy"] in ONE_FOR_ALL and fault.startswith("false-fsync"))
        if not found and (mended or spared):
            self.assertIn(cell["verdict"], ("safe", "inconclusive"), cell)
            return
        self.assertEqual(cell["verdict"], "unsafe", cell)
        self.caught.add(cell["strategy"])
        self.assertLessEqual(found, classes, cell)
        if cell["strategy"] in ONE_BY_ONE:  # unless by chance all hits were in the first generation
            self.assertTrue(found & ({"lost", "hole"} if name == "lost" else {name}), cell)
        for example in cell["examples"]:
            if example["class"] in classes - {"header", "padding", "size"}:
                self.assertEqual(example["writer"], owner(example["record"], cell["layout"]), cell)
        places = struck(entries).values()
        examples = [e for e in cell["examples"] if e["class"] != "stale"]
        self.assertTrue(any(all(explains(p, e) for e in examples) for p in places) or
                        self.struck_in_parts(cell, entries, examples), cell)
        if cell["strategy"] in ONE_FOR_ALL:
            self.assertEqual({tuple(e["overwritten_by"]) for e in examples}, {()}, cell)

    def struck_in_parts(self, cell, entries, examples):
        """Asserts that a fault hit the part file of each example's writer."""
        parts = {match.group(1) for entry in entries if (match := re.search(r"\.part(\d+)-", entry["file"]))}
        return cell["strategy"] == "file-per-writer" and {str(e["writer"]) for e in examples} <= parts

    def check(self, cell, entries, fault, kind, classes, name):
        if cell["strategy"] == "direct" and (cell["layout"] == "packed" or fault == "no-direct"):
            self.assertEqual(cell["verdict"], "skipped", cell)
            words = "units of 4096 bytes are shared" if cell["layout"] == "packed" else "open: Invalid argument"
            self.assertIn(words, cell["reason"], cell)
            return
        if kind == DATA:
            return self.check_data(cell, entries, fault, classes, name)
        self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
        if kind == "failed":
            self.assertIn(cell["verdict"], ("failed", "safe", "inconclusive"), cell)
            if cell["verdict"] == "failed":
                # For failed write-back the kernel reports EIO, whatever error the server returned.
                by_kernel = "Input/output error" if cell["strategy"].startswith("mmap") else name
                self.assertRegex(cell["reason"], f"{name}|{by_kernel}", cell)
        elif kind == "refused" and cell["strategy"].startswith("mmap"):
            self.assertEqual(cell["verdict"], "skipped", cell)
            self.assertIn(name, cell["reason"], cell)
        else:  # Writers of a small cell may not overlap; then it must be inconclusive, not safe.
            self.assertIn(cell["verdict"], ("safe", "inconclusive"), cell)
            told = "overlapped" in cell["reason"] or "at the same time only" in cell["reason"]
            self.assertEqual(cell["verdict"] == "inconclusive", told, cell)

    def test_every_fault_by_every_strategy_in_both_layouts(self):
        for fault, (kind, classes, name) in FAULTS.items():
            with self.subTest(fault=fault):
                cells, entries = self.race_with(fault)
                self.assertEqual(len(cells), len(STRATEGIES) * len(LAYOUTS))
                self.assertEqual(bool(entries), fault not in ("none",), entries[:1])
                Matrix.rows[fault] = cells
                for cell in cells:
                    self.check(cell, entries, fault, kind, classes, name)
                if kind == "failed":
                    self.assertIn("failed", {c["verdict"] for c in cells})
        self.assertEqual(self.caught, set(STRATEGIES))


def words(cell):
    found = [kind for kind, count in cell["anomalies"].items() if count and kind != "stale"]
    return " ".join([cell["verdict"], *sorted(found)])


def table():
    """A row per fault and layout, a column per strategy."""
    lines = ["| fault | layout | " + " | ".join(STRATEGIES) + " |", "|---" * (2 + len(STRATEGIES)) + "|"]
    for fault, cells in Matrix.rows.items():
        for layout in LAYOUTS:
            by_strategy = {c["strategy"]: c for c in cells if c["layout"] == layout}
            texts = [words(by_strategy[strategy]) for strategy in STRATEGIES]
            lines.append(f"| `{fault}` | {layout} | " + " | ".join(texts) + " |")
    return "\n".join(lines) + "\n"


HEADING = """# Matrix: what each fault does to each strategy

This page is for people who want to know whether npyrace notices damage and names it rightly. It
combines the faults of [the lab](lab.md#faults) (all kinds but `old-page`) with 16 strategies (ways
of writing, [strategies.md](strategies.md)) and two layouts: `packed` (records back to back) and
`padded-block` (the records of each writer start on a page of their own). The table shows what the
test `e2e.matrix` saw: the verdict and the classes of damage found ([verdicts.md](verdicts.md);
other words: [glossary](glossary.md)). The lab's log says where each fault struck. The test fails
unless all damage lies there and has the right name and the right writer. This command wrote the
page:

    NPYRACE=$(./quickstart build) /usr/bin/python3 tests/e2e/test_matrix.py --table docs/matrix.md

- A fault that strikes by chance also strikes the header of the file while it is made (`header`).
- `lost` and `hole` are the same fault, in a later and in the first generation (round of writing).
- With `mmap` on one node, a page that was struck may be written once more for the next writer,
  which repairs it.
- Errors appear as `failed` in the cells whose operations they struck. A damaged part of
  `file-per-writer` is `failed`, too, because it is not copied into the array.
- `inconclusive`: the cell is so small that the writers took turns.

"""


if __name__ == "__main__":
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("skipped: no /dev/fuse, so no lab")
        sys.exit(TEST_SKIPPED)
    target = sys.argv.pop() if sys.argv[-2:-1] == ["--table"] else None
    if target:
        sys.argv.remove("--table")
    program = unittest.main(verbosity=2, exit=False)
    print(table())
    if program.result.wasSuccessful() and target:
        with open(target, "w", encoding="utf-8") as file:
            file.write(HEADING + table())
    sys.exit(0 if program.result.wasSuccessful() else 1)
