#include "bench/cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "core/base/error.h"
#include "core/base/print.h"
#include "core/file/atomic_file.h"
#include "reports/html/html_report.h"
#include "reports/json/json_report.h"

namespace npyrace {

TerminalStyle style_of_standard_output() {
  const char* no_colour = std::getenv("NO_COLOR");
  const bool wanted = no_colour == nullptr || *no_colour == '\0';
  return {.colour = wanted && ::isatty(STDOUT_FILENO) == 1};
}

void write_output(const std::string& text, const std::string& path) {
  if (path.empty() || path == "-")
    print_output("{}", text);
  else
    write_file_atomically(path, text);
}

void require_new_file(const std::string& path, const std::string& advice) {
  if (std::filesystem::exists(path))
    throw std::runtime_error(SystemError({path, "open"}, EEXIST).what() + ("; " + advice));
}

namespace {

struct Form {
  const char* option;
  const char* help;
  std::string ResultOutputs::*path;
  std::string (*report)(const RunResult& result);
};

constexpr Form kForms[] = {
    {"--json", "Write the whole result to this file, for the other commands; - for standard output",
     &ResultOutputs::json, json_report},
    {"--html", "Write a page with charts to this file, which opens offline; - for standard output",
     &ResultOutputs::html, html_report},
};

}  // namespace

void add_output_options(CLI::App& app, ResultOutputs& outputs) {
  for (const Form& form : kForms)
    app.add_option(form.option, outputs.*form.path, form.help)->type_name("FILE");
}

void require_place_for(const ResultOutputs& outputs) {
  const Form* printed = nullptr;
  for (const Form& form : kForms) {
    const std::string& path = outputs.*form.path;
    if (path == "-") {
      if (printed != nullptr)
        throw UsageError(fmt::format("{} and {} cannot both go to standard output: give one a file",
                                     printed->option, form.option));
      printed = &form;
    } else if (!path.empty()) {
      require_place(path);
    }
  }
}

void put_out(const ResultOutputs& outputs, const RunResult& result,
             const std::function<std::string()>& for_people) {
  std::string printed;
  for (const Form& form : kForms) {
    const std::string& path = outputs.*form.path;
    if (path == "-")
      printed = form.report(result);
    else if (!path.empty())
      write_file_atomically(path, form.report(result));
  }
  print_output("{}", printed.empty() ? for_people() : printed);
}

}  // namespace npyrace
