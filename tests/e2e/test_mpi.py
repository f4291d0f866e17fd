"""Launcher mpi: the ranks that mpirun starts are the writers, on one node and on two. No file or process is left,
however the ranks end. Needs an MPI and npyrace-mpi built with it."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import unittest

from program import PROGRAM, TEST_SKIPPED, FolderTest, Outcome, main, run, small
from recipes import RecipeTest

HEADER = 128
PIECE = 256 << 10  # validators read the file in pieces of this size, which the ranks take in turn
# As root, and with more ranks than processors.
SETTINGS = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
# NPYRACE_MPIRUN and NPYRACE_MPI: the launcher of another MPI, and the npyrace-mpi built with that MPI.
MPIRUN = shlex.split(os.environ.get("NPYRACE_MPIRUN", "mpirun --oversubscribe"))
LAB = os.access("/dev/fuse", os.R_OK | os.W_OK)


def mpirun(ranks, *arguments, before=(), timeout=300):
    """`before`: words before mpirun on the command line, for example those that start a lab."""
    command = [*before, *MPIRUN, "-n", ranks, PROGRAM, "run", "--launcher", "mpi", *arguments]
    completed = subprocess.run([str(c) for c in command], env={**os.environ, **SETTINGS}, timeout=timeout,
                               capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return Outcome(completed)


def lines_of_npyrace(outcome):
    """Standard error without the lines that mpirun adds after a non-zero exit code."""
    return [line for line in outcome.err.splitlines() if line.startswith("npyrace: ")]


class RankTest(FolderTest):
    def race_ranks(self, ranks, *options, dirs=None, before=()):
        report = self.folder.parent / f"{self.folder.name}.json"
        self.addCleanup(lambda: report.unlink(missing_ok=True))
        outcome = mpirun(ranks, "--dir", dirs or self.folder, *options, "--json", report, before=before)
        self.assertTrue(report.exists(), outcome)
        return outcome, json.loads(report.read_text())["npyrace"]

    def race_in_lab(self, ranks, *options, model="nfs"):
        return self.race_ranks(ranks, *options, dirs="{n1},{n2}",
                               before=[PROGRAM, "lab", "--model", model, "--"])


class Watch(RankTest):
    @unittest.skipIf(shutil.which("cc") is None, "no C compiler")
    def test_four_ranks_are_told_apart(self):
        logs, report = self.folder / "logs", self.folder / "watched.json"
        source, program = self.folder / "job.c", self.folder / "job"
        source.write_text("""
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char** argv) {
  const char* rank = getenv("OMPI_COMM_WORLD_RANK");
  if (!rank) rank = getenv("PMI_RANK");
  int fd = open(argv[1], O_RDWR | O_CREAT, 0600);
  return pwrite(fd, "0123456789abcdef", 16, 16 * atoi(rank)) == 16 ? sleep(1) : 1;
}
""")
        subprocess.run(["cc", "-o", program, source], check=True)
        command = [*MPIRUN, "-n", "4", PROGRAM, "watch", "--into", logs, "--", program, self.folder / "a.npy"]
        done = subprocess.run([str(c) for c in command], env={**os.environ, **SETTINGS}, timeout=120, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done)
        outcome = run("watched", logs, "--json", report)
        self.assertEqual(outcome.code, 0, outcome)
        (file,) = json.loads(report.read_text())["files"]
        self.assertEqual({w["task"]: w["bytes"] for w in file["writers"]},
                         {f"rank {i}": [[16 * i, 16 * i + 16]] for i in range(4)})
        self.assertEqual({h["kind"] for h in file["hazards"]}, {"same-page"})
        self.assertEqual(len(file["hazards"]), 6)  # each pair


class Ranks(RankTest):
    def test_eight_ranks_on_one_node_are_safe(self):
        outcome, result = self.race_ranks(8, "--strategies", "mmap,pwrite", "--layouts", "packed", "--ownership",
                                          "cyclic", *small(4096, 4))
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("launcher mpi", outcome.out)
        self.assertEqual(len(result["environment"]["ranks"]["hosts"]), 8)
        self.assertIn("MPI", result["environment"]["ranks"]["library"])
        self.assertNotIn("\x1b", outcome.out)  # under mpirun standard output may look like a terminal
        for cell in result["cells"]:
            self.assertEqual((cell["launcher"], cell["writers"], cell["verdict"]), ("mpi", 8, "safe"), cell)
            self.assertEqual(cell["evidence"]["records_checked"], 4096 * 4 * 2, cell)
            self.assertGreater(cell["evidence"]["overlap_seconds"], 0, cell)
            self.assertGreaterEqual(cell["evidence"]["trials"], 16 * 2 * 2, cell)  # from synchronized generations alone
            self.assertEqual(len(cell["seconds"]), 2, cell)

    def test_fewer_writers_than_ranks_and_every_kind_of_strategy(self):
        strategies = "mmap,file-per-writer,collector,single,local-then-copy"
        outcome, result = self.race_ranks(4, "--strategies", strategies, "--layouts", "packed", "--writers",
                                          "2,3,4", *small())
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(len(result["cells"]), 15)
        for cell in result["cells"]:
            self.assertIn(cell["verdict"], ("safe", "inconclusive"), cell)
            self.assertEqual(cell["evidence"]["records_checked"], 512 * 2 * 2, cell)

    def test_mpi_io(self):
        strategies = ["mpi-independent", "mpi-collective", "mpi-atomic"]
        for ownership in ("block", "cyclic", "random"):
            outcome, result = self.race_ranks(4, "--strategies", ",".join(strategies), "--ownership", ownership,
                                              "--layouts", "packed,padded-record", *small())
            self.assertEqual(outcome.code, 0, outcome)
            self.assertEqual([c["strategy"] for c in result["cells"]], strategies * 2)
            for cell in result["cells"]:
                self.assertIn(cell["verdict"], ("safe", "inconclusive"), cell)
                self.assertEqual(cell["evidence"]["records_checked"], 512 * 2 * 2, cell)
                self.assertGreater(cell["phases"]["sync"], 0, cell)

    def test_mpi_io_works_with_different_numbers_of_rounds_per_writer(self):
        """Writer 0 needs more rounds than writer 1, because its records do not fit into one buffer."""
        outcome, result = self.race_ranks(2, "--strategies", "mpi-collective", "--layouts", "packed", "--ownership",
                                          "block", "--record-bytes", 64 << 20, "--records", 3, "--generations", 2,
                                          "--repetitions", 1)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(result["cells"][0]["evidence"]["records_checked"], 6)
        self.assertEqual(sum(result["cells"][0]["anomalies"].values()), 0)

    def test_unsupported_mpi_io_cells_are_skipped_with_the_reason(self):
        outcome, result = self.race_ranks(2, "--strategies", "mpi-independent", "--sync", "every:8", *small())
        self.assertEqual(outcome.code, 0, outcome)
        for cell in result["cells"]:
            self.assertEqual(cell["verdict"], "skipped", cell)
            self.assertIn("--sync end", cell["reason"])
        outcome, result = self.race("--strategies", "mpi-collective", "--layouts", "packed", *small())
        self.assertEqual(result["npyrace"]["cells"][0]["verdict"], "skipped")
        self.assertIn("--launcher mpi", result["npyrace"]["cells"][0]["reason"])

    def test_two_nodes(self):
        if not LAB:
            self.skipTest("no /dev/fuse")
        outcome, result = self.race_in_lab(4, "--strategies", "mmap", "--layouts", "packed,padded-record", "--ownership",
                                           "cyclic", "--cache", "warm", *small())
        self.assertEqual(outcome.code, 1, outcome)
        packed, padded = sorted(result["cells"], key=lambda cell: cell["layout"])
        self.assertEqual((packed["verdict"], padded["verdict"]), ("unsafe", "safe"), outcome)
        self.assertGreater(packed["evidence"]["units_shared_by_mounts"], 0)
        self.assertEqual(padded["evidence"]["units_shared_by_mounts"], 0)
        self.assertGreater(padded["evidence"]["overlap_seconds"], 0)

    def test_mpi_io_on_two_nodes(self):
        if not LAB:
            self.skipTest("no /dev/fuse")
        strategies = "mpi-independent,mpi-collective,mpi-atomic"
        outcome, result = self.race_in_lab(4, "--strategies", strategies, "--layouts", "packed", "--ownership", "cyclic",
                                           *small(), model="session")
        for cell in result["cells"]:
            self.assertNotIn(cell["verdict"], ("failed", "skipped"), outcome)
            if cell["strategy"] == "mpi-collective":  # collective I/O does not tell which rank wrote which bytes
                self.assertNotEqual(cell["verdict"], "safe", cell)
                self.assertEqual(cell["evidence"]["units_shared_by_mounts"], 0, cell)
            else:
                self.assertEqual(cell["verdict"], "safe", cell)
                self.assertGreater(cell["evidence"]["units_shared_by_mounts"], 0, cell)

    def test_semantics_runs_on_ranks(self):
        if not LAB:
            self.skipTest("no /dev/fuse")
        report = self.folder.parent / f"{self.folder.name}.json"
        self.addCleanup(lambda: report.unlink(missing_ok=True))
        outcome = Outcome(subprocess.run(
            [PROGRAM, "lab", "--model", "commit", "--", *MPIRUN, "-n", "4", PROGRAM, "run", "semantics", "--launcher", "mpi", "--dir",
             "{n1},{n2}", "--repetitions", "2", "--json", report], env={**os.environ, **SETTINGS}, timeout=300,
            capture_output=True, text=True, stdin=subprocess.DEVNULL))
        self.assertEqual(outcome.code, 0, outcome)
        passport = json.loads(report.read_text())["npyrace"]["passport"]
        self.assertEqual((passport["between"], passport["named"]), ("mounts", "commit"), outcome)
        self.assertEqual({row["tries"] for row in passport["rows"]}, {2})
        words = " ".join(example for row in passport["rows"] for example in row["counter_examples"])
        self.assertRegex(words, r"rank 0 on \S+ writes, rank 1 on \S+ looks")

    def test_damage_is_found_in_pieces_read_by_other_ranks(self):
        if not LAB:
            self.skipTest("no /dev/fuse")
        ranks, records = 4, 8 * PIECE // 16
        log = self.folder.parent / f"{self.folder.name}.log"
        self.addCleanup(lambda: log.unlink(missing_ok=True))
        outcome, result = self.race_ranks(
            ranks, "--strategies", "pwrite-batch", "--layouts", "packed", "--ownership", "block", "--records", records,
            "--generations", 1, "--repetitions", 1, "--judge", "{store}", dirs="{n1}",
            before=[PROGRAM, "lab", "--model", "session", "--fault", "flip:op=write,chance=0.7", "--seed", 3, "--log",
                    log, "--"])
        self.assertEqual(outcome.code, 1, outcome)
        cell = result["cells"][0]
        self.assertEqual(cell["evidence"]["records_checked"], records, cell)
        struck = {}
        for line in log.read_text().splitlines():
            entry = json.loads(line)
            struck.setdefault(entry["file"], []).append(entry["offset"])
        end = HEADER + records * 16
        raced, = [offsets for offsets in struck.values() if PIECE < max(offsets) < end]
        damaged = {(offset - HEADER) // 16 for offset in raced if offset >= HEADER}
        parts = {(1 + record * 16 // PIECE) % ranks for record in damaged}
        self.assertTrue(parts - {0}, raced)  # with near certainty some damage is in a piece that another rank reads
        self.assertEqual(cell["anomalies"]["corrupt"], len(damaged), (cell, raced))
        found = {example["record"] for example in cell["examples"] if example["class"] == "corrupt"}
        self.assertLessEqual(found, damaged, cell)

    def test_a_rank_with_a_different_clock_still_overlaps(self):
        """The offset of the rank's clock must be measured; without a correction no writers would seem to overlap."""
        elsewhere = ["unshare", "--time", "--monotonic", "1000000", "--fork"]
        if subprocess.run([*elsewhere, "true"], capture_output=True).returncode != 0:
            self.skipTest("no time namespaces here")
        report = self.folder.parent / f"{self.folder.name}.json"
        self.addCleanup(lambda: report.unlink(missing_ok=True))
        race = [PROGRAM, "run", "--launcher", "mpi", "--dir", self.folder, "--strategies", "pwrite", "--layouts", "packed",
                "--ownership", "cyclic", *small(65536, 3), "--json", report]
        # By a shell, because mpirun of Open MPI 5.0.7 crashes when it is given two programs.
        rank_1 = 'case ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} in 1) exec ' + " ".join(elsewhere) + ' "$@";; esac; exec "$@"'
        command = [*MPIRUN, "-n", 2, "sh", "-c", rank_1, "sh", *race]
        outcome = Outcome(subprocess.run([str(c) for c in command], env={**os.environ, **SETTINGS}, timeout=120,
                                         capture_output=True, text=True, stdin=subprocess.DEVNULL))
        self.assertEqual(outcome.code, 0, outcome)
        cell = json.loads(report.read_text())["npyrace"]["cells"][0]
        self.assertEqual(cell["verdict"], "safe", cell)
        self.assertGreater(cell["evidence"]["overlap_seconds"], 0, cell)
        self.assertLess(max(cell["seconds"]), 100000, cell)

    def test_usage(self):
        outcome = run("run", "--launcher", "mpi", "--dir", self.folder, "--writers", 4, env=SETTINGS)
        self.assertEqual(outcome.code, 2, outcome)
        self.assertIn("mpirun -n 4 npyrace run --launcher mpi", outcome.err)
        self.assertEqual(outcome.err.count("\n"), 1, outcome)
        outcome = run("run", "--launcher", "mpi", "--dir", self.folder, env=SETTINGS)
        self.assert_one_line(outcome, 2, "mpirun -n 4 npyrace run --launcher mpi")
        outcome = mpirun(2, "--dir", self.folder, "--writers", 3)
        self.assertEqual(outcome.code, 2, outcome)
        self.assertEqual(len(lines_of_npyrace(outcome)), 1, outcome)
        self.assertIn("mpirun -n 3", lines_of_npyrace(outcome)[0])
        outcome = mpirun(2, "--dir", self.folder / "nowhere")
        self.assertEqual(outcome.code, 3, outcome)
        self.assertEqual(len(lines_of_npyrace(outcome)), 1, outcome)
        outcome = mpirun(2, "--dir", self.folder, "--strategies", "mmapp")
        self.assertEqual(outcome.code, 2, outcome)
        self.assertEqual(len(lines_of_npyrace(outcome)), 1, outcome)
        outcome = mpirun(2, "--nonsense")
        self.assertEqual(outcome.code, 2, outcome)
        self.assertEqual(len(lines_of_npyrace(outcome)), 1, outcome)
        self.assertIn("mpi  ", run("list", "launchers").out)

    def start_long_race(self, *options):
        command = [*MPIRUN, "-n", "3", PROGRAM, "run", "--launcher", "mpi", "--dir", str(self.folder), "--strategies",
                   "pwrite", "--records", "200000", "--generations", "200", "--repetitions", "50", *map(str, options)]
        process = subprocess.Popen(command, env={**os.environ, **SETTINGS}, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        deadline = time.monotonic() + 60
        while not (list(self.folder.glob("npyrace-*.npy")) and len(self.ranks_of(process)) == 3):
            self.assertIsNone(process.poll(), "ended before it raced")
            self.assertLess(time.monotonic(), deadline, "no race file")
            time.sleep(0.05)
        time.sleep(1)  # so that the race is under way
        return process

    @staticmethod
    def children_of(pid):
        return [int(child) for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children")
                for child in children.read_text().split()]

    def ranks_of(self, process):
        """Process ids by rank. MPICH's ranks are children of a proxy."""
        ranks = {}
        for pid in [grandchild for child in self.children_of(process.pid) for grandchild in [child, *self.children_of(child)]]:
            environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
            if found := re.search(rb"(?:^|\0)(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)", environment):
                ranks.setdefault(int(found[1]), pid)
        return ranks

    def check_ended(self, process, ranks):
        out, err = process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0, err)
        deadline = time.monotonic() + 20  # mpirun may end before the last rank
        while any(os.path.exists(f"/proc/{pid}") for pid in ranks.values()):
            self.assertLess(time.monotonic(), deadline, err)
            time.sleep(0.05)
        if "NPYRACE_MPIRUN" in os.environ:  # MPICH kills the other ranks at once; the next run removes their files
            run("run", "--dir", self.folder, *small(64), "--strategies", "pwrite", "--layouts", "packed")
        self.assertEqual(list(self.folder.iterdir()), [], err)
        return out, err

    def test_a_rank_that_hangs_is_named_and_the_file_judged(self):
        report = self.folder.parent / f"{self.folder.name}.json"
        self.addCleanup(report.unlink, missing_ok=True)
        process = self.start_long_race("--layouts", "packed", "--patience", 3, "--json", report)
        ranks = self.ranks_of(process)
        os.kill(ranks[2], signal.SIGSTOP)
        self.addCleanup(lambda: os.path.exists(f"/proc/{ranks[2]}") and os.kill(ranks[2], signal.SIGKILL))
        deadline = time.monotonic() + 60
        while not report.exists():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        with contextlib.suppress(ProcessLookupError):  # Open MPI needs it to run again to end it; MPICH has killed it
            os.kill(ranks[2], signal.SIGCONT)
        self.check_ended(process, ranks)
        (cell,) = json.loads(report.read_text())["npyrace"]["cells"]
        self.assertEqual(cell["verdict"], "failed")
        self.assertRegex(cell["reason"], r"^rank 2\b.*(did not get on within|nothing was heard of it for) 3 s")
        self.assertEqual(cell["evidence"]["records_checked"] % 200000, 0)
        self.assertGreater(cell["evidence"]["records_checked"], 0)

    def test_a_rank_that_dies_ends_the_run_and_leaves_nothing(self):
        for victim in (0, 2):
            with self.subTest(victim=victim):
                process = self.start_long_race()
                ranks = self.ranks_of(process)
                os.kill(ranks[victim], signal.SIGKILL)
                out, err = self.check_ended(process, ranks)
                self.assertRegex(out + err, r"signal 9|SIGNAL: 9")
                # Only rank 0 prints a message, if it still has the time.
                self.assertLessEqual(err.count("npyrace: "), 0 if victim == 0 else 1, err)

    def test_mpirun_that_is_ended_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                process = self.start_long_race()
                ranks = self.ranks_of(process)
                process.send_signal(number)
                self.check_ended(process, ranks)  # mpirun may not forward the ranks' last messages


