"""Dividing an array among workers so that no two of them share an alignment unit, and creating such an array."""

from __future__ import annotations

import errno
import math
import operator
import os
import secrets
import warnings
from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Tuple, Union

import numpy as np

from npyrace._pieces import npy_header
from npyrace._program import PathLike

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

#: Longest header text that NumPy reads.
_LONGEST_HEADER = 10_000


def split(shape: Union[int, Sequence[int]], dtype: DTypeLike, workers: int, align: int = 4096, *,
          offset: Optional[int] = None) -> List[slice]:
    """Divide the rows of an array among workers so that no two of them share an alignment unit of the file.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the array; rows are along the first axis, and the array is in C order.
    dtype : dtype-like
        Type of an element.
    workers : int
        Number of processes or jobs, at least 1.
    align : int
        Bytes of an alignment unit: 4096 is a page of most processors; the unit that matters on a file system is what
        ``npyrace run granularity`` measures.
    offset : int, optional
        Byte of the file at which the data begin: ``read_header(path).offset`` for a file that exists. Default: where
        `create` puts them.

    Returns
    -------
    list of slice
        One for each worker, in order: together all rows, each row once. Each ends at the row that begins with a unit
        and is nearest to an equal share. Where the array has fewer such rows than there are workers, some slices are
        empty, and a warning says how many.

    Raises
    ------
    ValueError
        If an argument is out of range, or `align` is so large that `create` could not place the data (see there).

    Examples
    --------
    A row of 4000 bytes begins with a page only every 128 rows:

    >>> split((1440, 1000), "<f4", workers=4)
    [slice(0, 384, None), slice(384, 768, None), slice(768, 1024, None), slice(1024, 1440, None)]
    """
    full, base, workers, align = _checked(shape, dtype, workers, align)
    offset = data_offset(full, base, align) if offset is None else operator.index(offset)
    if offset < 0:
        raise ValueError(f"offset={offset}: must not be negative")
    return _slices(full, base, workers, align, offset)


def create(path: PathLike, shape: Union[int, Sequence[int]], dtype: DTypeLike, workers: int = 1, align: int = 4096, *,
           allocate: bool = True) -> List[slice]:
    """Create an NPY file of zeros that many workers will write, and divide it among them.

    The header is padded, as NPY allows, so that the data begin with an alignment unit if possible, and at least so
    that rows do in between. The file gets its name when it is complete: other processes see no file or the whole file
    (on a file system without hard links, for a moment an empty one).

    Parameters
    ----------
    path : str or os.PathLike
        The new file.
    shape, dtype, workers, align
        As of `split`.
    allocate : bool
        Reserve the disk space now. Without it the file is sparse, and a store into a mapping ends the process by
        SIGBUS if the disk is full by then.

    Returns
    -------
    list of slice
        The rows of each worker, as `split` returns them.

    Raises
    ------
    FileExistsError
        If the path exists. It is not changed.
    ValueError
        If an argument is out of range, if the elements are Python objects, or if the data cannot be placed: NumPy
        reads headers of up to 10 000 characters, so rows of a multiple of 16 KiB, say, never begin with units of
        16 KiB.
    OSError
        If the file system refuses; nothing is left behind then.

    Examples
    --------
    >>> create("results.npy", (1440, 1000), "<f4", workers=4)
    [slice(0, 384, None), slice(384, 768, None), slice(768, 1024, None), slice(1024, 1440, None)]
    >>> np.load("results.npy", mmap_mode="r").shape
    (1440, 1000)
    """
    full, base, workers, align = _checked(shape, dtype, workers, align)
    header = npy_header(base, full, data_offset(full, base, align))
    folder, name = os.path.split(os.fspath(path))
    if name in ("", ".", ".."):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if os.path.lexists(path):  # before the disk is filled; the link below decides
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    temporary = os.path.join(folder, f".npyrace-{secrets.token_hex(8)}")
    fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        try:
            _fill(fd, header, len(header) + math.prod(full) * base.itemsize, allocate)
        finally:
            os.close(fd)
        _name(temporary, os.path.join(folder, name))
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)
    return _slices(full, base, workers, align, len(header))


