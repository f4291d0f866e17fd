"""Tests the script that makes docs/atlas.md: it measures rows, keeps rows that this machine cannot measure, and reports
disagreement between npyrace and the C probe."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

import findings
import page as html_page
import places
import render
import row

HERE = Path(__file__).resolve().parent
atlas = SourceFileLoader("atlas", str(HERE / "atlas")).load_module()
LOSING_IN_NFS = {("mmap", "cold"), ("mmap", "warm"), ("pwrite", "cold"), ("pwrite", "warm"), ("pwrite-wronly", "warm")}

LOSING_IN_SESSION = {("mmap", "cold"), ("mmap", "warm")}


def why_skip():
    if os.geteuid() != 0:
        return "only root can mount"
    return "" if os.access("/dev/fuse", os.R_OK | os.W_OK) else "no /dev/fuse, so no lab"


class AtlasTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.page = self.folder / "atlas.md"

    def make(self, *arguments, probe=None):
        environment = {**os.environ, **({"NPYRACE_PROBE": str(probe)} if probe else {})}
        return subprocess.run([sys.executable, HERE / "atlas", "--out", self.page, *arguments],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment, timeout=300)

    def rows(self):
        return {one["key"]: one for one in json.loads(self.page.with_suffix(".json").read_text())["rows"]}


def row_of(promised, verdicts=None, fresh=None, **others):
    """A row in which every cell is safe but for those in `verdicts`, by strategy and layout."""
    cells = [{"strategy": s, "cache": c, "layout": l, "verdict": (verdicts or {}).get((s, l), "safe"),
              "trials": 100, "chance_to_miss": others.get("chance_to_miss", 0.9)} for s, c, l in row.ways.CELLS]
    return {"key": "f", "file_system": "F", "options": "default", "nodes": "two clients", "launcher": "process",
            "kernel": "Linux 6", "date": "2026-01-01", "promised": promised, "promise": "as they say",
            "source": "its manual", "cells": cells, "passport": {"fresh": fresh or {}}, **others}


@unittest.skipIf(why_skip(), why_skip())
class Measured(AtlasTest):
    def test_a_local_file_system_and_a_lab_become_rows(self):
        done = self.make("--only", "tmpfs,lab-nfs", "--pace", "guest")
        self.assertEqual(done.returncode, 0, done)
        rows = self.rows()
        self.assertEqual([rows[key]["status"] for key in ("tmpfs", "lab-nfs")], ["measured"] * 2, done)
        self.assertEqual({row["passport"]["named"] for row in rows.values()}, {"strong", "session"})
        self.check_cells(rows["lab-nfs"], LOSING_IN_NFS)
        local = rows["tmpfs"]["cells"]
        self.assertLessEqual({cell["verdict"] for cell in local}, {"safe", "inconclusive"})
        self.assertEqual({cell["probe"]["lost"] for cell in local}, {0})
        self.assertRegex(self.page.read_text(), r"\| npyrace lab, nfs \| default \| two mounts \| .*\*\*unsafe\*\*")

    def check_cells(self, lab, losing):
        for cell in lab["cells"]:
            loses = cell["layout"] == "packed" and (cell["strategy"], cell["cache"]) in losing
            # On a busy machine the writers of such a short race may not overlap.
            self.assertIn(cell["verdict"], ("unsafe" if loses else "safe", "inconclusive"), cell)
            self.assertEqual(cell["probe"]["lost"] > 0, loses, cell)
            self.assertEqual(cell["agrees"], "" if cell["verdict"] == "inconclusive" else "yes", cell)
        self.assertLessEqual({"unsafe", "safe"}, {cell["verdict"] for cell in lab["cells"]})

    def test_a_disagreeing_probe_is_an_error(self):
        liar = self.folder / "liar"
        liar.write_text("#!/bin/sh\necho lost 7 of 512\n")
        liar.chmod(0o755)
        done = self.make("--only", "tmpfs", "--pace", "guest", probe=liar)
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"DISAGREEMENT: tmpfs: .* npyrace says safe, the probe \(.*\) lost 7 records")
        self.assertIn("**DISAGREES**", self.page.read_text())

    def test_a_failing_probe_adds_no_row(self):
        self.make("--only", "tmpfs", "--pace", "guest")
        before = self.rows()
        done = self.make("--only", "tmpfs", "--pace", "guest", probe="/bin/false")
        self.assertEqual(done.returncode, 3, done)
        self.assertEqual(self.rows(), before)

    def test_a_file_that_is_not_an_atlas_is_not_overwritten(self):
        self.page.with_suffix(".json").write_text('{"rows": 7}')
        done = self.make("--only", "tmpfs")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done)
        self.assertEqual(self.page.with_suffix(".json").read_text(), '{"rows": 7}')

    def test_a_row_from_another_system_names_its_maker_and_no_path_or_host_and_is_taken_in(self):
        mine = self.folder / "mine.md"
        done = subprocess.run(
            # Not the model nfs: this npyrace cannot ask a lab that it did not start for cold pages.
            [os.environ["NPYRACE"], "lab", "--model", "session", "--", sys.executable, HERE / "atlas", "--out", mine, "--pace",
             "guest", "--at", "--dir {n1},{n2} --judge {store}", "--file-system", "Example FS", "--by", "Example HPC"],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
        self.assertEqual(done.returncode, 0, done)
        text = mine.with_suffix(".json").read_text()
        self.assertNotRegex(text, r"""[ =,"']/""")  # no path
        new = json.loads(text)["rows"][0]
        self.assertEqual((new["key"], new["by"], new["nodes"]),
                         ("example-fs-by-example-hpc", "Example HPC", "2 nodes or mounts"))
        self.assertIn("--dir N1,N2 --judge STORE", new["commands"][0])
        self.check_cells(new, LOSING_IN_SESSION)
        taken = self.make("--take", mine.with_suffix(".json"))
        self.assertEqual((taken.returncode, list(self.rows())), (0, ["example-fs-by-example-hpc"]), taken)
        self.assertIn("measured by Example HPC", self.page.read_text())
        self.assertIn("measured by Example HPC", self.page.with_suffix(".html").read_text())

    def test_our_own_rows_are_not_taken_in_as_those_of_others(self):
        for name in ("atlas.json", "nothing.json"):
            with self.subTest(name):
                done = self.make("--take", HERE.parents[1] / "docs" / name)
                self.assertEqual((done.returncode, self.page.exists()), (2, False), done)

    def test_a_row_from_another_system_needs_a_name_and_a_fitting_launcher(self):
        for others in ([], ["--by", "B", "--file-system", "F", "--at", "--launcher=slurm --dir d"]):
            done = self.make("--at", "--dir d", *others)
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done)

    def test_an_unknown_row_gets_a_suggestion(self):
        done = self.make("--only", "nsf-4.2")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean nfs-4.2?", done.stderr)


