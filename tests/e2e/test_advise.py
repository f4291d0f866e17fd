"""The advice of a race, and its NumPy program: run with real NumPy, judged by verify."""

import copy
import importlib.util
import json
import subprocess
import sys

import numpy as np
from program import FolderTest, main, run, small

STRATEGIES = ["mmap", "mmap-window", "pwrite", "pwrite-batch", "pwrite-wronly", "pwrite-dsync", "pwrite-lock",
              "osync", "pwrite-rwf-dsync"]


def only_safe(result, index):
    """The same result, in which one cell alone is safe."""
    changed = copy.deepcopy(result)
    for i, cell in enumerate(changed["npyrace"]["cells"]):
        cell["verdict"] = "safe" if i == index else "inconclusive"
    return changed


class Recipe(FolderTest):
    def load(self, name):
        spec = importlib.util.spec_from_file_location("job", self.folder / name)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def follow(self, result, index):
        """Pastes the recipe for one cell, runs it, and lets verify judge the file."""
        cell = result["npyrace"]["cells"][index]
        for name in ["array.npy", "expected.npy"]:
            (self.folder / name).unlink(missing_ok=True)
        path = self.folder / "one.json"
        path.write_text(json.dumps(only_safe(result, index)))
        outcome = run("advise", path, "--recipe", self.folder)
        self.assertEqual(outcome.code, 0, outcome)
        # What is printed is what is written: it can be pasted.
        for name in ["create.py", "job.py"]:
            self.assertIn((self.folder / name).read_text(), outcome.out)
        subprocess.run([sys.executable, "create.py"], cwd=self.folder, check=True)
        array = self.folder / "array.npy"
        options = ["--records", cell["records"], "--layout", cell["layout"], "--align", cell["align_bytes"],
                   "--ownership", cell["ownership"], "--writers", cell["writers"], "--seed", 7]
        expected = self.folder / "expected.npy"
        outcome = run("expect", array, expected, "--generation", 1, *options)
        self.assertEqual(outcome.code, 0, outcome)
        right = np.load(expected)
        job = self.load("job.py")
        job.FILE = str(array)
        jobs = range(cell["writers"])
        for number in jobs:
            records = np.zeros(job.count_of(number), job.ITEM)
            for field in job.ITEM.names:
                records[field] = right[field][list(job.share(number))]
            job.write(number, records)
        outcome = run("verify", array, "--generation", 1, *options)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn(f"{cell['records']} records checked", outcome.out)
        # As a job of a queue starts it.
        subprocess.run([sys.executable, "job.py", "0"], cwd=self.folder, check=True)
        outcome = run("verify", array, "--generation", 1, *options)
        self.assertNotIn(": safe", outcome.out)

    def every_recipe(self, *options):
        outcome, result = self.race(*options)
        self.assertEqual(outcome.code, 0, outcome)
        for index, cell in enumerate(result["npyrace"]["cells"]):
            with self.subTest(cell=cell["name"]):
                self.follow(result, index)

    def test_every_way_on_every_layout(self):
        self.every_recipe("--records", 50, "--generations", 1, "--repetitions", 1, "--writers", 3,
                          "--strategies", ",".join(STRATEGIES), "--layouts",
                          "packed,padded-record,padded-block", "--ownership", "cyclic")

    def test_blocks_of_owners_and_odd_numbers(self):
        self.every_recipe("--records", 11, "--generations", 1, "--repetitions", 1, "--writers", 4,
                          "--strategies", "mmap-window,pwrite-batch", "--layouts",
                          "packed,padded-record,padded-block", "--ownership", "block", "--align", "64,4096,16k")

    def test_every_sync_policy(self):
        self.every_recipe("--records", 40, "--generations", 1, "--repetitions", 1, "--writers", 3,
                          "--strategies", "mmap,pwrite", "--layouts", "packed", "--sync",
                          "none,end,every:7,record")


class Advise(FolderTest):
    def advise(self, result, *options):
        path = self.folder / "given.json"
        path.write_text(json.dumps(result))
        return run("advise", path, *options)

    def test_it_says_why_what_it_costs_and_what_to_run_next(self):
        _, result = self.race(*small(records=2048, generations=4), "--strategies", "pwrite,mmap", "--layouts",
                              "packed,padded-block")
        changed = copy.deepcopy(result)
        for cell in changed["npyrace"]["cells"]:
            fast = cell["layout"] == "packed"
            cell["verdict"] = "unsafe" if fast else "safe"
            cell["reason"] = "7 lost" if fast else "safe on one node; nothing was shared between mounts"
            cell["evidence"].update(trials=100, chance_to_miss=0.9)
            rate = 3e6 if fast else 1e6
            cell["records_per_second"], cell["records_per_second_interval"] = rate, [rate * 0.9, rate * 1.1]
        outcome = self.advise(changed)
        self.assertEqual(outcome.code, 0, outcome)
        text = " ".join(outcome.out.split())
        self.assertIn("Recommendation: mmap, padded-block at 4096 bytes: as fast as the fastest", text)
        self.assertIn("as fast, within the interval: pwrite/padded-block@4096", text)
        self.assertIn("the smallest alignment seen safe is 4096 bytes", text)
        self.assertIn("is 3 times as fast, and unsafe", text)
        self.assertIn("npyrace run --dir MOUNT1,MOUNT2", text)
        self.assertIn(f"npyrace run granularity --dir {self.folder}", text)
        self.assertRegex(text, r"chance to have missed it: 90 %\): npyrace run --dir \S+ --strategies mmap")

    def test_the_commands_it_gives_can_be_run(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "padded-block")
        result["npyrace"]["cells"][0]["verdict"] = "safe"
        result["npyrace"]["cells"][0]["evidence"].update(trials=4000, chance_to_miss=0.02)
        outcome = self.advise(result)
        commands = [line.split(": npyrace ")[1].split() for line in
                    outcome.out.replace("\n    ", " ").splitlines() if "not known yet" in line]
        commands = [command for command in commands if str(self.folder) in command]
        self.assertGreaterEqual(len(commands), 2, outcome)
        for command in commands:
            again = run(*command, "--records", 64, "--generations", 1)
            self.assertIn(again.code, (0,), again)

    def test_nothing_safe_is_no_advice(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed")
        result["npyrace"]["cells"][0].update(verdict="unsafe", reason="7 lost")
        outcome = self.advise(result)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("Recommendation: none; no cell was safe here.", outcome.out)
        self.assertIn("npyrace run granularity", outcome.out)
        self.assertFalse((self.folder / "create.py").exists())

    def test_hostile_results_cannot_write_programs(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed")
        for key, value in [("sync", "every:1\nimport os"), ("strategy", "x\n"), ("layout", "packed'")]:
            changed = copy.deepcopy(result)
            changed["npyrace"]["cells"][0].update({"verdict": "safe", key: value})
            self.assert_one_line(self.advise(changed), 3, "given.json")

    def test_ways_that_numpy_does_not_have(self):
        _, result = self.race(*small(), "--strategies", "mmap-lock", "--layouts", "packed")
        result["npyrace"]["cells"][0]["verdict"] = "safe"
        outcome = self.advise(result)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("NumPy has no calls", outcome.out)
        self.assert_one_line(self.advise(result, "--recipe", self.folder), 2, "--recipe")


if __name__ == "__main__":
    main()