def data_offset(shape: Tuple[int, ...], dtype: "np.dtype[Any]", align: int) -> int:
    """Where `create` lets the data begin: at a unit, or else so that some rows begin with a unit."""
    row_bytes = dtype.itemsize * math.prod(shape[1:])
    header = npy_header(dtype, shape, 64)
    characters = len(header.decode("utf8" if header[6] == 3 else "latin1", "replace"))  # what NumPy's limit counts
    places = range(len(header), len(header) - characters + _LONGEST_HEADER + 11, 64)
    for step in (align, math.gcd(row_bytes, align)):
        for offset in places:
            if offset % step == 0:
                return offset
    raise ValueError(f"align={align}: rows of {row_bytes} bytes never begin with such a unit, because NumPy reads no "
                     f"header of more than {_LONGEST_HEADER} characters: use a smaller align, or rows of another size")


def _checked(shape: Union[int, Sequence[int]], dtype: DTypeLike, workers: int,
             align: int) -> Tuple[Tuple[int, ...], "np.dtype[Any]", int, int]:
    """The whole shape, the type of an element, workers and align, all in Python's own types."""
    whole = np.dtype(dtype)
    base, inner = whole.subdtype or (whole, ())
    lengths = (shape,) if isinstance(shape, (int, np.integer)) else shape
    full = (*(operator.index(n) for n in lengths), *inner)
    workers, align = operator.index(workers), operator.index(align)
    if base.hasobject:
        raise ValueError("an array of Python objects is a pickle: its rows have no place in the file")
    if not full or min(full) < 0:
        raise ValueError(f"shape={full}: must have at least one axis and no negative length")
    if align < 1:
        raise ValueError(f"align={align}: must be at least 1 byte")
    if workers < 1:
        raise ValueError(f"workers={workers}: must be at least 1")
    return full, base, workers, align


def _slices(shape: Tuple[int, ...], dtype: "np.dtype[Any]", workers: int, align: int, offset: int) -> List[slice]:
    """The rows of each worker, of data that begin at `offset`. Called by the functions that users call."""
    rows, row_bytes = shape[0], dtype.itemsize * math.prod(shape[1:])
    first, period = _row_boundaries(row_bytes, align, offset, rows)
    ends = [_nearest(rows * (w + 1) // workers, first, period, rows) for w in range(workers - 1)] + [rows]
    idle = workers + 1 - len({0, *ends})
    if idle and rows:
        warnings.warn(f"{idle} of {workers} workers get no rows, because the rows of a worker must begin where a row "
                      f"begins a unit of {align} bytes: use at most {max(1, rows // period)} of them, longer rows, or a "
                      "smaller align", stacklevel=3)
    return [slice(start, end) for start, end in zip([0, *ends], ends)]


def _row_boundaries(row_bytes: int, align: int, offset: int, rows: int) -> Tuple[int, int]:
    """The first row, and every how many rows, that begin with a unit: offset + row * row_bytes = 0 modulo align."""
    common = math.gcd(row_bytes, align)
    period = align // common
    if offset % common != 0:
        return rows, max(rows, 1)  # none
    return (-offset // common * pow(row_bytes // common, -1, period)) % period if period > 1 else 0, period


def _nearest(row: int, first: int, period: int, rows: int) -> int:
    """The boundary that is nearest to a row; the array's beginning and end are boundaries, too."""
    below = first + (row - first) // period * period
    inner = [boundary for boundary in (below, below + period) if 0 < boundary < rows]
    return min([0, *inner, rows], key=lambda boundary: (abs(boundary - row), boundary))


def _fill(fd: int, header: bytes, size: int, allocate: bool) -> None:
    """The header, and zeros up to `size` bytes, on disk."""
    written = 0
    while written < len(header):
        written += os.pwrite(fd, header[written:], written)
    os.ftruncate(fd, size)
    if allocate:
        try:
            os.posix_fallocate(fd, 0, size)
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
                raise
    os.fsync(fd)


def _name(temporary: str, path: str) -> None:
    """Give the complete file its name, unless something has it."""
    try:
        os.link(temporary, path)
        return
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path) from None
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES):
            raise
    # A file system without hard links: an empty file takes the name first, so that nothing else is replaced.
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    os.rename(temporary, path)
