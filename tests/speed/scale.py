"""Measures how npyrace grows with the number of writers: scale.py [--most N] [--dir DIR] [--write] prints Markdown tables;
--write puts them into docs/scaling.md. NPYRACE: path of the program, normally the static one.

All writers run on this machine: "ssh" uses a remote shell that starts its command here. So the figures are what npyrace
itself needs, without a network. Messages and bytes are what the coordinator's calls of read and write moved, as strace
shows them; system calls of a job likewise."""

import argparse
import collections
import json
import os
import pathlib
import re
import resource
import subprocess
import tempfile
import textwrap
import time

from machine import put_between

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- tables of tests/speed/scale.py -->", "<!-- end of the tables -->"
NPYRACE = os.environ.get("NPYRACE", "npyrace")
RECORDS_A_WRITER = 16


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, **options)


class Races:
    def __init__(self, folder):
        self.folder = folder
        self.shell = folder / "rsh"
        self.shell.write_text('#!/bin/sh\nshift\nexec sh -c "exec $*"\n', encoding="utf8")
        self.shell.chmod(0o755)

    def command(self, launcher, writers, generations):
        hosts = ["--rsh", self.shell, "--hosts", "here"] if launcher == "ssh" else []
        return [NPYRACE, "run", "--launcher", launcher, *hosts, "--dir", self.folder, "--writers", writers, "--strategies",
                "pwrite", "--layouts", "packed", "--records", RECORDS_A_WRITER * writers, "--generations", generations,
                "--repetitions", 1, "--json", self.folder / "result.json"]

    def seconds(self, launcher, writers, generations):
        """Of a run, without the reference measurements."""
        begin = time.monotonic()
        run(*self.command(launcher, writers, generations))
        seconds = time.monotonic() - begin
        result = json.loads((self.folder / "result.json").read_text(encoding="utf8"))["npyrace"]
        assert not [cell for cell in result["cells"] if cell["verdict"] in ("failed", "unsafe", "skipped")], result["cells"]
        return seconds - result["run_seconds"]["reference"]

    def row(self, launcher, writers):
        """Seconds until the writers stand, seconds a generation, result in KiB."""
        few, many = 2, 6
        short = self.seconds(launcher, writers, few)
        long = self.seconds(launcher, writers, many)
        a_generation = max(0.0, (long - short) / (many - few))
        result = self.folder / "result.json"
        return [launcher, writers, f"{max(0.0, short - few * a_generation):.2f}", f"{a_generation:.3f}",
                f"{result.stat().st_size / 1024:.0f}"]

    def traffic(self, writers, generations):
        """Messages and bytes through the pipes of the coordinator."""
        log = self.folder / "strace"
        run("strace", "-y", "-e", "trace=read,write", "-o", log, *self.command("ssh", writers, generations))
        calls = moved = 0
        for line in log.read_text(encoding="utf8", errors="replace").splitlines():
            found = re.match(r"(read|write)\(\d+<pipe:.* = (\d+)$", line)
            if found and int(found[2]) > 0:
                calls, moved = calls + 1, moved + int(found[2])
        return calls, moved

    def traffic_row(self, writers):
        few, many = self.traffic(writers, 2), self.traffic(writers, 6)
        each = [(b - a) / 4 / writers for a, b in zip(few, many)]
        start = [(a - 2 * e * writers) / writers for a, e in zip(few, each)]
        return [writers, *(f"{value:.1f}" if value < 100 else f"{value:.0f}" for value in (*start, *each))]


def jobs_row(folder, writers):
    """All tasks of an array job, one after the other, and verify."""
    array = folder / f"jobs{writers}.npy"
    run(NPYRACE, "create", array, "--records", RECORDS_A_WRITER * writers, "--writers", writers)
    begin = time.monotonic()
    for worker in range(writers):
        run(NPYRACE, "write", array, "--worker", f"{worker}/{writers}")
    jobs = time.monotonic() - begin
    files = list(pathlib.Path(f"{array}.npyrace.d").iterdir())
    begin = time.monotonic()
    subprocess.run([NPYRACE, "verify", array], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    seconds = time.monotonic() - begin
    return [writers, f"{len(files) / writers:.1f}", f"{sum(f.stat().st_size for f in files) / writers:.0f}",
            f"{1000 * jobs / writers:.1f}", f"{seconds:.2f}"]


def job_calls(folder):
    """Calls of one job on files of the array's folder."""
    array, log = folder / "calls.npy", folder / "strace"
    run(NPYRACE, "create", array, "--records", 160, "--writers", 10)
    run("strace", "-f", "-y", "-e", "trace=%file,%desc", "-o", log, NPYRACE, "write", array, "--worker", "3/10")
    count = collections.Counter()
    for line in log.read_text(encoding="utf8", errors="replace").splitlines():
        call = re.match(r"\d+ +(\w+)\(", line)
        if call and str(folder) in line:
            count[call[1]] += 1
    return ", ".join(f"{number} {name}" for name, number in sorted(count.items()))


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def powers(most):
    return [n for n in (4, 16, 64, 256, 1024, 4096, 10000) if n <= most]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=10000, help="most writers")
    parser.add_argument("--dir", default="/dev/shm", help="a folder in memory")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),
                                                resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with tempfile.TemporaryDirectory(prefix="npyrace-scale-", dir=options.dir) as name:
        folder = pathlib.Path(name)
        races = Races(folder)
        # A process for each writer of ssh and its shell: this machine has memory for some thousands.
        rows = [races.row(launcher, writers) for launcher, limit in (("process", 10000), ("thread", 10000), ("ssh", 1024))
                for writers in powers(min(limit, options.most))]
        text = table(["launcher", "writers", "start and end, s", "a generation, s", "result, KiB"], rows)
        text += "\n" + table(["writers", "messages, start", "bytes, start", "messages, a generation", "bytes, a generation"],
                             [races.traffic_row(writers) for writers in powers(min(256, options.most))])
        text += "\n" + table(["jobs", "files a job", "bytes a job", "a job, ms", "verify, s"],
                             [jobs_row(folder, writers) for writers in powers(options.most)])
        text += "\n" + textwrap.fill(f"Calls of one job on files in the array's folder: {job_calls(folder)}.", 100) + "\n"
    print(text, end="")
    if options.write:
        put_between(DOCS / "scaling.md", BEGIN, END, text)


main()
