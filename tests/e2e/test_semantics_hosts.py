"""Scenario semantics with agents on hosts. The hosts are names of this machine behind the test's own sshd. Each uses
its own mount of a lab, so the expected passport is known."""

import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

import jsonschema
from private_sshd import main_behind_sshd
from program import PROGRAM, SCHEMA, FolderTest, Outcome, run

LAB = unittest.skipUnless(os.access("/dev/fuse", os.R_OK | os.W_OK), "no /dev/fuse")


class Hosts(FolderTest):
    sshd = None

    def options(self, *options, place):
        return ["run", "semantics", "--launcher", "ssh", "--rsh", self.sshd.rsh, "--dir", place, *options]

    def passport(self, outcome):
        result = json.loads(outcome.out)
        jsonschema.validate(result, SCHEMA)
        return result["npyrace"]["passport"]

    def examine_in_lab(self, model):
        """Two hosts with a mount each, under directory names that differ from those on this side."""
        outcome = run("lab", "--model", model, "--", PROGRAM,
                      *self.options("--hosts", "n1,n2:{n2}", "--repetitions", 2, "--json", "-", place="{n1}"), timeout=300)
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        return self.passport(outcome)

    @LAB
    def test_hosts_with_their_own_mounts_find_the_model_of_the_lab(self):
        for model, shared in (("commit", "commit"), ("nfs", "none seen")):
            passport = self.examine_in_lab(model)
            self.assertEqual((passport["between"], passport["named"]), ("mounts", {"nfs": "session"}.get(model, model)))
            rows = {(r["via"], r["sharing"], r["reader"]): r for r in passport["rows"]}
            self.assertEqual(len(rows), 12)
            self.assertEqual({r["tries"] for r in rows.values()}, {2})
            row = rows["pwrite", "shared-pages", "fresh"]
            self.assertEqual(row["named"], shared, row)
            # Counter-examples name the host that wrote and the host that read. Either host may be the writer.
            words = " ".join(e for r in rows.values() for e in r["counter_examples"])
            self.assertRegex(words, "writer 0 on n1 writes, writer 1 on n2 looks|writer 1 on n2 writes, writer 0 on n1 looks")

    def test_two_names_of_one_machine_are_one_node(self):
        outcome = run(*self.options("--hosts", "n1,n2", "--json", "-", place=self.folder))
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        passport = self.passport(outcome)
        self.assertEqual((passport["between"], passport["named"]), ("processes", "strong"))
        self.assertEqual(self.race_files(), [])

    def test_semantics_can_be_combined_with_races(self):
        outcome = run("run", "quick,semantics", *self.options("--hosts", "n1,n2", place=self.folder)[2:], "--strategies", "pwrite",
                      "--layouts", "packed", "--records", 512, "--generations", 2, "--repetitions", 1, "--json", "-")
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        self.assertEqual(self.passport(outcome)["named"], "strong")
        self.assertEqual([c["launcher"] for c in json.loads(outcome.out)["npyrace"]["cells"]], ["ssh"])

    def start(self, *options):
        process = subprocess.Popen(
            [PROGRAM, *map(str, self.options("--hosts", "n1,n2", "--repetitions", 3000, *options, place=self.folder))],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        limit = time.monotonic() + 60
        while not (players := self.players()):
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), limit)
            time.sleep(0.02)
        return process, players

    @staticmethod
    def end(process):
        out, err = process.communicate(timeout=100)
        return Outcome(subprocess.CompletedProcess(process.args, process.returncode, out, err))

    def players(self):
        """Ranks with files of the experiments open. Trials before the experiments open only one file at a time."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if b"rank-service" not in (process / "cmdline").read_bytes().split(b"\0")[1:2]:
                    continue
                names = [os.readlink(fd) for fd in (process / "fd").iterdir()]
                if len({name for name in names if name.startswith(f"{self.folder}/npyrace-")}) > 1:
                    found.append(int(process.name))
            except OSError:
                pass
        return found

    def test_a_killed_or_silent_agent_ends_the_experiments_with_an_error(self):
        for number, options, words in ((signal.SIGKILL, [], r"writer \d on n[12]: connection closed"),
                                       (signal.SIGSTOP, ["--patience", 10], r"writer \d on n[12]: nothing was heard of it for 10 s")):
            process, players = self.start(*options)
            os.kill(players[0], number)
            outcome = self.end(process)
            if number == signal.SIGSTOP:
                os.kill(players[0], signal.SIGKILL)
            self.assertEqual(outcome.code, 3, outcome)
            self.assertRegex(outcome.err, rf"\Anpyrace: semantics: .*{words}.*\n\Z")
            self.assertIn("passport: ", outcome.out.splitlines()[-1])
            self.assertEqual(self.race_files(), [])

    def test_an_interrupt_leaves_no_process_or_file(self):
        process, _ = self.start()
        process.send_signal(signal.SIGINT)
        outcome = self.end(process)
        self.assertEqual((outcome.code, outcome.out, outcome.err), (3, "", "npyrace: interrupted\n"))
        self.assertEqual(self.race_files(), [])

    def test_usage_errors(self):
        place = self.folder
        self.assert_one_line(run("run", "semantics", "--launcher", "process", "--dir", place), 2, "--launcher")
        self.assert_one_line(run(*self.options("--hosts", "n1", "--writers", 1, place=place)), 2, "--writers")
        self.assert_one_line(run("run", "quick,semantics", *self.options("--hosts", "n1", "--writers", 1, place=place)[2:]), 2,
                             "two ranks")
        self.assert_one_line(run("run", "create-race", *self.options("--hosts", "n1,n2", place=place)[2:]), 2, "--launcher")


if __name__ == "__main__":
    main_behind_sshd(Hosts)
