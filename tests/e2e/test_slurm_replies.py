"""Launcher slurm with fake Slurm commands that give unusual replies: other clusters, lines added by a site, a
controller that no longer knows the job. Tasks are real processes. A file that a task may still use must stay."""

import os
import pathlib
import signal
import subprocess
import sys
import time

from program import PROGRAM, FolderTest, main, run, small

# One program under five names. The folder FAKE holds the calls made, the tasks' process ids and the replies to give.
FAKE = f"""#!{sys.executable}
import os, pathlib, re, signal, subprocess, sys, time
home = pathlib.Path(os.environ["FAKE"])
name = pathlib.Path(sys.argv[0]).name
with (home / "calls").open("a") as calls:
    print(name, *sys.argv[1:], file=calls)
says = lambda key, usual="": (home / key).read_text() if (home / key).exists() else usual
def alive(pid):
    try:
        return pathlib.Path(f"/proc/{{pid}}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
def tasks():
    return [int(line) for line in says("pids").split()]
if name == "sbatch":
    script = pathlib.Path(sys.argv[-1]).read_text()
    last = int(re.search(r"--array=0-(\\d+)", script)[1])
    kept = home / "job.sh"
    kept.write_text(says("before") + script.split("\\n", 1)[1])
    pids = []
    for task in range(last + 1):
        log = open(home / f"task-{{task}}.log", "w")
        pids.append(subprocess.Popen(["sh", kept], stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                                     env={{**os.environ, "SLURM_ARRAY_TASK_ID": str(task)}}).pid)
    (home / "pids").write_text(" ".join(map(str, pids)))
    sys.stdout.write(says("reply", "17\\n"))
    sys.stderr.write(says("words"))
    sys.exit(int(says("status", "0")))
elif name == "scancel":
    if not (home / "deaf").exists():
        for pid in tasks():
            try: os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError: pass
elif name == "scontrol":
    if (home / "forgotten").exists():
        sys.exit("slurm_load_jobs error: Invalid job id specified")
    for task, pid in enumerate(tasks()):
        state = "RUNNING" if alive(pid) else "COMPLETED"
        print(f"JobId={{100 + task}} ArrayJobId=17 ArrayTaskId={{task}} JobName=npyrace JobState={{state}} Reason=None "
              f"ExitCode=0:0 BatchHost=n1")
elif name == "sacct" and (home / "accounted").exists():
    for task, pid in enumerate(tasks()):
        print(f"17_{{task}}|{{'RUNNING' if alive(pid) else 'COMPLETED'}}|0:0|n1")
else:
    sys.exit(1)
"""


