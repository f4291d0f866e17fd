// From a reader's observations to the name of the guarantee. Each model is given by its behaviour
// on its own clock; adversarial models look stronger than they are.

#include <algorithm>

#include "bench/experiments/semantics_rows.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

Experiment experiment(const char* via, const char* reader, const char* sharing = "own-pages") {
  const auto find = [](auto table, const std::string& name) {
    return &*std::ranges::find_if(table, [&](const auto& row) { return row.name == name; });
  };
  return {.via = find(via_table(), via),
          .sharing = find(sharing_table(), sharing),
          .reader = find(reader_table(), reader)};
}

Observation fresh_look(double seconds = 0.001) {
  return {.is_new = true, .seconds = seconds};
}

Observation old_look(double seconds = 0.001) {
  return {.is_new = false, .seconds = seconds, .found = "still old"};
}

/// "01 11 ..": per act what was seen by the held and the new open, then the same for the file
/// without an act. '0' old, '1' new, '-' no new open.
Try seen(const std::string& acts, const std::string& waited, std::optional<double> later = 0.001) {
  Try one{
      .between = "a writes, b looks", .later_seconds = later, .watched_seconds = later ? 0 : 10.0};
  const auto looks = [](char held, char opened) {
    Observations both{.held = held == '1' ? fresh_look() : old_look()};
    if (opened != '-') both.opened = opened == '1' ? fresh_look() : old_look();
    return both;
  };
  for (std::size_t at = 0; at < acts.size(); at += 3)
    one.acts.push_back(looks(acts[at], acts[at + 1]));
  one.waited = looks(waited[0], waited[1]);
  return one;
}

PassportRow row(const char* via, const char* reader, const std::vector<Try>& tries) {
  return name_row(experiment(via, reader), tries);
}

void check(const PassportRow& row, Promise promise, const std::string& visible_after) {
  CHECK(std::string(promise_name(row.named)) == promise_name(promise));
  CHECK(row.visible_after == visible_after);
}

}  // namespace

TEST_CASE("a fresh reader names each model by pwrite", "[semantics]") {
  check(row("pwrite", "fresh", {seen("11 11 11", "11")}), Promise::strong, "write");
  check(row("pwrite", "fresh", {seen("00 11 11", "00")}), Promise::commit, "fsync");
  check(row("pwrite", "fresh", {seen("00 00 11", "00")}), Promise::session, "close");
  check(row("pwrite", "fresh", {seen("00 01 01", "00")}), Promise::session, "open");
  check(row("pwrite", "fresh", {seen("00 00 00", "00", 1.2)}), Promise::eventual, "later");
  check(row("pwrite", "fresh", {seen("00 00 00", "00", {})}), Promise::none_seen, "never");
}

TEST_CASE("a fresh reader names each model by mmap", "[semantics]") {
  check(row("mmap", "fresh", {seen("11 11 11 11 11", "11")}), Promise::strong, "write");
  check(row("mmap", "fresh", {seen("00 11 11 00 11", "00")}), Promise::commit, "msync");
  check(row("mmap", "fresh", {seen("00 01 01 00 01", "00")}), Promise::session, "open");
  check(row("mmap", "fresh", {seen("00 00 00 00 11", "00")}), Promise::session, "close");
  check(row("mmap", "fresh", {seen("00 00 00 11 11", "00")}), Promise::session, "munmap");
}

TEST_CASE("visibility after fsync and a new open is session, because the reader must reopen",
          "[semantics]") {
  const PassportRow nfs = row("pwrite", "fresh", {seen("00 01 01", "00")});
  check(nfs, Promise::session, "open");
  CHECK_FALSE(nfs.acts[1].held);
  CHECK(nfs.acts[1].opened == true);
}

TEST_CASE("visibility only after open is weaker than strong consistency", "[semantics]") {
  check(row("pwrite", "fresh", {seen("01 01 01", "01")}), Promise::session, "open");
}

TEST_CASE("msync is what mmap's commit means, not fsync of the file", "[semantics]") {
  check(row("mmap", "fresh", {seen("00 01 11 00 01", "00")}), Promise::session, "open");
}

TEST_CASE("a reader that never reopens is judged by its open file", "[semantics]") {
  check(row("pwrite", "holds-read", {seen("0- 1- 1-", "0-")}), Promise::commit, "fsync");
  check(row("pwrite", "holds-read", {seen("0- 0- 0-", "0-", 4.0)}), Promise::eventual, "later");
  check(row("pwrite", "holds-read", {seen("0- 0- 0-", "0-", {})}), Promise::none_seen, "never");
}

