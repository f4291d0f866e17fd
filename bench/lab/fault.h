#pragma once
// Faults that can be ordered: what each does, and when it strikes. One table drives parsing of the
// command line and of files, help, and spelling suggestions.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "bench/lab/operation.h"

namespace npyrace::lab {

enum class FaultKind {
  drop,         ///< the write is acknowledged and never happens
  tear,         ///< only the first `at` bytes of the write happen
  misplace,     ///< the write happens `by` bytes further on
  old_page,     ///< a read returns pages as they were before they were last written
  zero_page,    ///< the pages that the write (or read) touches are all zeros
  flip,         ///< `bits` bits of the write (or read) are flipped
  delay,        ///< the operation takes `for` longer
  fail,         ///< the operation fails with the errno of the row
  false_fsync,  ///< fsync succeeds, and what it acknowledged is gone
  no_mmap,      ///< shared mappings are refused (ENODEV)
  no_direct,    ///< O_DIRECT is refused (EINVAL)
  vanish,       ///< the server is away for `for`: operations hang, or fail with EIO
};

struct FaultRow {
  const char* name;
  FaultKind kind;
  const char* summary;
  Operation operation;                      ///< that it strikes unless `op` says another
  std::vector<Operation> other_operations;  ///< that `op` may name
  std::vector<std::string> parameters;      ///< besides the selectors that all faults have
  int error_number = 0;
};

const std::vector<FaultRow>& fault_table();

/// One order. Nodes count from 1, as in n1.
struct FaultSpec {
  const FaultRow* row = nullptr;
  // When it strikes: all that are given must hold.
  Operation operation = Operation::write;
  unsigned node = 0;      ///< 0: any
  std::string file;       ///< pattern (*, ?) for the path in the store or its last part; empty: any
  std::uint64_t nth = 0;  ///< only the n-th operation that matches the rest; 0: any
  std::uint64_t every = 0;  ///< each n-th; 0: any
  std::uint64_t times = 0;  ///< at most so often; 0: no limit
  double chance = 1;        ///< of each matching operation, from the seed
  Duration after{0};        ///< not before the lab is so old
  // What it does.
  std::uint64_t at_bytes = 0;
  std::int64_t by_bytes = 0;
  unsigned bits = 1;
  Duration length{0};  ///< `for`; 0 with vanish: to the end
  bool fails = false;  ///< vanish: how=fail instead of how=hang
};

/// "KIND" or "KIND:key=value,key=value". Throws UsageError.
FaultSpec parse_fault(const std::string& text);

/// {"kind": "tear", "at": 8, …}: the same keys as on the command line. Throws UsageError.
FaultSpec fault_from_json(const nlohmann::json& object);

/// The order as fault_from_json takes it.
nlohmann::json fault_json(const FaultSpec& spec);

struct FaultFile {
  std::optional<std::uint64_t> seed;
  std::vector<FaultSpec> faults;
};
/// {"seed": 7, "faults": [{…}, …]}. Throws UsageError, SystemError.
FaultFile read_fault_file(const std::string& path);

// Decides which faults strike an operation. The same seed and the same order of operations give
// the same decisions.

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