class Pure(AtlasTest):
    LOST = {"refused": "", "lost": 3}
    KEPT = {"refused": "", "lost": 0}
    REFUSED = {"refused": "No such device", "lost": 0}

    def test_agreement(self):
        for verdict, probe, expected in [
                ("unsafe", self.LOST, "yes"), ("safe", self.KEPT, "yes"), ("unsafe", self.KEPT, "no"),
                ("safe", self.LOST, "no"), ("safe", self.REFUSED, "no"), ("inconclusive", self.LOST, ""),
                ("skipped", self.REFUSED, ""), ("failed", self.KEPT, "")]:
            self.assertEqual(row.agreement_of(verdict, probe), expected, (verdict, probe))

    def test_options_and_words_are_public(self):
        typed = ["--launcher", "ssh", "--rsh=ssh -F x", "--hosts", "a.org,b", "--dir", "d", "--ssh", "/x"]
        self.assertEqual(places.public_at(typed), "--launcher ssh --rsh=RSH --hosts n1,n2 --dir STORE --ssh PATH")
        mounted = "rw,addr=10.0.0.1,vers=4.2,user=me,workdir=/x,mountaddr=fe80::1,noac,ip=1.2.3.4"
        self.assertEqual(row.public_options(mounted), "rw,vers=4.2,noac")
        environment = {"mounts": [{"dir": "scratch"}], "host_name": "n2",
                       "ranks": {"hosts": ["n2", "login.site.org", "n2"]}}
        said = "scratch/a.npy: pwrite: I/O error (at byte 7): n2 and login and login.site.org, n22"
        self.assertEqual(row.public_words(said, environment),
                         "FILE: pwrite: I/O error (at byte 7): n1 and n2 and n2, n22")

    def test_among_several_races_a_loss_counts_and_one_without_overlap_does_not(self):
        def race(*verdicts):
            return {"npyrace": {"cells": [{"strategy": "mmap", "cache": cache, "layout": "packed", "verdict": verdict}
                                          for cache, verdict in zip(["cold", "warm"], verdicts)]}}

        cells = row.weightiest([race("unsafe", "inconclusive"), race("safe", "safe"), race("safe", "inconclusive")])
        self.assertEqual([cell["verdict"] for cell in cells], ["unsafe", "safe"])

    def test_a_refused_cell_does_not_count_as_safe(self):
        def row_of(cold):
            return {"file_system": "F", "options": "default", "cells": [
                {"strategy": s, "cache": c, "layout": "packed",
                 "verdict": cold if (s, c) == ("pwrite-wronly", "cold") else "unsafe"}
                for s in ("pwrite", "pwrite-wronly") for c in ("cold", "warm")]}

        self.assertEqual(len(list(findings.about_opening([row_of("safe")]))), 1)
        self.assertEqual(list(findings.about_opening([row_of("skipped")])), [])

    def test_several_turns_of_jobs_become_one_row(self):
        folder = self.folder / "row"
        for turn, verdict in (("jobs-1", "inconclusive"), ("jobs-2", "safe")):
            (folder / turn).mkdir(parents=True)
            for strategy, cache, layout in row.ways.CELLS:
                cell = {"strategy": strategy, "layout": layout, "cache": "", "verdict": verdict, "reason": turn,
                        "evidence": {"trials": 7, "chance_to_miss": 0.5}}
                (folder / turn / f"{strategy}-{layout}-{cache}.json").write_text(
                    json.dumps({"npyrace": {"environment": {"version": "1"}, "cells": [cell]}}))
        found = row.found_by_jobs(folder, {key: self.KEPT for key in row.ways.CELLS})
        self.assertEqual({(cell["verdict"], cell["reason"], cell["agrees"]) for cell in found["cells"]}, {("safe", "jobs-2", "yes")})
        next(folder.glob("jobs-*/mmap-packed-cold.json")).unlink()
        self.assertEqual(len(row.found_by_jobs(folder, {key: self.KEPT for key in row.ways.CELLS})["cells"]), 20)
        (folder / "jobs-1/mmap-packed-cold.json").unlink(missing_ok=True)
        (folder / "jobs-2/mmap-packed-cold.json").unlink(missing_ok=True)
        with self.assertRaises(AssertionError):
            row.found_by_jobs(folder, {key: self.KEPT for key in row.ways.CELLS})

    def test_a_short_race_of_alignments_does_not_overrule_the_longer_race(self):
        def word(packed, packed_safe, unsafe_up_to, safe_from):
            cells = [{"strategy": "mmap", "layout": "packed", "verdict": packed}]
            return render.alignment({"cells": cells}, {"strategy": "mmap", "packed_safe": packed_safe,
                                                       "unsafe_up_to_bytes": unsafe_up_to, "safe_from_bytes": safe_from})

        self.assertEqual(word("unsafe", False, 2048, 4096), "4096")
        self.assertEqual(word("unsafe", False, 8192, 0), "more than 8192")
        self.assertEqual(word("safe", False, 2048, 4096), "4096")
        self.assertEqual(word("safe", True, 0, 64), "none needed")
        self.assertEqual(word("safe", False, 0, 64), "none needed")  # its packed race had no overlap
        self.assertEqual(word("unsafe", True, 0, 64), "no telling")
        self.assertEqual(word("unsafe", False, 0, 64), "at most 64")
        self.assertEqual(word("inconclusive", False, 0, 64), "no telling")

    def test_a_row_measured_elsewhere_stays_if_it_cannot_be_measured_here(self):
        there = {"key": "xfs", "status": "measured", "date": "2026-01-01"}
        gone = {"key": "xfs", "status": "not made", "date": "2026-01-02", "reason": "mkfs.xfs is missing"}
        rows = {"xfs": there}
        atlas.settle(rows, gone, True)
        self.assertEqual(rows["xfs"], there)
        rows = {}
        atlas.settle(rows, gone, True)
        self.assertEqual(rows["xfs"], gone)
        atlas.settle(rows, there, True)
        self.assertEqual(rows["xfs"], there)

    def test_a_missing_row_is_named(self):
        gone = {"key": "xfs", "file_system": "xfs", "options": "default", "nodes": "n", "where": "host",
                "status": "not made", "date": "2026-01-02", "reason": "mkfs.xfs is missing"}
        atlas.write_rows(self.page, {"xfs": gone})
        self.assertIn("mkfs.xfs is missing", self.page.read_text())



