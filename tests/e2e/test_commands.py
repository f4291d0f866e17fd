"""Every command, every exit code, every error line."""

import json
import os
import stat
import unittest

from program import SOURCE, FolderTest, main, run, small

COMMANDS = ["run", "create", "expect", "write", "verify", "inspect", "list"]


class Help(unittest.TestCase):
    def test_help_names_every_command_and_hides_the_worker(self):
        text = run("--help").out
        for command in COMMANDS:
            self.assertIn(command, text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertNotIn("worker", text)

    def test_every_command_helps_on_standard_output(self):
        for command in COMMANDS:
            outcome = run(command, "--help")
            self.assertEqual(outcome.code, 0)
            self.assertEqual(outcome.err, "")
            self.assertIn("--help", outcome.out)
            for line in outcome.out.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_version(self):
        self.assertRegex(run("--version").out, r"^npyrace \d+\.\d+\.\d+\n$")


class Usage(FolderTest):
    def test_no_command(self):
        self.assertEqual(run().code, 2)

    def test_misspelled_names_get_a_suggestion(self):
        for typed, meant in [
            (["rnu"], "'run'"),
            (["run", "quik"], "'quick'"),
            (["run", "--strategies", "mmpa"], "'mmap'"),
            (["run", "--layouts", "packd"], "'packed'"),
            (["run", "--ownership", "cylic"], "'cyclic'"),
            (["run", "--sync", "ned"], "'end'"),
            (["run", "--launcher", "proces"], "'process'"),
            (["run", "--cache", "as-si"], "'as-is'"),
            (["list", "strategie"], "'strategies'"),
            (["verify", "x.npy", "--via", "mmpa"], "'mmap'"),
            (["create", "x.npy", "--records", "1", "--layout", "paked"], "'packed'"),
        ]:
            with self.subTest(typed=typed):
                outcome = run(*typed, cwd=self.folder)
                self.assert_one_line(outcome, 2, f"did you mean {meant}?")
                self.assertEqual(outcome.out, "")

    def test_what_cannot_be_meant_is_refused(self):
        for typed, word in [
            (["run", "--records", "0"], "--records"),
            (["run", "--records", "-1"], "--records"),
            (["run", "--writers", "0"], "--writers"),
            (["run", "--generations", "0"], "--generations"),
            (["run", "--generations", "251"], "--generations"),
            (["run", "--repetitions", "0"], "--repetitions"),
            (["run", "--align", "1000"], "power of two"),
            (["run", "--align", "-4"], "--align"),
            (["run", "--sync", "every:0"], "every:"),
            (["run", "--sync", "every:x"], "every:"),
            (["run", "--descr", "<f9"], "<f9"),
            (["run", "--descr", "|O"], "|O"),
            (["run", "--descr", "<f8", "--record-bytes", "8"], "give one"),
            (["run", "--records", "8", "--shape", "8,8"], "give one"),
            (["run", "--label", "nonsense"], "KEY=VALUE"),
            (["run", "--no-such-option"], "--no-such-option"),
            (["run", "--shape", "9223372036854775807,9223372036854775807"], "larger than any file"),
            (["create", "x.npy"], "--records"),
            (["inspect"], "FILE"),
            (["list"], "WHAT"),
        ]:
            with self.subTest(typed=typed):
                self.assert_one_line(run(*typed, cwd=self.folder), 2, word)
        self.assertEqual(list(self.folder.iterdir()), [])


class Trouble(FolderTest):
    def test_a_folder_that_is_not_there(self):
        self.assert_one_line(run("run", "--dir", self.folder / "none"), 3, "none", "No such file")

    def test_a_folder_that_is_a_file(self):
        (self.folder / "file").write_text("x")
        self.assert_one_line(run("run", "--dir", self.folder / "file"), 3, "Not a directory")

    def test_a_second_mount_that_shows_another_file_system(self):
        other = self.folder / "other"
        other.mkdir()
        outcome, _ = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed", "--dir",
                               f"{self.folder},{other}")
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("same file system", outcome.err)

    def test_not_enough_space_is_noticed_before_the_race(self):
        outcome, _ = self.race("--records", 10**15)
        self.assert_one_line(outcome, 3, "bytes are needed", "are free")

    def test_a_result_that_cannot_be_written(self):
        outcome = run("run", *small(), "--strategies", "pwrite", "--layouts", "packed", "--dir",
                      self.folder, "--json", self.folder / "no" / "such" / "folder.json")
        self.assert_one_line(outcome, 3, "folder.json", "No such file")

    def test_a_full_standard_output_is_an_error(self):
        with open("/dev/full", "w") as full:
            import subprocess
            from program import PROGRAM
            done = subprocess.run([PROGRAM, "list", "layouts"], stdout=full, stderr=subprocess.PIPE,
                                  text=True)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_nobody_who_hears_of_trouble_is_no_reason_to_die_of(self):
        import subprocess
        from program import PROGRAM
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([PROGRAM, "inspect", str(self.folder / "none.npy")], stderr=writing)
        os.close(writing)
        self.assertEqual(done.returncode, 3)

    def test_files_that_are_no_arrays(self):
        for name, content in [("empty", b""), ("text", b"hello"), ("cut", b"\x93NUMPY\x01\x00")]:
            path = self.folder / name
            path.write_bytes(content)
            for command in ["inspect", "verify"]:
                with self.subTest(name=name, command=command):
                    options = ["--seed", "1"] if command == "verify" else []
                    self.assert_one_line(run(command, path, *options), 3, name)

    def test_a_fifo_does_not_hang(self):
        os.mkfifo(self.folder / "fifo")
        self.assert_one_line(run("inspect", self.folder / "fifo", timeout=5), 3, "not a regular file")


