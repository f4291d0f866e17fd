#include "validators/classify.h"

#include <cstring>
#include <vector>

#include "tests/catch.h"

using namespace npyrace;

namespace {

constexpr std::uint64_t kSeed = 77;
constexpr unsigned kGeneration = 5;

using Bytes = std::vector<std::byte>;

/// An array of `descr` items and its expected content.
struct Given {
  explicit Given(const char* descr = "|V24")
      : map({.descr = descr, .records = 1000, .ownership = Ownership::cyclic, .writers = 4}),
        subject{.map = map, .stamper = Stamper(kSeed), .expectation = {.generation = kGeneration}} {
  }

  Bytes record(std::uint64_t element, unsigned generation, std::uint64_t seed = kSeed) const {
    Bytes bytes(static_cast<std::size_t>(map.record_bytes()));
    Stamper(seed).fill(bytes, element, generation);
    return bytes;
  }
  Classified classify_at(std::uint64_t element, const Bytes& bytes) const {
    return classify(subject, element, bytes);
  }

  ArrayMap map;
  Subject subject;
};

/// The first `size_bytes` of `one`, the rest of `other`.
Bytes torn(const Bytes& one, const Bytes& other, std::ptrdiff_t size_bytes) {
  Bytes bytes(one.begin(), one.begin() + size_bytes);
  bytes.insert(bytes.end(), other.begin() + size_bytes, other.end());
  return bytes;
}

}  // namespace

TEST_CASE("content of an older generation is lost, with the generation found", "[classify]") {
  const Given given;
  for (unsigned old = 1; old < kGeneration; ++old) {
    const Classified found = given.classify_at(17, given.record(17, old));
    CHECK(found.anomaly == Anomaly::lost);
    CHECK(found.found == "generation " + std::to_string(old));
    CHECK(found.only_old);
  }
}

TEST_CASE("zeros are a hole", "[classify]") {
  const Given given;
  const Classified found = given.classify_at(0, Bytes(24));
  CHECK(found.anomaly == Anomaly::hole);
  CHECK(found.only_old);
}

TEST_CASE("a tear between lanes is torn, inside a lane corrupt", "[classify]") {
  const Given given;
  const Bytes now = given.record(17, kGeneration);
  const Bytes before = given.record(17, kGeneration - 1);
  for (std::ptrdiff_t at = 1; at < 24; ++at) {
    CAPTURE(at);
    const Anomaly anomaly = given.classify_at(17, torn(now, before, at)).anomaly;
    CHECK(anomaly == (at % 8 == 0 ? Anomaly::torn : Anomaly::corrupt));
    const Anomaly with_zeros = given.classify_at(17, torn(now, Bytes(24), at)).anomaly;
    CHECK(with_zeros == (at % 8 == 0 ? Anomaly::torn : Anomaly::corrupt));
  }
}

TEST_CASE("a record found at another place is misplaced and names its own place", "[classify]") {
  const Given given;
  const Classified found = given.classify_at(17, given.record(400, kGeneration));
  CHECK(found.anomaly == Anomaly::misplaced);
  CHECK(found.found == "record 400, generation 5");
  CHECK_FALSE(found.only_old);
  // Shifted by one lane: begins within one record and ends in the next.
  Bytes two = given.record(30, kGeneration);
  const Bytes next = given.record(31, kGeneration);
  two.insert(two.end(), next.begin(), next.end());
  const Bytes moved(two.begin() + 8, two.begin() + 32);
  CHECK(given.classify_at(30, moved).anomaly == Anomaly::misplaced);
}

TEST_CASE("lanes of two records are torn", "[classify]") {
  const Given given;
  const Bytes mixed = torn(given.record(17, kGeneration), given.record(400, kGeneration), 8);
  const Classified found = given.classify_at(17, mixed);
  CHECK(found.anomaly == Anomaly::torn);
  CHECK_FALSE(found.only_old);  // content that this record never had
}

TEST_CASE("stamps of another seed are foreign, noise is corrupt", "[classify]") {
  const Given given;
  CHECK(given.classify_at(17, given.record(17, 3, kSeed + 1)).anomaly == Anomaly::foreign);
  CHECK(given.classify_at(17, given.record(900, 3, 123456)).anomaly == Anomaly::foreign);
  CHECK(given.classify_at(17, Bytes(24, std::byte{0x5a})).anomaly == Anomaly::corrupt);
  Bytes flipped = given.record(17, kGeneration);
  flipped[20] ^= std::byte{1};
  CHECK(given.classify_at(17, flipped).anomaly == Anomaly::corrupt);
}

TEST_CASE("a future generation is classified as corrupt", "[classify]") {
  const Given given;
  CHECK(given.classify_at(17, given.record(17, kGeneration + 1)).anomaly == Anomaly::corrupt);
}

