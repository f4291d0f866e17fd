#include "bench/lab/server/fault_log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/print.h"

namespace npyrace::lab {
namespace {

double seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

FaultLog::FaultLog(const std::string& path) {
  if (path.empty()) return;
  file_ =
      Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666));
  if (!file_) throw SystemError({path, "open"}, errno);
}

void FaultLog::add(const Entry& entry) {
  add(entry, nlohmann::json::object());
}

void FaultLog::add(const Entry& entry, const nlohmann::json& details) {
  ++count_;
  if (!file_) return;
  nlohmann::ordered_json line{{"time", seconds_since_1970()},
                              {"kind", entry.fault->row->name},
                              {"node", fmt::format("n{}", entry.node + 1)},
                              {"operation", operation_name(entry.fault->operation)},
                              {"file", entry.file},
                              {"offset", entry.range.begin},
                              {"length", entry.range.size_bytes()}};
  for (const auto& [key, value] : details.items()) line[key] = value;
  // A file name may be any bytes: what is not UTF-8 is replaced, never a reason to fail.
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  if (::write(file_.number(), text.data(), text.size()) < 0)
    print_note("npyrace: the log of faults cannot be written: {}", text);
}

}  // namespace npyrace::lab
