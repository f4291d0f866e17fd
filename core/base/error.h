#pragma once
// The exceptions that end a command. Damaged data is not an exception, but a Finding.

#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace npyrace {

/// Replaces every NUL in `text` by the four characters \\x00, because what() ends at a NUL.
std::string without_nul(std::string text);

/// Invalid request: exit code 2. what() says what is wrong and what to do.
class UsageError : public std::runtime_error {
 public:
  explicit UsageError(std::string what) : std::runtime_error(without_nul(std::move(what))) {}
};

/// Returns what `work` returns; a UsageError of it gets "SUBJECT: " before its words.
template <typename Work>
auto naming(const std::string& subject, const Work& work) {
  try {
    return work();
  } catch (const UsageError& error) {
    throw UsageError(subject + ": " + error.what());
  }
}

/// Invalid file content: exit code 3. what() names the file and the byte.
class FormatError : public std::runtime_error {
 public:
  explicit FormatError(std::string what) : std::runtime_error(without_nul(std::move(what))) {}
};

/// True for the errors of a system call that the kernel does not have (ENOSYS) or that a container
/// forbids (EPERM). Another call must then do the work.
bool is_missing_call(int error_number);

/// Why a system call failed.
enum class Cause {
  failure,
  unsupported,  ///< the system or the file system has no such operation
};

/// Failed system call: exit code 3. what() is "PATH: CALL: message (at byte OFFSET)".
class SystemError : public std::runtime_error {
 public:
  struct Where {
    std::string path;
    std::string call;
    std::optional<std::uint64_t> offset_bytes = std::nullopt;
  };

  /// `error_number` is an errno value. `unsupported`: those by which this call says that there is
  /// no such operation.
  SystemError(Where where, int error_number, std::initializer_list<int> unsupported = {});

  const std::string& path() const { return where_.path; }
  const std::string& call() const { return where_.call; }
  int error_number() const { return error_number_; }
  Cause cause() const { return cause_; }

 private:
  Where where_;
  int error_number_;
  Cause cause_;
};

/// Repeats a system call that a signal interrupts (EINTR); file systems of clusters return that
/// also from fsync and fallocate. Returns its result.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace npyrace
