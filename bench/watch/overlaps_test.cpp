#include "bench/watch/overlaps.h"

#include <algorithm>
#include <random>

#include "tests/catch.h"

using namespace npyrace;
using namespace npyrace::watch;

namespace {

constexpr std::int64_t kNs = 1000000000;  ///< the clocks' error of two boots in these tests

/// True if an access that ended at `end` (0: it has not ended) precedes `moment`.
bool is_past(const Moment& end, const Moment& moment, bool one_boot) {
  if (end.real_ns == 0) return false;
  return one_boot ? end.boot_ns <= moment.boot_ns : end.real_ns + kNs <= moment.real_ns;
}

struct Compared {
  Moment known_from, begin, end;
};

bool is_later(const Moment& a, const Moment& b) {
  return a.boot_ns > b.boot_ns;
}

Compared compared(const Held& held, const Held& other, bool one_cache) {
  const bool descends = std::ranges::count(held.before.ancestors, other.pid) > 0;
  if (one_cache)
    return {descends && is_later(held.started, held.waited) ? held.started : held.waited,
            held.opened, held.closed};
  const Moment waited = descends ? held.started : held.before.waited;
  return {is_later(held.acquired, waited) ? waited : held.acquired, held.acquired, held.released};
}

/// The definition: every access is compared with every other one. All locks are of whole files.
Hits by_definition(const std::vector<Access>& accesses, bool removals) {
  Hits hits;
  for (const Access& a : accesses)
    for (const Access& b : accesses) {
      const ByteRange both{std::max(a.range.begin, b.range.begin),
                           std::min(a.range.end, b.range.end)};
      if (a.writer >= b.writer || both.begin >= both.end ||
          (removals ? a.removes() == b.removes() : a.removes() || b.removes()))
        continue;
      const bool one_cache = a.held.cache == b.held.cache;
      const bool one_boot = a.held.boot_id == b.held.boot_id;
      const Access& removal = a.removes() ? a : b;
      const Access& other = a.removes() ? b : a;
      if (removals && is_past(removal.held.closed, other.held.opened, one_boot)) continue;
      const Compared first = compared(a.held, b.held, one_cache);
      const Compared second = compared(b.held, a.held, one_cache);
      const auto over = [&](const Moment& at_first, const Moment& at_second) {
        return is_past(first.end, at_second, one_boot) || is_past(second.end, at_first, one_boot);
      };
      Pair pair{.first = a.writer,
                .second = b.writer,
                .order = over(first.known_from, second.known_from) ? Order::known
                         : over(first.begin, second.begin)         ? Order::by_chance
                                                                   : Order::none,
                .locked = !a.lock.file.empty() && a.lock == b.lock,
                .stored = a.is_stored() || b.is_stored()};
      if (removals)
        pair.removal = removal.what == What::truncated ? Removal::emptied : Removal::replaced;
      hits[pair].add(both);
    }
  return hits;
}

/// Draws small numbers, so that moments and places are often equal.
class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random_() % static_cast<unsigned>(limit));
  }

  Access access() {
    const std::int64_t writer = below(4);  // two caches of the first boot, two boots
    const std::int64_t started = below(4), acquired = started + below(4);
    const std::int64_t opened = acquired + below(4), closed = opened + 1 + below(4);
    const bool removes = below(5) == 0, ended = below(6) > 0;
    Access access;
    access.writer = static_cast<std::uint64_t>(writer);
    access.range.begin = static_cast<std::uint64_t>(below(20));
    access.range.end = access.range.begin + 1 + static_cast<std::uint64_t>(below(6));
    access.what = removes ? (below(2) == 0 ? What::truncated : What::replaced)
                          : (below(2) == 0 ? What::called : What::stored);
    if (below(3) == 0) access.lock.file = below(2) == 0 ? "a" : "b";
    access.held = {.opened = at(opened),
                   .closed = ended ? at(closed) : Moment{},
                   .waited = below(2) == 0 ? at(below(started + 1)) : at(opened),
                   .boot_id = writer < 3 ? "x" : "y",
                   .acquired = at(acquired),
                   .released = ended ? at(closed + below(3)) : Moment{},
                   .started = at(started),
                   .before = {.waited = at(below(started + 1)),
                              .ancestors = {writer == 1   ? 11
                                            : writer == 2 ? 10
                                                          : 0}},
                   .pid = 10 + writer,
                   .cache = writer < 2    ? "1"
                            : writer == 2 ? "2"
                                          : "3"};
    if (removes) {
      access.held.acquired = access.held.opened;
      access.held.closed = access.held.released = at(opened + 1);
      access.lock = {};
    }
    return access;
  }

 private:
  /// Never 0, which would mean that it has not come.
  static Moment at(std::int64_t moment) { return {(moment + 1) * kNs / 2, moment + 1}; }

  std::mt19937 random_;
};

Hits found_overlaps(const std::vector<Access>& accesses, Wanted wanted) {
  std::vector<Widened> all;
  for (const Access& access : accesses)
    if (wanted == Wanted::removals || !access.removes()) all.push_back({access.range, &access});
  return overlaps(std::move(all), {.bytes = true, .wanted = wanted});
}

bool equal(const Hits& a, const Hits& b) {
  return std::ranges::equal(a, b, [](const auto& one, const auto& other) {
    return one.first == other.first && one.second.ranges() == other.second.ranges();
  });
}

}  // namespace

TEST_CASE("overlaps and their order are those of all pairs of accesses", "[watch]") {
  for (unsigned seed = 0; seed < 500; ++seed) {
    Draw draw(seed);
    std::vector<Access> accesses;
    for (std::int64_t i = 0, count = 1 + draw.below(40); i < count; ++i)
      accesses.push_back(draw.access());
    CAPTURE(seed);
    CHECK(equal(found_overlaps(accesses, Wanted::writes), by_definition(accesses, false)));
    CHECK(equal(found_overlaps(accesses, Wanted::removals), by_definition(accesses, true)));
  }
}
