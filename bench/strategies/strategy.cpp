#include "bench/strategies/strategy.h"

#include <cerrno>

#include "bench/strategies/exec.h"
#include "bench/strategies/mmap.h"
#include "bench/strategies/pwrite.h"
#include "core/table.h"

namespace npyrace {
namespace {

const MmapStrategy kMmap{MmapStrategy::Extent::whole_file};
const MmapStrategy kMmapWindow{MmapStrategy::Extent::own_pages};
const PwriteStrategy kPwrite{PwriteStrategy::Grouping::one_call_a_record};
const PwriteStrategy kPwriteBatch{PwriteStrategy::Grouping::one_call_a_run};

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
    {"exec", "your own program: run --exec 'COMMAND'", "exit code 0", "", kExec, 0},
};

}  // namespace

std::span<const StrategyRow> strategy_table() {
  return kStrategies;
}

const StrategyRow& find_strategy(std::string_view name) {
  return find_row("strategy", name, strategy_table());
}

bool is_refusal(const SystemError& error) {
  const int number = error.error_number();
  if (error.call() == "mmap") return number == ENODEV || number == ENOSYS || number == EOPNOTSUPP;
  return error.call() == "open" && number == EINVAL;  // O_DIRECT
}

}  // namespace npyrace
