"""Functions that write records into an NPY file: one for each strategy of ``npyrace list strategies``, by_STRATEGY.

``npyrace.writer`` calls them. The program holds this file, too: ``npyrace advise --recipe`` copies the functions that
a script needs, with all that they use. So each function depends only on others in this file and on the modules that
are imported here.

Parameters of the by_… functions: `file`, a path; `places`, a range of the bytes at which the records begin;
`records`, an array of them along its first axis; `every`, after how many records the data are synced: 0 once, after
the last, None never.
"""

import fcntl
import mmap
import os
import sys
import tempfile

import numpy as np


def npy_header(dtype, shape, align):
    """The bytes of an NPY file before its data, as NumPy writes them, padded to a multiple of `align` bytes."""
    text = (f"{{'descr': {np.lib.format.dtype_to_descr(dtype)!r}, 'fortran_order': False, "
            f"'shape': {tuple(shape)!r}, }}")
    text += " " * (21 - len(str(shape[0]))) if shape else ""  # room for the array to grow, as NumPy leaves
    version, start = 1, 10
    try:
        encoded = text.encode("latin1")
    except UnicodeEncodeError:
        version, start, encoded = 3, 12, text.encode("utf8")
    if version == 1 and start + len(encoded) + align > 65535:
        version, start = 2, 12
    encoded += b" " * (align - (start + len(encoded) + 1) % align) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + len(encoded).to_bytes(start - 8, "little") + encoded


def put(fd, data, at):
    """All of data: one call may write less than it was given (2 GiB at most)."""
    data = memoryview(data)
    while len(data):
        done = os.pwrite(fd, data, at)
        data, at = data[done:], at + done


def put_synced(fd, data, at):
    """As put, and each call returns when the data are on disk."""
    data = memoryview(data)
    while len(data):
        done = os.pwritev(fd, [data], at, os.RWF_DSYNC)
        data, at = data[done:], at + done


def put_locked(fd, data, at):
    """As put, under a lock of these bytes."""
    fcntl.lockf(fd, fcntl.LOCK_EX, len(data), at)
    put(fd, data, at)
    fcntl.lockf(fd, fcntl.LOCK_UN, len(data), at)


def raw(records):
    """The records as rows of bytes: of a single number or text NumPy would give other bytes than the file has."""
    if len(records) == 0:
        return np.zeros((0, 0), np.uint8)
    return np.ascontiguousarray(records).reshape(len(records), -1).view(np.uint8)


def in_steps(places, records, every):
    """The records that are written before each sync, as bytes, with their places."""
    records = raw(records)
    step = every or max(len(places), 1)
    for n in range(0, len(places), step):
        yield places[n:n + step], records[n:n + step]


def write_through(file, flags, write, places, records, every):
    """Opens the file, and lets write(fd, places, records) write."""
    fd = os.open(file, flags)
    try:
        for some, those in in_steps(places, records, every):
            write(fd, some, those)
            if every is not None:
                os.fsync(fd)
    finally:
        os.close(fd)


def record_by_record(call):
    """A function that writes record by record."""
    def write(fd, places, records):
        for at, record in zip(places, records):
            call(fd, record.tobytes(), at)
    return write


def back_to_back(places, records):
    """Whether nothing lies between the records in the file."""
    return len(places) == 1 or places.step == records[0].nbytes


def by_pwrite(file, places, records, every=0):
    """A pwrite for each record; the file is opened read-write."""
    write_through(file, os.O_RDWR, record_by_record(put), places, records, every)


def by_pwrite_wronly(file, places, records, every=0):
    """A pwrite for each record; the file is opened write-only."""
    write_through(file, os.O_WRONLY, record_by_record(put), places, records, every)


def by_pwrite_dsync(file, places, records, every=0):
    """A pwrite for each record; the file is opened with O_DSYNC."""
    write_through(file, os.O_RDWR | os.O_DSYNC, record_by_record(put), places, records, every)


def by_osync(file, places, records, every=0):
    """A pwrite for each record; the file is opened with O_SYNC."""
    write_through(file, os.O_RDWR | os.O_SYNC, record_by_record(put), places, records, every)


def by_pwrite_rwf_dsync(file, places, records, every=0):
    """A pwritev for each record, which is on disk when the call returns (RWF_DSYNC)."""
    write_through(file, os.O_RDWR, record_by_record(put_synced), places, records, every)


def by_pwrite_lock(file, places, records, every=0):
    """A pwrite for each record, under a lock of its bytes."""
    write_through(file, os.O_RDWR, record_by_record(put_locked), places, records, every)


