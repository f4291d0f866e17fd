#include "bench/strategies/collector.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <utility>

#include "bench/strategies/ways.h"
#include "core/base/error.h"
#include "core/os/stopwatch.h"

namespace npyrace {

/// The header of a message with a piece of records.
struct PieceHead {
  std::uint64_t first_offset_bytes = 0;
  std::uint64_t step_bytes = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

namespace {

/// Maximum size of a message: the receiver buffers one message per sender.
constexpr std::uint64_t kPieceBytes = 1 << 20;

/// Writers start together; the receiver may be the last to create its socket.
constexpr std::int64_t kAppearsWithinNs = 20'000'000'000;

[[noreturn]] void fail(const std::string& name, const char* call) {
  throw SystemError({"socket " + name, call}, errno);
}

struct Address {
  sockaddr_un name{};
  socklen_t bytes = 0;
};

/// Abstract socket names begin with a zero byte.
Address address_of(const std::string& name) {
  Address address;
  address.name.sun_family = AF_UNIX;
  if (name.size() + 1 > sizeof address.name.sun_path) {
    errno = ENAMETOOLONG;
    fail(name, "bind");
  }
  std::memcpy(address.name.sun_path + 1, name.data(), name.size());
  address.bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return address;
}

int new_socket(const std::string& name, int flags) {
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (descriptor < 0) fail(name, "socket");
  return descriptor;
}

bool connects(int descriptor, const Address& address) {
  return ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address.name), address.bytes) ==
         0;
}

}  // namespace

RecordSender::RecordSender(std::string name) : name_(std::move(name)) {
  const Address address = address_of(name_);
  descriptor_ = new_socket(name_, 0);
  const std::int64_t limit_ns = monotonic_ns() + kAppearsWithinNs;
  while (!connects(descriptor_, address)) {
    // The receiver does not exist yet, or its backlog is full.
    const bool may_come = errno == ECONNREFUSED || errno == EAGAIN || errno == EINTR;
    if (!may_come || monotonic_ns() > limit_ns) {
      ::close(std::exchange(descriptor_, -1));
      fail(name_, "connect");
    }
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

RecordSender::~RecordSender() {
  close();
}

void RecordSender::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void RecordSender::send(const StridedRun& run, const std::byte* source,
                        std::uint64_t record_bytes) {
  const std::uint64_t most = std::max<std::uint64_t>(1, kPieceBytes / record_bytes);
  for (std::uint64_t done = 0; done < run.records; done += most) {
    const std::uint64_t records = std::min(most, run.records - done);
    const PieceHead head{.first_offset_bytes = run.first_offset_bytes + done * run.step_bytes,
                         .step_bytes = run.step_bytes,
                         .records = records,
                         .bytes = records * record_bytes};
    send_all(std::as_bytes(std::span(&head, 1)));
    send_all({source + done * record_bytes, static_cast<std::size_t>(head.bytes)});
  }
}

void RecordSender::send_all(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) fail(name_, "send");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

/// One sender and its incomplete message.
struct RecordReceiver::Client {
  int descriptor = -1;
  PieceHead head;
  std::size_t head_bytes = 0;
  std::vector<std::byte> records;
  std::size_t record_bytes = 0;  ///< bytes of `records` received so far

  /// Reads what is available. Returns false when the sender has closed.
  bool read(const std::string& name, const Store& store) {
    for (;;) {
      const bool in_head = head_bytes < sizeof head;
      std::byte* to = in_head ? reinterpret_cast<std::byte*>(&head) + head_bytes
                              : records.data() + record_bytes;
      const std::size_t room = in_head ? sizeof head - head_bytes : records.size() - record_bytes;
      const ssize_t came = ::recv(descriptor, to, room, 0);
      if (came == 0 || (came < 0 && errno == ECONNRESET)) return false;
      if (came < 0 && errno == EAGAIN) return true;
      if (came < 0 && errno == EINTR) continue;
      if (came < 0) fail(name, "recv");
      take(static_cast<std::size_t>(came), in_head, store);
    }
  }

  void take(std::size_t came, bool in_head, const Store& store) {
    (in_head ? head_bytes : record_bytes) += came;
    if (in_head && head_bytes == sizeof head) {
      records.resize(static_cast<std::size_t>(head.bytes));
      record_bytes = 0;
    }
    if (in_head || record_bytes < records.size()) return;
    store({head.first_offset_bytes, head.step_bytes, head.records}, records);
    head_bytes = 0;
  }
};

RecordReceiver::RecordReceiver(std::string name, Store store)
    : name_(std::move(name)), store_(std::move(store)) {
  const Address address = address_of(name_);
  listener_ = new_socket(name_, SOCK_NONBLOCK);
  ending_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const bool fine =
      ending_ >= 0 &&
      ::bind(listener_, reinterpret_cast<const sockaddr*>(&address.name), address.bytes) == 0 &&
      ::listen(listener_, SOMAXCONN) == 0;
  if (!fine) {
    const int error_number = errno;
    ::close(listener_);
    if (ending_ >= 0) ::close(ending_);
    errno = error_number;
    fail(name_, "listen");
  }
  thread_ = std::thread([this] { receive(); });
}

RecordReceiver::~RecordReceiver() {
  try {
    finish();
  } catch (...) {  // the destructor cannot report errors; `finish` does
  }
  ::close(listener_);
  ::close(ending_);
}

void RecordReceiver::finish() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t told = ::write(ending_, &one, sizeof one);
  thread_.join();
  if (problem_) std::rethrow_exception(std::exchange(problem_, nullptr));
}

void RecordReceiver::receive() {
  try {
    serve();
  } catch (...) {
    problem_ = std::current_exception();
    ::shutdown(listener_, SHUT_RDWR);  // senders get an error
  }
}

void RecordReceiver::serve() {
  std::vector<Client> clients;
  const auto close_all = [](std::vector<Client>* all) {
    for (const Client& client : *all) ::close(client.descriptor);
  };
  const std::unique_ptr<std::vector<Client>, decltype(close_all)> closed_at_last(&clients,
                                                                                 close_all);
  for (bool ending = false; !ending || !clients.empty();) {
    std::vector<pollfd> waiting{{listener_, POLLIN, 0}, {ending ? -1 : ending_, POLLIN, 0}};
    for (const Client& client : clients) waiting.push_back({client.descriptor, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) fail(name_, "poll");
    ending = ending || (waiting[1].revents & POLLIN) != 0;
    std::erase_if(clients, [&](Client& client) {
      if (client.read(name_, store_)) return false;
      ::close(client.descriptor);
      return true;
    });
    accept_waiting(clients);  // last, so that senders in the backlog are served, too
  }
}

void RecordReceiver::accept_waiting(std::vector<Client>& clients) {
  for (;;) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor >= 0) {
      clients.push_back({.descriptor = descriptor, .head = {}, .records = {}});
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN) return;
    fail(name_, "accept4");
  }
}

