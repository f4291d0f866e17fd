#include "bench/race/availability.h"

#include <optional>

#include "bench/remote/transport.h"
#include "bench/storage/race_file.h"
#include "bench/storage/sidecar.h"
#include "bench/strategies/writer.h"
#include "core/file/posix_file.h"

namespace npyrace {
namespace {

/// Returns a small array that the strategy can write, so that a failure of the trial is the
/// system's. padded-record comes first because strategies that write whole units need records with
/// units of their own.
std::optional<ArrayMap> array_for(const Strategy& strategy) {
  for (const char* layout : {"padded-record", "padded-block", "packed"}) {
    const ArrayMap map({.records = 4, .layout = layout, .align_bytes = page_bytes()});
    if (strategy.unfit_for(map).empty()) return map;
  }
  return std::nullopt;
}

void write_records(const ArrayMap& map, const std::string& path, const Strategy& strategy,
                   const FileOpener& open_file, std::uint64_t stamp_seed) {
  Writer writer({.map = map,
                 .stamper = map.stamper(stamp_seed),
                 .path = path,
                 .open_file = open_file,
                 .strategy = strategy,
                 .sync = {}});
  writer.prepare(1);
  writer.write();
}

bool holds_records(const ArrayMap& map, File& file, std::uint64_t stamp_seed) {
  std::vector<std::byte> record(static_cast<std::size_t>(map.record_bytes()));
  for (std::uint64_t element = 0; element < map.records(); ++element) {
    file.read_at(record, map.record_offset_bytes(element));
    if (!map.stamper(stamp_seed).matches(record, element, 1)) return false;
  }
  return true;
}

/// Removes the path prefix: the file no longer exists when the user reads the message.
std::string words_of(const std::exception& error, const std::string& path) {
  const std::string words = error.what();
  const std::string prefix = path + ": ";
  return words.starts_with(prefix) ? words.substr(prefix.size()) : words;
}

}  // namespace

Availability try_strategy(const StrategyRow& row, const std::string& dir,
                          const FileOpener& open_file) {
  if (std::string_view(row.name) == "exec") return {true, ""};
  if (row.strategy.needs_ranks) return {false, no_ranks_reason()};
  const auto map = array_for(row.strategy);
  if (!map) return {false, "no layout suits it: the trial itself is wrong"};
  const RaceFile file({dir}, *map, open_file);
  const std::uint64_t stamp_seed = stamp_seed_of(1, new_array_id());
  try {
    write_records(*map, file.paths().front(), row.strategy, open_file, stamp_seed);
    if (holds_records(*map, *open_file(file.paths().front(), {}), stamp_seed)) return {true, ""};
    return {false, "the data read back are not the data written"};
  } catch (const std::exception& error) {
    return {false, words_of(error, file.paths().front())};
  }
}

}  // namespace npyrace
