#pragma once
// Fault injection: the kinds of faults with their triggers, their syntax on the command line and in
// files, and the schedule that decides which operation a fault strikes. The table drives parsing,
// help, and spelling suggestions.

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

namespace npyrace {
class JsonFields;
}

namespace npyrace::lab {

enum class FaultKind {
  drop,         ///< the write is acknowledged but not performed
  tear,         ///< only the first `at` bytes are written
  misplace,     ///< the data are written `by` bytes after their offset
  old_page,     ///< a read returns pages as they were before their last write
  zero_page,    ///< the pages that the write (or read) touches become zeros
  flip,         ///< `bits` bits of the write (or read) are flipped
  delay,        ///< the operation takes `for` longer
  fail,         ///< the operation fails with the errno of the row
  false_fsync,  ///< fsync succeeds, but the data it acknowledged are lost
  no_mmap,      ///< shared mappings are refused (ENODEV)
  no_direct,    ///< O_DIRECT is refused (EINVAL)
  vanish,       ///< the server is unreachable for `for`: operations hang, or fail with EIO
};

struct FaultRow {
  const char* name;
  FaultKind kind;
  const char* summary;
  Operation operation;                      ///< the operation it strikes unless `op` names another
  std::vector<Operation> other_operations;  ///< other permitted values of `op`
  std::vector<std::string> parameters;      ///< parameters beyond the common selectors
  int error_number = 0;
};

const std::vector<FaultRow>& fault_table();

/// One fault to inject. Nodes are counted from 1, as in n1.
struct FaultSpec {
  const FaultRow* row = nullptr;
  // Trigger: all given conditions must hold.
  Operation operation = Operation::write;
  unsigned node = 0;  ///< 0: any
  std::string file;   ///< glob (*, ?) for the path in the store or its last component; empty: any
  std::uint64_t nth = 0;    ///< only the n-th operation that meets the other conditions; 0: any
  std::uint64_t every = 0;  ///< every n-th such operation; 0: any
  std::uint64_t times = 0;  ///< at most this many times; 0: no limit
  double chance = 1;        ///< probability per matching operation, from the seed
  Duration after{0};        ///< not before the lab has this age
  // Effect.
  std::uint64_t at_bytes = 0;
  std::int64_t by_bytes = 0;
  unsigned bits = 1;
  Duration length{0};  ///< `for`; 0 with vanish: until the end
  bool fails = false;  ///< vanish: how=fail instead of how=hang
};

/// Parses "KIND" or "KIND:key=value,key=value". Throws UsageError.
FaultSpec parse_fault(const std::string& text);

/// Parses {"kind": "tear", "at": 8, …}, with the same keys as on the command line. Throws
/// UsageError.
FaultSpec fault_from_json(const nlohmann::json& object);

/// The same object in the order to a lab. Reading throws UsageError, too.
void describe(JsonFields& json, FaultSpec& spec);

struct FaultFile {
  std::optional<std::uint64_t> seed;
  std::vector<FaultSpec> faults;
};
/// Reads {"seed": 7, "faults": [{…}, …]}. Throws UsageError, SystemError.
FaultFile read_fault_file(const std::string& path);

// Decides which faults strike an operation. Deterministic for the same seed and the same order of
// operations.

class FaultSchedule {
 public:
  FaultSchedule(std::vector<FaultSpec> specs, std::uint64_t seed);

  struct Event {
    Operation operation = Operation::meta;
    unsigned node = 0;    ///< counted from 0
    std::string file;     ///< relative to the store
    Duration age{0};      ///< time since the lab started
    bool direct = false;  ///< an open with O_DIRECT
  };
  /// Counts the event and returns the faults that strike it, in the given order.
  std::vector<const FaultSpec*> strike(const Event& event);

  /// Returns `count` distinct bit indices below `size_bits`, from the seed.
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
