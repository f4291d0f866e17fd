#pragma once
// The operations of the lab's file system that latencies and faults can name.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace npyrace::lab {

enum class Operation { open, read, write, fsync, close, lock, meta };
inline constexpr std::size_t kOperations = 7;

const char* operation_name(Operation operation);
std::vector<std::string> operation_names();
std::optional<Operation> find_operation(const std::string& name);

}  // namespace npyrace::lab
