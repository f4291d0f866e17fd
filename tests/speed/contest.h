#pragma once
// Benchmarks of pairs: npyrace's code and other code for the same task.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace npyrace::speed {

struct Contest {
  std::string name;
  std::string rival;  ///< name of the other code: "hand-written"
  std::function<void()> ours;
  std::function<void()> theirs;
};

struct Contestants {
  std::string dir;  ///< directory for temporary files
  /// Divides the size of files, for tests that it works at all.
  std::uint64_t shrink = 1;
};

/// Writers of every strategy against hand-written loops.
std::vector<Contest> write_contests(const Contestants& contestants);

/// Runs everything `repetitions` times, all interleaved at random. Returns the table: one line
/// per contest, with the medians of both and their ratio. Throws std::runtime_error.
std::string run_contests(const std::vector<Contest>& contests, std::uint64_t repetitions);

}  // namespace npyrace::speed
