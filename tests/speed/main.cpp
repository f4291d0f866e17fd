// npyrace_speed: compares npyrace's loops with hand-written ones. Asserts nothing about time.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "tests/speed/contest.h"

namespace {

using npyrace::speed::Contest;

void keep_only(std::vector<Contest>& contests, const std::string& part) {
  std::erase_if(contests, [&](const Contest& contest) {
    return contest.name.find(part) == std::string::npos;
  });
}

}  // namespace

int main(int argc, char** argv) {
  npyrace::speed::Contestants contestants{.dir = std::filesystem::temp_directory_path().string()};
  std::uint64_t repetitions = 31;
  std::string part;
  CLI::App app{"Our loops beside loops written by hand"};
  app.add_option("--dir", contestants.dir, "Where to write")->check(CLI::ExistingDirectory);
  app.add_option("--repetitions", repetitions, "Of each side of each contest");
  app.add_option("--shrink", contestants.shrink, "Smaller files, to see that it works");
  app.add_option("--only", part, "Contests whose name holds this");
  CLI11_PARSE(app, argc, argv);
  try {
    auto contests = npyrace::speed::write_contests(contestants);
    keep_only(contests, part);
    fmt::print("{}", npyrace::speed::run_contests(contests, repetitions));
  } catch (const std::exception& error) {
    fmt::print(stderr, "npyrace_speed: {}\n", error.what());
    return 3;
  }
}
