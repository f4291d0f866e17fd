#include "bench/storage/sidecar.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

#include "core/array/ownership.h"
#include "core/array/stamp.h"
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "reports/json/json_parts.h"
#include "reports/json/json_place.h"

namespace npyrace {

namespace {

const char* content_name(Content content) {
  return content == Content::values ? "values" : "bytes";
}

/// Arrays created before this option have stamps in all bytes.
Content content_from(const nlohmann::ordered_json& json) {
  const std::string name = json.value("content", content_name(Content::bytes));
  for (const Content content : {Content::bytes, Content::values})
    if (name == content_name(content)) return content;
  throw FormatError("content '" + name + "' is neither bytes nor values");
}

std::string hex_text(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string bytes_from_hex(const std::string& text) {
  std::string bytes(text.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* const digits = text.data() + 2 * i;
    unsigned value = 0;
    if (std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2)
      throw FormatError("a header that is not in hexadecimal digits");
    bytes[i] = static_cast<char>(value);
  }
  return bytes;
}

}  // namespace

nlohmann::ordered_json to_json(const ArrayRequest& request) {
  nlohmann::ordered_json json{{"descr", request.descr},
                              {"row_shape", request.row_shape},
                              {"records", request.records},
                              {"layout", request.layout},
                              {"align_bytes", request.align_bytes},
                              {"ownership", ownership_name(request.ownership)},
                              {"writers", request.writers},
                              {"seed", request.seed},
                              {"content", content_name(request.content)}};
  if (!request.header.empty()) json["header"] = hex_text(request.header);
  return json;
}

ArrayRequest array_request_from_json(const nlohmann::ordered_json& json) {
  return {.descr = json.at("descr").get<std::string>(),
          .row_shape = json.at("row_shape").get<std::vector<std::uint64_t>>(),
          .records = json.at("records").get<std::uint64_t>(),
          .layout = json.at("layout").get<std::string>(),
          .align_bytes = json.at("align_bytes").get<std::uint64_t>(),
          .ownership = find_ownership(json.at("ownership").get<std::string>()),
          .writers = json.at("writers").get<std::uint64_t>(),
          .seed = json.at("seed").get<std::uint64_t>(),
          .content = content_from(json),
          .header = bytes_from_hex(json.value("header", ""))};
}

namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

Verdict verdict_from(const std::string& name) {
  for (const Verdict verdict :
       {Verdict::safe, Verdict::unsafe, Verdict::inconclusive, Verdict::failed, Verdict::skipped})
    if (name == verdict_name(verdict)) return verdict;
  throw FormatError(name + " is no verdict");
}

Json to_json(const KeptRace& race) {
  return {{"strategy", race.strategy},
          {"sync", race.sync},
          {"cache", race.cache},
          {"launcher", race.launcher},
          {"mounts", race.mounts},
          {"seconds", race.seconds},
          {"phases", phases_to_json(race.phases)},
          {"overlap_seconds", race.overlap_seconds},
          {"overlapped_share", race.overlapped_share},
          {"units_shared_by_writers", race.units_shared_by_writers},
          {"units_shared_by_mounts", race.units_shared_by_mounts},
          {"trials", race.trials},
          {"file_trials", race.file_trials},
          {"verdict", verdict_name(race.verdict)},
          {"reason", race.reason}};
}

KeptRace race_from(const Json& json) {
  return {.strategy = json.at("strategy"),
          .sync = json.at("sync"),
          .cache = json.at("cache"),
          .launcher = json.at("launcher"),
          .mounts = json.at("mounts"),
          .seconds = json.at("seconds"),
          .phases = phases_from_json(json.at("phases")),
          .overlap_seconds = json.at("overlap_seconds"),
          .overlapped_share = json.at("overlapped_share"),
          .units_shared_by_writers = json.at("units_shared_by_writers"),
          .units_shared_by_mounts = json.at("units_shared_by_mounts"),
          .trials = json.at("trials"),
          .file_trials = json.value("file_trials", std::uint64_t{0}),  // missing in version 0.1
          .verdict = verdict_from(json.at("verdict")),
          .reason = json.at("reason")};
}

Json to_json(const std::vector<WriterPromise>& promises) {
  Json json = Json::array();
  for (const WriterPromise& promise : promises)
    json.push_back({promise.kept, promise.newest, promise.newest_records});
  return json;
}

std::vector<WriterPromise> promises_from(const Json& json, std::uint64_t writers) {
  std::vector<WriterPromise> promises;
  for (const Json& one : json)
    promises.push_back({.kept = one.at(0), .newest = one.at(1), .newest_records = one.at(2)});
  if (promises.size() != writers) throw FormatError("promises of another number of writers");
  return promises;
}

Json to_json(const Sidecar& sidecar) {
  Json json{{"npyrace_sidecar", kVersion},
            {"array", to_json(sidecar.array)},
            {"stamp_seed", sidecar.stamp_seed},
            {"generation", sidecar.generation},
            {"acknowledged", sidecar.acknowledged}};
  if (!sidecar.id.empty()) json["id"] = sidecar.id;
  if (!sidecar.promises.empty()) json["promises"] = to_json(sidecar.promises);
  if (sidecar.race) json["race"] = to_json(*sidecar.race);
  return json;
}

Sidecar sidecar_from(const Json& json) {
  Sidecar sidecar{.array = array_request_from_json(json.at("array")),
                  .stamp_seed = json.at("stamp_seed"),
                  .generation = json.at("generation"),
                  .acknowledged = json.at("acknowledged")};
  static_cast<void>(ArrayMap(sidecar.array));  // throws if the request is invalid
  if (sidecar.generation < 1 || sidecar.generation > kLastGeneration)
    throw FormatError("no such generation");
  if (json.contains("id")) sidecar.id = json.at("id");
  if (json.contains("promises"))
    sidecar.promises = promises_from(json.at("promises"), sidecar.array.writers);
  if (json.contains("race")) sidecar.race = race_from(json.at("race"));
  return sidecar;
}

}  // namespace

std::string sidecar_path(const std::string& array_path) {
  return array_path + ".npyrace.json";
}

std::string new_array_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

std::uint64_t stamp_seed_of(std::uint64_t seed, const std::string& array_id) {
  constexpr int kHexadecimal = 16;
  return derive_seed(seed, std::stoull(array_id, nullptr, kHexadecimal));
}

void write_sidecar(const std::string& array_path, const Sidecar& sidecar) {
  write_whole_file(sidecar_path(array_path), to_json(sidecar).dump(2) + "\n");
}

std::optional<Sidecar> read_sidecar(const std::string& array_path) {
  const std::string path = sidecar_path(array_path);
  if (!std::filesystem::exists(path)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    const auto json = Json::parse(text);
    if (json.at("npyrace_sidecar").get<int>() != kVersion)
      throw FormatError("a sidecar of another version of npyrace");
    return sidecar_from(json);
  } catch (const Json::exception& error) {
    throw FormatError(path + ": not a sidecar of npyrace: " + words_of(error));
  } catch (const UsageError& error) {
    throw FormatError(path + ": " + error.what());
  } catch (const FormatError& error) {
    throw FormatError(path + ": " + error.what());
  }
}

}  // namespace npyrace
