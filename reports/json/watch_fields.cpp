#include "reports/json/watch_fields.h"

#include <array>

#include "core/base/error.h"
#include "reports/json/json_fields.h"
#include "reports/json/result_fields.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr const char* kVersionKey = "npyrace_watch";
constexpr std::array kKinds{HazardKind::same_bytes, HazardKind::same_record, HazardKind::same_page,
                            HazardKind::same_unit};
constexpr std::array kLevels{HazardLevel::loses, HazardLevel::may_lose, HazardLevel::harmless};

struct WriterPair {
  Hazard& hazard;
};

void describe(JsonFields& json, WriterPair& pair) {
  json.elements(pair.hazard.first, pair.hazard.second);
}

struct JsonText {
  std::string& text;
};

void describe(JsonFields& json, JsonText& value) {
  json.json_text(value.text);
}

}  // namespace

static void describe(JsonFields& json, HazardKind& kind) {
  json.name(kind, kKinds, hazard_name, "kind of hazard");
}

static void describe(JsonFields& json, HazardLevel& level) {
  json.name(level, kLevels, hazard_level_name, "level of a hazard");
}

static void describe(JsonFields& json, WatchedWriter& writer) {
  json("pid", writer.pid);
  json("node", writer.node);
  json("task", writer.task);
  json("command", writer.command);
  json("path", writer.path);
  json("file_system", writer.file_system);
  json("cache", writer.cache);
  json("opened", writer.opened);
  json("bytes", writer.bytes);
  json("pages", writer.pages);
  json("truncated", writer.truncated);
  json("exact", writer.exact);
  json("synced", writer.synced);
  json("killed", writer.killed);
  json("threads", writer.threads);
  json("sessions", writer.sessions);
}

static void describe(JsonFields& json, Hazard& hazard) {
  WriterPair writers{hazard};
  json("kind", hazard.kind);
  json("from", hazard.range.begin);
  json("to", hazard.range.end);
  json("writers", writers);
  json("ordered", hazard.ordered);
  json("by_chance", hazard.by_chance);
  json("locked", hazard.locked);
  json("between_caches", hazard.between_caches);
  json("level", hazard.level);
  json("means", hazard.means);
}

static void describe(JsonFields& json, WatchedFile& file) {
  json("path", file.path);
  JsonText npy{file.npy_json};
  json("npy", npy);
  json("record_bytes", file.record_bytes);
  json("data_offset", file.data_offset_bytes);
  json("page_bytes", file.page_bytes);
  json("consistency", file.consistency);
  json("writers", file.writers);
  json.check(!file.writers.empty(), "a file without writers");
  json("hazards", file.hazards);
  json("hazards_left_out", file.hazards_left_out);
  json("advice", file.advice);
  for (const Hazard& hazard : file.hazards)
    json.check(hazard.first < file.writers.size() && hazard.second < file.writers.size(),
               "a hazard has writers that are not listed");
}

/// Time that the collector took in the watched processes.
struct Overhead {
  WatchResult& result;
};

static void describe(JsonFields& json, Overhead& overhead) {
  json("collector_seconds", overhead.result.collector_seconds);
  json("process_seconds", overhead.result.process_seconds);
}

static void describe(JsonFields& json, WatchResult& result) {
  json.version(kVersionKey, kVersion);
  json("files", result.files);
  json("unseen", result.unseen);
  json("processes", result.processes);
  json("clock_error_seconds", result.clock_error_seconds);
  Overhead overhead{result};
  json("overhead", overhead);
  json("version", result.version);
}

std::string watch_json(const WatchResult& result) {
  return json_file(result, NotUtf8::replaced);
}

bool is_watch_json(const std::string& text) {
  // Other results may be large: most are told apart without parsing them.
  return text.find(kVersionKey) != std::string::npos && JsonDocument(text).has(kVersionKey);
}

WatchResult parse_watch_result(const std::string& text) {
  return from_json<WatchResult>(text, Missing::keeps_default);
}

}  // namespace npyrace
