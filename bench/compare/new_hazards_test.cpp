#include "bench/compare/new_hazards.h"

#include "tests/catch.h"

using namespace npyrace;

namespace {

Hazard hazard(HazardKind kind, bool ordered = false, bool locked = false) {
  return {.kind = kind,
          .range = {4096, 8192},
          .first = 0,
          .second = 1,
          .ordered = ordered,
          .locked = locked,
          .level = HazardLevel::harmless,
          .means = "one page cache"};
}

WatchResult with(const char* path, std::vector<Hazard> hazards) {
  return {.files = {
              {.path = path, .writers = {{.pid = 1}, {.pid = 2}}, .hazards = std::move(hazards)}}};
}

}  // namespace

TEST_CASE("a hazard that the base lacks is new, whatever folder the file is in", "[watch]") {
  const WatchResult none = with("/a/x.npy", {});
  const WatchResult page = with("/b/x.npy", {hazard(HazardKind::same_page)});
  const auto found = new_hazards(none, page);
  REQUIRE(found.size() == 1);
  CHECK(found[0].starts_with("/b/x.npy: same-page at bytes 4096 to 8191"));
  CHECK(new_hazards(page, with("/c/x.npy", {hazard(HazardKind::same_page)})).empty());
  CHECK(new_hazards(page, none).empty());
  CHECK(new_hazards(page, with("/c/x.npy", {hazard(HazardKind::same_bytes)})).size() == 1);
  CHECK(new_hazards(page, with("/c/y.npy", {hazard(HazardKind::same_page)})).size() == 1);
}

TEST_CASE("order and locks are no new hazard, and their loss is one", "[watch]") {
  const WatchResult none = with("x.npy", {});
  const WatchResult ordered = with("x.npy", {hazard(HazardKind::same_bytes, true)});
  const WatchResult locked = with("x.npy", {hazard(HazardKind::same_bytes, false, true)});
  CHECK(new_hazards(none, ordered).empty());
  CHECK(new_hazards(none, locked).empty());
  CHECK(new_hazards(locked, with("x.npy", {hazard(HazardKind::same_bytes)})).size() == 1);
}
