#pragma once
// The reader's side of run --readers: what the hidden `reader` command does.

#include "bench/exit_code.h"
#include "core/file.h"

namespace npyrace {

struct ReaderRequest {
  int socket = -1;
  int parent = 0;  ///< process id of who started us
};

/// The first line it is told is a ReaderOrder. Between "go GENERATION" and "pause" it scans the
/// file again and again; to "pause" it answers what it saw since. Ends when the other side is gone.
ExitCode read_live(const ReaderRequest& request, const FileOpener& open_file);

}  // namespace npyrace
