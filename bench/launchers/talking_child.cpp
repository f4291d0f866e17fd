#include "bench/launchers/talking_child.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "bench/interrupt.h"
#include "bench/lab/descriptor.h"
#include "bench/stopwatch.h"
#include "core/error.h"

namespace npyrace {
namespace {

/// How often we look whether it lives and the user still wants an answer.
constexpr std::chrono::milliseconds kGlance{100};

ChildRequest child_request(const std::string& command, int socket) {
  return {.program = kOwnBinary,
          .arguments = {command, "--socket", std::to_string(kInheritedDescriptor), "--parent",
                        std::to_string(::getpid())},
          .inherited_descriptor = socket};
}

}  // namespace

struct TalkingChild::Sockets {
  lab::Descriptor ours, theirs;

  explicit Sockets(const std::string& command) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw SystemError({command, "socketpair"}, errno);
    ours = lab::Descriptor(ends[0]);
    theirs = lab::Descriptor(ends[1]);
  }
};

TalkingChild::TalkingChild(const std::string& command) : TalkingChild(command, Sockets(command)) {}

TalkingChild::TalkingChild(const std::string& command, Sockets&& sockets)
    : channel_(sockets.ours.release()), child_(child_request(command, sockets.theirs.number())) {}

TalkingChild::Answer TalkingChild::receive(std::chrono::milliseconds patience) {
  const std::int64_t limit_ns = monotonic_ns() + std::chrono::nanoseconds(patience).count();
  for (;;) {
    if (interrupted()) throw Interrupted();
    if (auto line = channel_.receive(kGlance)) return {.line = std::move(line)};
    if (const auto status = child_.poll()) return {.exit_status = status};
    if (monotonic_ns() > limit_ns) return {};
  }
}

}  // namespace npyrace
