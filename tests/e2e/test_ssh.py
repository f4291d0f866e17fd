"""Launcher ssh: writers on hosts over a remote shell. The hosts are names of this machine behind the test's own sshd
on a loopback port. In a lab each host has its own mount."""

import json
import os
import pathlib
import signal
import subprocess
import time

from private_sshd import main_behind_sshd
from program import PROGRAM, FolderTest, run, small

LAB = os.access("/dev/fuse", os.R_OK | os.W_OK)
# Many short generations, so that events during the race hit one, and no step takes long.
LONG = ["--records", 4000, "--generations", 200, "--repetitions", 1, "--sync", "every:100"]


def wait_for(condition, seconds=30):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.02)
    return False


class Hosts(FolderTest):
    sshd = None

    def options(self, hosts, *options):
        return ["run", "--launcher", "ssh", "--rsh", self.sshd.rsh, "--hosts", hosts, *options]

    def race_on(self, hosts, *options, before=(), place=None):
        report = self.folder.parent / f"{self.folder.name}.json"
        self.addCleanup(lambda: report.unlink(missing_ok=True))
        command = self.options(hosts, "--dir", place or self.folder, *options, "--json", report)
        outcome = run(*before, *([PROGRAM] if before else []), *command)
        self.assertTrue(report.exists(), outcome)
        self.assertEqual(self.race_files(), [])
        return outcome, json.loads(report.read_text())["npyrace"]

    def race_in_lab(self, *options, lab=()):
        """Two hosts with a mount each, under directory names that differ from those on this side."""
        return self.race_on("n1,n2:{n2}", *options, place="{n1}", before=["lab", *lab, "--"])

    def ranks(self):
        """The npyrace processes on the hosts."""
        mine = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().split(b"\0")
                if b"rank-service" in command[1:2] and f" {self.sshd.port}\0".encode() in (
                        process / "environ").read_bytes():
                    mine.append(int(process.name))
            except OSError:
                pass
        return sorted(mine)

    def start(self, *options):
        """Starts a race; returns it once it is under way, and its ranks."""
        command = self.options("n1,n2", "--dir", self.folder, "--json", self.folder / "result.json", *options)
        program = subprocess.Popen([PROGRAM, *map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(program.kill)
        self.assertTrue(wait_for(lambda: self.is_racing() or program.poll() is not None))
        time.sleep(0.5)  # so that the race is under way
        ranks = self.ranks()
        self.assertGreater(len(ranks), 1)
        return program, ranks

    def is_racing(self):
        """Whether a race file exists. The smaller files of trials do not count."""
        try:
            return any(p.stat().st_size > 4000 * 16 for p in self.folder.glob("npyrace-*.npy"))
        except FileNotFoundError:  # removed since it was listed
            return False

    def end(self, program):
        out, err = program.communicate(timeout=100)
        report = self.folder / "result.json"
        cells = json.loads(report.read_text())["npyrace"]["cells"] if report.exists() else None
        return program.returncode, out, err, cells

    def assert_nothing_left(self):
        self.assertEqual(self.race_files(), [])
        self.assertTrue(wait_for(lambda: not self.ranks()), self.ranks())

    def test_one_host_is_safe(self):
        outcome, result = self.race_on("n1", "--strategies", "mmap,pwrite", "--layouts", "packed", "--writers", 4,
                                       *small(4096, 4))
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(outcome.err, "", outcome)
        self.assertEqual(result["environment"]["ranks"], {"library": "remote shell: ssh", "hosts": ["n1"] * 4})
        for cell in result["cells"]:
            self.assertEqual((cell["launcher"], cell["writers"], cell["mounts"], cell["verdict"]),
                             ("ssh", 4, 1, "safe"), cell)
            self.assertEqual(cell["evidence"]["records_checked"], 4096 * 4 * 2, cell)
            self.assertGreater(cell["evidence"]["overlap_seconds"], 0, cell)
        self.assert_nothing_left()

    def test_two_names_of_one_machine_are_one_node(self):
        outcome, result = self.race_on("n1,n2", "--strategies", "pwrite", "--layouts", "packed", *small())
        self.assertEqual(outcome.code, 0, outcome)
        cell, = result["cells"]
        self.assertEqual((cell["writers"], cell["verdict"]), (4, "inconclusive"), cell)
        self.assertIn("one page cache", cell["reason"])

    def test_two_hosts_are_two_mounts(self):
        if not LAB:
            self.skipTest("no /dev/fuse")
        outcome, result = self.race_in_lab("--strategies", "mmap", "--layouts", "packed,padded-block", "--ownership",
                                           "cyclic", "--cache", "warm", *small(), lab=["--model", "nfs"])
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual(result["environment"]["ranks"]["hosts"], ["n1", "n2"] * 2)
        packed, padded = sorted(result["cells"], key=lambda cell: cell["layout"])
        self.assertEqual((packed["verdict"], padded["verdict"]), ("unsafe", "safe"), outcome)
        self.assertEqual((packed["mounts"], padded["mounts"]), (2, 2))
        self.assertGreater(packed["evidence"]["units_shared_by_mounts"], 0)
        self.assertEqual(padded["evidence"]["units_shared_by_mounts"], 0)

    def test_every_kind_of_strategy_works_with_any_number_of_writers(self):
        if not LAB:
            self.skipTest("no /dev/fuse")
        strategies = "mmap,pwrite-lock,file-per-writer,collector,single,local-then-copy,mpi-independent"
        outcome, result = self.race_in_lab("--strategies", strategies, "--layouts", "packed", "--writers", "2,3", "--cache", "as-is",
                                           *small(), lab=["--model", "session"])
        self.assertEqual(outcome.code, 1 if any(c["verdict"] == "unsafe" for c in result["cells"]) else 0, outcome)
        self.assertEqual(len(result["cells"]), 14)
        for cell in result["cells"]:
            if cell["strategy"] == "mpi-independent":
                self.assertEqual(cell["verdict"], "skipped", cell)
                self.assertIn("needs launcher mpi", cell["reason"])
                continue
            self.assertNotIn(cell["verdict"], ("failed", "skipped"), cell)
            self.assertEqual(cell["evidence"]["records_checked"], 512 * 2 * 2, cell)

    def test_locks_between_the_hosts_are_tested(self):
        if not LAB:
            self.skipTest("no /dev/fuse")
        options = ["--strategies", "pwrite-lock", "--layouts", "packed", *small()]
        outcome, result = self.race_in_lab(*options, lab=["--model", "session", "--local-locks"])
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(result["cells"][0]["verdict"], "skipped", outcome)
        self.assertRegex(result["cells"][0]["reason"],
                         "locks do not exclude: writer 0 on n1 and writer 1 on n2 were granted")
        outcome, result = self.race_in_lab(*options, lab=["--model", "session"])
        self.assertEqual(result["cells"][0]["verdict"], "safe", outcome)

    def test_a_killed_rank_is_named_and_started_again_for_the_next_cell(self):
        program, ranks = self.start("--strategies", "pwrite,pwrite-wronly", "--layouts", "packed", "--writers", 3,
                                    *LONG)
        os.kill(ranks[1], signal.SIGKILL)
        code, out, err, cells = self.end(program)
        self.assertEqual(code, 0, err)
        died = [cell for cell in cells if "connection closed" in cell["reason"]]
        self.assertEqual(len(died), 1, cells)
        self.assertRegex(died[0]["reason"], r"writer \d on n[12]: connection closed")
        self.assertEqual(died[0]["verdict"], "inconclusive")
        self.assertGreater(died[0]["unwritten"], 0)
        # All records were checked in every generation, and the other writers lost none.
        for cell in cells:
            self.assertEqual(cell["evidence"]["records_checked"], 4000 * 200, cell)
            self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
        other, = [cell for cell in cells if cell is not died[0]]
        self.assertEqual((other["unwritten"], "connection" in other["reason"]), (0, False), other)
        self.assert_nothing_left()

    def test_a_host_that_dies_before_the_start_counts_as_a_killed_writer(self):
        """The connection of n2 closes once its rank was told of a race file. No reply of that rank is awaited then, so the
        others are started all the same."""
        dead = self.folder / "dead"
        shell = self.folder / "shell"
        shell.write_text(f"""#!/usr/bin/python3
import os, subprocess, sys, time
host, command = sys.argv[1:]
rank = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE)
for line in sys.stdin.buffer:
    rank.stdin.write(line)
    rank.stdin.flush()
    if host == "n2" and b'"task":1,' in line and not os.path.exists("{dead}"):
        open("{dead}", "x").close()
        time.sleep(0.2)
        os._exit(255)
""")
        shell.chmod(0o755)
        report = self.folder / "result.json"
        outcome = run("run", "--launcher", "ssh", "--rsh", shell, "--hosts", "n1,n2", "--writers", 2, "--dir", self.folder,
                      "--strategies", "pwrite,pwrite-wronly", "--layouts", "packed", "--ownership", "cyclic", *small(4096, 3, 1),
                      "--json", report)
        self.assertEqual(outcome.code, 0, outcome)
        cells = json.loads(report.read_text())["npyrace"]["cells"]
        died, well = sorted(cells, key=lambda cell: "connection closed" not in cell["reason"])
        self.assertEqual(died["verdict"], "inconclusive", died)
        self.assertRegex(died["reason"], "writer 1 on n2: connection closed, exit code 255")
        self.assertEqual((well["unwritten"], well["evidence"]["records_checked"]), (0, 4096 * 3), well)
        for cell in cells:
            self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
        self.assertEqual(self.race_files(), [])

    def test_a_silent_host_is_named_and_the_run_ends(self):
        program, ranks = self.start("--strategies", "pwrite", "--layouts", "packed", "--patience", 4, *LONG)
        os.kill(ranks[-1], signal.SIGSTOP)
        self.addCleanup(os.kill, ranks[-1], signal.SIGKILL)
        code, out, err, cells = self.end(program)
        self.assertEqual(code, 3, err)
        self.assertEqual(cells[0]["verdict"], "failed")
        self.assertRegex(cells[0]["reason"], r"^writer \d on n[12]: nothing was heard of it for 4 s$")
        self.assertEqual(self.race_files(), [])

    def test_an_interrupt_leaves_no_process_or_file(self):
        for number, lines in ((signal.SIGINT, ["npyrace: interrupted"]), (signal.SIGTERM, ["npyrace: interrupted"])):
            program, _ = self.start("--strategies", "pwrite", "--layouts", "packed", *LONG)
            program.send_signal(number)
            code, out, err, _ = self.end(program)
            self.assertEqual((code, err.splitlines()), (3, lines))
            self.assertTrue(out.startswith("INTERRUPTED: this is what was measured until then."), out)
            self.assert_nothing_left()

    def test_ranks_end_with_the_program(self):
        program, _ = self.start("--strategies", "pwrite", "--layouts", "packed", *LONG)
        program.kill()
        program.communicate()
        self.assertTrue(wait_for(lambda: not self.ranks()), self.ranks())

    def test_a_rank_whose_connection_ends_removes_its_trial_files(self):
        order = {"task": 0, "dirs": [str(self.folder)], "judge_dir": str(self.folder), "race": "", "writers": 0, "generation": 0,
                 "cache": "", "questions": 0, "file": ["", "", 0], "step": ""}
        for _ in range(30):
            rank = subprocess.run([PROGRAM, "rank-service"], input=f"R1 2\nT{json.dumps(order)}\n", capture_output=True, text=True,
                                  timeout=60)
            self.assertTrue(rank.stdout.startswith("npyrace-rank "), rank)
            self.assertEqual(self.race_files(), [])

    def test_an_unusable_host_is_named_in_one_line(self):
        other = self.folder / "other"
        other.mkdir()
        old = self.folder / "old"
        old.write_text("#!/bin/sh\necho Welcome\necho npyrace-rank 0.0.1\nread forever\n")
        old.chmod(0o755)
        for hosts, options, words in (
                ("n1,n3", [], ["n3: cannot start", "exit code 255", "Connection refused"]),
                ("n1", ["--npyrace", "/nowhere/npyrace"], ["n1: cannot start /nowhere/npyrace", "exit code 127"]),
                ("n1", ["--npyrace", old], ["n1: ", "there is npyrace 0.0.1", "--npyrace"]),
                ("n1,n2:/nowhere", [], ["writer 1 on n2: /nowhere: ", "No such file or directory"]),
                (f"n1,n2:{other}", [], ["writer 1 on n2: ", "not there"]),
                ("n1", ["--npyrace", "/bin/cat", "--patience", 2], ["n1: ", "exit code 1"])):
            outcome = run(*self.options(hosts, "--dir", self.folder, "--strategies", "pwrite", *options, *small()))
            self.assert_one_line(outcome, 3, *words)
            self.assertEqual(self.race_files(), [])

    def test_any_remote_shell_can_be_used(self):
        shell = self.folder / "my shell"
        shell.write_text('#!/bin/sh\n[ "$1 $2" = "-x n9" ] || exit 9\necho noise\nshift 2\nexec sh -c "$*"\n')
        shell.chmod(0o755)
        outcome = run("run", "--launcher", "ssh", "--rsh", f"'{shell}' -x", "--hosts", "n9", "--dir", ".", "--strategies",
                      "pwrite", *small(), cwd=self.folder)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(outcome.err, "", outcome)

    def test_a_host_with_a_different_clock_still_overlaps(self):
        """The offset of the host's clock must be measured; without a correction no writers would seem to overlap."""
        elsewhere = ["unshare", "--time", "--monotonic", "1000000", "--fork"]
        if subprocess.run([*elsewhere, "true"], capture_output=True).returncode != 0:
            self.skipTest("no time namespaces here")
        shell = self.folder / "shell"
        shell.write_text(f'#!/bin/sh\n[ "$1" = late ] && exec {" ".join(elsewhere)} sh -c "$2"\nexec sh -c "$2"\n')
        shell.chmod(0o755)
        report = self.folder / "result.json"
        outcome = run("run", "--launcher", "ssh", "--rsh", shell, "--hosts", "here,late", "--dir", self.folder,
                      "--strategies", "pwrite", "--layouts", "packed", "--ownership", "cyclic", *small(65536, 3),
                      "--json", report)
        self.assertEqual(outcome.code, 0, outcome)
        cell, = json.loads(report.read_text())["npyrace"]["cells"]
        self.assertGreater(cell["evidence"]["overlap_seconds"], 0, cell)
        self.assertLess(cell["evidence"]["overlap_seconds"], 1000, cell)
        self.assertLess(max(cell["seconds"]), 1000, cell)

    def test_usage_errors(self):
        for options, word in ((["--launcher", "ssh"], "--hosts"),
                              (["--launcher", "ssh,mpi", "--hosts", "n1"], "one run"),
                              (["--launcher", "ssh", "--hosts", "n1:relative"], "absolute"),
                              (["--launcher", "ssh", "--hosts", "-oProxyCommand=x"], "option"),
                              (["--launcher", "ssh", "--hosts", "n1", "--lab", "nfs"], "npyrace lab"),
                              (["--hosts", "n1"], "--launcher ssh"),
                              (["--rsh", "rsh"], "--launcher ssh"),
                              (["--npyrace", "/x"], "--launcher")):
            self.assert_one_line(run("run", *options, cwd=self.folder), 2, word)

    def test_list_tells_whether_there_is_a_remote_shell(self):
        self.assertRegex(run("list", "launchers").out, r"(?ms)^ssh .*--hosts\s+n1,n2$")
        self.assertRegex(run("list", "launchers", env={"PATH": "/nowhere"}).out, r"(?s)ssh .*not here: no ssh in\s+PATH")


if __name__ == "__main__":
    main_behind_sshd(Hosts)