class Create(FolderTest):
    def test_an_existing_file_is_never_overwritten(self):
        path = self.folder / "a.npy"
        path.write_text("precious")
        self.assert_one_line(run("create", path, "--records", 5), 3, "File exists")
        self.assertEqual(path.read_text(), "precious")

    def test_the_file_is_really_allocated_and_described(self):
        path = self.folder / "a.npy"
        outcome = run("create", path, "--records", 1000, "--writers", 3, "--layout", "padded-block")
        self.assertEqual(outcome.code, 0, outcome)
        status = path.stat()
        self.assertGreaterEqual(status.st_blocks * 512, status.st_size)
        self.assertTrue(stat.S_ISREG(status.st_mode))
        self.assertTrue((self.folder / "a.npy.npyrace.json").exists())

    def test_nothing_is_left_of_a_file_too_large(self):
        outcome = run("create", self.folder / "a.npy", "--records", 10**15)
        self.assert_one_line(outcome, 3, "a.npy")
        self.assertEqual(list(self.folder.iterdir()), [])


class List(unittest.TestCase):
    def test_every_list_has_lines(self):
        for what in ["strategies", "layouts", "scenarios", "launchers", "validators", "file-systems",
                     "lab-models"]:
            outcome = run("list", what)
            self.assertEqual(outcome.code, 0)
            self.assertGreater(len(outcome.out.splitlines()), 1)


class ListStrategies(FolderTest):
    def test_every_strategy_says_what_it_is_in_80_columns_and_leaves_nothing(self):
        outcome = run("list", "strategies", "--dir", self.folder)
        self.assertEqual(outcome.code, 0, outcome)
        lines = outcome.out.splitlines()
        self.assertLessEqual(max(map(len, lines[:-1])), 80, outcome)  # the last one names the folder
        for title in ["used by", "guarantee", "weakness", "acknowledged by"]:
            self.assertEqual(sum(line.strip().startswith(title) for line in lines),
                             sum(not line.startswith(" ") for line in lines[:-1]), title)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_what_is_not_there_is_said_with_the_systems_words(self):
        answer = json.loads(run("list", "strategies", "--json", "--dir", self.folder).out)
        found = {s["name"]: s for s in answer["strategies"]}
        for name in ["mmap", "pwrite", "pwritev", "stdio", "exec"]:
            self.assertTrue(found[name]["available"], found[name])
        for strategy in answer["strategies"]:
            self.assertEqual(strategy["available"], strategy["reason"] == "", strategy)
        # The kernel file system of processes has no files of ours; nothing can be tried there.
        self.assert_one_line(run("list", "strategies", "--dir", "/proc"), 3, "/proc")
        answer = json.loads(run("list", "strategies", "--json", cwd="/proc").out)
        self.assertTrue(all(s["reason"].startswith("not tried: ") for s in answer["strategies"]
                            if s["name"] != "exec" and not s["name"].startswith("mpi-")), answer)

    def test_every_strategy_stands_in_the_docs_as_it_is_listed(self):
        text = (SOURCE / "docs" / "strategies.md").read_text(encoding="utf-8")
        for s in json.loads(run("list", "strategies", "--json", "--dir", self.folder).out)["strategies"]:
            self.assertIn(f"| `{s['name']}` | {s['summary']} | {s['used_by']} | {s['guarantee']} | "
                          f"{s['weakness']} |", text)

    def test_json_is_for_strategies(self):
        self.assert_one_line(run("list", "layouts", "--json"), 2, "list strategies")


if __name__ == "__main__":
    main()
