#pragma once
// Help texts for 80 columns (options at the left, wrapped text at the right), and the man page
// generated from them.

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

// The man page in man(7) macros, from the texts of --help.

/// Includes all commands that are not hidden, with their options. Pure.
std::string man_page();

}  // namespace npyrace
