#include "bench/readers/reader_crew.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "bench/interrupt.h"
#include "bench/lab/channel.h"
#include "bench/lab/descriptor.h"
#include "bench/launchers/child_process.h"
#include "bench/launchers/launcher.h"
#include "bench/readers/reader_text.h"
#include "bench/stopwatch.h"
#include "core/error.h"

namespace npyrace {
namespace {

/// How often we look whether a reader lives and the user still wants an answer.
constexpr std::chrono::milliseconds kGlance{100};

struct Sockets {
  lab::Descriptor ours, theirs;

  Sockets() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw SystemError({"reader", "socketpair"}, errno);
    ours = lab::Descriptor(ends[0]);
    theirs = lab::Descriptor(ends[1]);
  }
};

ChildRequest reader_request(int socket) {
  return {.program = kOwnBinary,
          .arguments = {"reader", "--socket", std::to_string(kInheritedDescriptor), "--parent",
                        std::to_string(::getpid())},
          .inherited_descriptor = socket};
}

ReaderOrder order_of(const ReaderCrewRequest& request, std::uint64_t number) {
  const std::uint64_t mount = number % request.paths.size();
  // On each mount in turn: with two mounts readers 0 and 1 differ in the mount, 0 and 2 in the way.
  const char* read_path = (number / request.paths.size() + mount) % 2 == 0 ? "pread" : "mmap";
  return {.array = request.array,
          .stamp_seed = request.stamp_seed,
          .path = request.paths[mount],
          .read_path = read_path,
          .view = fmt::format("{}@{}", read_path, request.dirs[mount])};
}

ReadersResult only_a_problem(const std::string& problem) {
  return {.problems = {problem}};
}

}  // namespace

class ReaderCrew::Member {
 public:
  Member(const ReaderOrder& order, std::uint64_t number)
      : Member(order, number, Sockets()) {}

  void tell(const std::string& line) {
    if (!gone_) channel_.send(line);  // where nobody hears it, nobody answers either
  }

  ReadersResult answer(std::chrono::seconds patience) {
    const std::int64_t limit_ns = monotonic_ns() + std::chrono::nanoseconds(patience).count();
    while (!gone_) {
      if (interrupted()) throw Interrupted();
      if (const auto line = channel_.receive(kGlance)) return readers_result_from_text(*line);
      if (const auto status = child_.poll()) return give_up(describe_exit(*status));
      if (monotonic_ns() > limit_ns)
        return give_up(fmt::format("did not answer within {} s", patience.count()));
    }
    return only_a_problem(*gone_);
  }

  void kill() { child_.kill(); }

 private:
  Member(const ReaderOrder& order, std::uint64_t number, Sockets&& sockets)
      : number_(number),
        channel_(sockets.ours.release()),
        child_(reader_request(sockets.theirs.number())) {
    channel_.send(to_text(order));
  }

  ReadersResult give_up(const std::string& why) {
    child_.kill();
    gone_ = fmt::format("reader {}: {}", number_, why);
    return only_a_problem(*gone_);
  }

  std::uint64_t number_;
  std::optional<std::string> gone_;  ///< why; told with every answer
  lab::Channel channel_;
  ChildProcess child_;
};

ReaderCrew::ReaderCrew(const ReaderCrewRequest& request) : patience_(request.patience) {
  for (std::uint64_t number = 0; number < request.readers; ++number)
    members_.push_back(std::make_unique<Member>(order_of(request, number), number));
  pause();  // answered once the file is open
}

/// All at once, before each is waited for in turn.
ReaderCrew::~ReaderCrew() {
  for (const auto& member : members_) member->kill();
}

void ReaderCrew::go(unsigned generation) {
  for (const auto& member : members_) member->tell(fmt::format("go {}", generation));
}

ReadersResult ReaderCrew::pause() {
  for (const auto& member : members_) member->tell("pause");
  ReadersResult seen;
  for (const auto& member : members_) seen.merge(member->answer(patience_));
  return seen;
}

}  // namespace npyrace
