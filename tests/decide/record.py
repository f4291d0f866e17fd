#!/usr/bin/env python3
"""Runs the same command twice per round and writes the times to rounds.csv. round_figures counts the errors of gate on it.

record.py race FOLDER ROUNDS COMMAND     COMMAND, a shell command, runs twice a round; {json} is the result file
record.py csv SERIES=FOLDER ... > rounds.csv     the rounds of each folder in order

The two runs of a round follow each other; round_figures chooses which one is base and which is new. For each cell of a
run the file has nanoseconds per record: of each repetition; the 5, 10, 25 and 50 % quantiles of its generations, in time
and in processor time; and the 5 % quantile of its first one, two, ... repetitions."""

import json
import pathlib
import shlex
import subprocess
import sys
import time

SHARES = (0.05, 0.1, 0.25, 0.5)
QUICK = 0.05  # kQuickShare of bench/compare/slow_share.h


def race(folder, rounds, command):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(int(rounds)):
        for turn in (0, 1):
            path = folder / f"{number:04}-{turn}.json"
            if path.exists():
                continue  # recorded earlier: go on with the next round
            started = time.time()
            done = subprocess.run(command.replace("{json}", shlex.quote(str(path))), shell=True)
            if done.returncode > 1:
                sys.exit(f"round {number}: exit code {done.returncode}")
            print(number, turn, f"{time.time() - started:.1f} s", flush=True)


def quantile(samples, share):
    """The same quantile as in bench/compare/slow_share.cpp."""
    samples = sorted(samples)
    place = share * (len(samples) - 1)
    below = int(place)
    above = min(below + 1, len(samples) - 1)
    return samples[below] + (samples[above] - samples[below]) * (place - below)


def rows_of(path):
    """For every cell its name and lists of seconds per record."""
    for cell in json.loads(path.read_text())["npyrace"]["cells"]:
        records = cell["records"]
        timed = cell["evidence"]["generations_timed"]
        wall, cpu = cell["generation_seconds"], cell["generation_cpu_seconds"]
        firsts = [timed * n for n in range(1, len(cell["seconds"]) + 1)]
        columns = [
            [s / timed for s in cell["seconds"]],
            [quantile(wall, share) for share in SHARES],
            [quantile(cpu, share) for share in SHARES],
            [quantile(wall[:n], QUICK) for n in firsts],
            [quantile(cpu[:n], QUICK) for n in firsts],
        ]
        yield f"{cell['strategy']} {cell['layout']}", [[s / records for s in column] for column in columns]


def table(arguments):
    print("series,round,turn,cell,repetitions,wall 5 10 25 50 %,cpu 5 10 25 50 %,wall 5 % of first,cpu 5 % of first")
    for argument in arguments:
        series, folder = argument.split("=")
        for path in sorted(pathlib.Path(folder).glob("*-*.json")):
            number, turn = map(int, path.stem.split("-"))
            for name, columns in rows_of(path):
                print(series, number, turn, name,
                      *(" ".join(f"{s * 1e9:.4g}" for s in column) for column in columns), sep=",")


if __name__ == "__main__":
    if sys.argv[1:2] == ["race"] and len(sys.argv) == 5:
        race(*sys.argv[2:])
    elif sys.argv[1:2] == ["csv"] and len(sys.argv) > 2:
        table(sys.argv[2:])
    else:
        sys.exit(__doc__)
