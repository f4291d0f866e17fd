#include <cstring>

#include "bench/race/reader.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

constexpr std::uint64_t kSeed = 7;

/// Four records of `record_bytes` with arbitrary content, and a RecordWatch on them.
struct Scene {
  explicit Scene(std::uint64_t record_bytes, const std::string& layout = "packed",
                 std::uint64_t most_watched = RecordWatch::kMostWatched)
      : map({.descr = "|V" + std::to_string(record_bytes),
             .records = 4,
             .layout = layout,
             .align_bytes = 64,
             .writers = 2}),
        watch(map, Stamper(kSeed), "pread@here", most_watched),
        bytes(map.elements() * map.element_bytes()) {
    watch.set_newest(3);
  }

  std::span<std::byte> record(std::uint64_t element) {
    return std::span(bytes).subspan(element * map.element_bytes() + map.lead_bytes(),
                                    map.record_bytes());
  }
  void write(std::uint64_t element, unsigned generation) {
    Stamper(kSeed).fill(record(element), element, generation);
  }
  void write_all(unsigned generation) {
    for (std::uint64_t element = 0; element < map.elements(); ++element)
      if (map.is_record(element)) write(element, generation);
  }
  ReadersResult look() {
    watch.look(0, bytes);
    return watch.take();
  }

  ArrayMap map;
  RecordWatch watch;
  std::vector<std::byte> bytes;
};

void require_nothing(const ReadersResult& seen) {
  CHECK(seen.torn == 0);
  CHECK(seen.went_back == 0);
  CHECK(seen.other == 0);
  CHECK(seen.examples.empty());
}

}  // namespace

TEST_CASE("content that may exist during a race is no finding") {
  const auto record_bytes = GENERATE(1, 5, 8, 16, 20);
  const std::string layout = GENERATE("packed", "padded-block", "padded-record");
  Scene scene(static_cast<std::uint64_t>(record_bytes), layout);
  for (unsigned generation = 0; generation <= 3; ++generation) {
    for (std::uint64_t element = 0; element < scene.map.elements(); ++element) {
      if (!scene.map.is_record(element)) continue;
      if (generation > 0) scene.write(element, generation);
      const ReadersResult seen = scene.look();
      CHECK(seen.records_read == 4);
      require_nothing(seen);
    }
  }
  scene.write_all(3);
  require_nothing(scene.look());
}

TEST_CASE("a generation may be skipped") {
  Scene scene(16);
  scene.write_all(1);
  scene.look();
  scene.write_all(3);
  require_nothing(scene.look());
}

TEST_CASE("a change to older content is counted once as going back") {
  Scene scene(16);
  scene.write_all(3);
  scene.look();
  scene.write(2, 1);
  const ReadersResult seen = scene.look();
  CHECK(seen.went_back == 1);
  CHECK(seen.torn + seen.other == 0);
  REQUIRE(seen.examples.size() == 1);
  CHECK(seen.examples[0].kind == "went_back");
  CHECK(seen.examples[0].record == 2);
  CHECK(seen.examples[0].writer == 1);
  CHECK(seen.examples[0].found == "generation 1");
  CHECK(seen.examples[0].before == "generation 3");
  CHECK(seen.examples[0].view == "pread@here");
  require_nothing(scene.look());
  scene.write(2, 3);
  require_nothing(scene.look());
}

TEST_CASE("zeros after content count as going back") {
  Scene scene(16);
  scene.write_all(1);
  scene.look();
  std::ranges::fill(scene.record(0), std::byte{0});
  const ReadersResult seen = scene.look();
  CHECK(seen.went_back == 1);
  CHECK(seen.examples.at(0).found == "zeros");
}

TEST_CASE("lanes of two generations, or partly zeros, are torn") {
  const auto record_bytes = GENERATE(16, 20);
  Scene scene(static_cast<std::uint64_t>(record_bytes));
  scene.write_all(2);
  scene.look();
  std::vector<std::byte> newer(scene.map.record_bytes());
  Stamper(kSeed).fill(newer, 1, 3);
  std::ranges::copy(std::span(newer).first(8), scene.record(1).begin());
  std::ranges::fill(scene.record(3).last(scene.map.record_bytes() - 8), std::byte{0});
  const ReadersResult seen = scene.look();
  CHECK(seen.torn == 2);
  CHECK(seen.went_back + seen.other == 0);
  CHECK(seen.examples.at(0).found == "lanes of generations 2, 3");
  CHECK(seen.examples.at(1).found == "lanes of generations none, 2");
  // A record that was torn and is complete now has not gone back, and the torn state is not
  // remembered as its content.
  scene.write(1, 3);
  scene.write(3, 1);
  const ReadersResult later = scene.look();
  CHECK(later.torn == 0);
  CHECK(later.went_back == 1);
}

TEST_CASE("a future generation, noise and a neighbour's record are classified as other") {
  Scene scene(16);
  scene.write_all(2);
  scene.look();
  scene.write(0, 4);
  std::ranges::fill(scene.record(1), std::byte{0x5a});
  Stamper(kSeed).fill(scene.record(2), 3, 2);
  scene.record(3)[3] ^= std::byte{1};
  const ReadersResult seen = scene.look();
  CHECK(seen.other == 4);
  CHECK(seen.torn + seen.went_back == 0);
  CHECK(seen.examples.size() == 2);
}

TEST_CASE("a reader samples a huge array and counts the sampled records only") {
  Scene scene(16, "packed", 2);
  scene.write_all(3);
  CHECK(scene.look().records_read == 2);
  scene.write(1, 1);
  require_nothing(scene.look());
  scene.write(2, 1);
  CHECK(scene.look().went_back == 1);
}
