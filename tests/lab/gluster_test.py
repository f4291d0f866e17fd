"""Two real GlusterFS clients: packed mmap loses records; packed pwrite and padded layouts do not. The C probe agrees.
gluster.sh removes everything that it set up."""

import json
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

import support

SCRIPT = Path(__file__).parent / "gluster.sh"
NO_PLACE = 125
WAYS = {("mmap", "packed"): "unsafe", ("pwrite", "packed"): "safe",
        ("mmap", "padded-block"): "safe", ("pwrite", "padded-block"): "safe"}
PROBES = {"mmap packed": True, "pwrite rdwr packed": False, "mmap padded": False, "pwrite rdwr padded": False}


def skip_where_it_cannot_be():
    result = subprocess.run([SCRIPT, "run", "--", "true"], capture_output=True, text=True)
    if result.returncode == NO_PLACE and any(words in result.stderr for words in ("is missing", "only root")):
        print(f"skipped: {result.stderr.strip()}")
        sys.exit(support.SKIPPED)


class Gluster(support.LabTest):
    def run_there(self, command):
        result = subprocess.run([SCRIPT, "run", "--", "sh", "-c", command], capture_output=True, text=True,
                                stdin=subprocess.DEVNULL, env=self.environment, timeout=300)
        self.assertEqual(self.left(), ([], [], []))
        return result

    def test_verdicts(self):
        report = Path(self.temporary) / "result.json"
        result = self.run_there(
            f'{support.NPYRACE} run quick --dir "$NODE1,$NODE2" --judge "$STORE" --strategies mmap,pwrite --layouts '
            f'packed,padded-block --cache cold,warm --records 2048 --generations 10 --repetitions 2 --json {report}')
        self.assertEqual(result.returncode, 1, result)
        cells = json.loads(report.read_text())["npyrace"]["cells"]
        self.assertEqual(len(cells), 2 * len(WAYS))
        for cell in cells:
            self.assertEqual(cell["verdict"], WAYS[cell["strategy"], cell["layout"]], (cell, result.stdout))

    def test_the_probe_agrees(self):
        result = self.run_there("".join(
            f'{support.PROBE} "$NODE1" "$NODE2" "$STORE" f{number} {words}\n' for number, words in enumerate(PROBES)))
        lost = [int(line.split()[1]) > 0 for line in result.stdout.splitlines()]
        self.assertEqual(lost, list(PROBES.values()), result)

    def test_the_exit_status_of_the_command_is_returned(self):
        self.assertEqual(self.run_there("exit 7").returncode, 7)

    def test_a_signal_removes_the_whole_set_up(self):
        process = subprocess.Popen([SCRIPT, "run", "--", "sh", "-c", "echo up; exec sleep 600"], stdout=subprocess.PIPE,
                                   text=True, env=self.environment)
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.readline(), "up\n")
        self.assertNotEqual(self.left(), ([], [], []))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 143)
        self.assertEqual(self.left(), ([], [], []))
        self.assertEqual(os.listdir(self.temporary), [])

    def test_up_and_down_can_be_repeated(self):
        place = Path(self.temporary) / "place"
        for step in ["up", "up"]:
            subprocess.run([SCRIPT, step, place], check=True, timeout=60)
        self.assertEqual(len(support.lab_mounts(place)), 2)
        (place / "n1" / "file").write_text("one")
        self.assertEqual((place / "n2" / "file").read_text(), "one")
        for step in ["down", "down"]:
            subprocess.run([SCRIPT, step, place], check=True, timeout=60)
        self.assertEqual(self.left(), ([], [], []))
        self.assertFalse(place.exists())


if __name__ == "__main__":
    skip_where_it_cannot_be()
    unittest.main(verbosity=2)
