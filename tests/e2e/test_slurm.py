"""Launcher slurm with a real Slurm: writers are tasks of array jobs. tests/lab/slurm.sh starts a controller and two
nodes and then runs this."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from program import PROGRAM, SOURCE, FolderTest, main, run, small


def slurm(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


def queued():
    """Array job id, task id and state of everything in the queue."""
    lines = [line.split() for line in slurm("squeue", "-h", "-r", "-o", "%F %K %T").splitlines()]
    return [(job, int(task), state) for job, task, state in lines]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("waited in vain")


class Slurm(FolderTest):
    def race_by_slurm(self, *arguments, **others):
        return self.race("--launcher", "slurm", *arguments, **others)

    def assert_nothing_is_left(self):
        self.assertEqual(self.race_files(), [])
        self.assertEqual(queued(), [])

    def test_both_nodes_write_and_every_record_is_checked(self):
        records = 1 << 21  # each writer writes for long enough that tasks of a busy host meet
        outcome, result = self.race_by_slurm(*small(records=records), "--strategies", "mmap,pwrite",
                                             "--writers", 8, timeout=300)
        self.assertEqual(outcome.code, 0, outcome)
        for cell in result["npyrace"]["cells"]:
            # On a busy host the neighbours of a padded array may never write at the same moment, which is no trial.
            verdicts = {"safe"} if cell["layout"] == "packed" else {"safe", "inconclusive"}
            self.assertIn(cell["verdict"], verdicts, cell)
            self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
            self.assertEqual(cell["launcher"], "slurm")
            self.assertEqual(cell["evidence"]["records_checked"], records * 2 * 2, cell)
            self.assertGreater(cell["evidence"]["overlap_seconds"], 0, cell)
        nodes = set(re.findall(r"NodeList=(n\d)", slurm("scontrol", "show", "job", "-o")))
        self.assertEqual(nodes, {"n1", "n2"})
        self.assert_nothing_is_left()

    def test_two_mounts_lose_records_on_shared_pages(self):
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            self.skipTest("no /dev/fuse, so no lab")
        outcome = run("run", "--lab", "nfs", "--launcher", "slurm", *small(records=65536, repetitions=1),
                      "--strategies", "mmap", "--writers", 8, timeout=300)
        self.assertEqual(outcome.code, 1, outcome)
        verdicts = [line.split()[2] for line in outcome.out.splitlines() if line.startswith("mmap ")]
        self.assertEqual(verdicts, ["unsafe", "safe"], outcome)

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, "run", "--dir", self.folder, "--launcher", "slurm", *map(str, arguments)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_a_hundred_tasks_some_cancelled_some_requeued(self):
        report = self.folder / "result.json"
        running = self.start(*small(records=10000, generations=1, repetitions=1), "--strategies", "pwrite",
                             "--layouts", "packed", "--writers", 100, "--together", 1, "--json", report)
        job, _, _ = wait_for(lambda: [q for q in queued() if q[2] == "RUNNING"])[0]
        slurm("scancel", f"{job}_97", f"{job}_98")
        requeued = wait_for(lambda: [q for q in queued() if q[2] == "RUNNING"])[0][1]
        slurm("scontrol", "requeue", f"{job}_{requeued}")
        # Slurm starts a requeued task only after two minutes.
        wait_for(lambda: (job, requeued, "PENDING") in queued())
        slurm("scontrol", "update", f"jobid={job}_{requeued}", "starttime=now")
        out, err = running.communicate(timeout=240)
        self.assertEqual(running.returncode, 0, out + err)
        restarts = re.findall(rf"ArrayTaskId={requeued} .*? Restarts=(\d+)", slurm("scontrol", "show", "job", "-o", job))
        self.assertIn("1", restarts)
        cell = json.loads(report.read_text())["npyrace"]["cells"][0]
        # Records of cancelled tasks are missing, not lost. All others are right, also those of the requeued task.
        self.assertEqual(cell["verdict"], "inconclusive", cell)
        self.assertEqual(cell["unwritten"], 200, cell)
        self.assertEqual(cell["evidence"]["records_checked"], 10000, cell)
        self.assertEqual(sum(cell["anomalies"].values()), 0, cell)
        for writer in 97, 98:
            self.assertIn(f"writer {writer}: Slurm says CANCELLED", cell["reason"])
        self.assertNotIn(f"writer {requeued}:", cell["reason"])
        self.assert_nothing_is_left()

    def test_an_sbatch_error_is_printed(self):
        outcome, result = self.race_by_slurm(*small(), "--strategies", "pwrite", "--layouts", "packed",
                                             "--sbatch=--partition=nowhere")
        self.assertEqual(outcome.code, 3, outcome)
        cell = result["npyrace"]["cells"][0]
        self.assertEqual(cell["verdict"], "failed")
        self.assertIn("sbatch: ", cell["reason"])
        self.assertIn("Invalid partition", cell["reason"])
        self.assert_nothing_is_left()

    def test_a_failing_task_is_named_with_its_last_line_of_output(self):
        outcome, result = self.race_by_slurm(*small(repetitions=1), "--strategies", "pwrite", "--layouts", "packed",
                                             "--npyrace", "/bin/false", "--writers", 2)
        self.assertEqual(outcome.code, 3, outcome)
        cell = result["npyrace"]["cells"][0]
        self.assertEqual(cell["verdict"], "failed")
        self.assertIn("writer 0: Slurm says FAILED on n", cell["reason"])
        self.assert_nothing_is_left()

    def test_strategies_that_tasks_cannot_use_are_skipped(self):
        outcome, result = self.race_by_slurm(*small(), "--strategies", "pwrite-lock,single,collector",
                                             "--layouts", "packed")
        self.assertEqual(outcome.code, 0, outcome)
        for cell in result["npyrace"]["cells"]:
            self.assertEqual(cell["verdict"], "skipped", cell)
        self.assert_one_line(run("run", "--launcher", "slurm", "--cache", "warm", "--dir", self.folder), 2, "--cache")
        self.assert_one_line(run("run", "--sbatch=--time=1", "--dir", self.folder), 2, "--launcher slurm")

    def test_a_hanging_task_is_named_and_the_file_is_checked(self):
        report = self.folder / "result.json"
        # Task 1 stops before it has done anything, so the test does not depend on timing.
        program = self.folder / "stopping"
        program.write_text(f'#!/bin/sh\ncase " $* " in *" 1/4 "*) kill -STOP $$ ;; esac\nexec {PROGRAM} "$@"\n')
        program.chmod(0o755)
        running = self.start(*small(records=400, generations=1, repetitions=1), "--strategies", "pwrite", "--layouts",
                             "packed", "--writers", 4, "--together", 5, "--patience", 12, "--json", report,
                             "--npyrace", program)
        out, err = running.communicate(timeout=180)
        self.assertEqual(running.returncode, 3, out + err)
        (cell,) = json.loads(report.read_text())["npyrace"]["cells"]
        self.assertEqual((cell["verdict"], cell["evidence"]["records_checked"]), ("failed", 400), cell)
        self.assertRegex(cell["reason"], r"^writer 1 on n\d did not end within 12 s")
        self.assertEqual(sum(cell["anomalies"].values()), 0)
        wait_for(lambda: not queued())
        self.assert_nothing_is_left()

    def test_ctrl_c_cancels_the_job_and_leaves_nothing(self):
        running = self.start(*small(generations=1), "--strategies", "pwrite", "--layouts", "packed",
                             "--writers", 20, "--together", 30)
        wait_for(lambda: [q for q in queued() if q[2] == "RUNNING"])
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 3, err)
        wait_for(lambda: not queued())
        self.assert_nothing_is_left()


class Watch(FolderTest):
    def test_an_array_of_eight_tasks(self):
        """Tasks of both nodes write neighbouring rows: who shares which page is told by task."""
        script = self.folder / "array.sh"
        script.write_text(f"""#!/bin/sh
