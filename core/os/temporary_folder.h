#pragma once
// The system's folder for temporary files.

#include <filesystem>
#include <string>

namespace npyrace {

/// $TMPDIR, else /tmp. Throws SystemError with the variable and its value where that is no folder.
std::string temporary_folder();

// A folder among the system's temporary files, on no file system under test, and gone in the end.

class PrivateFolder {
 public:
  /// `purpose` becomes a part of its name. Throws SystemError.
  explicit PrivateFolder(const std::string& purpose);
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace npyrace
