"""Scenarios: built-in ones, users' scenario files, and error messages for mistakes in them."""

import json

from program import FolderTest, main, run, small


class Scenarios(FolderTest):
    def scenario(self, **keys):
        path = self.folder / "scenario.json"
        path.write_text(json.dumps(keys))
        return path

    def names_of_cells(self, *arguments):
        outcome, result = self.race(*arguments, "--records", 16, "--generations", 1, "--repetitions", 1)
        self.assertIn(outcome.code, (0, 1, 3) if "--exec" in arguments else (0, 1), outcome)  # true writes nothing
        return [(cell["scenario"], cell["name"]) for cell in result["npyrace"]["cells"]]

    def test_built_in_scenarios_race_the_same_cells_from_files(self):
        printed = run("list", "scenarios", "--json")
        scenarios = {s["name"]: s for s in json.loads(printed.out)}
        self.assertEqual(set(scenarios), {"quick", "timing-log", "page-sharing", "granularity", "sync-cost", "scaling", "collect",
                                          "exec"})
        for name, scenario in scenarios.items():
            with self.subTest(scenario=name):
                others = ["--exec", "true"] if name == "exec" else []
                if name != "scaling":
                    others += ["--writers", 3]  # 1440 of timing-log would take long
                built_in = self.names_of_cells(name, *others)
                self.assertGreater(len(built_in), 1)
                self.assertEqual({cell[0] for cell in built_in}, {name})
                self.assertEqual(self.names_of_cells("--scenario", self.scenario(**scenario), *others), built_in)

    def test_a_scenario_file_of_a_user_is_raced(self):
        path = self.scenario(name="mine", strategies=["pwrite"], layouts=["packed"], writers=[2, 3], records=64)
        outcome, result = self.race("--scenario", path, "--generations", 2, "--repetitions", 1)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(result["npyrace"]["scenarios"], ["mine"])
        self.assertEqual([(c["scenario"], c["writers"], c["records"]) for c in result["npyrace"]["cells"]],
                         [("mine", 2, 64), ("mine", 3, 64)])

    def test_an_error_names_the_file_and_key(self):
        for keys, code, words in [
                ({"strategies": ["mmap"]}, 3, ["'name' is missing"]),
                ({"name": "a", "writer": [2]}, 3, ["'writer'", "did you mean 'writers'"]),
                ({"name": "a", "writers": 2}, 3, ["writers: an array is expected, found number"]),
                ({"name": "a", "writers": [-2]}, 3, ["writers[0]: a whole number from 0"]),
                ({"name": "a", "writers": []}, 3, ["writers: at least one value is expected"]),
                ({"name": "a", "records": "many"}, 3, ["records: a whole number from 0"]),
                ({"name": "a", "budget_seconds": -1}, 3, ["budget_seconds: a number from 0"]),
                ({"name": "a", "strategies": ["mmap", 3]}, 3, ["strategies[1]: a string is expected"]),
                ({"name": "a", "strategies": ["mmpa"]}, 2, ["did you mean 'mmap'"])]:
            with self.subTest(keys=keys):
                self.assert_one_line(run("run", "--dir", self.folder, "--scenario", self.scenario(**keys)), code,
                                     "scenario.json", *words)
        path = self.folder / "scenario.json"
        for text, words in [("", "ends in the middle"), ("[1]", "an object is expected"),
                            ('{"name": "a"', "ends in the middle"), ("nonsense", "not JSON")]:
            path.write_text(text)
            self.assert_one_line(run("run", "--scenario", path, cwd=self.folder), 3, words,
                                 "list scenarios --json")
        self.assert_one_line(run("run", "--scenario", "none.json", cwd=self.folder), 3, "none.json")
        self.assert_one_line(run("list", "layouts", "--json"), 2, "list scenarios")

    def test_sync_cost_races_every_sync_policy(self):
        outcome, result = self.race("sync-cost", *small(256, 2, 1), "--strategies", "pwrite", "--layouts", "packed")
        self.assertEqual(outcome.code, 0, outcome)
        sync = {c["sync"]: c["phases"]["sync"] for c in result["npyrace"]["cells"]}
        self.assertEqual(set(sync), {"none", "end", "every:16", "record"})
        self.assertGreater(sync["record"], 0)

    def test_time_of_collecting_is_included(self):
        outcome, result = self.race("collect", *small(4096, 2, 1), "--layouts", "packed")
        self.assertEqual(outcome.code, 0, outcome)
        cells = {c["strategy"]: c for c in result["npyrace"]["cells"]}
        self.assertEqual(len(cells), 8)
        for name in ["collector", "file-per-writer", "file-per-writer-reflink"]:
            if cells[name]["verdict"] != "skipped":
                self.assertEqual(cells[name]["verdict"], "safe", cells[name])
                self.assertGreater(cells[name]["phases"]["collect"], 0)


if __name__ == "__main__":
    main()
