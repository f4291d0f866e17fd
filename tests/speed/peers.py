"""Measures npyrace beside other programs that do the same, in turns: peers.py [--shared DIR] [--disk DIR] [--mib N]
[--turns N] [--write] prints a Markdown table; --write puts it into docs/speed.md, and all figures into docs/speed.json,
beside those of other kinds of machines.

Each turn runs our program and the other one after it, as whole processes. A ratio is the median of (time of the other /
our time) over the turns: 1.0 is as fast as the other, less is slower. NPYRACE: path of the program, normally the static
one. Another program that is not installed is left out, which the table says."""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from machine import machine, put_between

HERE = pathlib.Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs"
BEGIN, END = "<!-- table of tests/speed/peers.py -->", "<!-- end of the table -->"
NPYRACE = os.environ.get("NPYRACE", "npyrace")

# name, descr, bytes of a record, layout
ARRAYS = [("records of 8 bytes", "|V8", 8, "packed"), ("records of 12 bytes", "|V12", 12, "packed"),
          ("records of 16 bytes", "|V16", 16, "packed"), ("records of 64 bytes", "|V64", 64, "packed"),
          ("rows of 1000 integers", "(1000,)<i8", 8000, "packed"), ("float64", "<f8", 8, "packed"),
          ("rows of 1000 float64", "(1000,)<f8", 8000, "packed"), ("rows of 2000 float32", "(2000,)<f4", 8000, "packed"),
          ("structures <i8, <f4, S4", "[('time', '<i8'), ('value', '<f4'), ('kind', 'S4')]", 16, "packed"),
          ("rows of 1000 float64", "(1000,)<f8", 8000, "padded-block"),
          ("records of 16 bytes", "|V16", 16, "padded-block"), ("records of 16 bytes", "|V16", 16, "padded-record")]


def seconds_of(command, **options):
    begin = time.monotonic()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, **options)
    return time.monotonic() - begin


def shape_options(descr, record_bytes, layout, size_bytes):
    records = size_bytes // (4096 if layout == "padded-record" else record_bytes)
    if descr.startswith("("):
        items, _, item = descr[1:].partition(",)")
        return ["--descr", item, "--shape", f"{records},{items}"]
    return ["--descr", descr, "--records", records]


def written_array(folder, descr, record_bytes, layout, size_bytes):
    """A file in which every record is right, and its sidecar."""
    path, empty = folder / "array.npy", folder / "empty.npy"
    for old in folder.iterdir():
        old.unlink()
    run = [NPYRACE, "create", empty, "--writers", 8, "--layout", layout,
           *shape_options(descr, record_bytes, layout, size_bytes)]
    seconds_of(run)
    seconds_of([NPYRACE, "expect", empty, path])
    os.replace(f"{empty}.npyrace.json", f"{path}.npyrace.json")
    empty.unlink()
    return path


class Contests:
    def __init__(self, turns):
        self.turns = turns
        self.rows = []

    def run(self, what, against, ours, theirs, before=lambda: None, times_turns=1):
        """ours, theirs: functions that return seconds, or commands."""
        sides = [side if callable(side) else (lambda command=side: seconds_of(command)) for side in (ours, theirs)]
        times = []
        for _ in range(self.turns * times_turns):
            turn = []
            for side in sides:
                before()
                turn.append(side())
            times.append(turn)
        ratios = sorted(b / a for a, b in times)
        row = {"what": what, "against": against, "speed": round(statistics.median(ratios), 3),
               "lowest": round(ratios[0], 3), "highest": round(ratios[-1], 3),
               "seconds": round(statistics.median(a for a, _ in times), 4),
               "other_seconds": round(statistics.median(b for _, b in times), 4)}
        self.rows.append(row)
        print(f"{what} / {against}: {row['speed']}", file=sys.stderr)

    def left_out(self, what, against, why):
        self.rows.append({"what": what, "against": against, "left_out": why})


def drop_cache(path):
    subprocess.run(["dd", f"of={path}", "oflag=nocache", "conv=notrunc,fdatasync", "count=0"], check=True,
                   capture_output=True)


def reading_from_memory(contests, folder, loop, size_bytes):
    for name, descr, record_bytes, layout in ARRAYS:
        path = written_array(folder, descr, record_bytes, layout, size_bytes)
        seconds_of([loop, path, "pread"])  # the first reading of new memory is slower
        contests.run(f"verify --via pread, {name}, {layout}", "a loop that reads and adds up",
                     [NPYRACE, "verify", path, "--via", "pread"], [loop, path, "pread"])
        if (descr, layout) == ("|V16", "packed"):
            contests.run(f"verify --via mmap, {name}, {layout}", "a loop that adds up a mapping",
                         [NPYRACE, "verify", path, "--via", "mmap"], [loop, path, "mmap"])
            copy = folder / "copy.npy"
            contests.run(f"expect, {name}, {layout}", "cp", [NPYRACE, "expect", path, copy],
                         ["cp", "--reflink=never", path, copy], before=lambda: copy.unlink(missing_ok=True))


def sparse(contests, folder, size_bytes):
    """A file a hundred times as long, with the same amount of data, beside a file that is all data."""
    full = written_array(folder, "|V16", 16, "packed", size_bytes)
    path = folder / "sparse.npy"
    small = folder / "small.npy"
    seconds_of([NPYRACE, "create", small, "--descr", "|V16", "--records", 100])
    records = 100 * size_bytes // 16
    header = small.read_bytes()[:128].replace(b"(100,)", f"({records},)".encode())[:127] + b"\n"
    with open(path, "wb") as file, open(full, "rb") as data:
        file.write(header)
        data.seek(len(header))
        shutil.copyfileobj(data, file, 1 << 20)
        file.truncate(len(header) + 100 * size_bytes)
    own = json.loads(pathlib.Path(f"{full}.npyrace.json").read_text(encoding="utf8"))
    own["array"]["records"], own["array"]["writers"] = records, 100
    pathlib.Path(f"{path}.npyrace.json").write_text(json.dumps(own), encoding="utf8")
    contests.run("verify --via pread, 99 % holes", "the same data without holes (also verify)",
                 [NPYRACE, "verify", path, "--via", "pread"], [NPYRACE, "verify", full, "--via", "pread"])


