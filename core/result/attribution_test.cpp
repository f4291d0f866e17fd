#include "core/result/attribution.h"

#include <random>

#include "tests/catch.h"

using namespace npyrace;

namespace {

constexpr std::uint64_t kRecords = 8192;

ArrayMap packed(Ownership ownership, std::uint64_t writers = 4) {
  return ArrayMap({.records = kRecords, .ownership = ownership, .writers = writers});
}

/// Simulates a file system that overwrites whole units of `unit_bytes`: in each unit one party
/// wins. The share `lost_share` of the losers' records is lost; the others are written afterwards.
std::vector<std::uint64_t> overwrite_units(const ArrayMap& map, const Parties& parties,
                                           std::uint64_t unit_bytes, std::mt19937_64& random,
                                           double lost_share = 1) {
  std::vector<std::uint64_t> damaged;
  std::vector<std::uint64_t> owners;
  std::uint64_t unit = ~std::uint64_t{0};
  std::uint64_t winner = 0;
  for (std::uint64_t element = 0; element < map.elements(); ++element) {
    const std::uint64_t here = map.record_offset_bytes(element) / unit_bytes;
    if (here != unit) {
      unit = here;
      owners = map.writers_in(unit * unit_bytes, unit_bytes, 16);
      winner = parties.of(owners[random() % owners.size()]);
    }
    const bool lost = parties.of(*map.writer_of(element)) != winner;
    if (lost && std::uniform_real_distribution()(random) < lost_share) damaged.push_back(element);
  }
  return damaged;
}

DamagePattern races(const ArrayMap& map, const Parties& parties, std::uint64_t unit_bytes,
                    int generations, double lost_share = 1) {
  std::mt19937_64 random(unit_bytes);
  DamagePattern pattern;
  for (int i = 0; i < generations; ++i)
    pattern.merge(damage_pattern(map, parties,
                                 overwrite_units(map, parties, unit_bytes, random, lost_share)));
  return pattern;
}

}  // namespace

TEST_CASE("the unit in which a file system overwrites is inferred from the positions of damage") {
  const Parties two_nodes({1, 2});
  for (const std::uint64_t unit_bytes : {64, 256, 512, 1024, 4096, 16384}) {
    INFO("unit " << unit_bytes);
    const ArrayMap map = packed(Ownership::cyclic);
    CHECK(at_most_bytes(races(map, two_nodes, unit_bytes, 8)) == unit_bytes);
    // Some of the losers' records survive: the evidence is weaker, but the answer the same.
    CHECK(at_most_bytes(races(map, two_nodes, unit_bytes, 32, 0.9)) == unit_bytes);
  }
}

TEST_CASE("each writer on a single mount is a separate party") {
  const ArrayMap map = packed(Ownership::cyclic);
  CHECK(at_most_bytes(races(map, Parties({7}), 4096, 16)) == 4096);
  CHECK(at_most_bytes(races(map, Parties({7, 7}), 4096, 16)) == 4096);
}

TEST_CASE("no overwriter is named if one writer writes the file") {
  const ArrayMap map = packed(Ownership::cyclic);
  const std::vector<std::uint64_t> damaged{3, 4, 50};
  const DamagePattern pattern = damage_pattern(map, Parties::one(), damaged);
  CHECK(pattern.damaged == 3);
  CHECK(pattern.unexplained == 3);
  CHECK(at_most_bytes(pattern) == 0);
  Findings findings;
  findings.damaged = damaged;
  findings.examples = {{.anomaly = Anomaly::lost,
                        .record = 3,
                        .offset_bytes = map.record_offset_bytes(3),
                        .writer = *map.writer_of(3)}};
  name_overwriters(map, Parties::one(), findings);
  CHECK(findings.examples.front().overwritten_by.empty());
  name_overwriters(map, Parties({7}), findings);
  CHECK_FALSE(findings.examples.front().overwritten_by.empty());
}

