#include "bench/advise/recipe.h"

#include <fmt/format.h>

#include <string_view>

#include "bench/sync_policy.h"
#include "core/layouts/layout.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kUsualHeaderBytes = 64;

std::string item_of(const CellDescription& cell) {
  constexpr std::uint64_t kUsualRecordBytes = 16;
  if (cell.record_bytes == kUsualRecordBytes)
    return R"(np.dtype([("start_ns", "<i8"), ("finish_ns", "<i8")]))";
  return fmt::format(R"(np.dtype("V{}"))", cell.record_bytes);
}

/// What both scripts must agree on.
constexpr const char* kCommon = R"(import os
import sys

import numpy as np

FILE, RECORDS, JOBS = "array.npy", {records}, {writers}  # yours
ITEM = {item}  # one record, yours; raced with {record_bytes} bytes
ALIGN = {align}  # bytes


def header(dtype, count):
    """As NumPy writes it, padded so that data begin at a multiple of ALIGN, up to 8192."""
    align = max(64, min(ALIGN, 8192))
    text = (f"{{{{'descr': {{np.lib.format.dtype_to_descr(dtype)!r}}, 'fortran_order': False, "
            f"'shape': ({{count}},), }}}}")
    text += " " * (21 - len(str(count)))  # room for the array to grow, as NumPy leaves
    text += " " * (align - (10 + len(text) + 1) % align) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode("latin1")


def count_of(job):
    return RECORDS // JOBS + (job < RECORDS % JOBS)

)";

/// `element`, `LEAD`, `share(job)`, `elements()`, by layout. OFFSET is where data begin.
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
    names, formats, places = zip(*(fields or [("record", ITEM, 0)]))
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

std::string common_part(const CellDescription& cell) {
  const bool padded = find_layout(cell.layout).padded;
  const bool cyclic = cell.ownership == "cyclic";
  return fmt::format(kCommon, fmt::arg("records", cell.records), fmt::arg("writers", cell.writers),
                     fmt::arg("item", item_of(cell)), fmt::arg("record_bytes", cell.record_bytes),
                     fmt::arg("align", padded ? cell.align_bytes : kUsualHeaderBytes)) +
         fmt::format(fmt::runtime(layout_part(cell)),
                     fmt::arg("share", cyclic ? kCyclicShare : kBlockShare));
}

/// Lines after every record, and after the last, that keep the sync policy.
struct Sync {
  std::string each, end;
};

Sync sync_of(const CellDescription& cell, const std::string& call) {
  const SyncPolicy policy = parse_sync_policy(cell.sync);
  const std::string end = policy.at_end() ? fmt::format("        {}\n", call) : "";
  const std::uint64_t every = policy.interval_records();
  if (every == 0) return {"", end};
  return {fmt::format("            if n % {0} == {0} - 1:\n                {1}\n", every, call),
          end};
}

/// A mapped array, stored into record by record where it is synced between, else at once.
std::string by_mapping(const CellDescription& cell, const std::string& open) {
  const Sync sync = sync_of(cell, "array.flush()");
  std::string text =
      "\n\ndef write(job, records):\n    where = share(job)\n    if len(where):\n" + open;
  if (sync.each.empty())
    text += "        array[first:stop:where.step] = records\n" + sync.end;
  else
    text +=
        "        for n, i in enumerate(range(first, stop, where.step)):\n            array[i] = records[n]\n" +
        sync.each + sync.end;
  return text;
}

/// How each way opens the file and writes `data` at byte `at`.
struct Calls {
  const char* flags;
  const char* write;
};

