#include <CLI/CLI.hpp>

#include "bench/cli/command_table.h"
#include "bench/cli/help.h"
#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("the man page has every command and every option", "[man]") {
  const std::string page = man_page();
  std::size_t options = 0;
  for (const Command& command : command_table()) {
    const std::string title = std::string(".SS npyrace ") + command.name + "\n";
    if (command.hidden()) {
      CHECK_THAT(page, !ContainsSubstring(title));
      continue;
    }
    CLI::App app;
    command.declare(app);
    const auto from = page.find(title);
    REQUIRE(from != std::string::npos);
    const std::string section = page.substr(from, page.find(".SS ", from + 1) - from);
    CHECK_THAT(section,
               ContainsSubstring("Example:\n.PP\n.B npyrace " + std::string(command.name)));
    for (const CLI::Option* option : app.get_options())
      for (const std::string& name : option->get_lnames()) {
        if (name == "help") continue;
        std::string dashed = name;
        for (std::size_t at = 0; (at = dashed.find('-', at)) != std::string::npos; at += 2)
          dashed.insert(at, "\\");
        CHECK_THAT(section, ContainsSubstring("\\-\\-" + dashed));
        ++options;
      }
  }
  CHECK(options > 60);
}

TEST_CASE("no help text becomes a roff request", "[man]") {
  std::istringstream lines(man_page());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(".") && !line.starts_with("'")) continue;
    INFO(line);
    const std::string request = line.substr(0, line.find(' '));
    const std::vector<std::string> known{".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".I", ".IR"};
    CHECK(std::ranges::find(known, request) != known.end());
  }
}
