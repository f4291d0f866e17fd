"""However a race ends, no file is left, the other cells go on, and the reason is reported."""

import os
import pathlib
import re
import signal
import subprocess
import time

from program import PROGRAM, FolderTest, main, run, small

LONG = ["--strategies", "pwrite", "--layouts", "packed", "--records", "20000", "--generations", "200",
        "--repetitions", "50"]
RACE_FILE = re.compile(r"npyrace-[0-9a-f]{16}-[0-9a-f]{8}-\d+-\d+-\d+-[0-9a-f]{8}\.npy")


def workers_of(pid):
    """The worker processes that the program `pid` has started."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(stat.rsplit(")", 1)[1].split()[1]) == pid and b"worker" in command:
            found.append(int(entry.name))
    return found


class Endings(FolderTest):
    def start(self, *arguments, before=None):
        process = subprocess.Popen([PROGRAM, "run", "--dir", str(self.folder), *arguments], preexec_fn=before,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        deadline = time.monotonic() + 30
        while not (self.race_files() and len(workers_of(process.pid)) >= 2):
            self.assertIsNone(process.poll(), "it ended before it began")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        return process

    def wait_until_gone(self, pids):
        deadline = time.monotonic() + 10
        while any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids):
            self.assertLess(time.monotonic(), deadline, "workers outlive their race")
            time.sleep(0.01)

    def test_a_signal_ends_the_run_and_removes_its_files(self):
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
                       signal.SIGALRM, signal.SIGXCPU]:
            with self.subTest(signal=number):
                process = self.start(*LONG)
                workers = workers_of(process.pid)
                process.send_signal(number)
                _, err = process.communicate(timeout=20)
                self.assertEqual(process.returncode, 3)
                self.assertEqual(err, "npyrace: interrupted\n")
                self.assertEqual(self.race_files(), [])
                self.wait_until_gone(workers)

    def test_a_run_under_nohup_outlives_the_terminal(self):
        """nohup sets SIGHUP to be ignored; the run must then not handle it."""
        process = self.start(*LONG, before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        ignored = int(re.search(r"SigIgn:\s*(\w+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())[1], 16)
        self.assertTrue(ignored & 1 << signal.SIGHUP - 1)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    def test_a_time_limit_ends_the_run_and_names_the_cells_left_out(self):
        """Two cells of 2000 repetitions, in random order, need a minute."""
        outcome, result = self.race("--strategies", "pwrite,mmap", "--layouts", "packed", "--records", 512, "--generations",
                                    2, "--repetitions", 2000, "--at-most", "2s")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertTrue(result["npyrace"]["interrupted"])
        for cell in result["npyrace"]["cells"]:
            self.assertRegex(cell["reason"], r"stopped by --at-most (after \d+ of 2000 repetitions|in its first|before it)")
        self.assertEqual(self.race_files(), [])

    def test_a_dry_run_prints_the_plan_and_creates_nothing(self):
        before = sorted(self.folder.iterdir())
        outcome = run("run", "--dir", self.folder, *small(), "--strategies", "pwrite,mmap", "--layouts", "packed",
                      "--dry-run")
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        self.assertEqual(len(re.findall(r"^(?:pwrite|mmap)/packed/", outcome.out, re.MULTILINE)), 2)
        # A header of 128 bytes and 512 records of 16, two files a cell, two generations.
        self.assertIn("files 2, each 8.32 kB; writes at most 33.3 kB", outcome.out)
        self.assertIn("4 files one after the other", " ".join(outcome.out.split()))
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_the_next_run_removes_only_files_of_a_killed_run(self):
        live = self.start(*LONG)
        of_the_living = f"-{live.pid}-"
        process = self.start(*LONG)
        workers = workers_of(process.pid)
        process.kill()
        process.communicate()
        self.wait_until_gone(workers)
        left = [name for name in self.race_files() if of_the_living not in name]
        self.assertEqual(len(left), 1)
        self.assertRegex(left[0], RACE_FILE)
        # Files that launcher slurm and the collecting strategies keep beside the race file.
        beside = [left[0] + ".npyrace.json", left[0] + ".part0"]
        for name in beside:
            (self.folder / name).write_text("left")
        (self.folder / (left[0] + ".npyrace.d")).mkdir()
        # Files that must stay: a wrong checksum in the name, a user's file, a file of a live process.
        alike = [left[0].replace(".npy", "x.npy"), "npyrace-mine.npy",
                 left[0][:-5] + ("0" if left[0][-5] != "0" else "1") + ".npy"]
        for name in alike:
            (self.folder / name).write_text("precious")
        outcome = run("run", *small(), "--strategies", "pwrite", "--dir", self.folder)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn(left[0], outcome.err)
        for name in [left[0], *beside, left[0] + ".npyrace.d"]:
            self.assertFalse((self.folder / name).exists(), name)
        for name in alike:
            self.assertEqual((self.folder / name).read_text(), "precious")
        self.assertNotIn(of_the_living, outcome.err)
        self.assertIsNone(live.poll())
        live.send_signal(signal.SIGTERM)
        live.communicate()
        self.assertEqual(live.returncode, 3)

    def test_a_hanging_writer_fails_its_cell_after_the_timeout(self):
        process = self.start(*LONG[:-1], "1", "--patience", "1")
        worker = workers_of(process.pid)[0]
        os.kill(worker, signal.SIGSTOP)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, out)
        self.assertRegex(out, r"writer 0 of 4\s+did\s+not\s+(finish|reach\s+the\s+start|write\s+every\s+record)\s+within\s+1\s+s")
        self.wait_until_gone([worker])
        self.assertEqual(self.race_files(), [])

    def test_a_hanging_thread_fails_its_cell_after_the_timeout(self):
        process = subprocess.Popen([PROGRAM, "run", "--dir", str(self.folder), *LONG, "--launcher",
                                    "thread"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        deadline = time.monotonic() + 30
        while not workers_of(process.pid):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        os.kill(workers_of(process.pid)[0], signal.SIGKILL)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3)
        self.assertRegex(out, r"writers 0 to 3: killed by signal 9")

    def test_too_few_threads_for_all_writers_is_reported(self):
        outcome, result = self.race(*small(), "--launcher", "thread", "--strategies", "pwrite",
                                    env={"OMP_THREAD_LIMIT": "2"})
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("OMP_THREAD_LIMIT", result["npyrace"]["cells"][0]["reason"])

    def test_a_file_size_limit_gives_an_error_and_no_signal(self):
        outcome = run("run", "--dir", self.folder, *small(records=100000), "--strategies", "pwrite",
                      "--layouts", "packed",
                      preexec_fn=lambda: __import__("resource").setrlimit(
                          __import__("resource").RLIMIT_FSIZE, (4096, 4096)))
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("File too large", outcome.out)
        self.assertEqual(self.race_files(), [])


if __name__ == "__main__":
    main()
