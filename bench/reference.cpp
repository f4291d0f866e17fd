#include "bench/reference.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bench/race/race_file.h"
#include "bench/statistics.h"
#include "bench/stopwatch.h"
#include "core/error.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kBytes = 16 << 20;
constexpr std::uint64_t kCallBytes = 64 << 10;
constexpr std::uint64_t kRepetitions = 5;
constexpr const char* kCopyName = "reference/memory-copy";
constexpr const char* kWriteName = "reference/write-loop";

/// Runs `work`, keeps its seconds, and turns what it throws into words.
template <typename Work>
Measurement timed(std::vector<double>& samples, Work work) {
  try {
    samples.push_back(work());
    return {.seconds = samples.back(), .items = 1, .bytes = kBytes};
  } catch (const std::exception& error) {
    return {.error = error.what()};
  }
}

ReferenceResult result_of(const char* name, const std::vector<double>& seconds) {
  const double middle = median(seconds);
  return {.name = name,
          .bytes = kBytes,
          .seconds = seconds,
          .bytes_per_second = middle > 0 ? static_cast<double>(kBytes) / middle : 0};
}

}  // namespace

Reference::Reference(std::string dir, FileOpener open_file)
    : dir_(std::move(dir)), open_file_(std::move(open_file)) {}

std::vector<BenchmarkCase> Reference::cases() {
  return {{kCopyName, kRepetitions, [this] { return copy_memory(); }},
          {kWriteName, kRepetitions, [this] { return write_file(); }}};
}

std::vector<ReferenceResult> Reference::results() const {
  return {result_of(kCopyName, copy_seconds_), result_of(kWriteName, write_seconds_)};
}

Measurement Reference::copy_memory() {
  return timed(copy_seconds_, [] {
    const std::vector<std::byte> source(kBytes, std::byte{1});
    void* memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) throw SystemError({"anonymous memory", "mmap"}, errno);
    Stopwatch watch;
    std::memcpy(memory, source.data(), source.size());
    const double seconds = watch.lap_seconds();
    ::munmap(memory, kBytes);
    return seconds;
  });
}

Measurement Reference::write_file() {
  return timed(write_seconds_, [this] {
    const std::vector<std::byte> source(kCallBytes, std::byte{1});
    const ArrayMap map({.descr = "|u1", .records = kBytes});
    const RaceFile file({dir_}, map, open_file_);
    Stopwatch watch;
    const auto open = open_file_(file.paths().front(), {.access = Access::write});
    for (std::uint64_t done = 0; done < kBytes; done += kCallBytes) open->write_at(source, done);
    open->close();
    return watch.lap_seconds();
  });
}

}  // namespace npyrace
