#!/usr/bin/env python3
"""Records rounds of the same twice, and turns them into recorded.csv, on which gate_figures counts errors.

record.py race FOLDER ROUNDS COMMAND     COMMAND, a shell command, runs twice a round; {json} is where its result goes
record.py csv SERIES=FOLDER[:FIRST-LAST] ... > recorded.csv     the rounds of each folder, in the order they were made

What a round holds was measured one after the other; which of the two is base and which is new is for who reads it."""

import json
import pathlib
import shlex
import subprocess
import sys
import time


def race(folder, rounds, command):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(int(rounds)):
        for turn in (0, 1):
            path = folder / f"{number:04}-{turn}.json"
            if path.exists():
                continue  # an earlier recording, gone on with
            started = time.time()
            done = subprocess.run(command.replace("{json}", shlex.quote(str(path))), shell=True)
            if done.returncode > 1:
                sys.exit(f"round {number}: exit code {done.returncode}")
            print(number, turn, f"{time.time() - started:.1f} s", flush=True)


def rows_of(path):
    """Name, and nanoseconds of one record in every repetition; of references, of all of them."""
    result = json.loads(path.read_text())["npyrace"]
    for cell in result["cells"]:
        evidence = cell["evidence"]
        records = cell["records"] * evidence.get("generations_timed", evidence["generations"])
        yield f"{cell['strategy']} {cell['layout']}", [s / records for s in cell["seconds"]]
    for reference in result["reference"]:
        yield reference["name"], reference["seconds"]


def table(arguments):
    print("series,round,turn,cell,nanoseconds of one record in every repetition")
    for argument in arguments:
        series, folder = argument.split("=")
        folder, _, span = folder.partition(":")
        first, last = map(int, span.split("-")) if span else (0, 10**6)
        for path in sorted(pathlib.Path(folder).glob("*.json")):
            number, turn = map(int, path.stem.split("-"))
            if not first <= number <= last:
                continue
            for name, seconds in rows_of(path):
                samples = " ".join(f"{s * 1e9:.4g}" for s in seconds)
                print(series, number - first, turn, name, samples, sep=",")


if __name__ == "__main__":
    if sys.argv[1:2] == ["race"] and len(sys.argv) == 5:
        race(*sys.argv[2:])
    elif sys.argv[1:2] == ["csv"] and len(sys.argv) > 2:
        table(sys.argv[2:])
    else:
        sys.exit(__doc__)
