"""Any program as the writer: real NumPy by memmap and by os.pwrite, and programs that misbehave."""

import pathlib
import sys

from program import SOURCE, FolderTest, main, run, small

# The examples that the README shows, so that they are tested.
MEMMAP = (SOURCE / "docs" / "examples" / "numpy_memmap.py").read_text()
PWRITE = (SOURCE / "docs" / "examples" / "numpy_pwrite.py").read_text()


def commands_that_run():
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes()
        except OSError:
            pass  # it has ended meanwhile


class Exec(FolderTest):
    def program(self, text):
        path = self.folder / "program.py"
        path.write_text(text)
        return f"{sys.executable} {path}"

    def race_program(self, text, *options, **over):
        return self.race(*small(**over), "--exec", self.program(text), *options)

    def test_numpy_is_safe_here_in_every_layout_and_ownership(self):
        for text in [MEMMAP, PWRITE]:
            outcome, result = self.race_program(
                text, "--layouts", "packed,padded-record,padded-block", "--ownership", "block,cyclic",
                "--writers", 2, records=200, repetitions=1)
            self.assertEqual(outcome.code, 0, outcome)
            cells = result["npyrace"]["cells"]
            self.assertEqual(len(cells), 6)
            for cell in cells:
                self.assertEqual(cell["strategy"], "exec")
                # On a busy machine two short programs may run one after the other.
                self.assertIn(cell["verdict"], ("safe", "inconclusive"), cell)
                self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
                self.assertEqual(cell["evidence"]["records_checked"], 400)

    def test_a_program_that_forgets_a_record_is_unsafe_and_the_record_named(self):
        outcome, result = self.race_program(MEMMAP.replace(
            "right[start:stop:step]\n",
            "np.where(np.arange(start, stop, step) == 42, array[start:stop:step], "
            "right[start:stop:step])\n"), "--layouts", "packed", generations=1, repetitions=1)
        self.assertEqual(outcome.code, 1, outcome)
        (cell,) = result["npyrace"]["cells"]
        self.assertEqual(cell["anomalies"]["hole"], 1)
        self.assertEqual(cell["examples"][0]["record"], 42)

    def test_the_classic_mistake_of_opening_with_w_plus_is_unsafe(self):
        # Jobs start when the queue lets them: the later one truncates what the earlier one wrote.
        text = "import time\n" + MEMMAP.replace(
            'open(os.environ["NPYRACE_GO"]).read()', 'time.sleep(0.5 * int(os.environ["NPYRACE_WRITER"]))'
        ).replace('np.load(os.environ["NPYRACE_FILE"], mmap_mode="r+")',
                  'np.lib.format.open_memmap(os.environ["NPYRACE_FILE"], "w+", right.dtype, right.shape)')
        outcome, result = self.race_program(text, "--layouts", "packed", "--writers", 2, generations=1,
                                            repetitions=1)
        self.assertEqual(outcome.code, 1, outcome)
        (cell,) = result["npyrace"]["cells"]
        self.assertEqual(cell["verdict"], "unsafe")
        self.assertEqual(cell["anomalies"]["hole"], 256)

    def test_a_program_that_fails_is_named_with_its_last_words(self):
        outcome, result = self.race_program("import sys; sys.exit('no licence left')", "--layouts",
                                            "packed")
        self.assertEqual(outcome.code, 3, outcome)
        reason = result["npyrace"]["cells"][0]["reason"]
        self.assertRegex(reason, r"writer \d: exit code 1: no licence left")

    def test_a_program_that_hangs_is_ended_with_its_children(self):
        outcome, result = self.race("--exec", "sleep 1000 & wait", "--patience", 1, *small())
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("did not finish within 1 s", result["npyrace"]["cells"][0]["reason"])
        left = [command for command in commands_that_run() if command == b"sleep\x001000\x00"]
        self.assertEqual(left, [])

    def test_what_contradicts_is_a_usage_error(self):
        for options, word in [(["--exec", "true", "--strategies", "mmap"], "--strategies"),
                              (["--exec", "true", "--ownership", "random"], "random"),
                              (["--strategies", "exec"], "--exec"),
                              (["--launcher", "exec"], "--exec")]:
            with self.subTest(options=options):
                self.assert_one_line(run("run", *options, cwd=self.folder), 2, word)


if __name__ == "__main__":
    main()
