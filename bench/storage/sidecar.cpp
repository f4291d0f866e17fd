#include "bench/storage/sidecar.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <random>

#include "core/array/ownership.h"
#include "core/array/stamp.h"
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "reports/json/result_fields.h"

namespace npyrace {

namespace {

/// Version 1 had no stamp_version; programs that know only it would take newer stamps for damage.
constexpr std::uint64_t kVersion = 2;
constexpr std::uint64_t kOldestVersion = 1;

const char* content_name(Content content) {
  return content == Content::values ? "values" : "bytes";
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

/// Bytes as hexadecimal digits.
struct HexBytes {
  std::string& bytes;
};

void describe(JsonFields& json, HexBytes& hex) {
  json.text(hex_text(hex.bytes),
            [&](const std::string& text) { hex.bytes = bytes_from_hex(text); });
}

}  // namespace

static void describe(JsonFields& json, Ownership& ownership) {
  json.text(ownership_name(ownership),
            [&](const std::string& name) { ownership = find_ownership(name); });
}

static void describe(JsonFields& json, Content& content) {
  constexpr std::array kContents{Content::bytes, Content::values};
  json.name(content, kContents, content_name, "content of records: bytes or values");
}

void describe(JsonFields& json, ArrayRequest& request) {
  json("descr", request.descr);
  json("row_shape", request.row_shape);
  json("records", request.records);
  json("layout", request.layout);
  json("align_bytes", request.align_bytes);
  json("ownership", request.ownership);
  json("writers", request.writers);
  json("seed", request.seed);
  // Arrays created before this option have stamps in all bytes.
  if (json.reads()) request.content = Content::bytes;
  json.added("content", request.content);
  if (json.reads()) request.stamp_version = kOldestStampVersion;
  json.added("stamp_version", request.stamp_version);
  HexBytes header{request.header};
  json.when(!request.header.empty(), "header", header);
}

void describe(JsonFields& json, WriterPromise& promise) {
  json.elements(promise.kept, promise.newest, promise.newest_records);
}

static void describe(JsonFields& json, KeptRace& race) {
  json("strategy", race.strategy);
  json("sync", race.sync);
  json("cache", race.cache);
  json("launcher", race.launcher);
  json("mounts", race.mounts);
  json("seconds", race.seconds);
  json("phases", race.phases);
  json("overlap_seconds", race.overlap_seconds);
  json("overlapped_share", race.overlapped_share);
  json("units_shared_by_writers", race.units_shared_by_writers);
  json("units_shared_by_mounts", race.units_shared_by_mounts);
  json("trials", race.trials);
  json.added("file_trials", race.file_trials);
  json("verdict", race.verdict);
  json("reason", race.reason);
}

static void describe(JsonFields& json, Sidecar& sidecar) {
  json.version("npyrace_sidecar", kVersion, kOldestVersion);
  json("array", sidecar.array);
  json("stamp_seed", sidecar.stamp_seed);
  json("generation", sidecar.generation);
  json.check(sidecar.generation >= 1 && sidecar.generation <= kLastGeneration,
             "no such generation");
  json("acknowledged", sidecar.acknowledged);
  json.unless_empty("id", sidecar.id);
  json.unless_empty("promises", sidecar.promises);
  json.check(sidecar.promises.empty() || sidecar.promises.size() == sidecar.array.writers,
             "promises of another number of writers");
  json("race", sidecar.race);
}

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
  write_file_atomically(sidecar_path(array_path), json_file(sidecar, NotUtf8::replaced));
}

std::optional<Sidecar> read_sidecar(const std::string& array_path) {
  const std::string path = sidecar_path(array_path);
  const auto text = read_small_text_file(path);
  if (!text) return std::nullopt;
  try {
    const auto sidecar = from_json<Sidecar>(*text, Missing::refused);
    static_cast<void>(ArrayMap(sidecar.array));  // throws if the request is invalid
    return sidecar;
  } catch (const UsageError& error) {
    throw FormatError(path + ": " + error.what());
  } catch (const FormatError& error) {
    throw FormatError(path + ": not a sidecar of this npyrace: " + error.what());
  }
}

}  // namespace npyrace