def by_pwrite_batch(file, places, records, every=0):
    """One pwrite for all records that lie back to back in the file."""
    def write(fd, places, records):
        if back_to_back(places, records):
            put(fd, records.reshape(-1), places[0])
        else:
            record_by_record(put)(fd, places, records)
    write_through(file, os.O_RDWR, write, places, records, every)


def by_pwritev(file, places, records, every=0):
    """One pwritev for all records that lie back to back, a buffer per record: at most 1024 (IOV_MAX) a call."""
    def write(fd, places, records):
        together = 1024 if back_to_back(places, records) else 1
        for n in range(0, len(places), together):
            parts = [record.tobytes() for record in records[n:n + together]]
            done = os.pwritev(fd, parts, places[n])
            put(fd, b"".join(parts)[done:], places[n] + done)
    write_through(file, os.O_RDWR, write, places, records, every)


def by_stdio(file, places, records, every=0):
    """Seeks and buffered writes."""
    with open(file, "r+b") as stream:
        for some, those in in_steps(places, records, every):
            for at, record in zip(some, those):
                stream.seek(at)
                stream.write(record.tobytes())
            if every is not None:
                stream.flush()
                os.fsync(stream.fileno())


def by_direct(file, places, records, every=0, unit=4096):
    """Whole units, past the page cache (O_DIRECT): no other process may write to a unit of these records."""
    size = os.path.getsize(file)

    def write(fd, places, records):
        together = len(places) if back_to_back(places, records) else 1
        for n in range(0, len(places), together):
            put_units(file, fd, records[n:n + together], places[n], unit, size)
    write_through(file, os.O_RDWR | os.O_DIRECT, write, places, records, every)


