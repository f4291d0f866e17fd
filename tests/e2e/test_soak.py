"""Scenario soak: random cells until the time is up. A cell that loses records is reported with a command that races it
again."""

import json
import shlex
import signal
import subprocess
import time

import jsonschema
from program import PROGRAM, SCHEMA, FolderTest, main, run


class Soak(FolderTest):
    def soak(self, *arguments):
        outcome, result = self.race("soak", *arguments)
        jsonschema.validate(result, SCHEMA)
        return outcome, result["npyrace"]

    def counts(self, result):
        return {e["name"]: e["counts"] for e in result["experiments"]}

    def test_on_one_node_nothing_is_lost_and_every_cell_is_counted(self):
        outcome, result = self.soak("--for", "4s", "--seed", 5)
        self.assertEqual(outcome.code, 0, outcome)
        counts = self.counts(result)
        whole = counts.pop("all")
        self.assertGreater(whole["safe"], 0)
        self.assertEqual(whole["unsafe"], 0)
        for name in whole:
            self.assertEqual(whole[name], sum(c[name] for c in counts.values()), name)
        self.assertEqual(result["cells"], [])
        self.assertIn("soak:", outcome.out)
        self.assertNotIn("read-modify-write", counts)  # loses on any file system, so it is raced only if named

    def test_read_modify_write_is_raced_if_named(self):
        outcome, result = self.soak("--for", "2s", "--strategies", "read-modify-write", "--layouts", "packed",
                                    "--ownership", "cyclic")
        counts = self.counts(result)
        self.assertEqual(set(counts), {"all", "read-modify-write"})
        self.assertEqual(outcome.code, 1 if counts["all"]["unsafe"] else 0, outcome)
        self.assertEqual(len(result["cells"]), counts["all"]["unsafe"])

    def check_replays(self, result):
        """At least one of the first cells must lose again. A single one may not, because losses depend on timing."""
        again = []
        for cell in [c for c in result["cells"] if c["verdict"] == "unsafe"][:3]:
            words = shlex.split(cell["replay"]["command"])
            self.assertEqual(words[0], "npyrace")
            self.assertIn(str(cell["replay"]["seed"]), words)
            outcome = run(*words[1:], "--json", "-")
            replayed, = json.loads(outcome.out)["npyrace"]["cells"]
            self.assertEqual(replayed["name"], cell["name"])
            again.append(replayed["verdict"])
        self.assertIn("unsafe", again)

    def soak_in_lab(self, *arguments):
        """A soak in a lab of two nodes with strategies that are certain to lose there."""
        outcome = run("run", "soak", "--lab", "nfs", "--layouts", "packed", "--ownership", "cyclic", "--json",
                      self.folder / "result.json", *arguments)
        if outcome.code == 3 and "lab" in outcome.err:
            self.skipTest(outcome.err.strip())
        self.assertEqual(outcome.code, 1, outcome)
        result = json.loads((self.folder / "result.json").read_text())
        jsonschema.validate(result, SCHEMA)
        return outcome, result

    def test_a_losing_cell_is_kept_with_a_command_that_loses_again(self):
        outcome, result = self.soak_in_lab("--for", "4s", "--strategies", "mmap,pwrite", "--sync", "none,end")
        self.assertIn("--lab nfs", result["npyrace"]["cells"][0]["replay"]["command"])
        self.check_replays(result["npyrace"])
        self.assertIn("again: npyrace run --lab nfs", outcome.out)

    def test_the_same_seed_draws_the_same_cells(self):
        drawn = []
        for _ in range(2):
            _, result = self.soak_in_lab("--for", "0.001", "--seed", 11, "--strategies", "mmap", "--records", 4096)
            drawn.append([(c["name"], c["replay"]) for c in result["npyrace"]["cells"]])
        self.assertEqual(len(drawn[0]), 1)
        self.assertEqual(drawn[0], drawn[1])

    def test_soak_can_be_combined_with_a_matrix_and_takes_its_options(self):
        outcome, result = self.soak("page-sharing", "--for", "1", "--strategies", "pwrite", "--writers", 3,
                                    "--records", 512, "--generations", 2, "--repetitions", 1)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertGreater(len(result["cells"]), 0)
        self.assertEqual(set(self.counts(result)), {"all", "pwrite"})

    def test_contradictory_options_are_errors(self):
        self.assert_one_line(run("run", "quick", "--for", "1m"), 2, "--for", "soak")
        self.assert_one_line(run("run", "soak", "--for", "0"), 2, "--for")
        self.assert_one_line(run("run", "soak", "--keep"), 2, "--keep")
        self.assert_one_line(run("run", "soak", "--exec", "true"), 2, "--exec")
        self.assert_one_line(run("run", "soak", "--for", "many"), 2, "--for")

    def test_an_interrupt_ends_it_and_keeps_the_findings(self):
        report = self.folder / "result.json"
        process = subprocess.Popen(
            [PROGRAM, "run", "soak", "--for", "10m", "--dir", str(self.folder), "--json", str(report), "--strategies",
             "read-modify-write,pwrite", "--layouts", "packed", "--ownership", "cyclic"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        time.sleep(4)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        result = json.loads(report.read_text())
        jsonschema.validate(result, SCHEMA)
        whole, *_ = result["npyrace"]["experiments"]
        self.assertIn("then interrupted", whole["reason"])
        self.assertGreater(whole["counts"]["cells"], 0)
        self.assertEqual(whole["counts"]["failed"], 0)  # the interrupted cell is not counted
        self.assertIn("soak:", out)
        self.assertEqual((process.returncode, err.splitlines()[-1]), (3, "npyrace: interrupted"))
        self.assertEqual(self.race_files(), [])


if __name__ == "__main__":
    main()
