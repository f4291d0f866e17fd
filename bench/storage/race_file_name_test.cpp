#include <unistd.h>

#include <ctime>

#include "bench/storage/race_file.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

const std::int64_t kNow = static_cast<std::int64_t>(std::time(nullptr));

}  // namespace

TEST_CASE("the owner can be parsed from a race file's name", "[race-file]") {
  const RaceFileOwner self = this_process();
  CHECK(self.pid == ::getpid());
  CHECK(self.start_ticks > 0);
  CHECK(race_file_owner(race_file_name(self, 0)) == self);
  CHECK(race_file_owner(race_file_name(self, 12345)) == self);
  // Side files: a part, and the file on which Open MPI tests locks.
  CHECK(race_file_owner(race_file_name(self, 0) + ".part3-1.tmp") == self);
  CHECK(race_file_owner(race_file_name(self, 0) + ".locktest.1") == self);
}

TEST_CASE("any other name has no owner", "[race-file]") {
  const std::string name = race_file_name(this_process(), 3);
  for (std::size_t i = 0; i < name.size(); ++i) {
    std::string changed = name;
    changed[i] = changed[i] == '1' ? '2' : '1';
    CAPTURE(changed);
    CHECK_FALSE(race_file_owner(changed).has_value());
  }
  for (const char* other : {"", "npyrace.npy", "npyrace-kept-mmap-packed-01234567.npy", "data.npy"})
    CHECK_FALSE(race_file_owner(other).has_value());
  CHECK_FALSE(race_file_owner(name + ".npy").has_value());
  CHECK_FALSE(race_file_owner("x" + name).has_value());
}

TEST_CASE("a process counts as ended only if that is certain", "[race-file]") {
  CHECK_FALSE(has_ended(this_process(), kNow));
  RaceFileOwner earlier = this_process();
  earlier.start_ticks -= 1;  // the same pid, another process
  CHECK(has_ended(earlier, kNow));
  RaceFileOwner gone = this_process();
  gone.pid = 2'000'000'000;  // beyond the largest process id
  CHECK(has_ended(gone, kNow));
}

TEST_CASE("leftovers of other hosts are kept; those of an earlier boot may be removed",
          "[race-file]") {
  RaceFileOwner elsewhere = this_process();
  elsewhere.host = "0123456789abcdef";
  elsewhere.pid = 2'000'000'000;
  CHECK_FALSE(has_ended(elsewhere, 0));
  RaceFileOwner rebooted = this_process();
  rebooted.boot = "01234567";
  CHECK(has_ended(rebooted, 0));
  CHECK_FALSE(has_ended(rebooted, kNow));
}
