"""Reading the header of an NPY file, and single rows of its array."""

from __future__ import annotations

import ast
import math
import operator
import os
import stat
from typing import IO, Any, NamedTuple, Optional, Tuple

import numpy as np
import numpy.lib.format

from npyrace._program import PathLike

_MOST_CHARACTERS = 10_000

#: NumPy's stubs do not declare types for all of it.
npy: Any = numpy.lib.format


class Header(NamedTuple):
    """What the header of an NPY file says.

    Attributes
    ----------
    version : tuple of two int
        Version of the file format: ``(1, 0)``, ``(2, 0)`` or ``(3, 0)``.
    shape : tuple of int
        Shape of the array.
    fortran_order : bool
        True if the first axis varies fastest in the file.
    dtype : numpy.dtype
        Type of an element.
    offset : int
        Byte of the file at which the array's data begin.
    """

    version: Tuple[int, int]
    shape: Tuple[int, ...]
    fortran_order: bool
    dtype: "np.dtype[Any]"
    offset: int

    @property
    def row_bytes(self) -> int:
        """Bytes of ``array[0]``, the stride of the first axis in C order."""
        return self.dtype.itemsize * math.prod(self.shape[1:])

    @property
    def end(self) -> int:
        """Byte of the file at which the array's data end."""
        return self.offset + self.dtype.itemsize * math.prod(self.shape)


def read_header(path: PathLike) -> Header:
    """Read the header of an NPY file without touching the data.

    Parameters
    ----------
    path : str or os.PathLike
        An NPY file of any size.

    Returns
    -------
    Header
        A named tuple ``(version, shape, fortran_order, dtype, offset)``.

    Raises
    ------
    ValueError
        If the file is not an NPY file, or its header is damaged or longer than NumPy's limit of 10 000 characters.
    OSError
        If the file cannot be read.

    Notes
    -----
    The format is described in ``numpy.lib.format``, whose public functions read versions 1.0 and 2.0. The file is read
    without a buffer, so no byte after the header is read.

    Examples
    --------
    >>> np.save("a.npy", np.zeros((1440, 1000), "<f4"))
    >>> read_header("a.npy")
    Header(version=(1, 0), shape=(1440, 1000), fortran_order=False, dtype=dtype('float32'), offset=128)
    """
    # Neither waiting for a writer of a FIFO nor reading a device.
    with open(path, "rb", buffering=0, opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError(f"{os.fspath(path)}: not a regular file")
        try:
            version = npy.read_magic(file)
            if version == (1, 0):
                shape, fortran_order, dtype = npy.read_array_header_1_0(file)
            elif version == (2, 0):
                shape, fortran_order, dtype = npy.read_array_header_2_0(file)
            else:
                shape, fortran_order, dtype = _read_array_header_3_0(file, version)
        except OSError:
            raise
        except Exception as error:  # of a damaged text NumPy's parser raises many kinds
            raise ValueError(f"{os.fspath(path)}: {str(error) or type(error).__name__}") from None
        if any(length < 0 for length in shape):
            raise ValueError(f"{os.fspath(path)}: a negative length in the shape {shape}")
        return Header(version, shape, fortran_order, dtype, file.tell())


def _read_array_header_3_0(file: IO[bytes], version: Tuple[int, int]) -> Tuple[Tuple[int, ...], bool, "np.dtype[Any]"]:
    """Version 3.0, for which NumPy has no public function: as 2.0, but the text is UTF-8."""
    if version != (3, 0):
        raise ValueError(f"version {version[0]}.{version[1]} of the NPY format is not known")
    length = int.from_bytes(file.read(4), "little")
    encoded = file.read(min(length, 4 * _MOST_CHARACTERS + 1))
    text = encoded.decode("utf8", "strict" if len(encoded) == length else "ignore")
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"the header has more than {_MOST_CHARACTERS} characters, NumPy's limit")
    if len(encoded) != length:
        raise ValueError("the file ends within its header")
    found = ast.literal_eval(text)
    if not isinstance(found, dict) or set(found) != {"descr", "fortran_order", "shape"}:
        raise ValueError("the header does not have the keys descr, fortran_order and shape")
    shape, order = found["shape"], found["fortran_order"]
    if not isinstance(shape, tuple) or not all(isinstance(n, int) for n in shape) or not isinstance(order, bool):
        raise ValueError("the header's shape or fortran_order is not valid")
    try:
        return shape, order, npy.descr_to_dtype(found["descr"])
    except TypeError as error:
        raise ValueError(f"the header's descr is not valid: {error}") from None


def window(path: PathLike, start: Optional[int] = None, stop: Optional[int] = None,
           mode: str = "r") -> "np.memmap[Any, np.dtype[Any]]":
    """Map some rows of an NPY file, and nothing else.

    Parameters
    ----------
    path : str or os.PathLike
        An NPY file in C order. It may be larger than the address space: only the rows are mapped.
    start, stop : int, optional
        The rows ``array[start:stop]`` along the first axis, from 0; not counted from the end. Default: from the first,
        to the last.
    mode : {"r", "r+", "c"}
        As of ``numpy.memmap``: read; read and write; copy on write, without changing the file.

    Returns
    -------
    numpy.memmap
        Shape ``(stop - start, *shape[1:])``.

    Raises
    ------
    ValueError
        If it is not an NPY file, or in Fortran order with more than one axis, or of Python objects, or without an
        axis; if the file is shorter than its header says; if the mode is not one of these.
    IndexError
        If the array does not have these rows.

    Notes
    -----
    Processes on different nodes that store into windows lose each other's data where the windows share a page, on most
    network file systems. `writer` writes rows without that danger.

    Examples
    --------
    >>> np.save("a.npy", np.arange(12).reshape(6, 2))
    >>> window("a.npy", 2, 4)
    memmap([[4, 5],
            [6, 7]])
    """
    if mode not in ("r", "r+", "c"):
        raise ValueError(f"mode {mode!r}: must be 'r', 'r+' or 'c'")
    name = os.fspath(path)
    header = read_header(path)
    check_rows(header, name)
    begin = 0 if start is None else operator.index(start)
    end = header.shape[0] if stop is None else operator.index(stop)
    if not 0 <= begin <= end <= header.shape[0]:
        raise IndexError(f"{name}: rows {begin} to {end} of an array of {header.shape[0]} rows")
    check_size(header, name)  # NumPy would extend a file that is too short, if the mode is r+
    shape = (end - begin, *header.shape[1:])
    mapped: "np.memmap[Any, np.dtype[Any]]"
    if math.prod(shape) * header.dtype.itemsize == 0:  # nothing that could be mapped
        mapped = np.zeros(shape, header.dtype).view(np.memmap)
    else:
        memmap: Any = np.memmap  # its declaration differs between versions of NumPy
        mapped = memmap(path, header.dtype, mode, header.offset + begin * header.row_bytes, shape)
    return mapped


def check_size(header: Header, name: str) -> None:
    """Raise ValueError if the file is shorter than its header says."""
    size = os.path.getsize(name)
    if size < header.end:
        raise ValueError(f"{name}: the file ends at byte {size}, its array at byte {header.end}")


def check_rows(header: Header, name: str) -> None:
    """Raise ValueError unless the array's rows are contiguous parts of the file."""
    if header.dtype.hasobject:
        raise ValueError(f"{name}: an array of Python objects is a pickle: its rows have no place in the file")
    if not header.shape:
        raise ValueError(f"{name}: the array has no axis, so it has no rows")
    if header.fortran_order and len(header.shape) > 1:
        raise ValueError(f"{name}: the array is in Fortran order: a row is not contiguous in the file")
