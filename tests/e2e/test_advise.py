"""Tests `npyrace advise`. Its NumPy scripts run with real NumPy, and verify checks the file."""

import copy
import json
import re
import shlex
import subprocess
import sys
import time

import numpy as np
from program import PROGRAM, FolderTest, main, run, small
from recipes import RecipeTest, only_safe

STRATEGIES = ["mmap", "mmap-window", "mmap-populate", "mmap-msync-page", "mmap-lock", "pwrite", "pwrite-batch", "pwritev",
              "pwrite-wronly", "pwrite-dsync", "pwrite-lock", "osync", "pwrite-rwf-dsync", "stdio", "local-then-copy",
              "file-per-writer", "single", "direct", "read-modify-write-lock"]


class Recipe(RecipeTest):
    def every_recipe(self, *options):
        outcome, result = self.race(*options)
        self.assertEqual(outcome.code, 0, outcome)
        for index, cell in enumerate(result["npyrace"]["cells"]):
            if cell["verdict"] == "skipped":
                continue
            with self.subTest(cell=cell["name"]):
                self.follow(result, index)

    def test_scripts_are_right_for_every_strategy_and_layout(self):
        self.every_recipe("--records", 50, "--generations", 1, "--repetitions", 1, "--writers", 3,
                          "--strategies", ",".join(STRATEGIES), "--layouts",
                          "packed,padded-record,padded-block", "--ownership", "cyclic")

    def test_scripts_are_right_for_block_ownership_and_uneven_counts(self):
        self.every_recipe("--records", 11, "--generations", 1, "--repetitions", 1, "--writers", 4,
                          "--strategies", "mmap-window,pwrite-batch,pwritev,file-per-writer-reflink", "--layouts",
                          "packed,padded-record,padded-block", "--ownership", "block", "--align", "64,4096,16k")

    def test_rows_keep_their_own_type(self):
        every = "mmap,mmap-window,mmap-msync-page,mmap-lock,pwrite-batch,stdio,local-then-copy,file-per-writer,single"
        for descr, shape, strategies in [("<f8", "20,25", every), ("<i4", "31,1", "mmap"), ("<c16", "12,3,2", "mmap")]:
            self.every_recipe("--descr", descr, "--shape", shape, "--generations", 1, "--repetitions", 1, "--writers", 3,
                              "--strategies", strategies, "--layouts", "packed,padded-record,padded-block",
                              "--ownership", "cyclic")
            self.assertEqual(self.load("job.py").BASE, np.dtype(descr))

    def test_advice_for_a_user_program_names_the_lines_to_change(self):
        copies = ("import os, numpy as np; e = os.environ; a = np.load(e['NPYRACE_FILE'], mmap_mode='r+'); "
                  "w = slice(*(int(e['NPYRACE_SLICE_' + n]) for n in ('START', 'STOP', 'STEP'))); "
                  "a[w] = np.load(e['NPYRACE_EXPECT'])[w]; a.flush()")
        outcome, result = self.race("--records", 50, "--generations", 1, "--repetitions", 1, "--writers", 3, "--exec",
                                    f'{sys.executable} -c "{copies}"', "--layouts", "packed,padded-record,padded-block")
        self.assertEqual(outcome.code, 0, outcome)
        for index in range(3):
            self.follow(result, index)
            self.assertIn("Two lines to change in your program", (self.folder / "job.py").read_text())

    def test_the_recipe_folder_is_created(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "padded-block")
        path = self.folder / "one.json"
        path.write_text(json.dumps(only_safe(result, 0)))
        folder = self.folder / "new" / "here"
        outcome = run("advise", path, "--recipe", folder)
        self.assertEqual(outcome.code, 0)
        self.assertEqual(sorted(outcome.err.splitlines()), sorted(f"wrote {file}" for file in folder.iterdir()))
        self.assertTrue((folder / "read.py").exists())
        self.assert_one_line(run("advise", path, "--recipe", path), 3, "one.json")

    def test_scripts_write_whole_units_with_direct_io(self):
        self.every_recipe("--records", 211, "--generations", 1, "--repetitions", 1, "--writers", 3,
                          "--strategies", "direct", "--layouts", "padded-record,padded-block", "--ownership",
                          "block,cyclic", "--align", "4096,16k")

    def test_collecting_waits_until_all_parts_are_complete(self):
        _, result = self.race("--records", 40, "--generations", 1, "--repetitions", 1, "--writers", 3,
                              "--strategies", "file-per-writer", "--layouts", "packed")
        self.follow(result, 0)
        before = (self.folder / "array.npy").read_bytes()
        np.save(self.folder / "array.npy.part1.npy", np.ones(7, self.load("job.py").ITEM))
        done = self.script("collect.py", check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("array.npy.part1.npy: (7,) records", done.stderr)
        self.assertEqual((self.folder / "array.npy").read_bytes(), before)

    def test_scripts_are_right_for_every_sync_policy(self):
        self.every_recipe("--records", 40, "--generations", 1, "--repetitions", 1, "--writers", 3,
                          "--strategies", "mmap,mmap-msync-page,pwrite,pwritev,stdio", "--layouts", "packed", "--sync",
                          "none,end,every:7,record")


class Advise(FolderTest):
    def advise(self, result, *options):
        path = self.folder / "given.json"
        path.write_text(json.dumps(result))
        return run("advise", path, *options)

    def test_advice_gives_reason_cost_and_next_command(self):
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
        self.assertIn("equally fast, as far as this run can tell: pwrite/padded-block@4096", text)
        self.assertIn("smallest alignment without losses: 4096 bytes", text)
        self.assertRegex(text, "the fastest unsafe way, [^ ]+, is 3 times as fast")
        self.assertIn("npyrace run --lab nfs", text)
        self.assertIn("npyrace advise RESULT.json --recipe DIR", text)
        self.assertIn(f"npyrace run granularity --dir {self.folder}", text)
        self.assertRegex(text, r"chance to have missed it: 90 %\): npyrace run --dir \S+ --strategies mmap")

    def commands_of(self, text):
        """Every command printed in the text, split into words as a shell does."""
        lines = [line for line in text.replace("\n    ", " ").splitlines() if "not known yet" in line]
        self.assertEqual([line for line in lines if "npyrace run" not in line], [])
        return [shlex.split(found) for line in lines for found in
                re.findall(r"(?:mpirun -n \d+ )?npyrace run.*?(?=, and npyrace|$)", line)]

    def start(self, command):
        """Starts the command and stops it once it runs. A command with a usage error has exited with 2 by then."""
        place = command.index("npyrace")
        process = subprocess.Popen([*command[:place], PROGRAM, *command[place + 1:]], cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if any(self.race_files()) or "--lab" in command:
                process.terminate()
                break
            time.sleep(0.01)
        _, errors = process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 2, (command, errors))

    def test_every_printed_command_can_be_started(self):
        copies = ("import os, numpy as np; e = os.environ; a = np.load(e['NPYRACE_FILE'], mmap_mode='r+'); "
                  "w = slice(*(int(e['NPYRACE_SLICE_' + n]) for n in ('START', 'STOP', 'STEP'))); "
                  "a[w] = np.load(e['NPYRACE_EXPECT'])[w]; a.flush()")
        program = ["--exec", f'{sys.executable} -c "{copies}"']
        runs = [["--strategies", "pwrite", "--layouts", "packed,padded-block"],
                ["--strategies", "mmap", "--layouts", "padded-record", "--descr", "<f8", "--shape", "64,25"],
                ["--strategies", "pwrite", "--layouts", "packed", "--ownership", "block", "--dir",
                 f"{self.folder},{self.folder}"],
                [*program, "--layouts", "packed,padded-block"],
                [*program, "--layouts", "packed", "--descr", "<f8", "--shape", "64,25"]]
        started = 0
        for options in runs:
            outcome, result = self.race("--generations", 2, "--repetitions", 1, "--records", 64, *options) if (
                "--shape" not in options) else self.race("--generations", 2, "--repetitions", 1, *options)
            self.assertIsNotNone(result, outcome)
            for verdict in "safe", "inconclusive", "unsafe":
                for cell in result["npyrace"]["cells"]:
                    cell["verdict"] = verdict
                    cell["evidence"].update(trials=400, chance_to_miss=0.67)
                commands = self.commands_of(self.advise(result).out)
                for command in commands:
                    with self.subTest(options=options, verdict=verdict, command=command):
                        self.start(command)
                        started += 1
        self.assertGreater(started, 20)

    def test_without_a_safe_cell_there_is_no_advice(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed")
        result["npyrace"]["cells"][0].update(verdict="unsafe", reason="7 lost")
        outcome = self.advise(result)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("Recommendation: none; no cell was safe here.", outcome.out)
        self.assertIn("npyrace run granularity", outcome.out)
        self.assertFalse((self.folder / "create.py").exists())

    def test_a_hostile_result_cannot_inject_code_into_scripts(self):
        _, result = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed")
        for key, value in [("sync", "every:1\nimport os"), ("strategy", "x\n"), ("layout", "packed'")]:
            changed = copy.deepcopy(result)
            changed["npyrace"]["cells"][0].update({"verdict": "safe", key: value})
            self.assert_one_line(self.advise(changed), 3, "given.json")

    def test_strategies_without_a_numpy_equivalent_have_no_script(self):
        _, result = self.race(*small(), "--strategies", "collector", "--layouts", "packed")
        result = only_safe(result, 0)
        outcome = self.advise(result)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("No NumPy script can write this way", outcome.out)
        self.assert_one_line(self.advise(result, "--recipe", self.folder), 2, "--recipe")


if __name__ == "__main__":
    main()
