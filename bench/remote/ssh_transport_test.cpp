// Rank 0's transport against shell scripts that act as ranks.

#include "bench/remote/ssh_transport.h"

#include <csignal>
#include <fstream>

#include "bench/strategies/strategy.h"
#include "core/base/error.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

/// As in the program: a closed pipe is a write error.
[[maybe_unused]] const auto kIgnored = std::signal(SIGPIPE, SIG_IGN);

/// The host name selects the behaviour of the rank.
constexpr const char* kScript = R"(
echo "welcome to $1"
[ "$1" = never ] && exit 127
echo "npyrace-rank 1.2"
read you_are
[ "$1" = told ] && echo "T$you_are"
read go
[ "$1" = noise ] && echo "hello?"
[ "$1" = dies ] && { echo "it burns" >&2; exit 255; }
[ "$1" = dies-once ] && [ ! -e "$0.died" ] && { : > "$0.died"; exit 255; }
[ "$1" = fails ] && exit 3
case "$1" in
well|dies-once) echo M10; read all; echo "T$all";;
ill) echo M00; read all; echo "T$all";;
needs) echo M11; read all; echo "T$all";;
esac
read forever
)";

struct Hosts {
  explicit Hosts(const std::vector<std::string>& names) {
    std::ofstream(folder.file("rsh")) << kScript;
    for (const std::string& name : names) order.hosts.push_back({.name = name});
    order.dirs = {"/d"};
    order.rsh = "sh " + folder.file("rsh");
    order.npyrace = "npyrace";
    order.version = "1.2";
    order.writers = names.size();
  }

  /// A group must be created before the first barrier.
  static void begin(Transport& transport) {
    transport.group(transport.size() - 1);
    for (std::uint64_t rank = 1; rank < transport.size(); ++rank) try {
        transport.send(rank, "go");
      } catch (const RankLost&) {
        continue;
      }
  }

  std::unique_ptr<Transport> meeting() {
    auto transport = connect_transport(order);
    transport->set_patience(std::chrono::seconds(20));
    begin(*transport);
    return transport;
  }

  TemporaryFolder folder;
  SshOrder order;
};

std::string said(Transport& transport, std::uint64_t rank) {
  return transport.receive(rank, Wait::long_wait);
}

using Catch::Matchers::ContainsSubstring;

}  // namespace

TEST_CASE("a rank receives its number even if its login shell prints something first", "[ssh]") {
  Hosts hosts({"told", "told"});
  const auto transport = hosts.meeting();
  CHECK(said(*transport, 1) == "R1 3");
  CHECK(said(*transport, 2) == "R2 3");
}

TEST_CASE("a barrier waits for all ranks and succeeds if all did", "[ssh]") {
  for (const auto& [second, answer] : {std::pair("well", "M1"), std::pair("ill", "M0")}) {
    Hosts hosts({"well", second});
    const auto transport = hosts.meeting();
    CHECK(said(*transport, 1) == answer);
    CHECK(said(*transport, 2) == answer);
  }
}

TEST_CASE("a rank that dies is named, and the others do not wait for it", "[ssh]") {
  Hosts hosts({"well", "dies"});
  const auto transport = hosts.meeting();
  CHECK(said(*transport, 1) == "M1");
  try {
    said(*transport, 2);
    FAIL("it is dead");
  } catch (const RankLost& lost) {
    CHECK(lost.what() ==
          std::string("writer 1 on dies: connection closed, exit code 255: it burns"));
    CHECK_FALSE(lost.of_itself());
  }
  CHECK_THROWS_AS(transport->send(2, "text"), RankLost);
}

TEST_CASE(
    "a rank's own exit code is an error of its own; a program that is not a rank is not a killed rank",
    "[ssh]") {
  for (const char* host : {"fails", "noise"}) {
    Hosts hosts({host});
    const auto transport = hosts.meeting();
    try {
      said(*transport, 1);
      FAIL("it is no rank");
    } catch (const RankLost& lost) {
      CHECK(lost.of_itself());
    }
  }
}

TEST_CASE("steps that need the collector fail without it", "[ssh]") {
  REQUIRE(kCollector == 0);
  Hosts without({"dies", "needs"});
  CHECK(said(*without.meeting(), 2) == "M0");
  Hosts with({"needs", "dies"});
  CHECK(said(*with.meeting(), 1) == "M1");
}

TEST_CASE("a silent rank is lost, not the ranks that wait for it", "[ssh]") {
  Hosts hosts({"well", "silent"});
  const auto transport = hosts.meeting();
  transport->set_patience(std::chrono::seconds(1));
  CHECK(said(*transport, 1) == "M1");  // after the timeout
  CHECK_THROWS_WITH(said(*transport, 2),
                    ContainsSubstring("writer 1 on silent: nothing was heard"));
}

TEST_CASE("every wait for a rank has a time limit", "[ssh]") {
  Hosts hosts({"silent"});
  hosts.order.patience = std::chrono::seconds(1);
  const auto transport = hosts.meeting();
  transport->set_patience(std::nullopt);
  CHECK_THROWS_AS(said(*transport, 1), RankLost);
}

TEST_CASE("a lost rank is started again, or all ranks get the reason", "[ssh]") {
  Hosts once({"dies-once"});
  auto transport = once.meeting();
  CHECK_THROWS_AS(said(*transport, 1), RankLost);
  transport->gather();
  Hosts::begin(*transport);
  CHECK(said(*transport, 1) == "M1");

  Hosts always({"dies"});
  transport = always.meeting();
  CHECK_THROWS_AS(said(*transport, 1), RankLost);
  transport->gather();  // it sends its greeting again
  Hosts::begin(*transport);
  std::ofstream(always.folder.file("rsh")) << "echo gone >&2; exit 1";
  CHECK_THROWS_AS(said(*transport, 1), RankLost);
  for (int cell = 0; cell < 2; ++cell)
    CHECK_THROWS_WITH(
        transport->gather(),
        ContainsSubstring("dies: cannot start npyrace there: ") && ContainsSubstring("gone"));
}

TEST_CASE("a rank that does not connect or has another version is named", "[ssh]") {
  CHECK_THROWS_WITH(Hosts({"well", "never"}).meeting(),
                    ContainsSubstring("never: cannot start npyrace there: exit code 127"));
  Hosts hosts({"well"});
  hosts.order.version = "1.3";
  CHECK_THROWS_WITH(hosts.meeting(), ContainsSubstring("well: ") &&
                                         ContainsSubstring("is npyrace 1.2, this is 1.3"));
}
