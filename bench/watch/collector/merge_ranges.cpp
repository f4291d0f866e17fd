// Keeps the table of ranges small: merges ranges that touch, and rounds them if there are still too
// many.

#include <string.h>

#include "bench/watch/collector/collector.h"

namespace npyrace::watch {

bool same_kind(const Range& a, const Range& b) {
  return a.session == b.session && a.what == b.what && a.lock == b.lock &&
         a.lock_kind == b.lock_kind && a.lock_from == b.lock_from && a.lock_to == b.lock_to;
}

namespace {

bool is_before(const Range& a, const Range& b) {
  if (a.session != b.session) return a.session < b.session;
  if (a.what != b.what) return a.what < b.what;
  if (a.lock != b.lock) return a.lock < b.lock;
  if (a.lock_kind != b.lock_kind) return a.lock_kind < b.lock_kind;
  if (a.lock_from != b.lock_from) return a.lock_from < b.lock_from;
  if (a.lock_to != b.lock_to) return a.lock_to < b.lock_to;
  return a.from < b.from;
}

/// Restores the heap order by moving the range at `top` down.
void sink(Range* heap, std::uint64_t top, std::uint64_t count) {
  while (true) {
    std::uint64_t child = 2 * top + 1;
    if (child >= count) return;
    if (child + 1 < count && is_before(heap[child], heap[child + 1])) ++child;
    if (!is_before(heap[top], heap[child])) return;
    const Range other = heap[top];
    heap[top] = heap[child];
    heap[child] = other;
    top = child;
  }
}

/// Heapsort, because qsort allocates memory, which is not allowed in a signal handler that may have
/// interrupted malloc.
void sort(Range* ranges, std::uint64_t count) {
  for (std::uint64_t i = count / 2; i-- > 0;) sink(ranges, i, count);
  for (std::uint64_t end = count; end-- > 1;) {
    const Range last = ranges[end];
    ranges[end] = ranges[0];
    ranges[0] = last;
    sink(ranges, 0, end);
  }
}

}  // namespace

std::uint64_t merge_ranges(Range* ranges, std::uint64_t count) {
  sort(ranges, count);
  std::uint64_t kept = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    Range* const last = kept > 0 ? &ranges[kept - 1] : nullptr;
    if (last != nullptr && same_kind(*last, ranges[i]) && ranges[i].from <= last->to) {
      if (ranges[i].to > last->to) last->to = ranges[i].to;
    } else {
      ranges[kept++] = ranges[i];
    }
  }
  return kept;
}

namespace {

/// Merges all sessions of a file into its first one: the order of accesses is lost, but not which
/// ranges are shared.
void merge_sessions(Range* ranges, std::uint64_t count) {
  static std::uint32_t first[kMostFiles];
  memset(first, 0xff, sizeof first);
  for (std::uint32_t i = 0; i < log_header->sessions; ++i) {
    Session& session = *session_in_log(i);
    if (first[session.file] == kNone) first[session.file] = i;
    Session& kept = *session_in_log(first[session.file]);
    if (&kept == &session) continue;
    kept.open_flags |= session.open_flags;
    if (session.closed.real_ns == 0 || session.closed.real_ns > kept.closed.real_ns)
      kept.closed = session.closed;
  }
  for (std::uint64_t i = 0; i < count; ++i)
    ranges[i].session = first[session_in_log(ranges[i].session)->file];
}

void round_to(std::uint64_t unit_bytes, Range* ranges, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (ranges[i].what == What::called) ranges[i].what = What::called_near;
    ranges[i].from = ranges[i].from / unit_bytes * unit_bytes;
    ranges[i].to = (ranges[i].to + unit_bytes - 1) / unit_bytes * unit_bytes;
  }
}

/// Gives up byte-range locks: a program may take one for every record that it writes. Without its
/// lock a range may be reported as a hazard although there is none; the report says that ranges
/// were rounded.
void forget_byte_locks(Range* ranges, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (ranges[i].lock_kind != LockKind::bytes) continue;
    ranges[i].lock = kNone;
    ranges[i].lock_kind = LockKind::none;
    ranges[i].lock_from = ranges[i].lock_to = 0;
  }
}

}  // namespace

std::uint64_t make_coarse(Range* ranges, std::uint64_t count) {
  ++log_header->coarse;
  std::uint64_t unit_bytes = log_header->page_bytes;
  round_to(unit_bytes, ranges, count);
  count = merge_ranges(ranges, count);
  if (count > kMostRanges / 2) {
    merge_sessions(ranges, count);
    count = merge_ranges(ranges, count);
  }
  if (count > kMostRanges / 2) {
    forget_byte_locks(ranges, count);
    count = merge_ranges(ranges, count);
  }
  while (count > kMostRanges / 2) {
    unit_bytes *= 16;
    round_to(unit_bytes, ranges, count);
    count = merge_ranges(ranges, count);
  }
  return count;
}

}  // namespace npyrace::watch
