#include "bench/race/sidecar.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "bench/race/array_request_json.h"
#include "bench/whole_file.h"
#include "core/error.h"

namespace npyrace {
namespace {

constexpr int kVersion = 1;

}  // namespace

std::string sidecar_path(const std::string& array_path) {
  return array_path + ".npyrace.json";
}

void write_sidecar(const std::string& array_path, const Sidecar& sidecar) {
  const nlohmann::ordered_json json{{"npyrace_sidecar", kVersion},
                                    {"array", to_json(sidecar.array)},
                                    {"stamp_seed", sidecar.stamp_seed},
                                    {"generation", sidecar.generation},
                                    {"acknowledged", sidecar.acknowledged}};
  write_whole_file(sidecar_path(array_path), json.dump(2) + "\n");
}

std::optional<Sidecar> read_sidecar(const std::string& array_path) {
  const std::string path = sidecar_path(array_path);
  if (!std::filesystem::exists(path)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    const auto json = nlohmann::ordered_json::parse(text);
    if (json.at("npyrace_sidecar").get<int>() != kVersion)
      throw FormatError(path + ": a sidecar of another version of npyrace");
    const Sidecar sidecar{.array = array_request_from_json(json.at("array")),
                          .stamp_seed = json.at("stamp_seed").get<std::uint64_t>(),
                          .generation = json.at("generation").get<unsigned>(),
                          .acknowledged = json.at("acknowledged").get<bool>()};
    ArrayMap{sidecar.array};  // throws if there can be no such array
    return sidecar;
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(path + ": not a sidecar of npyrace: " + error.what());
  } catch (const UsageError& error) {
    throw FormatError(path + ": " + error.what());
  }
}

}  // namespace npyrace
