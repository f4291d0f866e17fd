#include "bench/experiments/semantics_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace npyrace {

std::string Experiment::name() const {
  return fmt::format("{}, {}, {}", via->name, sharing->name, reader->name);
}

std::span<const ViaRow> via_table() {
  static const std::vector<ViaRow> rows{
      {.name = "pwrite",
       .write = "pwrite",
       .read = "pread",
       .maps = false,
       .acts = {{"write", ActLevel::write, {}},
                {"fsync", ActLevel::commit, {"fsync"}},
                {"close", ActLevel::close, {"close"}}}},
      {.name = "mmap",
       .write = "store",
       .read = "load",
       .maps = true,
       .acts = {{"write", ActLevel::write, {}},
                {"msync", ActLevel::commit, {"msync"}},
                {"fsync", ActLevel::extra, {"fsync"}},
                {"munmap", ActLevel::extra, {"munmap"}},
                {"close", ActLevel::close, {"munmap", "close"}}}},
  };
  return rows;
}

std::span<const SharingRow> sharing_table() {
  static constexpr SharingRow kRows[] = {{"own-pages", false}, {"shared-pages", true}};
  return kRows;
}

std::span<const ReaderRow> reader_table() {
  static constexpr ReaderRow kRows[] = {
      {.name = "fresh", .holds_for_writing = false, .opens_anew = true, .closes_first = true},
      {.name = "holds-read",
       .holds_for_writing = false,
       .opens_anew = false,
       .closes_first = false},
      {.name = "holds-write", .holds_for_writing = true, .opens_anew = true, .closes_first = false},
  };
  return kRows;
}

std::vector<Experiment> all_experiments() {
  std::vector<Experiment> all;
  for (const ViaRow& via : via_table())
    for (const SharingRow& sharing : sharing_table())
      for (const ReaderRow& reader : reader_table()) all.push_back({&via, &sharing, &reader});
  return all;
}

namespace {

/// Limit on counterexamples per row; more add no information.
constexpr std::size_t kMostCounterExamples = 3;

enum class By { holding, opening };

/// The read to evaluate: through the open handle or, with By::opening, by a new open.
const Observation& look_of(const Observations& looks, By by) {
  return by == By::opening && looks.opened ? *looks.opened : looks.held;
}

/// A new open must also show the write: a reader cannot know that reopening would show older data.
bool is_new(const Observations& looks, By by) {
  const bool by_holding = looks.held.is_new && (!looks.opened || looks.opened->is_new);
  return by == By::holding ? by_holding : look_of(looks, by).is_new;
}

bool in_time(const Observations& looks, By by) {
  return look_of(looks, by).seconds <= kAtOnceSeconds;
}

/// True if the write became visible without the act: any read that shows it suffices.
bool time_alone_shows(const Try& one, By by) {
  return one.waited.held.is_new || look_of(one.waited, by).is_new;
}

/// True if the act, and not the passage of time, made the write visible. The write itself must be
/// visible by a read in time; any other act must achieve more than waiting without it.
bool seen_at_once(const Try& one, std::size_t act, By by) {
  if (!is_new(one.acts[act], by)) return false;
  const Observations& write = one.acts.front();
  const bool with_write = is_new(write, by) && in_time(write, by);
  if (act == 0 || with_write) return with_write;
  return !time_alone_shows(one, by);
}

class Row {
 public:
  Row(const Experiment& experiment, const std::vector<Try>& tries)
      : experiment_(experiment), acts_(experiment.via->acts), tries_(tries) {}

  PassportRow named() {
    row_ = {.via = experiment_.via->name,
            .sharing = experiment_.sharing->name,
            .reader = experiment_.reader->name,
            .tries = tries_.size()};
    if (tries_.empty()) return row_;
    for (std::size_t act = 0; act < acts_.size(); ++act) describe(act);
    judge();
    return row_;
  }

 private:
  bool always(std::size_t act, By by) const {
    return std::ranges::all_of(tries_, [&](const Try& one) { return seen_at_once(one, act, by); });
  }

  /// True if every act at least as strong as the level shows the write.
  bool keeps(ActLevel level, By by) const {
    for (std::size_t act = 0; act < acts_.size(); ++act)
      if (asks_for(level, acts_[act].level) && !always(act, by)) return false;
    return true;
  }

  /// A strong guarantee covers all acts; a commit also holds after close.
  static bool asks_for(ActLevel promised, ActLevel act) {
    return promised == ActLevel::write || act == promised || act == ActLevel::close;
  }

  double longest(std::size_t act, By by) const {
    double seconds = 0;
    for (const Try& one : tries_) seconds = std::max(seconds, look_of(one.acts[act], by).seconds);
    return seconds;
  }