TEST_CASE("blocks that share only the page between them reveal the page size") {
  const ArrayMap map = packed(Ownership::block);
  const DamagePattern pattern = races(map, Parties({1, 2}), 4096, 32);
  CHECK(pattern.at_least_bytes == 4096);
  CHECK(at_most_bytes(pattern) == 4096);
}

TEST_CASE("scattered damage does not imply a unit") {
  const ArrayMap map = packed(Ownership::cyclic);
  std::mt19937_64 random(1);
  DamagePattern pattern;
  for (int i = 0; i < 32; ++i) {
    std::vector<std::uint64_t> damaged;
    for (std::uint64_t element = 0; element < kRecords; ++element)
      if (random() % 100 == 0) damaged.push_back(element);
    pattern.merge(damage_pattern(map, Parties({1, 2}), damaged));
  }
  CHECK(pattern.damaged > 0);
  CHECK(at_most_bytes(pattern) == 0);
}

TEST_CASE("there is no upper bound of the unit if one party lost everything") {
  const ArrayMap map = packed(Ownership::cyclic);
  std::vector<std::uint64_t> damaged;
  for (std::uint64_t element = 0; element < kRecords; element += 2) damaged.push_back(element);
  const DamagePattern pattern = damage_pattern(map, Parties({1, 2}), damaged);
  CHECK(pattern.at_least_bytes == 32);
  CHECK(at_most_bytes(pattern) == 0);
}

TEST_CASE("damage without a neighbouring party has no overwriter") {
  const ArrayMap apart(
      {.records = 4, .layout = "padded-record", .align_bytes = 4 << 20, .writers = 4});
  const std::vector<std::uint64_t> damaged{apart.element(1, 0)};
  const DamagePattern pattern = damage_pattern(apart, Parties({1, 2}), damaged);
  CHECK(pattern.damaged == 1);
  CHECK(pattern.unexplained == 1);
  CHECK(at_most_bytes(pattern) == 0);
  // A single writer shares nothing either.
  const ArrayMap alone = packed(Ownership::block, 1);
  CHECK(damage_pattern(alone, Parties({1, 2}), std::vector<std::uint64_t>{5}).unexplained == 1);
}

TEST_CASE("rows larger than every unit still share units with their neighbours") {
  // Rows of 3 MiB begin and end in the middle of 4096 bytes.
  const ArrayMap map({.descr = "<f8", .row_shape = {393216 + 16}, .records = 6, .writers = 6});
  const DamagePattern pattern =
      damage_pattern(map, Parties({1, 2}), std::vector<std::uint64_t>{0, 3, 5});
  CHECK(pattern.damaged == 3);
  CHECK(pattern.unexplained == 0);
}

TEST_CASE("rows that span two pages explain damage in both") {
  // Rows of 2000 bytes: one node wins each page; a row is damaged if its node lost a page of it.
  const ArrayMap map({.descr = "<f8",
                      .row_shape = {250},
                      .records = 2048,
                      .ownership = Ownership::cyclic,
                      .writers = 2});
  const Parties nodes({1, 2});
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> winners(map.file_bytes() / 4096 + 1);
  for (std::uint64_t& winner : winners) winner = nodes.of(random() % 2);
  std::vector<std::uint64_t> damaged;
  for (std::uint64_t row = 0; row < map.elements(); ++row) {
    const std::uint64_t first = map.record_offset_bytes(row);
    const std::uint64_t party = nodes.of(*map.writer_of(row));
    const bool lost = winners[first / 4096] != party || winners[(first + 1999) / 4096] != party;
    if (lost) damaged.push_back(row);
  }
  const DamagePattern pattern = damage_pattern(map, nodes, damaged);
  CHECK(pattern.damaged > 1000);
  CHECK(pattern.unexplained == 0);
  CHECK(pattern.at_least_bytes <= 16384);
}

