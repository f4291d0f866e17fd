#include "bench/watch/overlaps.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

namespace npyrace::watch {
namespace {

/// Limit of process pairs that are distinguished, so that thousands of processes in one page do not
/// need memory for every pair.
constexpr std::size_t kMostPairs = 100000;

// Times.

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// What an access has in common with another one decides which of its moments count.
struct Relation {
  bool one_cache, one_boot;
  bool descends;  ///< the other process is an ancestor of the access's process

  std::size_t number() const {
    return (one_cache ? 4u : 0u) + (one_boot ? 2u : 0u) + (descends ? 1u : 0u);
  }
};

Relation relation_of(const Held& held, const Held& other) {
  const bool one_boot = held.boot_id == other.boot_id;
  return {held.cache == other.cache, one_boot,
          one_boot && other.pid != 0 && std::ranges::count(held.before.ancestors, other.pid) > 0};
}

/// The moments of one access that order it relative to another, in nanoseconds: known_from <= begin
/// <= end.
struct Times {
  std::int64_t known_from;  ///< the program has waited for accesses that ended before this
  std::int64_t begin;
  std::int64_t end;  ///< after the clocks' error; kNever: it has not ended
};

/// The start or end of a child orders accesses only within one page cache, because data may still
/// wait in another cache. Between caches the first and the last descriptor or mapping of the file
/// count. A write does not precede its session, so that a removal before the session removed none
/// of its data.
Times times_of(const Held& held, Relation relation, const OverlapRules& rules) {
  const auto ns = [&](const Moment& moment) {
    return relation.one_boot ? moment.boot_ns : moment.real_ns;
  };
  Moment begin = held.opened, end = held.closed;
  std::int64_t known_from_ns = ns(held.waited);
  if (relation.descends) known_from_ns = std::max(known_from_ns, ns(held.started));
  if (!relation.one_cache) {
    known_from_ns =
        std::min(ns(relation.descends ? held.started : held.before.waited), ns(held.acquired));
    if (rules.wanted == Wanted::writes) begin = held.acquired;
    end = held.released;
  }
  const auto error_ns =
      relation.one_boot ? 0 : static_cast<std::int64_t>(rules.clock_error_seconds * 1e9);
  const std::int64_t end_ns = end.real_ns == 0 ? kNever : ns(end) + error_ns;
  return {std::min(known_from_ns, ns(begin)), ns(begin), std::max(ns(begin), end_ns)};
}

/// The largest of values that were entered for single places or for ranges of places. A tree is
/// used in one of two ways: enter_at and within, or enter_over and at.
class Largest {
 public:
  explicit Largest(std::size_t places) : leaves_(std::bit_ceil(places)), nodes_(2 * leaves_) {}

  void enter_at(std::size_t place, std::uint64_t value) {
    for (std::size_t i = place + leaves_; i > 0; i /= 2) raise(i, value);
  }
  std::uint64_t within(std::size_t from, std::size_t to) const {
    std::uint64_t largest = 0;
    for_nodes(from, to, [&](std::size_t i) { largest = std::max(largest, nodes_[i]); });
    return largest;
  }

  void enter_over(std::size_t from, std::size_t to, std::uint64_t value) {
    for_nodes(from, to, [&](std::size_t i) { raise(i, value); });
  }
  std::uint64_t at(std::size_t place) const {
    std::uint64_t largest = 0;
    for (std::size_t i = place + leaves_; i > 0; i /= 2) largest = std::max(largest, nodes_[i]);
    return largest;
  }

 private:
  void raise(std::size_t i, std::uint64_t value) { nodes_[i] = std::max(nodes_[i], value); }

  /// The nodes that together cover the places [from, to).
  template <typename Visit>
  void for_nodes(std::size_t from, std::size_t to, Visit visit) const {
    for (from += leaves_, to += leaves_; from < to; from /= 2, to /= 2) {
      if (from % 2 == 1) visit(from++);
      if (to % 2 == 1) visit(--to);
    }
  }

