#include "bench/watch/accesses.h"

#include <fcntl.h>

#include "tests/catch.h"

using namespace npyrace;
using namespace npyrace::watch;

namespace {

constexpr std::int64_t kExt4 = 0xef53;
constexpr std::int64_t kNfs = 0x6969;

/// A process that wrote the first page of one file.
ProcessLog log_of(std::int64_t pid, LoggedFile file, const char* boot = "boot") {
  ProcessLog log;
  log.pid = pid;
  log.boot_id = boot;
  log.host = boot;
  log.ended_ns = 1;
  log.files = {std::move(file)};
  log.sessions = {{.file = 0, .open_flags = 1u << O_RDWR}};
  log.ranges = {{.from = 0, .to = 4096, .session = 0, .what = What::called, .lock = kNone}};
  return log;
}

LoggedFile file_at(const char* path, std::uint64_t device, std::uint64_t inode,
                   std::int64_t system = kExt4) {
  return {.device = device, .inode = inode, .file_system = system, .path = path};
}

std::size_t files_of(const std::vector<ProcessLog>& logs) {
  return accesses_by_file(logs).size();
}

}  // namespace

TEST_CASE("one file of two processes is one, whatever its name", "[watch]") {
  const auto files =
      accesses_by_file({log_of(1, file_at("/a.npy", 1, 7)), log_of(2, file_at("/b.npy", 1, 7))});
  REQUIRE(files.size() == 1);
  CHECK(files[0].file.writers.size() == 2);
  CHECK(files[0].file.writers[0].cache == files[0].file.writers[1].cache);
  CHECK(files[0].file.writers[0].opened == std::vector<std::string>{"O_RDWR"});
}

TEST_CASE("a semaphore is a lock within a page cache if it starts with 1 and is used as one",
          "[watch]") {
  std::vector<ProcessLog> logs = {log_of(1, file_at("/n1/a.npy", 1, 7, kNfs)),
                                  log_of(2, file_at("/n1/a.npy", 1, 7, kNfs)),
                                  log_of(3, file_at("/n2/a.npy", 2, 7, kNfs)),
                                  log_of(4, file_at("/n1/a.npy", 1, 7, kNfs), "other boot")};
  for (ProcessLog& log : logs) {
    log.files.push_back(file_at("/dev/shm/sem.lock", 9, 1, 0x01021994));
    log.ranges[0].lock = 1;
    log.ranges[0].lock_kind = LockKind::semaphore;
  }
  CHECK(accesses_by_file(logs)[0].accesses[0].lock == LockId{});
  logs[2].files[1].uses = kStartsWithOne;
  const std::vector<Access> accesses = accesses_by_file(logs)[0].accesses;
  CHECK(accesses[0].lock != LockId{});
  CHECK(accesses[0].lock == accesses[1].lock);
  CHECK(accesses[0].lock != accesses[2].lock);
  CHECK(accesses[3].lock == LockId{});
  logs[1].files[1].uses = kNoMutex;
  CHECK(accesses_by_file(logs)[0].accesses[0].lock == LockId{});
}

TEST_CASE("local files of two nodes or two containers are two", "[watch]") {
  CHECK(files_of({log_of(1, file_at("/a.npy", 1, 7), "x"),
                  log_of(2, file_at("/a.npy", 1, 7), "y")}) == 2);
  CHECK(files_of({log_of(1, file_at("/a.npy", 1, 7)), log_of(2, file_at("/a.npy", 2, 7))}) == 2);
}

TEST_CASE("a network file is one on all nodes and mounts, with a page cache each", "[watch]") {
  const auto files = accesses_by_file({log_of(1, file_at("/n1/a.npy", 1, 7, kNfs), "x"),
                                       log_of(2, file_at("/n2/a.npy", 2, 7, kNfs), "x"),
                                       log_of(3, file_at("/n1/a.npy", 1, 7, kNfs), "y")});
  REQUIRE(files.size() == 1);
  CHECK(files[0].file.writers[0].cache != files[0].file.writers[1].cache);
  CHECK(files[0].file.writers[0].cache != files[0].file.writers[2].cache);
  CHECK(files_of({log_of(1, file_at("/n1/a.npy", 1, 7, kNfs)),
                  log_of(2, file_at("/n1/b.npy", 1, 8, kNfs))}) == 2);
}

TEST_CASE("a file that replaced another is the same file", "[watch]") {
  ProcessLog replaced = log_of(2, file_at("/a.npy", 1, 8));
  replaced.ranges[0].what = What::replaced;
  const auto files = accesses_by_file({log_of(1, file_at("/a.npy (deleted)", 1, 7)), replaced});
  REQUIRE(files.size() == 1);
  CHECK(files[0].file.path == "/a.npy");
  CHECK(files[0].file.writers[1].truncated == std::vector<ByteRange>{{0, 4096}});

  // Through another mount of a network file system the path differs.
  ProcessLog moved = log_of(2, file_at("/n2/a.npy", 2, 8, kNfs));
  moved.ranges[0].what = What::replaced;
  CHECK(files_of({log_of(1, file_at("/n1/a.npy", 1, 7, kNfs)), moved}) == 1);
}

TEST_CASE("a killed process with a mapping is a writer whose pages may be missing", "[watch]") {
  ProcessLog log = log_of(1, file_at("/a.npy", 1, 7));
  log.ranges.clear();
  log.ended_ns = 0;
  log.maps = {{.file = 0, .live = 1, .from = 0, .to = 8192}};
  const auto files = accesses_by_file({log});
  REQUIRE(files.size() == 1);
  CHECK(files[0].file.writers[0].killed);
  CHECK_FALSE(files[0].file.writers[0].exact);
}

TEST_CASE("ranges that were rounded or not seen are not exact", "[watch]") {
  for (const What what : {What::may_store, What::called_near}) {
    ProcessLog log = log_of(1, file_at("/a.npy", 1, 7));
    log.ranges[0].what = what;
    CHECK_FALSE(accesses_by_file({log})[0].file.writers[0].exact);
  }
}
