#pragma once
// The functions of the table of strategies (strategy.cpp): each opens a file for one way to write.

#include "bench/strategies/strategy.h"

namespace npyrace {

/// Stores through a shared mapping.
struct MmapVariant {
  bool own_pages = false;       ///< map only the pages of the writer's own records
  bool populate = false;        ///< MAP_POPULATE
  bool sync_own_pages = false;  ///< msync only the pages of each run instead of the whole mapping
  bool lock_units = false;      ///< lock each record's unit, and sync before unlocking
};
std::unique_ptr<WriteSession> open_mmap(const WriterSlice& share, PhaseSeconds& phases,
                                        MmapVariant way);

/// Write calls. The open flags are part of a strategy: on NFS they determine which records are
/// lost.
struct PwriteVariant {
  Access access = Access::read_write;  ///< read_write corresponds to "r+" in NumPy and C
  bool data_sync = false;              ///< O_DSYNC
  bool full_sync = false;              ///< O_SYNC
  bool each_synced = false;            ///< pwritev2 with RWF_DSYNC
  bool lock_records = false;           ///< lock exactly the written bytes for each write
  bool one_call_a_run = false;         ///< one call per run of contiguous records
  bool gathered = false;               ///< one pwritev per run, one vector element per record
};
std::unique_ptr<WriteSession> open_pwrite(const WriterSlice& share, PhaseSeconds& phases,
                                          PwriteVariant way);

/// Writer 0 writes the records of all: no sharing, no parallelism.
std::unique_ptr<WriteSession> open_single(const WriterSlice& share, PhaseSeconds& phases);

/// C stdio: fopen(FILE, "r+"), fseeko, fwrite. Measured with glibc 2.36: a seek flushes the written
/// bytes and reads the whole target block; only written bytes are written back. The read does not
/// cause a read-modify-write, but it fills the node's page cache, which on NFS determines which
/// records are lost.
std::unique_ptr<WriteSession> open_stdio(const WriterSlice& share, PhaseSeconds& phases);

/// Reads the whole alignment unit, changes a record in it, and writes the unit back, as
/// block-oriented tools do. If two writers share a unit, one overwrites the other's update.
struct ReadModifyWriteVariant {
  bool lock_units = false;  ///< lock the unit from before the read until after the write
};
std::unique_ptr<WriteSession> open_read_modify_write(const WriterSlice& share, PhaseSeconds& phases,
                                                     ReadModifyWriteVariant way);

/// O_DIRECT: whole alignment units, bypassing the node's page cache. Every unit must belong to one
/// writer: it holds no record of another writer and no header.
struct DirectWay {
  bool atomic = false;  ///< each unit in one untorn write (RWF_ATOMIC)
};
std::unique_ptr<WriteSession> open_direct(const WriterSlice& share, PhaseSeconds& phases,
                                          DirectWay way);
std::string unfit_for_direct(const ArrayMap& map);
/// Units must also hold whole records, and the file must end with a unit.
std::string unfit_for_atomic(const ArrayMap& map);

/// One write request per record, many requests per system call.
std::unique_ptr<WriteSession> open_io_uring(const WriterSlice& share, PhaseSeconds& phases);

/// Each writer writes its records, in its order, to an NPY file of its own beside the array. Writer
/// 0 copies them into the array when all have finished, and removes the files.
struct FilePerWriterVariant {
  bool in_kernel = false;  ///< copies runs with copy_file_range; else reads, assembles and writes
};
std::unique_ptr<WriteSession> open_file_per_writer(const WriterSlice& share, PhaseSeconds& phases,
                                                   FilePerWriterVariant way);
std::string unfit_for_copying_runs(const ArrayMap& map);

/// Writes to an unnamed file on the node first and copies it to the shared file at every sync, so
/// that the shared file receives few and large writes.
std::unique_ptr<WriteSession> open_local_then_copy(const WriterSlice& share, PhaseSeconds& phases);

/// All writers send their records to writer 0, which writes them.
std::unique_ptr<WriteSession> open_collector(const WriterSlice& share, PhaseSeconds& phases);

/// All ranks open the file together, each by its own path.
///
/// MPI_File_sync and MPI_File_close are collective: a rank that has failed still calls them, and
/// throws afterwards, so that the others do not hang.
struct MpiIoVariant {
  bool collective = false;  ///< MPI_File_write_at_all: MPI decides which rank writes which bytes
  bool atomic = false;      ///< MPI_File_set_atomicity
};
std::unique_ptr<WriteSession> open_mpi_io(const WriterSlice& share, PhaseSeconds& phases,
                                          MpiIoVariant way);

}  // namespace npyrace