class Documents(unittest.TestCase):
    DOCS = HERE.parents[1] / "docs"

    @classmethod
    def setUpClass(cls):
        cls.rows = list(atlas.read_rows(cls.DOCS / "atlas.json").values())

    def test_the_pages_are_made_from_the_rows(self):
        self.assertGreater(len(self.rows), 0)
        text = atlas.FILE_SYSTEMS.read_text()
        for name, made in (("atlas.md", render.page(self.rows)), ("atlas.html", html_page.page(self.rows)),
                           ("file-systems.md", render.with_seen(text, self.rows))):
            with self.subTest(name):
                self.assertTrue((self.DOCS / name).read_text() == made, "tests/atlas/atlas --render makes it anew")

    def test_the_probe_agrees_with_every_row(self):
        for one in self.rows:
            self.assertEqual(row.disagreements(one), [])

    def test_every_file_system_has_one_section(self):
        marks = [mark[1] for mark in render.SEEN.finditer(atlas.FILE_SYSTEMS.read_text())]
        for one in self.rows:
            with self.subTest(one["key"]):
                found = [mark for mark in marks if findings.of_systems([one], render.marked_systems(mark))]
                self.assertEqual(len(found), 1, "docs/file-systems.md needs a section with a mark for it")

    def test_the_short_answers_agree_with_the_rows(self):
        """The table at the top of file-systems.md is written by hand. Rows with default options must agree with it."""
        top = atlas.FILE_SYSTEMS.read_text().split("\n## ")[0]
        lines = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", top, re.MULTILINE)
        usual = [one for one in self.rows if one["options"] == "default" and one["status"] == "measured"]
        for systems, *answers in lines[1:]:
            rows = findings.of_systems(usual, systems.split(", "))
            for strategy, answer in zip(("mmap", "pwrite"), answers):
                fates = {findings.fate(one, strategy, "packed") for one in rows}
                with self.subTest(systems, strategy=strategy):
                    self.assertEqual(fates, {re.split(r"\W", answer)[0]} if rows else set())
                    self.assertEqual(not rows, answer.startswith("not measured"))
        (nfs,) = [answers for systems, *answers in lines if systems == "NFS"]
        self.assertIn("not with `O_DSYNC` or under locks", nfs[1])
        for strategy in ("pwrite-dsync", "pwrite-lock"):
            fates = {findings.fate(one, strategy, "packed") for one in findings.of_systems(usual, ["NFS"])}
            self.assertEqual(fates, {"kept"})


