#include "bench/strategies/strategy.h"

#include <cerrno>

#include "bench/strategies/ways.h"
#include "core/base/table.h"

namespace npyrace {
namespace {

/// Opens a session of a strategy that has several variants (`way`).
template <auto open, auto way>
std::unique_ptr<WriteSession> open_as(const WriterSlice& share, PhaseSeconds& phases) {
  return open(share, phases, way);
}

/// The way of a user's program is unknown; there is nothing to open.
std::unique_ptr<WriteSession> open_nothing(const WriterSlice&, PhaseSeconds&) {
  throw UsageError("strategy exec runs your own program: give it with --exec 'COMMAND'");
}

const StrategyRow kStrategies[] = {
    {.name = "mmap",
     .summary = "map the whole file and store into it",
     .used_by = "NumPy's memmap and open_memmap, np.load(mmap_mode='r+')",
     .guarantee = "none between nodes; on one node all mappings of a page are one memory",
     .weakness =
         "whole pages are written back: between nodes the later page replaces the other; on a full disk a store is a SIGBUS",
     .acknowledged_by = "msync",
     .numpy = "a = np.load(FILE, mmap_mode='r+'); a[i] = ...; a.flush()",
     .strategy = {.open = open_as<open_mmap, MmapVariant{}>},
     .effort = 0},
    {.name = "mmap-window",
     .summary = "map only the pages that hold own records",
     .used_by = "np.memmap with offset and shape; jobs that know their slice",
     .guarantee = "as mmap",
     .weakness = "as mmap; the first and the last page are still shared",
     .acknowledged_by = "msync",
     .numpy = "a = np.memmap(FILE, dtype, 'r+', offset, shape); a[:] = ...; a.flush()",
     .strategy = {.open = open_as<open_mmap, MmapVariant{.own_pages = true}>},
     .effort = 2},
    {.name = "pwrite",
     .summary = "one pwrite call per record into a file opened read-write",
     .used_by = "os.pwrite, C's pwrite, MPI-IO's and IOR's POSIX backends",
     .guarantee =
         "POSIX: each byte has the value of the last write; no bytes of other writers are written",
     .weakness = "NFS clients write back whole cached pages; a call per record",
     .acknowledged_by = "fsync",
     .numpy = "os.pwrite(fd, record.tobytes(), offset + i * record.nbytes); os.fsync(fd)",
     .strategy = {.open = open_as<open_pwrite, PwriteVariant{}>},
     .effort = 1},
    {.name = "pwrite-batch",
     .summary = "one pwrite call for every run of contiguous records",
     .used_by = "programs that write their block at once; IOR with a large transfer size",
     .guarantee = "as pwrite",
     .weakness = "as pwrite; a run can be torn",
     .acknowledged_by = "fsync",
     .numpy = "os.pwrite(fd, block.tobytes(), offset + first * itemsize); os.fsync(fd)",
     .strategy = {.open = open_as<open_pwrite, PwriteVariant{.one_call_a_run = true}>},
     .effort = 2},
    {.name = "pwritev",
     .summary = "as pwrite-batch, by pwritev with one buffer per record",
     .used_by = "programs whose records lie scattered in memory",
     .guarantee = "as pwrite",
     .weakness = "as pwrite; one call writes only records that are contiguous in the file",
     .acknowledged_by = "fsync",
     .numpy =
         "os.pwritev(fd, [r.tobytes() for r in block], offset + first * itemsize); os.fsync(fd)",
     .strategy = {.open = open_as<open_pwrite, PwriteVariant{.gathered = true}>},
     .effort = 3},
    {.name = "pwrite-wronly",
     .summary = "as pwrite, the file opened write-only",
     .used_by = "loggers; open(FILE, O_WRONLY)",
     .guarantee = "as pwrite",
     .weakness = "on NFS safe only while no process on the node reads the file",
     .acknowledged_by = "fsync",
     .numpy = "fd = os.open(FILE, os.O_WRONLY); os.pwrite(fd, record.tobytes(), ...); os.fsync(fd)",
     .strategy = {.open = open_as<open_pwrite, PwriteVariant{.access = Access::write}>},
     .effort = 3},
    {.name = "pwrite-dsync",
     .summary = "as pwrite, the file opened with O_DSYNC",
     .used_by = "databases, journals",
     .guarantee = "each record is on the disk when its call returns",
     .weakness = "every record waits for the disk",
     .acknowledged_by = "each pwrite",
     .numpy = "fd = os.open(FILE, os.O_RDWR | os.O_DSYNC); os.pwrite(fd, ...)",
     .strategy = {.open = open_as<open_pwrite, PwriteVariant{.data_sync = true}>},
     .effort = 3},
    {.name = "pwrite-lock",
     .summary = "as pwrite, each write under a lock of its bytes (F_OFD_SETLKW)",
     .used_by = "MPI-IO (ROMIO) on NFS; fcntl.lockf in Python",
     .guarantee = "one write at a time, if the file system's locks work between nodes",
     .weakness = "only as safe as the file system's locks; two more calls per record",
     .acknowledged_by = "fsync",
     .numpy =
         "fcntl.lockf(fd, fcntl.LOCK_EX, n, at); os.pwrite(fd, ..., at); fcntl.lockf(fd, fcntl.LOCK_UN, n, at)",
     .strategy = {.open = open_as<open_pwrite, PwriteVariant{.lock_records = true}>,
                  .needs_locks = true},
     .effort = 4},
    {.name = "pwrite-rwf-dsync",
     .summary = "as pwrite, each write on disk when it returns (pwritev2, RWF_DSYNC)",
     .used_by = "databases that sync some of their writes",
     .guarantee = "as pwrite-dsync, for single writes",
     .weakness = "as pwrite-dsync; not every file system has it",
     .acknowledged_by = "each pwritev2",
     .numpy = "os.pwritev(fd, [record.tobytes()], at, os.RWF_DSYNC)",
     .strategy = {.open = open_as<open_pwrite, PwriteVariant{.each_synced = true}>},
     .effort = 3},
    {.name = "pwrite-atomic",
     .summary =
         "whole units, each written atomically without the page cache (pwritev2, RWF_ATOMIC, O_DIRECT)",
     .used_by = "databases without double writes; Linux 6.11 and newer",
     .guarantee = "a unit is old or new, never a mixture, also when power fails",
     .weakness = "few file systems and disks; whole units of one writer only",
     .acknowledged_by = "fsync",
     .numpy = "",
     .strategy = {.open = open_as<open_direct, DirectWay{.atomic = true}>,
                  .unfit_for = unfit_for_atomic},
     .effort = 8},
    {.name = "osync",
     .summary = "as pwrite, the file opened with O_SYNC",
     .used_by = "older programs that sync every write; IOR's fsyncPerWrite comes close",
     .guarantee = "data and metadata are on the disk when each call returns",
     .weakness = "slower than O_DSYNC, and not safer here",
     .acknowledged_by = "each pwrite",
     .numpy = "fd = os.open(FILE, os.O_RDWR | os.O_SYNC); os.pwrite(fd, ...)",
     .strategy = {.open = open_as<open_pwrite, PwriteVariant{.full_sync = true}>},
     .effort = 3},
    {.name = "direct",
     .summary = "whole units from aligned memory, without the page cache (O_DIRECT)",
     .used_by = "IOR with O_DIRECT, databases, checkpoint libraries",
     .guarantee = "no page of this node's cache can overwrite another node's",
     .weakness = "units must not be shared (a padded layout); memory and sizes must be aligned",
     .acknowledged_by = "fsync",
     .numpy = "fd = os.open(FILE, os.O_RDWR | os.O_DIRECT); os.pwritev(fd, [aligned_mmap], at)",
     .strategy = {.open = open_as<open_direct, DirectWay{}>, .unfit_for = unfit_for_direct},
     .effort = 6},
    {.name = "io-uring",
     .summary = "one request per record, 256 per system call; registered buffer and file",
     .used_by = "newer storage libraries, liburing programs",
     .guarantee = "as pwrite; the order of requests is not defined",
     .weakness = "often switched off (containers, io_uring_disabled)",
     .acknowledged_by = "fsync",
     .numpy = "",
     .strategy = {.open = open_io_uring},
     .effort = 7},
    {.name = "stdio",
     .summary = "fopen(FILE, 'r+'), fseeko, fwrite, fflush",
     .used_by = "C programs; Fortran stream output is similar",
     .guarantee = "none before fflush; then as pwrite",
     .weakness = "each seek reads the block at its target, so that NFS writes back whole pages",
     .acknowledged_by = "fflush, then fsync",
     .numpy = "f = open(FILE, 'r+b'); f.seek(at); f.write(record); f.flush(); os.fsync(f.fileno())",
     .strategy = {.open = open_stdio},
     .effort = 3},
    {.name = "mmap-populate",
     .summary = "as mmap, all pages are mapped before the first access (MAP_POPULATE)",
     .used_by = "programs that avoid page faults",
     .guarantee = "as mmap",
     .weakness = "as mmap; reads the whole file first",
     .acknowledged_by = "msync",
     .numpy =
         "m = mmap.mmap(fd, 0, mmap.MAP_SHARED | mmap.MAP_POPULATE); a = np.frombuffer(m, dtype, n, offset)",
     .strategy = {.open = open_as<open_mmap, MmapVariant{.populate = true}>},
     .effort = 2},
    {.name = "mmap-msync-page",
     .summary = "as mmap, msync of the pages of own records only",
     .used_by = "memory-mapped databases",
     .guarantee = "as mmap",
     .weakness = "as mmap; a call per page",
     .acknowledged_by = "msync of those",
     .numpy =
         "m = mmap.mmap(fd, 0); a = np.frombuffer(m, dtype, n, offset); a[i] = ...; m.flush(page, 4096)",
     .strategy = {.open = open_as<open_mmap, MmapVariant{.sync_own_pages = true}>},
     .effort = 3},
    {.name = "mmap-lock",
     .summary = "as mmap, each record stored and synced under a lock of its unit",
     .used_by = "careful memmap users",
     .guarantee = "one writer at a time in a unit, if locks work between nodes",
     .weakness = "only as safe as the file system's locks; a sync per record",
     .acknowledged_by = "msync",
     .numpy =
         "fcntl.lockf(fd, fcntl.LOCK_EX, n, unit); a[i] = ...; m.flush(page, 4096); fcntl.lockf(fd, fcntl.LOCK_UN, n, unit)",
     .strategy = {.open = open_as<open_mmap, MmapVariant{.lock_units = true}>, .needs_locks = true},
     .effort = 5},
    {.name = "read-modify-write",
     .summary = "read a whole unit, change the record in it, write the unit back",
     .used_by = "naive tools and block-wise filters",
     .guarantee = "none",
     .weakness = "loses records on any file system if writers share a unit",
     .acknowledged_by = "fsync",
     .numpy =
         "b = bytearray(os.pread(fd, n, unit)); b[k:k + size] = record.tobytes(); os.pwrite(fd, b, unit)",
     .strategy = {.open = open_as<open_read_modify_write, ReadModifyWriteVariant{}>},
     .effort = 6,
     .keeps_to_its_records = false},
    {.name = "read-modify-write-lock",
     .summary = "the same under a lock of the unit",
     .used_by = "data sieving of MPI-IO (ROMIO)",
     .guarantee = "one writer at a time in a unit, if locks work between nodes",
     .weakness = "only as safe as the file system's locks; reads every unit first",
     .acknowledged_by = "fsync",
     .numpy =
         "fcntl.lockf(fd, fcntl.LOCK_EX, n, unit); b = bytearray(os.pread(fd, n, unit)); ...; os.pwrite(fd, b, unit)",
     .strategy = {.open =
                      open_as<open_read_modify_write, ReadModifyWriteVariant{.lock_units = true}>,
                  .needs_locks = true},
     .effort = 7,
     .keeps_to_its_records = false},
    {.name = "single",
     .summary = "one writer writes the records of all; the others do nothing",
     .used_by = "programs that gather everything first",
     .guarantee = "no other writer can overwrite the records",
     .weakness = "the speed of one process; the transfer of all data to it is not counted here",
     .acknowledged_by = "fsync",
     .numpy = "a = np.load(FILE, mmap_mode='r+'); a[:] = everything; a.flush()",
     .strategy = {.open = open_single, .together = Aggregation::single},
     .effort = 1},
    {.name = "file-per-writer",
     .summary = "a file per writer beside the array; writer 0 copies them into it afterwards",
     .used_by = "np.save and np.concatenate; IOR -F",
     .guarantee = "no other writer can overwrite the records; an incomplete part is not copied",
     .weakness = "all data are written twice and read once; a file per job",
     .acknowledged_by = "collect, then fsync",
     .numpy = "np.save(f'part{w}.npy', mine); afterwards: a[first:stop] = np.load(f'part{w}.npy')",
     .strategy = {.open = open_as<open_file_per_writer, FilePerWriterVariant{}>,
                  .together = Aggregation::collect},
     .effort = 3},
    {.name = "file-per-writer-reflink",
     .summary = "as file-per-writer, parts copied by copy_file_range (as reflinks if supported)",
     .used_by = "cp --reflink; collectors on XFS, btrfs, NFS 4.2",
     .guarantee = "as file-per-writer",
     .weakness = "only for contiguous records; shares blocks only if they are aligned",
     .acknowledged_by = "collect, then fsync",
     .numpy =
         "np.save(f'part{w}.npy', mine); afterwards: os.copy_file_range(part, fd, size, header, at)",
     .strategy = {.open = open_as<open_file_per_writer, FilePerWriterVariant{.in_kernel = true}>,
                  .together = Aggregation::collect,
                  .unfit_for = unfit_for_copying_runs},
     .effort = 8},
    {.name = "collector",
     .summary = "writer 0 writes the records of all; the others send them over a socket",
     .used_by = "h5py and netCDF programs with an I/O process; MPI programs that gather",
     .guarantee = "no other writer can overwrite the records",
     .weakness =
         "all data pass through one process; records that it has not written are lost if it dies",
     .acknowledged_by = "collect, then fsync",
     .numpy = "",
     .strategy = {.open = open_collector, .together = Aggregation::collect, .one_host_only = true},
     .effort = 6},
    {.name = "local-then-copy",
     .summary = "each stores on its own node (--local) and copies with each sync, in large writes",
     .used_by = "cluster jobs with a scratch disk",
     .guarantee = "as pwrite-batch",
     .weakness = "as pwrite-batch; records that are not copied yet are lost if the node fails",
     .acknowledged_by = "fsync after the copy",
     .numpy = "np.save(scratch, mine); afterwards: os.pwrite(fd, mine.tobytes(), at); os.fsync(fd)",
     .strategy = {.open = open_local_then_copy, .stores_locally = true},
     .effort = 4},
    {.name = "mpi-independent",
     .summary = "each rank calls MPI_File_write_at for every run of records; launcher mpi only",
     .used_by = "MPI programs whose ranks write at their own pace; IOR -a MPIIO",
     .guarantee = "MPI: non-overlapping writes are visible after MPI_File_sync or close",
     .weakness = "as pwrite-batch; MPI_File_sync waits for all ranks",
     .acknowledged_by = "MPI_File_sync",
     .numpy =
         "f = MPI.File.Open(comm, FILE, MPI.MODE_RDWR); f.Write_at(at, mine); f.Sync(); f.Close()",
     .strategy = {.open = open_as<open_mpi_io, MpiIoVariant{}>, .needs_ranks = true},
     .effort = 5},
    {.name = "mpi-collective",
     .summary = "a file view of the rank's records and MPI_File_write_at_all; launcher mpi only",
     .used_by = "parallel HDF5 and netCDF, IOR -a MPIIO -c",
     .guarantee = "as mpi-independent; all ranks write in one call",
     .weakness =
         "MPI chooses which rank writes which bytes, so ranks may share units even if records do not",
     .acknowledged_by = "MPI_File_sync",
     .numpy = "f.Set_view(0, MPI.BYTE, my_records); f.Write_at_all(0, mine); f.Sync(); f.Close()",
     .strategy = {.open = open_as<open_mpi_io, MpiIoVariant{.collective = true}>,
                  .needs_ranks = true,
                  .writes_where_it_runs = false},
     .effort = 6},
    {.name = "mpi-atomic",
     .summary = "as mpi-independent in atomic mode (MPI_File_set_atomicity); launcher mpi only",
     .used_by = "MPI programs whose ranks read what others write",
     .guarantee = "MPI: a write is visible at once, and never in part",
     .weakness = "only as safe as the file system's locks; slow",
     .acknowledged_by = "MPI_File_sync",
     .numpy =
         "f = MPI.File.Open(comm, FILE, MPI.MODE_RDWR); f.Set_atomicity(True); f.Write_at(at, mine)",
     .strategy = {.open = open_as<open_mpi_io, MpiIoVariant{.atomic = true}>, .needs_ranks = true},
     .effort = 6},
    {.name = "exec",
     .summary = "your own program: run --exec 'COMMAND'",
     .used_by = "you",
     .guarantee = "what it does",
     .weakness = "what it does",
     .acknowledged_by = "exit code 0",
     .numpy = "",
     .strategy = {.open = open_nothing},
     .effort = 0,
     .keeps_to_its_records = false},
};

}  // namespace

std::span<const StrategyRow> strategy_table() {
  return kStrategies;
}

const StrategyRow& find_strategy(std::string_view name) {
  return find_row("strategy", name.starts_with("exec:") ? "exec" : name, strategy_table());
}

std::vector<const StrategyRow*> find_strategies(std::string_view name_or_mixture) {
  if (name_or_mixture.starts_with("exec:")) return {&find_strategy(name_or_mixture)};
  std::vector<const StrategyRow*> rows;
  for (std::string_view rest = name_or_mixture;;) {
    const std::size_t plus = rest.find('+');
    rows.push_back(&find_strategy(rest.substr(0, plus)));
    if (plus == std::string_view::npos) break;
    rest = rest.substr(plus + 1);
  }
  if (rows.size() == 1) return rows;
  for (const StrategyRow* row : rows)
    if (row->strategy.together != Aggregation::nothing || row->strategy.needs_ranks ||
        std::string_view(row->name) == "exec")
      throw UsageError(
          std::string("strategy ") + row->name +
          " cannot be mixed with others: its writers do not write each its own records");
  return rows;
}

}  // namespace npyrace
