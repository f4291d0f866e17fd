"""Scenario semantics on one mount: its findings, result and exit codes, and how it ends."""

import json
import os
import pathlib
import signal
import subprocess
import time

import jsonschema
from program import PROGRAM, SCHEMA, FolderTest, main, run, small

ROWS = {(via, sharing, reader) for via in ("pwrite", "mmap") for sharing in ("own-pages", "shared-pages")
        for reader in ("fresh", "holds-read", "holds-write")}
MANY_TRIES = ["--repetitions", 3000]  # takes far longer than any test waits


def children_of(pid):
    return [int(word) for word in
            pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Semantics(FolderTest):
    def check_strong(self, passport):
        self.assertEqual(passport["named"], "strong", passport)
        self.assertEqual(passport["between"], "processes")
        self.assertEqual({(r["via"], r["sharing"], r["reader"]) for r in passport["rows"]}, ROWS)
        for row in passport["rows"]:
            self.assertEqual((row["named"], row["visible_after"]), ("strong", "write"), row)
            self.assertEqual(row["counter_examples"], [])
            self.assertGreaterEqual(row["tries"], 2)
            for act in row["acts"]:
                self.assertTrue(act["held"], row)
                self.assertEqual(act.get("opened", True), True, row)

    def test_one_mount_is_strong_between_processes_and_says_so(self):
        outcome, result = self.race("semantics")
        self.assertEqual(outcome.code, 0, outcome)
        jsonschema.validate(result, SCHEMA)
        self.assertEqual(result["npyrace"]["cells"], [])
        self.check_strong(result["npyrace"]["passport"])
        self.assertIn("says nothing about nodes", " ".join(outcome.out.split()))
        self.assertTrue(outcome.out.splitlines()[-1].startswith("passport: strong - "), outcome)
        self.assertEqual(outcome.err, "")
        for line in outcome.out.splitlines():
            if str(self.folder) not in line:
                self.assertLessEqual(len(line), 80, line)
        self.assertEqual(self.race_files(), [])

    def test_two_names_of_one_mount_are_not_two_nodes(self):
        outcome = run("run", "semantics", "--dir", f"{self.folder},{self.folder}/.", "--json", "-")
        self.assertEqual(outcome.code, 0, outcome)
        self.check_strong(json.loads(outcome.out)["npyrace"]["passport"])

    def test_tmpfs(self):
        outcome = run("run", "semantics", "--dir", "/dev/shm", "--json", "-")
        self.assertEqual(outcome.code, 0, outcome)
        self.check_strong(json.loads(outcome.out)["npyrace"]["passport"])

    def test_semantics_can_be_combined_with_races(self):
        for scenarios in [["semantics,page-sharing"], ["page-sharing", "semantics"]]:
            outcome, result = self.race(*scenarios, *small(), "--strategies", "pwrite")
            self.assertEqual(outcome.code, 0, outcome)
            jsonschema.validate(result, SCHEMA)
            self.assertGreater(len(result["npyrace"]["cells"]), 0)
            self.assertEqual(result["npyrace"]["passport"]["named"], "strong")
            self.assertRegex(outcome.out, r"(?s)Recommendation: .*\npassport: strong")

    def test_other_scenarios_have_no_passport(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed")
        self.assertNotIn("passport", result["npyrace"])

    def test_repetitions_sets_the_number_of_tries(self):
        _, result = self.race("semantics", "--repetitions", 3)
        self.assertEqual({row["tries"] for row in result["npyrace"]["passport"]["rows"]}, {3})

    def test_contradictory_options_are_errors(self):
        self.assert_one_line(run("run", "semantic"), 2, "did you mean 'semantics'?")
        for option in [["--strategies", "mmap"], ["--exec", "true"], ["--writers", 2], ["--keep"],
                       ["--generations", 3], ["--records", 10], ["--cache", "warm"]]:
            self.assert_one_line(run("run", "semantics", "--dir", self.folder, *option), 2,
                                 "semantics", option[0])
        self.assert_one_line(run("run", "semantics", "--repetitions", 0), 2, "--repetitions")

    def test_a_missing_directory_is_an_error(self):
        self.assert_one_line(run("run", "semantics", "--dir", self.folder / "no"), 3, "no")


class Endings(FolderTest):
    def start(self, *options):
        process = subprocess.Popen(
            [PROGRAM, "run", "semantics", "--dir", str(self.folder), *map(str, options)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + 30
        while len(children_of(process.pid)) < 2 or not self.race_files():
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        return process, children_of(process.pid)

    def check_gone(self, players):
        deadline = time.monotonic() + 30
        while any(os.path.exists(f"/proc/{player}") for player in players):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_a_signal_leaves_no_process_or_file(self):
        for number in [signal.SIGINT, signal.SIGTERM]:
            process, players = self.start(*MANY_TRIES)
            process.send_signal(number)
            _, err = process.communicate(timeout=60)
            self.assertEqual((process.returncode, err), (3, "npyrace: interrupted\n"))
            self.check_gone(players)
            self.assertEqual(self.race_files(), [])

    def test_agents_end_with_their_run_and_the_next_run_removes_its_files(self):
        process, players = self.start(*MANY_TRIES)
        process.kill()
        process.communicate()
        self.check_gone(players)
        self.assertGreater(len(self.race_files()), 0)
        outcome = run("run", "semantics", "--dir", self.folder)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(self.race_files(), [])

    def test_an_agent_that_dies_ends_the_experiments_with_an_error(self):
        process, players = self.start(*MANY_TRIES)
        os.kill(players[1], signal.SIGKILL)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, out + err)
        self.assertRegex(err, r"\Anpyrace: semantics: .*died in \S+: killed by signal 9 \(Killed\)\n\Z")
        self.assertIn("passport: ", out.splitlines()[-1])
        self.check_gone(players)
        self.assertEqual(self.race_files(), [])

    def test_a_hanging_agent_is_waited_for_only_as_long_as_allowed(self):
        process, players = self.start(*MANY_TRIES, "--patience", 1)
        os.kill(players[0], signal.SIGSTOP)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, out + err)
        self.assertRegex(err, r"\Anpyrace: semantics: .*did not return within 1 s\n\Z")
        self.check_gone(players)
        self.assertEqual(self.race_files(), [])


if __name__ == "__main__":
    main()
