"""The same steps on one machine, and on two nodes of a lab that behave like NFS clients.

    python3 -m pytest docs/examples/chunked
"""

import numpy as np
import pytest
from chunked import Chunk, create, create_aligned, write_chunk

ROWS = 1000  # 8000 bytes: no whole number of pages


def two_jobs(path1, path2):
    """Two jobs write one chunk each, at the same time: both have stored before either is done.

    This is one of the orders in which two jobs can run. With the order fixed, the loss is found every time.
    """
    first, second = Chunk(path1, 0), Chunk(path2, 1)
    first.write(np.full(ROWS, 1.0))
    second.write(np.full(ROWS, 2.0))
    first.close()
    second.close()


def rows_left(path):
    """How many rows of each of the two jobs the file has."""
    values = np.load(path)
    return [int(np.sum(values[job, :ROWS] == job + 1)) for job in (0, 1)]


@pytest.mark.parametrize("make", [create, create_aligned])
def test_one_machine(tmp_path, make):
    """One page cache: nothing is lost, with either layout. This test cannot find the fault."""
    make(tmp_path / "a.npy", 2, ROWS)
    two_jobs(tmp_path / "a.npy", tmp_path / "a.npy")
    assert rows_left(tmp_path / "a.npy") == [ROWS, ROWS]


@pytest.mark.npyrace_lab(model="nfs")
@pytest.mark.parametrize("make, left", [
    (create, [496, ROWS]),  # bytes 4096 to 8191 were written back with rows 496 to 999 still zero
    (create_aligned, [ROWS, ROWS]),
])
def test_two_nodes(npyrace_lab, make, left):
    """Two page caches: chunks that share a page lose rows, chunks in pages of their own do not."""
    make(npyrace_lab.n1 / "a.npy", 2, ROWS)
    two_jobs(npyrace_lab.n1 / "a.npy", npyrace_lab.n2 / "a.npy")
    assert rows_left(npyrace_lab.store / "a.npy") == left


def test_chunks_have_pages_of_their_own(tmp_path, npyrace_watch):
    """Needs no lab: it fails if two processes write into one page, although nothing would be lost here."""
    create_aligned(tmp_path / "a.npy", 2, ROWS)
    npyrace_watch(write_chunk, [(tmp_path / "a.npy", job, np.ones(ROWS)) for job in (0, 1)])


def test_watching_finds_the_shared_page(tmp_path, npyrace_watch):
    create(tmp_path / "a.npy", 2, ROWS)
    with pytest.raises(pytest.fail.Exception, match="same-page"):
        npyrace_watch(write_chunk, [(tmp_path / "a.npy", job, np.ones(ROWS)) for job in (0, 1)])
