// The only file that includes MPI.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mpi.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bench/remote/transport.h"
#include "bench/strategies/race_error.h"
#include "bench/strategies/strategy.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

constexpr int kTextTag = 1;

std::string words_of(int error) {
  std::array<char, MPI_MAX_ERROR_STRING> words{};
  int length = 0;
  MPI_Error_string(error, words.data(), &length);
  return {words.data(), static_cast<std::size_t>(length)};
}

/// Errors of files are returned. Errors of communicators abort the job, because ranks could not
/// inform each other of them.
void require(int error, const std::string& path, const char* call) {
  if (error != MPI_SUCCESS)
    throw std::runtime_error(fmt::format("{}: {}: {}", path, call, words_of(error)));
}

/// Polls `done`. Blocking MPI calls would occupy a core that other ranks or the scan could use, and
/// would not react to Ctrl-C.
void wait_until(Wait wait, std::optional<std::chrono::seconds> patience,
                const std::function<bool()>& done, const std::string& peer = "a rank") {
  constexpr std::int64_t kAttentiveNs = 200'000;
  constexpr std::chrono::microseconds kShortest{50}, kLongest{1000};
  const std::int64_t start_ns = monotonic_ns();
  for (auto nap = kShortest; !done();) {
    if (interrupted()) throw Interrupted();
    const std::int64_t waited_ns = monotonic_ns() - start_ns;
    if (patience && waited_ns > std::chrono::nanoseconds(*patience).count())
      throw RaceError(fmt::format("{} did not get on within {} s", peer, patience->count()), false);
    if (wait == Wait::short_wait || waited_ns < kAttentiveNs) {
      ::sched_yield();
      continue;
    }
    std::this_thread::sleep_for(nap);
    nap = std::min(kLongest, nap * 2);
  }
}

/// An owning MPI datatype.
class Datatype {
 public:
  Datatype(std::vector<int>& sizes, std::vector<MPI_Aint>& places) {
    MPI_Type_create_hindexed(static_cast<int>(sizes.size()), sizes.data(), places.data(), MPI_BYTE,
                             &type_);
    MPI_Type_commit(&type_);
  }
  Datatype(const Datatype&) = delete;
  Datatype& operator=(const Datatype&) = delete;
  ~Datatype() { MPI_Type_free(&type_); }
  MPI_Datatype get() const { return type_; }

 private:
  MPI_Datatype type_ = MPI_DATATYPE_NULL;
};

class MpiFile final : public RankFile {
 public:
  MpiFile(MPI_File file, std::string path) : file_(file), path_(std::move(path)) {}
  ~MpiFile() override {
    if (file_ != MPI_FILE_NULL) MPI_File_close(&file_);
  }

  void set_atomic() override {
    const int error = MPI_File_set_atomicity(file_, 1);
    int atomic = 0;
    MPI_File_get_atomicity(file_, &atomic);
    if (error != MPI_SUCCESS || atomic == 0)
      throw Refusal("MPI_File_set_atomicity: " + words_of(error));
  }

  void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    MPI_Status status;
    require(MPI_File_write_at(file_, static_cast<MPI_Offset>(offset_bytes), data.data(),
                              static_cast<int>(data.size()), MPI_BYTE, &status),
            path_, "MPI_File_write_at");
    require_all(status, data.size(), "MPI_File_write_at");
  }

  void write_all(std::span<const FilePiece> pieces) override {
    std::vector<int> sizes;
    std::vector<MPI_Aint> in_file, in_memory;
    std::size_t bytes = 0;
    for (const FilePiece& piece : pieces) {
      sizes.push_back(static_cast<int>(piece.size_bytes));
      in_file.push_back(static_cast<MPI_Aint>(piece.offset_bytes));
      MPI_Get_address(piece.source, &in_memory.emplace_back());
      bytes += piece.size_bytes;
    }
    write_all(sizes, in_file, in_memory, bytes);
  }

  void sync() override { require(MPI_File_sync(file_), path_, "MPI_File_sync"); }
  void close() override { require(MPI_File_close(&file_), path_, "MPI_File_close"); }

 private:
  /// Makes both collective calls even if the first fails, because the other ranks make them.
  void write_all(std::vector<int>& sizes, std::vector<MPI_Aint>& in_file,
                 std::vector<MPI_Aint>& in_memory, std::size_t bytes) {
    const Datatype view(sizes, in_file);
    const Datatype memory(sizes, in_memory);
    const bool none = sizes.empty();  // a derived datatype without blocks is not a valid view
    const int viewed = MPI_File_set_view(file_, 0, MPI_BYTE, none ? MPI_BYTE : view.get(), "native",
                                         MPI_INFO_NULL);
    MPI_Status status;
    const int written = MPI_File_write_at_all(file_, 0, MPI_BOTTOM, none ? 0 : 1,
                                              none ? MPI_BYTE : memory.get(), &status);
    require(viewed, path_, "MPI_File_set_view");
    require(written, path_, "MPI_File_write_at_all");
    require_all(status, bytes, "MPI_File_write_at_all");
  }

  void require_all(MPI_Status& status, std::size_t bytes, const char* call) const {
    MPI_Count written = 0;
    MPI_Get_elements_x(&status, MPI_BYTE, &written);
    if (static_cast<std::size_t>(written) != bytes)
      throw std::runtime_error(
          fmt::format("{}: {}: wrote {} of {} bytes", path_, call, written, bytes));
  }

  MPI_File file_;
  std::string path_;
};

