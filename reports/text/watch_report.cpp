#include "reports/text/watch_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/checked.h"
#include "reports/text/junit.h"
#include "reports/text/table.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

/// Longer lists are cut: JSON has all.
constexpr std::size_t kMostWriters = 16;
constexpr std::size_t kMostHazardLines = 6;
constexpr std::size_t kMostUnseen = 8;

/// "12 bytes", "3.4 MiB"
std::string size_words(std::uint64_t bytes) {
  if (bytes < 10240) return fmt::format("{} bytes", bytes);
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < std::size(kUnits); ++unit) size /= 1024;
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string wrote_words(const WatchedWriter& writer) {
  std::vector<std::string> parts;
  const char* const about = writer.exact ? "" : "up to ";
  if (!writer.bytes.empty())
    parts.push_back(fmt::format("{}{} by calls", about, size_words(total_bytes(writer.bytes))));
  if (!writer.pages.empty())
    parts.push_back(
        fmt::format("{}{} of pages by stores", about, size_words(total_bytes(writer.pages))));
  if (!writer.truncated.empty()) parts.emplace_back("emptied, shortened or replaced it");
  if (writer.killed) parts.emplace_back("killed");
  return parts.empty() ? "nothing that was seen" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string writers_table(const WatchedFile& file) {
  std::vector<TableRow> rows{{"writer", "node", "opened", "wrote", "command"}};
  for (std::size_t i = 0; i < std::min(kMostWriters, file.writers.size()); ++i) {
    const WatchedWriter& writer = file.writers[i];
    constexpr std::size_t kMostCommand = 40;
    std::string command = printable(writer.command);
    if (command.size() > kMostCommand) command = command.substr(0, kMostCommand) + "…";
    rows.push_back({printable(writer_name(file, i)), printable(writer.node),
                    fmt::format("{}", fmt::join(writer.opened, " ")), wrote_words(writer),
                    command});
  }
  std::string text = aligned_table(rows);
  if (file.writers.size() > kMostWriters)
    text += fmt::format("… and {} more writers\n", file.writers.size() - kMostWriters);
  return text;
}

/// One line for all hazards that differ only in place and writers.
struct Summary {
  std::uint64_t bytes = 0;
  std::set<std::pair<std::uint64_t, std::uint64_t>> pairs;
  const Hazard* first = nullptr;
};

using SummaryKey = std::tuple<HazardLevel, HazardKind, std::string>;

std::map<SummaryKey, Summary> summaries(const WatchedFile& file) {
  std::map<SummaryKey, Summary> all;
  for (const Hazard& hazard : file.hazards) {
    Summary& one = all[{hazard.level, hazard.kind, hazard.means}];
    one.bytes += hazard.range.size_bytes();
    one.pairs.emplace(hazard.first, hazard.second);
    if (one.first == nullptr) one.first = &hazard;
  }
  return all;
}

const char* level_words(HazardLevel level) {
  switch (level) {
    case HazardLevel::loses:
      return "LOSES";
    case HazardLevel::may_lose:
      return "MAY LOSE";
    case HazardLevel::harmless:
      break;
  }
  return "note";
}

std::string amount_words(const WatchedFile& file, HazardKind kind, const Summary& summary) {
  if (kind != HazardKind::same_page) return size_words(summary.bytes);
  const std::uint64_t pages = summary.bytes / file.page_bytes;
  return fmt::format("{} page{}", pages, pages == 1 ? "" : "s");
}

std::string hazard_line(const WatchedFile& file, const SummaryKey& key, const Summary& summary) {
  const auto& [level, kind, means] = key;
  const Hazard& first = *summary.first;
  const std::string pairs =
      summary.pairs.size() > 1 ? fmt::format("{} pairs, among them ", summary.pairs.size()) : "";
  const std::string text = fmt::format(
      "{}: {}: {} of {}{} and {}, first at {}: {}", level_words(level), hazard_name(kind),
      amount_words(file, kind, summary), pairs, printable(writer_name(file, first.first)),
      printable(writer_name(file, first.second)), range_words(first.range), means);
  return "  " + wrapped(text, {.first = 2, .others = 4});
}

std::string hazards_text(const WatchedFile& file) {
  std::string text;
  const auto all = summaries(file);
  std::size_t shown = 0;
  for (const auto& [key, summary] : all)
    if (shown++ < kMostHazardLines) text += hazard_line(file, key, summary);
  if (all.size() > kMostHazardLines || file.hazards_left_out > 0)
    text += "  … the JSON result lists more\n";
  return text;
}

std::string judgement_words(const WatchedFile& file) {
  if (file.has(HazardLevel::loses)) return "writers lose each other's data";
  if (file.has(HazardLevel::may_lose)) return "writers may lose each other's data";
  if (file.writers.size() < 2) return "one writer";
  if (file.hazards.empty())
    return fmt::format("{} writers, which shared no page", file.writers.size());
  return fmt::format("{} writers; nothing is lost here", file.writers.size());
}

std::string file_text(const WatchedFile& file) {
  std::string text = fmt::format("{}: {}\n", printable(file.path), judgement_words(file));
  if (file.record_bytes > 0)
    text += fmt::format("  rows of {} bytes, data at byte {}; {}\n", file.record_bytes,
                        file.data_offset_bytes, printable(file.writers[0].file_system));
  if (file.hazards.empty() && file.writers.size() < 2) return text;
  text += hazards_text(file);
  if (!file.advice.empty())
    text += "  " + wrapped("advice: " + file.advice, {.first = 2, .others = 4});
  if (std::ranges::any_of(file.writers, [](const WatchedWriter& w) { return w.threads > 1; }))
    text += "  the threads of a process count as one writer\n";
  return text + writers_table(file);
}

JunitCase case_of(const WatchedFile& file) {
  JunitCase one{.class_name = "npyrace.watch", .name = file.path};
  if (file.has(HazardLevel::loses)) one.outcome = JunitOutcome::failure;
  one.message = judgement_words(file);
  for (const auto& [key, summary] : summaries(file)) one.details += hazard_line(file, key, summary);
  if (!file.advice.empty()) one.details += file.advice + "\n";
  return one;
}

}  // namespace

