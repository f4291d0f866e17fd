#pragma once
// Reads a file through every view and runs every validator on it, in parallel, with memory
// proportional to the number of threads.

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/file/file.h"
#include "core/result/findings.h"
#include "validators/expectation.h"
#include "validators/read_path.h"

namespace npyrace {

/// A way to read the file: a read path through a mount.
struct View {
  const ReadPathRow* read_path = nullptr;
  std::string path;   ///< path of the file on the view's mount
  std::string label;  ///< "pread@DIR"
};

struct ScanRequest {
  Subject subject;
  FileOpener open_file;
  View judge;               ///< decides the verdict; reads each piece after all other views
  std::vector<View> views;  ///< compared with the judge
  /// Processes only this part of the pieces; each piece belongs to exactly one of `parts` parts.
  std::uint64_t part = 0;
  std::uint64_t parts = 1;
  /// Called between pieces; true ends the scan with ScanCancelled.
  std::function<bool()> cancelled = [] { return false; };
};

/// The scan was cancelled.
class ScanCancelled : public std::runtime_error {
 public:
  ScanCancelled() : std::runtime_error("interrupted") {}
};

/// Throws ScanCancelled, and SystemError when a view cannot be read. A file of unexpected size is
/// checked nevertheless; missing bytes read as zeros.
Findings scan(const ScanRequest& request);

}  // namespace npyrace
