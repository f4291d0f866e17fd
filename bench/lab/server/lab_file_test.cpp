#include "bench/lab/server/lab_file.h"

#include <fcntl.h>

#include <fstream>
#include <string>

#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using namespace npyrace::lab;

namespace {

/// One file of two pages of dots, seen by two nodes of a model.
class Scene {
 public:
  explicit Scene(const char* model, HistoryNeeds history = {})
      : file_({.model = &lab_model(model), .nodes = 2, .history = history}) {
    std::ofstream(path_) << std::string(8192, '.');
    store_ = Descriptor(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  }

  bool open(unsigned node, bool writable = true) {
    return file_.opened(node, writable, store_.number());
  }
  void write(unsigned node, std::uint64_t offset, const std::string& text, WriteKind kind = {}) {
    const auto bytes = std::as_bytes(std::span(text));
    REQUIRE(file_.write(node, store_.number(), offset, bytes, kind) == 0);
  }
  std::string read(unsigned node, std::uint64_t offset, std::size_t size) {
    std::vector<std::byte> buffer(size);
    const ssize_t got = file_.read(node, store_.number(), offset, buffer, false);
    REQUIRE(got >= 0);
    return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(got)};
  }
  std::string stored(std::uint64_t offset, std::size_t size) {
    std::string text(size, '\0');
    REQUIRE(::pread(store_.number(), text.data(), size, static_cast<off_t>(offset)) ==
            static_cast<ssize_t>(size));
    return text;
  }
  LabFile& file() { return file_; }

 private:
  testing::TemporaryFolder folder_;
  std::string path_ = folder_.file("data");
  LabFile file_;
  Descriptor store_;
};

constexpr WriteKind kReaderToo{.reader_too = true};

}  // namespace

TEST_CASE("in session a write stays with its node until it is published", "[lab][lab_file]") {
  Scene scene("session");
  scene.open(0);
  scene.write(0, 100, "abcd");
  CHECK(scene.stored(100, 4) == "....");
  CHECK(scene.read(0, 99, 6) == ".abcd.");
  CHECK(scene.read(1, 99, 6) == "......");
  const auto publication = scene.file().publish(0);
  CHECK(publication.ranges == std::vector<ByteRange>{{100, 104}});
  CHECK(scene.read(1, 99, 6) == ".abcd.");
}

TEST_CASE("in session two nodes' bytes in one page do not overwrite each other",
          "[lab][lab_file]") {
  Scene scene("session");
  scene.open(0);
  scene.open(1);
  scene.write(0, 0, "aa", kReaderToo);
  scene.write(1, 2, "bb", kReaderToo);
  scene.file().publish(0);
  scene.file().publish(1);
  CHECK(scene.stored(0, 5) == "aabb.");
}

TEST_CASE("in nfs a writer with read access writes back the whole page", "[lab][lab_file]") {
  Scene scene("nfs");
  scene.open(0);
  scene.open(1);
  scene.write(0, 0, "aa", kReaderToo);
  scene.write(1, 2, "bb", kReaderToo);
  scene.file().publish(0);
  scene.file().publish(1);
  CHECK(scene.stored(0, 5) == "..bb.");
}

TEST_CASE("in nfs a reader on the node has the same effect", "[lab][lab_file]") {
  Scene scene("nfs");
  scene.open(0);
  scene.open(1);
  scene.read(0, 0, 8192);
  scene.read(1, 0, 8192);
  scene.write(0, 0, "aa");
  scene.write(1, 2, "bb");
  scene.file().publish(0);
  scene.file().publish(1);
  CHECK(scene.stored(0, 5) == "..bb.");
}

TEST_CASE("in nfs write-only access, O_DSYNC, a lock and O_DIRECT write only the changed bytes",
          "[lab][lab_file]") {
  const auto kind = GENERATE(WriteKind{}, WriteKind{.reader_too = true, .data_sync = true},
                             WriteKind{.reader_too = true, .locked = true},
                             WriteKind{.reader_too = true, .direct = true});
  Scene scene("nfs");
  scene.open(0);
  scene.open(1);
  scene.write(0, 0, "aa", kind);
  scene.write(1, 2, "bb", kind);
  scene.file().publish(0);
  scene.file().publish(1);
  CHECK(scene.stored(0, 5) == "aabb.");
}

TEST_CASE("an open drops cached pages after somebody else published", "[lab][lab_file]") {
  Scene scene("session");
  CHECK(scene.open(0));
  CHECK(scene.open(1));
  scene.write(0, 0, "aa");
  scene.file().publish(0);
  CHECK(scene.open(0));        // its own change
  CHECK_FALSE(scene.open(1));  // somebody else's
  CHECK(scene.open(1));        // known by now
}

TEST_CASE("in nfs a node that writes keeps its cache over an open", "[lab][lab_file]") {
  Scene scene("nfs");
  scene.open(0);
  scene.open(1, true);
  scene.write(0, 0, "aa");
  scene.file().publish(0);
  CHECK(scene.open(1, false));
  scene.file().closed(1, true);
  CHECK_FALSE(scene.open(1, false));
}

TEST_CASE("a false fsync loses data in the node and data already published", "[lab][lab_file]") {
  const auto model = GENERATE("strong", "session");
  Scene scene(model, {.undo = true});
  scene.open(0);
  scene.write(0, 0, "aa");
  scene.file().publish(0);
  scene.write(0, 2, "bb");
  CHECK(scene.file().lose_unpublished(0) == std::vector<ByteRange>{{2, 4}});
  CHECK(scene.stored(0, 5) == "aa...");
  CHECK(scene.read(0, 0, 5) == "aa...");
}

TEST_CASE("a node that truncates drops its cached data beyond the new end", "[lab][lab_file]") {
  Scene scene("session");
  scene.open(0);
  scene.write(0, 100, "abcd");
  CHECK(scene.file().size_bytes(0, 10) == 104);
  scene.file().truncated(0, 102);
  CHECK(scene.file().size_bytes(0, 10) == 102);
}
