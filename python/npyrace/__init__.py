"""npyrace: many jobs write one shared NumPy file. Find out what is safe, write that way, and check it.

Reading a file's header and single rows: `read_header`, `window`. Writing one array by many jobs: `split`, `create`,
`writer`. Measuring a file system, a program or a file: `run`, `verify`, `compare`, `gate`, `watch`, `read_result`.
A cluster file system on this machine, for tests: `Lab`, and the pytest fixtures of `npyrace.pytest_plugin`.
"""

from __future__ import annotations

from npyrace._header import Header, read_header, window
from npyrace._lab import Lab
from npyrace._layout import create, split
from npyrace._measure import FailedCells, GateReport, compare, gate, read_result, run, verify, watch
from npyrace._program import NpyraceError, find_program
from npyrace._writer import Way, Writer, writer
from npyrace.results import Comparison, Result, WatchResult

__all__ = [
    "Comparison", "FailedCells", "GateReport", "Header", "Lab", "NpyraceError", "Result", "WatchResult", "Way",
    "Writer", "compare", "create", "find_program", "gate", "read_header", "read_result", "run", "split", "verify",
    "watch", "window", "writer",
]
