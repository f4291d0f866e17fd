#pragma once
// Help that fits 80 columns: the option and what it takes on the left, wrapped words on the right.

#include <CLI/CLI.hpp>
#include <string>

namespace npyrace {

class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_footer(const CLI::App* command) const override;
};

// The man page, made of the texts that --help prints: man(7) macros.

/// All commands that are not hidden, with their options. Pure.
std::string man_page();

}  // namespace npyrace
