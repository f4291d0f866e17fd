#include "bench/analysis/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "bench/analysis/recipe_calls.h"
#include "bench/analysis/recipe_parts.h"
#include "bench/strategies/race_order.h"
#include "core/array/ownership.h"
#include "core/npy/dtype.h"
#include "core/npy/npy_header.h"

namespace npyrace {
namespace {

/// Without io-uring, pwrite-atomic and collector, which Python cannot express, and without exec,
/// which has no single recipe.
constexpr RecipeWay kWays[] = {
    {"mmap", mmap_text},
    {"mmap-window", mmap_window_text},
    {"mmap-populate", mmap_populate_text},
    {"mmap-msync-page", mmap_msync_page_text},
    {"mmap-lock", mmap_lock_text},
    {"pwrite", pwrite_text},
    {"pwrite-batch", pwrite_batch_text},
    {"pwritev", pwritev_text},
    {"pwrite-wronly", pwrite_wronly_text},
    {"pwrite-dsync", pwrite_dsync_text},
    {"osync", osync_text},
    {"pwrite-rwf-dsync", pwrite_rwf_dsync_text},
    {"pwrite-lock", pwrite_lock_text},
    {"stdio", stdio_text},
    {"direct", direct_text},
    {"read-modify-write", read_modify_write_text},
    {"read-modify-write-lock", read_modify_write_lock_text},
    {"single", single_text},
    {"file-per-writer", file_per_writer_text},
    {"file-per-writer-reflink", file_per_writer_reflink_text},
    {"local-then-copy", local_then_copy_text},
    {"mpi-independent", mpi_independent_text},
    {"mpi-collective", mpi_collective_text},
    {"mpi-atomic", mpi_atomic_text},
    {"exec", program_text},
};

constexpr const char* kPut = R"(

def put(fd, data, at):
    """All of data: one call may write less than it was given (2 GiB at most)."""
    data = memoryview(data)
    while len(data):
        done = {}
        data, at = data[done:], at + done
)";

}  // namespace

const RecipeWay* find_recipe_way(std::string_view strategy) {
  if (strategy.starts_with("exec:")) strategy = "exec";
  const auto* row = std::ranges::find(kWays, strategy, &RecipeWay::strategy);
  return row == std::end(kWays) ? nullptr : row;
}

SyncLines sync_lines(const CellDescription& cell, std::string_view each, std::string_view end) {
  const SyncPolicy policy = parse_sync_policy(cell.sync);
  const std::string last = policy.at_end() ? fmt::format("        {}\n", end) : "";
  const std::uint64_t every = policy.interval_records();
  if (every == 0) return {"", last};
  const std::string call = fmt::format(fmt::runtime(each), fmt::arg("every", every));
  return {fmt::format("            if n % {0} == {0} - 1:\n                {1}\n", every, call),
          last};
}

bool back_to_back(const CellDescription& cell) {
  return cell.layout == "padded-block" || (cell.layout == "packed" && cell.ownership == "block");
}

std::string put_function(std::string_view call) {
  return fmt::format(kPut, call);
}

std::string unit_line(const CellDescription& cell) {
  return fmt::format("\n\nUNIT = {}  # bytes\n", cell.align_bytes);
}

namespace {

constexpr std::uint64_t kUsualHeaderBytes = 64;

/// The record's type, parsed again because a foreign result may contain arbitrary text.
std::string item_of(const CellDescription& cell) {
  if (cell.descr.empty()) return fmt::format(R"(np.dtype("V{}"))", cell.record_bytes);
  const std::string base = descr_text(dtype_from_text(cell.descr));
  if (cell.row_shape.empty()) return fmt::format("np.dtype({})", base);
  return fmt::format("np.dtype(({}, {}))", base, shape_text(cell.row_shape));
}

/// Definitions shared by all scripts.
constexpr const char* kCommon = R"({imports}
import numpy as np

FILE, RECORDS, JOBS = "array.npy", {records}, {writers}  # yours
ITEM = {item}  # one record: {record_bytes} bytes
BASE, ROW = ITEM.subdtype or (ITEM, ())  # of a record that is a row: its items
ALIGN = {align}  # bytes


def header(dtype, count):
    """As NumPy writes it, padded so that data begin at a multiple of ALIGN, up to 8192."""
    align = max(64, min(ALIGN, 8192))
    base, row = dtype.subdtype or (dtype, ())
    text = (f"{{{{'descr': {{np.lib.format.dtype_to_descr(base)!r}}, 'fortran_order': False, "
            f"'shape': {{(count, *row)!r}}, }}}}")
    text += " " * (21 - len(str(count)))  # room for the array to grow, as NumPy leaves
    text += " " * (align - (10 + len(text) + 1) % align) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode("latin1")


def count_of(job):
    return RECORDS // JOBS + (job < RECORDS % JOBS)


def rows(array):
    """The part of an array that jobs write to: where a record is padded, its field."""
    return array["rows"] if (array.dtype.names or ()) == ("rows",) != (ITEM.names or ()) else array

)";

/// `element`, `LEAD`, `share(job)`, `elements()`, per layout. OFFSET is the data offset.
constexpr const char* kPacked = R"(
OFFSET, ELEMENT, LEAD = len(header(ITEM, RECORDS)), ITEM, 0


def share(job):
    """The array indices of a job's records."""
    {share}


def elements():
    return RECORDS
)";

