#pragma once
// Help texts for 80 columns, and the man page generated from them. The help of a command has what
// it does, its usage, its options by group (common ones first, because groups keep the order in
// which they were declared), its footer, and an example.

#include <CLI/CLI.hpp>
#include <string>

namespace npyrace {

class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* command, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_description(const CLI::App* command) const override;
  std::string make_option_usage(const CLI::Option* positional) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_footer(const CLI::App* command) const override;

 private:
  std::string option_groups(const CLI::App* command) const;
};

// The man page in man(7) macros, from the texts of --help.

/// Includes all commands that are not hidden, with their options. Pure.
std::string man_page();

}  // namespace npyrace
