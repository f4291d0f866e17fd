#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "bench/strategies/direct.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

/// A file with 8-byte units, as a string, and its reads and writes.
struct Sink {
  std::string content = std::string(64, '.');
  std::vector<std::pair<std::uint64_t, std::uint64_t>> writes;  ///< offset, size
  int reads = 0;

  UnitStage stage(bool records_alone, std::uint64_t most_bytes = 32) {
    return UnitStage({.unit_bytes = 8,
                      .most_bytes = most_bytes,
                      .records_alone = records_alone,
                      .read =
                          [this](std::span<std::byte> units, std::uint64_t at) {
                            ++reads;
                            std::memcpy(units.data(), content.data() + at, units.size());
                          },
                      .write =
                          [this](std::span<std::byte> units, std::uint64_t at) {
                            writes.emplace_back(at, units.size());
                            std::memcpy(content.data() + at, units.data(), units.size());
                          }});
  }
};

void put(UnitStage& stage, std::uint64_t at, const std::string& text) {
  stage.put(at, std::as_bytes(std::span(text)));
}

using Writes = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

}  // namespace

TEST_CASE("whole units are written without reading the file", "[unit-stage]") {
  Sink sink;
  UnitStage stage = sink.stage(false);
  for (int i = 0; i < 4; ++i) put(stage, 8 + 4 * i, "abcd");
  CHECK(sink.writes.empty());
  stage.flush();
  stage.flush();
  CHECK(sink.writes == Writes{{8, 16}});
  CHECK(sink.reads == 0);
  CHECK(sink.content.substr(0, 32) == "........abcdabcdabcdabcd........");
}

TEST_CASE("the rest of a unit keeps the content of the file", "[unit-stage]") {
  Sink sink;
  sink.content.replace(0, 24, "0123456789ABCDEFGHIJKLMN");
  UnitStage stage = sink.stage(false);
  put(stage, 11, "xxxxxxx");  // from the middle of the second unit into the third
  stage.flush();
  CHECK(sink.content.substr(0, 24) == "0123456789AxxxxxxxIJKLMN");
  CHECK(sink.writes == Writes{{8, 16}});
  put(stage, 18, "yy");  // continues after a flush in the middle of a unit
  stage.flush();
  CHECK(sink.content.substr(0, 24) == "0123456789AxxxxxxxyyKLMN");
}

TEST_CASE("units with a single record are filled with zeros", "[unit-stage]") {
  Sink sink;
  UnitStage stage = sink.stage(true);
  put(stage, 0, "abc");
  put(stage, 8, "def");   // the next unit: one write
  put(stage, 40, "ghi");  // units of others lie between
  stage.flush();
  const std::string z(5, '\0');
  CHECK(sink.writes == Writes{{0, 16}, {40, 8}});
  CHECK(sink.content.substr(0, 16) == "abc" + z + "def" + z);
  CHECK(sink.content.substr(40, 8) == "ghi" + z);
  CHECK(sink.content.substr(16, 24) == std::string(24, '.'));
  CHECK(sink.reads == 0);
}

TEST_CASE("no write exceeds the limit, and an out-of-order record is written separately",
          "[unit-stage]") {
  Sink sink;
  UnitStage stage = sink.stage(false, 16);
  put(stage, 0, std::string(40, 'a'));
  put(stage, 0, "b");
  stage.flush();
  CHECK(sink.writes == Writes{{0, 16}, {16, 16}, {32, 8}, {0, 8}});
  CHECK(sink.content.substr(0, 40) == "b" + std::string(39, 'a'));
}
