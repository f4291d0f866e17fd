#include <set>

#include "bench/experiments/soak_tally.h"
#include "bench/strategies/race_order.h"
#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

namespace {

const SoakChoices kChoices{.strategies = {"mmap", "pwrite"},
                           .layouts = {"packed", "padded-record"},
                           .ownerships = {"block", "cyclic"},
                           .syncs = {"none", "end", "every", "record"},
                           .launchers = {"process"},
                           .caches = {"as-is", "warm"}};

}  // namespace

TEST_CASE("the same seed draws the same cells, other seeds draw others", "[soak]") {
  std::set<std::string> commands;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::string command = replay_command(draw_cell(kChoices, {}, seed));
    CHECK(command == replay_command(draw_cell(kChoices, {}, seed)));
    commands.insert(command.substr(0, command.find(" --seed")));
  }
  CHECK(commands.size() > 190);
}

TEST_CASE("every choice is drawn, and no cell needs minutes for its syncs", "[soak]") {
  std::set<std::string> strategies, layouts, caches, syncs;
  std::set<std::uint64_t> writers;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const RunOptions drawn = draw_cell(kChoices, {}, seed);
    strategies.insert(drawn.strategies.at(0));
    layouts.insert(drawn.layouts.at(0));
    caches.insert(drawn.caches.at(0));
    const SyncPolicy sync = parse_sync_policy(drawn.syncs.at(0));
    syncs.insert(drawn.syncs.at(0).substr(0, 5));
    writers.insert(drawn.writers.at(0));
    CHECK(drawn.array.records.value() >= 4 * drawn.writers.at(0));
    if (sync.interval_records() > 0)
      CHECK(drawn.array.records.value() / sync.interval_records() <= 256);
    CHECK(drawn.array.record_bytes.value() >= 1);
  }
  CHECK(strategies.size() == 2);
  CHECK(layouts.size() == 2);
  CHECK(caches.size() == 2);
  CHECK(syncs.size() == 4);
  CHECK(*writers.begin() == 2);
  CHECK(*writers.rbegin() == 16);
}

TEST_CASE("soak draws from the given axes and prints the complete command", "[soak]") {
  RunOptions typed;
  typed.lab = "nfs";
  typed.dirs = {"/mnt/1", "/mnt/2"};  // the lab's mounts
  typed.writers = {5};
  typed.generations = 3;
  typed.array.records = 77;
  typed.array.record_bytes = 9;
  typed.aligns_bytes = {128};
  SoakChoices one = kChoices;
  one.strategies = {"pwrite"};
  one.layouts = {"packed"};
  one.ownerships = {"cyclic"};
  one.syncs = {"end"};
  one.caches = {"warm"};
  CHECK(replay_command(draw_cell(one, typed, 42)) ==
        "npyrace run --lab nfs --strategies pwrite --layouts packed --align 128 --ownership cyclic "
        "--sync end --launcher process --cache warm --writers 5 --records 77 --record-bytes 9 "
        "--generations 3 --repetitions 1 --seed 42");
  typed.lab.clear();
  typed.dirs = {"/mnt/with space", "/mnt/2/../3"};
  CHECK_THAT(replay_command(draw_cell(one, typed, 42)),
             ContainsSubstring("run --dir '/mnt/with space,/mnt/3' --strategies"));
}
