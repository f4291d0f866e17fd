"""npyrace: many jobs write one shared NumPy file. Find out what is safe, write that way, and check it.

Reading a file's header and single rows: `read_header`, `window`. Writing one array by many jobs: `split`, `create`,
`writer`. Measuring a file system, a program or a file: `run`, `verify`, `compare`, `gate`, `watch`, `read_result`.
A cluster file system on this machine, for tests: `Lab`, and the pytest fixtures of `npyrace.pytest_plugin`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, List

from npyrace._header import Header, read_header, window
from npyrace._layout import create, split
from npyrace._program import NpyraceError, find_program
from npyrace._writer import Way, Writer, writer

if TYPE_CHECKING:
    from npyrace._lab import Lab
    from npyrace._measure import FailedCells, GateReport, compare, gate, read_result, run, verify, watch
    from npyrace.results import Comparison, Result, WatchResult

__all__ = [
    "Comparison", "FailedCells", "GateReport", "Header", "Lab", "NpyraceError", "Result", "WatchResult", "Way",
    "Writer", "compare", "create", "find_program", "gate", "read_header", "read_result", "run", "split", "verify",
    "watch", "window", "writer",
]

#: Names of modules that are imported at their first use: jobs that only write need not load them.
_LATER = {"Lab": "_lab", "Comparison": "results", "Result": "results", "WatchResult": "results",
          **dict.fromkeys(("FailedCells", "GateReport", "compare", "gate", "read_result", "run", "verify", "watch"),
                          "_measure")}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
