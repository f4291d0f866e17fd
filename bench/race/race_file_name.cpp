#include "bench/race/race_file_name.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <climits>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string_view>

namespace npyrace {
namespace {

/// FNV-1a: short, stable for ever, and nothing here needs secrecy.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

std::string short_hash(std::string_view text) {
  const std::uint64_t value = hash(text);
  return fmt::format("{:08x}", (value >> 32) ^ (value & 0xffffffff));
}

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string host_hash() {
  char name[HOST_NAME_MAX + 1] = {};
  ::gethostname(name, HOST_NAME_MAX);
  std::error_code ignored;
  const auto space = std::filesystem::read_symlink("/proc/self/ns/pid", ignored);
  return fmt::format("{:016x}", hash(fmt::format("{}\n{}\n{}", name, first_line("/etc/machine-id"),
                                                 space.string())));
}

/// Field 22 of /proc/PID/stat; the second field may hold spaces and brackets itself. 0: no process.
std::uint64_t start_ticks(std::int64_t pid) {
  const std::string line = first_line(fmt::format("/proc/{}/stat", pid).c_str());
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream words(line.substr(name_end + 1));
  std::string word;
  for (int field = 3; field <= 22; ++field) words >> word;
  return std::strtoull(word.c_str(), nullptr, 10);
}

std::int64_t boot_time() {
  return static_cast<std::int64_t>(std::time(nullptr)) -
         std::strtoll(first_line("/proc/uptime").c_str(), nullptr, 10);
}

}  // namespace

RaceFileOwner this_process() {
  const std::int64_t pid = ::getpid();
  return {.host = host_hash(),
          .boot = short_hash(first_line("/proc/sys/kernel/random/boot_id")),
          .pid = pid,
          .start_ticks = start_ticks(pid)};
}

std::string race_file_name(const RaceFileOwner& owner, std::uint64_t number) {
  const std::string stem = fmt::format("npyrace-{}-{}-{}-{}-{}", owner.host, owner.boot, owner.pid,
                                       owner.start_ticks, number);
  return fmt::format("{}-{}.npy", stem, short_hash(stem));
}

std::optional<RaceFileOwner> race_file_owner(const std::string& name) {
  static const std::regex form(
      R"((npyrace-([0-9a-f]{16})-([0-9a-f]{8})-(\d{1,10})-(\d{1,18})-\d{1,18})-([0-9a-f]{8})\.npy(?:\.part\d{1,10}-\d{1,10}(?:\.tmp)?|\.locktest\.\d{1,10})?)");
  std::smatch parts;
  if (!std::regex_match(name, parts, form)) return std::nullopt;
  if (short_hash(parts[1].str()) != parts[6].str()) return std::nullopt;
  return RaceFileOwner{.host = parts[2],
                       .boot = parts[3],
                       .pid = std::stoll(parts[4]),
                       .start_ticks = std::stoull(parts[5])};
}

// Another boot on a host of our name may also be another host of the same name, on a file system
// that both reach: then only a file older than our own boot is certainly of the past.
bool has_ended(const RaceFileOwner& owner, std::int64_t modified) {
  const RaceFileOwner self = this_process();
  if (owner.host != self.host) return false;
  if (owner.boot != self.boot) return modified < boot_time();
  return start_ticks(owner.pid) != owner.start_ticks;
}

}  // namespace npyrace
