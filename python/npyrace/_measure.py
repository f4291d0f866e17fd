"""Runs the program and returns its answers as Python objects."""

from __future__ import annotations

import json
import os
import tempfile
import xml.etree.ElementTree as xml
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from npyrace._from_json import from_json
from npyrace._program import NpyraceError, PathLike, find_program, message_of, run_program, run_to_end
from npyrace.results import Comparison, Result, WatchResult

#: A result, or a file with one.
ResultLike = Union[PathLike, Result, WatchResult]


class FailedCells(NpyraceError):
    """Some cells or files could not be measured; the others were.

    Attributes
    ----------
    exit_code : int
        3.
    result : Result
        Cells that could not be measured have the verdict ``failed`` and a reason.
    """

    def __init__(self, message: str, result: Result) -> None:
        super().__init__(message)
        self.result = result


@dataclass(frozen=True)
class GateReport:
    """The decision of ``npyrace gate``.

    Attributes
    ----------
    passed : bool
        False also if no cell could be decided.
    undecided : int
        Number of cells that could not be decided, because of noise or because BASE did not measure them.
    text : str
        The decision for each cell, and the reasons.
    exit_code : int
        0: passed; 1: failed; 3: no cell could be decided.
    """

    passed: bool
    undecided: int
    text: str
    exit_code: int

    def __str__(self) -> str:
        return self.text


def read_result(source: Union[PathLike, Mapping[str, Any]]) -> Union[Result, WatchResult]:
    """Read what ``npyrace run``, ``verify``, ``watch`` or ``watched`` wrote with ``--json``.

    Parameters
    ----------
    source : path or mapping
        The file, or its content as ``json.load`` returns it.

    Returns
    -------
    Result or WatchResult
        By what the file is.

    Raises
    ------
    ValueError
        If it is no such result; the message names the place.
    OSError
        If it cannot be read.
    """
    name = "" if isinstance(source, Mapping) else f"{os.fspath(source)}: "
    try:
        data: Any = source if isinstance(source, Mapping) else json.loads(Path(source).read_bytes())
        if isinstance(data, Mapping) and "npyrace_watch" in data:
            return replace(from_json(WatchResult, data), json=data)
        if isinstance(data, Mapping) and "npyrace" in data:
            return replace(from_json(Result, data["npyrace"]), json=data)
    except ValueError as error:
        raise ValueError(f"{name}{error}") from None
    raise ValueError(f"{name}neither a result of npyrace run or verify nor one of watch")


def run(dirs: Union[PathLike, Sequence[PathLike]] = ".", *scenarios: str, lab: Optional[str] = None,
        show: bool = False, **options: object) -> Result:
    """Race write strategies on a shared file.

    Parameters
    ----------
    dirs : path or sequence of paths
        Directories in which to race. Several must be mounts of one file system and stand for several nodes.
    *scenarios : str
        Prepared experiments, ``quick`` unless given; ``npyrace list scenarios`` lists them.
    lab : str, optional
        Race in a lab of this model instead: ``nfs``, ``session``, …
    show : bool
        Let the program write its progress to this process's standard error.
    **options
        The long options of ``npyrace run`` with ``_`` for ``-``: ``writers=[2, 8]``, ``at_most="10m"``,
        ``keep=True``, ``for_="1h"``, ``label={"commit": "1234"}``, ``descr=numpy.dtype("<f4")``.

    Returns
    -------
    Result
        Unsafe cells are an answer, not an error.

    Raises
    ------
    NpyraceError
        With ``exit_code`` 2 for wrong arguments and 3 if it could not be measured.
    FailedCells
        If only some cells could not be measured.

    Examples
    --------
    >>> import npyrace, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result = npyrace.run(folder, strategies="pwrite", layouts="packed", records=64, repetitions=1)
    >>> result.cell("pwrite/packed").anomalies.lost
    0
    """
    several = [dirs] if isinstance(dirs, (str, os.PathLike)) else list(dirs)
    places = [] if lab is not None and several == ["."] else _option("dir", several)
    return _measure(["run", *places, *_option("lab", lab)], scenarios, options, show)


