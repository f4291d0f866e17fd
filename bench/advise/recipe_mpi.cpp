#include "bench/advise/recipe_mpi.h"

#include <fmt/format.h>

namespace npyrace {
namespace {

constexpr const char* kEachAlone =
    R"(        if where.step == 1 and ELEMENT.itemsize == ITEM.itemsize:
            if len(where):
                file.Write_at(OFFSET + where[0] * ITEM.itemsize, records.view(np.uint8))
        else:
            for n, i in enumerate(where):
                file.Write_at(OFFSET + i * ELEMENT.itemsize + LEAD, records[n:n + 1].view(np.uint8))
)";

constexpr const char* kAllTogether =
    R"(        first = OFFSET + (where[0] * ELEMENT.itemsize + LEAD if len(where) else 0)
        mine = MPI.BYTE.Create_hvector(len(where), ITEM.itemsize, where.step * ELEMENT.itemsize).Commit()
        file.Set_view(first, MPI.BYTE, mine)
        file.Write_at_all(0, records.view(np.uint8))
        mine.Free()
)";

constexpr const char* kMain = R"(

if __name__ == "__main__":
    job = MPI.COMM_WORLD.rank
    if MPI.COMM_WORLD.size != JOBS:
        sys.exit(f"{MPI.COMM_WORLD.size} ranks, not {JOBS}: mpirun -n {JOBS} python3 job.py")
    write(job, np.zeros(count_of(job), ITEM))  # your records here, in the order of share(job)
)";

/// Every rank opens, writes and closes: these are calls of all together.
WayText ranks(const CellDescription& cell, const char* atomicity, const char* writing) {
  const SyncLines sync = sync_lines(cell, "", "file.Sync()");
  if (!sync.each.empty()) return {};
  return {.write = fmt::format(
              "\n\nfrom mpi4py import MPI\n\n\ndef write(job, records):\n    where = share(job)\n"
              "    file = MPI.File.Open(MPI.COMM_WORLD, FILE, MPI.MODE_RDWR)\n    try:\n{}{}{}"
              "    finally:\n        file.Close()\n",
              atomicity, writing, sync.end),
          .usage = fmt::format("all ranks together: mpirun -n {} python3 job.py", cell.writers),
          .main = kMain};
}

}  // namespace

WayText mpi_independent_text(const CellDescription& cell) {
  return ranks(cell, "", kEachAlone);
}

WayText mpi_collective_text(const CellDescription& cell) {
  return ranks(cell, "", kAllTogether);
}

WayText mpi_atomic_text(const CellDescription& cell) {
  return ranks(cell, "        file.Set_atomicity(True)\n", kEachAlone);
}

}  // namespace npyrace
