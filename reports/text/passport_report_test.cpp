#include "reports/text/run_sections.h"
#include "reports/text/terminal_report.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

Passport session_passport() {
  Passport passport{.named = Promise::session, .between = "mounts"};
  passport.rows = {{.via = "pwrite",
                    .sharing = "own-pages",
                    .reader = "fresh",
                    .named = Promise::session,
                    .visible_after = "open",
                    .delay_seconds = 0.0123,
                    .tries = 4,
                    .acts = {{.after = "write", .held = false, .opened = false},
                             {.after = "fsync", .held = false, .opened = true},
                             {.after = "close", .held = false, .opened = true}},
                    .counter_examples = {"mount 1 writes, mount 2 looks; after write: still old",
                                         "mount 1 writes, mount 2 looks; after fsync: still old"}},
                   {.via = "pwrite",
                    .sharing = "shared-pages",
                    .reader = "holds-write",
                    .named = Promise::none_seen,
                    .visible_after = "never",
                    .delay_seconds = 10.01,
                    .tries = 4,
                    .counter_examples = {"mount 1 and mount 2 write; after write: still old"}},
                   {.via = "mmap",
                    .sharing = "own-pages",
                    .reader = "fresh",
                    .problem = "/b/f: mmap: No such device",
                    .refused = true}};
  return passport;
}

}  // namespace

TEST_CASE("a passport prints its table, the counter-examples and the named model", "[passport]") {
  CHECK(passport_report(session_passport()) ==
        R"(semantics: what others see of a write, tried between mounts

via     sharing       reader       named      visible after  delay     tries
pwrite  own-pages     fresh        session    open           12.3 ms   4
pwrite  shared-pages  holds-write  none seen  never          > 10.0 s  4
mmap    own-pages     fresh        -          -              -         0

session (pwrite, own-pages, fresh): mount 1 writes, mount 2 looks; after fsync:
  still old
refused (mmap, own-pages, fresh): /b/f: mmap: No such device

made visible by, each alone (pwrite): fsync + open, close + open

passport: session - a write is seen after close by who opens afterwards
)");
}

TEST_CASE("two directories with one page cache are reported as one node", "[passport]") {
  Passport passport = session_passport();
  passport.between = "processes";
  CHECK(passport_report(passport).find("says nothing about nodes") != std::string::npos);
}

TEST_CASE("a passport without any trial names no consistency level", "[passport]") {
  Passport passport;
  passport.rows = {{.via = "mmap", .sharing = "own-pages", .reader = "fresh", .problem = "gone"}};
  CHECK(passport_report(passport).ends_with("passport: none seen - nothing could be tried\n"));
}

TEST_CASE("a run without cells is its passport", "[passport]") {
  RunResult result;
  result.environment.version = "1.2.3";
  result.environment.lab = "session";
  result.environment.mounts.resize(2);
  result.scenarios = {"semantics"};
  result.passport = session_passport();
  const std::string text = terminal_report(result, {});
  CHECK(text == "npyrace 1.2.3: semantics on a lab of 2 nodes, model session, seed 0\n\n" +
                    passport_report(session_passport()));
}
