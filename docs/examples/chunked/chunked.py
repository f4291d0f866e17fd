"""A small chunked array: many jobs write one NPY file, and each chunk of its rows belongs to one job.

`create` puts chunks back to back. Then two jobs share the page in which one chunk ends and the next begins, and on NFS
the later write-back of that page removes the other job's rows. `create_aligned` is the repair: the data start at a
page, and each chunk is a whole number of pages. `Chunk` is the same for both.
"""

import numpy as np

PAGE = 4096
ITEM = np.dtype("<f8")


def create(path, chunks, rows):
    """Make an array of `chunks` chunks with `rows` numbers each, one after the other."""
    np.lib.format.open_memmap(path, mode="w+", dtype=ITEM, shape=(chunks, rows)).flush()


def create_aligned(path, chunks, rows):
    """As `create`, but every chunk begins at a page of the file. Its numbers after the first `rows` are unused."""
    padded = -(-rows * ITEM.itemsize // PAGE) * PAGE // ITEM.itemsize
    header = repr({"descr": ITEM.str, "fortran_order": False, "shape": (chunks, padded)})
    text = header.ljust(PAGE - 11) + "\n"  # 10 bytes stand before it
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode("latin1"))
        file.truncate(PAGE + chunks * padded * ITEM.itemsize)


class Chunk:
    """One chunk of the file, open for writing."""

    def __init__(self, path, number):
        self.values = np.load(path, mmap_mode="r+")[number]

    def write(self, values):
        self.values[:len(values)] = values

    def close(self):
        self.values.flush()
        del self.values


def write_chunk(path, number, values):
    """The work of one job."""
    chunk = Chunk(path, number)
    chunk.write(values)
    chunk.close()
