"""Launcher exec: users' programs as writers, such as real NumPy by memmap and os.pwrite, and faulty programs."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import jsonschema
from program import PROGRAM, SCHEMA, SOURCE, FolderTest, main, run, small

# These are the examples shown in the documents.
EXAMPLES = SOURCE / "docs" / "examples"
MEMMAP = (EXAMPLES / "numpy_memmap.py").read_text()
PWRITE = (EXAMPLES / "numpy_pwrite.py").read_text()


def commands_that_run():
    """(process id, command line) of all processes."""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield int(path.parent.name), path.read_bytes()
        except OSError:
            pass  # it has ended meanwhile


class Exec(FolderTest):
    def program(self, text):
        path = self.folder / "program.py"
        path.write_text(text)
        return f"{sys.executable} {path}"

    def race_program(self, text, *options, **over):
        return self.race(*small(**over), "--exec", self.program(text), *options)

    def test_the_next_run_removes_the_folder_of_a_run_that_was_killed(self):
        temporary = self.folder / "temporary"
        temporary.mkdir()
        environment = {**os.environ, "TMPDIR": str(temporary)}
        program = self.program("import time\ntime.sleep(300)")
        killed = subprocess.Popen([PROGRAM, "run", "--dir", self.folder, *map(str, small()), "--exec", program],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        sleepers = []
        while not sleepers:
            self.assertIsNone(killed.poll())
            sleepers = [pid for pid, command in commands_that_run()
                        if pid != killed.pid and str(self.folder / "program.py").encode() in command]
        killed.kill()
        killed.communicate()
        for sleeper in sleepers:
            os.kill(sleeper, signal.SIGKILL)
        (left,) = temporary.iterdir()
        outcome = run("run", "--dir", self.folder, *small(repetitions=1), "--exec", self.program(PWRITE), env=environment)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn(f"{left} (left by a process that was killed): removed", outcome.err)
        self.assertEqual(list(temporary.iterdir()), [])

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

    def test_opening_with_w_plus_is_unsafe(self):
        # Jobs of a queue start at different times: the later one truncates the file and so removes earlier records.
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

    def test_w_plus_with_another_data_offset_is_unsafe_and_not_failed(self):
        outcome, result = self.race_program(MEMMAP.replace(
            'np.load(os.environ["NPYRACE_FILE"], mmap_mode="r+")',
            'np.lib.format.open_memmap(os.environ["NPYRACE_FILE"], "w+", right.dtype, right.shape)'),
            "--layouts", "padded-block", records=2048, repetitions=1)
        self.assertEqual(outcome.code, 1, outcome)
        (cell,) = result["npyrace"]["cells"]
        self.assertEqual(cell["verdict"], "unsafe", cell)

    def test_a_program_that_does_not_read_the_start_fifo_is_named(self):
        outcome, result = self.race_program(
            'import os, signal\nif os.environ["NPYRACE_WRITER"] == "2": os.kill(os.getpid(), signal.SIGSTOP)\n'
            'open(os.environ["NPYRACE_GO"]).read()\n' + MEMMAP,
            "--layouts", "packed", "--patience", 4, generations=1, repetitions=1)
        self.assertEqual(outcome.code, 3, outcome)
        (cell,) = result["npyrace"]["cells"]
        self.assertIn("writer 2 of 4 did not read NPYRACE_GO, for which the others waited", cell["reason"])

    def test_a_failing_program_is_named_with_its_last_line_of_output(self):
        outcome, result = self.race_program("import sys; sys.exit('no licence left')", "--layouts",
                                            "packed")
        self.assertEqual(outcome.code, 3, outcome)
        reason = result["npyrace"]["cells"][0]["reason"]
        self.assertRegex(reason, r"writer \d: exit code 1: no licence left")

    def check_example(self, command, *options, layouts="packed,padded-record,padded-block", **over):
        """Asserts that the file is right in every layout and generation. Overlap of the writers is not required."""
        size = {"records": 200, "repetitions": 1, **over}
        outcome, result = self.race(*small(**size), "--exec", command, "--layouts", layouts, "--writers", 2,
                                    "--ownership", "block,cyclic", *options)
        self.assertEqual(outcome.code, 0, outcome)
        cells = result["npyrace"]["cells"]
        self.assertEqual(len(cells), 2 * len(layouts.split(",")))
        for cell in cells:
            self.assertIn(cell["verdict"], ("safe", "inconclusive"), cell)
            self.assertEqual(sum(cell["anomalies"].values()) + cell["unwritten"], 0, cell)

    def compiled(self, compiler, source):
        if shutil.which(compiler) is None:
            self.skipTest(f"no {compiler} here")
        job = self.folder / "job"
        subprocess.run([compiler, "-Wall", "-Wextra", "-Werror", "-o", job, EXAMPLES / source], check=True)
        return str(job)

    def test_numpy_examples_are_right(self):
        for name in ["numpy_open_memmap.py", "numpy_pool.py"]:
            with self.subTest(example=name):
                self.check_example(f"{sys.executable} {EXAMPLES / name}")

    def test_c_example_is_right(self):
        self.check_example(self.compiled("cc", "pwrite.c"))

    def test_fortran_example_is_right(self):
        self.check_example(self.compiled("gfortran", "stream.f90"))

    def test_shell_example_is_right(self):
        self.check_example(f"sh {EXAMPLES / 'dd.sh'}", records=16)

    def test_examples_lose_records_that_share_pages_between_nodes(self):
        # Each job caches pages that the job on the other node changes.
        for command in [self.compiled("cc", "pwrite.c"), self.compiled("gfortran", "stream.f90")]:
            report = self.folder / "lab.json"
            outcome = run("run", "--lab", "pages", *small(generations=2, repetitions=1), "--exec", command,
                          "--writers", 2, "--layouts", "packed", "--json", report)
            self.assertEqual(outcome.code, 1, outcome)
            (cell,) = json.loads(report.read_text())["npyrace"]["cells"]
            self.assertEqual(cell["verdict"], "unsafe")

    def test_an_array_made_by_the_users_own_program(self):
        create = f"{sys.executable} {EXAMPLES / 'numpy_create.py'}"
        self.check_example(f"{sys.executable} {EXAMPLES / 'numpy_memmap.py'}", "--exec-create", create,
                           layouts="packed")
        for command, words in [("true", "made no file"),
                               ("echo oops; exit 4", "exit code 4: oops"),
                               ('head -c 8320 /dev/zero > "$NPYRACE_FILE"', "another file"),
                               (create + '; printf x >> "$NPYRACE_FILE"',
                                "it has 8321 bytes, and its header speaks of 8320")]:
            with self.subTest(create=command):
                outcome, result = self.race(*small(), "--exec", "true", "--exec-create", command)
                self.assertEqual(outcome.code, 3, outcome)
                (cell,) = result["npyrace"]["cells"]
                self.assertIn(words, cell["reason"])
                self.assertEqual(list(self.folder.glob("*.npy")), [])

    def test_a_program_that_rewrites_the_whole_array_is_safe_in_no_layout(self):
        text = MEMMAP.replace("array[start:stop:step] = right[start:stop:step]",
                              "whole = np.array(array); whole[start:stop:step] = right[start:stop:step]; "
                              "time.sleep(0.1); array[:] = whole")
        self.assertIn("whole", text)
        outcome, result = self.race_program("import time\n" + text, "--layouts", "packed,padded-block", "--writers", 2,
                                            generations=2)
        self.assertEqual(outcome.code, 1, outcome)
        for cell in result["npyrace"]["cells"]:
            self.assertNotEqual(cell["verdict"], "safe", cell)
        self.assertIn("no layout helps", " ".join(outcome.out.split()))
        self.assertEqual(result["npyrace"]["recommendation"]["cell"], "")

    def test_a_program_that_replaces_the_file_by_rename_loses_what_others_wrote(self):
        text = MEMMAP.replace(', mmap_mode="r+"', "").replace(
            "array.flush()", 'own = os.environ["NPYRACE_FILE"] + "." + os.environ["NPYRACE_WRITER"] + ".npy"; '
            'np.save(own, array); time.sleep(0.1); os.replace(own, os.environ["NPYRACE_FILE"])')
        self.assertIn("os.replace", text)
        for layout in "packed", "padded-block":
            outcome, result = self.race_program("import time\n" + text, "--layouts", layout, "--writers", 3)
            self.assertEqual(outcome.code, 1, outcome)
            (cell,) = result["npyrace"]["cells"]
            self.assertEqual(cell["verdict"], "unsafe", cell)
            self.assertIn("replace the file by a new one", cell["reason"])
            self.assertGreater(sum(cell["anomalies"].values()), 0)
            if layout == "packed":  # the last rename restores the other writers' records as its process had read them
                self.assertEqual(cell["anomalies"]["corrupt"] + cell["anomalies"]["misplaced"], 0, cell)
                self.assertRegex(cell["reason"], r"the last to do so was writer [012]")
                for example in cell["examples"]:
                    self.assertEqual(len(example["overwritten_by"]), 1, example)

    def test_truncation_is_reported_even_if_no_record_is_lost(self):
        # All open with w+, and no writer starts before all have opened, so no written record is truncated.
        here = self.folder / "here"
        text = f"""
