#include "bench/semantics/player_process.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "bench/interrupt.h"
#include "bench/lab/descriptor.h"
#include "bench/launchers/launcher.h"
#include "bench/stopwatch.h"
#include "core/error.h"

namespace npyrace {
namespace {

/// How often we look whether the player lives and the user still wants an answer.
constexpr std::chrono::milliseconds kGlance{100};

ChildRequest player_request(int socket) {
  return {.program = kOwnBinary,
          .arguments = {"player", "--socket", std::to_string(kInheritedDescriptor), "--parent",
                        std::to_string(::getpid())},
          .inherited_descriptor = socket};
}

/// The verb is enough to say where a player got stuck.
std::string first_word(const std::string& line) {
  return line.substr(0, line.find(' '));
}

}  // namespace

struct PlayerProcess::Sockets {
  lab::Descriptor ours, theirs;

  Sockets() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw SystemError({"player", "socketpair"}, errno);
    ours = lab::Descriptor(ends[0]);
    theirs = lab::Descriptor(ends[1]);
  }
};

PlayerProcess::PlayerProcess(std::string name, std::chrono::milliseconds patience)
    : PlayerProcess(std::move(name), patience, Sockets()) {}

PlayerProcess::PlayerProcess(std::string name, std::chrono::milliseconds patience,
                             Sockets&& sockets)
    : name_(std::move(name)),
      patience_(patience),
      channel_(sockets.ours.release()),
      child_(player_request(sockets.theirs.number())) {}

std::string PlayerProcess::ask(const std::string& line) {
  if (!gone_.empty()) throw PlayerGone(gone_);
  channel_.send(line);  // where nobody hears it, nobody answers either
  const std::string answer = receive(line);
  const std::size_t space = answer.find(' ');
  const std::string kind = answer.substr(0, space);
  const std::string rest = space == std::string::npos ? "" : answer.substr(space + 1);
  if (kind != "ok") throw StepError(rest, kind == "refused");
  return rest;
}

std::string PlayerProcess::receive(const std::string& line) {
  const std::int64_t limit_ns = monotonic_ns() + std::chrono::nanoseconds(patience_).count();
  for (;;) {
    if (interrupted()) throw Interrupted();
    if (auto answer = channel_.receive(kGlance)) return *answer;
    if (const auto status = child_.poll())
      give_up(fmt::format("{}: the player died in {}: {}", name_, first_word(line),
                          describe_exit(*status)));
    if (monotonic_ns() > limit_ns)
      give_up(fmt::format("{}: {} did not return within {} s", name_, first_word(line),
                          std::chrono::duration<double>(patience_).count()));
  }
}

void PlayerProcess::give_up(const std::string& why) {
  child_.kill();
  gone_ = why;
  throw PlayerGone(why);
}

}  // namespace npyrace
