#pragma once
// The folder for temporary files, and private folders in it.

#include <filesystem>
#include <string>

#include "core/os/descriptor.h"

namespace npyrace {

/// $TMPDIR, else /tmp. Throws SystemError with the variable and its value if that is not a folder.
std::string temporary_folder();

/// Removes a folder and all in it. Returns an error message, or an empty string.
std::string remove_folder(const std::string& path);

// A temporary folder outside the file systems under test; the destructor removes it. It contains
// `owner`, a description for people, which is locked while the folder is in use. So folders of
// processes that were killed are recognized, also between containers that share $TMPDIR, where
// process ids would be ambiguous.

class TemporaryFolder {
 public:
  using Remove = std::string (*)(const std::string& path);

  /// Creates npyrace-PURPOSE-XXXXXX. Before, it removes folders of this purpose whose processes
  /// were killed, and reports each on standard error: they have the name, this user as their owner,
  /// and an `owner` file that nobody has locked. Throws SystemError.
  explicit TemporaryFolder(const std::string& purpose, Remove remove = remove_folder);
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  /// Absolute, without symbolic links.
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  /// The lock lasts as long as any process has this descriptor.
  int owner_descriptor() const { return owner_.number(); }

 private:
  Remove remove_;
  std::string path_;
  Descriptor owner_;
};

}  // namespace npyrace
