#include "bench/advise/recipe_way.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/advise/recipe_calls.h"
#include "bench/advise/recipe_mapped.h"
#include "bench/advise/recipe_mpi.h"
#include "bench/advise/recipe_parts.h"
#include "bench/advise/recipe_units.h"
#include "bench/sync_policy.h"

namespace npyrace {
namespace {

/// io-uring, pwrite-atomic and collector are not here: Python has no such calls, or the cell no
/// such program.
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

}  // namespace npyrace