class Findings(unittest.TestCase):
    PACKED_MMAP = {("mmap", "packed"): "unsafe"}
    PACKED_CALLS = {("pwrite", "packed"): "unsafe"}
    PADDED = {("pwrite", "padded-block"): "unsafe"}

    def test_a_loss_or_a_late_write_contradicts_only_a_promise_about_it(self):
        strong = {"pwrite, own-pages": "strong", "mmap, own-pages": "strong", "mmap, shared-pages": "strong"}
        late_map, late_call, late_share = ({**strong, key: "none seen"} for key in
                                           ("mmap, own-pages", "pwrite, own-pages", "mmap, shared-pages"))
        for promised, verdicts, fresh, expected in [
                ("coherent", {}, strong, 0), ("coherent", self.PACKED_MMAP, strong, 1), ("coherent", {}, late_share, 1),
                ("coherent", self.PADDED, late_map, 2), ("coherent-except-mmap", self.PACKED_MMAP, late_map, 0),
                ("coherent-except-mmap", self.PACKED_CALLS, late_call, 2),
                ("close-to-open", self.PACKED_CALLS, late_share, 0),
                ("close-to-open", self.PADDED, late_map, 2), ("nothing", self.PADDED, late_map, 0),
                ("depends", self.PADDED, late_map, 0)]:
            with self.subTest(promised=promised, verdicts=verdicts, fresh=fresh):
                self.assertEqual(len(findings.contradictions(row_of(promised, verdicts, fresh))), expected)
        self.assertEqual(findings.contradictions(row_of("coherent", {}, {"mmap, own-pages": "refused"})), [])

    def test_a_contradicted_promise_is_the_headline(self):
        rows = [row_of("coherent"), row_of("coherent", self.PACKED_MMAP, file_system="G")]
        first, *others = findings.sentences(rows)
        self.assertEqual(first, "**Contradicted: G** promises “as they say” (its manual), and yet records were lost "
                                "(mmap, packed).")
        self.assertNotIn("No measurement contradicts", "".join(others))
        passport = {"between": "mounts", "fresh": {}}
        shown = render.promises([{**one, "fs_type": "f", "passport": passport} for one in rows])
        self.assertIn("**contradicted**", shown)

    def test_without_contradiction_the_headline_says_how_weak_the_evidence_is(self):
        losing = row_of("nothing", self.PACKED_MMAP)
        (first,) = findings.about_promises([row_of("coherent", chance_to_miss=0.97), losing])
        self.assertRegex(first, r"^\*\*No measurement .* promised by F; .* up to 97 %, so that nothing was lost says "
                                r"little\. Wherever records were lost")
        (first,) = findings.about_promises([row_of("coherent-except-mmap", self.PACKED_MMAP)])
        self.assertNotIn("Wherever records were lost", first)

    def test_more_than_promised_needs_trials_and_no_loss(self):
        self.assertTrue(findings.surpasses(row_of("nothing", chance_to_miss=0.001)))
        self.assertFalse(findings.surpasses(row_of("nothing")))
        self.assertFalse(findings.surpasses(row_of("close-to-open", self.PACKED_MMAP, chance_to_miss=0.001)))
        self.assertFalse(findings.surpasses(row_of("coherent", chance_to_miss=0.001)))

    def test_padded_cells_without_trials_are_not_called_safe(self):
        counted, uncounted = row_of("nothing"), row_of("nothing")
        for cell in uncounted["cells"]:
            cell["trials"] = 0
        self.assertEqual([render.padded(one) for one in (counted, uncounted)], ["safe", "none lost"])
        self.assertEqual(render.by_cache(uncounted, "mmap", "packed"), "safe")  # there they were counted, and none was
        said = "".join(findings.about_padding([counted, uncounted]))
        self.assertIn("1 of 2 rows were made by a version that counted no trials for padded records", said)
        self.assertNotIn("counted no trials", "".join(findings.about_padding([counted])))

    def test_a_state_of_the_cache_that_was_undecided_is_told(self):
        row = row_of("nothing", self.PACKED_MMAP)
        cold = next(cell for cell in row["cells"] if (cell["strategy"], cell["cache"], cell["layout"])
                    == ("mmap", "cold", "packed"))
        cold.update(verdict="inconclusive", probe={"lost": 256})
        self.assertEqual(findings.ways_with(row, "packed", "lost"),
                         "`mmap` (warm; cold: undecided, but the probe lost records)")
        cold.update(verdict="safe")
        self.assertEqual(findings.ways_with(row, "packed", "lost"), "`mmap` (warm)")

    def test_two_rows_of_one_place_that_differ_are_named(self):
        ours, theirs = row_of("nothing", self.PACKED_CALLS), row_of("nothing", file_system="f", by="Example HPC")
        sentences = list(findings.about_differences([ours, theirs]))
        self.assertEqual(len(sentences), 2)  # cold and warm
        self.assertIn("pwrite, packed, cold lost records on F (Linux 6, 2026-01-01), and none on f (measured by "
                      "Example HPC)", sentences[0])
        self.assertEqual(list(findings.about_differences([ours, row_of("nothing", options="noac")])), [])
        self.assertEqual(list(findings.about_differences([ours, {**theirs, "launcher": "array"}])), [])

    def test_array_jobs_take_the_promise_of_their_file_system(self):
        jobs = {key: value for key, value in row_of("nothing", self.PACKED_MMAP, launcher="array").items()
                if key not in ("promised", "promise", "source")}
        self.assertEqual(findings.with_promises([jobs])[0]["promised"], "depends")
        self.assertTrue(findings.contradictions(findings.with_promises([row_of("coherent"), jobs])[1]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
