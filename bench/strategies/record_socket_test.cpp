#include <unistd.h>

#include <map>
#include <mutex>

#include "bench/strategies/collector.h"
#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

std::string fresh_name() {
  static int number = 0;
  return "npyrace-test-" + std::to_string(::getpid()) + "-" + std::to_string(number++);
}

std::vector<std::byte> bytes_of(std::size_t count, int value) {
  return std::vector<std::byte>(count, static_cast<std::byte>(value));
}

}  // namespace

TEST_CASE(
    "everything that was sent is stored, also of senders who had closed before they were let in",
    "[record-socket]") {
  std::map<std::uint64_t, std::vector<std::byte>> stored;
  const std::string name = fresh_name();
  RecordReceiver receiver(name, [&](const StridedRun& run, std::span<const std::byte> records) {
    stored[run.first_offset_bytes].assign(records.begin(), records.end());
  });
  constexpr int kSenders = 20;
  std::vector<std::thread> senders;
  for (int i = 0; i < kSenders; ++i)
    senders.emplace_back([i, &name] {
      RecordSender sender(name);
      const auto records = bytes_of(3 * 16, i);
      sender.send({static_cast<std::uint64_t>(1000 * i), 64, 3}, records.data(), 16);
    });
  for (std::thread& sender : senders) sender.join();
  receiver.finish();
  REQUIRE(stored.size() == kSenders);
  for (int i = 0; i < kSenders; ++i)
    CHECK(stored[static_cast<std::uint64_t>(1000 * i)] == bytes_of(48, i));
}

TEST_CASE("a large run travels in pieces, each with its own place", "[record-socket]") {
  std::uint64_t next_bytes = 128;
  std::uint64_t records_seen = 0;
  const std::string name = fresh_name();
  constexpr std::uint64_t kRecordBytes = 1000;
  constexpr std::uint64_t kRecords = 5000;
  {
    RecordReceiver receiver(name, [&](const StridedRun& run, std::span<const std::byte> records) {
      CHECK(run.first_offset_bytes == next_bytes);
      CHECK(records.size() == run.records * kRecordBytes);
      next_bytes += run.records * run.step_bytes;
      records_seen += run.records;
    });
    RecordSender sender(name);
    const auto records = bytes_of(kRecords * kRecordBytes, 7);
    sender.send({128, 4096, kRecords}, records.data(), kRecordBytes);
    sender.close();
    receiver.finish();
  }
  CHECK(records_seen == kRecords);
  CHECK(next_bytes == 128 + kRecords * 4096);
}

TEST_CASE("an error while storing reaches the sender, which does not hang", "[record-socket]") {
  const std::string name = fresh_name();
  RecordReceiver receiver(name, [](const StridedRun&, std::span<const std::byte>) {
    throw SystemError({"FILE", "pwrite"}, ENOSPC);
  });
  RecordSender sender(name);
  const auto records = bytes_of(64 << 20, 1);
  CHECK_THROWS_AS(sender.send({0, 16, (64 << 20) / 16}, records.data(), 16), SystemError);
  CHECK_THROWS_AS(receiver.finish(), SystemError);
}
