#include "bench/storage/place_trials.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/forwarding_file.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using namespace npyrace::testing;

namespace {

/// A file on a system whose page cache behaves as configured.
class CachedFile final : public ForwardingFile {
 public:
  struct Cache {
    bool drops = true;
    bool direct_reads_fill_it = false;
    bool can_be_told = true;
    std::uint64_t bytes = 65536;
  };
  CachedFile(std::unique_ptr<File> inner, bool direct, Cache& cache)
      : ForwardingFile(std::move(inner)), direct_(direct), cache_(cache) {}

  std::size_t read_at(std::span<std::byte> buffer, std::uint64_t offset_bytes) override {
    if (!direct_ || cache_.direct_reads_fill_it) cache_.bytes += buffer.size();
    return ForwardingFile::read_at(buffer, offset_bytes);
  }
  void drop_cache(std::uint64_t, std::uint64_t) override {
    if (cache_.drops) cache_.bytes = 0;
  }
  std::optional<std::uint64_t> cached_bytes() override {
    return cache_.can_be_told ? std::optional(cache_.bytes) : std::nullopt;
  }

 private:
  bool direct_;
  Cache& cache_;
};

JudgeTrial trial(CachedFile::Cache cache) {
  const TemporaryFolder folder;
  return try_judge(folder.path(), [&](const std::string& path, const OpenOptions& options) {
    return std::make_unique<CachedFile>(open_posix_file(path, options), options.direct, cache);
  });
}

}  // namespace

TEST_CASE("a view that bypasses the page cache is trusted", "[judge]") {
  CHECK(trial({}).uncached);
  CHECK(trial({.can_be_told = false}).uncached);
}

TEST_CASE("a view that only seems to bypass the page cache is detected", "[judge]") {
  const JudgeTrial kept = trial({.drops = false});
  CHECK_FALSE(kept.uncached);
  CHECK(kept.doubt.find("stay in memory") != std::string::npos);
  // Only a direct judge can fill the cache: the other one drops pages before it reads. If the
  // test's folder does not support O_DIRECT, there is no direct judge.
  const JudgeTrial filled = trial({.direct_reads_fill_it = true});
  const TemporaryFolder folder;
  const auto file =
      open_posix_file(folder.file("a"), {.access = Access::read_write, .create_new = true});
  try {
    open_posix_file(folder.file("a"), {.direct = true});
    CHECK_FALSE(filled.uncached);
    CHECK(filled.doubt.find("O_DIRECT") != std::string::npos);
  } catch (const SystemError&) {
    CHECK(filled.uncached);
  }
}