std::string by_calls(const CellDescription& cell, const Calls& calls, bool runs) {
  const Sync sync = sync_of(cell, "os.fsync(fd)");
  std::string text = fmt::format(
      "\n\ndef write(job, records):\n    where = share(job)\n    fd = os.open(FILE, {})\n    try:\n",
      calls.flags);
  // One call for records that lie back to back, which they do in a block that is not padded inside.
  const bool one_call = runs && sync.each.empty();
  const bool contiguous =
      cell.layout == "padded-block" || (cell.layout == "packed" && cell.ownership == "block");
  if (one_call && contiguous)
    return text +
           "        if len(where):\n"
           "            os.pwrite(fd, records.tobytes(), OFFSET + where[0] * ITEM.itemsize)\n" +
           sync.end + "    finally:\n        os.close(fd)\n";
  text +=
      "        for n, i in enumerate(where):\n"
      "            data, at = records[n].tobytes(), OFFSET + i * ELEMENT.itemsize + LEAD\n";
  text += fmt::format("            {}\n", calls.write);
  return text + sync.each + sync.end + "    finally:\n        os.close(fd)\n";
}

constexpr const char* kWholeFile =
    "        array = np.load(FILE, mmap_mode=\"r+\")\n        first, stop = where[0], where[-1] + 1\n";
constexpr const char* kOwnPages =
    "        array = np.memmap(FILE, ELEMENT, \"r+\", OFFSET + where[0] * ELEMENT.itemsize,\n"
    "                          where[-1] + 1 - where[0])\n"
    "        first, stop = 0, len(array)\n";

constexpr const char* kWrite = "os.pwrite(fd, data, at)";

std::string whole_mapping(const CellDescription& cell) {
  return by_mapping(cell, kWholeFile);
}
std::string own_mapping(const CellDescription& cell) {
  return by_mapping(cell, kOwnPages);
}

struct Way {
  std::string_view strategy;
  std::string (*job)(const CellDescription& cell);
};

/// What NumPy and os can do as the strategy does; others have no recipe.
constexpr Way kWays[] = {
    {"mmap", whole_mapping},
    {"mmap-window", own_mapping},
    {"pwrite",
     [](const CellDescription& c) {
       return by_calls(c, {"os.O_RDWR", kWrite}, false);
     }},
    {"pwrite-batch",
     [](const CellDescription& c) {
       return by_calls(c, {"os.O_RDWR", kWrite}, true);
     }},
    {"pwrite-wronly",
     [](const CellDescription& c) {
       return by_calls(c, {"os.O_WRONLY", kWrite}, false);
     }},
    {"pwrite-dsync",
     [](const CellDescription& c) {
       return by_calls(c, {"os.O_RDWR | os.O_DSYNC", kWrite}, false);
     }},
    {"osync",
     [](const CellDescription& c) {
       return by_calls(c, {"os.O_RDWR | os.O_SYNC", kWrite}, false);
     }},
    {"pwrite-rwf-dsync",
     [](const CellDescription& c) {
       return by_calls(c, {"os.O_RDWR", "os.pwritev(fd, [data], at, os.RWF_DSYNC)"}, false);
     }},
    {"pwrite-lock",
     [](const CellDescription& c) {
       return by_calls(c,
                       {"os.O_RDWR",
                        "fcntl.lockf(fd, fcntl.LOCK_EX, len(data), at)\n"
                        "            os.pwrite(fd, data, at)\n"
                        "            fcntl.lockf(fd, fcntl.LOCK_UN, len(data), at)"},
                       false);
     }},
};

const Way* way_of(const CellDescription& cell) {
  for (const Way& way : kWays)
    if (way.strategy == cell.strategy) return &way;
  return nullptr;
}

}  // namespace

Recipe recipe_for(const CellDescription& cell) {
  const Way* way = way_of(cell);
  if (way == nullptr || layout_part(cell) == nullptr || cell.ownership == "random" ||
      cell.writers == 0)
    return {};
  const std::string common = common_part(cell);
  const std::string imports = cell.strategy == "pwrite-lock" ? "import fcntl\n" : "";
  return {.create = "# create.py: once, before the jobs\n" + common + kCreate,
          .job = "# job.py: every job, as in: python3 job.py 0\n" + imports + common +
                 way->job(cell) + kMain};
}

}  // namespace npyrace
