#pragma once
// Faults that can be ordered: what each does, and when it strikes. One table drives parsing of the
// command line and of files, help, and spelling suggestions.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/lab/operation.h"
#include "bench/lab/values.h"

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

}  // namespace npyrace::lab