  std::size_t leaves_;
  std::vector<std::uint64_t> nodes_;
};

/// How far accesses reach into the file that are ordered in one way relative to another access; 0:
/// there are none.
struct Reach {
  std::uint64_t unordered = 0;
  std::uint64_t before_known = 0, before_by_chance = 0;  ///< they ended before the other began
  std::uint64_t after_known = 0, after_by_chance = 0;    ///< the other ended before they began
};

/// Accesses by their times, for which it answers how far those in a given order reach.
class ByTime {
 public:
  explicit ByTime(const std::vector<Times>& all)
      : moments_(moments_of(all)),
        ends_(moments_.size()),
        known_from_(moments_.size()),
        begins_(moments_.size()),
        open_(moments_.size()),
        waiting_(moments_.size()) {}

  /// One of the accesses of the constructor.
  void add(const Times& times, std::uint64_t reach) {
    const std::size_t begin = first_from(times.begin), end = first_from(times.end);
    const std::size_t known_from = first_from(times.known_from);
    ends_.enter_at(end, reach);
    known_from_.enter_at(known_from, reach);
    begins_.enter_at(begin, reach);
    open_.enter_over(begin, end, reach);
    waiting_.enter_over(known_from + 1, begin + 1, reach);
  }

  Reach reach(const Times& other) const {
    const std::size_t after_begin = first_after(other.begin), from_end = first_from(other.end);
    const std::size_t after_known = first_after(other.known_from);
    Reach reach;
    // They were open when the other began, or began while it was open.
    if (after_begin > 0) reach.unordered = open_.at(after_begin - 1);
    if (after_begin < from_end)
      reach.unordered = std::max(reach.unordered, begins_.within(after_begin, from_end));
    reach.before_known = ends_.within(0, after_known);
    reach.before_by_chance = ends_.within(after_known, after_begin);
    reach.after_known = known_from_.within(from_end, moments_.size());
    if (from_end < moments_.size()) reach.after_by_chance = waiting_.at(from_end);
    return reach;
  }

 private:
  static std::vector<std::int64_t> moments_of(const std::vector<Times>& all) {
    std::vector<std::int64_t> moments;
    for (const Times& times : all)
      moments.insert(moments.end(), {times.known_from, times.begin, times.end});
    std::ranges::sort(moments);
    moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
    return moments;
  }
  std::size_t first_from(std::int64_t moment) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(moments_, moment) - moments_.begin());
  }
  std::size_t first_after(std::int64_t moment) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(moments_, moment) - moments_.begin());
  }

  std::vector<std::int64_t> moments_;
  Largest ends_, known_from_, begins_;  ///< entered at these moments
  Largest open_;                        ///< from begin on, before end
  Largest waiting_;                     ///< after known_from, up to begin
};

// Locks.

bool overlap(const ByteRange& a, const ByteRange& b) {
  return a.begin < b.end && b.begin < a.end;
}

