#include "bench/lab/process_group.h"

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace npyrace::lab {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t bit(int signal_number) {
  return 1ull << (signal_number - 1);
}
constexpr std::uint64_t kEnding =
    bit(SIGINT) | bit(SIGQUIT) | bit(SIGTERM) | bit(SIGHUP) | bit(SIGKILL);

std::map<std::string, std::string> status_of(const fs::path& process) {
  std::map<std::string, std::string> fields;
  std::ifstream status(process / "status");
  for (std::string line; std::getline(status, line);)
    if (const std::size_t colon = line.find(":\t"); colon != std::string::npos)
      fields[line.substr(0, colon)] = line.substr(colon + 2);
  return fields;
}

bool process_hangs(const fs::path& process) {
  const auto fields = status_of(process);
  const auto signals = [&](const char* name) {
    const auto found = fields.find(name);
    return found == fields.end() ? 0 : std::strtoull(found->second.c_str(), nullptr, 16);
  };
  const auto state = fields.find("State");
  if (state == fields.end() || !state->second.starts_with("D")) return false;
  const std::uint64_t pending = signals("SigPnd") | signals("ShdPnd");
  return (pending & ~signals("SigBlk") & kEnding) != 0;
}

}  // namespace

bool hangs(pid_t group) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const pid_t process = std::atoi(entry.path().filename().c_str());
    if (process > 0 && ::getpgid(process) == group && process_hangs(entry.path())) return true;
  }
  return false;
}

}  // namespace npyrace::lab
