"""Writing rows of one NPY file from many processes, in a way that was measured to lose nothing."""

from __future__ import annotations

import inspect
import json
import mmap
import operator
import os
import re
from types import TracebackType
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple, Type, Union

import numpy as np

from npyrace import _pieces
from npyrace._header import Header, check_rows, check_size, read_header
from npyrace._program import NpyraceError, PathLike

#: Strategies in which a process does not write its rows into the file by itself, or which this Python lacks.
_EXCLUDED = {"mpi-independent", "mpi-collective", "mpi-atomic", "local-then-copy",
             *([] if hasattr(mmap, "MAP_POPULATE") else ["mmap-populate"])}

#: The strategies of `npyrace list strategies` that a writer can use, with their functions.
WAYS: Mapping[str, Callable[..., None]] = {
    strategy: function for name, function in vars(_pieces).items()
    if name.startswith("by_") and (strategy := name[len("by_"):].replace("_", "-")) not in _EXCLUDED}


class Way(NamedTuple):
    """How a writer writes.

    Attributes
    ----------
    strategy : str
        A strategy of ``npyrace list strategies``.
    every : int
        Rows between two syncs; 0: one sync, after the last.
    unit : int
        Bytes of an alignment unit.
    shares : bool
        True if processes may write to the same unit, as measured.
    why : str
        Where this was found.
    """

    strategy: str
    every: int
    unit: int
    shares: bool
    why: str


#: Without a result: one pwrite into units that no other process writes to, then fsync. In docs/atlas.json pwrite into
#: units of one's own is unsafe on no file system.
DEFAULT_WAY = Way("pwrite-batch", 0, max(4096, mmap.PAGESIZE), False, "safe on every file system of npyrace's atlas")


class Writer:
    """Writes rows of an NPY file that other processes write at the same time. Made by `writer`."""

    def __init__(self, path: PathLike, header: Header, way: Way, rows: Optional[range] = None) -> None:
        self._path = os.fspath(path)
        self._header = header
        self._way = way
        self._rows = rows
        self._open = True
        self._file = self._identity()

    @property
    def header(self) -> Header:
        """The file's header."""
        return self._header

    @property
    def way(self) -> Way:
        """How rows are written."""
        return self._way

    def __repr__(self) -> str:
        return f"<npyrace.Writer of {self._path}: {self._way.strategy}; {self._way.why}>"

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self._open = False

    def __setitem__(self, rows: Union[int, slice], block: Any) -> None:
        """Write rows: ``w[a:b] = block``.

        When this returns, the rows are written and synced. Each assignment opens the file, so that it also sees and
        shows what close-to-open consistency promises: assign many rows at once.

        Parameters
        ----------
        rows : int or slice
            Rows along the first axis.
        block : array_like
            Their content; it is converted and broadcast as NumPy does it in an assignment.

        Raises
        ------
        ValueError
            If the rows share an alignment unit with others, where that was not measured to be safe; if the block does
            not fit; or if the writer is closed.
        IndexError
            If the array does not have these rows, or they are not among those that this writer was made for.
        OSError
            If writing fails: the rows may then be written in part.
        """
        if not self._open:
            raise ValueError(f"{self._path}: the writer is closed")
        if self._identity() != self._file:
            raise ValueError(f"{self._path}: this is another file than the one that the writer was made for")
        indices, shape = self._indices(rows)
        base, inner = self._header.dtype.subdtype or (self._header.dtype, ())
        records = block
        if not (isinstance(block, np.ndarray) and block.shape == (*shape, *inner) and block.dtype == base):
            records = np.empty((*shape, *inner), base)
            records[...] = block
        row_bytes = self._header.row_bytes
        if records.size == 0 or row_bytes == 0:
            return
        records = records.reshape(len(indices), *self._header.shape[1:], *inner)
        places = range(self._header.offset + indices.start * row_bytes, self._header.offset + indices.stop * row_bytes,
                       indices.step * row_bytes)
        self._check_units(indices)
        function = WAYS[self._way.strategy]
        unit = {"unit": self._way.unit} if "unit" in inspect.signature(function).parameters else {}
        function(self._path, places, records, self._way.every, **unit)

    def _identity(self) -> Tuple[int, int, bool]:
        """Device and inode of the file, and whether it holds the whole array."""
        status = os.stat(self._path)
        return status.st_dev, status.st_ino, status.st_size >= self._header.end

    def _indices(self, rows: Union[int, slice]) -> Tuple[range, Tuple[int, ...]]:
        """The rows' numbers, upwards, and the shape of a block for them."""
        count, row = self._header.shape[0], self._header.shape[1:]
        if isinstance(rows, slice):
            indices = range(count)[rows]
            if indices.step < 0:
                raise ValueError(f"{self._path}: rows are written upwards: {rows} has a negative step")
            shape: Tuple[int, ...] = (len(indices), *row)
        else:
            try:
                if isinstance(rows, (bool, np.bool_)):
                    raise TypeError
                number = operator.index(rows)
            except TypeError:
                raise TypeError(f"{self._path}: whole rows are written: w[a:b] or w[i], not w[{rows!r}]") from None
            if not -count <= number < count:
                raise IndexError(f"{self._path}: row {number} of an array of {count} rows")
            number %= count
            indices, shape = range(number, number + 1), row
        if self._rows is not None and len(indices) and not (indices[0] in self._rows and indices[-1] in self._rows):
            raise IndexError(f"{self._path}: rows {indices[0]} to {indices[-1] + 1} are not within rows "
                             f"{self._rows.start} to {self._rows.stop}, which this writer was made for")
        return indices, shape

    def _check_units(self, indices: range) -> None:
        """Raise ValueError if another process could have rows in a unit of these."""
        if self._way.shares:
            return
        row_bytes = self._header.row_bytes
        runs = ([self._rows] if self._rows is not None else  # only their ends can be shared
                [indices] if indices.step == 1 else [range(i, i + 1) for i in indices])
        for run in runs:
            begin, end = (self._header.offset + row * row_bytes for row in (run.start, run.stop))
            at = (begin if begin % self._way.unit and run.start > 0 else
                  end if end % self._way.unit and run.stop < self._header.shape[0] else None)
            if at is not None:
                unit = at // self._way.unit * self._way.unit
                raise ValueError(
                    f"{self._path}: rows {run.start} to {run.stop} share the bytes {unit} to {unit + self._way.unit} "
                    f"with rows of other processes, which is not safe here ({self._way.why}). Give each process rows "
                    f"from npyrace.split(shape, dtype, workers, align={self._way.unit}, offset={self._header.offset})"
                    " in an array from npyrace.create; or name all rows of this process: writer(..., rows=slice(a, b));"
                    " or, if the result found a way that is safe in shared units: writer(..., share_units=True)")


