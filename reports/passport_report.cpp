#include "reports/passport_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "reports/printable.h"
#include "reports/wrap.h"

namespace npyrace {
namespace {

using Line = std::array<std::string, 7>;

std::string paragraph(const std::string& text) {
  return wrapped(printable(text), {.others = 2});
}

std::string introduction(const Passport& passport) {
  if (passport.between == "mounts")
    return paragraph("semantics: what others see of a write, tried between mounts");
  return paragraph(
      "semantics: what others see of a write, tried between processes on one mount (one page "
      "cache): says nothing about nodes");
}

/// Three digits, for milliseconds as for minutes.
std::string seconds_text(double seconds) {
  return seconds < 1 ? fmt::format("{:.1f} ms", seconds * 1000) : fmt::format("{:.1f} s", seconds);
}

Line line_of(const PassportRow& row) {
  Line line{row.via, row.sharing, row.reader, "-", "-", "-", std::to_string(row.tries)};
  if (row.tries == 0) return line;
  line[3] = promise_name(row.named);
  line[4] = row.visible_after;
  line[5] = (row.visible_after == "never" ? "> " : "") + seconds_text(row.delay_seconds);
  return line;
}

std::string table(const Passport& passport) {
  std::vector<Line> lines{{"via", "sharing", "reader", "named", "visible after", "delay", "tries"}};
  for (const PassportRow& row : passport.rows) lines.push_back(line_of(row));
  std::array<std::size_t, 7> widths{};
  for (const Line& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  std::string text;
  for (const Line& line : lines) {
    for (std::size_t i = 0; i + 1 < line.size(); ++i)
      text += fmt::format("{:<{}}  ", line[i], widths[i]);
    text += line.back() + "\n";
  }
  return text;
}

std::string title(const PassportRow& row) {
  return fmt::format("{}, {}, {}", row.via, row.sharing, row.reader);
}

/// A reader who neither writes nor refuses to open anew is who promises are made to; the JSON has
/// the others' words, too.
std::string notes(const Passport& passport) {
  std::string text;
  std::set<std::string> told;  // the same of every row, but for the name of the file
  for (const PassportRow& row : passport.rows) {
    if (row.reader == "fresh" && !row.counter_examples.empty())
      text += paragraph(fmt::format("{} ({}): {}", promise_name(row.named), title(row),
                                    row.counter_examples.back()));
    const std::string kind = row.via + row.problem.substr(row.problem.find(": ") + 1);
    if (!row.problem.empty() && told.insert(kind).second)
      text += paragraph(
          fmt::format("{} ({}): {}", row.refused ? "refused" : "failed", title(row), row.problem));
  }
  return text.empty() ? "" : "\n" + text;
}

bool enough(const ActLook& look) {
  return look.held || look.opened.value_or(false);
}

/// Which acts of the writer were enough for a fresh reader, each alone.
std::string acts_text(const Passport& passport) {
  std::string text;
  for (const PassportRow& row : passport.rows) {
    if (row.reader != "fresh" || row.sharing != "own-pages" || row.tries == 0) continue;
    std::vector<std::string> words;
    for (const ActLook& look : row.acts)
      if (enough(look)) words.push_back(look.held ? look.after : look.after + " + open");
    if (words.empty()) words.push_back("nothing at once");
    text += paragraph(
        fmt::format("made visible by, each alone ({}): {}", row.via, fmt::join(words, ", ")));
  }
  return text.empty() ? "" : "\n" + text;
}

std::string last_line(const Passport& passport) {
  const bool tried =
      std::ranges::any_of(passport.rows, [](const auto& row) { return row.tries > 0; });
  if (!tried) return "passport: none seen - nothing could be tried\n";
  return fmt::format("passport: {} - {}\n", promise_name(passport.named),
                     promise_meaning(passport.named));
}

}  // namespace

std::string passport_report(const Passport& passport) {
  return introduction(passport) + "\n" + table(passport) + notes(passport) + acts_text(passport) +
         "\n" + last_line(passport);
}

}  // namespace npyrace
