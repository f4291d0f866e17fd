"""Finds and runs the npyrace program."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterable, Optional, Sequence, Union

#: Anything that names a file: a string or an ``os.PathLike``.
PathLike = Union[str, "os.PathLike[str]"]


class NpyraceError(Exception):
    """The npyrace program could not do what it was asked to.

    Attributes
    ----------
    exit_code : int
        Exit code of the program: 2 for wrong arguments, 3 if the system, a file or the lab failed.
    """

    def __init__(self, message: str, exit_code: int = 3) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def find_program() -> str:
    """Return the path of the npyrace program.

    It is, in this order, the one that the environment variable ``NPYRACE`` names, the one in this package, and
    ``npyrace`` on ``PATH``.

    Returns
    -------
    str
        A path.

    Raises
    ------
    NpyraceError
        If there is none.
    """
    named = os.environ.get("NPYRACE")
    if named:
        return named
    bundled = Path(__file__).parent / "bin" / "npyrace"
    if bundled.exists():
        return str(bundled)
    # The command of this package is a script that runs the program: it would start itself for ever.
    own_commands = Path(sys.executable).parent
    folders = [f for f in os.get_exec_path() if Path(f) != own_commands]
    found = shutil.which("npyrace", path=os.pathsep.join(folders))
    if found is None:
        raise NpyraceError("there is no npyrace program for this platform in the package, and none on PATH; "
                           "the environment variable NPYRACE can name one")
    return found


def run_program(arguments: Iterable[object], accepted: Iterable[int] = (0,), *, show: bool = False,
                cwd: Optional[PathLike] = None) -> "subprocess.CompletedProcess[str]":
    """Run the npyrace program to its end.

    Parameters
    ----------
    arguments : iterable of objects
        Each is passed as ``str(argument)``.
    accepted : iterable of int
        Exit codes that are answers, not errors.
    show : bool
        Let the program write its progress to this process's standard error.
    cwd : path, optional
        Directory in which it runs.

    Returns
    -------
    subprocess.CompletedProcess
        With ``stdout``, and with ``stderr`` unless `show`.

    Raises
    ------
    NpyraceError
        With the program's message, for any other exit code.
    """
    done = run_to_end([find_program(), *map(str, arguments)], cwd=cwd, stdin=subprocess.DEVNULL,
                      stdout=subprocess.PIPE, stderr=None if show else subprocess.PIPE)
    if done.returncode not in set(accepted):
        raise NpyraceError(message_of(done), done.returncode)
    return done


def run_to_end(command: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[str]":
    """As ``subprocess.run``, which kills the command at an interrupt: here it can remove its files first."""
    process: "Optional[subprocess.Popen[str]]" = None
    try:
        process = subprocess.Popen(command, encoding="utf8", errors="replace", **options)
        out, err = process.communicate()
    except BaseException as error:
        if process is not None:  # the interrupt may come at any moment after the start
            process.send_signal(signal.SIGINT)
            process.communicate()
        elif isinstance(error, OSError):
            raise NpyraceError(f"{command[0]}: {error.strerror}") from None
        raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def message_of(done: "subprocess.CompletedProcess[str]") -> str:
    """The program's last line on standard error that is a message."""
    lines = [line for line in (done.stderr or "").splitlines() if line.strip()]
    own = [line[len("npyrace: "):] for line in lines if line.startswith("npyrace: ")]
    if own or lines:
        return (own or lines)[-1]
    return f"npyrace ended with exit code {done.returncode}"
