#include "bench/analysis/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "bench/strategies/race_order.h"
#include "core/array/ownership.h"
#include "core/npy/dtype.h"
#include "core/npy/npy_header.h"

namespace npyrace {
namespace {

// Selection of the functions in kPythonPieces that a script needs.

struct Piece {
  std::string_view name;
  std::string_view text;
};

/// All functions at the top level of the file, in file order.
std::vector<Piece> all_pieces() {
  constexpr std::string_view kDef = "\ndef ";
  std::vector<Piece> pieces;
  std::size_t begin = kPythonPieces.find(kDef);
  while (begin != std::string_view::npos) {
    const std::size_t next = kPythonPieces.find(kDef, begin + 1);
    const std::string_view text = kPythonPieces.substr(begin + 1, next - begin - 1);
    const std::size_t name = kDef.size() - 1;
    pieces.push_back({text.substr(name, text.find('(') - name),
                      text.substr(0, text.find_last_not_of('\n') + 1)});
    begin = next;
  }
  return pieces;
}

bool is_word(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// True if the Python code contains this name as a whole word.
bool names(std::string_view code, std::string_view name) {
  for (std::size_t at = code.find(name); at != std::string_view::npos;
       at = code.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_word(code[at - 1])) && (end == code.size() || !is_word(code[end])))
      return true;
  }
  return false;
}

/// A function without its name and its docstring, which may name other functions.
std::string_view body_of(const Piece& piece) {
  constexpr std::string_view kQuotes = "\"\"\"";
  const std::size_t open = piece.text.find(kQuotes);
  return piece.text.substr(piece.text.find(kQuotes, open + kQuotes.size()));
}

/// The functions that `code` uses, directly or through other functions.
std::vector<Piece> pieces_for(std::string_view code) {
  std::vector<Piece> rest = all_pieces();
  std::vector<std::string_view> wanting = {code};
  std::vector<Piece> found;
  while (!wanting.empty()) {
    const std::string_view user = wanting.back();
    wanting.pop_back();
    const auto used = std::stable_partition(
        rest.begin(), rest.end(), [&](const Piece& piece) { return !names(user, piece.name); });
    for (auto piece = used; piece != rest.end(); ++piece) wanting.push_back(body_of(*piece));
    found.insert(found.end(), used, rest.end());
    rest.erase(used, rest.end());
  }
  std::ranges::sort(found, {}, [](const Piece& piece) { return piece.text.data(); });
  return found;
}

std::string import_lines(std::string_view code) {
  std::string lines;
  for (const std::string_view module : {"fcntl", "mmap", "os", "sys", "tempfile"})
    if (names(code, module)) lines += fmt::format("import {}\n", module);
  return lines;
}

// Layouts: OFFSET (of the data), ELEMENT, LEAD, share(job) and elements().

constexpr std::uint64_t kUsualHeaderBytes = 64;

/// The record's type, parsed again because a foreign result may contain arbitrary text.
std::string item_of(const CellDescription& cell) {
  if (cell.descr.empty()) return fmt::format(R"(np.dtype("V{}"))", cell.record_bytes);
  const std::string base = descr_text(dtype_from_text(cell.descr));
  if (cell.row_shape.empty()) return fmt::format("np.dtype({})", base);
  return fmt::format("np.dtype(({}, {}))", base, shape_text(cell.row_shape));
}

constexpr const char* kConstants = R"(import numpy as np

FILE, RECORDS, JOBS = "array.npy", {records}, {writers}  # yours
ITEM = {item}  # one record: {record_bytes} bytes
BASE, ROW = ITEM.subdtype or (ITEM, ())  # of a record that is a row: its items
ALIGN = {align}  # bytes
)";

constexpr const char* kCommon = R"(

def header(dtype, count):
    """As NumPy writes it, padded so that data begin at a multiple of ALIGN, up to 8192."""
    base, row = dtype.subdtype or (dtype, ())
    return npy_header(base, (count, *row), max(64, min(ALIGN, 8192)))


def count_of(job):
    return RECORDS // JOBS + (job < RECORDS % JOBS)


def rows(array):
    """The part of an array that jobs write to: where a record is padded, its field."""
    return array["rows"] if (array.dtype.names or ()) == ("rows",) != (ITEM.names or ()) else array

)";

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

