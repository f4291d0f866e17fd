#include "bench/lab/lab.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "bench/lab/folder.h"
#include "bench/lab/server/server.h"
#include "core/base/error.h"
#include "core/os/channel.h"
#include "core/os/descriptor.h"
#include "core/os/process.h"
#include "core/os/signals.h"

namespace npyrace {
namespace {

using namespace lab;
using std::chrono::milliseconds;

/// Mounting takes milliseconds, but longer on a machine that swaps.
constexpr milliseconds kStartPatience{30000};
/// Time limit for an orderly shutdown before the server is killed.
constexpr milliseconds kEndPatience{10000};
constexpr milliseconds kSettlePatience{60000};
/// Time after an interrupt in which a run ends by itself if its lab answers.
constexpr milliseconds kInterruptPatience{10000};
constexpr milliseconds kGlance{20};

std::array<int, 2> socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw SystemError({"lab", "socketpair"}, errno);
  return ends;
}

/// posix_spawn does not clear close-on-exec if a descriptor already has its target number.
Descriptor away_from_targets(int number) {
  constexpr int kAboveTargets = 10;
  Descriptor copy(::fcntl(number, F_DUPFD_CLOEXEC, kAboveTargets));
  if (!copy) throw SystemError({"lab", "fcntl"}, errno == EINVAL ? EMFILE : errno);
  return copy;
}

pid_t start_server(int socket, int lock) {
  const Descriptor own(socket);
  const Descriptor safe_socket = away_from_targets(socket), safe_lock = away_from_targets(lock);
  const auto server = spawn(
      {.arguments = {kOwnBinary, "lab-server"},
       .output = kNull,
       .descriptors = {{safe_socket.number(), kServerSocket}, {safe_lock.number(), kServerLock}}});
  if (!server) throw SystemError({kOwnBinary, "posix_spawn"}, errno);
  return *server;
}

bool ended(pid_t child, milliseconds patience) {
  const auto limit = std::chrono::steady_clock::now() + patience;
  while (::waitpid(child, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

/// SIGKILL does not end a server that waits in the kernel for pages of its own mounts. Unmounting
/// aborts what it waits for.
void kill_server(pid_t server, const std::string& folder) {
  ::kill(server, SIGKILL);
  for (const std::string& mount : mounts_below(folder)) unmount(mount);
}

}  // namespace

struct Lab::State {
  explicit State(const LabPlan& plan, std::array<int, 2> ends)
      : channel(ends[0]),
        server(start_server(ends[1], folder.owner_descriptor())),
        store(folder.store()) {
    for (unsigned node = 0; node < plan.nodes; ++node) mounts.push_back(folder.mount(node));
  }
  ~State() {
    watcher = {};  // it must not signal a process id that is free
    channel.send("end");
    if (server <= 0 || ended(server, kEndPatience)) return;
    end_by_force();
  }

  void end_by_force() const {
    kill_server(server, folder.path());
    ended(server, kEndPatience);
  }

  std::string ask(const std::string& line, milliseconds patience) {
    const bool sent = channel.send(line);
    const auto answer = sent ? channel.receive(patience) : std::nullopt;
    if (!answer) throw std::runtime_error("the lab's server is gone");
    return *answer;
  }

  /// After an interrupt nothing may wait any more. A system call on a mount of a server that hangs
  /// or was stopped ends only if the server is killed, and no signal is handled before.
  void watch_interrupt(const std::stop_token& stop) const {
    auto left = kInterruptPatience;
    for (; left.count() > 0 && !stop.stop_requested(); std::this_thread::sleep_for(kGlance))
      if ((interrupted() || interrupt_waits()) && !time_is_over()) left -= kGlance;
    if (!stop.stop_requested()) kill_server(server, folder.path());
  }

  LabFolder folder;  // first member: destroyed last, after the server has ended
  Channel channel;
  pid_t server;
  std::string store;
  std::vector<std::string> mounts;
  std::jthread watcher =
      thread_without_signals([this](const std::stop_token& stop) { watch_interrupt(stop); });
};

std::string why_no_lab() {
#ifndef NPYRACE_HAVE_FUSE
  return "this npyrace was built without libfuse3: install libfuse3-dev (Debian) or fuse3-devel "
         "and build again";
#else
  if (::access("/dev/fuse", F_OK) != 0)
    return "/dev/fuse is missing: load the kernel module (modprobe fuse), or start the container "
           "with --device /dev/fuse --cap-add SYS_ADMIN";
  if (::access("/dev/fuse", R_OK | W_OK) != 0)
    return "/dev/fuse may not be opened: run as root, or permit all users (chmod 666 /dev/fuse)";
  return "";
#endif
}

Lab::Lab(const LabPlan& plan) {
  if (const std::string trouble = why_no_lab(); !trouble.empty())
    throw std::runtime_error("no lab: " + trouble);
  state_ = std::make_unique<State>(plan, socket_pair());
  const std::string answer =
      state_->ask(to_text(LabOrder{plan, state_->folder.path()}), kStartPatience);
  if (answer != "ready") throw std::runtime_error("no lab: " + answer);
}

Lab::~Lab() = default;

const std::vector<std::string>& Lab::mounts() const {
  return state_->mounts;
}
const std::string& Lab::store() const {
  return state_->store;
}
void Lab::settle() {
  state_->ask("settle", kSettlePatience);
}
void Lab::settle_synced() {
  state_->ask("settle-synced", kSettlePatience);
}
void Lab::drop_caches() {
  state_->ask("drop", kSettlePatience);
}
void Lab::guard(int process_group) {
  state_->channel.send(fmt::format("guard {}", process_group));
}
bool Lab::is_alive() const {
  pollfd end{server_descriptor(), POLLIN, 0};  // it says nothing without being asked
  return ::poll(&end, 1, 0) == 0;
}
int Lab::server_descriptor() const {
  return state_->channel.descriptor();
}

void Lab::abort() {
  state_->watcher = {};
  state_->end_by_force();
  state_->server = -1;
}

std::optional<std::uint64_t> Lab::faults_struck() {
  const bool sent = state_->channel.send("struck");
  const auto answer = sent ? state_->channel.receive(kSettlePatience) : std::nullopt;
  return answer ? std::optional<std::uint64_t>(std::stoull(*answer)) : std::nullopt;
}

}  // namespace npyrace