def put_units(file, fd, records, at, unit, size):
    """Writes whole units that contain the records, from memory with the alignment that O_DIRECT requires."""
    first = at // unit * unit
    end = at + records.nbytes
    memory = mmap.mmap(-1, -(-end // unit) * unit - first)
    view = memoryview(memory)
    for edge in {first, (end - 1) // unit * unit}:  # the rest of their units keeps its content
        if at > edge or end < edge + unit:
            os.preadv(fd, [view[edge - first:edge - first + unit]], edge)
    view[at - first:end - first] = records.tobytes()
    whole = min(first + len(memory), size // unit * unit) - first
    put(fd, view[:whole], first)
    if first + len(memory) > size:  # the end of the file cuts its last unit: through the page cache, but on disk
        last = os.open(file, os.O_WRONLY | os.O_DSYNC)
        try:
            put(last, view[whole:size - first], first + whole)
        finally:
            os.close(last)


def by_read_modify_write(file, places, records, every=0, unit=4096):
    """Reads the units of each record, changes the record, and writes the units."""
    write_through(file, os.O_RDWR, change_units(unit, os.path.getsize(file)), places, records, every)


def by_read_modify_write_lock(file, places, records, every=0, unit=4096):
    """Locks the units of each record, reads them, changes the record, and writes the units."""
    write_through(file, os.O_RDWR, change_units(unit, os.path.getsize(file), lock=True), places, records, every)


def change_units(unit, size, lock=False):
    """A function that changes records within whole units."""
    def write(fd, places, records):
        for at, record in zip(places, records):
            data = record.tobytes()
            first = at // unit * unit
            count = min(-(-(at + len(data)) // unit) * unit, size) - first
            if lock:
                fcntl.lockf(fd, fcntl.LOCK_EX, count, first)
            units = bytearray(os.pread(fd, count, first))
            units[at - first:at - first + len(data)] = data
            put(fd, units, first)
            if lock:
                fcntl.lockf(fd, fcntl.LOCK_UN, count, first)
    return write


def store(memory, flush, places, records, every):
    """Stores records into a mapping, and flushes it: flush(places) for those since the last flush."""
    for some, those in in_steps(places, records, every):
        np.ndarray(those.shape, those.dtype, memory, some[0], (some.step, *those.strides[1:]))[:] = those
        if every is not None:
            flush(some)


def by_mmap(file, places, records, every=0):
    """Stores into a mapping of the whole file."""
    memory = np.memmap(file, np.uint8, "r+")
    store(memory, lambda some: memory.flush(), places, records, every)


def by_mmap_window(file, places, records, every=0):
    """Stores into a mapping of the pages of these records."""
    if len(places):
        size = places[-1] + raw(records)[0].nbytes - places[0]
        memory = np.memmap(file, np.uint8, "r+", places[0], (size,))
        store(memory, lambda some: memory.flush(), range(0, size, places.step), records, every)


def by_mmap_populate(file, places, records, every=0):
    """Stores into a mapping of the whole file whose pages are all mapped before: Python 3.10 and newer."""
    with open(file, "r+b") as stream:
        memory = mmap.mmap(stream.fileno(), 0, mmap.MAP_SHARED | mmap.MAP_POPULATE)
    store(memory, lambda some: memory.flush(), places, records, every)


def by_mmap_msync_page(file, places, records, every=0):
    """Stores into a mapping of the whole file, and flushes the pages of these records only."""
    with open(file, "r+b") as stream:
        memory = mmap.mmap(stream.fileno(), 0)
    store(memory, lambda some: flush_pages(memory, some, raw(records)[0].nbytes), places, records, every)


def flush_pages(memory, places, size):
    """Flushes each page that holds one of these records once, and no page in between."""
    done = 0
    for at in places:
        first = max(at // mmap.PAGESIZE * mmap.PAGESIZE, done)
        end = min(-(-(at + size) // mmap.PAGESIZE) * mmap.PAGESIZE, len(memory))
        if end > first:
            memory.flush(first, end - first)
            done = end


def by_mmap_lock(file, places, records, every=0, unit=4096):
    """Stores each record into a mapping of the whole file, and flushes it, under a lock of its units."""
    with open(file, "r+b") as stream:
        memory = mmap.mmap(stream.fileno(), 0)
        records = raw(records)
        for n, at in enumerate(places):
            size = records[n].nbytes
            first = at // unit * unit
            held = -(-(at + size) // unit) * unit - first
            fcntl.lockf(stream, fcntl.LOCK_EX, held, first)
            store(memory, lambda some: flush_pages(memory, some, size), places[n:n + 1], records[n:n + 1], 1)
            fcntl.lockf(stream, fcntl.LOCK_UN, held, first)


def by_local_then_copy(file, places, records, every=0, scratch=None):
    """Stores the records as they come in a file of `scratch`, a disk of the node, and copies them at the end."""
    records = raw(records)
    with tempfile.TemporaryFile(dir=scratch) as local:
        for record in records:
            local.write(record.tobytes())
        local.seek(0)
        stored = np.frombuffer(local.read(), np.uint8).reshape(records.shape)
        by_pwrite_batch(file, places, stored, every)


def by_mpi_independent(file, places, records, every=0, atomic=False):
    """Each rank writes its own records."""
    from mpi4py import MPI
    records = raw(records)
    opened = MPI.File.Open(MPI.COMM_WORLD, file, MPI.MODE_RDWR)  # every rank opens and closes, also one without records
    try:
        opened.Set_atomicity(atomic)
        if len(places) and back_to_back(places, records):
            opened.Write_at(places[0], records)
        else:
            for n, at in enumerate(places):
                opened.Write_at(at, records[n:n + 1])
        if every is not None:
            opened.Sync()
    finally:
        opened.Close()


def by_mpi_atomic(file, places, records, every=0):
    """Each rank writes its own records, in MPI's atomic mode."""
    by_mpi_independent(file, places, records, every, atomic=True)


def by_mpi_collective(file, places, records, every=0):
    """All ranks write in one call."""
    from mpi4py import MPI
    records = raw(records)
    opened = MPI.File.Open(MPI.COMM_WORLD, file, MPI.MODE_RDWR)
    try:
        size = records[0].nbytes if len(places) else 0
        mine = MPI.BYTE.Create_hvector(len(places), size, places.step).Commit()
        opened.Set_view(places[0] if len(places) else 0, MPI.BYTE, mine)
        opened.Write_at_all(0, records)
        mine.Free()
        if every is not None:
            opened.Sync()
    finally:
        opened.Close()


def part_of(file, job):
    """The path of a job's part."""
    return f"{file}.part{job}.npy"


def write_part(file, job, records):
    """Writes a job's part, and renames it at the end, so that its name always means a complete file."""
    with open(part_of(file, job) + ".new", "wb") as part:
        np.save(part, records)
        part.flush()
        os.fsync(part.fileno())
    os.rename(part_of(file, job) + ".new", part_of(file, job))


def parts_of(file, jobs, dtype, shape_of):
    """The parts of all jobs, mapped; ends the program if one is missing or has another shape."""
    parts = [np.load(part_of(file, job), mmap_mode="r") for job in range(jobs)]
    for job, part in enumerate(parts):
        if part.dtype != dtype or part.shape != shape_of(job):
            sys.exit(f"{part_of(file, job)}: {part.shape} records of {part.dtype}, not {shape_of(job)} of {dtype}")
    return parts


def copy_in_kernel(source, start, file, at, size):
    """Copies `size` bytes of the file `source` without reading them, as shared blocks where the file system can."""
    with open(source, "rb") as old, open(file, "r+b") as new:
        done = 0
        while done < size:
            moved = os.copy_file_range(old.fileno(), new.fileno(), size - done, start + done, at + done)
            if moved == 0:
                sys.exit(f"{source}: shorter than it was")
            done += moved
        os.fsync(new.fileno())
