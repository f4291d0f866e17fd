"""Launchers ssh and mpi between two real kernels, n1 and n2, that share only OCFS2. It is a coherent cluster file system,
so every cell is safe, no alignment is needed and the consistency model is strong.
`hosts_on_ocfs2_test.py ssh|mpi|death`."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import support

HERE = Path(__file__).parent
GUEST_FAILED = 125
STRATEGIES = "mmap,pwrite,pwrite-wronly,pwrite-dsync,pwrite-lock"
RECORDS, GENERATIONS = 256, 3
# A write takes about ten milliseconds there, so the races have few but large records that still share pages.
SMALL = ["--records", RECORDS, "--record-bytes", 64, "--generations", GENERATIONS, "--repetitions", 1]
MATRIX = ["--layouts", "packed,padded-block", "--ownership", "cyclic", *SMALL, "--dir", "/mnt/shared"]


def trouble(text):
    """Standard error without progress lines."""
    return [line for line in text.splitlines() if not re.match(r"npyrace: \[ *\d+/\d+\] ", line)]


class Raced:
    """Exit code, output and result of one command on node 1."""

    def __init__(self, folder, name):
        self.code = int((folder / f"{name}.code").read_text())
        self.out, self.err = ((folder / f"{name}.{kind}").read_text() for kind in ("out", "err"))
        report = folder / f"{name}.json"
        self.result = json.loads(report.read_text())["npyrace"] if report.exists() else None

    def __repr__(self):
        return f"exit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


# The kernel panics and halts: its connections are not closed, and its disk heartbeat stops.
PANIC = "echo 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger"
# Wait until a race file exists and the race has run for a while.
LET_N2_DIE = f"""(until [ -n "$(find /mnt/shared -name 'npyrace-*.npy' -size +8k)" ]; do sleep 0.5; done
sleep 10; $RSH n2 '{PANIC}') >/dev/null 2>&1 &"""
SPEAK_FOR_N2 = "echo 0 >/job/rc2; : >/job/finished2"


def on_nodes(commands, before="", after="true"):
    """Runs commands on node 1, one after the other, in one cluster. RSH holds an ssh command for all nodes. Returns a Raced
    per command."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [f"REPORT={folder}/{key}.json; {{ {command}; }} >{folder}/{key}.out 2>{folder}/{key}.err; echo $? >{folder}/{key}.code"
                 for key, command in commands.items()]
        (folder / "commands").write_text("\n".join([before, *lines, after]))
        done = subprocess.run([HERE / "ocfs2.sh", "run", "--share", folder, "--", HERE / "ssh_on_nodes.sh", "/mnt/shared", "sh",
                               folder / "commands"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1700,
                              env={**os.environ, "NPYRACE_LAB_TIMEOUT": "1600"})
        if done.returncode == GUEST_FAILED and "preparation failed" in done.stderr:
            raise unittest.SkipTest(done.stderr.strip().splitlines()[-1])
        if done.returncode != 0:
            raise AssertionError(f"exit code {done.returncode}: {done.stdout[-3000:]} {done.stderr[-3000:]}")
        return {key: Raced(folder, key) for key in commands}


def command(*words):
    """A shell command line of npyrace. Words are quoted, except those that the shell must expand."""
    return " ".join(word if word.startswith('"$') else shlex.quote(word) for word in map(str, words)) + ' --json "$REPORT"'


class Hosts(unittest.TestCase):
    def check_race(self, raced, launcher, writers):
        self.assertEqual((raced.code, trouble(raced.err)), (0, []), raced)
        self.assertEqual(raced.result["environment"]["ranks"]["hosts"], ["n1", "n2"] * (writers // 2))
        for cell in raced.result["cells"]:
            print(f"{cell['strategy']:16} {cell['layout']:13} {cell['cache']:5} {cell['verdict']:13} "
                  f"{cell['records_per_second'] or 0:9.0f} records/s  overlap {cell['evidence']['overlap_seconds']:.3f} s  "
                  f"{cell['reason']}", file=sys.stderr)
            self.assertEqual((cell["launcher"], cell["writers"]), (launcher, writers), cell)

    def check_safe(self, cell):
        self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
        if cell["layout"] == "packed" or cell["verdict"] != "inconclusive":
            self.assertEqual(cell["verdict"], "safe", cell)
            self.assertIn("safe between 2 mounts", cell["reason"], cell)
        else:
            # A guest writes its blocks within milliseconds, so the number of overlaps varies.
            self.assertRegex(cell["reason"], r"at the same time only \d+ times", cell)
        evidence = cell["evidence"]
        self.assertEqual(evidence["records_checked"], RECORDS * GENERATIONS, cell)
        self.assertGreater(evidence["overlap_seconds"], 0, cell)
        # Two kernels are two page caches.
        self.assertEqual(evidence["units_shared_by_mounts"] > 0, cell["layout"] == "packed", cell)

    def check_cells(self, raced, launcher, writers):
        """fcntl locks do not exclude the other node, so strategies that rely on them are skipped."""
        self.check_race(raced, launcher, writers)
        for cell in raced.result["cells"]:
            with self.subTest(strategy=cell["strategy"], layout=cell["layout"], cache=cell["cache"]):
                if cell["strategy"] != "pwrite-lock":
                    self.check_safe(cell)
                    continue
                self.assertEqual(cell["verdict"], "skipped", cell)
                self.assertRegex(cell["reason"], r"locks do not exclude: \w+ \d on n1 and \w+ \d on n2 were granted the same bytes")

    def check_recommendation(self, raced):
        """No cell needs padding to be safe, so padding may be recommended only for its speed."""
        cells = {cell["name"]: cell for cell in raced.result["cells"] if cell["verdict"] == "safe"}
        advised = cells[raced.result["recommendation"]["cell"]]
        twin = [cell for cell in cells.values() if cell["layout"] == "packed" and
                (cell["strategy"], cell["cache"]) == (advised["strategy"], advised["cache"])]
        self.assertLessEqual(twin[0]["records_per_second"], advised["records_per_second"] * 1.0001, advised)


class Ssh(Hosts):
    @classmethod
    def setUpClass(cls):
        ssh = [support.NPYRACE, "run", "--launcher", "ssh", "--rsh", '"$RSH"', "--hosts", "n1,n2"]
        cls.raced = on_nodes({
            "quick": command(*ssh, "quick", *MATRIX, "--strategies", STRATEGIES, "--cache", "cold,warm"),
            "granularity": command(*ssh, "granularity", "--align", "512,4096", "--records", 64, "--record-bytes", 256, "--generations", 3,
                                   "--repetitions", 1, "--dir", "/mnt/shared"),
            "semantics": command(*ssh, "semantics", "--repetitions", 2, "--dir", "/mnt/shared")})

    def test_everything_is_safe_but_locks_exclude_nobody(self):
        quick = self.raced["quick"]
        self.check_cells(quick, "ssh", 4)
        self.assertEqual(len(quick.result["cells"]), 20)
        self.check_recommendation(quick)

    def test_no_alignment_is_needed(self):
        granularity = self.raced["granularity"]
        self.check_race(granularity, "ssh", 4)
        self.assertGreater(len(granularity.result["separations"]), 0)
        for one in granularity.result["separations"]:
            self.assertEqual((one["packed_safe"], one["unsafe_up_to_bytes"]), (True, 0), one)

    def test_the_passport_is_strong(self):
        semantics = self.raced["semantics"]
        self.assertEqual((semantics.code, trouble(semantics.err)), (0, []), semantics)
        passport = semantics.result["passport"]
        self.assertEqual((passport["between"], passport["named"]), ("mounts", "strong"), semantics)
        for row in passport["rows"]:
            self.assertEqual((row["named"], row["tries"]), ("strong", 2), row)


class Death(Hosts):
    """The kernel of n2 panics while its writers write."""

    @classmethod
    def setUpClass(cls):
        cls.raced = on_nodes({
            "race": command(support.NPYRACE, "run", "--launcher", "ssh", "--rsh", '"$RSH -o ServerAliveInterval=5"', "--hosts", "n1,n2",
                            "--dir", "/mnt/shared", "--strategies", "pwrite,pwrite-dsync", "--layouts", "packed", "--ownership", "cyclic",
                            "--records", RECORDS, "--record-bytes", 64, "--generations", 30, "--repetitions", 1, "--cache", "as-is"),
            "left": "ls /mnt/shared; true"},
            before=LET_N2_DIE, after=SPEAK_FOR_N2)

    def test_writers_of_a_dead_host_are_named_and_the_others_are_checked(self):
        race = self.raced["race"]
        self.assertEqual(race.code, 3, race)
        died, later = sorted(race.result["cells"], key=lambda cell: cell["reason"].startswith("not raced"))
        self.assertEqual(died["verdict"], "inconclusive", died)
        self.assertRegex(died["reason"], r"writer [13] on n2: connection closed, exit code 255")
        self.assertEqual(sum(died["anomalies"].values()), 0, died)
        self.assertGreater(died["evidence"]["records_checked"], RECORDS, died)
        self.assertGreater(died["unwritten"], 0, died)
        self.assertEqual(later["verdict"], "failed", later)
        self.assertRegex(later["reason"], r"^not raced: n2: ")
        self.assertEqual(self.raced["left"].out.split(), ["lost+found", "ssh"])


class Mpi(Hosts):
    @classmethod
    def setUpClass(cls):
        mpirun = ["env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", "mpirun", "--mca", "plm_rsh_agent", '"$RSH"',
                  "--mca", "btl", "self,vader,tcp", "--mca", "btl_tcp_if_include", "eth0", "--mca", "oob_tcp_if_include", "eth0",
                  "--map-by", "node", "--host", "n1:2,n2:2", "-n", 4, support.NPYRACE, "run", "--launcher", "mpi"]
        cls.raced = on_nodes({
            "quick": command(*mpirun, "quick", *MATRIX, "--strategies", "mmap,pwrite,pwrite-lock,mpi-independent"),
            "semantics": command(*mpirun, "semantics", "--repetitions", 2, "--dir", "/mnt/shared")})

    def test_everything_is_safe_but_locks_exclude_nobody(self):
        self.check_cells(self.raced["quick"], "mpi", 4)

    def test_the_passport_is_strong(self):
        semantics = self.raced["semantics"]
        self.assertEqual(semantics.code, 0, semantics)
        passport = semantics.result["passport"]
        self.assertEqual((passport["between"], passport["named"]), ("mounts", "strong"), semantics)


if __name__ == "__main__":
    support.run_alone({"ssh": Ssh, "mpi": Mpi, "death": Death}[sys.argv.pop(1)])
