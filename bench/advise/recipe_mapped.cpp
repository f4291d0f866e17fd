#include "bench/advise/recipe_mapped.h"

namespace npyrace {
namespace {

constexpr const char* kWholeFile =
    "        array = np.load(FILE, mmap_mode=\"r+\")\n        first, stop = where[0], where[-1] + 1\n";
constexpr const char* kOwnPages =
    "        array = np.memmap(FILE, ELEMENT, \"r+\", OFFSET + where[0] * ELEMENT.itemsize,\n"
    "                          where[-1] + 1 - where[0])\n"
    "        first, stop = 0, len(array)\n";
constexpr const char* kPopulated =
    "        with open(FILE, \"r+b\") as file:  # MAP_POPULATE: Python 3.10 and newer\n"
    "            mapping = mmap.mmap(file.fileno(), 0, mmap.MAP_SHARED | mmap.MAP_POPULATE)\n"
    "        array = np.frombuffer(mapping, ELEMENT, elements(), OFFSET)\n"
    "        first, stop = where[0], where[-1] + 1\n";
constexpr const char* kMapped =
    "        with open(FILE, \"r+b\") as file:\n"
    "            mapping = mmap.mmap(file.fileno(), 0)\n"
    "        array = np.frombuffer(mapping, ELEMENT, elements(), OFFSET)\n"
    "        first, stop = where[0], where[-1] + 1\n";

constexpr const char* kFlushPages = R"(

def flush_pages(mapping, indices):
    """Each page that holds one of these records, once, and no page between."""
    done = 0
    for i in indices:
        at = OFFSET + i * ELEMENT.itemsize + LEAD
        first = max(at // mmap.PAGESIZE * mmap.PAGESIZE, done)
        end = -(-(at + ITEM.itemsize) // mmap.PAGESIZE) * mmap.PAGESIZE
        if end > first:
            mapping.flush(first, min(end, len(mapping)) - first)
            done = end
)";

constexpr const char* kWriteLocked = R"(

def write(job, records):
    with open(FILE, "r+b") as file:
        mapping = mmap.mmap(file.fileno(), 0)
        array = np.frombuffer(mapping, ELEMENT, elements(), OFFSET)
        for n, i in enumerate(share(job)):
            at = OFFSET + i * ELEMENT.itemsize + LEAD
            unit = at // UNIT * UNIT
            held = max(UNIT, at + ITEM.itemsize - unit)
            fcntl.lockf(file, fcntl.LOCK_EX, held, unit)
            rows(array)[i] = records[n]
            flush_pages(mapping, [i])
            fcntl.lockf(file, fcntl.LOCK_UN, held, unit)
)";

constexpr const char* kProgram = R"(

def write(job, records):
    """Two lines to change in your program: the array that it opens, and the rows that it writes to."""
    array = np.load(FILE, mmap_mode="r+")  # 1: the array of create.py instead of your own
    mine = share(job)                      # 2: these rows instead of your own
    rows(array)[mine.start:mine.stop:mine.step] = records  # written as your program writes
    array.flush()
)";

/// Record by record where it is synced between, else at once.
std::string stored(const SyncLines& sync, const std::string& open) {
  std::string text =
      "\n\ndef write(job, records):\n    where = share(job)\n    if len(where):\n" + open;
  if (sync.each.empty())
    text += "        rows(array)[first:stop:where.step] = records\n" + sync.end;
  else
    text +=
        "        for n, i in enumerate(range(first, stop, where.step)):\n            rows(array)[i] = records[n]\n" +
        sync.each + sync.end;
  return text;
}

}  // namespace

WayText mmap_text(const CellDescription& cell) {
  return {.write = stored(sync_lines(cell, "array.flush()", "array.flush()"), kWholeFile)};
}

WayText mmap_window_text(const CellDescription& cell) {
  return {.write = stored(sync_lines(cell, "array.flush()", "array.flush()"), kOwnPages)};
}

WayText mmap_populate_text(const CellDescription& cell) {
  return {.modules = {"mmap"},
          .write = stored(sync_lines(cell, "mapping.flush()", "mapping.flush()"), kPopulated)};
}

WayText mmap_msync_page_text(const CellDescription& cell) {
  const SyncLines sync = sync_lines(cell, "flush_pages(mapping, where[n + 1 - {every}:n + 1])",
                                    "flush_pages(mapping, where)");
  return {.modules = {"mmap"}, .write = kFlushPages + stored(sync, kMapped)};
}

WayText mmap_lock_text(const CellDescription& cell) {
  return {.modules = {"fcntl", "mmap"}, .write = unit_line(cell) + kFlushPages + kWriteLocked};
}

WayText program_text(const CellDescription& /*cell*/) {
  return {.write = kProgram};
}

}  // namespace npyrace