def writer(path: PathLike, result: Any = None, *, rows: Optional[slice] = None, share_units: bool = False) -> Writer:
    """Open an NPY file to write rows of it while other processes write others.

    Parameters
    ----------
    path : str or os.PathLike
        A complete NPY file in C order, from `create` for instance.
    result : str, os.PathLike, Result or mapping, optional
        A result of ``npyrace run --json`` or of `run`, measured on this file system. Rows are then written in the way
        that it recommends; if a process cannot write so by itself (MPI, a file per writer), in the fastest other way
        that was safe. Default: one pwrite into alignment units that no other process writes to, then fsync, which was
        unsafe on no file system of npyrace's atlas.
    rows : slice, optional
        All rows that this process writes, if it writes them in several parts: only the ends of these rows must not
        share an alignment unit with rows of others.
    share_units : bool
        Take the fastest way of the result in which it is safe that processes write to the same alignment unit, also
        if another way is faster.

    Returns
    -------
    Writer
        To be used as ``with writer(path) as w: w[a:b] = block``. Assignments are complete when they return.

    Raises
    ------
    NpyraceError
        If nothing was safe in the result (with `share_units`: in shared units), or it was measured on another type of
        file system.
    ValueError
        If the file is not a complete NPY file whose rows are contiguous, or the result is not one.
    OSError
        If a file cannot be read.

    Examples
    --------
    >>> mine = create("a.npy", (1440, 1000), "<f4", workers=4)[2]
    >>> with writer("a.npy") as w:
    ...     w[mine] = np.ones((256, 1000))
    >>> window("a.npy", 767, 769)[:, 0]
    memmap([0., 1.], dtype=float32)
    """
    name = os.fspath(path)
    header = read_header(path)
    check_rows(header, name)
    check_size(header, name)
    if rows is None:
        own = None
    elif not isinstance(rows, slice) or rows.step not in (None, 1):
        raise TypeError(f"rows={rows!r}: must be a slice without a step")
    else:
        own = range(header.shape[0])[rows]
    if result is None and share_units:
        raise ValueError("share_units: needs a result that found a way which is safe in shared units")
    return Writer(path, header, DEFAULT_WAY if result is None else _measured_way(name, result, share_units), own)


