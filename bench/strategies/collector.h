#pragma once
// Records that travel from many writers to one, over sockets of this machine without a place in any
// file system (AF_UNIX, abstract): nothing can be left behind.

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "bench/strategies/strategy.h"
#include "core/array/array_map.h"

namespace npyrace {

class RecordSender {
 public:
  /// Connects to the receiver of that name, which may take seconds to appear. Throws SystemError.
  explicit RecordSender(std::string name);
  RecordSender(const RecordSender&) = delete;
  RecordSender& operator=(const RecordSender&) = delete;
  ~RecordSender();

  /// The records of a run, back to back at `source`. Returns when they are on the way. Throws
  /// SystemError, also when the receiver has gone.
  void send(const StridedRun& run, const std::byte* source, std::uint64_t record_bytes);
  void close();

 private:
  void send_all(std::span<const std::byte> bytes);
  std::string name_;
  int descriptor_ = -1;
};

/// Takes in what senders send, in a thread of its own, from its construction on.
class RecordReceiver {
 public:
  /// Records back to back, and where they belong. What it throws ends the receiving, and is thrown
  /// again by `finish`.
  using Store = std::function<void(const StridedRun& run, std::span<const std::byte> records)>;

  /// Throws SystemError.
  RecordReceiver(std::string name, Store store);
  RecordReceiver(const RecordReceiver&) = delete;
  RecordReceiver& operator=(const RecordReceiver&) = delete;
  ~RecordReceiver();

  /// Needs every sender to have closed, or died: returns when all they sent is stored. A piece that
  /// a sender did not finish is not.
  void finish();

 private:
  struct Client;
  void receive();
  void serve();
  void accept_waiting(std::vector<Client>& clients);

  std::string name_;
  Store store_;
  int listener_ = -1;
  int ending_ = -1;  ///< an eventfd
  std::exception_ptr problem_;
  std::thread thread_;
};

// Writer 0 writes the records of all into the file: the others send theirs to it over a socket.

class CollectorStrategy final : public Strategy {
 public:
  Together together() const override { return Together::collect; }
  bool one_host_only() const override { return true; }
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

}  // namespace npyrace