exec {PROGRAM} watch --into {self.folder}/logs -- dd if=/dev/zero of={self.folder}/a.npy bs=16 conv=notrunc count=100 \\
    seek=$((100 * SLURM_ARRAY_TASK_ID)) 2>/dev/null
""")
        done = subprocess.run(["sbatch", "--wait", "--array=0-7", "--output=/dev/null", script], capture_output=True,
                              text=True, timeout=120, check=False, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done)
        report = self.folder / "watched.json"
        outcome = run("watched", self.folder / "logs", "--json", report)
        self.assertEqual(outcome.code, 0, outcome)
        (file,) = json.loads(report.read_text())["files"]
        self.assertEqual({w["task"]: w["bytes"] for w in file["writers"]},
                         {f"array task {i}": [[1600 * i, 1600 * (i + 1)]] for i in range(8)})
        pairs = {tuple(file["writers"][i]["task"] for i in h["writers"]) for h in file["hazards"]}
        self.assertEqual({tuple(sorted(p)) for p in pairs} & {("array task 0", "array task 1")},
                         {("array task 0", "array task 1")}, file["hazards"])


class PageTest(FolderTest):
    """Runs indented commands and scripts of a page as they are printed there."""

    def setUp(self):
        super().setUp()
        for name in "bin", "dir", "local", "work":
            (self.folder / name).mkdir()
        (self.folder / "bin/npyrace").symlink_to(pathlib.Path(PROGRAM).resolve())
        # Paths of the page and its time limit, which a busy machine might reach before the first verdict.
        self.here = {"/shared/bin": self.folder / "bin", "/shared/dir": self.folder / "dir",
                     "/tmp/npyrace": self.folder / "local/npyrace",
                     "--at-most 10m": " ".join(map(str, [*small(records=65536, repetitions=1), "--strategies", "mmap,pwrite"]))}

    def blocks(self, page, section):
        """Pairs of an indented block and the paragraph before it."""
        section = (SOURCE / "docs" / page).read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
        section = re.sub("|".join(map(re.escape, self.here)), lambda found: str(self.here[found[0]]), section)
        paragraphs = section.strip("\n").split("\n\n")
        for before, block in zip(paragraphs, paragraphs[1:]):
            if block.startswith("    "):
                yield before, "".join(line[4:] + "\n" for line in block.splitlines())

    def write_scripts(self, page, section):
        """Returns the blocks that are commands."""
        commands = []
        for before, block in self.blocks(page, section):
            if not block.startswith("#!"):
                commands.append(block)
                continue
            script = self.folder / "work" / re.findall(r"script,? `([\w.-]+)`", before)[-1]
            script.write_text(block)
        return commands

    def start(self, *command):
        """Returns the exit code, what was printed, and what jobs printed."""
        environment = {**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                       "PYTHONPATH": str(SOURCE / "python")}
        done = subprocess.run(command, cwd=self.folder / "work", env=environment, text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=300, check=False)
        outputs = [path.read_text() for path in (self.folder / "work").glob("*.out")]
        return done.returncode, done.stdout, (done, outputs)


class TutorialPage(PageTest):
    def test_the_sections_with_slurm_do_what_the_page_says(self):
        for file, text in re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", (SOURCE / "docs/tutorial.md").read_text(),
                                     re.MULTILINE | re.DOTALL):
            (self.folder / "work" / file).write_text(text)
        (self.folder / "bin/python3").symlink_to(sys.executable)  # one that has NumPy
        self.here |= {"0-499": "0-7", "a.npy 500": "a.npy 8"}
        for section in "4. The queue", "5. The check afterwards":
            for block in self.write_scripts("tutorial.md", section):
                code, out, everything = self.start("sh", "-e", "-c", block)
                self.assertEqual(code, 0, (block, everything))
                if "check.py" in block:
                    self.assertEqual(out.splitlines()[-1], "0 of 1600 rows are missing", everything)
        watched = self.start("npyrace", "watched", "logs")
        self.assertIn("8 writers, which shared no page", watched[1], watched)


class ClustersPage(PageTest):
    def result(self):
        return json.loads((self.folder / "work/result.json").read_text())["npyrace"]

    def test_the_commands_for_slurm_do_what_the_page_says(self):
        printed = []
        for block in self.write_scripts("clusters.md", "Slurm"):
            code, out, everything = self.start("sh", "-e", "-c", block)
            self.assertEqual(code, 0, (block, everything))
            printed.append(out)
        by_array_jobs, raced, verified, in_a_step = printed
        self.assertRegex(by_array_jobs, r"(?m)^(mmap|pwrite)\S* .* safe ")
        # Both nodes are this machine and use one mount.
        self.assertIn("all --dir share one page cache", " ".join(raced.split()))
        result = self.result()
        self.assertEqual(set(result["environment"]["ranks"]["hosts"]), {"n1", "n2"})
        self.assertIn("/srun-rsh", result["environment"]["ranks"]["library"])
        for text in verified, in_a_step:
            self.assertRegex(text, r"60000 records checked")
        self.assertEqual(self.race_files(self.folder / "dir"), [])
        wait_for(lambda: not queued())

    def test_a_race_in_an_allocation_finds_losses_between_two_mounts(self):
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            self.skipTest("no /dev/fuse, so no lab")
        self.here |= {"--dir /shared/dir": '--dir "$1,$2"'}
        self.write_scripts("clusters.md", "Slurm")
        (self.folder / "work/srun-rsh").chmod(0o755)
        code, _, everything = self.start("npyrace", "lab", "--model", "nfs", "--", "sbatch", "--wait",
                                         "--output=race.out", "race.sh", "{n1}", "{n2}")
        self.assertEqual(code, 1, everything)
        verdicts = {cell["layout"]: cell["verdict"] for cell in self.result()["cells"] if cell["cache"] == "as-is"}
        self.assertEqual(verdicts, {"packed": "unsafe", "padded-block": "safe"}, everything)


if __name__ == "__main__":
    main()
