#include "bench/remote/ssh_transport.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <set>
#include <thread>

#include "bench/remote/connection.h"
#include "bench/remote/remote_rank.h"
#include "bench/strategies/strategy.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/os/process.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

/// By default sshd randomly refuses connections beyond ten unauthenticated ones (MaxStartups).
constexpr std::size_t kConnectAtOnce = 8;
constexpr int kGlanceMs = 50;
/// Time limit for ranks and their remote shells to exit at the end.
constexpr std::chrono::milliseconds kFarewell{2000};

/// Rank 0's state of a rank.
struct Peer {
  std::unique_ptr<Connection> connection;
  bool greeted = false;  ///< it has sent its version and received its number
  std::string lost;      ///< why the connection was lost; empty: it exists
  bool of_itself = false;
  std::deque<std::string> mail;
  bool here = false, well = true;  ///< arrival and success at the next barrier
};

class SshTransport final : public Transport {
 public:
  explicit SshTransport(const SshOrder& order)
      : order_(order), peers_(order.writers), patience_(order.patience) {
    std::vector<std::uint64_t> all;
    for (std::uint64_t writer = 0; writer < peers_.size(); ++writer) all.push_back(writer);
    if (const std::string trouble = connect(all); !trouble.empty()) throw FormatError(trouble);
  }

