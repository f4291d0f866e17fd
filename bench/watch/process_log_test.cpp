#include "bench/watch/process_log.h"

#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using namespace npyrace::watch;
using npyrace::testing::TemporaryFolder;

namespace {

/// A log as the collector leaves it: one file, one session, one range.
class LogFile {
 public:
  LogFile() {
    header.magic = kMagic;
    header.page_bytes = 4096;
    header.pid = 42;
    header.files = header.sessions = header.maps = header.notes = 1;
    header.ranges = 1;
    std::strcpy(header.host, "node");
    std::strcpy(file.path, "/data/a.npy");
    file.path_bytes = 11;
    range = {.from = 0, .to = 4096, .session = 0, .what = What::stored, .lock = kNone};
    std::strcpy(note.text, "something");
  }

  ProcessLog read(std::uint64_t size_bytes = kLogBytes) const {
    const TemporaryFolder folder;
    const std::string path = folder.file("x.npyrace-watch");
    std::ofstream out(path, std::ios::binary);
    const auto put = [&](std::uint64_t at, const auto& entry) {
      out.seekp(static_cast<std::streamoff>(at));
      out.write(reinterpret_cast<const char*>(&entry), sizeof entry);
    };
    put(0, header);
    put(kFilesAt, file);
    put(kSessionsAt, session);
    put(kMapsAt, map);
    put(kNotesAt, note);
    put(kRangesAt + ((header.ranges & kAreaBit) != 0 ? kAreaBytes : 0), range);
    out.close();
    std::filesystem::resize_file(path, size_bytes);
    return read_process_log(path);
  }

  Header header{};
  watch::File file{};
  Session session{};
  Map map{};
  Note note{};
  Range range{};
};

}  // namespace

TEST_CASE("a log is read as the collector wrote it, from either area of ranges", "[watch]") {
  LogFile log;
  for (const std::uint64_t area : {std::uint64_t{0}, kAreaBit}) {
    log.header.ranges = area | 1;
    const ProcessLog read = log.read();
    CHECK(read.pid == 42);
    CHECK(read.host == "node");
    REQUIRE(read.files.size() == 1);
    CHECK(read.files[0].path == "/data/a.npy");
    REQUIRE(read.ranges.size() == 1);
    CHECK(read.ranges[0].to == 4096);
    CHECK(read.notes == std::vector<std::string>{"something"});
  }
}

TEST_CASE("a damaged log is refused with its path", "[watch]") {
  const auto refused = [](auto damage) {
    LogFile log;
    damage(log);
    CHECK_THROWS_AS(log.read(), FormatError);
  };
  refused([](LogFile& log) { log.header.magic ^= 1; });
  refused([](LogFile& log) { log.header.page_bytes = 0; });
  refused([](LogFile& log) { log.header.page_bytes = 5000; });
  refused([](LogFile& log) { log.header.files = kMostFiles + 1; });
  refused([](LogFile& log) { log.header.sessions = kMostSessions + 1; });
  refused([](LogFile& log) { log.header.maps = kMostMaps + 1; });
  refused([](LogFile& log) { log.header.notes = kMostNotes + 1; });
  refused([](LogFile& log) { log.header.ranges = kMostRanges + 1; });
  refused([](LogFile& log) { log.header.stores = static_cast<Stores>(9); });
  refused([](LogFile& log) { log.file.path_bytes = sizeof log.file.path; });
  refused([](LogFile& log) { log.session.file = 1; });
  refused([](LogFile& log) { log.map.file = 1; });
  refused([](LogFile& log) { log.range.session = 1; });
  refused([](LogFile& log) { log.range.to = 0; });
  refused([](LogFile& log) { log.range.what = static_cast<What>(17); });
  refused([](LogFile& log) { log.range.lock = 1; });
  for (const std::uint64_t size_bytes : {std::uint64_t{0}, std::uint64_t{100}, kRangesAt})
    CHECK_THROWS_AS(LogFile().read(size_bytes), FormatError);
}

TEST_CASE("logs of a folder are read in the order of their start, and damaged ones are named",
          "[watch]") {
  const TemporaryFolder folder;
  std::ofstream(folder.file("bad.npyrace-watch")) << "no log";
  std::ofstream(folder.file("x.npyrace-watch-note")) << "/bin/x is a static binary\n";
  std::ofstream(folder.file("other")) << "something else";
  const ProcessLogs logs = read_process_logs(folder.path());
  CHECK(logs.logs.empty());
  CHECK(logs.problems.size() == 2);
  CHECK_THROWS_AS(read_process_logs(folder.file("none")), SystemError);
}
