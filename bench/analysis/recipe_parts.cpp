#include "bench/analysis/recipe_parts.h"

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

constexpr const char* kPartsMain = R"(

if __name__ == "__main__":
    job = MPI.COMM_WORLD.rank
    if MPI.COMM_WORLD.size != JOBS:
        sys.exit(f"{MPI.COMM_WORLD.size} ranks, not {JOBS}: mpirun -n {JOBS} python3 job.py")
    write(job, np.zeros(count_of(job), ITEM))  # your records here, in the order of share(job)
)";

/// Every rank opens, writes and closes, because these calls are collective.
VariantText ranks(const CellDescription& cell, const char* atomicity, const char* writing) {
  const SyncLines sync = sync_lines(cell, "", "file.Sync()");
  if (!sync.each.empty()) return {};
  return {.write = fmt::format(
              "\n\nfrom mpi4py import MPI\n\n\ndef write(job, records):\n    where = share(job)\n"
              "    file = MPI.File.Open(MPI.COMM_WORLD, FILE, MPI.MODE_RDWR)\n    try:\n{}{}{}"
              "    finally:\n        file.Close()\n",
              atomicity, writing, sync.end),
          .usage = fmt::format("all ranks together: mpirun -n {} python3 job.py", cell.writers),
          .main = kPartsMain};
}

}  // namespace

VariantText mpi_independent_text(const CellDescription& cell) {
  return ranks(cell, "", kEachAlone);
}

VariantText mpi_collective_text(const CellDescription& cell) {
  return ranks(cell, "", kAllTogether);
}

VariantText mpi_atomic_text(const CellDescription& cell) {
  return ranks(cell, "        file.Set_atomicity(True)\n", kEachAlone);
}

namespace {

constexpr const char* kPart = R"(

def part(job):
    return f"{FILE}.part{job}.npy"
)";

/// Renames at the end, so that the name always refers to a complete file.
constexpr const char* kWrite = R"(

def write(job, records):
    with open(part(job) + ".new", "wb") as file:
        np.save(file, records)
        file.flush()
        os.fsync(file.fileno())
    os.rename(part(job) + ".new", part(job))
)";

constexpr const char* kCheck = R"(

for job in range(JOBS):  # all are there and whole, or nothing is written
    records = np.load(part(job), mmap_mode="r")
    if records.dtype != BASE or records.shape != (count_of(job), *ROW):
        sys.exit(f"{part(job)}: {records.shape} records of {records.dtype}, not {count_of(job)} of {ITEM}")
)";

constexpr const char* kAssign = R"(
array = np.load(FILE, mmap_mode="r+")
for job in range(JOBS):
    where = share(job)
    if len(where):
        rows(array)[where[0]:where[-1] + 1:where.step] = np.load(part(job))
array.flush()  # now the parts can go
)";

constexpr const char* kCopyInKernel = R"(
with open(FILE, "r+b") as file:
    for job in range(JOBS):
        begin = np.load(part(job), mmap_mode="r").offset
        with open(part(job), "rb") as source:
            done, size = 0, count_of(job) * ITEM.itemsize
            while done < size:
                at = OFFSET + share(job)[0] * ITEM.itemsize
                moved = os.copy_file_range(source.fileno(), file.fileno(), size - done, begin + done, at + done)
                if moved == 0:
                    sys.exit(f"{part(job)}: shorter than it was")
                done += moved
    os.fsync(file.fileno())  # now the parts can go
)";

VariantText parts(const char* collect) {
  return {.write = std::string(kPart) + kWrite, .collect = std::string(kPart) + kCheck + collect};
}

}  // namespace

VariantText file_per_writer_text(const CellDescription& /*cell*/) {
  return parts(kAssign);
}

VariantText file_per_writer_reflink_text(const CellDescription& cell) {
  if (!back_to_back(cell)) return {};
  return parts(kCopyInKernel);
}

namespace {

constexpr const char* kDirect = R"(

def put_units(fd, records, i):
    """Writes whole units with O_DIRECT, from memory with the alignment that it requires."""
    at = OFFSET + i * ELEMENT.itemsize + LEAD
    first = at // ALIGN * ALIGN
    end = at + (len(records) - 1) * ELEMENT.itemsize + ITEM.itemsize
    memory = mmap.mmap(-1, -(-end // ALIGN) * ALIGN - first)
    np.ndarray(len(records), ITEM, memory, at - first, (ELEMENT.itemsize,))[:] = records
    size = OFFSET + elements() * ELEMENT.itemsize
    whole = min(first + len(memory), size // ALIGN * ALIGN) - first
    put(fd, memoryview(memory)[:whole], first)
    if first + len(memory) > size:  # the end of the file cuts its last unit: past no cache, but on disk
        last = os.open(FILE, os.O_WRONLY | os.O_DSYNC)
        put(last, memoryview(memory)[whole:size - first], first + whole)
        os.close(last)


def write(job, records):
    where = share(job)
    together = len(where) if where.step == 1 else 1  # records that lie back to back
    fd = os.open(FILE, os.O_RDWR | os.O_DIRECT)
    try:
        for n in range(0, len(where), max(together, 1)):
            put_units(fd, records[n:n + together], where[n])
)";

constexpr const char* kChange = R"(

def write(job, records):
    size = OFFSET + elements() * ELEMENT.itemsize
    fd = os.open(FILE, os.O_RDWR)
    try:
        for n, i in enumerate(share(job)):
            data, at = records[n].tobytes(), OFFSET + i * ELEMENT.itemsize + LEAD
            first = at // UNIT * UNIT
            count = min(-(-(at + len(data)) // UNIT) * UNIT, size) - first
{}            units = bytearray(os.pread(fd, count, first))
            units[at - first:at - first + len(data)] = data
            if os.pwrite(fd, units, first) != count:
                sys.exit(f"{{FILE}}: record {{i}}: only a part could be written")
{})";

constexpr const char* kLock = "            fcntl.lockf(fd, fcntl.LOCK_EX, count, first)\n";
constexpr const char* kUnlock = "            fcntl.lockf(fd, fcntl.LOCK_UN, count, first)\n";

std::string changed(const CellDescription& cell, const char* lock, const char* unlock) {
  const SyncLines sync = sync_lines(cell, "os.fsync(fd)", "os.fsync(fd)");
  return unit_line(cell) + fmt::format(kChange, lock, unlock) + sync.each + sync.end + kCloseFile;
}

}  // namespace

/// With syncs in between, a unit with several own records would have to be read again: there is no
/// recipe.
VariantText direct_text(const CellDescription& cell) {
  const SyncLines sync = sync_lines(cell, "os.fsync(fd)", "os.fsync(fd)");
  if (!sync.each.empty()) return {};
  return {.modules = {"mmap"},
          .write = put_function("os.pwritev(fd, [data], at)") + kDirect + sync.end + kCloseFile};
}

VariantText read_modify_write_text(const CellDescription& cell) {
  return {.write = changed(cell, "", "")};
}

VariantText read_modify_write_lock_text(const CellDescription& cell) {
  return {.modules = {"fcntl"}, .write = changed(cell, kLock, kUnlock)};
}

}  // namespace npyrace
