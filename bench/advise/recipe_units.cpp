#include "bench/advise/recipe_units.h"

#include <fmt/format.h>

namespace npyrace {
namespace {

constexpr const char* kDirect = R"(

def put_units(fd, records, i):
    """Whole units past the page cache, from memory that is aligned as O_DIRECT wants it."""
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

/// Between syncs a unit of several own records would have to be read again: there is no recipe.
WayText direct_text(const CellDescription& cell) {
  const SyncLines sync = sync_lines(cell, "os.fsync(fd)", "os.fsync(fd)");
  if (!sync.each.empty()) return {};
  return {.modules = {"mmap"},
          .write = put_function("os.pwritev(fd, [data], at)") + kDirect + sync.end + kCloseFile};
}

WayText read_modify_write_text(const CellDescription& cell) {
  return {.write = changed(cell, "", "")};
}

WayText read_modify_write_lock_text(const CellDescription& cell) {
  return {.modules = {"fcntl"}, .write = changed(cell, kLock, kUnlock)};
}

}  // namespace npyrace
