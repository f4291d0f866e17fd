#include <nlohmann/json.hpp>

#include "reports/text/run_sections.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

const std::vector<StrategyListing> kListings{
    {.name = "pwrite",
     .summary = "one call a record",
     .used_by = "C programs",
     .guarantee = "a byte is as the last write left it, wherever it lies, and no other is touched",
     .weakness = "slow",
     .acknowledged_by = "fsync",
     .numpy = "os.pwrite(fd)",
     .available = true},
    {.name = "mmap",
     .summary = "a mapping",
     .used_by = "NumPy",
     .guarantee = "none",
     .weakness = "whole pages",
     .acknowledged_by = "msync",
     .reason = "mmap: No such\ndevice"},
};

}  // namespace

TEST_CASE("strategies are listed in 80 columns, with why one does not work", "[strategies]") {
  CHECK(strategies_report("/a", kListings) == R"(pwrite
  one call a record
    used by          C programs
    guarantee        a byte is as the last write left it, wherever it lies, and
                     no other is touched
    weakness         slow
    acknowledged by  fsync
mmap
  a mapping
    used by          NumPy
    guarantee        none
    weakness         whole pages
    acknowledged by  msync
    not here         mmap: No such\x0adevice
1 of 2 work in /a.
)");
}

TEST_CASE("the same for programs", "[strategies]") {
  const auto json = nlohmann::json::parse(strategies_json("/a", kListings));
  CHECK(json["dir"] == "/a");
  CHECK(json["strategies"].size() == 2);
  CHECK(json["strategies"][0]["numpy"] == "os.pwrite(fd)");
  CHECK(json["strategies"][1]["available"] == false);
  CHECK(json["strategies"][1]["reason"] == "mmap: No such\ndevice");
}
