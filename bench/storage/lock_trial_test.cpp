#include "bench/storage/place_trials.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/forwarding_file.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using namespace npyrace::testing;

namespace {

enum class Locks { kernel, granted_to_all, granted_to_nobody, refused };

class LockedFile final : public ForwardingFile {
 public:
  LockedFile(std::unique_ptr<File> inner, Locks locks)
      : ForwardingFile(std::move(inner)), locks_(locks) {}

  bool try_lock(std::uint64_t offset_bytes, std::uint64_t size_bytes) override {
    if (locks_ == Locks::refused) throw SystemError({path(), "fcntl F_OFD_SETLK"}, ENOLCK);
    if (locks_ == Locks::kernel) return ForwardingFile::try_lock(offset_bytes, size_bytes);
    return locks_ == Locks::granted_to_all;
  }

 private:
  Locks locks_;
};

std::string trial(Locks locks) {
  const TemporaryFolder folder;
  return try_locks({folder.path(), folder.path()},
                   [&](const std::string& path, const OpenOptions& options) {
                     return std::make_unique<LockedFile>(open_posix_file(path, options), locks);
                   });
}

}  // namespace

TEST_CASE("locks that exclude others are trusted", "[locks]") {
  CHECK(trial(Locks::kernel).empty());
}

TEST_CASE("locks that are granted to both, to neither, or refused are detected", "[locks]") {
  CHECK(trial(Locks::granted_to_all).find("were granted the same bytes") != std::string::npos);
  CHECK(trial(Locks::granted_to_nobody).find("is not granted") != std::string::npos);
  CHECK(trial(Locks::refused).find("No locks available") != std::string::npos);
}

TEST_CASE("a lock trial that fails reports the system's error", "[locks]") {
  CHECK(try_locks({"/nowhere"}, open_posix_file).find("/nowhere") != std::string::npos);
}