def _measured_way(path: str, result: Any, share_units: bool) -> Way:
    """The recommended way of a result, or the fastest safe one that a process can take by itself."""
    name, content = _content(result)
    try:
        own = content["npyrace"]
        # Safe in every state of the page cache that was tried.
        unsafe = {_kind(cell) for cell in own["cells"] if cell["verdict"] == "unsafe"}
        cells: List[Dict[str, Any]] = [cell for cell in own["cells"]
                                       if cell["verdict"] == "safe" and _kind(cell) not in unsafe]
        recommended = own["recommendation"].get("cell", "")
        mounts: List[Dict[str, Any]] = own["environment"]["mounts"]
        measured_on = {str(mount["fs_type"]) for mount in mounts}
        usable = [(cell["name"] != recommended, -float(cell.get("records_per_second", 0)), _way(cell, mounts, name))
                  for cell in cells if cell["strategy"] in WAYS]
        usable = [one for one in usable if one[2].shares or not share_units]
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name}: not a result of npyrace run ({type(error).__name__}: {error})") from None
    here = file_system_type(path)
    if here not in measured_on:
        raise NpyraceError(f"{name} was measured on {' and '.join(sorted(measured_on))}, but {path} is on {here}: "
                           "measure here (npyrace run --dir DIR --json FILE)")
    if not usable and share_units:
        raise NpyraceError(f"{name}: no way was safe in which processes write to the same alignment unit")
    if not usable:
        names = ", ".join(sorted({str(cell["strategy"]) for cell in cells}))
        found = f"only {names}, which a process cannot do by itself," if cells else "nothing"
        raise NpyraceError(f"{name}: {found} was safe; npyrace advise {name} says what to try")
    return min(usable)[2]


def _way(cell: Mapping[str, Any], mounts: List[Dict[str, Any]], name: str) -> Way:
    """The way in which a safe cell wrote. Units are shared only where nodes shared them, or where there is one node."""
    sync = re.fullmatch(r"none|end|record|every:([1-9][0-9]{0,17})", cell["sync"])
    unit, shared = cell["align_bytes"], cell["evidence"]["units_shared_by_mounts"]
    if sync is None or not isinstance(unit, int) or not 1 <= unit <= 1 << 40 or not isinstance(shared, int):
        raise ValueError(f"a cell with the sync {cell['sync']!r}, the alignment {unit!r}, and {shared!r} shared units")
    one_node = all(mount.get("one_node") is True for mount in mounts)
    packed = cell["layout"] == "packed"
    if packed or not (one_node or int(cell["mounts"]) > 1):  # less than a page was not tried between nodes
        unit = max(unit, DEFAULT_WAY.unit)
    return Way(str(cell["strategy"]), 1 if sync.group(0) == "record" else int(sync.group(1) or 0), unit,
               packed and (shared > 0 or one_node), f"{cell['name']} was safe in {name}")


def _kind(cell: Mapping[str, Any]) -> Tuple[str, str, int]:
    """Cells of one kind differ in the state of the page cache and the like."""
    return str(cell["strategy"]), str(cell["layout"]), int(cell["align_bytes"])


def _content(result: Any) -> Tuple[str, Any]:
    """A result's name for messages, and its JSON."""
    if isinstance(result, (str, os.PathLike)):
        with open(result, encoding="utf8") as file:
            try:
                return os.fspath(result), json.load(file)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{os.fspath(result)}: not a result of npyrace run ({error})") from None
    return "the result", getattr(result, "json", result)


def file_system_type(path: str) -> str:
    """The type of the file system that a path is on, as /proc/self/mountinfo names it."""
    real = os.path.realpath(path)
    found = ("", "unknown")
    with open("/proc/self/mountinfo", encoding="utf8", errors="surrogateescape") as mounts:
        for line in mounts:
            words, _, rest = line.partition(" - ")
            point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code.group(1), 8)), words.split()[4])
            inside = real == point or real.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= len(found[0]):  # of several at one place the last is on top
                found = (point, rest.split()[0])
    return found[1]
