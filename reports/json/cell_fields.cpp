#include <fmt/format.h>

#include <array>

#include "core/base/table.h"
#include "reports/json/result_fields.h"

namespace npyrace {

// Parts that are also in other files and messages.

void describe(JsonFields& json, AnomalyCounts& counts) {
  for (const AnomalyRow& row : anomaly_table()) json(row.name, counts[row.anomaly]);
}

void describe(JsonFields& json, Verdict& verdict) {
  constexpr std::array kVerdicts{Verdict::safe, Verdict::unsafe, Verdict::inconclusive,
                                 Verdict::failed, Verdict::skipped};
  json.name(verdict, kVerdicts, verdict_name, "verdict");
}

void describe(JsonFields& json, PhaseSeconds& phases) {
  json("open", phases.open);
  json("map", phases.map);
  json("first_touch", phases.first_touch);
  json("write", phases.write);
  json("sync", phases.sync);
  json("close", phases.close);
  json.added("collect", phases.collect);
}

static void describe(JsonFields& json, Anomaly& anomaly) {
  json.text(anomaly_name(anomaly), [&](const std::string& name) {
    anomaly = find_row("class of anomaly", name, anomaly_table()).anomaly;
  });
}

static void describe(JsonFields& json, Region& region) {
  json.name(region, kRegions, region_name, "region of a file");
}

void describe(JsonFields& json, ByteRange& range) {
  json.elements(range.begin, range.end);
  json.check(range.begin < range.end, "not [begin, end] of a range");
}

void describe(JsonFields& json, Example& example) {
  json.required("class", example.anomaly);
  json("region", example.region);
  json("record", example.record);
  json("offset", example.offset_bytes);
  json("writer", example.writer);
  json("expected", example.expected);
  json("found", example.found);
  json("damage", example.damage);
  json("view", example.view);
  json("unit", example.unit);
  json("unit_writers", example.unit_writers);
  json("overwritten_by", example.overwritten_by);
}

static void describe(JsonFields& json, Sighting& sighting) {
  json("kind", sighting.kind);
  json("record", sighting.record);
  json("writer", sighting.writer);
  json("found", sighting.found);
  json("before", sighting.before);
  json("view", sighting.view);
}

void describe(JsonFields& json, ReadersResult& readers) {
  json("readers", readers.readers);
  json("scans", readers.scans);
  json("records_read", readers.records_read);
  json("torn", readers.torn);
  json("went_back", readers.went_back);
  json("other", readers.other);
  json.write_only("torn_per_million", readers.per_million(readers.torn));
  json.write_only("went_back_per_million", readers.per_million(readers.went_back));
  json("examples", readers.examples);
  json("problems", readers.problems);
}

// Page map.

namespace {

struct DamagedTile {
  std::uint64_t tile = 0, records = 0;
};

void describe(JsonFields& json, DamagedTile& damaged) {
  json.required("tile", damaged.tile);
  json.required("records", damaged.records);
}

/// Limits the number of tiles, because the page draws each of them.
void check_tiles(JsonFields& json, const PageMap& map) {
  std::uint64_t tiles = 0;
  for (std::size_t i = 0; i < map.owners.size(); ++i) {
    if (map.owners[i].tiles > kMostTiles - tiles)
      json.wrong(fmt::format("more than {} tiles", kMostTiles), fmt::format("owners[{}]", i));
    tiles += map.owners[i].tiles;
  }
  for (const auto& [tile, records] : map.damaged)
    if (tile >= tiles) json.wrong(fmt::format("tile {} of {}", tile, tiles), "damaged");
}

}  // namespace

void describe(JsonFields& json, DamagedTiles& damaged) {
  std::vector<DamagedTile> tiles;
  for (const auto& [tile, records] : damaged) tiles.push_back({tile, records});
  describe(json, tiles);
  for (const DamagedTile& one : tiles) damaged[one.tile] = one.records;
}

static void describe(JsonFields& json, TileRun& run) {
  json("tiles", run.tiles);
  json("writers", run.writers);
  json("more_writers", run.more_writers);
}

static void describe(JsonFields& json, PageMap& map) {
  json.required("tile_bytes", map.tile_bytes);
  json.required("owners", map.owners);
  json.required("damaged", map.damaged);
  if (json.reads()) check_tiles(json, map);
}

// Cells.

static void describe(JsonFields& json, CellDescription& cell) {
  json.required("name", cell.name);
  json("scenario", cell.scenario);
  json("strategy", cell.strategy);
  json("layout", cell.layout);
  json("align_bytes", cell.align_bytes);
  json("ownership", cell.ownership);
  json("sync", cell.sync);
  json("cache", cell.cache);
  json("launcher", cell.launcher);
  json("writers", cell.writers);
  json("mounts", cell.mounts);
  json("records", cell.records);
  json("record_bytes", cell.record_bytes);
  json("generations", cell.generations);
  json("descr", cell.descr);
  json("row_shape", cell.row_shape);
}

static void describe(JsonFields& json, Evidence& evidence) {
  json("records_checked", evidence.records_checked);
  json("generations", evidence.generations);
  // Older versions timed all generations.
  if (json.reads()) evidence.generations_timed = evidence.generations;
  json("generations_timed", evidence.generations_timed);
  json("read_paths", evidence.read_paths);
  json("judge", evidence.judge);
  json("judge_uncached", evidence.judge_uncached);
  json("units_shared_by_writers", evidence.units_shared_by_writers);
  json("units_shared_by_mounts", evidence.units_shared_by_mounts);
  json("overlap_seconds", evidence.overlap_seconds);
  json("overlapped_share", evidence.overlapped_share);
  json("chance_of_mistake", evidence.chance_of_mistake);
  json("trials", evidence.trials);
  json("file_trials", evidence.file_trials);
  json("struck_file", evidence.file_damage);
  json("chance_to_miss", evidence.chance_to_miss);
}

static void describe(JsonFields& json, Attribution& attribution) {
  json("damaged", attribution.damaged);
  json("unexplained", attribution.unexplained);
  json("at_least_bytes", attribution.at_least_bytes);
  json("at_most_bytes", attribution.at_most_bytes);
  json("separating_bytes", attribution.separating_bytes);
  json("failing_bytes", attribution.failing_bytes);
}

void describe(JsonFields& json, Interval& interval) {
  json.elements(interval.low, interval.high);
}

static void describe(JsonFields& json, JobsResult& jobs) {
  json("workers", jobs.workers);
  json("missing", jobs.missing);
  json("unfinished", jobs.unfinished);
  json("hosts", jobs.hosts);
  json("met", jobs.met);
  json("clock_error_seconds", jobs.clock_error_seconds);
  json("incomparable_clocks", jobs.incomparable);
  json.check(jobs.missing.size() <= jobs.workers, "more jobs are missing than there are");
}

static void describe(JsonFields& json, Replay& replay) {
  json("seed", replay.seed);
  json("command", replay.command);
}

void describe(JsonFields& json, CellResult& result) {
  describe(json, result.cell);
  json.required("verdict", result.verdict);
  json("reason", result.reason);
  json("evidence", result.evidence);
  json("anomalies", result.anomalies);
  json("unwritten", result.unwritten);
  json("examples", result.examples);
  json.when(result.attribution.damaged > 0, "attribution", result.attribution);
  json.when(result.page_map.tile_bytes > 0, "page_map", result.page_map);
  json("seconds", result.seconds);
  json.unless_empty("generation_seconds", result.generation_seconds);
  json.unless_empty("generation_cpu_seconds", result.generation_cpu_seconds);
  json("phases", result.phases);
  json("records_per_second", result.records_per_second);
  json("records_per_second_interval", result.records_per_second_interval);
  json("file_bytes", result.file_bytes);
  json.unless_empty("file", result.file);
  json("jobs", result.jobs);
  json("readers", result.readers);
  json("replay", result.replay);
  if (result.readers) result.cell.readers = result.readers->readers;
}

}  // namespace npyrace