TEST_CASE("candidates for an overwriter are the parties of the unit that lost nothing in it") {
  const ArrayMap map = packed(Ownership::cyclic);
  Findings findings;
  findings.add({.anomaly = Anomaly::lost, .record = 8, .offset_bytes = map.record_offset_bytes(8)});
  for (std::uint64_t element = 0; element < 256; element += 4) findings.add_damaged(element);
  findings.add({.anomaly = Anomaly::header,
                .offset_bytes = 3,
                .region = Region::header});  // not in a record
  name_overwriters(map, Parties({1, 2}), findings);
  CHECK(findings.examples[0].overwritten_by.empty());
  findings.examples.erase(findings.examples.begin());
  CHECK(findings.examples[0].overwritten_by == std::vector<std::uint64_t>{1, 3});
  name_overwriters(map, Parties({1}), findings);
  CHECK(findings.examples[0].overwritten_by == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("the first damaged elements of the file are kept, in any order of arrival") {
  Findings a;
  Findings b;
  for (std::uint64_t element = 0; element < 2 * kMostDamaged; ++element)
    (element % 3 == 0 ? a : b).add_damaged(element);
  a.merge(std::move(b));
  REQUIRE(a.damaged.size() == kMostDamaged);
  CHECK(a.damaged.front() == 0);
  CHECK(a.damaged.back() == kMostDamaged - 1);
}

TEST_CASE("the overwriter of a large row is a party of the damaged page") {
  // Rows of 24 008 bytes: only the first and the last page of each are shared.
  const ArrayMap map({.descr = "<f8", .row_shape = {3001}, .records = 8, .writers = 8});
  const std::uint64_t end = map.record_offset_bytes(0) + map.record_bytes();
  const auto blamed = [&](std::uint64_t record, std::vector<ByteRange> damage,
                          const std::vector<std::uint64_t>& damaged) {
    Findings findings;
    findings.add({.anomaly = Anomaly::torn,
                  .record = record,
                  .offset_bytes = map.record_offset_bytes(record),
                  .writer = record,
                  .damage = std::move(damage)});
    for (const std::uint64_t element : damaged) findings.add_damaged(element);
    name_overwriters(map, Parties({1}), findings);
    return findings.examples.front().overwritten_by;
  };
  using Writers = std::vector<std::uint64_t>;
  CHECK(blamed(0, {{end - 100, end}}, {0}) == Writers{1});
  CHECK(blamed(0, {{5000, 5100}}, {0}).empty());  // a page without other records
  CHECK(blamed(0, {{map.record_offset_bytes(0), end}}, {0}) == Writers{1});
  CHECK(blamed(0, {}, {0}) == Writers{1});
  const std::uint64_t start = map.record_offset_bytes(3);
  CHECK(blamed(3, {{start, start + 8}}, {3}) == Writers{2});
  CHECK(blamed(3, {{start, start + map.record_bytes()}}, {3}) == (Writers{2, 4}));
  // A neighbour that is damaged elsewhere may be intact here.
  CHECK(blamed(0, {{end - 100, end}}, {0, 1}) == Writers{1});
  Findings both;
  for (const std::uint64_t record : {0, 1}) {
    both.add({.anomaly = Anomaly::torn,
              .record = record,
              .offset_bytes = map.record_offset_bytes(record),
              .writer = record,
              .damage = {{end - 100 + record * 100, end + record * 100}}});
    both.add_damaged(record);
  }
  name_overwriters(map, Parties({1}), both);
  CHECK(both.examples[0].overwritten_by.empty());  // both were damaged in that unit
}

TEST_CASE("damage outside of records is not reported as a record") {
  CHECK(place_words({.record = 3, .writer = 1}) == "record 3 of writer 1");
  CHECK(place_words({.anomaly = Anomaly::header, .region = Region::header}) == "header");
  CHECK(place_words({.anomaly = Anomaly::padding, .region = Region::file_end}) == "end of file");
  CHECK(place_words({.anomaly = Anomaly::padding, .record = 5, .region = Region::padding}) ==
        "padding of element 5");
}
