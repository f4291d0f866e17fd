#include "bench/remote/remote_rank.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <sstream>
#include <thread>

#include "bench/strategies/strategy.h"
#include "core/base/error.h"
#include "core/os/channel.h"
#include "core/os/exit_code.h"

namespace npyrace {
namespace {

/// Time for a running operation to remove its files after the connection has ended.
constexpr std::chrono::milliseconds kLastStep{1000};

[[noreturn]] void end_at_once() {
  ::_exit(static_cast<int>(ExitCode::trouble));
}

class RemoteTransport final : public Transport {
 public:
  RemoteTransport() : output_(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)) {
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    std::thread([this] { listen(); }).detach();  // runs until the process exits
    say(std::string(kRankGreeting) + NPYRACE_VERSION);
    std::istringstream numbers(next(you_are_));
    numbers >> rank_ >> size_;
  }

  std::uint64_t rank() const override { return rank_; }
  std::uint64_t size() const override { return size_; }
  std::uint64_t first_writer() const override { return 1; }
  std::string library() const override { return "remote shell"; }
  void send(std::uint64_t, const std::string& text) override { say(kTextWord + text); }
  std::string receive(std::uint64_t, Wait) override { return next(texts_); }
  std::unique_ptr<RankGroup> group(std::uint64_t writers) override;
  void set_patience(std::optional<std::chrono::seconds>) override {}
  void leave() override {}

  bool meet(bool well, Needs needs) {
    say({kMeetWord, well ? '1' : '0', needs == Needs::collector ? '1' : '0'});
    return next(meetings_) == "1";
  }

 private:
  using Lines = std::deque<std::string>;

  void say(const std::string& line) {
    const std::string text = line + "\n";
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t part =
          uninterrupted([&] { return ::write(output_, text.data() + done, text.size() - done); });
      if (part <= 0) end_at_once();  // rank 0 has gone
      done += static_cast<std::size_t>(part);
    }
  }

  std::string next(Lines& lines) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || !lines.empty(); });
    if (lines.empty()) end_at_once();
    std::string line = std::move(lines.front());
    lines.pop_front();
    return line;
  }

  void listen() {
    LineBuffer lines;
    std::array<char, 65536> part{};
    for (;;) {
      const ssize_t size =
          uninterrupted([&] { return ::read(STDIN_FILENO, part.data(), part.size()); });
      if (size <= 0) break;
      lines.add({part.data(), static_cast<std::size_t>(size)});
      while (const auto line = lines.next()) note(*line);
    }
    note_end();
    std::this_thread::sleep_for(kLastStep);
    end_at_once();
  }

  void note_end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  void note(const std::string& line) {
    const std::lock_guard lock(mutex_);
    const std::string rest = line.substr(std::min<std::size_t>(1, line.size()));
    if (line.starts_with(kYouAreWord)) you_are_.push_back(rest);
    if (line.starts_with(kTextWord)) texts_.push_back(rest);
    if (line.starts_with(kMeetWord)) meetings_.push_back(rest);
    changed_.notify_all();
  }

  int output_;
  std::uint64_t rank_ = 0, size_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  Lines you_are_, texts_, meetings_;
  bool ended_ = false;  ///< end of file was reached
};

class RemoteGroup final : public RankGroup {
 public:
  explicit RemoteGroup(RemoteTransport& transport) : transport_(transport) {}
  std::uint64_t rank() const override { return transport_.rank() - transport_.first_writer(); }
  bool meet(bool well, Wait, Needs needs) override { return transport_.meet(well, needs); }
  std::unique_ptr<RankFile> open(const std::string&) override {
    throw Refusal("MPI-IO needs launcher mpi");
  }

 private:
  RemoteTransport& transport_;
};

std::unique_ptr<RankGroup> RemoteTransport::group(std::uint64_t writers) {
  if (rank_ - first_writer() >= writers) return nullptr;
  return std::make_unique<RemoteGroup>(*this);
}

}  // namespace

std::unique_ptr<Transport> join_by_connection() {
  return std::make_unique<RemoteTransport>();
}

}  // namespace npyrace