/// Attendance of barriers: each rank sends rank 0 the number of the barrier at which it arrives, so
/// that rank 0 can name missing ranks, which the collective call does not reveal. Nothing here
/// blocks: a stopped rank must not block others.
class Attendance {
 public:
  explicit Attendance(MPI_Comm ranks) : ranks_(ranks) {
    int size = 0;
    MPI_Comm_size(ranks_, &size);
    MPI_Comm_rank(ranks_, &rank_);
    heard_.resize(static_cast<std::size_t>(size));
  }

  /// Announces this rank's arrival at its next barrier.
  void come() {
    ++meetings_;
    if (rank_ == 0) {
      hear_those_there();
      return;
    }
    sent_.remove_if([](Sent& one) {
      int done = 0;
      MPI_Test(&one.request, &done, MPI_STATUS_IGNORE);
      return done != 0;
    });
    Sent& now = sent_.emplace_back(Sent{meetings_, MPI_REQUEST_NULL});
    MPI_Isend(&now.meeting, 1, MPI_INT, 0, kHereTag, ranks_, &now.request);
  }

  /// Called when patience is lost, which happens on all ranks at about the same time: each
  /// announces itself once more. On rank 0: the ranks that do not; elsewhere empty. A rank that
  /// hangs may have arrived before, and may keep ranks at an earlier barrier that do not hang.
  std::vector<int> silent_at_roll_call() {
    const std::vector<int> before = heard_;
    come();
    std::vector<int> silent;
    for (int glances = 200; glances > 0; --glances) {
      silent = ranks_where([&](std::size_t rank) { return heard_[rank] == before[rank]; });
      if (silent.empty()) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return silent;
  }

  /// On rank 0: ranks that have not arrived at this barrier; elsewhere empty.
  std::vector<int> missing() {
    return ranks_where([&](std::size_t rank) { return heard_[rank] < meetings_; });
  }

 private:
  struct Sent {
    int meeting = 0;  ///< must keep its address until it was sent
    MPI_Request request = MPI_REQUEST_NULL;
  };

  /// On rank 0: the others of which `is` holds after their messages were received; elsewhere empty.
  template <typename Is>
  std::vector<int> ranks_where(Is is) {
    std::vector<int> ranks;
    hear_those_there();
    for (std::size_t rank = 1; rank_ == 0 && rank < heard_.size(); ++rank)
      if (is(rank)) ranks.push_back(static_cast<int>(rank));
    return ranks;
  }

  void hear_those_there() {
    if (rank_ != 0) return;
    for (int there = 1; there != 0;) {
      MPI_Status status;
      MPI_Message message;
      MPI_Improbe(MPI_ANY_SOURCE, kHereTag, ranks_, &there, &message, &status);
      if (there == 0) continue;
      int meeting = 0;
      MPI_Mrecv(&meeting, 1, MPI_INT, &message, MPI_STATUS_IGNORE);
      heard_[static_cast<std::size_t>(status.MPI_SOURCE)] = meeting;
    }
  }

  static constexpr int kHereTag = 2;

  MPI_Comm ranks_;
  int rank_ = 0;
  int meetings_ = 0;
  std::vector<int> heard_;  ///< last barrier of each rank
  std::list<Sent> sent_;
};

class MpiGroup final : public RankGroup {
 public:
  MpiGroup(MPI_Comm ranks, std::optional<std::chrono::seconds> patience)
      : ranks_(ranks), patience_(patience), attendance_(std::make_unique<Attendance>(ranks)) {}
  /// After a timeout the destructor makes no collective call.
  ~MpiGroup() override {
    if (gave_up_) {
      // Its messages may still be in transit from memory that must stay valid.
      [[maybe_unused]] Attendance* leaked = attendance_.release();
      return;
    }
    attendance_->missing();  // receives the remaining messages
    MPI_Comm_free(&ranks_);
  }

  std::uint64_t rank() const override {
    int rank = 0;
    MPI_Comm_rank(ranks_, &rank);
    return static_cast<std::uint64_t>(rank);
  }

