#include "core/os/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/base/error.h"
#include "core/os/descriptor.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

bool readable(int socket, std::chrono::milliseconds patience) {
  pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
  const auto most_ms = static_cast<int>(patience.count());
  return uninterrupted([&] { return ::poll(&waiting, 1, most_ms); }) > 0;
}

}  // namespace

Channel::~Channel() {
  ::close(socket_);
}

bool Channel::send(const std::string& line) {
  const std::string text = line + "\n";
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t part = uninterrupted(
        [&] { return ::send(socket_, text.data() + done, text.size() - done, MSG_NOSIGNAL); });
    if (part <= 0) return false;
    done += static_cast<std::size_t>(part);
  }
  return true;
}

bool Channel::has_news() const {
  return !received_.empty() || readable(socket_, std::chrono::milliseconds(0));
}

std::optional<std::string> Channel::receive(std::chrono::milliseconds patience) {
  while (true) {
    if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    if (!readable(socket_, patience)) return std::nullopt;
    std::array<char, 4096> part{};
    const ssize_t size =
        uninterrupted([&] { return ::recv(socket_, part.data(), part.size(), 0); });
    if (size <= 0) return std::nullopt;
    received_.append(part.data(), static_cast<std::size_t>(size));
  }
}

namespace {

/// Interval for checking that the child is alive and the user has not interrupted.
constexpr std::chrono::milliseconds kGlance{100};

SpawnRequest child_request(const std::string& command, int socket) {
  return {.arguments = {kOwnBinary, command, "--socket", std::to_string(kInheritedDescriptor),
                        "--parent", std::to_string(::getpid())},
          .descriptors = {{socket, kInheritedDescriptor}}};
}

}  // namespace

struct TalkingChild::Sockets {
  Descriptor ours, theirs;

  explicit Sockets(const std::string& command) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw SystemError({command, "socketpair"}, errno);
    ours = Descriptor(ends[0]);
    theirs = Descriptor(ends[1]);
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
