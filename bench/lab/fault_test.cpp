#include "bench/lab/fault.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "reports/json/json_fields.h"
#include "tests/catch.h"

using namespace npyrace;
using namespace npyrace::lab;

namespace {

/// Returns the numbers of the first `count` writes of node n1 that the fault strikes.
std::vector<int> struck(const std::string& order, int count, std::uint64_t seed = 1) {
  FaultSchedule schedule({parse_fault(order)}, seed);
  std::vector<int> numbers;
  for (int i = 1; i <= count; ++i)
    if (!schedule.strike({Operation::write, 0, "sub/a.npy", Duration(0), false}).empty())
      numbers.push_back(i);
  return numbers;
}

}  // namespace

TEST_CASE("a fault affects the operations that it names", "[lab][fault]") {
  CHECK(struck("drop", 3) == std::vector<int>{1, 2, 3});
  CHECK(struck("drop:nth=2", 5) == std::vector<int>{2});
  CHECK(struck("drop:every=2", 5) == std::vector<int>{2, 4});
  CHECK(struck("drop:times=2", 5) == std::vector<int>{1, 2});
  CHECK(struck("drop:node=n2", 5).empty());
  CHECK(struck("drop:file=*.npy,nth=1", 5) == std::vector<int>{1});
  CHECK(struck("drop:file=*.txt", 5).empty());
  CHECK(struck("eio:op=fsync", 5).empty());
  CHECK(struck("drop:after=1s", 5).empty());
}

TEST_CASE("random faults depend only on the seed", "[lab][fault]") {
  const auto once = struck("drop:chance=0.5", 200, 7);
  CHECK(once == struck("drop:chance=0.5", 200, 7));
  CHECK(once != struck("drop:chance=0.5", 200, 8));
  CHECK(once.size() > 50);
  CHECK(once.size() < 150);
  CHECK(struck("drop:chance=0", 50).empty());
}

TEST_CASE("every kind of fault is preserved in JSON", "[lab][fault]") {
  for (const FaultRow& row : fault_table()) {
    INFO(row.name);
    const FaultSpec spec = parse_fault(std::string(row.name) + ":node=2,nth=3,file=x*,after=2s");
    const std::string json = json_line(spec, NotUtf8::refused);
    CHECK(json_line(fault_from_json(nlohmann::json::parse(json)), NotUtf8::refused) == json);
    CHECK_THAT(json, Catch::Matchers::ContainsSubstring(R"("nth":"3")"));
  }
  const FaultSpec tear =
      fault_from_json(nlohmann::json{{"kind", "tear"}, {"at", 8}, {"chance", 0.25}});
  CHECK(tear.at_bytes == 8);
  CHECK(tear.chance == 0.25);
}

TEST_CASE("an invalid fault is refused in one line", "[lab][fault]") {
  CHECK_THROWS_WITH(parse_fault("dorp"), Catch::Matchers::ContainsSubstring("did you mean 'drop'"));
  CHECK_THROWS_WITH(parse_fault("drop:nht=2"),
                    Catch::Matchers::ContainsSubstring("did you mean 'nth'"));
  CHECK_THROWS_AS(parse_fault("drop:at=2"), UsageError);
  CHECK_THROWS_AS(parse_fault("drop:nth=0"), UsageError);
  CHECK_THROWS_AS(parse_fault("drop:nth"), UsageError);
  CHECK_THROWS_AS(parse_fault("drop:"), UsageError);
  CHECK_THROWS_AS(parse_fault("drop:op=fsync"), UsageError);
  CHECK_THROWS_AS(parse_fault("eio:op=fsink"), UsageError);
  CHECK_THROWS_AS(parse_fault("drop:chance=2"), UsageError);
  CHECK_THROWS_AS(parse_fault("vanish:how=slowly"), UsageError);
  CHECK_THROWS_AS(fault_from_json(nlohmann::json::array()), UsageError);
  CHECK_THROWS_AS(fault_from_json(nlohmann::json{{"kind", "drop"}, {"nth", nullptr}}), UsageError);
}

TEST_CASE("the flipped bits of one fault are distinct", "[lab][fault]") {
  FaultSchedule schedule({}, 3);
  const auto bits = schedule.choose_bits(8, 100);
  CHECK(bits == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7});
}