  ~SshTransport() override {
    for (Peer& peer : peers_)
      if (peer.connection) peer.connection->close_input();
    const std::int64_t limit_ns = monotonic_ns() + std::chrono::nanoseconds(kFarewell).count();
    const auto has_ended = [](Peer& peer) {
      return !peer.connection || peer.connection->has_ended();
    };
    while (!std::ranges::all_of(peers_, has_ended) && monotonic_ns() < limit_ns)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  std::uint64_t rank() const override { return 0; }
  std::uint64_t size() const override { return peers_.size() + 1; }
  std::uint64_t first_writer() const override { return 1; }
  std::string library() const override {
    return "remote shell: " + order_.rsh.substr(0, order_.rsh.find(' '));
  }
  std::string host_of(std::uint64_t rank) const override {
    return rank == 0 ? "" : order_.host_of(rank - 1).name;
  }
  std::vector<std::string> dirs_there(std::uint64_t rank,
                                      const std::vector<std::string>& dirs) const override {
    if (rank == 0) return dirs;
    return {order_.dir_of(rank - 1)};
  }

  void send(std::uint64_t to, const std::string& text) override {
    const Peer& peer = peers_[to - 1];
    if (peer.lost.empty()) say(to - 1, kTextWord + text);
    if (!peer.lost.empty()) throw RankLost(peer.lost, peer.of_itself);
  }

  /// A short wait listens to that rank alone: the answer to a question about time must not wait
  /// until all connections have been looked at.
  std::string receive(std::uint64_t from, Wait wait) override {
    Peer& peer = peers_[from - 1];
    const std::uint64_t begin = wait == Wait::short_wait ? from - 1 : 0;
    const std::uint64_t end = wait == Wait::short_wait ? from : peers_.size();
    std::int64_t since_ns = monotonic_ns();
    while (peer.mail.empty()) {
      require_there(peer);
      if (interrupted()) throw Interrupted();
      if (monotonic_ns() - since_ns < std::chrono::nanoseconds(patience_).count()) {
        pump(begin, end);
        continue;
      }
      lose_silent(from - 1);
      since_ns = monotonic_ns();  // ranks that waited for the lost ones can continue now
    }
    std::string text = std::move(peer.mail.front());
    peer.mail.pop_front();
    return text;
  }

  /// Rank 0 is not a member; it only counts arrivals.
  std::unique_ptr<RankGroup> group(std::uint64_t writers) override {
    members_ = writers;
    for (Peer& peer : peers_) peer.here = false, peer.well = true;
    collector_needed_ = false;
    return nullptr;
  }

  void gather() override {
    std::vector<std::uint64_t> lost;
    for (std::uint64_t writer = 0; writer < peers_.size(); ++writer)
      if (!peers_[writer].lost.empty()) lost.push_back(writer);
    // One attempt only: otherwise every cell would wait for the unreachable host.
    if (given_up_.empty() && !lost.empty()) given_up_ = connect(lost);
    if (!given_up_.empty()) throw RaceError("not raced: " + given_up_, false);
  }

  /// Always finite: an operation on a dead server's directory never returns.
  void set_patience(std::optional<std::chrono::seconds> patience) override {
    patience_ = patience.value_or(order_.patience);
  }
  void leave() override {}

 private:
  std::string name_of(std::uint64_t writer) const {
    return fmt::format("writer {} on {}", writer, order_.host_of(writer).name);
  }

  /// Returns the error of the first rank that does not connect; empty: all have connected.
  std::string connect(const std::vector<std::uint64_t>& writers) {
    for (std::size_t begin = 0; begin < writers.size(); begin += kConnectAtOnce) {
      const std::size_t end = std::min(writers.size(), begin + kConnectAtOnce);
      for (std::size_t i = begin; i < end; ++i) {
        peers_[writers[i]] = {};
        peers_[writers[i]].connection = std::make_unique<Connection>(
            ConnectionRequest{order_.rsh, order_.host_of(writers[i]).name, order_.npyrace});
      }
      for (std::size_t i = begin; i < end; ++i)
        if (std::string trouble = await_greeting(writers[i]); !trouble.empty()) return trouble;
    }
    return "";
  }

  std::string await_greeting(std::uint64_t writer) {
    Peer& peer = peers_[writer];
    const std::int64_t start_ns = monotonic_ns();
    while (!peer.greeted && peer.lost.empty()) {
      if (interrupted()) throw Interrupted();
      if (monotonic_ns() - start_ns > std::chrono::nanoseconds(order_.patience).count())
        return fmt::format("{}: npyrace has not come within {} s", order_.host_of(writer).name,
                           order_.patience.count());
      pump(0, peers_.size());
    }
    return peer.lost;
  }

  /// Error message for a rank that ended before its greeting.
  std::string no_greeting_words(std::uint64_t writer, const std::string& last_words) const {
    return fmt::format("{}: cannot start {} there: {}", order_.host_of(writer).name, order_.npyrace,
                       last_words);
  }

  static void require_there(const Peer& peer) {
    if (!peer.lost.empty() && peer.mail.empty()) throw RankLost(peer.lost, peer.of_itself);
  }

  /// Waits a moment for data of the writers [begin, end), and reads what is available.
  void pump(std::uint64_t begin, std::uint64_t end) {
    std::vector<pollfd> descriptors;
    std::vector<std::uint64_t> writers;  // of each descriptor
    for (std::uint64_t writer = begin; writer < end; ++writer) {
      if (!peers_[writer].connection) continue;
      for (const pollfd& one : peers_[writer].connection->descriptors()) {
        descriptors.push_back(one);
        writers.push_back(writer);
      }
    }
    ::poll(descriptors.data(), descriptors.size(), kGlanceMs);
    for (std::size_t i = 0; i < descriptors.size(); ++i)
      if (descriptors[i].revents != 0 && peers_[writers[i]].connection) take(writers[i]);
    end_meeting();
  }

  void take(std::uint64_t writer) {
    Peer& peer = peers_[writer];
    const bool more = peer.connection->take();
    while (peer.connection) {
      const auto line = peer.connection->line();
      if (!line) break;
      hear(writer, *line);
    }
    if (peer.connection && peer.greeted)
      while (const auto note = peer.connection->note()) tell_user(writer, *note);
    if (peer.connection && !more) lose_closed(writer);
  }

  void hear(std::uint64_t writer, const std::string& line) {
    Peer& peer = peers_[writer];
    if (!peer.greeted) {
      if (line.starts_with(kRankGreeting))
        greet(writer, line.substr(std::string(kRankGreeting).size()));
    } else if (line.starts_with(kTextWord)) {
      peer.mail.push_back(line.substr(1));
    } else if (line.starts_with(kMeetWord) && line.size() == 3) {
      peer.here = true;
      peer.well = line[1] == '1';
      collector_needed_ |= line[2] == '1';
    } else {
      lose(writer, name_of(writer) + ": something else than npyrace answers", true);
    }
  }

  void greet(std::uint64_t writer, const std::string& version) {
    if (version != order_.version)
      return lose(
          writer,
          fmt::format(
              "{}: {} there is npyrace {}, this is {}: give the path of the same version by --npyrace",
              order_.host_of(writer).name, order_.npyrace, version, order_.version),
          true);
    peers_[writer].greeted = true;
    say(writer, fmt::format("{}{} {}", kYouAreWord, writer + 1, size()));
  }

  /// Prints messages of a host's shells and programs once per host.
  void tell_user(std::uint64_t writer, const std::string& note) {
    const std::string& host = order_.host_of(writer).name;
    if (told_.insert(host + " " + note).second)
      print_note("npyrace: {}: {}\n", host, printable(note));
  }

  void say(std::uint64_t writer, const std::string& line) {
    Peer& peer = peers_[writer];
    if (!peer.connection->send(line, patience_)) lose_closed(writer);
  }

  /// The remote shell or the rank has ended. The program's own exit codes count as its own failure;
  /// those of remote shells, and signals, as an external cause.
  void lose_closed(std::uint64_t writer) {
    Peer& peer = peers_[writer];
    const std::string words = peer.connection->last_words();
    const auto status = peer.connection->status();
    constexpr int kOfRemoteShell = 255;
    const bool of_itself = status && !was_killed(*status) && WIFEXITED(*status) &&
                           WEXITSTATUS(*status) != 0 && WEXITSTATUS(*status) != kOfRemoteShell;
    lose(writer,
         peer.greeted ? fmt::format("{}: connection closed, {}", name_of(writer), words)
                      : no_greeting_words(writer, words),
         of_itself);
  }

  void lose(std::uint64_t writer, const std::string& words, bool of_itself) {
    Peer& peer = peers_[writer];
    peer.connection.reset();
    peer.lost = words;
    peer.of_itself = of_itself;
  }

  /// Timeout: in a barrier the ranks that have not arrived are considered lost, else the rank that
  /// was asked.
  void lose_silent(std::uint64_t asked) {
    const bool meeting = std::ranges::any_of(peers_, [](const Peer& peer) { return peer.here; });
    for (std::uint64_t writer = 0; writer < peers_.size(); ++writer) {
      const Peer& peer = peers_[writer];
      if (!peer.connection || !peer.mail.empty()) continue;
      const bool to_blame = meeting ? writer < members_ && !peer.here : writer == asked;
      if (to_blame)
        lose(
            writer,
            fmt::format("{}: nothing was heard of it for {} s", name_of(writer), patience_.count()),
            true);
    }
    end_meeting();
  }

  /// Releases the barrier when all surviving ranks have arrived.
  void end_meeting() {
    bool any = false, well = true;
    for (std::uint64_t writer = 0; writer < members_; ++writer) {
      const Peer& peer = peers_[writer];
      if (!peer.lost.empty()) continue;
      if (!peer.here) return;
      any = true;
      well = well && peer.well;
    }
    if (!any) return;
    if (collector_needed_ && !peers_[kCollector].lost.empty()) well = false;
    collector_needed_ = false;
    for (std::uint64_t writer = 0; writer < members_; ++writer) {
      peers_[writer].here = false;
      peers_[writer].well = true;
    }
    for (std::uint64_t writer = 0; writer < members_; ++writer)
      if (peers_[writer].connection) say(writer, std::string{kMeetWord, well ? '1' : '0'});
  }

  SshOrder order_;
  std::vector<Peer> peers_;  ///< indexed by writer
  std::chrono::seconds patience_;
  std::uint64_t members_ = 0;  ///< the first ranks, members of the group
  bool collector_needed_ = false;
  std::string given_up_;  ///< why a rank could not be reconnected
  std::set<std::string> told_;
};

}  // namespace

std::unique_ptr<Transport> connect_transport(const SshOrder& order) {
  allow_many_files();  // three for every connection
  return std::make_unique<SshTransport>(order);
}

}  // namespace npyrace
