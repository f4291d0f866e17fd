#include "bench/race/race_tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <iterator>
#include <optional>
#include <set>

#include "bench/strategies/writer.h"

namespace npyrace {

namespace {

template <typename Value>
void append(const std::vector<Value>& more, std::vector<Value>& all) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

void RaceTimes::note(const GenerationReport& report) {
  if (report.held) return;
  ++generations;
  generation_seconds.push_back(elapsed_seconds(report.writers));
  seconds += generation_seconds.back();
  double cpu_seconds = 0;
  for (const WriterReport& writer : report.writers) {
    phases.push_back(writer.phases);
    cpu_seconds += writer.cpu_seconds;
  }
  generation_cpu_seconds.push_back(cpu_seconds);
}

void RaceTimes::merge(const RaceTimes& other) {
  seconds += other.seconds;
  generations += other.generations;
  append(other.generation_seconds, generation_seconds);
  append(other.generation_cpu_seconds, generation_cpu_seconds);
  append(other.phases, phases);
}

void RaceTally::note(const GenerationReport& report) {
  ++generations;
  generations_overlapped += report.overlap_seconds > 0;
  overlap_seconds += report.overlap_seconds;
  generations_together += report.together_share;
  append(report.failures, failures);
  if (file_damage.empty()) file_damage = report.file_damage;
}

/// Keeps the first cause of damage to the whole file, and the last interference.
void RaceTally::merge(const RaceTally& later) {
  findings.merge(later.findings);
  damage.merge(later.damage);
  overlap_seconds += later.overlap_seconds;
  generations += later.generations;
  generations_overlapped += later.generations_overlapped;
  generations_together += later.generations_together;
  append(later.failures, failures);
  lost_all.insert(later.lost_all.begin(), later.lost_all.end());
  if (file_damage.empty()) file_damage = later.file_damage;
  if (!later.interference.empty()) interference = later.interference;
}

std::uint64_t RaceTally::trials(std::uint64_t shared_units) const {
  return static_cast<std::uint64_t>(generations_together * static_cast<double>(shared_units));
}

bool RaceTally::shows_damage() const {
  return findings.anomalies.damaging() > 0 || !file_damage.empty();
}

double RaceTally::overlapped_share() const {
  if (generations == 0) return 0;
  return static_cast<double>(generations_overlapped) / static_cast<double>(generations);
}

namespace {

/// Several writers with the same failure message.
struct SameEnd {
  std::string words;
  std::set<std::uint64_t> writers;  ///< empty: the message names them
};

/// Removes "writer N: " from the beginning and returns N; nothing if the text begins differently.
std::optional<std::uint64_t> take_writer(std::string& words) {
  std::uint64_t writer = 0;
  int used = 0;
  if (std::sscanf(words.c_str(), "writer %" SCNu64 ": %n", &writer, &used) != 1 || used == 0)
    return std::nullopt;
  words.erase(0, static_cast<std::size_t>(used));
  return writer;
}

std::vector<SameEnd> same_ends(const std::vector<WriterFailure>& failures) {
  std::vector<SameEnd> ends;
  for (const WriterFailure& failure : failures) {
    if (failure.words.empty()) continue;  // reported together with another one
    SameEnd one{.words = failure.words};
    if (const auto writer = take_writer(one.words)) one.writers = {*writer};
    const auto known = std::ranges::find_if(ends, [&](const SameEnd& other) {
      return other.words == one.words && other.writers.empty() == one.writers.empty();
    });
    if (known == ends.end())
      ends.push_back(one);
    else
      known->writers.insert(one.writers.begin(), one.writers.end());
  }
  return ends;
}

/// Names up to two writers, otherwise the first one and the number of others.
std::vector<std::string> texts_of(const SameEnd& end) {
  constexpr std::size_t kNamed = 2;
  if (end.writers.empty()) return {end.words};
  if (end.writers.size() > kNamed)
    return {fmt::format("writer {}: {} (and so {} other writers)", *end.writers.begin(), end.words,
                        end.writers.size() - 1)};
  std::vector<std::string> texts;
  for (const std::uint64_t writer : end.writers)
    texts.push_back(fmt::format("writer {}: {}", writer, end.words));
  return texts;
}

}  // namespace

std::string RaceTally::failure_summary() const {
  constexpr std::size_t kMost = 4;
  std::vector<std::string> all;
  for (const SameEnd& end : same_ends(failures))
    std::ranges::move(texts_of(end), std::back_inserter(all));
  std::string text;
  for (std::size_t i = 0; i < std::min(kMost, all.size()); ++i)
    text += (text.empty() ? "" : "; ") + all[i];
  if (all.size() > kMost) text += fmt::format("; and {} more", all.size() - kMost);
  return text;
}

}  // namespace npyrace
