"""Tests the command line: every command, exit code and error line."""

import json
import os
import re
import resource
import shutil
import stat
import subprocess
import unittest

from program import PROGRAM, SOURCE, FolderTest, main, not_sanitized, run, small

COMMANDS = ["run", "lab", "watch", "watched", "create", "write", "expect", "verify", "advise", "report", "compare", "gate",
            "inspect", "list", "completion"]


def example(command):
    """The command line at the end of a command's help."""
    return re.search(r"\nExample:\n  (.*)\n\Z", run(command, "--help").out).group(1)


class Help(unittest.TestCase):
    def test_help_names_every_command_and_hides_the_worker(self):
        text = run("--help").out
        self.assertEqual(re.findall(r"^  ([a-z]+)  ", text, re.MULTILINE), COMMANDS)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertNotIn("worker", text)

    def test_every_help_fits_80_columns_begins_with_a_sentence_and_ends_with_an_example(self):
        for command in COMMANDS:
            for columns in ["80", "40", "200"]:
                with self.subTest(command=command, columns=columns):
                    outcome = run(command, "--help", env={"COLUMNS": columns})
                    self.assertEqual((outcome.code, outcome.err), (0, ""))
                    for line in outcome.out.splitlines():
                        self.assertLessEqual(len(line), 80, line)
                    self.assertRegex(outcome.out, r"\A[A-Z][a-z]+ [^:]*[.:]")
                    self.assertRegex(outcome.out.split("\n\nUsage: npyrace " + command)[0], r"\.\Z")
                    self.assertNotIn("\\x", outcome.out)  # nothing is escaped
                    self.assertIn("\nExit code: ", outcome.out)
                    self.assertTrue(example(command).startswith(f"npyrace {command} "), outcome.out)

    def test_options_are_grouped_and_the_array_comes_after_what_each_command_is_for(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                text = run(command, "--help").out.partition("\nUsage:")[2]
                grouped = "\nOther options:\n" in text
                last = text.partition("\nOther options:\n" if grouped else "\nOptions:\n")[2].split("\n\n")[0]
                self.assertRegex(last.splitlines()[-1], "^  -h,--help ")
                self.assertLessEqual(last.count("\n  --"), 0 if grouped else 3, last)
        for command, option in [("write", "--worker"), ("expect", "--force"), ("verify", "--complete"), ("run", "--dir")]:
            text = run(command, "--help").out
            self.assertLess(text.index("\n  " + option), text.index("\n  --records"))

    def test_version(self):
        for typed in ["--version", "-V", "version"]:
            self.assertRegex(run(typed).out, r"^npyrace \d+\.\d+\.\d+\n$")

    def test_help_works_as_a_command(self):
        self.assertEqual(run("help").out, run("--help").out)
        self.assertEqual(run("help", "gate").out, run("gate", "--help").out)
        self.assertEqual(run("help", "gaet").code, 2)
        self.assertIn("did you mean 'gate'?", run("help", "gaet").err)

    def test_types_in_help_are_not_truncated(self):
        """Help must not cut a type at a colon."""
        self.assertIn("--hosts HOST[:DIR],...", run("run", "--help").out)
        for command in COMMANDS + ["lab", "gate"]:
            self.assertNotRegex(run(command, "--help").out, r"\[ \(|\[\n|NONNEGATIVE|INT in|FLOAT in")


class Examples(FolderTest):
    """Every example in a help works, one after the other in one folder, as a user would try them."""

    def test_all_in_the_order_in_which_files_are_made(self):
        (self.folder / "npyrace").symlink_to(PROGRAM)
        (self.folder / "jobs.sh").write_text(
            'cd "${1:-.}" && [ -e out.npy ] || head -c 16384 /dev/zero >out.npy\n'
            'for job in 0 1; do dd if=/dev/zero of=out.npy bs=64 count=1 seek=$((job + 8)) conv=notrunc 2>/dev/null & done; wait\n')
        environment = {"PATH": f"{self.folder}:{os.environ['PATH']}"}
        order = ["run", "advise", "report", "compare", "gate", "create", "write", "expect", "verify", "inspect", "watch", "watched",
                 "list", "completion", "lab"]
        self.assertEqual(sorted(order), sorted(COMMANDS))
        made = {"run": ["result.json"], "advise": ["scripts/create.py"], "report": ["result.md"], "expect": ["expected.npy"],
                "watch": ["watched.json"], "completion": ["npyrace.bash"]}
        for command in order:
            line = example(command)
            if command == "run":
                line += " --layouts packed --strategies pwrite,mmap " + " ".join(map(str, small()))
            with self.subTest(line):
                done = subprocess.run(["sh", "-c", line], cwd=self.folder, env={**os.environ, **environment}, capture_output=True,
                                      text=True, timeout=100)
                fine = {"verify": [1], "gate": [0, 3], "lab": [0, 3]}.get(command, [0])  # only worker 0 of 4 has written
                self.assertIn(done.returncode, fine, done)
                self.assertNotIn("--help", done.stderr)
                if command == "lab" and done.returncode == 3:
                    self.assertRegex(done.stderr, "no lab|/dev/fuse")
                for name in made.get(command, []):
                    self.assertTrue((self.folder / name).exists(), name)
            if command == "run":
                for name in ["base.json", "new.json"]:
                    shutil.copy(self.folder / "result.json", self.folder / name)
            if command == "watch":
                subprocess.run(["sh", "-c", "npyrace watch --into logs -- sh jobs.sh"], cwd=self.folder,
                               env={**os.environ, **environment}, check=True, capture_output=True)
        self.assertEqual(self.race_files(), [])


class Completion(FolderTest):
    def script(self, shell):
        outcome = run("completion", shell)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        path = self.folder / f"npyrace.{shell}"
        path.write_text(outcome.out)
        return path

    def completed(self, *words):
        """The completions that bash offers for the last word."""
        script = '. "$1"; shift; COMP_WORDS=(npyrace "$@"); COMP_CWORD=$#; _npyrace; echo "${COMPREPLY[*]}"'
        done = subprocess.run(["bash", "-c", script, "bash", self.script("bash"), *words], capture_output=True, text=True,
                              check=True)
        return done.stdout.split()

    def test_bash_completes_commands_and_the_options_of_each(self):
        self.assertEqual(self.completed("ver"), ["verify"])
        self.assertEqual(self.completed("run", "--strat"), ["--strategies"])
        self.assertEqual(self.completed("verify", "--strat"), [])
        self.assertEqual(self.completed("gate", "--max-sl"), ["--max-slowdown"])
        self.assertEqual(self.completed("verify", "x"), [])  # a file
        self.assertNotIn("worker", self.completed(""))

    def test_every_shell_accepts_its_completion_script(self):
        for shell in ["bash", "zsh", "fish"]:
            script = self.script(shell)
            for command in COMMANDS:
                self.assertIn(command, script.read_text())
            if shutil.which(shell) is not None:
                checked = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)
                self.assertEqual((checked.returncode, checked.stderr), (0, ""), shell)
        self.assert_one_line(run("completion", "tcsh"), 2, "tcsh")


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

    def test_misspelled_options_get_a_suggestion(self):
        for typed, meant in [(["run", "--jsno", "x"], "--json"), (["run", "--strategy=mmap"], "--strategies"),
                             (["verify", "--compleet"], "--complete"), (["--versoin"], "--version"), (["inspect", "--chek", "x"], "--check"),
                             (["gate", "a", "b", "--max-slowdwon", "5%"], "--max-slowdown")]:
            with self.subTest(typed=typed):
                self.assert_one_line(run(*typed, cwd=self.folder), 2, f"did you mean {meant}?", typed[-1].split("=")[0]
                                     if typed[-1].startswith("--") else "")

    def test_a_directory_given_instead_of_a_scenario_or_command_is_an_error(self):
        for typed in [["run", self.folder], [self.folder], ["run", "./" + self.folder.name]]:
            self.assert_one_line(run(*typed, cwd=self.folder.parent), 2, "--dir " + str(typed[-1]))
        (self.folder / "quick").mkdir()  # a directory of the same name must not shadow the scenario
        self.assertNotIn("--dir quick", run("run", "quick", "--records", "x", cwd=self.folder).err)

    def test_an_invalid_number_gets_an_error_that_says_what_is_wanted(self):
        for command, options in [
                ("run", ["--writers", "--records", "--generations", "--repetitions", "--seed", "--patience", "--time-limit",
                         "--readers", "--record-bytes", "--shape", "--align", "--for", "--together"]),
                ("create", ["--records", "--record-bytes", "--shape", "--align", "--writers", "--seed"]),
                ("verify", ["--generation", "--writers", "--seed"]), ("write", ["--generation", "--together"]),
                ("gate", ["--rerun-rounds"]), ("inspect", ["--max-header-characters"]),
                ("lab", ["--nodes", "--server-threads", "--seed"])]:
            for option in options:
                for wrong in ["abc", "1x", "-1"]:
                    with self.subTest(command=command, option=option, wrong=wrong):
                        outcome = run(command, option, wrong, "x.npy", cwd=self.folder)
                        self.assert_one_line(outcome, 2, option, f"'{wrong}' is no ")
                        self.assertLess(len(outcome.err), 150, outcome)

    def test_an_option_for_one_strategy_is_refused_without_that_strategy(self):
        self.assert_one_line(run("run", *small(), "--strategies", "pwrite", "--local", "/tmp", "--dir", self.folder), 2,
                             "--local", "local-then-copy")
        self.assert_one_line(run("run", "--strategies", "local-then-copy", "--local", "/nowhere", "--dir", self.folder), 3,
                             "/nowhere", "--local")

    def test_an_error_says_what_is_wrong_where_and_what_to_do(self):
        run("create", self.folder / "a.npy", "--records", 8, "--writers", 2)
        (self.folder / "text.txt").write_text("hello")
        for typed, code, *words in [
            (["run", "--dir", "no"], 3, "no: --dir: No such file or directory"),
            (["run", "--judge", "no"], 3, "no: --judge: No such file or directory"),
            (["run", "a.npy"], 2, "'a.npy' is a file", "npyrace verify a.npy"),
            (["run", "--json"], 2, "--json needs a value: FILE; see npyrace run --help"),
            (["run", "--json", "no/x.json"], 3, "no/x.json", "there is no folder no"),
            (["run", "--seed=1", "--seed=2"], 2, "--seed was given twice"),
            (["run", "-x"], 2, "there is no option -x"),
            (["run", "--frob"], 2, "did you mean --for? See npyrace run --help"),
            (["run", "--align", "3000"], 2, "--align 3000", "4096"),
            (["run", "--record-bytes", "0"], 2, "--record-bytes", "from 1 on"),
            (["create", "a.npy", "--records", "8"], 3, "a.npy", "File exists", "never overwritten"),
            (["create", "no/a.npy", "--records", "8"], 3, "no/a.npy", "there is no folder no"),
            (["create", "b.npy", "c.npy", "--records", "8"], 2, "unexpected argument 'c.npy'"),
            (["write", "a.npy", "--worker", "0/2", "--layout", "padded-block"], 2, "--layout", "--seed", "FILE.npyrace.json"),
            (["verify", "a.npy", "--writers", "3"], 2, "--writers", "--records"),
            (["expect", "a.npy", "e.npy", "--descr", "<f8"], 2, "--descr", "--records"),
            (["expect", "a.npy", "text.txt"], 3, "text.txt", "File exists", "--force replaces it"),
            (["expect", "a.npy", "no/e.npy"], 3, "npyrace: no/e.npy: open", "there is no folder no"),
            (["report", "r.json", "--csv", "--html"], 2, "one format at a time: html or csv"),
            (["gate", "a", "b", "--rerun", "true"], 2, "--rerun", "{json}"),
            (["watched", "no"], 3, "no: opendir: No such file or directory"),
            (["list", "strategy"], 2, "did you mean 'strategies'?"),
            (["completion", "tcsh"], 2, "unknown word 'tcsh'; known: bash"),
            (["lab", "--nodes", "0", "--", "true"], 2, "--nodes", "1 to 64"),
            (["lab", "--latency", "fast", "--", "true"], 2, "--latency fast", "2ms"),
            (["lab", "--fault", "drop:nth=x", "--", "true"], 2, "--fault drop:nth=x", "is not a number"),
            ([], 2, "a command is required; see npyrace --help"),
        ]:
            with self.subTest(typed=typed):
                self.assert_one_line(run(*typed, cwd=self.folder), code, *words)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["a.npy", "a.npy.npyrace.json", "text.txt"])

    def test_contradictory_options_are_refused(self):
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
    def test_a_missing_folder_is_an_error(self):
        self.assert_one_line(run("run", "--dir", self.folder / "none"), 3, "none", "No such file")

    def test_a_file_in_place_of_a_folder_is_an_error(self):
        (self.folder / "file").write_text("x")
        self.assert_one_line(run("run", "--dir", self.folder / "file"), 3, "Not a directory")

    def test_a_second_mount_of_another_file_system_is_an_error(self):
        other = self.folder / "other"
        other.mkdir()
        outcome, _ = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed", "--dir",
                               f"{self.folder},{other}")
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("same file system", outcome.err)

    def test_not_enough_space_is_noticed_before_the_race(self):
        outcome, _ = self.race("--records", 10**15)
        self.assert_one_line(outcome, 3, "bytes are needed", "are free")

    def test_an_unwritable_result_file_is_an_error(self):
        outcome = run("run", *small(), "--strategies", "pwrite", "--layouts", "packed", "--dir",
                      self.folder, "--json", self.folder / "no" / "such" / "folder.json")
        self.assert_one_line(outcome, 3, "folder.json", "No such file")

    def test_a_full_standard_output_is_an_error(self):
        for typed in [["list", "layouts"], ["--help"], ["run", "--help"], ["--version"], ["help", "gate"], ["man"]]:
            with self.subTest(typed=typed), open("/dev/full", "w") as full:
                done = subprocess.run([PROGRAM, *typed], stdout=full, stderr=subprocess.PIPE, text=True)
                self.assertEqual((done.returncode, len(done.stderr.splitlines())), (3, 1), done)

    def test_a_closed_output_pipe_is_not_an_error(self):
        array = self.folder / "a.npy"
        self.assertEqual(run("create", array, "--records", 8, "--writers", 2).code, 0)
        outcome, _ = self.race(*small(), "--strategies", "pwrite", "--layouts", "packed")
        result = self.folder / "result.json"
        for typed in [["--help"], ["run", "--help"], ["--version"], ["man"], ["list", "strategies"], ["list", "scenarios", "--json"],
                      ["inspect", *[array] * 300], ["inspect", "--json", array], ["verify", array], ["write", array, "--worker", "0/2"],
                      ["report", result, "--markdown"], ["report", result, "--html"], ["advise", result],
                      ["compare", result, result], ["gate", result, result, "--allow-unmeasured"],
                      ["expect", array, self.folder / "e.npy", "--generation", "1"],
                      ["run", *small(), "--strategies", "pwrite", "--layouts", "packed", "--dir", self.folder]]:
            with self.subTest(typed=typed[:2]):
                reading, writing = os.pipe()
                os.close(reading)
                done = subprocess.run([PROGRAM, *map(str, typed)], stdout=writing, stderr=subprocess.PIPE, text=True)
                os.close(writing)
                self.assertEqual(done.returncode, 0, done)
                self.assertNotIn("write failed", done.stderr)

    def test_a_missing_temporary_folder_matters_only_to_commands_that_use_it(self):
        nowhere = {"TMPDIR": "/nowhere/at all"}
        pwrite = ["--layouts", "packed", "--strategies", "pwrite"]
        self.assertEqual(run("run", *small(), *pwrite, "--dir", self.folder, env=nowhere).code, 0)
        for needs in [["run", *small(), "--layouts", "packed", "--strategies", "local-then-copy", "--dir", self.folder],
                      ["run", *small(), "--exec", "true", "--dir", self.folder], ["lab", "--", "true"]]:
            outcome = run(*needs, env=nowhere)
            self.assertEqual(outcome.code, 3, outcome)
            if "no lab" not in outcome.err and "/dev/fuse" not in outcome.err:
                self.assertIn("TMPDIR=/nowhere/at all", outcome.err)
                self.assertIn("No such file or directory", outcome.err)

    def test_a_missing_file_is_reported_as_missing(self):
        for typed in [["verify", "none.npy"], ["write", "none.npy", "--worker", "0/2"], ["inspect", "none.npy"]]:
            with self.subTest(typed=typed):
                self.assert_one_line(run(*typed, cwd=self.folder), 3, "none.npy", "No such file or directory")

    def test_a_file_that_is_not_an_array_is_named_in_the_error(self):
        import zipfile
        with zipfile.ZipFile(self.folder / "a.npz", "w") as archive:
            archive.writestr("x.npy", "")
        (self.folder / "empty.npy").touch()
        (self.folder / "zeros.npy").write_bytes(bytes(256))
        for name, words in [("a.npz", ".npz"), ("empty.npy", "empty"), ("zeros.npy", "begins with zeros")]:
            for command in [["inspect"], ["verify", "--seed", "1"]]:
                with self.subTest(name=name, command=command):
                    self.assert_one_line(run(*command, name, cwd=self.folder), 3, name, words)

    def test_a_header_overwritten_by_np_save_is_reported(self):
        import numpy as np
        array = self.folder / "a.npy"
        run("create", array, "--records", 64, "--writers", 2)
        np.save(array, np.zeros(7))
        outcome = run("verify", array)
        self.assertEqual(outcome.code, 1, outcome)
        said = " ".join(outcome.out.split())
        self.assertIn("shape (7,)", said)
        self.assertIn("np.save writes", said)

    def test_a_file_shorter_than_its_header_says_is_an_error(self):
        array = self.folder / "a.npy"
        run("create", array, "--records", 64, "--writers", 2)
        self.assertEqual(run("inspect", "--check", array).code, 0)
        self.assertNotIn("truncated", run("inspect", "--json", array).out)
        os.truncate(array, array.stat().st_size - 8)
        self.assertEqual(run("inspect", array).code, 0)
        outcome = run("inspect", "--check", array)
        self.assert_one_line(outcome, 3, "8 bytes shorter")
        self.assertIn("shape", outcome.out)
        self.assertIs(json.loads(run("inspect", "--json", array).out)["truncated"], True)

    def test_a_header_over_the_limit_gets_an_error_that_names_the_option(self):
        text = b"{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }" + b" " * 20000 + b"\n"
        array = self.folder / "long.npy"
        array.write_bytes(b"\x93NUMPY\x02\x00" + len(text).to_bytes(4, "little") + text)
        self.assert_one_line(run("inspect", array), 3, "20058 characters", "--max-header-characters")
        self.assertEqual(run("inspect", "--max-header-characters", 30000, array).code, 0)
        self.assertEqual(run("inspect", "--max-header-bytes", 30000, array).code, 0)

    def test_a_nul_byte_does_not_truncate_an_error_message(self):
        text = b"{'descr': '<q\\x00x8', 'fortran_order': False, 'shape': (0,), }\n"
        array = self.folder / "nul.npy"
        array.write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text)
        self.assert_one_line(run("inspect", array), 3, "\\x00", "at byte")

    @not_sanitized("LeakSanitizer itself needs a process")
    def test_a_process_limit_gets_an_error_message(self):
        if os.getuid() != 0:
            self.skipTest("only root can become an ordinary user")
        user = 61234
        place = self.folder / "place"
        place.mkdir()
        os.chown(place, user, user)
        os.chmod(self.folder, 0o755)

        def limited():
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
        for options in [[], ["--launcher", "thread"]]:
            for limit in range(1, 7):
                with self.subTest(options=options, limit=limit):
                    done = subprocess.run([PROGRAM, "run", *map(str, small()), "--strategies", "pwrite", "--layouts", "packed",
                                           "--writers", "4", "--dir", place, *options], capture_output=True, text=True,
                                          preexec_fn=limited, timeout=100)
                    self.assertIn(done.returncode, (0, 3), done)
                    self.assertNotIn("libgomp", done.stderr)
                    if done.returncode == 3:
                        self.assertIn("ulimit -u", done.stderr)
                    self.assertEqual(self.race_files(place), [])

    @not_sanitized("sanitizers themselves open pipes")
    def test_a_library_that_ends_the_program_is_not_taken_for_unsafe_data(self):
        """Google Benchmark calls exit(1) where it may open no file."""
        def limited():
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        for limit in range(4, 13):
            with self.subTest(limit=limit):
                outcome = run("run", *small(), "--strategies", "pwrite", "--layouts", "packed", "--dir", self.folder,
                              preexec_fn=limited)
                self.assertIn(outcome.code, (0, 3), outcome)
                self.assertEqual(outcome.code == 3, "npyrace: " in outcome.err, outcome)
                self.assertEqual(self.race_files(), [])

    def test_a_closed_standard_error_does_not_kill_the_program(self):
        import subprocess
        from program import PROGRAM
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([PROGRAM, "inspect", str(self.folder / "none.npy")], stderr=writing)
        os.close(writing)
        self.assertEqual(done.returncode, 3)

    def test_files_that_are_not_arrays_are_errors(self):
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

    def test_create_allocates_the_file_and_describes_it(self):
        path = self.folder / "a.npy"
        outcome = run("create", path, "--records", 1000, "--writers", 3, "--layout", "padded-block")
        self.assertEqual(outcome.code, 0, outcome)
        status = path.stat()
        self.assertGreaterEqual(status.st_blocks * 512, status.st_size)
        self.assertTrue(stat.S_ISREG(status.st_mode))
        self.assertTrue((self.folder / "a.npy.npyrace.json").exists())

    def test_a_file_too_large_to_create_is_removed(self):
        outcome = run("create", self.folder / "a.npy", "--records", 10**15)
        self.assert_one_line(outcome, 3, "a.npy")
        self.assertEqual(list(self.folder.iterdir()), [])