bool contains(const ByteRange& outer, const ByteRange& inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

/// True if two locks have a byte in common, so that they exclude each other. For a lock of exactly
/// the written bytes these are known only if `exact`; otherwise they lie somewhere in the access's
/// range, which is rounded.
bool exclude_each_other(const Access& a, const Access& b, bool exact) {
  if (a.lock.file.empty() || a.lock.file != b.lock.file || a.lock.by_flock != b.lock.by_flock)
    return false;
  const ByteRange in_a = a.lock.own_bytes ? a.range : a.lock.bytes;
  const ByteRange in_b = b.lock.own_bytes ? b.range : b.lock.bytes;
  if (exact || (!a.lock.own_bytes && !b.lock.own_bytes)) return overlap(in_a, in_b);
  if (a.lock.own_bytes && b.lock.own_bytes) return false;
  return a.lock.own_bytes ? contains(in_b, in_a) : contains(in_a, in_b);
}

// Groups.

Removal removal_of(const Access& access) {
  return access.what == What::truncated  ? Removal::emptied
         : access.what == What::replaced ? Removal::replaced
                                         : Removal::none;
}

/// Accesses of one group differ only in their times and places, so that all pairs of members of two
/// groups are equal but for their order.
struct GroupKey {
  std::uint64_t writer;
  bool stored;
  Removal removal;
  LockId lock;
  ByteRange locked;  ///< the access's own range if exactly that was locked

  auto operator<=>(const GroupKey&) const = default;
};

GroupKey key_of(const Access& access) {
  return {access.writer, access.is_stored(), removal_of(access), access.lock,
          access.lock.own_bytes ? access.range : ByteRange{}};
}

class Group {
 public:
  void add(const Widened& one) { members_.push_back(&one); }
  const Access& example() const { return *members_[0]->access; }

  /// The sweep has come to the next member.
  void pass_next() {
    reach_ = std::max(reach_, members_[passed_]->range.end);
    ++passed_;
  }
  bool is_passed() const { return passed_ > 0; }
  std::uint64_t reach() const { return reach_; }

  /// How far the members that were passed reach, by their order relative to the access.
  Reach reach(const Access& other, const OverlapRules& rules) {
    const Relation relation = relation_of(example().held, other.held);
    const Relation other_s = relation_of(other.held, example().held);
    Index& index = indexes_[relation.number()];
    if (!index.by_time) {
      std::vector<Times> all;
      for (const Widened* one : members_)
        all.push_back(times_of(one->access->held, relation, rules));
      index.by_time.emplace(all);
    }
    for (; index.entered < passed_; ++index.entered) {
      const Widened& one = *members_[index.entered];
      index.by_time->add(times_of(one.access->held, relation, rules), one.range.end);
    }
    return index.by_time->reach(times_of(other.held, other_s, rules));
  }

 private:
  struct Index {
    std::optional<ByTime> by_time;
    std::size_t entered = 0;
  };

  std::vector<const Widened*> members_;  ///< by the begin of their ranges
  std::size_t passed_ = 0;
  std::uint64_t reach_ = 0;
  std::array<Index, 8> indexes_;  ///< by Relation::number
};

/// The hits of one access with the members of a group that begin before it in the file.
void add_hits(Hits& hits, const Widened& one, Group& group, const OverlapRules& rules) {
  const Access& access = *one.access;
  const Access& other = group.example();
  Pair pair{.first = std::min(access.writer, other.writer),
            .second = std::max(access.writer, other.writer),
            .locked = exclude_each_other(access, other, rules.bytes),
            .stored = access.is_stored() || other.is_stored(),
            .removal = access.removes() ? removal_of(access) : removal_of(other)};
  const auto add = [&](Order order, std::uint64_t reach) {
    pair.order = order;
    if (reach > one.range.begin && (hits.size() < kMostPairs || hits.contains(pair)))
      hits[pair].add({one.range.begin, std::min(one.range.end, reach)});
  };
  const Reach reach = group.reach(access, rules);
  add(Order::none, reach.unordered);
  if (!other.removes()) {
    add(Order::known, reach.before_known);
    add(Order::by_chance, reach.before_by_chance);
  }
  if (!access.removes()) {
    add(Order::known, reach.after_known);
    add(Order::by_chance, reach.after_by_chance);
  }
}

}  // namespace

Hits overlaps(std::vector<Widened> all, const OverlapRules& rules) {
  const bool removals = rules.wanted == Wanted::removals;
  if (removals &&
      std::ranges::none_of(all, [](const Widened& one) { return one.access->removes(); }))
    return {};
  std::ranges::stable_sort(all, {}, [](const Widened& one) { return one.range.begin; });
  std::map<GroupKey, Group> groups;
  std::vector<Group*> group_of;
  for (const Widened& one : all) {
    Group& group = groups[key_of(*one.access)];
    group.add(one);
    group_of.push_back(&group);
  }
  Hits hits;
  std::vector<Group*> open;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Access& access = *all[i].access;
    std::erase_if(open, [&](Group* group) { return group->reach() <= all[i].range.begin; });
    for (Group* group : open) {
      const Access& other = group->example();
      if (other.writer != access.writer && (access.removes() != other.removes()) == removals)
        add_hits(hits, all[i], *group, rules);
    }
    group_of[i]->pass_next();
    if (std::ranges::find(open, group_of[i]) == open.end()) open.push_back(group_of[i]);
  }
  return hits;
}

}  // namespace npyrace::watch