namespace {

/// The file name is unique and the same through every mount.
std::string socket_name(const WriterSlice& share) {
  return fmt::format("{}-{}", std::filesystem::path(share.path).filename().string(),
                     share.generation);
}

void store(File& file, const StridedRun& run, std::span<const std::byte> records) {
  const std::size_t record_bytes = records.size() / static_cast<std::size_t>(run.records);
  if (run.step_bytes == record_bytes) return file.write_at(records, run.first_offset_bytes);
  for (std::uint64_t i = 0; i < run.records; ++i)
    file.write_at(records.subspan(static_cast<std::size_t>(i) * record_bytes, record_bytes),
                  run.first_offset_bytes + i * run.step_bytes);
}

class SendingShare final : public WriteSession {
 public:
  SendingShare(const WriterSlice& share, PhaseSeconds& phases) : record_bytes_(share.record_bytes) {
    Stopwatch watch;
    sender_ = std::make_unique<RecordSender>(socket_name(share));
    phases.open += watch.lap_seconds();
  }
  void write(const StridedRun& run, const std::byte* source) override {
    sender_->send(run, source, record_bytes_);
  }
  void sync() override {}  // only the collector can acknowledge data
  void close() override { sender_->close(); }

 private:
  std::uint64_t record_bytes_;
  std::unique_ptr<RecordSender> sender_;
};

/// The receiver's thread writes the records of others while this thread writes its own; the records
/// are disjoint.
class CollectingShare final : public WriteSession {
 public:
  CollectingShare(const WriterSlice& share, PhaseSeconds& phases)
      : record_bytes_(share.record_bytes) {
    Stopwatch watch;
    file_ = share.open_file(share.path, {.access = Access::read_write});
    receiver_ = std::make_unique<RecordReceiver>(
        socket_name(share), [this](const StridedRun& run, std::span<const std::byte> records) {
          store(*file_, run, records);
        });
    phases.open += watch.lap_seconds();
  }
  void write(const StridedRun& run, const std::byte* source) override {
    store(*file_, run, {source, static_cast<std::size_t>(run.records * record_bytes_)});
  }
  void sync() override {}
  void close() override {}
  void collect(bool synced) override {
    receiver_->finish();
    if (synced) file_->sync();
    file_->close();
  }

 private:
  std::uint64_t record_bytes_;
  std::unique_ptr<File> file_;
  std::unique_ptr<RecordReceiver> receiver_;  // must be destroyed before the file
};

}  // namespace

std::unique_ptr<WriteSession> open_collector(const WriterSlice& share, PhaseSeconds& phases) {
  if (share.writer == kCollector) return std::make_unique<CollectingShare>(share, phases);
  return std::make_unique<SendingShare>(share, phases);
}

}  // namespace npyrace
