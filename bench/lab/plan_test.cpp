#include "bench/lab/plan.h"

#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

LabOrder order() {
  return {.plan = {.model = &lab_model("nfs"),
                   .nodes = 3,
                   .latency = "1ms,n2=5ms",
                   .server_threads = 4,
                   .local_locks = true,
                   .faults = {lab::parse_fault("tear:at=8,nth=2"), lab::parse_fault("eio:op=read")},
                   .seed = 18446744073709551615u,
                   .log_path = "/a/log"},
          .folder = "/a/folder"};
}

}  // namespace

TEST_CASE("a lab server receives its order unchanged", "[lab]") {
  const LabOrder read = lab_order_from_text(to_text(order()));
  CHECK(std::string(read.plan.model->name) == "nfs");
  CHECK(read.plan.nodes == 3);
  CHECK(read.plan.latency == "1ms,n2=5ms");
  CHECK(read.plan.server_threads == 4);
  CHECK(read.plan.local_locks);
  REQUIRE(read.plan.faults.size() == 2);
  CHECK(read.plan.faults[0].at_bytes == 8);
  CHECK(read.plan.faults[0].nth == 2);
  CHECK(read.plan.faults[1].operation == lab::Operation::read);
  CHECK(read.plan.seed == 18446744073709551615u);
  CHECK(read.plan.log_path == "/a/log");
  CHECK(read.folder == "/a/folder");
}

TEST_CASE("a wrong order to a lab server is refused by its key", "[lab]") {
  const auto with = [](const std::string& old_text, const std::string& new_text) {
    std::string text = to_text(order());
    text.replace(text.find(old_text), old_text.size(), new_text);
    return text;
  };
  CHECK_THROWS_WITH(lab_order_from_text(with("\"nodes\":3", "\"nodes\":3.25e+20")),
                    "order to a lab: nodes: a whole number from 0 to 4294967295 is expected");
  CHECK_THROWS_WITH(
      lab_order_from_text(with("\"seed\":18446744073709551615", "\"seed\":-1")),
      "order to a lab: seed: a whole number from 0 to 18446744073709551615 is expected");
  CHECK_THROWS_AS(lab_order_from_text(with("\"nodes\":3", "\"nodes\":65")), UsageError);
  CHECK_THROWS_AS(lab_order_from_text(with("nfs", "nfsx")), FormatError);
  CHECK_THROWS_AS(lab_order_from_text(with("\"at\":\"8\"", "\"at\":\"-8\"")), UsageError);
  CHECK_THROWS_AS(lab_order_from_text("{}"), FormatError);
  LabOrder latin1 = order();
  latin1.plan.faults[0].file = "\xe9";
  CHECK_THROWS_WITH(to_text(latin1), Catch::Matchers::StartsWith("JSON cannot hold this text"));
  CHECK_THROWS_AS(lab_order_from_text(""), FormatError);
}
