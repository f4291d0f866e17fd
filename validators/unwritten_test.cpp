#include <algorithm>

#include "tests/catch.h"
#include "validators/expectation.h"

using namespace npyrace;

namespace {

constexpr std::uint64_t kSeed = 77;

using Bytes = std::vector<std::byte>;

/// Generation 5 was planned. Writer 0 completed it. Writer 1 died in generation 4 after
/// acknowledging 3 records of it. Writer 2 never wrote. Writer 3 did nothing after generation 4.
struct Given {
  explicit Given(const char* descr = "|V24", Ownership ownership = Ownership::cyclic)
      : map({.descr = descr, .records = 1000, .ownership = ownership, .writers = 4}),
        subject{.map = map,
                .stamper = Stamper(kSeed),
                .expectation = {.generation = 5,
                                .promises = {{.kept = 5, .newest = 5},
                                             {.kept = 3, .newest = 4, .newest_records = 3},
                                             {.kept = 0, .newest = 0},
                                             {.kept = 4, .newest = 4}}}} {}

  Bytes record(std::uint64_t element, unsigned generation) const {
    Bytes bytes(static_cast<std::size_t>(map.record_bytes()));
    if (generation > 0) Stamper(kSeed).fill(bytes, element, generation);
    return bytes;
  }
  bool unwritten(std::uint64_t element, const Bytes& bytes) const {
    return is_unwritten(subject, element, bytes);
  }
  /// The generations that the record may hold.
  std::vector<unsigned> allowed(std::uint64_t element) const {
    std::vector<unsigned> generations;
    for (unsigned generation = 0; generation < 5; ++generation)
      if (unwritten(element, record(element, generation))) generations.push_back(generation);
    return generations;
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

using Generations = std::vector<unsigned>;

}  // namespace

TEST_CASE("a record may be as old as its last acknowledged write, and no older", "[unwritten]") {
  for (const Ownership ownership : {Ownership::cyclic, Ownership::block, Ownership::random}) {
    const Given given("|V24", ownership);
    for (const std::uint64_t position : {0, 2, 3, 249}) {
      CAPTURE(ownership_name(ownership), position);
      CHECK(given.allowed(given.map.element(0, position)) == Generations{});
      const auto died = position < 3 ? Generations{4} : Generations{3, 4};
      CHECK(given.allowed(given.map.element(1, position)) == died);
      CHECK(given.allowed(given.map.element(2, position)) == Generations{0});
      CHECK(given.allowed(given.map.element(3, position)) == Generations{4});
    }
  }
}

TEST_CASE("an unacknowledged record may be torn between lanes, not within one", "[unwritten]") {
  const Given given;
  const std::uint64_t element = given.map.element(1, 7);
  const Bytes old = given.record(element, 3);
  const Bytes young = given.record(element, 4);
  for (const std::ptrdiff_t size_bytes : {8, 16}) {
    CHECK(given.unwritten(element, torn(old, young, size_bytes)));
    CHECK(given.unwritten(element, torn(young, old, size_bytes)));
  }
  for (const std::ptrdiff_t size_bytes : {1, 7, 9, 20})
    CHECK_FALSE(given.unwritten(element, torn(old, young, size_bytes)));
  CHECK_FALSE(given.unwritten(element, torn(old, given.record(element, 2), 8)));
  CHECK_FALSE(given.unwritten(element, torn(given.record(element, 0), young, 8)));
}

TEST_CASE("an acknowledged record of a writer that died is not torn at all", "[unwritten]") {
  const Given given;
  const std::uint64_t element = given.map.element(1, 2);
  const Bytes mixed = torn(given.record(element, 3), given.record(element, 4), 8);
  CHECK_FALSE(given.unwritten(element, mixed));
}

TEST_CASE("records that are not aligned to lanes may be cut at any byte", "[unwritten]") {
  const Given given("|V21");
  const std::uint64_t element = given.map.element(1, 7);
  for (std::ptrdiff_t size_bytes = 0; size_bytes <= 21; ++size_bytes)
    CHECK(given.unwritten(element,
                          torn(given.record(element, 4), given.record(element, 3), size_bytes)));
  Bytes noise = given.record(element, 4);
  noise[20] ^= std::byte{0x40};
  CHECK_FALSE(given.unwritten(element, noise));
}

TEST_CASE("another record's content is never unwritten", "[unwritten]") {
  const Given given;
  const std::uint64_t element = given.map.element(1, 7);
  CHECK_FALSE(given.unwritten(element, given.record(element + 4, 4)));
  CHECK_FALSE(given.unwritten(element, given.record(element, 1)));
}

TEST_CASE("no record of a generation in progress is acknowledged", "[unwritten]") {
  const Expectation first = while_next_is_written({.generation = 0}, 2);
  CHECK(first.generation == 1);
  CHECK(first.promises[1].kept == 0);
  CHECK(first.promises[1].newest == 1);
  const Expectation next = while_next_is_written(Given().subject.expectation, 4);
  CHECK(next.generation == 6);
  CHECK(next.promises[0].kept == 5);
  CHECK(next.promises[1].kept == 3);
  CHECK(next.promises[1].newest == 6);
  CHECK(next.promises[1].newest_records == 0);  // those were records of generation 4
}
