"""Measures npyrace_micro (Google Benchmark) and lets `npyrace gate` compare it with the kept result:
micro.py PROGRAM [--write]. --write keeps the new result, in a file
for each kind of machine.

Times are processor times divided by that of a copy in memory of the same run, so that another load or clock rate changes
little. The gate fails if a benchmark takes certainly more than three times as long as in the kept result, in up to five
runs. Another processor has other ratios, and a build without optimization too: then the test is skipped."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from machine import machine, vectors

HERE = pathlib.Path(__file__).resolve().parent
KEPT = HERE / f"micro-{vectors()}.json"  # of this kind of machine
NPYRACE = os.environ.get("NPYRACE", "npyrace")
SKIPPED = 77


def measure_command(program, path):
    return [program, "--benchmark_min_time=0.01", "--benchmark_repetitions=16", "--benchmark_enable_random_interleaving=true",
            f"--benchmark_out={path}", "--benchmark_out_format=json"]


def measured(program, path):
    subprocess.run(measure_command(program, path), check=True, capture_output=True)
    return json.loads(path.read_text(encoding="utf8"))


def kept_form(result):
    """One line a measurement, without what depends on the moment."""
    rows = [{key: row[key] for key in ("name", "real_time", "cpu_time")}
            for row in result["benchmarks"] if row["run_type"] == "iteration"]
    rows.sort(key=lambda row: row["name"])
    for row in rows:
        row["real_time"], row["cpu_time"] = (round(row[key], 2) for key in ("real_time", "cpu_time"))
    context = {"processor": machine()["processor"], "optimized": result["context"]["optimized"]}
    lines = ",\n".join(json.dumps(row) for row in rows)
    return f'{{"context": {json.dumps(context)},\n"benchmarks": [\n{lines}\n]}}\n'


def main():
    program, write = sys.argv[1], sys.argv[2:] == ["--write"]
    with tempfile.TemporaryDirectory(prefix="npyrace-micro-") as folder:
        path = pathlib.Path(folder) / "new.json"
        result = measured(program, path)
        if "optimized" not in result["context"]:
            print("skipped: npyrace_micro is built without optimization")
            return SKIPPED
        if write:
            KEPT.write_text(kept_form(result), encoding="utf8")
            return 0
        here = machine()["processor"]
        if not KEPT.exists() or json.loads(KEPT.read_text(encoding="utf8"))["context"]["processor"] != here:
            print(f"skipped: no result of a {here} with {vectors()} is kept")
            return SKIPPED
        again = " ".join(measure_command(program, "{json}")) + " >/dev/null 2>&1"
        sys.stdout.flush()
        return subprocess.run([NPYRACE, "gate", KEPT, path, "--time", "cpu", "--relative-to", "reference/memcpy",
                               "--max-slowdown", "200%", "--allow-unmeasured", "--rerun-rounds", "4", "--rerun", again]).returncode


sys.exit(main())
