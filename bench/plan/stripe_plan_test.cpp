#include <map>

#include "bench/plan/plan.h"
#include "core/file/posix_file.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

constexpr std::uint64_t kStripe = 1 << 20;

/// The alignment of each layout as it is raced on a mount with such stripes.
std::map<std::string, std::uint64_t> aligns_on(const MountResult& mount,
                                               const std::vector<std::uint64_t>& typed = {}) {
  const RunPlan base{.mounts = {{.description = mount, .free_bytes = std::uint64_t{1} << 40}}};
  const RunOptions options{.scenarios = {"quick"},
                           .strategies = {"pwrite"},
                           .layouts = {"packed", "padded-record", "padded-block"},
                           .aligns_bytes = typed};
  std::map<std::string, std::uint64_t> aligns;
  for (const Cell& cell : make_cell_plan(base, options).cells)
    aligns[cell.description.layout] = cell.array.align_bytes;
  return aligns;
}

}  // namespace

TEST_CASE("blocks of writers are aligned to stripes if the file system has stripes", "[plan]") {
  const auto aligns = aligns_on({.dir = "/lustre", .fs_type = "lustre", .stripe_bytes = kStripe});
  CHECK(aligns.at("padded-block") == kStripe);
  // Packed records share pages, and a stripe for each record would make too large a file.
  CHECK(aligns.at("packed") == page_bytes());
  CHECK(aligns.at("padded-record") == page_bytes());
}

TEST_CASE("a given alignment overrides the stripe size", "[plan]") {
  for (const auto& [layout, align_bytes] :
       aligns_on({.dir = "/lustre", .fs_type = "lustre", .stripe_bytes = kStripe}, {8192}))
    CHECK(align_bytes == 8192);
}

TEST_CASE("without a known stripe size the alignment is a page", "[plan]") {
  for (const auto& [layout, align_bytes] : aligns_on({.dir = "/lustre", .fs_type = "lustre"}))
    CHECK(align_bytes == page_bytes());
}
