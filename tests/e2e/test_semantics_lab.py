"""Scenario semantics finds the consistency model of a lab, and no fault or latency makes it report a stronger one.
NPYRACE_SEMANTICS_TIMES: how often every model is examined; above 1 the slow tests run as well."""

import json
import os
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

import jsonschema
from program import PROGRAM, SCHEMA, TEST_SKIPPED, FolderTest, main, run

TIMES = int(os.environ.get("NPYRACE_SEMANTICS_TIMES", "1"))
LONG = unittest.skipIf(TIMES == 1, "takes minutes")

# The name reported for each model, and for a reader with a new open of records that share pages, by pwrite and by
# mmap. In all models but strong whole pages are written back, so one of two nodes loses its records.
NAMES = {
    "strong": ("strong", "strong", "strong"),
    "commit": ("commit", "commit", "none seen"),
    "session": ("session", "session", "none seen"),
    "eventual": ("eventual", "eventual", "none seen"),
    "nfs": ("session", "none seen", "none seen"),
    "pages": ("session", "none seen", "none seen"),
}
# The same for records on separate pages: a reader that never reopens the file, and one that has it open for writing.
OTHER_READERS = {
    "strong": ("strong", "strong"),
    "commit": ("commit", "commit"),
    "session": ("none seen", "session"),
    "eventual": ("eventual", "eventual"),
    "nfs": ("eventual", "none seen"),
    "pages": ("none seen", "session"),
}


def named(passport, via, sharing, reader):
    (row,) = [r for r in passport["rows"]
              if (r["via"], r["sharing"], r["reader"]) == (via, sharing, reader)]
    return row["named"]


class Lab(FolderTest):
    def examine(self, *arguments):
        outcome = run(*arguments, timeout=400)
        self.assertTrue(outcome.out, outcome)
        result = json.loads(outcome.out)
        jsonschema.validate(result, SCHEMA)
        return outcome, result["npyrace"]["passport"]

    def examine_below(self, *lab_options, nodes=2, options=()):
        dirs = ",".join("{n%d}" % (node + 1) for node in range(nodes))
        return self.examine("lab", "--nodes", nodes, *lab_options, "--", PROGRAM, "run", "semantics",
                            "--dir", dirs, "--json", "-", *options)

    def check_model(self, model):
        outcome, passport = self.examine("run", "--lab", model, "semantics", "--json", "-")
        name, pwrite_shared, mmap_shared = NAMES[model]
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(passport["named"], name, outcome)
        self.assertEqual(passport["between"], "processes" if model == "strong" else "mounts")
        for via, shared in [("pwrite", pwrite_shared), ("mmap", mmap_shared)]:
            holds_read, holds_write = OTHER_READERS[model]
            self.assertEqual(named(passport, via, "own-pages", "fresh"), name, outcome)
            self.assertEqual(named(passport, via, "shared-pages", "fresh"), shared, outcome)
            if not (model == "nfs" and via == "mmap"):  # an existing mapping may see the change later, or never
                self.assertEqual(named(passport, via, "own-pages", "holds-read"), holds_read, outcome)
            self.assertEqual(named(passport, via, "own-pages", "holds-write"), holds_write, outcome)

        if model == "commit":
            self.check_what_made_it_visible(passport)

    def check_what_made_it_visible(self, passport):
        (row,) = [r for r in passport["rows"]
                  if (r["via"], r["sharing"], r["reader"]) == ("mmap", "own-pages", "fresh")]
        self.assertEqual({act["after"]: act["held"] for act in row["acts"]},
                         {"write": False, "msync": True, "fsync": True, "munmap": False, "close": True})

    def test_every_model_is_named(self):
        self.ask_all(self.check_model, list(NAMES) * TIMES)

    def ask_all(self, ask, subjects):
        """Examines all subjects in parallel, because they mostly wait for changes that never become visible."""
        with ThreadPoolExecutor(6) as threads:
            answers = [(subject, threads.submit(ask, subject)) for subject in subjects]
            for subject, answer in answers:
                with self.subTest(subject):
                    answer.result()

    @LONG
    def test_three_nodes(self):
        outcome, passport = self.examine_below("--model", "session", nodes=3)
        self.assertEqual((outcome.code, passport["named"]), (0, "session"), outcome)
        for row in passport["rows"]:
            self.assertEqual(row["tries"], 6)  # every ordered pair

    def test_a_dropped_write_does_not_make_the_model_look_stronger(self):
        for fault in ["drop:op=write,every=3", "false-fsync"][:TIMES]:
            with self.subTest(fault=fault):
                outcome, passport = self.examine_below("--model", "commit", "--fault", fault,
                                                       options=["--repetitions", 2])
                self.assertEqual((outcome.code, passport["named"]), (0, "none seen"), outcome)

    def test_refused_experiments_have_no_finding_and_the_others_have(self):
        outcome, passport = self.examine_below("--model", "session", "--fault", "no-mmap")
        self.assertEqual(outcome.code, 0, outcome)
        for row in passport["rows"]:
            self.assertEqual(row["tries"] == 0, row["via"] == "mmap", row)
            if row["via"] == "mmap":
                self.assertTrue(row["refused"])
                self.assertRegex(row["problem"], "mmap: No such device")
        # Without mappings no pages are cached, and every read goes to the store.
        self.assertEqual(passport["named"], "commit", outcome)

    def test_an_error_is_reported_and_the_other_experiments_go_on(self):
        outcome, passport = self.examine_below("--model", "strong", "--fault", "eio:op=fsync,nth=20")
        self.assertEqual(outcome.code, 3, outcome)
        self.assertRegex(outcome.err, "npyrace: semantics: .*[fm]sync: Input/output error")
        self.assertEqual(passport["named"], "strong", outcome)

    @LONG
    def test_latency_does_not_change_the_reported_model(self):
        def ask(model):
            outcome, passport = self.examine_below("--model", model, "--latency",
                                                   "2ms,n2=6ms,n2.fsync=20ms")
            self.assertEqual((outcome.code, passport["named"]), (0, NAMES[model][0]), outcome)
        self.ask_all(ask, [model for model in NAMES if model != "strong"])

    @LONG
    def test_a_delay_is_not_taken_for_a_guarantee(self):
        def ask(latency):
            _, passport = self.examine_below("--model", "eventual", "--latency", latency,
                                             options=["--repetitions", 1])
            self.assertEqual(passport["named"], "eventual", passport)
        self.ask_all(ask, ["fsync=1500ms", "n1.close=1200ms"])


if __name__ == "__main__":
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("skipped: no /dev/fuse, so no lab")
        sys.exit(TEST_SKIPPED)
    main()