import os, pathlib, time
import numpy as np
e = os.environ
right = np.load(e["NPYRACE_EXPECT"])
mine = slice(*(int(e["NPYRACE_SLICE_" + name]) for name in ("START", "STOP", "STEP")))
open(e["NPYRACE_GO"]).read()
array = np.lib.format.open_memmap(e["NPYRACE_FILE"], "w+", right.dtype, right.shape)
here = pathlib.Path("{here}") / e["NPYRACE_GENERATION"] / e["NPYRACE_FILE"].split("/")[-1]
here.mkdir(parents=True, exist_ok=True)
(here / e["NPYRACE_WRITER"]).touch()
deadline = time.monotonic() + 5
while len(list(here.iterdir())) < int(e["NPYRACE_WRITERS"]) and time.monotonic() < deadline:
    time.sleep(0.01)
array[mine] = right[mine]
array.flush()
"""
        outcome, result = self.race_program(text, "--layouts", "packed", "--writers", 2, repetitions=1)
        self.assertEqual(outcome.code, 1, outcome)
        (cell,) = result["npyrace"]["cells"]
        self.assertIn("emptied the file", cell["reason"])
        self.assertIn("emptied the file", cell["evidence"]["struck_file"])

    def test_few_generations_of_a_program_give_low_power(self):
        outcome, result = self.race_program(MEMMAP, "--layouts", "packed", "--writers", 2, generations=1,
                                            repetitions=1)
        (cell,) = result["npyrace"]["cells"]
        self.assertEqual(cell["verdict"], "inconclusive", outcome)
        self.assertLess(cell["evidence"]["file_trials"], 5)

    def test_a_program_that_writes_its_own_numbers_is_refused_before_the_race(self):
        for command in "true", self.program(MEMMAP.replace("= right[start:stop:step]", "= 7")):
            outcome, result = self.race(*small(), "--exec", command, "--layouts", "packed")
            self.assertEqual(outcome.code, 3, outcome)
            (cell,) = result["npyrace"]["cells"]
            self.assertEqual(cell["verdict"], "failed")
            self.assertIn("did not write NPYRACE_EXPECT into its slice", cell["reason"])
            self.assertIn("record 0 at byte 128", cell["reason"])
            self.assertIn("--expect serial", cell["reason"])

    def test_a_writer_that_never_writes_is_not_reported_as_a_loss(self):
        text = "import os\nif os.environ['NPYRACE_WRITER'] == '1': os._exit(0)\n" + MEMMAP
        outcome, result = self.race_program(text, "--layouts", "packed,padded-block", "--writers", 3, repetitions=1)
        self.assertEqual(outcome.code, 3, outcome)
        for cell in result["npyrace"]["cells"]:
            self.assertEqual(cell["verdict"], "failed", cell)
            self.assertIn("run alone as writer 1, did not write", cell["reason"])

    def test_programs_that_wait_for_each_other_can_be_raced(self):
        meet = self.folder / "meet"
        wait = (f'mkdir -p {meet}/$NPYRACE_GENERATION; touch {meet}/$NPYRACE_GENERATION/$NPYRACE_WRITER; '
                f'while [ $(ls {meet}/$NPYRACE_GENERATION | wc -l) -lt 2 ]; do sleep 0.05; done; ')
        outcome, result = self.race(*small(repetitions=1), "--exec", wait + self.program(MEMMAP), "--layouts", "packed",
                                    "--writers", 2, "--patience", 5)
        (cell,) = result["npyrace"]["cells"]
        self.assertIn(cell["verdict"], ("safe", "inconclusive"), outcome)

    def serial(self, text, *options, place=None):
        command = self.program("import os, sys, time\nimport numpy as np\n"
                               "file, writer, writers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])\n" + text)
        repeated = () if "--generations" in options else ("--generations", 2)
        return self.race(*repeated, "--repetitions", 1, "--exec", command + " {file} {writer} {writers}", "--expect", "serial",
                         *options, place=place)

    OWN_ROWS = ("array = np.load(file, mmap_mode='r+')\n"
                "array[writer::writers] = np.arange(array.shape[1]) * 0.25 + 1 + np.arange(len(array))[writer::writers, None]\n"
                "array.flush()\n")
    ROWS = ("--descr", "<f8", "--shape", "60,30")

    def test_serial_truth_works_for_an_unmodified_program(self):
        outcome, result = self.serial(self.OWN_ROWS, *self.ROWS, "--generations", 6)
        (cell,) = result["npyrace"]["cells"]
        self.assertIn(cell["verdict"], ("safe", "inconclusive"), outcome)
        self.assertEqual(sum(cell["anomalies"].values()), 0)
        self.assertEqual((cell["layout"], cell["ownership"], cell["record_bytes"]), ("packed", "program", 240))
        self.assertGreater(cell["evidence"]["units_shared_by_writers"], 0)
        jsonschema.validate(result, SCHEMA)

    def test_serial_truth_works_for_an_array_made_by_the_program(self):
        for create, records, bytes_each in [
                ("np.zeros((50, 7), '>i4')", 50, 28), ("np.full(33, 5 + 2j)", 33, 16),
                ("np.zeros(20, [('t', 'M8[s]'), ('name', 'U5'), ('ok', '?')])", 20, 29),
                ("np.array(['x' * 9] * 40)", 40, 36), ("np.zeros((7, 30), order='F')", 30, 56)]:
            make = f"import sys, numpy as np; np.save(sys.argv[1], {create})"
            write = ("array = np.load(file, mmap_mode='r+')\n"
                     "old = array.tobytes()\n"
                     "if array.flags.f_contiguous and array.ndim > 1: array = array.T\n"
                     "for i in range(writer, len(array), writers):\n"
                     "    if array.dtype.kind == 'U': array[i] = str(i)\n"
                     "    elif array.dtype.kind == 'V': array[i] = (i + 1, 'abc', True)\n"
                     "    else: array[i] = i + 1\n"
                     "array.base.flush() if array.base is not None and hasattr(array.base, 'flush') else array.flush()\n")
            with self.subTest(create=create):
                outcome, result = self.serial(write, "--exec-create", f'{sys.executable} -c "{make}" {{file}}')
                (cell,) = result["npyrace"]["cells"]
                self.assertIn(cell["verdict"], ("safe", "inconclusive"), outcome)
                self.assertEqual((cell["records"], cell["record_bytes"]), (records, bytes_each))
                self.assertEqual(sum(cell["anomalies"].values()), 0)

    def test_serial_truth_finds_records_lost_in_a_race(self):
        load_all = self.OWN_ROWS.replace(", mmap_mode='r+'", "").replace(
            "array.flush()", "time.sleep(0.1 * (writer + 1)); np.save(file + str(writer) + '.npy', array); "
            "os.replace(file + str(writer) + '.npy', file)")
        outcome, result = self.serial(load_all, *self.ROWS)
        self.assertEqual(outcome.code, 1, outcome)
        (cell,) = result["npyrace"]["cells"]
        self.assertEqual(cell["verdict"], "unsafe")
        self.assertGreater(cell["anomalies"]["hole"] + cell["anomalies"]["lost"], 0, cell)
        self.assertIn("replace the file", cell["reason"])

    def test_serial_truth_finds_lost_additions(self):
        add = ("array = np.load(file, mmap_mode='r+')\n"
               "for i in range(len(array)):\n"
               "    now = array[i].copy(); time.sleep(0.001); array[i] = now + writer + 1\n"
               "array.flush()\n")
        outcome, result = self.serial("open(os.environ['NPYRACE_GO']).read()\n" + add, *self.ROWS)
        self.assertEqual(outcome.code, 1, outcome)
        (cell,) = result["npyrace"]["cells"]
        self.assertGreater(cell["anomalies"]["lost"], 0, cell)
        self.assertIn("lacks a writer's update", cell["examples"][0]["found"])

    def test_serial_truth_is_not_safe_if_all_writers_change_the_same_items(self):
        add = "array = np.load(file, mmap_mode='r+'); array += writer + 1; array.flush()\n"
        outcome, result = self.serial(add, *self.ROWS, "--generations", 6)
        (cell,) = result["npyrace"]["cells"]
        self.assertIn(cell["verdict"], ("inconclusive", "unsafe"), outcome)
        if cell["verdict"] == "inconclusive":
            self.assertIn("several writers change the same records", cell["reason"])

    def test_serial_truth_names_writers_that_change_nothing(self):
        _, result = self.serial("if writer != 1:\n    " + self.OWN_ROWS.replace("\n", "\n    ").rstrip() + "\n", *self.ROWS)
        self.assertIn("alone, writer 1 changes nothing", result["npyrace"]["cells"][0]["reason"])

    def test_serial_truth_in_a_lab(self):
        command = self.program("import sys, os, numpy as np\nfile, writer, writers = sys.argv[1], int(sys.argv[2]), "
                               "int(sys.argv[3])\nopen(os.environ['NPYRACE_GO']).read()\n" + self.OWN_ROWS.replace(
                                   "array.flush()", "import time; time.sleep(0.5); array.flush()"))
        report = self.folder / "lab.json"
        outcome = run("run", "--lab", "pages", "--exec", command + " {file} {writer} {writers}", "--expect", "serial",
                      *self.ROWS, "--generations", 3, "--repetitions", 1, "--json", report)
        self.assertEqual(outcome.code, 1, outcome)
        (cell,) = json.loads(report.read_text())["npyrace"]["cells"]
        self.assertEqual(cell["verdict"], "unsafe")
        self.assertTrue(cell["examples"][0]["overwritten_by"], cell)

    def test_serial_truth_says_why_it_cannot_judge_a_program(self):
        for text, words in [
                ("array = np.load(file, mmap_mode='r+'); array[writer::writers] = np.random.rand()",
                 "is not reproducible"),
                ("pass", "changed nothing"),
                ("sys.exit('no licence')", "exit code 1: no licence"),
                ("np.save(file, np.zeros(3 + writer))", "changed the size of the array")]:
            with self.subTest(text=text):
                outcome, result = self.serial(text, *self.ROWS)
                self.assertEqual(outcome.code, 3, outcome)
                (cell,) = result["npyrace"]["cells"]
                self.assertEqual(cell["verdict"], "failed")
                self.assertIn(words, cell["reason"])
        for options, words in [(["--expect", "serial"], "--exec"), (["--exec", "true", "--expect", "searial"], "serial"),
                               (["--exec", "true", "--expect", "serial", "--ownership", "block"], "--ownership"),
                               (["--exec", "true", "--expect", "serial", "--layouts", "padded-block"], "padded-block")]:
            self.assert_one_line(run("run", "--dir", self.folder, *options), 2, words)

    def test_if_every_job_creates_the_array_the_later_truncates_it(self):
        create = f"{sys.executable} {EXAMPLES / 'numpy_create.py'}"
        job = self.program((EXAMPLES / "numpy_open_memmap.py").read_text().replace(
            'mode="r+")', 'mode="w+", dtype=right.dtype, shape=right.shape)').replace(
            'open(os.environ["NPYRACE_GO"]).read()',
            '__import__("time").sleep(0.5 * int(os.environ["NPYRACE_WRITER"]))'))
        outcome, result = self.race(*small(generations=1, repetitions=1), "--exec", job, "--exec-create", create,
                                    "--writers", 2)
        self.assertEqual(outcome.code, 1, outcome)
        (cell,) = result["npyrace"]["cells"]
        self.assertEqual(cell["anomalies"]["hole"], 256)

    def test_two_versions_of_a_program_are_cells_of_one_run(self):
        slow = self.program(PWRITE)
        outcome, result = self.race(*small(generations=1), "--exec", f"pwrite={slow}", "--exec",
                                    "broken=exit 1", "--layouts", "packed")
        self.assertEqual(outcome.code, 3, outcome)
        cells = {cell["strategy"]: cell for cell in result["npyrace"]["cells"]}
        self.assertEqual(set(cells), {"exec:pwrite", "exec:broken"})
        self.assertIn(cells["exec:pwrite"]["verdict"], ("safe", "inconclusive"))
        self.assertEqual(cells["exec:broken"]["verdict"], "failed")
        self.assertTrue(cells["exec:pwrite"]["name"].startswith("exec:pwrite/packed/"))
        jsonschema.validate(result, SCHEMA)

    def test_variables_of_a_scheduler_are_set(self):
        seen = self.folder / "seen"
        seen.mkdir()
        command = f'env > {seen}/$NPYRACE_WRITER; pwd >> {seen}/$NPYRACE_WRITER; ' + self.program(MEMMAP)
        expected = {"slurm": ("SLURM_ARRAY_TASK_ID=1", "SLURM_ARRAY_TASK_COUNT=2"), "lsf": ("LSB_JOBINDEX=2",),
                    "pbs-pro": ("PBS_ARRAY_INDEX=1", f"PBS_O_WORKDIR={pathlib.Path.cwd()}")}
        home = self.folder / "home"
        home.mkdir()
        for scheduler, lines in expected.items():
            outcome = run("run", "--dir", self.folder, *small(generations=1, repetitions=1), "--exec", command,
                          "--scheduler", scheduler, "--writers", 2, env={"HOME": str(home)})
            self.assertEqual(outcome.code, 0, outcome)
            text = (seen / "1").read_text().splitlines()
            for line in lines:
                self.assertIn(line, text)
            where = home if scheduler == "pbs-pro" else pathlib.Path.cwd()
            self.assertEqual(pathlib.Path(text[-1]).resolve(), where.resolve())

    def test_a_time_limit_ends_one_program_and_its_children(self):
        command = self.program(MEMMAP) + '; if [ $NPYRACE_WRITER = 1 ]; then sleep 4322 & wait; fi'
        outcome, result = self.race(*small(generations=1, repetitions=1), "--exec", command, "--time-limit", 1,
                                    "--writers", 2, "--layouts", "packed")
        (cell,) = result["npyrace"]["cells"]
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("writer 1: ended after 1 s by --time-limit", cell["reason"])
        self.assertEqual([c for _, c in commands_that_run() if c == b"sleep\x004322\x00"], [])

    def test_output_of_a_failing_program_is_shown(self):
        outcome, result = self.race(*small(repetitions=1), "--exec", "echo first; echo last; exit 3", "--writers", 1,
                                    "--layouts", "packed", "--ownership", "block")
        reason = result["npyrace"]["cells"][0]["reason"]
        self.assertIn("exit code 3: last (before it: first)", reason)

    def test_the_same_error_of_many_programs_is_printed_once_and_leaves_no_file(self):
        before = set(pathlib.Path(tempfile.gettempdir()).glob("npyrace-*"))
        outcome, result = self.race(*small(generations=1, repetitions=1), "--exec", "echo one; echo no such thing; exit 3",
                                    "--writers", 16, "--layouts", "packed", "--ownership", "block")
        self.assertEqual(outcome.code, 3, outcome)
        reason = result["npyrace"]["cells"][0]["reason"]
        self.assertEqual(reason.count("no such thing"), 1, reason)
        self.assertIn("and so 15 other writers", reason)
        self.assertEqual(set(pathlib.Path(tempfile.gettempdir()).glob("npyrace-output-*")) - before, set())

    def test_a_program_that_hangs_is_ended_with_its_children(self):
        outcome, result = self.race("--exec", "sleep 4321 & wait", "--patience", 1, *small())
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("did not finish within 1 s", result["npyrace"]["cells"][0]["reason"])
        left = [c for _, c in commands_that_run() if c == b"sleep\x004321\x00"]
        self.assertEqual(left, [])

    def test_contradictory_options_are_usage_errors(self):
        for options, word in [(["--exec", "true", "--strategies", "mmap"], "--strategies"),
                              (["--exec", "true", "--ownership", "random"], "random"),
                              (["--strategies", "exec"], "--exec"),
                              (["--launcher", "exec"], "--exec"),
                              (["--exec", "a=true", "--exec", "true"], "names"),
                              (["--exec", "a=true", "--exec", "a=false"], "called a"),
                              (["--exec", "true", "--scheduler", "slrum"], "slurm"),
                              (["--exec-create", "true"], "--exec"),
                              (["--exec", "true", "--exec-create", "true", "--layouts", "padded-block"],
                               "padded-block"),
                              (["--time-limit", "3"], "--exec")]:
            with self.subTest(options=options):
                self.assert_one_line(run("run", *options, cwd=self.folder), 2, word)


if __name__ == "__main__":
    main()
