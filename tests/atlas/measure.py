"""Measures one place, that is a file system with its mounts, on this machine or in a virtual machine. Runs npyrace's
scenarios and the C probe for every cell, and writes results and output to one folder. row.py evaluates them.

  measure.py races|jobs|probe … --out FOLDER --pace PACE (--nodes A,B --store S | --lab MODEL) [--hosts A,B]
"""

import argparse
import json
import os
import platform
import re
import shlex
import subprocess
import sys
from pathlib import Path

import ways

HERE = Path(__file__).resolve().parent
PATIENCE_SECONDS = 1500
MOST_RACES = 3
LEAST_OVERLAP = 0.5  # share of the generations; npyrace itself requires less


def places(arguments):
    """npyrace's options for the directories. Nodes with the same directory count as one mount."""
    if arguments.at:
        return shlex.split(arguments.at)
    if arguments.lab:
        return ["--lab", arguments.lab]
    nodes = arguments.nodes.split(",")
    if arguments.hosts:  # uses the remote shell of ssh_on_nodes.sh
        return ["--launcher", "ssh", "--rsh", os.environ["RSH"], "--hosts", arguments.hosts, "--dir", nodes[0]]
    if len(set(nodes)) == 1:
        return ["--dir", nodes[0]]
    return ["--dir", arguments.nodes, "--judge", arguments.store]


def race(arguments, scenario, name):
    """Writes npyrace's exit code and output, and NAME.json if npyrace wrote a result."""
    done = subprocess.run(
        [arguments.npyrace, "run", scenario, *places(arguments),
         *ways.PACES[arguments.pace].arguments(scenario), "--json", arguments.out / f"{name}.json"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    (arguments.out / f"{name}.txt").write_text(done.stdout + done.stderr)
    trouble = done.stderr.strip().splitlines()
    return {"scenario": scenario, "exit_code": done.returncode,
            "trouble": trouble[-1] if done.returncode not in (0, 1) and trouble else ""}


def took_turns(result_path):
    """Whether the writers did not overlap, as happens on a busy machine. Such a race is no evidence."""
    if not result_path.exists():
        return False
    cells = json.loads(result_path.read_text())["npyrace"]["cells"]
    return any(cell["verdict"] == "inconclusive" and "overlap" in cell["reason"]
               or cell["verdict"] == "safe" and cell["evidence"]["overlapped_share"] < LEAST_OVERLAP for cell in cells)


def race_until_they_overlap(arguments, scenario):
    """Keeps the results of all attempts; row.py combines them."""
    outcomes = []
    for turn in range(1, MOST_RACES + 1):
        name = scenario if turn == 1 else f"{scenario}-{turn}"
        outcomes.append(race(arguments, scenario, name))
        if not took_turns(arguments.out / f"{name}.json"):
            break
    return outcomes


def run_jobs(arguments):
    """Writes jobs-TURN/STRATEGY-LAYOUT-CACHE.json. With two kernels each runs its own half of the jobs."""
    pace = ways.PACES[arguments.pace]
    places_of_nodes = list(dict.fromkeys(arguments.nodes.split(",")))
    stores = [arguments.store] if len(places_of_nodes) > 1 else []
    for turn in range(1, pace.job_turns + 1):
        name = f"jobs-{turn}"
        for folder in [arguments.out, *map(Path, places_of_nodes)]:
            (folder / name).mkdir(exist_ok=True)
        done = subprocess.run(
            [HERE.parent / "lab" / "jobs_on_nodes.sh", arguments.npyrace, arguments.out / name, str(pace.job_records),
             " ".join(ways.STRATEGIES), " ".join(ways.CACHES), *(f"{place}/{name}" for place in [*places_of_nodes, *stores])],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_SECONDS)
        if done.returncode != 0:
            raise SystemExit(f"measure: jobs: exit code {done.returncode}: {done.stdout[-2000:]}")


def probe_once(arguments, name, words):
    """Number of lost records, or the error if the file system refused."""
    done = subprocess.run([arguments.probe, *arguments.nodes.split(","), arguments.store, name, *words],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    found = re.fullmatch(r"lost (\d+) of \d+\n", done.stdout)
    if found:
        return int(found[1])
    if done.returncode == 0 and done.stdout.startswith("refused: "):
        return done.stdout.removeprefix("refused: ").strip()
    raise SystemExit(f"measure: probe {' '.join(words)}: exit code {done.returncode}: {done.stderr.strip()}")


def probe_cell(arguments, number, cell):
    """Repeats until records are lost, because some strategies lose them only sometimes. Does not use npyrace's verdict."""
    pace = ways.PACES[arguments.pace]
    words = [*ways.probe_words(*cell), f"records-{pace.probe_records}", *arguments.words]
    lost, refused = 0, ""
    for tried in range(1, pace.probe_tries + 1):
        answer = probe_once(arguments, f"probe-{number}-{tried}", words)
        if isinstance(answer, str):
            refused = answer
        else:
            lost = max(lost, answer)
        # With two kernels the probe needs both, so neither may stop because of its own result.
        if answer != 0 and not arguments.alone:
            break
    strategy, cache, layout = cell
    return {"strategy": strategy, "cache": cache, "layout": layout, "words": " ".join(words), "tries": tried,
            "lost": lost, "refused": refused}


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="+", choices=["races", "jobs", "probe"])
    parser.add_argument("--npyrace")
    parser.add_argument("--probe")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--pace", required=True, choices=ways.PACES)
    parser.add_argument("--nodes")
    parser.add_argument("--store")
    parser.add_argument("--lab")
    parser.add_argument("--at", help="npyrace's options for another place, in one word")
    parser.add_argument("--hosts", help="they reach each other by the remote shell in RSH")
    parser.add_argument("--words", default="", type=str.split, help="more words for the probe")
    parser.add_argument("--alone", help="this node, 1 or 2, where each has a kernel of its own")
    arguments = parser.parse_args()
    if arguments.alone:
        arguments.words.append(f"only-{arguments.alone}")
    return arguments


def main():
    arguments = read_arguments()
    if "races" in arguments.what:
        outcomes = [outcome for scenario in ways.SCENARIOS for outcome in (
            race_until_they_overlap(arguments, scenario) if scenario == "quick" else [race(arguments, scenario, scenario)])]
        (arguments.out / "races.json").write_text(json.dumps(outcomes))
    if "jobs" in arguments.what:
        run_jobs(arguments)
    if "probe" in arguments.what:
        cells = [probe_cell(arguments, number, cell) for number, cell in enumerate(ways.CELLS)]
        report = {"kernel": f"{platform.system()} {platform.release()}", "cells": cells}
        (arguments.out / f"probe{arguments.alone or ''}.json").write_text(json.dumps(report))
    os.sync()


if __name__ == "__main__":
    sys.exit(main())
