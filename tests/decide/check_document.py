#!/usr/bin/env python3
"""Runs a program that prints tables and compares a document with them.

check_document.py DOCUMENT PROGRAM ARGUMENTS...     the program must print every line of the document's tables"""

import pathlib
import subprocess
import sys


def lines_of(document, name):
    """The lines of the tables between <!-- printed by NAME --> and <!-- end -->."""
    inside = False
    for line in document.read_text().splitlines():
        if line.startswith("<!-- "):
            inside = line == f"<!-- printed by {name} -->"
        elif inside and line.startswith("|"):
            yield line


def main():
    document, program = map(pathlib.Path, sys.argv[1:3])
    printed = subprocess.run([program, *sys.argv[3:]], stdout=subprocess.PIPE, text=True)
    sys.stdout.write(printed.stdout)
    claimed = list(lines_of(document, program.name))
    known = set(printed.stdout.splitlines())
    wrong = [line for line in claimed if line not in known]
    for line in wrong:
        print(f"{document.name} says, and {program.name} does not: {line}")
    if not claimed:
        print(f"{document.name} has no table of {program.name}")
    sys.exit(printed.returncode or bool(wrong) or not claimed)


main()
