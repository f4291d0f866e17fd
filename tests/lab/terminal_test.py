"""A lab on a terminal: its command is the foreground process group, so only the command gets Ctrl-C and Ctrl-Z."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time

import support
from support import PATIENCE_SECONDS


class Terminal(support.LabTest):
    def start(self, command, *options):
        """Starts a lab on a new terminal and waits until its command has printed that it runs."""
        self.keyboard, terminal = pty.openpty()
        self.addCleanup(os.close, self.keyboard)

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        process = subprocess.Popen(
            [support.NPYRACE, "lab", *options, "--", "sh", "-c", command],
            stdin=terminal, stdout=terminal, stderr=terminal, preexec_fn=own_terminal,
            env=self.environment)
        os.close(terminal)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        self.wait_for_output("runs")
        limit = time.monotonic() + PATIENCE_SECONDS
        while os.tcgetpgrp(self.keyboard) == process.pid and time.monotonic() < limit:
            time.sleep(0.01)  # wait until the command is the foreground process group
        return process

    def wait_for_output(self, word):
        seen = ""
        while word not in seen:
            readable, _, _ = select.select([self.keyboard], [], [], PATIENCE_SECONDS)
            self.assertTrue(readable, f"no {word} in: {seen}")
            seen += os.read(self.keyboard, 1000).decode()

    def press(self, key):
        os.write(self.keyboard, key)

    def assert_ends(self, process, *codes):
        self.assertIn(process.wait(PATIENCE_SECONDS), codes)
        self.assertEqual(self.left(), ([], [], []))

    def test_control_c_ends_the_program_and_the_lab(self):
        process = self.start("echo runs; exec sleep 1000")
        self.press(b"\x03")
        self.assert_ends(process, 128 + signal.SIGINT)

    def test_the_program_may_live_on_after_control_c(self):
        process = self.start("trap 'echo heard' INT; echo runs; read line; read line; exit 5")
        self.press(b"\x03")
        self.wait_for_output("heard")
        self.press(b"go on\n\n")
        self.assert_ends(process, 5)

    def test_control_c_while_an_operation_hangs(self):
        log = os.path.join(self.temporary, "log")
        process = self.start("exec 3> {n1}/x; echo runs; echo x >&3", "--model", "session",
                             "--log", log, "--fault", "vanish:op=write")
        limit = time.monotonic() + PATIENCE_SECONDS
        while os.path.getsize(log) == 0 and time.monotonic() < limit:
            time.sleep(0.01)
        self.press(b"\x03")
        self.assert_ends(process, 128 + signal.SIGINT, 128 + signal.SIGKILL)

    def wait_for_stop(self, process):
        limit = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < limit:
            if os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT):
                return
            time.sleep(0.01)
        self.fail("it did not stop")

    def test_control_z_stops_both_and_both_go_on(self):
        process = self.start("echo runs; read line; exit 6")
        self.press(b"\x1a")
        self.wait_for_stop(process)
        process.send_signal(signal.SIGCONT)
        self.press(b"go on\n")
        self.assert_ends(process, 6)


if __name__ == "__main__":
    support.main()
