"""clang-tidy with the project's .clang-tidy finds nothing in any room.

A release build compiles each room as one file, so checking all rooms takes two minutes of processor time. Other builds
compile each source file alone, which would take a quarter of an hour, so there only files that differ from HEAD are
checked.
"""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def commands(build):
    """The compile commands of the program, without those of tests."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        foreign = "_deps" in file.parts or "tests" in file.parts or file.name.endswith("_test.cpp")
        if not foreign and (file.is_relative_to(build) or file.is_relative_to(SOURCE)):
            yield file


def changed():
    listed = subprocess.run(["git", "-C", SOURCE, "diff", "--name-only", "HEAD"], capture_output=True, text=True)
    return {SOURCE / name for name in listed.stdout.split()}


def check(build, file):
    done = subprocess.run(["clang-tidy", "-p", build, "--quiet", file], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main():
    build = pathlib.Path(os.environ["NPYRACE_BUILD"])
    if shutil.which("clang-tidy") is None:
        skip("clang-tidy is not installed (Debian: clang-tidy)")
    if not (build / "compile_commands.json").exists():
        skip("the build has no compile_commands.json (CMAKE_EXPORT_COMPILE_COMMANDS)")
    files = list(commands(build))
    if not any("Unity" in file.parts for file in files):
        differ = changed()
        files = [file for file in files if file in differ]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = [text for text in pool.map(lambda file: check(build, file), files) if text]
    print("".join(findings) or f"{len(files)} files without a finding")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
