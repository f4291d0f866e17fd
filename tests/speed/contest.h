#pragma once
// Two ways to do one thing, timed side by side.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace npyrace::speed {

struct Contest {
  std::string name;
  std::string rival;  ///< what the other way is: "hand-written"
  std::function<void()> ours;
  std::function<void()> theirs;
};

struct Contestants {
  std::string dir;  ///< for files of their own, gone afterwards
  /// Files are smaller by this factor: to see that it works, not how fast.
  std::uint64_t shrink = 1;
};

/// Writers of every strategy and the same loops by hand.
std::vector<Contest> write_contests(const Contestants& contestants);
/// Reading back and stamping, and what memory and read calls can do.
std::vector<Contest> check_contests(const Contestants& contestants);

/// Runs everything `repetitions` times, all interleaved at random. Returns the table: one line a
/// contest, with the medians of both and their ratio. Throws std::runtime_error.
std::string run_contests(const std::vector<Contest>& contests, std::uint64_t repetitions);

}  // namespace npyrace::speed
