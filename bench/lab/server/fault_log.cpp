#include "bench/lab/server/fault_log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/print.h"

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
  // A file name may contain any bytes: invalid UTF-8 is replaced.
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  if (::write(file_.number(), text.data(), text.size()) < 0)
    print_note("npyrace: the log of faults cannot be written: {}", text);
}

namespace {

void drop(DamagedWrite& result, const FaultSpec& fault) {
  result.damages.push_back({&fault, result.write->range()});
  result.write.reset();
}

void tear(DamagedWrite& result, const FaultSpec& fault) {
  Extent& write = *result.write;
  if (fault.at_bytes >= write.bytes.size()) return;
  result.damages.push_back(
      {&fault, {write.offset_bytes + fault.at_bytes, write.offset_bytes + write.bytes.size()}});
  write.bytes.resize(fault.at_bytes);
  if (write.bytes.empty()) result.write.reset();
}

void misplace(DamagedWrite& result, const FaultSpec& fault) {
  Extent& write = *result.write;
  const auto target = static_cast<std::int64_t>(write.offset_bytes) + fault.by_bytes;
  if (target < 0) return;
  result.damages.push_back({&fault, write.range(), static_cast<std::uint64_t>(target)});
  write.offset_bytes = static_cast<std::uint64_t>(target);
}

void zero_pages(DamagedWrite& result, const FaultSpec& fault, std::uint64_t page_bytes) {
  const ByteRange range = result.write->range();
  const std::uint64_t begin = range.begin / page_bytes * page_bytes;
  const std::uint64_t end = (range.end + page_bytes - 1) / page_bytes * page_bytes;
  result.damages.push_back({&fault, {begin, end}});
  result.write = Extent{begin, std::vector<std::byte>(end - begin)};
}

void flip(DamagedWrite& result, const FaultSpec& fault, const ChooseBits& choose_bits) {
  Extent& write = *result.write;
  const auto bits = choose_bits(write.bytes.size() * 8, fault.bits);
  for (const ByteRange& range : flip_bits(write.bytes, write.offset_bytes, bits))
    result.damages.push_back({&fault, range});
}

}  // namespace

DamagedWrite damage_write(Extent write, std::span<const FaultSpec* const> faults,
                          std::uint64_t page_bytes, const ChooseBits& choose_bits) {
  DamagedWrite result{std::move(write), {}};
  for (const FaultSpec* fault : faults) {
    if (!result.write || result.write->bytes.empty()) break;
    if (fault->operation != Operation::write) continue;
    switch (fault->row->kind) {
      case FaultKind::drop:
        drop(result, *fault);
        break;
      case FaultKind::tear:
        tear(result, *fault);
        break;
      case FaultKind::misplace:
        misplace(result, *fault);
        break;
      case FaultKind::zero_page:
        zero_pages(result, *fault, page_bytes);
        break;
      case FaultKind::flip:
        flip(result, *fault, choose_bits);
        break;
      default:
        break;
    }
  }
  return result;
}

std::vector<ByteRange> flip_bits(std::span<std::byte> bytes, std::uint64_t offset_bytes,
                                 const std::vector<std::uint64_t>& bits) {
  ByteRanges changed;
  for (const std::uint64_t bit : bits) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    changed.add({offset_bytes + bit / 8, offset_bytes + bit / 8 + 1});
  }
  return changed.ranges();
}

}  // namespace npyrace::lab
