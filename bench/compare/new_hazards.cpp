#include "bench/compare/new_hazards.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <tuple>

namespace npyrace {
namespace {

using Key = std::pair<std::string, HazardKind>;

struct Place {
  const WatchedFile* file;
  const Hazard* hazard;
};

/// The first hazard of each kind in each file.
std::map<Key, Place> hazards_of(const WatchResult& result) {
  std::map<Key, Place> all;
  for (const WatchedFile& file : result.files)
    for (const Hazard& hazard : file.hazards)
      if (!hazard.ordered && !hazard.locked)
        all.try_emplace({std::filesystem::path(file.path).filename().string(), hazard.kind},
                        Place{&file, &hazard});
  return all;
}

}  // namespace

std::vector<std::string> new_hazards(const WatchResult& base, const WatchResult& candidate) {
  const std::map<Key, Place> before = hazards_of(base);
  std::vector<std::string> lines;
  for (const auto& [key, place] : hazards_of(candidate))
    if (!before.contains(key))
      lines.push_back(fmt::format("{}: {} at bytes {} to {}: {}", place.file->path,
                                  hazard_name(key.second), place.hazard->range.begin,
                                  place.hazard->range.end - 1, place.hazard->means));
  return lines;
}

}  // namespace npyrace
