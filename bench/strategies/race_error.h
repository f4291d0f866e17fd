#pragma once
// A race that ended early, and why.

#include <cstdint>
#include <stdexcept>
#include <string>

namespace npyrace {

/// A race that could not be run to its end: the cell is `failed`, or `skipped` when refused.
class RaceError : public std::runtime_error {
 public:
  RaceError(const std::string& reason, bool refused)
      : std::runtime_error(reason), refused_(refused) {}
  bool refused() const { return refused_; }

 private:
  bool refused_;
};

/// What a writer has come to.
enum class WriterState : std::uint32_t { running, refused, failed };

}  // namespace npyrace
