#!/usr/bin/env python3
"""Turns results of repeated runs into recorded.csv, on which gate_figures counts errors.

record.py SERIES=DIR ... > recorded.csv   with DIR holding the --json of runs of the same command"""

import json
import pathlib
import sys


def main():
    print("series,run,cell,seconds of one record in every repetition")
    for argument in sys.argv[1:]:
        series, folder = argument.split("=")
        for number, path in enumerate(sorted(pathlib.Path(folder).glob("*.json"))):
            result = json.loads(path.read_text())["npyrace"]
            for cell in result["cells"]:
                evidence = cell["evidence"]
                records = cell["records"] * evidence.get("generations_timed", evidence["generations"])
                name = f"{cell['strategy']} {cell['layout']}"
                print(series, number, name, " ".join(f"{s / records:.4g}" for s in cell["seconds"]), sep=",")
            for reference in result["reference"]:
                print(series, number, reference["name"],
                      " ".join(f"{s:.4g}" for s in reference["seconds"]), sep=",")


main()