constexpr const char* kPaddedRecord = R"(
def padded(offset):
    """A record with nothing else in its alignment unit."""
    lead = -offset % ALIGN
    fields = ITEM.fields and [(n, ITEM.fields[n][0], ITEM.fields[n][1]) for n in ITEM.names]
    names, formats, places = zip(*(fields or [("rows", ITEM, 0)]))
    return lead, np.dtype({{"names": list(names), "formats": list(formats),
                           "offsets": [place + lead for place in places],
                           "itemsize": -(-(lead + ITEM.itemsize) // ALIGN) * ALIGN}})


OFFSET = min(ALIGN, 8192)
while True:  # the header describes the element, which depends on where the header ends
    LEAD, ELEMENT = padded(OFFSET)
    if len(header(ELEMENT, RECORDS)) == OFFSET:
        break
    OFFSET = len(header(ELEMENT, RECORDS))


def share(job):
    """The array indices of a job's records."""
    {share}


def elements():
    return RECORDS
)";

constexpr const char* kPaddedBlock = R"(
def place(job, offset):
    """The first element of a job's block, which begins on an alignment unit of its own."""
    first, end = 0, offset
    for j in range(job + 1):
        boundary = -(-end // ALIGN) * ALIGN
        first = -(-(boundary - offset) // ITEM.itemsize)
        if count_of(j):
            end = offset + (first + count_of(j)) * ITEM.itemsize
    return first, (end - offset) // ITEM.itemsize


OFFSET, ELEMENT, LEAD = min(ALIGN, 8192), ITEM, 0
while len(header(ITEM, place(JOBS - 1, OFFSET)[1])) != OFFSET:
    OFFSET = len(header(ITEM, place(JOBS - 1, OFFSET)[1]))


def share(job):
    """The array indices of a job's records: what lies between blocks is padding."""
    first = place(job, OFFSET)[0]
    return range(first, first + count_of(job))


def elements():
    return place(JOBS - 1, OFFSET)[1]
)";

constexpr const char* kCreate = R"(

with open(FILE, "xb") as file:
    file.write(header(ELEMENT, elements()))
    file.flush()
    os.posix_fallocate(file.fileno(), 0, OFFSET + elements() * ELEMENT.itemsize)
    os.fsync(file.fileno())
)";

constexpr const char* kReadRecords = R"(

array = np.load(FILE, mmap_mode="r")
records = array[list(ITEM.names)] if ITEM.names else rows(array)  # without the padding
print(records.shape, records.dtype)
)";

constexpr const char* kReadBlocks = R"(

array = np.load(FILE, mmap_mode="r")
records = np.concatenate([array[w.start:w.stop] for w in map(share, range(JOBS))])  # job by job
print(records.shape, records.dtype)
)";

constexpr const char* kMain = R"(

if __name__ == "__main__":
    job = int(sys.argv[1])  # from 0
    write(job, np.zeros(count_of(job), ITEM))  # your records here, in the order of share(job)
)";

constexpr const char* kCyclicShare = "return range(job, RECORDS, JOBS)";
constexpr const char* kBlockShare =
    "first = job * (RECORDS // JOBS) + min(job, RECORDS % JOBS)\n    return range(first, first + count_of(job))";

const char* layout_part(const CellDescription& cell) {
  if (cell.layout == "packed") return kPacked;
  if (cell.layout == "padded-record") return kPaddedRecord;
  return cell.layout == "padded-block" ? kPaddedBlock : nullptr;
}

std::string import_lines(std::vector<std::string_view> modules) {
  modules.insert(modules.end(), {"os", "sys"});
  std::ranges::sort(modules);
  std::string lines;
  for (const std::string_view module : modules) lines += fmt::format("import {}\n", module);
  return lines;
}

std::string common_part(const CellDescription& cell, const std::vector<std::string_view>& modules) {
  const bool padded = cell.padded();
  const bool cyclic = cell.ownership == "cyclic";
  return fmt::format(kCommon, fmt::arg("imports", import_lines(modules)),
                     fmt::arg("records", cell.records), fmt::arg("writers", cell.writers),
                     fmt::arg("item", item_of(cell)), fmt::arg("record_bytes", cell.record_bytes),
                     fmt::arg("align", padded ? cell.align_bytes : kUsualHeaderBytes)) +
         fmt::format(fmt::runtime(layout_part(cell)),
                     fmt::arg("share", cyclic ? kCyclicShare : kBlockShare));
}

}  // namespace

Recipe recipe_for(const CellDescription& cell) {
  const RecipeWay* way = find_recipe_way(cell.strategy);
  if (way == nullptr || layout_part(cell) == nullptr || cell.ownership == "random" ||
      cell.ownership == kOfProgram || cell.writers == 0)
    return {};
  const VariantText text = way->text(cell);
  if (text.write.empty()) return {};
  const std::string usage = text.usage.empty() ? "every job, as in: python3 job.py 0" : text.usage;
  Recipe recipe{
      {{"create.py", "# create.py: once, before the jobs\n" + common_part(cell, {}) + kCreate},
       {"job.py", "# job.py: " + usage + "\n" + common_part(cell, text.modules) + text.write +
                      (text.main.empty() ? kMain : text.main)}}};
  if (!text.collect.empty())
    recipe.push_back({"collect.py", "# collect.py: once, when all jobs are done\n" +
                                        common_part(cell, {}) + text.collect});
  if (cell.padded())
    recipe.push_back({"read.py", "# read.py: afterwards, as in: python3 -i read.py\n" +
                                     common_part(cell, {}) +
                                     (cell.layout == "padded-block" ? kReadBlocks : kReadRecords)});
  return recipe;
}

}  // namespace npyrace