class SlurmReplies(FolderTest):
    def setUp(self):
        super().setUp()
        self.fake = self.folder / "fake"
        self.place = self.folder / "place"
        binaries = self.fake / "bin"
        binaries.mkdir(parents=True)
        self.place.mkdir()
        for name in ["sbatch", "scancel", "scontrol", "sacct", "squeue"]:
            (binaries / name).write_text(FAKE)
            (binaries / name).chmod(0o755)
        self.environment = {"PATH": f"{binaries}:{os.environ['PATH']}", "FAKE": str(self.fake)}
        self.addCleanup(self.end_tasks)

    def end_tasks(self):
        for pid in self.pids():
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def pids(self):
        path = self.fake / "pids"
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def answers(self, **texts):
        for key, text in texts.items():
            (self.fake / key).write_text(text)

    def calls(self, name):
        return [line for line in (self.fake / "calls").read_text().splitlines() if line.split()[0] == name]

    def cell(self, *options):
        outcome, result = self.race("--launcher", "slurm", *small(generations=1, repetitions=1), "--strategies", "pwrite",
                                    "--layouts", "packed", "--writers", 4, "--together", 5, *options, place=self.place,
                                    env=self.environment)
        return outcome, result["npyrace"]["cells"][0]

    def assert_raced(self, *options):
        outcome, cell = self.cell(*options)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(cell["evidence"]["records_checked"], 512, cell)
        self.assertEqual((cell["unwritten"], sum(cell["anomalies"].values())), (0, 0), cell)
        self.assertEqual(self.race_files(self.place), [])

    def test_the_dry_run_counts_the_array_jobs(self):
        for options, words in (([], "Slurm gets at least 8 array jobs"), (["--generations", 3], "Slurm gets 12 array jobs")):
            outcome = run("run", "--launcher", "slurm", "--dir", self.folder, "--strategies", "mmap,pwrite", "--repetitions", 1,
                          "--dry-run", *options)
            self.assertIn(words, " ".join(outcome.out.split()), outcome)

    def test_queries_go_to_the_cluster_that_has_the_job(self):
        self.answers(reply="17;east\n")
        self.assert_raced()
        for call in self.calls("scontrol"):
            self.assertIn("-M east", call)

    def test_lines_added_by_the_site_are_not_taken_for_the_job_id(self):
        for reply in ["Welcome!\n17\n", "17;east\nYou have 42 hours left.\n", "Submitted batch job 17 on cluster east\n"]:
            with self.subTest(reply=reply):
                self.answers(reply=reply, words="sbatch: 3 jobs of yours wait\n")
                self.assert_raced()

    def test_a_job_unknown_to_the_controller_is_judged_by_its_files(self):
        self.answers(forgotten="", before="sleep 2\n")
        self.assert_raced()

    def test_accounting_is_used_if_the_controller_no_longer_knows_the_job(self):
        self.answers(forgotten="", accounted="")
        self.assert_raced()

    def test_tasks_of_an_unknown_job_are_never_called_cancelled(self):
        self.answers(forgotten="", before="sleep 100\n", deaf="")
        outcome, cell = self.cell("--patience", 2)
        self.assertEqual((outcome.code, cell["verdict"]), (3, "failed"), outcome)
        self.assertIn("Invalid job id", cell["reason"])
        self.assertIn("4 of 4 tasks have left no report and may still be running", cell["reason"])
        self.assertNotIn("CANCELLED", cell["reason"])
        self.assertTrue(self.calls("scancel"))
        # The tasks still run, so their file must stay, even after the next run has removed old files.
        (left,) = [p for p in self.place.iterdir() if p.suffix == ".npy"]
        self.assertIn(f"{left} stays until you remove it", cell["reason"])
        for name in ["forgotten", "before", "deaf"]:
            (self.fake / name).unlink()
        self.end_tasks()
        self.cell()
        self.assertTrue(left.exists())

    def test_submitted_tasks_are_cancelled_if_sbatch_fails_or_prints_no_job_id(self):
        self.answers(status="1", words="sbatch: lost my way\n", before="sleep 100\n")
        outcome, cell = self.cell()
        self.assertEqual((outcome.code, cell["verdict"]), (3, "failed"), outcome)
        self.assertIn("lost my way, after it had submitted job 17", cell["reason"])
        self.assertIn("scancel 17", self.calls("scancel"))
        self.assertEqual(self.race_files(self.place), [])

    def test_without_a_job_id_the_file_stays_and_the_user_is_told(self):
        self.answers(reply="done, good luck\n", before="sleep 100\n")
        outcome, cell = self.cell()
        self.assertEqual((outcome.code, cell["verdict"]), (3, "failed"), outcome)
        self.assertIn("printed no number of a job, or several: 'done, good luck'", cell["reason"])
        self.assertIn("squeue --me", cell["reason"])
        self.assertTrue([p for p in self.place.iterdir() if p.suffix == ".npy"])

    def test_ctrl_c_waits_until_the_tasks_have_ended(self):
        self.answers(before="sleep 100\n")
        running = subprocess.Popen(
            [PROGRAM, "run", "--dir", self.place, "--launcher", "slurm", *map(str, small(generations=1)), "--strategies",
             "pwrite", "--layouts", "packed", "--writers", "2"], env={**os.environ, **self.environment},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: running.poll() is None and running.kill())
        while not (self.fake / "calls").exists() or not self.calls("scontrol"):
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=100)
        self.assertEqual(running.returncode, 3, err)
        self.assertEqual([pid for pid in self.pids() if pathlib.Path(f"/proc/{pid}/status").exists()
                          and "Z" not in pathlib.Path(f"/proc/{pid}/status").read_text().split("State:")[1][:4]], [])
        self.assertEqual(self.race_files(self.place), [])


if __name__ == "__main__":
    main()
