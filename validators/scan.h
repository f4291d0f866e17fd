#pragma once
// Reads a file back through every view and runs every validator over it, in parallel, with memory
// bounded by the number of threads.

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/file/file.h"
#include "core/result/findings.h"
#include "validators/expectation.h"
#include "validators/read_path.h"

namespace npyrace {

/// One way to see the file.
struct View {
  const ReadPathRow* read_path = nullptr;
  std::string path;   ///< of the file, through the view's mount
  std::string label;  ///< "pread@DIR"
};

struct ScanRequest {
  Subject subject;
  FileOpener open_file;
  View judge;               ///< decides; read last, after every other view of a piece
  std::vector<View> views;  ///< compared with the judge
  /// Where several share the work: every piece of the file is looked at in one part of `parts`.
  std::uint64_t part = 0;
  std::uint64_t parts = 1;
  /// Asked between pieces; true ends the scan with ScanCancelled.
  std::function<bool()> cancelled = [] { return false; };
};

/// Somebody wanted the scan to end.
class ScanCancelled : public std::runtime_error {
 public:
  ScanCancelled() : std::runtime_error("interrupted") {}
};

/// Throws ScanCancelled, and SystemError when a view cannot be read. A file of another size than
/// the map's is checked all the same: what is missing reads as zeros.
Findings scan(const ScanRequest& request);

}  // namespace npyrace
