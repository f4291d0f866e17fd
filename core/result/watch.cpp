#include "core/result/watch.h"

#include <algorithm>

namespace npyrace {
namespace {

constexpr HazardRow kHazards[] = {
    {HazardKind::same_bytes, "same-bytes", "both wrote the same bytes"},
    {HazardKind::same_record, "same-record", "both wrote into one record, in one page"},
    {HazardKind::same_page, "same-page", "both wrote into one page, to different records"},
    {HazardKind::same_unit, "same-unit", "both wrote into one unit of the file system"},
};

}  // namespace

std::span<const HazardRow> hazard_table() {
  return kHazards;
}

const char* hazard_name(HazardKind kind) {
  return kHazards[static_cast<std::size_t>(kind)].name;
}

const char* hazard_level_name(HazardLevel level) {
  switch (level) {
    case HazardLevel::loses:
      return "loses";
    case HazardLevel::may_lose:
      return "may-lose";
    case HazardLevel::harmless:
      break;
  }
  return "harmless";
}

bool WatchedFile::has(HazardLevel level) const {
  return std::ranges::any_of(hazards, [&](const Hazard& h) { return h.level == level; });
}

bool WatchResult::has(HazardLevel level) const {
  return std::ranges::any_of(files, [&](const WatchedFile& file) { return file.has(level); });
}

}  // namespace npyrace