  /// All ranks are always alive: MPI aborts the job if one is not.
  bool meet(bool well, Wait wait, Needs) override {
    const int mine = well ? 1 : 0;
    int all = 0;
    MPI_Request request;
    if (wait == Wait::long_wait) attendance_->come();  // a short wait directly follows a long one
    MPI_Iallreduce(&mine, &all, 1, MPI_INT, MPI_MIN, ranks_, &request);
    gave_up_ = true;
    try {
      wait_until(wait, patience_, [&] {
        int done = 0;
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        return done != 0;
      });
    } catch (const RaceError& error) {
      std::vector<int> missing = attendance_->silent_at_roll_call();
      if (missing.empty()) missing = attendance_->missing();
      if (missing.empty()) throw;
      throw RaceError(fmt::format("rank {} did not get on within {} s", fmt::join(missing, ", "),
                                  patience_->count()),
                      error.refused());
    }
    gave_up_ = false;
    return all != 0;
  }

  /// A failure on one rank is reported on all ranks; otherwise later collective calls would hang.
  std::unique_ptr<RankFile> open(const std::string& path) override {
    MPI_File file = MPI_FILE_NULL;
    const int error = MPI_File_open(ranks_, path.c_str(), MPI_MODE_RDWR, MPI_INFO_NULL, &file);
    const bool all = meet(error == MPI_SUCCESS, Wait::short_wait, Needs::survivors);
    require(error, path, "MPI_File_open");
    // Closing is collective and would hang: some ranks have no file.
    if (!all) throw std::runtime_error(path + ": MPI_File_open: another rank could not");
    return std::make_unique<MpiFile>(file, path);
  }

 private:
  MPI_Comm ranks_;
  std::optional<std::chrono::seconds> patience_;
  std::unique_ptr<Attendance> attendance_;
  bool gave_up_ = false;  ///< a request is still pending
};

class MpiTransport final : public Transport {
 public:
  MpiTransport() {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_dup(MPI_COMM_WORLD, &all_);
  }

  std::uint64_t rank() const override {
    int rank = 0;
    MPI_Comm_rank(all_, &rank);
    return static_cast<std::uint64_t>(rank);
  }

  std::uint64_t size() const override {
    int size = 0;
    MPI_Comm_size(all_, &size);
    return static_cast<std::uint64_t>(size);
  }

  /// "Open MPI v4.1.4, package: ...": drops the build information.
  std::string library() const override {
    std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> words{};
    int length = 0;
    MPI_Get_library_version(words.data(), &length);
    const std::string all(words.data(), static_cast<std::size_t>(length));
    return all.substr(0, all.find_first_of(",\n"));
  }

  void send(std::uint64_t to, const std::string& text) override {
    MPI_Request request;
    MPI_Isend(text.data(), static_cast<int>(text.size()), MPI_BYTE, static_cast<int>(to), kTextTag,
              all_, &request);
    wait_until(
        Wait::short_wait, patience_,
        [&] {
          int done = 0;
          MPI_Test(&request, &done, MPI_STATUS_IGNORE);
          return done != 0;
        },
        name_of(to));
  }

  std::string receive(std::uint64_t from, Wait wait) override {
    MPI_Message message;
    MPI_Status status;
    wait_until(
        wait, patience_,
        [&] {
          int there = 0;
          MPI_Improbe(static_cast<int>(from), kTextTag, all_, &there, &message, &status);
          return there != 0;
        },
        name_of(from));
    int bytes = 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    std::string text(static_cast<std::size_t>(bytes), '\0');
    MPI_Mrecv(text.data(), bytes, MPI_BYTE, &message, MPI_STATUS_IGNORE);
    return text;
  }

  std::unique_ptr<RankGroup> group(std::uint64_t ranks) override {
    MPI_Comm group = MPI_COMM_NULL;
    MPI_Comm_split(all_, rank() < ranks ? 0 : MPI_UNDEFINED, static_cast<int>(rank()), &group);
    if (group == MPI_COMM_NULL) return nullptr;
    return std::make_unique<MpiGroup>(group, patience_);
  }

  void set_patience(std::optional<std::chrono::seconds> patience) override { patience_ = patience; }

  void leave() override {
    MPI_Comm_free(&all_);
    MPI_Finalize();
  }

 private:
  /// Another rank waits for rank 0, which may itself wait for the rank that hangs.
  std::string name_of(std::uint64_t peer) const {
    return peer == 0 ? "a rank" : fmt::format("rank {}", peer);
  }

  MPI_Comm all_ = MPI_COMM_NULL;
  std::optional<std::chrono::seconds> patience_;
};

}  // namespace

std::unique_ptr<Transport> join_mpi_transport() {
  return std::make_unique<MpiTransport>();
}

}  // namespace npyrace
