#pragma once
// What programs of the user's own have printed: where it goes while they run, and what is left of it
// when they fail.

#include <cstdint>
#include <filesystem>
#include <string>

namespace npyrace {

/// A folder that is on no file system under test and gone in the end.
class PrivateFolder {
 public:
  /// Throws SystemError.
  PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// The last line that is not empty.
std::string last_line(const std::string& path);

/// Leaves output of more than one line where its user finds it, and returns where; empty: the last
/// line is all there is, or it could not be kept.
std::string keep_output(const std::string& path);

}  // namespace npyrace
