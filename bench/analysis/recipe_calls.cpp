#include "bench/analysis/recipe_calls.h"

#include <fmt/format.h>

namespace npyrace {
namespace {

/// Open flags, the call that writes `data` at byte `at`, and whether a run is written by one call.
struct Calls {
  const char* flags = "os.O_RDWR";
  const char* call = "os.pwrite(fd, data, at)";
  bool runs = false;
  const char* put = "put(fd, data, at)";
};

std::string opening(const char* flags) {
  return fmt::format(
      "\n\ndef write(job, records):\n    where = share(job)\n    fd = os.open(FILE, {})\n    try:\n",
      flags);
}

std::string by_calls(const CellDescription& cell, const Calls& calls) {
  const SyncLines sync = sync_lines(cell, "os.fsync(fd)", "os.fsync(fd)");
  std::string text = put_function(calls.call) + opening(calls.flags);
  if (calls.runs && sync.each.empty() && back_to_back(cell))
    text +=
        "        if len(where):\n"
        "            put(fd, records.tobytes(), OFFSET + where[0] * ITEM.itemsize)\n";
  else
    text += fmt::format(
        "        for n, i in enumerate(where):\n"
        "            data, at = records[n].tobytes(), OFFSET + i * ELEMENT.itemsize + LEAD\n"
        "            {}\n",
        calls.put);
  return text + sync.each + sync.end + kCloseFile;
}

/// IOV_MAX is 1024 on Linux.
constexpr const char* kGathered = R"(        for n in range(0, len(where), 1024):
            parts, at = [r.tobytes() for r in records[n:n + 1024]], OFFSET + where[n] * ITEM.itemsize
            done = os.pwritev(fd, parts, at)
            put(fd, b"".join(parts)[done:], at + done)
)";

constexpr const char* kLocked =
    "fcntl.lockf(fd, fcntl.LOCK_EX, len(data), at)\n"
    "            put(fd, data, at)\n"
    "            fcntl.lockf(fd, fcntl.LOCK_UN, len(data), at)";

constexpr const char* kSingleMain = R"(

if __name__ == "__main__":
    for job in range(JOBS):
        write(job, np.zeros(count_of(job), ITEM))  # your records here, in the order of share(job)
)";

constexpr const char* kLocalFirst = R"(

SCRATCH = tempfile.gettempdir()  # yours: a disk of the node


def write(job, records):
    with tempfile.TemporaryFile(dir=SCRATCH) as local:
        for record in records:
            local.write(record.tobytes())  # as they come
        local.seek(0)
        copy(job, np.frombuffer(local.read(), ITEM))
)";

}  // namespace

VariantText pwrite_text(const CellDescription& cell) {
  return {.write = by_calls(cell, {})};
}

VariantText pwrite_batch_text(const CellDescription& cell) {
  return {.write = by_calls(cell, {.runs = true})};
}

VariantText pwritev_text(const CellDescription& cell) {
  const Calls calls;
  const SyncLines sync = sync_lines(cell, "os.fsync(fd)", "os.fsync(fd)");
  if (!sync.each.empty() || !back_to_back(cell))
    return {.write = by_calls(cell, {.call = "os.pwritev(fd, [data], at)"})};
  return {.write =
              put_function(calls.call) + opening(calls.flags) + kGathered + sync.end + kCloseFile};
}

VariantText pwrite_wronly_text(const CellDescription& cell) {
  return {.write = by_calls(cell, {.flags = "os.O_WRONLY"})};
}

VariantText pwrite_dsync_text(const CellDescription& cell) {
  return {.write = by_calls(cell, {.flags = "os.O_RDWR | os.O_DSYNC"})};
}

VariantText osync_text(const CellDescription& cell) {
  return {.write = by_calls(cell, {.flags = "os.O_RDWR | os.O_SYNC"})};
}

VariantText pwrite_rwf_dsync_text(const CellDescription& cell) {
  return {.write = by_calls(cell, {.call = "os.pwritev(fd, [data], at, os.RWF_DSYNC)"})};
}

VariantText pwrite_lock_text(const CellDescription& cell) {
  return {.modules = {"fcntl"}, .write = by_calls(cell, {.put = kLocked})};
}

VariantText stdio_text(const CellDescription& cell) {
  constexpr const char* kSync = "file.flush(); os.fsync(fd)";
  const SyncLines sync = sync_lines(cell, kSync, kSync);
  return {.write =
              "\n\ndef write(job, records):\n"
              "    with open(FILE, \"r+b\") as file:\n"
              "        fd = file.fileno()\n"
              "        for n, i in enumerate(share(job)):\n"
              "            file.seek(OFFSET + i * ELEMENT.itemsize + LEAD)\n"
              "            file.write(records[n].tobytes())\n" +
              sync.each + sync.end};
}

VariantText single_text(const CellDescription& cell) {
  return {.write = by_calls(cell, {.runs = true}),
          .usage = "once, by one process that has the records of all",
          .main = kSingleMain};
}

VariantText local_then_copy_text(const CellDescription& cell) {
  if (!sync_lines(cell, "", "").each.empty()) return {};
  std::string copying = by_calls(cell, {.runs = true});
  constexpr std::string_view kWrite = "def write(";
  copying.replace(copying.find(kWrite), kWrite.size(), "def copy(");
  return {.modules = {"tempfile"}, .write = copying + kLocalFirst};
}

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
    """Flushes each page that holds one of these records once, and no page in between."""
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

/// Stores record by record if there are syncs in between, else all at once.
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

VariantText mmap_text(const CellDescription& cell) {
  return {.write = stored(sync_lines(cell, "array.flush()", "array.flush()"), kWholeFile)};
}

VariantText mmap_window_text(const CellDescription& cell) {
  return {.write = stored(sync_lines(cell, "array.flush()", "array.flush()"), kOwnPages)};
}

VariantText mmap_populate_text(const CellDescription& cell) {
  return {.modules = {"mmap"},
          .write = stored(sync_lines(cell, "mapping.flush()", "mapping.flush()"), kPopulated)};
}

VariantText mmap_msync_page_text(const CellDescription& cell) {
  const SyncLines sync = sync_lines(cell, "flush_pages(mapping, where[n + 1 - {every}:n + 1])",
                                    "flush_pages(mapping, where)");
  return {.modules = {"mmap"}, .write = kFlushPages + stored(sync, kMapped)};
}

VariantText mmap_lock_text(const CellDescription& cell) {
  return {.modules = {"fcntl", "mmap"}, .write = unit_line(cell) + kFlushPages + kWriteLocked};
}

VariantText program_text(const CellDescription& /*cell*/) {
  return {.write = kProgram};
}

}  // namespace npyrace
