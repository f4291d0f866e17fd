#include "bench/strategies/race_order.h"

#include <charconv>
#include <vector>

#include "bench/storage/sidecar.h"
#include "core/base/error.h"
#include "core/base/table.h"
#include "reports/json/json_fields.h"

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

static void describe(JsonFields& json, RaceOrder& order) {
  json("array", order.array);
  json("paths", order.paths);
  json("strategies", order.strategies);
  json("sync", order.sync);
  json("local_dir", order.local_dir);
  json("stamp_seed", order.stamp_seed);
  json("generations", order.generations);
}

std::string to_text(const RaceOrder& order) {
  return json_line(order, NotUtf8::refused);
}

RaceOrder race_order_from_text(const std::string& text) {
  return from_message<RaceOrder>("race order", text);
}

}  // namespace npyrace