class PrintedCommands(unittest.TestCase):
    """Checks every npyrace command shown in a message or document: its options and their named values exist.
    e2e.advise starts the commands that advise prints."""

    TABLES = {"--strategies": "strategies", "--strategy": "strategies", "--layouts": "layouts", "--layout": "layouts",
              "--launcher": "launchers", "--lab": "lab-models", "--model": "lab-models"}

    def texts(self):
        for path in sorted(SOURCE.glob("*/**/*.cpp")):
            if path.parts[len(SOURCE.parts)] in ("bench", "reports", "core", "validators") and "_test" not in path.name:
                source = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))  # join adjacent string literals
                yield from ((path.name, text) for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', source))
        for path in [SOURCE / "README.md", *sorted((SOURCE / "docs").glob("*.md"))]:
            text = path.read_text(encoding="utf-8")
            yield from ((path.name, line.strip()) for line in text.splitlines() if line.startswith("    "))
            yield from ((path.name, code) for code in re.findall(r"`([^`\n]+)`", text))

    def commands(self):
        """Yields the file name, the command and the words that belong to it."""
        for name, text in self.texts():
            for found in re.finditer(r"(?:npyrace|quickstart) (\w+)((?: +(?:--?[\w-]+(?:=\S+)?|[^\s;,()|]+,?))*)", text):
                command, rest = found.groups()
                words = rest.split(" -- ")[0].split("  # ")[0].split()
                prose = command not in ("run", "list") and words and re.fullmatch("[a-z]+", words[0])  # "write left in"
                if command in self.known and not prose:
                    yield name, command, words

    def setUp(self):
        commands = run("--help").out
        self.known = set(re.findall(r"^  (\w+) ", commands, re.MULTILINE)) - {"help"}
        self.help = {command: run(command, "--help").out for command in self.known}
        self.names = {what: run("list", what).out for what in set(self.TABLES.values())}

    def test_options_and_names_exist(self):
        checked = 0
        for name, command, words in self.commands():
            for index, word in enumerate(words):
                option, _, value = word.strip("`'\".:").partition("=")
                if not re.fullmatch(r"--[a-z][a-z-]+", option):
                    continue
                checked += 1
                with self.subTest(file=name, command=command, option=option):
                    self.assertRegex(self.help[command], rf"(?<![\w-]){option}(?![\w-])", " ".join(words))
                table = self.TABLES.get(option)
                value = value or (words[index + 1] if index + 1 < len(words) else "")
                for one in value.strip("`'\".:").split(",") if table else []:
                    if re.fullmatch(r"[a-z][a-z-]+", one):
                        with self.subTest(file=name, option=option, name=one):
                            self.assertRegex(self.names[table], rf"(?m)^\s*{one}\b")
        self.assertGreater(checked, 150)


class OddPaths(FolderTest):
    """Paths with commas, line ends and bytes that are not UTF-8."""

    RACE = ["--strategies", "pwrite", "--layouts", "packed", *small(records=64, repetitions=1)]

    def folder_named(self, name):
        path = os.path.join(os.fsencode(self.folder), name)
        os.mkdir(path)
        return os.fsdecode(path)

    def test_a_directory_with_a_comma_is_one_directory(self):
        place = self.folder_named(b"a,b")
        outcome, result = self.race(*self.RACE, place=place)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual([mount["dir"] for mount in result["npyrace"]["environment"]["mounts"]], [place])
        os.rename(self.folder / "result.json", self.folder / "x,y.json")
        sides = ["--base", self.folder / "x,y.json", "--new", self.folder / "x,y.json"]
        self.assertEqual(run("compare", *sides).code, 0)
        _, result = self.race(*self.RACE, place=f"{self.folder},{self.folder}")
        self.assertEqual(result["npyrace"]["cells"][0]["mounts"], 2)

    def test_printed_commands_with_a_line_end_can_be_pasted(self):
        place = self.folder_named(b"new\nline")
        outcome, _ = self.race(*self.RACE, place=place)
        command = re.search(r"npyrace run --dir (\S+)", " ".join(outcome.out.split())).group(1)
        pasted = subprocess.run(["bash", "-c", f"printf %s {command}"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(pasted, place)
        self.assertNotIn("new\nline", outcome.out + outcome.err)

    def test_other_bytes_than_utf_8(self):
        place = self.folder_named(b"caf\xe9\x1b[31m")
        self.assert_one_line(run("run", "--dir", place, *self.RACE), 2, "caf\\xe9\\x1b[31m", "UTF-8")
        self.assertEqual(os.listdir(place), [])
        array, answer = os.path.join(place, "a.npy"), self.folder / "verify.json"
        commands = [["create", array, "--records", 64], ["write", array, "--worker", "0/1"],
                    ["expect", array, array + ".right.npy"], ["verify", array, "--complete"],
                    ["verify", array, "--json", answer], ["inspect", array]]
        for command in commands:
            completed = subprocess.run([PROGRAM, *map(os.fsencode, map(str, command))], capture_output=True, check=False)
            self.assertEqual(completed.returncode, 0, completed)
            self.assertNotIn(b"\x1b", completed.stdout + completed.stderr, command)
        self.assertIn("caf\ufffd", json.loads(answer.read_text(encoding="utf8"))["npyrace"]["cells"][0]["file"])


class List(unittest.TestCase):
    def test_every_list_prints_something(self):
        for what in ["strategies", "layouts", "scenarios", "launchers", "validators", "file-systems",
                     "lab-models"]:
            outcome = run("list", what)
            self.assertEqual(outcome.code, 0)
            self.assertGreater(len(outcome.out.splitlines()), 1)


class ListStrategies(FolderTest):
    def test_every_strategy_is_described_in_80_columns_and_no_file_is_left(self):
        outcome = run("list", "strategies", "--dir", self.folder)
        self.assertEqual(outcome.code, 0, outcome)
        lines = outcome.out.splitlines()
        self.assertLessEqual(max(map(len, lines[:-1])), 80, outcome)  # the last one names the folder
        for title in ["used by", "guarantee", "weakness", "acknowledged by"]:
            self.assertEqual(sum(line.strip().startswith(title) for line in lines),
                             sum(not line.startswith(" ") for line in lines[:-1]), title)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_an_unsupported_strategy_is_listed_with_the_system_error(self):
        answer = json.loads(run("list", "strategies", "--json", "--dir", self.folder).out)
        found = {s["name"]: s for s in answer["strategies"]}
        for name in ["mmap", "pwrite", "pwritev", "stdio", "exec"]:
            self.assertTrue(found[name]["available"], found[name])
        for strategy in answer["strategies"]:
            self.assertEqual(strategy["available"], strategy["reason"] == "", strategy)
        # No file can be created in /proc, so no strategy can be tried there.
        self.assert_one_line(run("list", "strategies", "--dir", "/proc"), 3, "/proc")
        answer = json.loads(run("list", "strategies", "--json", cwd="/proc").out)
        self.assertTrue(all(s["reason"].startswith("not tried: ") for s in answer["strategies"]
                            if s["name"] != "exec" and not s["name"].startswith("mpi-")), answer)

    def test_the_docs_list_every_strategy_as_the_command_does(self):
        text = (SOURCE / "docs" / "strategies.md").read_text(encoding="utf-8")
        for s in json.loads(run("list", "strategies", "--json", "--dir", self.folder).out)["strategies"]:
            self.assertIn(f"| `{s['name']}` | {s['summary']} | {s['used_by']} | {s['guarantee']} | "
                          f"{s['weakness']} |", text)

    def test_only_list_strategies_takes_json(self):
        self.assert_one_line(run("list", "layouts", "--json"), 2, "list strategies")


if __name__ == "__main__":
    main()
