"""Two real clients of GlusterFS and of SSHFS: which ways of writing lose records, and the C probe agrees. clients.sh
removes everything that it set up."""

import json
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

import support

SCRIPT = Path(__file__).parent / "clients.sh"
NO_PLACE = 125
PAGES = {("mmap", "packed"): "unsafe", ("pwrite", "packed"): "safe",
         ("mmap", "padded-block"): "safe", ("pwrite", "padded-block"): "safe"}
KINDS = ["gluster", "sshfs"]
PROBES = {"mmap packed": True, "pwrite rdwr packed": False, "mmap padded": False, "pwrite rdwr padded": False}


def missing(kind):
    """Why the machine cannot have it; "" if it can."""
    result = subprocess.run([SCRIPT, "run", kind, "--", "true"], capture_output=True, text=True)
    said = result.stderr.strip()
    return said if result.returncode == NO_PLACE and ("is missing" in said or "only root" in said) else ""


class Clients(support.LabTest):
    def run_there(self, kind, command):
        result = subprocess.run([SCRIPT, "run", kind, "--", "sh", "-c", command], timeout=300,
                                capture_output=True, text=True, stdin=subprocess.DEVNULL, env=self.environment)
        self.assertEqual(self.left(), ([], [], []))
        return result

    def test_verdicts(self):
        report = Path(self.temporary) / "result.json"
        for kind in HERE:
            with self.subTest(kind):
                result = self.run_there(
                    kind, f'{support.NPYRACE} run quick --dir "$NODE1,$NODE2" --judge "$STORE" --strategies mmap,pwrite '
                    '--layouts packed,padded-block --cache cold,warm --records 2048 --generations 10 --repetitions 2 '
                    f'--json {report}')
                self.assertEqual(result.returncode, 1, result)
                cells = json.loads(report.read_text())["npyrace"]["cells"]
                self.assertEqual(len(cells), 2 * len(PAGES))
                for cell in cells:
                    self.assertEqual(cell["verdict"], PAGES[cell["strategy"], cell["layout"]], (cell, result.stdout))

    def test_the_probe_agrees(self):
        for kind in HERE:
            with self.subTest(kind):
                result = self.run_there(kind, "".join(
                    f'{support.PROBE} "$NODE1" "$NODE2" "$STORE" f{number} {words}\n'
                    for number, words in enumerate(PROBES)))
                lost = [int(line.split()[1]) > 0 for line in result.stdout.splitlines()]
                self.assertEqual(lost, list(PROBES.values()), result)

    def test_the_exit_status_of_the_command_is_returned(self):
        for kind in HERE:
            self.assertEqual(self.run_there(kind, "exit 7").returncode, 7)

    def test_a_signal_removes_the_whole_set_up(self):
        for kind in HERE:
            with self.subTest(kind):
                process = subprocess.Popen([SCRIPT, "run", kind, "--", "sh", "-c", "echo up; exec sleep 600"],
                                           stdout=subprocess.PIPE, text=True, env=self.environment)
                self.addCleanup(process.stdout.close)
                self.assertEqual(process.stdout.readline(), "up\n")
                self.assertNotEqual(self.left(), ([], [], []))
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(60), 143)
                self.assertEqual(self.left(), ([], [], []))
                self.assertEqual(os.listdir(self.temporary), [])

    def test_up_and_down_can_be_repeated(self):
        for kind in HERE:
            with self.subTest(kind):
                place = Path(self.temporary) / kind
                for _ in range(2):
                    subprocess.run([SCRIPT, "up", kind, place], check=True, timeout=60)
                self.assertEqual(len(support.lab_mounts(place)), 2)
                (place / "n1" / "file").write_text("one")
                self.assertEqual((place / "n2" / "file").read_text(), "one")
                for _ in range(2):
                    subprocess.run([SCRIPT, "down", place], check=True, timeout=60)
                self.assertEqual(self.left(), ([], [], []))
                self.assertFalse(place.exists())


if __name__ == "__main__":
    reasons = {kind: missing(kind) for kind in KINDS}
    HERE = [kind for kind, reason in reasons.items() if not reason]
    for reason in filter(None, reasons.values()):
        print(f"skipped: {reason}")
    if not HERE:
        sys.exit(support.SKIPPED)
    unittest.main(verbosity=2)
