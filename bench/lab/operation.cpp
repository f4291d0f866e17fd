#include "bench/lab/operation.h"

namespace npyrace::lab {
namespace {

/// In the order of the enumeration. `meta` is everything about names and attributes.
constexpr const char* kNames[kOperations] = {"open",  "read", "write", "fsync",
                                             "close", "lock", "meta"};

}  // namespace

const char* operation_name(Operation operation) {
  return kNames[static_cast<std::size_t>(operation)];
}

std::vector<std::string> operation_names() {
  return {std::begin(kNames), std::end(kNames)};
}

std::optional<Operation> find_operation(const std::string& name) {
  for (std::size_t i = 0; i < kOperations; ++i)
    if (name == kNames[i]) return static_cast<Operation>(i);
  return std::nullopt;
}

}  // namespace npyrace::lab