  std::size_t act_of(ActLevel level) const {
    const auto found = std::ranges::find(acts_, level, &ActRow::level);
    return static_cast<std::size_t>(found - acts_.begin());
  }

  void describe(std::size_t act) {
    ActObservation& look = row_.acts.emplace_back();
    look.after = acts_[act].name;
    look.held = always(act, By::holding);
    const bool opens = experiment_.reader->opens_anew;
    if (opens) look.opened = always(act, By::opening);
    look.delay_seconds = longest(act, look.held || !opens ? By::holding : By::opening);
  }

  void name(Promise promise, const std::string& visible_after, double delay_seconds) {
    row_.named = promise;
    row_.visible_after = visible_after;
    row_.delay_seconds = delay_seconds;
  }

  void name_after(Promise promise, std::size_t act) {
    name(promise, acts_[act].name, longest(act, By::holding));
  }

  void judge() {
    if (refute_by_end()) return;
    const std::size_t commit = act_of(ActLevel::commit);
    const std::size_t close = acts_.size() - 1;
    if (keeps(ActLevel::write, By::holding)) return name_after(Promise::strong, 0);
    refute(0, By::holding);
    if (keeps(ActLevel::commit, By::holding)) return name_after(Promise::commit, commit);
    refute(commit, By::holding);
    if (always(close, By::holding)) return name_after(Promise::session, first_held_extra(close));
    if (always(close, By::opening))
      return name(Promise::session, "open", longest(close, By::opening));
    refute(close, By::opening);
    judge_later();
  }

  /// A write that is missing at the end refutes all guarantees.
  bool refute_by_end() {
    for (const Try& one : tries_) {
      if (one.lost.empty()) continue;
      counter_example(one, "everything closed and opened anew, " + one.lost.front());
      name(Promise::none_seen, "never", one.watched_seconds);
    }
    return row_.visible_after == "never" && !row_.counter_examples.empty();
  }

  /// munmap, if that alone already suffices.
  std::size_t first_held_extra(std::size_t close) const {
    return close > 0 && acts_[close - 1].level == ActLevel::extra && always(close - 1, By::holding)
               ? close - 1
               : close;
  }

  void judge_later() {
    double latest_seconds = 0;
    double watched_seconds = 0;
    bool always_seen = true;
    for (const Try& one : tries_) {
      latest_seconds = std::max(latest_seconds, one.later_seconds.value_or(0));
      watched_seconds = std::max(watched_seconds, one.watched_seconds);
      if (one.later_seconds) continue;
      always_seen = false;
      counter_example(one,
                      fmt::format("not seen within {:.1f} s after the close", one.watched_seconds));
    }
    if (always_seen) return name(Promise::eventual, "later", latest_seconds);
    name(Promise::none_seen, "never", watched_seconds);
  }

  /// Records the first try in which the act did not have the guaranteed effect.
  void refute(std::size_t act, By by) {
    const auto found =
        std::ranges::find_if(tries_, [&](const Try& one) { return !seen_at_once(one, act, by); });
    if (found != tries_.end()) counter_example(*found, what_was_seen(*found, act, by));
  }

  std::string what_was_seen(const Try& one, std::size_t act, By by) const {
    const Observations& looks = one.acts[act];
    const bool opened = looks.opened && (by == By::opening || looks.held.is_new);
    const Observation& look = opened ? *looks.opened : looks.held;
    const std::string when = fmt::format("after {}{}", acts_[act].name, opened ? " and open" : "");
    if (!look.is_new) return fmt::format("{}: {}", when, look.found);
    if (act == 0) return fmt::format("{}: new, but the read took {:.1f} s", when, look.seconds);
    return when + ": new, but so was a file without any act";
  }

  void counter_example(const Try& one, const std::string& what) {
    if (row_.counter_examples.size() < kMostCounterExamples)
      row_.counter_examples.push_back(fmt::format("{}; {}", one.between, what));
  }

  const Experiment& experiment_;
  const std::vector<ActRow>& acts_;
  const std::vector<Try>& tries_;
  PassportRow row_;
};

}  // namespace

PassportRow name_row(const Experiment& experiment, const std::vector<Try>& tries) {
  return Row(experiment, tries).named();
}

Promise name_of(const std::vector<PassportRow>& rows) {
  std::optional<Promise> weakest;
  for (const PassportRow& row : rows)
    if (row.tries > 0 && row.sharing == "own-pages" && row.reader == "fresh")
      weakest = std::min(weakest.value_or(row.named), row.named);
  return weakest.value_or(Promise::none_seen);
}

}  // namespace npyrace