constexpr const char* kPlaces = R"(

def places(job):
    """The bytes of the file at which a job's records begin."""
    return range(*(OFFSET + i * ELEMENT.itemsize + LEAD for i in (share(job).start, share(job).stop)),
                 share(job).step * ELEMENT.itemsize)
)";

constexpr const char* kCyclicShare = "return range(job, RECORDS, JOBS)";
constexpr const char* kBlockShare =
    "first = job * (RECORDS // JOBS) + min(job, RECORDS % JOBS)\n    return range(first, first + count_of(job))";

const char* layout_part(const CellDescription& cell) {
  if (cell.layout == "packed") return kPacked;
  if (cell.layout == "padded-record") return kPaddedRecord;
  return cell.layout == "padded-block" ? kPaddedBlock : nullptr;
}

/// A script: its first line, what it imports, the constants, the functions that it uses, `body`.
std::string script(const CellDescription& cell, std::string_view first_line,
                   std::string_view body) {
  const std::string layout =
      kCommon +
      fmt::format(fmt::runtime(layout_part(cell)),
                  fmt::arg("share", cell.ownership == "cyclic" ? kCyclicShare : kBlockShare)) +
      (names(body, "places") ? kPlaces : "");
  std::string code;
  for (const Piece& piece : pieces_for(layout + std::string(body)))
    code += fmt::format("\n\n{}\n", piece.text);
  code += layout + std::string(body);
  return fmt::format("{}\n{}", first_line, import_lines(code)) +
         fmt::format(kConstants, fmt::arg("records", cell.records),
                     fmt::arg("writers", cell.writers), fmt::arg("item", item_of(cell)),
                     fmt::arg("record_bytes", cell.record_bytes),
                     fmt::arg("align", cell.padded() ? cell.align_bytes : kUsualHeaderBytes)) +
         code;
}

// Scripts.

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

/// Parts of a strategy's scripts, beside the function write(job, records).
struct ScriptParts {
  std::string_view write;  ///< body of write; empty: a call of by_STRATEGY
  std::string_view usage = "every job, as in: python3 job.py 0";
  std::string_view main = kMain;  ///< how job.py is started
  std::string_view collect = {};  ///< body of collect.py; empty: not needed
};

constexpr std::string_view kUsageOfRanks = "all ranks together: mpirun -n {} python3 job.py";

constexpr std::string_view kMainOfRanks = R"(

if __name__ == "__main__":
    from mpi4py import MPI
    job = MPI.COMM_WORLD.rank
    if MPI.COMM_WORLD.size != JOBS:
        sys.exit(f"{MPI.COMM_WORLD.size} ranks, not {JOBS}: mpirun -n {JOBS} python3 job.py")
    write(job, np.zeros(count_of(job), ITEM))  # your records here, in the order of share(job)
)";

constexpr std::string_view kMainOfAll = R"(

if __name__ == "__main__":
    for job in range(JOBS):
        write(job, np.zeros(count_of(job), ITEM))  # your records here, in the order of share(job)
)";

constexpr std::string_view kByBatch = "    by_pwrite_batch(FILE, places(job), records{options})\n";
constexpr std::string_view kByPart = "    write_part(FILE, job, records)\n";

