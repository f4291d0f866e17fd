#pragma once
// Is the file under a name still the one that was there? Somebody else may have moved another one
// over it, cut it, appended to it, or removed it, while it was raced.

#include <cstdint>
#include <string>

namespace npyrace {

class FileIdentity {
 public:
  /// Remembers the file at `path`, of `size_bytes`. Opens it in no way that writers or caches could
  /// notice. Throws SystemError.
  FileIdentity(std::string path, std::uint64_t size_bytes);
  FileIdentity(const FileIdentity&) = delete;
  FileIdentity& operator=(const FileIdentity&) = delete;
  ~FileIdentity();

  /// "was replaced by another file", "was removed", "cannot be looked at: …", or empty: it is the
  /// one.
  std::string stranger() const;
  /// "was truncated to N bytes", "has grown to N bytes", or empty. Looks at `path`, which may be of
  /// another mount than the one remembered.
  std::string resized(const std::string& path) const;

  /// Lets go of the file: on NFS one that is held cannot really be removed.
  void forget();

 private:
  std::string path_;
  std::uint64_t size_bytes_;
  int descriptor_;
};

}  // namespace npyrace
