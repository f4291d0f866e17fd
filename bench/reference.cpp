#include "bench/reference.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bench/interrupt.h"
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

ReferenceResult result_of(const char* name, const Reference::Samples& samples) {
  const double middle = median(samples.seconds);
  return {.name = name,
          .bytes = kBytes,
          .seconds = samples.seconds,
          .bytes_per_second = middle > 0 ? static_cast<double>(kBytes) / middle : 0,
          .problem = samples.problem};
}

/// Runs `work`, keeps its seconds, and turns what it throws into words.
template <typename Work>
Measurement timed(Reference::Samples& samples, Work work) {
  // Who ends us may not wait for files that come and go.
  if (interrupted()) return {.error = "interrupted"};
  try {
    samples.seconds.push_back(work());
    return {.seconds = samples.seconds.back(), .items = 1, .bytes = kBytes};
  } catch (const std::exception& error) {
    samples.problem = error.what();
    return {.error = error.what()};
  }
}

}  // namespace

Reference::Reference(std::string dir, FileOpener open_file)
    : dir_(std::move(dir)), open_file_(std::move(open_file)) {}

std::vector<BenchmarkCase> Reference::cases() {
  return {{kCopyName, kRepetitions, [this] { return copy_memory(); }},
          {kWriteName, kRepetitions, [this] { return write_file(); }}};
}

std::vector<ReferenceResult> Reference::results() const {
  return {result_of(kCopyName, copy_), result_of(kWriteName, write_)};
}

Measurement Reference::copy_memory() {
  return timed(copy_, [] {
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
  return timed(write_, [this] {
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
