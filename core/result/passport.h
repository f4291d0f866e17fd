#pragma once
// Consistency guarantees of a file system as observed (the passport), in the terms of Wang, Mohror
// and Snir, "File System Semantics Requirements of HPC Applications" (HPDC 2021). docs/semantics.md
// gives the definitions.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace npyrace {

/// In ascending strength: each guarantee includes the ones before it.
enum class Promise { none_seen, eventual, session, commit, strong };

struct PromiseRow {
  Promise promise;
  const char* name;
  const char* meaning;
};

/// The one table of guarantees, in the order of the enumeration.
std::span<const PromiseRow> promise_table();
const char* promise_name(Promise promise);
const char* promise_meaning(Promise promise);

/// Observation of the reader immediately after one act of the writer; no other act followed the
/// write.
struct ActObservation {
  std::string after;  ///< write, fsync, msync, munmap or close
  bool held = false;  ///< visible through a handle opened before the write, in every try
  /// Visible by a new open, in every try; nothing if the reader does not reopen.
  std::optional<bool> opened;
  double delay_seconds = 0;  ///< longest time from the act's return to the reader's answer
};

/// Result of one experiment; the weakest outcome of all tries counts.
struct PassportRow {
  std::string via;      ///< pwrite, mmap
  std::string sharing;  ///< own-pages, shared-pages
  std::string reader;   ///< fresh, holds-read, holds-write
  Promise named = Promise::none_seen;
  std::string visible_after = "never";  ///< an act, or open, later, never
  double delay_seconds = 0;             ///< until it was visible, or how long it was polled
  std::uint64_t tries = 0;              ///< completed tries
  std::vector<ActObservation> acts;
  std::vector<std::string> counter_examples;  ///< to guarantees that were not kept
  std::string problem;                        ///< why tries are missing; else empty
  bool refused = false;  ///< the problem is that the file system does not support the operation
};

struct Passport {
  Promise named = Promise::none_seen;
  std::string between;  ///< stand-ins for nodes: "mounts", or "processes" behind one page cache
  std::vector<PassportRow> rows;
};

}  // namespace npyrace
