#pragma once
// The exception for a race that could not finish, and the state of a writer.

#include <cstdint>
#include <stdexcept>
#include <string>

namespace npyrace {

/// A race that could not be completed: the cell becomes `skipped` if refused, else `failed`.
class RaceError : public std::runtime_error {
 public:
  RaceError(const std::string& reason, bool refused)
      : std::runtime_error(reason), refused_(refused) {}
  bool refused() const { return refused_; }

 private:
  bool refused_;
};

/// State of a writer.
enum class WriterState : std::uint32_t { running, refused, failed };

}  // namespace npyrace