# A user's mpi4py program that calls job.py with the expected records.
RANK = """
import numpy as np
from mpi4py import MPI
import job

right, rank = np.load("expected.npy"), MPI.COMM_WORLD.rank
records = np.zeros(job.count_of(rank), job.ITEM)
for field in job.ITEM.names:
    records[field] = right[field][list(job.share(rank))]
job.write(rank, records)
"""


@unittest.skipIf("NPYRACE_MPIRUN" in os.environ, "Debian's mpi4py belongs to Open MPI")
class Recipes(RecipeTest, RankTest):
    """The advised scripts, run as an mpi4py program."""

    def follow_ranks(self, result, index):
        cell = result["cells"][index]
        self.write_scripts({"npyrace": result}, index)
        self.create_and_expect(cell)
        (self.folder / "rank.py").write_text(RANK)
        ranks = {"before": [*MPIRUN, "-n", str(cell["writers"])], "settings": SETTINGS}
        self.script("rank.py", **ranks)
        self.assert_right(cell)
        self.script("job.py", **ranks)
        self.assertNotIn(": safe", self.verify(cell).out)

    def test_mpi4py_scripts_are_right_for_every_strategy_and_layout(self):
        _, result = self.race_ranks(3, "--strategies", "mpi-independent,mpi-collective,mpi-atomic", "--layouts",
                                    "packed,padded-record,padded-block", "--ownership", "cyclic", *small(50))
        for index, cell in enumerate(result["cells"]):
            with self.subTest(cell=cell["name"]):
                self.follow_ranks(result, index)
        few = self.script("job.py", before=[*MPIRUN, "-n", "2"], settings=SETTINGS, check=False)
        self.assertIn("2 ranks, not 3", few.stderr)


if __name__ == "__main__":
    if shutil.which("mpirun") is None:
        print("skipped: no mpirun (Debian: openmpi-bin)")
        sys.exit(TEST_SKIPPED)
    if "built without MPI" in " ".join(run("list", "launchers").out.split()):
        print("skipped: npyrace was built without MPI")
        sys.exit(TEST_SKIPPED)
    main()
