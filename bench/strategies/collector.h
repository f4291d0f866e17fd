#pragma once
// How records travel to writer 0 with strategy `collector`: over abstract AF_UNIX sockets, which
// have no name in any file system and leave nothing behind.

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "core/array/array_map.h"

namespace npyrace {

class RecordSender {
 public:
  /// Connects to the receiver of that name; retries for seconds until it exists. Throws
  /// SystemError.
  explicit RecordSender(std::string name);
  RecordSender(const RecordSender&) = delete;
  RecordSender& operator=(const RecordSender&) = delete;
  ~RecordSender();

  /// Sends the records of a run, contiguous at `source`. Returns when they have been handed to the
  /// socket. Throws SystemError, also when the receiver has closed the connection.
  void send(const StridedRun& run, const std::byte* source, std::uint64_t record_bytes);
  void close();

 private:
  void send_all(std::span<const std::byte> bytes);
  std::string name_;
  int descriptor_ = -1;
};

/// Receives records in a thread of its own, from construction on.
class RecordReceiver {
 public:
  /// Stores contiguous records at their places. An exception from it stops the receiver and is
  /// rethrown by `finish`.
  using Store = std::function<void(const StridedRun& run, std::span<const std::byte> records)>;

  /// Throws SystemError.
  RecordReceiver(std::string name, Store store);
  RecordReceiver(const RecordReceiver&) = delete;
  RecordReceiver& operator=(const RecordReceiver&) = delete;
  ~RecordReceiver();

  /// Waits until everything that was sent is stored. Requires that every sender has closed or died;
  /// an incomplete message is discarded.
  void finish();

 private:
  struct Client;
  void receive();
  void serve();
  void accept_waiting(std::vector<Client>& clients);

  std::string name_;
  Store store_;
  int listener_ = -1;
  int ending_ = -1;  ///< an eventfd that stops the thread
  std::exception_ptr problem_;
  std::thread thread_;
};

}  // namespace npyrace
