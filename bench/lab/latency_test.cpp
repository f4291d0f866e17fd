#include "bench/lab/latency.h"

#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;
using namespace npyrace::lab;

TEST_CASE("a single latency applies to all operations", "[lab][latency]") {
  const Latency latency("2ms", 2);
  CHECK(latency.of(0, Operation::write) == Duration(2000));
  CHECK(latency.of(1, Operation::meta) == Duration(2000));
  CHECK_FALSE(latency.names_nodes());
}

TEST_CASE("later rules win, by operation and by node", "[lab][latency]") {
  const Latency latency("1ms,write=2ms,n2=5ms,n2.fsync=1.5s", 2);
  CHECK(latency.of(0, Operation::read) == Duration(1000));
  CHECK(latency.of(0, Operation::write) == Duration(2000));
  CHECK(latency.of(1, Operation::write) == Duration(5000));
  CHECK(latency.of(1, Operation::fsync) == Duration(1500000));
  CHECK(latency.names_nodes());
}

TEST_CASE("the default is no latency", "[lab][latency]") {
  CHECK(Latency("", 1).of(0, Operation::open) == Duration(0));
}

TEST_CASE("malformed latencies are refused", "[lab][latency]") {
  CHECK_THROWS_AS(Latency("2", 2), UsageError);
  CHECK_THROWS_AS(Latency("ms", 2), UsageError);
  CHECK_THROWS_AS(Latency("1..5ms", 2), UsageError);
  CHECK_THROWS_AS(Latency("-1ms", 2), UsageError);
  CHECK_THROWS_AS(Latency("9999999999s", 2), UsageError);
  CHECK_THROWS_AS(Latency("n3=2ms", 2), UsageError);
  CHECK_THROWS_AS(Latency("n0=2ms", 2), UsageError);
  CHECK_THROWS_AS(Latency("1ms,,", 2), UsageError);
  CHECK_THROWS_WITH(Latency("wirte=2ms", 2),
                    Catch::Matchers::ContainsSubstring("did you mean 'write'"));
}
