"""Scenario scaling: rates by number of writers and the knee, the number from which more writers give no higher rate.
Cells that lose records have no knee."""

import json
import os

import jsonschema
from program import SCHEMA, FolderTest, main, run


class Scaling(FolderTest):
    def scaling(self, *arguments):
        outcome, result = self.race(*arguments)
        self.assertIn(outcome.code, (0, 1), outcome)
        jsonschema.validate(result, SCHEMA)
        return outcome, result["npyrace"]

    def test_writers_are_doubled_up_to_the_cores_or_at_least_eight(self):
        scenario = next(s for s in json.loads(run("list", "scenarios", "--json").out) if s["name"] == "scaling")
        writers = scenario["writers"]
        self.assertEqual(writers[:4], [1, 2, 4, 8])
        self.assertEqual(writers[-1], max(8, os.cpu_count()))
        self.assertGreaterEqual(scenario["repetitions"], 6)

    def test_every_strategy_has_a_knee_or_a_reason(self):
        outcome, result = self.scaling("scaling", "--records", 4096, "--generations", 4)
        self.assertEqual(len(result["scaling"]), 4)
        for way in result["scaling"]:
            cells = {c["writers"]: c for c in result["cells"]
                     if (c["strategy"], c["layout"]) == (way["strategy"], way["layout"])}
            self.assertEqual([p["writers"] for p in way["points"]], sorted(cells))
            for point in way["points"]:
                cell = cells[point["writers"]]
                self.assertEqual(point["records_per_second"], cell["records_per_second"])
                self.assertEqual(point["counts"], cell["verdict"] == "safe" or
                                 (cell["writers"] == 1 and cell["verdict"] == "inconclusive"), cell)
                if point["writers"] == 1:
                    self.assertTrue(point["counts"])
            if way["knee_writers"]:
                self.assertIn(way["knee_writers"], [p["writers"] for p in way["points"] if p["counts"]])
        self.assertEqual(outcome.out.count("scaling: "), 4)

    def test_a_cell_that_loses_records_has_no_knee(self):
        # In a lab of two nodes the loss is certain, because in synchronized generations the writers overlap.
        outcome = run("run", "--lab", "nfs", "--strategies", "mmap", "--layouts", "packed", "--cache", "as-is",
                      "--writers", "2,4", "--records", 4096, "--generations", 4, "--repetitions", 3, "--json", "-")
        if outcome.code == 3 and "lab" in outcome.err:
            self.skipTest(outcome.err.strip())
        result = json.loads(outcome.out)["npyrace"]
        way, = result["scaling"]
        self.assertEqual({c["verdict"] for c in result["cells"]}, {"unsafe"}, result["cells"])
        self.assertEqual((way["knee_writers"], [p["counts"] for p in way["points"]]), (0, [False, False]))
        self.assertIn("0 of 2 numbers of writers were safe", way["reason"])

    def test_scaling_with_one_number_of_writers_is_an_error(self):
        _, result = self.scaling("--strategies", "pwrite", "--layouts", "packed", "--records", 512, "--generations", 2,
                                 "--repetitions", 1)
        self.assertNotIn("scaling", result)


if __name__ == "__main__":
    main()
