#include "bench/strategies/race_order.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "bench/storage/sidecar.h"
#include "core/base/error.h"
#include "core/base/table.h"

namespace npyrace {
namespace {

constexpr std::string_view kEvery = "every:";

SyncPolicy parse_every(std::string_view text) {
  const std::string_view digits = text.substr(kEvery.size());
  std::uint64_t records = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), records);
  if (error != std::errc{} || end != digits.data() + digits.size() || records == 0)
    throw UsageError("sync policy '" + std::string(text) +
                     "': after 'every:' comes a number of records, 1 or more");
  return {SyncPolicy::Kind::every, records};
}

}  // namespace

SyncPolicy parse_sync_policy(std::string_view text) {
  if (text == "none") return {SyncPolicy::Kind::none, 0};
  if (text == "end") return {SyncPolicy::Kind::end, 0};
  if (text == "record") return {SyncPolicy::Kind::record, 0};
  if (text.starts_with(kEvery)) return parse_every(text);
  const std::vector<std::string> names{"none", "end", "every:N", "record"};
  throw UsageError(unknown_name_message("sync policy", text, names));
}

std::string to_string(const SyncPolicy& policy) {
  switch (policy.kind) {
    case SyncPolicy::Kind::none:
      return "none";
    case SyncPolicy::Kind::end:
      return "end";
    case SyncPolicy::Kind::record:
      return "record";
    case SyncPolicy::Kind::every:
      return std::string(kEvery) + std::to_string(policy.every_records);
  }
  return "end";
}

std::string to_text(const RaceOrder& order) {
  const nlohmann::ordered_json json{
      {"array", to_json(order.array)},   {"paths", order.paths},
      {"strategies", order.strategies},  {"sync", order.sync},
      {"local_dir", order.local_dir},    {"stamp_seed", order.stamp_seed},
      {"generations", order.generations}};
  return json.dump();
}

RaceOrder race_order_from_text(const std::string& text) {
  try {
    const auto json = nlohmann::ordered_json::parse(text);
    return {.array = array_request_from_json(json.at("array")),
            .paths = json.at("paths").get<std::vector<std::string>>(),
            .strategies = json.at("strategies").get<std::vector<std::string>>(),
            .sync = json.at("sync").get<std::string>(),
            .local_dir = json.at("local_dir").get<std::string>(),
            .stamp_seed = json.at("stamp_seed").get<std::uint64_t>(),
            .generations = json.at("generations").get<unsigned>()};
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(std::string("race order: ") + error.what());
  }
}

}  // namespace npyrace
