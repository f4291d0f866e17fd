#include "bench/lab/fault_schedule.h"

#include <fnmatch.h>

#include <algorithm>
#include <set>

namespace npyrace::lab {
namespace {

bool names_file(const std::string& pattern, const std::string& file) {
  const std::string last = file.substr(file.rfind('/') + 1);
  return pattern.empty() || ::fnmatch(pattern.c_str(), file.c_str(), 0) == 0 ||
         ::fnmatch(pattern.c_str(), last.c_str(), 0) == 0;
}

bool matches(const FaultSpec& spec, const FaultSchedule::Event& event) {
  if (spec.row->kind == FaultKind::no_direct && !event.direct) return false;
  return spec.operation == event.operation && (spec.node == 0 || spec.node == event.node + 1) &&
         event.age >= spec.after && names_file(spec.file, event.file);
}

/// Between 0 and 1, 1 excluded. (The library's distributions differ between implementations.)
double fraction(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) / static_cast<double>(1ull << 53);
}

}  // namespace

FaultSchedule::FaultSchedule(std::vector<FaultSpec> specs, std::uint64_t seed) : random_(seed) {
  for (FaultSpec& spec : specs) orders_.push_back({std::move(spec), std::mt19937_64(random_())});
}

bool FaultSchedule::strikes(Order& order, const Event& event) {
  const FaultSpec& spec = order.spec;
  if (!matches(spec, event)) return false;
  ++order.matched;
  if (spec.nth != 0 && order.matched != spec.nth) return false;
  if (spec.every != 0 && order.matched % spec.every != 0) return false;
  if (spec.times != 0 && order.struck >= spec.times) return false;
  if (spec.chance < 1 && fraction(order.random) >= spec.chance) return false;
  ++order.struck;
  return true;
}

std::vector<const FaultSpec*> FaultSchedule::strike(const Event& event) {
  std::vector<const FaultSpec*> struck;
  const std::lock_guard lock(mutex_);
  for (Order& order : orders_)
    if (strikes(order, event)) struck.push_back(&order.spec);
  return struck;
}

std::vector<std::uint64_t> FaultSchedule::choose_bits(std::uint64_t size_bits, unsigned count) {
  const std::lock_guard lock(mutex_);
  std::set<std::uint64_t> bits;
  while (bits.size() < std::min<std::uint64_t>(count, size_bits))
    bits.insert(random_() % size_bits);
  return {bits.begin(), bits.end()};
}

bool FaultSchedule::has(FaultKind kind) const {
  return std::any_of(orders_.begin(), orders_.end(),
                     [&](const Order& order) { return order.spec.row->kind == kind; });
}

bool FaultSchedule::damages(Operation operation) const {
  return std::any_of(orders_.begin(), orders_.end(),
                     [&](const Order& order) { return order.spec.operation == operation; });
}

}  // namespace npyrace::lab