TEST_CASE("the weakest try counts", "[semantics]") {
  std::vector<Try> tries(3, seen("11 11 11", "11"));
  tries.push_back(seen("00 11 11", "00"));
  check(row("pwrite", "fresh", tries), Promise::commit, "fsync");
  tries.push_back(seen("00 01 01", "00"));
  check(row("pwrite", "fresh", tries), Promise::session, "open");
  tries.push_back(seen("00 00 00", "00", 2.0));
  const PassportRow eventual = row("pwrite", "fresh", tries);
  check(eventual, Promise::eventual, "later");
  CHECK(eventual.delay_seconds == 2.0);
  tries.push_back(seen("00 00 00", "00", {}));
  check(row("pwrite", "fresh", tries), Promise::none_seen, "never");
}

TEST_CASE("in an eventual model a slow fsync does not count as a guarantee", "[semantics]") {
  // The write became visible while fsync ran, and so did the file without fsync.
  const PassportRow named = row("pwrite", "fresh", {seen("00 11 11", "11", 0.001)});
  check(named, Promise::eventual, "later");
  CHECK(named.counter_examples[1].find("so was a file without any act") != std::string::npos);
  check(row("pwrite", "fresh", {seen("00 00 01", "01", 0.001)}), Promise::eventual, "later");
  // One read that the passage of time explains invalidates both.
  check(row("pwrite", "fresh", {seen("00 11 11", "10", 0.001)}), Promise::eventual, "later");
}

TEST_CASE("a slow observation does not tell when a write became visible", "[semantics]") {
  Try slow = seen("11 11 11", "11");
  slow.acts[0].held.seconds = slow.acts[0].opened->seconds = kAtOnceSeconds * 2;
  slow.later_seconds = 0.7;
  check(row("pwrite", "fresh", {slow}), Promise::eventual, "later");
  // If time alone does not explain it, the other acts count.
  slow.waited = {.held = old_look(), .opened = old_look()};
  check(row("pwrite", "fresh", {slow}), Promise::commit, "fsync");
}

TEST_CASE("a guarantee after a weak operation also holds after stronger ones", "[semantics]") {
  check(row("pwrite", "fresh", {seen("11 00 11", "11")}), Promise::session, "close");
  check(row("pwrite", "fresh", {seen("11 11 00", "11", {})}), Promise::none_seen, "never");
  check(row("pwrite", "fresh", {seen("00 11 00", "00", {})}), Promise::none_seen, "never");
}

TEST_CASE("a reader that opens anew must not see less than one that holds the file open",
          "[semantics]") {
  check(row("pwrite", "fresh", {seen("10 10 10", "10", {})}), Promise::none_seen, "never");
  check(row("pwrite", "fresh", {seen("11 10 11", "11")}), Promise::session, "close");
}

TEST_CASE("content missing in the end supports no consistency level", "[semantics]") {
  Try lost = seen("00 11 11", "00");
  lost.lost = {"after fsync: still old"};
  lost.watched_seconds = 10;
  const PassportRow named = row("pwrite", "fresh", {seen("00 11 11", "00"), lost});
  check(named, Promise::none_seen, "never");
  REQUIRE(named.counter_examples.size() == 1);
  CHECK(named.counter_examples[0].find("after fsync: still old") != std::string::npos);
}

TEST_CASE("every guarantee that was not kept has a counter-example", "[semantics]") {
  const PassportRow none = row("pwrite", "fresh", {seen("00 00 00", "00", {})});
  CHECK(none.counter_examples.size() == 3);
  CHECK(none.counter_examples[0] == "a writes, b looks; after write: still old");
  CHECK(row("pwrite", "fresh", {seen("00 11 11", "00")}).counter_examples.size() == 1);
  CHECK(row("pwrite", "fresh", {seen("11 11 11", "11")}).counter_examples.empty());
}

TEST_CASE("without tries no model is named", "[semantics]") {
  const PassportRow none = row("mmap", "fresh", {});
  check(none, Promise::none_seen, "never");
  CHECK(none.tries == 0);
  CHECK(none.acts.empty());
}

TEST_CASE("the passport is the weakest fresh reader on own pages, of what could be tried",
          "[semantics]") {
  std::vector<PassportRow> rows{
      row("pwrite", "fresh", {seen("11 11 11", "11")}),
      row("mmap", "fresh", {seen("00 11 11 00 11", "00")}),
      row("pwrite", "holds-read", {seen("0- 0- 0-", "0-", {})}),
      name_row(experiment("mmap", "fresh", "shared-pages"), {seen("00 00 00 00 00", "00", {})})};
  CHECK(name_of(rows) == Promise::commit);
  rows[1] = row("mmap", "fresh", {});
  CHECK(name_of(rows) == Promise::strong);
  rows[0] = row("pwrite", "fresh", {});
  CHECK(name_of(rows) == Promise::none_seen);
}
