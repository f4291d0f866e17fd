"""Compares the time to start writers with that to start as many empty programs: starts.py [TURNS] [STARTS] prints JSON.

Each turn times, one after the other: `npyrace run timing-log` whose writers write one record, and that many
posix_spawns of an empty C++ program, linked with the shared libraries of this machine and statically. Ratios are
those of medians. NPYRACE: path of the program, normally the static one."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

TURNS, STARTS = (int(word) for word in (sys.argv[1:] + ["5", "1440"][len(sys.argv) - 1:]))


def spawn_all(program):
    begin = time.monotonic()
    for pid in [os.posix_spawn(program, [program], os.environ) for _ in range(STARTS)]:
        os.waitpid(pid, 0)
    return time.monotonic() - begin


def race(folder):
    begin = time.monotonic()
    subprocess.run([os.environ["NPYRACE"], "run", "timing-log", "--dir", folder, "--writers", str(STARTS), "--records",
                    str(STARTS), "--strategies", "pwrite", "--generations", "1", "--repetitions", "1"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begin


with tempfile.TemporaryDirectory(prefix="npyrace-starts-", dir="/dev/shm") as name:
    source = pathlib.Path(name) / "empty.cpp"
    source.write_text("#include <iostream>\nint main() { std::cout.flush(); }\n", encoding="ascii")
    ways = {"npyrace": lambda: race(name)}
    for kind in "shared", "static":
        program = f"{name}/{kind}"
        subprocess.run(["g++", "-O2", *["-static"] * (kind == "static"), "-o", program, source], check=True)
        ways[f"empty_{kind}"] = lambda program=program: spawn_all(program)
    seconds = {way: [] for way in ways}
    for _ in range(TURNS):
        for way, once in ways.items():
            seconds[way].append(once())
medians = {way: statistics.median(times) for way, times in seconds.items()}
print(json.dumps({"starts": STARTS, "turns": TURNS, "median_seconds": medians,
                  "ratios": {f"npyrace/{way}": round(medians["npyrace"] / medians[way], 2) for way in medians}}, indent=2))