std::string writer_name(const WatchedFile& file, std::uint64_t writer) {
  const WatchedWriter& one = file.writers[as_size(writer)];
  std::string name = one.task.empty() ? fmt::format("process {}", one.pid) : one.task;
  const bool alike =
      std::ranges::count_if(file.writers, [&](const WatchedWriter& other) {
        return other.task == one.task && other.pid == one.pid && other.node == one.node;
      }) > 1;
  if (alike) name += fmt::format(" through {}", one.path);
  const bool several = std::ranges::any_of(
      file.writers, [&](const WatchedWriter& other) { return other.node != one.node; });
  return several ? fmt::format("{} on {}", name, one.node) : name;
}

std::string range_words(const ByteRange& range) {
  return fmt::format("bytes {} to {}", range.begin, range.end - 1);
}

std::uint64_t total_bytes(const std::vector<ByteRange>& ranges) {
  std::uint64_t sum = 0;
  for (const ByteRange& range : ranges) sum += range.size_bytes();
  return sum;
}

std::string watch_report(const WatchResult& result) {
  std::string text;
  for (const WatchedFile& file : result.files) text += file_text(file);
  if (result.files.empty())
    text += "no file with a watched name was written; --match names others\n";
  for (std::size_t i = 0; i < std::min(kMostUnseen, result.unseen.size()); ++i)
    text += wrapped("not seen: " + printable(result.unseen[i]), {.first = 0, .others = 2});
  if (result.unseen.size() > kMostUnseen)
    text += fmt::format("not seen: {} more, which the JSON result lists\n",
                        result.unseen.size() - kMostUnseen);
  text += fmt::format(
      "{} processes wrote watched files; the collector took {:.3f} s of their {:.1f} s\n",
      result.processes, result.collector_seconds, result.process_seconds);
  return text;
}

std::string watch_advice(const WatchResult& result) {
  std::string text;
  for (const WatchedFile& file : result.files)
    if (!file.advice.empty())
      text += wrapped(fmt::format("{}: {}", printable(file.path), file.advice),
                      {.first = 0, .others = 2});
  return text;
}

std::string watch_junit(const WatchResult& result) {
  JunitSuite suite{.name = "npyrace watch", .properties = {{"npyrace.version", result.version}}};
  for (const WatchedFile& file : result.files) suite.cases.push_back(case_of(file));
  return junit_xml(suite);
}

}  // namespace npyrace
