#include "reports/text/markdown_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/text/cell_words.h"
#include "reports/text/experiments_report.h"
#include "reports/text/run_sections.h"
#include "reports/text/terminal_report.h"
#include "reports/text/verify_report.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

std::string row(const std::vector<std::string>& fields) {
  std::string text = "|";
  for (const std::string& field : fields) text += " " + field + " |";
  return text + "\n";
}

std::string rate(const CellResult& cell) {
  return cell.seconds.empty() ? "–" : short_number(cell.records_per_second);
}

std::string interval(const CellResult& cell) {
  if (cell.seconds.size() < 2) return "–";
  return fmt::format("{} … {}", short_number(cell.records_per_second_interval.low),
                     short_number(cell.records_per_second_interval.high));
}

std::string scaling(const RunResult& result) {
  if (result.scalings.empty()) return "";
  std::string text = "\n" + row({"scaling", "writers: records/s", "knee"}) + "|---|---|--:|\n";
  std::string notes;
  for (const Scaling& one : result.scalings) {
    const bool knee = one.knee_writers > 0;
    text += row({markdown_text(scaling_title(one)), markdown_text(scaling_points(one)),
                 knee ? std::to_string(one.knee_writers) : "–"});
    if (!knee)
      notes +=
          fmt::format("- {}: {}\n", markdown_text(scaling_title(one)), markdown_text(one.reason));
  }
  return text + (notes.empty() ? "" : "\n" + notes);
}

std::string sync_cost(const RunResult& result) {
  std::string text;
  for (const std::string& line : sync_costs(result.cells))
    text += fmt::format("- time of a record by sync: {}\n", markdown_text(line));
  return text.empty() ? "" : "\n" + text;
}

/// Bold for verdicts that must not be overlooked, as there is no colour.
std::string verdict_word(Verdict verdict) {
  const bool bad = verdict == Verdict::unsafe || verdict == Verdict::failed;
  return bad ? fmt::format("**{}**", verdict_name(verdict)) : verdict_name(verdict);
}

std::string cells_table(const RunResult& result) {
  if (result.cells.empty()) return "";
  std::string text = "\n" + row({"cell", "verdict", "records/s", "95 % interval", "anomalies"}) +
                     "|---|---|--:|--:|---|\n";
  for (const CellResult& cell : result.cells)
    text += row({markdown_text(cell.cell.name), verdict_word(cell.verdict), rate(cell),
                 interval(cell), anomaly_words(cell, "–")});
  return text;
}

std::string markdown_notes(const RunResult& result) {
  std::string text;
  for (const CellResult& cell : result.cells) {
    if (cell.verdict == Verdict::safe) continue;
    text += fmt::format("- {} {}: {}\n", verdict_word(cell.verdict), markdown_text(cell.cell.name),
                        markdown_text(cell.reason));
    if (cell.replay) text += "  - again: " + markdown_text(cell.replay->command) + "\n";
    if (!cell.examples.empty())
      text += "  - " + markdown_text(example_line(cell.examples.front())) + "\n";
  }
  return text.empty() ? "" : "\n" + text;
}

std::string advice(const RunResult& result) {
  const Recommendation& best = result.recommendation;
  const std::string power = power_words(result.cells);
  std::string text = power.empty() ? "" : fmt::format("\n{}\n", power);
  if (best.why.empty()) return text;
  const std::string what = best.cell.empty() ? "none" : markdown_text(best.cell);
  return text + fmt::format("\nRecommendation: {} – {}\n", what, markdown_text(best.why));
}

std::string passport(const RunResult& result) {
  if (!result.passport) return "";
  std::string text =
      fmt::format("\nPassport: **{}** – {}\n\n", promise_name(result.passport->named),
                  promise_meaning(result.passport->named));
  text += row({"via", "sharing", "reader", "named", "visible after", "tries"}) +
          "|---|---|---|---|---|--:|\n";
  for (const PassportRow& one : result.passport->rows)
    text +=
        row({markdown_text(one.via), markdown_text(one.sharing), markdown_text(one.reader),
             one.tries == 0 ? "–" : promise_name(one.named),
             one.tries == 0 ? "–" : markdown_text(one.visible_after), std::to_string(one.tries)});
  return text;
}

std::string where(const RunResult& result) {
  std::vector<std::string> words;
  for (const MountResult& mount : result.environment.mounts)
    words.push_back(fmt::format("{} ({})", markdown_text(mount.dir), markdown_text(mount.fs_type)));
  std::string text = fmt::format("\nnpyrace {}, seed {}, kernel {}, on {}\n",
                                 markdown_text(result.environment.version), result.seed,
                                 markdown_text(result.environment.kernel), fmt::join(words, ", "));
  for (const auto& [key, value] : result.labels)
    text += fmt::format("- {}: {}\n", markdown_text(key), markdown_text(value));
  return text;
}

std::string title(const RunResult& result) {
  if (result.scenarios.empty()) return "# npyrace: verify\n";
  return fmt::format("# npyrace: {}\n",
                     markdown_text(fmt::format("{}", fmt::join(result.scenarios, ", "))));
}

std::string contradictions(const RunResult& result) {
  std::string text;
  for (const std::string& sentence : result.contradictions)
    text += fmt::format("\n**CONTRADICTION**: {}\n", markdown_text(sentence));
  return text;
}

}  // namespace

std::string markdown_text(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (std::string_view("\\`*_[]<>|#&~!").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string markdown_report(const RunResult& result) {
  return title(result) + contradictions(result) + advice(result) + cells_table(result) +
         markdown_notes(result) + scaling(result) + sync_cost(result) +
         experiments_markdown(result.experiments) + passport(result) + where(result);
}

}  // namespace npyrace
