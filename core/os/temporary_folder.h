#pragma once
// The folder for temporary files, and private folders in it.

#include <filesystem>
#include <string>

namespace npyrace {

/// $TMPDIR, else /tmp. Throws SystemError with the variable and its value if that is not a folder.
std::string temporary_folder();

// A temporary folder outside the file systems under test; the destructor removes it.

class TemporaryFolder {
 public:
  /// `purpose` becomes part of the folder's name. Throws SystemError.
  explicit TemporaryFolder(const std::string& purpose);
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace npyrace
