#include "bench/strategies/strategy.h"

#include <cerrno>

#include "bench/strategies/exec.h"
#include "bench/strategies/mmap.h"
#include "bench/strategies/pwrite.h"
#include "bench/strategies/read_modify_write.h"
#include "core/table.h"

namespace npyrace {
namespace {

const MmapStrategy kMmap{{}};
const MmapStrategy kMmapWindow{{.extent = MmapStrategy::Extent::own_pages}};
const MmapStrategy kMmapPopulate{{.populate = true}};
const MmapStrategy kMmapMsyncPage{{.sync_own_pages = true}};
const MmapStrategy kMmapLock{{.lock_units = true}};
const PwriteStrategy kPwrite{{}};
const PwriteStrategy kPwriteBatch{{.one_call_a_run = true}};
const PwriteStrategy kPwriteWronly{{.access = Access::write}};
const PwriteStrategy kPwriteDsync{{.data_sync = true}};
const PwriteStrategy kPwriteLock{{.lock_records = true}};
const PwriteStrategy kOsync{{.full_sync = true}};
const PwriteStrategy kPwriteRwfDsync{{.each_synced = true}};
const ReadModifyWriteStrategy kReadModifyWrite{{}};
const ReadModifyWriteStrategy kReadModifyWriteLock{{.lock_units = true}};
const ExecStrategy kExec;

const StrategyRow kStrategies[] = {
    {"mmap", "map the whole file and store into it, as NumPy's memmap does", "msync",
     "a = np.load(FILE, mmap_mode='r+'); a[i] = ...; a.flush()", kMmap, 0},
    {"mmap-window", "map only the pages that hold own records", "msync",
     "a = np.memmap(FILE, dtype, 'r+', offset, shape); a[:] = ...; a.flush()", kMmapWindow, 2},
    {"pwrite", "one pwrite call a record into a file opened read-write", "fsync",
     "os.pwrite(fd, record.tobytes(), offset + i * record.nbytes); os.fsync(fd)", kPwrite, 1},
    {"pwrite-batch", "one pwrite call for every run of records that lie back to back", "fsync",
     "os.pwrite(fd, block.tobytes(), offset + first * itemsize); os.fsync(fd)", kPwriteBatch, 2},
    {"pwrite-wronly", "as pwrite, the file opened write-only: nothing is read before", "fsync",
     "fd = os.open(FILE, os.O_WRONLY); os.pwrite(fd, record.tobytes(), ...); os.fsync(fd)",
     kPwriteWronly, 3},
    {"pwrite-dsync", "as pwrite, the file opened with O_DSYNC: every write waits for the disk",
     "each pwrite", "fd = os.open(FILE, os.O_RDWR | os.O_DSYNC); os.pwrite(fd, ...)", kPwriteDsync,
     3},
    {"pwrite-lock", "as pwrite, each write under a lock of its bytes (F_OFD_SETLKW)", "fsync",
     "fcntl.lockf(fd, fcntl.LOCK_EX, n, at); os.pwrite(fd, ..., at); fcntl.lockf(fd, "
     "fcntl.LOCK_UN, "
     "n, at)",
     kPwriteLock, 4},
    {"mmap-populate", "as mmap, every page there before the first touch (MAP_POPULATE)", "msync", "",
     kMmapPopulate, 2},
    {"mmap-msync-page", "as mmap, msync of the pages of own records only", "msync of those", "",
     kMmapMsyncPage, 3},
    {"mmap-lock", "as mmap, each record stored and synced under a lock of its alignment unit", "msync",
     "", kMmapLock, 5},
    {"pwrite-rwf-dsync", "as pwrite, each write on disk when it returns (pwritev2, RWF_DSYNC)",
     "each pwritev2", "os.pwritev(fd, [record.tobytes()], at, os.RWF_DSYNC)", kPwriteRwfDsync, 3},
    {"osync", "as pwrite, the file opened with O_SYNC: data and metadata on disk", "each pwrite",
     "fd = os.open(FILE, os.O_RDWR | os.O_SYNC); os.pwrite(fd, ...)", kOsync, 3},
    {"read-modify-write",
     "read a whole unit, change the record in it, write the unit back: what naive tools do; loses "
     "records wherever writers share a unit",
     "fsync", "", kReadModifyWrite, 6, false},
    {"read-modify-write-lock", "the same under a lock of the unit: as good as the locks are", "fsync", "",
     kReadModifyWriteLock, 7, false},
    {"exec", "your own program: run --exec 'COMMAND'", "exit code 0", "", kExec, 0, false},
};

}  // namespace

std::span<const StrategyRow> strategy_table() {
  return kStrategies;
}

const StrategyRow& find_strategy(std::string_view name) {
  return find_row("strategy", name.starts_with("exec:") ? "exec" : name, strategy_table());
}

bool is_refusal(const SystemError& error) {
  const int number = error.error_number();
  if (error.call() == "pwritev2") return number == EOPNOTSUPP || number == ENOSYS;
  if (error.call() == "mmap") return number == ENODEV || number == ENOSYS || number == EOPNOTSUPP;
  return error.call() == "open" && number == EINVAL;  // O_DIRECT
}

}  // namespace npyrace
