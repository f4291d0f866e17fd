#pragma once
// Decides which faults strike an operation. The same seed and the same order of operations give
// the same decisions.

#include <chrono>
#include <mutex>
#include <random>
#include <vector>

#include "bench/lab/fault.h"

namespace npyrace::lab {

class FaultSchedule {
 public:
  FaultSchedule(std::vector<FaultSpec> specs, std::uint64_t seed);

  struct Event {
    Operation operation = Operation::meta;
    unsigned node = 0;    ///< counts from 0
    std::string file;     ///< relative to the store
    Duration age{0};      ///< of the lab
    bool direct = false;  ///< an open with O_DIRECT
  };
  /// Counts the event, and returns the orders that strike it, in the order they were given.
  std::vector<const FaultSpec*> strike(const Event& event);

  /// `count` different bits out of `size_bits`, from the seed.
  std::vector<std::uint64_t> choose_bits(std::uint64_t size_bits, unsigned count);

  bool empty() const { return orders_.empty(); }
  bool has(FaultKind kind) const;
  bool damages(Operation operation) const;

 private:
  struct Order {
    FaultSpec spec;
    std::mt19937_64 random;
    std::uint64_t matched = 0;
    std::uint64_t struck = 0;
  };
  static bool strikes(Order& order, const Event& event);

  std::mutex mutex_;
  std::vector<Order> orders_;
  std::mt19937_64 random_;
};

}  // namespace npyrace::lab