def reading_from_disk(contests, folder, size_bytes):
    path = written_array(folder, "|V16", 16, "packed", size_bytes)
    direct = ["dd", f"if={path}", "of=/dev/null", "bs=1M", "iflag=direct"]
    try:
        seconds_of(direct)
        contests.run("verify --via direct, from disk", "dd iflag=direct bs=1M",
                     [NPYRACE, "verify", path, "--via", "direct"], direct, times_turns=3)
    except subprocess.CalledProcessError:
        contests.left_out("verify --via direct, from disk", "dd iflag=direct bs=1M", "no O_DIRECT here")
    contests.run("verify --via pread, from disk", "dd bs=1M", [NPYRACE, "verify", path, "--via", "pread"],
                 ["dd", f"if={path}", "of=/dev/null", "bs=1M"], before=lambda: drop_cache(path), times_turns=3)


def other_checkers(contests, folder, loop, size_bytes):
    path = written_array(folder, "|V16", 16, "packed", size_bytes)
    for check in ["crc32c", "pattern"]:
        what, against = "verify --via pread, records of 16 bytes, packed", f"fio --verify={check} (verify_only)"
        if not shutil.which("fio"):
            contests.left_out(what, against, "fio is not installed")
            continue
        data = folder / f"fio.{check}"
        job = ["fio", "--name=check", f"--filename={data}", f"--size={size_bytes}", "--rw=write", "--bs=4k",
               f"--verify={check}", "--ioengine=psync", "--thread", "--verify_state_save=0"]
        job += ["--verify_pattern=0x5a"] if check == "pattern" else []
        seconds_of(job + ["--do_verify=0"], cwd=folder)
        contests.run(what, against, [NPYRACE, "verify", path, "--via", "pread"], job + ["--verify_only=1"])
        contests.run("a loop that reads and adds up", against, [loop, path, "pread"], job + ["--verify_only=1"])
        data.unlink()
    if not shutil.which("ior"):
        contests.left_out("verify --via pread", "ior -a POSIX -r -R", "ior is not installed")
        return
    data = folder / "ior"
    job = ["ior", "-a", "POSIX", "-t", "1m", "-b", str(size_bytes), "-o", data, "-k"]
    seconds_of(job + ["-w"])
    contests.run("verify --via pread, records of 16 bytes, packed", "ior -a POSIX -r -R",
                 [NPYRACE, "verify", path, "--via", "pread"], job + ["-r", "-R"])


def words(row):
    if row is None:
        return "–"
    if "left_out" in row:
        return f"not measured: {row['left_out']}"
    return f"{row['speed']:.2f} ({row['lowest']:.2f} to {row['highest']:.2f})"


def table(results):
    """A column for each kind of machine."""
    lines = []
    for result in results:
        here = result["machine"]
        lines.append(f"- {here['vectors']}: {here['processors']} processors ({here['processor']}), kernel "
                     f"{here['kernel']}, {result['date']}")
    lines += ["", "| npyrace | beside | " + " | ".join(result["machine"]["vectors"] for result in results) + " |",
              "|---" * (2 + len(results)) + "|"]
    by_contest = [{(row["what"], row["against"]): row for row in result["contests"]} for result in results]
    for contest in dict.fromkeys(key for rows in by_contest for key in rows):
        lines.append("| " + " | ".join([*contest, *(words(rows.get(contest)) for rows in by_contest)]) + " |")
    return "\n".join(lines) + "\n"


def keep(result):
    """In the place of the last result of this kind of machine."""
    file = DOCS / "speed.json"
    kind = result["machine"]["vectors"]
    results = [other for other in json.loads(file.read_text(encoding="utf8")) if other["machine"]["vectors"] != kind]
    results = sorted([*results, result], key=lambda one: one["machine"]["vectors"])
    file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf8")
    put_between(DOCS / "speed.md", BEGIN, END, table(results))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", default="/dev/shm", help="folder in memory")
    parser.add_argument("--disk", default=tempfile.gettempdir(), help="folder on a disk")
    parser.add_argument("--mib", type=int, default=1024, help="size of each file")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    contests, size_bytes = Contests(options.turns), options.mib << 20
    with tempfile.TemporaryDirectory(prefix="npyrace-peers-", dir=options.shared) as shared, \
            tempfile.TemporaryDirectory(prefix="npyrace-peers-", dir=options.disk) as disk:
        loop = pathlib.Path(disk) / "read_loop"
        subprocess.run(["cc", "-O3", "-fopenmp", "-o", loop, HERE / "read_loop.c"], check=True)
        kept = shutil.copy(loop, pathlib.Path(shared).with_suffix(".loop"))
        try:
            reading_from_memory(contests, pathlib.Path(shared), kept, size_bytes)
            sparse(contests, pathlib.Path(shared), size_bytes)
            other_checkers(contests, pathlib.Path(shared), kept, size_bytes)
            reading_from_disk(contests, pathlib.Path(disk), size_bytes)
        finally:
            os.unlink(kept)
    result = {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "mib": options.mib, "turns": options.turns,
              "contests": contests.rows}
    print(table([result]), end="")
    if options.write:
        keep(result)


main()
