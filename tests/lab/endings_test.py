"""A lab leaves no mount, process or directory, however it ends."""

import os
import signal
import subprocess
import time

import support
from support import PATIENCE_SECONDS


class Endings(support.LabTest):
    def start(self, command, *options):
        """Starts a lab and waits until its command has printed that it runs."""
        process = subprocess.Popen(
            [support.NPYRACE, "lab", *options, "--", "sh", "-c", command], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.assertEqual(process.stdout.readline(), "runs\n")
        self.assertEqual(len(support.lab_folders(self.temporary)), 1)
        self.assertGreater(len(support.lab_mounts(self.temporary)), 0)
        return process

    def assert_nothing_left(self):
        limit = time.monotonic() + PATIENCE_SECONDS
        while self.left() != ([], [], []) and time.monotonic() < limit:
            time.sleep(0.02)
        self.assertEqual(self.left(), ([], [], []))

    def server_of(self, process):
        """The process id of the lab's server."""
        for number in support.processes_naming(self.temporary):
            with open(f"/proc/{number}/cmdline", "rb") as file:
                if b"lab-server" in file.read():
                    return number
        raise AssertionError("there is no server")

    def test_normal_end_in_every_model_passes_the_exit_code_on(self):
        for model in support.MODELS:
            with self.subTest(model=model):
                process = self.start("echo runs; echo x > {n1}/x; sleep 1; exit 7", "--model", model)
                self.assertEqual(process.wait(PATIENCE_SECONDS), 7)
                self.assertEqual(self.left(), ([], [], []))

    def test_a_missing_command_is_an_error(self):
        result = subprocess.run([support.NPYRACE, "lab", "--", "/nonexistent/command"],
                                env=self.environment, capture_output=True, text=True)
        self.assertEqual(result.returncode, 3)
        self.assertIn("/nonexistent/command: exec: No such file", result.stderr)
        self.assert_nothing_left()

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE,
                       signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGXCPU):
            with self.subTest(signal=number):
                process = self.start("exec 3> {n1}/x; echo runs; exec sleep 1000")
                process.send_signal(number)
                self.assertEqual(process.wait(PATIENCE_SECONDS), 128 + number)
                self.assertEqual(self.left(), ([], [], []))

    def test_a_command_that_ignores_signals(self):
        process = self.start("trap '' INT TERM; echo runs; while :; do sleep 1; done > {n2}/x")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE_SECONDS), 128 + signal.SIGKILL)
        self.assertEqual(self.left(), ([], [], []))

    def test_a_command_that_hangs_in_the_file_system(self):
        log = os.path.join(self.temporary, "log")
        process = self.start("exec 3> {n1}/x; echo runs; echo x >&3", "--model", "session",
                             "--log", log, "--fault", "vanish:op=write")
        limit = time.monotonic() + PATIENCE_SECONDS
        while os.path.getsize(log) == 0 and time.monotonic() < limit:
            time.sleep(0.01)
        self.assertGreater(os.path.getsize(log), 0)  # now the command hangs in the file system
        process.send_signal(signal.SIGINT)
        self.assertIn(process.wait(PATIENCE_SECONDS),
                      (128 + signal.SIGINT, 128 + signal.SIGKILL))
        self.assert_nothing_left()

    def test_processes_left_by_the_command_are_ended(self):
        process = self.start("sleep 1000 > {n1}/x & echo runs")
        self.assertEqual(process.wait(PATIENCE_SECONDS), 0)
        self.assert_nothing_left()

    def test_a_killed_server_leaves_nothing(self):
        process = self.start("exec 3> {n1}/x; echo runs; exec sleep 1000")
        os.kill(self.server_of(process), signal.SIGKILL)
        self.assertEqual(process.wait(PATIENCE_SECONDS), 3)
        self.assertIn("server died", process.stderr.read())
        self.assertEqual(self.left(), ([], [], []))

    def test_a_killed_lab_leaves_nothing(self):
        process = self.start("exec 3> {n1}/x; echo runs; exec sleep 1000")
        process.kill()
        process.wait(PATIENCE_SECONDS)
        self.assert_nothing_left()

    def test_if_all_processes_are_killed_the_next_lab_removes_the_rest(self):
        process = self.start("exec 3> {n1}/x; echo runs; exec sleep 1000")
        alive = self.start_second()
        server = [n for n in support.processes_naming(self.temporary)
                  if n not in (process.pid, alive.pid) and b"lab-server" in self.command_line(n)
                  and self.parent(n) == process.pid][0]
        os.kill(process.pid, signal.SIGSTOP)  # so that it cannot clean up
        os.kill(server, signal.SIGKILL)
        process.kill()
        process.wait(PATIENCE_SECONDS)
        self.kill_orphans(alive)
        self.assertEqual(len(support.lab_folders(self.temporary)), 2)
        result = subprocess.run([support.NPYRACE, "lab", "--", "true"], env=self.environment,
                                capture_output=True, text=True)
        self.assertEqual(result.returncode, 0)
        self.assertIn("removed", result.stderr)
        self.assertEqual(len(support.lab_folders(self.temporary)), 1)  # the folder of the running lab stays
        self.assertIsNone(alive.poll())
        alive.send_signal(signal.SIGTERM)
        alive.wait(PATIENCE_SECONDS)
        self.assert_nothing_left()

    def start_second(self):
        process = subprocess.Popen(
            [support.NPYRACE, "lab", "--", "sh", "-c", "echo runs; exec sleep 2000"], text=True,
            stdout=subprocess.PIPE, env=self.environment)
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.readline(), "runs\n")
        return process

    def kill_orphans(self, alive):
        for number in support.processes_naming(self.temporary):
            if b"1000" in self.command_line(number) and self.parent(number) != alive.pid:
                os.kill(number, signal.SIGKILL)

    @staticmethod
    def command_line(number):
        with open(f"/proc/{number}/cmdline", "rb") as file:
            return file.read()

    @staticmethod
    def parent(number):
        with open(f"/proc/{number}/stat") as file:
            return int(file.read().rsplit(")", 1)[1].split()[1])

    def test_only_folders_of_dead_labs_are_removed(self):
        for name, owner in [("npyrace-lab-noowner", None), ("npyrace-lab-other", "something else\n"),
                            ("npyrace-lab-empty", "")]:
            os.mkdir(os.path.join(self.temporary, name))
            if owner is not None:
                with open(os.path.join(self.temporary, name, "owner"), "w") as file:
                    file.write(owner)
        subprocess.run([support.NPYRACE, "lab", "--", "true"], env=self.environment, check=True)
        self.assertEqual(len(support.lab_folders(self.temporary)), 3)


if __name__ == "__main__":
    support.main()