def verify(files: Union[PathLike, Sequence[PathLike]], **options: object) -> Result:
    """Read arrays of test records back and classify every record.

    Parameters
    ----------
    files : path or sequence of paths
        Arrays that ``npyrace create`` made, or ``run`` with ``keep=True``.
    **options
        The long options of ``npyrace verify`` with ``_`` for ``-``: ``complete=True``, ``via="direct"``.

    Returns
    -------
    Result
        With one cell a file. Damage is an answer, not an error.

    Raises
    ------
    NpyraceError
        With ``exit_code`` 2 for wrong arguments.
    FailedCells
        If a file cannot be read.
    """
    several = [files] if isinstance(files, (str, os.PathLike)) else list(files)
    return _measure(["verify"], [os.fspath(file) for file in several], options)


def compare(base: Union[ResultLike, Sequence[ResultLike]], new: Union[ResultLike, Sequence[ResultLike]],
            **options: object) -> Comparison:
    """Set two results side by side: verdicts and speed, with intervals.

    Parameters
    ----------
    base, new : Result or path, or a sequence of them
        The earlier measurement and the new one; several runs of a side tell more.
    **options
        The long options of ``npyrace compare`` with ``_`` for ``-``: ``paired=True``, ``time="cpu"``.

    Returns
    -------
    Comparison

    Raises
    ------
    NpyraceError
        With ``exit_code`` 2 for wrong arguments and 3 if a result cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="npyrace-") as folder:
        document = json.loads(run_program(["compare", *_sides(base, new, folder), *options_of(options), "--json=-"]).stdout)
    return replace(from_json(Comparison, document), json=document)


def gate(base: Union[ResultLike, Sequence[ResultLike]], new: Union[ResultLike, Sequence[ResultLike]],
         **options: object) -> GateReport:
    """Decide whether a result is worse than an earlier one, beyond noise.

    Parameters
    ----------
    base, new : Result, WatchResult or path, or a sequence of them
        The earlier measurement and the new one; several runs of a side tell more. Watch results: one of each.
    **options
        The long options of ``npyrace gate`` with ``_`` for ``-``: ``max_slowdown="5%"``, ``allow_missing=True``.

    Returns
    -------
    GateReport
        A gate that failed, or could decide nothing, is an answer, not an error.

    Raises
    ------
    NpyraceError
        With ``exit_code`` 2 for wrong arguments and 3 if a result cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="npyrace-") as folder:
        junit = Path(folder) / "junit.xml"
        command = ["gate", *_sides(base, new, folder), *options_of(options), f"--junit={junit}"]
        done = run_program(command, accepted=(0, 1, 3))
        if not junit.exists():  # with it, exit code 3 means that the gate decided that it can decide nothing
            raise NpyraceError(message_of(done), done.returncode)
        skipped = sum(1 for _ in xml.parse(junit).iter("skipped"))
        return GateReport(done.returncode == 0, skipped, done.stdout, done.returncode)


def watch(command: Union[str, Sequence[object]], *, lab: Optional[str] = None,
          semantics: Optional[Union[PathLike, Result]] = None, env: Optional[Mapping[str, str]] = None,
          **options: object) -> WatchResult:
    """Run any program and find the parts of files that two of its processes wrote.

    Parameters
    ----------
    command : str or sequence
        For a shell, or a program with its arguments. It has this process's input, output and error output.
    lab : str, optional
        Run it in a lab of this model; the command contains ``{n1}`` and ``{n2}``, the directories of two nodes.
    semantics : Result or path, optional
        The measurement of ``run(dirs, "semantics")`` on two mounts of the file system.
    env : mapping, optional
        Environment of the command; by default this process's.
    **options
        The long options of ``npyrace watch`` with ``_`` for ``-``: ``match=["*.npy", "*.bin"]`` (names of the files
        to watch), ``into="logs"``, ``html="watch.html"``.

    Returns
    -------
    WatchResult
        With the command's exit code in ``exit_code``, whatever it is.

    Raises
    ------
    NpyraceError
        With ``exit_code`` 2 for wrong arguments and 3 if the command could not be watched.
    """
    words = ["sh", "-c", command] if isinstance(command, str) else [str(word) for word in command]
    with tempfile.TemporaryDirectory(prefix="npyrace-") as folder:
        output = Path(folder) / "watch.json"
        if semantics is not None:
            options["semantics"] = _files(semantics, folder, "semantics")[0]
        arguments = ["watch", *_option("lab", lab), *options_of(options), f"--json={output}"]
        code, message = _run_apart(arguments, words, env, Path(folder) / "messages")
        if not output.exists():
            raise NpyraceError(message, code if code in (2, 3) else 3)
        result = read_result(output)
    assert isinstance(result, WatchResult)
    return replace(result, exit_code=code)


