#pragma once
// The folder for temporary files, and private folders in it.

#include <filesystem>
#include <string>

namespace npyrace {

/// $TMPDIR, else /tmp. Throws SystemError with the variable and its value if that is not a folder.
std::string temporary_folder();

// A temporary folder outside the file systems under test; the destructor removes it.

class PrivateFolder {
 public:
  /// `purpose` becomes part of the folder's name. Throws SystemError.
  explicit PrivateFolder(const std::string& purpose);
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace npyrace
