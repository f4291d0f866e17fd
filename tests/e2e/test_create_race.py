"""Scenario create-race: several writers create the same file if it is missing; which ways of creating lose records?"""

import json

import jsonschema
from program import SCHEMA, FolderTest, main, run

LOSE = {"w+", "check-then-create", "temporary-rename"}
KEEP = {"exclusive-wait", "temporary-link"}


class CreateRace(FolderTest):
    def check(self, experiments, place):
        verdicts = {e["name"].split("/")[0]: e for e in experiments if e["name"].endswith("/" + place)}
        self.assertEqual(set(verdicts), LOSE | KEEP | {"exclusive"})
        for name in LOSE:
            self.assertEqual(verdicts[name]["verdict"], "unsafe", verdicts[name])
            self.assertGreater(verdicts[name]["counts"]["lost"], 0)
            self.assertGreater(len(verdicts[name]["examples"]), 0)
        for name in KEEP:
            self.assertEqual(verdicts[name]["verdict"], "safe", verdicts[name])
            self.assertEqual((verdicts[name]["counts"]["lost"], verdicts[name]["counts"]["gave_up"]), (0, 0))
            self.assertGreater(verdicts[name]["counts"]["tries"], 8)
        # The second writer finds an incomplete file. That is an error, not a loss.
        self.assertEqual(verdicts["exclusive"]["verdict"], "inconclusive", verdicts["exclusive"])
        self.assertGreater(verdicts["exclusive"]["counts"]["gave_up"], 0)
        self.assertEqual(verdicts["exclusive"]["counts"]["lost"], 0)

    def test_on_one_node(self):
        for place in [self.folder, "/dev/shm"]:
            with self.subTest(place=place):
                outcome, result = self.race("create-race", place=place)
                self.assertEqual(outcome.code, 1, outcome)
                jsonschema.validate(result, SCHEMA)
                self.check(result["npyrace"]["experiments"], "one-node")
                self.assertEqual(result["npyrace"]["cells"], [])
                self.assertEqual(self.race_files(), [])
                self.assertIn("create-race:", outcome.out)
                self.assertEqual(outcome.out.splitlines()[-1], "inconclusive: 1 of 6 experiments")

    def test_between_two_nodes(self):
        report = self.folder / "result.json"
        outcome = run("run", "create-race", "--lab", "nfs", "--repetitions", 4, "--json", report)
        if outcome.code == 3 and "lab" in outcome.err:
            self.skipTest(outcome.err.strip())
        self.assertEqual(outcome.code, 1, outcome)
        experiments = json.loads(report.read_text())["npyrace"]["experiments"]
        self.check(experiments, "one-node")
        self.check(experiments, "nodes")

    def test_reports_in_other_formats_have_the_experiments(self):
        outcome, _ = self.race("create-race", "--repetitions", 1)
        path = self.folder / "result.json"
        markdown = run("report", path, "--format", "markdown")
        self.assertIn("## create-race", markdown.out)
        self.assertRegex(markdown.out, r"\| w\+/one-node \| unsafe \|")
        junit = run("report", path, "--format", "junit")
        self.assertIn('classname="npyrace.create-race" name="w+/one-node"', junit.out)
        self.assertEqual(run("report", path, "--format", "terminal").out, outcome.out)

    def test_contradictory_options_are_refused(self):
        self.assert_one_line(run("run", "create-race", "--strategies", "mmap"), 2, "create-race", "--strategies")
        self.assert_one_line(run("run", "create-rice"), 2, "did you mean 'create-race'?")


if __name__ == "__main__":
    main()
