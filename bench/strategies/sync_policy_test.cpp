#include "bench/strategies/race_order.h"
#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("the text of a policy parses to the same policy", "[sync]") {
  for (const char* text : {"none", "end", "record", "every:1", "every:1000"})
    CHECK(to_string(parse_sync_policy(text)) == text);
}

TEST_CASE("a policy defines the interval of syncs and whether there is one at the end", "[sync]") {
  CHECK(parse_sync_policy("none").interval_records() == 0);
  CHECK_FALSE(parse_sync_policy("none").at_end());
  CHECK(parse_sync_policy("end").at_end());
  CHECK(parse_sync_policy("record").interval_records() == 1);
  CHECK(parse_sync_policy("every:7").interval_records() == 7);
}

TEST_CASE("malformed sync policies are refused", "[sync]") {
  for (const char* text : {"", "every", "every:", "every:0", "every:-1", "every:1x", "End"})
    CHECK_THROWS_AS(parse_sync_policy(text), UsageError);
}
