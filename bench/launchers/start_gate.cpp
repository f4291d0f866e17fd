#include "bench/launchers/start_gate.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/error.h"

namespace npyrace {

StartGate::StartGate(std::vector<std::string> paths)
    : paths_(std::move(paths)), descriptors_(paths_.size(), -1) {
  for (const std::string& path : paths_)
    if (::mkfifo(path.c_str(), 0600) != 0) throw SystemError({path, "mkfifo"}, errno);
}

StartGate::~StartGate() {
  open();
  for (const std::string& path : paths_) ::unlink(path.c_str());
}

/// The writing end of a FIFO opens only when somebody has opened the reading end (ENXIO before).
bool StartGate::is_waited_at(std::size_t index) {
  int& descriptor = descriptors_[index];
  if (descriptor < 0) descriptor = ::open(paths_[index].c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  return descriptor >= 0;
}

void StartGate::open() {
  for (int& descriptor : descriptors_)
    if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

}  // namespace npyrace
