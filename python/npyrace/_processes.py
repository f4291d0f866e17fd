"""Calls one function in several processes at once: the command that the fixture `npyrace_watch` runs."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from typing import Any, Callable, List, Sequence, Tuple


def save(path: str, function: Callable[..., object], arguments: Sequence[Tuple[Any, ...]]) -> List[str]:
    """Write the calls into a file. Returns the command that makes them."""
    with open(path, "wb") as file:
        pickle.dump((function, list(arguments)), file)
    # Loading the function imports its module, for which this process may have extended its path.
    return [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import main; main()", path]


def main() -> None:
    with open(sys.argv[1], "rb") as file:
        function, calls = pickle.load(file)
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=function, args=arguments) for arguments in calls]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    sys.exit(any(process.exitcode for process in processes))