constexpr std::string_view kProgram =
    R"(    """Two lines to change in your program: the array that it opens, and the rows that it writes to."""
    array = np.load(FILE, mmap_mode="r+")  # 1: the array of create.py instead of your own
    mine = share(job)                      # 2: these rows instead of your own
    rows(array)[mine.start:mine.stop:mine.step] = records  # written as your program writes
    array.flush()
)";

constexpr std::string_view kAssign = R"(

parts = parts_of(FILE, JOBS, BASE, lambda job: (count_of(job), *ROW))
array = np.load(FILE, mmap_mode="r+")
for job, part in enumerate(parts):
    rows(array)[share(job).start:share(job).stop:share(job).step] = part
array.flush()  # now the parts can go
)";

constexpr std::string_view kCopyInKernel = R"(

parts = parts_of(FILE, JOBS, BASE, lambda job: (count_of(job), *ROW))
for job, part in enumerate(parts):
    if len(part):
        copy_in_kernel(part_of(FILE, job), part.offset, FILE, places(job)[0], part.nbytes)
# now the parts can go
)";

/// Strategies whose scripts are more than a call of by_STRATEGY.
constexpr std::pair<std::string_view, ScriptParts> kSpecial[] = {
    {"single", {kByBatch, "once, by one process that has the records of all", kMainOfAll}},
    {"file-per-writer", {.write = kByPart, .collect = kAssign}},
    {"file-per-writer-reflink", {.write = kByPart, .collect = kCopyInKernel}},
    {"mpi-independent", {{}, kUsageOfRanks, kMainOfRanks}},
    {"mpi-collective", {{}, kUsageOfRanks, kMainOfRanks}},
    {"mpi-atomic", {{}, kUsageOfRanks, kMainOfRanks}},
    {"exec", {.write = kProgram}},
};

/// Strategies that cannot sync between records, because a unit with several own records would have
/// to be read again, because the records are not in the shared file yet, or because all ranks would
/// have to sync together.
constexpr std::string_view kSyncOnlyAtEnd[] = {"direct", "local-then-copy", "mpi-independent",
                                               "mpi-collective", "mpi-atomic"};

/// True if a job's records are contiguous: block ownership without padding between records.
bool back_to_back(const CellDescription& cell) {
  return cell.layout == "padded-block" || (cell.layout == "packed" && cell.ownership == "block");
}

/// The optional arguments of the call. `definition`: the function that is called.
std::string call_options(const CellDescription& cell, std::string_view definition) {
  const SyncPolicy policy = parse_sync_policy(cell.sync);
  std::string options;
  if (policy.interval_records() > 0)
    options = fmt::format(", every={}", policy.interval_records());
  else if (!policy.at_end())
    options = ", every=None";
  if (definition.substr(0, definition.find('\n')).find("unit=") != std::string_view::npos)
    options += fmt::format(", unit={}", cell.align_bytes);
  return options;
}

/// The function write(job, records); empty: not possible in Python.
std::string write_function(const CellDescription& cell, std::string_view strategy,
                           std::string_view body) {
  std::string name = "by_" + std::string(strategy);
  std::ranges::replace(name, '-', '_');
  const std::vector<Piece> pieces = all_pieces();
  const auto piece = std::ranges::find(pieces, name, &Piece::name);
  if (body.empty() && piece == pieces.end()) return {};
  const std::string call = fmt::format("    {}(FILE, places(job), records{{options}})\n", name);
  return "\n\ndef write(job, records):\n" +
         fmt::format(
             fmt::runtime(body.empty() ? call : body),
             fmt::arg("options", call_options(cell, piece == pieces.end() ? "" : piece->text)));
}

}  // namespace

Recipe recipe_for(const CellDescription& cell) {
  if (layout_part(cell) == nullptr || cell.ownership == "random" || cell.ownership == kOfProgram ||
      cell.writers == 0)
    return {};
  const std::string strategy = cell.strategy.starts_with("exec:") ? "exec" : cell.strategy;
  const SyncPolicy policy = parse_sync_policy(cell.sync);
  if (policy.interval_records() > 0 &&
      std::ranges::find(kSyncOnlyAtEnd, strategy) != std::end(kSyncOnlyAtEnd))
    return {};
  if (strategy == "file-per-writer-reflink" && !back_to_back(cell)) return {};
  const auto* special =
      std::ranges::find(kSpecial, strategy, [](const auto& row) { return row.first; });
  const ScriptParts parts = special == std::end(kSpecial) ? ScriptParts{} : special->second;
  const std::string write = write_function(cell, strategy, parts.write);
  if (write.empty()) return {};
  const std::string usage = fmt::format(fmt::runtime(parts.usage), cell.writers);
  Recipe recipe{{{"create.py", script(cell, "# create.py: once, before the jobs", kCreate)},
                 {"job.py", script(cell, "# job.py: " + usage, write + std::string(parts.main))}}};
  if (!parts.collect.empty())
    recipe.push_back(
        {"collect.py", script(cell, "# collect.py: once, when all jobs are done", parts.collect)});
  if (cell.padded())
    recipe.push_back(
        {"read.py", script(cell, "# read.py: afterwards, as in: python3 -i read.py",
                           cell.layout == "padded-block" ? kReadBlocks : kReadRecords)});
  return recipe;
}

}  // namespace npyrace