TEST_CASE("short records and short last lanes are compared with all possible contents",
          "[classify]") {
  for (const char* descr : {"<f4", "|u1", "<i2", "|V7"}) {
    const Given given(descr);
    CAPTURE(descr);
    CHECK(given.classify_at(17, given.record(17, 2)).anomaly == Anomaly::lost);
    CHECK(
        given.classify_at(17, Bytes(static_cast<std::size_t>(given.map.record_bytes()))).anomaly ==
        Anomaly::hole);
  }
  const Given given("|V12");
  const Bytes now = given.record(17, kGeneration);
  CHECK(given.classify_at(17, given.record(17, 2)).anomaly == Anomaly::lost);
  CHECK(given.classify_at(17, torn(now, given.record(17, 4), 8)).anomaly == Anomaly::torn);
  CHECK(given.classify_at(17, torn(now, Bytes(12), 8)).anomaly == Anomaly::torn);
  CHECK(given.classify_at(17, given.record(400, 2)).anomaly == Anomaly::misplaced);
}

namespace {

/// The same for types with bytes that are not values: stamps of the array's ValueForm.
struct GivenValues {
  explicit GivenValues(const ArrayRequest& request)
      : map(request),
        subject{
            .map = map, .stamper = map.stamper(kSeed), .expectation = {.generation = kGeneration}} {
  }

  Bytes record(std::uint64_t element, unsigned generation, std::uint64_t seed = kSeed) const {
    Bytes bytes(static_cast<std::size_t>(map.record_bytes()));
    map.stamper(seed).fill(bytes, element, generation);
    return bytes;
  }
  Classified classify_at(std::uint64_t element, const Bytes& bytes) const {
    return classify(subject, element, bytes);
  }

  ArrayMap map;
  Subject subject;
};

}  // namespace

TEST_CASE("records of values: lost, hole, misplaced and noise are distinguished", "[classify]") {
  for (const char* descr : {"<f8", ">f8", "<c16", "|S12", "<U5", "<M8[us]", "<f16",
                            "[('a', '?'), ('b', '<f8'), ('c', '<i8')]"}) {
    CAPTURE(descr);
    const GivenValues given({.descr = descr, .records = 1000, .writers = 4});
    REQUIRE(given.map.value_form() != nullptr);
    const Classified lost = given.classify_at(17, given.record(17, 3));
    CHECK(lost.anomaly == Anomaly::lost);
    CHECK(lost.found == "generation 3");
    CHECK(given.classify_at(17, Bytes(given.record(17, 3).size())).anomaly == Anomaly::hole);
    const Classified moved = given.classify_at(17, given.record(400, 2));
    CHECK(moved.anomaly == Anomaly::misplaced);
    CHECK(moved.found == "record 400, generation 2");
    CHECK(given.classify_at(17, Bytes(given.record(17, 3).size(), std::byte{0xff})).anomaly ==
          Anomaly::corrupt);
  }
}

TEST_CASE("records of values: a tear between lanes is torn", "[classify]") {
  const GivenValues given({.descr = "<f8", .row_shape = {6}, .records = 100});
  const Bytes now = given.record(17, kGeneration);
  CHECK(given.classify_at(17, torn(now, given.record(17, 4), 24)).anomaly == Anomaly::torn);
  CHECK(given.classify_at(17, torn(now, Bytes(48), 24)).anomaly == Anomaly::torn);
  CHECK(given.classify_at(17, torn(now, given.record(30, kGeneration), 24)).found ==
        "lanes of several records");
}

TEST_CASE("another array's stamps are foreign, in records of one lane by their neighbours",
          "[classify]") {
  const GivenValues rows({.descr = "<f8", .row_shape = {6}, .records = 100});
  CHECK(rows.classify_at(17, rows.record(17, 2, kSeed + 1)).anomaly == Anomaly::foreign);
  for (const char* descr : {"<i8", "<f8", "<f4"}) {
    CAPTURE(descr);
    const GivenValues given({.descr = descr, .records = 1000});
    const Bytes here = given.record(17, 2, kSeed + 1);
    CHECK(given.classify_at(17, here).anomaly == Anomaly::corrupt);
    const Bytes beside = given.record(18, 2, kSeed + 1);
    const Bytes own = given.record(18, kGeneration);
    const Bytes noise(here.size(), std::byte{0x5a});
    const auto with = [&](const Bytes& neighbour) {
      const Neighbour one{18, neighbour};
      return classify(given.subject, 17, here, {&one, 1}).anomaly;
    };
    CHECK(with(beside) == Anomaly::foreign);
    CHECK(with(own) == Anomaly::corrupt);
    CHECK(with(noise) == Anomaly::corrupt);
  }
}
