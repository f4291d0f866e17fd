#pragma once
// The three kinds of bad news that end a command. Damaged data is none of them: that is a Finding.

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace npyrace {

/// `text` with every NUL as the four characters \\x00: what() would end there.
std::string without_nul(std::string text);

/// A request that cannot be meant: exit code 2. what() says what is wrong and what to do.
class UsageError : public std::runtime_error {
 public:
  explicit UsageError(std::string what) : std::runtime_error(without_nul(std::move(what))) {}
};

/// A file whose content is not what it should be: exit code 3. what() names the file and the byte.
class FormatError : public std::runtime_error {
 public:
  explicit FormatError(std::string what) : std::runtime_error(without_nul(std::move(what))) {}
};

/// A system call that failed: exit code 3. what() is "PATH: CALL: words (at byte OFFSET)".
class SystemError : public std::runtime_error {
 public:
  struct Where {
    std::string path;
    std::string call;
    std::optional<std::uint64_t> offset_bytes = std::nullopt;
  };

  /// `error_number` is an errno value.
  SystemError(Where where, int error_number);

  const std::string& path() const { return where_.path; }
  const std::string& call() const { return where_.call; }
  int error_number() const { return error_number_; }

 private:
  Where where_;
  int error_number_;
};

}  // namespace npyrace
