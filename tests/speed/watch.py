"""Compares programs under `npyrace watch` with the same programs alone: watch.py [TURNS] [DIR] prints JSON.

Each turn runs every program once alone and once watched, in a new file of DIR; ratios are those of the medians of the
programs' own times. NPYRACE: path of the program."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

TURNS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
DIR = sys.argv[2] if len(sys.argv) > 2 else "."

PROGRAMS = {
    "memmap, 1 GiB in pieces of 4 MiB": "a = np.memmap(FILE, 'u1', 'w+', shape=(1 << 30,))\n"
                                        "piece = np.ones(1 << 22, 'u1')\n"
                                        "START\nfor i in range(0, 1 << 30, 1 << 22): a[i:i + (1 << 22)] = piece",
    "the same, each piece drawn at random": "a = np.memmap(FILE, 'u1', 'w+', shape=(1 << 30,))\nchance = np.random.default_rng(1)\n"
                                            "START\nfor i in range(0, 1 << 30, 1 << 22): a[i:i + (1 << 22)] = chance.normal(size=1 << 22)",
    "memmap, the same 64 MiB 32 times": "a = np.memmap(FILE, 'u1', 'w+', shape=(1 << 26,))\n"
                                        "START\nfor i in range(32): a[:] = i",
    "pwrite, 100 000 rows of 8000 bytes": "fd = os.open(FILE, os.O_RDWR | os.O_CREAT)\nrow = b'x' * 8000\n"
                                          "START\nfor i in range(100000): os.pwrite(fd, row, 8000 * i)",
    "reading 1 GiB by memmap": "with open(FILE, 'wb') as f: f.truncate(1 << 30)\nnp.memmap(FILE, 'u1', 'r').sum()\n"
                               "START\nfor _ in range(3): np.memmap(FILE, 'u1', 'r').sum()",
}


def seconds(script, before):
    with tempfile.TemporaryDirectory(prefix="npyrace-watch-", dir=DIR) as folder:
        file = pathlib.Path(folder) / "a.npy"
        text = f"import numpy as np, os, time\nFILE = {str(file)!r}\n" + script.replace("START", "start = time.monotonic()")
        command = [*before, sys.executable, "-c", text + "\nprint(time.monotonic() - start)\n"]
        return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout)


ways = {"alone": [], "watched": [os.environ["NPYRACE"], "watch", "--"]}
times = {name: {way: [] for way in ways} for name in PROGRAMS}
for _ in range(TURNS):
    for name, script in PROGRAMS.items():
        for way, before in ways.items():
            times[name][way].append(seconds(script, before))
print(json.dumps({name: {"alone_seconds": round(statistics.median(found["alone"]), 3),
                         "ratio": round(statistics.median(found["watched"]) / statistics.median(found["alone"]), 2)}
                  for name, found in times.items()}, indent=2))