#: The program writes its own messages into a file; the command keeps this process's standard error, by way of 9.
_APART = ["sh", "-c", 'said=$1; shift; exec "$@" 9>&2 2>"$said"', "sh"]
_REJOIN = ["sh", "-c", 'exec "$@" 2>&9 9>&-', "sh"]


def _run_apart(arguments: Sequence[str], command: Sequence[str], env: Optional[Mapping[str, str]],
               said: Path) -> Tuple[int, str]:
    """Run ``npyrace ARGUMENTS -- COMMAND``. Returns the exit code and the program's message."""
    done = run_to_end([*_APART, str(said), find_program(), *arguments, "--", *_REJOIN, *command], env=env)
    done.stderr = said.read_text(encoding="utf8", errors="replace")
    return done.returncode, message_of(done)


def _measure(command: List[str], operands: Sequence[str], options: Mapping[str, object], show: bool = False) -> Result:
    with tempfile.TemporaryDirectory(prefix="npyrace-") as folder:
        output = Path(folder) / "result.json"
        try:
            run_program([*command, *options_of(options), f"--json={output}", "--", *operands], (0, 1), show=show)
        except NpyraceError as error:
            if error.exit_code != 3 or not output.exists():
                raise
            raise FailedCells(str(error), _read_run(output)) from None
        return _read_run(output)


def _read_run(path: Path) -> Result:
    result = read_result(path)
    assert isinstance(result, Result)
    return result


def _files(side: Union[ResultLike, Sequence[ResultLike]], folder: str, name: str) -> List[str]:
    """Paths of one side's results; those that are objects are written into `folder`."""
    several = [side] if isinstance(side, (str, os.PathLike, Result, WatchResult)) else list(side)
    paths = []
    for i, one in enumerate(several):
        if isinstance(one, (Result, WatchResult)):
            path = Path(folder) / f"{name}-{i}.json"
            one.save(path)
            paths.append(str(path))
        else:
            paths.append(os.fspath(one))
    return paths


def _sides(base: Union[ResultLike, Sequence[ResultLike]], new: Union[ResultLike, Sequence[ResultLike]],
           folder: str) -> List[str]:
    return _option("base", _files(base, folder, "base")) + _option("new", _files(new, folder, "new"))


def options_of(options: Mapping[str, object]) -> List[str]:
    return [word for key, value in options.items() for word in _option(key.rstrip("_").replace("_", "-"), value)]


def _option(name: str, value: object) -> List[str]:
    """An option of the program: True is a bare flag, None and False are none, several values repeat it."""
    if value is None or value is False:
        return []
    return [f"--{name}"] if value is True else [f"--{name}={text}" for text in _texts(name, value)]


def _texts(name: str, value: object) -> Iterator[str]:
    if name == "descr" and not isinstance(value, str):
        import numpy
        dtype_of: Any = numpy.dtype  # its declaration does not know all that it takes
        dtype = dtype_of(value)
        yield str(dtype.str if dtype.fields is None else dtype.descr)
    elif isinstance(value, Mapping):
        yield from (f"{key}={one}" for key, one in value.items())
    elif isinstance(value, (list, tuple)):
        yield from map(str, value)
    else:
        yield str(value)
